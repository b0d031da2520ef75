mod cells;
mod files;
mod joins;
mod levels;
mod objects;
mod parquet;
mod workbooks;

use std::path::PathBuf;

use super::*;
use crate::check::program::{EnumDef, EnumId, FactDef, FactId, Type};
use crate::diagnostic::Code;
use crate::source::Span;
use crate::syntax::tree::Per;
use crate::value::{Date, Dimension, Number, UnitId};

const ENTERPRISE: RecordId = RecordId(0);
const ORDER: RecordId = RecordId(1);
const DISTRICT: RecordId = RecordId(2);
const HISTORY: RecordId = RecordId(3);

const KEY: FactId = FactId(0);
const CAPEX: FactId = FactId(2);
const REVENUE: FactId = FactId(3);
const EXPANDS: FactId = FactId(4);
const MOVED: FactId = FactId(5);
const SAVED: FactId = FactId(6);
const GREEN: FactId = FactId(7);
const STAFF: FactId = FactId(8);
const SHARE: FactId = FactId(9);
const AREA: FactId = FactId(10);
const ORDERS: FactId = FactId(11);
const FOUNDED: FactId = FactId(12);
const RENT: FactId = FactId(13);

fn fact(name: &str, alias: &str, kind: Type) -> FactDef {
    FactDef {
        name: name.into(),
        aliases: if alias.is_empty() { vec![] } else { vec![alias.into()] },
        kind,
        whole: false,
        per: None,
        scale: Number::ONE,
        default: None,
        check: None,
        bounds: (None, None),
        dated: None,
        span: Span::default(),
        doc: "".into(),
        inferred: false,
    }
}

fn record(name: &str, alias: &str, key: Option<FactId>, facts: Vec<FactDef>) -> RecordDef {
    RecordDef {
        name: name.into(),
        aliases: vec![alias.into()],
        facts,
        key,
        is_history: alias == "history",
        span: None,
        doc: "".into(),
    }
}

/// 企业 with 订单, 区县 beside them, and history.
fn program() -> Program {
    let money = || Type::Number(Dimension::money());
    let tonnes = UnitId(1);
    let enterprise = vec![
        fact("统一社会信用代码", "id", Type::Text),
        fact("名称", "name", Type::Text),
        fact("固定资产投资额", "capex", money()),
        FactDef { per: Some(Per::Year), scale: Number::from_i64(1000), ..fact("营业收入", "revenue", money()) },
        FactDef { default: Some(Value::Bool(false)), ..fact("增资扩产", "", Type::Bool) },
        FactDef { default: Some(Value::None), ..fact("迁出日期", "", Type::Date) },
        fact("节能量", "", Type::Number(Dimension::unit(tonnes))),
        fact("绿色工厂", "", Type::Code(EnumId(0))),
        FactDef { whole: true, ..fact("职工人数", "staff", Type::Number(Dimension::NONE)) },
        fact("研发占比", "", Type::Number(Dimension::NONE)),
        fact("区县", "", Type::Code(EnumId(1))),
        fact("订单", "", Type::List(ORDER)),
        fact("成立日期", "", Type::Date),
        fact("租金", "", Type::Number(Dimension::price(UnitId(2)))),
    ];
    let order = vec![fact("编号", "", Type::Text), fact("金额", "amount", money()), fact("签订日期", "", Type::Date)];
    let district = vec![fact("区县代码", "", Type::Text), fact("地方财政实得", "", money())];
    let history =
        vec![fact("recipient", "受益人", Type::Text), fact("paid", "实付", money()), fact("date", "日期", Type::Date)];
    Program {
        units: vec![vec!["元".into()], vec!["吨标煤".into(), "tce".into()], vec!["平方米".into()]],
        enums: vec![
            EnumDef { values: vec!["国家级".into(), "省级".into(), "市级".into()], ordered: true },
            EnumDef { values: vec!["东湖区".into(), "西湖区".into()], ordered: false },
        ],
        records: vec![
            record("企业", "enterprise", Some(KEY), enterprise),
            record("订单", "order", Some(FactId(0)), order),
            record("区县", "district", Some(FactId(0)), district),
            record("历史", "history", None, history),
        ],
        ..Program::default()
    }
}

fn year(year: i32) -> Period {
    Period::year(year).unwrap()
}

fn yuan(amount: i64) -> Cell {
    Cell::Value(Value::Number(Number::from_i64(amount)))
}

/// A folder of files, loaded for 2024.
struct Files {
    folder: tempfile::TempDir,
    inputs: Vec<Input>,
}

