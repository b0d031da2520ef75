//! Budgets of the year that a run lacks: one message a step, with the periods that there are.

use crate::check::program::{PolicyDef, Program};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::settle::{Reason, Recipient, Source};
use crate::value::Period;

/// The steps that left amounts open because no budget holds the evaluated period.
pub(super) fn missing(program: &Program, period: Period, recipients: &[Recipient<'_>]) -> Vec<Diagnostic> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for recipient in recipients {
        let mut steps: Vec<usize> = recipient
            .awards
            .iter()
            .flat_map(|award| &award.reductions)
            .filter(|reduction| reduction.reason == Reason::NoBudget)
            .filter_map(|reduction| match reduction.source {
                Source::Step(step) => Some(step),
                _ => None,
            })
            .collect();
        steps.sort_unstable();
        steps.dedup();
        for step in steps {
            match found.iter_mut().find(|(at, _)| *at == step) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => found.push((step, 1)),
            }
        }
    }
    found.sort_unstable();
    let told = |(step, count): (usize, usize)| {
        let step = program.settle.get(step)?;
        let policy = step.policy.and_then(|id| program.policies.get(id.index()));
        let policy = policy.or_else(|| program.policies.iter().find(|policy| !policy.budgets.is_empty()));
        Some(
            Diagnostic::new(Code::NoBudgetOfPeriod)
                .at(step.span)
                .with_some("name", policy.map(|policy| &policy.name).filter(|name| !name.is_empty()))
                .with("period", period.to_string())
                .with_some("expected", policy.map(periods))
                .with("count", count.to_string()),
        )
    };
    found.into_iter().filter_map(told).collect()
}

/// The periods that have a budget.
fn periods(policy: &PolicyDef) -> Argument {
    let periods: Vec<String> =
        policy.budgets.iter().filter_map(|(period, _)| *period).map(|period| period.to_string()).collect();
    Argument::phrase(periods.join("、"), periods.join(", "))
}
