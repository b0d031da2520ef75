//! Whether a condition holds over the records in scope.

use super::compare;
use super::expression::Evaluator;
use super::open::{Answer, Shape, Truth};
use super::trace::{Holds, Step};
use crate::check::program::{Expr, ExprId, GateKindDef, Node, Type};
use crate::syntax::tree::Compare;
use crate::value::Value;

impl<'a> Evaluator<'a> {
    #[inline(never)]
    pub(super) fn condition(&mut self, id: ExprId, expr: &'a Expr, at: usize) -> Truth {
        let truth = match &expr.node {
            Node::Compare(operator, a, b) => return self.comparison(id, *operator, *a, *b, at),
            Node::And(parts) => self.all(parts, at, false),
            Node::Or(parts) => self.all(parts, at, true).negate(),
            Node::Not(part) => self.truth(*part, at).negate(),
            Node::InList(a, parts) => self.in_list(*a, parts, at),
            Node::InRange(a, range) => self.in_range(*a, *range, at),
            Node::IsNone(a) => self.is_none(*a, at),
            Node::Newly { level, date } => self.newly(*level, *date, at),
            _ => Truth::No,
        };
        if self.tracing {
            self.steps.push(Step::Condition { expr: id, holds: Holds::from(&truth) });
        }
        truth
    }

    fn comparison(&mut self, id: ExprId, operator: Compare, a: ExprId, b: ExprId, at: usize) -> Truth {
        if let (Some(x), Some(y)) = (self.there(a, at), self.there(b, at)) {
            let truth = Truth::known(compare::values(operator, x, y));
            if self.tracing {
                let (left, right) = (Answer::Known(x.clone()), Answer::Known(y.clone()));
                self.steps.push(Step::Compared { expr: id, left, right, holds: Holds::from(&truth) });
            }
            return truth;
        }
        let (left, right) = (self.answer(a, at), self.answer(b, at));
        if !self.tracing {
            return compare::compare(operator, left, right);
        }
        let truth = match (&left, &right) {
            (Answer::Known(x), Answer::Known(y)) => Truth::known(compare::values(operator, x, y)),
            _ => compare::compare(operator, left.clone(), right.clone()),
        };
        self.steps.push(Step::Compared { expr: id, left, right, holds: Holds::from(&truth) });
        truth
    }

    /// All parts; with `negated`, that each part fails.
    #[inline(never)]
    fn all(&mut self, parts: &[ExprId], at: usize, negated: bool) -> Truth {
        let mut all = Truth::Yes;
        for part in parts {
            let truth = self.truth(*part, at);
            all = all.and(if negated { truth.negate() } else { truth });
            if all == Truth::No {
                break;
            }
        }
        all
    }

    #[inline(never)]
    fn in_list(&mut self, a: ExprId, parts: &[ExprId], at: usize) -> Truth {
        let value = self.answer(a, at);
        let mut outside = Truth::Yes;
        // What is open is narrowed by every key that it was held against.
        let mut left = value;
        for part in parts {
            if let (Answer::Known(value), Some(key)) = (&left, self.silent(*part, at)) {
                if compare::values(Compare::Equal, value, key) {
                    return Truth::Yes;
                }
                continue;
            }
            if let Answer::Open(open) = &left
                && open.shape == Shape::Nothing
                && !open.undefined
            {
                break;
            }
            let key = self.answer(*part, at);
            let same = compare::compare(Compare::Equal, left.clone(), key.clone());
            outside = outside.and(same.negate());
            if outside == Truth::No {
                break;
            }
            if let (Answer::Open(open), Answer::Known(key)) = (&mut left, &key) {
                compare::without_key(open, key);
                // Nothing else is left: it is one of the keys.
                if open.shape == Shape::Codes(Vec::new()) {
                    if !open.none && !open.undefined {
                        return Truth::Yes;
                    }
                    open.shape = Shape::Nothing;
                }
            }
        }
        outside.negate()
    }

    #[inline(never)]
    fn in_range(&mut self, a: ExprId, range: ExprId, at: usize) -> Truth {
        let value = self.answer(a, at);
        if let Some(Expr { node: Node::Range(low, high), kind, .. }) = self.expr(range)
            && *kind != Type::Period
        {
            let mut inside = Truth::known(value != Answer::NONE);
            for (bound, operator) in [(low, Compare::GreaterOrEqual), (high, Compare::LessOrEqual)] {
                if let Some(bound) = bound {
                    let bound = self.answer(*bound, at);
                    inside = inside.and(compare::compare(operator, value.clone(), bound));
                }
            }
            return inside;
        }
        let range = self.answer(range, at);
        compare::in_period(value, range)
    }

    fn is_none(&mut self, a: ExprId, at: usize) -> Truth {
        let value = self.answer(a, at);
        match (value, self.expr(a).map(|expr| &expr.node)) {
            // A fact that is not known may turn out not to exist, whatever its type.
            (Answer::Open(open), Some(Node::Fact { .. } | Node::FactIn { .. })) => Truth::Open(Box::new(open.causes)),
            (value, _) => compare::is_none(value),
        }
    }

    #[inline(never)]
    fn newly(&mut self, level: ExprId, date: ExprId, at: usize) -> Truth {
        if let (Some(level), Some(Value::Date(day))) = (self.silent(level, at), self.silent(date, at)) {
            let there = !matches!(level, Value::None | Value::Bool(false));
            if !there || !self.context.period.contains(*day) {
                return Truth::No;
            }
            return self.in_event_ranges(Truth::Yes, &Answer::Known(Value::Date(*day)), at);
        }
        let there = match self.answer(level, at) {
            Answer::Known(Value::Bool(yes)) => Truth::known(yes),
            answer => compare::is_none(answer).negate(),
        };
        if there == Truth::No {
            return there;
        }
        let day = self.answer(date, at);
        let period = Answer::Known(Value::Period(self.context.period));
        let newly = there.and(compare::in_period(day.clone(), period));
        self.in_event_ranges(newly, &day, at)
    }

    /// Whether a day lies in the ranges in which an event must lie: the clause's windows and the policy's force.
    fn in_event_ranges(&mut self, mut newly: Truth, day: &Answer, at: usize) -> Truth {
        let Some(clause) = self.clause.and_then(|id| self.context.program.clauses.get(id.index())) else {
            return newly;
        };
        let windows = clause.gates.iter().filter_map(|gate| match gate.kind {
            GateKindDef::During { range, .. } => Some(range),
            _ => None,
        });
        let policy = self.context.program.policies.get(clause.policy.index());
        let force = policy.and_then(|policy| policy.force.as_ref()).map(|force| force.range);
        let recipient = self.outermost(at);
        for range in windows.chain(force) {
            if newly == Truth::No {
                break;
            }
            let inside = match (day, self.silent(range, recipient)) {
                (Answer::Known(day), Some(Value::Period(range))) => Truth::known(compare::within_period(day, range)),
                _ => {
                    let range = self.answer(range, recipient);
                    compare::in_period(day.clone(), range)
                }
            };
            newly = newly.and(inside);
        }
        newly
    }
}

/// Whether an expression is a condition by its form; a fact of yes or no is not.
pub(super) fn is_condition(node: &Node) -> bool {
    matches!(
        node,
        Node::Compare(..)
            | Node::And(_)
            | Node::Or(_)
            | Node::Not(_)
            | Node::InList(..)
            | Node::InRange(..)
            | Node::IsNone(_)
            | Node::Newly { .. }
    )
}
