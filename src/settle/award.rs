//! A clause's amount under settlement: what it is now, who pays it, and what was taken
//! away by which step for which reason.

use std::sync::Arc;

use smol_str::SmolStr;

use super::range::Range;
use crate::Few;
use crate::check::program::{ClauseId, PolicyId};
use crate::eval::{Answer, Causes, ClauseResult, FaultKind, Interval, ItemResult, Status};
use crate::value::{Number, Value};

/// A clause's amount under settlement.
#[derive(Debug, Clone, PartialEq)]
pub struct Award {
    /// Which clause.
    pub clause: ClauseId,
    /// An amount due back: an obligation of its own, in no sum of what is paid.
    pub recover: bool,
    /// The amount so far, at full discretion.
    pub amount: Answer,
    /// Whether less may be paid at discretion.
    pub discretion: bool,
    /// What settlement took away, in order.
    pub reductions: Few<Reduction>,
    /// The steps that left it open because no rule says who bears a shortage or takes a tie.
    pub undecided: Few<usize>,
    /// Who pays it, where the policy says so; they add up to the amount.
    pub shares: Few<Share>,
    /// The items of a clause that pays for each, as far as steps acted on them.
    pub items: Few<ItemAward>,
    /// The modifier steps that it went through, which items that are cut later go through again.
    pub(super) modified: Few<usize>,
    /// Of what the shares are, where it was split.
    pub(super) split: Option<Box<Split>>,
    /// Whether a payer's share was cut: from there on the shares shrink together.
    pub(super) share_cut: Cut,
}

/// When an award was last split among its payers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Split {
    /// The amount of which the shares are.
    pub(super) amount: Answer,
    /// The step, by place.
    pub(super) step: usize,
}

/// Whether a budget cut one payer's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    No,
    Perhaps,
    Surely,
}

/// What one payer pays of an award.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Who pays.
    pub payer: SmolStr,
    /// How much.
    pub amount: Answer,
}

/// An item of an award under settlement.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemAward {
    /// Its place in the list that was loaded.
    pub index: usize,
    /// Its key; empty where it has none.
    pub key: SmolStr,
    /// The amount so far.
    pub amount: Answer,
}

/// What a step took away, or left open.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduction {
    /// What took it away.
    pub source: Source,
    /// Why.
    pub reason: Reason,
    /// The amount before.
    pub before: Answer,
    /// The amount after.
    pub after: Answer,
}

/// What takes something away in settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A step, by place in [`crate::check::program::Program::settle`].
    Step(usize),
    /// An `overrides` of a policy, by place.
    Overrides(PolicyId, usize),
    /// The payers, who together pay less.
    Payers,
    /// The record breaks a data check.
    Data,
}

/// Why a step took something away.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Another gives more, or as much and stands first.
    Higher(Higher),
    /// Which clause gives more is open.
    PerhapsHigher(ClauseId),
    /// The same clause gives another of its group as much, and nothing says who takes it.
    EquallyHigh,
    /// Another choice among clauses that exclude each other pays more: the clause that stands against it.
    NotTogether(ClauseId),
    /// Which choice pays more is open.
    PerhapsNotTogether(ClauseId),
    /// The condition of an `exclude` holds.
    Excluded,
    /// A modifier.
    Modified,
    /// Its rank is beyond the number that is taken.
    NotSelected {
        /// The rank: one plus the number strictly better.
        rank: usize,
        /// How many are taken.
        count: Number,
        /// How many are tied at the line, where the places do not reach for them all; else 0.
        tied: usize,
    },
    /// Whether it is among those taken is open: it is tied across the line, or something is unknown.
    PerhapsSelected {
        /// How many are taken.
        count: Number,
        /// The rank, where it is known.
        rank: Option<usize>,
        /// How many stand equal, itself among them.
        tied: usize,
    },
    /// A limit or budget does not reach.
    Shortage {
        /// The pool, shared by all who draw on it.
        pool: Arc<Pool>,
        /// How it is borne.
        how: Borne,
        /// The part of the one payer whose share is cut, before and after.
        share: Option<(Range, Range)>,
    },
    /// The policy has no budget of the evaluated period.
    NoBudget,
    /// A policy that overrides this clause pays.
    Overridden(PolicyId),
    /// The payers' caps leave a part unpaid.
    Unfunded,
    /// The record breaks a data check and is paid nothing until mended.
    DataError,
}

/// What is higher.
#[derive(Debug, Clone, PartialEq)]
pub struct Higher {
    /// Its clause.
    pub clause: ClauseId,
    /// Its recipient, where it is another.
    pub recipient: Option<SmolStr>,
    /// How much it gives.
    pub amount: Range,
    /// It gives as much, and stands first.
    pub equal: bool,
}

