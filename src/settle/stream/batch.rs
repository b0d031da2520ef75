//! Awards column by column, and where they come from.

use std::collections::BTreeSet;

use rayon::prelude::*;
use smol_str::SmolStr;

use super::act::Act;
use crate::check::program::RecordId;

/// An input that a recipient does not have.
pub const NONE: i64 = i64::MIN;

/// Some recipients with their awards, column by column.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Their record type.
    pub record: RecordId,
    /// How many; below 2^32.
    pub rows: usize,
    /// Their keys, where they are needed; the first 64 bytes tell them apart.
    pub keys: Vec<SmolStr>,
    /// By clause of the program: what is due to each recipient, in whole fen, at full
    /// discretion; no rows where these recipients do not have the clause.
    pub amounts: Vec<Vec<i64>>,
    /// By input of the plan: its value for each recipient in the form that is asked for, or [`NONE`].
    pub inputs: Vec<Vec<i64>>,
}

/// What is needed of a source; it may leave out the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needed {
    /// Whether the keys are.
    pub keys: bool,
    /// By clause of the program, whether its amounts are.
    pub amounts: Vec<bool>,
    /// By input of the plan, whether its values are.
    pub inputs: Vec<bool>,
}

/// A population that can be read again and again: always the same parts with the same rows.
/// Some thousand rows in a part are best: they stay in the caches from column to column.
pub trait Awards: Sync {
    /// How many parts.
    fn parts(&self) -> usize;

    /// Sets a batch to what is needed of a part; what else it holds is not looked at.
    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch);
}

impl Default for Batch {
    fn default() -> Self {
        Batch { record: RecordId(0), rows: 0, keys: Vec::new(), amounts: Vec::new(), inputs: Vec::new() }
    }
}

impl Batch {
    /// What is due under a clause; nothing where these recipients do not have it.
    pub(super) fn amounts(&self, clause: usize) -> &[i64] {
        self.amounts.get(clause).map_or(&[], Vec::as_slice)
    }

    /// The same, to be changed.
    pub(super) fn amounts_mut(&mut self, clause: usize) -> &mut [i64] {
        self.amounts.get_mut(clause).map_or(&mut [], Vec::as_mut_slice)
    }

    /// The values of an input.
    pub(super) fn input(&self, input: usize) -> &[i64] {
        self.inputs.get(input).map_or(&[], Vec::as_slice)
    }

    /// What is due to one recipient under a clause.
    pub(super) fn amount(&self, clause: usize, row: usize) -> i64 {
        self.amounts(clause).get(row).copied().unwrap_or(0)
    }

    /// Takes away what is not needed, so that nothing of another part is left.
    fn keep(&mut self, needed: &Needed) {
        if !needed.keys {
            self.keys.clear();
        }
        let clear = |columns: &mut [Vec<i64>], needed: &[bool]| {
            let needed = needed.iter().copied().chain(std::iter::repeat(false));
            columns.iter_mut().zip(needed).filter(|(_, needed)| !needed).for_each(|(column, _)| column.clear());
        };
        clear(&mut self.amounts, &needed.amounts);
        clear(&mut self.inputs, &needed.inputs);
    }
}

impl Needed {
    /// The amounts of these clauses too.
    #[must_use]
    pub(super) fn and_amounts(mut self, clauses: impl IntoIterator<Item = usize>) -> Self {
        clauses.into_iter().for_each(|clause| mark(&mut self.amounts, clause));
        self
    }

    /// These inputs too.
    #[must_use]
    pub(super) fn and_inputs(mut self, inputs: impl IntoIterator<Item = usize>) -> Self {
        inputs.into_iter().for_each(|input| mark(&mut self.inputs, input));
        self
    }

    /// The keys too, if so.
    #[must_use]
    pub(super) fn and_keys(mut self, keys: bool) -> Self {
        self.keys |= keys;
        self
    }

    /// Whether the amounts of a clause are needed.
    pub(super) fn has_amounts(&self, clause: usize) -> bool {
        self.amounts.get(clause).copied().unwrap_or(false)
    }
}

fn mark(marks: &mut Vec<bool>, at: usize) {
    if marks.len() <= at {
        marks.resize(at.saturating_add(1), false);
    }
    if let Some(mark) = marks.get_mut(at) {
        *mark = true;
    }
}

/// The parts of which the keys are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keyed {
    Everywhere,
    In(BTreeSet<usize>),
}

impl Keyed {
    /// Of no part.
    pub(super) const NOWHERE: Keyed = Keyed::In(BTreeSet::new());

    /// Of the parts of either.
    #[must_use]
    pub(super) fn and(self, other: Keyed) -> Keyed {
        match (self, other) {
            (Keyed::In(mut parts), Keyed::In(others)) => {
                parts.extend(others);
                Keyed::In(parts)
            }
            _ => Keyed::Everywhere,
        }
    }

    fn has(&self, part: usize) -> bool {
        match self {
            Keyed::Everywhere => true,
            Keyed::In(parts) => parts.contains(&part),
        }
    }
}

/// How parts are read.
#[derive(Debug)]
pub(super) struct Reading {
    without_keys: Needed,
    with_keys: Needed,
    keyed: Keyed,
}

impl Reading {
    /// What must be read for what is needed after the steps so far.
    pub(super) fn of(acts: &[Act<'_>], needed: Needed) -> Reading {
        // What a step needs, those before it must bring.
        let needed = acts.iter().rev().fold(needed, |needed, act| act.needed(needed));
        let own = if needed.keys { Keyed::Everywhere } else { Keyed::NOWHERE };
        let keyed = acts.iter().map(Act::keyed).fold(own, Keyed::and);
        let with_keys = Needed { keys: true, ..needed.clone() };
        Reading { without_keys: needed, with_keys, keyed }
    }

    /// Sets a batch to what is needed of a part, and nothing else.
    pub(super) fn fill(&self, awards: &impl Awards, part: usize, batch: &mut Batch) {
        let needed = if self.keyed.has(part) { &self.with_keys } else { &self.without_keys };
        awards.fill(part, needed, batch);
        batch.keep(needed);
    }

    /// Sets a batch to a part after the steps so far.
    pub(super) fn read(&self, awards: &impl Awards, acts: &[Act<'_>], part: usize, batch: &mut Batch) {
        self.fill(awards, part, batch);
        for act in acts {
            act.apply(batch);
        }
    }
}

/// Reads what is needed of all parts side by side, or of these, after the steps so far; what was seen of each is merged.
pub(super) fn survey<S: Send>(
    awards: &impl Awards,
    acts: &[Act<'_>],
    (needed, these): (Needed, Option<&[usize]>),
    new: impl Fn() -> S + Sync + Send,
    see: impl Fn(&mut S, usize, &Batch) + Sync + Send,
    merge: impl Fn(S, S) -> S + Sync + Send,
) -> S {
    let reading = Reading::of(acts, needed);
    let parts = these.map_or_else(|| awards.parts(), <[usize]>::len);
    // Few and long runs: what a survey keeps is made and merged once for each.
    let run = parts.div_ceil(rayon::current_num_threads().saturating_mul(4)).max(1);
    let runs = parts.div_ceil(run);
    let seen = (0..runs).into_par_iter().map(|at| {
        let (mut batch, mut seen) = (Batch::default(), new());
        let from = at.saturating_mul(run);
        for at in from..from.saturating_add(run).min(parts) {
            let part = these.map_or(Some(at), |these| these.get(at).copied()).unwrap_or(at);
            reading.read(awards, acts, part, &mut batch);
            see(&mut seen, part, &batch);
        }
        seen
    });
    seen.reduce(&new, merge)
}
