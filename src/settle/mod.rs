//! Settlement: what happens between clauses and over the population, in the order written.
//!
//! In: the results of evaluation, of all recipients. Out: what is settled for each clause,
//! who pays it, every reduction with its step and reason, and what became of each budget. Each step is one module and
//! either takes recipients one by one or looks across them; every shortage is borne by the
//! one rule of `shortage`. Bounds go through: a step that depends on something open
//! leaves open just what that can change. Nothing here depends on the order of records.

mod act;
mod award;
mod budget;
mod conflicts;
mod funding;
mod highest;
mod limit;
mod overrides;
mod parts;
mod payment;
mod pool;
mod range;
mod select;
mod settlement;
mod shortage;
mod sight;
pub mod stream;
#[cfg(test)]
mod tests;
mod together;

pub use award::{Award, Borne, Higher, ItemAward, Pool, Reason, Reduction, Share, Source};
pub(crate) use funding::only_payer;
pub use payment::{Payment, Payments, payments};
pub use range::Range;
pub use settlement::{Amounts, PoolOf, PoolResult, Settlement};

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::check::program::{
    ClauseId, ExprId, ModifierDef, Program, RecordId, ShortageDef, ShortageRuleDef, StepDef, StepKindDef,
};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::eval::{Answer, Context, RecipientResult, Truth};
use crate::progress::Stage;
use crate::record::Record;
use crate::value::Number;
use budget::Budget;
use limit::Limit;
use select::Select;
use sight::{Sight, covered};

/// One recipient under settlement.
#[derive(Debug)]
pub struct Recipient<'r> {
    /// Its record type.
    pub record: RecordId,
    /// Its record.
    pub row: &'r Record,
    /// Its key; empty where it has none.
    pub key: SmolStr,
    /// What evaluation came to.
    pub result: RecipientResult,
    /// What is settled, clause by clause as in the result.
    pub awards: Vec<Award>,
    /// Whether the record breaks a data check: it is paid nothing until mended.
    pub in_error: bool,
}

impl<'r> Recipient<'r> {
    /// A recipient with its results, nothing settled yet.
    pub fn new(record: RecordId, row: &'r Record, key: SmolStr, result: RecipientResult) -> Self {
        let awards = result.clauses.iter().map(Award::new).collect();
        Recipient { record, row, key, result, awards, in_error: false }
    }

    /// The award of a clause, where this recipient has it.
    pub fn award(&self, clause: ClauseId) -> Option<&Award> {
        self.awards.iter().find(|award| award.clause == clause)
    }

    fn award_mut(&mut self, clause: ClauseId) -> Option<&mut Award> {
        self.awards.iter_mut().find(|award| award.clause == clause)
    }

    /// The sum of all awards; what is due back is no part of it.
    pub fn total(&self) -> Answer {
        sum(self.paid().map(|award| &award.amount))
    }

    /// The awards that pay; the others are due back.
    pub fn paid(&self) -> impl Iterator<Item = &Award> {
        self.awards.iter().filter(|award| !award.recover)
    }
}

/// Settles a population, step by step; tells what became of each budget.
pub fn settle(context: &Context<'_>, recipients: &mut [Recipient<'_>]) -> Settlement {
    settle_knowing(context, recipients, &[])
}

/// Settles one of a population, of which it is known what the steps do that look across recipients.
pub(crate) fn settle_one(context: &Context<'_>, recipient: &mut Recipient<'_>, across: &[stream::Across]) {
    settle_knowing(context, std::slice::from_mut(recipient), across);
}

