//! What a pool leaves recipients that stand alone in it: each has a room of its own.
//!
//! Clauses are served turn by turn, over columns; only where several clauses of one
//! recipient share a turn that does not reach is the recipient looked at by itself, with
//! the rule that settlement in memory has.

use super::batch::{Batch, NONE};
use super::claim::TILE;
use super::digit::sized;
use super::plan::{Grouping, Pool, Room};
use crate::settle::range::{Range, fen};
use crate::settle::shortage::{Claim, Outcome, Together, parts_in_fen, share_out, shares_in_fen};
use crate::value::Number;

/// What no rule decides.
const UNDECIDED: i64 = -1;

/// The room of one for whom there is no limit.
const NO_LIMIT: i64 = -1;

/// Columns that are used again.
#[derive(Debug, Default)]
struct Columns {
    /// What is left of each room, or [`NO_LIMIT`].
    left: Vec<i64>,
    wanted: Vec<i64>,
    clauses: Vec<usize>,
    claims: Vec<i64>,
    shares: Vec<i64>,
    order: Vec<(u64, usize)>,
}

/// Serves those that stand alone. Whether some rule decides for each what it gets; where none does, its amounts
/// come out below 0.
pub(super) fn serve(batch: &mut Batch, pool: &Pool<'_>) -> bool {
    if pool.grouping == Grouping::All {
        return true;
    }
    let mut columns = Columns::default();
    let mut decided = true;
    for from in (0..batch.rows).step_by(TILE) {
        let rows = TILE.min(batch.rows.saturating_sub(from));
        rooms(batch, pool, from, sized(&mut columns.left, rows, 0));
        for level in &pool.levels {
            decided &= match level.as_slice() {
                [] => true,
                [clause] => {
                    one(batch, pool, from, *clause, sized(&mut columns.left, rows, 0));
                    true
                }
                clauses => several(batch, pool, (from, rows), clauses, &mut columns),
            };
        }
    }
    decided
}

/// Whether some rule decides for each that stands alone what it gets.
pub(super) fn is_decided(batch: &Batch, pool: &Pool<'_>) -> bool {
    // What all clauses together come to, times a unit, stays so short that parts can hold it.
    let all = pool.clauses.iter().flat_map(|clause| batch.amounts(*clause));
    let most = i128::from(all.fold(0, |bits, amount| bits | amount.max(&0)));
    let sum = most.saturating_add(1).saturating_mul(pool.clauses.len() as i128);
    let fits = sum.saturating_mul(pool.unit.into()) < 1 << 61;
    (fits && pool.together != Together::Undecided) || serve(&mut batch.clone(), pool)
}

/// The rooms of some rows from one on.
fn rooms(batch: &Batch, pool: &Pool<'_>, from: usize, rooms: &mut [i64]) {
    let part = |input: usize| batch.input(input).get(from..).unwrap_or(&[]).iter().copied();
    match pool.room {
        Room::Fixed(room) => rooms.fill(room.max(0)),
        Room::Of(to, paid) => {
            let limits = part(to).chain(std::iter::repeat(NONE));
            let limit = |limit: i64| if limit == NONE { NO_LIMIT } else { limit.max(0) };
            rooms.iter_mut().zip(limits).for_each(|(room, to)| *room = limit(to));
            if let Some(paid) = paid {
                for ((room, to), paid) in rooms.iter_mut().zip(part(to)).zip(part(paid)) {
                    let paid = if paid == NONE { 0 } else { paid };
                    *room = if to == NONE { NO_LIMIT } else { to.saturating_sub(paid).max(0) };
                }
            }
        }
    }
    // Those of a group share a room.
    if let Grouping::By(input) = pool.grouping {
        let groups = rooms.iter_mut().zip(part(input));
        groups.for_each(|(room, group)| *room = if group == NONE { *room } else { NO_LIMIT });
    }
}

/// A clause that has a turn of its own.
fn one(batch: &mut Batch, pool: &Pool<'_>, from: usize, clause: usize, left: &mut [i64]) {
    let amounts = batch.amounts_mut(clause).get_mut(from..).unwrap_or(&mut []);
    pulp::Arch::new().dispatch(Turn { amounts, left, unit: pool.unit_alone() });
}

/// What the rows want of what is left to each, given in whole units. Compiled for what the processor has.
struct Turn<'a> {
    amounts: &'a mut [i64],
    left: &'a mut [i64],
    unit: i64,
}

