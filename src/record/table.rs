//! Rows of a table as drafts.
//!
//! In: a decoded text of rows and the columns of a record type. Out: a draft for each row
//! that holds anything, what is wrong with the columns, and the counts of the report.

use std::collections::HashMap;

use super::column::{Column, Columns};
use super::delimited::{Row, Rows, Unclosed};
use super::draft::{Context, Draft, missing_key};
use super::input::{FileDrafts, Limits, too_much};
use super::owner::{owner_name, same_owner, settle};
use super::{DataFile, FileReport, Origin};
use crate::check::program::FactId;
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};
use crate::value::Period;

/// The header of a table.
pub(super) fn header(text: &str, separator: u8, limits: &Limits) -> Option<Vec<String>> {
    let row = Rows::new(text, separator, limits.columns).find_map(|row| row.ok().filter(|row| !is_blank(row)))?;
    Some(row.cells.iter().map(|cell| cell.trim().to_string()).collect())
}

/// What a table is read with.
pub(super) struct Table<'t> {
    pub(super) text: &'t str,
    pub(super) separator: u8,
    /// The number of its file.
    pub(super) file: u32,
    pub(super) evaluated: Period,
}

/// Reads the rows of a table.
pub(super) fn read(table: &Table, columns: &Columns, files: &[DataFile], limits: &Limits) -> FileDrafts {
    let mut out = FileDrafts::new(columns.record, table.file);
    let name = files.get(table.file as usize).map(|file| file.name.clone()).unwrap_or_default();
    let place = |row: Option<usize>, column: Option<&str>| DataPlace {
        file: name.clone(),
        row,
        column: column.map(str::to_string),
        key: None,
    };
    let mut rows = Rows::new(table.text, table.separator, limits.columns);
    let unclosed = |at: Unclosed, found: &[Column]| {
        let column = found.get(at.cell).map(|column| column.header.as_str());
        Diagnostic::new(Code::UnclosedCell).in_data(place(Some(at.row), column))
    };
    let found = loop {
        match rows.next() {
            Some(Ok(row)) if is_blank(&row) => {}
            Some(Ok(row)) => break row,
            Some(Err(at)) => {
                out.diagnostics.push(unclosed(at, &[]));
                return out;
            }
            None => {
                out.diagnostics.push(Diagnostic::new(Code::EmptyFile).with("file", &name).in_data(place(None, None)));
                return out;
            }
        }
    };
    if found.cells.len() > limits.columns {
        let columns = Argument::phrase("列数", "columns");
        out.diagnostics.push(too_much(&name, columns, &limits.columns.to_string()));
        return out;
    }
    let mut found: Vec<Column> = found.cells.iter().map(|header| columns.find(header)).collect();
    settle(columns, &mut found.iter_mut().collect::<Vec<_>>());
    out.readable = judge_columns(&mut out, columns, &found, &place);
    let parent_column = found.iter().find(|column| !column.parents.is_empty()).map(|column| column.header.clone());
    out.joins = parent_joins(columns, &found);
    let context = Context { columns, evaluated: table.evaluated, files };
    let mut without_header = vec![false; found.len()];
    for row in rows {
        let row = match row {
            Ok(row) if is_blank(&row) => {
                out.report.blank_rows = out.report.blank_rows.saturating_add(1);
                continue;
            }
            Ok(row) => row,
            Err(at) => {
                // Half a file would pass for a whole one.
                out.diagnostics.push(unclosed(at, &found));
                out.drafts.clear();
                out.joins.clear();
                out.readable = false;
                return out;
            }
        };
        out.report.rows = out.report.rows.saturating_add(1);
        for ((column, cell), filled) in found.iter().zip(&row.cells).zip(&mut without_header) {
            *filled |= column.header.is_empty() && !cell.trim().is_empty();
        }
        if out.readable {
            let draft = read_row(&context, table.file, &found, &row, parent_column.as_deref(), &mut out.report);
            out.drafts.push(draft);
            out.tell_notes();
        }
    }
    for (at, _) in without_header.iter().enumerate().filter(|(_, filled)| **filled) {
        let header = format!("#{}", at.saturating_add(1));
        unknown_column(&mut out, columns, &header, place(Some(1), Some(&header)));
    }
    out
}

fn is_blank(row: &Row) -> bool {
    row.cells.iter().all(|cell| cell.trim().is_empty())
}

