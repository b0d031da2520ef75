//! One rule for every shortage: who bears it, and what is done with the rest of rounding down.
//!
//! No rule is invented here: where the policy says nothing, a shortage among several stays
//! undecided.

use crate::check::program::{ClauseId, ShortageDef, ShortageRuleDef};
use crate::syntax::tree::{Rest, RoundMode};
use crate::value::Number;

/// What a shortage comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cut {
    /// Each gets this.
    To(Vec<Number>),
    /// No rule says who bears it.
    Undecided,
}

/// Divides `room` among `amounts`, which come to more than that.
pub(super) fn cut(amounts: &[Number], clauses: &[ClauseId], room: &Number, shortage: Option<&ShortageDef>) -> Cut {
    let Some(total) = total(amounts) else { return Cut::Undecided };
    if total <= *room {
        return Cut::To(amounts.to_vec());
    }
    let positive = amounts.iter().filter(|amount| amount.is_positive()).count();
    if positive <= 1 || room.is_zero() {
        let only = amounts.iter().map(|amount| amount.clone().min(room.clone()));
        return Cut::To(only.collect());
    }
    let Some(shortage) = shortage else { return Cut::Undecided };
    let rule = match &shortage.rule {
        // One recipient has one key: its clauses are tied.
        ShortageRuleDef::ByKeys(_) => match &shortage.tie {
            Some(rule) => rule,
            None => return Cut::Undecided,
        },
        rule => rule,
    };
    match rule {
        ShortageRuleDef::ByClauses(order) => in_order(amounts, clauses, room, order),
        ShortageRuleDef::ProRata => finish(pro_rata(amounts, room, &total), room, amounts, shortage),
        ShortageRuleDef::Equally => finish(equally(amounts, room, positive), room, amounts, shortage),
        ShortageRuleDef::ByKeys(_) => Cut::Undecided,
    }
}

fn total(amounts: &[Number]) -> Option<Number> {
    amounts.iter().try_fold(Number::ZERO, |sum, amount| sum.add(amount).ok())
}

/// The first in order is served first; clauses that the order leaves out come last, and only if one of them is left may it be cut.
fn in_order(amounts: &[Number], clauses: &[ClauseId], room: &Number, order: &[ClauseId]) -> Cut {
    let mut left = room.clone();
    let mut shares: Vec<Option<Number>> = vec![None; amounts.len()];
    let rank = |id: &ClauseId| order.iter().position(|other| other == id);
    let mut places: Vec<usize> = (0..amounts.len()).collect();
    places.sort_by_key(|at| clauses.get(*at).and_then(rank).unwrap_or(usize::MAX));
    let unordered = places.iter().filter(|at| {
        let positive = amounts.get(**at).is_some_and(Number::is_positive);
        positive && clauses.get(**at).is_none_or(|id| rank(id).is_none())
    });
    let unordered: Vec<usize> = unordered.copied().collect();
    for at in places {
        let amount = amounts.get(at).cloned().unwrap_or_default();
        let share = amount.clone().min(left.clone());
        if share < amount && unordered.len() > 1 && unordered.contains(&at) {
            return Cut::Undecided;
        }
        left = left.subtract(&share).unwrap_or_default();
        if let Some(slot) = shares.get_mut(at) {
            *slot = Some(share);
        }
    }
    Cut::To(shares.into_iter().map(Option::unwrap_or_default).collect())
}

/// All by one factor, before rounding down.
fn pro_rata(amounts: &[Number], room: &Number, total: &Number) -> Option<Vec<Number>> {
    amounts.iter().map(|amount| amount.multiply(room).ok()?.divide(total).ok()).collect()
}

/// All by one amount, nobody below 0, before rounding down.
fn equally(amounts: &[Number], room: &Number, positive: usize) -> Option<Vec<Number>> {
    let mut sorted: Vec<&Number> = amounts.iter().filter(|amount| amount.is_positive()).collect();
    sorted.sort();
    let mut short = total(amounts)?.subtract(room).ok()?;
    let mut bearers = i64::try_from(positive).ok()?;
    // Those whose whole amount is less than an equal part of the shortage lose all; the others share the remainder.
    let mut part = short.divide(&Number::from_i64(bearers)).ok()?;
    for amount in sorted {
        if *amount >= part || bearers == 1 {
            break;
        }
        short = short.subtract(amount).ok()?;
        bearers -= 1;
        part = short.divide(&Number::from_i64(bearers)).ok()?;
    }
    amounts.iter().map(|amount| Some(amount.subtract(&part).ok()?.max(Number::ZERO))).collect()
}

/// Rounds down, and gives the rest away as the rule says.
fn finish(exact: Option<Vec<Number>>, room: &Number, amounts: &[Number], shortage: &ShortageDef) -> Cut {
    let fen = Number::from_digits("0.01").unwrap_or(Number::ONE);
    let unit = shortage.round_to.clone().unwrap_or(fen);
    let rounded = exact.and_then(|exact| {
        let down: Option<Vec<Number>> = exact.iter().map(|n| n.round(RoundMode::Down, &unit).ok()).collect();
        Some((down?, exact))
    });
    let Some((mut shares, exact)) = rounded else { return Cut::Undecided };
    let mut rest = total(&shares).and_then(|paid| room.subtract(&paid).ok()).unwrap_or_default();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    match shortage.rest {
        Rest::Stays => return Cut::To(shares),
        Rest::ByRemainder => order.sort_by_key(|at| {
            let remainder = exact.get(*at).zip(shares.get(*at)).and_then(|(e, s)| e.subtract(s).ok());
            std::cmp::Reverse(remainder.unwrap_or_default())
        }),
        Rest::ToLargest => order.sort_by_key(|at| std::cmp::Reverse(amounts.get(*at).cloned().unwrap_or_default())),
    }
    let step = if shortage.rest == Rest::ToLargest { rest.clone() } else { unit };
    for at in order {
        let Some(share) = shares.get_mut(at) else { continue };
        let room_here = amounts.get(at).and_then(|amount| amount.subtract(share).ok()).unwrap_or_default();
        let more = step.clone().min(rest.clone()).min(room_here);
        *share = share.add(&more).unwrap_or_else(|_| share.clone());
        rest = rest.subtract(&more).unwrap_or_default();
    }
    Cut::To(shares)
}
