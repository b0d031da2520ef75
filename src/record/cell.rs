//! From the text of a cell to a value of its fact's type.
//!
//! In: the text as it stands in the file. Out: a value, nothing for a blank cell, or what
//! was expected instead. Nothing is guessed: a cell that can be read in two ways is wrong.

use smol_str::{SmolStr, ToSmolStr};

use crate::check::program::{EnumDef, FactDef, Program, Type};
use crate::diagnostic::Argument;
use crate::resolve::nearest;
use crate::value::{
    CellNumberError, CellUnit, Date, Dimension, Number, UnitId, Value, fold_full_width, read_cell_number_with,
};

use super::column::folded;

/// Why a cell has no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CellError {
    /// What should stand there.
    pub(super) expected: Argument,
    /// What was probably meant.
    pub(super) fix: Option<SmolStr>,
}

const YES: [&str; 13] = ["是", "有", "对", "真", "yes", "y", "true", "t", "1", "√", "✓", "✔", "☑"];
const NO: [&str; 13] = ["否", "无", "没有", "不是", "假", "no", "n", "false", "f", "0", "×", "✗", "✘"];
const NONE: [&str; 3] = ["无", "没有", "none"];

/// Reads a cell; a blank one has no value. `scale` is what its header says of bare numbers.
pub(super) fn read_cell(
    program: &Program,
    fact: &FactDef,
    scale: Option<&Number>,
    text: &str,
) -> Result<Option<Value>, CellError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.contains('\u{fffd}') {
        return Err(wrong(Argument::phrase("没有乱码的文字", "text without damaged characters")));
    }
    let value = match &fact.kind {
        Type::Code(id) => {
            let def = program.enums.get(id.0 as usize).ok_or_else(|| wrong(Argument::phrase("取值", "a value")))?;
            return read_code(def, text).map(Some);
        }
        Type::Bool => read_bool(text)?,
        // What is known not to exist is said with a word; a blank is not known.
        _ if is_none_word(text) => Value::None,
        Type::Text | Type::Poison => Value::Text(read_text(text)),
        Type::Date => {
            let day = Date::from_text(&fold_full_width(text));
            Value::Date(day.ok_or_else(|| {
                wrong(Argument::phrase("存在的日期，如 2023-07-01", "a date that exists, such as 2023-07-01"))
            })?)
        }
        Type::Number(dimension) => Value::Number(read_number(program, fact, dimension, scale, text)?),
        Type::List(_) => {
            return Err(wrong(Argument::phrase("列表（单独成表）", "a list, which is a table of its own")));
        }
        Type::Duration | Type::Period => {
            return Err(wrong(Argument::phrase("数据表可以表示的值", "a value that a table can hold")));
        }
    };
    Ok(Some(value))
}

/// The key that a value is, as text.
pub(super) fn key_text(program: &Program, kind: &Type, value: &Value) -> Option<SmolStr> {
    match (value, kind) {
        (Value::Text(text), _) => Some(text.clone()),
        (Value::Number(number), _) => Some(number.to_smolstr()),
        (Value::Date(day), _) => Some(day.to_smolstr()),
        (Value::Bool(yes), _) => Some(SmolStr::new_static(if *yes { "是" } else { "否" })),
        (Value::Period(period), _) => Some(period.to_smolstr()),
        (Value::Code(code), Type::Code(id)) => {
            program.enums.get(id.0 as usize)?.values.get(usize::from(*code)).cloned()
        }
        _ => None,
    }
}

/// The declared unit of that name; 元 is none of them.
pub(super) fn unit_named(program: &Program, name: &str) -> Option<UnitId> {
    let at = program.units.iter().skip(1).position(|names| names.iter().any(|n| n == name))?;
    u16::try_from(at.checked_add(1)?).ok().map(UnitId)
}

fn wrong(expected: Argument) -> CellError {
    CellError { expected, fix: None }
}

fn is_none_word(text: &str) -> bool {
    NONE.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A text; the mark that keeps a spreadsheet from reading it as a formula is dropped.
fn read_text(text: &str) -> SmolStr {
    let plain = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
    SmolStr::new(plain.unwrap_or(text))
}

fn read_bool(text: &str) -> Result<Value, CellError> {
    let text = folded(text);
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&YES) {
        Ok(Value::Bool(true))
    } else if is(&NO) {
        Ok(Value::Bool(false))
    } else {
        Err(wrong(Argument::phrase("“是”或“否”", "yes or no")))
    }
}

