//! How values are spread: least, quartiles, greatest, mean, and a histogram.

use super::answer::{Cell, Column, Histogram, Phrase, Table};
use super::words::money;
use crate::value::Number;

/// The most bars of a histogram.
const BARS: i128 = 10;

/// Some known values in order, as whole numbers of 1/10^places.
#[derive(Debug, Clone, Default)]
pub(super) struct Spread {
    values: Vec<i128>,
    places: u32,
    is_money: bool,
}

impl Spread {
    /// Amounts in fen.
    pub fn of_fen(amounts: impl Iterator<Item = i64>) -> Spread {
        let mut values: Vec<i128> = amounts.map(i128::from).collect();
        values.sort_unstable();
        Spread { values, places: 2, is_money: true }
    }

    /// Numbers; what has no decimal form of eight places is left out.
    pub fn of_numbers<'n>(numbers: impl Iterator<Item = &'n Number>, is_money: bool) -> Spread {
        const PLACES: u32 = 8;
        let scale = Number::from_i64(100_000_000);
        let whole = |number: &Number| {
            let scaled = number.multiply(&scale).ok()?;
            scaled.is_whole().then(|| scaled.to_ratio().map(|(whole, _)| whole))?
        };
        let mut values: Vec<i128> = numbers.filter_map(whole).collect();
        values.sort_unstable();
        Spread { values, places: PLACES, is_money }
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// A value as a number.
    fn number(&self, value: i128) -> Number {
        let digits = Number::from_digits(&value.unsigned_abs().to_string()).unwrap_or_default();
        let scale = Number::from_i64(10_i64.pow(self.places.min(18)));
        let number = digits.divide(&scale).unwrap_or_default();
        if value < 0 { number.negate() } else { number }
    }

    /// The sum.
    pub fn sum(&self) -> Number {
        self.number(self.values.iter().fold(0_i128, |sum, value| sum.saturating_add(*value)))
    }

    /// The least value that this part of a hundred does not exceed.
    fn quantile(&self, percent: usize) -> Number {
        let rank = self.values.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
        self.number(self.values.get(rank).copied().unwrap_or(0))
    }

    /// The middle value; of two the mean.
    pub fn median(&self) -> Option<Number> {
        let half = self.values.len() / 2;
        let upper = self.values.get(half)?;
        if self.values.len() % 2 == 1 {
            return Some(self.number(*upper));
        }
        let both = self.number(self.values.get(half.checked_sub(1)?)?.saturating_add(*upper));
        both.divide(&Number::from_i64(2)).ok()
    }

    /// The sum over the count, to the places that are shown.
    pub fn mean(&self) -> Option<Number> {
        let count = Number::from_i64(i64::try_from(self.values.len()).ok()?);
        let mean = self.sum().divide(&count).ok()?;
        let unit = Number::from_digits(if self.is_money { "0.01" } else { "0.0001" })?;
        mean.round(crate::syntax::tree::RoundMode::HalfUp, &unit).ok()
    }

    /// Least, quartiles, greatest and mean in one row.
    pub fn table(&self) -> Table {
        let columns = [
            ("最少", "least"),
            ("四分之一处", "lower quarter"),
            ("中位数", "median"),
            ("四分之三处", "upper quarter"),
            ("最多", "most"),
            ("平均", "average"),
        ];
        let mut table = Table::new(columns.map(|(zh, en)| Column::figures(zh, en)).to_vec());
        let cell = |number: Number| if self.is_money { Cell::Money(number) } else { Cell::Number(number) };
        let mut row: Vec<Cell> = [0, 25].map(|percent| cell(self.quantile(percent))).to_vec();
        row.push(self.median().map_or(Cell::Blank, cell));
        row.extend([75, 100].map(|percent| cell(self.quantile(percent))));
        row.push(self.mean().map_or(Cell::Blank, cell));
        table.row(row);
        table
    }

    /// How many values lie in each of some ranges of one round width.
    pub fn histogram(&self, title: Phrase) -> Histogram {
        let (Some(low), Some(high)) = (self.values.first(), self.values.last()) else {
            return Histogram { title, bars: Vec::new() };
        };
        let width = round_width(high.saturating_sub(*low) / BARS);
        let first = low.div_euclid(width);
        let last = high.div_euclid(width);
        // What lies on the last bound counts to the last bar rather than to one of its own.
        let last = if last > first && high.rem_euclid(width) == 0 { last - 1 } else { last };
        let mut counts = vec![0_u64; usize::try_from(last - first + 1).unwrap_or(1).min(64)];
        for value in &self.values {
            let at = usize::try_from(value.div_euclid(width).min(last) - first).unwrap_or(0);
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        let label = |at: usize| {
            let from = (first + at as i128).saturating_mul(width);
            let to = from.saturating_add(width);
            let shown = |value: i128| {
                let number = self.number(value);
                if self.is_money { money(&number) } else { number.to_string() }
            };
            // One value alone is no range.
            if low == high {
                Phrase::same(shown(*low))
            } else {
                Phrase::same(format!("{}–{}", shown(from), shown(to)))
            }
        };
        Histogram { title, bars: counts.iter().enumerate().map(|(at, count)| (label(at), *count)).collect() }
    }
}

/// The next of 1, 2, 5, 10, 20, … that is not less.
fn round_width(least: i128) -> i128 {
    let mut power: i128 = 1;
    loop {
        for step in [1, 2, 5] {
            let width = power.saturating_mul(step);
            if width > least {
                return width;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_one_round_width_and_hold_everything() {
        let spread = Spread::of_fen([10_000, 15_000, 19_999, 100_000].into_iter());
        let histogram = spread.histogram(Phrase::same("A"));
        assert_eq!(histogram.bars.iter().map(|(_, count)| count).sum::<u64>(), 4);
        assert_eq!(histogram.bars.first().map(|(label, count)| (label.zh.as_str(), *count)), Some(("100元–200元", 3)));
        assert_eq!(histogram.bars.last().map(|(label, _)| label.zh.as_str()), Some("900元–1,000元"));
    }

    #[test]
    fn the_middle_of_an_even_number_is_the_mean_of_two() {
        let spread = Spread::of_fen([100, 200, 400, 900].into_iter());
        assert_eq!(spread.median().map(|median| median.to_yuan()).as_deref(), Some("3.00"));
        assert_eq!(spread.mean().map(|mean| mean.to_yuan()).as_deref(), Some("4.00"));
        let two = Spread::of_fen([100, 200].into_iter());
        assert_eq!([0, 25, 75, 100].map(|part| two.quantile(part).to_yuan()), ["1.00", "1.00", "2.00", "2.00"]);
    }
}
