//! The instructions of a plan, and the kernels that carry them out over a tile of rows.
//!
//! In: columns, registers and constants. Out: registers, and at the end of a clause what
//! it pays. A kernel is a plain loop over slices of one length: compiled for what the
//! processor has, it runs in vectors. Numbers are whole and exact (see
//! [`super::column`]); nothing here can overflow or panic, for the compiler of the plan has
//! bounded every operation.

use std::mem::take;

use super::column::{Cells, Column, YES};
use crate::syntax::tree::{Compare, RoundMode};

/// Rows that are computed together: their registers stay in the nearest cache.
pub(super) const TILE: usize = 512;

/// Where a kernel reads numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Column(usize),
    Register(usize),
    Constant(f64),
}

/// Where a kernel reads bytes: conditions and values of enumerations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Byte {
    Column(usize),
    /// Where a column has gaps.
    Gaps(usize),
    /// Where a number of a column is none.
    Nones(usize),
    Register(usize),
    Constant(u8),
}

/// An instruction. The first field is the register that it fills.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operation {
    Add(usize, Number, Number),
    Subtract(usize, Number, Number),
    Multiply(usize, Number, Number),
    Least(usize, Number, Number),
    Greatest(usize, Number, Number),
    /// A whole number divided and rounded.
    Round(usize, Number, Division),
    /// The one where the condition holds, else the other.
    Choose(usize, Byte, Number, Number),
    Compare(usize, Compare, Number, Number),
    /// Where there is no day.
    NoDay(usize, Number),
    CompareBytes(usize, Compare, Byte, Byte),
    And(usize, Byte, Byte),
    Or(usize, Byte, Byte),
    /// The first and not the second.
    Except(usize, Byte, Byte),
    ChooseByte(usize, Byte, Byte, Byte),
    /// Where a code is one of these.
    OneOf(usize, Byte, std::sync::Arc<[u8]>),
    /// The value that stands for a code, else the last.
    Pick(usize, Byte, Choices<u8>, f64),
    /// The value of the first bound that is reached, else the last.
    Step(usize, Number, Choices<f64>, f64),
    /// A sum, and the part of a number between two bounds times a rate.
    Slice(usize, Number, Number, Slice),
}

/// Constants to choose among, in the order in which they are tried.
pub(super) type Choices<K> = std::sync::Arc<[(K, f64)]>;

/// More constants are chosen one after the other.
pub(super) const MOST_CHOICES: usize = 8;

/// The part of a number from one bound up to another, at a rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slice {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) rate: f64,
}

/// Division of a whole number below 2^50 by a whole number above 1, to the next whole one.
///
/// The quotient is shifted by half a part, so that it never lies as near to where rounding
/// turns as the multiplication by the inverse may err.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Division {
    /// One over the divisor.
    inverse: f64,
    /// Added before, and after.
    before: f64,
    after: f64,
    /// The sign is put aside: rounding is away from or toward zero.
    signed: bool,
}

impl Division {
    /// Leaves a whole number as it is.
    pub(super) const BY_ONE: Division = Division { inverse: 1.0, before: 0.0, after: 0.0, signed: false };

    /// Whether the sign is put aside.
    pub(super) fn is_signed(self) -> bool {
        self.signed
    }

    /// The division by a divisor from 2 to 2^50.
    pub(super) fn by(divisor: i64, mode: RoundMode, signed: bool) -> Division {
        let even = divisor % 2 == 0;
        let (before, after) = match mode {
            RoundMode::HalfUp => (if even { 0.5 } else { 0.0 }, 0.0),
            RoundMode::Down => (0.5, -0.5),
            RoundMode::Up => (-0.5, 0.5),
        };
        Division { inverse: 1.0 / super::column::lane(divisor), before, after, signed }
    }

    #[inline(always)]
    pub(super) fn of(self, value: f64) -> f64 {
        if self.signed { self.quotient(value.abs()).copysign(value) } else { self.quotient(value) }
    }

    #[inline(always)]
    fn quotient(self, value: f64) -> f64 {
        nearest((value + self.before) * self.inverse + self.after)
    }
}

/// 1.5 × 2^52: a number up to 2^51 added to it loses what stands behind its point.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// What is done to an amount last: times a factor, no more than a cap, divided and rounded to a whole number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tail {
    pub(super) times: f64,
    pub(super) cap: f64,
    pub(super) division: Division,
}

