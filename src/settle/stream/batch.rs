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
    /// How many.
    pub rows: usize,
    /// Their keys, where they are asked for; the first 64 bytes tell them apart.
    pub keys: Vec<SmolStr>,
    /// By clause of the program: what is due to each recipient, in whole fen, at full
    /// discretion; no rows where these recipients do not have the clause.
    pub amounts: Vec<Vec<i64>>,
    /// By input of the plan: its value for each recipient in the form that is asked for, or [`NONE`].
    pub inputs: Vec<Vec<i64>>,
}

/// A population that can be read again and again: always the same parts with the same rows.
pub trait Awards: Sync {
    /// How many parts.
    fn parts(&self) -> usize;

    /// Sets a batch to a part; the keys may be left out where they are not asked for.
    fn fill(&self, part: usize, keys: bool, batch: &mut Batch);
}

impl Default for Batch {
    fn default() -> Self {
        Batch { record: RecordId(0), rows: 0, keys: Vec::new(), amounts: Vec::new(), inputs: Vec::new() }
    }
}

impl Batch {
    /// The value of an input for a recipient.
    pub(super) fn input(&self, input: usize, row: usize) -> Option<i64> {
        self.inputs.get(input).and_then(|values| values.get(row)).copied().filter(|value| *value != NONE)
    }

    /// What is due under a clause.
    pub(super) fn amount(&self, clause: usize, row: usize) -> i64 {
        self.amounts.get(clause).and_then(|amounts| amounts.get(row)).copied().unwrap_or(0)
    }

    /// Sets what is due under a clause.
    pub(super) fn set(&mut self, clause: usize, row: usize, amount: i64) {
        if let Some(slot) = self.amounts.get_mut(clause).and_then(|amounts| amounts.get_mut(row)) {
            *slot = amount;
        }
    }
}

/// Reads a part after the steps so far.
pub(super) fn settled(awards: &impl Awards, acts: &[Act<'_>], keys: bool, part: usize, batch: &mut Batch) {
    awards.fill(part, keys || acts.iter().any(Act::needs_keys), batch);
    acts.iter().for_each(|act| act.apply(batch));
}

/// Reads all parts side by side, after the steps so far; what was seen of each is merged.
pub(super) fn survey<S: Send>(
    awards: &impl Awards,
    acts: &[Act<'_>],
    keys: bool,
    new: impl Fn() -> S + Sync + Send,
    see: impl Fn(&mut S, &Batch) + Sync + Send,
    merge: impl Fn(S, S) -> S + Sync + Send,
) -> S {
    let parts = awards.parts();
    // Few and long runs: what a survey keeps is made and merged once for each.
    let run = parts.div_ceil(rayon::current_num_threads().saturating_mul(4)).max(1);
    let runs = parts.div_ceil(run);
    let seen = (0..runs).into_par_iter().map(|at| {
        let (mut batch, mut seen) = (Batch::default(), new());
        let from = at.saturating_mul(run);
        for part in from..from.saturating_add(run).min(parts) {
            settled(awards, acts, keys, part, &mut batch);
            see(&mut seen, &batch);
        }
        seen
    });
    seen.reduce(&new, merge)
}
