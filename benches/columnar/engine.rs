//! The columnar engine over the same batches.
//!
//! In: the policy and batches. Out: amounts. Columns are made once when batches are loaded;
//! what is timed is the plan over them, as it is when an analyst asks a second question.

use arrow_array::RecordBatch;
use huiqi::Policies;
use huiqi::batch::{Asking, Plan, Results, Rows, Table, run};
use huiqi::check::program::RecordId;
use huiqi::eval::{Context, Inputs, evaluate_clause};
use huiqi::record::Arrays;
use huiqi::value::{Date, Number, Period};
use rayon::prelude::*;

use super::amounts::Amounts;

/// The columnar engine with the policy.
pub struct Engine<'p> {
    context: Context<'p>,
}

/// Batches as columns, each with the policy compiled for it.
pub struct Loaded<'p> {
    parts: Vec<(Plan, Table<'p>, Results, &'p Arrays)>,
}

impl<'p> Engine<'p> {
    /// The engine; none as long as there is none.
    pub fn of(policies: &'p Policies) -> Option<Engine<'p>> {
        let period = Period::year(2024).expect("a year");
        let date = Date::new(2024, 12, 31).expect("a day");
        Some(Engine { context: Context::new(policies.program(), period, date, Inputs::default()) })
    }

    /// Makes columns of arrays.
    pub fn load<'a>(&self, arrays: &'a [Arrays], asking: Asking) -> Loaded<'a>
    where
        'p: 'a,
    {
        let part = |arrays: &'a Arrays| {
            let mut table = Table::new(Rows::Arrays(arrays));
            let plan = Plan::of(&self.context, &mut table);
            (plan, table, Results::new(asking), arrays)
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
        pool.install(|| self.parts.par_iter_mut().for_each(|(plan, table, results, _)| run(plan, table, results)));
    }

    /// What is due, by batch and clause.
    pub fn blocks(&self) -> Vec<&[Vec<i64>]> {
        self.parts.iter().map(|(_, _, results, _)| results.amounts.as_slice()).collect()
    }

    /// The amounts, the row engine asked where the columns leave a clause open; the rows that stay open
    /// after all, in ascending order, and how many clauses of rows were asked.
    pub fn amounts(&self, engine: &Engine<'_>, out: &mut Amounts) -> (Vec<usize>, usize) {
        *out = Amounts::default();
        let (mut open, mut asked, mut from) = (Vec::new(), 0, 0);
        for (plan, _, results, arrays) in &self.parts {
            for (column, amounts) in out.clauses.iter_mut().zip(&results.amounts) {
                column.extend(amounts);
            }
            out.total.extend(&results.sums);
            for (place, rows) in results.open.iter().enumerate() {
                asked += rows.len();
                for row in rows.iter().map(|row| *row as usize) {
                    match engine.ask(plan, place, arrays, row) {
                        Some(fen) => {
                            out.clauses[place][from + row] = fen;
                            out.total[from + row] += fen;
                        }
                        None => open.push(from + row),
                    }
                }
            }
            from += arrays.rows;
        }
        open.sort_unstable();
        open.dedup();
        (open, asked)
    }
}

impl Engine<'_> {
    /// What the row engine comes to for a clause and a row, in fen.
    fn ask(&self, plan: &Plan, place: usize, arrays: &Arrays, row: usize) -> Option<i64> {
        let record = arrays.row(self.context.program, self.context.period, row);
        let (result, _) = evaluate_clause(&self.context, plan.clauses[place], &record).expect("a clause");
        let fen = result.amount?.multiply(&Number::from_i64(100)).expect("small");
        Some(fen.to_i64().expect("whole fen"))
    }
}
