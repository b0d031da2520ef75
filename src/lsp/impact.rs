//! How many enterprises of the project's data each clause reaches, and what it costs.
//!
//! In: a checked file and the project's settings. Out: [`Impact`]. It is computed on a thread of its own,
//! so that typing never waits for it; data with errors count as `run` counts them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::settings::Settings;
use super::world::Analysis;
use crate::check::program::{Program, RecordId};
use crate::diagnostic::Language;
use crate::eval::{Context, Inputs, Tracing};
use crate::policies::{Basis, Engine, Policies};
use crate::record::{Input, Population, load};
use crate::report::Reporter;
use crate::value::{Number, Period};

/// What the clauses of a program come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Impact {
    /// By clause, in the order of the program.
    pub clauses: Vec<Reach>,
}

/// What a clause comes to.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// How many get something.
    pub receive: usize,
    /// What they get together, after settlement.
    pub settled: Number,
    /// For how many it is open.
    pub open: usize,
    /// The most that all get together; none where nothing bounds what is open.
    pub most: Option<Number>,
}

/// When the data files were changed last: the same data need no second computation.
pub(super) fn stamp(settings: &Settings) -> Vec<Option<SystemTime>> {
    settings.data.iter().map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok()).collect()
}

/// What the clauses come to over the project's data; nothing where the policies have errors or there are no data.
pub(super) fn compute(analysis: &Analysis, settings: &Settings) -> Option<Impact> {
    let basis = basis(settings)?;
    let (program, bindings) = analysis.policies.bindings(&basis).ok()?;
    analysis.policies.usable().ok()?;
    let inputs: Vec<Input> =
        settings.data.iter().flat_map(|path| files(path)).filter_map(|path| input(&program, path)).collect();
    if inputs.is_empty() {
        return None;
    }
    let mut loaded = load(&program, &inputs, basis.period);
    check_rows(&analysis.policies, &program, &basis, &bindings, &mut loaded.population);
    let population = Some(&loaded.population);
    let given = Inputs { bindings, population, tracing: Tracing::Off, ..Inputs::default() };
    let context = Context::new(&program, basis.period, basis.date, given);
    let words = analysis.words(Language::Chinese);
    let mut reporter = Reporter::new(&context, words, &[]).ok()?;
    let settling = Policies::settle_all(&context, &loaded.population, Engine::default());
    settling.recipients.iter().for_each(|recipient| reporter.add(recipient));
    let report = reporter.finish(&settling.settlement);
    let clauses = report.clauses.into_iter().map(|row| Reach {
        receive: row.totals.receive,
        settled: row.totals.settled,
        open: row.totals.unknown + row.totals.pending,
        most: row.totals.highest,
    });
    Some(Impact { clauses: clauses.collect() })
}

/// The period of the settings, the current year without, and what they set.
fn basis(settings: &Settings) -> Option<Basis> {
    let basis = match &settings.period {
        Some(period) => Basis::of(period).ok()?,
        None => {
            let year = Period::year(i32::from(jiff::Zoned::now().date().year()))?;
            Basis { period: year, date: year.last?, set: Vec::new(), settlement: None }
        }
    };
    Some(settings.set.iter().fold(basis, |basis, (name, value)| basis.with(name, value)))
}

/// Rows that break a fact's `where` are paid nothing, as in a run.
fn check_rows(
    policies: &Policies,
    program: &Program,
    basis: &Basis,
    bindings: &[crate::check::program::Binding],
    population: &mut Population,
) {
    let inputs = Inputs { bindings: bindings.to_vec(), ..Inputs::default() };
    let context = Context::new(program, basis.period, basis.date, inputs);
    let mut files = Population::default();
    files.files.clone_from(&population.files);
    population.check(program, |id, record| policies.failed_checks(&context, id, record, &files));
}

/// A data file, or those of a folder in the order of their names.
fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_path_buf()];
    }
    let is_data = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        matches!(ending, "csv" | "tsv" | "json" | "jsonl" | "ndjson" | "xlsx" | "xlsm" | "parquet")
    };
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_data).collect();
    found.sort();
    found
}

/// A file holds the records that its name says: `企业.csv`, `企业-荣誉.csv`; else its columns say it.
fn input(program: &Program, path: PathBuf) -> Option<Input> {
    let stem = path.file_stem()?.to_str()?.to_owned();
    let name = stem.split('-').next().unwrap_or(&stem);
    let named = |at: &usize| {
        program.records.get(*at).is_some_and(|def| def.name == name || def.aliases.iter().any(|alias| alias == name))
    };
    let record = (0..program.records.len()).find(named).and_then(|at| u32::try_from(at).ok()).map(RecordId);
    Some(Input { record, path, sheet: None, encoding: None })
}
