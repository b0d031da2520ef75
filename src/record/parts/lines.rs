//! Lines of objects, piece by piece.
//!
//! In: a text with an object a line. Out: pieces of it that end where lines end, and the
//! UTF-8 of any piece.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::text::Text;
use crate::record::Limits;
use crate::record::encoding::Coding;
use crate::record::json::depth;
use crate::record::object_rows::read_object;

/// Bytes of a piece, more or less; few in tests, so that there are several pieces.
const PIECE: usize = if cfg!(test) { 4 << 10 } else { 4 << 20 };
/// Bytes in which the first object must stand.
const HEAD: usize = 1 << 20;

/// The pieces of a text.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    pub coding: Coding,
    pieces: Vec<Piece>,
    /// The keys of the first object.
    pub keys: Vec<String>,
}

/// A piece by its bytes, and the lines in it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: u64,
    to: u64,
    lines: usize,
}

impl Lines {
    /// The pieces of a text; none where it is better read whole.
    pub fn open(path: &Path, wanted: Option<&str>, limits: &Limits) -> Option<Lines> {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let coding = Coding::of(&mut file, wanted).filter(|coding| coding.has_plain_signs())?;
        let (head, _) = Text::head(&mut file, coding, HEAD)?;
        let keys = first_keys(head.as_str()?, limits.depth)?;
        let pieces = cut(&mut file, coding, length)?;
        // A line without an end is told of the file.
        let fits = pieces.iter().all(|piece| piece.to.saturating_sub(piece.from) <= limits.file_bytes);
        fits.then(|| Lines { path: path.to_path_buf(), coding, pieces, keys })
    }

    /// How many lines each piece has, blank ones among them.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().map(|piece| piece.lines)
    }

    /// The text of a piece; none where it is not what it seemed to be.
    pub fn text(&self, at: usize) -> Option<Text> {
        let piece = self.pieces.get(at)?;
        Text::at(&self.path, (piece.from, piece.to), self.coding)
    }
}

/// The keys of the first line that holds anything; none where that is no object.
fn first_keys(head: &str, most_depth: usize) -> Option<Vec<String>> {
    let first = head.lines().find(|line| !line.trim().is_empty())?;
    if depth(first) > most_depth {
        return None;
    }
    let (_, entries) = read_object(1, first).ok()?;
    Some(entries.into_iter().map(|(key, _)| key).collect())
}

/// Cuts a text at ends of lines.
fn cut(file: &mut File, coding: Coding, length: u64) -> Option<Vec<Piece>> {
    let (from, unit) = (u64::try_from(coding.mark).ok()?, u64::try_from(coding.unit()).ok()?);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut pieces = Vec::new();
    let mut piece = Piece { from, to: from, lines: 0 };
    let (mut at, mut bytes) = (from, vec![0; PIECE]);
    while at < length {
        let size = usize::try_from(length.checked_sub(at)?.min(u64::try_from(PIECE).ok()?)).ok()?;
        let some = bytes.get_mut(..size)?;
        file.read_exact(some).ok()?;
        let signs = coding.signs(some);
        let ends = memchr::memchr_iter(b'\n', &signs);
        let (lines, last) = ends.fold((0_usize, None), |(lines, _), at| (lines.saturating_add(1), Some(at)));
        piece.lines = piece.lines.checked_add(lines)?;
        // The piece ends with the last line that ends in these bytes; what is behind belongs to the next.
        if let Some(last) = last {
            let behind = u64::try_from(last).ok()?.checked_add(1)?;
            piece.to = at.checked_add(behind.checked_mul(unit)?)?;
            pieces.push(piece);
            piece = Piece { from: piece.to, to: piece.to, lines: 0 };
        }
        at = at.checked_add(u64::try_from(size).ok()?)?;
    }
    if piece.from < length {
        pieces.push(Piece { to: length, lines: piece.lines.checked_add(1)?, ..piece });
    }
    Some(pieces)
}
