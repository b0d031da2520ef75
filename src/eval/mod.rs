//! The meaning of a program, recipient by recipient: exact, with bounds and a trace.
//!
//! In: the checked program in a [`Context`], and a record. Out: for each clause the status,
//! the amount or its bounds, what it waits for, and the steps that led there. Nothing is
//! settled here: each clause is taken by itself. [`operators`] and [`compare`] say what the
//! operators mean, for every engine; [`open`] what is known of a value that is not known.

mod alternatives;
mod asked;
mod award;
mod cause;
pub mod compare;
mod condition;
mod context;
pub mod days;
mod expression;
mod fact;
mod history;
pub mod interval;
mod list;
mod modifier;
pub mod open;
pub mod operators;
mod paid;
mod population;
mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;
mod top;
pub mod trace;

pub(crate) use asked::{
    Scope, earlier_grade, evaluate_in, history_before, holds, is_paid_under, level_of, matters_to,
    paid_before_modifier, was_paid_before,
};
pub use cause::{Causes, Fault, FaultKind, Missing, Place};
pub(crate) use context::all_children;
pub use context::{Context, Inputs, Settled};
pub use history::{Column, History, history_faults, key_of};
pub use interval::Interval;
pub(crate) use list::periods_between;
pub use open::{Answer, Open, Shape, Truth};
pub(crate) use top::better;
pub use trace::{Failure, Holds, Step, Steps, Tracing, failure};

use smol_str::SmolStr;

use crate::Few;
use crate::check::program::{ClauseDef, ClauseId, ExprId, FactId, Node, PendingId, RecordId};
use crate::record::{Cell, Record};
use crate::value::{Number, Period, Value};
use award::{Assessed, PolicyGates, Verdict, tell};
use expression::Evaluator;

/// How sure a result is; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// The event or the period lies outside the policy's force or the clause's window.
    NotInForce,
    /// A condition surely fails.
    NotEligible,
    /// Unknown facts leave the amount open.
    Unknown,
    /// Pending rules do.
    Pending,
    /// Anything up to the amount, at discretion.
    UpTo,
    /// Exactly the amount.
    Exact,
}

/// A clause for one recipient, before settlement.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseResult {
    /// Which clause.
    pub clause: ClauseId,
    /// How sure it is.
    pub status: Status,
    /// An amount due back: an obligation of its own, in no sum of what is paid.
    pub recover: bool,
    /// The amount at full discretion; none while it is open.
    pub amount: Option<Number>,
    /// The least that may be paid, discretion taken as none.
    pub lowest: Number,
    /// The least at full discretion.
    pub full_lowest: Number,
    /// The most that may be paid; none where nothing bounds it.
    pub highest: Option<Number>,
    /// The items of a clause that pays for each.
    pub items: Few<ItemResult>,
    /// Unknown facts that leave it open.
    pub missing: Few<Missing>,
    /// Pending rules that do.
    pub pending: Few<PendingId>,
    /// What could not be computed, and notes on the award.
    pub faults: Few<Fault>,
    /// Its steps in the recipient's trace.
    pub steps: Steps,
}

/// An item of a clause that pays for each.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemResult {
    /// Its place in the list that was loaded.
    pub index: usize,
    /// Its key; empty where it has none.
    pub key: SmolStr,
    /// How sure it is.
    pub status: Status,
    /// The amount at full discretion; none while it is open.
    pub amount: Option<Number>,
    /// The least that may be paid.
    pub lowest: Number,
    /// The least at full discretion.
    pub full_lowest: Number,
    /// The most that may be paid.
    pub highest: Option<Number>,
    /// Unknown facts that leave it open.
    pub missing: Vec<Missing>,
    /// Pending rules that do.
    pub pending: Vec<PendingId>,
}

/// All clauses for one recipient.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecipientResult {
    /// In document order.
    pub clauses: Vec<ClauseResult>,
    /// The steps of all clauses, where they are recorded.
    pub trace: Vec<Step>,
}

/// A data check that a record breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedCheck {
    /// The fact whose check it is.
    pub fact: FactId,
    /// The check.
    pub check: ExprId,
}

