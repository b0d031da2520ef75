//! The most that an expression can come to, whatever the facts are.
//!
//! In: a checked expression and the records in its sight. Out: a number, that it grows
//! without a bound, or that it is open until a rule is made. What is taken away is
//! not counted: the answer may be too high, never too low for facts of 0 and above.

use super::program::*;
use crate::syntax::tree::{AggregateKind, TableKind};
use crate::value::{Number, Value};

/// How deep derived facts are followed.
const DEPTH: usize = 32;

/// The most that an expression can come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Most {
    /// This number.
    Known(Number),
    /// A rule that is still to be made decides.
    Open,
    /// It grows with a fact.
    Unbounded,
}

impl Most {
    /// The greater of two.
    pub fn greater(self, other: Most) -> Most {
        match (self, other) {
            (Most::Unbounded, _) | (_, Most::Unbounded) => Most::Unbounded,
            (Most::Open, _) | (_, Most::Open) => Most::Open,
            (Most::Known(a), Most::Known(b)) => Most::Known(if a < b { b } else { a }),
        }
    }

    /// The lesser of two: a bound that is known holds whatever the other is.
    pub fn lesser(self, other: Most) -> Most {
        match (self, other) {
            (Most::Known(a), Most::Known(b)) => Most::Known(if a < b { a } else { b }),
            (Most::Known(a), _) | (_, Most::Known(a)) => Most::Known(a),
            (Most::Open, _) | (_, Most::Open) => Most::Open,
            (Most::Unbounded, Most::Unbounded) => Most::Unbounded,
        }
    }

    fn with(self, other: Most, join: impl Fn(&Number, &Number) -> Option<Number>) -> Most {
        match (self, other) {
            (Most::Known(a), Most::Known(b)) => join(&a, &b).map_or(Most::Unbounded, Most::Known),
            (a, b) => a.greater(b),
        }
    }
}

/// The most of an expression with `frames` in sight, the innermost last.
pub(super) fn most(program: &Program, frames: &[RecordId], expr: ExprId) -> Most {
    Reader { program }.most(frames, expr, DEPTH)
}

struct Reader<'p> {
    program: &'p Program,
}

impl Reader<'_> {
    fn most(&self, frames: &[RecordId], id: ExprId, depth: usize) -> Most {
        let Some(depth) = depth.checked_sub(1) else { return Most::Unbounded };
        let Some(expr) = self.program.exprs.get(id.index()) else { return Most::Unbounded };
        let greatest = |ids: &[ExprId]| {
            let each = ids.iter().map(|id| self.most(frames, *id, depth));
            each.reduce(Most::greater).unwrap_or(Most::Unbounded)
        };
        match &expr.node {
            Node::Value(Value::Number(n)) => Most::Known(n.clone()),
            Node::Value(Value::None) => Most::Known(Number::ZERO),
            Node::Pending(id) => {
                let bound = self.program.pendings.get(id.index()).and_then(|def| def.bound);
                bound.map_or(Most::Open, |bound| self.most(frames, bound, depth))
            }
            Node::Fact { up, fact, .. } => self.fact(frames, *up, *fact),
            Node::Let { id, .. } => match self.program.lets.get(id.index()) {
                Some(def) => self.most(&[def.record], def.value, depth),
                None => Most::Unbounded,
            },
            Node::Parameter(id) | Node::ParameterOn(id, _) => match self.program.parameters.get(id.index()) {
                Some(def) => greatest(&def.values.iter().map(|(_, value)| *value).collect::<Vec<_>>()),
                None => Most::Unbounded,
            },
            Node::Sum(terms) => terms
                .iter()
                .filter(|(subtracted, _)| !subtracted)
                .map(|(_, term)| self.most(frames, *term, depth))
                .reduce(|a, b| a.with(b, |a, b| a.add(b).ok()))
                .unwrap_or(Most::Known(Number::ZERO)),
            Node::Product(factors) => self.product(frames, factors, depth),
            Node::OrElse(ids) | Node::Max(ids) => greatest(ids),
            Node::Min(ids) => {
                let each = ids.iter().map(|id| self.most(frames, *id, depth));
                each.reduce(Most::lesser).unwrap_or(Most::Unbounded)
            }
            Node::Round(_, inner, _) => match self.most(frames, *inner, depth) {
                // Rounding up may pass the number by less than a unit: not told.
                Most::Known(_) => Most::Open,
                other => other,
            },
            Node::Table(table) if table.kind == TableKind::Plain => {
                let rows = table.rows.iter().map(|row| row.value).chain(table.otherwise);
                greatest(&rows.collect::<Vec<_>>())
            }
            Node::Aggregate {
                kind: AggregateKind::Min | AggregateKind::Max | AggregateKind::Average,
                list,
                value: Some(value),
                ..
            } => match self.program.exprs.get(list.index()).map(|list| &list.kind) {
                Some(Type::List(record)) => self.most(&[frames, &[*record]].concat(), *value, depth),
                _ => Most::Unbounded,
            },
            _ => Most::Unbounded,
        }
    }

    fn fact(&self, frames: &[RecordId], up: u8, fact: FactId) -> Most {
        let record = frames.len().checked_sub(1 + usize::from(up)).and_then(|at| frames.get(at));
        let def = record.and_then(|record| self.program.records.get(record.index())?.facts.get(fact.index()));
        match def.and_then(|def| def.bounds.1.as_ref()) {
            Some(Value::Number(most)) => Most::Known(most.clone()),
            _ => Most::Unbounded,
        }
    }

    /// A divisor counts only where it is a constant.
    fn product(&self, frames: &[RecordId], factors: &[(bool, ExprId)], depth: usize) -> Most {
        let mut product = Most::Known(Number::ONE);
        for (divides, factor) in factors {
            let factor = self.most(frames, *factor, depth);
            product = match (divides, &factor) {
                (true, Most::Known(n)) if !n.is_positive() => return Most::Unbounded,
                (true, Most::Known(_)) => product.with(factor, |a, b| a.divide(b).ok()),
                (true, _) => return Most::Unbounded,
                (false, _) => product.with(factor, |a, b| a.multiply(b).ok()),
            };
        }
        product
    }
}
