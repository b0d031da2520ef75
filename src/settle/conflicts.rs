//! Clauses that exclude each other as a graph, and the compatible sets that may pay most.
//!
//! Exact: the largest compatible sets are listed, part by part of the graph, those with
//! earlier clauses first. With open amounts a set is out only where another surely beats it.

use std::cmp::Ordering;

use super::range::{Range, sum};
use crate::check::program::{ClauseId, Node, PerDef, Program, StepDef, StepKindDef};

/// Beyond so many compatible sets with open amounts every one may be the best.
const MOST_SETS: usize = 512;

/// Which clauses exclude each other.
#[derive(Debug)]
pub(super) struct Conflicts {
    /// The clauses, in the order of the list.
    pub(super) clauses: Vec<ClauseId>,
    /// By clause, a bit for each that it excludes.
    against: Vec<u32>,
    /// The steps, each with its clauses.
    pub(super) steps: Vec<(usize, Vec<ClauseId>)>,
}

/// What becomes of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    /// The one that is kept stands against it.
    No(usize),
    Perhaps(usize),
}

/// The conflicts of the steps from `first` on that follow one another, and how many steps they are.
pub(super) fn conflicts<'p>(program: &'p Program, first: usize) -> Option<(Conflicts, usize, Option<&'p PerDef>)> {
    let steps = program.settle.get(first..)?;
    let of = |step: &'p StepDef| match &step.kind {
        StepKindDef::NotTogether(clauses, per) => Some((clauses, per.as_ref())),
        _ => None,
    };
    let (_, per) = of(steps.first()?)?;
    let run = steps.iter().map_while(of).take_while(|(_, other)| same_per(program, per, *other));
    let mut found = Conflicts { clauses: Vec::new(), against: Vec::new(), steps: Vec::new() };
    for (at, (clauses, _)) in run.enumerate() {
        found.add(first + at, clauses);
    }
    let count = found.steps.len();
    Some((found, count, per))
}

fn same_per(program: &Program, a: Option<&PerDef>, b: Option<&PerDef>) -> bool {
    let node = |id: &crate::check::program::ExprId| program.exprs.get(id.index()).map(|expr| &expr.node);
    match (a, b) {
        (None, None) => true,
        (Some(PerDef::Item(a)), Some(PerDef::Item(b))) => a == b,
        (Some(PerDef::Value(a)), Some(PerDef::Value(b))) => match (node(a), node(b)) {
            (Some(Node::Fact { fact: a, .. }), Some(Node::Fact { fact: b, .. })) => a == b,
            (Some(Node::Let { id: a, .. }), Some(Node::Let { id: b, .. })) => a == b,
            _ => false,
        },
        _ => false,
    }
}

impl Conflicts {
    fn add(&mut self, step: usize, clauses: &[ClauseId]) {
        for clause in clauses {
            if !self.clauses.contains(clause) {
                self.clauses.push(*clause);
                self.against.push(0);
            }
        }
        let bits = clauses.iter().filter_map(|clause| self.at(*clause)).fold(0, |bits, at| bits | bit(at));
        for at in clauses.iter().filter_map(|clause| self.at(*clause)).collect::<Vec<_>>() {
            if let Some(against) = self.against.get_mut(at) {
                *against |= bits & !bit(at);
            }
        }
        self.steps.push((step, clauses.to_vec()));
    }

    pub(super) fn at(&self, clause: ClauseId) -> Option<usize> {
        self.clauses.iter().position(|other| *other == clause)
    }

    pub(super) fn against(&self, at: usize) -> u32 {
        self.against.get(at).copied().unwrap_or(0)
    }

    /// The step that names both.
    pub(super) fn step_of(&self, a: ClauseId, b: ClauseId) -> usize {
        let both = self.steps.iter().find(|(_, clauses)| clauses.contains(&a) && clauses.contains(&b));
        both.or(self.steps.first()).map_or(0, |(step, _)| *step)
    }

    /// The largest compatible sets among `active`, those with earlier clauses first.
    pub(super) fn sets(&self, active: u32) -> Vec<u32> {
        let mut out = Vec::new();
        self.extend(active, 0, active, &mut out);
        out
    }

