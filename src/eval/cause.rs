//! Why an answer is not known: the facts that are missing, the rules that are pending,
//! and what cannot be computed at all.
//!
//! Causes travel with every open answer and are dropped with it, so that a result which
//! the open part cannot change names nothing.

use smol_str::SmolStr;

use crate::check::program::{ClauseId, ExprId, FactId, ParameterId, PendingId, RecordId};
use crate::diagnostic::Code;
use crate::source::Span;
use crate::value::{NumberError, Period};

/// At most so many causes of one kind are kept; the rest would not be read.
const KEPT: usize = 64;

/// Which record a missing fact belongs to; equal for the same record in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub(super) usize);

/// Something unknown that a result waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A fact of a record.
    Fact {
        /// The type of the record.
        record: RecordId,
        /// The fact.
        fact: FactId,
        /// The record's key; empty where it has none.
        key: SmolStr,
        /// The period of a fact by period.
        period: Option<Period>,
        /// Which record.
        place: Place,
    },
    /// A parameter that has no value at its date.
    Parameter(ParameterId),
    /// The history was not loaded.
    History,
    /// The population, or its records of this type, were not loaded.
    Population(RecordId),
    /// A clause's settled amount is not there yet.
    Clause(ClauseId),
    /// The settled total is not there yet.
    Total,
    /// A tie at the line of a `top` or `select`.
    Tie(ExprId),
    /// Amounts of others who draw on the same settlement step.
    Others(usize),
}

/// Something that cannot be computed, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// Where.
    pub span: Span,
}

/// What cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A division by zero that no `or else` answers.
    DividedByZero,
    /// A number, date or period beyond what can be held.
    TooLarge,
    /// Definitions nested too deeply.
    TooDeep,
    /// An award below 0, which pays 0.
    NegativeAward,
}

impl FaultKind {
    /// The code of the diagnostic.
    pub fn code(self) -> Code {
        match self {
            FaultKind::DividedByZero => Code::DividedByZero,
            FaultKind::TooLarge => Code::NumberTooLarge,
            FaultKind::TooDeep => Code::TooDeep,
            FaultKind::NegativeAward => Code::NegativeAward,
        }
    }
}

impl From<NumberError> for FaultKind {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::DividedByZero => FaultKind::DividedByZero,
            NumberError::TooLarge => FaultKind::TooLarge,
        }
    }
}

/// Everything that leaves one answer open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Causes {
    /// Unknown facts and the like.
    pub missing: Vec<Missing>,
    /// Pending rules.
    pub pending: Vec<PendingId>,
    /// What could not be computed.
    pub faults: Vec<Fault>,
}

impl Causes {
    /// One unknown.
    pub fn missing(what: Missing) -> Self {
        Causes { missing: vec![what], ..Causes::default() }
    }

    /// One pending rule.
    pub fn pending(id: PendingId) -> Self {
        Causes { pending: vec![id], ..Causes::default() }
    }

    /// One fault.
    pub fn fault(fault: Fault) -> Self {
        Causes { faults: vec![fault], ..Causes::default() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.pending.is_empty() && self.faults.is_empty()
    }

    /// Whether only rules are wanting: those that are pending, and who is taken in a tie.
    pub fn want_only_rules(&self) -> bool {
        self.faults.is_empty() && self.missing.iter().all(|missing| matches!(missing, Missing::Tie(_)))
    }

    /// Whether another fact that is missing would be kept.
    pub(super) fn takes_more(&self) -> bool {
        self.missing.len() < KEPT
    }

    /// Adds those of another answer, each once.
    pub fn merge(&mut self, other: &Causes) {
        add_new(&mut self.missing, &other.missing);
        add_new(&mut self.pending, &other.pending);
        add_new(&mut self.faults, &other.faults);
    }

    /// With those of another answer.
    #[must_use]
    pub fn and(mut self, other: &Causes) -> Self {
        self.merge(other);
        self
    }
}

fn add_new<T: PartialEq + Clone>(to: &mut Vec<T>, from: &[T]) {
    for cause in from {
        if to.len() < KEPT && !to.contains(cause) {
            to.push(cause.clone());
        }
    }
}
