//! Why a file is not read.

use super::input::{too_much, unreadable};
use crate::diagnostic::{Argument, Diagnostic};

/// Why a file is not read.
pub(super) enum Refusal {
    /// In words.
    Reason(Argument),
    /// It has more of something than the limit.
    TooMuch(Argument, usize),
}

impl Refusal {
    /// What stands in it contradicts itself or breaks off.
    pub(super) fn damaged() -> Refusal {
        Refusal::Reason(Argument::phrase("文件已经损坏", "it is damaged"))
    }

    /// It unpacks to more than may be.
    pub(super) fn unpacks_to_more_than(limit: u64) -> Refusal {
        let found = Argument::phrase("解压后的字节数", "bytes when unpacked");
        Refusal::TooMuch(found, usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// What is said of the file.
    pub(super) fn diagnostic(self, name: &str) -> Diagnostic {
        match self {
            Refusal::Reason(found) => unreadable(name, found),
            Refusal::TooMuch(found, limit) => too_much(name, found, &limit.to_string()),
        }
    }
}
