//! What `run` and `why` share: the period, the values set, the data loaded and checked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Outcome;
use super::arguments::{Evaluation, Files};
use super::console::Console;
use super::project;
use super::watch::Watch;
use crate::check::program::{Binding, Program, RecordId};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Context, History, Inputs, Tracing};
use crate::policies::{Basis, Engine, Policies, Settling};
use crate::progress::{Progress, Stage};
use crate::record::{Input, Loaded, Population, load_watched};
use crate::source::Sources;
use crate::value::{Date, Period};

/// Data, policies and period, ready to evaluate.
pub(super) struct Prepared {
    pub basis: Basis,
    pub program: Arc<Program>,
    pub bindings: Vec<Binding>,
    pub loaded: Loaded,
    /// Whether any row or file has errors.
    pub faulty: bool,
    /// What is wrong with the history.
    pub faulty_history: super::history::Faulty,
    /// How far the work has come.
    pub progress: Arc<Progress>,
}

/// Periods as `--in` takes them.
const PERIODS: &str = "2024、2023Q3、2023-07、2023-07-01..2023-09-30";

/// File endings of data.
const ENDINGS: [&str; 8] = ["csv", "tsv", "json", "jsonl", "ndjson", "xlsx", "xlsm", "parquet"];

/// Reads the policies, the options and the data; what is wrong is printed.
pub(super) fn open(console: &Console, files: &Files, options: &Evaluation) -> Result<(Policies, Prepared), Outcome> {
    let policies = project::open(console, files)?;
    let prepared = asked(console, &policies, options)?.load(console, &policies);
    Ok((policies, prepared))
}

/// What is evaluated and for when; nothing is loaded yet.
pub(super) struct Asked {
    pub basis: Basis,
    pub program: Arc<Program>,
    pub bindings: Vec<Binding>,
    /// The data files.
    pub inputs: Vec<Input>,
    /// How far the work has come.
    pub progress: Arc<Progress>,
}

/// What the options ask for; what is wrong is printed.
pub(super) fn asked(console: &Console, policies: &Policies, options: &Evaluation) -> Result<Asked, Outcome> {
    let none = Sources::default();
    let basis = basis(options).map_err(|wrong| {
        console.diagnostics(&none, &[*wrong]);
        Outcome::Usage
    })?;
    let (program, bindings) = policies.bindings(&basis).map_err(|wrong| {
        console.diagnostics(policies.sources(), &wrong);
        Outcome::Usage
    })?;
    let inputs = inputs(&program, options).map_err(|wrong| {
        console.diagnostics(&none, &[*wrong]);
        Outcome::Usage
    })?;
    Ok(Asked { basis, program, bindings, inputs, progress: Arc::new(Progress::default()) })
}

impl Asked {
    /// Loads the data into memory; what is wrong with it is printed.
    pub fn load(self, console: &Console, policies: &Policies) -> Prepared {
        let Asked { basis, program, bindings, inputs, progress } = self;
        let watch = Watch::over(&progress, console.language);
        let (loaded, faulty_history) = gather(policies, (&program, &bindings), &basis, (&inputs, true), &progress);
        drop(watch);
        let told: Vec<Diagnostic> = loaded.all_diagnostics().cloned().collect();
        let faulty = console.diagnostics(policies.sources(), &told);
        Prepared { basis, program, bindings, loaded, faulty, faulty_history, progress }
    }
}

/// Reads the data files, and keeps rows apart that break a check or contradict the history. Of records in lists there
/// are copies for everybody, or only where the program asks for all of them.
pub(super) fn gather(
    policies: &Policies,
    (program, bindings): (&Program, &[Binding]),
    basis: &Basis,
    (inputs, only_asked): (&[Input], bool),
    progress: &Progress,
) -> (Loaded, super::history::Faulty) {
    let mut loaded = load_watched(program, inputs, basis.period, progress, only_asked);
    progress.begin(Stage::Idle, 0);
    check_rows(policies, program, (basis, bindings, progress), &mut loaded.population);
    let faulty = super::history::check(program, inputs, &mut loaded);
    (loaded, faulty)
}

impl Prepared {
    /// The history that was loaded; none where a row of it may be anybody's.
    pub fn history(&self) -> Option<History<'_>> {
        let (program, population) = (&*self.program, &self.loaded.population);
        let id = program.history();
        (population.is_loaded(id) && !self.faulty_history.may_be_anybodys).then(|| {
            History::new(program, population.of(id))
                .with_faulty(self.faulty_history.recipients.iter().cloned())
                .settled_again(program, &self.basis.settlement(), population)
        })
    }

    /// What recipients are evaluated with, and their steps recorded where it is asked for.
    pub fn context<'a>(&'a self, history: Option<&'a History<'a>>, tracing: Tracing) -> Context<'a> {
        let population = Some(&self.loaded.population);
        let progress = Some(&*self.progress);
        let inputs =
            Inputs { bindings: self.bindings.clone(), population, history, tracing, progress, ..Inputs::default() };
        Context::new(&self.program, self.basis.period, self.basis.date, inputs)
    }

    /// Evaluates and settles everyone.
    pub fn settle<'a>(&'a self, console: &Console, context: &Context<'a>, engine: Engine) -> Settling<'a> {
        let _watch = Watch::over(&self.progress, console.language);
        Policies::settle_all(context, &self.loaded.population, engine)
    }
}