impl Tail {
    /// Nothing.
    pub(super) const NONE: Tail = Tail { times: 1.0, cap: f64::INFINITY, division: Division::BY_ONE };

    /// The whole number that an amount not below 0 comes to.
    #[inline(always)]
    pub(super) fn of(self, value: f64) -> i64 {
        let value = value * self.times;
        let value = if value < self.cap { value } else { self.cap };
        let Division { inverse, before, after, .. } = self.division;
        whole((value + before) * inverse + after)
    }
}

/// The nearest whole number.
#[inline(always)]
fn nearest(value: f64) -> f64 {
    (value + SHIFT) - SHIFT
}

/// The whole number nearest to a lane, as an integer.
#[inline(always)]
pub(super) fn whole(value: f64) -> i64 {
    (value + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed()
}

/// A value for each row of a tile. It starts where a cache line does, so that no vector lies across two.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Lanes<T>([T; TILE]);

/// A register; none while it is being filled.
type Register<T> = Option<Box<Lanes<T>>>;

/// The registers of one worker.
#[derive(Debug, Default)]
pub(super) struct Registers {
    numbers: Vec<Register<f64>>,
    bytes: Vec<Register<u8>>,
}

/// What a tile of a table reads: its columns from a row on.
#[derive(Clone, Copy)]
pub(super) struct Tile<'t> {
    pub(super) columns: &'t [&'t Column],
    pub(super) from: usize,
    pub(super) rows: usize,
}

/// Numbers that a kernel reads.
pub(super) enum Numbers<'t> {
    Slice(&'t [f64]),
    Constant(f64),
}

/// Bytes that a kernel reads.
pub(super) enum Bytes<'t> {
    Slice(&'t [u8]),
    Constant(u8),
}

impl<'t> Tile<'t> {
    /// Its rows within the table.
    #[inline(always)]
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.from..self.from.saturating_add(self.rows)
    }

    #[inline(always)]
    pub(super) fn numbers(&self, registers: &'t Registers, at: Number) -> Numbers<'t> {
        let slice = match at {
            Number::Constant(value) => return Numbers::Constant(value),
            Number::Register(place) => values_of(&registers.numbers, place),
            Number::Column(place) => match self.columns.get(place).map(|column| &column.cells) {
                Some(Cells::Numbers(values) | Cells::Days(values)) => self.part(values),
                _ => None,
            },
        };
        Numbers::Slice(slice.unwrap_or(&[]))
    }

    #[inline(always)]
    pub(super) fn bytes(&self, registers: &'t Registers, at: Byte) -> Bytes<'t> {
        let slice = match at {
            Byte::Constant(value) => return Bytes::Constant(value),
            Byte::Register(place) => values_of(&registers.bytes, place),
            Byte::Column(place) => match self.columns.get(place).map(|column| &column.cells) {
                Some(Cells::Flags(values) | Cells::Codes(values)) => self.part(values),
                _ => None,
            },
            Byte::Gaps(place) => self.columns.get(place).and_then(|column| self.part(column.gaps.as_deref()?)),
            Byte::Nones(place) => self.columns.get(place).and_then(|column| self.part(column.nones.as_deref()?)),
        };
        Bytes::Slice(slice.unwrap_or(&[]))
    }

    #[inline(always)]
    fn part<T>(&self, values: &'t [T]) -> Option<&'t [T]> {
        values.get(self.from..self.from.checked_add(self.rows)?)
    }
}

/// Fills a register by a loop over one or two operands, each a slice or a constant.
macro_rules! over {
    ($out:expr, $a:expr, $b:expr, $kind:ident, $f:expr) => {
        match ($a, $b) {
            ($kind::Slice(a), $kind::Slice(b)) => two($out, a, b, $f),
            ($kind::Slice(a), $kind::Constant(b)) => one($out, a, |a| $f(a, b)),
            ($kind::Constant(a), $kind::Slice(b)) => one($out, b, |b| $f(a, b)),
            ($kind::Constant(a), $kind::Constant(b)) => {
                let value = $f(a, b);
                $out.iter_mut().for_each(|out| *out = value);
            }
        }
    };
}

/// Runs a loop over choices of a length that the compiler knows, the last tried first.
macro_rules! among {
    ($choices:expr, $name:ident => $run:expr) => {
        match $choices.len() {
            0 | 1 => among!($choices, $name, 1 => $run),
            2 => among!($choices, $name, 2 => $run),
            3 => among!($choices, $name, 3 => $run),
            4 => among!($choices, $name, 4 => $run),
            5 => among!($choices, $name, 5 => $run),
            6 => among!($choices, $name, 6 => $run),
            7 => among!($choices, $name, 7 => $run),
            _ => among!($choices, $name, 8 => $run),
        }
    };
    ($choices:expr, $name:ident, $length:literal => $run:expr) => {
        if let Some($name) = reversed::<_, $length>($choices) {
            $run
        }
    };
}

/// The choices from the last to the first.
#[inline(always)]
fn reversed<K: Copy, const N: usize>(choices: &[(K, f64)]) -> Option<[(K, f64); N]> {
    let mut all: [(K, f64); N] = choices.try_into().ok()?;
    all.reverse();
    Some(all)
}

/// What a tile needs of a register.
#[inline(always)]
fn rows_of<'r, T>(register: &'r mut Register<T>, tile: &Tile<'_>) -> Option<&'r mut [T]> {
    register.as_mut()?.0.get_mut(..tile.rows)
}

/// What stands in a register.
#[inline(always)]
fn values_of<T>(registers: &[Register<T>], place: usize) -> Option<&[T]> {
    Some(&registers.get(place)?.as_ref()?.0)
}

#[inline(always)]
fn one<A: Copy, B>(out: &mut [B], a: &[A], f: impl Fn(A) -> B) {
    for (out, a) in out.iter_mut().zip(a) {
        *out = f(*a);
    }
}

#[inline(always)]
fn two<A: Copy, B: Copy, C>(out: &mut [C], a: &[A], b: &[B], f: impl Fn(A, B) -> C) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = f(*a, *b);
    }
}

