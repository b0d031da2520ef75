//! Rows of the sheets of a workbook.
//!
//! In: the bytes of an XLSX file. Out: the drafts of the rows of those sheets that are
//! meant: the one that is named, else all that have the name of a record, else the only
//! one that holds anything. Cells are read one by one, never as the rectangle that a sheet
//! says it fills.

mod cell;
mod package;

use std::io::Cursor;
use std::sync::mpsc::{SyncSender, sync_channel};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::column::{Columns, folded};
use super::file::read_bytes;
use super::given::Given;
use super::guarded::guarded;
use super::input::{FileDrafts, Limits, Loading};
use super::refusal::Refusal;
use super::table::{Reading, Table};
use super::{Input, RowsAre};
use crate::check::program::RecordId;
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};
use crate::resolve::nearest;

use cell::given;
use package::check_package;

type Book = Xlsx<Cursor<Vec<u8>>>;

/// Cells that are handed over together, and batches that wait to be read.
const BATCH: usize = 16 * 1024;
const WAITING: usize = 4;

impl From<XlsxError> for Refusal {
    fn from(error: XlsxError) -> Refusal {
        match error {
            XlsxError::Password => Refusal::Reason(Argument::phrase("设了密码", "it has a password")),
            XlsxError::CellError(value) => Refusal::Reason(Argument::phrase(
                format!("单元格里有这里不认识的错误值 {value}"),
                format!("a cell has the error {value}, which is not known here"),
            )),
            _ => Refusal::damaged(),
        }
    }
}

/// A sheet that is meant.
pub(super) struct Head {
    /// The file and the sheet.
    pub(super) name: String,
    pub(super) record: RecordId,
    /// The row of its header.
    pub(super) row: usize,
    pub(super) header: Vec<String>,
}

/// Takes a row: the place of its sheet, its number, its cells.
type Take<'t> = dyn FnMut(usize, usize, Vec<Given<'_>>) -> Option<()> + 't;

/// A sheet to read.
struct Chosen {
    sheet: String,
    record: Option<RecordId>,
}

