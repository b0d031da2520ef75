//! A population read part by part, for what need not be in memory as a whole.
//!
//! In: files of one record type that can be read in parts, each by itself. Out: any part,
//! at any time and on any thread: arrays where every cell is plainly what its fact asks
//! for, else records, read row by row and told of as those of every file are. Files that
//! must be seen together (rows that belong to others, several types) have no parts.

mod text;

use std::collections::HashSet;

use arrow_array::{Array, ArrayRef, RecordBatch};
use smol_str::SmolStr;
use text::{Holds, Pieces};

use super::arrays::{ArrayColumn, Arrays};
use crate::batch::Rows;
use crate::check::program::{Program, RecordId, Type};
use crate::diagnostic::{Code, Diagnostic};
use crate::progress::Progress;
use crate::record::Population;
use crate::record::column::{Column, Columns};
use crate::record::given::Given;
use crate::record::input::{FileDrafts, Loading};
use crate::record::parquet::{Groups, Times, given};
use crate::record::table::Reading;
use crate::record::{DataFile, FileReport, Input, Limits, Loaded, Origin, Record, Rejected, RowsAre};
use crate::value::Period;

/// Groups with more rows are not read in parts: each is in memory as a whole.
const MOST_ROWS: usize = 1 << 21;

/// The parts of some files.
pub(crate) struct Parts<'p> {
    program: &'p Program,
    period: Period,
    limits: Limits,
    /// The type of all rows.
    pub record: RecordId,
    sources: Vec<Source>,
    places: Vec<Place>,
}

/// A file.
struct Source {
    file: DataFile,
    form: Form,
    header: Vec<String>,
    found: Vec<Column>,
    /// What the cells of each column become.
    holds: Vec<Holds>,
    /// What was said of its columns.
    told: Vec<Diagnostic>,
    report: FileReport,
}

/// What a file is, and how its parts are read.
enum Form {
    Parquet(Groups),
    Text(Pieces),
}

impl Form {
    /// How many rows each part has.
    fn rows(&self) -> Vec<usize> {
        match self {
            Form::Parquet(groups) => groups.rows().collect(),
            Form::Text(pieces) => pieces.rows().collect(),
        }
    }

    /// The number of the row of the header, where it is one.
    fn header_row(&self) -> Option<usize> {
        matches!(self, Form::Text(_)).then_some(1)
    }
}

/// Where a part stands.
struct Place {
    file: usize,
    /// The row group or piece.
    group: usize,
    /// The number of its first row, from 1.
    first: usize,
    rows: usize,
}

/// A part, read.
pub(crate) struct Part {
    pub rows: PartRows,
    /// The file that it is of.
    file: usize,
    /// What is to be said of its rows that is not wrong.
    notes: Vec<Diagnostic>,
    /// Rows that were kept apart.
    rejected: Vec<Rejected>,
    /// Rows that a data check keeps apart.
    pub unchecked: Vec<Rejected>,
    report: FileReport,
}

/// The rows of a part.
pub(crate) enum PartRows {
    Arrays(Arrays),
    Records(RecordId, Vec<Record>),
}

impl PartRows {
    /// As the columnar engine takes them.
    pub fn rows(&self) -> Rows<'_> {
        match self {
            PartRows::Arrays(arrays) => Rows::Arrays(arrays),
            PartRows::Records(record, records) => Rows::Records(*record, records),
        }
    }
}

impl<'p> Parts<'p> {
    /// The parts of files; none where the files are to be read as a whole, be it to say what is wrong with them.
    pub fn of(program: &'p Program, inputs: &[Input], period: Period) -> Option<Parts<'p>> {
        let limits = Limits::default();
        let mut sources: Vec<Source> = Vec::new();
        let mut paths = HashSet::new();
        let mut record = None;
        for input in inputs {
            // A file that is named twice is for the reader of whole files to judge.
            if !paths.insert(std::fs::canonicalize(&input.path).ok()?) {
                return None;
            }
            let (source, of) = Source::open(program, input, (period, limits, sources.len()))?;
            if *record.get_or_insert(of) != of {
                return None;
            }
            sources.push(source);
        }
        let record = record?;
        let has_lists = program.records.iter().any(|def| def.facts.iter().any(|fact| fact.kind == Type::List(record)));
        if has_lists || program.records.get(record.index())?.key.is_none() {
            return None;
        }
        let mut places = Vec::new();
        for (file, source) in sources.iter().enumerate() {
            let mut first = source.form.header_row().unwrap_or_default().checked_add(1)?;
            for (group, rows) in source.form.rows().into_iter().enumerate() {
                places.push(Place { file, group, first, rows });
                first = first.checked_add(rows)?;
            }
        }
        let rows = places.iter().map(|place| place.rows);
        let fits = rows.clone().all(|rows| rows <= MOST_ROWS) && rows.sum::<usize>() <= limits.rows;
        fits.then_some(Parts { program, period, limits, record, sources, places })
    }

    /// How many parts.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// How many rows each part has at most.
    pub fn part_rows(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|place| place.rows)
    }

