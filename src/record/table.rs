//! Rows of a table as drafts.
//!
//! In: a header, rows of cells from whatever file, and the columns of a record type. Out: a
//! draft for each row that holds anything, what is wrong with the columns, and the counts
//! of the report.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::value::RawValue;

use super::column::{Column, Columns};
use super::delimited::{Row, Rows};
use super::draft::{Context, Draft, missing_key};
use super::given::{Given, is_too_long};
use super::input::{FileDrafts, Limits, Unknown, too_much};
use super::json::depth;
use super::object::{Objects, Standing, fill_bool};
use super::owner::{owner_name, same_owner, settle};
use super::{DataFile, Origin};
use crate::check::program::{FactDef, FactId, RecordId, Type};
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};
use crate::progress::Progress;
use crate::value::Period;

/// The header of a table.
pub(super) fn header(text: &str, separator: u8, limits: &Limits) -> Option<Vec<String>> {
    let row = Rows::new(text, separator, limits.columns).find_map(|row| row.ok().filter(|row| !is_blank(row)))?;
    Some(row.cells.iter().map(|cell| cell.trim().to_string()).collect())
}

/// What every table of a file is read with.
#[derive(Clone, Copy)]
pub(super) struct Table<'t, 'p> {
    pub(super) columns: &'t Columns<'p>,
    pub(super) files: &'t [DataFile],
    pub(super) limits: &'t Limits,
    pub(super) progress: &'t Progress,
    /// The number of its file.
    pub(super) file: u32,
    pub(super) evaluated: Period,
}

/// Reads the rows of a text.
pub(super) fn read(table: Table, text: &str, separator: u8) -> FileDrafts {
    let mut rows = Rows::new(text, separator, table.limits.columns);
    let found = loop {
        match rows.next() {
            Some(Ok(row)) if is_blank(&row) => {}
            Some(Ok(row)) => break row,
            Some(Err(at)) => return table.refused(|place| unclosed().in_data(place(Some(at.row), None))),
            None => {
                return table.refused(|place| {
                    let place = place(None, None);
                    Diagnostic::new(Code::EmptyFile).with("file", &place.file).in_data(place)
                });
            }
        }
    };
    let mut reading = match Reading::new(table, &found.cells, Some(1)) {
        Ok(reading) => reading,
        Err(refused) => return *refused,
    };
    let mut at = rows.at();
    while let Some(row) = rows.next().filter(|_| !table.progress.is_stopped()) {
        table.progress.advance(rows.at().saturating_sub(at));
        at = rows.at();
        match row {
            Ok(row) if is_blank(&row) => reading.skip_blank(1),
            Ok(row) => {
                let cells: Vec<Given> = row.cells.into_iter().map(Given::Text).collect();
                reading.even_row(row.number, &cells);
            }
            Err(at) => {
                // Half a file would pass for a whole one.
                let column = reading.found.get(at.cell).map(|column| column.header.clone());
                let place = reading.place(Some(at.row), column.as_deref());
                return reading.given_up(unclosed().in_data(place));
            }
        }
    }
    reading.finish()
}

fn unclosed() -> Diagnostic {
    Diagnostic::new(Code::UnclosedCell)
}

fn is_blank(row: &Row) -> bool {
    row.cells.iter().all(|cell| cell.trim().is_empty())
}

impl<'t, 'p> Table<'t, 'p> {
    fn place(&self, row: Option<usize>, column: Option<&str>) -> DataPlace {
        let file = self.files.get(self.file as usize).map(|file| file.name.clone()).unwrap_or_default();
        DataPlace { file, row, column: column.map(str::to_string), key: None }
    }

    /// Nothing of the table can be used.
    pub(super) fn refused(
        &self,
        say: impl FnOnce(&dyn Fn(Option<usize>, Option<&str>) -> DataPlace) -> Diagnostic,
    ) -> FileDrafts {
        let mut out = FileDrafts::new(self.columns.record, self.file);
        out.diagnostics.push(say(&|row, column| self.place(row, column)));
        out
    }
}

