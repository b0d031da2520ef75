//! Comparisons and membership, on known values and on open ones.
//!
//! A comparison with none is no. Levels compare by rank, the first declared being the
//! highest. A day compares with a year, quarter or month as with a range: from its first
//! day, through its last.

use std::cmp::Ordering;

use super::cause::Causes;
use super::open::{Answer, Open, Shape, Truth};
use crate::syntax::tree::Compare;
use crate::value::{Date, Duration, Number, Period, Value};

/// Whether a known comparison holds.
pub fn values(operator: Compare, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::None, _) | (_, Value::None) => false,
        (Value::Number(a), Value::Number(b)) => holds(operator, a.cmp(b)),
        (Value::Code(a), Value::Code(b)) => holds(operator, b.cmp(a)),
        (Value::Date(a), Value::Date(b)) => holds(operator, a.cmp(b)),
        (Value::Date(a), Value::Period(b)) => day_with_period(operator, *a, b),
        (Value::Period(a), Value::Date(b)) => day_with_period(turned(operator), *b, a),
        (Value::Period(a), Value::Period(b)) => periods(operator, a, b),
        (Value::Period(a), Value::Number(b)) => year_of(b).is_some_and(|b| periods(operator, a, &b)),
        (Value::Number(a), Value::Period(b)) => year_of(a).is_some_and(|a| periods(operator, &a, b)),
        (Value::Bool(a), Value::Bool(b)) => holds(operator, a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => holds(operator, a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => holds(operator, length(a).cmp(&length(b))),
        _ => operator == Compare::NotEqual,
    }
}

/// Whether a comparison holds, as far as it can be told.
pub fn compare(operator: Compare, a: Answer, b: Answer) -> Truth {
    if let (Answer::Known(a), Answer::Known(b)) = (&a, &b) {
        return Truth::known(values(operator, a, b));
    }
    let ((yes, no), none) = (possible(operator, &a, &b), may_be_none(&a) || may_be_none(&b));
    let (a, b) = (a.into_open(), b.into_open());
    let undefined = a.undefined || b.undefined;
    Truth::of(yes || undefined, no || none || undefined, a.causes.and(&b.causes))
}

/// Whether a day, period or number lies in a period.
pub fn within_period(a: &Value, period: &Period) -> bool {
    match a {
        Value::Date(day) => period.contains(*day),
        Value::Period(inner) => inside(inner, period),
        Value::Number(year) => year_of(year).is_some_and(|year| inside(&year, period)),
        _ => false,
    }
}

/// Whether an answer lies in a period.
pub fn in_period(a: Answer, range: Answer) -> Truth {
    match (a, range) {
        (Answer::Known(a), Answer::Known(Value::Period(period))) => Truth::known(within_period(&a, &period)),
        (Answer::Known(Value::None), _) | (_, Answer::Known(Value::None)) => Truth::No,
        (Answer::Open(a), Answer::Known(Value::Period(period))) => {
            let (yes, no) = match &a.shape {
                Shape::Date(first, last) => {
                    let span = Period { first: *first, last: *last };
                    (span.meets(&period), !inside(&span, &period))
                }
                Shape::Nothing => (false, false),
                _ => (true, true),
            };
            Truth::of(yes || a.undefined, no || a.none || a.undefined, a.causes)
        }
        (a, range) => open_either(a, range),
    }
}

/// Whether a period meets a range of events.
pub fn meets(period: &Period, range: Answer) -> Truth {
    match range {
        Answer::Known(Value::Period(range)) => Truth::known(period.meets(&range)),
        Answer::Known(Value::Date(day)) => Truth::known(period.contains(day)),
        Answer::Known(_) => Truth::No,
        Answer::Open(open) => Truth::Open(Box::new(open.causes)),
    }
}

