//! The columnar engine over the same batches.
//!
//! In: the policy and batches. Out: amounts. Columns are made once when batches are loaded;
//! what is timed is the plan over them, as it is when an analyst asks a second question.

use arrow_array::RecordBatch;
use huiqi::Policies;
use huiqi::batch::{Asking, Plan, Results, Rows, Table, run};
use huiqi::check::program::RecordId;
use huiqi::eval::{Context, Inputs};
use huiqi::record::Arrays;
use huiqi::value::{Date, Period};
use rayon::prelude::*;

use super::amounts::{Amounts, Stage};

/// The columnar engine with the policy.
pub struct Engine<'p> {
    context: Context<'p>,
}

/// Batches as columns, each with the policy compiled for it.
pub struct Loaded<'p> {
    parts: Vec<(Plan, Table<'p>, Results)>,
}

impl<'p> Engine<'p> {
    /// The engine; none as long as there is none.
    pub fn of(policies: &'p Policies) -> Option<Engine<'p>> {
        let period = Period::year(2024).expect("a year");
        let date = Date::new(2024, 12, 31).expect("a day");
        Some(Engine { context: Context::new(policies.program(), period, date, Inputs::default()) })
    }

    /// Makes columns of arrays.
    pub fn load<'a>(&self, arrays: &'a [Arrays], asking: Asking) -> Loaded<'a> {
        let part = |arrays: &'a Arrays| {
            let mut table = Table::new(Rows::Arrays(arrays));
            let plan = Plan::of(&self.context, &mut table);
            (plan, table, Results::new(asking))
        };
        Loaded { parts: arrays.iter().map(part).collect() }
    }

    /// The arrays of batches.
    pub fn arrays(&self, batches: &[RecordBatch]) -> Vec<Arrays> {
        let of = |batch| Arrays::of(self.context.program, RecordId(0), batch).expect("enterprises");
        batches.iter().map(of).collect()
    }
}

impl Loaded<'_> {
    /// Works out all batches on the threads of a pool, into columns that are used again.
    pub fn run(&mut self, pool: &rayon::ThreadPool) {
        pool.install(|| self.parts.par_iter_mut().for_each(|(plan, table, results)| run(plan, table, results)));
    }

    /// The amounts, and the rows that it leaves open, in ascending order.
    pub fn amounts(&self, stage: Stage, out: &mut Amounts) -> Vec<usize> {
        assert!(stage == Stage::Due, "settlement is apart");
        *out = Amounts::default();
        let (mut open, mut from) = (Vec::new(), 0);
        for (_, _, results) in &self.parts {
            let rows = results.amounts[0].len();
            for (column, amounts) in out.clauses.iter_mut().zip(&results.amounts) {
                column.extend(amounts);
            }
            out.total.extend(&results.sums);
            open.extend(results.open.iter().flatten().map(|row| from + *row as usize));
            from += rows;
        }
        open.sort_unstable();
        open.dedup();
        open
    }
}
