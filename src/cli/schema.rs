//! `huiqi schema`: what facts the policies need: a table, a JSON Schema, or a blank form.

use serde_json::{Map, Value as Json, json};

use super::Outcome;
use super::arguments::{Schema, SchemaStyle};
use super::console::Console;
use super::project;
use crate::check::program::{FactDef, Node, Program, RecordDef, RecordId, Type};
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::words::Words;
use crate::record::owner_headers;
use crate::resolve::nearest;
use crate::source::Sources;
use crate::syntax::tree::Per;
use crate::value::Value;

pub(super) fn run(console: &mut Console, options: &Schema) -> Outcome {
    let policies = match project::open(console, &options.files) {
        Ok(policies) => policies,
        Err(outcome) => return outcome,
    };
    let program = policies.program();
    let words = Words { program, sources: policies.sources(), language: console.language };
    let wanted = |record: &&RecordDef| match &options.record {
        Some(name) => record.name == name.as_str() || record.aliases.iter().any(|alias| alias == name.as_str()),
        None => !record.is_history,
    };
    let records: Vec<&RecordDef> = program.records.iter().filter(wanted).collect();
    if let (Some(name), true) = (&options.record, records.is_empty()) {
        let near = nearest(name, program.records.iter().map(|record| record.name.as_str())).map(str::to_owned);
        let wrong = Diagnostic::new(Code::UnknownRecord).with("name", name).with_some("near", near);
        console.diagnostics(&Sources::default(), &[wrong]);
        return Outcome::Usage;
    }
    match options.style {
        SchemaStyle::Table => records.iter().for_each(|record| table(console, &words, record)),
        SchemaStyle::Json => console.line(json_schema(program, &records)),
        SchemaStyle::Csv => return form(console, program, &records),
    }
    Outcome::Done
}

fn table(console: &Console, words: &Words<'_>, record: &RecordDef) {
    let aliases = if record.aliases.is_empty() { String::new() } else { format!(" / {}", record.aliases.join(" / ")) };
    console.line(console.strong(&format!("{}{aliases}", record.name)));
    let rows = record.facts.iter().enumerate().map(|(at, fact)| {
        let is_key = record.key.is_some_and(|key| key.index() == at);
        let blank = match (&fact.default, is_key) {
            (_, true) => console.pick("主键，必填", "key, required").to_owned(),
            (Some(default), _) => words.value(default, &fact.kind),
            (None, _) => console.pick("未知", "unknown").to_owned(),
        };
        vec![fact.name.to_string(), fact.aliases.join(" / "), kind(words, fact), blank, fact.doc.lines().next().unwrap_or_default().to_owned()]
    });
    let header = console.pick(["事实", "别名", "类型", "空白表示", "说明"], ["fact", "alias", "type", "a blank means", "meaning"]);
    console.table(&header, rows.collect(), &[]);
    console.line("");
}

fn kind(words: &Words<'_>, fact: &FactDef) -> String {
    let phrase = match crate::check::describe(words.program, &fact.kind) {
        _ if fact.whole => words.pick("计数", "count").into(),
        crate::diagnostic::Argument::Plain(text) => text,
        crate::diagnostic::Argument::Phrase { zh, en } => words.pick(zh, en),
    };
    let per = match fact.per {
        Some(Per::Year) => words.pick("，按年", " per year"),
        Some(Per::Quarter) => words.pick("，按季", " per quarter"),
        None => "",
    };
    format!("{phrase}{per}")
}

