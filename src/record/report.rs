//! What was found in each data file: the numbers that a reader looks at before the results.

use smol_str::SmolStr;

use crate::check::program::{FactId, RecordId};

/// The data report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// One entry a file and record type, in order of loading.
    pub files: Vec<FileReport>,
}

/// What one file had of one record type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileReport {
    /// The file as named.
    pub file: String,
    /// The record type of its rows.
    pub record: Option<RecordId>,
    /// The encoding in which it was read.
    pub encoding: &'static str,
    /// Its rows, blank ones left out.
    pub rows: usize,
    /// Rows of which nothing was filled in.
    pub blank_rows: usize,
    /// Rows kept apart.
    pub rejected: usize,
    /// Columns that are no fact, with a near name.
    pub unknown_columns: Vec<(String, Option<SmolStr>)>,
    /// The facts that have a column.
    pub facts: Vec<FactReport>,
    /// The facts that have none.
    pub without_column: Vec<FactId>,
}

/// What the column of one fact had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactReport {
    /// The fact.
    pub fact: FactId,
    /// Cells that were filled in.
    pub filled: usize,
    /// Cells that were blank or null: the default, or unknown.
    pub blank: usize,
}

impl FileReport {
    /// Adds what a part of the same file had.
    pub(super) fn join(&mut self, part: &FileReport) {
        self.rows = self.rows.saturating_add(part.rows);
        self.blank_rows = self.blank_rows.saturating_add(part.blank_rows);
        self.rejected = self.rejected.saturating_add(part.rejected);
        part.facts.iter().for_each(|fact| self.add(fact.fact, fact.filled, fact.blank));
    }

    pub(super) fn count(&mut self, fact: FactId, filled: bool) {
        self.add(fact, usize::from(filled), usize::from(!filled));
    }

    /// Adds counted cells of a fact.
    pub(super) fn add(&mut self, fact: FactId, filled: usize, blank: usize) {
        let entry = match self.facts.iter_mut().find(|entry| entry.fact == fact) {
            Some(entry) => entry,
            None => {
                self.facts.push(FactReport { fact, filled: 0, blank: 0 });
                let Some(entry) = self.facts.last_mut() else { return };
                entry
            }
        };
        entry.filled = entry.filled.saturating_add(filled);
        entry.blank = entry.blank.saturating_add(blank);
    }
}
