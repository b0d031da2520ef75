//! A file whose parts are read each by itself.
//!
//! In: a path, and what the program's records hold. Out: the type of its rows, what each
//! column is, and the rows of any part: as arrays, or one by one as the readers of whole
//! files take them.

use std::path::Path;

use arrow_array::RecordBatch;
use bytes::Bytes;

use super::Place;
use super::lines::Lines;
use super::row::RowIs;
use super::text::{Holds, Pieces, Text};
use super::unpacked::{self, Table, Unpacked};
use crate::check::program::{FactId, Program, RecordId, Type};
use crate::diagnostic::Diagnostic;
use crate::progress::Progress;
use crate::record::column::{Column, Columns};
use crate::record::encoding::Coding;
use crate::record::file::guessed;
use crate::record::given::Given;
use crate::record::input::Loading;
use crate::record::json::depth;
use crate::record::object_rows::Listed;
use crate::record::parquet::{Groups, Times, given};
use crate::record::table::Reading;
use crate::record::{DataFile, FileReport, Input, Limits, RowsAre};
use crate::value::Period;

/// A file.
pub(super) struct Source {
    pub file: DataFile,
    /// The type of its rows.
    pub record: RecordId,
    pub form: Form,
    pub header: Vec<String>,
    pub found: Vec<Column>,
    /// What the cells of each column become.
    pub holds: Vec<Holds>,
    /// The lists into which its rows are joined.
    pub joins: Vec<(RecordId, FactId)>,
    /// What all objects of a list tell.
    pub listed: Option<Listed>,
    /// The facts in the order in which their cells are read.
    pub order: Vec<FactId>,
    /// What was said of its columns.
    pub told: Vec<Diagnostic>,
    pub report: FileReport,
    /// What is said of the file before its columns.
    pub said: Vec<Diagnostic>,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What a file is, and how its parts are read.
pub(super) enum Form {
    Parquet(Groups),
    Text(Pieces),
    Lines(Lines),
    Unpacked(Unpacked),
}

/// The bytes of a part, unpacked.
pub(crate) enum Read {
    Batch(RecordBatch),
    Text(Text),
    Rows(Bytes),
}

impl Form {
    /// How many rows each part has.
    pub fn rows(&self) -> Vec<usize> {
        match self {
            Form::Parquet(groups) => groups.rows().collect(),
            Form::Text(pieces) => pieces.rows().collect(),
            Form::Lines(lines) => lines.rows().collect(),
            Form::Unpacked(unpacked) => unpacked.rows().collect(),
        }
    }

    /// The number of the row of the header, where it is one.
    pub fn header_row(&self) -> Option<usize> {
        match self {
            Form::Parquet(_) | Form::Lines(_) => None,
            Form::Text(_) => Some(1),
            Form::Unpacked(unpacked) => unpacked.header_row,
        }
    }

    /// The number of the first row.
    pub fn first_row(&self) -> usize {
        match self {
            Form::Parquet(_) | Form::Lines(_) => 1,
            Form::Text(_) => 2,
            Form::Unpacked(unpacked) => unpacked.first_row(),
        }
    }

    /// Whether its rows are objects, each of which says by itself what it holds.
    pub fn has_objects(&self) -> bool {
        match self {
            Form::Lines(_) => true,
            Form::Unpacked(unpacked) => unpacked.header_row.is_none(),
            Form::Parquet(_) | Form::Text(_) => false,
        }
    }
}

/// What files are opened with.
#[derive(Clone, Copy)]
pub(super) struct Opening<'o> {
    pub program: &'o Program,
    pub period: Period,
    pub limits: &'o Limits,
    /// Where rows are set aside.
    pub folder: &'o Path,
}

/// A table of a file before its columns are judged.
struct Opened {
    form: Form,
    file: DataFile,
    record: Option<RecordId>,
    /// The headers, or the keys of the first objects.
    header: Vec<String>,
    encoding: &'static str,
}