impl ClauseResult {
    /// Nothing is paid.
    fn nothing(clause: ClauseId) -> Self {
        ClauseResult {
            clause,
            status: Status::Exact,
            recover: false,
            amount: None,
            lowest: Number::ZERO,
            full_lowest: Number::ZERO,
            highest: None,
            items: Few::new(),
            missing: Few::new(),
            pending: Few::new(),
            faults: Few::new(),
            steps: Steps::default(),
        }
    }

    /// As [`ClauseResult::nothing`], keeping its memory.
    fn clear(&mut self, clause: ClauseId) {
        self.clause = clause;
        self.status = Status::Exact;
        self.amount = None;
        self.lowest = Number::ZERO;
        self.full_lowest = Number::ZERO;
        self.highest = None;
        self.items.clear();
        self.missing.clear();
        self.pending.clear();
        self.faults.clear();
        self.steps = Steps::default();
    }
}

/// Every clause for which the record's type is the recipient.
pub fn evaluate(context: &Context<'_>, record_id: RecordId, record: &Record) -> RecipientResult {
    let mut result = RecipientResult::default();
    evaluate_into(context, record_id, record, &mut result);
    result
}

/// As [`evaluate`], into a result whose memory is used again.
pub fn evaluate_into(context: &Context<'_>, record_id: RecordId, record: &Record, result: &mut RecipientResult) {
    let mut evaluator = Evaluator::new(context, true);
    evaluator.steps = std::mem::take(&mut result.trace);
    evaluator.steps.clear();
    let clauses = context.clauses_of(record_id);
    // Written over in place: a result is large to move.
    result.clauses.resize_with(clauses.len(), || ClauseResult::nothing(ClauseId(0)));
    evaluator.push(record_id, record, None);
    let mut policies = Vec::with_capacity(context.program.policies.len());
    for (id, result) in clauses.iter().zip(&mut result.clauses) {
        result.clear(*id);
        if let Some(clause) = context.program.clauses.get(id.index()) {
            tell_clause(&mut evaluator, clause, &mut policies, result);
        }
    }
    result.trace = evaluator.steps;
}

/// One clause for one recipient.
pub fn evaluate_clause(context: &Context<'_>, clause: ClauseId, record: &Record) -> Option<(ClauseResult, Vec<Step>)> {
    let def = context.program.clauses.get(clause.index())?;
    let mut evaluator = Evaluator::new(context, true);
    evaluator.push(def.recipient, record, None);
    let mut result = ClauseResult::nothing(clause);
    tell_clause(&mut evaluator, def, &mut Vec::new(), &mut result);
    Some((result, evaluator.steps))
}

/// The value of an expression over a record.
pub fn evaluate_expression(context: &Context<'_>, record: Option<(RecordId, &Record)>, expr: ExprId) -> Answer {
    let mut evaluator = Evaluator::new(context, false);
    if let Some((id, record)) = record {
        evaluator.push(id, record, None);
    }
    let answer = evaluator.answer(expr, 0);
    evaluator.refined(answer, |evaluator| evaluator.answer(expr, 0))
}

/// The value of an expression over a recipient whose settled amounts are known.
pub fn evaluate_settled(
    context: &Context<'_>,
    (id, record): (RecordId, &Record),
    settled: &Settled,
    expr: ExprId,
) -> Answer {
    let mut evaluator = Evaluator::new(context, false);
    evaluator.settled = Some(settled);
    evaluator.push(id, record, None);
    let answer = evaluator.answer(expr, 0);
    evaluator.refined(answer, |evaluator| evaluator.answer(expr, 0))
}

/// The value of a fact of a record: of one by period that of the evaluated period.
pub fn evaluate_fact(context: &Context<'_>, id: RecordId, record: &Record, fact: FactId) -> Answer {
    let mut evaluator = Evaluator::new(context, false);
    let at = evaluator.push(id, record, None);
    evaluator.fact(0, fact, at)
}

/// The value of a fact of a record for a period.
pub fn evaluate_fact_in(context: &Context<'_>, id: RecordId, record: &Record, fact: FactId, period: Period) -> Answer {
    Evaluator::new(context, false).fact_of_period(id, fact, record, period)
}