/// A table whose rows are being read.
pub(super) struct Reading<'t, 'p> {
    table: Table<'t, 'p>,
    context: Context<'t, 'p>,
    found: Vec<Column>,
    /// The columns in the order in which they are read: the others are read under the period and the key.
    order: Vec<usize>,
    /// The filled and the blank cells of each column.
    counts: Vec<(usize, usize)>,
    parent_column: Option<String>,
    /// The row of the header, where there is one.
    header_row: Option<usize>,
    /// How a column without a header is called.
    pub(super) label: fn(usize) -> String,
    /// Columns without a header that hold something.
    without_header: BTreeSet<usize>,
    objects: Objects<'p>,
    seen: HashSet<(RecordId, String)>,
    out: FileDrafts,
}

impl<'t, 'p> Reading<'t, 'p> {
    /// Begins to read under a header.
    pub(super) fn new<S: AsRef<str>>(
        table: Table<'t, 'p>,
        header: &[S],
        header_row: Option<usize>,
    ) -> Result<Reading<'t, 'p>, Box<FileDrafts>> {
        let Table { columns, files, limits, file, evaluated, .. } = table;
        if header.len() > limits.columns {
            return Err(Box::new(table.refused(|place| {
                let columns = Argument::phrase("列数", "columns");
                too_much(&place(None, None).file, columns, &limits.columns.to_string())
            })));
        }
        let mut out = FileDrafts::new(columns.record, file);
        let mut found: Vec<Column> = header.iter().map(|header| columns.find(header.as_ref())).collect();
        settle(columns, &mut found.iter_mut().collect::<Vec<_>>());
        out.readable = judge_columns(&mut out, columns, &found, &|column| table.place(header_row, column));
        out.joins = parent_joins(columns, &found);
        let is_first = |column: &Column| {
            column.period || column.fact.as_ref().is_some_and(|fact| columns.def.key == Some(fact.fact))
        };
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by_key(|at| !found.get(*at).is_some_and(is_first));
        let named = found.iter().find(|column| !column.parents.is_empty());
        Ok(Reading {
            parent_column: named.map(|column| column.header.clone()),
            table,
            context: Context { columns, evaluated, files },
            counts: vec![(0, 0); found.len()],
            found,
            order,
            header_row,
            label: |at| format!("#{}", at.saturating_add(1)),
            without_header: BTreeSet::new(),
            objects: Objects::new(columns.program, evaluated, limits),
            seen: HashSet::new(),
            out,
        })
    }