    /// How many rows all parts have.
    pub fn rows(&self) -> usize {
        self.places.iter().map(|place| place.rows).sum()
    }

    /// Reads a part, as arrays where they are plain; none where the files are to be read as a whole.
    pub fn read(&self, at: usize) -> Option<Part> {
        let place = self.places.get(at)?;
        let source = self.sources.get(place.file)?;
        let columns = Columns::new(self.program, self.record)?;
        let read = source.read(place.group, &self.limits)?;
        let plain = self.arrays(place, source, &read)?.and_then(|arrays| Some((arrays.plain(&columns)?, arrays)));
        match plain {
            Some((blanks, arrays)) => {
                let mut report = FileReport { rows: place.rows, ..FileReport::default() };
                let mut counts: Vec<_> = arrays.columns.iter().map(|column| column.fact).zip(blanks).collect();
                // In the order in which rows are read: the key first.
                counts.sort_by_key(|(fact, _)| columns.def.key != Some(*fact));
                for (fact, blank) in counts.into_iter().filter(|_| place.rows > 0) {
                    report.add(fact, place.rows.saturating_sub(blank), blank);
                }
                let (notes, rejected, unchecked) = (Vec::new(), Vec::new(), Vec::new());
                Some(Part { rows: PartRows::Arrays(arrays), file: place.file, notes, rejected, unchecked, report })
            }
            None => self.by_rows(place, source, &read),
        }
    }

    /// Reads a part row by row.
    pub fn read_rows(&self, at: usize) -> Option<Part> {
        let place = self.places.get(at)?;
        let source = self.sources.get(place.file)?;
        self.by_rows(place, source, &source.read(place.group, &self.limits)?)
    }

    /// The arrays of a part; none where it has none that can be taken as they are.
    fn arrays(&self, place: &Place, source: &Source, read: &Read) -> Option<Option<Arrays>> {
        let origin = Origin { file: u32::try_from(place.file).ok()?, row: u32::try_from(place.first).ok()? };
        let arrays: Vec<ArrayRef> = match (read, &source.form) {
            (Read::Batch(batch), _) => batch.columns().to_vec(),
            (Read::Text(text), Form::Text(pieces)) => {
                let Some(arrays) = pieces.arrays(place.group, text, &source.holds) else { return Some(None) };
                arrays.into_iter().flatten().collect()
            }
            (Read::Text(_), Form::Parquet(_)) => return None,
        };
        let held = arrays.into_iter().zip(source.wanted()).map(|(array, at)| {
            let column = source.found.get(at)?.fact.as_ref()?;
            let (fact, period, scale) = (column.fact, column.period, column.scale.clone());
            Some(ArrayColumn { fact, period, scale, array, times: source.times(at) })
        });
        let columns = held.collect::<Option<Vec<_>>>()?;
        let rows = columns.first().map_or(0, |column| column.array.len());
        Some(Some(Arrays { record: self.record, rows, first: Some(origin), columns }))
    }

