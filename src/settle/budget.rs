//! `budget E for A`, `budget of year`: a pool over all recipients, or over each group.
//!
//! The budget of the year is the policy's for the evaluated period; where the period is a
//! part of the budget's, what history paid out of it before is no longer there. A budget
//! `from` a payer cuts that payer's share only.

use rayon::prelude::*;
use smol_str::SmolStr;

use super::Recipient;
use super::act::{Change, Place, apply, places};
use super::award::{Award, Reason, Source};
use super::funding::{cut_share, is_paid_by, split};
use super::limit::by_item_key;
use super::pool::{Room, divide};
use super::range::{Range, sum};
use super::settlement::{Drawn, PoolOf};
use super::sight::{Groups, Sight};
use crate::check::program::{ClauseId, ExprId, Node, PerDef, PolicyDef, PolicyId, ShortageDef};
use crate::eval::{Answer, Causes, evaluate_expression, operators, paid_to_all};
use crate::source::Span;
use crate::value::{Number, Period, Value};

/// A budget as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget<'p> {
    /// The policy in which it stands.
    pub(super) policy: Option<PolicyId>,
    /// How much; none for the policy's budget of the year.
    pub(super) amount: Option<ExprId>,
    /// The clauses that draw on it.
    pub(super) clauses: &'p [ClauseId],
    /// The payer whose share is cut.
    pub(super) from: Option<&'p SmolStr>,
    /// A pool each.
    pub(super) per: Option<&'p PerDef>,
    /// Who bears a shortage.
    pub(super) shortage: Option<&'p ShortageDef>,
    /// Whether the keys of the shortage are about items.
    pub(super) by_item: bool,
}

/// Applies a budget; tells who drew on each of its pools.
pub(super) fn budget(sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], budget: &Budget<'_>) -> Vec<Drawn> {
    let per_item = matches!(budget.per, Some(PerDef::Item(_)));
    let by_item = budget.from.is_none() && (per_item || budget.by_item);
    let per = match budget.per {
        Some(PerDef::Value(per)) => Some(*per),
        _ => None,
    };
    let groups = sight.groups_or_all(recipients, budget.clauses, per);
    let drawing = Drawing::new(sight, budget, by_item);
    drawing.split(sight, recipients);
    let loose = drawing.members(recipients, &groups.loose);
    let Some(amount) = room(sight, budget) else {
        let all = groups.groups.iter().chain([&groups.loose]).flat_map(|group| drawing.members(recipients, group));
        let all: Vec<_> = all.collect();
        let changes: Vec<Change> = all.iter().map(|(place, amount)| without_budget(*place, amount)).collect();
        let drawn = Drawn::new(PoolOf::All, None, &all, &changes);
        drawing.take(sight, recipients, changes);
        return vec![drawn];
    };
    let mut changes = Vec::new();
    let mut drawn = Vec::new();
    let others = drawing.loose(recipients, &groups, &loose, &amount, &mut changes);
    let there = Range::of(&amount);
    let open = changes.clone();
    for group in &groups.groups {
        let members = drawing.members(recipients, group);
        let hidden = drawing.hidden(recipients, group);
        let room = |others| Room { amount: amount.clone(), paid: None, budget: true, payer: budget.from, others };
        if !per_item {
            let others = hidden.clone().or_else(|| others.clone());
            let cuts = divide(sight, recipients, &members, &room(others), budget.shortage);
            drawn.push(Drawn::new(of_group(sight, recipients, group, per), Some(there.clone()), &members, &cuts));
            changes.extend(cuts);
            continue;
        }
        let places: Vec<Place> = members.iter().map(|(place, _)| *place).collect();
        for (key, pool) in by_item_key(recipients, &places) {
            let claims: Vec<_> =
                pool.iter().filter_map(|place| Some((*place, place.amount(recipients)?.clone()))).collect();
            let cuts = divide(sight, recipients, &claims, &room(others.clone()), budget.shortage);
            let of = PoolOf::Item(key.unwrap_or_default());
            drawn.push(Drawn::new(of, Some(there.clone()), &claims, &cuts));
            changes.extend(cuts);
        }
    }
    if !loose.is_empty() {
        drawn.push(Drawn::new(PoolOf::Unknown, None, &loose, &open));
    }
    drawing.take(sight, recipients, changes);
    drawn
}

/// Whose pool a group's is.
fn of_group(sight: &Sight<'_, '_>, recipients: &[Recipient<'_>], group: &[usize], per: Option<ExprId>) -> PoolOf {
    let Some(per) = per else { return PoolOf::All };
    let first = group.first().and_then(|at| recipients.get(*at));
    match first.and_then(|recipient| sight.value(recipient, per)) {
        Some(Answer::Known(value)) => PoolOf::Value(value),
        _ => PoolOf::Value(Value::None),
    }
}

/// Who draws on a budget, and with what.
struct Drawing<'b> {
    budget: &'b Budget<'b>,
    by_item: bool,
    /// Those of its clauses of which the payer bears a share; all, where it is nobody's.
    clauses: Vec<ClauseId>,
}