    fn extend(&self, left: u32, chosen: u32, active: u32, out: &mut Vec<u32>) {
        let mut alone = chosen;
        let mut branch = None;
        for at in bits(left) {
            if self.against(at) & left == 0 {
                alone |= bit(at);
            } else if branch.is_none() {
                branch = Some(at);
            }
        }
        let Some(at) = branch else {
            // One that is left out must stand against one that is in.
            if bits(active & !alone).all(|at| self.against(at) & alone != 0) {
                out.push(alone);
            }
            return;
        };
        let left = left & !alone;
        self.extend(left & !bit(at) & !self.against(at), alone | bit(at), active, out);
        self.extend(left & !bit(at), alone, active, out);
    }

    /// Parts of `active` between which there is no conflict.
    pub(super) fn parts(&self, active: u32) -> Vec<u32> {
        let mut left = active;
        let mut out = Vec::new();
        while let Some(first) = bits(left).next() {
            let mut part = bit(first);
            loop {
                let more = bits(part).fold(part, |all, at| all | (self.against(at) & active));
                if more == part {
                    break;
                }
                part = more;
            }
            left &= !part;
            out.push(part);
        }
        out
    }

    /// Which clauses are kept, by what each pays.
    pub(super) fn choose(&self, weights: &[Range]) -> Vec<Kept> {
        let active = self.active(weights);
        let mut kept = vec![Kept::Yes; weights.len()];
        for part in self.parts(active) {
            let sets = possible(&self.sets(part), weights);
            let (all, some) = sets.iter().fold((u32::MAX, 0), |(all, some), set| (all & set, some | set));
            for at in bits(part & !all) {
                let other = bits(self.against(at) & some).next().unwrap_or(at);
                if let Some(slot) = kept.get_mut(at) {
                    *slot = if some & bit(at) == 0 { Kept::No(other) } else { Kept::Perhaps(other) };
                }
            }
        }
        kept
    }

    pub(super) fn active(&self, weights: &[Range]) -> u32 {
        let paying = weights.iter().enumerate().filter(|(_, weight)| !weight.is_nothing());
        paying.fold(0, |bits, (at, _)| bits | bit(at))
    }
}

/// The sets that may pay most.
fn possible(sets: &[u32], weights: &[Range]) -> Vec<u32> {
    let of = |set: u32| sum(bits(set).filter_map(|at| weights.get(at)));
    if weights.iter().all(|weight| weight.known().is_some()) {
        // The first of the best, by list order.
        let best = sets.iter().enumerate().max_by(|(a, x), (b, y)| of(**x).low.cmp(&of(**y).low).then(b.cmp(a)));
        return best.map(|(_, set)| *set).into_iter().collect();
    }
    if sets.len() > MOST_SETS {
        return sets.to_vec();
    }
    let beaten = |set: u32| sets.iter().any(|rival| surely_beats(*rival, set, weights));
    sets.iter().filter(|set| !beaten(**set)).copied().collect()
}

/// Whether one set pays more than another whatever the open amounts are, or as much and stands before it.
fn surely_beats(rival: u32, set: u32, weights: &[Range]) -> bool {
    let of = |set: u32| sum(bits(set).filter_map(|at| weights.get(at)));
    let (own, theirs) = (set & !rival, rival & !set);
    let Some(most) = of(own).high else { return false };
    match of(theirs).low.cmp(&most) {
        Ordering::Greater => true,
        Ordering::Less => false,
        // They are equal only where the rival's pay their least: one that then pays nothing has no place in the list.
        Ordering::Equal => {
            let paying = bits(theirs).find(|at| weights.get(*at).is_some_and(|weight| weight.low.is_positive()));
            paying.is_some_and(|theirs| bits(own).next().is_none_or(|own| theirs < own))
        }
    }
}

/// The bit of a clause.
pub(super) fn bit(at: usize) -> u32 {
    u32::try_from(at).ok().and_then(|at| 1u32.checked_shl(at)).unwrap_or(0)
}

/// The clauses of a set.
pub(super) fn bits(set: u32) -> impl Iterator<Item = usize> {
    (0..32).filter(move |at| set & bit(*at) != 0)
}
