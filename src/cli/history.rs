//! The history on the command line: which of its rows are wrong, and to which file is added.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::Outcome;
use super::arguments::{Evaluation, Run};
use super::console::Console;
use super::evaluation::Prepared;
use crate::check::program::{Program, RecordId};
use crate::diagnostic::{Argument, Code, Diagnostic, Severity};
use crate::eval::history_faults;
use crate::record::amend::{AMENDABLE, Layout, layout};
use crate::record::{Input, Loaded, Rejected};
use crate::source::Sources;

/// What is wrong with the history.
#[derive(Debug, Default)]
pub(super) struct Faulty {
    /// Those of whom a row is wrong.
    pub recipients: HashSet<SmolStr>,
    /// A wrong row may be anybody's.
    pub may_be_anybodys: bool,
}

/// Keeps apart the rows of the history that contradict the policies or each other.
pub(super) fn check(program: &Program, inputs: &[Input], loaded: &mut Loaded) -> Faulty {
    let id = program.history();
    let may_be_anybodys = lacks_a_file(id, inputs, loaded);
    let population = &mut loaded.population;
    let found = history_faults(program, population.of(id), &|row, column, key| population.place(row, column, key));
    let apart: Vec<(usize, Rejected)> = found
        .into_iter()
        .map(|(at, key, diagnostics)| {
            let place = population.of(id).get(at).and_then(|row| row.place);
            (at, Rejected { record: id, key, place, diagnostics })
        })
        .collect();
    for (_, row) in &apart {
        let file = population.place(row.place, None, None).file;
        let mut reports = loaded.report.files.iter_mut();
        if let Some(report) = reports.find(|report| report.record == Some(id) && report.file == file) {
            report.rejected = report.rejected.saturating_add(1);
        }
    }
    population.keep_apart(id, apart);
    let mut faulty = Faulty { may_be_anybodys, ..Faulty::default() };
    for row in population.rejected.iter_mut().filter(|row| row.record == id) {
        match &row.key {
            Some(key) => {
                faulty.recipients.insert(key.clone());
            }
            None => {
                faulty.may_be_anybodys = true;
                if !row.diagnostics.iter().any(|said| said.code == Code::HistoryOfNobody) {
                    let place = row.diagnostics.first().and_then(|said| said.place.clone()).unwrap_or_default();
                    row.diagnostics.push(Diagnostic::new(Code::HistoryOfNobody).in_data(place));
                }
            }
        }
    }
    faulty
}

/// Whether a file of the history could not be read: what it holds may be anybody's.
fn lacks_a_file(id: RecordId, inputs: &[Input], loaded: &Loaded) -> bool {
    let errors = loaded.diagnostics.iter().filter(|said| said.severity() == Severity::Error);
    let files: HashSet<String> = errors.filter_map(|said| Some(said.place.as_ref()?.file.to_string())).collect();
    let own = inputs.iter().filter(|input| input.record == Some(id));
    own.into_iter().any(|input| files.contains(&input.path.display().to_string()))
}

/// Whether two paths name one file that exists.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// A file to which is added.
pub(super) struct Appending {
    /// Where it is.
    pub path: PathBuf,
    /// How it is laid out.
    pub layout: Layout,
    /// What it held when it was read; none where there was none.
    pub before: Option<Vec<u8>>,
    /// Its encoding, where it is not to be found out.
    pub encoding: Option<String>,
    /// History begins with this file: there is no other.
    pub begins: bool,
}

/// What `--append-history` asks for: the file is read as history too, where there is one.
pub(super) fn plan(console: &Console, options: &Run) -> Result<(Evaluation, Option<Appending>), Outcome> {
    let mut evaluation = options.evaluation.clone();
    let Some(asked) = &options.append_history else { return Ok((evaluation, None)) };
    let wrong = |wrong: Diagnostic| {
        console.diagnostics(&Sources::default(), &[wrong]);
        Outcome::Usage
    };
    let path = match (asked, evaluation.history.as_slice()) {
        (Some(path), _) => path.clone(),
        (None, [path]) => path.clone(),
        (None, _) => {
            let expected = Argument::phrase(
                "写入的文件，如 `--append-history 历史.csv`；只有一个 `--history` 时可以不写",
                "the file to add to, such as `--append-history history.csv`; with one `--history` it may be left out",
            );
            return Err(wrong(
                Diagnostic::new(Code::BadOption).with("name", "--append-history").with("expected", expected),
            ));
        }
    };
    let Some(layout) = layout(&path) else {
        let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
        let wrong_format = Diagnostic::new(Code::UnknownFormat)
            .with("file", path.display().to_string())
            .with_some("found", ending)
            .with("expected", AMENDABLE);
        return Err(wrong(wrong_format));
    };
    let before = match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        // Whoever loads the data says what is wrong with it.
        Err(_) => Some(Vec::new()),
    };
    if before.is_some() && !evaluation.history.iter().any(|one| is_same_file(one, &path)) {
        evaluation.history.push(path.clone());
    }
    let begins = before.is_none() && evaluation.history.is_empty();
    let encoding = evaluation.encoding.clone();
    Ok((evaluation, Some(Appending { path, layout, before, encoding, begins })))
}

impl Appending {
    /// A history that begins with this run is an empty one, not an unknown one: run again, it would be there.
    pub fn begin(&self, prepared: &mut Prepared) {
        let id = prepared.program.history();
        if let Some(loaded) = prepared.loaded.population.loaded.get_mut(id.index()).filter(|_| self.begins) {
            *loaded = true;
        }
    }
}