/// The value of an expression over an item and the recipient to which it belongs.
pub fn evaluate_over_item(
    context: &Context<'_>,
    recipient: (RecordId, &Record),
    item: (RecordId, &Record),
    expr: ExprId,
) -> Answer {
    let mut evaluator = Evaluator::new(context, false);
    let outer = evaluator.push(recipient.0, recipient.1, None);
    let inner = evaluator.push(item.0, item.1, Some(outer));
    let answer = evaluator.answer(expr, inner);
    evaluator.refined(answer, |evaluator| evaluator.answer(expr, inner))
}

/// A clause's own modifiers of the sum and its rounding, applied to another sum of its items.
pub fn after_items(context: &Context<'_>, clause: ClauseId, record: &Record, sum: Answer) -> Answer {
    let Some(def) = context.program.clauses.get(clause.index()) else { return sum };
    let mut evaluator = Evaluator::new(context, false);
    evaluator.clause = Some(clause);
    evaluator.push(def.recipient, record, None);
    evaluator.modify_sum(def, sum)
}

/// One modifier of a settlement step, applied to an amount of a clause.
pub fn modify(
    context: &Context<'_>,
    clause: ClauseId,
    modifier: &crate::check::program::ModifierDef,
    record: &Record,
    amount: Answer,
) -> Answer {
    let Some(def) = context.program.clauses.get(clause.index()) else { return amount };
    let mut evaluator = Evaluator::new(context, false);
    evaluator.clause = Some(clause);
    evaluator.push(def.recipient, record, None);
    evaluator.modify(def, modifier, amount, None, 0)
}

/// What history says was paid to a recipient under a clause while its policy was in force; for one item where it is named.
pub fn paid_before(context: &Context<'_>, clause: ClauseId, record: &Record, item: Option<&SmolStr>) -> Answer {
    let Some(def) = context.program.clauses.get(clause.index()) else { return Answer::number(Number::ZERO) };
    let mut evaluator = Evaluator::new(context, false);
    evaluator.clause = Some(clause);
    let at = evaluator.push(def.recipient, record, None);
    evaluator.paid_in_force(paid::Asked { clause: def, with: &[], item }, at)
}

/// What history says was paid to everybody under these clauses on days of a period, up to the end of the evaluated one.
pub fn paid_to_all(context: &Context<'_>, clauses: &[ClauseId], within: &Period) -> Answer {
    match context.inputs.history {
        Some(history) => history.paid_to_all(context, clauses, within),
        None => Answer::within(Interval::not_negative(), Causes::missing(Missing::History)),
    }
}

/// The record of an item of a clause that pays for each, by its place in the list that was loaded.
pub fn item_record<'r>(
    context: &Context<'r>,
    clause: ClauseId,
    record: &'r Record,
    index: usize,
) -> Option<(RecordId, &'r Record)> {
    let program = context.program;
    let (mut list, item) = program.clauses.get(clause.index())?.for_each?;
    for _ in 0..program.exprs.len() {
        match &program.exprs.get(list.index())?.node {
            Node::Where(inner, _) | Node::Top { list: inner, .. } => list = *inner,
            Node::Let { id, .. } => list = program.lets.get(id.index())?.value,
            Node::Items { fact, .. } => match record.cells.get(fact.index())? {
                Cell::List(rows) => return Some((item, rows.get(index)?)),
                _ => return None,
            },
            Node::All(id) => return Some((item, context.population(*id)?.get(index)?)),
            _ => return None,
        }
    }
    None
}

/// What history keeps of a payment beside its amount.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// The name of the level that the amount goes by.
    pub row: Option<SmolStr>,
    /// The standard that a later topping-up compares with: the amount before this one's.
    pub standard: Option<Number>,
}