    fn by_rows(&self, place: &Place, source: &Source, read: &Read) -> Option<Part> {
        let progress = Progress::default();
        let mut loading = Loading::new(self.program, self.period, &self.limits, &progress);
        loading.files = self.files();
        let columns = Columns::new(self.program, self.record)?;
        let table = loading.table(&columns, u32::try_from(place.file).ok()?);
        let mut reading = Reading::new(table, &source.header, source.form.header_row()).ok()?;
        let told = reading.so_far().diagnostics.len();
        match (read, &source.form) {
            (Read::Batch(batch), _) => rows_of_batch(&mut reading, place, source, batch)?,
            (Read::Text(text), Form::Text(pieces)) => {
                for row in pieces.cells(text, &self.limits) {
                    let row = row.ok()?;
                    if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                        reading.skip_blank(1);
                        continue;
                    }
                    let number = place.first.checked_add(row.number)?.checked_sub(1)?;
                    let cells: Vec<Given> = row.cells.into_iter().map(Given::Text).collect();
                    reading.even_row(number, &cells);
                }
            }
            (Read::Text(_), Form::Parquet(_)) => return None,
        }
        let mut drafts: FileDrafts = reading.finish();
        let notes = drafts.diagnostics.split_off(told.min(drafts.diagnostics.len()));
        // A column without a header in which something stands is told once for the whole file.
        if notes.iter().any(|note| note.code == Code::UnknownColumn) {
            return None;
        }
        drafts.diagnostics.clear();
        let mut loaded = loading.finish(vec![drafts]);
        let report = loaded.report.files.pop()?;
        let records = loaded.population.records.get_mut(self.record.index()).map(std::mem::take)?;
        let (rows, rejected) = (PartRows::Records(self.record, records), loaded.population.rejected);
        // What is said of a file as a whole is for the reader of whole files.
        loaded.diagnostics.is_empty().then_some(())?;
        Some(Part { rows, file: place.file, notes, rejected, unchecked: Vec::new(), report })
    }

    /// The files, as messages name them.
    pub fn files(&self) -> Vec<DataFile> {
        self.sources.iter().map(|source| source.file.clone()).collect()
    }

    /// What loading all files would have told, of what was seen of each part; no records.
    pub fn loaded(&self, seen: Vec<Seen>) -> Loaded {
        let mut loaded = Loaded { population: Population::empty(self.program), ..Loaded::default() };
        loaded.population.files = self.files();
        if let Some(slot) = loaded.population.loaded.get_mut(self.record.index()) {
            *slot = true;
        }
        let mut reports: Vec<FileReport> = self.sources.iter().map(|source| source.report.clone()).collect();
        let mut told: Vec<Vec<Diagnostic>> = self.sources.iter().map(|source| source.told.clone()).collect();
        let (mut rejected, mut unchecked) = (Vec::new(), Vec::new());
        for one in seen {
            let (Some(report), Some(told)) = (reports.get_mut(one.file), told.get_mut(one.file)) else { continue };
            report.join(&one.report);
            for note in one.notes {
                // Once a file.
                if !told.iter().any(|other| {
                    other.code == note.code && other.spans == note.spans && column_of(other) == column_of(&note)
                }) {
                    told.push(note);
                }
            }
            rejected.extend(one.rejected);
            unchecked.extend(one.unchecked);
        }
        loaded.diagnostics = told.into_iter().flatten().collect();
        loaded.population.rejected = rejected;
        loaded.population.rejected.extend(unchecked);
        loaded.report.files = reports;
        loaded
    }
}

/// The column that a message is about.
fn column_of(told: &Diagnostic) -> Option<&crate::diagnostic::Argument> {
    told.arguments.iter().find(|(name, _)| *name == "column").map(|(_, column)| column)
}

/// What is to be told of a part, without its rows.
pub(crate) struct Seen {
    file: usize,
    notes: Vec<Diagnostic>,
    rejected: Vec<Rejected>,
    unchecked: Vec<Rejected>,
    report: FileReport,
}

impl Seen {
    /// The keys of rows that were kept apart: they must not stand in another row either.
    pub fn keys_apart(&self) -> impl Iterator<Item = &SmolStr> {
        self.rejected.iter().chain(&self.unchecked).filter_map(|row| row.key.as_ref())
    }
}

impl Part {
    /// The rows, and what is to be told of them.
    pub fn apart(self) -> (PartRows, Seen) {
        let Part { rows, file, notes, rejected, unchecked, report } = self;
        (rows, Seen { file, notes, rejected, unchecked, report })
    }
}

/// The bytes of a part, unpacked.
enum Read {
    Batch(RecordBatch),
    Text(String),
}

