//! What a step does to a part, once it is known what it comes to for the whole population.

use std::cmp::Ordering;

use super::alone;
use super::batch::{Batch, Keyed, NONE, Needed};
use super::claim::{Among, ByGroup, Gathered, TILE};
use super::digit::{Digit, stand};
use super::highest::{Best, keep_compatible, keep_highest};
use super::plan::{Grouping, Modify, Pool, Room, Select};
use super::pool::{Columns, Verdict};
use crate::settle::conflicts::Conflicts;
use crate::settle::range::fen;
use crate::syntax::tree::RoundMode;
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
    Select(&'p Select<'p>, ByGroup<(Vec<u64>, bool)>),
    /// By group, what becomes of a pool that does not reach.
    Pool(&'p Pool<'p>, ByGroup<Verdict>),
}

/// Billionths in one.
const BILLION: i128 = 1_000_000_000;

impl Act<'_> {
    /// What must be read so that after this step there is what is needed.
    pub(super) fn needed(&self, needed: Needed) -> Needed {
        let changes = |clauses: &[usize]| clauses.iter().any(|clause| needed.has_amounts(*clause));
        match self {
            Act::Overrides(all) => {
                let own = all.iter().filter(|(_, named)| changes(named)).flat_map(|(own, _)| own).copied();
                let own: Vec<usize> = own.collect();
                needed.and_amounts(own)
            }
            Act::Modify(how, clauses) if changes(clauses) => needed.and_inputs(how.input()),
            Act::Exclude(clauses, condition) if changes(clauses) => needed.and_inputs([*condition]),
            Act::Highest(clauses, grouping, _) if changes(clauses) => {
                needed.and_amounts(clauses.iter().copied()).and_inputs(grouping.input())
            }
            Act::NotTogether(graph, grouping, _) => {
                let clauses: Vec<usize> = graph.clauses.iter().map(|clause| clause.index()).collect();
                if changes(&clauses) { needed.and_amounts(clauses).and_inputs(grouping.input()) } else { needed }
            }
            Act::Select(select, _) if changes(&select.clauses) => {
                let keys = select.keys.iter().filter_map(Digit::input);
                needed.and_inputs(keys.chain(select.grouping.input()))
            }
            Act::Pool(pool, _) if changes(&pool.clauses) => {
                let inputs = pool.turns.iter().filter_map(Digit::input).chain(pool.grouping.input());
                let needed = needed.and_inputs(inputs);
                // One that stands alone has a room for all of its clauses.
                if pool.grouping == Grouping::All {
                    return needed;
                }
                needed.and_amounts(pool.clauses.iter().copied()).and_inputs(pool.room.inputs())
            }
            _ => needed,
        }
    }

    /// The parts in which keys tell who gets what.
    pub(super) fn keyed(&self) -> Keyed {
        let Act::Pool(_, verdicts) = self else { return Keyed::NOWHERE };
        verdicts.values().map(Verdict::keyed).fold(Keyed::NOWHERE, Keyed::and)
    }

    /// Changes the amounts of a part. Whether some rule decides for each that stands alone what it gets.
    pub(super) fn apply(&self, batch: &mut Batch) -> bool {
        match self {
            Act::Overrides(all) => overrides(batch, all),
            Act::Modify(how, clauses) => clauses.iter().for_each(|clause| modify(batch, how, *clause)),
            Act::Exclude(clauses, condition) => exclude(batch, clauses, *condition),
            Act::Highest(clauses, grouping, best) => keep_highest(batch, clauses, *grouping, best),
            Act::NotTogether(graph, grouping, out) => keep_compatible(batch, graph, *grouping, out),
            Act::Select(select, lines) => choose(batch, select, lines),
            Act::Pool(pool, verdicts) => {
                draw(batch, pool, verdicts);
                return alone::serve(batch, pool);
            }
        }
        true
    }
}

impl Room {
    /// The inputs that it reads.
    pub(super) fn inputs(self) -> impl Iterator<Item = usize> {
        let (to, paid) = match self {
            Room::Fixed(_) => (None, None),
            Room::Of(to, paid) => (Some(to), paid),
        };
        to.into_iter().chain(paid)
    }
}

/// What each would pay is asked of all at once.
fn overrides(batch: &mut Batch, all: &[(Vec<usize>, Vec<usize>)]) {
    let pays = |(own, _): &(Vec<usize>, Vec<usize>)| {
        let mut pays = vec![false; batch.rows];
        for clause in own {
            pays.iter_mut().zip(batch.amounts(*clause)).for_each(|(pays, amount)| *pays |= *amount > 0);
        }
        pays
    };
    let holds: Vec<Vec<bool>> = all.iter().map(pays).collect();
    for (holds, (_, named)) in holds.iter().zip(all) {
        for clause in named {
            drop_where(batch.amounts_mut(*clause), holds.iter().copied());
        }
    }
}

fn drop_where(amounts: &mut [i64], out: impl Iterator<Item = bool>) {
    amounts.iter_mut().zip(out).for_each(|(amount, out)| *amount = if out { 0 } else { *amount });
}

fn exclude(batch: &mut Batch, clauses: &[usize], condition: usize) {
    let Batch { amounts, inputs, .. } = batch;
    let Some(holds) = inputs.get(condition) else { return };
    for clause in clauses {
        if let Some(amounts) = amounts.get_mut(*clause) {
            drop_where(amounts, holds.iter().map(|holds| *holds == 1));
        }
    }
}