impl Loading<'_> {
    /// Reads a workbook.
    pub(super) fn read_workbook(&mut self, input: &Input, name: &str, bytes: Vec<u8>) -> Vec<FileDrafts> {
        if bytes.is_empty() {
            self.empty_workbook(name);
            return Vec::new();
        }
        match self.open_workbook(input, name, bytes) {
            Ok((mut book, chosen)) => {
                chosen.into_iter().filter_map(|chosen| self.read_sheet(input, name, &mut book, chosen)).collect()
            }
            Err(refusal) => {
                self.loaded.diagnostics.push(refusal.diagnostic(name));
                Vec::new()
            }
        }
    }

    /// Hands over the rows of the sheets of a workbook that are meant. What the sheets are; none where the workbook is to
    /// be read as a whole.
    pub(super) fn rows_of_workbook(&mut self, input: &Input, name: &str, take: &mut Take<'_>) -> Option<Vec<Head>> {
        let bytes = read_bytes(&input.path, name, self.limits).ok().filter(|bytes| !bytes.is_empty())?;
        let (mut book, chosen) = self.open_workbook(input, name, bytes).ok()?;
        let mut heads = Vec::with_capacity(chosen.len());
        for (at, chosen) in chosen.into_iter().enumerate() {
            let sheet = chosen.sheet.clone();
            let head = self.head_of(input, name, &mut book, chosen)?;
            let limits = self.limits;
            guarded(|| {
                let mut rows = Rows::new(&mut book, &sheet, limits).ok()?;
                while let Some((number, cells)) = rows.next().ok()? {
                    if number > head.row && !cells.iter().all(Given::is_blank) {
                        take(at, number, cells)?;
                    }
                }
                Some(())
            })??;
            heads.push(head);
        }
        Some(heads)
    }

    fn open_workbook(&mut self, input: &Input, name: &str, bytes: Vec<u8>) -> Result<(Book, Vec<Chosen>), Refusal> {
        check_package(&bytes, self.limits)?;
        let opened = guarded(|| Book::new(Cursor::new(bytes)).map_err(Refusal::from));
        let mut book = opened.unwrap_or_else(|| Err(Refusal::damaged()))?;
        let chosen = guarded(|| self.choose(input, name, &mut book)).unwrap_or_else(|| Err(Refusal::damaged()))?;
        Ok((book, chosen))
    }

    fn empty_workbook(&mut self, name: &str) {
        let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
        self.loaded.diagnostics.push(Diagnostic::new(Code::EmptyFile).with("file", name).in_data(place));
    }

    /// The sheets that are meant.
    fn choose(&mut self, input: &Input, name: &str, book: &mut Book) -> Result<Vec<Chosen>, Refusal> {
        let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let (shown, hidden): (Vec<_>, Vec<_>) =
            sheets.cloned().partition(|sheet| sheet.visible == SheetVisible::Visible);
        if shown.is_empty() && hidden.is_empty() {
            return Err(Refusal::damaged());
        }
        let names = |sheets: &[calamine::Sheet]| sheets.iter().map(|sheet| sheet.name.clone()).collect::<Vec<_>>();
        let (shown, hidden) = (names(&shown), names(&hidden));
        if let Some(wanted) = &input.sheet {
            let mut all = shown.iter().chain(&hidden);
            let Some(sheet) = all.find(|sheet| folded(sheet) == folded(wanted)).cloned() else {
                self.unclear_sheet(name, Some(wanted), &shown);
                return Ok(Vec::new());
            };
            let record = input.record.or_else(|| self.record_of_sheet(&sheet));
            return Ok(vec![Chosen { sheet, record }]);
        }
        let mut filled = Vec::new();
        for sheet in shown {
            if header(book, &sheet, self.limits)?.is_some() {
                filled.push(sheet);
            }
        }
        let mut chosen = Vec::new();
        let mut others = Vec::new();
        for sheet in &filled {
            let record = self.record_of_sheet(sheet);
            match record.filter(|record| input.record.is_none_or(|wanted| wanted == *record)) {
                Some(_) => chosen.push(Chosen { sheet: sheet.clone(), record }),
                None => others.push(sheet),
            }
        }
        if !chosen.is_empty() {
            // Whoever names the record knows that the others are not meant.
            for sheet in others.into_iter().filter(|_| input.record.is_none()) {
                let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
                let unused = Diagnostic::new(Code::UnusedSheet).with("file", name).with("name", sheet);
                self.loaded.diagnostics.push(unused.in_data(place));
            }
            return Ok(chosen);
        }
        match filled.as_slice() {
            [] => self.empty_workbook(name),
            [sheet] => chosen.push(Chosen { sheet: sheet.clone(), record: input.record }),
            _ => self.unclear_sheet(name, None, &filled),
        }
        Ok(chosen)
    }

    /// The record whose name a sheet has, alone or before a dash.
    fn record_of_sheet(&self, sheet: &str) -> Option<RecordId> {
        self.record_named(sheet).or_else(|| self.record_named(sheet.split(['-', '_']).next()?))
    }

    fn unclear_sheet(&mut self, name: &str, wanted: Option<&str>, sheets: &[String]) {
        let near = wanted.and_then(|wanted| nearest(wanted, sheets.iter().map(String::as_str)).map(str::to_string));
        let first = near.as_ref().or(sheets.first()).map_or("", String::as_str);
        let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
        let diagnostic = Diagnostic::new(Code::UnknownSheet)
            .with("file", name)
            .with_some("name", wanted)
            .with("expected", Argument::phrase(sheets.join("、"), sheets.join(", ")))
            .with("option", format!("--data {name}#{first}"))
            .with_some("near", near);
        self.loaded.diagnostics.push(diagnostic.in_data(place));
    }

    /// The head of a sheet, and what its rows are; none where that cannot be told, which is said.
    fn head_of(&mut self, input: &Input, name: &str, book: &mut Book, chosen: Chosen) -> Option<Head> {
        let name = format!("{name}#{}", chosen.sheet);
        let limits = self.limits;
        let found = guarded(|| header(book, &chosen.sheet, limits)).unwrap_or_else(|| Err(Refusal::damaged()));
        let (row, header) = match found {
            Ok(Some(header)) => header,
            Ok(None) => {
                self.empty_workbook(&name);
                return None;
            }
            Err(refusal) => {
                self.loaded.diagnostics.push(refusal.diagnostic(&name));
                return None;
            }
        };
        let input = Input { record: chosen.record, ..input.clone() };
        let record = self.record_of(&input, &name, &header)?;
        Some(Head { name, record, row, header })
    }

    fn read_sheet(&mut self, input: &Input, name: &str, book: &mut Book, chosen: Chosen) -> Option<FileDrafts> {
        let sheet = chosen.sheet.clone();
        let Head { name, record, row, header } = self.head_of(input, name, book, chosen)?;
        let columns = Columns::new(self.program, record)?;
        let file = self.add_file(&name, RowsAre::Numbered);
        let table = self.table(&columns, file);
        let read = guarded(|| read(table, book, &sheet, row, &header));
        match read.unwrap_or_else(|| Err(Refusal::damaged())) {
            Ok(mut part) => {
                part.report.file = name;
                part.report.encoding = "XLSX";
                Some(part)
            }
            Err(refusal) => {
                self.loaded.diagnostics.push(refusal.diagnostic(&name));
                None
            }
        }
    }
}

