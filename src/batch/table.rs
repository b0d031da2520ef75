//! The records of one type that are computed together, column by column.
//!
//! In: records or arrays, and what a plan asks of them. Out: a [`Column`] for each thing
//! asked, made when it is first asked for. An expression that no kernel computes is asked
//! for like a fact: the row engine computes it, once for each record. The items of a list
//! are a table of their own, whose rows know to which row they belong.

use std::borrow::Cow;
use std::sync::Arc;

use super::arrays;
use super::column::{Column, Entry, Form, YES};
use super::items::{Items, ListOf};
use crate::check::program::{ClauseId, ExprId, FactId, Node, RecordId};
use crate::eval::{Answer, Context, Scope, compare, evaluate_expression, evaluate_fact, evaluate_fact_in, evaluate_in};
use crate::record::{Arrays, Cell, Record};
use crate::value::Period;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// A fact; of one by period the value for this period, or for the evaluated one.
    Fact(FactId, Option<Period>),
    /// What the row engine comes to for an expression, asked by a clause where that matters.
    Value(ExprId, Option<ClauseId>),
    /// What kernels come to for an aggregate over a list, likewise.
    Aggregate(ExprId, Option<ClauseId>),
    /// What a clause awards for all items together, before what is done to the sum.
    ForEach(ClauseId),
    /// Whether an item is among the first of a list, likewise.
    First(ExprId, Option<ClauseId>),
    /// For each item a fact of the row that it belongs to.
    OwnerFact(FactId, Option<Period>),
    /// For each item what an expression comes to for the row that it belongs to.
    Owner(ExprId, Option<ClauseId>),
    /// What the history says to a modifier of a clause, by its place.
    Earlier(ClauseId, usize, Earlier),
}

