//! Lists and aggregates: items of a record, a whole population, history, several years.

use super::context::{Checker, Sight, Want};
use super::names::Meaning;
use super::program::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{Aggregate, AggregateKind, Expr, ExprKind, Name};
use crate::value::Dimension;

impl Checker<'_> {
    /// A list and the type of its items; reported when it is none.
    pub(super) fn list(&mut self, sight: &Sight, expr: &Expr) -> Option<(ExprId, RecordId)> {
        match &expr.kind {
            ExprKind::Name(name) => self.named_list(sight, name, expr),
            ExprKind::Where(list, condition) => {
                let (list, record) = self.list(sight, list)?;
                let condition = self.expression(&sight.inside(record), condition, Want::Need(&Type::Bool));
                Some((self.push(Node::Where(list, condition), Type::List(record), expr.span), record))
            }
            ExprKind::Top(count, list, keys) => {
                let count = self.expression(sight, count, Want::Need(&Type::Number(Dimension::NONE)));
                let (list, record) = self.list(sight, list)?;
                let inner = sight.inside(record);
                let keys =
                    keys.iter().map(|key| (self.expression(&inner, &key.key, Want::Any), key.ascending)).collect();
                Some((self.push(Node::Top { list, count, keys }, Type::List(record), expr.span), record))
            }
            _ => {
                let id = self.expression(sight, expr, Want::Any);
                self.as_list(id, expr.span)
            }
        }
    }

    fn as_list(&mut self, id: ExprId, span: Span) -> Option<(ExprId, RecordId)> {
        match self.kind(id).clone() {
            Type::List(record) => Some((id, record)),
            Type::Poison => None,
            found => {
                let name = self.project.sources.text(span).to_owned();
                let found = self.phrase(&found);
                self.report(Diagnostic::new(Code::NotAList).at(span).with("found", found).with("name", name));
                None
            }
        }
    }

    fn named_list(&mut self, sight: &Sight, name: &Name, expr: &Expr) -> Option<(ExprId, RecordId)> {
        if super::records::HISTORY.iter().any(|h| h.eq_ignore_ascii_case(&name.text)) {
            let record = self.program.history();
            self.saw_record = true;
            return Some((self.push(Node::History, Type::List(record), expr.span), record));
        }
        let undeclared = match self.meaning(sight, name) {
            None => true,
            Some(Meaning::Fact { record, fact, .. }) => {
                self.fact(record, fact).is_some_and(|f| f.inferred && f.kind == Type::Poison)
            }
            Some(_) => false,
        };
        if undeclared && self.inferring {
            let record = self.record_named(name)?;
            let kind = Type::List(record);
            let id = self.expression(sight, expr, Want::Hint(&kind));
            return self.as_list(id, expr.span);
        }
        let id = self.expression(sight, expr, Want::Any);
        self.as_list(id, expr.span)
    }

    /// `sum E over L` and its kin.
    pub(super) fn aggregate(&mut self, sight: &Sight, aggregate: &Aggregate, want: Want, span: Span) -> ExprId {
        let kind = aggregate.kind;
        if kind == AggregateKind::Rank {
            let Some(value) = &aggregate.value else { return self.poison(span) };
            let value = self.expression(sight, value, Want::Any);
            return self.push(Node::Rank(value), Type::Number(Dimension::NONE), span);
        }
        if let Some(id) = self.over_periods(sight, aggregate, want, span) {
            return id;
        }
        let Some(over) = &aggregate.over else { return self.poison(span) };
        let list = if aggregate.all { self.population(over) } else { self.list(sight, over) };
        let Some((list, record)) = list else { return self.poison(span) };
        let inner = sight.inside(record);
        let value = aggregate.value.as_ref().map(|value| self.expression(&inner, value, want));
        let condition = aggregate.condition.as_ref().map(|c| self.expression(&inner, c, Want::Need(&Type::Bool)));
        let result = match kind {
            AggregateKind::Count | AggregateKind::Rank => Type::Number(Dimension::NONE),
            AggregateKind::Any | AggregateKind::Every => Type::Bool,
            AggregateKind::Sum | AggregateKind::Average => value.map_or(Type::Poison, |value| self.numeric(value)),
            AggregateKind::Min | AggregateKind::Max => value.map_or(Type::Poison, |value| self.kind(value).clone()),
        };
        if result == Type::Poison {
            return self.poison(span);
        }
        self.push(Node::Aggregate { kind, list, value, condition }, result, span)
    }

    /// `over all R`, possibly `where C`.
    fn population(&mut self, over: &Expr) -> Option<(ExprId, RecordId)> {
        match &over.kind {
            ExprKind::Name(name) => {
                let record = self.record_named(name)?;
                Some((self.push(Node::All(record), Type::List(record), over.span), record))
            }
            ExprKind::Where(list, condition) => {
                let (list, record) = self.population(list)?;
                let condition = self.expression(&Sight::new(None, vec![record]), condition, Want::Need(&Type::Bool));
                Some((self.push(Node::Where(list, condition), Type::List(record), over.span), record))
            }
            _ => None,
        }
    }

    /// `max 营业收入 over 2021..2023`: a fact by period over several.
    fn over_periods(&mut self, sight: &Sight, aggregate: &Aggregate, want: Want, span: Span) -> Option<ExprId> {
        let (Some(value), Some(over)) = (&aggregate.value, &aggregate.over) else { return None };
        if !matches!(value.kind, ExprKind::Name(_) | ExprKind::Field(..)) {
            return None;
        }
        let fact = self.attempt(|checker| checker.expression(sight, value, want)).ok()?;
        let (node, kind) = self.program.exprs.get(fact.index()).map(|expr| (expr.node.clone(), expr.kind.clone()))?;
        let Node::Fact { record, up, fact } = node else { return None };
        self.fact(record, fact)?.per?;
        let range = self.expression(sight, over, Want::Need(&Type::Period));
        let result = if aggregate.kind == AggregateKind::Count { Type::Number(Dimension::NONE) } else { kind };
        Some(self.push(Node::OverPeriods { kind: aggregate.kind, record, up, fact, range }, result, span))
    }
}
