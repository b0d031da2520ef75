//! `export`: a table into a workbook, CSV, Parquet or Markdown.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Decimal128Array, RecordBatch, StringArray, UInt64Array};
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
const ENDINGS: &str = ".xlsx, .csv, .parquet, .md";

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

fn parquet_file(begun: Begun, table: &Table, style: Style) -> Result<(), Unwritten> {
    let columns = heads(table, style).into_iter().enumerate().map(|(at, name)| {
        let cells: Vec<&Cell> = table.rows.iter().filter_map(|row| row.get(at)).collect();
        (name, column(&cells, style), true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let mut writer = ArrowWriter::try_new(begun, batch.schema(), None)?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?.finish()?)
}

/// A column with the type of its cells: amounts to the fen, counts, yes or no; else texts.
fn column(cells: &[&Cell], style: Style) -> ArrayRef {
    let is_empty = |cell: &Cell| matches!(cell, Cell::Blank | Cell::Unknown | Cell::None);
    let all = |fits: fn(&Cell) -> bool| {
        cells.iter().all(|cell| is_empty(cell) || fits(cell)) && cells.iter().any(|cell| fits(cell))
    };
    let texts = || -> ArrayRef {
        let filled = |cell: &&Cell| !matches!(cell, Cell::Blank | Cell::Unknown);
        let text = |cell: &&Cell| Some(*cell).filter(filled).map(|cell| plain(cell, style));
        Arc::new(cells.iter().map(text).collect::<StringArray>())
    };
    if all(|cell| matches!(cell, Cell::Money(_) | Cell::Change(_))) {
        let fen = |cell: &&Cell| match cell {
            Cell::Money(amount) | Cell::Change(amount) => amount.to_yuan().replace('.', "").parse::<i128>().ok(),
            _ => None,
        };
        let amounts: Decimal128Array = cells.iter().map(fen).collect();
        return amounts.with_precision_and_scale(38, 2).map_or_else(|_| texts(), |amounts| Arc::new(amounts));
    }
    if all(|cell| matches!(cell, Cell::Count(_))) {
        let count = |cell: &&Cell| match cell {
            Cell::Count(count) => Some(*count),
            _ => None,
        };
        return Arc::new(cells.iter().map(count).collect::<UInt64Array>());
    }
    if all(|cell| matches!(cell, Cell::Bool(_))) {
        let yes = |cell: &&Cell| match cell {
            Cell::Bool(yes) => Some(*yes),
            _ => None,
        };
        return Arc::new(cells.iter().map(yes).collect::<BooleanArray>());
    }
    texts()
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

#[cfg(test)]
mod tests {
    use arrow_schema::DataType;

    use super::*;
    use crate::diagnostic::Language;
    use crate::value::Number;

    #[test]
    fn a_column_of_parquet_has_the_type_of_its_cells() {
        let style = Style { language: Language::Chinese, color: false, width: usize::MAX };
        let kind = |cells: &[Cell]| {
            let column = column(&cells.iter().collect::<Vec<_>>(), style);
            (column.data_type().clone(), column.null_count())
        };
        let amount = |digits: &str| Cell::Money(Number::from_digits(digits).unwrap());
        let amounts = [amount("8000000"), Cell::Unknown, amount("0.05")];
        assert_eq!(kind(&amounts), (DataType::Decimal128(38, 2), 1));
        let fen = column(&amounts.iter().collect::<Vec<_>>(), style);
        let fen = fen.as_any().downcast_ref::<Decimal128Array>().unwrap();
        assert_eq!((fen.value(0), fen.value(2)), (800_000_000, 5));
        assert_eq!(kind(&[Cell::Count(3), Cell::Blank]), (DataType::UInt64, 1));
        assert_eq!(kind(&[Cell::Bool(true), Cell::None]), (DataType::Boolean, 1));
        assert_eq!(kind(&[amount("1"), Cell::same("东湖区")]), (DataType::Utf8, 0));
        let open = Cell::Between(Number::ONE, None);
        assert_eq!(kind(&[amount("1"), open]), (DataType::Utf8, 0));
        assert_eq!(kind(&[Cell::Blank]), (DataType::Utf8, 1));
    }
}
