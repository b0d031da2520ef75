//! What the columnar engine asks cell by cell: expressions over an item and its owner, and
//! what the history says to a modifier.
//!
//! In: the records in scope, the recipient first. Out: answers as the clause itself would
//! come to them, before alternatives are tried: what is known here is known there.

use super::context::Context;
use super::expression::Evaluator;
use super::history::key_of;
use super::open::{Answer, Truth};
use super::paid::Asked;
use crate::check::program::{ClauseDef, ClauseId, ClauseRef, ExprId, ModifierDef, RecordId};
use crate::record::Record;

/// Records in scope, the outermost first.
pub(crate) type Scope<'s> = [(RecordId, &'s Record)];

/// The rows of the history that count for a recipient, by its key, and whether one of them is in doubt; none where no
/// history was loaded.
pub(crate) fn history_before<'a>(context: &Context<'a>, recipient: &str) -> Option<(Vec<&'a Record>, bool)> {
    let history = context.inputs.history?;
    let all = history.of(recipient);
    if all.is_empty() {
        return Some((Vec::new(), false));
    }
    let mut evaluator = Evaluator::new(context, false);
    let (mut rows, mut in_doubt) = (Vec::with_capacity(all.len()), false);
    for row in all {
        let counts = evaluator.is_before_end(history, row);
        in_doubt |= matches!(counts, Truth::Open(_));
        if counts != Truth::No {
            rows.push(*row);
        }
    }
    Some((rows, in_doubt))
}

/// Whether a row of the history may matter to what was paid under clauses.
pub(crate) fn is_paid_under(
    context: &Context<'_>,
    clause: Option<ClauseId>,
    clauses: &[ClauseRef],
    row: &Record,
) -> bool {
    let own = clause.and_then(|id| context.program.clauses.get(id.index()));
    context.inputs.history.is_none_or(|history| history.is_named(context.program, row, clauses, own))
}

/// Whether a row of the history may matter to a modifier of a clause.
pub(crate) fn matters_to(context: &Context<'_>, clause: ClauseId, modifier: &ModifierDef, row: &Record) -> bool {
    match (context.inputs.history, context.program.clauses.get(clause.index())) {
        (Some(history), Some(def)) => history.counts_with(context.program, row, def, &modifier.with),
        _ => true,
    }
}

/// The value of an expression over the records in scope, as a clause asks it.
pub(crate) fn evaluate_in(context: &Context<'_>, clause: Option<ClauseId>, scope: &Scope<'_>, expr: ExprId) -> Answer {
    let (mut evaluator, at) = over(context, clause, scope);
    evaluator.answer(expr, at)
}

/// Whether a condition holds over the records in scope, as the clause would ask it.
pub(crate) fn holds(context: &Context<'_>, clause: Option<ClauseId>, scope: &Scope<'_>, condition: ExprId) -> Truth {
    let (mut evaluator, at) = over(context, clause, scope);
    evaluator.truth(condition, at)
}

/// An evaluator with records in scope, and the frame of the innermost.
fn over<'a>(context: &'a Context<'a>, clause: Option<ClauseId>, scope: &Scope<'a>) -> (Evaluator<'a>, usize) {
    let mut evaluator = Evaluator::new(context, false);
    evaluator.clause = clause;
    let at = scope.iter().fold(None, |outer, (id, record)| Some(evaluator.push(*id, record, outer)));
    (evaluator, at.unwrap_or(0))
}

/// What was paid before under a clause and those that count with it, as a cumulative modifier takes it off.
pub(crate) fn paid_before_modifier(
    context: &Context<'_>,
    clause: ClauseId,
    modifier: &ModifierDef,
    scope: &Scope<'_>,
) -> Answer {
    of_modifier(context, clause, modifier, scope, |evaluator, asked, at| evaluator.paid_in_force(asked, at))
        .unwrap_or(Answer::NONE)
}

/// Whether this was ever paid, as `once` asks it.
pub(crate) fn was_paid_before(
    context: &Context<'_>,
    clause: ClauseId,
    modifier: &ModifierDef,
    scope: &Scope<'_>,
) -> Answer {
    let was_paid = of_modifier(context, clause, modifier, scope, |evaluator, asked, at| {
        let grade = evaluator.grade(asked.clause.amount, at).and_then(|(_, name)| name);
        evaluator.was_paid(asked, grade.as_ref(), at)
    });
    was_paid.map_or(Answer::NONE, Truth::into_answer)
}

/// What topping up takes off, and the highest grade before, where its name is known.
pub(crate) fn earlier_grade(
    context: &Context<'_>,
    clause: ClauseId,
    (modifier, on_paid): (&ModifierDef, bool),
    scope: &Scope<'_>,
) -> (Answer, Option<u16>) {
    of_modifier(context, clause, modifier, scope, |evaluator, asked, at| evaluator.earlier(asked, on_paid, at))
        .unwrap_or((Answer::NONE, None))
}

/// The level by which the amount of a clause goes, for topping up.
pub(crate) fn level_of(context: &Context<'_>, clause: &ClauseDef) -> Option<ExprId> {
    Evaluator::new(context, false).level_table(clause.amount, 0)?.subject
}

fn of_modifier<T>(
    context: &Context<'_>,
    clause: ClauseId,
    modifier: &ModifierDef,
    scope: &Scope<'_>,
    of: impl FnOnce(&mut Evaluator<'_>, Asked<'_>, usize) -> T,
) -> Option<T> {
    let def = context.program.clauses.get(clause.index())?;
    let (mut evaluator, at) = over(context, Some(clause), scope);
    let by_item = modifier.each && def.for_each.is_some();
    let item = scope.last().filter(|_| by_item).map(|(id, record)| key_of(context.program, *id, record));
    let asked = Asked { clause: def, with: &modifier.with, item: item.as_ref() };
    Some(of(&mut evaluator, asked, at))
}
