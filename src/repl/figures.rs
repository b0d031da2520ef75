//! What the policies come to for everybody, as columns of whole fen.
//!
//! In: a world and its records. Out: [`Figures`]: for each record type and clause what is
//! due and what is settled, row by row, and beside them the few amounts that are open, with
//! what leaves them so. Every question reads these; they are reckoned once for a world.

use std::collections::HashMap;
use std::sync::Arc;

use crate::check::program::{ClauseId, PendingId, Program, RecordId};
use crate::eval::{Answer, Causes, ClauseResult, Interval, Missing, Settled, Status};
use crate::settle::{Award, PoolResult, Recipient};
use crate::value::Number;

/// What everybody gets.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures {
    /// By record type that has clauses.
    pub types: Vec<TypeFigures>,
    /// What became of the budgets.
    pub pools: Vec<PoolResult>,
}

/// What the records of one type get, in the order in which they were loaded.
#[derive(Debug, Clone)]
pub(super) struct TypeFigures {
    pub record: RecordId,
    pub rows: usize,
    pub clauses: Vec<ClauseFigures>,
    /// The known part of what is settled in all, in fen.
    pub totals: Arc<Vec<i64>>,
}

/// What a clause gives.
#[derive(Debug, Clone)]
pub(super) struct ClauseFigures {
    pub clause: ClauseId,
    /// An amount due back, which is in no total.
    pub recover: bool,
    /// Before settlement, in fen; 0 where it is open.
    pub due: Arc<Vec<i64>>,
    /// After settlement, in fen; 0 where it is open.
    pub settled: Arc<Vec<i64>>,
    /// The rows of which the settled amount is open.
    pub open: HashMap<u32, Openness>,
}

/// An amount that is open after settlement.
#[derive(Debug, Clone)]
pub(super) struct Openness {
    pub lowest: Number,
    pub highest: Option<Number>,
    pub missing: Vec<Missing>,
    pub pending: Vec<PendingId>,
    /// Whether it was open before settlement too.
    pub before: bool,
}

impl Figures {
    /// Takes over what was evaluated and settled row by row.
    pub fn of(program: &Program, recipients: &[Recipient<'_>], pools: Vec<PoolResult>) -> Figures {
        let mut types: Vec<TypeFigures> = Vec::new();
        for same in recipients.chunk_by(|a, b| a.record == b.record) {
            let Some(first) = same.first() else { continue };
            let zeros = || vec![0; same.len()];
            let column =
                |award: &Award| Column { clause: award.clause, due: zeros(), settled: zeros(), open: HashMap::new() };
            let mut columns: Vec<Column> = first.awards.iter().map(column).collect();
            for (row, recipient) in same.iter().enumerate() {
                let awards = recipient.result.clauses.iter().zip(&recipient.awards);
                for ((result, award), column) in awards.zip(&mut columns) {
                    column.take(row, result, award);
                }
            }
            let clauses = columns.into_iter().map(|column| column.done(program)).collect();
            types.push(TypeFigures::new(first.record, same.len(), clauses));
        }
        Figures { types, pools }
    }

    /// Whether settlement leaves amounts open that are known before it.
    pub fn is_undecided(&self) -> bool {
        let mut columns = self.types.iter().flat_map(|one| &one.clauses);
        columns.any(|column| column.open.values().any(|open| !open.before))
    }

    /// The same with what is due in the place of what is settled.
    #[must_use]
    pub fn before_settlement(mut self) -> Figures {
        for column in self.types.iter_mut().flat_map(|one| &mut one.clauses) {
            column.settled = Arc::clone(&column.due);
            column.open.retain(|_, open| open.before);
        }
        self.types.iter_mut().for_each(TypeFigures::add_up);
        self
    }

    /// The figures of a record type.
    pub fn of_type(&self, record: RecordId) -> Option<&TypeFigures> {
        self.types.iter().find(|one| one.record == record)
    }

    /// The figures of a clause, with those of its record type.
    pub fn of_clause(&self, clause: ClauseId) -> Option<(&TypeFigures, &ClauseFigures)> {
        self.types.iter().find_map(|one| Some((one, one.clauses.iter().find(|column| column.clause == clause)?)))
    }
}

/// A clause's figures while they are taken over.
pub(super) struct Column {
    pub clause: ClauseId,
    pub due: Vec<i64>,
    pub settled: Vec<i64>,
    pub open: HashMap<u32, Openness>,
}

impl Column {
    /// The amounts of a row.
    pub fn take(&mut self, row: usize, result: &ClauseResult, award: &Award) {
        let set = |column: &mut Vec<i64>, fen: Option<i64>| {
            if let (Some(slot), Some(fen)) = (column.get_mut(row), fen) {
                *slot = fen;
            }
        };
        set(&mut self.due, result.amount.as_ref().and_then(fen));
        match award.settled().and_then(fen) {
            Some(settled) => set(&mut self.settled, Some(settled)),
            None => {
                let (lowest, highest) = award.bounds();
                let causes = award.amount.causes();
                let openness = Openness {
                    lowest,
                    highest,
                    missing: causes.map_or_else(Vec::new, |causes| causes.missing.clone()),
                    pending: causes.map_or_else(Vec::new, |causes| causes.pending.clone()),
                    before: matches!(result.status, Status::Unknown | Status::Pending),
                };
                self.open.extend(u32::try_from(row).ok().map(|row| (row, openness)));
            }
        }
    }

