//! Where the columnar engine is plugged in.
//!
//! In: the policy and batches. Out: amounts. While [`Engine::of`] gives none, the columns of
//! the tables that are about it stay empty and nothing is checked.

use arrow_array::RecordBatch;
use huiqi::Policies;

use super::amounts::{Amounts, Stage};

/// The columnar engine with the policy compiled.
pub struct Engine;

impl Engine {
    /// Compiles the policy; none as long as there is no engine.
    pub fn of(_policies: &Policies) -> Option<Engine> {
        None
    }

    /// Works out all batches on so many threads, into columns that are used again; the rows that
    /// it leaves open, in ascending order. What is not the engine's work (settlement, where it
    /// is not part of the plan) is done here too, so that all do the same.
    pub fn run(&mut self, _batches: &[RecordBatch], _stage: Stage, _threads: usize, _out: &mut Amounts) -> Vec<usize> {
        Vec::new()
    }
}
