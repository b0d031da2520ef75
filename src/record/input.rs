//! Loading: files read, decoded, told apart by their ending and their columns, joined.

use std::collections::HashSet;

use super::attach::{Drafts, attach};
use super::belonging::{choose_lists, types_present};
use super::column::{Columns, folded, record_names};
use super::draft::{Draft, missing_key};
use super::encoding::Decoded;
use super::file::{Format, TextFormat, decoded, format_of, guessed, read_bytes};
use super::owner::Parent;
use super::population::asked_as_a_whole;
use super::table::{Table, header, read as read_table, unknown_column};
use super::{DataFile, FileReport, Input, Loaded, Rejected, RowsAre};
use crate::check::program::{FactId, Program, RecordId, Type};
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic, has_errors};
use crate::progress::{Progress, Stage};
use crate::value::Period;

/// How much a data file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Columns of a table, and keys of an object.
    pub columns: usize,
    /// Levels of nesting in JSON and Parquet.
    pub depth: usize,
    /// Rows of a packed file, in which a few bytes may stand for any number of them.
    pub rows: usize,
    /// Bytes of a packed file when unpacked.
    pub unpacked_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 512 * 1024 * 1024,
            columns: 4096,
            depth: 64,
            rows: 10_000_000,
            unpacked_bytes: 1024 * 1024 * 1024,
        }
    }
}

/// The drafts that one file gave of one record type.
pub(super) struct FileDrafts {
    pub(super) record: RecordId,
    pub(super) drafts: Vec<Draft>,
    /// The lists into which its rows are joined.
    pub(super) joins: Vec<(RecordId, FactId)>,
    /// Items of nested lists that were kept apart.
    pub(super) rejected: Vec<Rejected>,
    /// The facts of which a negative number was told already.
    pub(super) negative: HashSet<FactId>,
    /// Keys of nothing known, each with the first row that has it.
    pub(super) unknown: Vec<Unknown>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) report: FileReport,
    /// Its columns could be read, so that a type without rows was loaded nevertheless.
    pub(super) readable: bool,
    file: u32,
}

impl FileDrafts {
    pub(super) fn new(record: RecordId, file: u32) -> FileDrafts {
        FileDrafts {
            record,
            drafts: Vec::new(),
            joins: Vec::new(),
            rejected: Vec::new(),
            negative: HashSet::new(),
            unknown: Vec::new(),
            diagnostics: Vec::new(),
            report: FileReport { record: Some(record), ..FileReport::default() },
            readable: false,
            file,
        }
    }
}

impl FileDrafts {
    /// Takes over what is worth knowing of the last row, each fact once a file.
    pub(super) fn tell_notes(&mut self) {
        let Some(draft) = self.drafts.last_mut() else { return };
        for (fact, note) in std::mem::take(&mut draft.notes) {
            if self.negative.insert(fact) {
                self.diagnostics.push(note);
            }
        }
    }

    /// Says of the keys of nothing known that they are not used.
    pub(super) fn tell_unknown(&mut self, program: &Program, files: &[DataFile]) {
        for Unknown { record, key, .. } in std::mem::take(&mut self.unknown) {
            if let Some(columns) = Columns::new(program, record) {
                let file = files.get(self.file as usize).map(|file| file.name.clone()).unwrap_or_default();
                let place = DataPlace { file, column: Some(key.clone()), ..DataPlace::default() };
                unknown_column(self, &columns, &key, place);
            }
        }
    }
}

/// A key of nothing known inside a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unknown {
    pub(super) row: u32,
    /// The type of the object that has it.
    pub(super) record: RecordId,
    pub(super) key: String,
}

/// Loads data files. Facts by period whose column names none are those of `period`.
pub fn load(program: &Program, inputs: &[Input], period: Period) -> Loaded {
    load_within(program, inputs, period, &Limits::default())
}

/// Loads data files and tells how far it has come; one that is stopped has nothing. Where nothing but the program will
/// ask, `over all R` finds only records of which it asks.
pub(crate) fn load_watched(
    program: &Program,
    inputs: &[Input],
    period: Period,
    progress: &Progress,
    only_asked: bool,
) -> Loaded {
    let mut loaded = load_all(program, inputs, period, &Limits::default(), progress);
    loaded.population.copied = if only_asked { asked_as_a_whole(program) } else { None };
    loaded.population.gather(program);
    loaded
}

