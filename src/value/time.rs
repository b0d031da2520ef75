//! Days, lengths of time and periods.
//!
//! In: years, months and days, and the texts of data cells. Out: values that compare as
//! numbers do. Months are counted by corresponding days, at a month's end by its last day
//! (Civil Code art. 202). There is no clock here: what is today is said by the caller.

use std::fmt;

const FIRST_YEAR: i32 = 1;
const LAST_YEAR: i32 = 9999;

/// A day of the years 1 to 9999, kept as a day number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The day, if there is one.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Date> {
        let exists = (FIRST_YEAR..=LAST_YEAR).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_of_month(year, month)).contains(&day);
        exists.then(|| Date(day_number(year, i32::from(month), i32::from(day))))
    }

    /// The day of that number, counted from 1970-01-01 as 0.
    pub fn from_day_number(number: i32) -> Option<Date> {
        let first = day_number(FIRST_YEAR, 1, 1);
        let last = day_number(LAST_YEAR, 12, 31);
        (first..=last).contains(&number).then_some(Date(number))
    }

    /// Its number, counted from 1970-01-01 as 0.
    pub fn day_number(self) -> i32 {
        self.0
    }

    /// Its year.
    pub fn year(self) -> i32 {
        self.parts().0
    }

    /// Its month, 1 to 12.
    pub fn month(self) -> u8 {
        self.parts().1
    }

    /// Its day of the month.
    pub fn day(self) -> u8 {
        self.parts().2
    }

    /// Reads a data cell: `2023-07-01`, `2023/7/1`, `2023.7.1`, `20230701`, `2023年7月1日`; a midnight behind it is dropped.
    pub fn from_text(text: &str) -> Option<Date> {
        let text = without_midnight(text.trim());
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            return date_of_parts(text.get(..4)?, text.get(4..6)?, text.get(6..)?);
        }
        if let Some((year, rest)) = text.split_once('年') {
            let (month, day) = rest.split_once('月')?;
            let day = day.strip_suffix(['日', '号'])?;
            return date_of_parts(year.trim(), month.trim(), day.trim());
        }
        ['-', '/', '.'].into_iter().find_map(|mark| {
            let mut parts = text.split(mark);
            let date = date_of_parts(parts.next()?, parts.next()?, parts.next()?);
            if parts.next().is_some() { None } else { date }
        })
    }

    /// The day after a length of time: first the months, by the corresponding day or else the last of the month, then the days.
    pub fn plus(self, length: Duration) -> Option<Date> {
        let (year, month, day) = self.parts();
        let months = year.checked_mul(12)?.checked_add(i32::from(month))?.checked_sub(1)?.checked_add(length.months)?;
        let (year, month) = (months.div_euclid(12), u8::try_from(months.rem_euclid(12)).ok()?.checked_add(1)?);
        let moved = Date::new(year, month, day.min(days_of_month(year, month)))?;
        Date::from_day_number(moved.0.checked_add(length.days)?)
    }

    /// Days from this day to another; below 0 when that is earlier.
    pub fn whole_days(self, to: Date) -> i32 {
        to.0.saturating_sub(self.0)
    }

    /// Whole months from this day to another, by corresponding days; below 0 when that is earlier.
    pub fn whole_months(self, to: Date) -> i32 {
        if to < self {
            return to.whole_months(self).saturating_neg();
        }
        let (from, until) = (self.parts(), to.parts());
        let months = (until.0.saturating_sub(from.0))
            .saturating_mul(12)
            .saturating_add(i32::from(until.1))
            .saturating_sub(i32::from(from.1));
        match self.plus(Duration::months(months)) {
            Some(day) if day <= to => months,
            _ => months.saturating_sub(1),
        }
    }

    /// Whole years from this day to another, by corresponding days; below 0 when that is earlier.
    pub fn whole_years(self, to: Date) -> i32 {
        self.whole_months(to) / 12
    }

    /// Whether it is the last day of its month.
    pub fn is_month_end(self) -> bool {
        let (year, month, day) = self.parts();
        day == days_of_month(year, month)
    }

    fn parts(self) -> (i32, u8, u8) {
        // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
        let days = self.0.saturating_add(719_468);
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
    }
}

/// The number of a day that exists.
fn day_number(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn days_of_month(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn date_of_parts(year: &str, month: &str, day: &str) -> Option<Date> {
    if year.len() != 4 {
        return None;
    }
    Date::new(small_number(year)?, u8::try_from(small_number(month)?).ok()?, u8::try_from(small_number(day)?).ok()?)
}

/// One to four digits.
fn small_number(text: &str) -> Option<i32> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Spreadsheets write a day as its midnight.
fn without_midnight(text: &str) -> &str {
    let Some((date, time)) = text.split_once([' ', 'T']) else { return text };
    let time = time.trim().trim_end_matches('Z');
    let time = time.strip_suffix(".000").unwrap_or(time);
    if matches!(time, "00:00:00" | "0:00:00" | "00:00" | "0:00") { date } else { text }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A length of time: months and days, which do not turn into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    /// Months; a year is twelve.
    pub months: i32,
    /// Days.
    pub days: i32,
}

impl Duration {
    /// That many years.
    pub fn years(years: i32) -> Duration {
        Duration { months: years.saturating_mul(12), days: 0 }
    }

    /// That many months.
    pub fn months(months: i32) -> Duration {
        Duration { months, days: 0 }
    }

    /// That many days.
    pub fn days(days: i32) -> Duration {
        Duration { months: 0, days }
    }

    /// The same length backward.
    #[must_use]
    pub fn negate(self) -> Duration {
        Duration { months: self.months.saturating_neg(), days: self.days.saturating_neg() }
    }
}

/// Years and months and days as said in Chinese: `3年`, `6个月`, `90日`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (years, months) = (self.months / 12, self.months % 12);
        let mut parts = Vec::new();
        if years != 0 {
            parts.push(format!("{years}年"));
        }
        if months != 0 {
            parts.push(format!("{months}个月"));
        }
        if self.days != 0 || parts.is_empty() {
            parts.push(format!("{}日", self.days));
        }
        f.pad(&parts.concat())
    }
}

