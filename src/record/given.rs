//! A cell as its file has it, before it is known what it stands for.
//!
//! Formats that know types hand over the text that the same cell would have in a CSV file,
//! so that there is one way to read it; what a text cannot say stays apart: that digits
//! come from a binary number, a time behind a day, parts inside a cell, a cell that has
//! no value at all.

use std::borrow::Cow;

use crate::diagnostic::Argument;

/// A cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given<'g> {
    /// A text; without anything in it, a blank cell.
    Text(Cow<'g, str>),
    /// Digits of a binary number, which has no more than fifteen that can be trusted.
    Rounded(String),
    /// A logical value.
    Bool(bool),
    /// A day with a time; the time is empty at midnight.
    Moment { day: String, time: String },
    /// Parts inside the cell, as JSON.
    Parts(String),
    /// A cell that has no value: what is shown of it, and what should stand there.
    Wrong { shown: String, expected: Argument },
}

impl Given<'_> {
    /// A cell of which nothing was said.
    pub(super) const BLANK: Given<'static> = Given::Text(Cow::Borrowed(""));

    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Given::Text(text) if text.trim().is_empty())
    }

    /// The size of it in a text file.
    pub(super) fn length(&self) -> usize {
        match self {
            Given::Text(text) => text.len(),
            Given::Rounded(text) | Given::Parts(text) => text.len(),
            Given::Moment { day, time } => day.len().saturating_add(time.len()),
            Given::Bool(_) | Given::Wrong { .. } => 1,
        }
    }
}

/// A whole number of days since 1970-01-01 and the milliseconds behind it as a cell; none beyond the calendar.
pub(super) fn moment(days: i64, milliseconds: i64) -> Option<Given<'static>> {
    let day = crate::value::Date::from_day_number(i32::try_from(days).ok()?)?.to_string();
    let seconds = milliseconds.checked_div(1000)?;
    let time = match (seconds, milliseconds.checked_rem(1000)?) {
        (0, 0) => String::new(),
        (_, thousandths) => {
            let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            let part = if thousandths == 0 { String::new() } else { format!(".{thousandths:03}") };
            format!("{hour:02}:{minute:02}:{second:02}{part}")
        }
    };
    Some(Given::Moment { day, time })
}

/// The digits of a binary number: the fewest that give it back, none for what is no number.
pub(super) fn digits(number: f64) -> Option<String> {
    // A zero with a sign is a zero.
    number.is_finite().then(|| if number == 0.0 { "0".to_string() } else { number.to_string() })
}

/// Whether digits of a binary number are more than it can be trusted with.
pub(super) fn is_too_long(digits: &str) -> bool {
    const TRUSTED: usize = 15;
    digits.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count() > TRUSTED
}
