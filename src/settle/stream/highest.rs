//! What only one of several clauses may pay: the greatest of a recipient or group, and the
//! compatible sets of clauses that exclude each other.

use rustc_hash::FxHashMap;

use super::act::Act;
use super::batch::{Awards, Batch, NONE, Needed, survey};
use super::claim::ByGroup;
use super::plan::Grouping;
use crate::settle::conflicts::{Conflicts, bit};

/// The greatest amount of a group, and the place of its clause in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Best {
    pub(super) amount: i64,
    pub(super) place: u32,
    /// How many have just that.
    pub(super) count: u64,
}

/// The greatest amount of each recipient, 0 where it has none, and which clause it is, the first in the list among equals.
#[derive(Debug, Default)]
struct Greatest {
    amounts: Vec<i64>,
    places: Vec<u32>,
}

impl Greatest {
    fn of(batch: &Batch, clauses: &[usize]) -> Greatest {
        let (mut amounts, mut places) = (vec![0; batch.rows], vec![0; batch.rows]);
        for (clause, place) in clauses.iter().zip(0..) {
            let columns = amounts.iter_mut().zip(&mut places).zip(batch.amounts(*clause));
            for ((best, at), amount) in columns {
                let greater = *amount > *best;
                *best = if greater { *amount } else { *best };
                *at = if greater { place } else { *at };
            }
        }
        Greatest { amounts, places }
    }

    fn each(&self) -> impl Iterator<Item = (i64, u32)> {
        self.amounts.iter().copied().zip(self.places.iter().copied())
    }
}

/// The group of each row of a batch; [`NONE`] for one that stands alone.
fn groups(batch: &Batch, grouping: Grouping) -> impl Iterator<Item = i64> {
    let groups = grouping.input().map(|input| batch.input(input)).unwrap_or_default();
    groups.iter().copied().chain(std::iter::repeat(NONE))
}

