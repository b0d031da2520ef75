//! A record type for data of which nobody declared one.
//!
//! In: a world without record types, and the first data file. Out: a declaration of all its
//! columns. What clauses already ask of a fact decides its type; the rest is read off the
//! values: yes or no, days, numbers, texts. It is a line of the session like any other: who
//! knows better declares the record.

use std::collections::HashSet;

use super::session::Session;
use super::world::{Entered, Line, World};
use crate::check::program::{FactDef, Program, Type};
use crate::record::{Cell, Record};
use crate::value::{Date, Value, read_cell_number};

/// How many rows are looked at.
const ROWS: usize = 2_000;
/// Words in the head of a column that is no amount of money.
const COUNTS: [&str; 14] = ["数", "率", "比", "例", "龄", "年", "月", "级", "户", "号", "码", "分", "count", "rate"];

impl Session {
    /// The same with a record type for the first data file, where none is declared.
    pub(super) fn with_record(&self, mut entered: Entered, name: &str) -> Entered {
        let Ok(world) = World::of(&entered, &*self.surroundings) else { return entered };
        let declared = world.program.records.iter().any(|record| !record.is_history && record.span.is_some());
        let Some(record) = world.program.records.iter().find(|record| !record.is_history).filter(|_| !declared) else {
            return entered;
        };
        let record_name = record.name.to_string();
        let Some(path) =
            entered.data.first().map(|named| named.split_once('=').map_or(named.as_str(), |(_, path)| path))
        else {
            return entered;
        };
        let named = format!("{record_name}={path}");
        let load = |world: &World| {
            self.surroundings.load(&world.policies, std::slice::from_ref(&named), &world.basis, self.progress()).ok()
        };
        let Some(heads) = load(&world).map(|records| heads(&records.loaded, &world.program)) else { return entered };
        if heads.is_empty() {
            return entered;
        }
        let own = |facts: Vec<(String, String)>| {
            let facts: Vec<String> = facts.iter().map(|(name, kind)| format!("  {} : {kind}", quoted(name))).collect();
            format!("record {record_name} {{\n{}\n}}", facts.join("\n"))
        };
        let line = |text: String| Line { name: name.to_owned(), declares: format!("record {record_name}"), text };
        // First everything as text, to look at the values; clauses do not stand in the way.
        let texts = heads.iter().map(|head| (head.clone(), "text".to_owned())).collect();
        let probe = Entered { lines: vec![line(own(texts))], files: Vec::new(), ..entered.clone() };
        let Some(probed) = World::of(&probe, &*self.surroundings).ok() else { return entered };
        let Some(records) = load(&probed) else { return entered };
        let rows = records.loaded.population.of(crate::check::program::RecordId(0));
        let used: Vec<&FactDef> = record.facts.iter().collect();
        let mut key = Some(());
        let mut kinds: Vec<(String, String)> = Vec::new();
        for (at, head) in heads.iter().enumerate() {
            let name = without_unit(head);
            let known = used.iter().find(|fact| fact.name == name).and_then(|fact| written(&world.program, &fact.kind));
            // The loader reads the unit that stands in the head.
            let known = known.or_else(|| (name != head).then(|| "money".to_owned()));
            let values: Vec<&str> = rows.iter().take(ROWS).filter_map(|row| text(row, at)).collect();
            let mut kind = known.unwrap_or_else(|| guessed(head, &values).to_owned());
            let unique =
                values.len() == rows.len().min(ROWS) && values.iter().collect::<HashSet<_>>().len() == values.len();
            // The first column that tells rows apart is their key.
            if key.is_some() && unique && kind == "text" && !rows.is_empty() {
                key = None;
                kind += " key";
            }
            kinds.push((name.to_owned(), kind));
        }
        // What clauses ask for and the file does not have stays unknown.
        let others = used.iter().filter(|fact| !kinds.iter().any(|(name, _)| fact.name == *name));
        let others: Vec<(String, String)> =
            others.filter_map(|fact| Some((fact.name.to_string(), written(&world.program, &fact.kind)?))).collect();
        kinds.extend(others);
        let text = own(kinds);
        entered.lines.push(line(text));
        if let Some(first) = entered.data.first_mut() {
            *first = named;
        }
        entered
    }
}

