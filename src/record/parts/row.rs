//! A row on its way over the disk.
//!
//! In: the cells of a row, or its line. Out: bytes, and the same row again: every cell is
//! kept as its file has it, so that the row is read as if it stood where it belongs.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::diagnostic::Argument;
use crate::record::given::Given;

/// A row as its file has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowIs<'r> {
    Cells(Vec<Given<'r>>),
    /// An object.
    Line(Cow<'r, str>),
}

/// A row and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed<'r> {
    pub file: u32,
    /// Counted as in messages.
    pub number: u32,
    pub row: RowIs<'r>,
}

impl<'r> Placed<'r> {
    /// Its bytes, behind others.
    pub fn write(&self, out: &mut Vec<u8>) {
        number(out, self.file.into());
        number(out, self.number.into());
        match &self.row {
            RowIs::Line(line) => {
                number(out, 0);
                text(out, line);
            }
            RowIs::Cells(cells) => {
                number(out, u64::try_from(cells.len()).unwrap_or(u64::MAX).saturating_add(1));
                cells.iter().for_each(|cell| write_cell(out, cell));
            }
        }
    }

    /// The row whose bytes come first.
    pub fn read(from: &mut &'r [u8]) -> Option<Placed<'r>> {
        let file = u32::try_from(read_number(from)?).ok()?;
        let number = u32::try_from(read_number(from)?).ok()?;
        let row = match read_number(from)?.checked_sub(1) {
            None => RowIs::Line(Cow::Borrowed(read_text(from)?)),
            Some(cells) => RowIs::Cells((0..cells).map(|_| read_cell(from)).collect::<Option<_>>()?),
        };
        Some(Placed { file, number, row })
    }
}

fn write_cell(out: &mut Vec<u8>, cell: &Given<'_>) {
    match cell {
        Given::Text(cell) if cell.is_empty() => out.push(0),
        Given::Text(cell) => texts(out, 1, &[cell]),
        Given::Rounded(digits) => texts(out, 2, &[digits]),
        Given::Bool(yes) => out.push(if *yes { 3 } else { 4 }),
        Given::Moment { day, time } => texts(out, 5, &[day, time]),
        Given::Parts(json) => texts(out, 6, &[json]),
        Given::Wrong { shown, expected: Argument::Plain(expected) } => texts(out, 7, &[shown, expected]),
        Given::Wrong { shown, expected: Argument::Phrase { zh, en } } => texts(out, 8, &[shown, zh, en]),
    }
}

fn read_cell<'r>(from: &mut &'r [u8]) -> Option<Given<'r>> {
    let (tag, rest) = from.split_first()?;
    *from = rest;
    let owned = |from: &mut &'r [u8]| read_text(from).map(str::to_owned);
    Some(match tag {
        0 => Given::BLANK,
        1 => Given::Text(Cow::Borrowed(read_text(from)?)),
        2 => Given::Rounded(owned(from)?),
        3 => Given::Bool(true),
        4 => Given::Bool(false),
        5 => Given::Moment { day: owned(from)?, time: owned(from)? },
        6 => Given::Parts(owned(from)?),
        7 => Given::Wrong { shown: owned(from)?, expected: Argument::Plain(SmolStr::new(read_text(from)?)) },
        8 => {
            let shown = owned(from)?;
            let (zh, en) = (SmolStr::new(read_text(from)?), SmolStr::new(read_text(from)?));
            Given::Wrong { shown, expected: Argument::Phrase { zh, en } }
        }
        _ => return None,
    })
}

fn texts(out: &mut Vec<u8>, tag: u8, parts: &[&str]) {
    out.push(tag);
    parts.iter().for_each(|part| text(out, part));
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, u64::try_from(text.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(text.as_bytes());
}

fn read_text<'r>(from: &mut &'r [u8]) -> Option<&'r str> {
    let length = usize::try_from(read_number(from)?).ok()?;
    let (text, rest) = from.split_at_checked(length)?;
    *from = rest;
    std::str::from_utf8(text).ok()
}

/// Seven bits a byte, the last one without its highest bit.
fn number(out: &mut Vec<u8>, mut value: u64) {
    let last_bits = |value: u64| u8::try_from(value & 0x7f).unwrap_or_default();
    while value > 0x7f {
        out.push(last_bits(value) | 128);
        value >>= 7;
    }
    out.push(last_bits(value));
}

fn read_number(from: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0_u32);
    loop {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 128 == 0 {
            return Some(value);
        }
        shift = shift.checked_add(7)?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let cells = vec![
            Given::BLANK,
            Given::Text(Cow::Borrowed(" 甲 ")),
            Given::Rounded("1.5".to_owned()),
            Given::Bool(true),
            Given::Bool(false),
            Given::Moment { day: "2024-02-29".to_owned(), time: String::new() },
            Given::Parts(r#"[{"a":1}]"#.repeat(40)),
            Given::Wrong { shown: "?".to_owned(), expected: Argument::phrase("数", "a number") },
            Given::Wrong { shown: "?".to_owned(), expected: Argument::from("1.5") },
        ];
        let rows = [
            Placed { file: 0, number: 2, row: RowIs::Cells(cells) },
            Placed { file: 300, number: u32::MAX, row: RowIs::Cells(Vec::new()) },
            Placed { file: 128, number: 127, row: RowIs::Line(Cow::Borrowed("{\"a\": null}")) },
        ];
        let mut bytes = Vec::new();
        rows.iter().for_each(|row| row.write(&mut bytes));
        let mut rest = bytes.as_slice();
        for row in &rows {
            assert_eq!(Placed::read(&mut rest).as_ref(), Some(row));
        }
        assert_eq!((rest, Placed::read(&mut rest)), (&[][..], None));
        assert_eq!(Placed::read(&mut bytes.get(..9).unwrap()), None);
    }
}
