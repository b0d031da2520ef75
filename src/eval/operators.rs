//! What each operator means, on known values and on open ones: arithmetic and rounding.
//!
//! One definition for every engine. None goes through arithmetic (none plus 5 is none),
//! but 0 times none is 0, as 0 times anything is. What has no result is undefined, with
//! its place; comparisons stand in [`super::compare`], days in [`super::days`].

use super::cause::{Causes, FaultKind};
use super::interval::Interval;
use super::open::{Answer, Open, Shape};
use crate::source::Span;
use crate::syntax::tree::RoundMode;
use crate::value::{Number, NumberError, Value};

/// `a + b`
pub fn add(a: Answer, b: Answer, span: Span) -> Answer {
    match (&a, &b) {
        (Answer::Known(Value::Number(x)), Answer::Known(Value::Number(y))) => checked(x.add(y), span),
        _ => combine(a, b, Interval::add),
    }
}

/// `- a`
pub fn negate(a: Answer) -> Answer {
    match a {
        Answer::Known(Value::Number(number)) => Answer::number(number.negate()),
        Answer::Known(Value::Duration(length)) => Answer::Known(Value::Duration(length.negate())),
        Answer::Known(other) => Answer::Known(other),
        Answer::Open(mut open) => {
            if let Shape::Number(interval) = &open.shape {
                open.shape = Shape::Number(interval.negate());
            }
            Answer::Open(open)
        }
    }
}

/// `a - b`
pub fn subtract(a: Answer, b: Answer, span: Span) -> Answer {
    add(a, negate(b), span)
}

/// `a * b`, `a of b`
pub fn multiply(a: Answer, b: Answer, span: Span) -> Answer {
    if let (Answer::Known(Value::Number(x)), Answer::Known(Value::Number(y))) = (&a, &b) {
        return checked(x.multiply(y), span);
    }
    if (is_zero(&a) && is_defined(&b)) || (is_zero(&b) && is_defined(&a)) {
        return Answer::number(Number::ZERO);
    }
    // Of none the product is none, but 0 where the other turns out to be 0.
    if (is_nothing(&a) && may_be_zero(&b)) || (is_nothing(&b) && may_be_zero(&a)) {
        let (a, b) = (a.into_open(), b.into_open());
        let shape = Shape::Number(Interval::exactly(Number::ZERO));
        let (undefined, causes) = (a.undefined || b.undefined, a.causes.and(&b.causes));
        return Open { shape, none: true, undefined, causes }.settle();
    }
    combine(a, b, Interval::multiply)
}

/// `a / b`
pub fn divide(a: Answer, b: Answer, span: Span) -> Answer {
    match (&a, &b) {
        (_, Answer::Known(Value::Number(by))) if by.is_zero() => match a {
            Answer::Known(Value::None) => a,
            _ => Answer::fault(FaultKind::DividedByZero, span).because(a.causes().unwrap_or(&Causes::default())),
        },
        (Answer::Known(Value::Number(x)), Answer::Known(Value::Number(y))) => checked(x.divide(y), span),
        _ if is_zero(&a) && !may_be_zero(&b) && is_defined(&b) => Answer::number(Number::ZERO),
        _ => {
            if !may_be_zero(&b) {
                return combine(a, b, Interval::divide);
            }
            let causes = b.causes().cloned().unwrap_or_default();
            match combine(a, b, Interval::divide) {
                Answer::Known(Value::None) => Answer::NONE,
                // Also 0 over what may be 0 has no value then.
                quotient => {
                    let mut open = quotient.into_open();
                    open.undefined = true;
                    open.causes.merge(&causes);
                    Answer::Open(Box::new(open))
                }
            }
        }
    }
}

/// The lower of two; one that is surely lower stands alone.
pub fn least(a: Answer, b: Answer) -> Answer {
    choose(a, b, |a, b| a <= b, Interval::least)
}

/// The higher of two; one that is surely higher stands alone.
pub fn greatest(a: Answer, b: Answer) -> Answer {
    choose(a, b, |a, b| a >= b, Interval::greatest)
}

/// Rounded to a multiple of `unit`.
pub fn round(a: Answer, mode: RoundMode, unit: &Number, span: Span) -> Answer {
    match a {
        Answer::Known(Value::Number(ref number)) if is_multiple(number, unit) => a,
        Answer::Known(Value::Number(number)) => checked(number.round(mode, unit), span),
        Answer::Known(_) => a,
        Answer::Open(mut open) => {
            if let Shape::Number(interval) = &open.shape {
                open.shape = Shape::Number(interval.round(mode, unit));
            }
            open.settle()
        }
    }
}

