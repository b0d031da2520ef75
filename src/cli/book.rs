//! A workbook in the making: sheets of rows, handed over one at a time.
//!
//! Rows go to temporary files without a name as they come; what is kept is the width of the
//! columns. Text stays text whatever it begins with: no cell is a formula or a link. A
//! sheet that is full goes on in another of the same columns. Many rows are written by a
//! thread of their own, batch by batch, while the caller prepares the next ones.

use std::collections::HashSet;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Note, Workbook, Worksheet, XlsxError,
};
use smol_str::SmolStr;
use unicode_width::UnicodeWidthStr;

use super::whole::{Begun, Unwritten};
use crate::diagnostic::Language;
use crate::record::guarded;
use crate::value::Date;

/// Rows of a sheet, without its header.
const MOST_ROWS: u32 = 1_048_575;
/// Columns of a sheet.
const MOST_COLUMNS: usize = 16_384;
/// UTF-16 units of a cell.
const MOST_TEXT: usize = 32_767;
/// UTF-16 units of the name of a sheet.
const MOST_NAME: usize = 31;
/// Digits before the point of an amount that a sheet holds to the fen: it keeps 15 digits.
const MOST_DIGITS: usize = 13;
/// Rows after which the widths of columns are settled.
const MEASURED: u32 = 2_000;
/// The least and the most that a column is wide, in digits.
const WIDTHS: (usize, usize) = (8, 60);
/// What the button of the filter takes.
const BUTTON: usize = 3;

/// Rows that are handed over together, and batches that wait to be written.
const BATCH: usize = 1_024;
const WAITING: usize = 4;
/// Packing tighter takes three times as long for a file that is a fifth smaller.
const COMPRESSION: u8 = 2;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Figures,
}

/// A cell of a row. Short texts stand in it: nothing to be freed by another thread.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Blank,
    Text(SmolStr),
    /// An amount in 元, as digits.
    Amount(SmolStr),
    Count(usize),
    /// A part of a whole, as digits: `0.25` is shown as 25%.
    Share(SmolStr),
}

impl Cell {
    /// Text, or blank.
    pub fn text(text: impl Into<SmolStr>) -> Cell {
        Cell::Text(text.into())
    }

    /// An amount, or blank.
    pub fn amount(text: Option<String>) -> Cell {
        text.map_or(Cell::Blank, |text| Cell::Amount(text.into()))
    }
}

/// A sheet of a [`Book`].
#[derive(Debug, Clone, Copy)]
pub(super) struct SheetId(usize);

struct Sheet {
    name: String,
    columns: Vec<(String, Holds)>,
    /// How many columns on the left stay in sight.
    frozen: u16,
    full: Vec<Worksheet>,
    current: Worksheet,
    /// The rows of the current part, its header left out.
    rows: u32,
    widths: Vec<usize>,
    /// The columns with amounts that stand as text.
    too_long: Vec<bool>,
}

/// A workbook in the making.
pub(super) struct Book {
    /// The sheets, unless a thread has them.
    pages: Option<Box<Pages>>,
    scribe: Option<Scribe>,
    /// Rows that wait until there are enough of them to be handed over.
    waiting: Vec<(SheetId, Vec<Cell>)>,
}

/// A thread that writes rows.
struct Scribe {
    rows: SyncSender<Vec<(SheetId, Vec<Cell>)>>,
    thread: JoinHandle<(Box<Pages>, Result<(), Unwritten>)>,
}

/// The sheets of a workbook.
struct Pages {
    workbook: Workbook,
    language: Language,
    formats: Formats,
    names: HashSet<String>,
    sheets: Vec<Sheet>,
    most_rows: u32,
    total_rows: u64,
}

struct Formats {
    header: Format,
    text: Format,
    /// Amounts to the fen, and items with more places.
    amount: Format,
    places: Format,
    long_amount: Format,
    count: Format,
    share: Format,
}

