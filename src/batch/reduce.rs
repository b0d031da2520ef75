//! What the items of each row come to together.
//!
//! In: what was worked out for every item, and where the items of each row stand. Out: a
//! column of the rows. A row is a gap where one of its items is open, or its list: the row
//! engine knows what may then be.

use std::collections::BTreeSet;

use num_integer::Integer;

use super::column::{Column, Entry, Form, NO_CODE, YES};
use super::items::Items;
use super::operation::whole;
use super::results::Kept;
use crate::syntax::tree::AggregateKind;

/// Items of a row, one place of what was kept each.
struct Row<'k> {
    values: &'k [f64],
    /// Whether an item counts.
    counts: &'k [u8],
    /// Values of an enumeration, where items have them.
    codes: &'k [u8],
}

/// The rows of a list: none where one is a gap. Kept are, in this order: values; where an item counts, where it is
/// open, and codes.
fn rows<'k>(items: &'k Items<'_>, kept: &'k Kept) -> impl ExactSizeIterator<Item = Option<Row<'k>>> {
    (0..items.rows()).map(|row| {
        let range = items.of_row(row);
        let bytes = |place: usize| kept.bytes.get(place).and_then(|all| all.get(range.clone())).unwrap_or(&[]);
        if items.is_open(row) || bytes(1).iter().fold(0, |any, open| any | open) != 0 {
            return None;
        }
        let values = kept.numbers.first().and_then(|all| all.get(range.clone())).unwrap_or(&[]);
        Some(Row { values, counts: bytes(0), codes: bytes(2) })
    })
}

impl Row<'_> {
    /// The values that count.
    fn counted(&self) -> impl Iterator<Item = f64> {
        self.values.iter().zip(self.counts).filter(|(_, counts)| **counts == YES).map(|(value, _)| *value)
    }

    fn counted_codes(&self) -> impl Iterator<Item = u8> {
        let there = |(code, counts): &(&u8, &u8)| **counts == YES && **code != NO_CODE;
        self.codes.iter().zip(self.counts).filter(there).map(|(code, _)| *code)
    }

    fn count(&self) -> usize {
        self.counts.iter().filter(|counts| **counts == YES).count()
    }

    /// Nothing where it is too long.
    fn sum(&self) -> Option<i64> {
        let values = self.values.iter().zip(self.counts);
        values.map(|(value, counts)| whole(*value) & i64::from(counts.cast_signed())).try_fold(0_i64, i64::checked_add)
    }
}

/// How many items count.
pub(super) fn count(items: &Items<'_>, kept: &Kept) -> Column {
    let count = |row: Row<'_>| i64::try_from(row.count()).map_or(Entry::Gap, |count| Entry::Number(count, 0));
    Column::of_parts(1, rows(items, kept).map(|row| row.map_or(Entry::Gap, count)))
}

/// The sum of the values that count.
pub(super) fn sum(items: &Items<'_>, kept: &Kept, divisor: i64) -> Column {
    let sum = |row: Row<'_>| row.sum().map_or(Entry::Gap, |sum| Entry::Number(sum, 0));
    Column::of_parts(divisor, rows(items, kept).map(|row| row.map_or(Entry::Gap, sum)))
}

/// Whether a condition holds for any item, or for every one. Kept are where it holds for an item and where it is
/// open: an item that does not count holds for every, and not for any.
pub(super) fn holds(items: &Items<'_>, kept: &Kept, every: bool) -> Column {
    let [yes, open] = [0, 1].map(|place| kept.bytes.get(place).map_or(&[][..], Vec::as_slice));
    let decides = if every { 0 } else { YES };
    let entry = |row: usize| {
        let range = items.of_row(row);
        let (Some(yes), Some(open)) = (yes.get(range.clone()), open.get(range)) else { return Entry::Gap };
        let decided = yes.iter().zip(open).any(|(yes, open)| *yes == decides && *open == 0);
        let is_open = items.is_open(row) || open.contains(&YES);
        match (decided, is_open) {
            (true, _) => Entry::Byte(decides),
            (false, true) => Entry::Gap,
            (false, false) => Entry::Byte(!decides),
        }
    };
    Column::of(Form::Flags, (0..items.rows()).map(entry))
}