impl Files {
    fn new() -> Files {
        Files { folder: tempfile::tempdir().unwrap(), inputs: Vec::new() }
    }

    fn add(mut self, name: &str, content: impl AsRef<[u8]>) -> Files {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        self.inputs.push(Input { path, ..Input::default() });
        self
    }

    fn load(&self) -> Loaded {
        load(&program(), &self.inputs, year(2024))
    }
}

fn load_text(name: &str, content: impl AsRef<[u8]>) -> Loaded {
    Files::new().add(name, content).load()
}

/// The rows of a table whose first column is the key.
fn load_column(header: &str, cells: &[&str]) -> Loaded {
    let rows: String = cells.iter().enumerate().map(|(at, cell)| format!("E{at},\"{cell}\"\n")).collect();
    load_text("企业.csv", format!("统一社会信用代码,{header}\n{rows}"))
}

fn codes(loaded: &Loaded) -> Vec<Code> {
    loaded.all_diagnostics().map(|diagnostic| diagnostic.code).collect()
}

fn cell(loaded: &Loaded, at: usize, fact: FactId) -> Cell {
    loaded.population.of(ENTERPRISE)[at].cells[fact.index()].clone()
}

fn keys(loaded: &Loaded, id: RecordId) -> Vec<String> {
    let program = program();
    let records = loaded.population.of(id).iter();
    records.map(|record| record.key(&program, &program.records[id.index()]).unwrap_or_default().to_string()).collect()
}

fn argument(diagnostic: &Diagnostic, name: &str) -> String {
    match diagnostic.arguments.iter().find(|(other, _)| *other == name) {
        Some((_, crate::diagnostic::Argument::Plain(text))) => text.to_string(),
        Some((_, crate::diagnostic::Argument::Phrase { en, .. })) => en.to_string(),
        None => String::new(),
    }
}

#[test]
fn every_code_of_data_can_be_shown() {
    // Each message has what its wording needs.
    let loaded = Files::new()
        .add("企业.csv", "统一社会信用代码,营业收人,绿色工厂\nE1,1,省级级\n,1,省级\nE2,1\nE1,2,省级\n")
        .load();
    for diagnostic in loaded.all_diagnostics() {
        assert!(diagnostic.place.as_ref().is_some_and(|place| place.file.ends_with("企业.csv")), "{diagnostic:?}");
    }
    assert_eq!(
        codes(&loaded),
        [Code::UnknownColumn, Code::BadCell, Code::DuplicateKey, Code::MissingKey, Code::RaggedRow, Code::DuplicateKey]
    );
}

#[test]
fn records_given_directly() {
    let program = program();
    let record = Record { cells: vec![Cell::Unknown; 14], place: None };
    let population = Population::from_records(&program, [(ENTERPRISE, record)]);
    assert_eq!(population.of(ENTERPRISE).len(), 1);
    assert!(population.is_loaded(ENTERPRISE) && !population.is_loaded(HISTORY));
}

/// The examples of the pages raise what they say, and no longer once they are put right.
#[test]
fn pages_show_what_happens() {
    use crate::diagnostic::{Language, examples, explain};
    // Found by the evaluator.
    let elsewhere = [Code::CheckFailed];
    for code in Code::ALL.iter().filter(|code| code.as_str().starts_with("HQ06") && !elsewhere.contains(code)) {
        let examples = examples(explain(*code, Language::Chinese));
        let Some(policy) = examples.iter().find(|example| example.kind == "hq") else { continue };
        let mut project = crate::resolve::load_text("page.hq", &policy.text);
        let declarations = crate::resolve::declare(&project.trees, &mut project.diagnostics);
        let (program, _) = crate::check::check(&project, &declarations);
        for wrong in [true, false] {
            let mut files = Files::new();
            for example in examples.iter().filter(|example| example.kind != "hq") {
                let Some(name) = example.file else { continue };
                let twins = examples.iter().filter(|other| other.file == Some(name)).count();
                if example.wrong == wrong || twins == 1 {
                    files = files.add(name, &example.text);
                }
            }
            let loaded = load(&program, &files.inputs, year(2024));
            let mut found = codes(&loaded);
            let rows = loaded.population.of(program.history());
            let place = |row, column: Option<&str>, key: Option<&str>| loaded.population.place(row, column, key);
            let faults = crate::eval::history_faults(&program, rows, &place);
            found.extend(faults.into_iter().flat_map(|(_, _, said)| said).map(|said| said.code));
            assert_eq!(found.contains(code), wrong, "{code} {found:?}");
            assert!(wrong || found.is_empty(), "{code} {found:?}");
        }
    }
}
