//! Values of Arrow arrays as cells.
//!
//! In: an array and a row. Out: the cell as a CSV file would have it. Numbers are exact:
//! whole numbers and decimals by their digits, binary numbers by the fewest digits that
//! give them back. Lists and structures become JSON, read like nested JSON; a field that
//! is null in them is left out, as a blank cell is.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use crate::diagnostic::Argument;
use crate::record::given::{Given, digits, moment};

/// What the times of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::record) enum Times {
    /// Moments where they name a zone, else what the clock on the wall says.
    AsTheySay,
    /// Moments in any case.
    Moments,
}

const DAY: i64 = 86_400_000;
/// A moment is told by the clock of Beijing.
const BEIJING: i64 = 8 * 3_600_000;

/// The cell of a row.
pub(in crate::record) fn given<'a>(array: &'a dyn Array, row: usize, times: Times) -> Given<'a> {
    if row >= array.len() || array.is_null(row) {
        return Given::BLANK;
    }
    let text = |text: &'a str| Given::Text(Cow::Borrowed(text));
    let owned = |text: String| Given::Text(Cow::Owned(text));
    match array.data_type() {
        DataType::Null => Given::BLANK,
        DataType::Boolean => Given::Bool(array.as_boolean().value(row)),
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Binary => bytes(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => bytes(array.as_binary_view().value(row)),
        DataType::Float16 => rounded(f64::from(number::<Float16Type>(array, row))),
        // By the digits of the narrower number, which are fewer than those of the wider one.
        DataType::Float32 => match number::<Float32Type>(array, row) {
            number if number.is_finite() && number != 0.0 => Given::Rounded(number.to_string()),
            number => rounded(f64::from(number)),
        },
        DataType::Float64 => rounded(number::<Float64Type>(array, row)),
        DataType::Decimal32(_, scale) => owned(decimal(&number::<Decimal32Type>(array, row).to_string(), *scale)),
        DataType::Decimal64(_, scale) => owned(decimal(&number::<Decimal64Type>(array, row).to_string(), *scale)),
        DataType::Decimal128(_, scale) => owned(decimal(&number::<Decimal128Type>(array, row).to_string(), *scale)),
        DataType::Decimal256(_, scale) => owned(decimal(&number::<Decimal256Type>(array, row).to_string(), *scale)),
        DataType::Date32 => at(array, i128::from(number::<Date32Type>(array, row)), i128::from(DAY), 0),
        DataType::Date64 => at(array, i128::from(number::<Date64Type>(array, row)), 1, 0),
        DataType::Timestamp(unit, zone) => {
            let shift = if zone.is_some() || times == Times::Moments { BEIJING } else { 0 };
            time(array, row, *unit, shift)
        }
        DataType::Dictionary(_, _) => match array.as_any_dictionary_opt() {
            Some(dictionary) => match whole(dictionary.keys(), row).and_then(|key| key.parse().ok()) {
                Some(key) => given(dictionary.values().as_ref(), key, times),
                None => Given::BLANK,
            },
            None => unknown(array),
        },
        kind if kind.is_nested() => match parts(array, row, times) {
            Some(json) => Given::Parts(json),
            None => unknown(array),
        },
        _ => whole(array, row).map_or_else(|| unknown(array), owned),
    }
}

fn number<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

/// The digits of a whole number.
fn whole(array: &dyn Array, row: usize) -> Option<String> {
    Some(match array.data_type() {
        DataType::Int8 => number::<Int8Type>(array, row).to_string(),
        DataType::Int16 => number::<Int16Type>(array, row).to_string(),
        DataType::Int32 => number::<Int32Type>(array, row).to_string(),
        DataType::Int64 => number::<Int64Type>(array, row).to_string(),
        DataType::UInt8 => number::<UInt8Type>(array, row).to_string(),
        DataType::UInt16 => number::<UInt16Type>(array, row).to_string(),
        DataType::UInt32 => number::<UInt32Type>(array, row).to_string(),
        DataType::UInt64 => number::<UInt64Type>(array, row).to_string(),
        _ => return None,
    })
}

/// Moves the point of a whole number; zeros behind it say nothing.
fn decimal(digits: &str, scale: i8) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let shift = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        let zeros = if digits == "0" { 0 } else { shift };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let padded = format!("{digits:0>width$}", width = shift.saturating_add(1));
    let (whole, places) = padded.split_at_checked(padded.len().saturating_sub(shift)).unwrap_or((&padded, ""));
    match places.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        places => format!("{sign}{whole}.{places}"),
    }
}

