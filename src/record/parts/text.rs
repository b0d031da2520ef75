//! A table in a text, piece by piece.
//!
//! In: a UTF-8 text of separated cells. Out: pieces of it that end where rows end, and any
//! piece as arrays, or as text for the reader of rows. Whether a line ends inside quotation
//! marks is found by counting them, which is right where they stand around cells only; a
//! text in which they stand elsewhere has no pieces.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{StringBuilder, StringViewBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Decimal64Array, DictionaryArray, Int32Array, Int64Array, StringArray};
use rustc_hash::FxHashMap;

use crate::check::program::Type;
use crate::record::Limits;
use crate::record::delimited::Rows;

/// Bytes of a piece, more or less; few in tests, so that there are several pieces.
const PIECE: usize = if cfg!(test) { 4 << 10 } else { 8 << 20 };
/// Bytes in which the header must stand.
const HEAD: usize = 1 << 20;
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The pieces of a text.
#[derive(Debug)]
pub(super) struct Pieces {
    path: PathBuf,
    separator: u8,
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
    pub fn open(path: &Path, separator: u8, limits: &Limits) -> Option<Pieces> {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let mut head = vec![0; HEAD.min(usize::try_from(length).ok()?)];
        file.read_exact(&mut head).ok()?;
        let mark = if head.starts_with(MARK) { MARK.len() } else { 0 };
        // The last character of the head may be cut in two.
        let text = match std::str::from_utf8(head.get(mark..)?) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(head.get(mark..mark.checked_add(error.valid_up_to())?)?).ok()?
            }
            Err(_) => return None,
        };
        let mut rows = Rows::new(text, separator, limits.columns);
        let mut row = 0_usize;
        let header = loop {
            let next = rows.next()?.ok()?;
            row = row.checked_add(1)?;
            if next.cells.iter().any(|cell| !cell.trim().is_empty()) {
                break next.cells.iter().map(|cell| cell.trim().to_string()).collect::<Vec<String>>();
            }
        };
        let begins = rows.at();
        // A header that may be cut off, and one behind blank rows, are for the reader of whole files.
        if row != 1 || (begins >= text.len() && u64::try_from(head.len()).ok()? < length) {
            return None;
        }
        let from = u64::try_from(mark.checked_add(begins)?).ok()?;
        let pieces = cut(&mut file, from, length)?;
        Some(Pieces { path: path.to_path_buf(), separator, header, pieces })
    }

    /// How many rows each piece has, blank ones among them.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().map(|piece| piece.rows)
    }

    /// The text of a piece; none where it is not what it seemed to be.
    pub fn text(&self, at: usize) -> Option<String> {
        let piece = self.pieces.get(at)?;
        let mut file = File::open(&self.path).ok()?;
        let mut bytes = vec![0; usize::try_from(piece.to.checked_sub(piece.from)?).ok()?];
        file.seek(SeekFrom::Start(piece.from)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
        (!piece.quoted || are_around_cells(&text, self.separator)).then_some(text)
    }

    /// The rows of a piece as the reader of rows takes them.
    pub fn cells<'t>(&self, text: &'t str, limits: &Limits) -> Rows<'t> {
        Rows::new(text, self.separator, limits.columns)
    }

    /// The columns of a piece as arrays; none where the rows must be read one by one.
    pub fn arrays(&self, at: usize, text: &str, holds: &[Holds]) -> Option<Vec<Option<ArrayRef>>> {
        let piece = self.pieces.get(at)?;
        let mut builders: Vec<Builder> = holds.iter().map(|holds| Builder::new(*holds, piece.rows)).collect();
        let mut rows = 0_usize;
        if piece.quoted {
            for row in Rows::new(text, self.separator, holds.len()) {
                let row = row.ok()?;
                (row.cells.len() == holds.len()).then_some(())?;
                row.cells.iter().zip(&mut builders).for_each(|(cell, builder)| builder.add(cell));
                rows = rows.checked_add(1)?;
            }
        } else {
            let (mut start, mut column) = (0_usize, 0_usize);
            // A text that ends without a new line ends with one more row.
            let ends = memchr::memchr2_iter(self.separator, b'\n', text.as_bytes());
            let last = (!text.ends_with('\n')).then_some(text.len());
            for end in ends.chain(last) {
                let cell = text.get(start..end)?;
                let is_last = text.as_bytes().get(end) != Some(&self.separator);
                let cell = if is_last { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
                builders.get_mut(column)?.add(cell);
                (start, column) = (end.checked_add(1)?, column.checked_add(1)?);
                if is_last {
                    (column == holds.len()).then_some(())?;
                    (rows, column) = (rows.checked_add(1)?, 0);
                }
            }
        }
        (rows == piece.rows).then(|| builders.into_iter().map(Builder::finish).collect())
    }
}

