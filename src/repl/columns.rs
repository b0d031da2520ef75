//! The same figures and values for very many records, column by column.
//!
//! In: a world's context and its records. Out: what [`super::figures`] and [`super::rows`]
//! come to row by row, in a fraction of the time; none where something needs rows: items and
//! history in settlement, amounts that are open before a step that looks across recipients.
//! Columns of facts are made once and kept with the records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::figures::{ClauseFigures, Figures, Openness, TypeFigures, fen};
use super::rows::{Form, Reading, Rows};
use super::world::Records;
use crate::batch::{Asking, Facts, Of, Plan, Results, Rows as Part, Table, Texts, run, values};
use crate::check::program::{ExprId, FactId, Node, RecordId};
use crate::eval::{Context, Status, Truth, evaluate_clause, evaluate_expression, key_of};
use crate::record::Record;
use crate::settle::stream::{self, Awards, Batch, Form as As, Needed};
use crate::syntax::tree::Compare;

/// Records that are computed together.
const PART: usize = 16_384;
/// Below so many records nothing is gained; tests hold both ways against each other over few.
const FEW: usize = if cfg!(test) { 1 } else { 20_000 };
/// Keys of settlement are told apart by so many bytes.
const MOST_KEY_BYTES: usize = 64;

/// By fact: the number of the group of each row.
type Groups = HashMap<(RecordId, FactId), Arc<Vec<i64>>>;

/// Columns that were asked for, kept as long as the records are.
#[derive(Debug, Default)]
pub(super) struct Kept {
    facts: Mutex<HashMap<(RecordId, usize), Facts>>,
    groups: Mutex<Groups>,
    texts: Texts,
}

impl Kept {
    /// The table of a part, with the facts that are kept of it.
    fn table<'r>(&self, record: RecordId, part: usize, rows: &'r [Record]) -> Table<'r> {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner).get(&(record, part)).cloned();
        Table::with(Part::Records(record, rows), facts.unwrap_or_default())
    }

    fn keep(&self, record: RecordId, part: usize, table: &Table<'_>) {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).insert((record, part), table.facts());
    }
}

/// What is due in a part.
struct Due {
    record: RecordId,
    batch: Batch,
    open: Vec<(usize, u32, Openness)>,
}

/// Parts as a source of awards.
struct Held<'h> {
    parts: &'h [Due],
    context: &'h Context<'h>,
    records: &'h Records,
    /// In which part of its type each stands.
    places: Vec<usize>,
}

impl Awards for Held<'_> {
    fn parts(&self) -> usize {
        self.parts.len()
    }

    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        let (Some(due), Some(place)) = (self.parts.get(part), self.places.get(part)) else { return };
        (batch.record, batch.rows) = (due.record, due.batch.rows);
        fill(&mut batch.amounts, &due.batch.amounts, &needed.amounts);
        fill(&mut batch.inputs, &due.batch.inputs, &needed.inputs);
        if needed.keys {
            let rows = rows_of(self.records, due.record, *place);
            batch.keys = rows.iter().map(|row| key_of(self.context.program, due.record, row)).collect();
        }
    }
}

/// Copies the columns that are needed.
fn fill(to: &mut Vec<Vec<i64>>, from: &[Vec<i64>], needed: &[bool]) {
    to.resize_with(from.len(), Vec::new);
    let needed = needed.iter().copied().chain(std::iter::repeat(false));
    to.iter_mut().zip(from).zip(needed).filter(|(_, needed)| *needed).for_each(|((to, from), _)| to.clone_from(from));
}

fn rows_of(records: &Records, record: RecordId, part: usize) -> &[Record] {
    let all = records.loaded.population.of(record);
    let from = part.saturating_mul(PART);
    all.get(from..from.saturating_add(PART).min(all.len())).unwrap_or(&[])
}