fn settle_knowing(context: &Context<'_>, recipients: &mut [Recipient<'_>], across: &[stream::Across]) -> Settlement {
    let program = context.program;
    recipients.iter_mut().filter(|recipient| recipient.in_error).for_each(pay_nothing);
    overrides::overrides(program, recipients);
    let mut outside: Vec<ClauseId> = clauses_outside(program);
    let mut searched = 0;
    let mut budgets = Vec::new();
    context.begin(Stage::Settling, program.settle.len());
    for (at, def) in program.settle.iter().enumerate() {
        context.advance(1);
        if context.is_stopped() {
            break;
        }
        let known = across.iter().find(|one| one.step == at);
        if let Some(known) = known {
            recipients.iter_mut().for_each(|recipient| take_over(recipient, known));
        }
        match &def.kind {
            StepKindDef::OutsideBudget(clauses) => outside.extend(clauses),
            StepKindDef::NotTogether(..) if at < searched => {}
            StepKindDef::NotTogether(clauses, _) => {
                let sight = Sight::new(context, at, def, clauses);
                if let Some((graph, steps, per)) = conflicts::conflicts(program, at) {
                    searched = at + steps;
                    if known.is_some() {
                        continue;
                    }
                    together::not_together(&sight, recipients, &graph, per);
                }
            }
            _ if known.is_some() => {}
            StepKindDef::Budget { amount, clauses, from, per, shortage } => {
                let mut drawing = covered(program, def, clauses);
                if clauses.is_empty() {
                    drawing.retain(|clause| !outside.contains(clause));
                }
                let sight = Sight::new(context, at, def, clauses);
                let (per, shortage) = (per.as_ref(), shortage.as_ref());
                let by_item = is_keyed_by_item(shortage);
                let from = from.as_ref();
                let budget =
                    Budget { policy: def.policy, amount: *amount, clauses: &drawing, from, per, shortage, by_item };
                let drawn = budget::budget(&sight, recipients, &budget);
                budgets.push(((at, def.policy, from), drawn));
            }
            _ => step(context, recipients, at, def),
        }
    }
    recipients.par_iter_mut().for_each(|recipient| {
        for at in 0..recipient.awards.len() {
            funding::split(context, recipient, (at, program.settle.len()));
        }
    });
    // A budget before a step that raises may pay out more than there was.
    let raised = program.settle.iter().rposition(|def| act::raises(context, &def.kind));
    let pools = budgets.into_iter().flat_map(|(budget, drawn)| {
        let raised = raised.is_some_and(|last| last > budget.0);
        settlement::results(recipients, budget, drawn, raised)
    });
    Settlement { pools: pools.collect() }
}

/// A step that knows nothing of the others.
fn step(context: &Context<'_>, recipients: &mut [Recipient<'_>], at: usize, def: &StepDef) {
    match &def.kind {
        StepKindDef::Modifier(modifier, clauses) => {
            modify_all(&Sight::new(context, at, def, clauses), recipients, modifier, clauses)
        }
        StepKindDef::Exclude(clauses, condition) => {
            exclude(&Sight::new(context, at, def, clauses), recipients, clauses, *condition)
        }
        StepKindDef::HighestAmong(clauses, per) => {
            highest::highest(&Sight::new(context, at, def, clauses), recipients, clauses, per.as_ref());
        }
        StepKindDef::Select { count, clauses, keys, per, ties, over_items } => {
            let (per, ties, over_items) = (per.as_ref(), ties.as_ref(), *over_items);
            let select = Select { count: *count, clauses, keys, per, ties, over_items };
            select::select(&Sight::new(context, at, def, clauses), recipients, &select);
        }
        StepKindDef::Limit { clauses, to, cumulative, per, shortage } => {
            let (per, shortage) = (per.as_ref(), shortage.as_ref());
            let covered = covered(context.program, def, clauses);
            let by_item = is_keyed_by_item(shortage);
            let limit = Limit { clauses: &covered, to: *to, cumulative: *cumulative, per, shortage, by_item };
            limit::limit(&Sight::new(context, at, def, clauses), recipients, &limit);
        }
        StepKindDef::NotTogether(..)
        | StepKindDef::Budget { .. }
        | StepKindDef::OutsideBudget(_)
        | StepKindDef::FundedBy(_) => {}
    }
}