/// The first row of a sheet that holds anything, and its number.
fn header(book: &mut Book, sheet: &str, limits: &Limits) -> Result<Option<(usize, Vec<String>)>, Refusal> {
    let mut rows = Rows::new(book, sheet, limits)?;
    while let Some((number, cells)) = rows.next()? {
        if cells.iter().all(Given::is_blank) {
            continue;
        }
        let last = cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |at| at.saturating_add(1));
        let header = cells.into_iter().take(last).map(|cell| match cell {
            Given::Text(text) => text.into_owned(),
            Given::Rounded(text) | Given::Parts(text) => text,
            Given::Moment { day, time } => format!("{day} {time}"),
            Given::Bool(yes) => yes.to_string(),
            Given::Wrong { shown, .. } => shown,
        });
        return Ok(Some((number, header.map(|name| name.trim().to_string()).collect())));
    }
    Ok(None)
}

fn read(
    table: Table,
    book: &mut Book,
    sheet: &str,
    header_row: usize,
    header: &[String],
) -> Result<FileDrafts, Refusal> {
    let mut reading = match Reading::new(table, header, Some(header_row)) {
        Ok(reading) => reading,
        Err(refused) => return Ok(*refused),
    };
    reading.label = letters;
    let (limits, progress) = (table.limits, table.progress);
    let (sender, batches) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let sending = move || {
            let work = move || send_rows(book, sheet, limits, header_row, sender);
            guarded(work).unwrap_or_else(|| Err(Refusal::damaged()))
        };
        let unpacking = std::thread::Builder::new().spawn_scoped(scope, sending).map_err(|_| no_memory())?;
        let mut before = header_row;
        // Where reading ends, nobody takes what is unpacked, and that ends too.
        for (number, cells) in batches.into_iter().take_while(|_| !progress.is_stopped()).flatten() {
            reading.skip_blank(number.saturating_sub(before).saturating_sub(1));
            before = number;
            reading.row(number, &cells);
        }
        unpacking.join().unwrap_or_else(|_| Err(Refusal::damaged()))
    })?;
    Ok(reading.finish())
}

/// Rows that are handed over together, each with its number.
type Batch<'b> = Vec<(usize, Vec<Given<'b>>)>;

