//! A clause for one recipient: gates, the award, its modifiers, rounding, and the status.
//!
//! Gates come first: a clause not in force, or for which the recipient is surely not
//! eligible, pays nothing whatever else is unknown. Where a gate is open the amount may
//! be 0. The interval is that of full discretion; `up to` only lowers the lowest value.

use smol_str::SmolStr;

use super::cause::{Causes, Fault, FaultKind};
use super::compare;
use super::expression::Evaluator;
use super::history::key_of;
use super::list::Total;
use super::modifier::payable;
use super::open::{Answer, Truth};
use super::operators;
use super::trace::{GatePlace, Holds, Step, Steps};
use super::{ClauseResult, ItemResult, Status};
use crate::check::program::{ClauseDef, ExprId, ForceDef, GateDef, GateKindDef, ModifierKindDef, Node, PolicyId};
use crate::syntax::tree::Compare;
use crate::value::{Number, NumberError, Value};

/// Whether a clause applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    NotInForce,
    NotEligible,
    Applies,
}

/// What a policy says of a recipient, the same for all its clauses.
#[derive(Debug)]
pub(super) struct PolicyGates {
    policy: PolicyId,
    force: (Truth, Steps),
    eligible: (Truth, Steps),
}

/// A clause before its status is told.
#[derive(Debug)]
pub(super) struct Assessed {
    pub(super) verdict: Verdict,
    /// The amount at full discretion, rounded.
    pub(super) amount: Answer,
    /// Why it is open whether the clause applies.
    pub(super) gate: Option<Box<Causes>>,
    pub(super) items: Vec<AssessedItem>,
    pub(super) negative: Option<Fault>,
}

/// An item of a clause before its status is told.
#[derive(Debug)]
pub(super) struct AssessedItem {
    index: usize,
    key: SmolStr,
    /// At full discretion, if it counts.
    amount: Answer,
    /// Whether it counts.
    included: Truth,
}

impl Assessed {
    fn nothing(verdict: Verdict) -> Self {
        Assessed { verdict, amount: zero(), gate: None, items: Vec::new(), negative: None }
    }
}

impl<'a> Evaluator<'a> {
    /// Assesses a clause for the recipient in frame 0.
    pub(super) fn assess(&mut self, clause: &'a ClauseDef, policies: &mut Vec<PolicyGates>) -> Assessed {
        let gate = match self.gates(clause, policies) {
            Ok(causes) => causes,
            Err(verdict) => return Assessed::nothing(verdict),
        };
        if gate.is_none()
            && let Some(due) = self.known_due(clause)
        {
            let amount = operators::checked(due, clause.award_span);
            return Assessed { amount: payable(amount), ..Assessed::nothing(Verdict::Applies) };
        }
        let mut items = Vec::new();
        let mut negative = None;
        let award = match clause.for_each {
            None => self.award(clause, clause.amount, &mut negative, 0),
            Some((list, _)) => self.for_each(clause, list, &mut items, &mut negative),
        };
        let mut amount = self.modify_sum(clause, award);
        if let Some(causes) = &gate {
            amount = amount.hull(zero()).because(causes);
        }
        Assessed { verdict: Verdict::Applies, amount, gate, items, negative }
    }

    /// The common case without copies: an amount that is there, or a rate of one, with caps and floors that are.
    fn known_due(&self, clause: &'a ClauseDef) -> Option<Result<Number, NumberError>> {
        if self.tracing || clause.for_each.is_some() {
            return None;
        }
        let product;
        let mut due = match self.silent(clause.amount, 0) {
            Some(Value::Number(number)) => number,
            Some(_) => return None,
            None => match self.known_product(clause.amount)? {
                Ok(number) => {
                    product = number;
                    &product
                }
                Err(error) => return Some(Err(error)),
            },
        };
        if due.is_negative() {
            return None;
        }
        for modifier in &clause.modifiers {
            let (ModifierKindDef::Cap(bound) | ModifierKindDef::Floor(bound)) = &modifier.kind else { return None };
            let Some(Value::Number(bound)) = self.silent(*bound, 0) else { return None };
            if modifier.cumulative || bound.is_negative() {
                return None;
            }
            let caps = matches!(modifier.kind, ModifierKindDef::Cap(_));
            due = if caps { due.min(bound) } else { due.max(bound) };
        }
        let (mode, unit) = &self.context.program.policies.get(clause.policy.index())?.rounding;
        if operators::is_multiple(due, unit) { Some(Ok(due.clone())) } else { Some(due.round(*mode, unit)) }
    }

