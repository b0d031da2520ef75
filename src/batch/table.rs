//! The records of one type that are computed together, column by column.
//!
//! In: records or arrays, and what a plan asks of them. Out: a [`Column`] for each thing
//! asked, made when it is first asked for. An expression that no kernel computes is asked
//! for like a fact: the row engine computes it, once for each record.

use std::borrow::Cow;
use std::sync::Arc;

use super::arrays;
use super::column::{Column, Entry, Form};
use crate::check::program::{ExprId, FactId, RecordId};
use crate::eval::{Answer, Context, evaluate_expression, evaluate_fact, evaluate_fact_in};
use crate::record::{Arrays, Cell, Record};
use crate::value::Period;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// A fact; of one by period the value for this period, or for the evaluated one.
    Fact(FactId, Option<Period>),
    /// What the row engine comes to for an expression.
    Value(ExprId),
}

/// Where rows come from.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'r> {
    /// Records.
    Records(RecordId, &'r [Record]),
    /// Arrays.
    Arrays(&'r Arrays),
}

/// Rows with the columns that were asked for so far.
#[derive(Debug)]
pub struct Table<'r> {
    pub(super) rows: Rows<'r>,
    columns: Vec<(Asked, Arc<Column>)>,
}

impl<'r> Rows<'r> {
    /// Their record type.
    pub fn record(&self) -> RecordId {
        match self {
            Rows::Records(record, _) => *record,
            Rows::Arrays(arrays) => arrays.record,
        }
    }

    /// How many.
    pub fn count(&self) -> usize {
        match self {
            Rows::Records(_, records) => records.len(),
            Rows::Arrays(arrays) => arrays.rows,
        }
    }

    /// One of them as a record.
    pub fn row(&self, context: &Context<'_>, row: usize) -> Option<Cow<'r, Record>> {
        match self {
            Rows::Records(_, records) => records.get(row).map(Cow::Borrowed),
            Rows::Arrays(arrays) => Some(Cow::Owned(arrays.row(context.program, context.period, row))),
        }
    }
}

/// Columns of facts, kept for the next question about the same rows: they depend on no policy.
#[derive(Debug, Clone, Default)]
pub struct Facts(Vec<(Asked, Arc<Column>)>);

impl<'r> Table<'r> {
    /// Rows; no columns yet.
    pub fn new(rows: Rows<'r>) -> Table<'r> {
        Table { rows, columns: Vec::new() }
    }

    /// Rows with facts that were kept of them.
    pub fn with(rows: Rows<'r>, facts: Facts) -> Table<'r> {
        Table { rows, columns: facts.0 }
    }

    /// The facts that were asked for, to be kept.
    pub fn facts(&self) -> Facts {
        let is_fact = |asked: &Asked| matches!(asked, Asked::Fact(..));
        Facts(self.columns.iter().filter(|(asked, _)| is_fact(asked)).cloned().collect())
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
        match (self.rows, asked) {
            (Rows::Records(_, records), _) => {
                Column::of(form, records.iter().map(|record| self.entry(context, asked, form, record)))
            }
            (Rows::Arrays(all), Asked::Fact(fact, period)) => arrays::column(context, all, (fact, period), form),
            (Rows::Arrays(all), _) => {
                let rows = (0..all.rows).map(|row| all.row(context.program, context.period, row));
                Column::of(form, rows.map(|record| self.entry(context, asked, form, &record)))
            }
        }
    }

    fn entry(&self, context: &Context<'_>, asked: Asked, form: Form, record: &Record) -> Entry {
        let id = self.rows.record();
        let answer = match asked {
            Asked::Fact(fact, None) => match record.cells.get(fact.index()) {
                Some(Cell::Value(value)) => return Entry::of(form, value),
                _ => evaluate_fact(context, id, record, fact),
            },
            Asked::Fact(fact, Some(period)) => evaluate_fact_in(context, id, record, fact, period),
            Asked::Value(expr) => evaluate_expression(context, Some((id, record)), expr),
        };
        match answer {
            Answer::Known(value) => Entry::of(form, &value),
            Answer::Open(_) => Entry::Gap,
        }
    }
}
