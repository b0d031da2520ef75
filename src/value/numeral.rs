//! Numerals: magnitudes, suffixes and the numbers of data cells.
//!
//! In: what stands behind a number (`万元`, `%`, `吨标煤`), or a whole data cell. Out:
//! exact factors and what the suffix means. A suffix is used up whole or not understood
//! at all; a declared unit wins over a magnitude, so that 千瓦时 is no thousand of 瓦时.

use std::borrow::Cow;

use super::number::{Number, NumberError};

/// What stands behind a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suffix {
    /// What the number is multiplied by.
    pub factor: Number,
    /// What kind of number it makes.
    pub kind: SuffixKind,
}

/// The kinds of suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuffixKind {
    /// Nothing, or a magnitude alone.
    Bare,
    /// `%` or `‰`, which the factor holds.
    Percent,
    /// 元 with its magnitude, 角 or 分.
    Yuan,
    /// A declared unit.
    Unit(String),
    /// 元 per a declared unit: `元/吨标煤`.
    Price(String),
    /// 年
    Years,
    /// 个月
    Months,
    /// 日
    Days,
    /// 季度
    Quarters,
}

/// What the number of a data cell was written with; factors are already applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellUnit {
    /// Nothing: the fact's own scale applies.
    Bare,
    /// A magnitude alone: `500万`.
    Magnitude,
    /// `%` or `‰`
    Percent,
    /// An amount of money.
    Yuan,
    /// A declared unit.
    Unit(String),
    /// Money per a declared unit.
    Price(String),
}

/// Why a data cell is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellNumberError {
    /// Nothing is there.
    Empty,
    /// No plain number: an exponent, two points, a sign in the middle, a word.
    NotANumber,
    /// Commas that do not stand every three digits.
    BadGrouping,
    /// More digits than are read.
    TooLong,
    /// 10^24 or more.
    TooLarge,
    /// What stands behind the number is neither magnitude, money nor a declared unit.
    UnknownSuffix(String),
}

impl From<NumberError> for CellNumberError {
    fn from(_: NumberError) -> Self {
        CellNumberError::TooLarge
    }
}

/// Magnitudes with their powers of ten.
const MAGNITUDES: [(&str, u32); 12] = [
    ("十", 1),
    ("百", 2),
    ("千", 3),
    ("万", 4),
    ("十万", 5),
    ("百万", 6),
    ("千万", 7),
    ("亿", 8),
    ("十亿", 9),
    ("百亿", 10),
    ("千亿", 11),
    ("万亿", 12),
];

/// The number that a magnitude stands for: 万, 千万, 亿.
pub fn magnitude(word: &str) -> Option<Number> {
    let (_, power) = MAGNITUDES.iter().find(|(name, _)| *name == word)?;
    Some(Number::from_i64(10_i64.checked_pow(*power)?))
}

/// Reads what stands behind a number: `[magnitude][元 | unit | 元/unit]`, a percent sign or a word of time.
pub fn split_suffix(suffix: &str, is_unit: impl Fn(&str) -> bool) -> Option<Suffix> {
    let suffix = fold_full_width(suffix);
    let suffix = suffix.as_ref();
    if is_unit(suffix) {
        return Some(Suffix { factor: Number::ONE, kind: SuffixKind::Unit(suffix.to_string()) });
    }
    let simple = |factor: &str, kind| Some(Suffix { factor: Number::from_digits(factor)?, kind });
    match suffix {
        "" => return simple("1", SuffixKind::Bare),
        "%" => return simple("0.01", SuffixKind::Percent),
        "‰" => return simple("0.001", SuffixKind::Percent),
        "年" | "年度" => return simple("1", SuffixKind::Years),
        "个月" | "月" => return simple("1", SuffixKind::Months),
        "日" | "天" => return simple("1", SuffixKind::Days),
        "个季度" | "季度" => return simple("1", SuffixKind::Quarters),
        _ => {}
    }
    // The shortest magnitude first, so that the longest unit wins.
    suffix.char_indices().map(|(at, _)| at).chain([suffix.len()]).find_map(|at| {
        let (word, rest) = suffix.split_at_checked(at)?;
        let factor = if word.is_empty() { Number::ONE } else { magnitude(word)? };
        let (part, kind) = split_unit(rest, &is_unit)?;
        Some(Suffix { factor: factor.multiply(&part).ok()?, kind })
    })
}

