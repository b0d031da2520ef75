//! Types: written types become [`Type`]s, and types become phrases.

use smol_str::SmolStr;

use super::context::Checker;
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::nearest;
use crate::syntax::tree::{Name, TypeExpr};
use crate::value::{Dimension, Number, UnitId};

/// A type in the drafter's words, in both languages.
pub fn describe(program: &Program, kind: &Type) -> Argument {
    match kind {
        Type::Number(dimension) => dimension_phrase(program, dimension),
        Type::Bool => Argument::phrase("是否", "yes or no"),
        Type::Date => Argument::phrase("日期", "a date"),
        Type::Text => Argument::phrase("文字", "text"),
        Type::Code(id) => {
            let values = program.enums.get(id.index()).map(|e| (e.ordered, e.values.as_slice()));
            let (ordered, values) = values.unwrap_or((false, &[]));
            let shown: Vec<&str> = values.iter().take(4).map(SmolStr::as_str).collect();
            let more = if values.len() > 4 { "…" } else { "" };
            let separator = if ordered { " > " } else { "、" };
            let list = format!("{}{more}", shown.join(separator));
            let (zh, en) = if ordered { ("等级", "a level of") } else { ("取值", "one of") };
            Argument::phrase(format!("{zh}（{list}）"), format!("{en} {list}"))
        }
        Type::Duration => Argument::phrase("时长", "a length of time"),
        Type::Period => Argument::phrase("期间", "a period"),
        Type::List(record) => {
            let name = program.records.get(record.index()).map_or("", |record| record.name.as_str());
            Argument::phrase(format!("「{name}」的列表"), format!("a list of {name}"))
        }
        Type::Poison => Argument::phrase("未知", "unknown"),
    }
}

fn dimension_phrase(program: &Program, dimension: &Dimension) -> Argument {
    let name = |unit: UnitId| {
        program.units.get(usize::from(unit.0)).and_then(|names| names.first()).map_or("?", SmolStr::as_str)
    };
    match dimension.units() {
        [] => Argument::phrase("数值", "a number"),
        [(UnitId::YUAN, 1)] => Argument::phrase("金额", "money"),
        [(unit, 1)] => Argument::phrase(format!("数量（{}）", name(*unit)), format!("a quantity in {}", name(*unit))),
        [(UnitId::YUAN, 1), (unit, -1)] => {
            Argument::phrase(format!("单价（元/{}）", name(*unit)), format!("a price in 元/{}", name(*unit)))
        }
        units => {
            let power = |(unit, exponent): &(UnitId, i32)| match exponent {
                1 => name(*unit).to_string(),
                n => format!("{}^{n}", name(*unit)),
            };
            let text = units.iter().map(power).collect::<Vec<_>>().join("·");
            Argument::phrase(format!("数量（{text}）"), format!("a quantity in {text}"))
        }
    }
}

