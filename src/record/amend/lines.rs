//! Amending objects, one a line. Keys stand in the order of the first object.

use serde_json::value::RawValue;

use super::super::column::Column;
use super::super::json::{Json, parse};
use super::{Amendment, Entries, Entry, Line, Refusal, Writer, close_line, entry_of, line_end};
use crate::check::program::FactId;

/// Writes the lines anew.
pub(super) fn amend(
    writer: &Writer<'_, '_>,
    bytes: &[u8],
    amendment: &Amendment,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let lines = lines(bytes);
    let ending = line_end(bytes, &lines);
    let begin = out.len();
    let text = |line: &Line| writer.read(line.content(bytes));
    let first = lines.iter().map(text).find(|text| !text.trim().is_empty());
    let shape = first.as_deref().map_or_else(Shape::default, |text| Shape::of(writer, text));
    let missing = writer.missing(amendment, &shape.columns);
    for (at, line) in lines.iter().enumerate() {
        let number = u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX);
        match amendment.rows.get(&number) {
            Some(None) => continue,
            Some(Some(entries)) => out.extend(writer.write(&changed(writer, &shape, &text(line), entries))?),
            None => out.extend_from_slice(line.content(bytes)),
        }
        out.extend_from_slice(line.ending(bytes));
    }
    for entries in &amendment.added {
        close_line(out, begin, ending);
        out.extend(writer.write(&added(writer, &shape, &missing, entries))?);
        out.extend_from_slice(ending);
    }
    Ok(())
}

/// How the objects of a file are written.
#[derive(Default)]
struct Shape {
    columns: Vec<Column>,
    /// Amounts stand as numbers rather than texts.
    numbers: bool,
}

impl Shape {
    fn of(writer: &Writer<'_, '_>, text: &str) -> Shape {
        let Ok(Json::Object(entries)) = parse(text) else { return Shape::default() };
        let numbers = entries.iter().any(|(_, value)| value.get().starts_with(|c: char| c.is_ascii_digit()));
        Shape { columns: entries.iter().map(|(key, _)| writer.columns.find(key)).collect(), numbers }
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn value(writer: &Writer<'_, '_>, shape: &Shape, entry: &Entry, column: Option<&Column>) -> String {
    let text = writer.text(entry, column);
    match entry {
        Entry::Blank => "null".to_owned(),
        Entry::Money(_) if shape.numbers => text,
        _ => json_text(&text),
    }
}

/// An object with some of its values changed.
fn changed(writer: &Writer<'_, '_>, shape: &Shape, text: &str, entries: &Entries) -> String {
    let Ok(Json::Object(old)) = parse(text) else { return text.to_owned() };
    let mut left: Entries = entries.iter().filter(|(_, entry)| *entry != Entry::Blank).cloned().collect();
    let mut parts = Vec::new();
    let mut columns = Vec::new();
    for (key, raw) in old {
        let column = writer.columns.find(&key);
        let raw: &RawValue = raw;
        let entry = column.fact.as_ref().and_then(|fact| entry_of(entries, fact.fact));
        let written = entry.map_or_else(|| raw.get().to_owned(), |entry| value(writer, shape, entry, Some(&column)));
        left.retain(|(fact, _)| column.fact.as_ref().is_none_or(|own| own.fact != *fact));
        parts.push(format!("{}:{written}", json_text(&key)));
        columns.push(column);
    }
    let more = left.iter().map(|(fact, entry)| {
        let key = writer.header(*fact, &columns);
        format!("{}:{}", json_text(&key), value(writer, shape, entry, None))
    });
    parts.extend(more);
    format!("{{{}}}", parts.join(","))
}

/// A new object.
fn added(writer: &Writer<'_, '_>, shape: &Shape, missing: &[FactId], entries: &Entries) -> String {
    let known = shape.columns.iter().filter_map(|column| {
        let entry = entry_of(entries, column.fact.as_ref()?.fact)?;
        Some((column.header.clone(), value(writer, shape, entry, Some(column)), entry))
    });
    let new = missing.iter().filter_map(|fact| {
        let entry = entry_of(entries, *fact)?;
        Some((writer.header(*fact, &shape.columns), value(writer, shape, entry, None), entry))
    });
    let parts: Vec<String> = known
        .chain(new)
        .filter(|(_, _, entry)| **entry != Entry::Blank)
        .map(|(key, value, _)| format!("{}:{value}", json_text(&key)))
        .collect();
    format!("{{{}}}", parts.join(","))
}

/// The lines of a text, numbered as they are read.
fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut out = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n');
        let end = length.map_or(bytes.len(), |length| start.saturating_add(length).saturating_add(1));
        let mut content = length.map_or(bytes.len(), |length| start.saturating_add(length));
        if content > start && length.is_some() && bytes.get(content.saturating_sub(1)) == Some(&b'\r') {
            content = content.saturating_sub(1);
        }
        out.push(Line { start, content, end });
        start = end;
    }
    out
}
