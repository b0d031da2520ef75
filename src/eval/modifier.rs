//! What a modifier does to the amount so far.
//!
//! Its expressions see facts, not the running amount. Nothing falls below 0. A bound that
//! is none is no bound; one that is not known leaves the amount open as far as it reaches.

use smol_str::SmolStr;

use super::compare;
use super::expression::Evaluator;
use super::interval::Interval;
use super::open::{Answer, Shape, Truth};
use super::operators;
use super::paid::Asked;
use super::trace::Step;
use crate::check::program::{ClauseDef, ExprId, ModifierDef, ModifierKindDef};
use crate::syntax::tree::Compare;
use crate::value::{Number, Value};

impl<'a> Evaluator<'a> {
    /// The amount after a modifier; `item` is the key of the item that it acts on.
    pub(super) fn modify(
        &mut self,
        clause: &'a ClauseDef,
        modifier: &'a ModifierDef,
        amount: Answer,
        item: Option<&SmolStr>,
        at: usize,
    ) -> Answer {
        let amount = match self.bounded(modifier, amount, at) {
            Ok(amount) => return amount,
            Err(amount) => amount,
        };
        self.modify_at_length(clause, modifier, amount, item, at)
    }

    /// The common case, where nothing is open: a cap or floor that is there.
    fn bounded(&self, modifier: &ModifierDef, amount: Answer, at: usize) -> Result<Answer, Answer> {
        let (ModifierKindDef::Cap(bound) | ModifierKindDef::Floor(bound), false) =
            (&modifier.kind, modifier.cumulative)
        else {
            return Err(amount);
        };
        match (&amount, self.silent(*bound, at)) {
            (Answer::Known(Value::Number(number)), Some(Value::Number(bound))) => {
                let caps = matches!(modifier.kind, ModifierKindDef::Cap(_));
                match if caps { number > bound } else { number < bound } {
                    true if bound.is_negative() => Ok(zero()),
                    true => Ok(Answer::number(bound.clone())),
                    false => Ok(amount),
                }
            }
            _ => Err(amount),
        }
    }

    #[inline(never)]
    fn modify_at_length(
        &mut self,
        clause: &'a ClauseDef,
        modifier: &'a ModifierDef,
        amount: Answer,
        item: Option<&SmolStr>,
        at: usize,
    ) -> Answer {
        let asked = Asked { clause, with: &modifier.with, item };
        let span = modifier.span;
        match &modifier.kind {
            ModifierKindDef::Cap(bound) => {
                let paid = modifier.cumulative.then_some(asked);
                self.with_bound(*bound, amount, paid, at, |amount, bound| {
                    operators::least(amount, at_least_zero(bound))
                })
            }
            ModifierKindDef::Floor(bound) => {
                let paid = modifier.cumulative.then_some(asked);
                self.with_bound(*bound, amount, paid, at, operators::greatest)
            }
            ModifierKindDef::Times(factor) => {
                let factor = self.answer(*factor, at);
                payable(operators::multiply(amount, defined(factor), span))
            }
            ModifierKindDef::Less(part) => self.with_bound(*part, amount, None, at, |amount, part| {
                at_least_zero(operators::subtract(amount, part, span))
            }),
            ModifierKindDef::NothingBelow(bound) => {
                let paid = modifier.cumulative.then_some(asked);
                self.with_bound(*bound, amount, paid, at, nothing_below)
            }
            ModifierKindDef::Round(mode, unit) => operators::round(amount, *mode, unit, span),
            ModifierKindDef::ToppingUp { on_paid } => self.topping_up(asked, *on_paid, amount, at),
            ModifierKindDef::Once => {
                let grade = self.grade(clause.amount, at).and_then(|(_, name)| name);
                if self.tracing {
                    let paid = self.paid_ever(asked, at);
                    self.counted(&paid);
                }
                match self.was_paid(asked, grade.as_ref(), at) {
                    Truth::Yes => zero(),
                    Truth::No => amount,
                    Truth::Open(causes) => amount.hull(zero()).because(&causes),
                }
            }
        }
    }

    /// Applies a bound, less what was paid where it is cumulative; one that is none does nothing.
    fn with_bound(
        &mut self,
        bound: ExprId,
        amount: Answer,
        paid: Option<Asked<'_>>,
        at: usize,
        apply: impl Fn(Answer, Answer) -> Answer,
    ) -> Answer {
        let bound = match self.answer(bound, at) {
            Answer::Known(Value::None) => return amount,
            bound => defined(bound),
        };
        let bound = match paid {
            Some(asked) => {
                let paid = self.paid_in_force(asked, at);
                self.counted(&paid);
                operators::subtract(bound, paid, asked.clause.award_span)
            }
            None => bound,
        };
        match bound {
            Answer::Open(mut open) if open.none => {
                open.none = false;
                let causes = open.causes.clone();
                apply(amount.clone(), open.settle()).hull(amount).because(&causes)
            }
            bound => apply(amount, bound),
        }
    }

