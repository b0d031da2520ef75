//! From bytes to text, without a character made up.
//!
//! UTF-8 first, with or without a byte order mark; else GB18030 if every byte of the file
//! is part of a character; else no text. U+FFFD is never produced. What the bytes are is
//! found out once; then any stretch of them that ends where lines end is text by itself.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes by which a file without a mark is judged, from the first on that is no ASCII; few in tests.
const LOOKED_AT: usize = if cfg!(test) { 512 } else { 1 << 20 };
/// Bytes of the longest mark.
const MARK: usize = 3;

/// A text with the encoding it was in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static str,
    /// The encoding was inferred from the bytes, with no mark to prove it.
    pub(super) guessed: bool,
}

/// How the bytes of a file are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coding {
    encoding: &'static Encoding,
    /// The bytes of the mark before the text.
    pub(super) mark: usize,
    /// The encoding was inferred from the bytes, with no mark to prove it.
    pub(super) guessed: bool,
}

impl Coding {
    /// What somebody says of a file that begins so, or its mark; none where neither says anything.
    fn told(head: &[u8], wanted: Option<&str>) -> Result<Option<Coding>, UnknownName> {
        let marked = Encoding::for_bom(head);
        let Some(label) = wanted else {
            return Ok(marked.map(|(encoding, mark)| Coding { encoding, mark, guessed: false }));
        };
        let encoding = Encoding::for_label(label.trim().as_bytes()).ok_or(UnknownName)?;
        let mark = marked.filter(|(found, _)| *found == encoding).map_or(0, |(_, length)| length);
        Ok(Some(Coding { encoding, mark, guessed: false }))
    }

    /// What a file is by what is said of it, its mark, or its first bytes that tell; none where nobody knows the name
    /// of the encoding, or the file cannot be read. What is behind those bytes may be anything.
    pub(super) fn of(file: &mut File, wanted: Option<&str>) -> Option<Coding> {
        let mut some = vec![0; LOOKED_AT];
        let mut length = read_from(file, 0, &mut some)?;
        if let Some(coding) = Coding::told(some.get(..length.min(MARK))?, wanted).ok()? {
            return Some(coding);
        }
        let utf_8 = Coding { encoding: UTF_8, mark: 0, guessed: false };
        let mut at = 0_u64;
        loop {
            let bytes = some.get(..length)?;
            let plain = Encoding::ascii_valid_up_to(bytes);
            at = at.checked_add(u64::try_from(plain).ok()?)?;
            if plain < length {
                break;
            }
            if length < LOOKED_AT {
                return Some(utf_8);
            }
            length = read_from(file, at, &mut some)?;
        }
        length = read_from(file, at, &mut some)?;
        // The last character may be cut in two, unless the file ends there.
        let is_utf_8 = match std::str::from_utf8(some.get(..length)?) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none() && length == LOOKED_AT,
        };
        Some(if is_utf_8 { utf_8 } else { Coding { encoding: GB18030, mark: 0, guessed: true } })
    }

    /// Its name as messages have it.
    pub(super) fn name(self) -> &'static str {
        // The registry writes this one in small letters.
        if self.encoding == GB18030 { "GB18030" } else { self.encoding.name() }
    }

    /// Whether a new line, a return, a comma, a tab and a quotation mark are units of their own that are never part of
    /// another character: bytes wherever the second byte of a character is a digit at least, pairs of them in UTF-16.
    pub(super) fn has_plain_signs(self) -> bool {
        self.encoding.is_ascii_compatible() || self.unit() == 2
    }

    /// The bytes of a unit.
    pub(super) fn unit(self) -> usize {
        if self.encoding == UTF_16LE || self.encoding == UTF_16BE { 2 } else { 1 }
    }

    /// Bytes that begin with a unit, a byte a unit: each sign as itself, all else as anything that is no sign.
    pub(super) fn signs(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        let sign = |unit: u16| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0x80);
        let pairs = bytes.as_chunks::<2>().0.iter();
        match self.unit() {
            1 => Cow::Borrowed(bytes),
            _ if self.encoding == UTF_16LE => pairs.map(|pair| sign(u16::from_le_bytes(*pair))).collect(),
            _ => pairs.map(|pair| sign(u16::from_be_bytes(*pair))).collect(),
        }
    }

    /// The UTF-8 of some bytes; none where they are no text.
    pub(super) fn text(self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let text = if self.encoding == UTF_8 {
            simdutf8::basic::from_utf8(&bytes).ok()?;
            bytes
        } else {
            decoded(self.encoding, &bytes)?.into_bytes()
        };
        // A zero byte is in no text: the file is something else under a wrong name.
        memchr::memchr(0, &text).is_none().then_some(text)
    }

    /// Where in some bytes a row of their text ends that ends at this place of the text; none where it ends neither with
    /// a new line nor with the bytes.
    pub(super) fn end_of_row(self, bytes: &[u8], text: &str, at: usize) -> Option<usize> {
        if self.encoding == UTF_8 {
            return Some(at);
        }
        let before = text.get(..at)?;
        if !before.ends_with('\n') {
            return (at == text.len()).then_some(bytes.len());
        }
        let lines = memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let last = memchr::memchr_iter(b'\n', &self.signs(bytes)).nth(lines.checked_sub(1)?)?;
        last.checked_add(1)?.checked_mul(self.unit())
    }
}

/// The name of no encoding.
struct UnknownName;

/// Bytes of a file from a place on, until there is no more room or no more bytes.
fn read_from(file: &mut File, at: u64, into: &mut [u8]) -> Option<usize> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut length = 0_usize;
    loop {
        match file.read(into.get_mut(length..)?).ok()? {
            0 => return Some(length),
            read => length = length.checked_add(read)?,
        }
    }
}

/// The text of bytes without a mark; none where a byte is part of no character.
fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    // Mostly a character of two bytes becomes one of three.
    let mut text = String::with_capacity(bytes.len().checked_add(bytes.len() / 2)?.checked_add(16)?);
    let mut rest = bytes;
    loop {
        let (ended, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        rest = rest.get(read..)?;
        match ended {
            DecoderResult::InputEmpty => return Some(text),
            DecoderResult::OutputFull => text.reserve(rest.len().checked_add(16)?),
            DecoderResult::Malformed(..) => return None,
        }
    }
}

/// Decodes a file; `wanted` names the encoding where it is not to be found out.
pub(super) fn decode(bytes: Vec<u8>, wanted: Option<&str>) -> Option<Decoded> {
    let whole = |coding: Coding, mut bytes: Vec<u8>| {
        bytes.drain(..coding.mark.min(bytes.len()));
        let text = String::from_utf8(coding.text(bytes)?).ok()?;
        Some(Decoded { text, encoding: coding.name(), guessed: coding.guessed })
    };
    if let Some(coding) = Coding::told(bytes.get(..MARK).unwrap_or(&bytes), wanted).ok()? {
        return whole(coding, bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => None,
        Ok(text) => Some(Decoded { text, encoding: UTF_8.name(), guessed: false }),
        Err(error) => whole(Coding { encoding: GB18030, mark: 0, guessed: true }, error.into_bytes()),
    }
}