/// The columns of a file, those that clauses ask for among them.
fn heads(loaded: &crate::record::Loaded, program: &Program) -> Vec<String> {
    let mut heads: Vec<String> = Vec::new();
    for file in &loaded.report.files {
        let def = file.record.and_then(|id| program.records.get(id.index()));
        let known =
            file.facts.iter().filter_map(|fact| def?.facts.get(fact.fact.index())).map(|fact| fact.name.to_string());
        let unknown = file.unknown_columns.iter().map(|(name, _)| name.clone());
        for head in known.chain(unknown) {
            let is_name = !head.trim().is_empty() && !head.contains(['「', '」', '\n', '\r']);
            if is_name && !heads.contains(&head) {
                heads.push(head);
            }
        }
    }
    heads
}

/// `投资额（万元）` names the fact 投资额: the loader reads the unit.
fn without_unit(head: &str) -> &str {
    let head = head.trim();
    let open = head.rfind(['（', '(']).filter(|at| *at > 0);
    match open.and_then(|at| head.split_at_checked(at)) {
        Some((name, unit)) if unit.contains('元') && unit.ends_with(['）', ')']) => name.trim_end(),
        _ => head,
    }
}

fn quoted(name: &str) -> String {
    format!("「{name}」")
}

fn text(row: &Record, at: usize) -> Option<&str> {
    match row.cells.get(at)? {
        Cell::Value(Value::Text(text)) if !text.trim().is_empty() => Some(text.trim()),
        _ => None,
    }
}

/// A type as it is declared; none for what has names of its own.
fn written(program: &Program, kind: &Type) -> Option<String> {
    Some(match kind {
        Type::Number(dimension) if dimension.is_money() => "money".to_owned(),
        Type::Number(dimension) if dimension.is_none() => "number".to_owned(),
        Type::Number(dimension) => match dimension.units() {
            [(unit, 1)] => {
                let unit = program.units.get(usize::from(unit.0)).and_then(|names| names.first())?;
                format!("quantity in {}", quoted(unit))
            }
            _ => return None,
        },
        Type::Bool => "bool".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Code(id) => {
            let def = program.enums.get(id.index())?;
            let values: Vec<String> = def.values.iter().map(|value| quoted(value)).collect();
            match def.ordered {
                true => format!("level of {}", values.join(" > ")),
                false => format!("one of {}", values.join(", ")),
            }
        }
        _ => return None,
    })
}

/// The type that fits all values.
fn guessed(head: &str, values: &[&str]) -> &'static str {
    let all = |fits: &dyn Fn(&str) -> bool| !values.is_empty() && values.iter().all(|value| fits(value));
    let is_flag = |value: &str| {
        ["是", "否", "有", "无", "yes", "no", "true", "false", "√", "×"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word))
    };
    let is_number = |value: &str| read_cell_number(value).is_ok();
    if all(&is_flag) {
        "bool"
    } else if all(&|value| Date::from_text(value).is_some()) {
        "date"
    } else if all(&is_number) {
        let lower = head.to_lowercase();
        let is_code = values
            .iter()
            .any(|value| value.len() >= 15 || value.starts_with('0') && value.len() > 1 && !value.contains('.'));
        let is_amount = ["元", "额", "金", "资", "入", "款", "费", "税", "值"].iter().any(|word| lower.contains(word));
        match () {
            () if is_code => "text",
            () if is_amount => "money",
            () if COUNTS.iter().any(|word| lower.contains(word)) => "number",
            () => "money",
        }
    } else {
        "text"
    }
}