/// Loads data files within limits.
pub fn load_within(program: &Program, inputs: &[Input], period: Period, limits: &Limits) -> Loaded {
    let mut loaded = load_all(program, inputs, period, limits, &Progress::default());
    loaded.population.gather(program);
    loaded
}

/// Loads all files; of records in lists there are no copies yet.
fn load_all(program: &Program, inputs: &[Input], period: Period, limits: &Limits, progress: &Progress) -> Loaded {
    let size = |input: &Input| std::fs::metadata(&input.path).map_or(0, |file| file.len());
    let total: u64 = inputs.iter().map(size).sum();
    progress.begin(Stage::Loading, usize::try_from(total).unwrap_or(usize::MAX));
    let mut passed = 0_u64;
    let mut loading = Loading::new(program, period, limits, progress);
    let mut parts: Vec<FileDrafts> = Vec::new();
    let mut seen = HashSet::new();
    for input in inputs {
        if progress.is_stopped() {
            break;
        }
        let path = std::fs::canonicalize(&input.path).unwrap_or_else(|_| input.path.clone());
        let sheet = |part: &FileDrafts| part.report.file.rsplit_once('#').map(|(_, sheet)| sheet.to_string());
        let identity = |part: &FileDrafts| (path.clone(), sheet(part), part.record);
        let told = loading.loaded.diagnostics.len();
        let mut read = loading.read(input);
        let said = loading.loaded.diagnostics.get(told..).unwrap_or_default();
        if has_errors(said) {
            loading.unread.push((input.record, input.path.display().to_string()));
        }
        passed = passed.saturating_add(size(input));
        progress.reach(passed);
        // A table that is named twice, in its folder and by itself, counts once: history has no keys to tell.
        read.retain(|part| !seen.contains(&identity(part)));
        seen.extend(read.iter().map(identity));
        parts.extend(read);
    }
    loading.finish(parts).loaded
}

/// What came of a load, and which of the rows kept apart stand inside others: of the first ones it was told where they
/// were read, of the last ones that they stand in a table as well.
pub(super) struct Finished {
    pub(super) loaded: Loaded,
    pub(super) first_inside: usize,
    pub(super) last_inside: usize,
}

/// A load on its way.
pub(super) struct Loading<'l> {
    pub(super) program: &'l Program,
    pub(super) period: Period,
    pub(super) limits: &'l Limits,
    pub(super) progress: &'l Progress,
    pub(super) files: Vec<DataFile>,
    pub(super) loaded: Loaded,
    /// Files that could not be used, with the type of their rows where it is known.
    unread: Vec<(Option<RecordId>, String)>,
}

impl<'l> Loading<'l> {
    /// Nothing read yet.
    pub(super) fn new(program: &'l Program, period: Period, limits: &'l Limits, progress: &'l Progress) -> Self {
        let (files, loaded, unread) = (Vec::new(), Loaded::default(), Vec::new());
        Loading { program, period, limits, progress, files, loaded, unread }
    }

    fn read(&mut self, input: &Input) -> Vec<FileDrafts> {
        let name = input.path.display().to_string();
        let read =
            format_of(&input.path, &name).and_then(|format| Ok((format, read_bytes(&input.path, &name, self.limits)?)));
        let parts = match read {
            Ok((Format::Parquet, bytes)) => Ok(self.read_parquet(input, &name, bytes)),
            Ok((Format::Workbook, bytes)) => Ok(self.read_workbook(input, &name, bytes)),
            Ok((Format::Text(format), bytes)) => {
                decoded(bytes, input, &name).map(|decoded| self.read_text(input, &name, format, &decoded))
            }
            Err(diagnostic) => Err(diagnostic),
        };
        parts.unwrap_or_else(|diagnostic| {
            self.loaded.diagnostics.push(*diagnostic);
            Vec::new()
        })
    }

