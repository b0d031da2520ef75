//! Data of two and three levels: which enterprise a row of a list belongs to.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::check::program::Program;

const BOOTHS: &str = "
登记表 企业 { 代码：文字 主键
  展会：列表 展会 }
登记表 展会 { 名：文字 主键
  展位：列表 展位
  令 补 = 求和 费 于 展位 }
登记表 展位 { 号：文字 主键
  费：金额 }
奖补 补 每个 展会，最高50万元
";

const ENTERPRISES: &str = "代码\nA\nB\n";
const FAIRS: &str = "代码,名\nA,广州展\nB,广州展\nB,上海展\n";

fn checked(text: &str) -> Program {
    let mut project = crate::resolve::load_text("page.hq", text);
    let declarations = crate::resolve::declare(&project.trees, &mut project.diagnostics);
    crate::check::check(&project, &declarations).0
}

fn load_files(program: &Program, files: &[(&str, &str)]) -> Loaded {
    let all = files.iter().fold(Files::new(), |all, (name, content)| all.add(name, content));
    load(program, &all.inputs, year(2024))
}

/// Every record as text, its lists in brackets: `A{广州展{1 100}}`.
fn shape(program: &Program, loaded: &Loaded, name: &str) -> String {
    let id = program.records.iter().position(|def| def.name == name).unwrap();
    let own = loaded.population.own[id];
    loaded.population.records[id][..own].iter().map(|record| shape_of(record)).collect::<Vec<_>>().join(" ")
}

fn shape_of(record: &Record) -> String {
    let mut text = String::new();
    for cell in &record.cells {
        match cell {
            Cell::Value(Value::Text(value)) => text += value,
            Cell::Value(Value::Number(number)) => write!(text, " {number}").unwrap(),
            Cell::List(items) => {
                let mut items: Vec<String> = items.iter().map(shape_of).collect();
                items.sort();
                write!(text, "{{{}}}", items.join(",")).unwrap();
            }
            other => write!(text, " {other:?}").unwrap(),
        }
    }
    text
}

fn booths(files: &[(&str, &str)]) -> (String, Vec<Code>) {
    let program = checked(BOOTHS);
    let loaded = load_files(&program, files);
    (shape(&program, &loaded, "企业"), codes(&loaded))
}

#[test]
fn fairs_of_one_name() {
    let rows = "代码,名,号,费\nA,广州展,1,10\nB,广州展,1,70\nB,上海展,1,5\n";
    let expected = "A{广州展{1 10}} B{上海展{1 5},广州展{1 70}}";
    let reversed = "代码,名,号,费\nB,上海展,1,5\nB,广州展,1,70\nA,广州展,1,10\n";
    for rows in [rows, reversed, &rows.replace("代码", "企业"), &rows.replace("代码,名", "企业代码,展会名")] {
        let files = [("企业.csv", ENTERPRISES), ("展会.csv", FAIRS), ("展位.csv", rows)];
        assert_eq!(booths(&files), (expected.into(), vec![]));
        let files = [files[2], files[1], files[0]];
        assert_eq!(booths(&files), (expected.into(), vec![]));
    }
    // What stands above may be left out where the name is only there once.
    let rows = "名,号,费\n上海展,1,5\n";
    let files = [("企业.csv", ENTERPRISES), ("展会.csv", FAIRS), ("展位.csv", rows)];
    assert_eq!(booths(&files), ("A{广州展{}} B{上海展{1 5},广州展{}}".into(), vec![]));
}

#[test]
fn fairs_that_cannot_be_told_apart() {
    for rows in ["名,号,费\n广州展,1,10\n上海展,2,20\n", "代码,名,号,费\n,广州展,1,10\nB,上海展,2,20\n"] {
        let files = [("企业.csv", ENTERPRISES), ("展会.csv", FAIRS), ("展位.csv", rows)];
        let program = checked(BOOTHS);
        let loaded = load_files(&program, &files);
        assert_eq!(codes(&loaded), [Code::AmbiguousOwner]);
        assert_eq!(shape(&program, &loaded, "企业"), "A{广州展{}} B{上海展{2 20},广州展{}}");
        let said = &loaded.population.rejected[0].diagnostics[0];
        assert_eq!((argument(said, "key"), argument(said, "count")), ("广州展".into(), "2".into()));
        assert_eq!(argument(said, "expected"), "代码");
        assert_eq!(said.place.as_ref().and_then(|place| place.row), Some(2));
    }
}

