//! What policies must not leave unsaid for their settlement: `budget of year` needs a budget,
//! and `overrides` must not come back to where it began, since nobody would be paid where each
//! of two policies gives way to the other.

use std::collections::{HashMap, VecDeque};

use super::context::Checker;
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;

impl Checker<'_> {
    /// `budget of year` needs a policy that has budgets, and beside policies one alone.
    pub(super) fn budgets_that_are_not_written(&mut self) {
        let mut told = Vec::new();
        for step in &self.program.settle {
            let StepKindDef::Budget { amount: None, .. } = step.kind else { continue };
            let wrong = Diagnostic::new(Code::NoBudget).at(step.span);
            let with: Vec<&PolicyDef> = self.program.policies.iter().filter(|one| !one.budgets.is_empty()).collect();
            match step.policy.and_then(|policy| self.program.policies.get(policy.index())) {
                Some(policy) if policy.budgets.is_empty() => {
                    told.push(wrong.with_some("name", Some(&policy.name).filter(|name| !name.is_empty())));
                }
                None if with.len() > 1 => {
                    let names = with.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>();
                    let zh = format!("{} 都写了预算", names.join("、"));
                    let en = format!("there are those of {}", names.join(", "));
                    told.push(wrong.with("found", Argument::phrase(zh, en)));
                }
                None if with.is_empty() => told.push(wrong),
                _ => {}
            }
        }
        told.into_iter().for_each(|wrong| self.report(wrong));
    }

    /// Reports each circle once, from the policy of it that was loaded first.
    pub(super) fn overrides_in_a_circle(&mut self) {
        let overridden: Vec<Vec<(usize, Span)>> =
            self.program.policies.iter().map(|policy| self.overridden_policies(policy)).collect();
        let mut told = Vec::new();
        for start in 0..overridden.len() {
            let Some(circle) = shortest_circle(&overridden, start) else { continue };
            if circle.iter().any(|(policy, _)| *policy < start) {
                continue;
            }
            let name = |at: usize| self.program.policies.get(at).map_or("", |policy| policy.name.as_str());
            let mut path = vec![name(start)];
            path.extend(circle.iter().map(|(policy, _)| name(*policy)));
            let wrong = Diagnostic::new(Code::OverridesCycle).with("name", name(start)).with("path", path.join(" → "));
            told.push(circle.iter().fold(wrong, |wrong, (_, span)| wrong.at(*span)));
        }
        told.into_iter().for_each(|wrong| self.report(wrong));
    }

    /// The loaded policies that a policy overrides, in whole or in part.
    fn overridden_policies(&self, policy: &PolicyDef) -> Vec<(usize, Span)> {
        let place = |named: &ClauseRef| match named.clause.and_then(|id| self.program.clauses.get(id.index())) {
            Some(clause) => Some(clause.policy.index()),
            None => self.program.policies.iter().position(|one| one.name == named.policy && !named.policy.is_empty()),
        };
        policy.overrides.iter().filter_map(|named| Some((place(named)?, named.span))).collect()
    }
}

/// The shortest way from a policy back to itself: where it goes, and by which words.
fn shortest_circle(overridden: &[Vec<(usize, Span)>], start: usize) -> Option<Vec<(usize, Span)>> {
    let mut from: HashMap<usize, (usize, Span)> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        for (next, span) in overridden.get(at)? {
            if *next == start {
                let mut circle = vec![(start, *span)];
                let mut here = at;
                while here != start {
                    let (before, by) = from.get(&here)?;
                    circle.push((here, *by));
                    here = *before;
                }
                circle.reverse();
                return Some(circle);
            }
            if !from.contains_key(next) {
                from.insert(*next, (at, *span));
                waiting.push_back(*next);
            }
        }
    }
    None
}
