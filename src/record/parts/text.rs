//! A table in a text, piece by piece.
//!
//! In: a text of separated cells. Out: pieces of it that end where rows end, and any piece
//! as arrays, or as text for the reader of rows: each is made UTF-8 as it is read. Whether a line ends inside quotation
//! marks is found by counting them, which is right where they stand around cells only; a
//! text in which they stand elsewhere has no pieces.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use arrow_array::ArrayRef;
use rayon::prelude::*;

use super::cells::{Builder, Builders};
use crate::check::program::Type;
use crate::record::Limits;
use crate::record::delimited::Rows;
use crate::record::encoding::Coding;

/// Bytes of a piece, more or less; few in tests, so that there are several pieces.
const PIECE: usize = if cfg!(test) { 4 << 10 } else { 8 << 20 };
/// Bytes in which the header must stand.
const HEAD: usize = 1 << 20;

/// The pieces of a text.
#[derive(Debug)]
pub(super) struct Pieces {
    path: PathBuf,
    separator: u8,
    pub coding: Coding,
    /// The header, and the number of its row.
    pub header: Vec<String>,
    pieces: Vec<Piece>,
}

/// A piece by its bytes, and the rows that end in it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: u64,
    to: u64,
    rows: usize,
    /// Whether there is any quotation mark.
    quoted: bool,
}

/// The UTF-8 of a piece.
#[derive(Debug)]
pub(crate) struct Text(Vec<u8>);

impl Text {
    /// The bytes of a file from a place up to another; none where they are no text.
    pub(in crate::record) fn at(path: &Path, place: (u64, u64), coding: Coding) -> Option<Text> {
        let mut bytes = Vec::new();
        bytes_of(path, place, &mut bytes)?;
        coding.text(bytes).map(Text)
    }

    /// The lines with which a file begins, behind its mark, and their bytes; none where the first does not end within
    /// so many bytes.
    pub(in crate::record) fn head(file: &mut File, coding: Coding, most: usize) -> Option<(Text, Vec<u8>)> {
        let mark = u64::try_from(coding.mark).ok()?;
        let length = file.metadata().ok()?.len().checked_sub(mark)?;
        let mut head = vec![0; most.min(usize::try_from(length).ok()?)];
        file.seek(SeekFrom::Start(mark)).ok()?;
        file.read_exact(&mut head).ok()?;
        if u64::try_from(head.len()).ok()? < length {
            let last = memchr::memrchr(b'\n', &coding.signs(&head))?;
            head.truncate(last.checked_add(1)?.checked_mul(coding.unit())?);
        }
        Some((Text(coding.text(head.clone())?), head))
    }

    /// What stands there.
    pub fn as_str(&self) -> Option<&str> {
        simdutf8::basic::from_utf8(&self.0).ok()
    }
}

/// What the cells of a column become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Nothing: no fact has it.
    Nothing,
    /// Numbers; whole ones.
    Numbers {
        whole: bool,
    },
    /// A few words.
    Words,
    Text,
}

impl Holds {
    /// How the cells of a fact are held.
    pub fn of(kind: &Type, whole: bool) -> Holds {
        match kind {
            Type::Number(_) => Holds::Numbers { whole },
            Type::Bool | Type::Code(_) => Holds::Words,
            _ => Holds::Text,
        }
    }
}

impl Pieces {
    /// The pieces of a text; none where it is better read whole.
    pub fn open(path: &Path, separator: u8, wanted: Option<&str>, limits: &Limits) -> Option<Pieces> {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let coding = Coding::of(&mut file, wanted).filter(|coding| coding.has_plain_signs())?;
        let (text, head) = Text::head(&mut file, coding, HEAD)?;
        let text = text.as_str()?;
        let mut rows = Rows::new(text, separator, limits.columns);
        let mut row = 0_usize;
        let header = loop {
            let next = rows.next()?.ok()?;
            row = row.checked_add(1)?;
            if next.cells.iter().any(|cell| !cell.trim().is_empty()) {
                break next.cells.iter().map(|cell| cell.trim().to_string()).collect::<Vec<String>>();
            }
        };
        // One behind blank rows is for the reader of whole files.
        if row != 1 {
            return None;
        }
        let begins = coding.end_of_row(&head, text, rows.at())?;
        let from = u64::try_from(coding.mark.checked_add(begins)?).ok()?;
        let pieces = cut(path, coding, (from, length), PIECE)?;
        Some(Pieces { path: path.to_path_buf(), separator, coding, header, pieces })
    }

