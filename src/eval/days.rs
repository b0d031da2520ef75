//! Days and lengths of time: moving a day or a year, and what lies between two days.
//!
//! Months go by corresponding days, else the last day of the month. A day that is not
//! known moves with both its ends.

use super::cause::FaultKind;
use super::compare::year_of;
use super::interval::Interval;
use super::open::{Answer, Open, Shape};
use crate::source::Span;
use crate::syntax::tree::TimeUnit;
use crate::value::{Date, Duration, Number, Period, Value};

/// A day, period or year moved by a length of time.
pub fn shift(base: Answer, by: Answer, back: bool, span: Span) -> Answer {
    let by = match by {
        Answer::Known(Value::None) => return Answer::NONE,
        Answer::Known(by) => by,
        Answer::Open(by) => return unknown_shift(base, *by),
    };
    let moved = match &base {
        Answer::Known(Value::None) => return Answer::NONE,
        Answer::Known(value) => shift_value(value, &by, back).map(Answer::Known),
        Answer::Open(open) => {
            let mut open = open.clone();
            if let Shape::Date(first, last) = &mut open.shape {
                *first = first.and_then(|day| shift_day(day, &by, back));
                *last = last.and_then(|day| shift_day(day, &by, back));
            }
            Some(open.settle())
        }
    };
    moved.unwrap_or_else(|| Answer::fault(FaultKind::TooLarge, span))
}

/// Whole days, months or years from one day to another.
pub fn elapsed(unit: TimeUnit, from: Answer, to: Answer) -> Answer {
    if let (Answer::Known(from), Answer::Known(to)) = (&from, &to) {
        return match (first_day(from), last_day(to)) {
            (Some(from), Some(to)) => Answer::number(between(unit, from, to)),
            _ => Answer::NONE,
        };
    }
    let (from, to) = (from.into_open(), to.into_open());
    let shape = match (&from.shape, &to.shape) {
        (Shape::Date(a, b), Shape::Date(c, d)) => Shape::Number(Interval::new(
            b.zip(*c).map(|(from, to)| between(unit, from, to)),
            a.zip(*d).map(|(from, to)| between(unit, from, to)),
        )),
        (Shape::Nothing, _) | (_, Shape::Nothing) => Shape::Nothing,
        _ => Shape::Number(Interval::ANY),
    };
    let (none, undefined) = (from.none || to.none, from.undefined || to.undefined);
    Open { shape, none, undefined, causes: from.causes.and(&to.causes) }.settle()
}

/// The year in which a day lies, as a number or as a period.
pub fn year(date: Answer, as_period: bool, span: Span) -> Answer {
    let of = |year: i32| match as_period {
        true => Period::year(year).map(Value::Period),
        false => Some(Value::Number(Number::from_i64(i64::from(year)))),
    };
    match date {
        Answer::Known(value) => match first_day(&value) {
            Some(day) => of(day.year()).map_or_else(|| Answer::fault(FaultKind::TooLarge, span), Answer::Known),
            None => Answer::NONE,
        },
        Answer::Open(mut open) => {
            open.shape = match open.shape {
                Shape::Nothing => Shape::Nothing,
                Shape::Date(first, last) if !as_period => {
                    let number = |day: Date| Number::from_i64(i64::from(day.year()));
                    Shape::Number(Interval::new(first.map(number), last.map(number)))
                }
                _ => Shape::Any,
            };
            open.settle()
        }
    }
}

/// A range of days from two ends, each a day or a period.
pub fn range(from: Option<Answer>, to: Option<Answer>) -> Answer {
    match (from, to) {
        (Some(Answer::Open(from)), Some(to)) => unknown_range(*from, Some(to)),
        (Some(Answer::Open(from)), None) => unknown_range(*from, None),
        (from, Some(Answer::Open(to))) => unknown_range(*to, from),
        (from, to) => {
            let known = |end: Option<Answer>| match end {
                Some(Answer::Known(value)) => Some(value),
                _ => None,
            };
            let (from, to) = (known(from), known(to));
            if from == Some(Value::None) || to == Some(Value::None) {
                return Answer::NONE;
            }
            // A range without a day is none: nothing lies in it.
            let (first, last) = (from.as_ref().and_then(first_day), to.as_ref().and_then(last_day));
            Period::range(first, last).map_or(Answer::NONE, |period| Answer::Known(Value::Period(period)))
        }
    }
}

