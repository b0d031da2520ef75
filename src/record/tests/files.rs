use proptest::prelude::*;

use super::*;
use crate::diagnostic::Argument;

const PLAIN: &str = "统一社会信用代码,名称,固定资产投资额\nE1,甲公司,100\n";

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn encodings() {
    for (bytes, encoding, said) in [
        (PLAIN.as_bytes().to_vec(), "UTF-8", vec![]),
        ([b"\xef\xbb\xbf", PLAIN.as_bytes()].concat(), "UTF-8", vec![]),
        (gb18030(PLAIN), "GB18030", vec![Code::EncodingGuessed]),
        (gb18030(&PLAIN.replace('甲', "䶮𠮷")), "GB18030", vec![Code::EncodingGuessed]),
    ] {
        let loaded = load_text("企业.csv", bytes);
        assert_eq!(codes(&loaded), said);
        assert_eq!(loaded.report.files[0].encoding, encoding);
        assert_eq!(cell(&loaded, 0, CAPEX), yuan(100));
    }
    let damaged = [gb18030(PLAIN), vec![0xff, 0xff, b'\n']].concat();
    assert_eq!(codes(&load_text("企业.csv", damaged)), [Code::UnknownEncoding]);
    assert_eq!(codes(&load_text("企业.csv", b"PK\x03\x04\0\0\0\0")), [Code::UnknownEncoding]);
}

#[test]
fn encodings_by_name() {
    let mut files = Files::new().add("企业.csv", gb18030(PLAIN));
    files.inputs[0].encoding = Some("gbk".into());
    assert_eq!(codes(&files.load()), []);
    files.inputs[0].encoding = Some("utf-8".into());
    assert_eq!(codes(&files.load()), [Code::UnknownEncoding]);
    files.inputs[0].encoding = Some("klingon".into());
    let loaded = files.load();
    assert_eq!(argument(&loaded.diagnostics[0], "encoding"), "klingon");
}

#[test]
fn files_that_cannot_be_read() {
    assert_eq!(codes(&load_text("企业.csv", "")), [Code::EmptyFile]);
    assert_eq!(codes(&load_text("企业.csv", "\u{feff}\n\n")), [Code::EmptyFile]);
    assert_eq!(codes(&load_text("企业.json", " ")), [Code::EmptyFile]);
    assert_eq!(codes(&load_text("企业.xlsb", PLAIN)), [Code::UnknownFormat]);
    assert_eq!(codes(&load_text("企业", PLAIN)), [Code::UnknownFormat]);
    let mut files = Files::new().add("企业.csv", PLAIN);
    files.inputs[0].path.set_file_name("企业们.csv");
    let loaded = files.load();
    assert_eq!(codes(&loaded), [Code::FileNotFound]);
    assert_eq!(argument(&loaded.diagnostics[0], "near"), "企业.csv");
    files.inputs[0].path = files.folder.path().to_path_buf();
    assert_eq!(codes(&files.load()), [Code::UnreadableFile]);
}

#[test]
fn limits() {
    let files = Files::new().add("企业.csv", PLAIN);
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    let loaded = load_within(&program(), &files.inputs, year(2024), &limits);
    assert_eq!(codes(&loaded), [Code::DataLimit]);
    let limits = Limits { columns: 2, ..Limits::default() };
    assert_eq!(codes(&load_within(&program(), &files.inputs, year(2024), &limits)), [Code::DataLimit]);
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert_eq!(codes(&load_text("企业.json", deep)), [Code::DataLimit]);
    let wide: String = (0..5000).map(|at| format!("\"列{at}\":1,")).collect();
    let loaded = load_text("企业.json", format!("[{{{wide}\"id\":\"E1\"}},{{\"id\":\"E2\"}}]"));
    assert_eq!(codes(&loaded), [Code::DataLimit]);
    assert_eq!(keys(&loaded, ENTERPRISE), ["E2"]);
}

#[test]
fn headers() {
    let loaded = load_text("a.csv", "ＩＤ,id, 名称 ,研发支出,固定资产投资\nx,E1,甲,1,2\n");
    assert_eq!(codes(&loaded), [Code::UnknownColumn, Code::UnknownColumn, Code::UnknownColumn]);
    let columns = &loaded.report.files[0].unknown_columns;
    assert_eq!(columns[2], ("固定资产投资".to_string(), Some("固定资产投资额".into())));
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1"]);

    let twice = load_text("a.csv", "id,名称,name\nE1,甲,乙\n");
    assert_eq!(codes(&twice), [Code::DuplicateColumn]);
    assert_eq!(argument(&twice.diagnostics[0], "other"), "名称");
    assert!(twice.population.of(ENTERPRISE).is_empty());
    assert_eq!(codes(&load_text("a.csv", "id,备注,备注\nE1,甲,乙\n")), [Code::UnknownColumn, Code::DuplicateColumn]);

    let keyless = load_text("企业.csv", "名称\n甲\n");
    assert_eq!(codes(&keyless), [Code::MissingKey]);
    assert!(!keyless.population.is_loaded(ENTERPRISE));

    let unnamed = load_text("a.csv", "id,,\nE1,,5\n");
    assert_eq!(argument(&unnamed.diagnostics[0], "column"), "#3");
}

