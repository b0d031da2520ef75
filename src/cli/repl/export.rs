//! `export`: a table into a workbook, CSV, Parquet or Markdown.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use crate::cli::book::{Book, Cell as BookCell, Holds};
use crate::cli::console::Console;
use crate::cli::output::{CellText, begin_csv, finish_csv};
use crate::cli::whole::{Begun, Unwritten};
use crate::diagnostic::{Code, Diagnostic};
use crate::repl::render::Style;
use crate::repl::{Cell, Table};
use crate::value::Date;

/// The endings of files.
const ENDINGS: &str = ".xlsx、.csv、.parquet、.md";

type Done = Result<(), Box<Diagnostic>>;

/// Writes a table in the format of the file's ending.
pub(super) fn write(path: &Path, table: &Table, console: &Console, date: Date) -> Done {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let style = Style { language: console.language, color: false, width: usize::MAX };
    let written = |begun: Begun| match ending.as_deref() {
        Some("xlsx") => workbook(begun, table, style, date),
        Some("csv") => csv(begun, table, style),
        Some("parquet") => parquet_file(begun, table, style),
        _ => markdown(begun, table, style),
    };
    if !matches!(ending.as_deref(), Some("xlsx" | "csv" | "parquet" | "md")) {
        let told = Diagnostic::new(Code::UnknownFormat).with("file", path.display().to_string());
        let found = ending.map(|ending| format!(".{ending}"));
        return Err(Box::new(told.with_some("found", found).with("expected", ENDINGS)));
    }
    Begun::at(path).map_err(Unwritten::from).and_then(written).map_err(|error| Box::new(error.told(path)))
}

/// Writes a whole file.
pub(super) fn bytes(path: &Path, bytes: &[u8]) -> Done {
    let written = Begun::at(path).and_then(|mut begun| {
        begun.write_all(bytes)?;
        begun.finish()
    });
    written.map_err(|error| Box::new(Unwritten::from(error).told(path)))
}

/// A cell as programs read it: no groups of digits.
fn plain(cell: &Cell, style: Style) -> String {
    match cell {
        Cell::Money(amount) | Cell::Change(amount) => amount.to_yuan(),
        Cell::Number(number) | Cell::Rate(number) => number.to_string(),
        Cell::Count(count) => count.to_string(),
        Cell::Unknown => String::new(),
        other => style.cell(other),
    }
}

fn heads(table: &Table, style: Style) -> Vec<String> {
    table.columns.iter().map(|column| column.name.pick(style.language).to_owned()).collect()
}

fn csv(begun: Begun, table: &Table, style: Style) -> Result<(), Unwritten> {
    let mut csv = begin_csv(begun)?;
    let harmless = |text: String| CellText::Harmless.of(text);
    csv.write_record(heads(table, style).into_iter().map(harmless))?;
    for row in &table.rows {
        let cell = |cell: &Cell| match cell {
            Cell::Text(_) => harmless(plain(cell, style)),
            _ => plain(cell, style),
        };
        csv.write_record(row.iter().map(cell))?;
    }
    finish_csv(csv)
}

fn markdown(mut begun: Begun, table: &Table, style: Style) -> Result<(), Unwritten> {
    let line = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    begun.write_all(line(heads(table, style)).as_bytes())?;
    let rules = table.columns.iter().map(|column| if column.figures { "--:" } else { "---" }.to_owned());
    begun.write_all(line(rules.collect()).as_bytes())?;
    for row in &table.rows {
        begun.write_all(line(row.iter().map(|cell| style.cell(cell)).collect()).as_bytes())?;
    }
    Ok(begun.finish()?)
}

/// Texts throughout: what is a figure to whom is for whoever reads it to say.
fn parquet_file(begun: Begun, table: &Table, style: Style) -> Result<(), Unwritten> {
    let heads = heads(table, style);
    let columns = heads.iter().enumerate().map(|(at, name)| {
        let cells = table.rows.iter().map(|row| {
            row.get(at).filter(|cell| !matches!(cell, Cell::Blank | Cell::Unknown)).map(|cell| plain(cell, style))
        });
        let array: ArrayRef = Arc::new(cells.collect::<StringArray>());
        (name.clone(), array)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))?;
    let mut writer = ArrowWriter::try_new(begun, batch.schema(), None)?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?.finish()?)
}

fn workbook(begun: Begun, table: &Table, style: Style, date: Date) -> Result<(), Unwritten> {
    let mut book = Book::new(&begun, style.language, date)?;
    let holds = |at: usize| {
        let first =
            table.rows.iter().filter_map(|row| row.get(at)).find(|cell| !matches!(cell, Cell::Blank | Cell::None));
        match first {
            Some(Cell::Money(_) | Cell::Change(_) | Cell::Count(_)) => Holds::Figures,
            _ => Holds::Text,
        }
    };
    let columns = heads(table, style).into_iter().enumerate().map(|(at, name)| (name, holds(at))).collect();
    let sheet = book.sheet(style.language.pick("结果", "result"), columns, 1)?;
    for row in &table.rows {
        let cell = |cell: &Cell| match cell {
            Cell::Money(amount) | Cell::Change(amount) => BookCell::amount(Some(amount.to_yuan())),
            Cell::Count(count) => BookCell::Count(usize::try_from(*count).unwrap_or(usize::MAX)),
            other => BookCell::text(plain(other, style)),
        };
        book.row(sheet, row.iter().map(cell).collect())?;
    }
    book.finish(begun)
}