    fn known_product(&self, amount: ExprId) -> Option<Result<Number, NumberError>> {
        let Node::Product(factors) = &self.expr(amount)?.node else { return None };
        let [(false, a), (false, b)] = factors.as_slice() else { return None };
        match (self.silent(*a, 0)?, self.silent(*b, 0)?) {
            (Value::Number(a), Value::Number(b)) => Some(a.multiply(b)),
            _ => None,
        }
    }

    /// The modifiers of the sum, then the rounding of what is due.
    pub(super) fn modify_sum(&mut self, clause: &'a ClauseDef, award: Answer) -> Answer {
        let mut amount = award;
        for (index, modifier) in clause.modifiers.iter().enumerate() {
            if modifier.each && clause.for_each.is_some() {
                continue;
            }
            amount = self.traced(index, amount, |this, amount| this.modify(clause, modifier, amount, None, 0));
        }
        let Some(policy) = self.context.program.policies.get(clause.policy.index()) else { return amount };
        let (mode, unit) = &policy.rounding;
        let due = payable(operators::round(amount, *mode, unit, clause.award_span));
        if self.tracing {
            self.steps.push(Step::Rounded(due.clone()));
        }
        due
    }

    fn traced(&mut self, index: usize, amount: Answer, modify: impl FnOnce(&mut Self, Answer) -> Answer) -> Answer {
        if !self.tracing {
            return modify(self, amount);
        }
        let before = amount.clone();
        let after = modify(self, amount);
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        self.steps.push(Step::Modifier { index, before, after: after.clone() });
        after
    }

    fn award(&mut self, clause: &ClauseDef, amount: ExprId, negative: &mut Option<Fault>, at: usize) -> Answer {
        let award = self.answer(amount, at);
        if self.tracing {
            self.steps.push(Step::Award(award.clone()));
        }
        if award.known_number().is_some_and(Number::is_negative) {
            *negative = Some(Fault { kind: FaultKind::NegativeAward, span: clause.award_span });
        }
        payable(award)
    }

    #[inline(never)]
    fn for_each(
        &mut self,
        clause: &'a ClauseDef,
        list: ExprId,
        results: &mut Vec<AssessedItem>,
        negative: &mut Option<Fault>,
    ) -> Answer {
        let items = self.list(list, 0);
        let mut total = Total::new(&items, clause.award_span);
        for item in &items.items {
            let key = key_of(self.context.program, item.id, item.record);
            let inner = self.push(item.id, item.record, Some(0));
            let included = &item.included;
            if self.tracing {
                let index = u32::try_from(item.index).unwrap_or(u32::MAX);
                self.steps.push(Step::Item { index, included: Holds::from(included) });
            }
            let mut amount = self.award(clause, clause.amount, negative, inner);
            for (index, modifier) in clause.modifiers.iter().enumerate().filter(|(_, modifier)| modifier.each) {
                amount =
                    self.traced(index, amount, |this, amount| this.modify(clause, modifier, amount, Some(&key), inner));
            }
            self.pop();
            if self.tracing {
                self.steps.push(Step::ItemAmount(amount.clone()));
            }
            total.add(amount.clone(), included);
            results.push(AssessedItem { index: item.index, key, amount, included: included.clone() });
        }
        total.finish(items.open.as_ref(), true, list)
    }

    /// Passes the gates, with the causes of those that are open; or says which verdict ends it.
    fn gates(
        &mut self,
        clause: &'a ClauseDef,
        policies: &mut Vec<PolicyGates>,
    ) -> Result<Option<Box<Causes>>, Verdict> {
        let place = self.policy_gates(clause, policies);
        let (force, eligible) = match policies.get(place) {
            Some(gates) => (&gates.force, &gates.eligible),
            None => (&(Truth::Yes, Steps::default()), &(Truth::Yes, Steps::default())),
        };
        self.gate(GatePlace::Force, &force.0, force.1);
        if force.0 == Truth::No {
            return Err(Verdict::NotInForce);
        }
        let mut open = None;
        keep_open(&mut open, &force.0);
        for (index, gate) in clause.gates.iter().enumerate() {
            if let GateKindDef::During { range, by } = &gate.kind {
                let from = self.step_count();
                let truth = match by {
                    Some(day) => self.lies_in(*range, *day, 0),
                    None => self.meets(*range, 0),
                };
                self.own_gate((index, from), &truth, &mut open, Verdict::NotInForce)?;
            }
        }
        self.gate(GatePlace::Eligible, &eligible.0, eligible.1);
        if eligible.0 == Truth::No {
            return Err(Verdict::NotEligible);
        }
        keep_open(&mut open, &eligible.0);
        for (index, gate) in clause.gates.iter().enumerate() {
            let from = self.step_count();
            let Some(truth) = self.asks(gate) else { continue };
            self.own_gate((index, from), &truth, &mut open, Verdict::NotEligible)?;
        }
        Ok(open)
    }