impl Opening<'_> {
    /// The tables of a file, and what is said of it; none where it is to be read as a whole.
    fn tables(&self, input: &Input, loading: &mut Loading<'_>) -> Option<(Vec<Opened>, Vec<Diagnostic>)> {
        let ending = input.path.extension()?.to_str()?.to_ascii_lowercase();
        let (wanted, limits) = (input.encoding.as_deref(), self.limits);
        let pieces = |separator| {
            let pieces = Pieces::open(&input.path, separator, wanted, limits)?;
            Some((pieces.header.clone(), Some(pieces.coding), Form::Text(pieces)))
        };
        let (header, coding, form) = match ending.as_str() {
            "parquet" => {
                let groups = Groups::open(&input.path, limits)?;
                (groups.columns.iter().map(|(name, _)| name.clone()).collect(), None, Form::Parquet(groups))
            }
            "csv" => pieces(b',')?,
            "tsv" | "tab" => pieces(b'\t')?,
            "jsonl" | "ndjson" => {
                let lines = Lines::open(&input.path, wanted, limits)?;
                (lines.keys.clone(), Some(lines.coding), Form::Lines(lines))
            }
            "json" | "xlsx" | "xlsm" => {
                let (tables, said) = match ending.as_str() {
                    "json" => unpacked::arrays(loading, input, self.folder)?,
                    _ => unpacked::workbook(loading, input, self.folder)?,
                };
                let opened = |Table { name, rows_are, record, header, encoding, rows }| Opened {
                    form: Form::Unpacked(rows),
                    file: DataFile { name, rows: rows_are },
                    record: Some(record),
                    header,
                    encoding,
                };
                return Some((tables.into_iter().map(opened).collect(), said));
            }
            _ => return None,
        };
        let name = input.path.display().to_string();
        let guesses = coding.filter(|coding| coding.guessed).map(|coding| guessed(&name, coding.name()));
        let record = loading.record_of(input, &name, &header);
        let file = DataFile { name, rows: RowsAre::Numbered };
        let opened = Opened { form, file, record, header, encoding: coding.map_or("Parquet", Coding::name) };
        Some((vec![opened], guesses.into_iter().collect()))
    }
}

impl Source {
    /// The tables of a file, the first of which has so many before it; none where it is to be read as a whole, be it to
    /// say what is wrong with it.
    pub fn open(opening: &Opening<'_>, input: &Input, before: usize) -> Option<Vec<Source>> {
        // What a pipe gives, it gives once: to the reader of whole files.
        let bytes = std::fs::metadata(&input.path).ok().filter(std::fs::Metadata::is_file)?.len();
        let progress = Progress::default();
        let mut loading = Loading::new(opening.program, opening.period, opening.limits, &progress);
        let (opened, mut said) = opening.tables(input, &mut loading)?;
        let sources = (before..).zip(opened).map(|(at, opened)| {
            // What is said of the file is said with its first table.
            Source::of(opening, opened, (std::mem::take(&mut said), bytes), at)
        });
        sources.collect()
    }

    fn of(opening: &Opening<'_>, opened: Opened, (said, bytes): (Vec<Diagnostic>, u64), at: usize) -> Option<Source> {
        let Opened { mut form, file, record, header, encoding } = opened;
        let (record, name) = (record?, file.name.clone());
        let columns = Columns::new(opening.program, record)?;
        if form.has_objects() {
            let report = FileReport { file: name, record: Some(record), encoding, ..FileReport::default() };
            let listed = match columns.parents.as_slice() {
                [] => None,
                _ => Some(listed(&columns, &header)?),
            };
            let joins = listed.iter().map(|listed| listed.list).collect();
            // What each object holds is said in the object.
            let (header, found, holds, order, told) = Default::default();
            let source =
                Source { file, record, form, header, found, holds, joins, listed, order, told, report, said, bytes };
            return Some(source);
        }
        if header.is_empty() {
            return None;
        }
        let progress = Progress::default();
        let mut loading = Loading::new(opening.program, opening.period, opening.limits, &progress);
        loading.files = vec![file.clone(); at.saturating_add(1)];
        let table = loading.table(&columns, u32::try_from(at).ok()?);
        let reading = Reading::new(table, &header, form.header_row()).ok()?;
        let so_far = reading.so_far();
        let found = reading.columns().to_vec();
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
        let can = so_far.readable && named && is_known_once(&found) && belong_to_one(&found);
        let (joins, listed, order) = (so_far.joins.clone(), None, reading.order_of_facts());
        can.then_some(Source {
            file,
            record,
            form,
            header,
            found,
            holds,
            joins,
            listed,
            order,
            told,
            report,
            said,
            bytes,
        })
    }

    /// Whether rows may say something of one record together, each of another period.
    pub fn has_period(&self) -> bool {
        self.found.iter().any(|column| column.period)
    }

