//! What a step acts on, and how a change takes effect: on an award, or on the items of a
//! clause that pays for each, after which the clause's own modifiers of the sum act again.

use std::collections::BTreeMap;

use super::award::{Award, Reason, Source};
use super::range::{Range, fen};
use super::sight::Sight;
use super::{Recipient, sum};
use crate::check::program::{ClauseId, ModifierDef, ModifierKindDef, StepKindDef};
use crate::eval::{Answer, Context, after_items, evaluate_expression, modify, operators};
use crate::record::Record;
use crate::syntax::tree::RoundMode;
use crate::value::Number;

/// An amount that a step acts on: an award, or one of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) recipient: usize,
    pub(super) award: usize,
    pub(super) item: Option<usize>,
}

/// What becomes of an amount.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) place: Place,
    pub(super) reason: Reason,
    pub(super) after: Answer,
    /// No rule decides it.
    pub(super) undecided: bool,
}

impl Place {
    /// The award or item there.
    pub(super) fn amount<'r>(&self, recipients: &'r [Recipient<'_>]) -> Option<&'r Answer> {
        let award = recipients.get(self.recipient)?.awards.get(self.award)?;
        match self.item {
            Some(item) => award.items.get(item).map(|item| &item.amount),
            None => Some(&award.amount),
        }
    }

    /// Its clause.
    pub(super) fn clause(&self, recipients: &[Recipient<'_>]) -> Option<ClauseId> {
        Some(recipients.get(self.recipient)?.awards.get(self.award)?.clause)
    }
}

/// The awards of a recipient under these clauses that may pay something, or their items.
pub(super) fn places(recipients: &[Recipient<'_>], at: usize, clauses: &[ClauseId], by_item: bool) -> Vec<Place> {
    let Some(recipient) = recipients.get(at) else { return Vec::new() };
    let mut out = Vec::new();
    for (award, found) in recipient.awards.iter().enumerate() {
        if found.is_nothing() || !clauses.contains(&found.clause) {
            continue;
        }
        if by_item {
            let items = found.items.iter().enumerate().filter(|(_, item)| !super::is_zero(&item.amount));
            out.extend(items.map(|(item, _)| Place { recipient: at, award, item: Some(item) }));
        } else {
            out.push(Place { recipient: at, award, item: None });
        }
    }
    out
}

/// Carries out the changes of a step.
pub(super) fn apply(sight: &Sight<'_, '_>, recipients: &mut [Recipient<'_>], changes: Vec<Change>) {
    let mut by_item: BTreeMap<(usize, usize), Vec<Change>> = BTreeMap::new();
    for change in changes {
        if change.place.item.is_some() {
            by_item.entry((change.place.recipient, change.place.award)).or_default().push(change);
            continue;
        }
        let award = recipients.get_mut(change.place.recipient).and_then(|r| r.awards.get_mut(change.place.award));
        let Some(award) = award else { continue };
        if change.undecided {
            award.undecided.push(sight.step);
        }
        award.change(Source::Step(sight.step), change.reason, change.after);
    }
    for ((at, award), changes) in by_item {
        if let Some(recipient) = recipients.get_mut(at) {
            apply_items(sight, recipient, award, changes);
        }
    }
}

/// Changes items of one award; the first reason stands for all.
fn apply_items(sight: &Sight<'_, '_>, recipient: &mut Recipient<'_>, place: usize, changes: Vec<Change>) {
    let row = recipient.row;
    let Some(award) = recipient.awards.get_mut(place) else { return };
    let mut reason = None;
    for change in changes {
        let Some(item) = change.place.item.and_then(|item| award.items.get_mut(item)) else { continue };
        if item.amount != change.after {
            item.amount = change.after;
            if change.undecided {
                award.undecided.push(sight.step);
            }
            reason.get_or_insert(change.reason);
        }
    }
    let Some(reason) = reason else { return };
    let items = sum(award.items.iter().map(|item| &item.amount));
    // Where an earlier step took something from the whole, it stays taken.
    let after = operators::least(award.amount.clone(), whole_of(sight, row, award, items));
    award.change(Source::Step(sight.step), reason, after);
}

/// What a modifier leaves of an award, rounded down to the fen as every cut of a settlement is.
pub(super) fn modified(
    context: &Context<'_>,
    clause: ClauseId,
    modifier: &ModifierDef,
    row: &Record,
    amount: Answer,
) -> Answer {
    let after = modify(context, clause, modifier, row, amount);
    operators::round(after, RoundMode::Down, &fen(), modifier.span)
}

/// Whether a step may leave more than there was: a floor, rounding up, a factor that may be above one.
pub(super) fn raises(context: &Context<'_>, step: &StepKindDef) -> bool {
    let StepKindDef::Modifier(modifier, _) = step else { return false };
    match &modifier.kind {
        ModifierKindDef::Floor(_) => true,
        ModifierKindDef::Times(factor) => {
            let most = || Range::of(&evaluate_expression(context, None, *factor)).high;
            !context.is_same_for_all(*factor) || most().is_none_or(|most| most > Number::ONE)
        }
        ModifierKindDef::Round(mode, _) => *mode != RoundMode::Down,
        ModifierKindDef::Cap(_)
        | ModifierKindDef::Less(_)
        | ModifierKindDef::NothingBelow(_)
        | ModifierKindDef::ToppingUp { .. }
        | ModifierKindDef::Once => false,
    }
}

/// What a clause pays for a sum of its items: its own modifiers of the sum, then those of settlement so far.
pub(super) fn whole_of(sight: &Sight<'_, '_>, row: &Record, award: &Award, items: Answer) -> Answer {
    let context = sight.context;
    let mut whole = after_items(context, award.clause, row, items);
    for step in &award.modified {
        if let Some(StepKindDef::Modifier(modifier, _)) = context.program.settle.get(*step).map(|step| &step.kind) {
            whole = modified(context, award.clause, modifier, row, whole);
        }
    }
    whole
}