impl<'b> Drawing<'b> {
    fn new(sight: &Sight<'_, '_>, budget: &'b Budget<'_>, by_item: bool) -> Self {
        let bears = |clause: &ClauseId, payer: &SmolStr| {
            let def = sight.context.program.clauses.get(clause.index());
            def.is_some_and(|def| is_paid_by(sight.context, def, payer))
        };
        let draws = |clause: &&ClauseId| budget.from.is_none_or(|payer| bears(clause, payer));
        Drawing { budget, by_item, clauses: budget.clauses.iter().filter(draws).copied().collect() }
    }

    /// Splits among their payers the awards of which one payer's share is drawn.
    fn split(&self, sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>]) {
        if self.budget.from.is_none() {
            return;
        }
        recipients.par_iter_mut().for_each(|recipient| {
            for at in 0..recipient.awards.len() {
                let is_drawn = |award: &Award| !award.is_nothing() && self.clauses.contains(&award.clause);
                if recipient.awards.get(at).is_some_and(is_drawn) {
                    split(sight.context, recipient, (at, sight.step));
                }
            }
        });
    }

    /// What each may draw: the award, its items, or the payer's share of it.
    fn members(&self, recipients: &[Recipient<'_>], group: &[usize]) -> Vec<(Place, Answer)> {
        let mut out = Vec::new();
        for at in group {
            for place in places(recipients, *at, &self.clauses, self.by_item) {
                let amount = match self.budget.from {
                    None => place.amount(recipients).cloned(),
                    Some(payer) => share(recipients, place, payer),
                };
                out.extend(amount.filter(|amount| !super::is_zero(amount)).map(|amount| (place, amount)));
            }
        }
        out
    }

    /// Items that are not known may draw on it as far as their award may pay.
    fn hidden(&self, recipients: &[Recipient<'_>], group: &[usize]) -> Option<(Range, Causes)> {
        if !self.by_item {
            return None;
        }
        let awards = group.iter().filter_map(|at| recipients.get(*at)).flat_map(|recipient| &recipient.awards);
        let hidden = awards.filter(|award| self.clauses.contains(&award.clause) && has_hidden_items(award));
        hidden.fold(None, |all, award| {
            let (most, causes): (Range, Causes) = all.unwrap_or((Range::exactly(&Number::ZERO), Causes::default()));
            let own = Range { low: Number::ZERO, high: award.range().high };
            Some((most.plus(&own), award.amount.causes().cloned().unwrap_or_default().and(&causes)))
        })
    }

    /// Those whose group is not known may draw on any.
    fn loose(
        &self,
        recipients: &[Recipient<'_>],
        groups: &Groups,
        loose: &[(Place, Answer)],
        room: &Answer,
        changes: &mut Vec<Change>,
    ) -> Option<(Range, Causes)> {
        if loose.is_empty() {
            return None;
        }
        let wanted = sum(&loose.iter().map(|(_, amount)| Range::of(amount)).collect::<Vec<_>>());
        let grouped = groups.groups.iter().flat_map(|group| self.members(recipients, group));
        let all = wanted.plus(&sum(&grouped.map(|(_, amount)| Range::of(&amount)).collect::<Vec<_>>()));
        if !all.surely_fits(&Range::of(room)) {
            let pool = super::award::Pool {
                room: Range::of(room),
                paid: None,
                wanted: all,
                budget: true,
                payer: self.budget.from.cloned(),
            };
            let pool = std::sync::Arc::new(pool);
            for (place, amount) in loose {
                let after = operators::least(amount.clone(), room.clone())
                    .hull(Answer::number(Number::ZERO))
                    .because(&groups.causes);
                let reason = Reason::Shortage { pool: pool.clone(), how: super::award::Borne::Open, share: None };
                changes.push(Change { place: *place, reason, after, undecided: false });
            }
        }
        Some((wanted, groups.causes.clone()))
    }

    /// Carries out the cuts: of awards and items, or of one payer's shares.
    fn take(&self, sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], changes: Vec<Change>) {
        let Some(payer) = self.budget.from else { return apply(sight, recipients, changes) };
        for change in changes {
            let award = recipients.get_mut(change.place.recipient).and_then(|r| r.awards.get_mut(change.place.award));
            let Some(award) = award else { continue };
            if change.undecided {
                award.undecided.push(sight.step);
            }
            let after = cut_share(award, payer, &change.after);
            award.change(Source::Step(sight.step), change.reason, after);
        }
    }
}

/// What a payer bears of an award.
fn share(recipients: &[Recipient<'_>], place: Place, payer: &SmolStr) -> Option<Answer> {
    let award = recipients.get(place.recipient)?.awards.get(place.award)?;
    Some(super::sum(award.shares.iter().filter(|share| share.payer == *payer).map(|share| &share.amount)))
}

/// Whether an award may pay for items that were not loaded.
pub(super) fn has_hidden_items(award: &super::award::Award) -> bool {
    let bounded = award.items.iter().all(|item| Range::of(&item.amount).high.is_some());
    award.amount.known().is_none() && (award.items.is_empty() || (bounded && award.range().high.is_none()))
}

/// Without a budget of the period nothing says what is paid.
fn without_budget(place: Place, amount: &Answer) -> Change {
    let causes = amount.causes().cloned().unwrap_or_default();
    let after = Range { low: Number::ZERO, high: Range::of(amount).high }.answer(&causes);
    Change { place, reason: Reason::NoBudget, after, undecided: true }
}

/// What there is; none where the policy has no budget of the period.
pub(super) fn room(sight: &Sight<'_, '_>, budget: &Budget<'_>) -> Option<Answer> {
    let context = sight.context;
    if let Some(amount) = budget.amount {
        return Some(evaluate_expression(context, None, amount));
    }
    let policies = &context.program.policies;
    let policy = match budget.policy {
        Some(policy) => policies.get(policy.index())?,
        None => {
            let mut with = policies.iter().filter(|policy| !policy.budgets.is_empty());
            with.next().filter(|_| with.next().is_none())?
        }
    };
    of_period(sight, policy, budget)
}

/// The budget whose time holds the evaluated period, less what it paid before; else those that make it up.
fn of_period(sight: &Sight<'_, '_>, policy: &PolicyDef, budget: &Budget<'_>) -> Option<Answer> {
    let context = sight.context;
    let value = |amount: ExprId| evaluate_expression(context, None, amount);
    let holding =
        policy.budgets.iter().find(|(period, _)| period.is_some_and(|period| holds(&period, &context.period)));
    let whole_time = || policy.budgets.iter().find(|(period, _)| period.is_none());
    if let Some((period, amount)) = holding {
        let period = period.unwrap_or(context.period);
        return Some(less_paid(sight, budget, &period, value(*amount)));
    }
    let mut parts: Vec<(Period, ExprId)> =
        policy.budgets.iter().filter_map(|(period, amount)| Some(((*period)?, *amount))).collect();
    parts.retain(|(period, _)| holds(&context.period, period));
    parts.sort_by_key(|(period, _)| period.first);
    if makes_up(&parts, &context.period) {
        let zero = Answer::number(Number::ZERO);
        return Some(parts.iter().fold(zero, |sum, (_, amount)| operators::add(sum, value(*amount), Span::default())));
    }
    let (_, amount) = whole_time()?;
    let force = policy.force.as_ref().and_then(|force| match &context.program.exprs.get(force.range.index())?.node {
        Node::Value(Value::Period(period)) => Some(*period),
        _ => None,
    });
    Some(less_paid(sight, budget, &force.unwrap_or(Period { first: None, last: None }), value(*amount)))
}

/// Where the evaluated period is only a part of the budget's, what was paid out of it before is no longer there.
fn less_paid(sight: &Sight<'_, '_>, budget: &Budget<'_>, of: &Period, amount: Answer) -> Answer {
    if holds(&sight.context.period, of) {
        return amount;
    }
    let paid = paid_to_all(sight.context, budget.clauses, of);
    // History does not say who paid: of one payer's budget anything up to all of it may be gone.
    let paid = if budget.from.is_some() {
        let missing = Causes::missing(crate::eval::Missing::History);
        paid.hull(Answer::number(Number::ZERO)).because(&missing)
    } else {
        paid
    };
    operators::subtract(amount, paid, Span::default())
}

/// Whether one period lies wholly in another.
fn holds(outer: &Period, inner: &Period) -> bool {
    let starts = outer.first.is_none_or(|outer| inner.first.is_some_and(|inner| outer <= inner));
    let ends = outer.last.is_none_or(|outer| inner.last.is_some_and(|inner| inner <= outer));
    starts && ends
}

/// Whether periods in order follow one another without a gap through a whole.
fn makes_up(parts: &[(Period, ExprId)], whole: &Period) -> bool {
    let first = parts.first().map(|(period, _)| period.first);
    let last = parts.last().map(|(period, _)| period.last);
    let follow = parts.windows(2).all(|pair| match pair {
        [(a, _), (b, _)] => {
            a.last.zip(b.first).is_some_and(|(a, b)| a.day_number().checked_add(1) == Some(b.day_number()))
        }
        _ => true,
    });
    first == Some(whole.first) && last == Some(whole.last) && follow
}
