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

fn firms(count: usize) -> Vec<Firm> {
    let firm = |at: usize| {
        let mixed = at.wrapping_mul(2_654_435_761) % 1_000_003;
        let level = ["一级", "二级", "三级"][mixed % 3];
        (format!("企{at:05}"), (mixed * 1_237) as i64, (mixed * 90_001 % 700_000_001) as i64, mixed % 5 < 3, level)
    };
    (0..count).map(firm).collect()
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

/// Lines of objects as an array of them.
fn array(lines: &str) -> String {
    format!("[{}]", lines.lines().collect::<Vec<_>>().join(",\n"))
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
    let (told, (rows, report)) = ran_over(folder, &[data.to_path_buf()], more);
    assert_eq!(told.2, Some(0), "{} {}", data.display(), told.1);
    (rows, report.to_string())
}

/// What was printed, in both streams, and how it ended.
type Told = (String, String, Option<i32>);

/// The same of several files, whatever is wrong with them.
fn ran_over(folder: &Path, data: &[PathBuf], more: &[&str]) -> (Told, (Vec<String>, serde_json::Value)) {
    let (payments, report) = (folder.join("支付.csv"), folder.join("汇总.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", "zh", "run"])
        .arg(folder.join("policy.hq"))
        .args(["--in", "2024", "--by", "等级"])
        .args(data.iter().flat_map(|path| [Path::new("--data"), path.as_path()]))
        .arg("--payments")
        .arg(&payments)
        .arg("--report")
        .arg(&report)
        .args(more)
        .output()
        .expect("the program starts");
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    let text = std::fs::read_to_string(&payments).unwrap_or_else(|wrong| panic!("{wrong}: {err}"));
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    rows[1..].sort();
    let mut report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&report).expect("a report")).expect("JSON");
    for file in report["data"].as_array_mut().expect("files") {
        let file = file.as_object_mut().expect("a file");
        file.retain(|key, _| !matches!(key.as_str(), "file" | "encoding"));
    }
    ((out, err, output.status.code()), (rows, report))
}

#[test]
fn neither_format_nor_order_nor_threads_change_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(at("policy.hq"), POLICY).unwrap();
    let firms = firms(ROWS);
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
    std::fs::write(at("九.json"), array(&json(&mixed))).unwrap();
    let names =
        ["一.parquet", "二.parquet", "三.parquet", "四.csv", "五.csv", "六.csv", "七.jsonl", "八.xlsx", "九.json"];
    for name in names {
        for threads in ["1", "2", "4"] {
            let found = ran(folder.path(), &at(name), &["--threads", threads]);
            assert!(found == expected, "{name} with {threads} threads");
        }
        assert!(ran(folder.path(), &at(name), &["--engine", "batch"]) == expected, "{name} by columns in memory");
    }
}

#[test]
fn parquet_tells_nothing_of_the_parts_of_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(at("policy.hq"), POLICY).unwrap();
    // More than a row group of the payments holds.
    let firms = firms(66_000);
    parquet(&firms, &at("一.parquet"), 10_000, false);
    parquet(&firms, &at("二.parquet"), 7_001, true);
    std::fs::write(at("三.csv"), csv(&firms, false)).unwrap();
    let written = |name: &str, threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_huiqi"))
            .args(["run", "--in", "2024", "--threads", threads])
            .arg(at("policy.hq"))
            .arg("--data")
            .arg(at(name))
            .arg("--payments")
            .arg(at("支付.parquet"))
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(at("支付.parquet")).expect("payments")
    };
    let expected = written("一.parquet", "1");
    for (name, threads) in [("一.parquet", "4"), ("二.parquet", "2"), ("三.csv", "2")] {
        assert!(written(name, threads) == expected, "{name} with {threads} threads");
    }
}

/// Recipients with a list.
const LISTS: &str = "\
record 企业 { 项目 : list of 项目 }
record 项目 {
  项目号 : text key
  投入   : money where >= 0
  竣工   : bool
}
clause 项目奖 { award 10% of 投入 for each (项目 where 竣工) cap 20万 cap 30万 }
clause 竣工奖 { award 5万 when count (项目 where 竣工) >= 2 }
";