/// What a modifier asks of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Earlier {
    /// What was paid, or what topping up takes off.
    Amount,
    /// The highest grade.
    Grade,
    /// Whether anything was paid.
    Paid,
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
    /// The rows; of a table of items, those that they belong to.
    pub(super) rows: Rows<'r>,
    pub(super) items: Option<Items<'r>>,
    columns: Columns,
    /// Lists, each as a table.
    lists: Vec<(ListOf, Table<'r>)>,
    /// Facts that were kept of items of lists.
    kept: Vec<(ListOf, Columns)>,
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
pub struct Facts {
    columns: Columns,
    /// Of the items of lists.
    lists: Vec<(ListOf, Columns)>,
}

type Columns = Vec<(Asked, Arc<Column>)>;

impl<'r> Table<'r> {
    /// Rows; no columns yet.
    pub fn new(rows: Rows<'r>) -> Table<'r> {
        Table::with(rows, Facts::default())
    }

    /// Rows with facts that were kept of them.
    pub fn with(rows: Rows<'r>, facts: Facts) -> Table<'r> {
        Table { rows, items: None, columns: facts.columns, lists: Vec::new(), kept: facts.lists }
    }

    /// The facts that were asked for, to be kept.
    pub fn facts(&self) -> Facts {
        let of_list = |(list, _): &&(ListOf, Table<'r>)| matches!(list, ListOf::Fact(..));
        let lists = self.lists.iter().filter(of_list).map(|(list, table)| (*list, table.fact_columns())).collect();
        Facts { columns: self.fact_columns(), lists }
    }

    fn fact_columns(&self) -> Columns {
        let is_fact = |asked: &Asked| matches!(asked, Asked::Fact(..));
        self.columns.iter().filter(|(asked, _)| is_fact(asked)).cloned().collect()
    }

    /// The record type of its rows.
    pub(super) fn record(&self) -> RecordId {
        self.items.as_ref().map_or(self.rows.record(), |items| items.record)
    }

    /// How many rows it has.
    pub(super) fn count(&self) -> usize {
        self.items.as_ref().map_or(self.rows.count(), |items| items.items.len())
    }

    /// A list of its rows as a table, taken out to be worked with; put back by [`Table::put_list`].
    pub(super) fn take_list(&mut self, context: &Context<'r>, list: ListOf) -> Table<'r> {
        match self.lists.iter().position(|(other, _)| *other == list) {
            Some(place) => self.lists.swap_remove(place).1,
            None => {
                let items = Some(Items::of(context, self.rows, list));
                let kept = self.kept.iter().find(|(other, _)| *other == list);
                let columns = kept.map_or_else(Vec::new, |(_, columns)| columns.clone());
                Table { rows: self.rows, items, columns, lists: Vec::new(), kept: Vec::new() }
            }
        }
    }

    /// Puts a list back.
    pub(super) fn put_list(&mut self, list: ListOf, table: Table<'r>) {
        self.lists.push((list, table));
    }

    /// The items of a list that was worked with.
    pub(super) fn items_of(&self, list: ListOf) -> Option<&Items<'r>> {
        self.lists.iter().find(|(other, _)| *other == list)?.1.items.as_ref()
    }

    /// The columns, in the order in which they were asked for.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().map(|(_, column)| column.as_ref())
    }

    /// The place of a column that was asked for before.
    pub(super) fn find(&self, asked: Asked) -> Option<(usize, Arc<Column>)> {
        let place = self.columns.iter().position(|(other, _)| *other == asked)?;
        self.columns.get(place).map(|(_, column)| (place, Arc::clone(column)))
    }

    /// Adds a column.
    pub(super) fn put(&mut self, asked: Asked, column: Column) -> (usize, Arc<Column>) {
        let column = Arc::new(column);
        self.columns.push((asked, Arc::clone(&column)));
        (self.columns.len().saturating_sub(1), column)
    }

    /// The place of a column, made now if it was not asked for before.
    pub(super) fn ask(&mut self, context: &Context<'_>, asked: Asked, form: Form) -> (usize, Arc<Column>) {
        match self.find(asked) {
            Some(found) => found,
            None => self.put(asked, self.made(context, asked, form)),
        }
    }

    fn made(&self, context: &Context<'_>, asked: Asked, form: Form) -> Column {
        match (&self.items, self.rows, asked) {
            (None, Rows::Arrays(all), Asked::Fact(fact, period)) => arrays::column(context, all, (fact, period), form),
            (None, Rows::Records(id, records), Asked::Fact(..)) => {
                let cell = |record: &Record| Table::entry(context, asked, form, &[(id, record)]);
                Column::of(form, records.iter().map(cell))
            }
            (Some(items), _, Asked::Fact(..)) => {
                let cell = |item: &&Record| Table::entry(context, asked, form, &[(items.record, item)]);
                Column::of(form, items.items.iter().map(cell))
            }
            _ => {
                let cell = |row| self.in_scope(context, row, |scope| Table::entry(context, asked, form, scope));
                Column::of(form, (0..self.count()).map(|row| cell(row).unwrap_or(Entry::Gap)))
            }
        }
    }

    /// Does something with the records in scope of a row, the recipient first.
    pub(super) fn in_scope<T>(&self, context: &Context<'_>, row: usize, of: impl FnOnce(&Scope<'_>) -> T) -> Option<T> {
        let Some(items) = &self.items else {
            let record = self.rows.row(context, row)?;
            return Some(of(&[(self.rows.record(), record.as_ref())]));
        };
        let owner = self.rows.row(context, *items.owners.get(row)? as usize)?;
        Some(of(&[(self.rows.record(), owner.as_ref()), (items.record, items.items.get(row)?)]))
    }

    #[inline]
    fn entry(context: &Context<'_>, asked: Asked, form: Form, scope: &Scope<'_>) -> Entry {
        let Some((id, record)) = scope.last() else { return Entry::Gap };
        if let (Asked::Value(expr, _), Form::Flags) = (asked, form)
            && let Some(holds) = tested(context, record, expr)
        {
            return Entry::Byte(if holds { YES } else { 0 });
        }
        let answer = match asked {
            Asked::Fact(fact, None) => match record.cells.get(fact.index()) {
                Some(Cell::Value(value)) => return Entry::of(form, value),
                _ => evaluate_fact(context, *id, record, fact),
            },
            Asked::Fact(fact, Some(period)) => evaluate_fact_in(context, *id, record, fact, period),
            Asked::Value(expr, None) if scope.len() == 1 => evaluate_expression(context, Some((*id, record)), expr),
            Asked::Value(expr, clause) => evaluate_in(context, clause, scope, expr),
            _ => return Entry::Gap,
        };
        match answer {
            Answer::Known(value) => Entry::of(form, &value),
            Answer::Open(_) => Entry::Gap,
        }
    }
}

/// Whether a fact that is there meets a constant, where this is all that an expression asks.
fn tested(context: &Context<'_>, record: &Record, expr: ExprId) -> Option<bool> {
    let node = |id: ExprId| context.program.exprs.get(id.index()).map(|expr| &expr.node);
    let Node::Compare(operator, a, b) = node(expr)? else { return None };
    match (node(*a)?, node(*b)?) {
        (Node::Fact { up: 0, fact, .. }, Node::Value(constant)) => match record.cells.get(fact.index())? {
            Cell::Value(value) => Some(compare::values(*operator, value, constant)),
            _ => None,
        },
        _ => None,
    }
}
