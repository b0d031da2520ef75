//! A population read part by part, for what need not be in memory as a whole.
//!
//! In: files of one type of recipients, and of the rows that stand in their lists; those that
//! have no parts, workbooks and arrays of objects, are unpacked once and set aside. Out: any part, at any time and on any thread: arrays where every cell is
//! plainly what its fact asks for, else records, read row by row and told of as those of
//! every file are. Where rows of several files or parts belong together, [`Homes`] says
//! which; files of several types of recipients, or of lists in lists, have no parts.

mod cells;
mod family;
mod homes;
mod lines;
mod names;
mod row;
mod seen;
mod sorted;
mod source;
mod text;
mod unpacked;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use arrow_array::{Array, ArrayRef};
pub(crate) use family::Check;
use family::LOT;
pub(crate) use homes::Homes;
pub(crate) use seen::Seen;
use seen::SeenOf;
pub(crate) use source::Read;
use source::{Form, Opening, Source};

use super::arrays::{ArrayColumn, Arrays};
use crate::batch::Rows;
use crate::check::program::{Program, RecordId, Type};
use crate::record::column::{Columns, folded};
use crate::record::{DataFile, FileReport, Input, Limits, Origin, Record};
use crate::value::Period;

/// Groups with more rows are not read in parts: each is in memory as a whole.
const MOST_ROWS: usize = 1 << 21;

/// The parts of some files.
pub(crate) struct Parts<'p> {
    program: &'p Program,
    period: Period,
    limits: Limits,
    /// The type of the recipients.
    pub record: RecordId,
    sources: Vec<Source>,
    /// The parts of the files of recipients.
    places: Vec<Place>,
    /// Those of the files of their lists.
    others: Vec<Place>,
}

/// Where a part stands.
struct Place {
    file: usize,
    /// The row group or piece.
    group: usize,
    /// The number of its first row, from 1.
    first: usize,
    rows: usize,
    /// The number of its first lot among all.
    lot: usize,
}

impl Place {
    /// How many lots its rows make.
    fn lots(&self) -> usize {
        self.rows.div_ceil(LOT)
    }
}

/// Rows of a part.
pub(crate) struct Part {
    pub rows: PartRows,
    /// What is to be told of them.
    pub seen: Seen,
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
    /// What has no parts is set aside in a folder.
    pub fn of(program: &'p Program, inputs: &[Input], period: Period, folder: &Path) -> Option<Parts<'p>> {
        let limits = Limits::default();
        are_other_tables(inputs)?;
        let opening = Opening { program, period, limits: &limits, folder };
        let mut sources: Vec<Source> = Vec::new();
        for input in inputs {
            sources.extend(Source::open(&opening, input, sources.len())?);
        }
        let record = recipients(program, &sources)?;
        let (mut places, mut others, mut lot) = (Vec::new(), Vec::new(), 0_usize);
        for (file, source) in sources.iter().enumerate() {
            let mut first = source.form.first_row();
            for (group, rows) in source.form.rows().into_iter().enumerate() {
                let place = Place { file, group, first, rows, lot };
                first = first.checked_add(rows)?;
                if source.record == record {
                    lot = lot.checked_add(place.lots())?;
                    places.push(place);
                } else {
                    others.push(place);
                }
            }
        }
        let fits = |places: &[Place]| {
            let rows = places.iter().map(|place| place.rows);
            rows.clone().all(|rows| rows <= MOST_ROWS) && rows.sum::<usize>() <= limits.rows
        };
        (fits(&places) && others.iter().all(|place| place.rows <= MOST_ROWS)).then_some(Parts {
            program,
            period,
            limits,
            record,
            sources,
            places,
            others,
        })
    }

    /// Whether rows of several files or parts may belong together.
    pub fn belong_together(&self) -> bool {
        self.sources.iter().any(|source| source.record != self.record || source.has_period())
    }

    /// The length of all files in bytes.
    pub fn bytes(&self) -> usize {
        self.sources
            .iter()
            .map(|source| usize::try_from(source.bytes).unwrap_or(usize::MAX))
            .fold(0, usize::saturating_add)
    }

    /// How many parts.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// How many rows each part has at most.
    pub fn part_rows(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|place| place.rows)
    }