/// What everybody gets, by columns; none where it must be worked out row by row.
pub(super) fn figures(context: &Context<'_>, records: &Records, stop: &(dyn Fn() -> bool + Sync)) -> Option<Figures> {
    let program = context.program;
    let types = (0_u32..).map(RecordId).take(program.records.len());
    let types: Vec<RecordId> = types.filter(|id| !context.clauses_of(*id).is_empty()).collect();
    let count = |id: &RecordId| records.loaded.population.of(*id).len();
    if types.iter().map(count).sum::<usize>() < FEW || !records.faulty.is_empty() || records.anybodys {
        return None;
    }
    let plan = stream::Plan::of(context).ok()?;
    let settles = !program.settle.is_empty() || program.policies.iter().any(|policy| !policy.overrides.is_empty());
    let parts: Vec<(RecordId, usize)> =
        types.iter().flat_map(|id| (0..count(id).div_ceil(PART)).map(move |part| (*id, part))).collect();
    context.begin(crate::progress::Stage::Evaluating, types.iter().map(count).sum());
    let due = parts.par_iter().map(|(id, part)| {
        let due = if stop() { None } else { due(context, records, &plan, (*id, *part)) };
        context.advance(PART);
        due
    });
    let due: Vec<Due> = due.collect::<Option<_>>()?;
    if settles && due.iter().any(|part| !part.open.is_empty()) {
        return None;
    }
    if !settles {
        return Some(joined(context, &types, &due, None, Vec::new()));
    }
    let places = parts.iter().map(|(_, part)| *part).collect();
    let held = Held { parts: &due, context, records, places };
    let settled = stream::settle(&plan, &held).ok()?;
    let after = (0..due.len()).into_par_iter().map(|part| {
        let mut batch = Batch::default();
        let draws = settled.part_told(&held, part, &mut batch);
        (batch.amounts, draws)
    });
    let (after, draws): (Vec<Vec<Vec<i64>>>, Vec<stream::Draws>) = after.unzip();
    if plan.may_be_undecided() && after.iter().flatten().flatten().any(|fen| *fen < 0) {
        return None;
    }
    let draws = draws.iter().fold(stream::Draws::default(), |all, one| all.and(one));
    let pools = settled.pools(&plan, program, &draws)?;
    Some(joined(context, &types, &due, Some(&after), pools))
}

fn due(
    context: &Context<'_>,
    records: &Records,
    plan: &stream::Plan<'_>,
    (id, part): (RecordId, usize),
) -> Option<Due> {
    let rows = rows_of(records, id, part);
    let mut table = records.kept.table(id, part, rows);
    let compiled = Plan::of(context, &mut table);
    let mut results = Results::new(Asking::Amounts);
    run(&compiled, &table, &mut results);
    let mut inputs = Vec::with_capacity(plan.inputs.len());
    for input in &plan.inputs {
        let expr = input.expr.filter(|_| input.form != As::Paid)?;
        let (column, open) = values(context, &mut table, Of::Expr(expr), input.form, &records.kept.texts)?;
        if !open.is_empty() {
            return None;
        }
        inputs.push(column);
    }
    if !inputs.is_empty() && rows.iter().any(|row| key_of(context.program, id, row).len() > MOST_KEY_BYTES) {
        return None;
    }
    records.kept.keep(id, part, &table);
    let mut batch = Batch { record: id, rows: rows.len(), inputs, ..Batch::default() };
    batch.amounts = vec![Vec::new(); context.program.clauses.len()];
    for (clause, column) in compiled.clauses.iter().zip(std::mem::take(&mut results.amounts)) {
        *batch.amounts.get_mut(clause.index())? = column;
    }
    let mut open = Vec::new();
    for (clause, rows_open) in compiled.clauses.iter().zip(&results.open) {
        for row in rows_open {
            let (result, _) = evaluate_clause(context, *clause, rows.get(*row as usize)?)?;
            let shut_out = matches!(result.status, Status::NotEligible | Status::NotInForce);
            let amount = if shut_out { Some(0) } else { result.amount.as_ref().and_then(fen) };
            match amount {
                Some(fen) => *batch.amounts.get_mut(clause.index())?.get_mut(*row as usize)? = fen,
                None => open.push((clause.index(), *row, Openness::of(&result))),
            }
        }
    }
    Some(Due { record: id, batch, open })
}

