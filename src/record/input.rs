//! Loading: files read, decoded, told apart by their ending and their columns, joined.

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::attach::{Drafts, attach};
use super::belonging::{choose_lists, types_present};
use super::column::{Columns, folded, record_names};
use super::draft::{Draft, missing_key};
use super::encoding::{Decoded, decode};
use super::json::{Json, depth, parse};
use super::object_rows::{ObjectRow, ObjectRows, read_object};
use super::owner::Parent;
use super::population::asked_as_a_whole;
use super::refusal::size;
use super::table::{Table, header, read as read_table, unknown_column};
use super::{DataFile, FileReport, Input, Loaded, Rejected, RowsAre};
use crate::check::program::{FactId, Program, RecordId, Type};
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic, has_errors};
use crate::progress::{Progress, Stage};
use crate::resolve::nearest;
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

/// An array of objects in a file.
pub(super) struct ArrayHead {
    /// The key under which it stands.
    pub(super) path: String,
    pub(super) record: RecordId,
    /// The keys of its first objects.
    pub(super) keys: Vec<String>,
}

/// The formats, by the ending of a file.
enum Format {
    Text(TextFormat),
    Parquet,
    Workbook,
}

/// The formats that are text.
enum TextFormat {
    Separated(u8),
    Json,
    JsonLines,
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

    fn read_json(&mut self, input: &Input, name: &str, text: &str) -> Vec<FileDrafts> {
        if self.too_deep(name, text) {
            return Vec::new();
        }
        match parse(text) {
            Ok(Json::Array(items)) => self.read_array(input, name, String::new(), items).into_iter().collect(),
            Ok(Json::Object(entries)) if self.is_container(&entries, input.record) => {
                entries.into_iter().filter_map(|(key, value)| self.read_member(name, &key, value)).collect()
            }
            Ok(Json::Object(entries)) => {
                let keys: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
                let Some(record) = self.record_of(input, name, &keys) else { return Vec::new() };
                let file = self.add_file(name, RowsAre::Single);
                self.read_objects(record, file, vec![Ok((0, entries))]).into_iter().collect()
            }
            Ok(_) => {
                let found = Argument::phrase("应是对象，或者对象的数组", "expected an object or an array of objects");
                self.bad_json(name, None, found);
                Vec::new()
            }
            Err(error) => {
                self.bad_json(name, Some(error.line()), json_reason(&error));
                Vec::new()
            }
        }
    }

    /// `"企业": […]` of an object whose keys are record types.
    fn read_member(&mut self, name: &str, key: &str, value: &RawValue) -> Option<FileDrafts> {
        let Some(record) = self.record_named(key) else {
            self.unmatched(name, Some(key));
            return None;
        };
        let input = Input { record: Some(record), ..Input::default() };
        match parse(value.get()) {
            Ok(Json::Array(items)) => self.read_array(&input, name, key.to_string(), items),
            Ok(Json::Object(entries)) => {
                let file = self.add_file(name, RowsAre::Objects(key.to_string()));
                self.read_objects(record, file, vec![Ok((0, entries))])
            }
            Ok(Json::Null) => None,
            _ => {
                let found = Argument::phrase(format!("`{key}` 应是数组"), format!("`{key}` should be an array"));
                self.bad_json(name, None, found);
                None
            }
        }
    }

    /// The keys of the first objects of an array.
    fn keys_of(&self, items: &[&RawValue]) -> Vec<String> {
        const LOOKED_AT: usize = 20;
        let mut keys = Vec::new();
        let mut seen = HashSet::new();
        for item in items.iter().take(LOOKED_AT) {
            if let Ok(Json::Object(entries)) = parse(item.get()) {
                let entries = entries.into_iter().take(self.limits.columns).map(|(key, _)| key);
                keys.extend(entries.filter(|key| seen.insert(key.clone())));
            }
        }
        keys
    }

    /// Hands over the objects of the arrays of a file: the place of the array, the number of the object in it, its text.
    /// What the arrays are, and the encoding; none where the file is to be read as a whole.
    pub(super) fn objects_of_arrays(
        &mut self,
        input: &Input,
        name: &str,
        take: &mut dyn FnMut(usize, usize, &str) -> Option<()>,
    ) -> Option<(Vec<ArrayHead>, &'static str)> {
        let bytes = read_bytes(&input.path, name, self.limits).ok()?;
        let Decoded { text, encoding, guessed: is_guessed } = decode(bytes, input.encoding.as_deref())?;
        if is_guessed {
            self.loaded.diagnostics.push(guessed(name, encoding));
        }
        if self.too_deep(name, &text) {
            return None;
        }
        let arrays = match parse(&text).ok()? {
            Json::Array(items) => {
                let keys = self.keys_of(&items);
                let record = self.record_of(input, name, &keys)?;
                vec![(ArrayHead { path: String::new(), record, keys }, items)]
            }
            Json::Object(entries) if self.is_container(&entries, input.record) => {
                let mut arrays = Vec::new();
                for (path, value) in entries {
                    let Json::Array(items) = parse(value.get()).ok()? else { return None };
                    let (record, keys) = (self.record_named(&path)?, self.keys_of(&items));
                    arrays.push((ArrayHead { path, record, keys }, items));
                }
                arrays
            }
            _ => return None,
        };
        let mut heads = Vec::with_capacity(arrays.len());
        for (at, (head, items)) in arrays.into_iter().enumerate() {
            items.into_iter().enumerate().try_for_each(|(number, item)| take(at, number, item.get()))?;
            heads.push(head);
        }
        Some((heads, encoding))
    }

