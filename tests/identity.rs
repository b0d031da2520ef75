//! The same data, whatever its format, its order, the sizes of its parts and the number of threads: the same
//! payments and reports, to the byte.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Decimal64Array, Decimal128Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// With steps of each kind that looks across recipients.
const POLICY: &str = "\
record 企业 {
  编号 : text key
  投资 : money where >= 0
  营收 : money
  规上 : bool
  等级 : level of 一级 > 二级 > 三级
}

clause 扩产 { award 5% of 投资 cap 80万 when 规上 }
clause 等级奖 { award by 等级 { 一级: 30万, 二级: 20万, 三级: 10万 } }
clause 增长 { award up to 0.7% of 营收 }

settle {
  highest among 扩产, 等级奖
  select top 150 of 增长 by 营收 then by 投资 ties all
  budget 1亿 for 扩产, 等级奖 pro rata rest by remainder
}
";

const ROWS: usize = 1_200;

/// A firm: its key, two amounts in fen, a flag, a level.
type Firm = (String, i64, i64, bool, &'static str);

fn firms() -> Vec<Firm> {
    let firm = |at: usize| {
        let mixed = at.wrapping_mul(2_654_435_761) % 1_000_003;
        let level = ["一级", "二级", "三级"][mixed % 3];
        (format!("企{at:05}"), (mixed * 1_237) as i64, (mixed * 90_001 % 700_000_001) as i64, mixed % 5 < 3, level)
    };
    (0..ROWS).map(firm).collect()
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn parquet(firms: &[Firm], path: &Path, group: usize, wide: bool) {
    let money = |of: fn(&Firm) -> i64| -> ArrayRef {
        let fen = firms.iter().map(of);
        if wide {
            let array = Decimal128Array::from_iter_values(fen.map(i128::from));
            return Arc::new(array.with_precision_and_scale(38, 2).unwrap());
        }
        Arc::new(Decimal64Array::from_iter_values(fen).with_precision_and_scale(18, 2).unwrap())
    };
    let flags: BooleanArray = firms.iter().map(|firm| Some(firm.3)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("编号", Arc::new(StringArray::from_iter_values(firms.iter().map(|firm| &firm.0)))),
        ("投资", money(|firm| firm.1)),
        ("营收", money(|firm| firm.2)),
        ("规上", Arc::new(flags)),
        ("等级", Arc::new(StringArray::from_iter_values(firms.iter().map(|firm| firm.4)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    assert_eq!(batch.column(0).null_count(), 0);
    let groups = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), Some(groups)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn texts(firms: &[Firm], row: impl Fn(&Firm) -> String) -> String {
    firms.iter().map(|firm| row(firm) + "\n").collect()
}

fn cells((key, investment, revenue, large, level): &Firm) -> [String; 5] {
    let large = if *large { "是" } else { "否" };
    [key.clone(), yuan(*investment), yuan(*revenue), large.to_owned(), (*level).to_owned()]
}

fn csv(firms: &[Firm], quoted: bool) -> String {
    let row = |firm: &Firm| match quoted {
        true => cells(firm).map(|cell| format!("\"{cell}\"")).join(","),
        false => cells(firm).join(","),
    };
    format!("编号,投资,营收,规上,等级\n{}", texts(firms, row))
}

fn json(firms: &[Firm]) -> String {
    texts(firms, |firm| {
        let [key, investment, revenue, _, level] = cells(firm);
        let large = firm.3;
        format!(r#"{{"编号":"{key}","投资":{investment},"营收":{revenue},"规上":{large},"等级":"{level}"}}"#)
    })
}

fn workbook(firms: &[Firm], path: &Path) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in ["编号", "投资", "营收", "规上", "等级"].iter().enumerate() {
        sheet.write(0, at as u16, *name).unwrap();
    }
    for (row, firm) in (1..).zip(firms) {
        let [key, _, _, large, level] = cells(firm);
        sheet.write(row, 0, key).unwrap();
        sheet.write(row, 1, firm.1 as f64 / 100.0).unwrap();
        sheet.write(row, 2, firm.2 as f64 / 100.0).unwrap();
        sheet.write(row, 3, large).unwrap();
        sheet.write(row, 4, level).unwrap();
    }
    book.save(path).unwrap();
}

/// The payments, sorted by key, and the report without the names of files.
fn ran(folder: &Path, data: &Path, more: &[&str]) -> (Vec<String>, String) {
    let (payments, report) = (folder.join("支付.csv"), folder.join("汇总.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", "zh", "run"])
        .arg(folder.join("policy.hq"))
        .args(["--in", "2024", "--by", "等级", "--data"])
        .arg(data)
        .arg("--payments")
        .arg(&payments)
        .arg("--report")
        .arg(&report)
        .args(more)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{} {}", data.display(), String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&payments).expect("payments");
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    rows[1..].sort();
    let mut report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&report).expect("a report")).expect("JSON");
    for file in report["data"].as_array_mut().expect("files") {
        let file = file.as_object_mut().expect("a file");
        file.retain(|key, _| !matches!(key.as_str(), "file" | "encoding"));
    }
    (rows, report.to_string())
}

#[test]
fn neither_format_nor_order_nor_threads_change_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(at("policy.hq"), POLICY).unwrap();
    let firms = firms();
    parquet(&firms, &at("一.parquet"), 10_000, false);
    let expected = ran(folder.path(), &at("一.parquet"), &["--engine", "row"]);
    assert_eq!(expected.0.len(), ROWS + 1);
    assert!(expected.1.contains("\"settled\""));

    let mut mixed = firms.clone();
    mixed.sort_by_key(|firm| firm.1.wrapping_mul(7_919) % 104_729);
    parquet(&firms, &at("二.parquet"), 700, true);
    parquet(&mixed, &at("三.parquet"), 97, false);
    std::fs::write(at("四.csv"), csv(&firms, false)).unwrap();
    std::fs::write(at("五.csv"), "\u{feff}".to_owned() + &csv(&mixed, true).replace('\n', "\r\n")).unwrap();
    std::fs::write(at("六.csv"), encoding_rs::GB18030.encode(&csv(&firms, false)).0).unwrap();
    std::fs::write(at("七.jsonl"), json(&mixed)).unwrap();
    workbook(&firms, &at("八.xlsx"));
    for name in ["一.parquet", "二.parquet", "三.parquet", "四.csv", "五.csv", "六.csv", "七.jsonl", "八.xlsx"]
    {
        for threads in ["1", "2", "4"] {
            let found = ran(folder.path(), &at(name), &["--threads", threads]);
            assert!(found == expected, "{name} with {threads} threads");
        }
        assert!(ran(folder.path(), &at(name), &["--engine", "batch"]) == expected, "{name} by columns in memory");
    }
}
