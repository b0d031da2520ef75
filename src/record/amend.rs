//! A data file with rows changed, removed and added; everything else stays byte for byte.
//!
//! In: the bytes of a file (none for a new one) and what is to become of its rows. Out: the
//! bytes of the file afterwards. The header, the order of columns, the encoding, the line
//! ends and columns that are no fact are kept; columns that are needed and missing are added
//! behind the last one.

mod lines;
mod rows;

use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8};
use smol_str::SmolStr;

use super::column::{Column, Columns};
use crate::check::program::{FactId, Program, RecordId};
use crate::diagnostic::Argument;
use crate::value::{Date, Number};

/// What a cell is to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Nothing.
    Blank,
    /// A text.
    Text(SmolStr),
    /// A day.
    Day(Date),
    /// An amount in 元.
    Money(Number),
}

/// The cells of a row that are to be written.
pub type Entries = Vec<(FactId, Entry)>;

/// What is to become of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amendment {
    /// By the number of the row: the cells that change, or none to remove it.
    pub rows: BTreeMap<u32, Option<Entries>>,
    /// Rows added behind the last one.
    pub added: Vec<Entries>,
}

/// The endings of files that can be amended.
pub const AMENDABLE: &str = ".csv, .tsv, .jsonl";

/// Why a file cannot be amended: the reason, and the way out.
pub type Refusal = (Argument, Argument);

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Rows of cells, with what separates them.
    Separated(u8),
    /// An object a line.
    Lines,
}

/// The layout that a file name asks for, where such files can be amended.
pub fn layout(path: &Path) -> Option<Layout> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Layout::Separated(b',')),
        "tsv" | "tab" => Some(Layout::Separated(b'\t')),
        "jsonl" | "ndjson" => Some(Layout::Lines),
        _ => None,
    }
}

/// A file of a record type before and after.
#[derive(Debug, Clone, Copy)]
pub struct Original<'f> {
    /// What it holds; none for a new one.
    pub bytes: Option<&'f [u8]>,
    /// How it is laid out.
    pub layout: Layout,
    /// The text encoding, where it is not to be found out.
    pub encoding: Option<&'f str>,
    /// Whether columns are headed in English where the file does not show its language.
    pub in_english: bool,
}

/// The bytes of a file after an amendment.
///
/// # Errors
/// Why it cannot be written: an encoding that cannot hold a text, or one that is only read.
pub fn amend(
    program: &Program,
    record: RecordId,
    original: &Original<'_>,
    amendment: &Amendment,
) -> Result<Vec<u8>, Refusal> {
    let Some(columns) = Columns::new(program, record) else { return Ok(Vec::new()) };
    let bytes = original.bytes.unwrap_or_default();
    let encoding = encoding_of(bytes, original.encoding)?;
    let mark = mark_of(bytes, original);
    let body = bytes.get(if original.bytes.is_some() { mark.len() } else { 0 }..).unwrap_or_default();
    let writer = Writer { columns: &columns, encoding, in_english: original.in_english };
    let mut out = mark.to_vec();
    match original.layout {
        Layout::Separated(separator) => rows::amend(&writer, separator, body, amendment, &mut out)?,
        Layout::Lines => lines::amend(&writer, body, amendment, &mut out)?,
    }
    Ok(out)
}

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The mark at the head of a file. A new table has one: Excel takes it for the local code page otherwise.
fn mark_of(bytes: &[u8], original: &Original<'_>) -> &'static [u8] {
    let is_table = matches!(original.layout, Layout::Separated(_));
    let has_mark = bytes.starts_with(MARK) || (original.bytes.is_none() && is_table && original.encoding.is_none());
    if has_mark { MARK } else { &[] }
}

/// The encoding of a file, as it is read. Row by row only encodings can be written whose letters hold no ASCII byte.
fn encoding_of(bytes: &[u8], wanted: Option<&str>) -> Result<&'static Encoding, Refusal> {
    let found = match (Encoding::for_bom(bytes), wanted) {
        (Some((found, _)), _) => found,
        (None, Some(label)) => Encoding::for_label(label.trim().as_bytes()).unwrap_or(UTF_8),
        (None, None) if std::str::from_utf8(bytes).is_ok() => UTF_8,
        (None, None) => GB18030,
    };
    if found == UTF_8 || found == GB18030 || found == encoding_rs::GBK {
        return Ok(found);
    }
    let name = found.name();
    Err((
        Argument::phrase(format!("{name} 编码的文件只能读"), format!("files in {name} are only read")),
        Argument::phrase("另存为 UTF-8 或 GB18030", "save it as UTF-8 or GB18030"),
    ))
}