fn rows_of_batch(reading: &mut Reading<'_, '_>, place: &Place, source: &Source, batch: &RecordBatch) -> Option<()> {
    let wanted = source.wanted();
    let mut cells: Vec<Given> = vec![Given::BLANK; source.header.len()];
    for row in 0..batch.num_rows() {
        for (array, at) in batch.columns().iter().zip(&wanted) {
            *cells.get_mut(*at)? = given(array.as_ref(), row, source.times(*at));
        }
        if wanted.len() == source.header.len() && cells.iter().all(Given::is_blank) {
            reading.skip_blank(1);
        } else {
            reading.row(place.first.checked_add(row)?, &cells);
        }
    }
    Some(())
}

impl Source {
    fn open(
        program: &Program,
        input: &Input,
        (period, limits, at): (Period, Limits, usize),
    ) -> Option<(Source, RecordId)> {
        let ending = input.path.extension()?.to_str()?.to_ascii_lowercase();
        let pieces = |separator| {
            let asked = input.encoding.is_none();
            Pieces::open(&input.path, separator, &limits).filter(|_| asked).map(Form::Text)
        };
        let mut form = match ending.as_str() {
            "parquet" => Form::Parquet(Groups::open(&input.path, &limits)?),
            "csv" => pieces(b',')?,
            "tsv" | "tab" => pieces(b'\t')?,
            _ => return None,
        };
        let (header, encoding): (Vec<String>, _) = match &form {
            Form::Parquet(groups) => (groups.columns.iter().map(|(name, _)| name.clone()).collect(), "Parquet"),
            Form::Text(pieces) => (pieces.header.clone(), "UTF-8"),
        };
        if header.is_empty() {
            return None;
        }
        let name = input.path.display().to_string();
        let progress = Progress::default();
        let mut loading = Loading::new(program, period, &limits, &progress);
        let record = loading.record_of(input, &name, &header)?;
        let file = DataFile { name: name.clone(), rows: RowsAre::Numbered };
        loading.files = vec![file.clone(); at.saturating_add(1)];
        let columns = Columns::new(program, record)?;
        let table = loading.table(&columns, u32::try_from(at).ok()?);
        let reading = Reading::new(table, &header, form.header_row()).ok()?;
        let so_far = reading.so_far();
        let found = reading.columns().to_vec();
        let is_fact = |column: &Column| column.parents.is_empty() && column.ancestors.is_empty() && !column.period;
        let by_itself = so_far.readable && so_far.joins.is_empty() && found.iter().all(is_fact);
        let told = so_far.diagnostics.clone();
        let report = FileReport { file: name, encoding, ..so_far.report.clone() };
        let fact = |column: &Column| columns.fact(column.fact.as_ref()?.fact);
        let holds =
            found.iter().map(|column| fact(column).map_or(Holds::Nothing, |fact| Holds::of(&fact.kind, fact.whole)));
        let holds: Vec<Holds> = holds.collect();
        if let Form::Parquet(groups) = &mut form {
            groups.narrow(|at| found.get(at).and_then(fact).is_some_and(|fact| matches!(fact.kind, Type::Code(_))));
        }
        // A column without a header may hold something in any row.
        let named = matches!(form, Form::Parquet(_)) || header.iter().all(|header| !header.is_empty());
        let plainly = named && is_known_once(&found);
        (by_itself && plainly).then_some((Source { file, form, header, found, holds, told, report }, record))
    }

    fn read(&self, group: usize, limits: &Limits) -> Option<Read> {
        match &self.form {
            Form::Parquet(groups) => groups.read(group, &self.wanted(), limits).map(Read::Batch),
            Form::Text(pieces) => pieces.text(group).map(Read::Text),
        }
    }

    /// The places of the columns that hold facts.
    fn wanted(&self) -> Vec<usize> {
        let known = self.found.iter().enumerate().filter(|(_, column)| column.fact.is_some());
        known.map(|(at, _)| at).collect()
    }

    /// What the times of a column are.
    fn times(&self, at: usize) -> Times {
        match &self.form {
            Form::Parquet(groups) => groups.columns.get(at).map_or(Times::AsTheySay, |(_, times)| *times),
            Form::Text(_) => Times::AsTheySay,
        }
    }
}

/// Whether no two columns can say something of the same fact and period: a plain column of a fact by period may.
fn is_known_once(found: &[Column]) -> bool {
    let facts = found.iter().filter_map(|column| column.fact.as_ref());
    let plain = facts.clone().filter(|fact| fact.period.is_none());
    plain.into_iter().all(|one| facts.clone().filter(|other| other.fact == one.fact).count() == 1)
}
