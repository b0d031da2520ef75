//! From data files to records.
//!
//! In: a checked program, which says what a record holds, and files of rows or objects.
//! Out: a [`Population`] of records, the rows that were kept apart because something in
//! them is wrong, and a [`Report`] of what each file had. A wrong row never stops the
//! others and is never dropped without a word. Checks written with `where` need the
//! evaluator: [`Population::check`] runs them over what was loaded.

pub mod amend;
mod arrays;
mod attach;
mod belonging;
mod cell;
mod column;
mod delimited;
mod draft;
mod encoding;
mod facade;
mod file;
mod given;
mod guarded;
mod input;
mod join;
mod json;
mod json_file;
mod object;
mod object_rows;
mod owner;
mod parquet;
mod parts;
mod plain;
mod population;
mod refusal;
mod report;
mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;
mod workbook;

pub(crate) use arrays::ArrayColumn;
pub use arrays::Arrays;
pub use column::kept_period;
pub use facade::{from_json, from_serialize};
pub(crate) use guarded::guarded;
pub(crate) use input::load_watched;
pub use input::{Limits, load, load_within};
pub use owner::{headers_of_way, owner_headers};
pub(crate) use parts::{Check, Homes, Part, PartRows, Parts, Seen};
pub use population::{DataFile, Population, Rejected, RowsAre};
pub use report::{FactReport, FileReport, Report};

use std::path::PathBuf;

use smol_str::SmolStr;

use crate::check::program::{Program, RecordDef, RecordId};
use crate::diagnostic::Diagnostic;
use crate::value::{Period, Value};

/// A file to load.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The record type of its rows; found by its headers and name where it is not given.
    pub record: Option<RecordId>,
    /// Where it is.
    pub path: PathBuf,
    /// The sheet of a workbook, where it is not to be found out.
    pub sheet: Option<String>,
    /// The text encoding, where it is not to be found out.
    pub encoding: Option<String>,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// Its cells in the order of the record type's facts.
    pub cells: Vec<Cell>,
    /// Where it was read.
    pub place: Option<Origin>,
}

impl Record {
    /// Its key as text.
    pub fn key(&self, program: &Program, def: &RecordDef) -> Option<SmolStr> {
        let fact = def.key?;
        match self.cells.get(fact.index())? {
            Cell::Value(value) => cell::key_text(program, &def.facts.get(fact.index())?.kind, value),
            _ => None,
        }
    }
}

/// The file and row that a record was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The file, by its place in [`Population::files`].
    pub file: u32,
    /// The row counted from 1, the header being one where it is a row; of an array of objects, the number of the object from 0.
    pub row: u32,
}

/// What a record says of one fact.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Not known; of a list: not loaded.
    #[default]
    Unknown,
    /// Known. A fact by period has this only where a default holds for every period.
    Value(Value),
    /// By period; a period that is not listed is unknown.
    Periods(Vec<(Period, Value)>),
    /// The records of a list; none is a list that was loaded and has no row.
    List(Vec<Record>),
}

/// What came of loading.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The records.
    pub population: Population,
    /// What is to be said of files and columns; that of single rows is with [`Population::rejected`].
    pub diagnostics: Vec<Diagnostic>,
    /// What each file had.
    pub report: Report,
}

impl Loaded {
    /// All diagnostics: of files, then of rows.
    pub fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().chain(self.population.rejected.iter().flat_map(|row| &row.diagnostics))
    }
}
