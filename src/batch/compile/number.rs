//! Arithmetic on whole numbers over fixed divisors, with bounds that keep lanes exact.
//!
//! Every operation is bounded when it is compiled: its result lies below 2^51, where a lane
//! holds each whole number. Where that cannot be shown there is no kernel.

use num_integer::Integer;

use super::{Amount, Compiled, Compiler, Flag, NEVER};
use crate::batch::operation::{Byte, Division, Number, Operation};
use crate::check::program::ExprId;
use crate::syntax::tree::RoundMode;
use crate::value;

/// Lanes hold whole numbers below this, either side of 0.
const EXACT: i128 = 1 << 51;
/// What is divided lies below this.
const DIVISIBLE: i128 = 1 << 50;
/// Divisors lie below this.
const WIDEST_DIVISOR: i128 = 1_000_000_000_000_000;

/// A constant.
pub(super) fn constant(numerator: i128, divisor: i128) -> Option<Amount> {
    let amount =
        Amount { at: Number::Constant(0.0), divisor, low: numerator, high: numerator, open: NEVER, none: NEVER };
    Some(Amount { at: Number::Constant(lane(numerator)?), ..exact(amount)? })
}

/// A whole number as a lane holds it.
pub(super) fn lane(value: i128) -> Option<f64> {
    let value = i64::try_from(value).ok().filter(|_| value.abs() < EXACT)?;
    Some(crate::batch::column::lane(value))
}

/// The amount, where lanes hold it.
pub(super) fn exact(amount: Amount) -> Option<Amount> {
    let fits = amount.low.abs() < EXACT && amount.high.abs() < EXACT;
    (fits && 0 < amount.divisor && amount.divisor < WIDEST_DIVISOR).then_some(amount)
}

impl Amount {
    /// The constant that it is.
    pub(super) fn constant(&self) -> Option<i128> {
        (matches!(self.at, Number::Constant(_)) && self.open == NEVER).then_some(self.low)
    }
}

impl Compiler<'_, '_, '_, '_> {
    pub(super) fn sum(&mut self, terms: &[(bool, ExprId)]) -> Option<Compiled> {
        let mut sum: Option<Amount> = None;
        for (subtracted, term) in terms {
            let term = self.amount(*term)?;
            sum = Some(match (sum, subtracted) {
                (None, false) => term,
                (None, true) => self.added(constant(0, 1)?, term, true)?,
                (Some(sum), subtracted) => self.added(sum, term, *subtracted)?,
            });
        }
        sum.map(Compiled::Number)
    }

    pub(super) fn negated(&mut self, a: ExprId) -> Option<Compiled> {
        self.sum(&[(true, a)])
    }

    pub(super) fn product(&mut self, factors: &[(bool, ExprId)]) -> Option<Compiled> {
        let mut product = constant(1, 1)?;
        for (divided, factor) in factors {
            let factor = self.amount(*factor)?;
            product = match divided {
                false => self.multiplied(product, factor)?,
                true => self.over(product, factor.constant()?, factor)?,
            };
        }
        Some(Compiled::Number(product))
    }

    /// Divided by a constant other than 0.
    fn over(&mut self, a: Amount, numerator: i128, by: Amount) -> Option<Amount> {
        if numerator == 0 {
            return None;
        }
        let inverse = constant(by.divisor.checked_mul(numerator.signum())?, numerator.checked_abs()?)?;
        self.multiplied(a, inverse)
    }

    pub(super) fn extreme(&mut self, parts: &[ExprId], least: bool) -> Option<Compiled> {
        let mut chosen: Option<Amount> = None;
        for part in parts {
            let part = self.amount(*part)?;
            chosen = Some(match chosen {
                None => part,
                Some(chosen) => self.limited(chosen, part, least)?,
            });
        }
        chosen.map(Compiled::Number)
    }

    pub(super) fn rounded(&mut self, a: ExprId, mode: RoundMode, unit: &value::Number) -> Option<Compiled> {
        let amount = self.amount(a)?;
        self.rounded_to(amount, mode, unit).map(Compiled::Number)
    }

    /// The first that is not none; of what is open the row engine is asked.
    pub(super) fn or_else(&mut self, parts: &[ExprId]) -> Option<Compiled> {
        let (first, rest) = parts.split_first()?;
        match self.compiled(*first) {
            Compiled::Nothing => self.or_else(rest),
            Compiled::Number(amount) if amount.none == NEVER => Some(Compiled::Number(amount)),
            Compiled::Number(amount) => {
                let Some(Compiled::Number(other)) = self.or_else(rest) else { return None };
                let missing = Flag { yes: amount.none, open: NEVER };
                let first = Amount { none: NEVER, ..amount };
                self.chosen(missing, other, first).map(Compiled::Number)
            }
            Compiled::Flag(flag) => Some(Compiled::Flag(flag)),
            _ => None,
        }
    }

    /// The same number over another divisor, a multiple of its own.
    pub(super) fn over_divisor(&mut self, a: Amount, divisor: i128) -> Option<Amount> {
        let times = divisor.checked_div(a.divisor)?;
        let scaled = self.times(a, times)?;
        exact(Amount { divisor, ..scaled })
    }

    /// The whole numbers times a constant, over the same divisor.
    fn times(&mut self, a: Amount, times: i128) -> Option<Amount> {
        if times == 1 {
            return Some(a);
        }
        let (x, y) = (a.low.checked_mul(times)?, a.high.checked_mul(times)?);
        let mut scaled = exact(Amount { low: x.min(y), high: x.max(y), ..a })?;
        let factor = lane(times)?;
        scaled.at = match a.at {
            Number::Constant(_) => Number::Constant(lane(x)?),
            at => self.compute_number(|out| Operation::Multiply(out, at, Number::Constant(factor))),
        };
        Some(scaled)
    }

