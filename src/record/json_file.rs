//! Files of JSON: an array of objects, objects that hold arrays by name, and lines with an object each.

use std::collections::HashSet;

use serde_json::value::RawValue;

use super::column::Columns;
use super::encoding::{Decoded, decode};
use super::file::{guessed, read_bytes};
use super::input::{FileDrafts, Loading, too_much};
use super::json::{Json, depth, parse};
use super::object_rows::{ObjectRow, ObjectRows, read_object};
use super::{Input, RowsAre};
use crate::check::program::RecordId;
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};

/// An array of objects in a file.
pub(super) struct ArrayHead {
    /// The key under which it stands.
    pub(super) path: String,
    pub(super) record: RecordId,
    /// The keys of its first objects.
    pub(super) keys: Vec<String>,
}

impl<'l> Loading<'l> {
    pub(super) fn read_json(&mut self, input: &Input, name: &str, text: &str) -> Vec<FileDrafts> {
        if self.too_deep(name, text) {
            return Vec::new();
        }
        match parse(text) {
            Ok(Json::Array(items)) => self.read_array(input, name, String::new(), items).into_iter().collect(),
            Ok(Json::Object(entries)) if self.is_container(&entries, input.record) => {
                entries.into_iter().filter_map(|(key, value)| self.read_member(name, &key, value)).collect()
            }
            Ok(Json::Object(entries)) => {
                let keys: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
                let Some(record) = self.record_of(input, name, &keys) else { return Vec::new() };
                let file = self.add_file(name, RowsAre::Single);
                self.read_objects(record, file, vec![Ok((0, entries))]).into_iter().collect()
            }
            Ok(_) => {
                let found = Argument::phrase("应是对象，或者对象的数组", "expected an object or an array of objects");
                self.bad_json(name, None, found);
                Vec::new()
            }
            Err(error) => {
                self.bad_json(name, Some(error.line()), json_reason(&error));
                Vec::new()
            }
        }
    }

    /// `"企业": […]` of an object whose keys are record types.
    fn read_member(&mut self, name: &str, key: &str, value: &RawValue) -> Option<FileDrafts> {
        let Some(record) = self.record_named(key) else {
            self.unmatched(name, Some(key));
            return None;
        };
        let input = Input { record: Some(record), ..Input::default() };
        match parse(value.get()) {
            Ok(Json::Array(items)) => self.read_array(&input, name, key.to_string(), items),
            Ok(Json::Object(entries)) => {
                let file = self.add_file(name, RowsAre::Objects(key.to_string()));
                self.read_objects(record, file, vec![Ok((0, entries))])
            }
            Ok(Json::Null) => None,
            _ => {
                let found = Argument::phrase(format!("`{key}` 应是数组"), format!("`{key}` should be an array"));
                self.bad_json(name, None, found);
                None
            }
        }
    }

    /// The keys of the first objects of an array.
    fn keys_of(&self, items: &[&RawValue]) -> Vec<String> {
        const LOOKED_AT: usize = 20;
        let mut keys = Vec::new();
        let mut seen = HashSet::new();
        for item in items.iter().take(LOOKED_AT) {
            if let Ok(Json::Object(entries)) = parse(item.get()) {
                let entries = entries.into_iter().take(self.limits.columns).map(|(key, _)| key);
                keys.extend(entries.filter(|key| seen.insert(key.clone())));
            }
        }
        keys
    }

    /// Hands over the objects of the arrays of a file: the place of the array, the number of the object in it, its text.
    /// What the arrays are, and the encoding; none where the file is to be read as a whole.
    pub(super) fn objects_of_arrays(
        &mut self,
        input: &Input,
        name: &str,
        take: &mut dyn FnMut(usize, usize, &str) -> Option<()>,
    ) -> Option<(Vec<ArrayHead>, &'static str)> {
        let bytes = read_bytes(&input.path, name, self.limits).ok()?;
        let Decoded { text, encoding, guessed: is_guessed } = decode(bytes, input.encoding.as_deref())?;
        if is_guessed {
            self.loaded.diagnostics.push(guessed(name, encoding));
        }
        if self.too_deep(name, &text) {
            return None;
        }
        let arrays = match parse(&text).ok()? {
            Json::Array(items) => {
                let keys = self.keys_of(&items);
                let record = self.record_of(input, name, &keys)?;
                vec![(ArrayHead { path: String::new(), record, keys }, items)]
            }
            Json::Object(entries) if self.is_container(&entries, input.record) => {
                let mut arrays = Vec::new();
                for (path, value) in entries {
                    let Json::Array(items) = parse(value.get()).ok()? else { return None };
                    let (record, keys) = (self.record_named(&path)?, self.keys_of(&items));
                    arrays.push((ArrayHead { path, record, keys }, items));
                }
                arrays
            }
            _ => return None,
        };
        let mut heads = Vec::with_capacity(arrays.len());
        for (at, (head, items)) in arrays.into_iter().enumerate() {
            items.into_iter().enumerate().try_for_each(|(number, item)| take(at, number, item.get()))?;
            heads.push(head);
        }
        Some((heads, encoding))
    }