/// Parts put together.
fn joined(
    context: &Context<'_>,
    types: &[RecordId],
    due: &[Due],
    after: Option<&[Vec<Vec<i64>>]>,
    pools: Vec<crate::settle::PoolResult>,
) -> Figures {
    let of_type = |id: &RecordId| {
        let own: Vec<usize> = (0..due.len()).filter(|at| due.get(*at).is_some_and(|part| part.record == *id)).collect();
        let rows = own.iter().filter_map(|at| due.get(*at)).map(|part| part.batch.rows).sum();
        let column = |clause: &crate::check::program::ClauseId| {
            let at = clause.index();
            let join = |parts: &mut dyn Iterator<Item = Option<&Vec<i64>>>| {
                let mut column = Vec::with_capacity(rows);
                parts.flatten().for_each(|part| column.extend_from_slice(part));
                column.resize(rows, 0);
                Arc::new(column)
            };
            let before = join(&mut own.iter().map(|part| due.get(*part)?.batch.amounts.get(at)));
            let settled = match after {
                Some(after) => join(&mut own.iter().map(|part| after.get(*part)?.get(at))),
                None => Arc::clone(&before),
            };
            let mut open = HashMap::new();
            let mut from = 0_u32;
            for part in own.iter().filter_map(|part| due.get(*part)) {
                let of_clause = part.open.iter().filter(|(clause, _, _)| *clause == at);
                open.extend(of_clause.map(|(_, row, openness)| (from.saturating_add(*row), openness.clone())));
                from = from.saturating_add(u32::try_from(part.batch.rows).unwrap_or(u32::MAX));
            }
            let recover = context.program.clauses.get(at).is_some_and(|def| def.recover);
            ClauseFigures { clause: *clause, recover, due: before, settled, open }
        };
        let clauses = context.clauses_of(*id).par_iter().map(column).collect();
        TypeFigures::new(*id, rows, clauses)
    };
    Figures { types: types.iter().map(of_type).collect(), pools }
}

/// Which rows a condition holds for.
pub(super) struct Mask {
    yes: Vec<bool>,
    /// The rows of which the evaluator must be asked.
    ask: Vec<u32>,
}

