//! From the least to the most that an amount may be: never below 0, open above where
//! nothing bounds it. What steps across the population reckon with.

use crate::eval::{Answer, Causes, Interval};
use crate::syntax::tree::RoundMode;
use crate::value::Number;

/// The least and the most of an amount.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Range {
    /// The least.
    pub low: Number,
    /// The most; none where nothing bounds it.
    pub high: Option<Number>,
}

impl Range {
    /// Exactly this, or 0 where it is negative.
    pub fn exactly(number: &Number) -> Self {
        let number = number.clone().max(Number::ZERO);
        Range { low: number.clone(), high: Some(number) }
    }

    /// What is possible of an amount; none is 0, and what has no value may be anything.
    pub fn of(answer: &Answer) -> Self {
        match (answer, answer.interval()) {
            (Answer::Known(_), None) => Range::exactly(&Number::ZERO),
            (_, interval) => {
                let Interval { lowest, highest } = interval.unwrap_or_default();
                let low = lowest.unwrap_or_default().max(Number::ZERO);
                Range { low, high: highest.map(|high| high.max(Number::ZERO)) }
            }
        }
    }

    /// As an answer, open for these causes.
    pub fn answer(&self, causes: &Causes) -> Answer {
        Answer::within(Interval::new(Some(self.low.clone()), self.high.clone()), causes.clone())
    }

    /// The number, where it is just one.
    pub fn known(&self) -> Option<&Number> {
        self.high.as_ref().filter(|high| **high == self.low)
    }

    /// Whether it is surely 0.
    pub fn is_nothing(&self) -> bool {
        self.high.as_ref().is_some_and(Number::is_zero)
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Range) -> Self {
        // A sum that cannot be held is bounded by nothing; the low end stays what is sure.
        let low = self.low.add(&other.low).unwrap_or_else(|_| self.low.clone());
        Range { low, high: both(&self.high, &other.high) }
    }

    /// What is left after another, never below 0.
    #[must_use]
    pub fn minus(&self, other: &Range) -> Self {
        let low = other.high.as_ref().map_or(Number::ZERO, |taken| less(&self.low, taken));
        Range { low, high: self.high.as_ref().map(|high| less(high, &other.low)) }
    }

    /// Either of both.
    #[must_use]
    pub fn or(&self, other: &Range) -> Self {
        let high = self.high.clone().zip(other.high.clone()).map(|(a, b)| a.max(b));
        Range { low: self.low.clone().min(other.low.clone()), high }
    }

    /// Whether the most of this fits into the least of another.
    pub fn surely_fits(&self, room: &Range) -> bool {
        self.high.as_ref().is_some_and(|high| *high <= room.low)
    }
}

/// The sum of ranges.
pub(super) fn sum<'r>(ranges: impl IntoIterator<Item = &'r Range>) -> Range {
    ranges.into_iter().fold(Range::exactly(&Number::ZERO), |sum, range| sum.plus(range))
}

/// One number less another, never below 0.
pub(super) fn less(from: &Number, taken: &Number) -> Number {
    from.subtract(taken).unwrap_or_default().max(Number::ZERO)
}

/// A fen.
pub(super) fn fen() -> Number {
    Number::from_digits("0.01").unwrap_or(Number::ONE)
}

/// Rounded down to a multiple of a unit.
pub(super) fn down(number: &Number, unit: &Number) -> Number {
    number.round(RoundMode::Down, unit).unwrap_or_default().max(Number::ZERO)
}

/// Rounded up to a multiple of a unit.
pub(super) fn up(number: &Number, unit: &Number) -> Number {
    number.round(RoundMode::Up, unit).unwrap_or_else(|_| number.clone())
}

fn both(a: &Option<Number>, b: &Option<Number>) -> Option<Number> {
    a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.add(b).ok())
}
