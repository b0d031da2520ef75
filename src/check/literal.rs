//! Literals: numbers with their suffixes, dates, ranges of constants.
//!
//! A bare number takes the type that its place needs: `cap 800万` is money, `in 2024` a
//! year. A number with 元, a unit, % or a unit of time has its type from that.

use smol_str::SmolStr;

use super::context::{Checker, Want};
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::nearest;
use crate::source::Span;
use crate::syntax::tree::{DateLiteral, Expr, ExprKind, Number as Numeral, RoundMode, Rounding};
use crate::value::{Date, Dimension, Duration, Number, Period, SuffixKind, UnitId, Value, magnitude, split_suffix};

/// Words that count things and are no units unless a policy declares them: `10人以上` is a count.
const COUNTING: [&str; 16] =
    ["个", "家", "户", "人", "名", "项", "件", "台", "套", "次", "辆", "款", "条", "位", "场", "篇"];

/// Money written without 元 and without a magnitude is probably meant in 万元 below this.
const SMALL_MONEY: i64 = 10_000;

impl Checker<'_> {
    /// A number as its place needs it.
    pub(super) fn number(&mut self, numeral: &Numeral, want: Want) -> ExprId {
        let span = numeral.span;
        let Some(digits) = Number::from_digits(&numeral.digits) else {
            let value = self.project.sources.text(span).to_owned();
            self.report(Diagnostic::new(Code::Overflow).at(span).with("value", value));
            return self.poison(span);
        };
        if let Some(id) = self.year_literal(numeral, &digits, want) {
            return id;
        }
        let is_unit = |text: &str| text != "元" && self.unit_names.contains_key(text);
        let Some(suffix) = split_suffix(&numeral.suffix, is_unit) else { return self.odd_suffix(numeral, want) };
        let Ok(value) = digits.multiply(&suffix.factor) else {
            let value = self.project.sources.text(span).to_owned();
            self.report(Diagnostic::new(Code::Overflow).at(span).with("value", value));
            return self.poison(span);
        };
        let kind = match &suffix.kind {
            SuffixKind::Bare => return self.bare(numeral, value, want),
            SuffixKind::Percent => Type::Number(Dimension::NONE),
            SuffixKind::Yuan => Self::money(),
            SuffixKind::Unit(unit) => Type::Number(Dimension::unit(self.known_unit(unit))),
            SuffixKind::Price(unit) => match self.unit_at(unit, span) {
                Some(unit) => Type::Number(Dimension::price(unit)),
                None => return self.poison(span),
            },
            SuffixKind::Years | SuffixKind::Months | SuffixKind::Days | SuffixKind::Quarters => {
                return self.duration(value, &suffix.kind, span);
            }
        };
        self.constant(Value::Number(value), kind, span)
    }

    /// `2024` where a year is due.
    fn year_literal(&mut self, numeral: &Numeral, digits: &Number, want: Want) -> Option<ExprId> {
        let wanted = matches!(want.kind(), Some(Type::Period | Type::Date));
        let year = i32::try_from(digits.to_i64()?).ok().filter(|year| (1900..=2999).contains(year))?;
        if !wanted || !numeral.suffix.is_empty() || numeral.grouped || numeral.digits.len() != 4 {
            return None;
        }
        let year = Period::year(year)?;
        Some(self.constant(Value::Period(year), Type::Period, numeral.span))
    }

    fn bare(&mut self, numeral: &Numeral, value: Number, want: Want) -> ExprId {
        let kind = match want.kind() {
            Some(Type::Number(dimension)) => {
                let small = numeral.suffix.is_empty() && !value.is_zero() && value < Number::from_i64(SMALL_MONEY);
                if dimension.is_money() && small {
                    let fix = format!("{}万元", numeral.digits);
                    self.report(
                        Diagnostic::new(Code::BareNumberForMoney)
                            .at(numeral.span)
                            .with("value", &numeral.digits)
                            .with("fix", fix),
                    );
                }
                Type::Number(dimension.clone())
            }
            _ => Type::Number(Dimension::NONE),
        };
        self.constant(Value::Number(value), kind, numeral.span)
    }

    /// A suffix that is no unit: an undeclared unit, or a word that should be apart.
    fn odd_suffix(&mut self, numeral: &Numeral, want: Want) -> ExprId {
        let factor_length = (1..=numeral.suffix.chars().count())
            .rev()
            .find(|n| magnitude(&numeral.suffix.chars().take(*n).collect::<String>()).is_some())
            .unwrap_or(0);
        let unit: SmolStr = numeral.suffix.chars().skip(factor_length).collect();
        if COUNTING.contains(&unit.as_str()) {
            let factor: String = numeral.suffix.chars().take(factor_length).collect();
            let counted = Numeral { suffix: SmolStr::new(factor), ..numeral.clone() };
            return self.number(&counted, Want::Any);
        }
        if split_suffix(&unit, |_| false).is_some() {
            // `20万万元`: a magnitude behind a magnitude.
            let found = self.project.sources.text(numeral.span).to_owned();
            self.report(Diagnostic::new(Code::BadNumber).at(numeral.span).with("found", found));
            return self.poison(numeral.span);
        }
        let unit = unit.strip_prefix("元/").or(unit.strip_prefix("元／")).map_or(unit.clone(), SmolStr::new);
        if self.inferring && !unit.contains('/') {
            self.new_unit(&unit);
            self.learned = true;
            return self.number(numeral, want);
        }
        let near = nearest(&unit, self.unit_names.keys().map(SmolStr::as_str)).map(SmolStr::new);
        let fix = Self::unit_declaration(&unit);
        self.report(
            Diagnostic::new(Code::UnknownUnit)
                .at(numeral.span)
                .with("unit", &unit)
                .with_some("near", near)
                .with("fix", fix),
        );
        self.poison(numeral.span)
    }

    /// The line that declares a unit.
    pub(super) fn unit_declaration(unit: &str) -> Argument {
        Argument::phrase(format!("计量单位 {unit}"), format!("unit {unit}"))
    }

    fn known_unit(&self, unit: &str) -> UnitId {
        UnitId(self.unit_names.get(unit).copied().unwrap_or_default())
    }

    fn unit_at(&mut self, unit: &str, span: Span) -> Option<UnitId> {
        if let Some(&id) = self.unit_names.get(unit) {
            return Some(UnitId(id));
        }
        if self.inferring {
            return Some(self.new_unit(&SmolStr::new(unit)));
        }
        let near = nearest(unit, self.unit_names.keys().map(SmolStr::as_str)).map(SmolStr::new);
        let fix = Self::unit_declaration(unit);
        self.report(
            Diagnostic::new(Code::UnknownUnit).at(span).with("unit", unit).with_some("near", near).with("fix", fix),
        );
        None
    }

    fn duration(&mut self, value: Number, kind: &SuffixKind, span: Span) -> ExprId {
        let count = value.to_i64().and_then(|n| i32::try_from(n).ok());
        let duration = count.and_then(|n| match kind {
            SuffixKind::Years => Some(Duration::years(n)),
            SuffixKind::Quarters => n.checked_mul(3).map(Duration::months),
            SuffixKind::Months => Some(Duration::months(n)),
            _ => Some(Duration::days(n)),
        });
        match duration {
            Some(duration) => self.constant(Value::Duration(duration), Type::Duration, span),
            None => {
                let shown = self.project.sources.text(span).to_owned();
                self.report(Diagnostic::new(Code::Overflow).at(span).with("value", shown));
                self.poison(span)
            }
        }
    }

    /// A date, month, quarter or year.
    pub(super) fn date(&mut self, literal: DateLiteral, span: Span) -> ExprId {
        let year = |y: i16| i32::from(y);
        let value = match literal {
            DateLiteral::Year(y) => Period::year(year(y)).map(|period| (Value::Period(period), Type::Period)),
            DateLiteral::Quarter(y, q) => {
                Period::quarter(year(y), q).map(|period| (Value::Period(period), Type::Period))
            }
            DateLiteral::Month(y, m) => Period::month(year(y), m).map(|period| (Value::Period(period), Type::Period)),
            DateLiteral::Day(y, m, d) => Date::new(year(y), m, d).map(|date| (Value::Date(date), Type::Date)),
        };
        match value {
            Some((value, kind)) => self.constant(value, kind, span),
            None => {
                let shown = self.project.sources.text(span).to_owned();
                self.report(Diagnostic::new(Code::NoSuchDate).at(span).with("value", shown));
                self.poison(span)
            }
        }
    }

    /// The period that a constant is: a period, or the one day of a date.
    pub(super) fn period_value(&self, id: ExprId) -> Option<Period> {
        match self.value(id)? {
            Value::Period(period) => Some(*period),
            Value::Date(date) => Some(Period::day(*date)),
            _ => None,
        }
    }

    /// `A..B`: of days when it holds dates, otherwise of numbers.
    pub(super) fn range(
        &mut self,
        sight: &super::context::Sight,
        expr: &Expr,
        low: Option<&Expr>,
        high: Option<&Expr>,
        want: Want,
    ) -> ExprId {
        let dates = matches!(want.kind(), Some(Type::Period | Type::Date))
            || [low, high].into_iter().flatten().any(|end| self.is_time(sight, end));
        if !dates {
            let lead = [low, high].into_iter().flatten().find(|end| !self.flexible(sight, end));
            let kind = match (want.kind(), lead) {
                (Some(kind), _) => kind.clone(),
                (None, Some(lead)) => {
                    let id = self.expression(sight, lead, Want::Any);
                    self.kind(id).clone()
                }
                (None, None) => Type::Number(Dimension::NONE),
            };
            let low = low.map(|end| self.expression(sight, end, Want::Need(&kind)));
            let high = high.map(|end| self.expression(sight, end, Want::Need(&kind)));
            return self.push(Node::Range(low, high), kind, expr.span);
        }
        let mut end = |end: Option<&Expr>| end.map(|end| self.expression(sight, end, Want::Hint(&Type::Period)));
        let (low, high) = (end(low), end(high));
        for id in [low, high].into_iter().flatten() {
            if !matches!(self.kind(id), Type::Date | Type::Period | Type::Poison) {
                let (found, expected) = (self.phrase(&self.kind(id).clone()), self.phrase(&Type::Date));
                let span = self.span(id);
                self.report(
                    Diagnostic::new(Code::TypeMismatch).at(span).with("found", found).with("expected", expected),
                );
                return self.poison(expr.span);
            }
        }
        let constant = |id: Option<ExprId>| id.map_or(Some(None), |id| self.period_value(id).map(Some));
        if let (Some(first), Some(last)) = (constant(low), constant(high)) {
            let range = Period::range(first.and_then(|p| p.first), last.and_then(|p| p.last));
            return match range {
                Some(period) => self.constant(Value::Period(period), Type::Period, expr.span),
                None => {
                    let text = |end: Option<ExprId>| {
                        end.map_or(String::new(), |id| self.project.sources.text(self.span(id)).to_owned())
                    };
                    let diagnostic = Diagnostic::new(Code::EmptyRange)
                        .at(expr.span)
                        .with("left", text(low))
                        .with("right", text(high));
                    self.report(diagnostic);
                    self.poison(expr.span)
                }
            };
        }
        self.push(Node::Range(low, high), Type::Period, expr.span)
    }

    /// Whether an end of a range is a date or period.
    fn is_time(&mut self, sight: &super::context::Sight, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Date(_) => true,
            ExprKind::Number(_) => false,
            ExprKind::Name(_) | ExprKind::Field(..) | ExprKind::Chain(..) => {
                let id = self.attempt(|checker| checker.expression(sight, expr, Want::Any));
                id.is_ok_and(|id| matches!(self.kind(id), Type::Date | Type::Period))
            }
            _ => false,
        }
    }

    /// What a rounding rounds to, in 元.
    pub(super) fn rounding(&mut self, rounding: &Rounding) -> (RoundMode, Number) {
        (rounding.mode, self.rounding_unit(&rounding.to))
    }

    /// `分`, `元`, `万元`, `100元`: a positive amount.
    pub(super) fn rounding_unit(&mut self, to: &Expr) -> Number {
        let suffix = |text: &str| {
            split_suffix(text, |_| false).filter(|s| matches!(s.kind, SuffixKind::Yuan | SuffixKind::Bare))
        };
        let unit = match &to.kind {
            ExprKind::Name(name) => suffix(&name.text).map(|s| s.factor),
            ExprKind::Number(n) => {
                let digits = Number::from_digits(&n.digits);
                suffix(&n.suffix).zip(digits).and_then(|(s, digits)| digits.multiply(&s.factor).ok())
            }
            _ => None,
        };
        match unit.filter(Number::is_positive) {
            Some(unit) => unit,
            None => {
                let shown = self.project.sources.text(to.span).to_owned();
                self.report(Diagnostic::new(Code::UnknownUnit).at(to.span).with("unit", shown).with("near", "分"));
                Number::ONE
            }
        }
    }
}
