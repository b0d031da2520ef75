//! Intervals of numbers with open ends: what is known of a number that is not known.
//!
//! An end that cannot be held becomes open, so an interval always covers the true value.

use crate::syntax::tree::RoundMode;
use crate::value::Number;

/// From the lowest to the highest value, both included; an end that is not there is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interval {
    /// The lowest value.
    pub lowest: Option<Number>,
    /// The highest value.
    pub highest: Option<Number>,
}

/// A number or an infinity, as the end of an interval.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Below,
    At(Number),
    Above,
}

impl Interval {
    /// Any number at all.
    pub const ANY: Interval = Interval { lowest: None, highest: None };

    /// From 0 up.
    pub fn not_negative() -> Self {
        Interval { lowest: Some(Number::ZERO), highest: None }
    }

    /// Between two ends.
    pub fn new(lowest: Option<Number>, highest: Option<Number>) -> Self {
        Interval { lowest, highest }
    }

    /// Exactly one number.
    pub fn exactly(number: Number) -> Self {
        Interval { lowest: Some(number.clone()), highest: Some(number) }
    }

    /// The number, where it is just one.
    pub fn single(&self) -> Option<&Number> {
        match (&self.lowest, &self.highest) {
            (Some(low), Some(high)) if low == high => Some(low),
            _ => None,
        }
    }

    /// The smallest interval that covers both.
    #[must_use]
    pub fn hull(self, other: Interval) -> Self {
        Interval {
            lowest: self.lowest.zip(other.lowest).map(|(a, b)| a.min(b)),
            highest: self.highest.zip(other.highest).map(|(a, b)| a.max(b)),
        }
    }

    /// The part that both cover; none when there is no such part.
    pub fn meet(&self, other: &Interval) -> Option<Self> {
        let lowest = pick(&self.lowest, &other.lowest, |a, b| a.max(b));
        let highest = pick(&self.highest, &other.highest, |a, b| a.min(b));
        match (&lowest, &highest) {
            (Some(low), Some(high)) if low > high => None,
            _ => Some(Interval { lowest, highest }),
        }
    }

    /// Both added.
    #[must_use]
    pub fn add(&self, other: &Interval) -> Self {
        let ends = |a: &Option<Number>, b: &Option<Number>| a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.add(b).ok());
        Interval { lowest: ends(&self.lowest, &other.lowest), highest: ends(&self.highest, &other.highest) }
    }

    /// The opposite.
    #[must_use]
    pub fn negate(&self) -> Self {
        Interval {
            lowest: self.highest.as_ref().map(Number::negate),
            highest: self.lowest.as_ref().map(Number::negate),
        }
    }

    /// Both multiplied; 0 times anything is 0.
    #[must_use]
    pub fn multiply(&self, other: &Interval) -> Self {
        Interval::spanning([
            times(&self.low(), &other.low()),
            times(&self.low(), &other.high()),
            times(&self.high(), &other.low()),
            times(&self.high(), &other.high()),
        ])
    }

    /// Divided by an interval; where that holds 0 the result is the widest that its sign allows.
    #[must_use]
    pub fn divide(&self, by: &Interval) -> Self {
        match by.sign() {
            Some(_) => self.multiply(&by.reciprocal()),
            None => Interval::ANY,
        }
    }

    /// Whether 0 lies inside.
    pub fn holds_zero(&self) -> bool {
        self.low() <= End::At(Number::ZERO) && self.high() >= End::At(Number::ZERO)
    }

    /// The lower of two numbers.
    #[must_use]
    pub fn least(&self, other: &Interval) -> Self {
        Interval {
            lowest: self.lowest.as_ref().zip(other.lowest.as_ref()).map(|(a, b)| a.min(b).clone()),
            highest: pick(&self.highest, &other.highest, |a, b| a.min(b)),
        }
    }

    /// The higher of two numbers.
    #[must_use]
    pub fn greatest(&self, other: &Interval) -> Self {
        self.negate().least(&other.negate()).negate()
    }

    /// Rounded to a multiple of `unit`.
    #[must_use]
    pub fn round(&self, mode: RoundMode, unit: &Number) -> Self {
        let end = |n: &Option<Number>| n.as_ref().and_then(|n| n.round(mode, unit).ok());
        Interval { lowest: end(&self.lowest), highest: end(&self.highest) }
    }

    /// Those at or above 0, the others raised to it.
    #[must_use]
    pub fn at_least_zero(self) -> Self {
        let raise = |n: Number| if n.is_negative() { Number::ZERO } else { n };
        Interval { lowest: Some(self.lowest.map_or(Number::ZERO, raise)), highest: self.highest.map(raise) }
    }

    fn low(&self) -> End {
        self.lowest.clone().map_or(End::Below, End::At)
    }

    fn high(&self) -> End {
        self.highest.clone().map_or(End::Above, End::At)
    }

    fn spanning<const N: usize>(ends: [End; N]) -> Self {
        let mut low = End::Above;
        let mut high = End::Below;
        for end in ends {
            if end < low {
                low = end.clone();
            }
            if end > high {
                high = end;
            }
        }
        let number = |end| match end {
            End::At(n) => Some(n),
            End::Below | End::Above => None,
        };
        Interval { lowest: number(low), highest: number(high) }
    }

    /// Some(true) where no value is negative, Some(false) where none is positive, and not 0 alone.
    fn sign(&self) -> Option<bool> {
        let zero = End::At(Number::ZERO);
        if self.low() >= zero && self.high() > zero {
            Some(true)
        } else if self.high() <= zero && self.low() < zero {
            Some(false)
        } else {
            None
        }
    }

    /// 1 over an interval that touches 0 with one end at most.
    fn reciprocal(&self) -> Self {
        let one_over = |end: End| match end {
            End::At(n) if n.is_zero() => None,
            End::At(n) => Number::ONE.divide(&n).ok(),
            End::Below | End::Above => Some(Number::ZERO),
        };
        Interval { lowest: one_over(self.high()), highest: one_over(self.low()) }
    }
}

fn pick(a: &Option<Number>, b: &Option<Number>, choose: impl Fn(Number, Number) -> Number) -> Option<Number> {
    match (a, b) {
        (Some(a), Some(b)) => Some(choose(a.clone(), b.clone())),
        (Some(a), None) | (None, Some(a)) => Some(a.clone()),
        (None, None) => None,
    }
}

fn times(a: &End, b: &End) -> End {
    let sign = |end: &End| match end {
        End::Below => -1,
        End::Above => 1,
        End::At(n) if n.is_zero() => 0,
        End::At(n) if n.is_negative() => -1,
        End::At(_) => 1,
    };
    if let (End::At(a), End::At(b)) = (a, b)
        && let Ok(product) = a.multiply(b)
    {
        return End::At(product);
    }
    match sign(a) * sign(b) {
        0 => End::At(Number::ZERO),
        1 => End::Above,
        _ => End::Below,
    }
}