/// Whether there is none.
pub fn is_none(a: Answer) -> Truth {
    match a {
        Answer::Known(value) => Truth::known(value == Value::None),
        Answer::Open(open) => {
            let there = open.shape != Shape::Nothing;
            Truth::of(open.none || open.undefined, there || open.undefined, open.causes)
        }
    }
}

/// The year that a number names.
pub fn year_of(year: &Number) -> Option<Period> {
    Period::year(i32::try_from(year.to_i64()?).ok()?)
}

fn holds(operator: Compare, order: Ordering) -> bool {
    match operator {
        Compare::Equal => order.is_eq(),
        Compare::NotEqual => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::LessOrEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterOrEqual => order.is_ge(),
    }
}

/// The same comparison read from the right.
pub(crate) fn turned(operator: Compare) -> Compare {
    match operator {
        Compare::Less => Compare::Greater,
        Compare::LessOrEqual => Compare::GreaterOrEqual,
        Compare::Greater => Compare::Less,
        Compare::GreaterOrEqual => Compare::LessOrEqual,
        same => same,
    }
}

fn day_with_period(operator: Compare, day: Date, period: &Period) -> bool {
    let before = period.first.is_some_and(|first| day < first);
    let after = period.last.is_some_and(|last| day > last);
    match operator {
        Compare::Equal => !before && !after,
        Compare::NotEqual => before || after,
        Compare::Less => before,
        Compare::LessOrEqual => !after,
        Compare::Greater => after,
        Compare::GreaterOrEqual => !before,
    }
}

fn periods(operator: Compare, a: &Period, b: &Period) -> bool {
    let before = |last: Option<Date>, first: Option<Date>| last.zip(first).is_some_and(|(last, first)| last < first);
    match operator {
        Compare::Equal => a == b,
        Compare::NotEqual => a != b,
        Compare::Less => before(a.last, b.first),
        Compare::Greater => before(b.last, a.first),
        Compare::LessOrEqual => match (a.last, b.last) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(a), Some(b)) => a <= b,
        },
        Compare::GreaterOrEqual => match (a.first, b.first) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(a), Some(b)) => a >= b,
        },
    }
}

/// Whether one range of days lies wholly in another.
fn inside(inner: &Period, outer: &Period) -> bool {
    let starts = outer.first.is_none_or(|outer| inner.first.is_some_and(|inner| inner >= outer));
    let ends = outer.last.is_none_or(|outer| inner.last.is_some_and(|inner| inner <= outer));
    starts && ends
}

/// Months and days on one scale; only a comparison of months with days needs the mean month of 146,097 days in 4,800.
fn length(duration: &Duration) -> i64 {
    i64::from(duration.months).saturating_mul(146_097).saturating_add(i64::from(duration.days).saturating_mul(4_800))
}

fn may_be_none(answer: &Answer) -> bool {
    match answer {
        Answer::Known(value) => *value == Value::None,
        Answer::Open(open) => open.none,
    }
}

fn open_either(a: Answer, b: Answer) -> Truth {
    Truth::Open(Box::new(a.into_open().causes.and(&b.into_open().causes)))
}

/// Whether yes and no are possible for the values that are there.
fn possible(operator: Compare, a: &Answer, b: &Answer) -> (bool, bool) {
    if let (Some(x), Some(y)) = (a.interval(), b.interval())
        && is_number(a)
        && is_number(b)
    {
        return ranges(operator, (x.lowest.as_ref(), x.highest.as_ref()), (y.lowest.as_ref(), y.highest.as_ref()));
    }
    if let (Answer::Open(open), Answer::Known(Value::Period(period))) = (a, b) {
        return day_range_with_period(operator, &open.shape, period);
    }
    if let (Answer::Known(Value::Period(period)), Answer::Open(open)) = (a, b) {
        return day_range_with_period(turned(operator), &open.shape, period);
    }
    match (shape(a), shape(b)) {
        (Shape::Nothing, _) | (_, Shape::Nothing) => (false, false),
        (Shape::Date(a, b), Shape::Date(c, d)) => ranges(operator, (a.as_ref(), b.as_ref()), (c.as_ref(), d.as_ref())),
        (Shape::Codes(a), Shape::Codes(b)) => {
            let results = || a.iter().flat_map(|x| b.iter().map(move |y| holds(operator, y.cmp(x))));
            (results().any(|r| r), results().any(|r| !r))
        }
        (Shape::Bool { yes: a, no: b }, Shape::Bool { yes: c, no: d }) => {
            let (same, other) = ((a && c) || (b && d), (a && d) || (b && c));
            if operator == Compare::Equal { (same, other) } else { (other, same) }
        }
        _ => (true, true),
    }
}