/// A project: whose it is, its number, an amount in fen, a flag.
type Item = (String, String, i64, bool);

fn items(firms: &[Firm]) -> Vec<Item> {
    let of = |(at, firm): (usize, &Firm)| {
        let item = move |number: usize| {
            let mixed = (at * 31 + number * 7).wrapping_mul(2_246_822_519) % 90_000_049;
            (format!("企{at:05}"), format!("{number}号"), mixed as i64, mixed & 3 > 0)
        };
        (0..firm.1 as usize % 4).map(item)
    };
    firms.iter().enumerate().flat_map(of).collect()
}

fn items_csv(items: &[Item]) -> String {
    let row = |(firm, number, fen, done): &Item| {
        format!("{firm},{number},{},{}\n", yuan(*fen), if *done { "是" } else { "否" })
    };
    "企业,项目号,投入,竣工\n".to_owned() + &items.iter().map(row).collect::<String>()
}

fn items_json(items: &[Item]) -> String {
    let line = |(firm, number, fen, done): &Item| {
        format!("{{\"企业\":\"{firm}\",\"项目号\":\"{number}\",\"投入\":{},\"竣工\":{done}}}\n", yuan(*fen))
    };
    items.iter().map(line).collect()
}

fn items_workbook(items: &[Item], path: &Path) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in ["企业", "项目号", "投入", "竣工"].iter().enumerate() {
        sheet.write(0, at as u16, *name).unwrap();
    }
    for (row, (firm, number, fen, done)) in (1..).zip(items) {
        sheet.write(row, 0, firm).unwrap();
        sheet.write(row, 1, number).unwrap();
        sheet.write(row, 2, *fen as f64 / 100.0).unwrap();
        sheet.write(row, 3, *done).unwrap();
    }
    book.save(path).unwrap();
}