    /// Unpacks a part.
    pub fn read(&self, group: usize, limits: &Limits) -> Option<Read> {
        match &self.form {
            Form::Parquet(groups) => groups.read(group, &self.wanted(), limits).map(Read::Batch),
            Form::Text(pieces) => pieces.text(group).map(Read::Text),
            Form::Lines(lines) => lines.text(group).map(Read::Text),
            Form::Unpacked(unpacked) => unpacked.read(group).map(Read::Rows),
        }
    }

    /// The places of the columns that say anything.
    pub fn wanted(&self) -> Vec<usize> {
        let known = self.found.iter().enumerate().filter(|(_, column)| column.is_known());
        known.map(|(at, _)| at).collect()
    }

    /// What the times of a column are.
    pub fn times(&self, at: usize) -> Times {
        match &self.form {
            Form::Parquet(groups) => groups.columns.get(at).map_or(Times::AsTheySay, |(_, times)| *times),
            Form::Text(_) | Form::Lines(_) | Form::Unpacked(_) => Times::AsTheySay,
        }
    }

    /// Hands over the rows of a part one by one with their numbers; nothing of a row without anything in it.
    pub fn each_row(
        &self,
        place: &Place,
        read: &Read,
        limits: &Limits,
        take: &mut dyn FnMut(usize, Option<RowIs<'_>>) -> Option<()>,
    ) -> Option<()> {
        match (read, &self.form) {
            (Read::Batch(batch), _) => self.rows_of_batch(place, batch, take),
            (Read::Text(text), Form::Text(pieces)) => pieces.cells(text, limits)?.try_for_each(|row| {
                let row = row.ok()?;
                let number = place.first.checked_add(row.number)?.checked_sub(1)?;
                let blank = row.cells.iter().all(|cell| cell.trim().is_empty());
                take(number, (!blank).then(|| RowIs::Cells(row.cells.into_iter().map(Given::Text).collect())))
            }),
            (Read::Text(text), Form::Lines(_)) => {
                let mut lines = text.as_str()?.lines().zip(place.first..).filter(|(line, _)| !line.trim().is_empty());
                lines.try_for_each(|(line, number)| {
                    // A line that nests too deeply is told of the file.
                    Some(line).filter(|line| depth(line) <= limits.depth)?;
                    take(number, Some(RowIs::Line(line.into())))
                })
            }
            (Read::Rows(bytes), _) => unpacked::each_row(bytes, place.first, take),
            (Read::Text(_), Form::Parquet(_) | Form::Unpacked(_)) => None,
        }
    }

    fn rows_of_batch(
        &self,
        place: &Place,
        batch: &RecordBatch,
        take: &mut dyn FnMut(usize, Option<RowIs<'_>>) -> Option<()>,
    ) -> Option<()> {
        let wanted = self.wanted();
        for row in 0..batch.num_rows() {
            let mut cells: Vec<Given> = vec![Given::BLANK; self.header.len()];
            for (array, at) in batch.columns().iter().zip(&wanted) {
                *cells.get_mut(*at)? = given(array.as_ref(), row, self.times(*at));
            }
            let blank = wanted.len() == self.header.len() && cells.iter().all(Given::is_blank);
            take(place.first.checked_add(row)?, (!blank).then_some(RowIs::Cells(cells)))?;
        }
        Some(())
    }
}

/// Whether no two columns can say something of the same fact and period: a plain column of a fact by period may.
fn is_known_once(found: &[Column]) -> bool {
    let facts = found.iter().filter_map(|column| column.fact.as_ref());
    let plain = facts.clone().filter(|fact| fact.period.is_none());
    plain.into_iter().all(|one| facts.clone().filter(|other| other.fact == one.fact).count() == 1)
}

/// What objects with these keys tell of their owners; none where they tell nothing, or perhaps something else each.
fn listed(columns: &Columns, keys: &[String]) -> Option<Listed> {
    let ([parent], []) = (columns.parents.as_slice(), columns.ancestors.as_slice()) else { return None };
    let column = keys.iter().find(|key| !columns.find(key).parents.is_empty())?;
    Some(Listed { column: column.into(), list: (parent.record, parent.list) })
}

/// Whether each row belongs to one record at most, of one list, and names nothing above it.
fn belong_to_one(found: &[Column]) -> bool {
    let mut owners = found.iter().filter(|column| !column.parents.is_empty());
    let one = owners.next().is_none_or(|owner| owner.parents.len() == 1) && owners.next().is_none();
    one && found.iter().all(|column| column.ancestors.is_empty())
}