/// What history keeps of a payment under a clause: of an item, named by its place in the list that was loaded, or of the whole.
pub fn kept(context: &Context<'_>, clause: ClauseId, record: &Record, item: Option<usize>) -> Kept {
    let Some(def) = context.program.clauses.get(clause.index()) else { return Kept::default() };
    let mut evaluator = Evaluator::new(context, false);
    evaluator.clause = Some(clause);
    let outer = evaluator.push(def.recipient, record, None);
    let at = match (def.for_each.is_some(), item) {
        (false, _) => outer,
        (true, None) => return Kept::default(),
        (true, Some(index)) => match item_record(context, clause, record, index) {
            Some((id, item)) => evaluator.push(id, item, Some(outer)),
            None => return Kept::default(),
        },
    };
    Kept {
        row: evaluator.grade(def.amount, at).and_then(|(_, name)| name),
        standard: evaluator.before_topping_up(def, at).and_then(|amount| amount.known_number().cloned()),
    }
}

/// The data checks that a record surely breaks; what is unknown or none passes.
pub fn check_record(context: &Context<'_>, record_id: RecordId, record: &Record) -> Vec<FailedCheck> {
    let Some(def) = context.program.records.get(record_id.index()) else { return Vec::new() };
    let mut failed = Vec::new();
    let mut evaluator = Evaluator::new(context, false);
    let at = evaluator.push(record_id, record, None);
    for (place, fact) in def.facts.iter().enumerate() {
        let Some(check) = fact.check else { continue };
        let passes = match record.cells.get(place) {
            Some(Cell::Value(Value::None) | Cell::Unknown) | None => true,
            Some(Cell::Periods(values)) => checks_by_period(context, record_id, record, (place, values), check),
            _ => evaluator.truth(check, at) != Truth::No,
        };
        if !passes {
            failed.push(FailedCheck { fact: FactId(u32::try_from(place).unwrap_or(u32::MAX)), check });
        }
    }
    failed
}

/// A fact by period must pass its check in every period.
fn checks_by_period(
    context: &Context<'_>,
    id: RecordId,
    record: &Record,
    (place, values): (usize, &[(Period, Value)]),
    check: ExprId,
) -> bool {
    values.iter().all(|(_, value)| {
        let mut one = record.clone();
        if let Some(cell) = one.cells.get_mut(place) {
            *cell = Cell::Value(value.clone());
        }
        let mut evaluator = Evaluator::new(context, false);
        let at = evaluator.push(id, &one, None);
        *value == Value::None || evaluator.truth(check, at) != Truth::No
    })
}

fn tell_clause<'a>(
    evaluator: &mut Evaluator<'a>,
    clause: &'a ClauseDef,
    policies: &mut Vec<PolicyGates>,
    result: &mut ClauseResult,
) {
    let from = evaluator.step_count();
    evaluator.clause = Some(result.clause);
    let mut assessed = evaluator.assess(clause, policies);
    if let Some(causes) = assessed.amount.causes().cloned() {
        refine(evaluator, clause, &causes, &mut assessed);
    }
    tell(result, clause, assessed);
    result.steps = Steps { from, to: evaluator.step_count() };
}

/// Replaces an open assessment by the union of its alternatives.
fn refine<'a>(evaluator: &mut Evaluator<'a>, clause: &'a ClauseDef, causes: &Causes, assessed: &mut Assessed) {
    let mut gated = false;
    let found = evaluator.alternatives(causes, |evaluator| {
        let one = evaluator.assess(clause, &mut Vec::new());
        gated |= one.verdict != Verdict::Applies || one.gate.is_some();
        (one.verdict, one.amount)
    });
    let Some((results, matter)) = found else { return };
    let first = results.first().map(|(verdict, _)| *verdict);
    assessed.verdict = match first {
        Some(first) if results.iter().all(|(verdict, _)| *verdict == first) => first,
        _ if results.iter().all(|(verdict, _)| *verdict != Verdict::Applies) => Verdict::NotEligible,
        _ => Verdict::Applies,
    };
    if !gated {
        assessed.gate = None;
    }
    let amounts = results.into_iter().map(|(_, amount)| amount).collect();
    if let Some(amount) = alternatives::union(amounts, &matter) {
        assessed.amount = amount;
    }
    if assessed.verdict != Verdict::Applies {
        assessed.items.clear();
    }
}