#[inline(always)]
fn flag(holds: bool) -> u8 {
    if holds { YES } else { 0 }
}

impl Registers {
    /// Registers for a plan.
    pub(super) fn new(numbers: usize, bytes: usize) -> Registers {
        let (number, byte) = (Some(Box::new(Lanes([0.0; TILE]))), Some(Box::new(Lanes([0; TILE]))));
        Registers { numbers: vec![number; numbers], bytes: vec![byte; bytes] }
    }

    /// Carries out an instruction over a tile.
    #[inline(always)]
    pub(super) fn carry_out(&mut self, tile: &Tile<'_>, operation: &Operation) {
        match *operation {
            Operation::Add(out, a, b) => self.arithmetic(tile, (out, a, b), |a, b| a + b),
            Operation::Subtract(out, a, b) => self.arithmetic(tile, (out, a, b), |a, b| a - b),
            Operation::Multiply(out, a, b) => self.arithmetic(tile, (out, a, b), |a, b| a * b),
            Operation::Least(out, a, b) => self.arithmetic(tile, (out, a, b), |a, b| if a < b { a } else { b }),
            Operation::Greatest(out, a, b) => self.arithmetic(tile, (out, a, b), |a, b| if a > b { a } else { b }),
            Operation::Round(out, a, division) => {
                self.arithmetic(tile, (out, a, Number::Constant(0.0)), |a, _| division.of(a));
            }
            Operation::Choose(out, mask, a, b) => self.choose(tile, out, mask, (a, b)),
            Operation::Compare(out, how, a, b) => match how {
                Compare::Equal => self.compare(tile, (out, a, b), |a, b| a == b),
                // Nothing compares with no day, not even as other than it.
                Compare::NotEqual => self.compare(tile, (out, a, b), |a, b| (a < b) | (a > b)),
                Compare::Less => self.compare(tile, (out, a, b), |a, b| a < b),
                Compare::LessOrEqual => self.compare(tile, (out, a, b), |a, b| a <= b),
                Compare::Greater => self.compare(tile, (out, a, b), |a, b| a > b),
                Compare::GreaterOrEqual => self.compare(tile, (out, a, b), |a, b| a >= b),
            },
            Operation::NoDay(out, a) => self.compare(tile, (out, a, a), |a: f64, _| a.is_nan()),
            Operation::CompareBytes(out, how, a, b) => match how {
                Compare::Equal => self.logic(tile, (out, a, b), |a, b| flag(a == b)),
                Compare::NotEqual => self.logic(tile, (out, a, b), |a, b| flag(a != b)),
                Compare::Less => self.logic(tile, (out, a, b), |a, b| flag(a < b)),
                Compare::LessOrEqual => self.logic(tile, (out, a, b), |a, b| flag(a <= b)),
                Compare::Greater => self.logic(tile, (out, a, b), |a, b| flag(a > b)),
                Compare::GreaterOrEqual => self.logic(tile, (out, a, b), |a, b| flag(a >= b)),
            },
            Operation::And(out, a, b) => self.logic(tile, (out, a, b), |a, b| a & b),
            Operation::Or(out, a, b) => self.logic(tile, (out, a, b), |a, b| a | b),
            Operation::Except(out, a, b) => self.logic(tile, (out, a, b), |a, b| a & !b),
            Operation::ChooseByte(out, mask, a, b) => self.choose_byte(tile, out, mask, (a, b)),
            Operation::OneOf(out, code, ref codes) => self.one_of(tile, (out, code), codes),
            Operation::Pick(out, code, ref choices, rest) => self.pick(tile, (out, code), choices, rest),
            Operation::Step(out, a, ref choices, rest) => self.step(tile, (out, a), choices, rest),
            Operation::Slice(out, sum, a, slice) => self.arithmetic(tile, (out, sum, a), |sum, a| {
                let upper = if a < slice.high { a } else { slice.high };
                let part = upper - slice.low;
                let part = if part > 0.0 { part } else { 0.0 };
                sum + part * slice.rate
            }),
        }
    }

