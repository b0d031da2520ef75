//! `overrides` between policies: where both would pay a recipient, the overriding one holds.
//!
//! What each would pay is asked before any step of the settlement, of all at once, so that
//! the order in which policies are loaded does not matter.

use super::Recipient;
use super::award::{Reason, Source};
use super::range::{Range, sum};
use crate::check::program::{ClauseId, ClauseRef, PolicyId, Program};
use crate::eval::{Answer, Causes};
use crate::value::Number;

/// Applies the overrides of all policies.
pub(super) fn overrides(program: &Program, recipients: &mut [Recipient<'_>]) {
    for recipient in recipients {
        let mut changes: Vec<(usize, Source, PolicyId, Answer)> = Vec::new();
        for (policy, id) in program.policies.iter().zip((0..).map(PolicyId)) {
            for (at, named) in policy.overrides.iter().enumerate() {
                let (pays, causes) = paid_by(program, recipient, id);
                if pays.is_nothing() {
                    continue;
                }
                for (place, award) in recipient.awards.iter().enumerate().filter(|(_, award)| !award.is_nothing()) {
                    if !is_named(program, named, award.clause) || is_of(program, award.clause, id) {
                        continue;
                    }
                    let zero = Answer::number(Number::ZERO);
                    let after =
                        if pays.low.is_positive() { zero } else { award.amount.clone().hull(zero).because(&causes) };
                    changes.push((place, Source::Overrides(id, at), id, after));
                }
            }
        }
        for (place, source, by, after) in changes {
            if let Some(award) = recipient.awards.get_mut(place).filter(|award| !award.is_nothing()) {
                award.change(source, Reason::Overridden(by), after);
            }
        }
    }
}

/// What a policy would pay a recipient.
fn paid_by(program: &Program, recipient: &Recipient<'_>, policy: PolicyId) -> (Range, Causes) {
    let pays =
        |clause: ClauseId| program.clauses.get(clause.index()).is_some_and(|def| def.policy == policy && !def.recover);
    let own = || recipient.awards.iter().filter(|award| pays(award.clause));
    let causes = own().filter_map(|award| award.amount.causes()).fold(Causes::default(), Causes::and);
    (sum(&own().map(|award| award.range()).collect::<Vec<_>>()), causes)
}

pub(super) fn is_of(program: &Program, clause: ClauseId, policy: PolicyId) -> bool {
    program.clauses.get(clause.index()).is_some_and(|def| def.policy == policy)
}

/// Whether a clause, or the whole of its policy, is named.
pub(super) fn is_named(program: &Program, named: &ClauseRef, clause: ClauseId) -> bool {
    let policy = program.clauses.get(clause.index()).and_then(|def| program.policies.get(def.policy.index()));
    match named.clause {
        Some(one) => one == clause,
        None => named.name.is_empty() && policy.is_some_and(|policy| policy.name == named.policy),
    }
}