impl Checker<'_> {
    /// The type that is written, and whether it asks for whole numbers.
    pub(super) fn declared_type(&mut self, kind: &TypeExpr) -> (Type, bool) {
        match kind {
            TypeExpr::Money => (Type::Number(Dimension::money()), false),
            TypeExpr::Number | TypeExpr::Rate => (Type::Number(Dimension::NONE), false),
            TypeExpr::Count => (Type::Number(Dimension::NONE), true),
            TypeExpr::Bool => (Type::Bool, false),
            TypeExpr::Date => (Type::Date, false),
            TypeExpr::Text => (Type::Text, false),
            TypeExpr::OneOf(names) => (self.enumeration(names, false), false),
            TypeExpr::LevelOf(names) => (self.enumeration(names, true), false),
            TypeExpr::Quantity(unit) => {
                (self.unit(unit).map_or(Type::Poison, |u| Type::Number(Dimension::unit(u))), false)
            }
            TypeExpr::Price(unit) => {
                (self.unit(unit).map_or(Type::Poison, |u| Type::Number(Dimension::price(u))), false)
            }
            TypeExpr::List(record) => (self.record_named(record).map_or(Type::Poison, Type::List), false),
        }
    }

    fn enumeration(&mut self, names: &[Name], ordered: bool) -> Type {
        for (at, name) in names.iter().enumerate() {
            if let Some(first) = names.iter().take(at).find(|other| other.text == name.text) {
                self.report(Diagnostic::new(Code::DuplicateName).at(name.span).at(first.span).with("name", &name.text));
            }
        }
        Type::Code(self.enum_of(names.iter().map(|name| name.text.clone()).collect(), ordered))
    }

    /// The enumeration with these values; the same values are the same type.
    pub(super) fn enum_of(&mut self, values: Vec<SmolStr>, ordered: bool) -> EnumId {
        let wanted = EnumDef { values, ordered };
        let at = self.program.enums.iter().position(|known| *known == wanted).unwrap_or_else(|| {
            self.program.enums.push(wanted);
            self.program.enums.len() - 1
        });
        EnumId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The unit of that name; an unknown one is reported.
    pub(super) fn unit(&mut self, name: &Name) -> Option<UnitId> {
        match self.unit_names.get(&name.text) {
            Some(&unit) => Some(UnitId(unit)),
            None if self.inferring => Some(self.new_unit(&name.text)),
            None => {
                let near = nearest(&name.text, self.unit_names.keys().map(SmolStr::as_str)).map(SmolStr::new);
                let fix = Self::unit_declaration(&name.text);
                self.report(
                    Diagnostic::new(Code::UnknownUnit)
                        .at(name.span)
                        .with("unit", &name.text)
                        .with_some("near", near)
                        .with("fix", fix),
                );
                None
            }
        }
    }

    /// Declares a unit that a bare file uses.
    pub(super) fn new_unit(&mut self, name: &SmolStr) -> UnitId {
        let id = u16::try_from(self.program.units.len()).unwrap_or(u16::MAX);
        self.program.units.push(vec![name.clone()]);
        self.unit_names.insert(name.clone(), id);
        UnitId(id)
    }

    /// Declares 元 and the units of all files.
    pub(super) fn declare_units(&mut self) {
        if self.program.units.is_empty() {
            self.program.units.push(vec![SmolStr::new("元"), SmolStr::new("yuan")]);
        }
        for (at, names) in self.program.units.iter().enumerate() {
            for name in names {
                self.unit_names.insert(name.clone(), u16::try_from(at).unwrap_or(u16::MAX));
            }
        }
        for unit in &self.declarations.units {
            // The same unit may be declared by several documents that are used together.
            let known = unit.names.iter().find_map(|name| self.unit_names.get(&name.text).copied());
            let at = known.unwrap_or_else(|| {
                self.program.units.push(Vec::new());
                u16::try_from(self.program.units.len() - 1).unwrap_or(u16::MAX)
            });
            for name in &unit.names {
                match self.unit_names.get(&name.text) {
                    Some(&other) if other != at => {
                        self.diagnostics
                            .push(Diagnostic::new(Code::DuplicateName).at(name.span).with("name", &name.text));
                    }
                    Some(_) => {}
                    None => {
                        self.unit_names.insert(name.text.clone(), at);
                        if let Some(names) = self.program.units.get_mut(usize::from(at)) {
                            names.push(name.text.clone());
                        }
                    }
                }
            }
        }
    }

    /// The factor of a scale such as `in 千元`.
    pub(super) fn scale(&mut self, name: &Name, kind: &Type) -> Number {
        let is_unit = |text: &str| self.unit_names.contains_key(text);
        let factor = crate::value::split_suffix(&name.text, is_unit).map(|suffix| suffix.factor);
        match (factor, kind) {
            (Some(factor), Type::Number(_)) => factor,
            _ => {
                self.report(Diagnostic::new(Code::UnknownUnit).at(name.span).with("unit", &name.text));
                Number::ONE
            }
        }
    }
}