fn modify_all(sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], modifier: &ModifierDef, clauses: &[ClauseId]) {
    recipients.par_iter_mut().for_each(|recipient| {
        let row = recipient.row;
        for clause in clauses {
            let Some(award) = recipient.award_mut(*clause) else { continue };
            let after = act::modified(sight.context, *clause, modifier, row, award.amount.clone());
            award.change(Source::Step(sight.step), Reason::Modified, after);
            award.modified.push(sight.step);
        }
    });
}

/// Nothing when the condition holds; open while it is.
fn exclude(sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], clauses: &[ClauseId], condition: ExprId) {
    for recipient in recipients {
        if !recipient.awards.iter().any(|award| clauses.contains(&award.clause) && !award.is_nothing()) {
            continue;
        }
        let Some(holds) = sight.value(recipient, condition).map(Answer::into_truth) else { continue };
        for clause in clauses {
            let Some(award) = recipient.award_mut(*clause).filter(|award| !award.is_nothing()) else { continue };
            let zero = Answer::number(Number::ZERO);
            let after = match &holds {
                Truth::No => continue,
                Truth::Yes => zero,
                Truth::Open(causes) => award.amount.clone().hull(zero).because(causes),
            };
            award.change(Source::Step(sight.step), Reason::Excluded, after);
        }
    }
}

/// What a step that looks across recipients does to one.
fn take_over(recipient: &mut Recipient<'_>, known: &stream::Across) {
    let Some(reason) = &known.reason else { return };
    for award in &mut recipient.awards {
        let after = known.after.iter().find(|(clause, _)| *clause == award.clause.index());
        if let Some(after) = after.and_then(|(_, fen)| Number::from_i64(*fen).multiply(&range::fen()).ok()) {
            award.change(Source::Step(known.step), reason.clone(), Answer::number(after));
        }
    }
}

fn pay_nothing(recipient: &mut Recipient<'_>) {
    for award in &mut recipient.awards {
        award.change(Source::Data, Reason::DataError, Answer::number(Number::ZERO));
    }
}

/// A step, by place.
fn step_def(program: &Program, at: usize) -> Option<&StepDef> {
    program.settle.get(at)
}

/// The clauses that say of themselves that they are outside the budget.
fn clauses_outside(program: &Program) -> Vec<ClauseId> {
    let outside = program.clauses.iter().zip((0..).map(ClauseId)).filter(|(clause, _)| clause.outside_budget);
    outside.map(|(_, id)| id).collect()
}

/// The steps that cannot be carried out: such a policy is refused rather than settled without them.
pub fn beyond(program: &Program) -> Vec<Diagnostic> {
    // A payer's share belongs to the whole award: it cannot be served item by item.
    let beyond = |def: &&StepDef| match &def.kind {
        StepKindDef::Budget { from: Some(_), per, shortage, .. } => {
            is_keyed_by_item(shortage.as_ref()) || matches!(per, Some(crate::check::program::PerDef::Item(_)))
        }
        _ => false,
    };
    let reason = || {
        Argument::phrase(
            "付款人的份额按整笔奖补划分，不能按项目分池",
            "a payer's share is of the whole award and cannot be pooled item by item",
        )
    };
    let told = |def: &StepDef| Diagnostic::new(Code::NotCarriedOut).at(def.span).with("found", reason());
    program.settle.iter().filter(beyond).map(told).collect()
}

/// Whether a shortage is borne by items, in order of keys of theirs.
fn is_keyed_by_item(shortage: Option<&ShortageDef>) -> bool {
    shortage.is_some_and(|shortage| shortage.over_items && matches!(shortage.rule, ShortageRuleDef::ByKeys(_)))
}

/// The sum of answers.
fn sum<'a>(amounts: impl IntoIterator<Item = &'a Answer>) -> Answer {
    let zero = Answer::number(Number::ZERO);
    let at = crate::source::Span::default();
    amounts.into_iter().fold(zero, |sum, amount| crate::eval::operators::add(sum, amount.clone(), at))
}

fn is_zero(amount: &Answer) -> bool {
    amount.known_number().is_some_and(Number::is_zero)
}
