//! Expressions: operators, names, conditions. Every written form becomes one node.
//!
//! Types flow both ways: what a place needs reaches literals, pending rules and undeclared
//! names ("flexible" operands), and what the other operands are decides the rest.

use smol_str::SmolStr;

use super::context::{Checker, Sight, Want};
use super::names::Meaning;
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{self, Expr, ExprKind, Function};
use crate::value::{Dimension, UnitId, Value};

/// The most expressions within each other, derived facts followed into their definitions:
/// what is checked is evaluated by recursion too.
const DEEPEST: usize = 192;

impl Checker<'_> {
    /// Checks an expression and makes it what its place needs.
    pub(super) fn expression(&mut self, sight: &Sight, expr: &Expr, want: Want) -> ExprId {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let id = if self.depth > DEEPEST { self.poison(expr.span) } else { self.untested(sight, expr, want) };
        self.depth -= 1;
        if self.depth == 0 {
            let deepest = std::mem::take(&mut self.deepest);
            self.within_depth(deepest, expr.span);
        }
        if let Want::Need(kind) = want {
            return self.fit(id, kind);
        }
        id
    }

    /// Reports definitions that reach too deep, once: the rest of the chain is as deep.
    pub(super) fn within_depth(&mut self, depth: usize, span: Span) {
        if depth > DEEPEST && !std::mem::replace(&mut self.told_too_deep, true) {
            let name = self.project.sources.text(span).to_owned();
            self.report(Diagnostic::new(Code::TooDeep).at(span).with("name", name).with("count", DEEPEST.to_string()));
        }
    }

    /// Reports an expression that is not of the type needed.
    pub(super) fn fit(&mut self, id: ExprId, wanted: &Type) -> ExprId {
        let found = self.kind(id).clone();
        if found == *wanted || found == Type::Poison || *wanted == Type::Poison {
            return id;
        }
        // `none` is a value of every type that a fact may lack.
        if self.value(id) == Some(&Value::None) {
            return id;
        }
        let span = self.span(id);
        let name = self.project.sources.text(span).to_owned();
        let (found_phrase, wanted_phrase) = (self.phrase(&found), self.phrase(wanted));
        let diagnostic = match (&found, wanted) {
            (Type::Number(_), Type::Number(_)) => {
                let price = || self.pure_unit(&found).filter(|_| *wanted == Self::money());
                let priced = || {
                    price().map(|unit| Argument::phrase(format!("{name}的…元/{unit}"), format!("…元/{unit} of {name}")))
                };
                let (found, fix) =
                    Self::bare_rate(&name).map_or_else(|| (found_phrase, priced()), |(found, fix)| (found, Some(fix)));
                Diagnostic::new(Code::TypeMismatch)
                    .with("found", found)
                    .with("expected", wanted_phrase)
                    .with_some("fix", fix)
            }
            (_, Type::Bool) => Diagnostic::new(Code::NotACondition).with("found", found_phrase).with("name", name),
            (_, Type::Number(_)) => self.not_a_number(span, &found),
            _ => Diagnostic::new(Code::TypeMismatch).with("found", found_phrase).with("expected", wanted_phrase),
        };
        self.report(if diagnostic.spans.is_empty() { diagnostic.at(span) } else { diagnostic });
        self.poison(span)
    }

    /// The unit of a plain quantity.
    pub(super) fn pure_unit(&self, kind: &Type) -> Option<SmolStr> {
        let Type::Number(dimension) = kind else { return None };
        match dimension.units() {
            [(unit, 1)] if *unit != UnitId::YUAN => self.program.units.get(usize::from(unit.0))?.first().cloned(),
            _ => None,
        }
    }

    /// The unit of the quantity, where money meets a quantity.
    pub(super) fn beside_money(&self, left: &Type, right: &Type) -> Option<SmolStr> {
        let money = Self::money();
        match (*left == money, *right == money) {
            (true, false) => self.pure_unit(right),
            (false, true) => self.pure_unit(left),
            _ => None,
        }
    }

    /// Money was wanted and a rate is written: what it is a rate of is missing.
    pub(super) fn bare_rate(text: &str) -> Option<(Argument, Argument)> {
        text.ends_with(['%', '‰', '％']).then(|| {
            (
                Argument::phrase("比率", "a rate"),
                Argument::phrase(format!("某项金额的{text}"), format!("{text} of an amount")),
            )
        })
    }

    /// The message for what should be a number; a list wants its items added up.
    pub(super) fn not_a_number(&self, span: Span, found: &Type) -> Diagnostic {
        let name = self.project.sources.text(span);
        let diagnostic = Diagnostic::new(Code::NotANumber).at(span).with("found", self.phrase(found));
        match found {
            Type::List(_) => {
                diagnostic.with("fix", Argument::phrase(format!("求和 … 于 {name}"), format!("sum … over {name}")))
            }
            _ => diagnostic.with("name", name),
        }
    }

    pub(super) fn untested(&mut self, sight: &Sight, expr: &Expr, want: Want) -> ExprId {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Number(number) => self.number(number, want),
            ExprKind::Date(date) => self.date(*date, span),
            ExprKind::Text(text) => self.constant(Value::Text(text.clone()), Type::Text, span),
            ExprKind::Yes => self.constant(Value::Bool(true), Type::Bool, span),
            ExprKind::No => self.constant(Value::Bool(false), Type::Bool, span),
            ExprKind::None => self.constant(Value::None, want.kind().cloned().unwrap_or(Type::Bool), span),
            ExprKind::Name(name) => self.name(sight, name, want),
            ExprKind::Field(base, name) => self.field(sight, base, name, want, span),
            ExprKind::Negative(inner) => self.negative(sight, inner, want, span),
            ExprKind::Not(inner) => {
                let inner = self.expression(sight, inner, Want::Need(&Type::Bool));
                self.push(Node::Not(inner), Type::Bool, span)
            }
            ExprKind::Chain(first, rest) => self.chain(sight, first, rest, want, span),
            ExprKind::Compare(left, comparison, right) => {
                self.compare(sight, left.as_deref(), *comparison, right, span)
            }
            ExprKind::In(left, right) => self.membership(sight, left.as_deref(), right, span),
            ExprKind::Between(subject, low, high) => self.between(sight, subject.as_deref(), low, high, span),
            ExprKind::IsNone(inner, wanted) => self.is_none(sight, inner, *wanted, span),
            ExprKind::Newly(inner) => self.newly(sight, inner, span),
            ExprKind::List(items) => {
                let ids: Vec<ExprId> = items.iter().map(|item| self.expression(sight, item, want)).collect();
                match ids.as_slice() {
                    [only] => *only,
                    _ => self.misplaced_list(span),
                }
            }
            ExprKind::Range(low, high) => self.range(sight, expr, low.as_deref(), high.as_deref(), want),
            ExprKind::Table(table) => self.table(sight, table, want, span),
            ExprKind::Call(function, arguments) => self.call(sight, *function, arguments, want, span),
            ExprKind::Round(mode, inner, to) => {
                let inner = self.expression(sight, inner, want);
                let unit = self.rounding_unit(to);
                let kind = self.numeric(inner);
                self.push(Node::Round(*mode, inner, unit), kind, span)
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(sight, aggregate, want, span),
            ExprKind::Where(..) | ExprKind::Top(..) => {
                self.list(sight, expr).map_or_else(|| self.poison(span), |(id, _)| id)
            }
            ExprKind::Pending(text) => self.pending(sight, text, want, span),
            ExprKind::Match(a, b, base) => self.matching(sight, a, b, base, span),
            ExprKind::On(parameter, date) => self.on(sight, parameter, date, want, span),
            ExprKind::Elapsed(unit, from, to) => {
                let from = self.expression(sight, from, Want::Need(&Type::Date));
                let to = self.expression(sight, to, Want::Need(&Type::Date));
                self.push(Node::Elapsed(*unit, from, to), Type::Number(Dimension::NONE), span)
            }
            ExprKind::YearOf(date) => {
                let date = self.expression(sight, date, Want::Need(&Type::Date));
                self.push(Node::YearOf(date), Type::Period, span)
            }
            ExprKind::PaidUnder(paths) => {
                let clauses = paths.iter().filter_map(|path| self.history_clause(sight, path)).collect();
                self.push(Node::PaidUnder(clauses), Self::money(), span)
            }
            ExprKind::Poison => self.poison(span),
        }
    }

    pub(super) fn misplaced_list(&mut self, span: Span) -> ExprId {
        let phrase = crate::diagnostic::Argument::phrase("一串值", "a list of values");
        self.report(Diagnostic::new(Code::NotANumber).at(span).with("found", phrase));
        self.poison(span)
    }

    /// The type of an operand that must be a number.
    pub(super) fn numeric(&mut self, id: ExprId) -> Type {
        match self.kind(id).clone() {
            kind @ (Type::Number(_) | Type::Poison) => kind,
            found => {
                let span = self.span(id);
                let diagnostic = self.not_a_number(span, &found);
                self.report(diagnostic);
                Type::Poison
            }
        }
    }

    /// Whether an operand takes its type from its place: a bare literal, a pending rule, an undeclared name.
    pub(super) fn flexible(&mut self, sight: &Sight, expr: &Expr) -> bool {
        // A name may lead into its definition: this recursion counts like that of checking.
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let flexible = self.depth <= DEEPEST && self.takes_type(sight, expr);
        self.depth -= 1;
        flexible
    }

    pub(super) fn takes_type(&mut self, sight: &Sight, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Number(number) => {
                let factor_only = |text: &str| text.is_empty() || crate::value::magnitude(text).is_some();
                factor_only(&number.suffix)
            }
            ExprKind::Pending(text) => self.pending_named(sight, &text.text).is_none(),
            ExprKind::None => true,
            ExprKind::Name(name) => match self.meaning(sight, name) {
                Some(Meaning::Fact { record, fact, .. }) => {
                    self.fact(record, fact).is_some_and(|f| f.kind == Type::Poison && f.inferred)
                }
                // What is made of undeclared facts only is as open as they are.
                Some(Meaning::Let { id, .. }) => {
                    self.inferring && self.program.lets.get(id.index()).is_some_and(|def| def.kind == Type::Poison)
                }
                Some(_) => false,
                None => true,
            },
            ExprKind::Negative(inner) => self.flexible(sight, inner),
            ExprKind::Chain(first, rest) => {
                self.flexible(sight, first) && rest.iter().all(|(_, operand)| self.flexible(sight, operand))
            }
            ExprKind::Call(_, arguments) => arguments.iter().all(|argument| self.flexible(sight, argument)),
            ExprKind::Table(table) => {
                table.kind == tree::TableKind::Plain && table.rows.iter().all(|row| self.flexible(sight, &row.value))
            }
            ExprKind::Range(low, high) => [low, high].into_iter().flatten().all(|end| self.flexible(sight, end)),
            ExprKind::List(items) => items.iter().all(|item| self.flexible(sight, item)),
            _ => false,
        }
    }

    pub(super) fn call(
        &mut self,
        sight: &Sight,
        function: Function,
        arguments: &[Expr],
        want: Want,
        span: Span,
    ) -> ExprId {
        let operands: Vec<&Expr> = arguments.iter().collect();
        let (ids, kind) = self.alike(sight, &operands, want);
        let node = match function {
            Function::Min => Node::Min(ids),
            Function::Max => Node::Max(ids),
        };
        self.push(node, kind, span)
    }

    /// The pending rule of that name in the policy in sight, if it was used before.
    pub(super) fn pending_named(&self, sight: &Sight, name: &SmolStr) -> Option<PendingId> {
        self.pending_names.get(&(sight.policy, name.clone())).copied()
    }

    pub(super) fn pending(&mut self, sight: &Sight, text: &tree::Text, want: Want, span: Span) -> ExprId {
        let wanted = want.kind().cloned();
        if let Some(id) = self.pending_named(sight, &text.text) {
            let kind = self.program.pendings.get(id.index()).map_or(Type::Poison, |def| def.kind.clone());
            return self.push(Node::Pending(id), kind, span);
        }
        let kind = wanted.unwrap_or(Type::Number(Dimension::NONE));
        let policy = sight.policy.and_then(|at| u32::try_from(at).ok()).map(PolicyId);
        let id = PendingId(u32::try_from(self.program.pendings.len()).unwrap_or(u32::MAX));
        self.program.pendings.push(PendingDef {
            policy,
            name: text.text.clone(),
            kind: kind.clone(),
            bound: None,
            span,
        });
        self.pending_names.insert((sight.policy, text.text.clone()), id);
        self.push(Node::Pending(id), kind, span)
    }

    /// `match a:b X` is b/a of X.
    pub(super) fn matching(
        &mut self,
        sight: &Sight,
        a: &tree::Number,
        b: &tree::Number,
        base: &Expr,
        span: Span,
    ) -> ExprId {
        let none = Type::Number(Dimension::NONE);
        let money = Self::money();
        let ours = self.number(b, Want::Need(&none));
        let theirs = self.number(a, Want::Need(&none));
        let base = self.expression(sight, base, Want::Need(&money));
        if self.value(theirs).is_some_and(|value| matches!(value, Value::Number(n) if n.is_zero())) {
            self.report(Diagnostic::new(Code::DivisionByZero).at(a.span).with("value", &a.digits));
            return self.poison(span);
        }
        self.push(Node::Product(vec![(false, ours), (false, base), (true, theirs)]), money, span)
    }

    pub(super) fn on(&mut self, sight: &Sight, parameter: &Expr, date: &Expr, want: Want, span: Span) -> ExprId {
        let id = self.expression(sight, parameter, want);
        let date = self.expression(sight, date, Want::Need(&Type::Date));
        match self.program.exprs.get(id.index()).map(|expr| (expr.node.clone(), expr.kind.clone())) {
            Some((Node::Parameter(parameter), kind)) => self.push(Node::ParameterOn(parameter, date), kind, span),
            Some((_, Type::Poison)) | None => self.poison(span),
            Some((_, kind)) => {
                let found = self.phrase(&kind);
                let expected = crate::diagnostic::Argument::phrase("参数", "a parameter");
                self.report(
                    Diagnostic::new(Code::TypeMismatch)
                        .at(parameter.span)
                        .with("found", found)
                        .with("expected", expected),
                );
                self.poison(span)
            }
        }
    }
}
