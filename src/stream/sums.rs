//! Sums of what is paid by columns, as the report takes them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::check::program::ClauseId;
use crate::eval::Context;
use crate::settle::Recipient;
use crate::settle::stream::Batch;
use crate::value::Number;

/// Sums over recipients of whom nothing is open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    /// How many recipients there are.
    pub recipients: usize,
    /// By clause.
    pub clauses: Vec<Sum>,
    /// How many get something under any clause of a set, by the sets that were asked for.
    pub sets: Vec<usize>,
    /// By what was asked for: what those get who have the same number, be it nothing.
    pub by: Vec<FxHashMap<i64, BySum>>,
    /// Those who get most, the first first; open ones among them.
    pub best: Vec<Best>,
    top: usize,
}

/// What a clause pays.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    /// In fen.
    pub fen: i128,
    /// How many recipients get something.
    pub receive: usize,
}

/// Stands for a value that is not known.
pub(crate) const UNKNOWN: i64 = i64::MIN + 1;
/// Stands for the value of a recipient whose amounts are not in the columns.
pub(super) const APART: i64 = i64::MIN + 2;

/// What recipients with one value of a fact get under all clauses that pay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BySum {
    /// In fen.
    pub fen: i128,
    /// The same without what is at discretion.
    pub surely: i128,
    /// How many get something.
    pub receive: usize,
}

/// A recipient as the summary names it.
#[derive(Debug, Clone)]
pub(crate) struct Best {
    /// Whose.
    pub key: SmolStr,
    /// What is settled for it.
    pub total: Number,
    /// By clause, what is more than nothing.
    pub awards: Vec<(ClauseId, Number)>,
    /// How many clauses are open.
    pub open: usize,
}

impl Sums {
    /// Nothing yet.
    pub fn new(sets: usize, by: usize, top: usize) -> Sums {
        Sums { sets: vec![0; sets], by: vec![FxHashMap::default(); by], top, ..Sums::default() }
    }