    fn asks(&mut self, gate: &GateDef) -> Option<Truth> {
        match &gate.kind {
            GateKindDef::When(condition) => Some(self.truth(*condition, 0)),
            GateKindDef::Unless(condition) => Some(self.truth(*condition, 0).negate()),
            GateKindDef::During { .. } => None,
        }
    }

    fn own_gate(
        &mut self,
        (index, from): (usize, u32),
        truth: &Truth,
        open: &mut Option<Box<Causes>>,
        verdict: Verdict,
    ) -> Result<(), Verdict> {
        let asked = Steps { from, to: self.step_count() };
        self.gate(GatePlace::Own(u16::try_from(index).unwrap_or(u16::MAX)), truth, asked);
        if *truth == Truth::No {
            return Err(verdict);
        }
        keep_open(open, truth);
        Ok(())
    }

    fn gate(&mut self, gate: GatePlace, truth: &Truth, asked: Steps) {
        if self.tracing {
            self.steps.push(Step::Gate { gate, holds: Holds::from(truth), asked });
        }
    }

    /// The place of the policy's gates, asked once for a recipient.
    fn policy_gates(&mut self, clause: &'a ClauseDef, policies: &mut Vec<PolicyGates>) -> usize {
        match policies.iter().position(|gates| gates.policy == clause.policy) {
            Some(place) => place,
            None => self.ask_policy(clause, policies),
        }
    }

    #[inline(never)]
    fn ask_policy(&mut self, clause: &'a ClauseDef, policies: &mut Vec<PolicyGates>) -> usize {
        let policy = self.context.program.policies.get(clause.policy.index());
        let from = self.step_count();
        let force = match policy.and_then(|policy| policy.force.as_ref()) {
            Some(force) => self.in_force(force, clause),
            None => Truth::Yes,
        };
        let between = self.step_count();
        let condition =
            policy.and_then(|policy| policy.eligible.iter().find(|(record, _)| *record == clause.recipient));
        let eligible = match condition {
            Some((_, condition)) => self.truth(*condition, 0),
            None => Truth::Yes,
        };
        let force = (force, Steps { from, to: between });
        let eligible = (eligible, Steps { from: between, to: self.step_count() });
        policies.push(PolicyGates { policy: clause.policy, force, eligible });
        policies.len() - 1
    }

    /// With a date of the event that must lie in the range; without, the period must meet it.
    fn in_force(&mut self, force: &ForceDef, clause: &ClauseDef) -> Truth {
        match force.by.iter().find(|(record, _)| *record == clause.recipient) {
            Some((_, day)) => self.lies_in(force.range, *day, 0),
            None => self.meets(force.range, 0),
        }
    }

    fn lies_in(&mut self, range: ExprId, day: ExprId, at: usize) -> Truth {
        let day = self.answer(day, at);
        if let Some(ends) = self.open_ends(range) {
            return self.within_ends(&day, &day, ends);
        }
        let range = self.answer(range, 0);
        compare::in_period(day, range)
    }

    /// The ends of a range that is no constant.
    fn open_ends(&self, range: ExprId) -> Option<(Option<ExprId>, Option<ExprId>)> {
        match self.expr(range)?.node {
            Node::Range(low, high) => Some((low, high)),
            _ => None,
        }
    }