/// Takes away what is behind the line of a selection.
fn choose(batch: &mut Batch, select: &Select<'_>, lines: &ByGroup<(Vec<u64>, bool)>) {
    let (mut out, mut digits, mut standing) = (Vec::new(), Vec::new(), Vec::new());
    let among = Among::Recipients(&select.clauses);
    among.each(batch, select.grouping, |claims| {
        for (group, run) in claims.runs() {
            let Some((line, is_taken)) = lines.get(&group) else { continue };
            stand(&run, (&select.keys, line), None, &mut digits, &mut standing);
            let behind = |standing: &Ordering| standing.is_gt() | (standing.is_eq() & !is_taken);
            let rows = run.rows.iter().zip(&standing).filter(|(_, standing)| behind(standing));
            out.extend(rows.map(|(row, _)| *row));
        }
    });
    for clause in &select.clauses {
        let amounts = batch.amounts_mut(*clause);
        for row in &out {
            if let Some(amount) = amounts.get_mut(*row as usize) {
                *amount = 0;
            }
        }
    }
    // One of no group stands alone among the first, where there are any.
    if select.count < 1
        && let Some(input) = select.grouping.input()
    {
        let Batch { amounts, inputs, .. } = batch;
        let groups = inputs.get(input).map(Vec::as_slice).unwrap_or_default();
        for clause in &select.clauses {
            if let Some(amounts) = amounts.get_mut(*clause) {
                drop_where(amounts, groups.iter().map(|group| *group == NONE));
            }
        }
    }
}

fn modify(batch: &mut Batch, how: &Modify, clause: usize) {
    let Batch { amounts, inputs, .. } = batch;
    let Some(amounts) = amounts.get_mut(clause) else { return };
    let bounds = how.input().and_then(|input| inputs.get(input)).map(Vec::as_slice).unwrap_or_default();
    // A bound that is none is no bound; a factor that is none leaves nothing.
    match how {
        Modify::Cap(_) => bound(amounts, bounds, |amount, bound| amount.min(bound.max(0))),
        Modify::Floor(_) => bound(amounts, bounds, i64::max),
        Modify::Less(_) => bound(amounts, bounds, |amount, part| amount.saturating_sub(part).max(0)),
        Modify::NothingBelow(_) => bound(amounts, bounds, |amount, bound| if amount < bound { 0 } else { amount }),
        Modify::Times(_) => {
            let rows = amounts.iter_mut().zip(bounds);
            rows.for_each(|(amount, factor)| *amount = if *factor == NONE { 0 } else { times(*amount, *factor) });
        }
        Modify::Round(mode, unit) => {
            let fen = unit.multiply(&Number::from_i64(100)).ok().and_then(|fen| fen.to_i64());
            for amount in amounts {
                let quick = fen.and_then(|fen| rounded_to(*amount, *mode, fen));
                *amount = quick.unwrap_or_else(|| rounded(*amount, *mode, unit));
            }
        }
    }
}

fn bound(amounts: &mut [i64], bounds: &[i64], of: impl Fn(i64, i64) -> i64) {
    for (amount, bound) in amounts.iter_mut().zip(bounds) {
        *amount = if *bound == NONE { *amount } else { of(*amount, *bound) };
    }
}

/// Times so many billionths, rounded down.
fn times(amount: i64, factor: i64) -> i64 {
    let exact = i128::from(amount).saturating_mul(factor.max(0).into());
    i64::try_from(exact.checked_div(BILLION).unwrap_or(0)).unwrap_or(i64::MAX)
}

/// Rounded to whole units in fen, where all stays within 64 bits.
fn rounded_to(amount: i64, mode: RoundMode, unit: i64) -> Option<i64> {
    let rest = amount.checked_rem(unit).filter(|_| amount >= 0 && unit > 0)?;
    let down = amount.checked_sub(rest)?;
    let up = match mode {
        RoundMode::Down => false,
        RoundMode::Up => rest > 0,
        RoundMode::HalfUp => rest >= unit.checked_sub(rest)?,
    };
    if up { down.checked_add(unit) } else { Some(down) }
}

fn rounded(amount: i64, mode: RoundMode, unit: &Number) -> i64 {
    let yuan = Number::from_i64(amount).multiply(&fen()).and_then(|yuan| yuan.round(mode, unit));
    // As every cut of a settlement: what is below a fen is left out.
    let whole = yuan.and_then(|yuan| yuan.round(RoundMode::Down, &fen()));
    let rounded = whole.and_then(|yuan| yuan.multiply(&Number::from_i64(100)));
    rounded.ok().and_then(|fen| fen.to_i64()).unwrap_or(amount)
}

/// Gives those who share a pool that does not reach what it leaves them.
fn draw(batch: &mut Batch, pool: &Pool<'_>, verdicts: &ByGroup<Verdict>) {
    if verdicts.is_empty() {
        return;
    }
    let (mut columns, mut gathered) = (Columns::default(), Gathered::default());
    for clause in &pool.clauses {
        let Some(column) = batch.amounts.get_mut(*clause) else { continue };
        let mut amounts = std::mem::take(column);
        for (tile, from) in amounts.chunks_mut(TILE).zip((0..).step_by(TILE)) {
            let claims = gathered.claims(batch, *clause, (from, tile), pool.grouping);
            for (group, run) in claims.runs() {
                let Some(verdict) = verdicts.get(&group) else { continue };
                let after = verdict.serve(&run, &pool.turns, &mut columns);
                for (row, after) in run.rows.iter().zip(after) {
                    if let Some(amount) = (*row as usize).checked_sub(from).and_then(|at| tile.get_mut(at)) {
                        *amount = *after;
                    }
                }
            }
        }
        if let Some(column) = batch.amounts.get_mut(*clause) {
            *column = amounts;
        }
    }
}