/// What cells are written with.
struct Writer<'w, 'p> {
    columns: &'w Columns<'p>,
    encoding: &'static Encoding,
    in_english: bool,
}

impl Writer<'_, '_> {
    /// Bytes as text.
    fn read(&self, bytes: &[u8]) -> String {
        self.encoding.decode_without_bom_handling(bytes).0.into_owned()
    }

    /// Text as bytes.
    fn write(&self, text: &str) -> Result<Vec<u8>, Refusal> {
        let (bytes, _, is_lossy) = self.encoding.encode(text);
        if !is_lossy {
            return Ok(bytes.into_owned());
        }
        let name = self.encoding.name();
        Err((
            Argument::phrase(format!("{name} 编码写不出 `{text}`"), format!("{name} cannot hold `{text}`")),
            Argument::phrase("把文件另存为 UTF-8", "save the file as UTF-8"),
        ))
    }

    /// A cell as text, in the unit of its column.
    fn text(&self, entry: &Entry, column: Option<&Column>) -> String {
        match entry {
            Entry::Blank => String::new(),
            Entry::Text(text) => text.to_string(),
            Entry::Day(day) => day.to_string(),
            Entry::Money(amount) => {
                let scale = column.and_then(|column| column.fact.as_ref()).and_then(|fact| fact.scale.as_ref());
                match scale.and_then(|scale| amount.divide(scale).ok()) {
                    Some(scaled) => scaled.to_string(),
                    None => amount.to_yuan(),
                }
            }
        }
    }

    /// The header of a fact that has no column, in the language of those there are.
    fn header(&self, fact: FactId, found: &[Column]) -> String {
        let mut known = found.iter().filter(|column| column.fact.is_some()).peekable();
        let in_english = match known.peek() {
            Some(_) => known.all(|column| column.header.is_ascii()),
            None => self.in_english,
        };
        let Some(def) = self.columns.fact(fact) else { return String::new() };
        let english = def.aliases.iter().find(|alias| alias.is_ascii()).filter(|_| in_english);
        english.unwrap_or(&def.name).to_string()
    }

    /// The facts that an amendment writes and the file has no column for, in their order of declaration.
    fn missing(&self, amendment: &Amendment, found: &[Column]) -> Vec<FactId> {
        let has = |fact: FactId| found.iter().any(|column| column.fact.as_ref().is_some_and(|f| f.fact == fact));
        let written = amendment.rows.values().flatten().chain(&amendment.added).flatten();
        let mut facts: Vec<FactId> = if found.is_empty() {
            (0..self.columns.def.facts.len()).filter_map(|at| u32::try_from(at).ok().map(FactId)).collect()
        } else {
            written.filter(|(_, entry)| *entry != Entry::Blank).map(|(fact, _)| *fact).collect()
        };
        facts.sort_unstable();
        facts.dedup();
        facts.retain(|fact| !has(*fact));
        facts
    }
}

/// The entry of a fact.
fn entry_of(entries: &Entries, fact: FactId) -> Option<&Entry> {
    entries.iter().find(|(id, _)| *id == fact).map(|(_, entry)| entry)
}

/// A line with its end: where it begins, where its content ends, where the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    start: usize,
    content: usize,
    end: usize,
}

impl Line {
    fn content<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.start..self.content).unwrap_or_default()
    }

    fn ending<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.content..self.end).unwrap_or_default()
    }
}

/// The line end of a file: that of its first line.
fn line_end<'b>(bytes: &'b [u8], lines: &[Line]) -> &'b [u8] {
    lines.iter().map(|line| line.ending(bytes)).find(|ending| !ending.is_empty()).unwrap_or(b"\n")
}

/// Adds a line end where the text so far has none.
fn close_line(out: &mut Vec<u8>, written: usize, ending: &[u8]) {
    if out.len() > written && !matches!(out.last(), Some(b'\n' | b'\r')) {
        out.extend_from_slice(ending);
    }
}