    fn read_text(&mut self, input: &Input, name: &str, format: TextFormat, decoded: &Decoded) -> Vec<FileDrafts> {
        let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
        if decoded.guessed {
            self.loaded.diagnostics.push(guessed(name, decoded.encoding));
        }
        if decoded.text.trim().is_empty() {
            self.loaded.diagnostics.push(Diagnostic::new(Code::EmptyFile).with("file", name).in_data(place));
            return Vec::new();
        }
        let mut parts = match format {
            TextFormat::Separated(separator) => self.read_separated(input, name, &decoded.text, separator),
            TextFormat::Json => self.read_json(input, name, &decoded.text),
            TextFormat::JsonLines => self.read_lines(input, name, &decoded.text),
        };
        for part in &mut parts {
            part.report.file = name.to_string();
            part.report.encoding = decoded.encoding;
        }
        parts
    }

    /// What a table of a file is read with.
    pub(super) fn table<'t>(&'t self, columns: &'t Columns<'l>, file: u32) -> Table<'t, 'l> {
        let (limits, progress) = (self.limits, self.progress);
        Table { columns, files: &self.files, limits, progress, file, evaluated: self.period }
    }

    pub(super) fn add_file(&mut self, name: &str, rows: RowsAre) -> u32 {
        self.files.push(DataFile { name: name.to_string(), rows });
        u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn read_separated(&mut self, input: &Input, name: &str, text: &str, separator: u8) -> Vec<FileDrafts> {
        let record = match header(text, separator, self.limits) {
            Some(headers) => self.record_of(input, name, &headers),
            // Only to say what is wrong with the file.
            None => Some(RecordId(0)),
        };
        let Some(columns) = record.and_then(|record| Columns::new(self.program, record)) else { return Vec::new() };
        let file = self.add_file(name, RowsAre::Numbered);
        vec![read_table(self.table(&columns, file), text, separator)]
    }

    /// The record type of a file: as named, else by its name if its columns agree, else by most columns.
    pub(super) fn record_of(&mut self, input: &Input, name: &str, headers: &[String]) -> Option<RecordId> {
        if let Some(record) = input.record.filter(|record| record.index() < self.program.records.len()) {
            return Some(record);
        }
        let stem = input.path.file_stem().map(|stem| folded(&stem.to_string_lossy())).unwrap_or_default();
        let mut best: Option<((bool, usize, bool), RecordId)> = None;
        for (at, def) in self.program.records.iter().enumerate() {
            let id = RecordId(u32::try_from(at).ok()?);
            let columns = Columns::new(self.program, id)?;
            let known = headers.iter().map(|header| columns.find(header));
            let hits = known.filter(|column| column.fact.is_some() || !column.parents.is_empty()).count();
            let named = record_names(def).any(|name| folded(name) == stem);
            let within = record_names(def).any(|name| stem.contains(&folded(name)));
            let score = (named && (hits > 0 || headers.is_empty()), hits, within);
            let worth = hits > 0 || score.0 || (headers.is_empty() && within);
            if worth && best.as_ref().is_none_or(|(other, _)| score > *other) {
                best = Some((score, id));
            }
        }
        if best.is_none() {
            self.unmatched(name, None);
        }
        best.map(|(_, id)| id)
    }

    pub(super) fn record_named(&self, name: &str) -> Option<RecordId> {
        let name = folded(name);
        let at = self.program.records.iter().position(|def| record_names(def).any(|other| folded(other) == name))?;
        u32::try_from(at).ok().map(RecordId)
    }

    pub(super) fn unmatched(&mut self, name: &str, column: Option<&str>) {
        let records = self.program.records.iter().filter(|def| !def.is_history).map(|def| def.name.as_str());
        let records: Vec<&str> = records.collect();
        let expected = Argument::phrase(records.join("、"), records.join(", "));
        let place = DataPlace { file: name.to_string(), column: column.map(str::to_string), ..DataPlace::default() };
        let diagnostic = Diagnostic::new(Code::UnmatchedFile)
            .with("file", name)
            .with("expected", expected)
            .with("option", format!("--data {}={name}", records.first().unwrap_or(&"")));
        self.loaded.diagnostics.push(diagnostic.in_data(place));
    }

    /// All files are read; of records in lists there are no copies yet.
    pub(super) fn finish(self, mut parts: Vec<FileDrafts>) -> Finished {
        let Loading { program, progress, files, mut loaded, mut unread, .. } = self;
        let mut drafts: Drafts = program.records.iter().map(|_| Vec::new()).collect();
        let mut joins = HashSet::new();
        let mut readable = vec![false; program.records.len()];
        let mut rejected = Vec::new();
        let mut reports = Vec::new();
        if progress.is_stopped() {
            // Half of it would pass for the whole.
            parts.clear();
        }
        let present = types_present(program, &parts);
        let mut ownerless = Vec::new();
        for part in &mut parts {
            let mut is_whole = true;
            if part.joins.is_empty() && part.readable {
                let told = without_parent(program, part.record, &present, &part.report.file);
                is_whole = told.is_none();
                ownerless.extend(told);
            }
            choose_lists(program, part, &present);
            if !part.readable || !is_whole {
                part.joins.clear();
                unread.push((Some(part.record), part.report.file.clone()));
            }
        }
        let present = types_present(program, &parts);
        for part in parts {
            if let (Some(list), Some(flag)) =
                (drafts.get_mut(part.record.index()), readable.get_mut(part.record.index()))
            {
                list.extend(part.drafts);
                *flag |= part.readable;
            }
            joins.extend(part.joins);
            rejected.extend(part.rejected);
            loaded.diagnostics.extend(part.diagnostics);
            reports.push((part.file, part.report));
        }
        loaded.diagnostics.extend(ownerless);
        leave_open(program, &unread, &mut joins, &mut loaded.diagnostics);
        let (mut population, last_inside) = attach(program, drafts, &joins, readable, &present, files);
        let first_inside = rejected.len();
        population.rejected.splice(0..0, rejected);
        for row in &population.rejected {
            let file = row.place.map(|place| place.file);
            let report = reports.iter_mut().find(|(at, report)| Some(*at) == file && report.record == Some(row.record));
            if let Some((_, report)) = report {
                report.rejected = report.rejected.saturating_add(1);
            }
        }
        loaded.report.files = reports.into_iter().map(|(_, report)| report).collect();
        loaded.population = population;
        Finished { loaded, first_inside, last_inside }
    }
}

