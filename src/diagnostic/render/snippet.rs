//! The lines of a source file that a diagnostic shows, for miette to draw.
//!
//! In: a file and the places in it. Out: an [`Excerpt`], which holds only the lines concerned,
//! made fit to be shown, and the places moved to where they are in it. Every line ends
//! with a line end, so that an empty place at the end of a line still has a column.

use std::collections::BTreeSet;
use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::Language;
use super::text::visible;
use crate::source::{Position, SourceFile, Span};

/// A place of more lines is shown by its first line only.
const MOST_LINES: usize = 4;
/// Characters shown of a very long line.
const MOST_CHARACTERS: usize = 400;
/// Characters shown before the place in such a line.
const BEFORE_PLACE: usize = 60;

/// The lines to show.
#[derive(Debug)]
pub struct Excerpt {
    text: String,
    lines: Vec<Line>,
    file: String,
    language: Language,
}

#[derive(Debug)]
struct Line {
    /// From 1, in the file.
    number: usize,
    /// Bytes of the excerpt, with the line end.
    shown: Range<usize>,
    /// Characters left out before it.
    skipped: usize,
    /// Bytes left out at the start of the line, and the bytes of the line kept.
    kept: Range<usize>,
}

impl Excerpt {
    /// The lines around the places, and the places as bytes of the excerpt.
    pub fn new(file: &SourceFile, name: String, spans: &[Span], language: Language) -> (Self, Vec<Range<usize>>) {
        let places: Vec<Place> = spans.iter().map(|span| Place::new(file, *span)).collect();
        let numbers: BTreeSet<usize> =
            places.iter().flat_map(|place| place.first.saturating_sub(1).max(1)..=place.last + 1).collect();
        // The empty line after the last line end is shown only if a place is there.
        let last = places.iter().map(|place| place.last).max().unwrap_or(1);
        let count = file.text.lines().count().max(last);
        let mut excerpt = Excerpt { text: String::new(), lines: Vec::new(), file: name, language };
        for number in numbers.into_iter().filter(|number| *number <= count) {
            let from = places.iter().filter(|place| place.first == number).map(|place| place.start).min();
            excerpt.push(number, file.line(number), from.unwrap_or(0));
        }
        let shown = places.iter().map(|place| excerpt.place(file, place)).collect();
        (excerpt, shown)
    }

    fn push(&mut self, number: usize, line: &str, place: usize) {
        // A byte order mark is no part of the line as an editor shows it.
        let mark = if number == 1 && line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut kept = mark..line.len();
        if line.chars().count() > MOST_CHARACTERS {
            let before = line.char_indices().filter(|(at, _)| *at < place).map(|(at, _)| at).collect::<Vec<_>>();
            kept.start = before.iter().rev().nth(BEFORE_PLACE).copied().unwrap_or(mark).max(mark);
            let rest = line.get(kept.start..).unwrap_or("");
            kept.end = rest.char_indices().nth(MOST_CHARACTERS).map_or(line.len(), |(at, _)| kept.start + at);
        }
        let start = self.text.len();
        self.text.extend(line.get(kept.clone()).unwrap_or("").chars().map(shown));
        self.text.push('\n');
        let skipped = line.get(mark..kept.start).map_or(0, |left_out| left_out.chars().count());
        self.lines.push(Line { number, shown: start..self.text.len(), skipped, kept });
    }

    fn place(&self, file: &SourceFile, place: &Place) -> Range<usize> {
        let start = self.byte(file, place.first, place.start);
        let end = self.byte(file, place.last, place.end);
        start..end.max(start)
    }

    /// The byte of the excerpt that shows byte `at` of line `number`.
    fn byte(&self, file: &SourceFile, number: usize, at: usize) -> usize {
        let Some(line) = self.lines.iter().find(|line| line.number == number) else { return 0 };
        let end = at.clamp(line.kept.start, line.kept.end);
        let before = file.line(number).get(line.kept.start..end).unwrap_or("");
        line.shown.start + before.chars().map(|c| shown(c).len_utf8()).sum::<usize>()
    }

    /// The index of the line that shows a byte of the excerpt.
    fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|line| line.shown.start <= byte).saturating_sub(1)
    }

    /// Whether the next line shown is the next line of the file.
    fn follows(&self, at: usize) -> bool {
        match (self.lines.get(at), self.lines.get(at + 1)) {
            (Some(line), Some(next)) => line.number + 1 == next.number,
            _ => false,
        }
    }

    /// File, line and column of a byte of the excerpt.
    fn header(&self, byte: usize) -> String {
        let Some(line) = self.lines.get(self.line_of(byte)) else { return self.file.clone() };
        let before = self.text.get(line.shown.start..byte).map_or(0, |text| text.chars().count());
        let position = Position { line: line.number, column: line.skipped + before + 1 };
        format!("{} {}", self.file, self.language.position(position))
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (mut first, mut last) = (self.line_of(span.offset()), self.line_of(span.offset() + span.len()));
        // Lines that do not follow each other in the file cannot stand in one block.
        if (first..last).any(|at| !self.follows(at)) {
            return Err(MietteError::OutOfBounds);
        }
        for _ in 0..before {
            first -= usize::from(first > 0 && self.follows(first - 1));
        }
        for _ in 0..after {
            last += usize::from(self.follows(last));
        }
        let (Some(from), Some(to)) = (self.lines.get(first), self.lines.get(last)) else {
            return Err(MietteError::OutOfBounds);
        };
        let bytes = from.shown.start..to.shown.end;
        let data = self.text.get(bytes.clone()).unwrap_or("").as_bytes();
        let (name, line) = (self.header(span.offset()), from.number.saturating_sub(1));
        Ok(Box::new(MietteSpanContents::new_named(name, data, bytes.into(), line, 0, last - first + 1)))
    }
}

/// The character as it stands in a line: tabs are left to miette, which expands them.
fn shown(c: char) -> char {
    if c == '\t' { c } else { visible(c) }
}

/// A place by lines and bytes within them, trimmed and brought inside the text.
#[derive(Debug)]
struct Place {
    first: usize,
    start: usize,
    last: usize,
    end: usize,
}

impl Place {
    fn new(file: &SourceFile, span: Span) -> Self {
        let text = &file.text;
        let start = floor(text, span.start as usize);
        let whole = text.get(start..floor(text, (span.end as usize).max(start))).unwrap_or("");
        // What the parser left at the end, blanks and line ends, is not what is meant.
        let end = start + whole.trim_end().len();
        let (first, from) = line_and_byte(file, start);
        let (last, to) = line_and_byte(file, end);
        if last - first >= MOST_LINES {
            return Place { first, start: from, last: first, end: file.line(first).trim_end().len().max(from) };
        }
        Place { first, start: from, last, end: to }
    }
}

fn line_and_byte(file: &SourceFile, byte: usize) -> (usize, usize) {
    let before = file.text.get(..byte).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = file.position(u32::try_from(byte).unwrap_or(u32::MAX)).line;
    (line, byte - line_start)
}

/// The nearest start of a character at or before a byte.
fn floor(text: &str, byte: usize) -> usize {
    text.floor_char_boundary(byte.min(text.len()))
}
