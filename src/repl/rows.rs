//! Expressions of a question, over the records of one type.
//!
//! In: an expression, and a row by its place. Out: its value, with the settled amounts of
//! that row in sight. A fact or an amount alone is read where it stands; everything else is
//! asked of the evaluator.

use rayon::prelude::*;

use super::columns::Kept;
use super::figures::{Figures, TypeFigures};
use super::session::Session;
use crate::check::program::{ClauseId, ExprId, Node, Program, RecordId, Type};
use crate::eval::{Answer, Context, Truth, all_children, evaluate_expression, evaluate_settled};
use crate::record::Record;
use crate::value::Number;

/// The records of one type with what they get.
pub(super) struct Rows<'q> {
    pub context: &'q Context<'q>,
    pub record: RecordId,
    pub records: &'q [Record],
    pub figures: Option<&'q TypeFigures>,
    /// Columns that are kept from question to question.
    pub kept: &'q Kept,
    /// What else the work is told to, so that it can be stopped.
    pub stop: &'q (dyn Fn() -> bool + Sync),
}

/// An expression, looked at once.
pub(super) struct Reading {
    pub expr: ExprId,
    pub kind: Type,
    clauses: Vec<ClauseId>,
    total: bool,
    pub(super) form: Form,
}

/// How an expression is read.
pub(super) enum Form {
    /// The settled amount of a clause.
    Clause(ClauseId),
    /// The settled total.
    Total,
    /// No amounts are asked for.
    Plain,
    /// Amounts within an expression.
    Mixed,
}

impl Reading {
    /// What an expression needs.
    pub fn of(program: &Program, expr: ExprId) -> Reading {
        let (mut clauses, mut total) = (Vec::new(), false);
        settled_in(program, expr, &mut clauses, &mut total, 0);
        let found = program.exprs.get(expr.index());
        let form = match found.map(|found| &found.node) {
            Some(Node::ClauseAmount(clause)) => Form::Clause(*clause),
            Some(Node::Total) => Form::Total,
            _ if clauses.is_empty() && !total => Form::Plain,
            _ => Form::Mixed,
        };
        Reading { expr, kind: found.map_or(Type::Poison, |found| found.kind.clone()), clauses, total, form }
    }
}

fn settled_in(program: &Program, expr: ExprId, clauses: &mut Vec<ClauseId>, total: &mut bool, depth: usize) {
    let Some(found) = program.exprs.get(expr.index()).filter(|_| depth < 200) else { return };
    match &found.node {
        Node::ClauseAmount(clause) if !clauses.contains(clause) => clauses.push(*clause),
        Node::Total => *total = true,
        _ => {}
    }
    all_children(&found.node, &mut |child, _| {
        settled_in(program, child, clauses, total, depth.saturating_add(1));
        true
    });
}

impl Session {
    /// The records of a type, with what they get.
    pub(super) fn rows<'q>(
        &'q self,
        context: &'q Context<'q>,
        record: RecordId,
        figures: &'q Figures,
        stop: &'q (dyn Fn() -> bool + Sync),
    ) -> Rows<'q> {
        let records = self.records.loaded.population.of(record);
        Rows { context, record, records, figures: figures.of_type(record), kept: &self.records.kept, stop }
    }
}

impl Rows<'_> {
    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.records.len()
    }

    /// The value of an expression for a row.
    pub fn value(&self, row: usize, reading: &Reading) -> Answer {
        let Some(record) = self.records.get(row) else { return Answer::NONE };
        let nothing = || Answer::number(Number::ZERO);
        match &reading.form {
            Form::Clause(clause) => {
                let column = self.figures.and_then(|all| all.clauses.iter().find(|column| column.clause == *clause));
                column.map_or_else(nothing, |column| column.answer(row))
            }
            Form::Total => self.figures.map_or_else(nothing, |figures| figures.total(row)),
            Form::Plain => evaluate_expression(self.context, Some((self.record, record)), reading.expr),
            Form::Mixed => {
                let settled = match self.figures {
                    Some(figures) => figures.settled(row, &reading.clauses, reading.total),
                    None => crate::eval::Settled { clauses: Vec::new(), total: nothing() },
                };
                evaluate_settled(self.context, (self.record, record), &settled, reading.expr)
            }
        }
    }

    /// The rows for which a condition surely holds; and how many of which that is open.
    pub fn only(&self, condition: Option<&Reading>) -> (Vec<u32>, usize) {
        let all = 0..u32::try_from(self.count()).unwrap_or(u32::MAX);
        let Some(condition) = condition else { return (all.collect(), 0) };
        if let Some(found) = self.only_by_columns(condition) {
            return found;
        }
        let judged = all.into_par_iter().with_min_len(4_096).map(|row| {
            if row.is_multiple_of(4_096) && (self.stop)() {
                return (row, Truth::No);
            }
            (row, self.value(row as usize, condition).into_truth())
        });
        let (mut holds, mut open) = (Vec::new(), 0);
        for (row, truth) in judged.collect::<Vec<_>>() {
            match truth {
                Truth::Yes => holds.push(row),
                Truth::No => {}
                Truth::Open(_) => open += 1,
            }
        }
        (holds, open)
    }

    /// The values of an expression for some rows.
    pub fn values(&self, rows: &[u32], reading: &Reading) -> Vec<Answer> {
        let value = |row: &u32| {
            if row.is_multiple_of(4_096) && (self.stop)() {
                return Answer::NONE;
            }
            self.value(*row as usize, reading)
        };
        rows.par_iter().with_min_len(4_096).map(value).collect()
    }
}
