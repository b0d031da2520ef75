//! What a settlement pays to one recipient, as history keeps it.
//!
//! In: a settled recipient. Out: the payments that are exactly known, and the clauses that
//! are open. A clause that pays for each item gives a payment an item: what was paid is
//! shared among the items by their amounts, to the fen, so that the payments add up to it.

use smol_str::SmolStr;

use super::award::{Award, Reason, Source};
use super::funding::to_the_fen;
use super::range::fen;
use super::{ItemAward, Recipient};
use crate::check::program::{ClauseId, ModifierKindDef, Program, StepKindDef};
use crate::eval::{ClauseResult, Context, kept};
use crate::value::Number;

/// A payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// To whom: the key.
    pub recipient: SmolStr,
    /// Under which clause.
    pub clause: ClauseId,
    /// For which item; none for the whole.
    pub item: Option<SmolStr>,
    /// The level by which the amount went.
    pub row: Option<SmolStr>,
    /// The amount before cuts by budgets and limits, and before topping up.
    pub standard: Number,
    /// What is paid.
    pub paid: Number,
}

/// What is known of one recipient's payments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payments {
    /// Those that are exactly known and above 0.
    pub made: Vec<Payment>,
    /// The clauses whose amount is open: something is unknown or pending, or it is at discretion.
    pub open: Vec<ClauseId>,
}

/// The payments to a recipient. What is due back is none.
pub fn payments(context: &Context<'_>, recipient: &Recipient<'_>) -> Payments {
    let mut out = Payments::default();
    if recipient.in_error {
        return out;
    }
    for (result, award) in recipient.result.clauses.iter().zip(&recipient.awards).filter(|(_, award)| !award.recover) {
        match award.settled() {
            Some(paid) if paid.is_zero() => {}
            Some(paid) if !award.discretion => out.made.extend(made(context, recipient, (result, award), paid)),
            _ => out.open.push(award.clause),
        }
    }
    out
}

fn made(
    context: &Context<'_>,
    recipient: &Recipient<'_>,
    (result, award): (&ClauseResult, &Award),
    paid: &Number,
) -> Vec<Payment> {
    let payment = |item: Option<SmolStr>, row, standard: Number, paid: Number| Payment {
        recipient: recipient.key.clone(),
        clause: award.clause,
        item,
        row,
        standard: if standard < paid { paid.clone() } else { standard },
        paid,
    };
    let items: Option<Vec<(&ItemAward, &Number)>> =
        award.items.iter().map(|item| Some((item, item.amount.known_number()?))).collect();
    let items: Vec<_> = items.unwrap_or_default().into_iter().filter(|(_, amount)| amount.is_positive()).collect();
    if items.is_empty() {
        let kept = kept(context, award.clause, recipient.row, None);
        let standard = kept.standard.unwrap_or_else(|| uncut(context.program, award, paid));
        return vec![payment(None, kept.row, standard, paid.clone())];
    }
    let shares = shared(paid, &items.iter().map(|(_, amount)| *amount).collect::<Vec<_>>());
    let due: Vec<(usize, &Number)> =
        result.items.iter().filter_map(|item| Some((item.index, item.amount.as_ref()?))).collect();
    let standards =
        shared(&uncut(context.program, award, paid), &due.iter().map(|(_, amount)| *amount).collect::<Vec<_>>());
    let mut out: Vec<Payment> = Vec::new();
    for ((item, amount), share) in items.iter().zip(shares).filter(|(_, share)| share.is_positive()) {
        let kept = kept(context, award.clause, recipient.row, Some(item.index));
        let part = due.iter().position(|(index, _)| *index == item.index).and_then(|at| standards.get(at));
        let standard = kept.standard.or_else(|| part.cloned()).unwrap_or_else(|| (*amount).clone());
        let key = (!item.key.is_empty()).then(|| item.key.clone());
        let plus = |sum: &Number, more: &Number| sum.add(more).unwrap_or_else(|_| sum.clone());
        // Items without a key of their own cannot be told apart later: they are one payment.
        match out.iter_mut().find(|one| one.item == key && one.row == kept.row) {
            Some(one) => {
                one.standard = plus(&one.standard, &standard);
                one.paid = plus(&one.paid, &share);
            }
            None => out.push(payment(key, kept.row, standard, share)),
        }
    }
    out
}

/// The amount before budgets, limits and payers cut it, and before a step of topping up.
fn uncut(program: &Program, award: &Award, paid: &Number) -> Number {
    let is_topping_up = |source: &Source| {
        let Source::Step(step) = source else { return false };
        match program.settle.get(*step).map(|step| &step.kind) {
            Some(StepKindDef::Modifier(modifier, _)) => matches!(modifier.kind, ModifierKindDef::ToppingUp { .. }),
            _ => false,
        }
    };
    let cut = award.reductions.iter().find(|reduction| {
        matches!(reduction.reason, Reason::Shortage { .. } | Reason::NoBudget | Reason::Unfunded)
            || is_topping_up(&reduction.source)
    });
    cut.and_then(|cut| cut.before.known_number()).unwrap_or(paid).clone()
}

/// What is paid, shared in proportion to amounts and to the fen.
fn shared(paid: &Number, amounts: &[&Number]) -> Vec<Number> {
    let total = amounts.iter().try_fold(Number::ZERO, |sum, amount| sum.add(amount).ok());
    let part = |amount: &&Number| paid.multiply(amount).ok()?.divide(total.as_ref()?).ok();
    let exact: Option<Vec<(Number, Number)>> =
        amounts.iter().map(|amount| Some((part(amount)?, paid.clone()))).collect();
    match exact {
        Some(exact) => to_the_fen(paid, &exact, &fen()),
        None => amounts.iter().map(|amount| (*amount).clone()).collect(),
    }
}