impl Rows<'_> {
    /// The rows for which a condition holds, by columns; none where it has no columns.
    pub(super) fn only_by_columns(&self, condition: &Reading) -> Option<(Vec<u32>, usize)> {
        if self.count() < FEW {
            return None;
        }
        let mask = self.mask(condition.expr)?;
        let mut ask: Vec<u32> = mask.ask;
        ask.sort_unstable();
        ask.dedup();
        let mut yes = mask.yes;
        let mut open = 0;
        for row in ask {
            let truth = self.value(row as usize, condition).into_truth();
            open += usize::from(matches!(truth, Truth::Open(_)));
            if let Some(slot) = yes.get_mut(row as usize) {
                *slot = truth == Truth::Yes;
            }
        }
        let rows = yes.iter().zip(0_u32..).filter(|(yes, _)| **yes).map(|(_, row)| row);
        Some((rows.collect(), open))
    }

    fn mask(&self, expr: ExprId) -> Option<Mask> {
        let program = self.context.program;
        let found = program.exprs.get(expr.index())?;
        match &found.node {
            Node::And(parts) => self.combined(parts, |all, more| all & more),
            Node::Or(parts) => self.combined(parts, |all, more| all | more),
            Node::Not(inner) => {
                let mut mask = self.mask(*inner)?;
                mask.yes.iter_mut().for_each(|yes| *yes = !*yes);
                Some(mask)
            }
            Node::Compare(operator, left, right) if self.is_amount(*left) => {
                let (amounts, ask) = self.fen(&Reading::of(program, *left))?;
                let bound = evaluate_expression(self.context, None, *right).known_number().and_then(fen)?;
                let operator = *operator;
                self.context.is_same_for_all(*right).then(|| Mask {
                    yes: amounts.par_iter().map(|amount| holds(operator, *amount, bound)).collect(),
                    ask,
                })
            }
            _ => {
                let reading = Reading::of(program, expr);
                let (values, ask) = self.by_parts(&reading, As::Truth)?;
                Some(Mask { yes: values.into_iter().map(|value| value == 1).collect(), ask })
            }
        }
    }

    fn combined(&self, parts: &[ExprId], both: impl Fn(bool, bool) -> bool) -> Option<Mask> {
        let mut all: Option<Mask> = None;
        for part in parts {
            let mask = self.mask(*part)?;
            all = Some(match all {
                None => mask,
                Some(mut all) => {
                    all.yes.iter_mut().zip(&mask.yes).for_each(|(one, more)| *one = both(*one, *more));
                    all.ask.extend(mask.ask);
                    all
                }
            });
        }
        all
    }

    fn is_amount(&self, expr: ExprId) -> bool {
        let node = self.context.program.exprs.get(expr.index()).map(|found| &found.node);
        matches!(node, Some(Node::ClauseAmount(_) | Node::Total))
    }

    /// Amounts in fen, and the rows of which they are open; none where there is no such column.
    pub(super) fn fen(&self, reading: &Reading) -> Option<(Arc<Vec<i64>>, Vec<u32>)> {
        let figures = self.figures.filter(|_| self.count() >= FEW)?;
        match &reading.form {
            Form::Clause(clause) => {
                let column = figures.clauses.iter().find(|column| column.clause == *clause)?;
                Some((Arc::clone(&column.settled), column.open.keys().copied().collect()))
            }
            Form::Total => {
                let open = figures.clauses.iter().filter(|column| !column.recover);
                Some((Arc::clone(&figures.totals), open.flat_map(|column| column.open.keys().copied()).collect()))
            }
            Form::Plain => {
                let is_money = matches!(&reading.kind, crate::check::program::Type::Number(kind) if kind.is_money());
                let (values, open) = is_money.then(|| self.by_parts(reading, As::Fen))??;
                // What is none has no amount: such a column is read row by row.
                (!values.contains(&stream::NONE)).then(|| (Arc::new(values), open))
            }
            Form::Mixed => None,
        }
    }

    /// A number for each group of rows with one value; none where there is no such column.
    pub(super) fn groups(&self, reading: &Reading) -> Option<Arc<Vec<i64>>> {
        if self.count() < FEW || !matches!(reading.form, Form::Plain) {
            return None;
        }
        let fact = match self.context.program.exprs.get(reading.expr.index())?.node {
            Node::Fact { up: 0, fact, .. } => Some(fact),
            _ => None,
        };
        let known = |fact: &FactId| {
            let groups = self.kept.groups.lock().unwrap_or_else(PoisonError::into_inner);
            groups.get(&(self.record, *fact)).cloned()
        };
        if let Some(groups) = fact.as_ref().and_then(known) {
            return Some(groups);
        }
        let (mut groups, open) = self.by_parts(reading, As::Group)?;
        for row in open {
            if let Some(slot) = groups.get_mut(row as usize) {
                *slot = UNKNOWN;
            }
        }
        let groups = Arc::new(groups);
        if let Some(fact) = fact {
            let mut kept = self.kept.groups.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert((self.record, fact), Arc::clone(&groups));
        }
        Some(groups)
    }

    /// The values of an expression that asks for no amounts, and the rows where they are open.
    fn by_parts(&self, reading: &Reading, form: As) -> Option<(Vec<i64>, Vec<u32>)> {
        if !matches!(reading.form, Form::Plain) {
            return None;
        }
        let parts = self.records.par_chunks(PART).enumerate().map(|(part, rows)| {
            if (self.stop)() {
                return None;
            }
            let mut table = self.kept.table(self.record, part, rows);
            let found = values(self.context, &mut table, Of::Expr(reading.expr), form, &self.kept.texts)?;
            self.kept.keep(self.record, part, &table);
            Some(found)
        });
        let parts: Vec<(Vec<i64>, Vec<u32>)> = parts.collect::<Option<_>>()?;
        let (mut all, mut open) = (Vec::with_capacity(self.count()), Vec::new());
        for (values, gaps) in parts {
            let from = u32::try_from(all.len()).ok()?;
            all.extend(values);
            open.extend(gaps.into_iter().map(|row| from.saturating_add(row)));
        }
        Some((all, open))
    }
}

/// The group of those of whom the value is not known.
pub(super) const UNKNOWN: i64 = i64::MAX;

fn holds(operator: Compare, amount: i64, bound: i64) -> bool {
    match operator {
        Compare::Equal => amount == bound,
        Compare::NotEqual => amount != bound,
        Compare::Less => amount < bound,
        Compare::LessOrEqual => amount <= bound,
        Compare::Greater => amount > bound,
        Compare::GreaterOrEqual => amount >= bound,
    }
}
