//! The order in which claims stand, digit by digit, and where each stands to a line.

use std::cmp::Ordering;

use super::batch::NONE;
use super::claim::Claims;
use crate::settle::parts::Parts;

/// One thing that claims are ordered by: what stands ahead is less.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Digit {
    /// An input, the greater first unless it ascends; those without one stand last.
    Input(usize, bool),
    /// The turn of the clause.
    Turn(Vec<u64>),
    /// The greater amount first.
    Largest,
    /// The greater remainder of rounding down first.
    Remainder,
    /// The record type.
    Record,
    /// Eight bytes of the recipient's key.
    Key(usize),
    /// The clause.
    Clause,
}

/// Bytes of a key that one digit holds.
const KEY_BYTES: usize = 8;
/// Digits that hold a key.
const KEY_DIGITS: usize = 8;
/// The longest key that digits tell from others.
pub(super) const MOST_KEY_BYTES: usize = KEY_BYTES * KEY_DIGITS;

impl Digit {
    /// What tells claims apart that are otherwise equal: the record type, the key, the clause.
    pub(super) fn identity() -> Vec<Digit> {
        let keys = (0..KEY_DIGITS).map(Digit::Key);
        std::iter::once(Digit::Record).chain(keys).chain([Digit::Clause]).collect()
    }

    /// The input that it reads.
    pub(super) fn input(&self) -> Option<usize> {
        match self {
            Digit::Input(input, _) => Some(*input),
            _ => None,
        }
    }

    /// The digit of each claim of a group; `parts` says what they get where a remainder counts.
    pub(super) fn of_all(&self, claims: &Claims<'_>, parts: Option<&Parts>, out: &mut [u64]) {
        match (self, parts) {
            (Digit::Input(input, ascending), _) => {
                let values = out.iter_mut().zip(claims.inputs(*input));
                values.for_each(|(out, value)| *out = of_input(value, *ascending));
            }
            (Digit::Largest, _) => {
                out.iter_mut().zip(claims.amounts).for_each(|(out, amount)| *out = largest(*amount));
            }
            (Digit::Remainder, Some(parts)) => parts.remainders(claims.amounts, out),
            (Digit::Key(_), _) => (0..claims.len()).zip(out).for_each(|(at, out)| *out = self.of(claims, at, parts)),
            (Digit::Turn(_) | Digit::Record | Digit::Clause | Digit::Remainder, _) => {
                out.fill(self.of(claims, 0, parts));
            }
        }
    }

    /// The digit of one claim.
    pub(super) fn of(&self, claims: &Claims<'_>, at: usize, parts: Option<&Parts>) -> u64 {
        let row = || claims.rows.get(at).map(|row| *row as usize);
        let amount = || claims.amounts.get(at).copied().unwrap_or(0);
        match self {
            Digit::Input(input, ascending) => {
                let value = row().and_then(|row| claims.batch.input(*input).get(row)).copied();
                of_input(value.unwrap_or(NONE), *ascending)
            }
            Digit::Turn(turns) => turns.get(claims.clause).copied().unwrap_or(u64::MAX),
            Digit::Largest => largest(amount()),
            Digit::Remainder => parts.map_or(0, |parts| !parts.remainder(amount())),
            Digit::Record => u64::from(claims.batch.record.0),
            Digit::Key(at) => row().and_then(|row| claims.batch.keys.get(row)).map_or(0, |key| key_digit(key, *at)),
            Digit::Clause => claims.clause as u64,
        }
    }
}

fn of_input(value: i64, ascending: bool) -> u64 {
    match (value, ascending) {
        (NONE, _) => u64::MAX,
        (_, true) => in_order(value),
        (_, false) => !in_order(value),
    }
}

/// The greater amount first.
pub(super) fn largest(amount: i64) -> u64 {
    !in_order(amount)
}

/// The amount of a digit of [`Digit::Largest`].
pub(super) fn amount_of(digit: u64) -> i64 {
    (!digit ^ SIGN).cast_signed()
}

const SIGN: u64 = 1 << 63;

/// Unsigned numbers in the order of signed ones.
fn in_order(value: i64) -> u64 {
    value.cast_unsigned() ^ SIGN
}

fn key_digit(key: &str, at: usize) -> u64 {
    let mut bytes = [0; KEY_BYTES];
    let rest = key.as_bytes().iter().skip(at.saturating_mul(KEY_BYTES));
    bytes.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
    u64::from_be_bytes(bytes)
}

/// Whether a line in an order is known only with the keys of recipients.
pub(super) fn needs_keys(order: &[Digit], line: &[u64]) -> bool {
    order.iter().take(line.len()).any(|digit| matches!(digit, Digit::Key(_)))
}

/// Where claims of a group stand to a line: ahead of it is less. A line may end before the
/// order does: whoever is equal so far then stands at it.
pub(super) fn stand(
    claims: &Claims<'_>,
    (order, line): (&[Digit], &[u64]),
    parts: Option<&Parts>,
    digits: &mut Vec<u64>,
    out: &mut Vec<Ordering>,
) {
    out.clear();
    let (Some((first, order)), Some((bound, line))) = (order.split_first(), line.split_first()) else {
        return out.resize(claims.len(), Ordering::Equal);
    };
    let digits = sized(digits, claims.len(), 0);
    first.of_all(claims, parts, digits);
    out.extend(digits.iter().map(|digit| digit.cmp(bound)));
    if line.is_empty() {
        return;
    }
    for (at, out) in out.iter_mut().enumerate().filter(|(_, order)| order.is_eq()) {
        let mut rest = order.iter().zip(line).map(|(digit, bound)| digit.of(claims, at, parts).cmp(bound));
        *out = rest.find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
    }
}

/// A column that is used again, with so many rows.
pub(super) fn sized<T: Clone>(column: &mut Vec<T>, rows: usize, with: T) -> &mut [T] {
    if column.len() < rows {
        column.resize(rows, with);
    }
    column.get_mut(..rows).unwrap_or(&mut [])
}
