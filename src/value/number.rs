//! Exact numbers.
//!
//! In: digits and the four operations. Out: the exact result, or an error that says why
//! there is none. A number is a decimal as long as a decimal can hold it, else a fraction
//! (1/3); which of the two is nobody's business outside. Nothing is ever rounded but by
//! [`Number::round`]. Exactness is decided on the mantissas: the checked operations of
//! `rust_decimal` round without a word.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

use crate::syntax::tree::RoundMode;

/// Places after the point that a decimal can hold.
const MOST_PLACES: u32 = 28;
/// One more than the greatest mantissa of a decimal.
const MANTISSA_END: i128 = 1 << 96;
/// Amounts stay below ten to this power.
const LIMIT_POWER: u32 = 24;
/// Digits that [`Number::from_digits`] reads.
const MOST_DIGITS: usize = 40;
/// Bits of a fraction's numerator or denominator.
const MOST_BITS: u64 = 4096;
/// Places at which a fraction without end is shown.
const SHOWN_PLACES: u32 = 10;

/// An exact number.
#[derive(Clone)]
pub struct Number(Repr);

/// INVARIANT: a fraction is never one that a decimal can hold, and no decimal is `-0`.
#[derive(Debug, Clone)]
enum Repr {
    Decimal(Decimal),
    Fraction(Box<BigRational>),
}

/// Why an operation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberError {
    /// The result is 10^24 or more, or a fraction too long to be meant.
    TooLarge,
    /// A division by zero, or a rounding to a unit that is not above zero.
    DividedByZero,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::TooLarge => "number too large",
            NumberError::DividedByZero => "division by zero",
        })
    }
}

impl std::error::Error for NumberError {}

impl Number {
    /// 0
    pub const ZERO: Number = Number(Repr::Decimal(Decimal::ZERO));
    /// 1
    pub const ONE: Number = Number(Repr::Decimal(Decimal::ONE));

    /// A whole number.
    pub fn from_i64(whole: i64) -> Number {
        Number(Repr::Decimal(Decimal::from(whole)))
    }

    /// A decimal, as it is.
    pub fn from_decimal(decimal: Decimal) -> Number {
        if decimal.is_zero() { Number::ZERO } else { Number(Repr::Decimal(decimal)) }
    }