    /// How many rows of recipients all parts have.
    pub fn rows(&self) -> usize {
        self.places.iter().map(|place| place.rows).sum()
    }

    /// Unpacks a part; none where the files are to be read as a whole.
    pub fn unpacked(&self, at: usize) -> Option<Read> {
        let place = self.places.get(at)?;
        self.sources.get(place.file)?.read(place.group, &self.limits)
    }

    /// A part as arrays, where they are plain: nothing in them is wrong or worth a word.
    pub fn plain(&self, at: usize, read: &Read) -> Option<Part> {
        let place = self.places.get(at)?;
        let source = self.sources.get(place.file)?;
        let columns = Columns::new(self.program, self.record)?;
        let arrays = self.arrays(place, source, read)?;
        let blanks = arrays.plain(&columns)?;
        let mut report = FileReport { rows: place.rows, ..FileReport::default() };
        for (column, blank) in arrays.columns.iter().zip(blanks).filter(|_| place.rows > 0) {
            report.add(column.fact, place.rows.saturating_sub(blank), blank);
        }
        let of = SeenOf { file: place.file, first: Vec::new(), report, notes: Vec::new(), unknown: Vec::new() };
        Some(Part { rows: PartRows::Arrays(arrays), seen: Seen { files: vec![of], ..Seen::default() } })
    }

    /// The arrays of a part; none where it has none that can be taken as they are.
    fn arrays(&self, place: &Place, source: &Source, read: &Read) -> Option<Arrays> {
        let origin = Origin { file: u32::try_from(place.file).ok()?, row: u32::try_from(place.first).ok()? };
        let arrays: Vec<ArrayRef> = match (read, &source.form) {
            (Read::Batch(batch), _) => batch.columns().to_vec(),
            (Read::Text(text), Form::Text(pieces)) => {
                pieces.arrays(place.group, text, &source.holds)?.into_iter().flatten().collect()
            }
            (Read::Text(_) | Read::Rows(_), _) => return None,
        };
        let held = arrays.into_iter().zip(source.wanted()).map(|(array, at)| {
            let column = source.found.get(at)?.fact.as_ref()?;
            let (fact, period, scale) = (column.fact, column.period, column.scale.clone());
            Some(ArrayColumn { fact, period, scale, array, times: source.times(at) })
        });
        let columns = held.collect::<Option<Vec<_>>>()?;
        let rows = columns.first().map_or(0, |column| column.array.len());
        Some(Arrays { record: self.record, rows, first: Some(origin), columns })
    }

    /// The files, as messages name them.
    pub fn files(&self) -> Vec<DataFile> {
        self.sources.iter().map(|source| source.file.clone()).collect()
    }
}

/// Whether no table is named twice, but for two sheets of a workbook: that is for the reader of whole files to judge.
fn are_other_tables(inputs: &[Input]) -> Option<()> {
    let mut sheets: HashMap<PathBuf, HashSet<Option<String>>> = HashMap::new();
    for input in inputs {
        let sheets = sheets.entry(std::fs::canonicalize(&input.path).ok()?).or_default();
        let is_alone = sheets.is_empty() || (input.sheet.is_some() && !sheets.contains(&None));
        (is_alone && sheets.insert(input.sheet.as_deref().map(folded))).then_some(())?;
    }
    Some(())
}

/// The type of recipients in some files, where all other rows stand in its lists.
fn recipients(program: &Program, sources: &[Source]) -> Option<RecordId> {
    let record = sources.iter().find(|source| source.joins.is_empty())?.record;
    let is_list = program.records.iter().any(|def| def.facts.iter().any(|fact| fact.kind == Type::List(record)));
    let fits = |source: &Source| match source.joins.as_slice() {
        [] => source.record == record,
        [(owner, _)] => *owner == record && source.record != record,
        _ => false,
    };
    let has_key = program.records.get(record.index())?.key.is_some();
    (!is_list && has_key && sources.iter().all(fits)).then_some(record)
}
