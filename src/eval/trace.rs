//! The trace: every step of an evaluation as data.
//!
//! A step names an expression, gate or modifier of the program and holds what it came to;
//! with the program at hand it can be told in any language. Recording is a push and no
//! more. [`failure`] finds in it why a clause does not pay, and by how much.

use smol_str::SmolStr;

use super::open::{Answer, Truth};
use crate::check::program::{ExprId, LetId, Node, Program};
use crate::syntax::tree::Compare;
use crate::value::{Number, Value};

/// Whether steps are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tracing {
    /// Nothing is recorded.
    #[default]
    Off,
    /// Everything is.
    On,
}

/// Whether a condition holds, without the causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It cannot be told.
    Open,
}

impl From<&Truth> for Holds {
    fn from(truth: &Truth) -> Self {
        match truth {
            Truth::Yes => Holds::Yes,
            Truth::No => Holds::No,
            Truth::Open(_) => Holds::Open,
        }
    }
}

/// A gate of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatePlace {
    /// The policy's `in force`.
    Force,
    /// The policy's `eligible when`.
    Eligible,
    /// The clause's own, by its place.
    Own(u16),
}

/// Steps `from..to` of a recipient's trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps {
    /// The first.
    pub from: u32,
    /// One past the last.
    pub to: u32,
}

impl Steps {
    /// These steps of the trace.
    pub fn of(self, trace: &[Step]) -> &[Step] {
        trace.get(self.from as usize..self.to as usize).unwrap_or(&[])
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An expression came to this.
    Value {
        /// Which.
        expr: ExprId,
        /// To what.
        value: Answer,
    },
    /// A derived fact came to this; how, stands in the steps named.
    Let {
        /// Where it is used.
        expr: ExprId,
        /// Which.
        id: LetId,
        /// To what.
        value: Answer,
        /// How, at its first use.
        derived: Steps,
    },
    /// Two values were compared.
    Compared {
        /// The comparison.
        expr: ExprId,
        /// What stood on the left.
        left: Answer,
        /// What stood on the right.
        right: Answer,
        /// Whether it holds.
        holds: Holds,
    },
    /// Any other condition.
    Condition {
        /// Which.
        expr: ExprId,
        /// Whether it holds.
        holds: Holds,
    },
    /// A row of a table was reached; without one, `otherwise` was, or nothing.
    Row {
        /// The table.
        table: ExprId,
        /// Its row.
        row: Option<u16>,
        /// What the subject was.
        subject: Option<Answer>,
        /// Whether it is certain.
        holds: Holds,
    },
    /// A gate was asked.
    Gate {
        /// Which.
        gate: GatePlace,
        /// Whether it holds.
        holds: Holds,
        /// The steps in which it was asked; those of a policy stand with its first clause.
        asked: Steps,
    },
    /// Whether an item belongs to a list is asked now.
    Candidate {
        /// Its place in the list that was loaded.
        index: u32,
        /// Its key; empty where it has none.
        key: SmolStr,
    },
    /// What history holds was taken into account.
    History(Answer),
    /// The steps of an item begin.
    Item {
        /// Its place in the list.
        index: u32,
        /// Whether it counts.
        included: Holds,
    },
    /// An item came to this.
    ItemAmount(Answer),
    /// The award before its modifiers.
    Award(Answer),
    /// A modifier changed the amount.
    Modifier {
        /// Its place in the clause.
        index: u16,
        /// The amount before.
        before: Answer,
        /// The amount after.
        after: Answer,
    },
    /// The amount was rounded when due.
    Rounded(Answer),
}

/// Why a clause does not pay: the first gate that fails and, in it, the condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The gate.
    pub gate: GatePlace,
    /// The condition in it that decides; none where the gate has no expression.
    pub expr: Option<ExprId>,
    /// The comparison that fails, where it is one.
    pub comparison: Option<FailedComparison>,
}

/// A comparison that fails: `needs 设备投资 >= 500万, has 470万, short 30万`.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedComparison {
    /// What is asked.
    pub operator: Compare,
    /// What is there.
    pub has: Value,
    /// What it is compared with.
    pub needs: Value,
    /// The distance between two numbers.
    pub distance: Option<Number>,
}

/// The first failed gate of a clause and its deciding condition, from the steps of the clause.
pub fn failure(program: &Program, trace: &[Step], clause: Steps) -> Option<Failure> {
    let (gate, asked) = clause.of(trace).iter().find_map(|step| match step {
        Step::Gate { gate, holds: Holds::No, asked } => Some((*gate, *asked)),
        _ => None,
    })?;
    let mut inside = asked.of(trace);
    let mut found = deciding(inside);
    // A condition that is a derived fact is told by how that was derived.
    for _ in 0..program.lets.len() {
        let Some(Step::Let { derived, .. }) = found else { break };
        inside = derived.of(trace);
        match deciding(inside) {
            Some(step) => found = Some(step),
            None => break,
        }
    }
    Some(Failure { gate, expr: found.and_then(expr_of), comparison: found.and_then(|step| comparison(program, step)) })
}

/// The step that made a gate fail: the last comparison that says no, else the last step of all.
fn deciding(steps: &[Step]) -> Option<&Step> {
    let says_no = |step: &&Step| match step {
        Step::Compared { holds, .. } => *holds == Holds::No,
        Step::Let { value, .. } | Step::Value { value, .. } => matches!(value, Answer::Known(Value::Bool(false))),
        _ => false,
    };
    steps.iter().rev().find(says_no).or_else(|| steps.last())
}

fn expr_of(step: &Step) -> Option<ExprId> {
    match step {
        Step::Value { expr, .. } | Step::Let { expr, .. } | Step::Compared { expr, .. } | Step::Condition { expr, .. } => {
            Some(*expr)
        }
        _ => None,
    }
}

fn comparison(program: &Program, step: &Step) -> Option<FailedComparison> {
    let Step::Compared { expr, left: Answer::Known(has), right: Answer::Known(needs), .. } = step else { return None };
    let operator = match &program.exprs.get(expr.index())?.node {
        Node::Compare(operator, ..) => *operator,
        _ => return None,
    };
    let distance = match (has, needs) {
        (Value::Number(has), Value::Number(needs)) => {
            if has < needs { needs.subtract(has).ok() } else { has.subtract(needs).ok() }
        }
        _ => None,
    };
    Some(FailedComparison { operator, has: has.clone(), needs: needs.clone(), distance })
}