impl Formats {
    fn new() -> Formats {
        let text = Format::new().set_num_format("@");
        Formats {
            header: Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_background_color(0x00E8_EEF4),
            // Edited by hand, it stays text too.
            text: text.clone().set_quote_prefix(),
            amount: Format::new().set_num_format("#,##0.00"),
            places: Format::new().set_num_format("#,##0.00########"),
            long_amount: text.set_align(FormatAlign::Right),
            count: Format::new().set_num_format("#,##0"),
            share: Format::new().set_num_format("0.00%"),
        }
    }

    fn all(&self) -> [&Format; 7] {
        [&self.header, &self.text, &self.amount, &self.places, &self.long_amount, &self.count, &self.share]
    }
}

impl Book {
    /// A workbook whose temporary files stand in the folder of the file that it becomes.
    pub fn new(begun: &Begun, language: Language, date: Date) -> Result<Book, Unwritten> {
        let pages = Pages::new(begun, language, date)?;
        Ok(Book { pages: Some(Box::new(pages)), scribe: None, waiting: Vec::new() })
    }

    /// Begins a sheet; the first columns stay in sight.
    pub fn sheet(&mut self, name: &str, columns: Vec<(String, Holds)>, frozen: u16) -> Result<SheetId, Unwritten> {
        self.all_written()?.sheet(name, columns, frozen)
    }

    /// Adds a row.
    pub fn row(&mut self, id: SheetId, cells: Vec<Cell>) -> Result<(), Unwritten> {
        self.waiting.push((id, cells));
        if self.waiting.len() < BATCH {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        if self.scribe.is_none() {
            self.scribe = Some(Scribe::new(self.pages.take().ok_or_else(no_room)?)?);
        }
        match self.scribe.as_ref().map(|scribe| scribe.rows.send(rows)) {
            Some(Ok(())) => Ok(()),
            // It has ended, and knows why.
            _ => self.all_written().map(|_| ()),
        }
    }

    /// The sheets, once all rows are written.
    fn all_written(&mut self) -> Result<&mut Pages, Unwritten> {
        if let Some(Scribe { rows, thread }) = self.scribe.take() {
            drop(rows);
            let (pages, written) = thread.join().map_err(|_| no_room())?;
            written?;
            self.pages = Some(pages);
        }
        let pages = self.pages.as_mut().ok_or_else(no_room)?;
        pages.write(&std::mem::take(&mut self.waiting))?;
        Ok(pages)
    }

    /// Writes the workbook and moves it to its place.
    pub fn finish(mut self, begun: Begun) -> Result<(), Unwritten> {
        self.all_written()?;
        self.pages.map_or_else(|| Err(no_room()), |pages| pages.finish(begun))
    }
}

impl Scribe {
    fn new(mut pages: Box<Pages>) -> Result<Scribe, Unwritten> {
        let (rows, batches) = sync_channel::<Vec<(SheetId, Vec<Cell>)>>(WAITING);
        let thread = std::thread::Builder::new().spawn(move || {
            let written = batches.iter().try_for_each(|rows| pages.write(&rows));
            (pages, written)
        })?;
        Ok(Scribe { rows, thread })
    }
}

impl Pages {
    /// A workbook whose temporary files stand in the folder of the file that it becomes.
    fn new(begun: &Begun, language: Language, date: Date) -> Result<Pages, Unwritten> {
        let mut workbook = Workbook::new();
        workbook.set_zip_compression_level(COMPRESSION);
        workbook.set_tempdir(begun.folder())?;
        // The same run writes the same bytes: the day is that of the decision, not of the run.
        let day = ExcelDateTime::parse_from_str(&date.to_string())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
        let formats = Formats::new();
        formats.all().into_iter().for_each(|format| workbook.register_format(format));
        let (names, sheets) = (HashSet::new(), Vec::new());
        Ok(Pages { workbook, language, formats, names, sheets, most_rows: MOST_ROWS, total_rows: 0 })
    }