    /// Sums of a part; `open` are the recipients whose amounts are not in the columns, by row.
    pub fn of(
        context: &Context<'_>,
        (sets, by, top): (&[Vec<usize>], &[Vec<i64>], usize),
        keys: &[SmolStr],
        batch: &Batch,
        open: &[(usize, &Recipient<'_>)],
    ) -> Sums {
        let column = |clause: usize| batch.amounts.get(clause).map_or(&[][..], Vec::as_slice);
        let sum = |clause: usize| Sum {
            fen: whole_sum(column(clause)),
            receive: column(clause).iter().filter(|fen| **fen > 0).count(),
        };
        let clauses: Vec<Sum> = (0..batch.amounts.len()).map(sum).collect();
        let receive = |set: &Vec<usize>| {
            let mut any = vec![0_i64; batch.rows];
            let columns = set.iter().map(|clause| column(*clause)).filter(|column| !column.is_empty());
            columns.for_each(|column| any.iter_mut().zip(column).for_each(|(any, fen)| *any |= fen));
            any.iter().filter(|any| **any > 0).count()
        };
        let own = open.iter().map(|(_, recipient)| Best::of(recipient)).filter(|best| best.total.is_positive());
        let mut best: Vec<Best> = most(context, keys, batch, top).into_iter().chain(own).collect();
        best.sort_by(Best::order);
        best.truncate(top);
        let recipients = batch.rows.saturating_sub(open.len());
        let by = if by.is_empty() { Vec::new() } else { by_numbers(context, batch, by) };
        Sums { recipients, clauses, sets: sets.iter().map(receive).collect(), by, best, top }
    }

    /// With those of another part.
    pub fn add(&mut self, other: Sums) {
        self.recipients = self.recipients.saturating_add(other.recipients);
        self.clauses.resize(self.clauses.len().max(other.clauses.len()), Sum::default());
        for (sum, more) in self.clauses.iter_mut().zip(other.clauses) {
            sum.fen = sum.fen.saturating_add(more.fen);
            sum.receive = sum.receive.saturating_add(more.receive);
        }
        self.sets.iter_mut().zip(other.sets).for_each(|(sum, more)| *sum = sum.saturating_add(more));
        for (sums, more) in self.by.iter_mut().zip(other.by) {
            more.into_iter().for_each(|(number, sum)| sums.entry(number).or_default().add(sum));
        }
        self.best.extend(other.best);
        self.best.sort_by(Best::order);
        self.best.truncate(self.top);
    }
}

impl BySum {
    fn add(&mut self, other: BySum) {
        self.fen = self.fen.saturating_add(other.fen);
        self.surely = self.surely.saturating_add(other.surely);
        self.receive = self.receive.saturating_add(other.receive);
    }
}

/// What those get who have the same number in a column.
fn by_numbers(context: &Context<'_>, batch: &Batch, by: &[Vec<i64>]) -> Vec<FxHashMap<i64, BySum>> {
    let paying = context.program.clauses.iter().zip(&batch.amounts).filter(|(def, _)| !def.recover);
    let all = row_sums(batch.rows, paying.clone().map(|(_, column)| column.as_slice()));
    let surely = paying.filter(|(def, _)| !def.up_to).map(|(_, column)| column.as_slice());
    let surely = row_sums(batch.rows, surely);
    let sums = by.iter().map(|numbers| {
        let mut sums: FxHashMap<i64, BySum> = FxHashMap::default();
        for ((number, fen), surely) in
            numbers.iter().zip(&all).zip(&surely).filter(|((number, _), _)| **number != APART)
        {
            let one = BySum { fen: (*fen).into(), surely: (*surely).into(), receive: usize::from(*fen > 0) };
            sums.entry(*number).or_default().add(one);
        }
        sums
    });
    sums.collect()
}

/// Those rows that get most.
fn most(context: &Context<'_>, keys: &[SmolStr], batch: &Batch, top: usize) -> Vec<Best> {
    let clauses: Vec<(ClauseId, bool)> =
        (0_u32..).map(ClauseId).zip(&context.program.clauses).map(|(id, def)| (id, def.recover)).collect();
    let paying = clauses.iter().filter(|(_, recover)| !recover);
    let totals = row_sums(batch.rows, paying.filter_map(|(id, _)| batch.amounts.get(id.index()).map(Vec::as_slice)));
    // The least of those kept so far is at the top of the heap.
    let mut kept: BinaryHeap<Reverse<(i64, Reverse<&SmolStr>, usize)>> = BinaryHeap::new();
    for (row, (total, key)) in totals.iter().zip(keys).enumerate().filter(|(_, (total, _))| **total > 0) {
        let one = Reverse((*total, Reverse(key), row));
        if kept.len() < top {
            kept.push(one);
        } else if kept.peek().is_some_and(|least| one < *least) {
            kept.pop();
            kept.push(one);
        }
    }
    let best = |(total, key, row): (i64, &SmolStr, usize)| {
        let paid = clauses.iter().filter_map(|(id, _)| {
            let fen = batch.amounts.get(id.index())?.get(row).copied().filter(|fen| *fen > 0)?;
            Some((*id, yuan(fen)))
        });
        Best { key: key.clone(), total: yuan(total), awards: paid.collect(), open: 0 }
    };
    kept.into_iter().map(|Reverse((total, Reverse(key), row))| best((total, key, row))).collect()
}

/// The sum of a column; fewer than 2^31 rows cannot overflow.
fn whole_sum(column: &[i64]) -> i128 {
    // In halves of 32 bits, of which the higher one has the sign: so no digit is carried in between.
    let halves = |(low, high): (u64, i64), fen: &i64| {
        (low.wrapping_add(fen.cast_unsigned() & u64::from(u32::MAX)), high.wrapping_add(fen >> 32))
    };
    let (low, high) = column.iter().fold((0, 0), halves);
    (i128::from(high) << 32).saturating_add(low.into())
}

/// The sum of each row over some columns, as far as 64 bits hold it; a column without rows adds nothing.
pub(crate) fn row_sums<'c>(rows: usize, columns: impl Iterator<Item = &'c [i64]>) -> Vec<i64> {
    /// Rows whose sums stay in the caches from column to column.
    const TILE: usize = 2_048;
    let columns: Vec<&[i64]> = columns.collect();
    // So many bits are left above what each of the columns adds.
    let room = i64::MAX >> (usize::BITS - columns.len().leading_zeros());
    let mut sums = vec![0_i64; rows];
    for (tile, from) in sums.chunks_mut(TILE).zip((0..).step_by(TILE)) {
        let mut bits = 0;
        for column in columns.iter().filter_map(|column| column.get(from..)) {
            for (sum, fen) in tile.iter_mut().zip(column) {
                *sum = sum.wrapping_add(*fen);
                bits |= fen;
            }
        }
        if !(0..=room).contains(&bits) {
            tile.fill(0);
            for column in columns.iter().filter_map(|column| column.get(from..)) {
                tile.iter_mut().zip(column).for_each(|(sum, fen)| *sum = sum.saturating_add(*fen));
            }
        }
    }
    sums
}

/// Fen in 元.
fn yuan(fen: i64) -> Number {
    Number::from_decimal(rust_decimal::Decimal::new(fen, 2))
}

impl Best {
    /// A settled recipient.
    pub fn of(recipient: &Recipient<'_>) -> Best {
        let settled = recipient.paid().filter_map(|award| award.settled());
        let total = settled.fold(Number::ZERO, |sum, amount| sum.add(amount).unwrap_or(sum));
        let paid = recipient
            .awards
            .iter()
            .filter_map(|award| Some((award.clause, award.settled().filter(|n| n.is_positive())?)));
        let awards = paid.map(|(clause, amount)| (clause, amount.clone())).collect();
        let open = recipient.awards.iter().filter(|award| award.settled().is_none()).count();
        Best { key: recipient.key.clone(), total, awards, open }
    }

    /// The greater amount first, then by key.
    pub fn order(&self, other: &Best) -> std::cmp::Ordering {
        other.total.cmp(&self.total).then_with(|| self.key.cmp(&other.key))
    }
}

#[cfg(test)]
mod tests {
    use super::{row_sums, whole_sum};

    #[test]
    fn sums_are_exact_or_stay_at_the_end() {
        let columns = [vec![1_i64, i64::MAX, -5, 1 << 61], vec![2, 1, -7, 1 << 62], vec![], vec![3, 0, 4, 1 << 62]];
        assert_eq!(row_sums(4, columns.iter().map(Vec::as_slice)), [6, i64::MAX, -8, i64::MAX]);
        let many: Vec<i64> = (0..5_000).map(|row| row * 7).collect();
        let doubled = row_sums(5_000, [many.as_slice(), many.as_slice()].into_iter());
        assert!(doubled.iter().zip(&many).all(|(sum, one)| *sum == one * 2));
        for column in [&columns[0], &columns[1], &vec![i64::MIN; 9], &vec![i64::MAX; 9], &many] {
            assert_eq!(whole_sum(column), column.iter().map(|fen| i128::from(*fen)).sum::<i128>());
        }
    }
}
