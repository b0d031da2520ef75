//! One rule for every shortage: who bears it, and what is done with the rest of rounding down.
//!
//! In: claims with their bounds and turns, what there is, and the rule. Out: what becomes
//! of each claim. No rule is invented here: where the policy says nothing, a shortage
//! among several stays undecided. Every rule gives a claim more where the claim or the
//! pool is greater and less where the others are, so the bounds of a share follow from
//! the lowest and highest of each; where all is known the shares are exact.

use super::award::Borne;
use super::parts::Parts;
use super::range::{Range, down, fen, less, sum};
use crate::check::program::{ShortageDef, ShortageRuleDef};
use crate::syntax::tree::Rest;
use crate::value::Number;

/// Someone who draws on a pool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    /// How much.
    pub(super) amount: Range,
    /// When: the lower is served first; none where it is not known.
    pub(super) turn: Option<usize>,
}

/// What becomes of a claim.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// Nothing changes.
    Whole,
    /// It gets this, borne so.
    Cut(Range, Borne),
}

/// How those whose turn it is bear a shortage together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    ProRata,
    Equally,
    Undecided,
}

/// Divides what there is among claims; equal claims stand in the order of their keys.
pub(super) fn share_out(claims: &[Claim], room: &Range, shortage: Option<&ShortageDef>) -> Vec<Outcome> {
    let mut out = vec![Outcome::Whole; claims.len()];
    let total = sum(claims.iter().map(|claim| &claim.amount));
    if total.surely_fits(room) {
        return out;
    }
    let rule = shortage.map_or(Together::Undecided, together);
    let any_time = sum(claims.iter().filter(|claim| claim.turn.is_none()).map(|claim| &claim.amount));
    let any_time = Range { low: Number::ZERO, high: any_time.high };
    let mut order: Vec<(usize, usize)> = claims.iter().enumerate().filter_map(|(at, c)| Some((c.turn?, at))).collect();
    order.sort_unstable();
    let may_tie = rule == Together::Undecided && !any_time.is_nothing();
    let mut served = any_time;
    let in_order = order.first().map(|(turn, _)| turn) != order.last().map(|(turn, _)| turn);
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let places: Vec<usize> = group.iter().map(|(_, at)| *at).collect();
        let amounts: Vec<&Range> = places.iter().filter_map(|at| claims.get(*at)).map(|claim| &claim.amount).collect();
        let left = room.minus(&served);
        let mut shares = share_together(&amounts, &left, rule, shortage);
        if in_order {
            let wanted = sum(amounts.iter().copied());
            shares.iter_mut().for_each(|share| told_in_order(share, &left, &wanted));
        }
        if may_tie {
            shares.iter_mut().for_each(perhaps_nothing);
        }
        for (at, share) in places.iter().zip(shares) {
            if let Some(slot) = out.get_mut(*at) {
                *slot = share;
            }
        }
        served = served.plus(&sum(amounts));
    }
    for (claim, slot) in claims.iter().zip(&mut out).filter(|(claim, _)| claim.turn.is_none()) {
        // Its turn may come first or last, or together with another's.
        let low = total.minus(&claim.amount).high.map_or(Number::ZERO, |others| less(&room.low, &others));
        *slot = Outcome::Cut(alone(&claim.amount, &Range { low, high: room.high.clone() }, shortage), Borne::Open);
        if may_tie {
            perhaps_nothing(slot);
        }
    }
    out
}

/// How those who stand equal bear it.
pub(super) fn together(shortage: &ShortageDef) -> Together {
    let of = |rule: &ShortageRuleDef| match rule {
        ShortageRuleDef::ProRata => Together::ProRata,
        ShortageRuleDef::Equally => Together::Equally,
        ShortageRuleDef::ByKeys(_) | ShortageRuleDef::ByClauses(_) => Together::Undecided,
    };
    match (&shortage.rule, &shortage.tie) {
        (ShortageRuleDef::ByKeys(_) | ShortageRuleDef::ByClauses(_), Some(tie)) => of(tie),
        (rule, _) => of(rule),
    }
}

/// Who comes too late is told what was left, and those who come together what they ask for.
fn told_in_order(share: &mut Outcome, left: &Range, wanted: &Range) {
    let Outcome::Cut(_, how) = share else { return };
    *how = match how {
        Borne::Alone => Borne::Left(left.clone()),
        _ => Borne::InTurn { left: left.clone(), wanted: wanted.clone(), how: Box::new(how.clone()) },
    };
}

/// A turn that is not known may tie with this one, and nothing says who then gets what.
fn perhaps_nothing(share: &mut Outcome) {
    if let Outcome::Cut(range, how) = share
        && !range.is_nothing()
    {
        range.low = Number::ZERO;
        if !how.is_undecided() {
            *how = Borne::Open;
        }
    }
}