#[test]
fn fairs_of_another_enterprise() {
    let rows = "代码,名,号,费\nA,上海展,1,10\nC,广州展,2,20\n";
    let files = [("企业.csv", ENTERPRISES), ("展会.csv", FAIRS), ("展位.csv", rows)];
    assert_eq!(
        booths(&files),
        ("A{广州展{}} B{上海展{},广州展{}}".into(), vec![Code::OrphanRow, Code::OrphanRow])
    );
    // The enterprise alone does not name the fair.
    let files = [("企业.csv", ENTERPRISES), ("展会.csv", FAIRS), ("展位.csv", "代码,号,费\nA,1,10\n")];
    assert_eq!(booths(&files).1, [Code::UnknownColumn, Code::MissingKey]);
    // Two columns for one enterprise.
    let twice = "企业,代码,名,号,费\n甲,A,广州展,1,10\n";
    assert_eq!(booths(&[("企业.csv", ENTERPRISES), ("展会.csv", FAIRS), ("展位.csv", twice)]).1, [Code::DuplicateColumn]);
}

#[test]
fn rows_of_two_files_are_one_booth() {
    let program = checked(&BOOTHS.replace("费：金额", "费：金额\n  面积：计数"));
    let files = [
        ("企业.csv", ENTERPRISES),
        ("展会.csv", FAIRS),
        ("展位.csv", "代码,名,号,费\nB,上海展,1,5\n"),
        ("面积.csv", "名,号,面积\n上海展,1,9\n"),
    ];
    let loaded = load_files(&program, &files);
    assert_eq!(codes(&loaded), []);
    assert_eq!(shape(&program, &loaded, "企业"), "A{广州展{}} B{上海展{1 5 9},广州展{}}");
}

#[test]
fn fairs_inside_objects() {
    let nested = r#"[{"代码":"A","展会":[{"名":"广州展"}]},{"代码":"B","展会":[{"名":"广州展"},{"名":"上海展"}]}]"#;
    let rows = r#"{"企业":"B","名":"广州展","号":"1","费":70}
{"企业":"A","名":"广州展","号":"1","费":10}"#;
    let expected = "A{广州展{1 10}} B{上海展{},广州展{1 70}}";
    assert_eq!(booths(&[("企业.json", nested), ("展位.jsonl", rows)]), (expected.into(), vec![]));
    let all = format!(
        r#"{{"展位":[{}],"展会":[{{"代码":"A","名":"广州展"}},{{"代码":"B","名":"广州展"}}],"企业":[{{"代码":"A"}},{{"代码":"B"}}]}}"#,
        rows.replace('\n', ",")
    );
    assert_eq!(booths(&[("全部.json", &all)]), ("A{广州展{1 10}} B{广州展{1 70}}".into(), vec![]));
    // Without the enterprise, and without the fair.
    let rows = "{\"名\":\"广州展\",\"号\":\"1\"}\n{\"号\":\"2\",\"名\":null}";
    assert_eq!(booths(&[("企业.json", nested), ("展位.jsonl", rows)]).1, [Code::AmbiguousOwner, Code::MissingKey]);
    // The same fair in the object and in the table.
    let (shape, said) = booths(&[("企业.json", nested), ("展会.csv", "代码,名\nB,上海展\n")]);
    assert_eq!((shape.as_str(), said), ("A{广州展 Unknown} B{广州展 Unknown}", vec![Code::DuplicateKey; 2]));
}

