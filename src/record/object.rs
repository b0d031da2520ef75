//! Objects of JSON as drafts.
//!
//! In: an object and the columns of its record type. Out: a draft; nested objects of its
//! lists become drafts of their own types first, so that a wrong item is kept apart alone.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::attach::finished;
use super::column::{Column, Columns};
use super::draft::{Context, Draft};
use super::input::{Limits, too_much};
use super::json::{Json, parse, plain_number};
use super::owner::{owner_name, same_owner, settle};
use super::{Cell, DataFile, FileReport, Origin, Record, Rejected};
use crate::check::program::{FactId, Program, RecordId, Type};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::value::{Period, Value};

/// Reads objects, remembering what their keys stand for.
pub(super) struct Objects<'p> {
    program: &'p Program,
    evaluated: Period,
    /// A record given directly needs no key.
    pub(super) needs_key: bool,
    most_keys: usize,
    types: HashMap<RecordId, Columns<'p>>,
    headers: HashMap<(RecordId, String), Column>,
    /// Items of lists that were kept apart.
    pub(super) rejected: Vec<Rejected>,
}

/// Where an object stands.
pub(super) struct Standing<'s> {
    pub(super) files: &'s [DataFile],
    pub(super) origin: Origin,
    /// The path to it inside the row, empty or ending in a point.
    pub(super) path: String,
}

impl<'p> Objects<'p> {
    /// A reader of objects of the program's records.
    pub(super) fn new(program: &'p Program, evaluated: Period, limits: &Limits) -> Objects<'p> {
        Objects {
            program,
            evaluated,
            most_keys: limits.columns,
            needs_key: true,
            types: HashMap::new(),
            headers: HashMap::new(),
            rejected: Vec::new(),
        }
    }

    /// Reads one object; keys of nothing known are handed to `unknown`.
    pub(super) fn read(
        &mut self,
        record: RecordId,
        entries: Vec<(String, &RawValue)>,
        at: &Standing,
        report: &mut FileReport,
        unknown: &mut dyn FnMut(&Columns, &str),
    ) -> Option<Draft> {
        // The reader is borrowed for nested objects meanwhile.
        let columns = match self.types.remove(&record) {
            Some(columns) => columns,
            None => Columns::new(self.program, record)?,
        };
        let draft = self.read_under(&columns, entries, at, report, unknown);
        self.types.insert(record, columns);
        Some(draft)
    }

    fn read_under(
        &mut self,
        columns: &Columns<'p>,
        entries: Vec<(String, &RawValue)>,
        at: &Standing,
        report: &mut FileReport,
        unknown: &mut dyn FnMut(&Columns, &str),
    ) -> Draft {
        let context = Context { columns, evaluated: self.evaluated, files: at.files };
        let mut draft = Draft::new(columns, at.origin);
        if entries.len() > self.most_keys {
            let name = at.files.get(at.origin.file as usize).map_or("", |file| &file.name);
            let diagnostic = too_much(name, Argument::phrase("列数", "columns"), &self.most_keys.to_string());
            draft.say(&context, diagnostic, None);
            return draft;
        }
        let mut found: Vec<(Column, &RawValue)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let column = self.column(columns, &key);
            let twin = found.iter().find(|(other, _)| {
                other.header == column.header
                    || same_owner(other, &column)
                    || other
                        .fact
                        .as_ref()
                        .zip(column.fact.as_ref())
                        .is_some_and(|(a, b)| (a.fact, a.period) == (b.fact, b.period))
            });
            if let Some((twin, _)) = twin {
                let other = (twin.header != column.header).then_some(twin.header.as_str());
                let name = column.fact.as_ref().and_then(|fact| columns.fact(fact.fact)).map(|fact| fact.name.clone());
                let name = name.or_else(|| owner_name(columns, &column));
                let diagnostic = Diagnostic::new(Code::DuplicateColumn)
                    .with("column", &column.header)
                    .with_some("other", other)
                    .with_some("name", name);
                draft.say(&context, diagnostic, Some(&format!("{}{key}", at.path)));
                continue;
            }
            found.push((column, value));
        }
        settle(columns, &mut found.iter_mut().map(|(column, _)| column).collect::<Vec<_>>());
        // The period and the key come first: the other cells are read under them.
        found.sort_by_key(|(column, _)| {
            let is_key = column.fact.as_ref().is_some_and(|fact| columns.def.key == Some(fact.fact));
            !(column.period || is_key)
        });
        for (column, value) in &found {
            if !column.is_known() {
                unknown(columns, &column.header);
                continue;
            }
            let filled = self.fill(&context, &mut draft, column, value, at, unknown);
            if let Some(fact) = column.fact.as_ref().filter(|_| at.path.is_empty()) {
                report.count(fact.fact, filled);
            }
        }
        if self.needs_key {
            draft.finish(&context, None);
        }
        draft
    }

    fn column(&mut self, columns: &Columns, key: &str) -> Column {
        if let Some(column) = self.headers.get(&(columns.record, key.to_string())) {
            return column.clone();
        }
        let column = columns.find(key);
        self.headers.insert((columns.record, key.to_string()), column.clone());
        column
    }

