//! Amending rows of cells. Bytes are cut at ASCII signs, which no letter of the encodings holds.

use super::super::column::Column;
use super::{Amendment, Entries, Line, Refusal, Writer, close_line, entry_of, line_end};
use crate::check::program::FactId;

/// Writes the rows anew.
pub(super) fn amend(
    writer: &Writer<'_, '_>,
    separator: u8,
    bytes: &[u8],
    amendment: &Amendment,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let lines = rows(bytes, separator);
    let ending = line_end(bytes, &lines);
    let begin = out.len();
    let is_blank =
        |line: &Line| line.content(bytes).iter().all(|byte| byte.is_ascii_whitespace() || *byte == separator);
    let header = lines.iter().position(|line| !is_blank(line));
    let found: Vec<Column> = header.and_then(|at| lines.get(at)).map_or(Vec::new(), |line| {
        let cells = cells(line.content(bytes), separator);
        cells.iter().map(|cell| writer.columns.find(&writer.read(&unquoted(cell)))).collect()
    });
    let missing = writer.missing(amendment, &found);
    let blanks = vec![separator; if found.is_empty() { 0 } else { missing.len() }];
    let headers = missing.iter().map(|fact| quoted(writer, &writer.header(*fact, &found), separator));
    let headers = headers.collect::<Result<Vec<_>, _>>()?.join(&separator);
    if found.is_empty() {
        out.extend_from_slice(&headers);
        out.extend_from_slice(ending);
    }
    for (at, line) in lines.iter().enumerate() {
        let number = u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX);
        let content = line.content(bytes);
        match amendment.rows.get(&number) {
            Some(None) => continue,
            Some(Some(entries)) => {
                let mut cells: Vec<Vec<u8>> = cells(content, separator).into_iter().map(<[u8]>::to_vec).collect();
                for (cell, column) in cells.iter_mut().zip(&found) {
                    let entry = column.fact.as_ref().and_then(|fact| entry_of(entries, fact.fact));
                    if let Some(entry) = entry {
                        *cell = quoted(writer, &writer.text(entry, Some(column)), separator)?;
                    }
                }
                cells.extend(added_cells(writer, entries, &missing, separator)?);
                out.extend_from_slice(&cells.join(&separator));
            }
            None if Some(at) == header && !missing.is_empty() => {
                out.extend_from_slice(content);
                out.push(separator);
                out.extend_from_slice(&headers);
            }
            None => {
                out.extend_from_slice(content);
                if header.is_some_and(|header| at > header) && !is_blank(line) {
                    out.extend_from_slice(&blanks);
                }
            }
        }
        out.extend_from_slice(line.ending(bytes));
    }
    for entries in &amendment.added {
        close_line(out, begin, ending);
        let mut cells = Vec::with_capacity(found.len().saturating_add(missing.len()));
        for column in &found {
            let entry = column.fact.as_ref().and_then(|fact| entry_of(entries, fact.fact));
            cells.push(match entry {
                Some(entry) => quoted(writer, &writer.text(entry, Some(column)), separator)?,
                None => Vec::new(),
            });
        }
        cells.extend(added_cells(writer, entries, &missing, separator)?);
        out.extend_from_slice(&cells.join(&separator));
        out.extend_from_slice(ending);
    }
    Ok(())
}

fn added_cells(
    writer: &Writer<'_, '_>,
    entries: &Entries,
    missing: &[FactId],
    separator: u8,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let cell = |fact: &FactId| match entry_of(entries, *fact) {
        Some(entry) => quoted(writer, &writer.text(entry, None), separator),
        None => Ok(Vec::new()),
    };
    missing.iter().map(cell).collect()
}

/// A cell as it is written: in quotation marks where it holds a sign that would end it.
fn quoted(writer: &Writer<'_, '_>, text: &str, separator: u8) -> Result<Vec<u8>, Refusal> {
    let ends = |c: char| c == char::from(separator) || matches!(c, '"' | '\n' | '\r');
    if text.contains(ends) { writer.write(&format!("\"{}\"", text.replace('"', "\"\""))) } else { writer.write(text) }
}

/// A cell as it is read.
fn unquoted(cell: &[u8]) -> Vec<u8> {
    match cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")) {
        Some(inside) => {
            let mut out = Vec::with_capacity(inside.len());
            let mut doubled = false;
            for byte in inside {
                doubled = *byte == b'"' && !doubled;
                if !doubled {
                    out.push(*byte);
                }
            }
            out
        }
        None => cell.to_vec(),
    }
}

/// The rows of a text, each with its end; a cell in quotation marks may hold line ends.
fn rows(bytes: &[u8], separator: u8) -> Vec<Line> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    let (mut quoted, mut begins) = (false, true);
    while let Some(byte) = bytes.get(at) {
        let next = at.saturating_add(1);
        match byte {
            b'"' if quoted || begins => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                let end = if *byte == b'\r' && bytes.get(next) == Some(&b'\n') { at.saturating_add(2) } else { next };
                out.push(Line { start, content: at, end });
                (start, at, begins) = (end, end, true);
                continue;
            }
            // A doubled mark inside a cell closes and opens again.
            _ => {}
        }
        begins = !quoted && (*byte == separator || *byte == b'"');
        at = next;
    }
    if start < bytes.len() {
        out.push(Line { start, content: bytes.len(), end: bytes.len() });
    }
    out
}

/// The cells of a row as they are written.
fn cells(row: &[u8], separator: u8) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut start = 0;
    let (mut quoted, mut begins) = (false, true);
    for (at, byte) in row.iter().enumerate() {
        if *byte == b'"' && (quoted || begins) {
            quoted = !quoted;
        } else if *byte == separator && !quoted {
            out.push(row.get(start..at).unwrap_or_default());
            start = at.saturating_add(1);
        }
        begins = !quoted && (*byte == separator || *byte == b'"');
    }
    out.push(row.get(start..).unwrap_or_default());
    out
}
