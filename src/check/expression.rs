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
use crate::syntax::tree::{self, Compare, Comparison, Expr, ExprKind, Function, Name, Operator};
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
    fn fit(&mut self, id: ExprId, wanted: &Type) -> ExprId {
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
    fn pure_unit(&self, kind: &Type) -> Option<SmolStr> {
        let Type::Number(dimension) = kind else { return None };
        match dimension.units() {
            [(unit, 1)] if *unit != UnitId::YUAN => self.program.units.get(usize::from(unit.0))?.first().cloned(),
            _ => None,
        }
    }

    /// The unit of the quantity, where money meets a quantity.
    fn beside_money(&self, left: &Type, right: &Type) -> Option<SmolStr> {
        let money = Self::money();
        match (*left == money, *right == money) {
            (true, false) => self.pure_unit(right),
            (false, true) => self.pure_unit(left),
            _ => None,
        }
    }

    /// Money was wanted and a rate is written: what it is a rate of is missing.
    fn bare_rate(text: &str) -> Option<(Argument, Argument)> {
        text.ends_with(['%', '‰', '％']).then(|| {
            (
                Argument::phrase("比率", "a rate"),
                Argument::phrase(format!("某项金额的{text}"), format!("{text} of an amount")),
            )
        })
    }

    /// The message for what should be a number; a list wants its items added up.
    fn not_a_number(&self, span: Span, found: &Type) -> Diagnostic {
        let name = self.project.sources.text(span);
        let diagnostic = Diagnostic::new(Code::NotANumber).at(span).with("found", self.phrase(found));
        match found {
            Type::List(_) => {
                diagnostic.with("fix", Argument::phrase(format!("求和 … 于 {name}"), format!("sum … over {name}")))
            }
            _ => diagnostic.with("name", name),
        }
    }

    fn untested(&mut self, sight: &Sight, expr: &Expr, want: Want) -> ExprId {
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

    fn misplaced_list(&mut self, span: Span) -> ExprId {
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

    fn takes_type(&mut self, sight: &Sight, expr: &Expr) -> bool {
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

    /// A name alone.
    fn name(&mut self, sight: &Sight, name: &Name, want: Want) -> ExprId {
        let span = name.span;
        match self.meaning(sight, name) {
            Some(Meaning::Fact { up, record, fact }) => self.fact_node(up, record, fact, want, span),
            Some(Meaning::Let { up, id }) => {
                let kind = self.program.lets.get(id.index()).map_or(Type::Poison, |def| def.kind.clone());
                if self.inferring && kind == Type::Poison {
                    self.ask_of_let(id, want);
                }
                self.push(Node::Let { up, id }, kind, span)
            }
            Some(Meaning::Parameter(id)) => {
                let kind = self.parameter_kind(id);
                self.push(Node::Parameter(id), kind, span)
            }
            Some(Meaning::Clause(id)) => self.push(Node::ClauseAmount(id), Self::money(), span),
            Some(Meaning::Year) => self.push(Node::Year, Type::Period, span),
            Some(Meaning::Period) => self.push(Node::Period, Type::Period, span),
            Some(Meaning::Today) => self.push(Node::Today, Type::Date, span),
            Some(Meaning::Paid) => {
                let own = sight.clause.and_then(|at| self.program.clauses.get(at)).map(|clause| clause.name.clone());
                let clause = sight.clause.and_then(|at| u32::try_from(at).ok()).map(ClauseId);
                let reference = ClauseRef { clause, policy: SmolStr::default(), name: own.unwrap_or_default(), span };
                self.push(Node::PaidUnder(vec![reference]), Self::money(), span)
            }
            Some(Meaning::Total) => self.push(Node::Total, Self::money(), span),
            Some(Meaning::Poison) => self.poison(span),
            None => self.undeclared(sight, name, want),
        }
    }

    /// A derived fact of undeclared facts learns its type from its place, for the next run.
    fn ask_of_let(&mut self, id: LetId, want: Want) {
        let name = self.program.lets.get(id.index()).map(|def| def.name.clone());
        if let (Some(name), Some(kind)) = (name, want.kind())
            && *kind != Type::Poison
            && !self.asked_of_lets.contains_key(&name)
        {
            self.asked_of_lets.insert(name, kind.clone());
            self.learned = true;
        }
    }

    /// A fact of a record in scope; an undeclared one learns its type from its place.
    fn fact_node(&mut self, up: u8, record: RecordId, fact: FactId, want: Want, span: Span) -> ExprId {
        let Some(def) = self.fact(record, fact) else { return self.poison(span) };
        let (mut kind, inferred) = (def.kind.clone(), def.inferred);
        if kind == Type::Poison && inferred {
            match want.kind() {
                Some(wanted) if *wanted != Type::Poison => {
                    kind = wanted.clone();
                    self.learned = true;
                    if let Some(def) =
                        self.program.records.get_mut(record.index()).and_then(|r| r.facts.get_mut(fact.index()))
                    {
                        def.kind = kind.clone();
                    }
                }
                _ => {
                    let name = def.name.clone();
                    self.untyped.push((name, span));
                }
            }
        }
        match kind {
            Type::List(_) => self.push(Node::Items { record, up, fact }, kind, span),
            _ => self.push(Node::Fact { record, up, fact }, kind, span),
        }
    }

    /// A name that nothing declares: a level of the type needed, an inferred fact, or an error.
    fn undeclared(&mut self, sight: &Sight, name: &Name, want: Want) -> ExprId {
        if let Some(Type::Code(id)) = want.kind() {
            let values = self.program.enums.get(id.index()).map(|e| e.values.as_slice()).unwrap_or_default();
            if let Some(code) = values.iter().position(|value| *value == name.text) {
                let code = u16::try_from(code).unwrap_or(u16::MAX);
                return self.constant(Value::Code(code), Type::Code(*id), name.span);
            }
            if matches!(name.text.as_str(), "无" | "none") {
                return self.constant(Value::None, Type::Code(*id), name.span);
            }
        }
        let is_level = matches!(want.kind(), Some(Type::Code(_)));
        let glued = !name.quoted && self.glued(&name.text).is_some();
        if self.inferring && !is_level && !glued {
            let Some(&record) = sight.frames.last() else { return self.poison(name.span) };
            let fact = self.infer_fact(record, name, Type::Poison);
            self.saw_record = true;
            return self.fact_node(0, record, fact, want, name.span);
        }
        self.unknown_name(sight, name, want);
        self.poison(name.span)
    }

    /// `A的B`, `A.B`: a field of a record in scope, a clause or parameter of a policy.
    fn field(&mut self, sight: &Sight, base: &Expr, name: &Name, want: Want, span: Span) -> ExprId {
        let ExprKind::Name(owner) = &base.kind else {
            let id = self.expression(sight, base, Want::Any);
            if *self.kind(id) != Type::Poison {
                let found = self.phrase(&self.kind(id).clone());
                self.report(Diagnostic::new(Code::NotAField).at(span).with("name", &name.text).with("left", found));
            }
            return self.poison(span);
        };
        if let Some(policy) = self.program.policies.iter().position(|p| p.name == owner.text) {
            if let Some(id) = self.parameter_of(Some(policy), &name.text) {
                let kind = self.parameter_kind(id);
                return self.push(Node::Parameter(id), kind, span);
            }
            if sight.clauses {
                let path = tree::Path { parts: vec![owner.clone(), name.clone()], span };
                return match self.clause_at(sight, &path) {
                    Some(id) => self.push(Node::ClauseAmount(id), Self::money(), span),
                    None => self.poison(span),
                };
            }
        }
        if let Some(&record) = self.record_names.get(&owner.text)
            && let Some(at) = sight.frames.iter().rposition(|frame| *frame == record)
        {
            let mut only = sight.clone();
            only.frames.truncate(at + 1);
            let outward = u8::try_from(sight.frames.len() - 1 - at).unwrap_or(u8::MAX);
            let id = self.name(&only, name, want);
            return self.outward(id, outward);
        }
        let record = self
            .record_names
            .get(&owner.text)
            .and_then(|id| self.program.records.get(id.index()))
            .map(|r| r.name.clone());
        let diagnostic = Diagnostic::new(Code::NotAField).at(span).with("name", &name.text).with_some("record", record);
        self.report(diagnostic.with_some("value", super::names::in_figures(&name.text)));
        self.poison(span)
    }

    /// The same fact seen from `outward` frames further in.
    fn outward(&mut self, id: ExprId, outward: u8) -> ExprId {
        if let Some(expr) = self.program.exprs.get_mut(id.index()) {
            match &mut expr.node {
                Node::Fact { up, .. } | Node::Let { up, .. } | Node::Items { up, .. } => {
                    *up = up.saturating_add(outward)
                }
                _ => {}
            }
        }
        id
    }

    fn negative(&mut self, sight: &Sight, inner: &Expr, want: Want, span: Span) -> ExprId {
        let inner = self.expression(sight, inner, want);
        if let Some(Value::Number(n)) = self.value(inner).cloned() {
            let kind = self.kind(inner).clone();
            return self.constant(Value::Number(n.negate()), kind, span);
        }
        let kind = self.numeric(inner);
        self.push(Node::Negate(inner), kind, span)
    }

    fn chain(&mut self, sight: &Sight, first: &Expr, rest: &[(Operator, Expr)], want: Want, span: Span) -> ExprId {
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
    fn must_match(&mut self, id: ExprId, kind: &Type, other: Option<Span>) -> ExprId {
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

    fn sum(&mut self, sight: &Sight, first: &Expr, rest: &[(Operator, Expr)], want: Want, span: Span) -> ExprId {
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
    fn warn_rate_of_sum(&mut self, first: &Expr, rest: &[(Operator, Expr)], span: Span) {
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
    fn shift(&mut self, sight: &Sight, start: ExprId, rest: &[(Operator, Expr)], span: Span) -> ExprId {
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

    fn product(&mut self, sight: &Sight, first: &Expr, rest: &[(Operator, Expr)], want: Want, span: Span) -> ExprId {
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
        if wanted.is_some_and(|wanted| wanted != known) && self.price_of_other_unit(&ids, span) {
            return self.poison(span);
        }
        let factors = factors.iter().zip(ids).filter_map(|((divides, _), id)| id.map(|id| (*divides, id))).collect();
        self.push(Node::Product(factors), Type::Number(known), span)
    }

    /// Reports a price per one unit that meets a quantity of another; whether it did.
    fn price_of_other_unit(&mut self, ids: &[Option<ExprId>], span: Span) -> bool {
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

    /// Reports a division by a constant 0.
    fn divisors(&mut self, factors: &[(bool, &Expr)], ids: &[Option<ExprId>]) {
        for ((divides, factor), id) in factors.iter().zip(ids) {
            let zero =
                id.and_then(|id| self.value(id)).is_some_and(|value| matches!(value, Value::Number(n) if n.is_zero()));
            if *divides && zero {
                let shown = self.project.sources.text(factor.span).to_owned();
                self.report(Diagnostic::new(Code::DivisionByZero).at(factor.span).with("value", shown));
            }
        }
    }

    /// The comparison meant: a word takes the policy's own convention where it states one.
    fn comparison(&self, sight: &Sight, comparison: Comparison) -> Compare {
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

    fn compare(
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
    fn guess_comparison(&mut self, sight: &Sight, left: &Expr, right: &Expr) {
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
    fn mended_comparison(&self, left: ExprId, right: ExprId, span: Span) -> Option<String> {
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
    fn subject(&mut self, sight: &Sight, subject: Option<&Expr>, span: Span) -> ExprId {
        match (subject, sight.subject) {
            (Some(subject), _) => self.expression(sight, subject, Want::Any),
            (None, Some(subject)) => subject,
            (None, None) => self.poison(span),
        }
    }

    fn membership(&mut self, sight: &Sight, left: Option<&Expr>, right: &Expr, span: Span) -> ExprId {
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
    fn other_period(&mut self, sight: &Sight, left: &Expr, right: &Expr, span: Span) -> Option<ExprId> {
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

    fn is_period(&mut self, sight: &Sight, expr: &Expr) -> bool {
        let id = self.attempt(|checker| checker.expression(sight, expr, Want::Hint(&Type::Period)));
        id.is_ok_and(|id| *self.kind(id) == Type::Period)
    }

    fn between(&mut self, sight: &Sight, subject: Option<&Expr>, low: &Expr, high: &Expr, span: Span) -> ExprId {
        let subject = self.subject(sight, subject, span);
        let kind = self.kind(subject).clone();
        let low = self.expression(sight, low, Want::Hint(&kind));
        let high = self.expression(sight, high, Want::Hint(&kind));
        let low = self.compared(Compare::GreaterOrEqual, subject, low, span);
        let high = self.compared(Compare::LessOrEqual, subject, high, span);
        self.push(Node::And(vec![low, high]), Type::Bool, span)
    }

    fn is_none(&mut self, sight: &Sight, inner: &Expr, wanted: bool, span: Span) -> ExprId {
        let inner = self.expression(sight, inner, Want::Any);
        let test = self.push(Node::IsNone(inner), Type::Bool, span);
        if wanted { test } else { self.push(Node::Not(test), Type::Bool, span) }
    }

    /// `newly F`: a level with its date, or a date of its own.
    fn newly(&mut self, sight: &Sight, inner: &Expr, span: Span) -> ExprId {
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

    fn call(&mut self, sight: &Sight, function: Function, arguments: &[Expr], want: Want, span: Span) -> ExprId {
        let operands: Vec<&Expr> = arguments.iter().collect();
        let (ids, kind) = self.alike(sight, &operands, want);
        let node = match function {
            Function::Min => Node::Min(ids),
            Function::Max => Node::Max(ids),
        };
        self.push(node, kind, span)
    }

    /// The pending rule of that name in the policy in sight, if it was used before.
    fn pending_named(&self, sight: &Sight, name: &SmolStr) -> Option<PendingId> {
        self.pending_names.get(&(sight.policy, name.clone())).copied()
    }

    fn pending(&mut self, sight: &Sight, text: &tree::Text, want: Want, span: Span) -> ExprId {
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
    fn matching(&mut self, sight: &Sight, a: &tree::Number, b: &tree::Number, base: &Expr, span: Span) -> ExprId {
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

    fn on(&mut self, sight: &Sight, parameter: &Expr, date: &Expr, want: Want, span: Span) -> ExprId {
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

fn want_hint(want: Want<'_>) -> Want<'_> {
    want.kind().map_or(Want::Any, Want::Hint)
}