    /// Reads digits with at most one point between them: no sign, no exponent, up to 40 digits.
    pub fn from_digits(text: &str) -> Option<Number> {
        let (whole, places) = match text.split_once('.') {
            Some((whole, places)) if !places.is_empty() => (whole, places),
            Some(_) => return None,
            None => (text, ""),
        };
        let digits = whole.len().checked_add(places.len())?;
        if whole.is_empty() || digits > MOST_DIGITS || !whole.bytes().chain(places.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let scale = u32::try_from(places.len()).ok()?;
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(places.bytes()) {
            let digit = i128::from(digit.wrapping_sub(b'0'));
            match mantissa.checked_mul(10).and_then(|m| m.checked_add(digit)) {
                Some(next) => mantissa = next,
                None => return Number::from_long_digits(whole, places),
            }
        }
        Some(match decimal_of(mantissa, scale) {
            Some(decimal) => Number(Repr::Decimal(decimal)),
            None => of_fraction(BigRational::new(mantissa.into(), ten_to(scale))),
        })
    }

    fn from_long_digits(whole: &str, places: &str) -> Option<Number> {
        let mantissa = BigInt::parse_bytes(format!("{whole}{places}").as_bytes(), 10)?;
        Some(of_fraction(BigRational::new(mantissa, ten_to(u32::try_from(places.len()).ok()?))))
    }

    /// The decimal that equals it, if there is one.
    pub fn to_decimal(&self) -> Option<Decimal> {
        match &self.0 {
            Repr::Decimal(decimal) => Some(*decimal),
            Repr::Fraction(_) => None,
        }
    }

    /// Numerator and denominator in lowest terms, the denominator above 0; none where they are too long.
    pub fn to_ratio(&self) -> Option<(i128, i128)> {
        match &self.0 {
            Repr::Decimal(decimal) => {
                let (mantissa, power) = (decimal.mantissa(), power_of_ten(decimal.scale())?);
                let common = mantissa.gcd(&power);
                Some((mantissa.checked_div(common)?, power.checked_div(common)?))
            }
            Repr::Fraction(fraction) => Some((fraction.numer().to_i128()?, fraction.denom().to_i128()?)),
        }
    }

    /// The whole number that equals it, if there is one.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Decimal(decimal) => {
                let power = power_of_ten(decimal.scale())?;
                let mantissa = decimal.mantissa();
                if mantissa % power == 0 { i64::try_from(mantissa / power).ok() } else { None }
            }
            Repr::Fraction(_) => None,
        }
    }

    /// The sum.
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Repr::Decimal(a), Repr::Decimal(b)) = (&self.0, &other.0)
            && let Some((a, b, scale)) = aligned(a, b)
            && let Some(sum) = a.checked_add(b)
            && let Some(decimal) = decimal_of(sum, scale)
        {
            return within_limit(decimal);
        }
        checked(self.to_fraction() + other.to_fraction())
    }

    /// The difference.
    pub fn subtract(&self, other: &Number) -> Result<Number, NumberError> {
        self.add(&other.negate())
    }

    /// The product.
    pub fn multiply(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Repr::Decimal(a), Repr::Decimal(b)) = (&self.0, &other.0)
            && let Some(product) = product(a.mantissa(), b.mantissa())
            && let Some(decimal) = decimal_of(product, a.scale().saturating_add(b.scale()))
        {
            return within_limit(decimal);
        }
        checked(self.to_fraction() * other.to_fraction())
    }

    /// The quotient.
    pub fn divide(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DividedByZero);
        }
        if let (Repr::Decimal(a), Repr::Decimal(b)) = (&self.0, &other.0)
            && let Some((a, b, _)) = aligned(a, b)
            && let Some(decimal) = decimal_quotient(a, b)
        {
            return within_limit(decimal);
        }
        checked(self.to_fraction() / other.to_fraction())
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negate(&self) -> Number {
        match &self.0 {
            Repr::Decimal(decimal) if decimal.is_zero() => Number::ZERO,
            Repr::Decimal(decimal) => Number(Repr::Decimal(-*decimal)),
            Repr::Fraction(fraction) => Number(Repr::Fraction(Box::new(-fraction.as_ref()))),
        }
    }

    /// Rounds to a multiple of `unit`, which must be above 0.
    pub fn round(&self, mode: RoundMode, unit: &Number) -> Result<Number, NumberError> {
        if !unit.is_positive() {
            return Err(NumberError::DividedByZero);
        }
        if let (Repr::Decimal(value), Repr::Decimal(decimal_unit)) = (&self.0, &unit.0)
            && let Some((value, step, _)) = aligned(value, decimal_unit)
            && let Some(multiple) = whole_multiple(value, step, mode)
            && let Some(mantissa) = product(multiple, decimal_unit.mantissa())
            && let Some(decimal) = decimal_of(mantissa, decimal_unit.scale())
        {
            return within_limit(decimal);
        }
        let unit = unit.to_fraction();
        let quotient = self.to_fraction() / &unit;
        let rounded = match mode {
            RoundMode::HalfUp => quotient.round(),
            RoundMode::Down => quotient.trunc(),
            RoundMode::Up if quotient.is_negative() => quotient.floor(),
            RoundMode::Up => quotient.ceil(),
        };
        checked(rounded * unit)
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        matches!(&self.0, Repr::Decimal(decimal) if decimal.is_zero())
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Decimal(decimal) => decimal.mantissa() < 0,
            Repr::Fraction(fraction) => fraction.is_negative(),
        }
    }

    /// Whether it is above 0.
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Repr::Decimal(decimal) => decimal.mantissa() > 0,
            Repr::Fraction(fraction) => fraction.is_positive(),
        }
    }

    /// Whether it has nothing after the point.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Repr::Decimal(decimal) => {
                power_of_ten(decimal.scale()).is_some_and(|power| decimal.mantissa() % power == 0)
            }
            Repr::Fraction(fraction) => fraction.is_integer(),
        }
    }

    /// An amount with at least two places: `8000000.00`.
    pub fn to_yuan(&self) -> String {
        let text = self.to_string();
        let missing = match text.split_once('.') {
            Some((_, places)) => 2_usize.saturating_sub(places.len()),
            None => return text + ".00",
        };
        text + "00".get(..missing).unwrap_or("")
    }

    fn to_fraction(&self) -> BigRational {
        match &self.0 {
            Repr::Decimal(decimal) => BigRational::new(decimal.mantissa().into(), ten_to(decimal.scale())),
            Repr::Fraction(fraction) => fraction.as_ref().clone(),
        }
    }
}

