//! What a step does to a part, once it is known what it comes to for the whole population.

use rustc_hash::FxHashMap;
use std::cmp::Ordering;

use super::batch::Batch;
use super::claim::{ByGroup, Claim, Digit};
use super::plan::{Grouping, Modify, Pool, Room};
use super::pool::{There, Verdict, stands};
use crate::check::program::ShortageRuleDef;
use crate::settle::conflicts::{Conflicts, bit};
use crate::settle::range::{Range, fen};
use crate::settle::shortage::{Claim as Drawn, Outcome, share_out};
use crate::value::Number;

/// A step that is decided.
#[derive(Debug)]
pub(super) enum Act<'p> {
    Overrides(&'p [(Vec<usize>, Vec<usize>)]),
    Modify(&'p Modify, &'p [usize]),
    Exclude(&'p [usize], usize),
    Highest(&'p [usize], Grouping, ByGroup<Best>),
    /// By group, the clauses that are left out.
    NotTogether(&'p Conflicts, Grouping, ByGroup<u32>),
    /// By group, the line behind which nobody is taken, and whether those at it are.
    Select(&'p super::plan::Select<'p>, ByGroup<(Vec<u64>, bool)>),
    /// By group, what becomes of a pool that does not reach.
    Pool(&'p Pool<'p>, ByGroup<Verdict>),
}

/// The greatest amount of a group, and the place of its clause in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Best {
    pub(super) amount: i64,
    pub(super) place: usize,
    /// How many have just that.
    pub(super) count: u64,
}

/// Billionths in one.
const BILLION: i128 = 1_000_000_000;

impl Act<'_> {
    /// Whether recipients are told apart by key.
    pub(super) fn needs_keys(&self) -> bool {
        let Act::Pool(_, verdicts) = self else { return false };
        verdicts.values().any(|verdict| matches!(&verdict.there, There::Parts(_, Some(rest)) if rest.line.is_some()))
    }

    /// Changes the amounts of a part.
    pub(super) fn apply(&self, batch: &mut Batch) {
        match self {
            Act::Overrides(all) => (0..batch.rows).for_each(|row| overrides(batch, all, row)),
            Act::Modify(how, clauses) => clauses.iter().for_each(|clause| modify(batch, how, *clause)),
            Act::Exclude(clauses, condition) => {
                let excluded = |batch: &Batch, row: usize| batch.input(*condition, row) == Some(1);
                drop_where(batch, clauses, excluded);
            }
            Act::Highest(clauses, grouping, best) => highest(batch, clauses, *grouping, best),
            Act::NotTogether(graph, grouping, out) => not_together(batch, graph, *grouping, out),
            Act::Select(select, lines) => {
                let out = |batch: &Batch, row: usize| match select.grouping.of(batch, row) {
                    None => select.count < 1,
                    Some(group) => lines.get(&group).is_some_and(|line| is_behind(batch, row, &select.keys, line)),
                };
                drop_where(batch, &select.clauses, out);
            }
            Act::Pool(pool, verdicts) => draw(batch, pool, verdicts),
        }
    }
}

fn drop_where(batch: &mut Batch, clauses: &[usize], out: impl Fn(&Batch, usize) -> bool) {
    for row in 0..batch.rows {
        if out(batch, row) {
            clauses.iter().for_each(|clause| batch.set(*clause, row, 0));
        }
    }
}

fn is_behind(batch: &Batch, row: usize, keys: &[Digit], (line, is_taken): &(Vec<u64>, bool)) -> bool {
    let claim = Claim { batch, row, clause: 0, amount: 0 };
    match stands(&claim, keys, Some(line), None) {
        Ordering::Less => false,
        Ordering::Equal => !is_taken,
        Ordering::Greater => true,
    }
}

/// What each would pay is asked of all at once.
fn overrides(batch: &mut Batch, all: &[(Vec<usize>, Vec<usize>)], row: usize) {
    let pays = |own: &[usize]| own.iter().any(|clause| batch.amount(*clause, row) > 0);
    let holds: Vec<&Vec<usize>> = all.iter().filter(|(own, _)| pays(own)).map(|(_, named)| named).collect();
    holds.into_iter().flatten().for_each(|clause| batch.set(*clause, row, 0));
}

fn modify(batch: &mut Batch, how: &Modify, clause: usize) {
    let Batch { amounts, inputs, .. } = batch;
    let Some(amounts) = amounts.get_mut(clause) else { return };
    let (Modify::Cap(input)
    | Modify::Floor(input)
    | Modify::Times(input)
    | Modify::Less(input)
    | Modify::NothingBelow(input)) = how
    else {
        if let Modify::Round(mode, unit) = how {
            amounts.iter_mut().for_each(|amount| *amount = rounded(*amount, *mode, unit));
        }
        return;
    };
    let Some(bounds) = inputs.get(*input) else { return };
    for (amount, bound) in amounts.iter_mut().zip(bounds) {
        *amount = match how {
            // A factor that is none leaves nothing; a bound that is none is no bound.
            Modify::Times(_) if *bound == super::NONE => 0,
            _ if *bound == super::NONE => *amount,
            Modify::Cap(_) => (*amount).min((*bound).max(0)),
            Modify::Floor(_) => (*amount).max(*bound),
            Modify::Times(_) => {
                let exact = i128::from(*amount).saturating_mul((*bound).max(0).into());
                i64::try_from(exact.checked_div(BILLION).unwrap_or(0)).unwrap_or(i64::MAX)
            }
            Modify::Less(_) => amount.saturating_sub(*bound).max(0),
            Modify::NothingBelow(_) if *amount < *bound => 0,
            Modify::NothingBelow(_) | Modify::Round(..) => *amount,
        };
    }
}

fn rounded(amount: i64, mode: crate::syntax::tree::RoundMode, unit: &Number) -> i64 {
    let yuan = Number::from_i64(amount).multiply(&fen());
    let rounded = yuan.and_then(|yuan| yuan.round(mode, unit)).and_then(|yuan| yuan.multiply(&Number::from_i64(100)));
    rounded.ok().and_then(|fen| fen.to_i64()).unwrap_or(amount)
}

fn highest(batch: &mut Batch, clauses: &[usize], grouping: Grouping, best: &ByGroup<Best>) {
    for row in 0..batch.rows {
        let kept = match grouping.of(batch, row) {
            Some(group) => best.get(&group).copied(),
            None => best_of(batch, clauses, row),
        };
        let Some(kept) = kept else { continue };
        for (place, clause) in clauses.iter().enumerate() {
            let amount = batch.amount(*clause, row);
            if amount > 0 && (amount, place) != (kept.amount, kept.place) {
                batch.set(*clause, row, 0);
            }
        }
    }
}

/// The greatest amount of a recipient, the first in the list among equals.
pub(super) fn best_of(batch: &Batch, clauses: &[usize], row: usize) -> Option<Best> {
    let mut best: Option<Best> = None;
    for (place, clause) in clauses.iter().enumerate() {
        let amount = batch.amount(*clause, row);
        if amount > best.map_or(0, |best| best.amount) {
            best = Some(Best { amount, place, count: 1 });
        }
    }
    best
}

fn not_together(batch: &mut Batch, graph: &Conflicts, grouping: Grouping, groups: &ByGroup<u32>) {
    let mut weights = vec![0; graph.clauses.len()];
    // The sets of clauses that meet are few, and the same again and again.
    let mut known = FxHashMap::default();
    for row in 0..batch.rows {
        let out = match grouping.of(batch, row) {
            Some(group) => groups.get(&group).copied().unwrap_or(0),
            None => {
                weigh(batch, graph, row, &mut weights);
                left_out(graph, &weights, &mut known)
            }
        };
        for (at, clause) in graph.clauses.iter().enumerate() {
            if out & bit(at) != 0 {
                batch.set(clause.index(), row, 0);
            }
        }
    }
}

/// What each clause of a graph pays a recipient.
pub(super) fn weigh(batch: &Batch, graph: &Conflicts, row: usize, weights: &mut [i128]) {
    for (weight, clause) in weights.iter_mut().zip(&graph.clauses) {
        *weight = batch.amount(clause.index(), row).into();
    }
}

/// The clauses outside the best compatible set, the first by list order among equals.
pub(super) fn left_out(graph: &Conflicts, weights: &[i128], known: &mut FxHashMap<u32, Vec<Vec<u32>>>) -> u32 {
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

fn draw(batch: &mut Batch, pool: &Pool<'_>, verdicts: &ByGroup<Verdict>) {
    if matches!(pool.grouping, Grouping::All) && verdicts.is_empty() {
        return;
    }
    for row in 0..batch.rows {
        let Some(group) = pool.grouping.of(batch, row) else {
            if let Some(changes) = alone(batch, pool, row) {
                changes.iter().for_each(|(clause, amount)| batch.set(*clause, row, *amount));
            }
            continue;
        };
        let Some(verdict) = verdicts.get(&group) else { continue };
        for clause in &pool.clauses {
            let amount = batch.amount(*clause, row);
            if amount > 0 {
                let after = verdict.of(&Claim { batch, row, clause: *clause, amount }, &pool.turns);
                batch.set(*clause, row, after);
            }
        }
    }
}

impl Room {
    /// What there is for a recipient by itself; none without a limit.
    pub(super) fn of(self, batch: &Batch, row: usize) -> Option<i64> {
        match self {
            Room::Fixed(room) => Some(room),
            Room::Of(to, None) => batch.input(to, row),
            Room::Of(to, Some(paid)) => Some(batch.input(to, row)?.saturating_sub(batch.input(paid, row).unwrap_or(0))),
        }
    }
}

/// What a pool leaves a recipient that stands alone in it; none where it reaches.
pub(super) fn alone(batch: &Batch, pool: &Pool<'_>, row: usize) -> Option<Vec<(usize, i64)>> {
    let room = pool.room.of(batch, row)?.max(0);
    let claims =
        pool.clauses.iter().map(|clause| (*clause, batch.amount(*clause, row))).filter(|(_, amount)| *amount > 0);
    if claims.clone().map(|(_, amount)| i128::from(amount)).sum::<i128>() <= room.into() {
        return None;
    }
    let yuan = |amount: i64| Range::exactly(&Number::from_i64(amount).multiply(&fen()).unwrap_or_default());
    let turn = |clause: usize| match pool.shortage.map(|shortage| &shortage.rule) {
        Some(ShortageRuleDef::ByClauses(order)) => {
            order.iter().position(|other| other.index() == clause).unwrap_or(order.len())
        }
        _ => 0,
    };
    let drawn: Vec<Drawn> =
        claims.clone().map(|(clause, amount)| Drawn { amount: yuan(amount), turn: Some(turn(clause)) }).collect();
    let outcomes = share_out(&drawn, &yuan(room), pool.shortage);
    let after = claims.zip(outcomes).map(|((clause, amount), outcome)| match outcome {
        Outcome::Whole => (clause, amount),
        Outcome::Cut(range, _) => {
            let fen = range.known().and_then(|yuan| yuan.multiply(&Number::from_i64(100)).ok()?.to_i64());
            (clause, fen.unwrap_or(UNDECIDED))
        }
    });
    Some(after.collect())
}

/// No rule decides it.
pub(super) const UNDECIDED: i64 = -1;
