//! A record given directly, as JSON or as anything that serialises to it.

use serde::Serialize;
use smol_str::SmolStr;

use super::attach::finished;
use super::input::Limits;
use super::json::{Json, depth, parse};
use super::object::{Objects, Standing};
use super::{FileReport, Origin, Record};
use crate::check::program::{Program, RecordId};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::value::Period;

/// Reads one record from an object: `null` is unknown, a key that is missing is unknown or the
/// default, keys of nothing known are left out. A wrong item of a list makes the record wrong.
pub fn from_json(
    program: &Program,
    record: RecordId,
    value: &serde_json::Value,
    period: Period,
) -> Result<Record, Vec<Diagnostic>> {
    from_text(program, record, &value.to_string(), period)
}

/// Reads one record from anything that serialises to an object.
pub fn from_serialize<T: Serialize + ?Sized>(
    program: &Program,
    record: RecordId,
    value: &T,
    period: Period,
) -> Result<Record, Vec<Diagnostic>> {
    match serde_json::to_string(value) {
        Ok(text) => from_text(program, record, &text, period),
        Err(error) => Err(vec![bad_json(&SmolStr::new(error.to_string()))]),
    }
}

fn from_text(program: &Program, record: RecordId, text: &str, period: Period) -> Result<Record, Vec<Diagnostic>> {
    let limits = Limits::default();
    if depth(text) > limits.depth {
        let levels = Argument::phrase("嵌套层数", "levels of nesting");
        return Err(vec![super::input::too_much("", levels, &limits.depth.to_string())]);
    }
    let Ok(Json::Object(entries)) = parse(text) else { return Err(vec![bad_json("not an object")]) };
    let mut objects = Objects::new(program, period, &limits);
    objects.needs_key = false;
    let at = Standing { files: &[], origin: Origin { file: 0, row: 0 }, path: String::new() };
    let draft = objects.read(record, entries, &at, &mut FileReport::default(), &mut |_, _| {});
    let Some(draft) = draft else { return Err(vec![Diagnostic::new(Code::UnknownRecord)]) };
    let wrong_items = objects.rejected.into_iter().flat_map(|rejected| rejected.diagnostics);
    let wrong_items: Vec<Diagnostic> = wrong_items.collect();
    let mut record = match finished(program, record, draft) {
        Ok(record) if wrong_items.is_empty() => record,
        Ok(_) => return Err(wrong_items),
        Err(rejected) => return Err(rejected.diagnostics.into_iter().chain(wrong_items).collect()),
    };
    forget_places(&mut record);
    Ok(record)
}

/// There is no file to point at.
fn forget_places(record: &mut Record) {
    record.place = None;
    for cell in &mut record.cells {
        if let super::Cell::List(items) = cell {
            items.iter_mut().for_each(forget_places);
        }
    }
}

fn bad_json(reason: &str) -> Diagnostic {
    Diagnostic::new(Code::BadJson).with("file", "JSON").with("found", reason)
}