/// The number that a fraction is, within the limits.
fn checked(fraction: BigRational) -> Result<Number, NumberError> {
    if fraction.numer().bits().max(fraction.denom().bits()) > MOST_BITS
        || fraction.numer().magnitude() >= (fraction.denom() * ten_to(LIMIT_POWER)).magnitude()
    {
        return Err(NumberError::TooLarge);
    }
    Ok(of_fraction(fraction))
}

fn within_limit(decimal: Decimal) -> Result<Number, NumberError> {
    // From 5 places on, no mantissa of 96 bits reaches the limit.
    let below = match power_of_ten(decimal.scale().saturating_add(LIMIT_POWER)) {
        Some(limit) => decimal.mantissa().unsigned_abs() < limit.unsigned_abs(),
        None => true,
    };
    if below { Ok(Number(Repr::Decimal(decimal))) } else { Err(NumberError::TooLarge) }
}

/// A fraction as a decimal where one holds it.
fn of_fraction(fraction: BigRational) -> Number {
    match decimal_of_fraction(&fraction) {
        Some(decimal) => Number(Repr::Decimal(decimal)),
        None => Number(Repr::Fraction(Box::new(fraction))),
    }
}

fn decimal_of_fraction(fraction: &BigRational) -> Option<Decimal> {
    let places = places_of(fraction.denom())?;
    if places > MOST_PLACES {
        return None;
    }
    let mantissa = fraction.numer() * ten_to(places) / fraction.denom();
    decimal_of(mantissa.to_i128()?, places)
}

/// The places after the point of a fraction in lowest terms; none when it has no end.
fn places_of(denominator: &BigInt) -> Option<u32> {
    let twos = denominator.trailing_zeros().unwrap_or(0);
    let mut rest = denominator >> twos;
    let five = BigInt::from(5);
    let mut fives: u64 = 0;
    loop {
        let (quotient, remainder) = rest.div_rem(&five);
        if !remainder.is_zero() {
            break;
        }
        rest = quotient;
        fives = fives.saturating_add(1);
    }
    if rest == BigInt::from(1) { u32::try_from(twos.max(fives)).ok() } else { None }
}

/// A decimal of that mantissa and scale, if it is one exactly; trailing zeros are dropped as needed.
fn decimal_of(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    while scale > MOST_PLACES || mantissa.unsigned_abs() >= MANTISSA_END.unsigned_abs() {
        if scale == 0 || mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        scale = scale.saturating_sub(1);
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// The product, if it fits. Most mantissas have 64 bits, and such a product always does.
fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a).wrapping_mul(i128::from(b))),
        _ => a.checked_mul(b),
    }
}

/// Quotient and remainder; 64 bits, which most numbers have, divide much quicker than 128.
fn divided(a: i128, b: i128) -> Option<(i128, i128)> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some((a.checked_div(b)?.into(), a.checked_rem(b)?.into())),
        _ => Some((a.checked_div(b)?, a.checked_rem(b)?)),
    }
}

/// Both mantissas at the greater scale, if they fit.
fn aligned(a: &Decimal, b: &Decimal) -> Option<(i128, i128, u32)> {
    let (left, right) = (a.mantissa(), b.mantissa());
    match a.scale().cmp(&b.scale()) {
        Ordering::Equal => Some((left, right, a.scale())),
        Ordering::Less => {
            let power = power_of_ten(b.scale().saturating_sub(a.scale()))?;
            Some((product(left, power)?, right, b.scale()))
        }
        Ordering::Greater => {
            let power = power_of_ten(a.scale().saturating_sub(b.scale()))?;
            Some((left, product(right, power)?, a.scale()))
        }
    }
}

