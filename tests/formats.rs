//! The same records from every format give the same results.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const POLICY: &str = "\
登记表 企业 {
  代码 / id : 文字 主键
  名称 : 文字
  投资额 : 金额 其中 >= 0
  研发占比 : 比率
  成立日期 : 日期
  规上企业 : 是否 = 否
  项目 : 列表 项目
}
登记表 项目 {
  项目代码 : 文字 主键
  设备投资额 : 金额
}
政策 云溪技改 { 有效期 2024-01-01..2025-12-31 }
款 投资补助 { 奖补 投资额的5%，最高100万元，当 规上企业 }
款 研发补助 { 奖补 投资额 * 研发占比，最高10万元，当 成立日期 < 2020-01-01 }
款 技改补助 { 奖补 设备投资额的10% 每个 项目，最高50万元 }
款 累计补助 { 奖补 10万元，累计最高 15万元 }
";

const ENTERPRISES: &str = "\
代码,名称,投资额（万元）,研发占比,成立日期,规上企业
1001,云溪精工,1234.56,0.0725,2015-03-01,是
1002,\"江南,电子\",,0.1,2021-07-15,否
1003,青山食品,80,,,
1004,望湖材料,-5,0.3,2010-12-31,是
";

const PROJECTS: &str = "\
企业,项目代码,设备投资额
1001,P1,4000000
1001,P2,1500000.55
1003,P3,
";

const HISTORY: &str = "\
recipient,policy,clause,date,standard,paid
1001,云溪技改,累计补助,2024-03-01,100000,100000
";

const JSON: &str = r#"{
  "企业": [
    {"代码": "1001", "名称": "云溪精工", "投资额（万元）": 1234.56, "研发占比": 0.0725, "成立日期": "2015-03-01", "规上企业": true,
     "项目": [{"项目代码": "P1", "设备投资额": 4000000}, {"项目代码": "P2", "设备投资额": 1500000.55}]},
    {"代码": "1002", "名称": "江南,电子", "投资额": null, "研发占比": 1e-1, "成立日期": "2021-07-15", "规上企业": false, "项目": []},
    {"代码": "1003", "名称": "青山食品", "投资额": "80万", "项目": [{"项目代码": "P3"}]},
    {"代码": "1004", "名称": "望湖材料", "投资额": "-5万元", "研发占比": "30%", "成立日期": "2010-12-31", "规上企业": true, "项目": []}
  ]
}"#;

fn texts(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The enterprises from one row on to another, typed.
fn enterprises(from: usize, to: usize) -> Vec<(&'static str, ArrayRef)> {
    let amounts = Decimal128Array::from(vec![Some(123_456), None, Some(8000), Some(-500)]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("代码", Arc::new(Int64Array::from(vec![1001, 1002, 1003, 1004]))),
        ("名称", texts(&["云溪精工", "江南,电子", "青山食品", "望湖材料"])),
        ("投资额（万元）", Arc::new(amounts.with_precision_and_scale(18, 2).unwrap())),
        ("研发占比", Arc::new(Float64Array::from(vec![Some(0.0725), Some(0.1), None, Some(0.3)]))),
        ("成立日期", Arc::new(Date32Array::from(vec![Some(16_495), Some(18_823), None, Some(14_974)]))),
        ("规上企业", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]))),
    ];
    columns.into_iter().map(|(name, array)| (name, array.slice(from, to - from))).collect()
}

fn projects() -> Vec<(&'static str, ArrayRef)> {
    let amounts = Decimal128Array::from(vec![Some(400_000_000), Some(150_000_055), None]);
    vec![
        ("企业", Arc::new(Int64Array::from(vec![1001, 1001, 1003]))),
        ("项目代码", texts(&["P1", "P2", "P3"])),
        ("设备投资额", Arc::new(amounts.with_precision_and_scale(18, 2).unwrap())),
    ]
}

/// The projects inside their enterprises; amounts in fen would not be whole, so that they are texts here.
fn projects_inside() -> ArrayRef {
    let fields = vec![Field::new("项目代码", DataType::Utf8, true), Field::new("设备投资额", DataType::Utf8, true)];
    let mut lists = ListBuilder::new(StructBuilder::from_fields(fields, 3));
    for row in [vec![("P1", Some("4000000")), ("P2", Some("1500000.55"))], vec![], vec![("P3", None)], vec![]] {
        for (key, amount) in row {
            lists.values().field_builder::<StringBuilder>(0).unwrap().append_value(key);
            lists.values().field_builder::<StringBuilder>(1).unwrap().append_option(amount);
            lists.values().append(true);
        }
        lists.append(true);
    }
    Arc::new(lists.finish())
}

fn history() -> Vec<(&'static str, ArrayRef)> {
    let mut amounts = Int64Builder::new();
    amounts.append_value(100_000);
    let amounts: ArrayRef = Arc::new(amounts.finish());
    vec![
        ("recipient", texts(&["1001"])),
        ("policy", texts(&["云溪技改"])),
        ("clause", texts(&["累计补助"])),
        ("date", Arc::new(Date32Array::from(vec![19_783]))),
        ("standard", Arc::clone(&amounts)),
        ("paid", amounts),
    ]
}

