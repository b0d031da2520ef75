//! From bytes to text, without a character made up.
//!
//! UTF-8 first, with or without a byte order mark; else GB18030 if every byte of the file
//! is part of a character; else no text. U+FFFD is never produced.

use encoding_rs::{Encoding, GB18030, UTF_8};

/// A text with the encoding it was in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static str,
    /// The encoding was inferred from the bytes, with no mark to prove it.
    pub(super) guessed: bool,
}

/// Decodes a file; `wanted` names the encoding where it is not to be found out.
pub(super) fn decode(bytes: Vec<u8>, wanted: Option<&str>) -> Option<Decoded> {
    let whole = |encoding: &'static Encoding, bytes: &[u8]| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        // A zero byte is in no text: the file is something else under a wrong name.
        let text = if text.contains('\0') { return None } else { text.into_owned() };
        // The registry writes this one in small letters.
        let name = if encoding == GB18030 { "GB18030" } else { encoding.name() };
        Some(Decoded { text, encoding: name, guessed: false })
    };
    if let Some(label) = wanted {
        let encoding = Encoding::for_label(label.trim().as_bytes())?;
        let marked = Encoding::for_bom(&bytes).filter(|(found, _)| *found == encoding).map_or(0, |(_, length)| length);
        return whole(encoding, bytes.get(marked..)?);
    }
    if let Some((encoding, length)) = Encoding::for_bom(&bytes) {
        return whole(encoding, bytes.get(length..)?);
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => None,
        Ok(text) => Some(Decoded { text, encoding: UTF_8.name(), guessed: false }),
        Err(error) => Some(Decoded { guessed: true, ..whole(GB18030, error.as_bytes())? }),
    }
}
