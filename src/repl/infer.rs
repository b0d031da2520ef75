//! Record types for data of which nobody declared any.
//!
//! In: a world without record types, and the data files that are named. Out: declarations
//! of all their columns. The first file is that of the recipients; another that has a row
//! for each of them adds columns to it, one that has several becomes a list of theirs, and
//! one that does not say whose its rows are stands by itself. What clauses already ask of a
//! fact decides its type; the rest is read off the values: yes or no, days, numbers, texts.
//! A declaration is a line of the session like any other: who knows better declares the
//! record.

use std::collections::HashSet;
use std::path::Path;

use super::session::Session;
use super::world::{Entered, Line, World};
use crate::check::program::{FactDef, Program, RecordId, Type};
use crate::record::{Cell, Record};
use crate::syntax::words::written_name;
use crate::value::{Date, Value, read_cell_number};

/// How many rows of a file are looked at.
const ROWS: usize = 2_000;
/// Words in the head of a column that is no amount of money.
const COUNTS: [&str; 16] =
    ["人", "口", "数", "率", "比", "例", "龄", "年", "月", "级", "户", "号", "码", "分", "count", "rate"];

/// A data file as it is read before anything is declared.
struct Seen {
    path: String,
    /// Its columns.
    heads: Vec<String>,
    /// By column, the texts of the first rows; none where a cell is blank.
    columns: Vec<Vec<Option<String>>>,
}

/// A record type that is made of files.
struct Made {
    name: String,
    /// Names and types of its facts.
    facts: Vec<(String, String)>,
}

impl Session {
    /// The same with record types for the data files, where none is declared; what was inferred of fewer files gives way.
    pub(super) fn with_records(&self, entered: Entered, line_name: &str) -> Entered {
        self.inferred(&entered, line_name).unwrap_or(entered)
    }

    fn inferred(&self, entered: &Entered, line_name: &str) -> Option<Entered> {
        let mut next = entered.clone();
        next.lines.retain(|line| !line.inferred);
        if next.lines.iter().any(|line| line.declares.starts_with("record ")) {
            return None;
        }
        // Clauses that need what was inferred cannot be read without it.
        let bare = || World::of(&Entered { lines: Vec::new(), ..next.clone() }, &*self.surroundings).ok();
        let world = World::of(&next, &*self.surroundings).ok().or_else(bare)?;
        if world.program.records.iter().any(|record| !record.is_history && record.span.is_some()) {
            return None;
        }
        let main = world.program.records.iter().find(|record| !record.is_history)?;
        let main_name = main.name.to_string();
        let was_inferred =
            |name: &str| entered.lines.iter().any(|l| l.inferred && l.declares == format!("record {name}"));
        let mut files: Vec<(usize, Seen)> = Vec::new();
        for (at, named) in next.data.iter().enumerate() {
            let path = match named.split_once('=') {
                Some((name, path)) if name == main_name || was_inferred(name) => path,
                // Whoever names another record means one that is declared.
                Some((_, path)) if !Path::new(named).exists() && Path::new(path).exists() => continue,
                _ => named,
            };
            files.push((at, self.seen(&next, &world, (&main_name, path))?));
        }
        let used: Vec<&FactDef> = main.facts.iter().collect();
        let (made, record_of) =
            records(&world.program, &main_name, &used, &files.iter().map(|(_, seen)| seen).collect::<Vec<_>>())?;
        next.lines.extend(made.iter().map(|made| made.line(line_name)));
        for ((at, seen), record) in files.iter().zip(record_of) {
            if let Some(slot) = next.data.get_mut(*at) {
                *slot = format!("{record}={}", seen.path);
            }
        }
        // Where what was entered does not fit it any more, it stays as it was.
        World::of(&next, &*self.surroundings).is_ok().then_some(next)
    }

    /// Reads a file with every column as text.
    fn seen(&self, entered: &Entered, world: &World, (record, path): (&str, &str)) -> Option<Seen> {
        let named = format!("{record}={path}");
        let load = |world: &World| {
            self.surroundings.load(&world.policies, std::slice::from_ref(&named), &world.basis, self.progress()).ok()
        };
        let heads = heads(&load(world)?.loaded, &world.program);
        if heads.is_empty() {
            return None;
        }
        let facts = heads.iter().map(|head| (head.clone(), "text".to_owned())).collect();
        let line = Made { name: record.to_owned(), facts }.line("");
        // Clauses do not stand in the way.
        let probe = Entered { lines: vec![line], files: Vec::new(), ..entered.clone() };
        let records = load(&World::of(&probe, &*self.surroundings).ok()?)?;
        let rows = records.loaded.population.of(RecordId(0));
        let column = |at: usize| rows.iter().take(ROWS).map(|row| text(row, at).map(str::to_owned)).collect();
        Some(Seen { path: path.to_owned(), columns: (0..heads.len()).map(column).collect(), heads })
    }
}

