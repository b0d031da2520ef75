//! The items of a list, of all rows of a table end to end.
//!
//! In: rows, and which list of theirs. Out: the records of its items with the row to which
//! each belongs and where the items of each row end: a table of their own, over which the
//! same kernels run. What they come to is brought back to the rows by [`super::reduce`].

use std::ops::Range;

use smol_str::SmolStr;

use super::column::{Marks, YES};
use super::table::Rows;
use crate::check::program::{FactId, RecordId};
use crate::eval::{Column, Context, History, history_before, key_of};
use crate::record::{Cell, Record};

/// Which list of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ListOf {
    /// A fact that lists records of a type.
    Fact(FactId, RecordId),
    /// What was paid to the recipient before.
    History,
}

/// The items of a list.
#[derive(Debug)]
pub(super) struct Items<'r> {
    /// Their record type.
    pub(super) record: RecordId,
    pub(super) items: Vec<&'r Record>,
    /// The row that each belongs to.
    pub(super) owners: Vec<u32>,
    /// Where the items of each row end.
    ends: Vec<usize>,
    /// Where a row may have further items, or it is in doubt which.
    open: Marks,
    /// Of payments: which are under one clause of one policy, by a number for each such name.
    names: Vec<usize>,
}

/// So many names are told apart; of further ones each payment counts as one by itself.
const MOST_NAMES: usize = 64;

impl<'r> Items<'r> {
    /// The list of each row.
    pub(super) fn of(context: &Context<'r>, rows: Rows<'r>, list: ListOf) -> Items<'r> {
        match list {
            ListOf::Fact(fact, record) => Items::of_fact(rows, fact, record),
            ListOf::History => Items::of_history(context, rows),
        }
    }

    fn none(record: RecordId, rows: usize) -> Items<'r> {
        let ends = Vec::with_capacity(rows);
        Items { record, items: Vec::new(), owners: Vec::new(), ends, open: Marks::new(rows), names: Vec::new() }
    }

    fn of_fact(rows: Rows<'r>, fact: FactId, record: RecordId) -> Items<'r> {
        let mut all = Items::none(record, rows.count());
        for row in 0..rows.count() {
            let cell = match rows {
                Rows::Records(_, records) => records.get(row).and_then(|record| record.cells.get(fact.index())),
                // Arrays hold no lists.
                Rows::Arrays(_) => None,
            };
            match cell {
                Some(Cell::List(items)) => all.add(row, items.iter()),
                _ => {
                    all.add(row, std::iter::empty());
                    all.open.add(row);
                }
            }
        }
        all
    }

    fn of_history(context: &Context<'r>, rows: Rows<'r>) -> Items<'r> {
        let program = context.program;
        let mut all = Items::none(program.history(), rows.count());
        let mut of_key = |row: usize, key: &SmolStr| match history_before(context, key) {
            Some((payments, in_doubt)) => {
                all.add(row, payments.into_iter());
                if in_doubt {
                    all.open.add(row);
                }
            }
            None => {
                all.add(row, std::iter::empty());
                all.open.add(row);
            }
        };
        match rows {
            Rows::Records(id, records) => {
                records.iter().enumerate().for_each(|(row, record)| of_key(row, &key_of(program, id, record)));
            }
            Rows::Arrays(arrays) => {
                arrays.keys(program).iter().enumerate().for_each(|(row, key)| of_key(row, key));
            }
        }
        all.names = context.inputs.history.map_or_else(Vec::new, |history| all.named(history));
        all
    }

    fn named(&self, history: &History<'_>) -> Vec<usize> {
        let mut known = Vec::new();
        let name = |payment: &&'r Record| {
            let cell = |column| history.cell(payment, column);
            let name = (cell(Column::Policy), cell(Column::Clause));
            let first = known.iter().take(MOST_NAMES).position(|other| *other == name);
            first.unwrap_or_else(|| {
                known.push(name);
                known.len().saturating_sub(1)
            })
        };
        self.items.iter().map(name).collect()
    }

    /// For each row whether one of its payments matters, which the names of policy and clause decide; where it is in
    /// doubt which payments it has, it may.
    pub(super) fn rows_paid(&self, matters: impl Fn(&Record) -> bool) -> Vec<bool> {
        let mut known = vec![None; self.names.iter().max().map_or(0, |most| most.saturating_add(1))];
        let mut decided = |item: usize| {
            let (payment, name) = (self.items.get(item)?, *self.names.get(item)?);
            Some(*known.get_mut(name)?.get_or_insert_with(|| matters(payment)))
        };
        let mut paid = |row: usize| self.is_open(row) || self.of_row(row).any(|item| decided(item) == Some(true));
        (0..self.rows()).map(&mut paid).collect()
    }

    fn add(&mut self, row: usize, items: impl Iterator<Item = &'r Record>) {
        self.items.extend(items);
        self.owners.resize(self.items.len(), u32::try_from(row).unwrap_or(u32::MAX));
        self.ends.push(self.items.len());
    }

    /// How many rows have lists.
    pub(super) fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Where the items of a row stand.
    pub(super) fn of_row(&self, row: usize) -> Range<usize> {
        let end = |row: Option<usize>| row.and_then(|row| self.ends.get(row)).copied().unwrap_or(0);
        end(row.checked_sub(1))..end(Some(row))
    }

    /// Whether the list of a row is not known.
    pub(super) fn is_open(&self, row: usize) -> bool {
        self.open.marks.as_ref().and_then(|marks| marks.get(row)) == Some(&YES)
    }
}
