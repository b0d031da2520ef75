//! `limit A, B to E`: the clauses together pay a recipient no more than that.

use super::shortage::{self, Cut};
use super::{Reason, Recipient, sum};
use crate::check::program::{ClauseId, ExprId, ShortageDef};
use crate::eval::{Answer, Causes, Context, Interval, evaluate_expression, operators};
use crate::value::Number;

/// Applies a limit to the clauses named, or to all.
pub(super) fn limit(
    context: &Context<'_>,
    recipient: &mut Recipient<'_>,
    step: usize,
    clauses: &[ClauseId],
    to: ExprId,
    shortage: Option<&ShortageDef>,
) {
    let limited = |clause: ClauseId| clauses.is_empty() || clauses.contains(&clause);
    let places: Vec<usize> = recipient.awards.iter().enumerate().filter(|(_, a)| limited(a.clause)).map(|(at, _)| at).collect();
    let amounts: Vec<Answer> = places.iter().filter_map(|at| recipient.awards.get(*at)).map(|a| a.amount.clone()).collect();
    let whole = sum(&amounts);
    if whole.known_number().is_some_and(Number::is_zero) {
        return;
    }
    let limit = evaluate_expression(context, Some((recipient.record, recipient.row)), to);
    let room = limit.interval().unwrap_or_default();
    let floor = room.lowest.clone().map(|low| low.max(Number::ZERO));
    let wanted = whole.interval().unwrap_or_default();
    // Surely enough for everyone.
    if let (Some(floor), Some(most)) = (&floor, &wanted.highest) && most <= floor {
        return;
    }
    let reason = || Reason::Limit { limit: limit.clone(), sum: whole.clone() };
    let known: Option<Vec<Number>> = amounts.iter().map(|amount| amount.known_number().cloned()).collect();
    if let (Some(known), Some(room)) = (known, limit.known_number()) {
        let ids: Vec<ClauseId> = places.iter().filter_map(|at| recipient.awards.get(*at)).map(|a| a.clause).collect();
        match shortage::cut(&known, &ids, &room.clone().max(Number::ZERO), shortage) {
            Cut::To(shares) => {
                for (at, share) in places.iter().zip(shares) {
                    if let Some(award) = recipient.awards.get_mut(*at) {
                        award.change(step, reason(), Answer::number(share));
                    }
                }
            }
            Cut::Undecided => {
                for at in &places {
                    let Some(award) = recipient.awards.get_mut(*at).filter(|award| !award.is_nothing()) else { continue };
                    award.undecided.push(step);
                    let most = award.amount.known_number().map(|own| own.clone().min(room.clone().max(Number::ZERO)));
                    if let Some(most) = most {
                        award.change(step, reason(), Answer::number(most));
                    }
                }
            }
        }
        return;
    }
    let causes = [&whole, &limit].into_iter().filter_map(|answer| answer.causes()).fold(Causes::default(), |all, c| all.and(c));
    let positive = amounts.iter().filter(|amount| amount.known_number().is_none_or(Number::is_positive)).count();
    for at in places {
        let Some(award) = recipient.awards.get_mut(at).filter(|award| !award.is_nothing()) else { continue };
        // The only one bears the whole; among several each may bear anything.
        let capped = operators::least(award.amount.clone(), limit.clone());
        let after = if positive <= 1 {
            capped
        } else {
            let highest = capped.interval().and_then(|interval| interval.highest);
            Answer::within(Interval::new(Some(Number::ZERO), highest), causes.clone())
        };
        award.change(step, reason(), after);
    }
}