/// Cuts a text at ends of rows.
fn cut(file: &mut File, from: u64, length: u64) -> Option<Vec<Piece>> {
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut pieces = Vec::new();
    let mut piece = Piece { from, to: from, rows: 0, quoted: false };
    let (mut at, mut inside, mut returned) = (from, false, false);
    let mut bytes = vec![0; PIECE];
    while at < length {
        let size = usize::try_from(length.checked_sub(at)?.min(PIECE as u64)).ok()?;
        let some = bytes.get_mut(..size)?;
        file.read_exact(some).ok()?;
        // A return without a new line ends a row too: that is for the reader of whole files.
        let is_pair = |at: usize| some.get(at.saturating_add(1)) == Some(&b'\n');
        let alone = memchr::memchr_iter(b'\r', some).any(|at| at.saturating_add(1) < size && !is_pair(at));
        if alone || (returned && some.first() != Some(&b'\n')) {
            return None;
        }
        returned = some.last() == Some(&b'\r');
        let mut last = None;
        for found in memchr::memchr2_iter(b'"', b'\n', some) {
            if some.get(found) == Some(&b'"') {
                (inside, piece.quoted) = (!inside, true);
            } else if !inside {
                piece.rows = piece.rows.checked_add(1)?;
                last = Some(found);
            }
        }
        // The piece ends with the last row that ends in these bytes; what is behind belongs to the next.
        if let Some(last) = last {
            piece.to = at.checked_add(u64::try_from(last).ok()?)?.checked_add(1)?;
            pieces.push(piece);
            let quoted = piece.quoted;
            piece = Piece { from: piece.to, to: piece.to, rows: 0, quoted };
            piece.quoted = some.get(last..)?.contains(&b'"');
        }
        at = at.checked_add(u64::try_from(size).ok()?)?;
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

/// The cells of a column on their way into an array.
enum Builder {
    Nothing,
    /// Whole numbers of ten-thousandths, as long as every cell is one; then texts.
    Numbers {
        whole: bool,
        parts: Vec<Option<i64>>,
        odd: bool,
        texts: StringBuilder,
    },
    Words(Words),
    Text(StringViewBuilder),
}

impl Builder {
    fn new(holds: Holds, rows: usize) -> Builder {
        match holds {
            Holds::Nothing => Builder::Nothing,
            Holds::Numbers { whole } => {
                Builder::Numbers { whole, parts: Vec::with_capacity(rows), odd: false, texts: StringBuilder::new() }
            }
            Holds::Words => Builder::Words(Words::default()),
            Holds::Text => Builder::Text(StringViewBuilder::with_capacity(rows)),
        }
    }

    fn add(&mut self, cell: &str) {
        let text = Some(cell).filter(|cell| !cell.is_empty());
        match self {
            Builder::Nothing => {}
            Builder::Numbers { parts, odd, texts, .. } if !*odd => match text.map(plain_number) {
                Some(None) => {
                    // What came before is written out again: it is the same number.
                    *odd = true;
                    for part in parts.drain(..) {
                        texts.append_option(part.map(decimal));
                    }
                    texts.append_option(text);
                }
                known => parts.push(known.flatten()),
            },
            Builder::Numbers { texts, .. } => texts.append_option(text),
            Builder::Words(words) => words.add(text),
            Builder::Text(texts) => texts.append_option(text),
        }
    }

    fn finish(self) -> Option<ArrayRef> {
        Some(match self {
            Builder::Nothing => return None,
            Builder::Numbers { odd: true, mut texts, .. } => Arc::new(texts.finish()),
            Builder::Numbers { whole, parts, .. } => {
                let over = |divisor: i64| parts.iter().map(move |part| part.map(|part| part / divisor));
                let comes_out = |divisor: i64| parts.iter().flatten().all(|part| part % divisor == 0);
                if whole && comes_out(10_000) {
                    Arc::new(over(10_000).collect::<Int64Array>())
                } else if comes_out(100) {
                    Arc::new(over(100).collect::<Decimal64Array>().with_precision_and_scale(18, 2).ok()?)
                } else {
                    Arc::new(over(1).collect::<Decimal64Array>().with_precision_and_scale(18, 4).ok()?)
                }
            }
            Builder::Words(words) => words.finish()?,
            Builder::Text(mut texts) => Arc::new(texts.finish()),
        })
    }
}

/// Words, each once.
#[derive(Default)]
struct Words {
    keys: Vec<Option<i32>>,
    words: Vec<String>,
    places: FxHashMap<String, i32>,
}

impl Words {
    fn add(&mut self, text: Option<&str>) {
        // Most columns of words have a handful, which is found sooner than hashed.
        const HANDFUL: usize = 8;
        let Some(text) = text else { return self.keys.push(None) };
        let first = self.words.iter().take(HANDFUL).position(|word| word == text);
        let place = first.and_then(|place| i32::try_from(place).ok()).or_else(|| self.places.get(text).copied());
        let place = place.unwrap_or_else(|| {
            let place = i32::try_from(self.words.len()).unwrap_or(i32::MAX);
            self.words.push(text.to_owned());
            self.places.insert(text.to_owned(), place);
            place
        });
        self.keys.push(Some(place));
    }

    fn finish(self) -> Option<ArrayRef> {
        let words = Arc::new(StringArray::from_iter_values(self.words));
        Some(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from(self.keys), words).ok()?))
    }
}