/// What follows a magnitude.
fn split_unit(rest: &str, is_unit: &impl Fn(&str) -> bool) -> Option<(Number, SuffixKind)> {
    if rest.is_empty() {
        return Some((Number::ONE, SuffixKind::Bare));
    }
    if is_unit(rest) {
        return Some((Number::ONE, SuffixKind::Unit(rest.to_string())));
    }
    if let Some((money, unit)) = rest.split_once('/') {
        let factor = money_word(money)?;
        return is_unit(unit).then(|| (factor, SuffixKind::Price(unit.to_string())));
    }
    Some((money_word(rest)?, SuffixKind::Yuan))
}

fn money_word(word: &str) -> Option<Number> {
    match word {
        "元" | "圆" | "人民币元" | "元人民币" | "yuan" | "CNY" | "RMB" => Some(Number::ONE),
        "角" => Number::from_digits("0.1"),
        "分" => Number::from_digits("0.01"),
        _ => None,
    }
}

/// Reads the number of a data cell where no unit is declared.
pub fn read_cell_number(text: &str) -> Result<(Number, CellUnit), CellNumberError> {
    read_cell_number_with(text, |_| false)
}

/// Reads the number of a data cell: separators, `%`, 万 and 元, a declared unit, `(1,234)` for a negative, a leading `¥`.
pub fn read_cell_number_with(
    text: &str,
    is_unit: impl Fn(&str) -> bool,
) -> Result<(Number, CellUnit), CellNumberError> {
    let text = fold_full_width(text);
    let Signed { negative, yen, text } = split_sign(text.trim());
    if text.is_empty() {
        return Err(CellNumberError::Empty);
    }
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | ',')).unwrap_or(text.len());
    let (digits, suffix) = text.split_at_checked(end).ok_or(CellNumberError::NotANumber)?;
    let number = read_grouped(digits)?;
    let suffix = suffix.trim_start();
    let unknown = || CellNumberError::UnknownSuffix(suffix.to_string());
    let split = split_suffix(suffix, is_unit).ok_or_else(|| match suffix.chars().next() {
        // An exponent or a second number is no suffix.
        Some('e' | 'E' | '_' | '+' | '-' | ' ' | '/') => CellNumberError::NotANumber,
        _ => unknown(),
    })?;
    let number = number.multiply(&split.factor)?;
    let unit = match split.kind {
        SuffixKind::Bare | SuffixKind::Yuan if yen => CellUnit::Yuan,
        _ if yen => return Err(unknown()),
        SuffixKind::Bare if suffix.is_empty() => CellUnit::Bare,
        SuffixKind::Bare => CellUnit::Magnitude,
        SuffixKind::Percent => CellUnit::Percent,
        SuffixKind::Yuan => CellUnit::Yuan,
        SuffixKind::Unit(unit) => CellUnit::Unit(unit),
        SuffixKind::Price(unit) => CellUnit::Price(unit),
        SuffixKind::Years | SuffixKind::Months | SuffixKind::Days | SuffixKind::Quarters => return Err(unknown()),
    };
    Ok((if negative { number.negate() } else { number }, unit))
}

/// What stands before the digits of a cell, taken off.
struct Signed<'a> {
    negative: bool,
    yen: bool,
    text: &'a str,
}

fn split_sign(text: &str) -> Signed<'_> {
    if let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let (yen, text) = split_yen(inside.trim());
        return Signed { negative: true, yen, text };
    }
    let (yen, text) = split_yen(text);
    let (negative, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if yen {
        return Signed { negative, yen, text };
    }
    let (yen, text) = split_yen(text);
    Signed { negative, yen, text }
}

fn split_yen(text: &str) -> (bool, &str) {
    match text.strip_prefix(['¥', '￥']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

/// Digits with a point and commas every three of them, or without commas.
fn read_grouped(digits: &str) -> Result<Number, CellNumberError> {
    let (whole, places) = match digits.split_once('.') {
        Some((whole, places)) => (whole, Some(places)),
        None => (digits, None),
    };
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    if whole.contains(',') && (!(1..=3).contains(&first.len()) || groups.any(|group| group.len() != 3)) {
        return Err(CellNumberError::BadGrouping);
    }
    let plain = digits.replace(',', "");
    if places.is_some_and(|places| places.is_empty() || places.contains([',', '.'])) || whole.is_empty() {
        return Err(CellNumberError::NotANumber);
    }
    Number::from_digits(&plain).ok_or(CellNumberError::TooLong)
}

/// Full-width letters, digits and signs as their ASCII forms, U+3000 as a space; nothing else changes.
pub fn fold_full_width(text: &str) -> Cow<'_, str> {
    let folded = |c: char| match c {
        '\u{3000}' | '\u{a0}' => Some(' '),
        '￥' => Some('¥'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32((c as u32).wrapping_sub(0xfee0)),
        _ => None,
    };
    if text.chars().any(|c| folded(c).is_some()) {
        Cow::Owned(text.chars().map(|c| folded(c).unwrap_or(c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