    #[inline(always)]
    fn one_of(&mut self, tile: &Tile<'_>, (out, code): (usize, Byte), codes: &[u8]) {
        let mut result = self.bytes.get_mut(out).and_then(take);
        if let (Some(result), Bytes::Slice(values)) = (rows_of(&mut result, tile), tile.bytes(self, code)) {
            result.fill(0);
            for code in codes {
                result.iter_mut().zip(values).for_each(|(out, value)| *out |= flag(value == code));
            }
        }
        self.put_bytes(out, result);
    }

    #[inline(always)]
    fn pick(&mut self, tile: &Tile<'_>, (out, code): (usize, Byte), choices: &[(u8, f64)], rest: f64) {
        let mut result = self.numbers.get_mut(out).and_then(take);
        if let (Some(result), Bytes::Slice(codes)) = (rows_of(&mut result, tile), tile.bytes(self, code)) {
            among!(choices, choices => one(result, codes, |code: u8| {
                let mut value = rest;
                for (key, chosen) in choices {
                    value = if code == key { chosen } else { value };
                }
                value
            }));
        }
        self.put_numbers(out, result);
    }

    #[inline(always)]
    fn step(&mut self, tile: &Tile<'_>, (out, a): (usize, Number), choices: &[(f64, f64)], rest: f64) {
        let mut result = self.numbers.get_mut(out).and_then(take);
        if let (Some(result), Numbers::Slice(values)) = (rows_of(&mut result, tile), tile.numbers(self, a)) {
            among!(choices, choices => one(result, values, |a: f64| {
                let mut value = rest;
                for (bound, chosen) in choices {
                    value = if a >= bound { chosen } else { value };
                }
                value
            }));
        }
        self.put_numbers(out, result);
    }

    #[inline(always)]
    fn arithmetic(&mut self, tile: &Tile<'_>, (out, a, b): (usize, Number, Number), f: impl Fn(f64, f64) -> f64) {
        let mut result = self.numbers.get_mut(out).and_then(take);
        if let Some(result) = rows_of(&mut result, tile) {
            over!(result, tile.numbers(self, a), tile.numbers(self, b), Numbers, f);
        }
        self.put_numbers(out, result);
    }

    #[inline(always)]
    fn compare(&mut self, tile: &Tile<'_>, (out, a, b): (usize, Number, Number), f: impl Fn(f64, f64) -> bool) {
        let mut result = self.bytes.get_mut(out).and_then(take);
        if let Some(result) = rows_of(&mut result, tile) {
            let f = |a, b| flag(f(a, b));
            over!(result, tile.numbers(self, a), tile.numbers(self, b), Numbers, f);
        }
        self.put_bytes(out, result);
    }

