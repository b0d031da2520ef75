//! The values of questions for very many records, column by column.
//!
//! In: rows of records, and an expression. Out: what [`super::rows`] comes to row by row, in
//! a fraction of the time; none where the expression has no columns. Columns of facts are
//! made once and kept with the records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::figures::fen;
use super::rows::{Form, Reading, Rows};
use crate::batch::{Facts, Of, Rows as Part, Table, Texts, values};
use crate::check::program::{ExprId, FactId, Node, RecordId};
use crate::eval::{Truth, evaluate_expression};
use crate::record::Record;
use crate::settle::stream::{self, Form as As};
use crate::syntax::tree::Compare;

/// Records that are computed together.
pub(super) const PART: usize = 16_384;
/// Below so many records nothing is gained; tests hold both ways against each other over few.
pub(super) const FEW: usize = if cfg!(test) { 1 } else { 20_000 };

/// By fact: the number of the group of each row.
type Groups = HashMap<(RecordId, FactId), Arc<Vec<i64>>>;

/// Columns that were asked for, kept as long as the records are.
#[derive(Debug, Default)]
pub(super) struct Kept {
    facts: Mutex<HashMap<(RecordId, usize), Facts>>,
    groups: Mutex<Groups>,
    pub(super) texts: Texts,
}

impl Kept {
    /// The table of a part, with the facts that are kept of it.
    pub(super) fn table<'r>(&self, record: RecordId, part: usize, rows: &'r [Record]) -> Table<'r> {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner).get(&(record, part)).cloned();
        Table::with(Part::Records(record, rows), facts.unwrap_or_default())
    }

    pub(super) fn keep(&self, record: RecordId, part: usize, table: &Table<'_>) {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).insert((record, part), table.facts());
    }
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