/// A blank form: the header that a file of this record type has.
fn form(console: &Console, program: &Program, records: &[&RecordDef]) -> Outcome {
    let main = records.first().copied();
    let several = records.len() > 1;
    let Some(record) = main else { return Outcome::Done };
    if several {
        let names = records.iter().map(|record| record.name.as_str()).collect::<Vec<_>>().join("、");
        console.note(console.pick(
            format!("只输出「{}」；用 `--record` 选另一种：{names}", record.name),
            format!("this is the form of {}; `--record` chooses another: {names}", record.name),
        ));
    }
    let Some(id) = program.records.iter().zip(0..).find(|(def, _)| std::ptr::eq(*def, record)).map(|(_, at)| RecordId(at)) else {
        return Outcome::Done;
    };
    // A list's rows name those they belong to, the farthest first.
    let mut header = owner_headers(program, id);
    let years = years_in_force(program);
    for fact in record.facts.iter().filter(|fact| !matches!(fact.kind, Type::List(_))) {
        match fact.per {
            Some(Per::Year) if !years.is_empty() => header.extend(years.iter().map(|year| with_year(&fact.name, *year))),
            _ => header.push(fact.name.to_string()),
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(&header).is_ok();
    match writer.into_inner().map(String::from_utf8) {
        Ok(Ok(text)) if written => console.line(text.trim_end()),
        _ => return Outcome::Errors,
    }
    Outcome::Done
}

/// The years of the policies' time in force and the one before, the last five of them; none where it is open.
fn years_in_force(program: &Program) -> Vec<i32> {
    const MOST: usize = 5;
    let mut range: Option<(i32, i32)> = None;
    for force in program.policies.iter().filter_map(|policy| policy.force.as_ref()) {
        let Some(Node::Value(Value::Period(period))) = program.exprs.get(force.range.index()).map(|expr| &expr.node) else { continue };
        let (Some(first), Some(last)) = (period.first, period.last) else { continue };
        let (low, high) = range.unwrap_or((first.year(), last.year()));
        range = Some((low.min(first.year()), high.max(last.year())));
    }
    let Some((first, last)) = range else { return Vec::new() };
    let mut years: Vec<i32> = (first.saturating_sub(1)..=last).rev().take(MOST).collect();
    years.reverse();
    years
}

/// `营业收入2024`, `revenue 2024`.
fn with_year(name: &str, year: i32) -> String {
    let space = if name.is_ascii() { " " } else { "" };
    format!("{name}{space}{year}")
}

fn json_schema(program: &Program, records: &[&RecordDef]) -> String {
    let definitions: Map<String, Json> = records.iter().map(|record| (record.name.to_string(), object(program, record))).collect();
    let main = records.first().map_or(Json::Null, |record| json!({ "$ref": format!("#/$defs/{}", record.name) }));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array",
        "items": main,
        "$defs": definitions,
    });
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

fn object(program: &Program, record: &RecordDef) -> Json {
    let properties: Map<String, Json> = record.facts.iter().map(|fact| (fact.name.to_string(), property(program, fact))).collect();
    let key = record.key.and_then(|key| record.facts.get(key.index())).map(|fact| fact.name.as_str());
    let required: Vec<&str> = key.into_iter().collect();
    json!({ "type": "object", "description": record.doc.as_str(), "properties": properties, "required": required })
}

/// The shape of a fact's value. Amounts may be written as text, so that nothing passes through a float.
fn property(program: &Program, fact: &FactDef) -> Json {
    let mut shape = match &fact.kind {
        Type::Number(_) => json!({ "type": ["number", "string", "null"] }),
        Type::Bool => json!({ "type": ["boolean", "null"] }),
        Type::Date => json!({ "type": ["string", "null"], "format": "date" }),
        Type::Code(id) => {
            let values = program.enums.get(id.index()).map(|def| def.values.iter().map(ToString::to_string).collect::<Vec<_>>());
            let mut values: Vec<Json> = values.unwrap_or_default().into_iter().map(Json::from).collect();
            values.extend([json!("无"), Json::Null]);
            json!({ "enum": values })
        }
        Type::List(item) => {
            let name = program.records.get(item.index()).map_or("", |record| record.name.as_str());
            json!({ "type": ["array", "null"], "items": { "$ref": format!("#/$defs/{name}") } })
        }
        _ => json!({ "type": ["string", "null"] }),
    };
    if fact.per.is_some() {
        shape = json!({ "type": "object", "additionalProperties": shape });
    }
    if let Some(object) = shape.as_object_mut() && !fact.doc.is_empty() {
        object.insert("description".into(), json!(fact.doc.as_str()));
    }
    shape
}