    /// The columns that say anything, in the order of the header.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let known = self.found.iter().enumerate().filter(|(_, column)| column.is_known());
        known.map(|(at, _)| at).collect()
    }

    /// The facts in the order in which their cells are read.
    pub(super) fn order_of_facts(&self) -> Vec<FactId> {
        let fact = |at: &usize| self.found.get(*at).and_then(|column| column.fact.as_ref());
        self.order.iter().filter_map(fact).map(|wanted| wanted.fact).collect()
    }

    /// What each column is.
    pub(super) fn columns(&self) -> &[Column] {
        &self.found
    }

    /// What is known of the table before its rows.
    pub(super) fn so_far(&self) -> &FileDrafts {
        &self.out
    }

    /// Rows without anything in them.
    pub(super) fn skip_blank(&mut self, rows: usize) {
        self.out.report.blank_rows = self.out.report.blank_rows.saturating_add(rows);
    }

    /// Reads a row that must be as wide as the header.
    pub(super) fn even_row(&mut self, number: usize, cells: &[Given]) {
        if cells.len() == self.found.len() || !self.out.readable {
            return self.row(number, cells);
        }
        let counted = self.out.drafts.len();
        // What stands beyond the header is no column: it is told of this row.
        self.row(number, cells.get(..self.found.len()).unwrap_or(cells));
        let Some(draft) = self.out.drafts.get_mut(counted) else { return };
        let diagnostic = Diagnostic::new(Code::RaggedRow)
            .with("count", cells.len().to_string())
            .with("expected", self.found.len().to_string());
        // The cells may all have moved: what they seem to say is not worth a message.
        draft.diagnostics.clear();
        draft.say(&self.context, diagnostic, None);
    }

    /// Reads a row; cells that it does not have are blank.
    pub(super) fn row(&mut self, number: usize, cells: &[Given]) {
        self.out.report.rows = self.out.report.rows.saturating_add(1);
        for (at, _) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()) {
            if self.found.get(at).is_none_or(|column| column.header.is_empty()) {
                self.without_header.insert(at);
            }
        }
        if !self.out.readable {
            return;
        }
        let origin = Origin { file: self.table.file, row: u32::try_from(number).unwrap_or(u32::MAX) };
        let mut draft = Draft::new(self.context.columns, origin);
        for at in self.order.iter().copied() {
            let Some(column) = self.found.get(at) else { continue };
            let Some(cell) = cells.get(at).filter(|_| column.is_known()) else { continue };
            let filled = match cell {
                Given::Parts(json) => {
                    let mut inside = Inside {
                        objects: &mut self.objects,
                        unknown: &mut self.out.unknown,
                        seen: &mut self.seen,
                        limits: self.table.limits,
                    };
                    inside.fill(&self.context, &mut draft, column, json, origin)
                }
                cell => fill(&self.context, &mut draft, column, cell),
            };
            if let Some((full, blank)) = self.counts.get_mut(at) {
                let count = if filled { full } else { blank };
                *count = count.saturating_add(1);
            }
        }
        draft.finish(&self.context, self.parent_column.as_deref());
        self.out.drafts.push(draft);
        self.out.tell_notes();
    }

    fn place(&self, row: Option<usize>, column: Option<&str>) -> DataPlace {
        self.table.place(row, column)
    }

    /// Hands the counts over to the report.
    fn count(&mut self) {
        for at in self.order.iter().copied() {
            let fact = self.found.get(at).and_then(|column| column.fact.as_ref());
            if let (Some(fact), Some((filled, blank))) = (fact, self.counts.get(at).filter(|counts| **counts != (0, 0)))
            {
                self.out.report.add(fact.fact, *filled, *blank);
            }
        }
    }

    /// All rows are read.
    pub(super) fn finish(self) -> FileDrafts {
        let (program, files) = (self.context.columns.program, self.table.files);
        let mut out = self.end();
        out.tell_unknown(program, files);
        out
    }

    /// The table breaks off: nothing of it is used.
    pub(super) fn given_up(mut self, diagnostic: Diagnostic) -> FileDrafts {
        self.count();
        self.out.diagnostics.push(diagnostic);
        self.out.drafts.clear();
        self.out.joins.clear();
        self.out.readable = false;
        self.out
    }

    /// All rows are read; of keys of nothing known inside cells nothing is told yet.
    pub(super) fn end(mut self) -> FileDrafts {
        self.count();
        for at in std::mem::take(&mut self.without_header) {
            let header = (self.label)(at);
            let place = self.place(self.header_row, Some(&header));
            unknown_column(&mut self.out, self.context.columns, &header, place);
        }
        self.out.rejected = std::mem::take(&mut self.objects.rejected);
        self.out
    }
}

/// Reads a cell without parts; answers whether it held anything.
fn fill(context: &Context, draft: &mut Draft, column: &Column, cell: &Given) -> bool {
    let header = &column.header;
    let fact = column.fact.as_ref().and_then(|wanted| context.columns.fact(wanted.fact));
    match cell {
        Given::Text(text) => draft.fill(context, column, header, text),
        Given::Bool(yes) => fill_bool(context, draft, column, header, *yes),
        Given::Moment { day, .. } if fact.is_some_and(|fact| fact.kind == Type::Date) => {
            draft.fill(context, column, header, day)
        }
        Given::Moment { day, time } => draft.fill(context, column, header, &format!("{day} {time}")),
        Given::Rounded(digits) => {
            let filled = draft.fill(context, column, header, digits);
            let is_key = column.fact.as_ref().is_some_and(|wanted| context.columns.def.key == Some(wanted.fact));
            let names = is_key || !column.parents.is_empty() || !column.ancestors.is_empty();
            if names && is_too_long(digits) {
                let expected = Argument::phrase(
                    "存成文字的编号（存成数字的，第 16 位起已经丢失）",
                    "a key kept as text (of one kept as a number, all after 15 digits is lost)",
                );
                draft.wrong_cell(context, column, header, digits, expected, None);
            }
            filled
        }
        Given::Wrong { shown, expected } => {
            draft.wrong_cell(context, column, header, shown, expected.clone(), None);
            true
        }
        Given::Parts(_) => true,
    }
}