/// `a or else b`: the second where the first is none or undefined; never where it is unknown.
pub fn or_else(a: Answer, second: impl FnOnce() -> Answer) -> Answer {
    match a {
        Answer::Known(Value::None) => second(),
        Answer::Known(_) => a,
        Answer::Open(mut open) => {
            if !open.none && !open.undefined {
                return Answer::Open(open);
            }
            open.none = false;
            open.undefined = false;
            open.causes.faults.clear();
            let causes = open.causes.clone();
            match open.shape {
                Shape::Nothing => second().because(&causes),
                _ => open.settle().hull(second()).because(&causes),
            }
        }
    }
}

/// A result, or what went wrong with it.
pub fn checked(result: Result<Number, NumberError>, span: Span) -> Answer {
    match result {
        Ok(number) => Answer::Known(Value::Number(number)),
        Err(error) => Answer::fault(error.into(), span),
    }
}

/// Whether rounding would leave a decimal as it is: 分 with two places at most.
pub(super) fn is_multiple(number: &Number, unit: &Number) -> bool {
    match (number.to_decimal(), unit.to_decimal()) {
        (Some(number), Some(unit)) => unit.mantissa() == 1 && number.scale() <= unit.scale(),
        _ => false,
    }
}

fn combine(a: Answer, b: Answer, both: impl Fn(&Interval, &Interval) -> Interval) -> Answer {
    let (a, b) = (a.into_open(), b.into_open());
    let shape = match (&a.shape, &b.shape) {
        (Shape::Number(x), Shape::Number(y)) => Shape::Number(both(x, y)),
        (Shape::Nothing, _) | (_, Shape::Nothing) => Shape::Nothing,
        (Shape::Number(x), _) => Shape::Number(both(x, &Interval::ANY)),
        (_, Shape::Number(y)) => Shape::Number(both(&Interval::ANY, y)),
        _ => Shape::Any,
    };
    Open { shape, none: a.none || b.none, undefined: a.undefined || b.undefined, causes: a.causes.and(&b.causes) }
        .settle()
}

fn choose(
    a: Answer,
    b: Answer,
    ahead: impl Fn(&Number, &Number) -> bool,
    both: impl Fn(&Interval, &Interval) -> Interval,
) -> Answer {
    match (&a, &b) {
        (Answer::Known(Value::Number(x)), Answer::Known(Value::Number(y))) => {
            if ahead(x, y) {
                a
            } else {
                b
            }
        }
        _ if surely(&a, &b, &ahead) => a,
        _ if surely(&b, &a, &ahead) => b,
        _ => combine(a, b, both),
    }
}

/// Whether every value of `a` is ahead of every value of `b`, both having one.
fn surely(a: &Answer, b: &Answer, ahead: &impl Fn(&Number, &Number) -> bool) -> bool {
    if !is_there(a) || !is_there(b) {
        return false;
    }
    let (Some(x), Some(y)) = (a.interval(), b.interval()) else { return false };
    // Where the smaller is ahead, the greatest of the one must be ahead of the least of the other.
    let nearest = if ahead(&Number::ZERO, &Number::ONE) { (&x.highest, &y.lowest) } else { (&x.lowest, &y.highest) };
    matches!(nearest, (Some(x), Some(y)) if ahead(x, y))
}

/// Neither none nor undefined.
fn is_there(answer: &Answer) -> bool {
    match answer {
        Answer::Known(value) => *value != Value::None,
        Answer::Open(open) => !open.none && !open.undefined,
    }
}

fn is_defined(answer: &Answer) -> bool {
    match answer {
        Answer::Known(_) => true,
        Answer::Open(open) => !open.undefined,
    }
}

fn is_zero(answer: &Answer) -> bool {
    answer.known_number().is_some_and(Number::is_zero)
}

/// Known to be none.
fn is_nothing(answer: &Answer) -> bool {
    answer.known() == Some(&Value::None)
}

fn may_be_zero(answer: &Answer) -> bool {
    answer.interval().is_some_and(|interval| interval.holds_zero())
}

/// The second where the first is none; what may be none becomes either.
pub fn or_none(a: Answer, second: impl FnOnce() -> Answer) -> Answer {
    match a {
        Answer::Known(Value::None) => second(),
        Answer::Open(mut open) if open.none => {
            open.none = false;
            let causes = open.causes.clone();
            match open.shape {
                Shape::Nothing if !open.undefined => second(),
                // What is there may be one value: why it may be none is still why the result is open.
                _ => open.settle().hull(second()).because(&causes),
            }
        }
        a => a,
    }
}