    fn sheet(&mut self, name: &str, columns: Vec<(String, Holds)>, frozen: u16) -> Result<SheetId, Unwritten> {
        if columns.len() > MOST_COLUMNS {
            let (count, most) = (columns.len(), MOST_COLUMNS);
            return Err(Unwritten::because(
                format!("要写 {count} 列，一张工作表最多 {most} 列；可以写成 .csv、.jsonl 或 .parquet"),
                format!("{count} columns are more than the {most} of a sheet; .csv, .jsonl or .parquet can hold them"),
            ));
        }
        let current = self.part(name, &columns, frozen)?;
        self.sheets.push(Sheet {
            name: name.to_owned(),
            widths: columns.iter().map(|(header, _)| header.width() + BUTTON).collect(),
            too_long: vec![false; columns.len()],
            columns,
            frozen,
            full: Vec::new(),
            current,
            rows: 0,
        });
        Ok(SheetId(self.sheets.len().saturating_sub(1)))
    }

    /// A worksheet with the name, or the next one, and the header.
    fn part(&mut self, name: &str, columns: &[(String, Holds)], frozen: u16) -> Result<Worksheet, Unwritten> {
        let mut part = self.workbook.new_worksheet_with_constant_memory()?;
        part.set_name(self.free_name(name))?;
        part.set_freeze_panes(1, frozen)?;
        for (at, (header, _)) in (0_u16..).zip(columns) {
            part.write_string_with_format(0, at, cut(header, self.language), &self.formats.header)?;
        }
        Ok(part)
    }

    /// A name that Excel takes and no other sheet has.
    fn free_name(&mut self, wanted: &str) -> String {
        let allowed = |c: char| if "[]:*?/\\".contains(c) || c.is_control() { ' ' } else { c };
        let clean: String = wanted.chars().map(allowed).collect();
        let clean = clean.trim_matches(|c: char| c == '\'' || c.is_whitespace());
        let clean = if clean.is_empty() { "-" } else { clean };
        let mut name = first_units(clean, MOST_NAME).to_owned();
        for number in 2_u32.. {
            // Excel keeps the name History for itself.
            let folded = name.to_lowercase();
            if folded != "history" && self.names.insert(folded) {
                break;
            }
            let end = format!(" {number}");
            name = format!("{}{end}", first_units(clean, MOST_NAME - end.len()));
        }
        name
    }

    fn write(&mut self, rows: &[(SheetId, Vec<Cell>)]) -> Result<(), Unwritten> {
        // The crate takes a full disk for a fault of the program.
        guarded(|| rows.iter().try_for_each(|(id, cells)| self.row(*id, cells))).unwrap_or_else(|| Err(no_room()))
    }

    fn row(&mut self, id: SheetId, cells: &[Cell]) -> Result<(), Unwritten> {
        if self.sheets.get(id.0).is_some_and(|sheet| sheet.rows >= self.most_rows) {
            self.next_part(id)?;
        }
        let Some(sheet) = self.sheets.get_mut(id.0) else { return Ok(()) };
        sheet.rows = sheet.rows.saturating_add(1);
        self.total_rows = self.total_rows.saturating_add(1);
        sheet.write(&self.formats, self.language, cells)
    }

    /// Goes on in another sheet of the same columns.
    fn next_part(&mut self, id: SheetId) -> Result<(), Unwritten> {
        let shape = |sheet: &Sheet| (sheet.name.clone(), sheet.columns.clone(), sheet.frozen);
        let Some((name, columns, frozen)) = self.sheets.get(id.0).map(shape) else { return Ok(()) };
        let part = self.part(&name, &columns, frozen)?;
        let Some(sheet) = self.sheets.get_mut(id.0) else { return Ok(()) };
        sheet.close(self.language)?;
        sheet.full.push(std::mem::replace(&mut sheet.current, part));
        sheet.rows = 0;
        Ok(())
    }

