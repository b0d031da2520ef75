//! Names and values for answers, in both languages at once.

use super::answer::{Cell, Phrase};
use super::session::Session;
use crate::check::program::{Program, Type};
use crate::diagnostic::Language;
use crate::eval::Answer;
use crate::explain::words::Words;
use crate::source::Sources;
use crate::value::{Number, Value};

/// Words for the parts of a program, in both languages.
#[derive(Clone, Copy)]
pub(super) struct Both<'p> {
    pub program: &'p Program,
    pub sources: &'p Sources,
}

impl<'p> Both<'p> {
    /// In one language.
    pub fn in_language(&self, language: Language) -> Words<'p> {
        Words { program: self.program, sources: self.sources, language }
    }

    /// What is said in each language.
    pub fn phrase(&self, say: impl Fn(&Words<'_>) -> String) -> Phrase {
        Phrase::new(say(&self.in_language(Language::Chinese)), say(&self.in_language(Language::English)))
    }

    /// A value in a cell.
    pub fn cell(&self, answer: &Answer, kind: &Type) -> Cell {
        match answer {
            Answer::Known(value) => self.value(value, kind),
            Answer::Open(_) => match (answer.interval(), kind) {
                (Some(interval), Type::Number(dimension)) if dimension.is_money() => match interval.lowest {
                    Some(lowest) => Cell::Between(lowest, interval.highest),
                    None => Cell::Unknown,
                },
                _ => Cell::Unknown,
            },
        }
    }

    /// A known value in a cell.
    pub fn value(&self, value: &Value, kind: &Type) -> Cell {
        match (value, kind) {
            (Value::None, _) => Cell::None,
            (Value::Bool(yes), _) => Cell::Bool(*yes),
            (Value::Date(day), _) => Cell::Date(*day),
            (Value::Text(text), _) => Cell::Text(Phrase::same(text.clone())),
            (Value::Number(number), Type::Number(dimension)) if dimension.is_money() => Cell::Money(number.clone()),
            (Value::Number(number), Type::Number(dimension)) if dimension.is_none() => Cell::Number(number.clone()),
            (value, kind) => Cell::Text(self.phrase(|words| words.value(value, kind))),
        }
    }
}

impl Session {
    /// Words for a program of this session.
    pub(super) fn words<'p>(&'p self, program: &'p Program) -> Both<'p> {
        Both { program, sources: self.world.policies.sources() }
    }
}

/// A part of a whole in percent, with one place.
pub(super) fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    let (part, whole) = (part as u128, whole as u128);
    let tenths = (part * 2000 + whole) / (whole * 2);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A number of fen as people write it.
pub(super) fn money(amount: &Number) -> String {
    crate::explain::words::money(amount)
}
