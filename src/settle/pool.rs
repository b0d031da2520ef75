//! A limit or budget and those who draw on it: whose turn it is, what each gets, and why.

use std::sync::Arc;

use smol_str::SmolStr;

use super::Recipient;
use super::act::{Change, Place};
use super::award::{Pool, Reason};
use super::range::{Range, sum};
use super::shortage::{Claim, Outcome, share_out};
use super::sight::Sight;
use crate::check::program::{ExprId, ShortageDef, ShortageRuleDef};
use crate::eval::{Answer, Causes, Missing, better};
use crate::value::Number;

/// What there is to divide.
#[derive(Debug, Clone)]
pub(super) struct Room<'p> {
    /// How much.
    pub(super) amount: Answer,
    /// What history holds that it is already less by.
    pub(super) paid: Option<Range>,
    /// Whether it is a budget rather than a limit.
    pub(super) budget: bool,
    /// The one payer whose share is cut.
    pub(super) payer: Option<&'p SmolStr>,
    /// What others may draw on it whose part in it is not known, and why.
    pub(super) others: Option<(Range, Causes)>,
}

/// Divides a pool among claims; those that nothing happens to are left out.
pub(super) fn divide(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    claims: &[(Place, Answer)],
    room: &Room<'_>,
    shortage: Option<&ShortageDef>,
) -> Vec<Change> {
    let ranges: Vec<Range> = claims.iter().map(|(_, amount)| Range::of(amount)).collect();
    let others = room.others.as_ref().map(|(range, _)| Range { low: Number::ZERO, high: range.high.clone() });
    let wanted = sum(ranges.iter().chain(&others));
    let there = Range::of(&room.amount);
    if wanted.surely_fits(&there) || (room.budget && reckoned(ranges.iter().chain(&others)).surely_fits(&there)) {
        return Vec::new();
    }
    let mut causes = room.amount.causes().cloned().unwrap_or_default();
    if let Some((range, why)) = &room.others
        && !range.is_nothing()
    {
        causes.merge(why);
    }
    let turns = turns(sight, recipients, claims, shortage, &mut causes);
    let in_order = |rule: &ShortageDef| matches!(rule.rule, ShortageRuleDef::ByKeys(_) | ShortageRuleDef::ByClauses(_));
    let equal = !shortage.is_some_and(in_order);
    let drawn = ranges.iter().zip(turns).map(|(amount, turn)| Claim { amount: amount.clone(), turn });
    let drawn: Vec<Claim> = drawn.chain(others.map(|amount| Claim { amount, turn: equal.then_some(0) })).collect();
    let outcomes = share_out(&drawn, &there, shortage);
    because_of_open(sight, claims.iter().map(|(place, amount)| (place.recipient, amount)), &mut causes);
    let pool = Arc::new(Pool {
        room: there,
        paid: room.paid.clone(),
        wanted,
        budget: room.budget,
        payer: room.payer.cloned(),
    });
    let mut changes = Vec::new();
    for (((place, amount), own), outcome) in claims.iter().zip(&ranges).zip(outcomes) {
        let Outcome::Cut(range, how) = outcome else { continue };
        // What is left of a share that is open may be less than before, within the same bounds.
        let open_share = room.payer.is_some() && own.high.as_ref() != Some(&own.low);
        if range == *own && !open_share {
            continue;
        }
        let undecided = how.is_undecided();
        let why = amount.causes().cloned().unwrap_or_default().and(&causes);
        let share = room.payer.map(|_| (own.clone(), range.clone()));
        let reason = Reason::Shortage { pool: Arc::clone(&pool), how, share };
        changes.push(Change { place: *place, reason, after: range.answer(&why), undecided });
    }
    changes
}

/// What a budget reckons with before it cuts: an amount that nothing bounds says nothing of
/// how much it draws, and counts with what is sure of it; else one such amount in a city
/// would leave everybody open under a budget of any size.
fn reckoned<'r>(ranges: impl Iterator<Item = &'r Range>) -> Range {
    let sure = ranges.map(|range| match range.high {
        Some(_) => range.clone(),
        None => Range::exactly(&range.low),
    });
    sum(&sure.collect::<Vec<_>>())
}

/// Open amounts of some leave the shares of all open: of other recipients the pending rules
/// are named, but not each fact.
pub(super) fn because_of_open<'a>(
    sight: &Sight<'_, '_>,
    amounts: impl Iterator<Item = (usize, &'a Answer)> + Clone,
    causes: &mut Causes,
) {
    let ruled = !causes.pending.is_empty();
    let first = amounts.clone().next().map(|(recipient, _)| recipient);
    let alone = amounts.clone().all(|(recipient, _)| Some(recipient) == first);
    for open in amounts.filter_map(|(_, amount)| amount.causes()) {
        if alone {
            causes.merge(open);
            continue;
        }
        causes.merge(&Causes { pending: open.pending.clone(), ..Causes::default() });
        // A rule that is pending leaves the pool open whatever is known of the others.
        if !ruled && (!open.missing.is_empty() || !open.faults.is_empty()) {
            causes.merge(&Causes::missing(Missing::Others(sight.step)));
        }
    }
}

/// When each is served: 0 first, equal for those who stand equal, none where it is not known.
fn turns(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    claims: &[(Place, Answer)],
    shortage: Option<&ShortageDef>,
    causes: &mut Causes,
) -> Vec<Option<usize>> {
    match shortage.map(|shortage| &shortage.rule) {
        Some(ShortageRuleDef::ByClauses(order)) => {
            let turn = |place: &Place| {
                let clause = place.clause(recipients)?;
                Some(order.iter().position(|other| *other == clause).unwrap_or(order.len()))
            };
            claims.iter().map(|(place, _)| turn(place)).collect()
        }
        Some(ShortageRuleDef::ByKeys(keys)) => {
            let values: Vec<Vec<Answer>> =
                claims.iter().map(|(place, _)| key_values(sight, recipients, place, keys)).collect();
            ranks(&values, keys, causes)
        }
        _ => vec![Some(0); claims.len()],
    }
}

/// The values of keys for a place.
pub(super) fn key_values(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    place: &Place,
    keys: &[(ExprId, bool)],
) -> Vec<Answer> {
    let Some(recipient) = recipients.get(place.recipient) else { return Vec::new() };
    let award = recipient.awards.get(place.award);
    let value = |key: ExprId| match (place.item, award) {
        (Some(item), Some(award)) => {
            let index = award.items.get(item).map_or(item, |item| item.index);
            sight.item_value(recipient, award.clause, index, key)
        }
        _ => sight.value(recipient, key).unwrap_or(Answer::NONE),
    };
    keys.iter().map(|(key, _)| value(*key)).collect()
}

/// Dense ranks by keys, 0 for the best; none where a key is not known, and why.
fn ranks(values: &[Vec<Answer>], keys: &[(ExprId, bool)], causes: &mut Causes) -> Vec<Option<usize>> {
    let mut out = vec![None; values.len()];
    let mut known: Vec<(usize, &Vec<Answer>)> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let open: Vec<&Causes> = value.iter().filter_map(Answer::causes).collect();
        if open.is_empty() {
            known.push((at, value));
        }
        open.into_iter().for_each(|why| causes.merge(why));
    }
    known.sort_by(|(_, a), (_, b)| better(a, b, keys));
    let mut rank = 0;
    let mut before: Option<&Vec<Answer>> = None;
    for (at, value) in known {
        if before.is_some_and(|before| better(before, value, keys).is_ne()) {
            rank += 1;
        }
        before = Some(value);
        if let Some(slot) = out.get_mut(at) {
            *slot = Some(rank);
        }
    }
    out
}