    fn finish(mut self, mut begun: Begun) -> Result<(), Unwritten> {
        for mut sheet in std::mem::take(&mut self.sheets) {
            sheet.close(self.language)?;
            for part in sheet.full {
                self.workbook.push_worksheet(part);
            }
            self.workbook.push_worksheet(sheet.current);
        }
        // Above that a sheet may be larger than a plain archive takes.
        self.workbook.use_zip_large_file(self.total_rows > u64::from(MOST_ROWS));
        let workbook = &mut self.workbook;
        let saved = guarded(|| workbook.save_to_writer(&mut begun));
        saved.map_or_else(|| Err(no_room()), |saved| saved.map_err(Unwritten::from))?;
        Ok(begun.finish()?)
    }
}

impl Sheet {
    fn write(&mut self, formats: &Formats, language: Language, cells: &[Cell]) -> Result<(), Unwritten> {
        let row = self.rows;
        for (at, cell) in (0_u16..).zip(cells) {
            let place = usize::from(at);
            let width = match cell {
                Cell::Blank => 0,
                Cell::Text(text) if text.is_empty() => 0,
                Cell::Text(text) => {
                    self.current.write_string_with_format(row, at, cut(text, language), &formats.text)?;
                    if row <= MEASURED { text.width() } else { 0 }
                }
                Cell::Amount(text) => {
                    let text = figures(text);
                    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
                    match text.parse::<f64>().ok().filter(|_| whole.len() <= MOST_DIGITS) {
                        Some(number) => {
                            let format = if places.len() > 2 { &formats.places } else { &formats.amount };
                            self.current.write_number_with_format(row, at, number, format)?;
                        }
                        None => {
                            self.current.write_string_with_format(row, at, text, &formats.long_amount)?;
                            if let Some(too_long) = self.too_long.get_mut(place) {
                                *too_long = true;
                            }
                        }
                    }
                    text.len() + whole.len() / 3
                }
                Cell::Count(count) => {
                    let text = count.to_string();
                    let number = text.parse::<f64>().unwrap_or_default();
                    self.current.write_number_with_format(row, at, number, &formats.count)?;
                    text.len() + text.len() / 3
                }
                Cell::Share(text) => {
                    let number = figures(text).parse::<f64>().unwrap_or_default();
                    self.current.write_number_with_format(row, at, number, &formats.share)?;
                    WIDTHS.0
                }
            };
            if let Some(widest) = self.widths.get_mut(place) {
                *widest = width.max(*widest);
            }
        }
        Ok(())
    }