    /// Reads a value; answers whether it held anything.
    pub(super) fn fill(
        &mut self,
        context: &Context<'_, 'p>,
        draft: &mut Draft,
        column: &Column,
        value: &RawValue,
        at: &Standing,
        unknown: &mut dyn FnMut(&Columns, &str),
    ) -> bool {
        let path = format!("{}{}", at.path, column.header);
        let fact = column.fact.as_ref().and_then(|wanted| Some((wanted, context.columns.fact(wanted.fact)?)));
        let raw = value.get();
        let value = match parse(raw) {
            Ok(value) => value,
            Err(_) => {
                draft.wrong_cell(
                    context,
                    column,
                    &path,
                    raw,
                    Argument::phrase("规范的 JSON 值", "a well-formed JSON value"),
                    None,
                );
                return true;
            }
        };
        match (value, fact) {
            (Json::Null, Some((wanted, fact))) => {
                if fact.per.is_none()
                    && let Some(cell) = draft.cells.get_mut(wanted.fact.index())
                {
                    *cell = Some(Cell::Unknown);
                }
                false
            }
            (Json::Null, None) => false,
            (Json::Array(items), Some((wanted, fact))) if matches!(fact.kind, Type::List(_)) => {
                let Type::List(item) = fact.kind else { return false };
                let list = self.read_list(
                    item,
                    items,
                    draft,
                    context,
                    &Standing { files: at.files, origin: at.origin, path },
                    unknown,
                );
                if let Some(cell) = draft.cells.get_mut(wanted.fact.index()) {
                    *cell = Some(Cell::List(list));
                }
                true
            }
            (Json::Object(entries), Some((wanted, fact))) if fact.per.is_some() && wanted.period.is_none() => {
                let filled = !entries.is_empty();
                for (key, value) in entries {
                    let by_period = context.columns.find(&format!("{} {key}", fact.name));
                    let Some(inner) = by_period.fact.filter(|inner| inner.period.is_some()) else {
                        let expected = Argument::phrase("以年份或季度为名的值", "values named by year or quarter");
                        draft.wrong_cell(context, column, &path, &key, expected, None);
                        continue;
                    };
                    let inner = Column { fact: Some(inner), header: column.header.clone(), ..Column::default() };
                    fill_scalar(context, draft, &inner, &format!("{path}.{key}"), value.get(), parse(value.get()).ok());
                }
                filled
            }
            (value, _) => fill_scalar(context, draft, column, &path, raw, Some(value)),
        }
    }

    fn read_list(
        &mut self,
        item: RecordId,
        items: Vec<&RawValue>,
        parent: &mut Draft,
        context: &Context,
        at: &Standing,
        unknown: &mut dyn FnMut(&Columns, &str),
    ) -> Vec<Record> {
        let mut list: Vec<Record> = Vec::with_capacity(items.len());
        let mut keys = std::collections::HashSet::new();
        for (number, value) in items.into_iter().enumerate() {
            let path = format!("{}[{number}]", at.path);
            let Ok(Json::Object(entries)) = parse(value.get()) else {
                let expected = Argument::phrase("对象", "an object");
                let column = Column { header: at.path.clone(), ..Column::default() };
                parent.wrong_cell(context, &column, &path, value.get(), expected, None);
                continue;
            };
            let inside = Standing { files: at.files, origin: at.origin, path: format!("{path}.") };
            let mut uncounted = FileReport::default();
            let Some(mut draft) = self.read(item, entries, &inside, &mut uncounted, unknown) else { continue };
            for place in draft.diagnostics.iter_mut().filter_map(|said| said.place.as_mut()) {
                if let Some(key) = &parent.key {
                    place.key = Some(key.to_string());
                }
            }
            if let Some(key) = draft.key.clone().filter(|key| !keys.insert(key.clone())) {
                let diagnostic = Diagnostic::new(Code::DuplicateKey).with("key", &key);
                draft.say(context, diagnostic, Some(&path));
            }
            match finished(self.program, item, draft) {
                Ok(record) => list.push(record),
                Err(rejected) => self.rejected.push(rejected),
            }
        }
        list
    }
}

/// Reads a value that is no list and no object.
fn fill_scalar(
    context: &Context,
    draft: &mut Draft,
    column: &Column,
    path: &str,
    raw: &str,
    value: Option<Json>,
) -> bool {
    match value {
        Some(Json::Null) => false,
        Some(Json::Text(text)) => draft.fill(context, column, path, &text),
        Some(Json::Bool(yes)) => fill_bool(context, draft, column, path, yes),
        Some(Json::Number(digits)) => match plain_number(digits) {
            Some(plain) => draft.fill(context, column, path, &plain),
            None => {
                let expected = Argument::phrase("不超过 24 位的数", "a number of at most 24 digits before its point");
                draft.wrong_cell(context, column, path, digits, expected, None);
                true
            }
        },
        Some(Json::Array(_) | Json::Object(_)) | None => {
            let expected = Argument::phrase("单个的值", "a single value");
            draft.wrong_cell(context, column, path, raw, expected, None);
            true
        }
    }
}

/// Reads a logical value.
pub(super) fn fill_bool(context: &Context, draft: &mut Draft, column: &Column, path: &str, yes: bool) -> bool {
    let wanted = column.fact.as_ref().and_then(|wanted| Some((wanted, context.columns.fact(wanted.fact)?)));
    match wanted {
        Some((wanted, fact)) if fact.kind == Type::Bool => {
            draft.set(context, wanted.fact, wanted.period, Value::Bool(yes));
            true
        }
        _ => draft.fill(context, column, path, if yes { "true" } else { "false" }),
    }
}

/// The facts of a record type that stood in no object.
pub(super) fn facts_without_column(columns: &Columns, report: &FileReport) -> Vec<FactId> {
    let ids = (0..columns.def.facts.len()).filter_map(|at| u32::try_from(at).ok().map(FactId));
    ids.filter(|id| !report.facts.iter().any(|entry| entry.fact == *id)).collect()
}