    /// How many rows each piece has, blank ones among them.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().map(|piece| piece.rows)
    }

    /// The text of a piece; none where it is not what it seemed to be.
    pub fn text(&self, at: usize) -> Option<Text> {
        let piece = self.pieces.get(at)?;
        let text = Text::at(&self.path, (piece.from, piece.to), self.coding)?;
        (!piece.quoted || are_around_cells(text.as_str()?, self.separator)).then_some(text)
    }

    /// The rows of a piece as the reader of rows takes them.
    pub fn cells<'t>(&self, text: &'t Text, limits: &Limits) -> Option<Rows<'t>> {
        Some(Rows::new(text.as_str()?, self.separator, limits.columns))
    }

    /// The columns of a piece as arrays; none where the rows must be read one by one.
    pub fn arrays(&self, at: usize, text: &Text, holds: &[Holds]) -> Option<Vec<Option<ArrayRef>>> {
        let piece = self.pieces.get(at)?;
        let builders = holds.iter().map(|holds| Builder::new(*holds, piece.rows));
        let mut builders = Builders { columns: builders.collect(), separator: self.separator };
        let rows = if piece.quoted {
            builders.quoted(Rows::new(text.as_str()?, self.separator, holds.len()))?
        } else {
            builders.bare(&text.0)?
        };
        (rows == piece.rows).then(|| builders.columns.into_iter().map(Builder::finish).collect())
    }
}

/// The bytes of a file from a place up to another.
fn bytes_of(path: &Path, (from, to): (u64, u64), into: &mut Vec<u8>) -> Option<()> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(from)).ok()?;
    let length = to.checked_sub(from)?;
    into.clear();
    into.reserve_exact(usize::try_from(length).ok()?);
    file.take(length).read_to_end(into).ok()?;
    (u64::try_from(into.len()).ok()? == length).then_some(())
}

/// What stands in a stretch of bytes, whether it begins inside quotation marks or not.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    /// An odd number of quotation marks.
    turns: bool,
    quoted: bool,
    /// A return without a new line, but for the last byte.
    alone: bool,
    begins_with_line: bool,
    ends_with_return: bool,
    /// Beginning outside and inside: how many rows end, the end of the last, and whether a quotation mark stands behind it.
    rows: [(usize, Option<usize>, bool); 2],
}

impl Stretch {
    fn of(some: &[u8]) -> Stretch {
        let mut stretch = Stretch {
            begins_with_line: some.first() == Some(&b'\n'),
            ends_with_return: some.last() == Some(&b'\r'),
            ..Stretch::default()
        };
        let is_pair = |at: usize| some.get(at.saturating_add(1)) == Some(&b'\n');
        let last = some.len().saturating_sub(1);
        stretch.alone = memchr::memchr_iter(b'\r', some).any(|at| at < last && !is_pair(at));
        stretch.quoted = memchr::memchr(b'"', some).is_some();
        let [outside, inside] = &mut stretch.rows;
        if !stretch.quoted {
            *outside = (memchr::memchr_iter(b'\n', some).count(), memchr::memrchr(b'\n', some), false);
            return stretch;
        }
        for found in memchr::memchr2_iter(b'"', b'\n', some) {
            if some.get(found) == Some(&b'"') {
                stretch.turns = !stretch.turns;
                (outside.2, inside.2) = (true, true);
            } else {
                let rows = if stretch.turns { &mut *inside } else { &mut *outside };
                *rows = (rows.0.saturating_add(1), Some(found), false);
            }
        }
        stretch
    }
}