fn write_workbook(path: &Path) {
    let mut workbook = Workbook::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let percent = Format::new().set_num_format("0.00%");
    for (name, table) in [("企业", ENTERPRISES), ("项目", PROJECTS), ("历史", HISTORY)] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        let mut rows = csv_rows(table);
        let header = rows.remove(0);
        for (at, cell) in header.iter().enumerate() {
            sheet.write(0, u16::try_from(at).unwrap(), cell.as_str()).unwrap();
        }
        for (row, cells) in rows.iter().enumerate() {
            for (column, (header, cell)) in header.iter().zip(cells).enumerate() {
                let (row, column) = (u32::try_from(row).unwrap() + 1, u16::try_from(column).unwrap());
                match (header.as_str(), cell.as_str()) {
                    (_, "") => {}
                    ("成立日期" | "date", day) => {
                        sheet
                            .write_with_format(row, column, ExcelDateTime::parse_from_str(day).unwrap(), &date)
                            .unwrap();
                    }
                    ("规上企业", yes) => {
                        sheet.write(row, column, yes == "是").unwrap();
                    }
                    ("研发占比", number) => {
                        sheet.write_with_format(row, column, number.parse::<f64>().unwrap(), &percent).unwrap();
                    }
                    (_, cell) => match cell.parse::<f64>() {
                        Ok(number) => drop(sheet.write(row, column, number).unwrap()),
                        Err(_) => drop(sheet.write(row, column, cell).unwrap()),
                    },
                }
            }
        }
    }
    workbook.save(path).unwrap();
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A folder with the policy and the data in every format.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Case {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| -> PathBuf { folder.path().join(name) };
        for (name, text) in [
            ("policy.hq", POLICY),
            ("企业.csv", ENTERPRISES),
            ("项目.csv", PROJECTS),
            ("历史.csv", HISTORY),
            ("all.json", JSON),
        ] {
            std::fs::write(at(name), text).unwrap();
        }
        write_parquet(&at("parts/part-00000.parquet"), enterprises(0, 2));
        write_parquet(&at("parts/part-00001.parquet"), enterprises(2, 4));
        write_parquet(&at("parts/项目.parquet"), projects());
        write_parquet(&at("历史/a.parquet"), history());
        let inside = enterprises(0, 4).into_iter().chain([("项目", projects_inside())]);
        write_parquet(&at("nested.parquet"), inside.collect());
        write_workbook(&at("all.xlsx"));
        Case { folder }
    }

    fn run(&self, command: &[&str], data: &[&str], history: &str) -> (Option<i32>, String, String) {
        let mut arguments = vec!["--lang", "zh", command[0], "policy.hq", "--in", "2024", "--history", history];
        arguments.extend(&command[1..]);
        for data in data {
            arguments.extend(["--data", data]);
        }
        let output = Command::new(env!("CARGO_BIN_EXE_huiqi"))
            .args(&arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

#[test]
fn every_format_gives_the_same_results() {
    let case = Case::new();
    let formats: [(&[&str], &str); 6] = [
        (&["企业.csv", "项目.csv"], "历史.csv"),
        (&["all.json"], "历史.csv"),
        (&["parts"], "历史"),
        (&["nested.parquet"], "历史/a.parquet"),
        (&["all.xlsx"], "all.xlsx#历史"),
        (&["企业=all.xlsx#企业", "项目=all.xlsx"], "all.xlsx"),
    ];
    for command in [&["run", "--format", "json"][..], &["why", "--key", "1001"][..]] {
        let (code, expected, told) = case.run(command, formats[0].0, formats[0].1);
        let amount = if command[0] == "run" { "\"50000.00\"" } else { "5万元" };
        assert!(expected.contains(amount), "{expected}{told}");
        // One enterprise breaks its rule in each of them.
        assert!(told.contains("HQ0609") && told.contains("1004"), "{told}");
        for (data, history) in &formats[1..] {
            let (other, found, told) = case.run(command, data, history);
            assert_eq!((other, found), (code, expected.clone()), "{data:?}\n{told}");
            assert!(told.contains("HQ0609"), "{told}");
        }
    }
}

/// History that stands in the folder of the data and is named besides is not paid twice.
#[test]
fn a_table_named_twice_counts_once() {
    let case = Case::new();
    let data = ["企业.csv", "项目.csv"];
    let expected = case.run(&["run", "--format", "json"], &data, "历史.csv");
    let twice = case.run(&["run", "--format", "json"], &["企业.csv", "项目.csv", "历史.csv"], "./历史.csv");
    assert_eq!(twice, expected);
}

#[test]
fn sheets_are_named() {
    let case = Case::new();
    let (_, _, told) = case.run(&["run"], &["all.xlsx#企业表", "项目.csv"], "历史.csv");
    assert!(told.contains("HQ0626") && told.contains("企业、项目、历史"), "{told}");
    let (_, shown, _) = case.run(&["run"], &["all.xlsx"], "历史");
    assert!(shown.contains("all.xlsx#项目：项目 3 行（XLSX）"), "{shown}");
    let (_, shown, _) = case.run(&["run"], &["parts"], "历史");
    assert!(shown.contains("part-00001.parquet：企业 2 行（Parquet）"), "{shown}");
}