    /// Whether `last` is not before the range's first day and `first` not after its last. A range has
    /// at least the day at either end, so that an open end matters only beyond the other.
    fn within_ends(&mut self, first: &Answer, last: &Answer, (low, high): (Option<ExprId>, Option<ExprId>)) -> Truth {
        let low = low.map(|low| self.answer(low, 0));
        let high = high.map(|high| self.answer(high, 0));
        let holds = |operator, a: &Answer, b: Option<&Answer>| {
            b.map_or(Truth::Yes, |b| compare::compare(operator, a.clone(), b.clone()))
        };
        let after_low = holds(Compare::GreaterOrEqual, last, low.as_ref());
        let before_high = holds(Compare::LessOrEqual, first, high.as_ref());
        let holds_low =
            after_low == Truth::Yes && holds(Compare::LessOrEqual, first, low.as_ref()) == Truth::Yes && low.is_some();
        let holds_high = before_high == Truth::Yes
            && holds(Compare::GreaterOrEqual, last, high.as_ref()) == Truth::Yes
            && high.is_some();
        if holds_low || holds_high { Truth::Yes } else { after_low.and(before_high) }
    }

    fn meets(&mut self, range: ExprId, at: usize) -> Truth {
        // Mostly a constant, which is not worth copying.
        if let Some(Node::Value(Value::Period(range))) = self.expr(range).map(|expr| &expr.node) {
            return Truth::known(self.context.period.meets(range));
        }
        let period = self.context.period;
        if let (Some(ends), Some(first), Some(last)) = (self.open_ends(range), period.first, period.last) {
            let (first, last) = (Answer::Known(Value::Date(first)), Answer::Known(Value::Date(last)));
            return self.within_ends(&first, &last, ends);
        }
        let range = self.answer(range, at);
        compare::meets(&period, range)
    }
}

/// Tells the status of a clause and what it pays.
pub(super) fn tell(result: &mut ClauseResult, clause: &ClauseDef, assessed: Assessed) {
    let Assessed { verdict, amount, gate, items, negative } = assessed;
    result.items = items.into_iter().map(|item| tell_item(clause, item, gate.as_deref())).collect();
    result.recover = clause.recover;
    if let Some(negative) = negative {
        result.faults.push(negative);
    }
    result.status = match verdict {
        Verdict::NotInForce => Status::NotInForce,
        Verdict::NotEligible => Status::NotEligible,
        Verdict::Applies => status_of(clause.up_to, &amount),
    };
    match amount {
        Answer::Known(Value::Number(number)) => {
            if !clause.up_to {
                result.lowest = number.clone();
            }
            result.full_lowest = number.clone();
            result.highest = Some(number.clone());
            result.amount = Some(number);
        }
        amount => {
            let interval = amount.interval().unwrap_or_default();
            result.full_lowest = interval.lowest.unwrap_or_default();
            result.lowest = if clause.up_to { Number::ZERO } else { result.full_lowest.clone() };
            result.highest = interval.highest;
            if let Answer::Open(open) = amount {
                result.missing = open.causes.missing.into();
                result.pending = open.causes.pending.into();
                result.faults.extend(open.causes.faults);
            }
        }
    }
}

/// Tells the status of an item: it counts only if the clause applies.
fn tell_item(clause: &ClauseDef, item: AssessedItem, gate: Option<&Causes>) -> ItemResult {
    let AssessedItem { index, key, amount, included } = item;
    let included = match gate {
        Some(causes) => included.and(Truth::Open(Box::new(causes.clone()))),
        None => included,
    };
    let amount = match &included {
        Truth::Open(causes) => amount.hull(zero()).because(causes),
        _ => amount,
    };
    let status = status_of(clause.up_to, &amount);
    let interval = amount.interval().unwrap_or_default();
    let full_lowest = interval.lowest.unwrap_or_default();
    let causes = amount.causes().cloned().unwrap_or_default();
    ItemResult {
        index,
        key,
        status,
        amount: amount.known_number().cloned(),
        lowest: if clause.up_to { Number::ZERO } else { full_lowest.clone() },
        full_lowest,
        highest: interval.highest,
        missing: causes.missing,
        pending: causes.pending,
    }
}

/// Unknown facts come before pending rules, those before discretion; an upper bound of 0 is exact.
fn status_of(up_to: bool, amount: &Answer) -> Status {
    match amount {
        Answer::Known(Value::Number(number)) if up_to && !number.is_zero() => Status::UpTo,
        Answer::Known(_) => Status::Exact,
        Answer::Open(open) if open.causes.want_only_rules() => Status::Pending,
        Answer::Open(_) => Status::Unknown,
    }
}

fn keep_open(open: &mut Option<Box<Causes>>, truth: &Truth) {
    if let Truth::Open(causes) = truth {
        open.get_or_insert_default().merge(causes);
    }
}

fn zero() -> Answer {
    Answer::number(Number::ZERO)
}
