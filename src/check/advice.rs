//! What is probably not meant: awards without a bound, caps that never bind, modifiers whose
//! order matters, conditions that contradict themselves.
//!
//! In: the checked program. Out: warnings. Nothing here changes what a policy pays.

use super::context::Checker;
use super::most::{Most, most};
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::Compare;
use crate::value::{Number, Value};

impl Checker<'_> {
    /// Looks over every clause and condition.
    pub(super) fn advise(&mut self) {
        let mut found = Vec::new();
        for (clause, at) in self.program.clauses.iter().zip(0..) {
            self.bounds_of(clause, ClauseId(at), &mut found);
            self.modifier_order(clause, &mut found);
        }
        for expr in &self.program.exprs {
            if let Node::And(parts) = &expr.node {
                found.extend(self.contradiction(expr.span, parts));
            }
        }
        self.diagnostics.extend(found);
    }

    /// Follows the most that an award can be through its caps.
    fn bounds_of(&self, clause: &ClauseDef, id: ClauseId, found: &mut Vec<Diagnostic>) {
        let unpaid = |d: &Diagnostic| d.code == Code::NoAward && d.spans.first() == Some(&clause.name_span);
        if *self.kind(clause.amount) == Type::Poison || self.diagnostics.iter().any(unpaid) {
            return;
        }
        let recipient = [clause.recipient];
        let item: Vec<RecordId> = recipient.iter().copied().chain(clause.for_each.map(|(_, record)| record)).collect();
        let mut amount = most(&self.program, &item, clause.amount);
        for modifier in clause.modifiers.iter().filter(|modifier| modifier.each) {
            amount = self.modified(amount, modifier, &item, clause, found);
        }
        if let Some((list, _)) = clause.for_each {
            amount = self.summed(amount, list);
        }
        let mut capped = false;
        for modifier in clause.modifiers.iter().filter(|modifier| !modifier.each) {
            capped |= matches!(modifier.kind, ModifierKindDef::Cap(_));
            amount = self.modified(amount, modifier, &recipient, clause, found);
        }
        let bounded = capped || amount != Most::Unbounded || clause.recover || self.bounded_elsewhere(clause, id);
        if !bounded {
            let items =
                Argument::phrase("项数越多，奖补越多，没有封顶", "it grows with the number of items without a cap");
            let grows = clause.for_each.map(|_| items);
            let diagnostic = Diagnostic::new(Code::UnboundedAward).at(clause.award_span);
            found.push(diagnostic.with_some("clause", clause.own_name()).with_some("found", grows));
        }
    }

    /// What the sum over a list can be: only `top N` tells how many items there are.
    fn summed(&self, item: Most, list: ExprId) -> Most {
        let count = match self.program.exprs.get(list.index()).map(|expr| &expr.node) {
            Some(Node::Top { count, .. }) => self.value(*count),
            _ => None,
        };
        match (item, count) {
            (Most::Known(n), Some(Value::Number(count))) => n.multiply(count).map_or(Most::Unbounded, Most::Known),
            (Most::Open, Some(_)) => Most::Open,
            _ => Most::Unbounded,
        }
    }

    /// The most after a modifier; a cap above what the amount can be is told.
    fn modified(
        &self,
        amount: Most,
        modifier: &ModifierDef,
        frames: &[RecordId],
        clause: &ClauseDef,
        found: &mut Vec<Diagnostic>,
    ) -> Most {
        match &modifier.kind {
            ModifierKindDef::Cap(cap) => {
                let limit = most(&self.program, frames, *cap);
                if let (Most::Known(amount), Some(Value::Number(limit))) = (&amount, self.value(*cap))
                    && amount < limit
                    && !modifier.cumulative
                {
                    let shown = self.project.sources.text(self.span(*cap)).to_owned();
                    let diagnostic = Diagnostic::new(Code::CapNeverBinds).at(modifier.span).at(clause.award_span);
                    found.push(diagnostic.with("value", shown).with("other", in_words(amount)));
                }
                amount.lesser(limit)
            }
            ModifierKindDef::Floor(floor) => amount.greater(most(&self.program, frames, *floor)),
            ModifierKindDef::Times(factor) => match (amount, self.value(*factor)) {
                (Most::Known(amount), Some(Value::Number(factor))) => {
                    amount.multiply(factor).map_or(Most::Unbounded, Most::Known)
                }
                // A coefficient is a small number: the award stays within reach of a bound.
                (Most::Known(_), _) => Most::Open,
                (other, _) => other,
            },
            ModifierKindDef::Round(..) if matches!(amount, Most::Known(_)) => Most::Open,
            _ => amount,
        }
    }

    /// Whether a budget or a step of settlement bounds what the clause pays.
    fn bounded_elsewhere(&self, clause: &ClauseDef, id: ClauseId) -> bool {
        let budget = self.program.policies.get(clause.policy.index()).is_some_and(|policy| !policy.budgets.is_empty());
        let own = |step: &StepDef| step.policy.is_none_or(|policy| policy == clause.policy);
        let named = |clauses: &[ClauseId], step: &StepDef| (clauses.is_empty() && own(step)) || clauses.contains(&id);
        budget
            || self.program.settle.iter().any(|step| match &step.kind {
                StepKindDef::Limit { clauses, .. } | StepKindDef::Budget { clauses, .. } => named(clauses, step),
                StepKindDef::Modifier(modifier, clauses) => {
                    matches!(modifier.kind, ModifierKindDef::Cap(_)) && named(clauses, step)
                }
                _ => false,
            })
    }

    /// A bound or deduction that stands before a factor or deduction: the other order gives another amount.
    fn modifier_order(&self, clause: &ClauseDef, found: &mut Vec<Diagnostic>) {
        for each in [true, false] {
            let group: Vec<&ModifierDef> = clause.modifiers.iter().filter(|modifier| modifier.each == each).collect();
            for (at, second) in group.iter().enumerate() {
                let before = group.get(..at).unwrap_or_default();
                let Some(first) = before.iter().rev().find(|first| order_matters(&first.kind, &second.kind)) else {
                    continue;
                };
                if self.is_one(&second.kind) {
                    continue;
                }
                let text = |span: Span| self.project.sources.text(span).to_owned();
                let diagnostic = Diagnostic::new(Code::ModifierOrder).at(second.span).at(first.span);
                found.push(diagnostic.with("left", text(first.span)).with("right", text(second.span)));
            }
        }
    }

    /// Whether a factor leaves everything as it is.
    fn is_one(&self, kind: &ModifierKindDef) -> bool {
        matches!(kind, ModifierKindDef::Times(factor) if self.value(*factor) == Some(&Value::Number(Number::ONE)))
    }

    /// Parts of an `and` on one fact that cannot hold together.
    fn contradiction(&self, span: Span, parts: &[ExprId]) -> Option<Diagnostic> {
        let tests: Vec<Test> = parts.iter().filter_map(|part| self.comparison_with_constant(*part)).collect();
        for (at, test) in tests.iter().enumerate() {
            let other = tests.iter().take(at).find(|other| other.subject == test.subject && other.excludes(test));
            if let Some(other) = other {
                let text = |span: Span| self.project.sources.text(span).to_owned();
                let (first, second) = (text(other.span), text(test.span));
                let value = Argument::phrase("永远不成立", "never true");
                let diagnostic = Diagnostic::new(Code::NeverTrue).at(span).with("value", value);
                // `between 500万 and 300万` is one text.
                if first == second {
                    return Some(diagnostic.with("found", first));
                }
                return Some(diagnostic.at(other.span).at(test.span).with("left", first).with("right", second));
            }
        }
        None
    }

    /// A comparison of a fact with a constant.
    fn comparison_with_constant(&self, id: ExprId) -> Option<Test> {
        let expr = self.program.exprs.get(id.index())?;
        let Node::Compare(compare, subject, bound) = &expr.node else { return None };
        let subject = match &self.program.exprs.get(subject.index())?.node {
            Node::Fact { up, fact, .. } => (*up, fact.0, false),
            Node::Let { up, id } => (*up, id.0, true),
            _ => return None,
        };
        let bound = match self.value(*bound)? {
            Value::Number(n) => n.clone(),
            Value::Date(date) => Number::from_i64(i64::from(date.day_number())),
            // Levels: a small code is a high level.
            Value::Code(code) => Number::from_i64(i64::from(*code)).negate(),
            _ => return None,
        };
        Some(Test { subject, compare: *compare, bound, span: expr.span })
    }
}