/// Divides what there is among those who stand equal.
fn share_together(amounts: &[&Range], room: &Range, rule: Together, shortage: Option<&ShortageDef>) -> Vec<Outcome> {
    let total = sum(amounts.iter().copied());
    if total.surely_fits(room) {
        return vec![Outcome::Whole; amounts.len()];
    }
    let positive = amounts.iter().filter(|amount| !amount.is_nothing()).count();
    if positive <= 1 || room.is_nothing() {
        return amounts.iter().map(|amount| Outcome::Cut(alone(amount, room, shortage), Borne::Alone)).collect();
    }
    let known: Option<Vec<Number>> = amounts.iter().map(|amount| amount.known().cloned()).collect();
    let in_fen = || in_fen(known.as_ref()?, room.known()?, rule, shortage);
    if let Some(shares) = in_fen() {
        return shares;
    }
    match (rule, known, room.known()) {
        (Together::Undecided, ..) => amounts
            .iter()
            .map(|amount| {
                Outcome::Cut(Range { low: Number::ZERO, high: least(&amount.high, &room.high) }, Borne::Undecided)
            })
            .collect(),
        (Together::ProRata, Some(known), Some(room)) => exact(pro_rata(&known, room), room, &known, shortage),
        (Together::Equally, Some(known), Some(room)) => exact(equally(&known, room), room, &known, shortage),
        (Together::ProRata, ..) => {
            let mut without_end = amounts.iter().filter(|amount| amount.high.is_none());
            // What all others may come to, where the end of one alone is not known.
            let others = match (without_end.next(), without_end.next()) {
                (Some(_), None) => sum(amounts.iter().copied().filter(|amount| amount.high.is_some())).high,
                _ => None,
            };
            let share = |own: &&Range| open_pro_rata(own, (&total, &others), room, shortage);
            amounts.iter().map(share).collect()
        }
        (Together::Equally, ..) => open_equally(amounts, room, shortage),
    }
}

/// The only one gets what there is, and the rest of rounding down unless it stays.
fn alone(amount: &Range, room: &Range, shortage: Option<&ShortageDef>) -> Range {
    let gets_rest = shortage.is_some_and(|shortage| shortage.rest != Rest::Stays);
    let unit = if gets_rest { fen() } else { unit_of(shortage) };
    // Cut, a greater amount may come to less than a smaller one that fits: it is rounded down to the unit.
    let cut = down(&room.low, &unit);
    let fits = amount.surely_fits(&Range::exactly(&room.low));
    let low = if fits || amount.low <= cut { amount.low.clone() } else { cut };
    let high = least(&amount.high, &room.high);
    let one = amount.known().is_some() && room.known().is_some();
    let high = if one { Some(low.clone()) } else { high.map(|high| high.max(low.clone())) };
    Range { low, high }
}

fn unit_of(shortage: Option<&ShortageDef>) -> Number {
    shortage.and_then(|shortage| shortage.round_to.clone()).unwrap_or_else(fen)
}

fn least(a: &Option<Number>, b: &Option<Number>) -> Option<Number> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b).clone()),
        (one, None) | (None, one) => one.clone(),
    }
}

fn total_of(amounts: &[Number]) -> Option<Number> {
    amounts.iter().try_fold(Number::ZERO, |sum, amount| sum.add(amount).ok())
}

/// All by one factor, before rounding down.
fn pro_rata(amounts: &[Number], room: &Number) -> Option<(Vec<Number>, Borne)> {
    let total = total_of(amounts)?;
    let shares: Option<Vec<Number>> = amounts.iter().map(|a| a.multiply(room).ok()?.divide(&total).ok()).collect();
    Some((shares?, Borne::Factor(room.divide(&total).ok()?)))
}

/// All by one amount, nobody below 0, before rounding down.
fn equally(amounts: &[Number], room: &Number) -> Option<(Vec<Number>, Borne)> {
    let part = equal_part(amounts, room)?;
    Some((amounts.iter().map(|amount| less(amount, &part)).collect(), Borne::Part(part)))
}

/// What each loses where all lose the same, nobody more than all.
fn equal_part(amounts: &[Number], room: &Number) -> Option<Number> {
    let mut sorted: Vec<&Number> = amounts.iter().filter(|amount| amount.is_positive()).collect();
    sorted.sort();
    let mut short = total_of(amounts)?.subtract(room).ok()?;
    if !short.is_positive() {
        return Some(Number::ZERO);
    }
    let mut bearers = i64::try_from(sorted.len()).ok()?;
    // Those whose whole amount is less than an equal part of the shortage lose all; the others share the remainder.
    let mut part = short.divide(&Number::from_i64(bearers)).ok()?;
    for amount in sorted {
        if *amount >= part || bearers <= 1 {
            break;
        }
        short = short.subtract(amount).ok()?;
        bearers -= 1;
        part = short.divide(&Number::from_i64(bearers)).ok()?;
    }
    Some(part)
}

