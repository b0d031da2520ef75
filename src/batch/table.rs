//! The records of one type that are computed together, column by column.
//!
//! In: records, and what a plan asks of them. Out: a [`Column`] for each thing asked, made
//! when it is first asked for. An expression that no kernel computes is asked for like a
//! fact: the row engine computes it, once for each record.

use std::sync::Arc;

use super::column::{Column, Entry, Form};
use crate::check::program::{ExprId, FactId, RecordId};
use crate::eval::{Answer, Context, evaluate_expression, evaluate_fact};
use crate::record::{Cell, Record};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// A fact; of one by period the value for the evaluated period.
    Fact(FactId),
    /// What the row engine comes to for an expression.
    Value(ExprId),
}

/// Records with the columns that were asked for so far.
#[derive(Debug)]
pub struct Table<'r> {
    pub(super) record: RecordId,
    pub(super) records: &'r [Record],
    columns: Vec<(Asked, Arc<Column>)>,
}

impl<'r> Table<'r> {
    /// The records of a type; no columns yet.
    pub fn new(record: RecordId, records: &'r [Record]) -> Table<'r> {
        Table { record, records, columns: Vec::new() }
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.records.len()
    }

    /// The columns, in the order in which they were asked for.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().map(|(_, column)| column.as_ref())
    }

    /// The place of a column, made now if it was not asked for before.
    pub(super) fn ask(&mut self, context: &Context<'_>, asked: Asked, form: Form) -> (usize, Arc<Column>) {
        if let Some(place) = self.columns.iter().position(|(other, _)| *other == asked)
            && let Some((_, column)) = self.columns.get(place)
        {
            return (place, Arc::clone(column));
        }
        let column = Arc::new(self.made(context, asked, form));
        self.columns.push((asked, Arc::clone(&column)));
        (self.columns.len().saturating_sub(1), column)
    }

    fn made(&self, context: &Context<'_>, asked: Asked, form: Form) -> Column {
        let of = |answer: Answer| match answer {
            Answer::Known(value) => Entry::of(form, &value),
            Answer::Open(_) => Entry::Gap,
        };
        let entry = |record: &Record| match asked {
            Asked::Fact(fact) => match record.cells.get(fact.index()) {
                Some(Cell::Value(value)) => Entry::of(form, value),
                _ => of(evaluate_fact(context, self.record, record, fact)),
            },
            Asked::Value(expr) => of(evaluate_expression(context, Some((self.record, record)), expr)),
        };
        Column::of(form, self.records.iter().map(entry))
    }
}