#[test]
fn lists_that_cannot_be_told_apart() {
    let program = checked(
        "登记表 企业 { 代码：文字 主键\n 境内：列表 展会\n 境外：列表 展会 }\n登记表 展会 { 名：文字 主键\n 费：金额 }\n\
         奖补 （求和 费 于 境内）+（求和 费 于 境外），最高50万元",
    );
    let with = |rows: &str| {
        let loaded = load_files(&program, &[("企业.csv", "代码\nA\n"), ("展会.csv", rows)]);
        (shape(&program, &loaded, "企业"), codes(&loaded))
    };
    assert_eq!(with("代码,名,费\nA,广州展,1\n"), ("A Unknown Unknown".into(), vec![Code::AmbiguousList]));
    assert_eq!(with("境外,名,费\nA,广州展,1\n"), ("A Unknown{广州展 1}".into(), vec![]));
    assert_eq!(with("境内,境外,名,费\nA,,广州展,1\n,A,柏林展,2\n"), ("A{广州展 1}{柏林展 2}".into(), vec![]));
    let fairs = program.records.iter().zip(0..).find(|(def, _)| def.name == "展会").unwrap().1;
    assert_eq!(owner_headers(&program, RecordId(fairs)), ["境内", "境外"]);
}

#[test]
fn names_that_two_levels_have() {
    // All keys are headed alike, and the fair has a fact of the enterprise's name.
    let program = checked(
        "登记表 企业 { 代码：文字 主键\n 展会：列表 展会 }\n登记表 展会 { 代码：文字 主键\n 展位：列表 展位 }\n\
         登记表 展位 { 代码：文字 主键\n 费：金额 }\n奖补 1万元 若 展会 的数量 >= 1，最高50万元",
    );
    let id = |name: &str| RecordId(program.records.iter().zip(0..).find(|(def, _)| def.name == name).unwrap().1);
    assert_eq!(owner_headers(&program, id("企业")), Vec::<String>::new());
    assert_eq!(owner_headers(&program, id("展会")), ["企业代码"]);
    assert_eq!(owner_headers(&program, id("展位")), ["企业代码", "展会代码"]);
    let files = [
        ("企业.csv", "代码\nA\nB\n"),
        ("展会.csv", "企业代码,代码\nA,1\nB,1\n"),
        ("展位.csv", "企业代码,展会代码,代码,费\nB,1,1,5\n"),
    ];
    let loaded = load_files(&program, &files);
    assert_eq!((shape(&program, &loaded, "企业"), codes(&loaded)), ("A{1{}} B{1{1 5}}".into(), vec![]));
}

/// Enterprises by fairs by booths; a fair is in the list of an enterprise or not.
type City = Vec<Vec<Option<Vec<u32>>>>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn tables_and_objects_say_the_same(
        city in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(proptest::collection::vec(0_u32..1000, 0..3)), 0..4), 1..4),
        order in any::<bool>(),
    ) {
        let city: City = city;
        let (mut enterprises, mut fairs, mut booths) = (Vec::new(), Vec::new(), Vec::new());
        let mut objects = Vec::new();
        for (e, list) in city.iter().enumerate() {
            enterprises.push(format!("E{e}"));
            let mut inside = Vec::new();
            for (f, costs) in list.iter().enumerate().filter_map(|(f, costs)| Some((f, costs.as_ref()?))) {
                fairs.push(format!("E{e},F{f}"));
                booths.extend(costs.iter().enumerate().map(|(b, cost)| format!("E{e},F{f},B{b},{cost}")));
                let costs = costs.iter().enumerate().map(|(b, cost)| json!({ "号": format!("B{b}"), "费": cost }));
                inside.push(json!({ "名": format!("F{f}"), "展位": costs.collect::<Vec<_>>() }));
            }
            objects.push(json!({ "代码": format!("E{e}"), "展会": inside }));
        }
        if order {
            fairs.reverse();
            booths.reverse();
        }
        let table = |header: &str, rows: &[String]| format!("{header}\n{}\n", rows.join("\n"));
        let (enterprises, fairs) = (table("代码", &enterprises), table("代码,名", &fairs));
        let booths = table("代码,名,号,费", &booths);
        let objects = serde_json::Value::from(objects).to_string();
        let program = checked(BOOTHS);
        let tables = load_files(&program, &[("展位.csv", &booths), ("企业.csv", &enterprises), ("展会.csv", &fairs)]);
        let nested = load_files(&program, &[("企业.json", &objects)]);
        prop_assert_eq!((codes(&tables), codes(&nested)), (vec![], vec![]));
        prop_assert_eq!(shape(&program, &tables, "企业"), shape(&program, &nested, "企业"));
        let counts = |loaded: &Loaded| loaded.population.records.iter().map(Vec::len).collect::<Vec<_>>();
        prop_assert_eq!(counts(&tables), counts(&nested));
    }
}