fn read_code(def: &EnumDef, text: &str) -> Result<Value, CellError> {
    let text = folded(text);
    let place = def.values.iter().position(|value| folded(value) == text);
    if let Some(code) = place.and_then(|place| u16::try_from(place).ok()) {
        return Ok(Value::Code(code));
    }
    if is_none_word(&text) {
        return Ok(Value::None);
    }
    const SHOWN: usize = 8;
    let mut values: Vec<&str> = def.values.iter().take(SHOWN).map(SmolStr::as_str).collect();
    if def.values.len() > SHOWN {
        values.push("…");
    }
    let expected = Argument::phrase(format!("{}之一", values.join("、")), format!("one of {}", values.join(", ")));
    Err(CellError { expected, fix: nearest(&text, def.values.iter().map(SmolStr::as_str)).map(SmolStr::new) })
}

fn read_number(
    program: &Program,
    fact: &FactDef,
    dimension: &Dimension,
    scale: Option<&Number>,
    text: &str,
) -> Result<Number, CellError> {
    let expected = || wrong(number_phrase(program, fact, dimension));
    let scale = scale.unwrap_or(&fact.scale);
    // Most cells are digits and nothing else.
    if let Some(number) = bare_digits(text).filter(|_| *scale == Number::ONE) {
        return if fact.whole && !number.is_whole() { Err(expected()) } else { Ok(number) };
    }
    let (number, unit) =
        read_cell_number_with(text, |name| unit_named(program, name).is_some()).map_err(|error| match error {
            CellNumberError::TooLarge | CellNumberError::TooLong => {
                wrong(Argument::phrase("不超过 24 位的数", "a number of at most 24 digits before its point"))
            }
            CellNumberError::BadGrouping => {
                wrong(Argument::phrase("每三位一个逗号的数", "a number with a comma every three digits"))
            }
            _ => expected(),
        })?;
    let number = match unit {
        CellUnit::Bare => number.multiply(scale).map_err(|_| expected())?,
        // 500万 in a column of 千元 may be meant either way.
        CellUnit::Magnitude if *scale == Number::ONE => number,
        CellUnit::Magnitude => {
            return Err(wrong(Argument::phrase(
                "写全单位的数，如 500万元",
                "a number with its whole unit, such as 500万元",
            )));
        }
        CellUnit::Percent if dimension.is_none() && !fact.whole => number,
        CellUnit::Yuan if dimension.is_money() => number,
        CellUnit::Unit(name) if unit_named(program, &name).is_some_and(|u| *dimension == Dimension::unit(u)) => number,
        CellUnit::Price(name) if unit_named(program, &name).is_some_and(|u| *dimension == Dimension::price(u)) => {
            number
        }
        _ => return Err(expected()),
    };
    if fact.whole && !number.is_whole() { Err(expected()) } else { Ok(number) }
}

/// A number of few digits without sign, grouping or unit.
fn bare_digits(text: &str) -> Option<Number> {
    const FEW: usize = 20;
    let bare = text.len() <= FEW && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if bare { Number::from_digits(text) } else { None }
}

/// What a fact of that dimension holds, in words.
fn number_phrase(program: &Program, fact: &FactDef, dimension: &Dimension) -> Argument {
    if fact.whole {
        return Argument::phrase("整数", "a whole number");
    }
    if dimension.is_none() {
        return Argument::phrase("数或百分比", "a number or a percentage");
    }
    if dimension.is_money() {
        return Argument::phrase("金额", "an amount of money");
    }
    let name = |unit: UnitId| {
        program.units.get(usize::from(unit.0)).and_then(|names| names.first()).map_or("", |n| n.as_str())
    };
    match dimension.units() {
        [(unit, 1)] => {
            Argument::phrase(format!("以{}为单位的数量", name(*unit)), format!("a quantity in {}", name(*unit)))
        }
        [(UnitId::YUAN, 1), (unit, -1)] => {
            Argument::phrase(format!("每{}的单价", name(*unit)), format!("a price per {}", name(*unit)))
        }
        _ => Argument::phrase("数", "a number"),
    }
}
