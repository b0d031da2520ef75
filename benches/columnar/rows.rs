//! The same through the row engine, from a Parquet file on.
//!
//! In: columns, of which a file is made and loaded as any data file is. Out: the time of a
//! record without its trace, and the amounts before and after settlement.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use huiqi::Policies;
use huiqi::check::program::RecordId;
use huiqi::eval::{Answer, Context, Inputs, RecipientResult, Tracing, evaluate, evaluate_into, key_of};
use huiqi::record::{self, Input, Population};
use huiqi::settle::{self, Recipient};
use huiqi::value::{Date, Number, Period, Value};

use super::amounts::{Amounts, Stage};
use super::data::Columns;
use super::files::{Holes, write_parquet};

const ENTERPRISE: RecordId = RecordId(0);

/// Enterprises as the row engine has them.
pub struct Rows {
    population: Population,
}

/// Amounts of which some may be open.
pub struct Open {
    /// The amounts, 0 where they are open.
    pub amounts: Amounts,
    /// The rows with an open clause.
    pub rows: Vec<usize>,
}

impl Rows {
    /// Writes the columns to a file and loads it.
    pub fn load(policies: &Policies, columns: &Columns, holes: Holes) -> Rows {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("企业.parquet");
        write_parquet(columns, &path, holes);
        Rows { population: load(policies, &path) }
    }

    /// The best time of a record in nanoseconds, without trace and settlement.
    pub fn time(&self, policies: &Policies, rounds: usize) -> f64 {
        let context = self.context(policies);
        let records = self.population.of(ENTERPRISE);
        let mut result = RecipientResult::default();
        let once = || {
            let start = Instant::now();
            for record in records {
                evaluate_into(&context, ENTERPRISE, record, &mut result);
                black_box(&result);
            }
            start.elapsed().as_secs_f64()
        };
        let best = std::iter::repeat_with(once).take(rounds).fold(f64::INFINITY, f64::min);
        best * 1e9 / records.len() as f64
    }

    /// What it comes to.
    pub fn amounts(&self, policies: &Policies, stage: Stage) -> Open {
        let context = self.context(policies);
        let records = self.population.of(ENTERPRISE).iter();
        let mut recipients: Vec<Recipient<'_>> = records
            .map(|record| {
                let result = evaluate(&context, ENTERPRISE, record);
                Recipient::new(ENTERPRISE, record, key_of(context.program, ENTERPRISE, record), result)
            })
            .collect();
        if stage == Stage::Settled {
            settle::settle(&context, &mut recipients);
        }
        let mut open = Open { amounts: Amounts::default(), rows: Vec::new() };
        for (row, recipient) in recipients.iter().enumerate() {
            let known = recipient.awards.iter().map(|award| fen(&award.amount));
            let known: Vec<Option<i64>> = known.collect();
            if known.contains(&None) {
                open.rows.push(row);
            }
            let mut total = 0;
            for (column, fen) in open.amounts.clauses.iter_mut().zip(&known) {
                column.push(fen.unwrap_or_default());
                total += fen.unwrap_or_default();
            }
            open.amounts.total.push(total);
        }
        open
    }

    fn context<'a>(&'a self, policies: &'a Policies) -> Context<'a> {
        let inputs = Inputs { population: Some(&self.population), tracing: Tracing::Off, ..Inputs::default() };
        Context::new(policies.program(), period(), Date::new(2024, 12, 31).expect("a day"), inputs)
    }
}

fn period() -> Period {
    Period::year(2024).expect("a year")
}

fn load(policies: &Policies, path: &Path) -> Population {
    let input = Input { record: Some(ENTERPRISE), path: path.to_path_buf(), ..Input::default() };
    let loaded = record::load(policies.program(), &[input], period());
    let told = loaded.diagnostics.iter().find(|told| told.severity() == huiqi::diagnostic::Severity::Error);
    assert!(told.is_none() && loaded.population.rejected.is_empty(), "{told:?}");
    loaded.population
}

/// Whole fen, where the amount is known.
fn fen(amount: &Answer) -> Option<i64> {
    let Answer::Known(Value::Number(yuan)) = amount else { return None };
    let fen = yuan.multiply(&Number::from_i64(100)).expect("small");
    Some(fen.to_i64().expect("whole fen"))
}
