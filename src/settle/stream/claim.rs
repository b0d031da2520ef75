//! What competes for a pool or a place, and the order in which it stands.

use super::batch::Batch;
use super::plan::Grouping;
use crate::settle::parts::Parts;

/// The group of all recipients.
pub(super) const ALL: i64 = 0;

/// Something of each group.
pub(super) type ByGroup<S> = rustc_hash::FxHashMap<i64, S>;

/// An amount of a recipient, or all of them together where clauses compete as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'b> {
    pub(super) batch: &'b Batch,
    pub(super) row: usize,
    pub(super) clause: usize,
    /// In fen, above 0.
    pub(super) amount: i64,
}

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

    /// The digit of a claim; `parts` says what it gets where a remainder counts.
    pub(super) fn of(&self, claim: &Claim<'_>, parts: Option<&Parts>) -> u64 {
        match self {
            Digit::Input(input, ascending) => match claim.batch.input(*input, claim.row) {
                None => u64::MAX,
                Some(value) if *ascending => in_order(value),
                Some(value) => !in_order(value),
            },
            Digit::Turn(turns) => turns.get(claim.clause).copied().unwrap_or(u64::MAX),
            Digit::Largest => largest(claim.amount),
            Digit::Remainder => parts.map_or(0, |parts| !parts.remainder(claim.amount)),
            Digit::Record => u64::from(claim.batch.record.0),
            Digit::Key(at) => claim.batch.keys.get(claim.row).map_or(0, |key| key_digit(key, *at)),
            Digit::Clause => claim.clause as u64,
        }
    }
}

/// The greater amount first.
fn largest(amount: i64) -> u64 {
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

impl Grouping {
    /// The group of a recipient; none for one that stands alone.
    pub(super) fn of(self, batch: &Batch, row: usize) -> Option<i64> {
        match self {
            Grouping::All => Some(ALL),
            Grouping::Each => None,
            Grouping::By(input) => batch.input(input, row),
        }
    }
}

/// Who competes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Among<'p> {
    /// Every amount under these clauses.
    Amounts(&'p [usize]),
    /// Every recipient that has an amount under one of them.
    Recipients(&'p [usize]),
}

impl Among<'_> {
    /// Every claim of a batch, with its group.
    pub(super) fn each(self, batch: &Batch, grouping: Grouping, mut see: impl FnMut(i64, Claim<'_>)) {
        match self {
            Among::Amounts(clauses) => {
                for clause in clauses {
                    let Some(amounts) = batch.amounts.get(*clause) else { continue };
                    for (row, amount) in amounts.iter().enumerate().filter(|(_, amount)| **amount > 0) {
                        if let Some(group) = grouping.of(batch, row) {
                            see(group, Claim { batch, row, clause: *clause, amount: *amount });
                        }
                    }
                }
            }
            Among::Recipients(clauses) => {
                for row in 0..batch.rows {
                    let paid = |clause: &&usize| batch.amount(**clause, row) > 0;
                    if let (Some(clause), Some(group)) = (clauses.iter().find(paid), grouping.of(batch, row)) {
                        let amount = batch.amount(*clause, row);
                        see(group, Claim { batch, row, clause: *clause, amount });
                    }
                }
            }
        }
    }
}
