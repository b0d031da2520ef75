//! A made-up population for any policies, to try them on.
//!
//! In: a checked program, a period, how many, and a seed. Out: records, the same for the same
//! seed on any machine: with values at, just below and just above every threshold, with the
//! conditions of each clause met by some and just missed by others, the rest skewed as firms
//! are. Nothing is known of any one policy: what is asked of records (`asked`) is found in the
//! program, where answers turn (`edge`) is found by asking the evaluator, each fact gets a
//! profile (`profile`), and records are drawn by it (`draw`) and steered to clauses (`aim`).
//!
//! ```
//! # fn main() -> Result<(), Vec<huiqi::diagnostic::Diagnostic>> {
//! use huiqi::sample::{Sampler, Settings};
//! use huiqi::{Basis, Policies};
//!
//! let policies = Policies::from_text("award 5% of capex cap 800万 when 增资扩产");
//! let sampler = Sampler::new(&policies, &Basis::of("2024")?, Settings { rows: 100, seed: 7, ..Settings::default() })?;
//! let (recipient, rows) = sampler.types()[0];
//! assert_eq!(sampler.records(recipient).count(), 100);
//! # assert_eq!(rows, 100);
//! # Ok(())
//! # }
//! ```

mod aim;
mod asked;
mod draw;
mod edge;
mod plan;
mod profile;
mod random;
pub mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;

pub use draw::Drawing;

use rayon::prelude::*;

use crate::check::program::{Binding, Program, RecordId};
use crate::diagnostic::Diagnostic;
use crate::eval::{Context, Inputs};
use crate::policies::{Basis, Policies};
use crate::record::{Population, Record};
use crate::value::{Date, Period};

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// How many recipients of the first type.
    pub rows: u64,
    /// The same seed gives the same records.
    pub seed: u64,
    /// How many in ten thousand facts are left unknown.
    pub unknown: u32,
    /// Also facts and lists that no policy asks for.
    pub every: bool,
}

/// Draws made-up records.
#[derive(Debug)]
pub struct Sampler {
    program: Program,
    bindings: Vec<Binding>,
    period: Period,
    date: Date,
    settings: Settings,
    periods: Vec<Option<Period>>,
    plan: plan::Plan,
}

impl Sampler {
    /// Finds out what the policies ask and where their answers turn.
    ///
    /// # Errors
    /// The policies' errors, or a value that `basis` sets and that nothing takes.
    pub fn new(policies: &Policies, basis: &Basis, settings: Settings) -> Result<Sampler, Vec<Diagnostic>> {
        policies.usable()?;
        let (program, bindings) = policies.bindings(basis)?;
        let mut program = Program::clone(&program);
        let (period, date) = (basis.period, basis.date);
        let inputs = || Inputs { bindings: bindings.clone(), ..Inputs::default() };
        let periods = asked::fixed_periods(&Context::new(&program, period, date, inputs()));
        let questions = asked::questions(&mut program, period, periods.clone());
        let context = Context::new(&program, period, date, inputs());
        let plan = plan::plan(&context, questions, &periods, settings.every);
        drop(context);
        Ok(Sampler { program, bindings, period, date, settings, periods, plan })
    }

    /// The program of the policies; what was added to it concerns no record.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The types with rows of their own, and how many each has; the others stand in their lists.
    pub fn types(&self) -> Vec<(RecordId, u64)> {
        const FEWER: u64 = 20;
        let drawing = self.drawing();
        let rows = |(at, id): (usize, &RecordId)| {
            let all = self.settings.rows;
            let rows = if at == 0 { all } else { (all / FEWER).max(all.min(FEWER)) };
            (*id, rows.min(drawing.most(*id)))
        };
        self.plan.tops.iter().enumerate().map(rows).collect()
    }

    /// What draws records.
    pub fn drawing(&self) -> Drawing<'_> {
        let inputs = Inputs { bindings: self.bindings.clone(), ..Inputs::default() };
        Drawing { sampler: self, context: Context::new(&self.program, self.period, self.date, inputs) }
    }

    /// The records of a type, some thousand at a time; the memory for one batch is all that is needed.
    pub fn batches(&self, id: RecordId) -> impl Iterator<Item = Vec<Record>> {
        const BATCH: u64 = 4096;
        let rows = self.types().into_iter().find(|(of, _)| *of == id).map_or(0, |(_, rows)| rows);
        let drawing = self.drawing();
        let mut next: u64 = 0;
        std::iter::from_fn(move || {
            let end = next.saturating_add(BATCH).min(rows);
            let batch: Vec<Record> = (next..end).into_par_iter().map(|number| drawing.record(id, number)).collect();
            next = end;
            (!batch.is_empty()).then_some(batch)
        })
    }

    /// The records of a type, one by one.
    pub fn records(&self, id: RecordId) -> impl Iterator<Item = Record> {
        self.batches(id).flatten()
    }

    /// Everybody, in memory.
    pub fn population(&self) -> Population {
        let types = self.types();
        let all = types.iter().flat_map(|(id, _)| self.records(*id).map(|record| (*id, record)));
        Population::from_records(&self.program, all)
    }
}