    #[inline(always)]
    fn logic(&mut self, tile: &Tile<'_>, (out, a, b): (usize, Byte, Byte), f: impl Fn(u8, u8) -> u8) {
        let mut result = self.bytes.get_mut(out).and_then(take);
        if let Some(result) = rows_of(&mut result, tile) {
            over!(result, tile.bytes(self, a), tile.bytes(self, b), Bytes, f);
        }
        self.put_bytes(out, result);
    }

    #[inline(always)]
    fn choose(&mut self, tile: &Tile<'_>, out: usize, mask: Byte, (a, b): (Number, Number)) {
        let mut result = self.numbers.get_mut(out).and_then(take);
        if let (Some(result), Bytes::Slice(mask)) = (rows_of(&mut result, tile), tile.bytes(self, mask)) {
            match (tile.numbers(self, a), tile.numbers(self, b)) {
                (Numbers::Slice(a), Numbers::Slice(b)) => {
                    for ((out, mask), (a, b)) in result.iter_mut().zip(mask).zip(a.iter().zip(b)) {
                        *out = if *mask == YES { *a } else { *b };
                    }
                }
                (Numbers::Slice(a), Numbers::Constant(b)) => {
                    two(result, mask, a, |mask, a| if mask == YES { a } else { b });
                }
                (Numbers::Constant(a), Numbers::Slice(b)) => {
                    two(result, mask, b, |mask, b| if mask == YES { a } else { b });
                }
                (Numbers::Constant(a), Numbers::Constant(b)) => {
                    one(result, mask, |mask| if mask == YES { a } else { b });
                }
            }
        }
        self.put_numbers(out, result);
    }

    #[inline(always)]
    fn choose_byte(&mut self, tile: &Tile<'_>, out: usize, mask: Byte, (a, b): (Byte, Byte)) {
        let mut result = self.bytes.get_mut(out).and_then(take);
        if let (Some(result), Bytes::Slice(mask)) = (rows_of(&mut result, tile), tile.bytes(self, mask)) {
            match (tile.bytes(self, a), tile.bytes(self, b)) {
                (Bytes::Slice(a), Bytes::Slice(b)) => {
                    for ((out, mask), (a, b)) in result.iter_mut().zip(mask).zip(a.iter().zip(b)) {
                        *out = (*a & *mask) | (*b & !*mask);
                    }
                }
                (Bytes::Slice(a), Bytes::Constant(b)) => two(result, mask, a, |mask, a| (a & mask) | (b & !mask)),
                (Bytes::Constant(a), Bytes::Slice(b)) => two(result, mask, b, |mask, b| (a & mask) | (b & !mask)),
                (Bytes::Constant(a), Bytes::Constant(b)) => one(result, mask, |mask| (a & mask) | (b & !mask)),
            }
        }
        self.put_bytes(out, result);
    }

    #[inline(always)]
    fn put_numbers(&mut self, place: usize, values: Register<f64>) {
        if let Some(slot) = self.numbers.get_mut(place) {
            *slot = values;
        }
    }

    #[inline(always)]
    fn put_bytes(&mut self, place: usize, values: Register<u8>) {
        if let Some(slot) = self.bytes.get_mut(place) {
            *slot = values;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "tests")]
mod tests {
    use super::*;
    use crate::value::Number as Exact;

    #[test]
    fn division_rounds_as_exact_numbers_do() {
        let mut state = 88_172_645_463_325_252_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..20_000 {
            let divisor = ((next() >> (14 + next() % 48)) as i64).max(2);
            let near = (next() % 5) as i64 - 2;
            let half = divisor / 2;
            let top = (1_i64 << 50) - 1;
            let times = ((next() % (1 << 50)) as i64) / divisor;
            let value = (times * divisor + [0, half][(next() % 2) as usize] + near).clamp(-top, top);
            for mode in [RoundMode::HalfUp, RoundMode::Up, RoundMode::Down] {
                let exact = Exact::from_i64(value).divide(&Exact::from_i64(divisor)).unwrap();
                let exact = exact.round(mode, &Exact::ONE).unwrap().to_i64().unwrap();
                let division = Division::by(divisor, mode, true);
                assert_eq!(whole(division.of(value as f64)), exact, "{value} / {divisor} {mode:?}");
                if value >= 0 {
                    let division = Division::by(divisor, mode, false);
                    assert_eq!(whole(division.of(value as f64)), exact, "{value} / {divisor} {mode:?}");
                }
            }
        }
    }
}