/// Rows that break a fact's `where` are kept apart like any other wrong row.
fn check_rows(
    policies: &Policies,
    program: &Program,
    (basis, bindings, progress): (&Basis, &[Binding], &Progress),
    population: &mut Population,
) {
    let inputs = Inputs { bindings: bindings.to_vec(), ..Inputs::default() };
    let context = Context::new(program, basis.period, basis.date, inputs);
    let mut files = Population::default();
    files.files = population.files.clone();
    population.check(program, |id, record| match progress.is_stopped() {
        true => Vec::new(),
        false => policies.failed_checks(&context, id, record, &files),
    });
}

pub(super) fn basis(options: &Evaluation) -> Result<Basis, Box<Diagnostic>> {
    let wrong = |name: &str, value: &str, expected: &str| {
        Box::new(Diagnostic::new(Code::BadOption).with("name", name).with("value", value).with("expected", expected))
    };
    let mut basis = match &options.period {
        Some(text) => Basis::of(text).map_err(|_| wrong("--in", text, PERIODS))?,
        None => {
            let today = jiff::Zoned::now().date();
            let year = Period::year(i32::from(today.year())).ok_or_else(|| wrong("--in", "", PERIODS))?;
            Basis {
                period: year,
                date: year.last.or(year.first).ok_or_else(|| wrong("--in", "", PERIODS))?,
                set: Vec::new(),
                settlement: None,
            }
        }
    };
    if let Some(text) = &options.on {
        basis.date = Date::from_text(text).ok_or_else(|| wrong("--on", text, "2024-05-01"))?;
    }
    if let Some(name) = &options.settlement {
        let name = name.trim();
        if name.is_empty() {
            return Err(wrong("--settlement", name, "2024、2024-1"));
        }
        basis.settlement = Some(name.to_owned());
    }
    for text in &options.set {
        let (name, value) = text.split_once('=').ok_or_else(|| wrong("--set", text, "名称=值"))?;
        basis.set.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(basis)
}

/// The data files: folders opened, `record=path` taken apart.
pub(super) fn inputs(program: &Program, options: &Evaluation) -> Result<Vec<Input>, Box<Diagnostic>> {
    let mut out: Vec<Input> = Vec::new();
    let mut add = |record: Option<RecordId>, path: PathBuf| {
        let (path, sheet) = sheet_of(path);
        out.push(Input { record, path, sheet, encoding: options.encoding.clone() });
    };
    for text in &options.data {
        let is_path = |(name, _): &(&str, &str)| Path::new(text).exists() || name.contains('#');
        match text.split_once('=').filter(|parts| !is_path(parts)) {
            Some((name, path)) => {
                let record = named(program, name).ok_or_else(|| unknown_record(program, name))?;
                data_at(Path::new(path)).into_iter().for_each(|path| add(Some(record), path));
            }
            None => {
                for path in data_at(Path::new(text)) {
                    add(by_stem(program, &path), path);
                }
            }
        }
    }
    let paths = options.history.iter().flat_map(|path| data_at(path));
    for (path, sheet) in paths.map(sheet_of) {
        // A file that is named twice is read once: its payments would count twice. Of a workbook, each sheet is.
        let mut files = out.iter_mut().filter(|input| !is_workbook(&input.path));
        match files.find(|input| super::history::is_same_file(&input.path, &path)) {
            Some(input) => input.record = Some(program.history()),
            None => {
                out.push(Input { record: Some(program.history()), path, sheet, encoding: options.encoding.clone() });
            }
        }
    }
    Ok(out)
}

/// A file, or the data files that stand directly in a folder in the order of their names.
pub(super) fn files_at(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_path_buf()];
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| entry.ok().map(|e| e.path()));
    let ending = |path: &PathBuf| {
        path.extension().and_then(|e| e.to_str()).is_some_and(|e| ENDINGS.contains(&e.to_ascii_lowercase().as_str()))
    };
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file() && ending(path)).collect();
    files.sort();
    files
}

/// The files that a path names; a folder without any stays, so that loading can say so.
fn data_at(path: &Path) -> Vec<PathBuf> {
    let files = files_at(path);
    if files.is_empty() { vec![path.to_path_buf()] } else { files }
}

/// The sheet that is named behind a workbook: `a.xlsx#企业`.
fn sheet_of(path: PathBuf) -> (PathBuf, Option<String>) {
    let text = path.to_str().filter(|_| !path.exists()).unwrap_or_default();
    let mut parts = text.match_indices('#').filter_map(|(at, _)| Some((text.get(..at)?, text.get(at + 1..)?)));
    match parts.find(|(file, _)| is_workbook(Path::new(file))) {
        Some((file, sheet)) => (PathBuf::from(file), Some(sheet.to_owned())),
        None => (path, None),
    }
}

fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx") || e.eq_ignore_ascii_case("xlsm"))
}

/// The record type that a file name says: `企业.csv`, `企业-荣誉.csv`. In a workbook the names of the sheets count first.
fn by_stem(program: &Program, path: &Path) -> Option<RecordId> {
    if is_workbook(&sheet_of(path.to_path_buf()).0) {
        return None;
    }
    let stem = path.file_stem()?.to_str()?;
    named(program, stem).or_else(|| named(program, stem.split(['-', '_']).next()?))
}

fn named(program: &Program, name: &str) -> Option<RecordId> {
    let at =
        program.records.iter().position(|record| record.name == name || record.aliases.iter().any(|a| a == name))?;
    Some(RecordId(u32::try_from(at).unwrap_or(u32::MAX)))
}

fn unknown_record(program: &Program, name: &str) -> Box<Diagnostic> {
    let names = program.records.iter().map(|record| record.name.as_str());
    let near = crate::resolve::nearest(name, names).map(str::to_owned);
    Box::new(Diagnostic::new(Code::UnknownRecord).with("name", name).with_some("near", near))
}