    /// The amount on which the clause's topping-up acts, of the whole or of the item in frame `at`; none without one.
    pub(super) fn before_topping_up(&mut self, clause: &'a ClauseDef, at: usize) -> Option<Answer> {
        let by_item = clause.for_each.is_some();
        let own: Vec<&ModifierDef> = clause.modifiers.iter().filter(|modifier| modifier.each || !by_item).collect();
        let place = own.iter().position(|modifier| matches!(modifier.kind, ModifierKindDef::ToppingUp { .. }))?;
        let mut amount = payable(self.answer(clause.amount, at));
        for modifier in own.into_iter().take(place) {
            amount = self.modify(clause, modifier, amount, None, at);
        }
        let (mode, unit) = &self.context.program.policies.get(clause.policy.index())?.rounding;
        Some(operators::round(amount, *mode, unit, clause.award_span))
    }

    /// Records what history holds.
    fn counted(&mut self, paid: &Answer) {
        if self.tracing {
            self.steps.push(Step::History(paid.clone()));
        }
    }

    /// What topping up takes off, and the highest grade before.
    pub(super) fn earlier(&mut self, asked: Asked<'_>, on_paid: bool, at: usize) -> (Answer, Option<u16>) {
        let table = self.level_table(asked.clause.amount, 0);
        let (standard, before) = self.highest_standard(asked, table, at);
        (if on_paid { self.paid_ever(asked, at) } else { standard }, before)
    }

    /// Less the standard of the highest grade awarded before; an equal or lower grade gets nothing.
    fn topping_up(&mut self, asked: Asked<'_>, on_paid: bool, amount: Answer, at: usize) -> Answer {
        let (earlier, before) = self.earlier(asked, on_paid, at);
        self.counted(&earlier);
        let more = at_least_zero(operators::subtract(amount, earlier, asked.clause.award_span));
        let (Some(before), Some(table)) = (before, self.level_table(asked.clause.amount, 0)) else { return more };
        let Some(subject) = table.subject else { return more };
        let now = self.answer(subject, at);
        match compare::compare(Compare::Greater, now, Answer::Known(Value::Code(before))) {
            Truth::Yes => more,
            Truth::No => zero(),
            Truth::Open(causes) => more.hull(zero()).because(&causes),
        }
    }
}

/// An amount: none is 0, below 0 is 0, and what has no value may be anything from 0.
pub(super) fn payable(amount: Answer) -> Answer {
    match amount {
        Answer::Known(Value::Number(ref number)) if !number.is_negative() => amount,
        Answer::Known(_) => zero(),
        open => at_least_zero(defined(operators::or_none(open, zero))),
    }
}

/// What has no value may have any.
fn defined(amount: Answer) -> Answer {
    match amount {
        Answer::Open(mut open) if open.undefined => {
            open.undefined = false;
            open.shape = Shape::Number(Interval::ANY);
            Answer::Open(open)
        }
        amount => amount,
    }
}

fn at_least_zero(amount: Answer) -> Answer {
    match amount {
        Answer::Known(Value::Number(ref number)) if number.is_negative() => zero(),
        Answer::Known(_) => amount,
        Answer::Open(mut open) => {
            // An operation that overflowed has no value; the amount may then be anything.
            if open.undefined || open.shape == Shape::Any {
                open.undefined = false;
                open.shape = Shape::Number(Interval::ANY);
            }
            if let Shape::Number(interval) = open.shape {
                open.shape = Shape::Number(interval.at_least_zero());
            }
            open.settle()
        }
    }
}

/// Nothing where the amount is below the bound.
fn nothing_below(amount: Answer, bound: Answer) -> Answer {
    match compare::compare(Compare::GreaterOrEqual, amount.clone(), bound.clone()) {
        Truth::Yes => amount,
        Truth::No => zero(),
        Truth::Open(causes) => {
            let from = bound.interval().and_then(|interval| interval.lowest);
            let mut open = amount.into_open();
            if let Shape::Number(interval) = &open.shape
                && let Some(rest) = interval.meet(&Interval::new(from, None))
            {
                open.shape = Shape::Number(rest);
            }
            open.settle().hull(zero()).because(&causes)
        }
    }
}

fn zero() -> Answer {
    Answer::number(Number::ZERO)
}