/// The least or greatest of the values that count; none where there is none.
pub(super) fn extreme(items: &Items<'_>, kept: &Kept, greatest: bool, (form, divisor): (Form, i64)) -> Column {
    let ahead = |a: f64, b: f64| if greatest == (a > b) && a != b { a } else { b };
    // No day is no number, and gives way to any.
    let best = |row: &Row<'_>| row.counted().filter(|value| !value.is_nan()).reduce(ahead);
    match form {
        Form::Numbers { .. } => {
            let entry = |row: Row<'_>| best(&row).map_or(Entry::None, |value| Entry::Number(whole(value), 0));
            Column::of_parts(divisor, rows(items, kept).map(|row| row.map_or(Entry::Gap, entry)))
        }
        Form::Days => {
            let entry = |row: Row<'_>| Entry::Day(best(&row).unwrap_or(f64::NAN));
            Column::of(form, rows(items, kept).map(|row| row.map_or(Entry::Gap, entry)))
        }
        Form::Codes | Form::Flags => {
            // A higher level has a smaller place.
            let best = |row: &Row<'_>| if greatest { row.counted_codes().min() } else { row.counted_codes().max() };
            let entry = |row: Row<'_>| Entry::Byte(best(&row).unwrap_or(NO_CODE));
            Column::of(form, rows(items, kept).map(|row| row.map_or(Entry::Gap, entry)))
        }
    }
}

/// The mean of the values that count; none where there is none.
pub(super) fn average(items: &Items<'_>, kept: &Kept, divisor: i64) -> Column {
    let sums: Vec<Option<(i64, i64)>> = rows(items, kept)
        .map(|row| {
            let row = row?;
            Some((row.sum()?, i64::try_from(row.count()).ok()?))
        })
        .collect();
    let longest = sums.iter().flatten().map(|(sum, _)| sum.unsigned_abs()).max().unwrap_or(0);
    let counts: BTreeSet<i64> = sums.iter().flatten().map(|(_, count)| *count).filter(|count| *count > 0).collect();
    // Over one divisor, as far as lanes hold it: of the other rows the row engine is asked.
    let fits = |times: &i64| u128::from(longest).saturating_mul(u128::from(times.unsigned_abs())) < 1 << 46;
    let most = |times: i64, count: &i64| {
        let common = times.gcd(count).max(1);
        times.checked_mul(count.checked_div(common)?).filter(fits).filter(|times| *times <= MOST_PARTS)
    };
    let times = counts.iter().fold(1, |times, count| most(times, count).unwrap_or(times));
    let entry = |sum: Option<(i64, i64)>| match sum {
        None => Entry::Gap,
        Some((_, 0)) => Entry::None,
        Some((sum, count)) if times % count == 0 => {
            let parts = times.checked_div(count).and_then(|times| sum.checked_mul(times));
            parts.map_or(Entry::Gap, |parts| Entry::Number(parts, 0))
        }
        Some(_) => Entry::Gap,
    };
    Column::of_parts(divisor.saturating_mul(times), sums.into_iter().map(entry))
}

/// Means are over one divisor up to so many times that of the values.
const MOST_PARTS: i64 = 10_000;

/// An aggregate of values over items.
pub(super) fn of_values(
    kind: AggregateKind,
    items: &Items<'_>,
    kept: &Kept,
    (form, divisor): (Form, i64),
) -> Option<Column> {
    Some(match kind {
        AggregateKind::Sum => sum(items, kept, divisor),
        AggregateKind::Average => average(items, kept, divisor),
        AggregateKind::Max => extreme(items, kept, true, (form, divisor)),
        AggregateKind::Min => extreme(items, kept, false, (form, divisor)),
        AggregateKind::Count | AggregateKind::Any | AggregateKind::Every | AggregateKind::Rank => return None,
    })
}