    fn read_array(&mut self, input: &Input, name: &str, path: String, items: Vec<&RawValue>) -> Option<FileDrafts> {
        let keys = self.keys_of(&items);
        let record = self.record_of(input, name, &keys)?;
        let file = self.add_file(name, RowsAre::Objects(path));
        let rows = items.into_iter().enumerate().map(|(at, item)| {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            read_object(number, item.get())
        });
        self.read_objects(record, file, rows.collect())
    }

    fn read_lines(&mut self, input: &Input, name: &str, text: &str) -> Vec<FileDrafts> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let mut keys: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for (at, line) in lines {
            let number = u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX);
            if self.too_deep(name, line) {
                return Vec::new();
            }
            let row = read_object(number, line);
            if let (Ok((_, entries)), true) = (&row, keys.is_empty()) {
                keys = entries.iter().map(|(key, _)| key.clone()).collect();
            }
            rows.push(row);
            self.progress.advance(line.len());
            if self.progress.is_stopped() {
                return Vec::new();
            }
        }
        let Some(record) = self.record_of(input, name, &keys) else { return Vec::new() };
        let file = self.add_file(name, RowsAre::Numbered);
        self.read_objects(record, file, rows).into_iter().collect()
    }

    fn read_objects(&mut self, record: RecordId, file: u32, rows: Vec<ObjectRow>) -> Option<FileDrafts> {
        let columns = Columns::new(self.program, record)?;
        let mut reading = ObjectRows::new(self.table(&columns, file));
        let progress = self.progress;
        rows.into_iter().take_while(|_| !progress.is_stopped()).for_each(|row| reading.row(row));
        let mut out = reading.finish();
        out.tell_unknown(self.program, &self.files);
        Some(out)
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

    /// Whether the keys of an object are record types rather than facts of one.
    fn is_container(&self, entries: &[(String, &RawValue)], wanted: Option<RecordId>) -> bool {
        let is_record = |key: &str| self.record_named(key).is_some();
        let all = (0..self.program.records.len()).filter_map(|at| u32::try_from(at).ok().map(RecordId));
        let types = all.filter(|id| wanted.is_none_or(|wanted| wanted == *id));
        let types: Vec<Columns> = types.filter_map(|id| Columns::new(self.program, id)).collect();
        let is_fact = |key: &str| types.iter().any(|columns| columns.find(key).fact.is_some());
        entries.len() <= self.limits.columns
            && entries.iter().any(|(key, value)| is_record(key) && value.get().starts_with(['[', '{']))
            && !entries.iter().any(|(key, _)| !is_record(key) && is_fact(key))
    }

    fn too_deep(&mut self, name: &str, text: &str) -> bool {
        let deep = depth(text) > self.limits.depth;
        if deep {
            let levels = Argument::phrase("嵌套层数", "levels of nesting");
            self.loaded.diagnostics.push(too_much(name, levels, &self.limits.depth.to_string()));
        }
        deep
    }

    fn unmatched(&mut self, name: &str, column: Option<&str>) {
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

    fn bad_json(&mut self, name: &str, row: Option<usize>, found: Argument) {
        let place = DataPlace { file: name.to_string(), row, ..DataPlace::default() };
        let diagnostic = Diagnostic::new(Code::BadJson).with("file", name).with("found", found);
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

/// What is wrong with a text that should be JSON.
fn json_reason(error: &serde_json::Error) -> Argument {
    let (zh, en) = json_fault(error);
    let (line, column) = (error.line(), error.column());
    Argument::phrase(format!("第 {line} 行第 {column} 字节处{zh}"), format!("line {line}, byte {column}: {en}"))
}

pub(super) fn json_fault(error: &serde_json::Error) -> (&'static str, &'static str) {
    if error.is_eof() { ("内容不完整", "the text ends too early") } else { ("符号不对", "unexpected text") }
}

/// A file that holds more than a limit allows.
pub(super) fn too_much(file: &str, found: Argument, limit: &str) -> Diagnostic {
    let place = DataPlace { file: file.to_string(), ..DataPlace::default() };
    Diagnostic::new(Code::DataLimit).with("file", file).with("found", found).with("expected", limit).in_data(place)
}

fn format_of(path: &Path, name: &str) -> Result<Format, Box<Diagnostic>> {
    // A folder is told by its name alone only where it has an ending.
    if path.is_dir() {
        return Err(Box::new(unreadable(
            name,
            Argument::phrase("这是一个文件夹，里面没有数据文件", "it is a folder without a data file"),
        )));
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Format::Text(TextFormat::Separated(b','))),
        Some("tsv" | "tab") => Ok(Format::Text(TextFormat::Separated(b'\t'))),
        Some("json") => Ok(Format::Text(TextFormat::Json)),
        Some("jsonl" | "ndjson") => Ok(Format::Text(TextFormat::JsonLines)),
        Some("parquet") => Ok(Format::Parquet),
        Some("xlsx" | "xlsm") => Ok(Format::Workbook),
        Some("xls") => {
            let old = Argument::phrase(
                "这是旧的 .xls 格式，请用 Excel 另存为 .xlsx",
                "it is in the old .xls format: save it as .xlsx",
            );
            Err(Box::new(unreadable(name, old)))
        }
        ending => {
            let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
            let diagnostic = Diagnostic::new(Code::UnknownFormat)
                .with("file", name)
                .with_some("found", ending.map(|ending| format!(".{ending}")))
                .with("expected", ".csv, .tsv, .json, .jsonl, .xlsx, .parquet");
            Err(Box::new(diagnostic.in_data(place)))
        }
    }
}

pub(super) fn read_bytes(path: &Path, name: &str, limits: &Limits) -> Result<Vec<u8>, Box<Diagnostic>> {
    let wrong = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
            Diagnostic::new(Code::FileNotFound).with("file", name).with_some("near", file_beside(path)).in_data(place)
        }
        ErrorKind::PermissionDenied => unreadable(name, Argument::phrase("没有读取权限", "permission denied")),
        ErrorKind::OutOfMemory => unreadable(name, Argument::phrase("内存不够", "there is not enough memory")),
        _ => unreadable(name, Argument::phrase("读取出错", "reading failed")),
    };
    // Before it is opened: a device may give bytes without end. A pipe is opened: its writer waits for that.
    let is = std::fs::metadata(path).map_err(wrong)?;
    if is_device(&is) {
        return Err(Box::new(unreadable(name, Argument::phrase("这是设备，不是文件", "it is a device, not a file"))));
    }
    if is.len() > limits.file_bytes {
        let found = Argument::phrase("大小", "of data");
        return Err(Box::new(too_much(name, found, &size(limits.file_bytes))));
    }
    let file = File::open(path).map_err(wrong)?;
    let mut bytes = Vec::new();
    let read = file.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(wrong)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limits.file_bytes {
        let found = Argument::phrase("大小", "of data");
        return Err(Box::new(too_much(name, found, &size(limits.file_bytes))));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_device(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.file_type().is_char_device() || file.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

/// A file that is not read.
pub(super) fn unreadable(name: &str, found: Argument) -> Diagnostic {
    let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
    Diagnostic::new(Code::UnreadableFile).with("file", name).with("found", found).in_data(place)
}

/// A file in the same folder with a near name.
fn file_beside(path: &Path) -> Option<SmolStr> {
    const LOOKED_AT: usize = 1000;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).ok()?.take(LOOKED_AT);
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
    // Of several that are as near the same is named each time.
    names.sort_unstable();
    // Endings are alike among files that have nothing else in common.
    let stem = |name: &String| Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stems: Vec<String> = names.iter().filter_map(stem).collect();
    let wanted = path.file_stem()?.to_string_lossy();
    let same = stems.iter().map(String::as_str).find(|stem| *stem == wanted);
    let near = same.or_else(|| nearest(&wanted, stems.iter().map(String::as_str)))?;
    names.iter().find(|name| stem(name).as_deref() == Some(near)).map(SmolStr::new)
}

/// A file whose encoding was inferred.
pub(super) fn guessed(name: &str, encoding: &'static str) -> Diagnostic {
    let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
    Diagnostic::new(Code::EncodingGuessed).with("file", name).with("encoding", encoding).in_data(place)
}

fn decoded(bytes: Vec<u8>, input: &Input, name: &str) -> Result<Decoded, Box<Diagnostic>> {
    let wanted = input.encoding.as_deref();
    // What a file mixes is looked for where it stops being UTF-8.
    let row = match std::str::from_utf8(&bytes) {
        Err(error) if wanted.is_none() => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            Some(before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1))
        }
        _ => None,
    };
    decode(bytes, wanted).ok_or_else(|| {
        let place = DataPlace { file: name.to_string(), row, ..DataPlace::default() };
        let diagnostic = Diagnostic::new(Code::UnknownEncoding).with("file", name).with_some("encoding", wanted);
        Box::new(diagnostic.with_some("row", row.map(|row| row.to_string())).in_data(place))
    })
}
