//! Settlement: what happens between clauses, in the order written.
//!
//! In: the results of evaluation, recipient by recipient. Out: what is settled for each
//! clause, and every reduction with its step and reason. Carried out here are the steps
//! within one recipient: modifiers, `exclude`, `highest among` and `limit`. Steps that look
//! across recipients are told by [`not_carried_out`], so that no one takes them for done.

mod highest;
mod limit;
mod shortage;

use smol_str::SmolStr;

use crate::check::program::{ClauseId, PayerDef, PerDef, Program, RecordId, ShortageRuleDef, StepKindDef};
use crate::eval::{Answer, Causes, ClauseResult, Context, RecipientResult, Status, Truth, evaluate_expression, modify};
use crate::record::Record;
use crate::value::{Number, Value};

/// One recipient under settlement.
#[derive(Debug)]
pub struct Recipient<'r> {
    /// Its record type.
    pub record: RecordId,
    /// Its record.
    pub row: &'r Record,
    /// Its key; empty where it has none.
    pub key: SmolStr,
    /// What evaluation came to.
    pub result: RecipientResult,
    /// What is settled, clause by clause as in the result.
    pub awards: Vec<Award>,
}

/// A clause's amount under settlement.
#[derive(Debug, Clone, PartialEq)]
pub struct Award {
    /// Which clause.
    pub clause: ClauseId,
    /// The amount so far, at full discretion.
    pub amount: Answer,
    /// Whether less may be paid at discretion.
    pub discretion: bool,
    /// What settlement took away, in order.
    pub reductions: Vec<Reduction>,
    /// A shortage for which no rule says who bears it: the steps.
    pub undecided: Vec<usize>,
}

/// What a step took away, or left open.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduction {
    /// The step, by place in [`Program::settle`].
    pub step: usize,
    /// Why.
    pub reason: Reason,
    /// The amount before.
    pub before: Answer,
    /// The amount after.
    pub after: Answer,
}

/// Why a step took something away.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Another clause gives more.
    Higher(ClauseId),
    /// Which clause gives more is open.
    PerhapsHigher(ClauseId),
    /// The condition of an `exclude` holds.
    Excluded,
    /// A modifier.
    Modified,
    /// A joint limit: the limit and what the clauses came to.
    Limit {
        /// The limit.
        limit: Answer,
        /// The sum of the clauses before the limit.
        sum: Answer,
    },
}

impl Award {
    fn new(result: &ClauseResult) -> Self {
        let amount = match &result.amount {
            Some(amount) => Answer::number(amount.clone()),
            None if matches!(result.status, Status::NotEligible | Status::NotInForce) => Answer::number(Number::ZERO),
            None => {
                let interval = crate::eval::Interval::new(Some(result.full_lowest.clone()), result.highest.clone());
                let causes = Causes {
                    missing: result.missing.clone(),
                    pending: result.pending.clone(),
                    faults: result.faults.clone(),
                };
                Answer::within(interval, causes)
            }
        };
        let discretion = result.status == Status::UpTo || result.lowest < result.full_lowest;
        Award { clause: result.clause, amount, discretion, reductions: Vec::new(), undecided: Vec::new() }
    }

    /// The settled amount; none while it is open.
    pub fn settled(&self) -> Option<&Number> {
        self.amount.known_number().filter(|_| self.undecided.is_empty())
    }

    /// The least and the most that may be paid; the most is none where nothing bounds it.
    pub fn bounds(&self) -> (Number, Option<Number>) {
        let interval = self.amount.interval().unwrap_or_default();
        let lowest = if self.discretion || !self.undecided.is_empty() { None } else { interval.lowest };
        (lowest.unwrap_or(Number::ZERO), interval.highest)
    }

    /// The status after settlement, from that before.
    pub fn status(&self, before: Status) -> Status {
        if matches!(before, Status::NotEligible | Status::NotInForce) {
            return before;
        }
        match &self.amount {
            Answer::Open(open) if open.causes.missing.is_empty() && open.causes.faults.is_empty() => Status::Pending,
            Answer::Open(_) => Status::Unknown,
            Answer::Known(_) if !self.undecided.is_empty() => Status::Pending,
            Answer::Known(Value::Number(amount)) if self.discretion && !amount.is_zero() => Status::UpTo,
            Answer::Known(_) => Status::Exact,
        }
    }

    /// Whether it surely pays nothing.
    fn is_nothing(&self) -> bool {
        self.amount.known_number().is_some_and(Number::is_zero)
    }