fn is_number(answer: &Answer) -> bool {
    match answer {
        Answer::Known(value) => matches!(value, Value::Number(_)),
        Answer::Open(open) => matches!(open.shape, Shape::Number(_)),
    }
}

fn shape(answer: &Answer) -> Shape {
    match answer {
        Answer::Known(value) => Shape::of(value.clone()),
        Answer::Open(open) => open.shape.clone(),
    }
}

/// A range of days against a period: what its two ends say, and its middle for equality.
fn day_range_with_period(operator: Compare, shape: &Shape, period: &Period) -> (bool, bool) {
    let Shape::Date(first, last) = shape else {
        return if *shape == Shape::Nothing { (false, false) } else { (true, true) };
    };
    let span = Period { first: *first, last: *last };
    let (meets, inside) = (span.meets(period), inside(&span, period));
    let order = |operator, bound: Option<Date>, missing: (bool, bool)| match bound {
        Some(day) => ranges(operator, (first.as_ref(), last.as_ref()), (Some(&day), Some(&day))),
        None => missing,
    };
    match operator {
        Compare::Equal => (meets, !inside),
        Compare::NotEqual => (!inside, meets),
        Compare::Less => order(operator, period.first, (false, true)),
        Compare::GreaterOrEqual => order(operator, period.first, (true, false)),
        Compare::Greater => order(operator, period.last, (false, true)),
        Compare::LessOrEqual => order(operator, period.last, (true, false)),
    }
}

/// What two ranges with open ends allow.
fn ranges<T: Ord>(operator: Compare, a: (Option<&T>, Option<&T>), b: (Option<&T>, Option<&T>)) -> (bool, bool) {
    let below = |high: Option<&T>, low: Option<&T>| high.zip(low).is_some_and(|(high, low)| high < low);
    let not_above = |high: Option<&T>, low: Option<&T>| high.zip(low).is_some_and(|(high, low)| high <= low);
    let flip = |(yes, no): (bool, bool)| (no, yes);
    match operator {
        Compare::Less => (!not_above(b.1, a.0), !below(a.1, b.0)),
        Compare::GreaterOrEqual => flip(ranges(Compare::Less, a, b)),
        Compare::Greater => ranges(Compare::Less, b, a),
        Compare::LessOrEqual => flip(ranges(Compare::Less, b, a)),
        Compare::Equal => {
            let apart = below(a.1, b.0) || below(b.1, a.0);
            let one = not_above(a.1, b.0) && not_above(b.1, a.0);
            (!apart, !one)
        }
        Compare::NotEqual => flip(ranges(Compare::Equal, a, b)),
    }
}

/// What an open answer leaves possible where it must equal one of some keys: yes, no, and what remains if not.
pub fn without_key(open: &mut Open, key: &Value) -> Option<(bool, Causes)> {
    match (&mut open.shape, key) {
        (Shape::Codes(codes), Value::Code(code)) => {
            let before = codes.len();
            codes.retain(|c| c != code);
            Some((codes.len() < before, open.causes.clone()))
        }
        (Shape::Bool { yes, no }, Value::Bool(key)) => {
            let side = if *key { yes } else { no };
            Some((std::mem::replace(side, false), open.causes.clone()))
        }
        _ => None,
    }
}