/// Whether the rows can be read at all under these columns.
fn judge_columns(
    out: &mut FileDrafts,
    columns: &Columns,
    found: &[Column],
    place: &impl Fn(Option<usize>, Option<&str>) -> DataPlace,
) -> bool {
    let mut usable = true;
    let mut seen: HashMap<(FactId, Option<Period>), &str> = HashMap::new();
    let mut headers: HashMap<&str, usize> = HashMap::new();
    for (at, column) in found.iter().enumerate() {
        let header = column.header.as_str();
        let before = found.get(..at).unwrap_or_default();
        let times = headers.entry(header).or_insert(0);
        *times = times.saturating_add(1);
        let twin = column.fact.as_ref().and_then(|fact| seen.insert((fact.fact, fact.period), header));
        let diagnostic = match (twin, &column.fact) {
            (Some(other), Some(wanted)) => {
                let name = columns.fact(wanted.fact).map(|fact| fact.name.clone());
                let other = (other != header).then_some(other);
                Diagnostic::new(Code::DuplicateColumn)
                    .with("column", header)
                    .with_some("other", other)
                    .with_some("name", name)
            }
            _ if *times == 2 && !header.is_empty() => Diagnostic::new(Code::DuplicateColumn).with("column", header),
            _ if let Some(other) = before.iter().find(|other| same_owner(other, column)) => {
                let name = owner_name(columns, column);
                Diagnostic::new(Code::DuplicateColumn)
                    .with("column", header)
                    .with("other", &other.header)
                    .with_some("name", name)
            }
            _ if !column.is_known() && !header.is_empty() => {
                unknown_column(out, columns, header, place(Some(1), Some(header)));
                continue;
            }
            _ => continue,
        };
        // Two columns of a known fact leave open which one counts.
        usable &= !column.is_known();
        out.diagnostics.push(diagnostic.in_data(place(Some(1), Some(header))));
    }
    let has = |fact: FactId| found.iter().any(|column| column.fact.as_ref().is_some_and(|f| f.fact == fact));
    for at in 0..columns.def.facts.len() {
        let id = FactId(u32::try_from(at).unwrap_or(u32::MAX));
        if !has(id) {
            out.report.without_column.push(id);
        }
    }
    if let Some(key) = columns.def.key.filter(|key| !has(*key)) {
        let fact = columns.fact(key);
        let diagnostic = missing_key(columns, fact.map_or("", |fact| &fact.name), fact);
        out.diagnostics.push(diagnostic.in_data(place(Some(1), None)));
        usable = false;
    }
    usable
}

/// Says of a column that it is not used.
pub(super) fn unknown_column(out: &mut FileDrafts, columns: &Columns, header: &str, place: DataPlace) {
    let near = columns.near(header);
    out.report.unknown_columns.push((header.to_string(), near.clone()));
    let diagnostic = Diagnostic::new(Code::UnknownColumn)
        .with("column", header)
        .with("record", &columns.def.name)
        .with_some("near", near);
    out.diagnostics.push(diagnostic.in_data(place));
}

/// The lists into which rows with these columns are joined.
fn parent_joins(columns: &Columns, found: &[Column]) -> Vec<(crate::check::program::RecordId, FactId)> {
    let parents = found.iter().flat_map(|column| &column.parents);
    parents.filter_map(|&at| columns.parents.get(at)).map(|parent| (parent.record, parent.list)).collect()
}

fn read_row(
    context: &Context,
    file: u32,
    found: &[Column],
    row: &Row,
    parent_column: Option<&str>,
    report: &mut FileReport,
) -> Draft {
    let origin = Origin { file, row: u32::try_from(row.number).unwrap_or(u32::MAX) };
    let mut draft = Draft::new(context.columns, origin);
    // The period and the key come first: the other cells are read under them.
    let rank = |column: &Column| {
        let is_key = column.fact.as_ref().is_some_and(|fact| context.columns.def.key == Some(fact.fact));
        if column.period || is_key { 0 } else { 1 }
    };
    for wanted in [0, 1] {
        for (column, cell) in found.iter().zip(&row.cells).filter(|(column, _)| rank(column) == wanted) {
            let filled = draft.fill(context, column, &column.header, cell);
            if let Some(fact) = &column.fact {
                report.count(fact.fact, filled);
            }
        }
    }
    if row.cells.len() != found.len() {
        let diagnostic = Diagnostic::new(Code::RaggedRow)
            .with("count", row.cells.len().to_string())
            .with("expected", found.len().to_string());
        // The cells may all have moved: what they seem to say is not worth a message.
        draft.diagnostics.clear();
        draft.say(context, diagnostic, None);
        return draft;
    }
    draft.finish(context, parent_column);
    draft
}