/// What cells with parts are read with.
struct Inside<'i, 'p> {
    objects: &'i mut Objects<'p>,
    unknown: &'i mut Vec<Unknown>,
    seen: &'i mut HashSet<(RecordId, String)>,
    limits: &'i Limits,
}

impl<'p> Inside<'_, 'p> {
    fn fill(
        &mut self,
        context: &Context<'_, 'p>,
        draft: &mut Draft,
        column: &Column,
        json: &str,
        origin: Origin,
    ) -> bool {
        let most = self.limits.columns;
        let (unknown, seen) = (&mut *self.unknown, &mut *self.seen);
        let value = Some(json).filter(|json| depth(json) <= self.limits.depth);
        let Some(value) = value.and_then(|json| RawValue::from_string(json.to_string()).ok()) else {
            let expected = Argument::phrase("层数不太多的数据", "data of fewer levels");
            draft.wrong_cell(context, column, &column.header, json, expected, None);
            return true;
        };
        let at = Standing { files: context.files, origin, path: String::new() };
        self.objects.fill(context, draft, column, &value, &at, &mut |columns, key| {
            if seen.len() < most && seen.insert((columns.record, key.to_string())) {
                unknown.push(Unknown { row: origin.row, record: columns.record, key: key.to_string() });
            }
        })
    }
}

/// Whether the rows can be read at all under these columns.
fn judge_columns(
    out: &mut FileDrafts,
    columns: &Columns,
    found: &[Column],
    place: &impl Fn(Option<&str>) -> DataPlace,
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
                unknown_column(out, columns, header, place(Some(header)));
                continue;
            }
            _ => continue,
        };
        // Two columns of a known fact leave open which one counts.
        usable &= !column.is_known();
        out.diagnostics.push(diagnostic.in_data(place(Some(header))));
    }
    let has = |fact: FactId| found.iter().any(|column| column.fact.as_ref().is_some_and(|f| f.fact == fact));
    for at in 0..columns.def.facts.len() {
        let id = FactId(u32::try_from(at).unwrap_or(u32::MAX));
        if !has(id) {
            out.report.without_column.push(id);
        }
    }
    // The history has no key; its first column tells to whom was paid.
    let key = columns.def.key.or_else(|| columns.def.is_history.then_some(FactId(0)));
    if let Some(key) = key.filter(|key| !has(*key)) {
        let fact = columns.fact(key);
        let name = fact.map_or("", |fact| &fact.name);
        let declared = fact.filter(|_| !columns.def.is_history);
        let diagnostic = missing_key(columns, name, declared).with("header", name);
        out.diagnostics.push(diagnostic.in_data(place(None)));
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
        .with_some("near", near)
        .with_some("separator", separator(header))
        .with_some("columns", columns.def.is_history.then(|| columns_of_history(columns)));
    out.diagnostics.push(diagnostic.in_data(place));
}

/// Nobody declares the history: its columns are told where one does not fit.
fn columns_of_history(columns: &Columns) -> Argument {
    let names = |of: fn(&FactDef) -> &str| columns.def.facts.iter().map(of).map(|name| format!("`{name}`"));
    let zh: Vec<String> = names(|fact| &fact.name).collect();
    let en: Vec<String> = names(|fact| fact.aliases.first().unwrap_or(&fact.name)).collect();
    Argument::phrase(zh.join("、"), en.join(", "))
}

/// What seems to separate the cells of a row that stands in one cell.
fn separator(header: &str) -> Option<Argument> {
    let known = [
        (';', "分号", "semicolons"),
        ('\t', "制表符", "tabs"),
        ('|', "竖线", "bars"),
        ('，', "全角逗号", "full-width commas"),
    ];
    let (_, zh, en) = known.into_iter().find(|(sign, ..)| header.contains(*sign))?;
    Some(Argument::phrase(zh, en))
}

/// The lists into which rows with these columns are joined.
fn parent_joins(columns: &Columns, found: &[Column]) -> Vec<(crate::check::program::RecordId, FactId)> {
    let parents = found.iter().flat_map(|column| &column.parents);
    parents.filter_map(|&at| columns.parents.get(at)).map(|parent| (parent.record, parent.list)).collect()
}