/// One comparison of an `and`.
struct Test {
    /// Frames outward, number, whether it is a derived fact.
    subject: (u8, u32, bool),
    compare: Compare,
    bound: Number,
    span: Span,
}

impl Test {
    /// Whether no value passes both.
    fn excludes(&self, other: &Test) -> bool {
        use Compare::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let (low, high) = match (self.compare, other.compare) {
            (Greater | GreaterOrEqual, Less | LessOrEqual) => (self, other),
            (Less | LessOrEqual, Greater | GreaterOrEqual) => (other, self),
            (Equal, Equal) => return self.bound != other.bound,
            (Equal, NotEqual) | (NotEqual, Equal) => return self.bound == other.bound,
            (Equal, _) => return !other.holds(&self.bound),
            (_, Equal) => return !self.holds(&other.bound),
            _ => return false,
        };
        let touching = low.compare == GreaterOrEqual && high.compare == LessOrEqual;
        low.bound > high.bound || (low.bound == high.bound && !touching)
    }

    fn holds(&self, value: &Number) -> bool {
        match self.compare {
            Compare::Equal => *value == self.bound,
            Compare::NotEqual => *value != self.bound,
            Compare::Less => *value < self.bound,
            Compare::LessOrEqual => *value <= self.bound,
            Compare::Greater => *value > self.bound,
            Compare::GreaterOrEqual => *value >= self.bound,
        }
    }
}

/// Whether exchanging two modifiers changes the amount, and the written order is the unusual one:
/// what bounds or deducts usually stands behind what multiplies.
fn order_matters(first: &ModifierKindDef, second: &ModifierKindDef) -> bool {
    use ModifierKindDef::{Cap, Floor, Less, NothingBelow, Times};
    match second {
        Times(_) => matches!(first, Cap(_) | Floor(_) | Less(_) | NothingBelow(_)),
        Less(_) => matches!(first, Cap(_) | Floor(_)),
        _ => false,
    }
}

/// An amount as drafters write it: `50万元`.
fn in_words(amount: &Number) -> String {
    for (factor, word) in [(100_000_000, "亿元"), (10_000, "万元")] {
        if let Ok(shown) = amount.divide(&Number::from_i64(factor))
            && shown.multiply(&Number::from_i64(100)).is_ok_and(|cents| cents.is_whole())
            && shown >= Number::ONE
        {
            return format!("{shown}{word}");
        }
    }
    format!("{amount}元")
}