/// The shares where all is in whole fen, as it nearly always is: no fraction is written down.
fn in_fen(amounts: &[Number], room: &Number, rule: Together, shortage: Option<&ShortageDef>) -> Option<Vec<Outcome>> {
    let claims: Vec<i64> = amounts.iter().map(whole_fen).collect::<Option<_>>()?;
    let (room_fen, unit) = (whole_fen(room)?, whole_fen(&unit_of(shortage))?);
    let parts = parts_in_fen(&claims, room_fen, rule, unit)?;
    let how = match rule {
        Together::ProRata => Borne::Factor(room.divide(&total_of(amounts)?).ok()?),
        _ => {
            let (less, over) = (i64::try_from(parts.less).ok()?, i64::try_from(parts.over).ok()?);
            Borne::Part(Number::from_i64(less).divide(&Number::from_i64(over)).ok()?.multiply(&fen()).ok()?)
        }
    };
    let mut shares = vec![0; claims.len()];
    let rest = shortage.map_or(Rest::Stays, |shortage| shortage.rest);
    shares_in_fen(&parts, &claims, (room_fen, rest), &mut shares, &mut Vec::new());
    let yuan = |share: i64| Number::from_i64(share).multiply(&fen()).ok();
    shares.into_iter().map(|share| Some(Outcome::Cut(Range::exactly(&yuan(share)?), how.clone()))).collect()
}

/// How claims above 0 that pass the room are divided; none where no rule says so, or numbers are too long.
pub(super) fn parts_in_fen(claims: &[i64], room: i64, rule: Together, unit: i64) -> Option<Parts> {
    match rule {
        Together::Undecided => None,
        Together::ProRata => Parts::pro_rata(room.into(), claims.iter().map(|claim| i128::from(*claim)).sum(), unit),
        Together::Equally => {
            let (less, over) = equal_part_in_fen(claims, room.into());
            Parts::equally(less, over.into(), unit)
        }
    }
}

/// Sets shares to those of claims, equal ones in their order; `order` is only used again.
pub(super) fn shares_in_fen(
    parts: &Parts,
    claims: &[i64],
    (room, rule): (i64, Rest),
    shares: &mut [i64],
    order: &mut Vec<(u64, usize)>,
) {
    parts.shares(claims, shares);
    if rule == Rest::Stays {
        return;
    }
    let to_largest = rule == Rest::ToLargest;
    order.clear();
    // The greater first.
    let first = |claim: i64| if to_largest { !claim.cast_unsigned() } else { !parts.remainder(claim) };
    order.extend(claims.iter().enumerate().map(|(at, claim)| (first(*claim), at)));
    order.sort_unstable();
    let mut rest = i128::from(room).saturating_sub(shares.iter().map(|share| i128::from(*share)).sum());
    for (_, at) in order {
        let (Some(claim), Some(share)) = (claims.get(*at), shares.get_mut(*at)) else { continue };
        let more = i128::from(parts.most(*claim, *share, to_largest)).min(rest);
        rest = rest.saturating_sub(more);
        *share = share.saturating_add(i64::try_from(more).unwrap_or(0));
    }
}

/// What each loses in fen where all lose the same, as a fraction.
fn equal_part_in_fen(claims: &[i64], room: i128) -> (i128, i64) {
    let mut sorted: Vec<i128> = claims.iter().map(|claim| (*claim).into()).collect();
    sorted.sort_unstable();
    let mut short = sorted.iter().sum::<i128>().saturating_sub(room).max(0);
    let mut bearers = i64::try_from(sorted.len()).unwrap_or(i64::MAX);
    // Those who have less than an equal part of the shortage lose all; the others share the remainder.
    for claim in sorted {
        if bearers <= 1 || claim.saturating_mul(bearers.into()) >= short {
            break;
        }
        short = short.saturating_sub(claim);
        bearers = bearers.saturating_sub(1);
    }
    (short, bearers.max(1))
}

/// Whole fen, where it is.
fn whole_fen(amount: &Number) -> Option<i64> {
    amount.multiply(&Number::from_i64(100)).ok()?.to_i64()
}

/// Rounds down, and gives the rest away as the rule says.
fn exact(
    shares: Option<(Vec<Number>, Borne)>,
    room: &Number,
    amounts: &[Number],
    shortage: Option<&ShortageDef>,
) -> Vec<Outcome> {
    let Some((exact, how)) = shares else {
        // Beyond what numbers can hold: nothing is decided rather than something wrong.
        return amounts
            .iter()
            .map(|a| {
                Outcome::Cut(Range { low: Number::ZERO, high: Some(a.clone().min(room.clone())) }, Borne::Undecided)
            })
            .collect();
    };
    let unit = unit_of(shortage);
    let mut shares: Vec<Number> = exact.iter().map(|share| down(share, &unit)).collect();
    give_rest(&mut shares, &exact, room, amounts, (shortage.map_or(Rest::Stays, |s| s.rest), &unit));
    shares.into_iter().map(|share| Outcome::Cut(Range::exactly(&share), how.clone())).collect()
}

