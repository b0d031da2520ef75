//! Cells of a sheet as cells of any table.
//!
//! In: a cell with the value that Excel kept of it. Out: the cell as a CSV file would have
//! it. Numbers have the fifteen digits that Excel reckons with and shows, so that what it
//! shows as 500 is 500 and not 499.9999999999999.

use std::borrow::Cow;

use calamine::{DataRef, ExcelDateTime};

use crate::diagnostic::Argument;
use crate::record::given::{Given, is_too_long, moment};
use crate::record::json::plain_number;

/// The day that both calendars of Excel count from, as days since 1970-01-01.
const BEFORE_1900: i64 = -25_569;
const OF_1904: i64 = -24_107;
const DAY: f64 = 86_400_000.0;

/// The cell; `formula` is the formula that it has, `since_1904` the calendar of the workbook.
pub(super) fn given<'a>(value: DataRef<'a>, formula: Option<&str>, since_1904: bool) -> Given<'a> {
    match value {
        DataRef::Empty => match formula {
            Some(formula) => Given::Wrong {
                shown: format!("={formula}"),
                expected: Argument::phrase(
                    "公式的结果（文件里没有，用 Excel 打开再保存一次）",
                    "the result of the formula (the file has none: open it in Excel and save it)",
                ),
            },
            None => Given::BLANK,
        },
        DataRef::SharedString(text) => Given::Text(Cow::Borrowed(text)),
        DataRef::String(text) => Given::Text(Cow::Owned(text)),
        DataRef::Bool(yes) => Given::Bool(yes),
        DataRef::Int(number) => Given::Text(Cow::Owned(number.to_string())),
        DataRef::Float(number) => rounded(number),
        DataRef::DateTime(time) => day(&time, since_1904),
        DataRef::DateTimeIso(text) => match text.split_once('T') {
            Some((day, time)) => {
                let time = if time.trim_matches(['0', ':', '.', 'Z']).is_empty() { "" } else { time };
                Given::Moment { day: day.to_string(), time: time.to_string() }
            }
            None => Given::Text(Cow::Owned(text)),
        },
        DataRef::DurationIso(text) => Given::Wrong { shown: text, expected: no_time() },
        DataRef::Error(error) => Given::Wrong {
            shown: error.to_string(),
            expected: Argument::phrase("一个值，而不是公式的错误", "a value, not the error of a formula"),
        },
    }
}

fn rounded(number: f64) -> Given<'static> {
    match fifteen_digits(number) {
        Some(digits) => Given::Rounded(digits),
        None if !number.is_finite() => {
            Given::Wrong { shown: number.to_string(), expected: Argument::phrase("一个数", "a number") }
        }
        None => Given::Wrong {
            shown: number.to_string(),
            expected: Argument::phrase("不超过 24 位的数", "a number of at most 24 digits before its point"),
        },
    }
}

/// The fifteen digits of a number that Excel shows.
pub(super) fn fifteen_digits(number: f64) -> Option<String> {
    if number == 0.0 {
        return Some("0".to_string());
    }
    // The fewest digits that give the number back are these, where they are no more than fifteen.
    if (1e-5..1e15).contains(&number.abs()) {
        let fewest = number.to_string();
        if !is_too_long(&fewest) {
            return Some(fewest);
        }
    }
    Some(number).filter(|number| number.is_finite()).and_then(|number| plain_number(&format!("{number:.14e}")))
}

fn no_time() -> Argument {
    Argument::phrase("日期，而不是时刻", "a date, not a time of day")
}

/// A number that its format shows as a date.
#[allow(clippy::cast_possible_truncation, reason = "the number is within the calendar")]
fn day(time: &ExcelDateTime, since_1904: bool) -> Given<'static> {
    let number = time.as_f64();
    let wrong = |expected: Argument| Given::Wrong { shown: number.to_string(), expected };
    if time.is_duration() || (0.0..1.0).contains(&number) {
        return wrong(no_time());
    }
    let no_day = || wrong(Argument::phrase("存在的日期，如 2023-07-01", "a date that exists, such as 2023-07-01"));
    if !(0.0..4_000_000.0).contains(&number) {
        return no_day();
    }
    let milliseconds = (number.fract() * DAY).round();
    let (whole, milliseconds) =
        if milliseconds >= DAY { (number.trunc() + 1.0, 0.0) } else { (number.trunc(), milliseconds) };
    let serial = whole as i64;
    let days = match serial {
        _ if since_1904 => serial.saturating_add(OF_1904),
        // Excel takes 1900 for a leap year: its day 60 never was.
        60 => return no_day(),
        1..60 => serial.saturating_add(BEFORE_1900).saturating_add(1),
        _ => serial.saturating_add(BEFORE_1900),
    };
    moment(days, milliseconds as i64).unwrap_or_else(no_day)
}
