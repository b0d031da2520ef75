//! Settlement of a population that need not be in memory.
//!
//! In: a plan of the steps, and awards in whole fen that can be read again and again, part
//! by part. Out: what each step comes to for the whole population, with which any part can
//! then be settled by itself. A step that looks across recipients surveys all parts, a few
//! times where it draws a line through them; what it keeps grows with the clauses and the
//! groups, never with the recipients. Parts are surveyed side by side, and no result
//! depends on their order.
//!
//! Everything here is exact and known. What has bounds, pays item by item, or meets a
//! shortage or tie that no rule decides is [`Beyond`]: it is settled in memory, where
//! bounds and reasons are kept (see [`crate::settle::settle`]). Both come to the same fen.

mod act;
mod alone;
mod batch;
mod claim;
mod decide;
mod digit;
mod draw;
mod highest;
mod line;
mod plan;
mod pool;
mod table;
mod told;
mod weight;

pub use batch::{Awards, Batch, NONE, Needed};
pub use plan::{Form, Input, Plan};
pub use table::Table;
pub use told::{Across, Draws};

use act::Act;
use batch::Reading;

/// A step that needs bounds, items or a rule that the policy does not give, by place in
/// [`crate::check::program::Program::settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// Which.
    pub step: usize,
}

/// What the steps come to for a population: any part of it can now be settled by itself.
#[derive(Debug)]
pub struct Settled<'p> {
    /// How many steps of the plan were carried out before.
    first: usize,
    acts: Vec<Act<'p>>,
    reading: Reading,
}

impl Settled<'_> {
    /// Sets a batch to a part of the awards, settled: the amounts of all clauses.
    pub fn part(&self, awards: &impl Awards, part: usize, batch: &mut Batch) {
        self.reading.read(awards, &self.acts, part, batch);
    }

    /// Settles a part where it stands. Whether some rule decides what each gets that stands alone.
    pub fn apply(&self, batch: &mut Batch) -> bool {
        self.acts.iter().all(|act| act.apply(batch))
    }
}

/// The first so many steps of a plan, which [`Plan::alone`] says look at no other recipient.
///
/// # Errors
/// The first step that cannot be carried out exactly.
pub fn settle_alone<'p>(plan: &'p Plan<'p>, steps: usize) -> Result<Settled<'p>, Beyond> {
    settle_steps(plan, 0..steps, &Nobody)
}

/// No awards.
struct Nobody;

impl Awards for Nobody {
    fn parts(&self) -> usize {
        0
    }

    fn fill(&self, _: usize, _: &Needed, batch: &mut Batch) {
        *batch = Batch::default();
    }
}

/// Works out what each step of a plan comes to over all awards.
///
/// # Errors
/// The first step that cannot be carried out exactly.
pub fn settle<'p>(plan: &'p Plan<'p>, awards: &impl Awards) -> Result<Settled<'p>, Beyond> {
    settle_after(plan, 0, awards)
}

/// The same where so many steps have been carried out on the awards.
///
/// # Errors
/// The first step that cannot be carried out exactly.
pub fn settle_after<'p>(plan: &'p Plan<'p>, first: usize, awards: &impl Awards) -> Result<Settled<'p>, Beyond> {
    settle_steps(plan, first..plan.steps.len(), awards)
}

fn settle_steps<'p>(
    plan: &'p Plan<'p>,
    steps: std::ops::Range<usize>,
    awards: &impl Awards,
) -> Result<Settled<'p>, Beyond> {
    let mut acts = Vec::with_capacity(steps.len());
    for step in plan.steps.get(steps.clone()).unwrap_or(&[]) {
        let act = decide::decide(step, &acts, awards)?;
        acts.push(act);
    }
    let reading = Reading::of(&acts, Needed::default().and_amounts(0..plan.touched.len()));
    Ok(Settled { first: steps.start, acts, reading })
}
