//! Places as editors count them: a line and a column in UTF-16 units, both from 0.
//!
//! In: a text. Out: bytes for places and places for bytes. A character beyond the basic
//! plane (𠮷) counts two. Lines end with `\n`, `\r\n` or `\r`. Places outside the text are
//! taken as the nearest inside, as the protocol asks.

/// A place as an editor counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Place {
    /// Line, from 0.
    pub line: u32,
    /// Column in UTF-16 units, from 0.
    pub column: u32,
}

/// The lines of a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// The first byte of each line.
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of a text.
    pub fn of(text: &str) -> Lines {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let alone = *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
            if *byte == b'\n' || alone {
                starts.push(at + 1);
            }
        }
        Lines { starts }
    }

    /// The line of a byte.
    pub fn line_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// Where a line begins; the end of the text behind the last.
    pub fn start(&self, line: usize, text: &str) -> usize {
        self.starts.get(line).copied().unwrap_or(text.len())
    }

    /// A line without its end.
    pub fn text<'t>(&self, line: usize, text: &'t str) -> &'t str {
        let (start, end) = (self.start(line, text), self.start(line + 1, text));
        text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// The place of a byte; one within a character counts as its start.
    pub fn place(&self, text: &str, byte: usize) -> Place {
        let byte = byte.min(text.len());
        let line = self.line_of(byte);
        let start = self.start(line, text);
        let rest = text.get(start..).unwrap_or("");
        let before = rest.char_indices().take_while(|(at, c)| start + at + c.len_utf8() <= byte);
        let column = before.map(|(_, c)| c.len_utf16()).sum::<usize>();
        Place { line: number(line), column: number(column) }
    }

    /// The byte of a place.
    pub fn byte(&self, text: &str, place: Place) -> usize {
        let line = place.line as usize;
        if line >= self.starts.len() {
            return text.len();
        }
        let start = self.start(line, text);
        let mut left = place.column as usize;
        let mut at = start;
        for c in self.text(line, text).chars() {
            if left < c.len_utf16() {
                break;
            }
            left -= c.len_utf16();
            at += c.len_utf8();
        }
        at
    }

    /// The two ends of a stretch of bytes.
    pub fn range(&self, text: &str, from: usize, to: usize) -> (Place, Place) {
        (self.place(text, from), self.place(text, to))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
