//! Carries a plan out over a table, tile by tile.

use super::column::YES;
use super::compile::{Due, Instruction, Keep, Plan};
use super::operation::{Byte, Bytes, Numbers, Registers, TILE, Tile};
use super::results::{Asking, EXACT, Kept, NOT_ELIGIBLE, NOT_IN_FORCE, Results, UP_TO};
use super::table::Table;

/// Carries a plan out over its table, with the instructions that the processor has.
pub fn run(plan: &Plan, table: &Table<'_>, results: &mut Results) {
    results.prepare(plan.clauses.len(), table.count());
    carry_out((&plan.instructions, plan.registers), table, results);
}

/// Carries instructions out that keep so many numbers and bytes for every row.
pub(super) fn keep(
    program: (&[Instruction], (usize, usize)),
    table: &Table<'_>,
    (numbers, bytes): (usize, usize),
) -> Kept {
    let mut results = Results::new(Asking::Totals);
    results.kept.numbers.resize_with(numbers, || vec![0.0; table.count()]);
    results.kept.bytes.resize_with(bytes, || vec![0; table.count()]);
    carry_out(program, table, &mut results);
    results.kept
}

fn carry_out(
    (instructions, (numbers, bytes)): (&[Instruction], (usize, usize)),
    table: &Table<'_>,
    results: &mut Results,
) {
    let columns: Vec<_> = table.columns().collect();
    let registers = Registers::new(numbers, bytes);
    pulp::Arch::new().dispatch(Run { instructions, columns: &columns, rows: table.count(), registers, results });
}

struct Run<'a> {
    instructions: &'a [Instruction],
    columns: &'a [&'a super::column::Column],
    rows: usize,
    registers: Registers,
    results: &'a mut Results,
}

impl pulp::NullaryFnOnce for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        let mut scratch = Scratch { amounts: [0.0; TILE], applies: [YES; TILE], sums: [0; TILE], fen: [0; TILE] };
        let mut from = 0;
        while from < self.rows {
            let tile = Tile { columns: self.columns, from, rows: TILE.min(self.rows.saturating_sub(from)) };
            scratch.sums.fill(0);
            for instruction in self.instructions {
                match instruction {
                    Instruction::Compute(operation) => self.registers.carry_out(&tile, operation),
                    Instruction::Keep(kept) => hold(&self.registers, &tile, *kept, &mut self.results.kept),
                    Instruction::Pay(due) => pay(&self.registers, &tile, due, &mut scratch, self.results),
                }
            }
            if let Some(sums) = self.results.sums.get_mut(tile.range()) {
                sums.iter_mut().zip(&scratch.sums).for_each(|(out, sum)| *out = *sum);
            }
            from = from.saturating_add(TILE);
        }
    }
}

/// What a tile needs besides registers; like them it starts where a cache line does.
#[repr(align(64))]
struct Scratch {
    /// Constants, spread over the tile.
    amounts: [f64; TILE],
    applies: [u8; TILE],
    /// What all clauses so far pay to each row.
    sums: [i64; TILE],
    /// What one clause pays, where it is only summed up.
    fen: [i64; TILE],
}