    fn read_array(&mut self, input: &Input, name: &str, path: String, items: Vec<&RawValue>) -> Option<FileDrafts> {
        let keys = self.keys_of(&items);
        let record = self.record_of(input, name, &keys)?;
        let file = self.add_file(name, RowsAre::Objects(path));
        let rows = items.into_iter().enumerate().map(|(at, item)| {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            read_object(number, item.get())
        });
        self.read_objects(record, file, rows.collect())
    }

    pub(super) fn read_lines(&mut self, input: &Input, name: &str, text: &str) -> Vec<FileDrafts> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let mut keys: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for (at, line) in lines {
            let number = u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX);
            if self.too_deep(name, line) {
                return Vec::new();
            }
            let row = read_object(number, line);
            if let (Ok((_, entries)), true) = (&row, keys.is_empty()) {
                keys = entries.iter().map(|(key, _)| key.clone()).collect();
            }
            rows.push(row);
            self.progress.advance(line.len());
            if self.progress.is_stopped() {
                return Vec::new();
            }
        }
        let Some(record) = self.record_of(input, name, &keys) else { return Vec::new() };
        let file = self.add_file(name, RowsAre::Numbered);
        self.read_objects(record, file, rows).into_iter().collect()
    }

    fn read_objects(&mut self, record: RecordId, file: u32, rows: Vec<ObjectRow>) -> Option<FileDrafts> {
        let columns = Columns::new(self.program, record)?;
        let mut reading = ObjectRows::new(self.table(&columns, file));
        let progress = self.progress;
        rows.into_iter().take_while(|_| !progress.is_stopped()).for_each(|row| reading.row(row));
        let mut out = reading.finish();
        out.tell_unknown(self.program, &self.files);
        Some(out)
    }

    /// Whether the keys of an object are record types rather than facts of one.
    fn is_container(&self, entries: &[(String, &RawValue)], wanted: Option<RecordId>) -> bool {
        let is_record = |key: &str| self.record_named(key).is_some();
        let all = (0..self.program.records.len()).filter_map(|at| u32::try_from(at).ok().map(RecordId));
        let types = all.filter(|id| wanted.is_none_or(|wanted| wanted == *id));
        let types: Vec<Columns> = types.filter_map(|id| Columns::new(self.program, id)).collect();
        let is_fact = |key: &str| types.iter().any(|columns| columns.find(key).fact.is_some());
        entries.len() <= self.limits.columns
            && entries.iter().any(|(key, value)| is_record(key) && value.get().starts_with(['[', '{']))
            && !entries.iter().any(|(key, _)| !is_record(key) && is_fact(key))
    }

    fn too_deep(&mut self, name: &str, text: &str) -> bool {
        let deep = depth(text) > self.limits.depth;
        if deep {
            let levels = Argument::phrase("嵌套层数", "levels of nesting");
            self.loaded.diagnostics.push(too_much(name, levels, &self.limits.depth.to_string()));
        }
        deep
    }

    fn bad_json(&mut self, name: &str, row: Option<usize>, found: Argument) {
        let place = DataPlace { file: name.to_string(), row, ..DataPlace::default() };
        let diagnostic = Diagnostic::new(Code::BadJson).with("file", name).with("found", found);
        self.loaded.diagnostics.push(diagnostic.in_data(place));
    }
}

/// What is wrong with a text that should be JSON.
fn json_reason(error: &serde_json::Error) -> Argument {
    let (zh, en) = json_fault(error);
    let (line, column) = (error.line(), error.column());
    Argument::phrase(format!("第 {line} 行第 {column} 字节处{zh}"), format!("line {line}, byte {column}: {en}"))
}

pub(super) fn json_fault(error: &serde_json::Error) -> (&'static str, &'static str) {
    if error.is_eof() { ("内容不完整", "the text ends too early") } else { ("符号不对", "unexpected text") }
}