/// A value as a period: a day, a range, or the year that a number names.
pub fn as_period(value: &Value) -> Option<Period> {
    match value {
        Value::Period(period) => Some(*period),
        Value::Date(day) => Some(Period::day(*day)),
        Value::Number(year) => year_of(year),
        _ => None,
    }
}

fn unknown_range(open: Open, other: Option<Answer>) -> Answer {
    let causes = match &other {
        Some(Answer::Open(other)) => open.causes.and(&other.causes),
        _ => open.causes,
    };
    Answer::open(Shape::Any, causes)
}

fn unknown_shift(base: Answer, by: Open) -> Answer {
    let base = base.into_open();
    let shape = match base.shape {
        Shape::Date(..) => Shape::Date(None, None),
        Shape::Nothing => Shape::Nothing,
        _ => Shape::Any,
    };
    let (none, undefined) = (base.none || by.none, base.undefined || by.undefined);
    Open { shape, none, undefined, causes: base.causes.and(&by.causes) }.settle()
}

fn shift_value(value: &Value, by: &Value, back: bool) -> Option<Value> {
    match value {
        Value::Date(day) => shift_day(*day, by, back).map(Value::Date),
        Value::Period(period) => shift_period(period, by, back).map(Value::Period),
        Value::Number(number) => match by {
            Value::Number(by) => if back { number.subtract(by) } else { number.add(by) }.ok().map(Value::Number),
            Value::Duration(by) if by.days == 0 && by.months % 12 == 0 => {
                let years = Number::from_i64(i64::from(by.months / 12));
                if back { number.subtract(&years) } else { number.add(&years) }.ok().map(Value::Number)
            }
            _ => None,
        },
        _ => None,
    }
}

fn shift_day(day: Date, by: &Value, back: bool) -> Option<Date> {
    match by {
        Value::Duration(length) => day.plus(if back { length.negate() } else { *length }),
        Value::Number(days) => {
            let days = i32::try_from(days.to_i64()?).ok()?;
            day.plus(Duration::days(if back { days.checked_neg()? } else { days }))
        }
        _ => None,
    }
}

fn shift_period(period: &Period, by: &Value, back: bool) -> Option<Period> {
    let years = match by {
        Value::Number(years) => i32::try_from(years.to_i64()?).ok()?,
        Value::Duration(length) if length.days == 0 && length.months % 12 == 0 => length.months / 12,
        Value::Duration(_) => return shift_ends(period, by, back),
        _ => return None,
    };
    period.shift_years(if back { years.checked_neg()? } else { years })
}

/// A quarter or month moved by months keeps its length in whole months.
fn shift_ends(period: &Period, by: &Value, back: bool) -> Option<Period> {
    let first = period.first.map(|day| shift_day(day, by, back));
    let whole = period.first.is_none_or(|first| first.day() == 1) && period.last.is_none_or(Date::is_month_end);
    let last = period.last.map(|day| match whole {
        // The day before the first of the next month, so that 02-28 moves to 03-31.
        true => day.plus(Duration::days(1)).and_then(|day| shift_day(day, by, back))?.plus(Duration::days(-1)),
        false => shift_day(day, by, back),
    });
    match (first, last) {
        (Some(None), _) | (_, Some(None)) => None,
        (first, last) => Period::range(first.flatten(), last.flatten()),
    }
}

fn first_day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Period(period) => period.first,
        Value::Number(year) => year_of(year)?.first,
        _ => None,
    }
}

fn last_day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Period(period) => period.last,
        Value::Number(year) => year_of(year)?.last,
        _ => None,
    }
}

fn between(unit: TimeUnit, from: Date, to: Date) -> Number {
    Number::from_i64(i64::from(match unit {
        TimeUnit::Days => from.whole_days(to),
        TimeUnit::Months => from.whole_months(to),
        TimeUnit::Years => from.whole_years(to),
    }))
}