/// The record types that files make, and of which each file has rows.
fn records(program: &Program, main: &str, used: &[&FactDef], files: &[&Seen]) -> Option<(Vec<Made>, Vec<String>)> {
    let (first, others) = files.split_first()?;
    let mut recipients = Made { name: main.to_owned(), facts: Vec::new() };
    first.add_to(&mut recipients, Some((program, used)));
    // The first column of texts that tells rows apart is their key.
    let is_text = |head: &str| recipients.facts.iter().any(|(name, kind)| name == head && kind == "text");
    let mut heads = first.heads.iter().map(|head| without_unit(head)).enumerate();
    let key = heads.find(|(at, head)| first.tells_apart(*at) && is_text(head)).map(|(_, head)| head.to_owned());
    let (mut beside, mut record_of) = (Vec::new(), vec![main.to_owned()]);
    for file in others {
        let own = key.as_ref().and_then(|key| file.heads.iter().position(|head| without_unit(head) == key));
        let name = file.stem().filter(|name| *name != main && !beside.iter().any(|made: &Made| made.name == *name));
        match (own, name) {
            // Several rows of one recipient are a list of it.
            (Some(at), Some(name)) if !file.tells_apart(at) => {
                let mut list = Made { name: name.clone(), facts: Vec::new() };
                file.add_to(&mut list, None);
                list.facts.retain(|(fact, _)| Some(fact) != key.as_ref());
                recipients.facts.push((name.clone(), format!("list of {}", written_name(&name))));
                beside.push(list);
                record_of.push(name);
            }
            (None, Some(name)) if key.is_some() => {
                let mut alone = Made { name: name.clone(), facts: Vec::new() };
                file.add_to(&mut alone, None);
                beside.push(alone);
                record_of.push(name);
            }
            _ => {
                file.add_to(&mut recipients, Some((program, used)));
                record_of.push(main.to_owned());
            }
        }
    }
    for (_, kind) in recipients.facts.iter_mut().filter(|(name, kind)| Some(name) == key.as_ref() && kind == "text") {
        kind.push_str(" key");
    }
    // What clauses ask for and no file has stays unknown.
    let others = used.iter().filter(|fact| !recipients.facts.iter().any(|(name, _)| fact.name == *name));
    let others: Vec<(String, String)> =
        others.filter_map(|fact| Some((fact.name.to_string(), written(program, &fact.kind)?))).collect();
    recipients.facts.extend(others);
    beside.insert(0, recipients);
    Some((beside, record_of))
}

impl Made {
    /// Its declaration.
    fn line(&self, name: &str) -> Line {
        let facts: Vec<String> = self.facts.iter().map(|(name, kind)| format!("  {} : {kind}", quoted(name))).collect();
        let text = format!("record {} {{\n{}\n}}", written_name(&self.name), facts.join("\n"));
        let declares = format!("record {}", self.name);
        Line { name: name.to_owned(), declares, text: text.into(), own: None, inferred: true }
    }
}

impl Seen {
    /// The name that its file gives it: 订单 of `订单-2024.csv`.
    fn stem(&self) -> Option<String> {
        let stem = Path::new(&self.path).file_stem()?.to_str()?.split(['-', '_', '#']).next()?.trim();
        (!stem.is_empty() && !stem.contains(['「', '」'])).then(|| stem.to_owned())
    }

    /// Whether every row has a value of its own in a column.
    fn tells_apart(&self, at: usize) -> bool {
        let Some(column) = self.columns.get(at) else { return false };
        let values: HashSet<&String> = column.iter().flatten().collect();
        !column.is_empty() && values.len() == column.len()
    }

    fn kind(&self, at: usize) -> &'static str {
        let (Some(head), Some(column)) = (self.heads.get(at), self.columns.get(at)) else { return "text" };
        // The loader reads the unit that stands in the head.
        if without_unit(head) != head.trim() {
            return "money";
        }
        guessed(head, &column.iter().flatten().map(String::as_str).collect::<Vec<_>>())
    }

    /// Adds its columns to a record type that does not have them.
    fn add_to(&self, made: &mut Made, used: Option<(&Program, &[&FactDef])>) {
        for (at, head) in self.heads.iter().enumerate() {
            let name = without_unit(head);
            if made.facts.iter().any(|(other, _)| other == name) {
                continue;
            }
            let known =
                used.and_then(|(program, used)| written(program, &used.iter().find(|fact| fact.name == name)?.kind));
            made.facts.push((name.to_owned(), known.unwrap_or_else(|| self.kind(at).to_owned())));
        }
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
