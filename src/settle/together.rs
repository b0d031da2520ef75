//! `not together`: of clauses that exclude each other the compatible set is kept that
//! finally pays most, equal sets by list order; found by exact search, never greedily.
//!
//! Steps that follow one another make one graph of conflicts, whose size the checker
//! bounds. Within a recipient or group the amounts are what is paid. Between the items of
//! a recipient the clauses' own caps make one choice depend on the others: all choices are
//! followed together, and where they become too many nothing is decided.

use std::collections::{BTreeSet, HashSet};

use super::Recipient;
use super::act::{Change, Place, apply, places, whole_of};
use super::award::Reason;
use super::conflicts::{Conflicts, Kept, bit, bits};
use super::limit::by_item_key;
use super::pool::because_of_open;
use super::range::{Range, sum};
use super::sight::Sight;
use crate::check::program::{ClauseId, ModifierKindDef, PerDef};
use crate::eval::{Answer, Causes};
use crate::value::Number;

/// Beyond so many ways through the items of one recipient nothing is decided.
const MOST_WAYS: usize = 4096;

impl Conflicts {
    /// Changes for a place of the clause at `at`.
    fn change(
        &self,
        recipients: &[Recipient<'_>],
        place: Place,
        kept: Kept,
        causes: &Causes,
    ) -> Option<(usize, Change)> {
        let clause = place.clause(recipients)?;
        let other = |at: usize| self.clauses.get(at).copied().unwrap_or(clause);
        let zero = Answer::number(Number::ZERO);
        let (other, reason, after) = match kept {
            Kept::Yes => return None,
            Kept::No(at) => (other(at), Reason::NotTogether(other(at)), zero),
            Kept::Perhaps(at) => {
                let open = place.amount(recipients)?.clone().hull(zero).because(causes);
                (other(at), Reason::PerhapsNotTogether(other(at)), open)
            }
        };
        Some((self.step_of(clause, other), Change { place, reason, after, undecided: false }))
    }
}

/// Keeps the best compatible sets.
pub(super) fn not_together(
    sight: &Sight<'_, '_>,
    recipients: &mut [Recipient<'_>],
    graph: &Conflicts,
    per: Option<&PerDef>,
) {
    let mut changes = Vec::new();
    if matches!(per, Some(PerDef::Item(_))) {
        for at in 0..recipients.len() {
            changes.extend(among_items(sight, recipients, at, graph));
        }
    } else {
        let value = match per {
            Some(PerDef::Value(per)) => Some(*per),
            _ => None,
        };
        changes = among_awards(sight, recipients, graph, value);
    }
    for (step, _) in &graph.steps {
        let (own, others): (Vec<_>, Vec<_>) = changes.into_iter().partition(|(of, _)| of == step);
        changes = others;
        apply(&Sight { step: *step, ..*sight }, recipients, own.into_iter().map(|(_, change)| change).collect());
    }
}

fn among_awards(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    graph: &Conflicts,
    per: Option<crate::check::program::ExprId>,
) -> Vec<(usize, Change)> {
    let groups = sight.groups_or_each(recipients, &graph.clauses, per);
    let of = |at: &usize| places(recipients, *at, &graph.clauses, false);
    let loose: Vec<Place> = groups.loose.iter().flat_map(of).collect();
    let loose_weights: Vec<Range> = weights(recipients, graph, &loose)
        .into_iter()
        .map(|range| Range { low: Number::ZERO, high: range.high })
        .collect();
    let mut changes = Vec::new();
    for group in &groups.groups {
        let members: Vec<Place> = group.iter().flat_map(of).collect();
        let own = weights(recipients, graph, &members);
        let all: Vec<Range> = own.iter().zip(&loose_weights).map(|(own, loose)| own.plus(loose)).collect();
        let kept = graph.choose(&all);
        let mut causes = groups.causes.clone();
        because_of_open(sight, amounts(recipients, &members), &mut causes);
        changes.extend(members.iter().filter_map(|place| {
            let at = graph.at(place.clause(recipients)?)?;
            graph.change(recipients, *place, kept.get(at).copied()?, &causes)
        }));
    }
    // Those whose group is not known may lose to anybody of another clause.
    changes.extend(loose.iter().filter_map(|place| {
        let at = graph.at(place.clause(recipients)?)?;
        graph.change(recipients, *place, Kept::Perhaps(bits(graph.against(at)).next()?), &groups.causes)
    }));
    changes
}

fn amounts<'a>(
    recipients: &'a [Recipient<'_>],
    members: &'a [Place],
) -> impl Iterator<Item = (usize, &'a Answer)> + Clone {
    members.iter().filter_map(|place| Some((place.recipient, place.amount(recipients)?)))
}