/// Unpacks the rows under the header: half of the work, so that a thread of its own does it.
fn send_rows<'b>(
    book: &'b mut Book,
    sheet: &str,
    limits: &Limits,
    header_row: usize,
    sender: SyncSender<Batch<'b>>,
) -> Result<(), Refusal> {
    let mut rows = Rows::new(book, sheet, limits)?;
    let mut batch = Batch::new();
    let mut held: usize = 0;
    while let Some((number, cells)) = rows.next()? {
        if number <= header_row || cells.iter().all(Given::is_blank) {
            continue;
        }
        held = held.saturating_add(cells.len());
        batch.push((number, cells));
        if held >= BATCH {
            held = 0;
            if sender.send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    }
    // Nobody takes it where reading has ended, and that has said why.
    let _ = sender.send(batch);
    Ok(())
}

fn no_memory() -> Refusal {
    Refusal::Reason(Argument::phrase("内存不够", "there is not enough memory"))
}

/// The rows of a sheet, from its cells.
struct Rows<'b> {
    cells: XlsxCellReader<'b, Cursor<Vec<u8>>>,
    limits: Limits,
    since_1904: bool,
    /// The first cell of the next row.
    next: Option<(usize, usize, Given<'b>)>,
    rows: usize,
    text: u64,
}

impl<'b> Rows<'b> {
    fn new(book: &'b mut Book, sheet: &str, limits: &Limits) -> Result<Rows<'b>, Refusal> {
        let since_1904 = book.has_1904_epoch();
        let cells = book.worksheet_cells_reader(sheet)?;
        let mut rows = Rows { cells, limits: *limits, since_1904, next: None, rows: 0, text: 0 };
        rows.next = rows.cell()?;
        Ok(rows)
    }

    /// The next cell that is not blank, with its row and column.
    fn cell(&mut self) -> Result<Option<(usize, usize, Given<'b>)>, Refusal> {
        while let Some(found) = self.cells.next_cell_with_formula_metadata()? {
            let formula = found.formula.as_ref().map(|formula| match formula {
                calamine::XlsxFormulaMetadata::Normal { formula } => formula.as_str(),
                calamine::XlsxFormulaMetadata::Shared { formula, .. } => formula.as_str(),
                _ => "…",
            });
            let cell = given(found.value, formula, self.since_1904);
            if cell.is_blank() {
                continue;
            }
            let (row, column) = (usize::try_from(found.pos.0), usize::try_from(found.pos.1));
            let (row, column) = row.ok().zip(column.ok()).ok_or_else(Refusal::damaged)?;
            if column >= self.limits.columns {
                return Err(Refusal::TooMuch(Argument::phrase("列数", "columns"), self.limits.columns));
            }
            self.text = self.text.saturating_add(u64::try_from(cell.length()).unwrap_or(u64::MAX));
            if self.text > self.limits.unpacked_bytes {
                return Err(Refusal::unpacks_to_more_than(self.limits.unpacked_bytes));
            }
            return Ok(Some((row.saturating_add(1), column, cell)));
        }
        Ok(None)
    }

    /// The next row with anything in it: its number and its cells from the first column on.
    fn next(&mut self) -> Result<Option<(usize, Vec<Given<'b>>)>, Refusal> {
        let Some((number, column, first)) = self.next.take() else { return Ok(None) };
        self.rows = self.rows.saturating_add(1);
        if self.rows > self.limits.rows {
            return Err(Refusal::TooMuch(Argument::phrase("行数", "rows"), self.limits.rows));
        }
        let mut cells = vec![Given::BLANK; column];
        cells.push(first);
        while let Some((row, column, cell)) = self.cell()? {
            if row != number {
                if row < number {
                    return Err(Refusal::damaged());
                }
                self.next = Some((row, column, cell));
                break;
            }
            // Two cells of one place leave open which one counts.
            if column < cells.len() {
                return Err(Refusal::damaged());
            }
            cells.resize(column, Given::BLANK);
            cells.push(cell);
        }
        Ok(Some((number, cells)))
    }
}

/// The letters of a column: A, B, …, Z, AA, AB, ….
pub(super) fn letters(at: usize) -> String {
    let mut letters = Vec::new();
    let mut left = at.saturating_add(1);
    while left > 0 {
        left = left.saturating_sub(1);
        letters.push(char::from(b'A'.saturating_add(u8::try_from(left % 26).unwrap_or(0))));
        left /= 26;
    }
    letters.iter().rev().collect()
}