/// Cuts a text at ends of rows.
fn cut(path: &Path, coding: Coding, (from, length): (u64, u64), size: usize) -> Option<Vec<Piece>> {
    let unit = u64::try_from(coding.unit()).ok()?;
    let size = u64::try_from(size).ok()?.checked_next_multiple_of(unit)?;
    let count = length.checked_sub(from)?.div_ceil(size);
    let stretches = (0..count).into_par_iter().map_init(Vec::new, |bytes, at| {
        let start = from.checked_add(at.checked_mul(size)?)?;
        bytes_of(path, (start, start.checked_add(size)?.min(length)), bytes)?;
        Some((start, Stretch::of(&coding.signs(bytes))))
    });
    let mut pieces = Vec::new();
    let mut piece = Piece { from, to: from, rows: 0, quoted: false };
    let (mut inside, mut returned) = (false, false);
    for stretch in stretches.collect::<Vec<Option<(u64, Stretch)>>>() {
        let (at, stretch) = stretch?;
        // A return without a new line ends a row too: that is for the reader of whole files.
        if stretch.alone || (returned && !stretch.begins_with_line) {
            return None;
        }
        let (rows, last, quoted_behind) = if inside { stretch.rows[1] } else { stretch.rows[0] };
        piece.rows = piece.rows.checked_add(rows)?;
        piece.quoted |= stretch.quoted;
        // The piece ends with the last row that ends in these bytes; what is behind belongs to the next.
        if let Some(last) = last {
            let behind = u64::try_from(last).ok()?.checked_add(1)?;
            piece.to = at.checked_add(behind.checked_mul(unit)?)?;
            pieces.push(piece);
            piece = Piece { from: piece.to, to: piece.to, rows: 0, quoted: quoted_behind };
        }
        (inside, returned) = (inside != stretch.turns, stretch.ends_with_return);
    }
    if inside || returned {
        return None;
    }
    if piece.from < length {
        pieces.push(Piece { to: length, rows: piece.rows.checked_add(1)?, ..piece });
    }
    Some(pieces)
}

/// Whether quotation marks stand around cells only.
fn are_around_cells(text: &str, separator: u8) -> bool {
    let bytes = text.as_bytes();
    let (mut inside, mut at) = (false, 0_usize);
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| [separator, b'\n', b'\r'].contains(byte));
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let place = at.saturating_add(found);
        let next = place.saturating_add(1);
        at = next;
        if !inside {
            if !ends(place.checked_sub(1).and_then(|before| bytes.get(before))) {
                return false;
            }
            inside = true;
        } else if bytes.get(next) == Some(&b'"') {
            at = next.saturating_add(1);
        } else if ends(bytes.get(next)) {
            inside = false;
        } else {
            return false;
        }
    }
    !inside
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use encoding_rs::{BIG5, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

    use super::*;

    #[test]
    fn quotation_marks_are_counted_only_around_cells() {
        for text in ["a,b\n", "\"a,\",b\n", "\"a\"\"b\"\n", "a,\"\"\n", "\"a\nb\",c"] {
            assert!(are_around_cells(text, b','), "{text}");
        }
        for text in ["a\"b,c\n", "\"a\"b,c\n", "\"a", "a, \"b\"\n"] {
            assert!(!are_around_cells(text, b','), "{text}");
        }
    }

    #[test]
    fn pieces_of_any_size_are_the_whole_text() {
        // Second bytes of these are signs of other kinds, and there are some of one, three and four bytes.
        let rows = "甲丂儺,\"䶮𠮷\n亅\",5\n\"\"\"乗\",€,\"\r\n\"\r\n,,\né,ⅷ,狜\n末,行,無";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let wide = |turn: fn(u16) -> [u8; 2]| rows.encode_utf16().flat_map(turn).collect::<Vec<u8>>();
        for encoding in [UTF_8, GB18030, GBK, BIG5, UTF_16LE, UTF_16BE] {
            let text = if encoding == BIG5 { "甲,\"功許\n蓋\"\n,珮,5\n" } else { rows };
            let bytes = match encoding.name() {
                "UTF-16LE" => wide(u16::to_le_bytes),
                "UTF-16BE" => wide(u16::to_be_bytes),
                _ => encoding.encode(text).0.into_owned(),
            };
            let (text, _) = encoding.decode_without_bom_handling(&bytes);
            std::fs::write(&path, &bytes).unwrap();
            let coding = Coding::of(&mut File::open(&path).unwrap(), Some(encoding.name())).unwrap();
            let length = u64::try_from(bytes.len()).unwrap();
            for size in 1..=bytes.len() {
                let pieces = cut(&path, coding, (0, length), size).unwrap();
                let texts: Vec<Text> =
                    pieces.iter().map(|piece| Text::at(&path, (piece.from, piece.to), coding).unwrap()).collect();
                let whole: String = texts.iter().map(|text| text.as_str().unwrap()).collect();
                assert_eq!(whole, text, "{} in pieces of {size}", encoding.name());
                for (piece, text) in pieces.iter().zip(&texts) {
                    let rows = Rows::new(text.as_str().unwrap(), b',', 9);
                    assert_eq!(rows.filter(Result::is_ok).count(), piece.rows);
                }
            }
        }
    }
}