fn rounded(number: f64) -> Given<'static> {
    match digits(number) {
        Some(digits) => Given::Rounded(digits),
        None => Given::Wrong {
            shown: number.to_string(),
            expected: Argument::phrase("有限的数（不清楚的应为空值）", "a finite number (null where it is not known)"),
        },
    }
}

fn bytes(bytes: &[u8]) -> Given<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Given::Text(Cow::Borrowed(text)),
        _ => Given::Wrong {
            shown: format!("({})", bytes.len()),
            expected: Argument::phrase("文字，而不是二进制数据", "text, not binary data"),
        },
    }
}

fn time(array: &dyn Array, row: usize, unit: TimeUnit, shift: i64) -> Given<'static> {
    let (number, thousand) = match unit {
        TimeUnit::Second => (i128::from(number::<TimestampSecondType>(array, row)).saturating_mul(1000), 1),
        TimeUnit::Millisecond => (i128::from(number::<TimestampMillisecondType>(array, row)), 1),
        TimeUnit::Microsecond => (i128::from(number::<TimestampMicrosecondType>(array, row)), 1000),
        TimeUnit::Nanosecond => (i128::from(number::<TimestampNanosecondType>(array, row)), 1_000_000),
    };
    at(array, number.div_euclid(thousand), 1, shift)
}

/// A moment so many units of so many milliseconds after the beginning of 1970.
fn at(array: &dyn Array, number: i128, unit: i128, shift: i64) -> Given<'static> {
    let day = i128::from(DAY);
    let milliseconds = number.saturating_mul(unit).saturating_add(i128::from(shift));
    let days = i64::try_from(milliseconds.div_euclid(day)).ok();
    let rest = i64::try_from(milliseconds.rem_euclid(day)).ok();
    match days.zip(rest).and_then(|(days, rest)| moment(days, rest)) {
        Some(cell) => cell,
        None => Given::Wrong {
            shown: array.data_type().to_string(),
            expected: Argument::phrase("公元 1 年至 9999 年的日期", "a date of the years 1 to 9999"),
        },
    }
}

fn unknown(array: &dyn Array) -> Given<'static> {
    Given::Wrong {
        shown: array.data_type().to_string(),
        expected: Argument::phrase("文字、数、日期或是否", "text, a number, a date, or yes or no"),
    }
}

/// A value with parts as JSON; none for parts of no known kind.
fn parts(array: &dyn Array, row: usize, times: Times) -> Option<String> {
    let list = |items: ArrayRef| {
        let items = (0..items.len()).map(|at| value(items.as_ref(), at, times));
        let items: Option<Vec<String>> = items.collect();
        Some(format!("[{}]", items?.join(",")))
    };
    match array.data_type() {
        DataType::List(_) => list(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(_, _) => list(array.as_fixed_size_list().value(row)),
        DataType::Struct(fields) => {
            let array = array.as_struct();
            let entries = fields.iter().zip(array.columns()).filter(|(_, column)| !is_null(column.as_ref(), row));
            let entries = entries.map(|(field, column)| entry(field.name(), column.as_ref(), row, times));
            let entries: Option<Vec<String>> = entries.collect();
            Some(format!("{{{}}}", entries?.join(",")))
        }
        DataType::Map(_, _) => {
            let items = array.as_map().value(row);
            let (keys, values) = (items.columns().first()?, items.columns().get(1)?);
            let present = (0..items.len()).filter(|at| !is_null(values.as_ref(), *at));
            let entries = present.map(|at| match given(keys.as_ref(), at, times) {
                Given::Text(key) => entry(&key, values.as_ref(), at, times),
                _ => None,
            });
            let entries: Option<Vec<String>> = entries.collect();
            Some(format!("{{{}}}", entries?.join(",")))
        }
        _ => None,
    }
}

fn is_null(array: &dyn Array, row: usize) -> bool {
    array.is_null(row) || *array.data_type() == DataType::Null
}

fn entry(name: &str, array: &dyn Array, row: usize, times: Times) -> Option<String> {
    Some(format!("{}:{}", quoted(name)?, value(array, row, times)?))
}

fn value(array: &dyn Array, row: usize, times: Times) -> Option<String> {
    if is_null(array, row) {
        return Some("null".to_string());
    }
    match given(array, row, times) {
        Given::Text(text) => quoted(&text),
        Given::Rounded(text) => quoted(&text),
        Given::Bool(yes) => Some(yes.to_string()),
        Given::Moment { day, .. } => quoted(&day),
        Given::Parts(json) => Some(json),
        // What cannot stand there is refused where it is read.
        Given::Wrong { shown, .. } => quoted(&shown).map(|shown| format!("[{shown}]")),
    }
}

fn quoted(text: &str) -> Option<String> {
    serde_json::to_string(text).ok()
}
