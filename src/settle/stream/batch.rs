//! Awards column by column, and where they come from.

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

/// What must be read for what is needed after the steps so far.
pub(super) fn needed(acts: &[Act<'_>], needed: Needed) -> Needed {
    // What a step needs, those before it must bring.
    acts.iter().rev().fold(needed, |needed, act| act.needed(needed))
}

/// Sets a batch to what is needed of a part, and nothing else.
pub(super) fn fill(awards: &impl Awards, needed: &Needed, part: usize, batch: &mut Batch) {
    awards.fill(part, needed, batch);
    batch.keep(needed);
}

/// Sets a batch to a part after the steps so far; `needed` is what must be read for that.
pub(super) fn read(awards: &impl Awards, acts: &[Act<'_>], needed: &Needed, part: usize, batch: &mut Batch) {
    fill(awards, needed, part, batch);
    acts.iter().for_each(|act| act.apply(batch));
}

/// Reads what is needed of all parts side by side, after the steps so far; what was seen of each is merged.
pub(super) fn survey<S: Send>(
    awards: &impl Awards,
    acts: &[Act<'_>],
    wanted: Needed,
    new: impl Fn() -> S + Sync + Send,
    see: impl Fn(&mut S, &Batch) + Sync + Send,
    merge: impl Fn(S, S) -> S + Sync + Send,
) -> S {
    let needed = needed(acts, wanted);
    let parts = awards.parts();
    // Few and long runs: what a survey keeps is made and merged once for each.
    let run = parts.div_ceil(rayon::current_num_threads().saturating_mul(4)).max(1);
    let runs = parts.div_ceil(run);
    let seen = (0..runs).into_par_iter().map(|at| {
        let (mut batch, mut seen) = (Batch::default(), new());
        let from = at.saturating_mul(run);
        for part in from..from.saturating_add(run).min(parts) {
            read(awards, acts, &needed, part, &mut batch);
            see(&mut seen, &batch);
        }
        seen
    });
    seen.reduce(&new, merge)
}
