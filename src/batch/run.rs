//! Carries a plan out over a table, tile by tile.

use super::column::YES;
use super::compile::{Due, Instruction, Plan};
use super::operation::{Byte, Bytes, Registers, TILE, Tile};
use super::results::{Asking, EXACT, NOT_ELIGIBLE, NOT_IN_FORCE, Results, Totals, UP_TO};
use super::table::Table;

/// Carries a plan out over its table, with the instructions that the processor has.
pub fn run(plan: &Plan, table: &Table<'_>, results: &mut Results) {
    results.prepare(plan.clauses.len(), table.rows.count());
    let columns: Vec<_> = table.columns().collect();
    let registers = Registers::new(plan.registers.0, plan.registers.1);
    pulp::Arch::new().dispatch(Run { plan, columns: &columns, rows: table.rows.count(), registers, results });
}

struct Run<'a> {
    plan: &'a Plan,
    columns: &'a [&'a super::column::Column],
    rows: usize,
    registers: Registers,
    results: &'a mut Results,
}

impl pulp::NullaryFnOnce for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        let mut from = 0;
        while from < self.rows {
            let tile = Tile { columns: self.columns, from, rows: TILE.min(self.rows.saturating_sub(from)) };
            for instruction in &self.plan.instructions {
                match instruction {
                    Instruction::Compute(operation) => self.registers.carry_out(&tile, operation),
                    Instruction::Pay(due) => pay(&self.registers, &tile, due, self.results),
                }
            }
            from = from.saturating_add(TILE);
        }
    }
}

/// Stores or sums up what a clause pays.
#[inline(always)]
fn pay(registers: &Registers, tile: &Tile<'_>, due: &Due, results: &mut Results) {
    let range = tile.from..tile.from.saturating_add(tile.rows);
    let mut fen = [0_i64; TILE];
    let Some(fen) = fen.get_mut(..tile.rows) else { return };
    registers.whole(tile, due.amount, fen);
    match tile.bytes(registers, due.applies) {
        Bytes::Slice(applies) => {
            for (fen, applies) in fen.iter_mut().zip(applies) {
                *fen = if *applies == YES { *fen } else { 0 };
            }
        }
        Bytes::Constant(YES) => {}
        Bytes::Constant(_) => fen.fill(0),
    }
    if let Some(totals) = results.totals.get_mut(due.clause) {
        add(totals, fen);
    }
    if results.asking != Asking::Totals
        && let Some(amounts) = results.amounts.get_mut(due.clause).and_then(|column| column.get_mut(range.clone()))
    {
        amounts.copy_from_slice(fen);
    }
    if !due.recover
        && let Some(sums) = results.sums.get_mut(range.clone())
    {
        sums.iter_mut().zip(&*fen).for_each(|(sum, fen)| *sum = sum.wrapping_add(*fen));
    }
    if results.asking == Asking::Statuses
        && let Some(statuses) = results.statuses.get_mut(due.clause).and_then(|column| column.get_mut(range))
    {
        tell(registers, tile, due, fen, statuses);
    }
    if due.open != Byte::Constant(0)
        && let Some(rows) = results.open.get_mut(due.clause)
    {
        list(tile, &tile.bytes(registers, due.open), rows);
    }
}

/// Adds a tile to the sums; amounts are not below 0 and below 2^51, so that a tile stays in 64 bits.
#[inline(always)]
fn add(totals: &mut Totals, fen: &[i64]) {
    let (mut sum, mut count) = (0_i64, 0_i64);
    for fen in fen {
        sum = sum.wrapping_add(*fen);
        count = count.wrapping_add(i64::from(*fen > 0));
    }
    totals.fen = totals.fen.saturating_add(i128::from(sum));
    totals.records = totals.records.saturating_add(count.cast_unsigned());
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

/// Lists the rows of a tile that are open.
#[inline(always)]
fn list(tile: &Tile<'_>, open: &Bytes<'_>, rows: &mut Vec<u32>) {
    let mut push = |row: usize| rows.extend(u32::try_from(tile.from.saturating_add(row)));
    match open {
        Bytes::Slice(open) => {
            let open = open.get(..tile.rows).unwrap_or(open);
            if open.iter().fold(0, |any, open| any | open) != 0 {
                open.iter().enumerate().filter(|(_, open)| **open == YES).for_each(|(row, _)| push(row));
            }
        }
        Bytes::Constant(YES) => (0..tile.rows).for_each(push),
        Bytes::Constant(_) => {}
    }
}
