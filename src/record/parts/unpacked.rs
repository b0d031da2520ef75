//! Rows of a file that has no parts, unpacked once and set aside.
//!
//! In: a workbook, or arrays of objects. Out: each sheet or array that is meant, its rows in
//! pieces as if the file had them. The readers of whole files hand over the rows; in memory
//! are the file and its texts while they do, and nothing afterwards.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::row::{Placed, RowIs};
use crate::aside::Aside;
use crate::check::program::RecordId;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::record::input::Loading;
use crate::record::{Input, RowsAre};

/// Rows and bytes of a piece, more or less; few in tests, so that there are several pieces.
const ROWS: usize = if cfg!(test) { 100 } else { 1 << 16 };
const BYTES: usize = 8 << 20;
/// Bytes of small files that need no disk.
const IN_MEMORY: u64 = 16 << 20;

/// Rows that were set aside.
#[derive(Debug)]
pub(super) struct Unpacked {
    aside: Arc<Aside>,
    pieces: Vec<Piece>,
    /// The number of the row of the header; objects have none.
    pub header_row: Option<usize>,
}

/// A piece by its bytes, and the rows in it, blank ones among them.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: u64,
    bytes: usize,
    rows: usize,
}

/// A sheet or an array of a file.
pub(super) struct Table {
    pub name: String,
    pub rows_are: RowsAre,
    pub record: RecordId,
    /// The headers, or the keys of the first objects.
    pub header: Vec<String>,
    pub encoding: &'static str,
    pub rows: Unpacked,
}

impl Unpacked {
    /// The number of the first row.
    pub fn first_row(&self) -> usize {
        self.header_row.map_or(0, |row| row.saturating_add(1))
    }

    /// How many rows each piece has, blank ones among them.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().map(|piece| piece.rows)
    }

    /// The bytes of a piece.
    pub fn read(&self, at: usize) -> Option<Bytes> {
        let piece = self.pieces.get(at)?;
        self.aside.get(piece.from, piece.bytes)
    }
}

/// Hands over the rows of a piece one by one with their numbers, from `first` on; nothing of a blank row.
pub(super) fn each_row(
    bytes: &[u8],
    first: usize,
    take: &mut dyn FnMut(usize, Option<RowIs<'_>>) -> Option<()>,
) -> Option<()> {
    let (mut rest, mut next) = (bytes, first);
    while !rest.is_empty() {
        let Placed { number, row, .. } = Placed::read(&mut rest)?;
        let number = usize::try_from(number).ok()?;
        (next..number).try_for_each(|blank| take(blank, None))?;
        take(number, Some(row))?;
        next = number.checked_add(1)?;
    }
    Some(())
}

/// Sets the rows of a workbook aside; none where it is to be read as a whole, be it to say what is wrong with it. What
/// is said of it comes too.
pub(super) fn workbook(
    loading: &mut Loading<'_>,
    input: &Input,
    folder: &Path,
) -> Option<(Vec<Table>, Vec<Diagnostic>)> {
    let name = input.path.display().to_string();
    let mut setting = Setting::new(folder)?;
    let heads = loading
        .rows_of_workbook(input, &name, &mut |sheet, number, cells| setting.put(sheet, number, RowIs::Cells(cells)))?;
    let (aside, mut pieces) = setting.end(heads.len())?;
    let tables = heads.into_iter().zip(pieces.iter_mut()).map(|(head, pieces)| {
        let header_row = Some(head.row);
        let rows =
            Unpacked { aside: Arc::clone(&aside), pieces: pieces.counted_from(head.row.checked_add(1)?)?, header_row };
        let (rows_are, encoding) = (RowsAre::Numbered, "XLSX");
        Some(Table { name: head.name, rows_are, record: head.record, header: head.header, encoding, rows })
    });
    told(tables.collect::<Option<_>>()?, loading)
}

/// Sets the objects of arrays aside, as [`workbook`].
pub(super) fn arrays(loading: &mut Loading<'_>, input: &Input, folder: &Path) -> Option<(Vec<Table>, Vec<Diagnostic>)> {
    let name = input.path.display().to_string();
    let mut setting = Setting::new(folder)?;
    let (heads, encoding) = loading.objects_of_arrays(input, &name, &mut |array, number, object| {
        setting.put(array, number, RowIs::Line(object.into()))
    })?;
    let (aside, mut pieces) = setting.end(heads.len())?;
    let tables = heads.into_iter().zip(pieces.iter_mut()).map(|(head, pieces)| {
        let rows = Unpacked { aside: Arc::clone(&aside), pieces: pieces.counted_from(0)?, header_row: None };
        let (name, rows_are) = (name.clone(), RowsAre::Objects(head.path));
        Some(Table { name, rows_are, record: head.record, header: head.keys, encoding, rows })
    });
    told(tables.collect::<Option<_>>()?, loading)
}

fn told(tables: Vec<Table>, loading: &mut Loading<'_>) -> Option<(Vec<Table>, Vec<Diagnostic>)> {
    let said = std::mem::take(&mut loading.loaded.diagnostics);
    (!tables.is_empty() && !has_errors(&said)).then_some((tables, said))
}

/// Tables whose rows are being set aside, one after another.
struct Setting {
    aside: Arc<Aside>,
    tables: Vec<Ends>,
    bytes: Vec<u8>,
    /// How many rows these bytes hold, and the number of the last.
    rows: usize,
    last: usize,
}

/// The pieces of a table: their bytes, and the number of the last row of each.
#[derive(Default)]
struct Ends(Vec<(u64, usize, usize)>);

impl Ends {
    /// The pieces of a table whose rows are counted from a number on.
    fn counted_from(&self, first: usize) -> Option<Vec<Piece>> {
        let mut next = first;
        let piece = |(from, bytes, last): &(u64, usize, usize)| {
            let end = last.checked_add(1)?;
            let rows = end.checked_sub(std::mem::replace(&mut next, end))?;
            Some(Piece { from: *from, bytes: *bytes, rows })
        };
        self.0.iter().map(piece).collect()
    }
}

impl Setting {
    fn new(folder: &Path) -> Option<Setting> {
        let aside = Arc::new(Aside::new(folder, IN_MEMORY)?);
        Some(Setting { aside, tables: Vec::new(), bytes: Vec::new(), rows: 0, last: 0 })
    }

    /// Another row of this table, the rows of the tables before being complete.
    fn put(&mut self, table: usize, number: usize, row: RowIs<'_>) -> Option<()> {
        if self.tables.len() <= table || self.rows >= ROWS || self.bytes.len() >= BYTES {
            self.end_piece()?;
            self.tables.resize_with(self.tables.len().max(table.checked_add(1)?), Ends::default);
        }
        Placed { file: 0, number: u32::try_from(number).ok()?, row }.write(&mut self.bytes);
        (self.rows, self.last) = (self.rows.checked_add(1)?, number);
        Some(())
    }

    fn end_piece(&mut self) -> Option<()> {
        if self.rows > 0 {
            let bytes = std::mem::take(&mut self.bytes);
            let length = bytes.len();
            let from = self.aside.put(bytes)?;
            self.tables.last_mut()?.0.push((from, length, self.last));
            self.rows = 0;
        }
        Some(())
    }

    /// All rows of so many tables are set aside.
    fn end(mut self, tables: usize) -> Option<(Arc<Aside>, Vec<Ends>)> {
        self.end_piece()?;
        self.tables.resize_with(tables, Ends::default);
        Some((self.aside, self.tables))
    }
}