    /// Widths, filter and notes of the current part, once all its rows are there.
    fn close(&mut self, language: Language) -> Result<(), Unwritten> {
        let last = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.current.autofilter(0, 0, self.rows, last)?;
        let columns = self.columns.iter().zip(&self.widths).zip(&mut self.too_long);
        for (at, (((_, holds), width), too_long)) in (0_u16..).zip(columns) {
            let width = u16::try_from(width.saturating_add(1).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or_default();
            self.current.set_column_width(at, f64::from(width))?;
            // Ids are numbers as text on purpose.
            if (*holds == Holds::Text || *too_long) && self.rows > 0 {
                self.current.ignore_error_range(1, at, self.rows, at, IgnoreError::NumberStoredAsText)?;
            }
            if std::mem::take(too_long) {
                let told = language.pick(
                    "工作表里的数只保留 15 位：十万亿元以上的金额写成文字，分毫不差，但不能直接求和。",
                    "A sheet keeps 15 digits of a number: amounts from 10^13 元 on stand as text, exact but not to be summed.",
                );
                self.current.insert_note(0, at, &Note::new(told).add_author_prefix(false))?;
            }
        }
        Ok(())
    }
}

/// The figures of a number; one without end is shown with a sign before it.
pub(super) fn figures(text: &str) -> &str {
    text.strip_prefix('≈').unwrap_or(text)
}

/// The text as far as a cell can hold it, marked where it is cut.
fn cut(text: &str, language: Language) -> std::borrow::Cow<'_, str> {
    // No character has more UTF-16 units than bytes.
    if text.len() <= MOST_TEXT || text.encode_utf16().count() <= MOST_TEXT {
        return text.into();
    }
    let mark = language.pick("…（太长，后略）", "… (too long, cut)");
    format!("{}{mark}", first_units(text, MOST_TEXT - mark.chars().count())).into()
}

/// The beginning of a text with at most so many UTF-16 units.
fn first_units(text: &str, most: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > most
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

fn no_room() -> Unwritten {
    Unwritten::because("写不下去了，多半是磁盘空间不够", "it could not be written on; most likely the disk is full")
}

impl From<XlsxError> for Unwritten {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error.into(),
            XlsxError::ZipError(error) => std::io::Error::from(error).into(),
            other => std::io::Error::other(other).into(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use calamine::{Data, Reader, Xlsx, open_workbook};

    use super::*;

    fn written(most_rows: u32, rows: &[Vec<Cell>]) -> Xlsx<std::io::BufReader<std::fs::File>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.xlsx");
        let begun = Begun::at(&path).unwrap();
        let day = Date::from_text("2024-12-31").unwrap();
        let mut book = Book::new(&begun, Language::Chinese, day).unwrap();
        book.all_written().unwrap().most_rows = most_rows;
        let columns = || vec![("甲".to_owned(), Holds::Text), ("乙".to_owned(), Holds::Figures)];
        let name = "按 [东湖区]/西湖区: 企业在二〇二四年度的营业收入与研发投入之和的合计数";
        let (first, second) = (book.sheet(name, columns(), 0).unwrap(), book.sheet(name, columns(), 1).unwrap());
        for row in rows {
            book.row(first, row.clone()).unwrap();
        }
        book.row(second, vec![Cell::Blank, Cell::Share("≈0.3333333333".into())]).unwrap();
        book.finish(begun).unwrap();
        open_workbook(&path).unwrap()
    }

    #[test]
    fn a_full_sheet_goes_on_in_the_next() {
        let rows: Vec<Vec<Cell>> = (0..5).map(|at| vec![Cell::text(at.to_string()), Cell::Count(at)]).collect();
        let mut book = written(2, &rows);
        let sheets = book.sheet_names();
        assert_eq!(sheets.len(), 4, "three parts and the second sheet: {sheets:?}");
        assert!(sheets.iter().all(|name| name.encode_utf16().count() <= MOST_NAME), "{sheets:?}");
        let parts: Vec<_> = sheets.iter().map(|name| book.worksheet_range(name).unwrap()).collect();
        assert_eq!(parts.iter().map(calamine::Range::height).collect::<Vec<_>>(), [3, 3, 2, 2]);
        for part in &parts {
            assert_eq!(part.headers().unwrap(), ["甲", "乙"]);
        }
        assert_eq!(parts[2].get_value((1, 0)), Some(&Data::String("4".into())));
        assert_eq!(parts[3].get_value((1, 1)), Some(&Data::Float(0.333_333_333_3)));
    }

    #[test]
    fn a_long_cell_is_cut_and_says_so() {
        let text = "惠".repeat(MOST_TEXT);
        let mut book = written(9, &[vec![Cell::text(&*text)], vec![Cell::text(text.clone() + "企")]]);
        let name = book.sheet_names().remove(0);
        let sheet = book.worksheet_range(&name).unwrap();
        assert_eq!(sheet.get_value((1, 0)), Some(&Data::String(text.clone())));
        let Some(Data::String(cut)) = sheet.get_value((2, 0)) else { unreachable!() };
        assert!(cut.ends_with("…（太长，后略）") && cut.encode_utf16().count() == MOST_TEXT);
        assert_eq!(first_units("惠🙂企", 2), "惠", "a character is not halved");
    }

    #[test]
    fn amounts_are_numbers_as_long_as_a_sheet_holds_them() {
        let amounts = ["0.00", "9999999999999.99", "10000000000000.00", "4999999.995", "≈0.3333333333"];
        let rows = amounts.map(|amount| vec![Cell::Blank, Cell::Amount(amount.into())]);
        let mut book = written(9, &rows);
        let name = book.sheet_names().remove(0);
        let sheet = book.worksheet_range(&name).unwrap();
        let read: Vec<Data> = (1..=5).filter_map(|row| sheet.get_value((row, 1)).cloned()).collect();
        let text = Data::String("10000000000000.00".into());
        let [a, b, c, d] = [0.0, 9_999_999_999_999.99, 4_999_999.995, 0.333_333_333_3].map(Data::Float);
        assert_eq!(read, [a, b, text, c, d]);
    }
}
