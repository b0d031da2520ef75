//! Conditions: comparisons, membership, another period's value, `between`, `is none`, `newly`.

use super::context::{Checker, Sight, Want};
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{Compare, Comparison, Expr, ExprKind};
use crate::value::{Dimension, Value};

impl Checker<'_> {
    /// The comparison meant: a word takes the policy's own convention where it states one.
    pub(super) fn comparison(&self, sight: &Sight, comparison: Comparison) -> Compare {
        if !comparison.word {
            return comparison.operator;
        }
        let word = self.project.sources.text(comparison.span);
        match self.convention(sight.policy, word) {
            None => comparison.operator,
            Some(included) => match (comparison.operator, included) {
                (Compare::Less | Compare::LessOrEqual, true) => Compare::LessOrEqual,
                (Compare::Less | Compare::LessOrEqual, false) => Compare::Less,
                (Compare::Greater | Compare::GreaterOrEqual, true) => Compare::GreaterOrEqual,
                (Compare::Greater | Compare::GreaterOrEqual, false) => Compare::Greater,
                (other, _) => other,
            },
        }
    }

    /// The comparison of a row key or condition, with the convention applied.
    pub(super) fn compare_operator(&self, sight: &Sight, comparison: Comparison) -> Compare {
        self.comparison(sight, comparison)
    }

    pub(super) fn compare(
        &mut self,
        sight: &Sight,
        left: Option<&Expr>,
        comparison: Comparison,
        right: &Expr,
        span: Span,
    ) -> ExprId {
        let operator = self.comparison(sight, comparison);
        let Some(left) = left else {
            let Some(subject) = sight.subject else { return self.poison(span) };
            let kind = self.kind(subject).clone();
            let right = self.expression(sight, right, Want::Hint(&kind));
            return self.compared(operator, subject, right, span);
        };
        if self.inferring {
            self.guess_comparison(sight, left, right);
        }
        let (left, right) = if self.flexible(sight, left) && !self.flexible(sight, right) {
            let right = self.expression(sight, right, Want::Any);
            let kind = self.kind(right).clone();
            (self.expression(sight, left, Want::Hint(&kind)), right)
        } else {
            let left = self.expression(sight, left, Want::Any);
            let kind = self.kind(left).clone();
            (left, self.expression(sight, right, Want::Hint(&kind)))
        };
        self.compared(operator, left, right, span)
    }

    /// An undeclared fact beside a bare number with a magnitude is taken for money, beside a plain one for a number.
    pub(super) fn guess_comparison(&mut self, sight: &Sight, left: &Expr, right: &Expr) {
        for (name, number) in [(left, right), (right, left)] {
            if let (ExprKind::Name(_), ExprKind::Number(n)) = (&name.kind, &number.kind)
                && self.flexible(sight, name)
                && self.flexible(sight, number)
            {
                let kind = if n.suffix.is_empty() { Type::Number(Dimension::NONE) } else { Self::money() };
                self.expression(sight, name, Want::Hint(&kind));
            }
        }
    }

    /// A comparison of two checked operands.
    pub(super) fn compared(&mut self, operator: Compare, left: ExprId, right: ExprId, span: Span) -> ExprId {
        let (l, r) = (self.kind(left).clone(), self.kind(right).clone());
        if self.value(right) == Some(&Value::None) && l != Type::Poison {
            let test = self.push(Node::IsNone(left), Type::Bool, span);
            return if operator == Compare::NotEqual { self.push(Node::Not(test), Type::Bool, span) } else { test };
        }
        let ordered = !matches!(operator, Compare::Equal | Compare::NotEqual);
        let comparable = match (&l, &r) {
            (Type::Poison, _) | (_, Type::Poison) => return self.poison(span),
            (Type::Date | Type::Period, Type::Date | Type::Period) => true,
            (Type::Code(id), Type::Code(other)) if id == other => {
                !ordered || self.program.enums.get(id.index()).is_some_and(|e| e.ordered)
            }
            (Type::Text, Type::Text) | (Type::Bool, Type::Bool) => !ordered,
            (Type::List(_), _) | (_, Type::List(_)) => false,
            (a, b) => a == b,
        };
        if !comparable {
            let code = match (&l, &r) {
                (Type::Number(_), Type::Number(_)) => Code::UnitMismatch,
                _ => Code::OperandMismatch,
            };
            let (lp, rp) = (self.phrase(&l), self.phrase(&r));
            let diagnostic = Diagnostic::new(code).at(span).at(self.span(left)).at(self.span(right));
            let fix = self.mended_comparison(left, right, span);
            let unit = self.beside_money(&l, &r);
            self.report(diagnostic.with("left", lp).with("right", rp).with_some("fix", fix).with_some("value", unit));
            return self.poison(span);
        }
        self.push(Node::Compare(operator, left, right), Type::Bool, span)
    }

    /// `绿色工厂 = 国家级` for `绿色工厂 = "国家级"`, `2023-07-01` for `20230701`, `F` for `F = 1`.
    pub(super) fn mended_comparison(&self, left: ExprId, right: ExprId, span: Span) -> Option<String> {
        let text = |span: Span| self.project.sources.text(span);
        let typed = text(self.span(right));
        match (self.kind(left), self.value(right)?) {
            (Type::Code(id), Value::Text(value)) => {
                let known = self.program.enums.get(id.index())?.values.contains(value);
                known.then(|| text(span).replacen(typed, value, 1))
            }
            (Type::Date, Value::Number(_)) => {
                let (year, day) = typed.split_at_checked(4)?;
                let (month, day) = day.split_at_checked(2)?;
                let date = format!("{year}-{month}-{day}");
                crate::value::Date::from_text(&date).map(|_| text(span).replacen(typed, &date, 1))
            }
            (Type::Bool, Value::Number(n)) => match n.is_zero() {
                true => Some(format!("{} = no", text(self.span(left)))),
                false => Some(text(self.span(left)).to_owned()),
            },
            _ => None,
        }
    }

    /// The subject of a condition: what is written, or what a row key leaves out.
    pub(super) fn subject(&mut self, sight: &Sight, subject: Option<&Expr>, span: Span) -> ExprId {
        match (subject, sight.subject) {
            (Some(subject), _) => self.expression(sight, subject, Want::Any),
            (None, Some(subject)) => subject,
            (None, None) => self.poison(span),
        }
    }

    pub(super) fn membership(&mut self, sight: &Sight, left: Option<&Expr>, right: &Expr, span: Span) -> ExprId {
        if self.inferring
            && let Some(left) = left.filter(|left| matches!(left.kind, ExprKind::Name(_)))
        {
            // An undeclared name in a year or range of days is a date.
            let year = matches!(&right.kind, ExprKind::Number(n) if n.suffix.is_empty() && n.digits.len() == 4);
            if self.flexible(sight, left) && (year || self.is_period(sight, right)) {
                self.expression(sight, left, Want::Hint(&Type::Date));
            }
        }
        if let Some(id) = left.and_then(|left| self.other_period(sight, left, right, span)) {
            return id;
        }
        let subject = self.subject(sight, left, span);
        let kind = self.kind(subject).clone();
        let single =
            |expr: &Expr| matches!(kind, Type::Code(_) | Type::Text) && !matches!(expr.kind, ExprKind::List(_));
        match &right.kind {
            ExprKind::List(items) => {
                let values: Vec<ExprId> =
                    items.iter().map(|item| self.expression(sight, item, Want::Need(&kind))).collect();
                self.push(Node::InList(subject, values), Type::Bool, span)
            }
            _ if single(right) => {
                let value = self.expression(sight, right, Want::Need(&kind));
                self.push(Node::InList(subject, vec![value]), Type::Bool, span)
            }
            _ => {
                let hint = if matches!(kind, Type::Date | Type::Period) { Type::Period } else { kind.clone() };
                let range = self.expression(sight, right, Want::Hint(&hint));
                let fits = match (&kind, self.kind(range)) {
                    (Type::Poison, _) | (_, Type::Poison) => return self.poison(span),
                    (Type::Date | Type::Period, Type::Period | Type::Date) => true,
                    (Type::Number(a), Type::Number(b)) => a == b && matches!(right.kind, ExprKind::Range(..)),
                    _ => false,
                };
                if !fits {
                    let (left, right) = (self.phrase(&kind), self.phrase(&self.kind(range).clone()));
                    let diagnostic =
                        Diagnostic::new(Code::OperandMismatch).at(span).at(self.span(subject)).at(self.span(range));
                    self.report(diagnostic.with("left", left).with("right", right).with("name", "in"));
                    return self.poison(span);
                }
                self.push(Node::InRange(subject, range), Type::Bool, span)
            }
        }
    }

    /// `营业收入 in (year - 1)`: a fact by period in another period. None when it is a membership.
    pub(super) fn other_period(&mut self, sight: &Sight, left: &Expr, right: &Expr, span: Span) -> Option<ExprId> {
        if !matches!(left.kind, ExprKind::Name(_) | ExprKind::Field(..)) || matches!(right.kind, ExprKind::Range(..)) {
            return None;
        }
        let before = self.program.exprs.len();
        let fact = self.attempt(|checker| checker.expression(sight, left, Want::Any)).ok()?;
        let Some(Node::Fact { record, up, fact }) = self.program.exprs.get(fact.index()).map(|expr| expr.node.clone())
        else {
            self.program.exprs.truncate(before);
            return None;
        };
        let def = self.fact(record, fact)?;
        let (per, kind, name, place) = (def.per, def.kind.clone(), def.name.clone(), def.span);
        if per.is_none() {
            let dated = matches!(kind, Type::Date | Type::Code(_) | Type::Text | Type::Bool | Type::Poison);
            let membership = dated || matches!(right.kind, ExprKind::List(_));
            if !membership && self.is_period(sight, right) {
                let declared = self.project.sources.text(place).trim().to_owned();
                let fix = (!declared.is_empty() && declared != name)
                    .then(|| Argument::phrase(format!("{declared} 每年"), format!("{declared} per year")));
                self.report(
                    Diagnostic::new(Code::NotByPeriod).at(span).at(place).with("name", name).with_some("fix", fix),
                );
                return Some(self.poison(span));
            }
            return None;
        }
        let period = match &right.kind {
            ExprKind::List(items) if items.len() == 1 => {
                self.expression(sight, items.first()?, Want::Need(&Type::Period))
            }
            _ => self.expression(sight, right, Want::Need(&Type::Period)),
        };
        Some(self.push(Node::FactIn { record, up, fact, period }, kind, span))
    }

    pub(super) fn is_period(&mut self, sight: &Sight, expr: &Expr) -> bool {
        let id = self.attempt(|checker| checker.expression(sight, expr, Want::Hint(&Type::Period)));
        id.is_ok_and(|id| *self.kind(id) == Type::Period)
    }

    pub(super) fn between(
        &mut self,
        sight: &Sight,
        subject: Option<&Expr>,
        low: &Expr,
        high: &Expr,
        span: Span,
    ) -> ExprId {
        let subject = self.subject(sight, subject, span);
        let kind = self.kind(subject).clone();
        let low = self.expression(sight, low, Want::Hint(&kind));
        let high = self.expression(sight, high, Want::Hint(&kind));
        let low = self.compared(Compare::GreaterOrEqual, subject, low, span);
        let high = self.compared(Compare::LessOrEqual, subject, high, span);
        self.push(Node::And(vec![low, high]), Type::Bool, span)
    }

    pub(super) fn is_none(&mut self, sight: &Sight, inner: &Expr, wanted: bool, span: Span) -> ExprId {
        let inner = self.expression(sight, inner, Want::Any);
        let test = self.push(Node::IsNone(inner), Type::Bool, span);
        if wanted { test } else { self.push(Node::Not(test), Type::Bool, span) }
    }

    /// `newly F`: a level with its date, or a date of its own.
    pub(super) fn newly(&mut self, sight: &Sight, inner: &Expr, span: Span) -> ExprId {
        let level = self.expression(sight, inner, Want::Any);
        let date = match self.program.exprs.get(level.index()).map(|expr| (&expr.node, &expr.kind)) {
            Some((_, Type::Poison)) => return self.poison(span),
            Some((_, Type::Date)) => Some(level),
            Some((Node::Fact { record, up, fact }, _)) => {
                let (record, up, fact) = (*record, *up, *fact);
                let dated = self.fact(record, fact).and_then(|def| def.dated);
                dated.map(|date| self.push(Node::Fact { record, up, fact: date }, Type::Date, span))
            }
            _ => None,
        };
        match date {
            Some(date) => self.push(Node::Newly { level, date }, Type::Bool, span),
            None => {
                let (found, expected) = (self.phrase(&self.kind(level).clone()), self.phrase(&Type::Date));
                let fix = format!("{} : … dated …", self.project.sources.text(inner.span));
                self.report(
                    Diagnostic::new(Code::TypeMismatch)
                        .at(inner.span)
                        .with("found", found)
                        .with("expected", expected)
                        .with("fix", fix),
                );
                self.poison(span)
            }
        }
    }
}
