//! Comma- and tab-separated rows, as spreadsheets write them.
//!
//! In: a text. Out: rows of cells with their numbers. Unlike lenient readers it keeps
//! count of blank rows and refuses a quotation mark that is never closed: with it, the
//! rest of a file would silently become one cell.

use std::borrow::Cow;

/// A row of cells.
pub(super) struct Row<'a> {
    /// Counted from 1, the header being row 1.
    pub(super) number: usize,
    pub(super) cells: Vec<Cow<'a, str>>,
}

/// A row in which a quotation mark is never closed, or is followed by text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    pub(super) row: usize,
    /// The cell of the row, from 0.
    pub(super) cell: usize,
}

/// Reads rows one by one.
pub(super) struct Rows<'a> {
    text: &'a str,
    at: usize,
    row: usize,
    separator: u8,
    most_cells: usize,
}

impl<'a> Rows<'a> {
    /// Rows of `text`; a row is cut off after `most_cells` cells and one more.
    pub(super) fn new(text: &'a str, separator: u8, most_cells: usize) -> Rows<'a> {
        Rows { text, at: 0, row: 0, separator, most_cells }
    }

    /// The byte at which the next row begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The cell that begins here, and the byte behind it.
    fn cell(&self) -> Option<(Cow<'a, str>, usize)> {
        let rest = self.text.get(self.at..)?;
        let ends = |byte: u8| byte == self.separator || byte == b'\n' || byte == b'\r';
        let Some(inside) = rest.strip_prefix('"') else {
            let length = rest.bytes().position(ends).unwrap_or(rest.len());
            return Some((Cow::Borrowed(rest.get(..length)?), self.at.saturating_add(length)));
        };
        let mut length = 0;
        let mut doubled = false;
        loop {
            length = inside.get(length..)?.find('"')?.saturating_add(length);
            if inside.as_bytes().get(length.saturating_add(1)) != Some(&b'"') {
                break;
            }
            doubled = true;
            length = length.saturating_add(2);
        }
        let after = length.saturating_add(1);
        if !inside.as_bytes().get(after).is_none_or(|&byte| ends(byte)) {
            return None;
        }
        let content = inside.get(..length)?;
        let content = if doubled { Cow::Owned(content.replace("\"\"", "\"")) } else { Cow::Borrowed(content) };
        Some((content, self.at.saturating_add(after).saturating_add(1)))
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        self.row = self.row.saturating_add(1);
        let mut cells = Vec::new();
        loop {
            let Some((cell, end)) = self.cell() else {
                // Nothing behind an open quotation mark can be trusted.
                self.at = self.text.len();
                return Some(Err(Unclosed { row: self.row, cell: cells.len() }));
            };
            self.at = end;
            if cells.len() <= self.most_cells {
                cells.push(cell);
            }
            match self.text.as_bytes().get(end) {
                Some(&byte) if byte == self.separator => self.at = end.saturating_add(1),
                Some(b'\r') if self.text.as_bytes().get(end.saturating_add(1)) == Some(&b'\n') => {
                    self.at = end.saturating_add(2);
                    break;
                }
                Some(_) => {
                    self.at = end.saturating_add(1);
                    break;
                }
                None => break,
            }
        }
        Some(Ok(Row { number: self.row, cells }))
    }
}
