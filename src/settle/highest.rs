//! `highest among`: 就高不就低. Only the greatest amount is kept, the first in the list among
//! equals; the others become 0 and say which one is higher. Within a recipient, an item,
//! or a group of recipients.

use super::Recipient;
use super::act::{Change, Place, apply, places};
use super::award::{Higher, Reason};
use super::limit::by_item_key;
use super::pool::because_of_open;
use super::range::Range;
use super::sight::Sight;
use crate::check::program::{ClauseId, PerDef};
use crate::eval::{Answer, Causes};
use crate::value::Number;

/// One that competes.
struct Rival {
    place: Place,
    clause: ClauseId,
    /// Its place in the list: the earlier wins among equals.
    at: usize,
    amount: Answer,
    range: Range,
}

/// What counts: an amount, none being without bound, and then the place in the list.
type Rank = (bool, Number, std::cmp::Reverse<usize>);

/// Keeps the highest.
pub(super) fn highest(
    sight: &Sight<'_, '_>,
    recipients: &mut [Recipient<'_>],
    clauses: &[ClauseId],
    per: Option<&PerDef>,
) {
    let value = match per {
        Some(PerDef::Value(per)) => Some(*per),
        _ => None,
    };
    let by_item = matches!(per, Some(PerDef::Item(_)));
    let groups = sight.groups_or_each(recipients, clauses, value);
    let rivals_of = |members: Vec<Place>| -> Vec<Rival> {
        members.into_iter().filter_map(|place| rival(recipients, place, clauses)).collect()
    };
    let of =
        |group: &[usize]| group.iter().flat_map(|at| places(recipients, *at, clauses, by_item)).collect::<Vec<_>>();
    let loose = rivals_of(of(&groups.loose));
    let speaking = speaking(&loose);
    let mut changes = Vec::new();
    let mut any = false;
    for group in &groups.groups {
        let members = of(group);
        any |= !members.is_empty();
        let pools = if by_item { by_item_key(recipients, &members) } else { vec![(None, members)] };
        for (_, members) in pools {
            changes.extend(decide(sight, recipients, rivals_of(members), &speaking, &groups.causes));
        }
    }
    // Those whose group is not known may stand beside anybody.
    if any || loose.len() > 1 {
        for rival in loose {
            let after = rival.amount.clone().hull(Answer::number(Number::ZERO)).because(&groups.causes);
            changes.push(Change {
                place: rival.place,
                reason: Reason::PerhapsHigher(rival.clause),
                after,
                undecided: false,
            });
        }
    }
    apply(sight, recipients, changes);
}

/// Those of many who say to any group what all say: the greatest, and whoever is open for another reason than those
/// who are greater. A city has thousands of groups, and thousands whose group is not known.
fn speaking(loose: &[Rival]) -> Vec<&Rival> {
    let mut by_most: Vec<&Rival> = loose.iter().collect();
    by_most.sort_by_key(|rival| std::cmp::Reverse(rival.most()));
    let mut told = Causes::default();
    let mut is_first = true;
    by_most.retain(|rival| {
        let Some(causes) = rival.amount.causes() else { return std::mem::take(&mut is_first) };
        let is_open = |causes: &Causes| !causes.missing.is_empty() || !causes.faults.is_empty();
        let is_new =
            (is_open(causes) && !is_open(&told)) || causes.pending.iter().any(|one| !told.pending.contains(one));
        if is_new {
            told.merge(causes);
        }
        std::mem::take(&mut is_first) || is_new
    });
    by_most
}

fn rival(recipients: &[Recipient<'_>], place: Place, clauses: &[ClauseId]) -> Option<Rival> {
    let amount = place.amount(recipients)?.clone();
    let clause = place.clause(recipients)?;
    let at = clauses.iter().position(|id| *id == clause)?;
    Some(Rival { place, clause, at, range: Range::of(&amount), amount })
}

impl Rival {
    fn least(&self) -> Rank {
        (false, self.range.low.clone(), std::cmp::Reverse(self.at))
    }

    fn most(&self) -> Rank {
        let high = self.range.high.clone();
        (high.is_none(), high.unwrap_or_default(), std::cmp::Reverse(self.at))
    }
}

/// What becomes of rivals; those that are kept for sure are left out.
fn decide(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    rivals: Vec<Rival>,
    loose: &[&Rival],
    loose_causes: &Causes,
) -> Vec<Change> {
    let Some(best) = rivals.iter().max_by_key(|rival| rival.least()) else { return Vec::new() };
    let mut by_most: Vec<&Rival> = rivals.iter().chain(loose.iter().copied()).collect();
    by_most.sort_by_key(|rival| std::cmp::Reverse(rival.most()));
    let contenders = || by_most.iter().filter(|rival| rival.most() >= best.least());
    let mut causes = if loose.is_empty() { Causes::default() } else { loose_causes.clone() };
    because_of_open(sight, contenders().map(|rival| (rival.place.recipient, &rival.amount)), &mut causes);
    let zero = || Answer::number(Number::ZERO);
    let mut changes = Vec::new();
    for rival in rivals.iter().filter(|rival| !rival.range.is_nothing()) {
        let place = rival.place;
        if best.least() > rival.most() {
            let other = recipients.get(best.place.recipient).filter(|_| best.place.recipient != place.recipient);
            let reason = Reason::Higher(Higher {
                clause: best.clause,
                recipient: other.map(|other| other.key.clone()),
                amount: best.range.clone(),
                equal: best.range.known().is_some() && best.range == rival.range,
            });
            changes.push(Change { place, reason, after: zero(), undecided: false });
            continue;
        }
        let other = by_most.iter().find(|other| other.place != place);
        let Some(other) = other.filter(|other| other.most() >= rival.least()) else { continue };
        // Whether one whose group is not known stands beside it at all is open.
        let same = other.at == rival.at && !loose.iter().any(|one| one.place == other.place);
        let equal = same && other.range.known().is_some() && other.range == rival.range;
        let reason = if equal { Reason::EquallyHigh } else { Reason::PerhapsHigher(other.clause) };
        let after = rival.amount.clone().hull(zero()).because(&causes);
        changes.push(Change { place, reason, after, undecided: equal });
    }
    changes
}
