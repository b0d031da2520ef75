//! Sums, products and other chains: operands of one type, dates moved by lengths of time, units that multiply.

use super::context::{Checker, Sight, Want};
use super::program::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Operator};
use crate::value::{Dimension, UnitId, Value};

impl Checker<'_> {
    pub(super) fn negative(&mut self, sight: &Sight, inner: &Expr, want: Want, span: Span) -> ExprId {
        let inner = self.expression(sight, inner, want);
        if let Some(Value::Number(n)) = self.value(inner).cloned() {
            let kind = self.kind(inner).clone();
            return self.constant(Value::Number(n.negate()), kind, span);
        }
        let kind = self.numeric(inner);
        self.push(Node::Negate(inner), kind, span)
    }

    pub(super) fn chain(
        &mut self,
        sight: &Sight,
        first: &Expr,
        rest: &[(Operator, Expr)],
        want: Want,
        span: Span,
    ) -> ExprId {
        match rest.first().map(|(operator, _)| *operator) {
            Some(Operator::Or | Operator::And) => {
                let and = matches!(rest.first(), Some((Operator::And, _)));
                let all = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand));
                let ids = all.map(|operand| self.expression(sight, operand, Want::Need(&Type::Bool))).collect();
                self.push(if and { Node::And(ids) } else { Node::Or(ids) }, Type::Bool, span)
            }
            Some(Operator::OrElse) => {
                let all: Vec<&Expr> = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand)).collect();
                let (ids, kind) = self.alike(sight, &all, want);
                self.push(Node::OrElse(ids), kind, span)
            }
            Some(Operator::Add | Operator::Subtract) => self.sum(sight, first, rest, want, span),
            Some(_) => self.product(sight, first, rest, want, span),
            None => self.expression(sight, first, want),
        }
    }

    /// Operands of one type: the first that is not flexible decides it.
    pub(super) fn alike(&mut self, sight: &Sight, operands: &[&Expr], want: Want) -> (Vec<ExprId>, Type) {
        let lead = operands.iter().position(|operand| !self.flexible(sight, operand));
        let lead_want = match want {
            Want::Need(kind) => Want::Hint(kind),
            other => other,
        };
        let mut ids: Vec<Option<ExprId>> = operands.iter().map(|_| None).collect();
        let kind = match lead {
            Some(at) => {
                let id = operands.get(at).map(|operand| self.expression(sight, operand, lead_want));
                let kind = id.map_or(Type::Poison, |id| self.kind(id).clone());
                if let Some(slot) = ids.get_mut(at) {
                    *slot = id;
                }
                kind
            }
            None => match want.kind() {
                Some(kind) => kind.clone(),
                // Undeclared names wait for a place that tells their type.
                None if self.inferring && operands.iter().any(|operand| matches!(operand.kind, ExprKind::Name(_))) => {
                    Type::Poison
                }
                None => Type::Number(Dimension::NONE),
            },
        };
        let lead_span = lead.and_then(|at| operands.get(at)).map(|operand| operand.span);
        for (slot, operand) in ids.iter_mut().zip(operands) {
            if slot.is_none() {
                let hint = if kind == Type::Poison { Want::Any } else { Want::Hint(&kind) };
                let id = self.expression(sight, operand, hint);
                *slot = Some(self.must_match(id, &kind, lead_span));
            }
        }
        (ids.into_iter().flatten().collect(), kind)
    }

    /// Reports an operand whose type is not the other side's, with both places.
    pub(super) fn must_match(&mut self, id: ExprId, kind: &Type, other: Option<Span>) -> ExprId {
        let found = self.kind(id).clone();
        if found == *kind || found == Type::Poison || *kind == Type::Poison || self.value(id) == Some(&Value::None) {
            return id;
        }
        let span = self.span(id);
        let code = match (&found, kind) {
            (Type::Number(_), Type::Number(_)) => Code::UnitMismatch,
            _ => Code::OperandMismatch,
        };
        let (left, right) = (self.phrase(kind), self.phrase(&found));
        let whole = other.map_or(span, |other| other.to(span));
        let mut diagnostic = Diagnostic::new(code).at(whole);
        diagnostic.spans.extend(other);
        let unit = self.beside_money(kind, &found);
        self.report(diagnostic.at(span).with("left", left).with("right", right).with_some("value", unit));
        self.poison(span)
    }

    pub(super) fn sum(
        &mut self,
        sight: &Sight,
        first: &Expr,
        rest: &[(Operator, Expr)],
        want: Want,
        span: Span,
    ) -> ExprId {
        if !self.flexible(sight, first) && !matches!(first.kind, ExprKind::Number(_)) {
            let id = self.expression(sight, first, want_hint(want));
            if matches!(self.kind(id), Type::Date | Type::Period) {
                return self.shift(sight, id, rest, span);
            }
        }
        self.warn_rate_of_sum(first, rest, span);
        let operands: Vec<&Expr> = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand)).collect();
        let (ids, kind) = self.alike(sight, &operands, want);
        let signs = std::iter::once(false).chain(rest.iter().map(|(operator, _)| *operator == Operator::Subtract));
        if let Some(&lead) = ids.first()
            && !matches!(kind, Type::Number(_) | Type::Poison)
        {
            self.numeric(lead);
            return self.poison(span);
        }
        self.push(Node::Sum(signs.zip(ids).collect()), kind, span)
    }

    /// `5% of A + B` is `(5% of A) + B`: said when the second term looks as if the rate were meant for it too.
    pub(super) fn warn_rate_of_sum(&mut self, first: &Expr, rest: &[(Operator, Expr)], span: Span) {
        let ExprKind::Chain(rate, factors) = &first.kind else { return };
        let is_rate = matches!(&rate.kind, ExprKind::Number(n) if n.suffix == "%" || n.suffix == "‰");
        let of = matches!(factors.as_slice(), [(Operator::Of, base)] if matches!(base.kind, ExprKind::Name(_)));
        let Some((_, second)) = rest.first().filter(|(_, second)| matches!(second.kind, ExprKind::Name(_))) else {
            return;
        };
        // In Chinese the base comes first, and nothing can be misread.
        if is_rate
            && of
            && rate.span.start < factors.first().map_or(0, |(_, base)| base.span.start)
            && first.span.end <= second.span.start
        {
            let text = |span: Span| self.project.sources.text(span).to_owned();
            let base = factors.first().map_or(String::new(), |(_, base)| text(base.span));
            let fix = format!("{} of ({base} + {})", text(rate.span), text(second.span));
            let diagnostic = Diagnostic::new(Code::RateOfSum)
                .at(span)
                .with("left", base)
                .with("right", text(second.span))
                .with("fix", fix);
            self.report(diagnostic);
        }
    }

    /// A date moved by lengths of time, a year moved by a number.
    pub(super) fn shift(&mut self, sight: &Sight, start: ExprId, rest: &[(Operator, Expr)], span: Span) -> ExprId {
        let kind = self.kind(start).clone();
        let by_number = kind == Type::Period;
        let mut moves = Vec::new();
        for (operator, operand) in rest {
            let id = self.expression(sight, operand, Want::Any);
            let good = match self.kind(id) {
                Type::Duration | Type::Poison => true,
                Type::Number(dimension) => by_number && dimension.is_none(),
                _ => false,
            };
            if !good {
                let (left, right) = (self.phrase(&kind), self.phrase(&self.kind(id).clone()));
                let diagnostic = Diagnostic::new(Code::OperandMismatch).at(span).at(self.span(start)).at(operand.span);
                self.report(diagnostic.with("left", left).with("right", right));
                return self.poison(span);
            }
            moves.push((*operator == Operator::Subtract, id));
        }
        self.push(Node::Shift(start, moves), kind, span)
    }

    pub(super) fn product(
        &mut self,
        sight: &Sight,
        first: &Expr,
        rest: &[(Operator, Expr)],
        want: Want,
        span: Span,
    ) -> ExprId {
        let factors: Vec<(bool, &Expr)> = std::iter::once((false, first))
            .chain(rest.iter().map(|(operator, operand)| (*operator == Operator::Divide, operand)))
            .collect();
        let mut known = Dimension::NONE;
        let mut ids: Vec<Option<ExprId>> = Vec::new();
        let mut open = Vec::new();
        for (at, (divides, factor)) in factors.iter().enumerate() {
            if self.flexible(sight, factor) {
                open.push(at);
                ids.push(None);
                continue;
            }
            let id = self.expression(sight, factor, Want::Any);
            match self.numeric(id) {
                Type::Number(dimension) => {
                    known = if *divides { known.over(&dimension) } else { known.times(&dimension) }
                }
                _ => {
                    // One operand is wrong and reported: check the others for their own sake.
                    for (_, other) in factors.iter().skip(at + 1) {
                        self.expression(sight, other, Want::Any);
                    }
                    return self.poison(span);
                }
            }
            ids.push(Some(id));
        }
        let wanted = match want.kind() {
            Some(Type::Number(dimension)) => Some(dimension.clone()),
            _ => None,
        };
        let missing = wanted.as_ref().map(|wanted| wanted.over(&known)).filter(|rest| !rest.is_none());
        // What is missing goes to the one operand that can take it: a name or an open rule
        // before a literal, a literal with a magnitude before a plain one.
        let taker = missing.as_ref().and_then(|_| {
            open.iter().copied().max_by_key(|at| match factors.get(*at).map(|(_, f)| &f.kind) {
                Some(ExprKind::Number(n)) if n.suffix.is_empty() => 1,
                Some(ExprKind::Number(_)) => 2,
                _ => 3,
            })
        });
        for at in open {
            let Some((divides, factor)) = factors.get(at) else { continue };
            let kind = match &missing {
                Some(rest) if taker == Some(at) => {
                    Type::Number(if *divides { Dimension::NONE.over(rest) } else { rest.clone() })
                }
                _ => Type::Number(Dimension::NONE),
            };
            let undecided = wanted.is_none() && matches!(factor.kind, ExprKind::Name(_));
            let id = self.expression(sight, factor, if undecided { Want::Any } else { Want::Need(&kind) });
            match self.kind(id).clone() {
                Type::Number(dimension) => {
                    known = if *divides { known.over(&dimension) } else { known.times(&dimension) }
                }
                _ => return self.poison(span),
            }
            if let Some(slot) = ids.get_mut(at) {
                *slot = Some(id);
            }
        }
        self.divisors(&factors, &ids);
        self.warn_multiple(first, rest, &known);
        if wanted.is_some_and(|wanted| wanted != known) && self.price_of_other_unit(&ids, span) {
            return self.poison(span);
        }
        let factors = factors.iter().zip(ids).filter_map(|((divides, _), id)| id.map(|id| (*divides, id))).collect();
        self.push(Node::Product(factors), Type::Number(known), span)
    }

    /// Reports a price per one unit that meets a quantity of another; whether it did.
    pub(super) fn price_of_other_unit(&mut self, ids: &[Option<ExprId>], span: Span) -> bool {
        let kinds: Vec<(ExprId, Dimension)> = ids
            .iter()
            .flatten()
            .filter_map(|id| match self.kind(*id) {
                Type::Number(dimension) => Some((*id, dimension.clone())),
                _ => None,
            })
            .collect();
        let price = kinds.iter().find_map(|(id, dimension)| match dimension.units() {
            [(UnitId::YUAN, 1), (unit, -1)] => Some((*id, *unit)),
            _ => None,
        });
        let Some((price, per)) = price else { return false };
        let other = kinds.iter().find(|(_, dimension)| matches!(dimension.units(), [(unit, 1)] if *unit != per));
        let Some((quantity, _)) = other else { return false };
        let (left, right) = (self.phrase(&self.kind(price).clone()), self.phrase(&self.kind(*quantity).clone()));
        let diagnostic = Diagnostic::new(Code::UnitMismatch).at(span).at(self.span(price)).at(self.span(*quantity));
        let unit = match self.kind(*quantity) {
            Type::Number(dimension) => dimension
                .units()
                .first()
                .and_then(|(unit, _)| self.program.units.get(usize::from(unit.0))?.first().cloned()),
            _ => None,
        };
        self.report(diagnostic.with("left", left).with("right", right).with_some("unit", unit));
        true
    }

    /// `固定资产投资额的5`: five times the investment, where a percent sign was probably meant.
    fn warn_multiple(&mut self, first: &Expr, rest: &[(Operator, Expr)], product: &Dimension) {
        let [(Operator::Of, base)] = rest else { return };
        let ExprKind::Number(rate) = &first.kind else { return };
        let whole = crate::value::Number::from_digits(&rate.digits).is_some_and(|n| n > crate::value::Number::ONE);
        if !whole || !rate.suffix.is_empty() || !product.is_money() || !matches!(base.kind, ExprKind::Name(_)) {
            return;
        }
        let (value, base_text) = (rate.digits.to_string(), self.project.sources.text(base.span).to_owned());
        // In Chinese the base stands first.
        let fix = if base.span.start < first.span.start {
            format!("{base_text}的{value}%")
        } else {
            format!("{value}% of {base_text}")
        };
        let diagnostic = Diagnostic::new(Code::MultipleOfBase).at(first.span).with("value", value);
        self.report(diagnostic.with("left", base_text).with("fix", fix));
    }

    /// Reports a division by a constant 0.
    pub(super) fn divisors(&mut self, factors: &[(bool, &Expr)], ids: &[Option<ExprId>]) {
        for ((divides, factor), id) in factors.iter().zip(ids) {
            let zero =
                id.and_then(|id| self.value(id)).is_some_and(|value| matches!(value, Value::Number(n) if n.is_zero()));
            if *divides && zero {
                let shown = self.project.sources.text(factor.span).to_owned();
                self.report(Diagnostic::new(Code::DivisionByZero).at(factor.span).with("value", shown));
            }
        }
    }
}

fn want_hint(want: Want<'_>) -> Want<'_> {
    want.kind().map_or(Want::Any, Want::Hint)
}
