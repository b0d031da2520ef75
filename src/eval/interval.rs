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
            // Nothing over whatever is not 0 is nothing.
            None if *self == Interval::exactly(Number::ZERO) => self.clone(),
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

    /// 1 over an interval that touches 0 with one end at most, which becomes open.
    fn reciprocal(&self) -> Self {
        let one_over = |end: End| match end {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `2..4`, `..-1`, `0..`: whole numbers, with an end left out where nothing bounds it.
    fn interval(text: &str) -> Interval {
        let (low, high) = text.split_once("..").unwrap();
        let end = |text: &str| text.parse().ok().map(Number::from_i64);
        Interval { lowest: end(low), highest: end(high) }
    }

    fn told(interval: &Interval) -> String {
        let end = |end: &Option<Number>| end.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{}..{}", end(&interval.lowest), end(&interval.highest))
    }

    #[test]
    fn products_span_the_products_of_the_ends() {
        let products = [
            ("-3..5", "2..4", "-12..20"),
            ("..-1", "-4..-2", "2.."),
            ("..-1", "2..4", "..-2"),
            ("..", "-1..2", ".."),
            ("0..", "2..", "0.."),
            ("..-1", "..-1", "1.."),
            ("..", "0..0", "0..0"),
            ("-2..0", "..", ".."),
            ("0..3", "..5", "..15"),
        ];
        for (a, b, product) in products {
            assert_eq!(told(&interval(a).multiply(&interval(b))), product, "{a} × {b}");
            assert_eq!(told(&interval(b).multiply(&interval(a))), product, "{b} × {a}");
        }
    }

    #[test]
    fn quotients_are_as_wide_as_the_sign_of_the_divisor_allows() {
        let quotients = [
            ("100..100", "2..4", "25..50"),
            ("-100..100", "2..4", "-50..50"),
            ("100..100", "-4..-2", "-50..-25"),
            ("-100..-100", "-4..-2", "25..50"),
            ("100..100", "2..", "0..50"),
            ("100..100", "0..4", "25.."),
            ("100..100", "0..", "0.."),
            ("100..100", "-4..0", "..-25"),
            ("100..100", "..-2", "-50..0"),
            ("100..100", "..0", "..0"),
            ("100..100", "-1..2", ".."),
            ("100..100", "..", ".."),
            ("0..0", "2..4", "0..0"),
            ("0..0", "..", "0..0"),
            ("5..", "2..5", "1.."),
        ];
        for (a, b, quotient) in quotients {
            assert_eq!(told(&interval(a).divide(&interval(b))), quotient, "{a} / {b}");
        }
    }

    #[test]
    fn two_meet_where_both_lie() {
        let meet = |a: &str, b: &str| interval(a).meet(&interval(b)).map(|both| told(&both));
        assert_eq!(meet("0..5", "3..9"), Some("3..5".into()));
        assert_eq!(meet("0..5", "5..9"), Some("5..5".into()));
        assert_eq!(meet("0..5", "6..9"), None);
        assert_eq!(meet("..5", "3.."), Some("3..5".into()));
        assert_eq!(meet("..", "3.."), Some("3..".into()));
    }

    #[test]
    fn zero_lies_inside_or_not() {
        let holds = |text: &str| interval(text).holds_zero();
        assert_eq!(["0..0", "-1..1", "..0", "0..", ".."].map(holds), [true; 5]);
        assert_eq!(["1..", "..-1", "1..2", "-2..-1"].map(holds), [false; 4]);
        assert_eq!(told(&Interval::not_negative()), "0..");
    }
}
