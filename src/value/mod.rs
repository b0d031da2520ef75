//! Values: exact numbers, dates, periods, durations, codes of levels, texts.
//!
//! In: digits and cells. Out: values with one meaning for every operation, which both
//! engines use. No binary floating point anywhere; nothing is rounded unless a rounding
//! is stated.

mod dimension;
mod number;
mod numeral;
mod time;

pub use dimension::{Dimension, UnitId};
pub use number::{Number, NumberError};
pub use numeral::{
    CellNumberError, CellUnit, Suffix, SuffixKind, fold_full_width, magnitude, read_cell_number, read_cell_number_with,
    split_suffix,
};
pub use time::{Date, Duration, Period};

use smol_str::SmolStr;

/// A known value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Known not to exist.
    None,
    /// yes or no
    Bool(bool),
    /// A number; money in 元, quantities in their unit, rates as fractions (5 % is 0.05).
    Number(Number),
    /// A day.
    Date(Date),
    /// A value of a `one of` or `level of` type, by its place in the declaration (levels: 0 is the highest).
    Code(u16),
    /// A text.
    Text(SmolStr),
    /// A length of time.
    Duration(Duration),
    /// A year, quarter, month or range of days.
    Period(Period),
}