/// What the clauses pay at these places.
fn weights(recipients: &[Recipient<'_>], graph: &Conflicts, members: &[Place]) -> Vec<Range> {
    let of = |clause: ClauseId| {
        let own = members.iter().filter(|place| place.clause(recipients) == Some(clause));
        sum(&own.filter_map(|place| place.amount(recipients)).map(Range::of).collect::<Vec<_>>())
    };
    graph.clauses.iter().map(|clause| of(*clause)).collect()
}

/// Item by item within one recipient.
fn among_items(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    at: usize,
    graph: &Conflicts,
) -> Vec<(usize, Change)> {
    let members = places(recipients, at, &graph.clauses, true);
    let items: Vec<Vec<Place>> = by_item_key(recipients, &members).into_iter().map(|(_, places)| places).collect();
    let contested: Vec<(&Vec<Place>, Vec<Range>)> = items
        .iter()
        .map(|places| (places, weights(recipients, graph, places)))
        .filter(|(_, weights)| graph.parts(graph.active(weights)).iter().any(|part| part.count_ones() > 1))
        .collect();
    if contested.is_empty() {
        return Vec::new();
    }
    let mut causes = Causes::default();
    because_of_open(sight, amounts(recipients, &members), &mut causes);
    let chosen: Vec<Vec<Kept>> = if is_plain(sight, recipients, at, graph) {
        contested.iter().map(|(_, weights)| graph.choose(weights)).collect()
    } else {
        let ways = best_way(sight, recipients, at, graph, &contested);
        let unsure = || contested.iter().map(|(_, weights)| all_unsure(graph, weights)).collect();
        ways.unwrap_or_else(unsure)
    };
    let mut changes = Vec::new();
    for ((places, _), kept) in contested.iter().zip(chosen) {
        changes.extend(places.iter().filter_map(|place| {
            let at = graph.at(place.clause(recipients)?)?;
            graph.change(recipients, *place, kept.get(at).copied()?, &causes)
        }));
    }
    changes
}

fn all_unsure(graph: &Conflicts, weights: &[Range]) -> Vec<Kept> {
    let active = graph.active(weights);
    let of = |at: usize| bits(graph.against(at) & active).next().filter(|_| active & bit(at) != 0);
    (0..weights.len()).map(|at| of(at).map_or(Kept::Yes, Kept::Perhaps)).collect()
}

/// Whether each clause pays just the sum of its items, so that one item's choice does not touch another's.
fn is_plain(sight: &Sight<'_, '_>, recipients: &[Recipient<'_>], at: usize, graph: &Conflicts) -> bool {
    let Some(recipient) = recipients.get(at) else { return true };
    let awards =
        recipient.awards.iter().filter(|award| graph.clauses.contains(&award.clause) && !award.items.is_empty());
    awards.into_iter().all(|award| {
        let Some(clause) = sight.context.program.clauses.get(award.clause.index()) else { return true };
        let mut own = clause.modifiers.iter().filter(|modifier| !modifier.each);
        let items = super::sum(award.items.iter().map(|item| &item.amount));
        let whole = || Range::of(&whole_of(sight, recipient.row, award, items.clone()));
        let caps_only = own.all(|modifier| matches!(modifier.kind, ModifierKindDef::Cap(_)));
        let fits = || {
            let (whole, items) = (whole(), Range::of(&items));
            let slack = |number: &Number| super::range::down(number, &super::range::fen());
            whole.high.zip(items.high).is_some_and(|(whole, items)| whole >= slack(&items))
                && whole.low >= slack(&items.low)
        };
        caps_only && award.modified.is_empty() && (clause.modifiers.iter().all(|m| m.each) || fits())
    })
}

/// The way through all contested items that finally pays most, by list order among equals; none where it cannot be told.
fn best_way(
    sight: &Sight<'_, '_>,
    recipients: &[Recipient<'_>],
    at: usize,
    graph: &Conflicts,
    contested: &[(&Vec<Place>, Vec<Range>)],
) -> Option<Vec<Vec<Kept>>> {
    let recipient = recipients.get(at)?;
    let awards: Vec<_> = graph.clauses.iter().map(|clause| recipient.award(*clause)).collect();
    let contested_places: BTreeSet<Place> = contested.iter().flat_map(|(places, _)| places.iter().copied()).collect();
    // What each clause pays for items that nobody contests.
    let mut start = vec![Number::ZERO; graph.clauses.len()];
    for place in
        places(recipients, at, &graph.clauses, true).into_iter().filter(|place| !contested_places.contains(place))
    {
        let slot = start.get_mut(graph.at(place.clause(recipients)?)?)?;
        *slot = slot.add(place.amount(recipients)?.known_number()?).ok()?;
    }
    let mut ways: Vec<(Vec<Number>, Vec<u32>)> = vec![(start, Vec::new())];
    for (_, weights) in contested {
        let known: Vec<&Number> = weights.iter().map(Range::known).collect::<Option<_>>()?;
        let sets = graph.sets(graph.active(weights));
        let mut seen = HashSet::new();
        let mut next = Vec::new();
        for (sums, path) in &ways {
            for set in &sets {
                let mut sums = sums.clone();
                for at in bits(*set) {
                    let slot = sums.get_mut(at)?;
                    *slot = slot.add(known.get(at)?).ok()?;
                }
                // Of two ways with the same sums the earlier stands for both.
                if seen.insert(sums.clone()) {
                    next.push((sums, path.iter().copied().chain([*set]).collect()));
                }
            }
        }
        if next.len() > MOST_WAYS {
            return None;
        }
        ways = next;
    }
    let paid = |sums: &[Number]| -> Option<Number> {
        awards.iter().zip(sums).try_fold(Number::ZERO, |total, (award, sum)| {
            let whole = award.map(|award| whole_of(sight, recipient.row, award, Answer::number(sum.clone())));
            total.add(&whole.map_or(Some(Number::ZERO), |whole| whole.known_number().cloned())?).ok()
        })
    };
    let mut best: Option<(Number, &Vec<u32>)> = None;
    for (sums, path) in &ways {
        let total = paid(sums)?;
        if best.as_ref().is_none_or(|(most, _)| total > *most) {
            best = Some((total, path));
        }
    }
    let (_, path) = best?;
    let kept = |set: u32, active: u32| {
        let of = |at: usize| match (active & !set & bit(at), bits(graph.against(at) & set).next()) {
            (0, _) | (_, None) => Kept::Yes,
            (_, Some(other)) => Kept::No(other),
        };
        (0..graph.clauses.len()).map(of).collect::<Vec<_>>()
    };
    Some(contested.iter().zip(path).map(|((_, weights), set)| kept(*set, graph.active(weights))).collect())
}