#[test]
fn columns_by_year() {
    let by_year = |loaded: &Loaded| match cell(loaded, 0, REVENUE) {
        Cell::Periods(values) => values
            .into_iter()
            .map(|(p, v)| match v {
                Value::Number(n) => format!("{p}={n}"),
                _ => String::new(),
            })
            .collect::<Vec<_>>()
            .join(" "),
        _ => String::new(),
    };
    for header in [
        "营业收入 2023",
        "营业收入2023",
        "营业收入:2023",
        "营业收入：２０２３",
        "2023年营业收入",
        "2023年度营业收入",
        "2023营业收入",
        "营业收入（2023年）",
        "revenue_2023",
        "营业收入 2023年",
    ] {
        let loaded = load_text("a.csv", format!("id,{header}\nE1,5\n"));
        assert_eq!(by_year(&loaded), "2023=5000", "{header}");
        assert_eq!(codes(&loaded), []);
    }
    assert_eq!(
        by_year(&load_text("a.csv", "id,营业收入(万元)2023,2022年营业收入（元）\nE1,5,6\n")),
        "2022=6 2023=50000"
    );
    assert_eq!(by_year(&load_text("a.csv", "id,营业收入,营业收入2022,营业收入2021\nE1,3,2,\n")), "2022=2000 2024=3000");
    for header in ["营业收入2023Q3", "营业收入 20231", "营业收入2023-2025", "固定资产投资额 2023"] {
        assert_eq!(codes(&load_text("a.csv", format!("id,{header}\nE1,5\n"))), [Code::UnknownColumn], "{header}");
    }
    assert_eq!(codes(&load_text("a.csv", "id,营业收入,营业收入2024\nE1,3,2\n")), [Code::ConflictingCell]);
    let long = load_text("a.csv", "id,名称,年份,营业收入\nE1,甲,2023,5\nE1,,2022年,4\nE1,甲,2021,3\n");
    assert_eq!(by_year(&long), "2021=3000 2022=4000 2023=5000");
    assert_eq!(codes(&load_text("a.csv", "id,年份,营业收入\nE1,2023,5\nE1,2022,4\nE1,2023,5\n")).len(), 2);
    assert_eq!(codes(&load_text("a.csv", "id,年份,营业收入\nE1,去年,5\n")), [Code::BadCell]);
}

#[test]
fn rows_that_are_wrong_stand_apart() {
    let loaded = load_text(
        "企业.csv",
        "id,名称,固定资产投资额\nE1,甲,1\n\nE2,乙,一百\nE3,\"丙\n公司\",3\nE4,丁\n,,\nE5,戊,5,\n",
    );
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E3"]);
    let rejected = &loaded.population.rejected;
    let rows: Vec<_> = rejected.iter().map(|row| row.diagnostics[0].place.clone().unwrap()).collect();
    assert_eq!(rows.iter().map(|place| place.row.unwrap()).collect::<Vec<_>>(), [4, 6, 8]);
    assert_eq!((rows[0].column.as_deref(), rows[0].key.as_deref()), (Some("固定资产投资额"), Some("E2")));
    assert_eq!(codes(&loaded), [Code::BadCell, Code::RaggedRow, Code::RaggedRow]);
    let report = &loaded.report.files[0];
    assert_eq!((report.rows, report.rejected, report.blank_rows), (5, 3, 2));
    assert!(report.without_column.contains(&GREEN));
    let capex = report.facts.iter().find(|entry| entry.fact == CAPEX).unwrap();
    assert_eq!((capex.filled, capex.blank), (4, 0));
}

#[test]
fn quotation_marks() {
    let loaded = load_text("a.csv", "id,名称\r\nE1,\"甲,\"\"乙\"\"\"\r\nE2,丙\"丁\r\n");
    assert_eq!(cell(&loaded, 0, FactId(1)), Cell::Value(Value::Text("甲,\"乙\"".into())));
    assert_eq!(cell(&loaded, 1, FactId(1)), Cell::Value(Value::Text("丙\"丁".into())));
    let open = load_text("a.csv", "id,名称\nE1,甲\nE2,\"乙\nE3,丙\n");
    assert_eq!(codes(&open), [Code::UnclosedCell]);
    let place = open.diagnostics[0].place.clone().unwrap();
    assert_eq!((place.row, place.column.as_deref()), (Some(3), Some("名称")));
    assert!(open.population.of(ENTERPRISE).is_empty());
    assert_eq!(codes(&load_text("a.csv", "id,名称\nE1,\"甲\"乙\n")), [Code::UnclosedCell]);
    assert_eq!(codes(&load_text("a.csv", "\"id")), [Code::UnclosedCell]);
}

#[test]
fn tabs_and_types() {
    let loaded = Files::new()
        .add("a.tsv", "id\t名称\nE1\t甲,乙\n")
        .add("区县.csv", "区县代码,地方财政实得\nD1,1亿\n")
        .add("x.csv", "受益人,实付,日期\nE1,10万元,2023-05-01\n")
        .load();
    assert_eq!(codes(&loaded), []);
    assert_eq!([ENTERPRISE, DISTRICT, HISTORY].map(|id| loaded.population.of(id).len()), [1, 1, 1]);
    assert!(loaded.population.is_loaded(HISTORY) && !loaded.population.is_loaded(ORDER));
    let lost = load_text("x.csv", "甲,乙\n1,2\n");
    assert_eq!(codes(&lost), [Code::UnmatchedFile]);
    assert!(matches!(&lost.diagnostics[0].arguments[1].1, Argument::Phrase { en, .. } if en == "企业, 订单, 区县"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), ending in "csv|tsv|json|jsonl") {
        let _ = load_text(&format!("企业.{ending}"), bytes);
    }

    #[test]
    fn no_table_panics(text in "(id|名称|营业收入2023|年份|,|\"|\n|\r|E1|2024|5%|万|-){0,40}") {
        let _ = load_text("企业.csv", text);
    }

    #[test]
    fn no_object_panics(text in "(\\[|\\]|\\{|\\}|\"id\"|\"订单\"|:|,|null|1e9|\"E1\"|-1|true| |\n){0,30}") {
        let _ = load_text("企业.json", &text);
        let _ = load_text("企业.jsonl", &text);
    }
}
