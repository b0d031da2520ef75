//! `limit A, B to E`: the clauses together pay a recipient no more than that; or each
//! group of recipients, or each item; with `cumulative` counting what history holds.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::Recipient;
use super::act::{Change, Place, apply, places};
use super::award::{Borne, Pool, Reason};
use super::pool::{Room, divide};
use super::range::{Range, sum};
use super::sight::{Groups, Sight};
use crate::check::program::{ClauseId, ExprId, PerDef, ShortageDef};
use crate::eval::{Answer, operators, paid_before};
use crate::source::Span;
use crate::value::Number;

/// A limit as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit<'p> {
    /// The clauses that it covers.
    pub(super) clauses: &'p [ClauseId],
    /// How much.
    pub(super) to: ExprId,
    /// Together with what history holds.
    pub(super) cumulative: bool,
    /// Per item or value rather than per recipient.
    pub(super) per: Option<&'p PerDef>,
    /// Who bears a shortage.
    pub(super) shortage: Option<&'p ShortageDef>,
    /// Whether the keys of the shortage are about items.
    pub(super) by_item: bool,
}

/// Applies a limit.
pub(super) fn limit(sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], limit: &Limit<'_>) {
    let per_item = matches!(limit.per, Some(PerDef::Item(_)));
    let by_item = per_item || limit.by_item;
    let per = match limit.per {
        Some(PerDef::Value(per)) => Some(*per),
        _ => None,
    };
    let groups = sight.groups_or_each(recipients, limit.clauses, per);
    let mut changes = Vec::new();
    let others = loose(sight, recipients, limit, &groups, by_item, &mut changes);
    for group in &groups.groups {
        let members: Vec<Place> = group.iter().flat_map(|at| places(recipients, *at, limit.clauses, by_item)).collect();
        let pools = if per_item { by_item_key(recipients, &members) } else { vec![(None, members)] };
        for (item, members) in pools {
            let Some((amount, paid)) = room(sight, recipients, group, limit, item.as_ref()) else { continue };
            let room = Room { amount, paid, budget: false, payer: None, others: others.clone() };
            let claims: Vec<(Place, Answer)> =
                members.iter().filter_map(|place| Some((*place, place.amount(recipients)?.clone()))).collect();
            changes.extend(divide(sight, recipients, &claims, &room, limit.shortage));
        }
    }
    apply(sight, recipients, changes);
}

/// The limit of a group less what was paid, and what was paid; none where it says nothing of these recipients.
fn room(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    group: &[usize],
    limit: &Limit<'_>,
    item: Option<&SmolStr>,
) -> Option<(Answer, Option<Range>)> {
    let members = || group.iter().filter_map(|at| recipients.get(*at));
    // One group has one limit; where its members disagree, any of theirs may be meant.
    let whole = members().filter_map(|one| sight.value(one, limit.to)).reduce(Answer::hull)?;
    // No number is no limit.
    if whole.known().is_some() && whole.known_number().is_none() {
        return None;
    }
    if !limit.cumulative {
        return Some((whole, None));
    }
    let mut left = whole;
    let mut before = Answer::number(Number::ZERO);
    for one in members() {
        for clause in own_clauses(sight, one, limit.clauses) {
            let paid = paid_before(sight.context, clause, one.row, item);
            left = operators::subtract(left, paid.clone(), Span::default());
            before = operators::add(before, paid, Span::default());
        }
    }
    let before = Range::of(&before);
    Some((left, (!before.is_nothing()).then_some(before)))
}

pub(super) fn own_clauses(sight: &Sight<'_, '_>, recipient: &Recipient<'_>, clauses: &[ClauseId]) -> Vec<ClauseId> {
    let program = sight.context.program;
    let own =
        |id: &&ClauseId| program.clauses.get(id.index()).is_some_and(|clause| clause.recipient == recipient.record);
    clauses.iter().filter(own).copied().collect()
}

/// The items of recipients by key; those without a key by their place.
pub(super) fn by_item_key(recipients: &[Recipient<'_>], members: &[Place]) -> Vec<(Option<SmolStr>, Vec<Place>)> {
    let mut found: BTreeMap<(SmolStr, Option<usize>), Vec<Place>> = BTreeMap::new();
    for place in members {
        let award = recipients.get(place.recipient).and_then(|recipient| recipient.awards.get(place.award));
        let Some(item) = place.item.and_then(|item| award?.items.get(item)) else { continue };
        let index = item.key.is_empty().then_some(item.index);
        found.entry((item.key.clone(), index)).or_default().push(*place);
    }
    found.into_iter().map(|((key, _), places)| ((!key.is_empty()).then_some(key), places)).collect()
}

/// Those whose group is not known may share a limit with anybody: they are open where all together may pass it.
fn loose(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    limit: &Limit<'_>,
    groups: &Groups,
    by_item: bool,
    changes: &mut Vec<Change>,
) -> Option<(Range, crate::eval::Causes)> {
    if groups.loose.is_empty() {
        return None;
    }
    let of = |at: &usize| places(recipients, *at, limit.clauses, by_item);
    let range = |place: &Place| place.amount(recipients).map(Range::of);
    let loose: Vec<Place> = groups.loose.iter().flat_map(of).collect();
    let wanted = sum(&loose.iter().filter_map(range).collect::<Vec<_>>());
    let grouped: Vec<Range> = groups.groups.iter().flatten().flat_map(of).filter_map(|place| range(&place)).collect();
    let all = wanted.plus(&sum(&grouped));
    for place in loose {
        let (Some(amount), Some((room, paid))) =
            (place.amount(recipients), room(sight, recipients, &[place.recipient], limit, None))
        else {
            continue;
        };
        let there = Range::of(&room);
        if all.surely_fits(&there) {
            continue;
        }
        let after = operators::least(amount.clone(), room).hull(Answer::number(Number::ZERO)).because(&groups.causes);
        let pool = Pool { room: there, paid, wanted: all.clone(), budget: false, payer: None };
        let reason = Reason::Shortage { pool: std::sync::Arc::new(pool), how: Borne::Open, share: None };
        changes.push(Change { place, reason, after, undecided: false });
    }
    Some((wanted, groups.causes.clone()))
}