impl pulp::NullaryFnOnce for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let rows = self.amounts.iter_mut().zip(self.left);
        // A loop for the fen, which takes no division.
        if self.unit == 1 {
            rows.for_each(|(amount, left)| take_turn(amount, left, |left| left));
        } else {
            rows.for_each(|(amount, left)| take_turn(amount, left, |left| down(left, self.unit)));
        }
    }
}

#[inline(always)]
fn take_turn(amount: &mut i64, left: &mut i64, part: impl Fn(i64) -> i64) {
    let wanted = *amount;
    *amount = if (*left == NO_LIMIT) | (wanted <= *left) { wanted } else { part(*left) };
    *left = after(*left, wanted);
}

/// What a turn leaves to the next: nothing, where it asked for more than there was.
#[inline(always)]
fn after(left: i64, wanted: i64) -> i64 {
    // Neither is below 0 here.
    let rest = left.wrapping_sub(wanted.max(0)).max(0);
    if left == NO_LIMIT { NO_LIMIT } else { rest }
}

fn down(left: i64, unit: i64) -> i64 {
    left.saturating_sub(left.checked_rem(unit).unwrap_or(0))
}

/// Clauses that share a turn. Whether some rule decides what each gets.
fn several(
    batch: &mut Batch,
    pool: &Pool<'_>,
    (from, rows): (usize, usize),
    clauses: &[usize],
    columns: &mut Columns,
) -> bool {
    let wanted = sized(&mut columns.wanted, rows, 0);
    wanted.fill(0);
    for clause in clauses {
        let amounts = batch.amounts(*clause).get(from..).unwrap_or(&[]);
        wanted.iter_mut().zip(amounts).for_each(|(wanted, amount)| *wanted = wanted.saturating_add((*amount).max(0)));
    }
    let mut decided = true;
    for at in 0..rows {
        let (Some(left), Some(wanted)) = (columns.left.get_mut(at), columns.wanted.get(at).copied()) else { break };
        let room = *left;
        *left = after(room, wanted);
        // A sum that was too long may be anything from there on.
        if room != NO_LIMIT && (wanted > room || wanted == i64::MAX) {
            decided &= share(batch, pool, (from.saturating_add(at), room), clauses, columns);
        }
    }
    decided
}

/// Divides what is left to one recipient among clauses; whether a rule says how.
fn share(
    batch: &mut Batch,
    pool: &Pool<'_>,
    (row, room): (usize, i64),
    level: &[usize],
    columns: &mut Columns,
) -> bool {
    let Columns { clauses, claims, shares, order, .. } = columns;
    clauses.clear();
    clauses.extend(level.iter().filter(|clause| batch.amount(**clause, row) > 0));
    claims.clear();
    claims.extend(clauses.iter().map(|clause| batch.amount(*clause, row)));
    if claims.iter().map(|claim| i128::from(*claim)).sum::<i128>() <= room.into() {
        return true;
    }
    let shares = sized(shares, claims.len(), 0);
    if claims.len() <= 1 || room == 0 {
        let unit = pool.unit_alone();
        let each = shares.iter_mut().zip(claims.iter());
        each.for_each(|(share, claim)| *share = if *claim <= room { *claim } else { down(room, unit) });
    } else if let Some(parts) = parts_in_fen(claims, room, pool.together, pool.unit) {
        shares_in_fen(&parts, claims, (room, pool.rest()), shares, order);
    } else if !in_numbers(claims, room, pool, shares) {
        shares.fill(UNDECIDED);
    }
    for (clause, share) in clauses.iter().zip(shares.iter()) {
        if let Some(amount) = batch.amounts_mut(*clause).get_mut(row) {
            *amount = *share;
        }
    }
    !shares.contains(&UNDECIDED)
}

/// The same beyond what parts can hold.
fn in_numbers(claims: &[i64], room: i64, pool: &Pool<'_>, shares: &mut [i64]) -> bool {
    let yuan = |amount: i64| Range::exactly(&Number::from_i64(amount).multiply(&fen()).unwrap_or_default());
    let drawn: Vec<Claim> = claims.iter().map(|claim| Claim { amount: yuan(*claim), turn: Some(0) }).collect();
    let outcomes = share_out(&drawn, &yuan(room), pool.shortage);
    shares.iter_mut().zip(claims).zip(outcomes).all(|((share, claim), outcome)| {
        let after = match outcome {
            Outcome::Whole => Some(*claim),
            Outcome::Cut(range, _) => {
                range.known().and_then(|yuan| yuan.multiply(&Number::from_i64(100)).ok()?.to_i64())
            }
        };
        after.is_some_and(|after| {
            *share = after;
            true
        })
    })
}
