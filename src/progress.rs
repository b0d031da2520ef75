//! How far a long run has come, for whoever watches it, and whether it is still wanted.
//!
//! The stages count what they have done; nothing is printed here. Counting costs next to
//! nothing, so that it is done whether anybody watches or not. Whoever no longer waits says
//! so here; the stages look, leave the rest undone and return, and whoever began the run
//! throws away what it came to.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing that takes long.
    #[default]
    Idle,
    /// Reads data; counts bytes.
    Loading,
    /// Evaluates; counts recipients.
    Evaluating,
    /// Settles; counts steps.
    Settling,
    /// Writes results; counts recipients.
    Writing,
}

const STAGES: [Stage; 5] = [Stage::Idle, Stage::Loading, Stage::Evaluating, Stage::Settling, Stage::Writing];

/// How far a run has come.
#[derive(Debug, Default)]
pub struct Progress {
    stage: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    /// Begins a stage that has so much to do.
    pub fn begin(&self, stage: Stage, total: usize) {
        self.done.store(0, Relaxed);
        self.total.store(u64::try_from(total).unwrap_or(u64::MAX), Relaxed);
        let at = STAGES.iter().position(|one| *one == stage).unwrap_or_default();
        self.stage.store(u8::try_from(at).unwrap_or_default(), Relaxed);
    }

    /// So much more is done.
    pub fn advance(&self, done: usize) {
        self.done.fetch_add(u64::try_from(done).unwrap_or_default(), Relaxed);
    }

    /// So much is done in all.
    pub fn reach(&self, done: u64) {
        self.done.store(done, Relaxed);
    }

    /// Nobody waits for the run any more: it is to end as it is.
    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    /// Whether the run is to end as it is.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// The next run is wanted again; whether the one before was to end.
    pub fn begin_anew(&self) -> bool {
        self.stopped.swap(false, Relaxed)
    }

    /// The stage, what is done of it and what there is to do.
    pub fn now(&self) -> (Stage, u64, u64) {
        let stage = STAGES.get(usize::from(self.stage.load(Relaxed))).copied().unwrap_or_default();
        let total = self.total.load(Relaxed);
        (stage, self.done.load(Relaxed).min(total), total)
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, Stage};

    #[test]
    fn a_stage_never_does_more_than_there_is() {
        let progress = Progress::default();
        assert_eq!(progress.now(), (Stage::Idle, 0, 0));
        progress.begin(Stage::Loading, 10);
        progress.advance(4);
        assert_eq!(progress.now(), (Stage::Loading, 4, 10));
        progress.advance(40);
        assert_eq!(progress.now(), (Stage::Loading, 10, 10));
        progress.begin(Stage::Writing, 3);
        assert_eq!(progress.now(), (Stage::Writing, 0, 3));
    }
}