    /// Sets the amount and tells why, where it changes.
    fn change(&mut self, step: usize, reason: Reason, after: Answer) {
        if self.amount != after {
            let before = std::mem::replace(&mut self.amount, after.clone());
            self.reductions.push(Reduction { step, reason, before, after });
        }
    }
}

impl<'r> Recipient<'r> {
    /// A recipient with its results, nothing settled yet.
    pub fn new(record: RecordId, row: &'r Record, key: SmolStr, result: RecipientResult) -> Self {
        let awards = result.clauses.iter().map(Award::new).collect();
        Recipient { record, row, key, result, awards }
    }

    /// The award of a clause, where this recipient has it.
    pub fn award(&self, clause: ClauseId) -> Option<&Award> {
        self.awards.iter().find(|award| award.clause == clause)
    }

    fn award_mut(&mut self, clause: ClauseId) -> Option<&mut Award> {
        self.awards.iter_mut().find(|award| award.clause == clause)
    }

    /// The sum of all awards.
    pub fn total(&self) -> Answer {
        sum(self.awards.iter().map(|award| &award.amount))
    }
}

/// The sum of answers.
fn sum<'a>(amounts: impl IntoIterator<Item = &'a Answer>) -> Answer {
    let zero = Answer::number(Number::ZERO);
    let at = crate::source::Span::default();
    amounts.into_iter().fold(zero, |sum, amount| crate::eval::operators::add(sum, amount.clone(), at))
}

/// Settles one recipient, step by step.
pub fn settle(context: &Context<'_>, recipient: &mut Recipient<'_>) {
    for (step, def) in context.program.settle.iter().enumerate() {
        match &def.kind {
            StepKindDef::Modifier(modifier, clauses) => {
                for clause in clauses {
                    let row = recipient.row;
                    let Some(award) = recipient.award_mut(*clause) else { continue };
                    let after = modify(context, *clause, modifier, row, award.amount.clone());
                    award.change(step, Reason::Modified, after);
                }
            }
            StepKindDef::HighestAmong(clauses, None) => highest::among(recipient, step, clauses),
            StepKindDef::HighestAmong(clauses, Some(PerDef::Item(_))) => highest::among_items(context, recipient, step, clauses),
            StepKindDef::Exclude(clauses, condition) => exclude(context, recipient, step, clauses, *condition),
            StepKindDef::Limit { clauses, to, cumulative: false, per: None, shortage } => {
                limit::limit(context, recipient, step, clauses, *to, shortage.as_ref());
            }
            _ => {}
        }
    }
}

/// Nothing when the condition holds; open while it is.
fn exclude(
    context: &Context<'_>,
    recipient: &mut Recipient<'_>,
    step: usize,
    clauses: &[ClauseId],
    condition: crate::check::program::ExprId,
) {
    if !recipient.awards.iter().any(|award| clauses.contains(&award.clause)) {
        return;
    }
    let holds = evaluate_expression(context, Some((recipient.record, recipient.row)), condition).into_truth();
    for clause in clauses {
        let Some(award) = recipient.award_mut(*clause).filter(|award| !award.is_nothing()) else { continue };
        let zero = Answer::number(Number::ZERO);
        match &holds {
            Truth::No => {}
            Truth::Yes => award.change(step, Reason::Excluded, zero),
            Truth::Open(causes) => {
                let after = award.amount.clone().hull(zero).because(causes);
                award.change(step, Reason::Excluded, after);
            }
        }
    }
}

/// The steps that look across recipients or years, which this version checks but does not carry out.
pub fn not_carried_out(program: &Program) -> Vec<usize> {
    let whole = |step: &StepKindDef| match step {
        StepKindDef::Modifier(..) | StepKindDef::Exclude(..) | StepKindDef::OutsideBudget(_) => false,
        StepKindDef::HighestAmong(_, per) => matches!(per, Some(PerDef::Value(_))),
        StepKindDef::Limit { cumulative, per, shortage, .. } => {
            let keyed = shortage.as_ref().is_some_and(|s| matches!(s.rule, ShortageRuleDef::ByKeys(_)));
            *cumulative || per.is_some() || keyed
        }
        StepKindDef::FundedBy(payers) => !payers.iter().all(pays_all),
        StepKindDef::NotTogether(..) | StepKindDef::Select { .. } | StepKindDef::Budget { .. } => true,
    };
    program.settle.iter().enumerate().filter(|(_, step)| whole(&step.kind)).map(|(at, _)| at).collect()
}

fn pays_all(payer: &PayerDef) -> bool {
    payer.share.is_none()
}