/// A number of at most twelve digits and four places, without anything else.
fn plain_number(cell: &str) -> Option<i64> {
    const POWERS: [i64; 5] = [10_000, 1_000, 100, 10, 1];
    let (mut number, mut digits, mut places) = (0_i64, 0_usize, None::<usize>);
    for byte in cell.bytes() {
        match (byte, &mut places) {
            (b'0'..=b'9', Some(places)) if *places < 4 => *places += 1,
            (b'0'..=b'9', None) if digits < 12 => digits += 1,
            (b'.', None) if digits > 0 => {
                places = Some(0);
                continue;
            }
            _ => return None,
        }
        // At most sixteen digits.
        number = number * 10 + i64::from(byte - b'0');
    }
    if digits == 0 || places == Some(0) {
        return None;
    }
    number.checked_mul(*POWERS.get(places.unwrap_or(0))?)
}

fn decimal(part: i64) -> String {
    let text = format!("{}.{:04}", part / 10_000, part % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{are_around_cells, decimal, plain_number};

    #[test]
    fn plain_numbers_are_ten_thousandths() {
        assert_eq!(plain_number("0"), Some(0));
        assert_eq!(plain_number("12.5"), Some(125_000));
        assert_eq!(plain_number("123456789012.1234"), Some(1_234_567_890_121_234));
        for odd in ["", ".5", "5.", "-5", "+5", "1,000", "5万", " 5", "1.23456", "1234567890123", "1e5", "１"] {
            assert_eq!(plain_number(odd), None, "{odd}");
        }
        for text in ["0", "12.5", "100", "0.0001", "123456789012.1234"] {
            assert_eq!(decimal(plain_number(text).unwrap()), text);
        }
    }

    #[test]
    fn quotation_marks_are_counted_only_around_cells() {
        for text in ["a,b\n", "\"a,\",b\n", "\"a\"\"b\"\n", "a,\"\"\n", "\"a\nb\",c"] {
            assert!(are_around_cells(text, b','), "{text}");
        }
        for text in ["a\"b,c\n", "\"a\"b,c\n", "\"a", "a, \"b\"\n"] {
            assert!(!are_around_cells(text, b','), "{text}");
        }
    }
}
