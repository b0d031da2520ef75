//! Trying out the values of a few discrete unknowns.
//!
//! Taking every part of an expression by itself loses what parts have in common: `A or
//! not A` holds whatever A is. Where a result is open and waits for facts or rules that
//! are yes or no, or one of a few levels, each assignment of up to six of them is
//! evaluated; the result is the union. Unknowns that change nothing are then no cause.

use super::cause::{Causes, Missing};
use super::expression::Evaluator;
use super::open::Answer;
use crate::check::program::{PendingId, Type};
use crate::value::Value;

/// At most so many assignments are tried.
const MOST_ASSIGNMENTS: usize = 64;

/// Something unknown that can be assigned a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unknown {
    Missing(Missing),
    Pending(PendingId),
}

/// The unknowns that are assigned, each with its possible values.
#[derive(Debug)]
struct Assignments {
    unknowns: Vec<(Unknown, Vec<Value>)>,
}

impl Evaluator<'_> {
    /// Runs an evaluation under every assignment of the discrete unknowns among the causes; `differ` tells
    /// whether two results differ. Returns the results and those unknowns that make a difference.
    pub(super) fn alternatives<T: PartialEq>(
        &mut self,
        causes: &Causes,
        mut run: impl FnMut(&mut Self) -> T,
    ) -> Option<(Vec<T>, Causes)> {
        let assignments = Assignments::of(self, causes);
        if assignments.unknowns.is_empty() {
            return None;
        }
        let tracing = std::mem::replace(&mut self.tracing, false);
        let mut results = Vec::with_capacity(assignments.count());
        for number in 0..assignments.count() {
            self.assumed = assignments.assume(number);
            self.assignment = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
            results.push(run(self));
        }
        self.assumed.clear();
        self.assignment = 0;
        self.forget_assignments();
        self.tracing = tracing;
        let matter = assignments.that_matter(&results);
        Some((results, matter))
    }

    /// The union of an open answer's alternatives.
    pub(super) fn refined(&mut self, answer: Answer, run: impl FnMut(&mut Self) -> Answer) -> Answer {
        let Some(causes) = answer.causes().cloned() else { return answer };
        match self.alternatives(&causes, run) {
            Some((results, matter)) => union(results, &matter).unwrap_or(answer),
            None => answer,
        }
    }

    fn values_of(&self, unknown: &Unknown) -> Vec<Value> {
        let kind = match unknown {
            Unknown::Missing(Missing::Fact { record, fact, .. }) => self.fact_def(*record, *fact).map(|def| &def.kind),
            Unknown::Missing(_) => None,
            Unknown::Pending(id) => self.context.program.pendings.get(id.index()).map(|def| &def.kind),
        };
        match kind {
            Some(Type::Bool) => vec![Value::Bool(true), Value::Bool(false)],
            Some(Type::Code(id)) => {
                let Some(def) = self.context.program.enums.get(id.index()) else { return Vec::new() };
                let codes = (0..u16::try_from(def.values.len()).unwrap_or(u16::MAX)).map(Value::Code);
                let is_fact = matches!(unknown, Unknown::Missing(_));
                codes.chain((def.ordered && is_fact).then_some(Value::None)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The union of several answers, with further causes where it is open.
pub(super) fn union(answers: Vec<Answer>, causes: &Causes) -> Option<Answer> {
    answers.into_iter().reduce(Answer::hull).map(|answer| answer.because(causes))
}

impl Assignments {
    fn of(evaluator: &Evaluator<'_>, causes: &Causes) -> Self {
        let missing = causes.missing.iter().cloned().map(Unknown::Missing);
        let pending = causes.pending.iter().copied().map(Unknown::Pending);
        let mut assignments = Assignments { unknowns: Vec::new() };
        for unknown in missing.chain(pending) {
            let values = evaluator.values_of(&unknown);
            let count = assignments.count().saturating_mul(values.len());
            if values.len() > 1 && count <= MOST_ASSIGNMENTS {
                assignments.unknowns.push((unknown, values));
            }
        }
        assignments
    }

    fn count(&self) -> usize {
        self.unknowns.iter().map(|(_, values)| values.len()).product()
    }

    /// The values of an assignment, the last unknown changing fastest.
    fn assume(&self, mut number: usize) -> Vec<(Unknown, Value)> {
        let mut assumed = Vec::with_capacity(self.unknowns.len());
        for (unknown, values) in self.unknowns.iter().rev() {
            if let Some(value) = values.get(number % values.len()) {
                assumed.push((unknown.clone(), value.clone()));
            }
            number /= values.len();
        }
        assumed
    }

    /// The unknowns for which two assignments that differ in nothing else differ in their result.
    fn that_matter<T: PartialEq>(&self, results: &[T]) -> Causes {
        let mut causes = Causes::default();
        let mut stride = 1;
        for (unknown, values) in self.unknowns.iter().rev() {
            let block = stride * values.len();
            // The first assignment of the same block and place stands for all that differ in this unknown only.
            let first = |at: usize| at - at % block + at % stride;
            let matters = results.iter().enumerate().any(|(at, result)| results.get(first(at)) != Some(result));
            if matters {
                match unknown {
                    Unknown::Missing(missing) => causes.missing.push(missing.clone()),
                    Unknown::Pending(id) => causes.pending.push(*id),
                }
            }
            stride = block;
        }
        causes
    }
}
