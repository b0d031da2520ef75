//! What a step comes to for the whole population: surveys of all parts, step by step.

use super::Beyond;
use super::act::Act;
use super::batch::{Awards, Batch, Needed, survey};
use super::claim::{ALL, Among, ByGroup};
use super::draw::Draw;
use super::highest::{best_by_group, out_by_group};
use super::line::{Found, Goal, Search, Start};
use super::plan::{Grouping, Kind, Select, Step};
use super::weight::Weight;
use crate::check::program::TiesDef;

/// Decides a step, after those before it.
pub(super) fn decide<'p, A: Awards>(step: &'p Step<'p>, acts: &[Act<'p>], awards: &A) -> Result<Act<'p>, Beyond> {
    let beyond = Beyond { step: step.at };
    Ok(match &step.kind {
        Kind::Overrides(all) => Act::Overrides(all),
        Kind::Modify(how, clauses) => Act::Modify(how, clauses),
        Kind::Exclude(clauses, condition) => Act::Exclude(clauses, *condition),
        Kind::Highest(clauses, grouping) => {
            let best = best_by_group(clauses, *grouping, acts, awards);
            // Nothing says which of several recipients takes what only one may have.
            if best.values().any(|best| best.count > 1) {
                return Err(beyond);
            }
            Act::Highest(clauses, *grouping, best)
        }
        Kind::NotTogether(graph, grouping) => {
            Act::NotTogether(graph, *grouping, out_by_group(graph, *grouping, acts, awards))
        }
        Kind::Select(select) => Act::Select(select, lines(select, acts, awards).ok_or(beyond)?),
        Kind::Pool(pool) => Act::Pool(pool, Draw { pool, acts, awards }.verdicts().ok_or(beyond)?),
    })
}

/// The lines of a selection; none where a tie across one is left to nobody.
fn lines<A: Awards>(select: &Select<'_>, acts: &[Act<'_>], awards: &A) -> Option<ByGroup<(Vec<u64>, bool)>> {
    if select.grouping == Grouping::Each {
        return Some(ByGroup::default());
    }
    let among = Among::Recipients(&select.clauses);
    let groups = match select.grouping {
        Grouping::All => vec![ALL],
        _ => groups(among, select.grouping, acts, awards),
    };
    let start = Start { goal: Goal::Capacity(select.count), within: None };
    let search = Search { awards, acts, among, grouping: select.grouping, order: &select.keys, weight: Weight::One };
    let found = search.lines(groups.into_iter().map(|group| (group, start)).collect());
    let taken = |found: &Found| match select.ties {
        Some(TiesDef::All) => Some(found.ahead.weight < select.count),
        Some(TiesDef::None) => Some(false),
        _ if found.left <= 0 => Some(false),
        _ => None,
    };
    found.into_iter().map(|(group, found)| Some((group, (found.at.clone(), taken(&found)?)))).collect()
}

/// The groups that have a claim.
fn groups<A: Awards>(among: Among<'_>, grouping: Grouping, acts: &[Act<'_>], awards: &A) -> Vec<i64> {
    let see = |groups: &mut ByGroup<()>, _: usize, batch: &Batch| {
        among.each(batch, grouping, |claims| groups.extend(claims.runs().map(|(group, _)| (group, ()))));
    };
    let needed = Needed::default().and_amounts(among.clauses().iter().copied()).and_inputs(grouping.input());
    let groups = survey(awards, acts, (needed, None), ByGroup::default, see, |mut all, some| {
        all.extend(some);
        all
    });
    groups.into_keys().collect()
}
