//! Objects of a file as drafts.
//!
//! In: objects, each with its number, or why one is none. Out: a draft for each, and what
//! the file had: items of nested lists that were kept apart, keys of nothing known, counts.

use std::collections::HashSet;

use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::column::Columns;
use super::draft::{Context, Draft, missing_key};
use super::input::{FileDrafts, Unknown};
use super::json::{Json, parse};
use super::json_file::json_fault;
use super::object::{Objects, Standing, facts_without_column};
use super::population::place_in;
use super::table::Table;
use super::{DataFile, Origin};
use crate::check::program::{FactId, RecordId};
use crate::diagnostic::{Argument, Code, Diagnostic};

/// An object with its number, or why it is none.
pub(super) type ObjectRow<'j> = Result<(u32, Vec<(String, &'j RawValue)>), (u32, Argument)>;

/// Reads one level of an object.
pub(super) fn read_object(number: u32, text: &str) -> ObjectRow<'_> {
    match parse(text) {
        Ok(Json::Object(entries)) => Ok((number, entries)),
        Ok(_) => Err((number, Argument::phrase("应是对象", "expected an object"))),
        // The line is told as the place.
        Err(error) => {
            let (zh, en) = json_fault(&error);
            let column = error.column();
            Err((number, Argument::phrase(format!("第 {column} 字节处{zh}"), format!("byte {column}: {en}"))))
        }
    }
}

/// What is known of objects in a list before they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// The key by which they name their owners.
    pub(super) column: SmolStr,
    /// The list in which they stand.
    pub(super) list: (RecordId, FactId),
}

/// A file of objects that is being read.
pub(super) struct ObjectRows<'t, 'p> {
    table: Table<'t, 'p>,
    objects: Objects<'p>,
    seen: HashSet<(RecordId, String)>,
    listed: Option<Listed>,
    out: FileDrafts,
}

impl<'t, 'p> ObjectRows<'t, 'p> {
    /// Nothing read yet.
    pub(super) fn new(table: Table<'t, 'p>) -> ObjectRows<'t, 'p> {
        ObjectRows::of(table, None)
    }

    /// Nothing read yet of some objects of a file, of which is known what all of them tell.
    pub(super) fn of(table: Table<'t, 'p>, listed: Option<Listed>) -> ObjectRows<'t, 'p> {
        let mut out = FileDrafts::new(table.columns.record, table.file);
        out.readable = true;
        let objects = Objects::new(table.columns.program, table.evaluated, table.limits);
        ObjectRows { table, objects, seen: HashSet::new(), listed, out }
    }

    /// Reads an object.
    pub(super) fn row(&mut self, row: ObjectRow) {
        let Table { columns, files, limits, file, evaluated, .. } = self.table;
        self.out.report.rows = self.out.report.rows.saturating_add(1);
        let origin = Origin { file, row: row.as_ref().map_or_else(|(number, _)| *number, |(number, _)| *number) };
        let entries = match row {
            Ok((_, entries)) => entries,
            Err((_, found)) => {
                let mut draft = Draft::new(columns, origin);
                let context = Context { columns, evaluated, files };
                let name = files.get(file as usize).map_or("", |file| &file.name);
                let diagnostic = Diagnostic::new(Code::BadJson).with("file", name).with("found", found);
                draft.say(&context, diagnostic, None);
                return self.out.drafts.push(draft);
            }
        };
        let at = Standing { files, origin, path: String::new() };
        let (seen, unknown) = (&mut self.seen, &mut self.out.unknown);
        let draft = self.objects.read(columns.record, entries, &at, &mut self.out.report, &mut |columns, key| {
            if seen.len() < limits.columns && seen.insert((columns.record, key.to_string())) {
                unknown.push(Unknown { row: origin.row, record: columns.record, key: key.to_string() });
            }
        });
        self.out.drafts.extend(draft);
        self.out.tell_notes();
    }

    /// All objects are read.
    pub(super) fn finish(mut self) -> FileDrafts {
        let Table { columns, files, .. } = self.table;
        let mut owners = self.out.drafts.iter().flat_map(|draft| &draft.owners).peekable();
        let first = owners.peek().map(|owner| owner.column.clone());
        let joins: HashSet<_> = owners.flat_map(|owner| owner.lists.iter().copied()).collect();
        // An empty array says that nobody has any.
        let all = columns.parents.iter().map(|parent| (parent.record, parent.list));
        let (column, joins) = match self.listed {
            Some(Listed { column, list }) => (Some(column), vec![list]),
            None if self.out.report.rows == 0 => (first, all.collect()),
            None => (first, joins.into_iter().collect()),
        };
        tell_ownerless(columns, &mut self.out.drafts, column, files);
        self.out.joins = joins;
        self.out.rejected = self.objects.rejected;
        self.out.report.without_column = facts_without_column(columns, &self.out.report);
        self.out
    }
}

/// Objects without an owner beside others that have one.
fn tell_ownerless(columns: &Columns, drafts: &mut [Draft], column: Option<SmolStr>, files: &[DataFile]) {
    let Some(column) = column else { return };
    for draft in drafts.iter_mut().filter(|draft| draft.owners.is_empty() && draft.diagnostics.is_empty()) {
        let place = place_in(files, draft.origin(), Some(&column), draft.key.as_deref());
        draft.diagnostics.push(missing_key(columns, &column, None).in_data(place));
    }
}
