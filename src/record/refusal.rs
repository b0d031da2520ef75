//! Why a file is not read.

use super::file::unreadable;
use super::input::too_much;
use crate::diagnostic::{Argument, Diagnostic};

/// Why a file is not read.
pub(super) enum Refusal {
    /// In words.
    Reason(Argument),
    /// It has more of something than the limit.
    TooMuch(Argument, usize),
    /// It has more bytes of something than the limit.
    TooLarge(Argument, u64),
}

impl Refusal {
    /// What stands in it contradicts itself or breaks off.
    pub(super) fn damaged() -> Refusal {
        Refusal::Reason(Argument::phrase("文件已经损坏", "it is damaged"))
    }

    /// It unpacks to more than may be.
    pub(super) fn unpacks_to_more_than(limit: u64) -> Refusal {
        Refusal::TooLarge(Argument::phrase("解压后大小", "of data when unpacked"), limit)
    }

    /// What is said of the file.
    pub(super) fn diagnostic(self, name: &str) -> Diagnostic {
        match self {
            Refusal::Reason(found) => unreadable(name, found),
            Refusal::TooMuch(found, limit) => too_much(name, found, &limit.to_string()),
            Refusal::TooLarge(found, limit) => too_much(name, found, &size(limit)),
        }
    }
}

/// A number of bytes as people write it: `512 MB`.
pub(super) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    let unit = units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{bytes} B"), |(unit, name)| format!("{} {name}", bytes / unit))
}