    /// Both over one divisor.
    pub(super) fn aligned(&mut self, a: Amount, b: Amount) -> Option<(Amount, Amount)> {
        let divisor = a.divisor.checked_div(a.divisor.gcd(&b.divisor))?.checked_mul(b.divisor)?;
        Some((self.over_divisor(a, divisor)?, self.over_divisor(b, divisor)?))
    }

    pub(super) fn added(&mut self, a: Amount, b: Amount, subtracted: bool) -> Option<Amount> {
        let (a, b) = self.aligned(a, b)?;
        let (low, high) = if subtracted {
            (a.low.checked_sub(b.high)?, a.high.checked_sub(b.low)?)
        } else {
            (a.low.checked_add(b.low)?, a.high.checked_add(b.high)?)
        };
        let open = self.either(a.open, b.open);
        let mut sum = exact(Amount { at: a.at, divisor: a.divisor, low, high, open, none: NEVER })?;
        sum.at = match (a.constant(), b.constant()) {
            (Some(_), Some(_)) => Number::Constant(lane(low)?),
            (_, Some(0)) => a.at,
            _ if subtracted => self.compute_number(|out| Operation::Subtract(out, a.at, b.at)),
            _ => self.compute_number(|out| Operation::Add(out, a.at, b.at)),
        };
        Some(sum)
    }

    pub(super) fn multiplied(&mut self, a: Amount, b: Amount) -> Option<Amount> {
        let (a, b) = if a.constant().is_some() { (b, a) } else { (a, b) };
        if let Some(factor) = b.constant() {
            // In lowest terms: 5% of fen is a twentieth.
            let common = factor.gcd(&a.divisor).max(1);
            let divisor = a.divisor.checked_div(common)?.checked_mul(b.divisor)?;
            let scaled = self.times(a, factor.checked_div(common)?)?;
            return exact(Amount { divisor, ..scaled });
        }
        let corners = [(a.low, b.low), (a.low, b.high), (a.high, b.low), (a.high, b.high)];
        let (mut low, mut high) = (i128::MAX, i128::MIN);
        for (x, y) in corners {
            let product = x.checked_mul(y)?;
            (low, high) = (low.min(product), high.max(product));
        }
        let open = self.either(a.open, b.open);
        let mut product =
            exact(Amount { at: a.at, divisor: a.divisor.checked_mul(b.divisor)?, low, high, open, none: NEVER })?;
        product.at = self.compute_number(|out| Operation::Multiply(out, a.at, b.at));
        Some(product)
    }

    /// The least or the greatest of two.
    pub(super) fn limited(&mut self, a: Amount, b: Amount, least: bool) -> Option<Amount> {
        let (a, b) = self.aligned(a, b)?;
        let open = self.either(a.open, b.open);
        let (first, second) =
            if least { (a.high <= b.low, b.high <= a.low) } else { (a.low >= b.high, b.low >= a.high) };
        if first {
            return Some(Amount { open, ..a });
        }
        if second {
            return Some(Amount { open, ..b });
        }
        let (low, high) =
            if least { (a.low.min(b.low), a.high.min(b.high)) } else { (a.low.max(b.low), a.high.max(b.high)) };
        let at = if least {
            self.compute_number(|out| Operation::Least(out, a.at, b.at))
        } else {
            self.compute_number(|out| Operation::Greatest(out, a.at, b.at))
        };
        Some(Amount { at, divisor: a.divisor, low, high, open, none: NEVER })
    }

    /// The one where the condition holds, else the other. It is open where the condition is, or what it takes.
    pub(super) fn chosen(&mut self, flag: Flag, a: Amount, b: Amount) -> Option<Amount> {
        let open = self.choose_byte(flag.yes, a.open, b.open);
        let open = self.either(open, flag.open);
        let none = self.choose_byte(flag.yes, a.none, b.none);
        let (a, b) = self.aligned(a, b)?;
        let mask = match flag.yes {
            Byte::Constant(0) => return Some(Amount { open, ..b }),
            Byte::Constant(_) => return Some(Amount { open, ..a }),
            mask => mask,
        };
        let at = self.compute_number(|out| Operation::Choose(out, mask, a.at, b.at));
        let (low, high) = (a.low.min(b.low), a.high.max(b.high));
        Some(Amount { at, divisor: a.divisor, low, high, open, none })
    }

    /// Rounded to a multiple of a unit above 0.
    pub(super) fn rounded_to(&mut self, a: Amount, mode: RoundMode, unit: &value::Number) -> Option<Amount> {
        let (unit, parts) = unit.to_ratio().filter(|(unit, _)| *unit > 0)?;
        let divisor = a.divisor.checked_mul(unit)?;
        let common = parts.gcd(&divisor);
        let mut multiple = self.times(Amount { divisor: 1, ..a }, parts.checked_div(common)?)?;
        let divisor = divisor.checked_div(common)?;
        if divisor > 1 {
            if multiple.low.abs().max(multiple.high.abs()) >= DIVISIBLE {
                return None;
            }
            let division = Division::by(i64::try_from(divisor).ok()?, mode, multiple.low < 0);
            let at = multiple.at;
            multiple.at = self.compute_number(|out| Operation::Round(out, at, division));
            multiple.low = Integer::div_floor(&multiple.low, &divisor);
            multiple.high = Integer::div_ceil(&multiple.high, &divisor);
        }
        let multiple = self.times(multiple, unit)?;
        exact(Amount { divisor: parts, ..multiple })
    }

    /// In whole fen; nothing where it may have parts of a fen.
    pub(super) fn fen(&mut self, a: Amount) -> Option<Amount> {
        (100 % a.divisor == 0).then(|| self.over_divisor(a, 100)).flatten()
    }
}