/// Stores or sums up what a clause pays.
#[inline(always)]
fn pay(registers: &Registers, tile: &Tile<'_>, due: &Due, scratch: &mut Scratch, results: &mut Results) {
    let amounts = match tile.numbers(registers, due.amount) {
        Numbers::Slice(amounts) => amounts,
        Numbers::Constant(amount) => {
            scratch.amounts.fill(amount);
            &scratch.amounts
        }
    };
    let applies = match tile.bytes(registers, due.applies) {
        Bytes::Slice(applies) => applies,
        Bytes::Constant(applies) => {
            scratch.applies.fill(applies);
            &scratch.applies
        }
    };
    let rows = amounts.iter().zip(applies).take(tile.rows);
    let fen = |amount: &f64, applies: &u8| due.tail.of(*amount) & i64::from(applies.cast_signed());
    if results.asking == Asking::Totals {
        // A loop for each of the three: together they are not made into vectors.
        let tile_fen = scratch.fen.get_mut(..rows.len()).unwrap_or_default();
        tile_fen.iter_mut().zip(rows).for_each(|(out, (amount, applies))| *out = fen(amount, applies));
        // Amounts are not below 0 and below 2^51, so that a tile stays in 64 bits.
        let sum = tile_fen.iter().fold(0_i64, |sum, fen| sum.wrapping_add(*fen));
        let count = tile_fen.iter().fold(0_i64, |count, fen| count.wrapping_add(i64::from(*fen > 0)));
        if let Some(totals) = results.totals.get_mut(due.clause) {
            totals.fen = totals.fen.saturating_add(i128::from(sum));
            totals.records = totals.records.saturating_add(count.cast_unsigned());
        }
    } else if let Some(out) = results.amounts.get_mut(due.clause).and_then(|column| column.get_mut(tile.range())) {
        if due.recover {
            out.iter_mut().zip(rows).for_each(|(out, (amount, applies))| *out = fen(amount, applies));
        } else {
            for ((out, sum), (amount, applies)) in out.iter_mut().zip(&mut scratch.sums).zip(rows) {
                *out = fen(amount, applies);
                *sum = sum.wrapping_add(*out);
            }
        }
        if results.asking == Asking::Statuses
            && let Some(statuses) = results.statuses.get_mut(due.clause).and_then(|column| column.get_mut(tile.range()))
        {
            tell(registers, tile, due, out, statuses);
        }
    }
    let unsure = if results.asking == Asking::Statuses { due.unsure } else { Byte::Constant(0) };
    if let Some(rows) = results.open.get_mut(due.clause) {
        list(tile, &tile.bytes(registers, due.open), rows);
        list(tile, &tile.bytes(registers, unsure), rows);
    }
}

/// Keeps what is worked out for a tile. By itself: the loops beside it are made into better vectors without it.
#[inline(never)]
fn hold(registers: &Registers, tile: &Tile<'_>, keep: Keep, kept: &mut Kept) {
    match keep {
        Keep::Number(place, at) => {
            let Some(out) = kept.numbers.get_mut(place).and_then(|out| out.get_mut(tile.range())) else { return };
            match tile.numbers(registers, at) {
                Numbers::Slice(values) => copy(out, values),
                Numbers::Constant(value) => out.fill(value),
            }
        }
        Keep::Byte(place, at) => {
            let Some(out) = kept.bytes.get_mut(place).and_then(|out| out.get_mut(tile.range())) else { return };
            match tile.bytes(registers, at) {
                Bytes::Slice(values) => copy(out, values),
                Bytes::Constant(value) => out.fill(value),
            }
        }
    }
}

fn copy<T: Copy>(out: &mut [T], values: &[T]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = *value);
}

/// The statuses of a tile.
#[inline(always)]
fn tell(registers: &Registers, tile: &Tile<'_>, due: &Due, fen: &[i64], statuses: &mut [u8]) {
    let paid = if due.up_to { UP_TO } else { EXACT };
    for (status, fen) in statuses.iter_mut().zip(fen) {
        *status = if *fen == 0 { EXACT } else { paid };
    }
    let mut lower = |mask: Bytes<'_>, to: u8| match mask {
        Bytes::Slice(mask) => {
            for (status, holds) in statuses.iter_mut().zip(mask) {
                *status = if *holds == YES { *status } else { to };
            }
        }
        Bytes::Constant(YES) => {}
        Bytes::Constant(_) => statuses.fill(to),
    };
    lower(tile.bytes(registers, due.applies), NOT_ELIGIBLE);
    lower(tile.bytes(registers, due.in_force), NOT_IN_FORCE);
}

/// Rows that are looked at together for one that is open.
const PASSED_OVER: usize = 32;

/// Lists the rows of a tile that are open.
#[inline(always)]
fn list(tile: &Tile<'_>, open: &Bytes<'_>, rows: &mut Vec<u32>) {
    let mut push = |row: usize| rows.extend(u32::try_from(tile.from.saturating_add(row)));
    match open {
        Bytes::Slice(open) => {
            let open = open.get(..tile.rows).unwrap_or(open);
            // Open rows are few: what lies between them is passed over many at once.
            for (at, some) in open.chunks(PASSED_OVER).enumerate() {
                if some.iter().fold(0, |any, open| any | open) != 0 {
                    let first = at.saturating_mul(PASSED_OVER);
                    let rows = some.iter().enumerate().filter(|(_, open)| **open == YES);
                    rows.for_each(|(row, _)| push(first.saturating_add(row)));
                }
            }
        }
        Bytes::Constant(YES) => (0..tile.rows).for_each(push),
        Bytes::Constant(_) => {}
    }
}
