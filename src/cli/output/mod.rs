//! `--output`: the results of all recipients in a file, in the format of its ending.
//!
//! Recipients are handed over one at a time. CSV, JSON lines and Parquet hold the documented
//! lines; a workbook holds a sheet for each question that people ask.

mod chunk;
mod csv;
mod parquet;
pub(super) mod payments;
mod results;
mod snappy;
mod totals;

pub(super) use csv::{CellText, begin as begin_csv, finish as finish_csv};

use std::io::Write;
use std::path::Path;

use super::book::Book;
use super::console::Console;
use super::whole::{Begun, Unwritten};
use crate::explain::lines;
use crate::explain::words::Words;
use crate::record::Loaded;
use crate::report::Report;
use crate::settle::Recipient;
use crate::value::Date;
use csv::CsvLines;
use parquet::ParquetLines;
use results::ResultSheets;

/// The endings of result files.
pub(super) const ENDINGS: &str = ".csv、.xlsx、.parquet、.jsonl";

/// What a result file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    JsonLines,
    Workbook,
    Parquet,
}

/// The kind that a file name asks for.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Kind::Csv),
        "jsonl" | "ndjson" => Some(Kind::JsonLines),
        "xlsx" => Some(Kind::Workbook),
        "parquet" => Some(Kind::Parquet),
        _ => None,
    }
}

/// What the results are told with.
#[derive(Clone, Copy)]
pub(super) struct Telling<'t> {
    pub console: &'t Console,
    pub words: &'t Words<'t>,
    /// The day of decision.
    pub date: Date,
    /// How text stands in CSV.
    pub text: CellText,
}

/// Results on their way into a file.
pub(super) struct Results<'t> {
    telling: Telling<'t>,
    form: Form<'t>,
}

enum Form<'t> {
    Csv(Box<CsvLines>),
    JsonLines(Begun),
    Parquet(Box<ParquetLines>),
    Workbook(Box<ResultSheets<'t>>, Begun),
}

impl<'t> Results<'t> {
    /// Begins the results in a file that was begun.
    pub fn new(begun: Begun, kind: Kind, telling: Telling<'t>) -> Result<Self, Unwritten> {
        let form = match kind {
            Kind::Csv => Form::Csv(Box::new(CsvLines::new(begun, telling.text)?)),
            Kind::JsonLines => Form::JsonLines(begun),
            Kind::Parquet => Form::Parquet(Box::new(ParquetLines::new(begun)?)),
            Kind::Workbook => Form::Workbook(Box::new(ResultSheets::new(&begun, telling)?), begun),
        };
        Ok(Results { telling, form })
    }

    /// Adds a settled recipient.
    pub fn add(&mut self, recipient: &Recipient<'_>) -> Result<(), Unwritten> {
        let lines = lines(self.telling.words, recipient);
        match &mut self.form {
            Form::Csv(csv) => lines.into_iter().try_for_each(|line| csv.add(line)),
            Form::JsonLines(file) => lines.iter().try_for_each(|line| {
                serde_json::to_writer(&mut *file, line).map_err(std::io::Error::from)?;
                Ok(file.write_all(b"\n")?)
            }),
            Form::Parquet(parquet) => lines.into_iter().try_for_each(|line| parquet.add(line)),
            Form::Workbook(sheets, _) => sheets.add(recipient, lines),
        }
    }

    /// Writes what is left and moves the file to its place.
    pub fn finish(self, report: &Report, loaded: &Loaded) -> Result<(), Unwritten> {
        match self.form {
            Form::Csv(csv) => csv.finish(),
            Form::JsonLines(file) => Ok(file.finish()?),
            Form::Parquet(parquet) => parquet.finish(),
            Form::Workbook(sheets, begun) => sheets.finish(begun, report, loaded),
        }
    }
}

/// Writes a report as a workbook: a sheet a table.
pub(super) fn report_workbook(begun: Begun, telling: Telling<'_>, report: &Report) -> Result<(), Unwritten> {
    let mut book = Book::new(&begun, telling.console.language, telling.date)?;
    totals::sheets(&mut book, telling.console, report)?;
    book.finish(begun)
}