fn give_rest(
    shares: &mut [Number],
    exact: &[Number],
    room: &Number,
    amounts: &[Number],
    (rule, unit): (Rest, &Number),
) {
    let mut rest = total_of(shares).map_or(Number::ZERO, |paid| less(room, &paid));
    let mut order: Vec<usize> = (0..shares.len()).collect();
    match rule {
        Rest::Stays => return,
        Rest::ByRemainder => order.sort_by_key(|at| {
            std::cmp::Reverse(exact.get(*at).zip(shares.get(*at)).map(|(exact, share)| less(exact, share)))
        }),
        Rest::ToLargest => order.sort_by_key(|at| std::cmp::Reverse(amounts.get(*at))),
    }
    let step = if rule == Rest::ToLargest { rest.clone() } else { unit.clone() };
    for at in order {
        let Some(share) = shares.get_mut(at) else { continue };
        let room_here = amounts.get(at).map_or(Number::ZERO, |amount| less(amount, share));
        let more = down(&step.clone().min(rest.clone()).min(room_here), &fen());
        *share = share.add(&more).unwrap_or_else(|_| share.clone());
        rest = less(&rest, &more);
    }
}

/// The bounds of a share by one factor; what all others than the only one without an end may come to.
fn open_pro_rata(
    own: &Range,
    (total, others): (&Range, &Option<Number>),
    room: &Range,
    shortage: Option<&ShortageDef>,
) -> Outcome {
    let others_high = match (&total.high, &own.high) {
        (Some(total), Some(own)) => Some(less(total, own)),
        (None, None) => others.clone(),
        _ => None,
    };
    let unit = unit_of(shortage);
    let low = others_high.and_then(|others| {
        let low = scaled(&own.low, &others, &room.low, &unit)?;
        let most = own.high.as_ref().and_then(|own| own.add(&others).ok());
        if most.is_some_and(|most| most <= room.low) {
            return Some(low);
        }
        // Cut, a greater amount may come to less than a smaller one that fits: it is rounded down to the unit.
        Some(low.min(down(&less(&room.low, &others).max(own.low.clone()), &unit)))
    });
    let low = low.unwrap_or_default();
    let gets_rest = shortage.is_some_and(|shortage| shortage.rest != Rest::Stays);
    let high = match (&own.high, &room.high) {
        (Some(high), Some(room)) if !gets_rest => {
            let share = scaled(high, &less(&total.low, &own.low), room, &fen());
            Some(share.unwrap_or_else(|| high.min(room).clone()))
        }
        (high, room) => least(high, room),
    };
    Outcome::Cut(Range { high: high.map(|high| high.max(low.clone())), low }, Borne::Open)
}

/// A share by one factor, rounded down where it is cut.
fn scaled(own: &Number, others: &Number, room: &Number, unit: &Number) -> Option<Number> {
    let all = own.add(others).ok()?;
    if all <= *room {
        return Some(own.clone());
    }
    Some(down(&own.multiply(room).ok()?.divide(&all).ok()?, unit))
}

/// The bounds of shares that are less by one amount.
fn open_equally(amounts: &[&Range], room: &Range, shortage: Option<&ShortageDef>) -> Vec<Outcome> {
    let ends =
        |end: fn(&Range) -> Option<Number>| amounts.iter().map(|range| end(range)).collect::<Option<Vec<Number>>>();
    let most = ends(|range| range.high.clone()).and_then(|highs| equal_part(&highs, &room.low));
    let least_part =
        ends(|range| Some(range.low.clone())).zip(room.high.clone()).and_then(|(lows, room)| equal_part(&lows, &room));
    let gets_rest = shortage.is_some_and(|shortage| shortage.rest != Rest::Stays);
    let (unit, finest) = (unit_of(shortage), fen());
    let outcome = |own: &&Range| {
        let low = most.as_ref().map_or(Number::ZERO, |part| {
            if part.is_zero() { own.low.clone() } else { down(&less(&own.low, part), &unit) }
        });
        let high = own.high.clone().map(|high| match &least_part {
            Some(part) if !gets_rest && !part.is_zero() => down(&less(&high, part), &finest),
            _ => high,
        });
        Outcome::Cut(Range { high: least(&high, &room.high).map(|high| high.max(low.clone())), low }, Borne::Open)
    };
    amounts.iter().map(outcome).collect()
}