/// A list of which a file could not be used is not known for anybody: whose rows are missing, nobody can tell.
fn leave_open(
    program: &Program,
    unread: &[(Option<RecordId>, String)],
    joins: &mut HashSet<(RecordId, FactId)>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut told = HashSet::new();
    let mut lists: Vec<_> = joins.iter().copied().collect();
    lists.sort_unstable();
    for (owner, list) in lists {
        let fact = program.records.get(owner.index()).and_then(|def| def.facts.get(list.index()));
        let Some(Type::List(item)) = fact.map(|fact| &fact.kind) else { continue };
        let Some((_, file)) = unread.iter().find(|(record, _)| record.is_none_or(|record| record == *item)) else {
            continue;
        };
        joins.remove(&(owner, list));
        if told.insert(*item) {
            let place = DataPlace { file: file.clone(), ..DataPlace::default() };
            let record = program.records.get(item.index()).map(|def| def.name.clone());
            let diagnostic = Diagnostic::new(Code::IncompleteList).with("file", file).with_some("record", record);
            diagnostics.push(diagnostic.in_data(place));
        }
    }
}

/// Rows of a list that do not say to whom they belong, where its owners were loaded too.
fn without_parent(program: &Program, record: RecordId, present: &[bool], file: &str) -> Option<Diagnostic> {
    if program.clauses.iter().any(|clause| clause.recipient == record) {
        return None;
    }
    let columns = Columns::new(program, record)?;
    let is_present = |parent: &&Parent| present.get(parent.record.index()).copied().unwrap_or(false);
    let parent = columns.parents.iter().find(is_present)?;
    let place = DataPlace { file: file.to_string(), ..DataPlace::default() };
    Some(missing_key(&columns, &parent.key, None).with("header", &parent.key).in_data(place))
}

/// A file that holds more than a limit allows.
pub(super) fn too_much(file: &str, found: Argument, limit: &str) -> Diagnostic {
    let place = DataPlace { file: file.to_string(), ..DataPlace::default() };
    Diagnostic::new(Code::DataLimit).with("file", file).with("found", found).with("expected", limit).in_data(place)
}
