//! `highest among`: 就高不就低. Only the clause with the greatest amount is kept, the first
//! in the list among equals; the others become 0 and say which one is higher.

use super::{Award, Reason, Recipient, sum};
use crate::check::program::ClauseId;
use crate::eval::{Answer, Causes, Context, after_items};
use crate::value::Number;

/// Among the clauses of one recipient.
pub(super) fn among(recipient: &mut Recipient<'_>, step: usize, clauses: &[ClauseId]) {
    let rivals: Vec<Award> = clauses.iter().filter_map(|clause| recipient.award(*clause)).cloned().collect();
    let amounts: Vec<&Answer> = rivals.iter().map(|award| &award.amount).collect();
    for (at, rival) in rivals.iter().enumerate() {
        let Some((after, reason)) = kept(&amounts, at).map(|(after, other)| (after, rivals.get(other).map(|r| r.clause))) else {
            continue;
        };
        let Some(other) = reason else { continue };
        let reason = if after.known_number().is_some() { Reason::Higher(other) } else { Reason::PerhapsHigher(other) };
        if let Some(award) = recipient.award_mut(rival.clause) {
            award.change(step, reason, after);
        }
    }
}

/// Item by item among clauses that are paid for each; afterwards each clause's own modifiers of the sum act again.
pub(super) fn among_items(context: &Context<'_>, recipient: &mut Recipient<'_>, step: usize, clauses: &[ClauseId]) {
    let mut losses: Vec<(ClauseId, ClauseId, Vec<(usize, Answer)>)> = Vec::new();
    let results: Vec<_> = recipient.result.clauses.iter().filter(|result| clauses.contains(&result.clause)).collect();
    let ordered: Vec<_> = clauses.iter().filter_map(|id| results.iter().find(|result| result.clause == *id)).collect();
    for result in &ordered {
        for item in &result.items {
            let rivals: Vec<(ClauseId, Answer)> = ordered
                .iter()
                .filter_map(|other| {
                    let same = other.items.iter().find(|one| one.index == item.index && one.key == item.key)?;
                    Some((other.clause, item_amount(same)))
                })
                .collect();
            let amounts: Vec<&Answer> = rivals.iter().map(|(_, amount)| amount).collect();
            let Some(at) = rivals.iter().position(|(clause, _)| *clause == result.clause) else { continue };
            if let Some((after, other)) = kept(&amounts, at) {
                let Some((winner, _)) = rivals.get(other) else { continue };
                match losses.iter_mut().find(|(clause, ..)| *clause == result.clause) {
                    Some((_, _, items)) => items.push((item.index, after)),
                    None => losses.push((result.clause, *winner, vec![(item.index, after)])),
                }
            }
        }
    }
    let changes: Vec<(ClauseId, ClauseId, Answer)> = losses
        .into_iter()
        .filter_map(|(clause, winner, items)| {
            let result = recipient.result.clauses.iter().find(|result| result.clause == clause)?;
            let left: Vec<Answer> = result
                .items
                .iter()
                .map(|item| items.iter().find(|(at, _)| *at == item.index).map_or_else(|| item_amount(item), |(_, after)| after.clone()))
                .collect();
            Some((clause, winner, after_items(context, clause, recipient.row, sum(&left))))
        })
        .collect();
    for (clause, winner, after) in changes {
        if let Some(award) = recipient.award_mut(clause) {
            award.change(step, Reason::Higher(winner), after);
        }
    }
}

fn item_amount(item: &crate::eval::ItemResult) -> Answer {
    match &item.amount {
        Some(amount) => Answer::number(amount.clone()),
        None => {
            let interval = crate::eval::Interval::new(Some(item.full_lowest.clone()), item.highest.clone());
            let causes = Causes { missing: item.missing.clone(), pending: item.pending.clone(), faults: Vec::new() };
            Answer::within(interval, causes)
        }
    }
}

/// What becomes of the amount at `at` beside its rivals, and which rival decides; none where nothing changes.
fn kept(amounts: &[&Answer], at: usize) -> Option<(Answer, usize)> {
    let own = amounts.get(at)?.interval().unwrap_or_default();
    let own_low = own.lowest.clone().unwrap_or_default();
    if own.highest.as_ref().is_some_and(Number::is_zero) {
        return None;
    }
    let mut open: Option<(usize, Causes)> = None;
    for (other, amount) in amounts.iter().enumerate().filter(|(other, _)| *other != at) {
        let rival = amount.interval().unwrap_or_default();
        let rival_low = rival.lowest.clone().unwrap_or_default();
        // The first in the list wins among equals.
        let surely = match &own.highest {
            Some(own_high) => rival_low > *own_high || (rival_low == *own_high && other < at),
            None => false,
        };
        if surely {
            return Some((Answer::number(Number::ZERO), other));
        }
        let perhaps = match &rival.highest {
            Some(rival_high) => *rival_high > own_low || (*rival_high == own_low && other < at),
            None => true,
        };
        if perhaps {
            let causes = amount.causes().or(amounts.get(at)?.causes()).cloned().unwrap_or_default();
            match &mut open {
                Some((_, all)) => all.merge(&causes),
                None => open = Some((other, causes)),
            }
        }
    }
    let (other, causes) = open?;
    let own = (*amounts.get(at)?).clone();
    Some((own.hull(Answer::number(Number::ZERO)).because(&causes), other))
}
