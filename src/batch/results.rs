//! What a plan comes to for a table.

use super::yuan;
use crate::Few;
use crate::check::program::ClauseId;
use crate::eval::{ClauseResult, Status};
use crate::value::Number;

/// What is wanted of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Sums and counts; nothing is stored for single records.
    Totals,
    /// The amounts.
    Amounts,
    /// The amounts and the statuses.
    Statuses,
}

/// Sums over the records of a table that need no row engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// What is due, in fen.
    pub fen: i128,
    /// How many records are due something.
    pub records: u64,
}

/// What is due under each clause, in memory that is used again.
#[derive(Debug)]
pub struct Results {
    pub(super) asking: Asking,
    /// By clause: the amounts in fen; 0 where the row engine is to be asked.
    pub amounts: Vec<Vec<i64>>,
    /// What is due to each row under all clauses, in fen; an amount due back is no part of it.
    pub sums: Vec<i64>,
    /// By clause: the statuses as [`NOT_IN_FORCE`], [`NOT_ELIGIBLE`], [`UP_TO`] or [`EXACT`].
    pub(super) statuses: Vec<Vec<u8>>,
    /// By clause: the sums; only where they are asked for.
    pub totals: Vec<Totals>,
    /// By clause: the rows of which the row engine is to be asked.
    pub open: Vec<Vec<u32>>,
    pub(super) kept: Kept,
}

/// What was worked out for every row, by the place at which it is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) numbers: Vec<Vec<f64>>,
    pub(super) bytes: Vec<Vec<u8>>,
}

pub(super) const NOT_IN_FORCE: u8 = 0;
pub(super) const NOT_ELIGIBLE: u8 = 1;
pub(super) const UP_TO: u8 = 2;
pub(super) const EXACT: u8 = 3;

impl Results {
    /// Nothing yet.
    pub fn new(asking: Asking) -> Results {
        Results {
            asking,
            amounts: Vec::new(),
            sums: Vec::new(),
            statuses: Vec::new(),
            totals: Vec::new(),
            open: Vec::new(),
            kept: Kept::default(),
        }
    }

    /// Room for so many clauses and rows.
    pub(super) fn prepare(&mut self, clauses: usize, rows: usize) {
        let sized = |columns: usize, rows: usize| (columns, rows);
        let (amounts, statuses) = match self.asking {
            Asking::Totals => (sized(0, 0), sized(0, 0)),
            Asking::Amounts => (sized(clauses, rows), sized(0, 0)),
            Asking::Statuses => (sized(clauses, rows), sized(clauses, rows)),
        };
        self.amounts.resize_with(amounts.0, Vec::new);
        self.amounts.iter_mut().for_each(|column| column.resize(amounts.1, 0));
        self.sums.resize(amounts.1, 0);
        self.statuses.resize_with(statuses.0, Vec::new);
        self.statuses.iter_mut().for_each(|column| column.resize(statuses.1, 0));
        self.totals.clear();
        self.totals.resize(clauses, Totals::default());
        self.open.resize_with(clauses, Vec::new);
        self.open.iter_mut().for_each(Vec::clear);
    }

    /// The rows of which the row engine is to be asked, by the place of the clause.
    pub(super) fn open_rows(&self) -> impl Iterator<Item = (usize, &[u32])> {
        self.open.iter().map(Vec::as_slice).enumerate()
    }

    /// The result of a clause for a row that needs no row engine.
    pub(super) fn clause_result(&self, place: usize, clause: ClauseId, row: usize, recover: bool) -> ClauseResult {
        let fen = self.amounts.get(place).and_then(|column| column.get(row)).copied().unwrap_or(0);
        let status = match self.statuses.get(place).and_then(|column| column.get(row)) {
            Some(&NOT_IN_FORCE) => Status::NotInForce,
            Some(&NOT_ELIGIBLE) => Status::NotEligible,
            Some(&UP_TO) => Status::UpTo,
            _ => Status::Exact,
        };
        let amount = yuan(fen);
        let lowest = if status == Status::UpTo { Number::ZERO } else { amount.clone() };
        ClauseResult {
            clause,
            status,
            recover,
            lowest,
            full_lowest: amount.clone(),
            highest: Some(amount.clone()),
            amount: Some(amount),
            items: Few::new(),
            missing: Few::new(),
            pending: Few::new(),
            faults: Few::new(),
            steps: crate::eval::Steps::default(),
        }
    }
}