/// The quotient as a decimal, if it has an end: the divisor may keep twos and fives only.
fn decimal_quotient(a: i128, b: i128) -> Option<Decimal> {
    let twos = b.trailing_zeros();
    let mut rest = b >> twos;
    let mut fives: u32 = 0;
    while rest % 5 == 0 {
        rest /= 5;
        fives = fives.saturating_add(1);
    }
    if a.checked_rem(rest)? != 0 {
        return None;
    }
    let places = twos.max(fives);
    let twos = 1_i128.checked_shl(places.saturating_sub(twos)).filter(|power| *power > 0)?;
    let fives = 5_i128.checked_pow(places.saturating_sub(fives))?;
    let mantissa = a.checked_div(rest)?.checked_mul(twos)?.checked_mul(fives)?;
    decimal_of(mantissa, places)
}

/// How many times `step` goes into `value`, rounded.
fn whole_multiple(value: i128, step: i128, mode: RoundMode) -> Option<i128> {
    let (quotient, remainder) = divided(value, step)?;
    let remainder = remainder.checked_abs()?;
    let away = match mode {
        RoundMode::Down => false,
        RoundMode::Up => remainder > 0,
        RoundMode::HalfUp => remainder >= step.checked_sub(remainder)?,
    };
    quotient.checked_add(if away { value.signum() } else { 0 })
}

fn power_of_ten(power: u32) -> Option<i128> {
    POWERS.get(power as usize).copied()
}

/// 10^0 to 10^38, all that fit.
#[allow(clippy::indexing_slicing, reason = "run by the compiler, which reports an index out of bounds")]
const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut at = 1;
    while at < 39 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

fn ten_to(power: u32) -> BigInt {
    match power_of_ten(power) {
        Some(power) => BigInt::from(power),
        None => BigInt::from(10).pow(power),
    }
}

impl Default for Number {
    fn default() -> Self {
        Number::ZERO
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (&self.0, &other.0) {
            (Repr::Decimal(a), Repr::Decimal(b)) => a == b,
            (Repr::Fraction(a), Repr::Fraction(b)) => a == b,
            // By the invariant, a fraction never equals a decimal.
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Decimal(decimal) => decimal.hash(state),
            Repr::Fraction(fraction) => fraction.hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Decimal(a), Repr::Decimal(b)) => match aligned(a, b) {
                Some((a, b, _)) => a.cmp(&b),
                None => a.cmp(b),
            },
            _ => self.to_fraction().cmp(&other.to_fraction()),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Decimal(_) => fmt::Display::fmt(self, f),
            Repr::Fraction(fraction) => write!(f, "{fraction}"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = match &self.0 {
            Repr::Decimal(decimal) => return f.pad(&decimal.normalize().to_string()),
            Repr::Fraction(fraction) => fraction,
        };
        match places_of(fraction.denom()) {
            Some(places) => {
                let mantissa = fraction.numer() * ten_to(places) / fraction.denom();
                f.pad(&with_point(&mantissa, places))
            }
            None => {
                let mantissa = (fraction.as_ref() * ten_to(SHOWN_PLACES)).round().to_integer();
                f.pad(&format!("≈{}", with_point(&mantissa, SHOWN_PLACES)))
            }
        }
    }
}

/// The digits of `mantissa` with a point `places` from the right, trailing zeros trimmed.
fn with_point(mantissa: &BigInt, places: u32) -> String {
    let width = (places as usize).saturating_add(1);
    let digits = format!("{:0>width$}", mantissa.magnitude().to_string());
    let (whole, rest) = digits.split_at_checked(digits.len().saturating_sub(places as usize)).unwrap_or((&digits, ""));
    let rest = rest.trim_end_matches('0');
    let sign = if mantissa.sign() == Sign::Minus { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
