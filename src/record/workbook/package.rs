//! A workbook as the packed files that it is, checked before the library opens it.
//!
//! In: the bytes of a file. Out: why it is not read, or nothing. Everything is unpacked
//! once into nowhere and counted, since what a packed file claims of its size need not be
//! true. The library makes room for as many texts as the workbook says that it has, so
//! that claim is held against a limit too.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::diagnostic::Argument;
use crate::record::Limits;
use crate::record::guarded::guarded;
use crate::record::refusal::Refusal;

const MOST_PARTS: usize = 10_000;
const CLAIM: &[u8] = b"uniqueCount";

/// Checks a file from outside.
pub(super) fn check_package(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let reason = |zh: &str, en: &str| Err(Refusal::Reason(Argument::phrase(zh, en)));
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return reason(
            "设了密码，或者是旧的 .xls 格式；请另存为没有密码的 .xlsx",
            "it has a password or is in the old .xls format; save it as .xlsx without a password",
        );
    }
    if !bytes.starts_with(b"PK") {
        return reason("内容不是 XLSX 格式", "what it holds is not XLSX");
    }
    guarded(|| check_parts(bytes, limits)).unwrap_or_else(|| Err(Refusal::damaged()))
}

fn check_parts(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::damaged())?;
    if package.len() > MOST_PARTS {
        return Err(Refusal::TooMuch(Argument::phrase("内部文件数", "parts inside"), MOST_PARTS));
    }
    let mut unpacked: u64 = 0;
    for at in 0..package.len() {
        let mut part = package.by_index(at).map_err(|_| Refusal::damaged())?;
        let name = part.name().map_err(|_| Refusal::damaged())?;
        let is_text = name.ends_with(".xml") || name.ends_with(".rels");
        drop(name);
        let mut claims = Claims::default();
        let mut block = vec![0; 64 * 1024];
        loop {
            let length = part.read(&mut block).map_err(|_| Refusal::damaged())?;
            let Some(read) = block.get(..length).filter(|read| !read.is_empty()) else { break };
            unpacked = unpacked.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            if unpacked > limits.unpacked_bytes {
                return Err(Refusal::unpacks_to_more_than(limits.unpacked_bytes));
            }
            // In an encoding in which letters are not themselves, a claim could not be seen.
            if is_text && (read.contains(&0) || read.contains(&0x1b)) {
                return Err(Refusal::damaged());
            }
            claims.see(read);
        }
        if claims.largest() > limits.rows {
            return Err(Refusal::TooMuch(Argument::phrase("文字个数", "texts"), limits.rows));
        }
    }
    Ok(())
}

/// How many texts a part says that it has; read block by block.
#[derive(Default)]
struct Claims {
    /// What may be the beginning of a claim.
    tail: Vec<u8>,
    largest: usize,
}

impl Claims {
    fn see(&mut self, block: &[u8]) {
        /// A claim with its number and the spaces that it may have; longer ones are no numbers.
        const LONGEST: usize = 256;
        self.tail.extend_from_slice(block);
        for found in memchr::memmem::find_iter(&self.tail, CLAIM) {
            let number = claimed(self.tail.get(found.saturating_add(CLAIM.len())..).unwrap_or_default());
            self.largest = self.largest.max(number);
        }
        let kept = self.tail.len().saturating_sub(LONGEST);
        self.tail.drain(..kept);
    }

    fn largest(&self) -> usize {
        self.largest
    }
}

/// The number behind `="`; what is too long to be one is larger than any limit.
fn claimed(bytes: &[u8]) -> usize {
    let digits = bytes
        .iter()
        .copied()
        .skip_while(|byte| matches!(byte, b'=' | b'"' | b'\'' | b'+') || byte.is_ascii_whitespace());
    let digits = digits.take_while(u8::is_ascii_digit);
    digits.fold(0_usize, |number, digit| {
        number.saturating_mul(10).saturating_add(usize::from(digit.saturating_sub(b'0')))
    })
}
