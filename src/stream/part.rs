//! A part, read and evaluated.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::due::{Due, Few, Open};
use super::sums::{APART, UNKNOWN};
use super::{Stream, Whose};
use crate::batch::{Asking, Facts, Of, Plan, Results, Rows, Table, run, values};
use crate::check::program::FactId;
use crate::eval::{RecipientResult, check_record, evaluate, key_of};
use crate::record::{Check, Part, PartRows, Population, Seen};
use crate::settle::stream::{Batch, Form, NONE, Settled};
use crate::value::{Number, Value};

/// Keys of settlement are told apart by so many bytes.
const MOST_KEY_BYTES: usize = 64;

impl Stream<'_> {
    /// Reads and evaluates a part; none where everything must be in memory. What `settled` leaves undecided is open.
    pub(super) fn evaluate(&self, at: usize, whose: &Whose, settled: Option<&Settled<'_>>) -> Option<Due> {
        let read = self.parts.unpacked(at)?;
        let homes = match whose {
            Whose::Homes(homes) => Some(homes),
            Whose::Keys(_) => None,
        };
        let plain = if homes.is_none() { self.parts.plain(at, &read) } else { None };
        let passed = plain.and_then(|part| {
            let facts = self.passes(&part)?;
            Some((part, facts))
        });
        if let Some(passed) = passed {
            drop(read);
            return self.evaluated(passed, whose, settled);
        }
        let mut due = Due::default();
        self.with_checks(|check| {
            self.parts.families(at, &read, homes, check, &mut |part| {
                due.add(self.evaluated((part, Facts::default()), whose, settled)?);
                Some(())
            })
        })?;
        Some(due)
    }

    /// What is to be told of rows that belong to nobody; none where everything must be in memory.
    pub(super) fn strays(&self, whose: &Whose) -> Option<Vec<Seen>> {
        match whose {
            Whose::Keys(keys) => {
                let twice = keys.are_twice()?;
                self.twice.store(twice, Ordering::Relaxed);
                (!twice).then(Vec::new)
            }
            Whose::Homes(homes) => self.with_checks(|check| self.parts.strays(homes, check)),
        }
    }

    fn evaluated(&self, (part, facts): (Part, Facts), whose: &Whose, settled: Option<&Settled<'_>>) -> Option<Due> {
        let Part { rows, seen } = part;
        let rows = rows.rows();
        let mut batch = Batch { record: rows.record(), rows: rows.count(), keys: self.keys(&rows), ..Batch::default() };
        if batch.keys.iter().any(|key| key.len() > MOST_KEY_BYTES) {
            return None;
        }
        if let Whose::Keys(keys) = whose {
            keys.put(batch.keys.iter().chain(seen.keys_apart(batch.record)))?;
        }
        let mut table = Table::with(rows, facts);
        let plan = Plan::of(self.context, &mut table);
        let mut results = Results::new(Asking::Amounts);
        run(&plan, &table, &mut results);
        let mut asked: BTreeSet<u32> = results.open.iter().flatten().copied().collect();
        let mut unknown: BTreeSet<u32> = BTreeSet::new();
        for input in &self.plan.inputs {
            let (column, open) = match (input.expr, input.form) {
                (_, Form::Paid) | (None, _) => return None,
                (Some(expr), form) => values(self.context, &mut table, Of::Expr(expr), form, &self.texts)?,
            };
            // Of whom nothing is due, nobody asks.
            let is_due =
                |row: &u32| results.amounts.iter().any(|column| column.get(*row as usize).is_some_and(|fen| *fen > 0));
            unknown.extend(open.into_iter().filter(is_due));
            batch.inputs.push(column);
        }
        batch.amounts = vec![Vec::new(); self.context.program.clauses.len()];
        for (clause, column) in plan.clauses.iter().zip(results.amounts) {
            *batch.amounts.get_mut(clause.index())? = column;
        }
        if let Some(settled) = settled.filter(|_| self.plan.may_be_undecided()) {
            let mut after = Batch::default();
            settled.part(&Few(&batch), 0, &mut after);
            let undecided =
                |row: &u32| after.amounts.iter().any(|column| column.get(*row as usize).is_some_and(|fen| *fen < 0));
            unknown.extend((0..u32::try_from(batch.rows).ok()?).filter(undecided));
        }
        asked.extend(&unknown);
        // Behind what the plan asks for: by what the report adds up.
        let steps = batch.inputs.len();
        for of in &self.by {
            let (mut column, open) = values(self.context, &mut table, *of, Form::Group, &self.texts)?;
            for row in open {
                if let Some(value) = column.get_mut(row as usize) {
                    *value = UNKNOWN;
                }
            }
            batch.inputs.push(column);
        }
        let mut open = Vec::new();
        for row in asked {
            let at = row as usize;
            let record = rows.row(self.context, at)?.into_owned();
            let result = evaluate(self.context, batch.record, &record);
            match self.known(&result).filter(|_| !unknown.contains(&row)) {
                Some(known) => known.into_iter().for_each(|(clause, fen)| set(&mut batch, clause, at, fen)),
                None => {
                    plan.clauses.iter().for_each(|clause| set(&mut batch, clause.index(), at, 0));
                    for (place, column) in batch.inputs.iter_mut().enumerate() {
                        if let Some(value) = column.get_mut(at) {
                            *value = if place < steps { NONE } else { APART };
                        }
                    }
                    open.push(Open { row: at, key: batch.keys.get(at)?.clone(), record, result });
                }
            }
        }
        self.context.advance(batch.rows);
        Some(Due { batch, open, seen: vec![seen] })
    }

    fn keys(&self, rows: &Rows<'_>) -> Vec<smol_str::SmolStr> {
        let program = self.context.program;
        match rows {
            Rows::Arrays(arrays) => arrays.keys(program),
            Rows::Records(id, records) => records.iter().map(|record| key_of(program, *id, record)).collect(),
        }
    }

    /// What is due where all of it is known and nothing is to be told of it, in fen.
    fn known(&self, result: &RecipientResult) -> Option<Vec<(usize, i64)>> {
        let known = result.clauses.iter().map(|clause| {
            let def = self.context.program.clauses.get(clause.clause.index())?;
            let amount = clause.amount.as_ref().filter(|_| clause.faults.is_empty())?;
            let at_discretion = clause.lowest < *amount || clause.full_lowest < *amount;
            let fen = amount.multiply(&Number::from_i64(100)).ok()?.to_i64()?;
            (def.up_to || !at_discretion).then_some((clause.clause.index(), fen.max(0)))
        });
        known.collect()
    }

    /// What the data checks read of a plain part; none where a row does not pass them.
    fn passes(&self, part: &Part) -> Option<Facts> {
        let PartRows::Arrays(arrays) = &part.rows else { return None };
        let rows = Rows::Arrays(arrays);
        let mut table = Table::new(rows);
        let Some(plan) = Plan::of_checks(self.context, &mut table) else { return Some(Facts::default()) };
        let mut results = Results::new(Asking::Totals);
        run(&plan, &table, &mut results);
        let facts = self.context.program.records.get(arrays.record.index()).map_or(&[][..], |def| &def.facts);
        let checked = (0..).map(FactId).zip(facts).filter(|(_, fact)| fact.check.is_some());
        let mut asked = BTreeSet::new();
        for ((id, fact), rows) in checked.zip(&results.open) {
            // What is not said, and stands for no value, passes.
            let no_value = fact.per.is_none() && matches!(fact.default, None | Some(Value::None));
            let says = |row: &&u32| !(no_value && arrays.says_nothing(id, **row as usize));
            asked.extend(rows.iter().filter(says).copied());
        }
        let passes = |row: u32| {
            let record = rows.row(self.context, row as usize);
            record.is_some_and(|record| check_record(self.context, rows.record(), &record).is_empty())
        };
        asked.into_iter().all(passes).then(|| table.facts())
    }

    /// Does something with what records break of the data checks.
    fn with_checks<T>(&self, work: impl FnOnce(&Check<'_>) -> T) -> T {
        let mut files = Population::default();
        files.files = self.parts.files();
        work(&|id, record| self.policies.failed_checks(self.context, id, record, &files))
    }
}

fn set(batch: &mut Batch, clause: usize, row: usize, fen: i64) {
    if let Some(slot) = batch.amounts.get_mut(clause).and_then(|column| column.get_mut(row)) {
        *slot = fen;
    }
}