/// A limit or budget that does not reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// What there is.
    pub room: Range,
    /// What history holds that counts towards it, where any does.
    pub paid: Option<Range>,
    /// What was asked for.
    pub wanted: Range,
    /// Whether it is a budget rather than a limit.
    pub budget: bool,
    /// The one payer whose share is cut.
    pub payer: Option<SmolStr>,
}

/// How a shortage is borne.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Borne {
    /// By one alone.
    Alone,
    /// All by one factor: the pool over what is asked for.
    Factor(Number),
    /// All by one amount.
    Part(Number),
    /// In order: what was left when the turn came.
    Left(Range),
    /// In order, and then by those whose turn it is together.
    InTurn {
        /// What was left when their turn came.
        left: Range,
        /// What they ask for together.
        wanted: Range,
        /// How they bear it.
        how: Box<Borne>,
    },
    /// As the rule says, with amounts that are open.
    Open,
    /// No rule says by whom.
    Undecided,
}

impl Borne {
    /// Whether no rule says by whom.
    pub fn is_undecided(&self) -> bool {
        match self {
            Borne::InTurn { how, .. } => how.is_undecided(),
            how => *how == Borne::Undecided,
        }
    }
}

impl Award {
    pub(super) fn new(result: &ClauseResult) -> Self {
        let amount = match &result.amount {
            Some(amount) => Answer::number(amount.clone()),
            None if matches!(result.status, Status::NotEligible | Status::NotInForce) => Answer::number(Number::ZERO),
            None => {
                let interval = Interval::new(Some(result.full_lowest.clone()), result.highest.clone());
                let causes = Causes {
                    missing: result.missing.to_vec(),
                    pending: result.pending.to_vec(),
                    // A negative amount pays 0: it is told, and leaves nothing open.
                    faults: result
                        .faults
                        .iter()
                        .filter(|fault| fault.kind != FaultKind::NegativeAward)
                        .cloned()
                        .collect(),
                };
                Answer::within(interval, causes)
            }
        };
        Award {
            clause: result.clause,
            recover: result.recover,
            amount,
            discretion: result.status == Status::UpTo || result.lowest < result.full_lowest,
            reductions: Few::new(),
            undecided: Few::new(),
            shares: Few::new(),
            items: result.items.iter().map(ItemAward::new).collect(),
            modified: Few::new(),
            split: None,
            share_cut: Cut::No,
        }
    }

    /// The settled amount; none while it is open.
    pub fn settled(&self) -> Option<&Number> {
        self.amount.known_number()
    }

    /// The least and the most that may be paid; the most is none where nothing bounds it.
    pub fn bounds(&self) -> (Number, Option<Number>) {
        let range = self.range();
        (if self.discretion { Number::ZERO } else { range.low }, range.high)
    }

    /// The status after settlement, from that before.
    pub fn status(&self, before: Status) -> Status {
        if matches!(before, Status::NotEligible | Status::NotInForce) {
            return before;
        }
        match &self.amount {
            Answer::Open(open) if open.causes.want_only_rules() => Status::Pending,
            Answer::Open(_) => Status::Unknown,
            Answer::Known(Value::Number(amount)) if self.discretion && !amount.is_zero() => Status::UpTo,
            Answer::Known(_) => Status::Exact,
        }
    }

    /// The steps that leave it open for want of a rule; none once it is known.
    pub fn undecided_steps(&self) -> &[usize] {
        if self.amount.known().is_some() { &[] } else { &self.undecided }
    }

    /// Its bounds at full discretion.
    pub(super) fn range(&self) -> Range {
        Range::of(&self.amount)
    }

    /// Whether it surely pays nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.amount.known_number().is_some_and(Number::is_zero)
    }

    /// Sets the amount and tells why, where it changes.
    pub(super) fn change(&mut self, source: Source, reason: Reason, after: Answer) {
        if self.amount != after {
            let before = std::mem::replace(&mut self.amount, after.clone());
            self.reductions.push(Reduction { source, reason, before, after });
        }
    }
}

impl ItemAward {
    fn new(item: &ItemResult) -> Self {
        let amount = match &item.amount {
            Some(amount) => Answer::number(amount.clone()),
            None => {
                let interval = Interval::new(Some(item.full_lowest.clone()), item.highest.clone());
                let causes =
                    Causes { missing: item.missing.clone(), pending: item.pending.clone(), faults: Vec::new() };
                Answer::within(interval, causes)
            }
        };
        ItemAward { index: item.index, key: item.key.clone(), amount }
    }
}