fn items_parquet(items: &[Item], path: &Path, group: usize) {
    let fen = Decimal64Array::from_iter_values(items.iter().map(|item| item.2));
    let flags: BooleanArray = items.iter().map(|item| Some(item.3)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("企业", Arc::new(StringArray::from_iter_values(items.iter().map(|item| &item.0)))),
        ("项目号", Arc::new(StringArray::from_iter_values(items.iter().map(|item| &item.1)))),
        ("投入", Arc::new(fen.with_precision_and_scale(18, 2).unwrap())),
        ("竣工", Arc::new(flags)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let groups = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), Some(groups)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Lines with the list of each firm inside.
fn nested(firms: &[Firm], items: &[Item]) -> String {
    let lines = json(firms);
    let with = |(line, firm): (&str, &Firm)| {
        let own = items.iter().filter(|item| item.0 == firm.0);
        let own =
            own.map(|(_, number, fen, done)| format!(r#"{{"项目号":"{number}","投入":{},"竣工":{done}}}"#, yuan(*fen)));
        let list = own.collect::<Vec<_>>().join(",");
        format!("{},\"项目\":[{list}]}}\n", line.trim_end_matches('}'))
    };
    lines.lines().zip(firms).map(with).collect()
}

#[test]
fn nothing_changes_a_byte_of_recipients_with_lists() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(at("policy.hq"), POLICY.replace("\nclause 扩产", &format!("\n{LISTS}\nclause 扩产"))).unwrap();
    let firms = firms(ROWS);
    let items = items(&firms);
    std::fs::write(at("企业一.csv"), csv(&firms, false)).unwrap();
    std::fs::write(at("项目一.csv"), items_csv(&items)).unwrap();
    let expected = ran_over(folder.path(), &[at("企业一.csv"), at("项目一.csv")], &["--engine", "row"]);
    assert_eq!((expected.0.2, expected.1.0.len()), (Some(0), ROWS + 1));
    // How many files there were is told too.
    let without_files = |(rows, mut report): (Vec<String>, serde_json::Value)| {
        report["data"].take();
        (rows, report.to_string())
    };
    let expected = without_files(expected.1);
    assert!(expected.1.contains("竣工奖"));

    let (mut mixed, mut mixed_items) = (firms.clone(), items.clone());
    mixed.sort_by_key(|firm| firm.1.wrapping_mul(7_919) % 104_729);
    mixed_items.sort_by_key(|item| item.2.wrapping_mul(7_919) % 104_729);
    let (some, others) = mixed_items.split_at(700);
    parquet(&mixed, &at("企业二.parquet"), 97, false);
    parquet(&firms, &at("企业三.parquet"), 700, true);
    items_parquet(&mixed_items, &at("项目二.parquet"), 130);
    items_parquet(some, &at("项目三.parquet"), 10_000);
    std::fs::write(at("项目四.csv"), items_csv(others)).unwrap();
    std::fs::write(at("企业五.jsonl"), nested(&mixed, &items)).unwrap();
    std::fs::write(at("企业六.jsonl"), json(&firms)).unwrap();
    workbook(&mixed, &at("企业八.xlsx"));
    items_workbook(&mixed_items, &at("项目八.xlsx"));
    std::fs::write(at("项目九.jsonl"), items_json(&mixed_items)).unwrap();
    let both = format!("{{\"项目\":{},\"企业\":{}}}", array(&items_json(&items)), array(&json(&mixed)));
    std::fs::write(at("全部.json"), both).unwrap();
    std::fs::write(at("企业七.csv"), encoding_rs::GB18030.encode(&csv(&mixed, true)).0).unwrap();
    std::fs::write(at("项目七.csv"), encoding_rs::GB18030.encode(&items_csv(&mixed_items)).0).unwrap();
    for names in [
        &["企业一.csv", "项目一.csv"][..],
        &["项目二.parquet", "企业二.parquet"],
        &["企业三.parquet", "项目一.csv"],
        &["项目三.parquet", "企业一.csv", "项目四.csv"],
        &["企业五.jsonl"],
        &["企业六.jsonl", "项目二.parquet"],
        &["企业七.csv", "项目七.csv"],
        &["项目七.csv", "企业一.csv"],
        &["企业八.xlsx", "项目八.xlsx"],
        &["项目八.xlsx", "企业一.csv"],
        &["企业八.xlsx", "项目九.jsonl"],
        &["全部.json"],
    ] {
        let paths: Vec<PathBuf> = names.iter().map(|name| at(name)).collect();
        for threads in ["1", "2", "4"] {
            let found = ran_over(folder.path(), &paths, &["--threads", threads]);
            assert!(without_files(found.1) == expected, "{names:?} with {threads} threads: {}", found.0.1);
        }
    }
}

#[test]
fn what_is_wrong_with_lists_is_told_alike() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(at("policy.hq"), POLICY.replace("\nclause 扩产", &format!("\n{LISTS}\nclause 扩产"))).unwrap();
    let firms = firms(ROWS);
    let items = items(&firms);
    // Of nobody, without an owner, twice, unreadable, below nothing, too wide, not known.
    let wrong = "企99999,1号,5,是\n,1号,5,是\n企00001,9号,5,是\n企00001,9号,6,是\n企00002,8号,很多,是\n\n\
                 企00003,8号,-5,是\n企00005,8号,5,是,7\n企00006,8号,,\n企99999,2号,5,否\n";
    std::fs::write(at("项目.csv"), items_csv(&items) + wrong).unwrap();
    let again = firms[7].0.replace("企00007", "企00700");
    let more = format!("{again},1,1,是,一级\n企90000,-1,1,是,一级\n,1,1,是,一级\n");
    std::fs::write(at("企业.csv"), csv(&firms, false) + &more).unwrap();
    let paths = [at("项目.csv"), at("企业.csv")];
    let expected = ran_over(folder.path(), &paths, &["--engine", "row"]);
    assert_eq!(expected.0.2, Some(1), "{}", expected.0.1);
    assert!(expected.0.1.contains("企99999") && expected.0.1.contains("很多"), "{}", expected.0.1);
    for threads in ["1", "2"] {
        let found = ran_over(folder.path(), &paths, &["--threads", threads]);
        assert_eq!(found.0, expected.0);
        assert!(found.1 == expected.1);
    }
}