    /// The column as it is kept.
    pub fn done(self, program: &Program) -> ClauseFigures {
        let Column { clause, due, settled, open } = self;
        let recover = program.clauses.get(clause.index()).is_some_and(|def| def.recover);
        ClauseFigures { clause, recover, due: Arc::new(due), settled: Arc::new(settled), open }
    }
}

impl Openness {
    /// What is open of a clause before settlement.
    pub fn of(result: &ClauseResult) -> Openness {
        Openness {
            lowest: result.lowest.clone(),
            highest: result.highest.clone(),
            missing: result.missing.to_vec(),
            pending: result.pending.to_vec(),
            before: true,
        }
    }
}

impl ClauseFigures {
    /// What is settled for a row.
    pub fn answer(&self, row: usize) -> Answer {
        let open = u32::try_from(row).ok().and_then(|row| self.open.get(&row)).filter(|_| !self.open.is_empty());
        match open {
            Some(open) => {
                let causes = Causes {
                    missing: match (open.missing.is_empty(), open.pending.is_empty()) {
                        (true, true) => vec![Missing::Clause(self.clause)],
                        _ => open.missing.clone(),
                    },
                    pending: open.pending.clone(),
                    faults: Vec::new(),
                };
                Answer::within(Interval::new(Some(open.lowest.clone()), open.highest.clone()), causes)
            }
            None => Answer::number(yuan(self.settled.get(row).copied().unwrap_or(0))),
        }
    }
}

impl TypeFigures {
    /// The figures of a type, added up.
    pub fn new(record: RecordId, rows: usize, clauses: Vec<ClauseFigures>) -> TypeFigures {
        let mut figures = TypeFigures { record, rows, clauses, totals: Arc::default() };
        figures.add_up();
        figures
    }

    /// Adds up what is settled.
    pub fn add_up(&mut self) {
        let mut paid = self.clauses.iter().filter(|column| !column.recover);
        let (first, second) = (paid.next(), paid.next());
        if let (Some(only), None) = (first, second) {
            self.totals = Arc::clone(&only.settled);
            return;
        }
        let mut totals = vec![0_i64; self.rows];
        for column in self.clauses.iter().filter(|column| !column.recover) {
            let sums = totals.iter_mut().zip(column.settled.iter());
            sums.for_each(|(sum, fen)| *sum = sum.saturating_add(*fen));
        }
        self.totals = Arc::new(totals);
    }

    /// What is settled for a row under some clauses, and in all.
    pub fn settled(&self, row: usize, clauses: &[ClauseId], total: bool) -> Settled {
        let wanted = self.clauses.iter().filter(|column| clauses.contains(&column.clause));
        Settled {
            clauses: wanted.map(|column| (column.clause, column.answer(row))).collect(),
            total: if total { self.total(row) } else { Answer::number(Number::ZERO) },
        }
    }

    /// What is settled for a row in all.
    pub fn total(&self, row: usize) -> Answer {
        let paid = self.clauses.iter().filter(|column| !column.recover);
        if paid.clone().all(|column| column.open.is_empty()) {
            return Answer::number(yuan(self.known_total(row)));
        }
        let zero = Answer::number(Number::ZERO);
        let at = crate::source::Span::default();
        paid.fold(zero, |sum, column| crate::eval::operators::add(sum, column.answer(row), at))
    }

    /// The known part of a row's total, in fen.
    pub fn known_total(&self, row: usize) -> i64 {
        self.totals.get(row).copied().unwrap_or(0)
    }
}

/// Whole fen; none of what is finer, or too large.
pub(super) fn fen(amount: &Number) -> Option<i64> {
    amount.multiply(&Number::from_i64(100)).ok()?.to_i64()
}

/// Fen in 元.
pub(super) fn yuan(fen: i64) -> Number {
    Number::from_decimal(rust_decimal::Decimal::new(fen, 2))
}

/// Fen in 元, of sums.
pub(super) fn yuan_of(fen: i128) -> Number {
    match i64::try_from(fen) {
        Ok(fen) => yuan(fen),
        Err(_) => Number::from_digits(&fen.to_string())
            .and_then(|number| number.divide(&Number::from_i64(100)).ok())
            .unwrap_or_default(),
    }
}
