//! What the data files had: rows, rows kept apart, and for each fact how many cells were filled in.
//!
//! In: what loading counted. Out: [`DataRow`]s for the report. A column that is missing is
//! told with what it then counts as: a fact with a default is quietly that for everybody,
//! which nobody sees in the amounts.

use serde::Serialize;

use crate::check::program::{FactDef, FactId, Program, Type};
use crate::record::{self, FileReport};

/// What one file had of one record type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataRow {
    /// The file as named.
    pub file: String,
    /// The record type.
    pub record: String,
    /// The encoding in which it was read.
    pub encoding: String,
    /// Its rows, blank ones left out.
    pub rows: usize,
    /// Rows that count for nothing, since something is wrong with them.
    pub rejected: usize,
    /// Columns that are no fact.
    pub unused: Vec<String>,
    /// The facts, in the order of the record type, but for those that another file alone has.
    pub facts: Vec<FactCounts>,
}

/// What the rows of a file had of one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactCounts {
    /// The fact.
    pub fact: String,
    /// Whether there is a column for it.
    pub column: bool,
    /// Cells that were filled in.
    pub filled: usize,
    /// Cells that were blank; of a missing column those of all rows.
    pub blank: usize,
    /// Blank cells that count as unknown, where no other file fills them in: the others have a default.
    pub unknown: usize,
}

/// A row a file and record type, in order of loading.
pub fn data(program: &Program, loaded: &record::Report) -> Vec<DataRow> {
    let of = |file: &FileReport| {
        let def = program.records.get(file.record?.index())?;
        let others = || loaded.files.iter().filter(|other| other.record == file.record);
        // Rows of a list are counted in the files that hold them.
        let is_told = |fact: &FactDef, id: FactId| {
            let elsewhere = || others().any(|other| !other.without_column.contains(&id));
            !matches!(fact.kind, Type::List(_)) && (!file.without_column.contains(&id) || !elsewhere())
        };
        let facts = def.facts.iter().zip(0..).map(|(fact, at)| (fact, FactId(at)));
        Some(DataRow {
            file: file.file.clone(),
            record: def.name.to_string(),
            encoding: file.encoding.to_owned(),
            rows: file.rows,
            rejected: file.rejected,
            unused: file.unknown_columns.iter().map(|(header, _)| header.clone()).collect(),
            facts: facts.filter(|(fact, id)| is_told(fact, *id)).map(|(fact, id)| counts(fact, id, file)).collect(),
        })
    };
    loaded.files.iter().filter_map(of).collect()
}

fn counts(fact: &FactDef, id: FactId, file: &FileReport) -> FactCounts {
    let counted = file.facts.iter().find(|counted| counted.fact == id);
    let (filled, blank) = counted.map_or((0, file.rows), |counted| (counted.filled, counted.blank));
    let unknown = if fact.default.is_none() { blank } else { 0 };
    let column = !file.without_column.contains(&id);
    FactCounts { fact: fact.name.to_string(), column, filled, blank, unknown }
}