/// A range of days; both ends belong to it, an end that is missing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub first: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
}

impl Period {
    /// A year, 1 to 9999.
    pub fn year(year: i32) -> Option<Period> {
        Period::months(year, 1, 12)
    }

    /// A quarter, 1 to 4.
    pub fn quarter(year: i32, quarter: u8) -> Option<Period> {
        let last = quarter.checked_mul(3)?;
        Period::months(year, last.checked_sub(2)?, last)
    }

    /// A month, 1 to 12.
    pub fn month(year: i32, month: u8) -> Option<Period> {
        Period::months(year, month, month)
    }

    /// A single day.
    pub fn day(day: Date) -> Period {
        Period { first: Some(day), last: Some(day) }
    }

    /// From one day to another; none when that range is empty.
    pub fn range(first: Option<Date>, last: Option<Date>) -> Option<Period> {
        match (first, last) {
            (Some(first), Some(last)) if first > last => None,
            _ => Some(Period { first, last }),
        }
    }

    /// Whether the day lies in it.
    pub fn contains(&self, day: Date) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }

    /// Whether it has a day in common with another.
    pub fn meets(&self, other: &Period) -> bool {
        let before = |last: Option<Date>, first: Option<Date>| match (last, first) {
            (Some(last), Some(first)) => last < first,
            _ => false,
        };
        !before(self.last, other.first) && !before(other.last, self.first)
    }

    /// The year, where it is a whole one.
    pub fn as_year(&self) -> Option<i32> {
        let year = self.first?.year();
        (Period::year(year)? == *self).then_some(year)
    }

    /// The year and quarter, where it is a whole quarter.
    pub fn as_quarter(&self) -> Option<(i32, u8)> {
        let first = self.first?;
        let quarter = first.month().checked_add(2)? / 3;
        (Period::quarter(first.year(), quarter)? == *self).then_some((first.year(), quarter))
    }

    /// The year and month, where it is a whole month.
    pub fn as_month(&self) -> Option<(i32, u8)> {
        let first = self.first?;
        (Period::month(first.year(), first.month())? == *self).then_some((first.year(), first.month()))
    }

    /// The same range so many years later; whole months stay whole months.
    pub fn shift_years(&self, years: i32) -> Option<Period> {
        let length = Duration::years(years);
        let whole = self.first.is_none_or(|first| first.day() == 1) && self.last.is_none_or(Date::is_month_end);
        let move_end = |end: Date| {
            let moved = end.plus(length)?;
            if whole {
                Date::new(moved.year(), moved.month(), days_of_month(moved.year(), moved.month()))
            } else {
                Some(moved)
            }
        };
        let first = match self.first {
            Some(first) => Some(first.plus(length)?),
            None => None,
        };
        let last = match self.last {
            Some(last) => Some(move_end(last)?),
            None => None,
        };
        Period::range(first, last)
    }

    /// Reads `2024`, `2023Q3`, `2023-07`, `2023-07-01` and ranges of them, `a..b`, which may be open.
    pub fn parse(text: &str) -> Option<Period> {
        let text = text.trim();
        let Some((from, to)) = text.split_once("..") else { return Period::parse_one(text) };
        let first = match from.trim() {
            "" => None,
            from => Some(Period::parse_one(from)?.first?),
        };
        let last = match to.trim() {
            "" => None,
            to => Some(Period::parse_one(to)?.last?),
        };
        Period::range(first, last)
    }

    fn parse_one(text: &str) -> Option<Period> {
        let year = |text: &str| if text.len() == 4 { small_number(text) } else { None };
        let two = |text: &str| if text.len() == 2 { u8::try_from(small_number(text)?).ok() } else { None };
        if let Some((before, quarter)) = text.split_once(['Q', 'q']) {
            let quarter = if quarter.len() == 1 { small_number(quarter)? } else { return None };
            return Period::quarter(year(before)?, u8::try_from(quarter).ok()?);
        }
        match text.split('-').collect::<Vec<_>>().as_slice() {
            [only] => Period::year(year(only)?),
            [before, month] => Period::month(year(before)?, two(month)?),
            [before, month, day] => Some(Period::day(Date::new(year(before)?, two(month)?, two(day)?)?)),
            _ => None,
        }
    }

    fn months(year: i32, first: u8, last: u8) -> Option<Period> {
        let end = days_of_month(year, last);
        Some(Period { first: Some(Date::new(year, first, 1)?), last: Some(Date::new(year, last, end)?) })
    }
}

/// `2024`, `2023Q3`, `2023-07`, `2023-07-01`, else `first..last`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.as_year() {
            return f.pad(&format!("{year:04}"));
        }
        if let Some((year, quarter)) = self.as_quarter() {
            return f.pad(&format!("{year:04}Q{quarter}"));
        }
        if let Some((year, month)) = self.as_month() {
            return f.pad(&format!("{year:04}-{month:02}"));
        }
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => fmt::Display::fmt(&first, f),
            (first, last) => {
                let end = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
                f.pad(&format!("{}..{}", end(first), end(last)))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