/// The greatest amount of each group.
pub(super) fn best_by_group<A: Awards>(
    clauses: &[usize],
    grouping: Grouping,
    acts: &[Act<'_>],
    awards: &A,
) -> ByGroup<Best> {
    if grouping == Grouping::Each {
        return ByGroup::default();
    }
    let take = |best: &mut ByGroup<Best>, group: i64, one: Best| {
        let kept = best.entry(group).or_insert(Best { count: 0, ..one });
        let order = one.amount.cmp(&kept.amount).then(kept.place.cmp(&one.place));
        match order {
            std::cmp::Ordering::Greater => *kept = one,
            std::cmp::Ordering::Equal => kept.count = kept.count.saturating_add(one.count),
            std::cmp::Ordering::Less => {}
        }
    };
    let see = |best: &mut ByGroup<Best>, _: usize, batch: &Batch| {
        for ((amount, place), group) in Greatest::of(batch, clauses).each().zip(groups(batch, grouping)) {
            if amount > 0 && group != NONE {
                take(best, group, Best { amount, place, count: 1 });
            }
        }
    };
    let needed = Needed::default().and_amounts(clauses.iter().copied()).and_inputs(grouping.input());
    survey(awards, acts, (needed, None), ByGroup::default, see, |mut all, some| {
        some.into_iter().for_each(|(group, one)| take(&mut all, group, one));
        all
    })
}

/// Keeps the greatest amounts.
pub(super) fn keep_highest(batch: &mut Batch, clauses: &[usize], grouping: Grouping, best: &ByGroup<Best>) {
    let mut kept = Greatest::of(batch, clauses);
    if grouping != Grouping::Each {
        let rows = kept.amounts.iter_mut().zip(&mut kept.places).zip(groups(batch, grouping));
        for ((amount, place), group) in rows {
            if let Some(best) = best.get(&group).filter(|_| group != NONE) {
                (*amount, *place) = (best.amount, best.place);
            }
        }
    }
    for (clause, place) in clauses.iter().zip(0..) {
        for (amount, (best, at)) in batch.amounts_mut(*clause).iter_mut().zip(kept.each()) {
            // What no rule decides stays below 0.
            let kept = (*amount <= 0) | ((*amount == best) & (at == place));
            *amount = if kept { *amount } else { 0 };
        }
    }
}

/// By group, the clauses that are left out.
pub(super) fn out_by_group<A: Awards>(
    graph: &Conflicts,
    grouping: Grouping,
    acts: &[Act<'_>],
    awards: &A,
) -> ByGroup<u32> {
    if grouping == Grouping::Each {
        return ByGroup::default();
    }
    type Weights = ByGroup<Vec<i128>>;
    let none = || vec![0i128; graph.clauses.len()];
    let see = |all: &mut Weights, _: usize, batch: &Batch| {
        for (at, clause) in graph.clauses.iter().enumerate() {
            for (amount, group) in batch.amounts(clause.index()).iter().zip(groups(batch, grouping)) {
                if *amount > 0
                    && group != NONE
                    && let Some(sum) = all.entry(group).or_insert_with(none).get_mut(at)
                {
                    *sum = sum.saturating_add((*amount).into());
                }
            }
        }
    };
    let needed = Needed::default().and_amounts(graph.clauses.iter().map(|clause| clause.index()));
    let needed = needed.and_inputs(grouping.input());
    let weights = survey(awards, acts, (needed, None), Weights::default, see, |mut all, some| {
        for (group, more) in some {
            let sums = all.entry(group).or_insert_with(none).iter_mut().zip(more);
            sums.for_each(|(sum, more)| *sum = sum.saturating_add(more));
        }
        all
    });
    let mut known = FxHashMap::default();
    weights.iter().map(|(group, weights)| (*group, left_out(graph, weights, &mut known))).collect()
}

/// Takes away the clauses that are left out.
pub(super) fn keep_compatible(batch: &mut Batch, graph: &Conflicts, grouping: Grouping, by_group: &ByGroup<u32>) {
    let mut out = vec![0u32; batch.rows];
    // First which clauses pay each recipient anything.
    for (at, clause) in graph.clauses.iter().enumerate() {
        let paying = out.iter_mut().zip(batch.amounts(clause.index()));
        paying.for_each(|(out, amount)| *out |= if *amount > 0 { bit(at) } else { 0 });
    }
    let mut weights = vec![0; graph.clauses.len()];
    // The sets of clauses that meet are few, and the same again and again.
    let mut known = FxHashMap::default();
    for ((row, out), group) in out.iter_mut().enumerate().zip(groups(batch, grouping)) {
        *out = match group {
            NONE if out.count_ones() < 2 => 0,
            NONE => {
                for (weight, clause) in weights.iter_mut().zip(&graph.clauses) {
                    *weight = batch.amount(clause.index(), row).into();
                }
                left_out(graph, &weights, &mut known)
            }
            group => by_group.get(&group).copied().unwrap_or(0),
        };
    }
    for (at, clause) in graph.clauses.iter().enumerate() {
        let rows = batch.amounts_mut(clause.index()).iter_mut().zip(&out);
        rows.for_each(|(amount, out)| *amount = if out & bit(at) != 0 { 0 } else { *amount });
    }
}

/// The clauses outside the best compatible set, the first by list order among equals.
fn left_out(graph: &Conflicts, weights: &[i128], known: &mut FxHashMap<u32, Vec<Vec<u32>>>) -> u32 {
    let paying = weights.iter().enumerate().filter(|(_, weight)| **weight > 0);
    let active = paying.fold(0, |bits, (at, _)| bits | bit(at));
    if active.count_ones() < 2 {
        return 0;
    }
    let parts = known.entry(active).or_insert_with(|| graph.parts(active).into_iter().map(|p| graph.sets(p)).collect());
    let pays =
        |set: u32| weights.iter().enumerate().filter(|(at, _)| set & bit(*at) != 0).map(|(_, w)| w).sum::<i128>();
    let mut kept = 0;
    for sets in parts {
        let mut best: Option<(i128, u32)> = None;
        for set in sets {
            let paid = pays(*set);
            if best.is_none_or(|(most, _)| paid > most) {
                best = Some((paid, *set));
            }
        }
        kept |= best.map_or(0, |(_, set)| set);
    }
    active & !kept
}
