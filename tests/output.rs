//! Result files: what each format holds, text that stays text, and files that are whole or absent.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int32Type};
use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const POLICY: &str = "\
登记表 企业 {
  代码 : 文字 主键
  区县 : 文字
  投资额 : 金额 其中 >= 0
  项目 : 列表 项目
}
登记表 项目 { 项目代码 : 文字 主键   设备额 : 金额 }
政策 云溪 {
  有效期 2024-01-01..2025-12-31
  预算 2024: 9999999999999999元
}
款 投资奖 { 奖补 投资额的5% }
款 设备奖 { 奖补 设备额的10% 每个 项目 }
款 试点奖 { 奖补 待定 \"试点办法\" 最高 3万元 当 区县 = \"东湖区\" }
结算 {
  资金来源 市级 60%, 县区 其余部分
  当年预算 按比例
}
";

/// What a spreadsheet might take for a formula, a number, a link or an escape.
const TEXTS: [&str; 12] = [
    "=1+1",
    "+8613900000000",
    "@SUM(A1)",
    "-2+3",
    "http://x.cn/a?b=1&c=<2>",
    "mailto:a@b.cn",
    "00123",
    "913601000000000001",
    "1e5",
    "_x0041_",
    "a\u{1}b\u{1f}",
    "＝1+1",
];

/// A folder with a policy and its data.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("政策.hq", POLICY);
        let rows = TEXTS.iter().map(|text| format!("\"{text}\",\"{text}\",1234.56\n"));
        place.write("企业.csv", &format!("代码,区县,投资额\n{}", rows.collect::<String>()));
        let rows = TEXTS.iter().map(|text| format!("\"{text}\",\"{text}\",49999.95\n"));
        place.write("项目.csv", &format!("代码,项目代码,设备额\n{}", rows.collect::<String>()));
        place
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// What stands in the folder, hidden files too.
    fn names(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huiqi"));
        command.args(["run", "政策.hq", "--in", "2024"]).args(arguments).current_dir(self.0.path());
        if !arguments.contains(&"--lang") {
            command.args(["--lang", "zh"]);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(&["--data", "企业.csv", "项目.csv"]).args(arguments).output().unwrap()
    }

    /// Runs what must go well.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), told.as_str()), (Some(0), ""), "nothing on stderr that is no terminal");
        String::from_utf8(output.stdout).unwrap()
    }

    fn sheet(&self, file: &str, name: &str) -> Range<Data> {
        let mut workbook: Xlsx<_> = open_workbook(self.path(file)).unwrap();
        workbook.worksheet_range(name).unwrap()
    }

    fn sheets(&self, file: &str) -> Vec<String> {
        let workbook: Xlsx<_> = open_workbook(self.path(file)).unwrap();
        workbook.sheet_names()
    }

    /// The parts of a workbook whose names begin so, one behind the other.
    fn xml(&self, file: &str, begins: &str) -> String {
        let mut archive = zip::ZipArchive::new(File::open(self.path(file)).unwrap()).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        let mut text = String::new();
        for name in names.iter().filter(|name| name.starts_with(begins)) {
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        }
        text
    }
}

fn cell(range: &Range<Data>, row: u32, column: &str) -> Data {
    let columns: Vec<String> = range.headers().unwrap();
    let at = columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("{column} in {columns:?}"));
    range.get_value((row, u32::try_from(at).unwrap())).cloned().unwrap_or_default()
}

fn text(of: &str) -> Data {
    Data::String(of.to_owned())
}

#[test]
fn a_workbook_has_a_sheet_for_each_question() {
    let place = Place::new();
    place.write("坏.csv", "代码,区县,投资额\nE2,东湖区,12万万\nE3,东湖区,100\nE4,西湖区,-1\n");
    let output = place.run(&["--data", "企业=坏.csv", "--output", "结果.xlsx", "--by", "区县"]);
    assert_eq!(output.status.code(), Some(1), "rows in error are said by the exit code");
    let sheets = ["支付", "计算", "错误行", "按条款", "按出资方", "按区县", "预算", "未定的金额", "数据"];
    assert_eq!(place.sheets("结果.xlsx"), sheets);

    let payments = place.sheet("结果.xlsx", "支付");
    assert_eq!(payments.headers().unwrap()[..4], ["代码", "状态", "已定合计", "可能最低"]);
    assert_eq!(cell(&payments, 1, "已定合计"), Data::Float(61.73 + 5000.00));
    assert_eq!(cell(&payments, 1, "投资奖"), Data::Float(61.73));
    let pending = u32::try_from(TEXTS.len() + 1).unwrap();
    assert_eq!(cell(&payments, pending, "试点奖"), text("未定"));
    assert_eq!(cell(&payments, pending, "状态"), text("待定"));

    let calculation = place.sheet("结果.xlsx", "计算");
    assert_eq!(cell(&calculation, 3, "项"), text(TEXTS[0]));
    assert_eq!(cell(&calculation, 3, "结算前"), Data::Float(4999.995), "an item is not rounded");
    assert_eq!(cell(&calculation, 1, "出资"), text("市级 37.04；县区 24.69"));
    assert!(calculation.rows().any(|row| row.contains(&text("试点办法"))), "what is pending is named");

    let rejected = place.sheet("结果.xlsx", "错误行");
    assert_eq!(rejected.height(), 3);
    assert_eq!(cell(&rejected, 1, "文件"), text("坏.csv"));
    assert_eq!(cell(&rejected, 1, "行"), Data::Float(2.0));
    assert_eq!(cell(&rejected, 1, "列"), text("投资额"));
    assert_eq!(cell(&rejected, 1, "主体"), text("E2"));
    assert_eq!(cell(&rejected, 1, "代码"), text("HQ0608"));
    assert_eq!(cell(&rejected, 2, "主体"), text("E4"));

    let payers = place.sheet("结果.xlsx", "按出资方");
    let (first, second) = (cell(&payers, 1, "占已定合计"), cell(&payers, 2, "占已定合计"));
    assert!(matches!((first, second), (Data::Float(a), Data::Float(b)) if (a + b - 1.0).abs() < 1e-9 && a > 0.59));
    assert_eq!(place.sheet("结果.xlsx", "按区县").height(), TEXTS.len() + 2);
}

#[test]
fn a_workbook_is_laid_out_for_reading() {
    let place = Place::new();
    place.done(&["--output", "结果.xlsx"]);
    let (sheets, styles) = (place.xml("结果.xlsx", "xl/worksheets/sheet"), place.xml("结果.xlsx", "xl/styles"));
    let count = place.sheets("结果.xlsx").len();
    for what in ["state=\"frozen\"", "<autoFilter ", "<cols>"] {
        assert_eq!(sheets.matches(what).count(), count, "{what} once a sheet");
    }
    for format in ["#,##0.00", "@"] {
        assert!(styles.contains(&format!("formatCode=\"{format}\"")) || format != "#,##0.00", "{format} in {styles}");
    }
    assert!(styles.contains("quotePrefix=\"1\""), "text that is edited stays text");
    assert!(sheets.contains("numberStoredAsText=\"1\""), "ids are no mistake");
    let en = place.command(&["--data", "企业.csv", "项目.csv", "--lang", "en", "--output", "r.xlsx"]).output().unwrap();
    assert_eq!(en.status.code(), Some(0));
    assert_eq!(place.sheets("r.xlsx")[..3], ["payments", "calculation", "rejected rows"]);
    assert_eq!(cell(&place.sheet("r.xlsx", "payments"), 1, "status"), text("exact"));
}

#[test]
fn text_in_a_workbook_is_never_a_formula_or_a_link() {
    let place = Place::new();
    place.done(&["--output", "结果.xlsx", "--report", "汇总.xlsx", "--by", "区县"]);
    let payments = place.sheet("结果.xlsx", "支付");
    let keys: Vec<Data> = (1..).take(TEXTS.len()).map(|row| cell(&payments, row, "代码")).collect();
    assert_eq!(keys, TEXTS.map(text), "every text comes back as it was");
    for file in ["结果.xlsx", "汇总.xlsx"] {
        let sheets = place.xml(file, "xl/worksheets/");
        for wrong in ["<f>", "<f ", "hyperlink", "t=\"str\"", "t=\"e\""] {
            assert!(!sheets.contains(wrong), "{wrong} in {file}");
        }
        for text in ["=1+1", "+8613900000000", "@SUM(A1)", "-2+3", "00123"] {
            assert!(sheets.contains(&format!("t=\"inlineStr\"><is><t>{text}</t>")), "{text} is text in {file}");
        }
    }
}

#[test]
fn text_in_csv_is_harmless_or_exact() {
    let place = Place::new();
    place.done(&["--output", "r.csv"]);
    place.done(&["--output", "e.csv", "--report", "s.csv", "--by", "区县", "--exact-text"]);
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    let (harmless, exact, report) = (read("r.csv"), read("e.csv"), read("s.csv"));
    for text in ["=1+1", "+8613900000000", "@SUM(A1)", "-2+3", "＝1+1"] {
        assert!(harmless.contains(&format!("\n'{text},")) && !harmless.contains(&format!("\n{text},")), "{text}");
        assert!(exact.contains(&format!("\n{text},")) && !exact.contains(&format!("'{text}")), "{text}");
        assert!(report.contains(&format!(",{text},")), "{text}");
    }
    assert!(harmless.contains("\n00123,") && !harmless.contains("'http"));
}

#[test]
fn amounts_that_a_sheet_cannot_hold_stand_as_text() {
    let place = Place::new();
    // 5% of it are 9,999,999,999,999.99 and 10,000,000,000,000.00.
    place.write("企业.csv", "代码,区县,投资额\nA,西湖区,199999999999999.80\nB,西湖区,200000000000000\n");
    place.write("项目.csv", "代码,项目代码,设备额\nA,P,0\n");
    place.done(&["--output", "结果.xlsx"]);
    let payments = place.sheet("结果.xlsx", "支付");
    assert_eq!(cell(&payments, 1, "投资奖"), Data::Float(9_999_999_999_999.99));
    assert!(place.xml("结果.xlsx", "xl/worksheets/sheet1").contains("<v>9999999999999.99</v>"));
    assert_eq!(cell(&payments, 2, "投资奖"), text("10000000000000.00"));
    assert!(place.xml("结果.xlsx", "xl/comments").contains("15 位"), "a note says why");
}

#[test]
fn parquet_holds_the_documented_lines() {
    let place = Place::new();
    place.done(&["--output", "r.parquet"]);
    place.done(&["--output", "r.jsonl"]);
    let file = File::open(place.path("r.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let text = std::fs::read_to_string(place.path("r.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(batches.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>(), lines.len());
    let batch = &batches[0];
    for (row, line) in lines.iter().enumerate() {
        let word = |name: &str| {
            let words = batch.column_by_name(name).unwrap().as_dictionary::<Int32Type>();
            let words = words.downcast_dict::<arrow_array::StringArray>().unwrap();
            words.into_iter().nth(row).unwrap()
        };
        let amount = |name: &str| {
            let amounts = batch.column_by_name(name).unwrap().as_primitive::<Decimal128Type>();
            amounts.iter().nth(row).unwrap()
        };
        let list = |name: &str| {
            let texts = batch.column_by_name(name).unwrap().as_list::<i32>().value(row);
            texts.as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(batch.column_by_name("key").unwrap().as_string::<i32>().value(row), line["key"]);
        assert_eq!(word("clause"), line["clause"].as_str());
        assert_eq!(word("status"), line["status"].as_str());
        for name in ["missing", "pending", "because"] {
            assert_eq!(serde_json::json!(list(name)), line[name]);
        }
        let places = line["amount"].as_str().map_or(2, |text| text.split_once('.').unwrap().1.len());
        for name in ["amount", "lowest", "highest", "settled"] {
            let shown = amount(name).map(|fen| format!("{}.{:02}", fen / 100, fen % 100));
            if places == 2 {
                assert_eq!(shown.as_deref(), line[name].as_str(), "{name} of {line}");
            } else {
                assert!(shown.is_none_or(|shown| shown == "5000.00"), "an item is rounded to the fen");
            }
        }
    }
    let shares = batch.column_by_name("shares").unwrap().as_list::<i32>().value(0);
    let payers = shares.as_struct().column(0).as_string::<i32>().iter().flatten().collect::<Vec<_>>().join(" ");
    assert_eq!(payers, "市级 县区");
}

#[test]
fn the_same_run_writes_the_same_bytes() {
    let place = Place::new();
    for ending in ["xlsx", "parquet", "csv", "jsonl"] {
        let (one, two) = (format!("1.{ending}"), format!("2.{ending}"));
        place.done(&["--output", &one]);
        place.done(&["--output", &two]);
        assert!(std::fs::read(place.path(&one)).unwrap() == std::fs::read(place.path(&two)).unwrap(), "{ending}");
    }
}

#[test]
fn an_unknown_ending_tells_those_that_are_known() {
    let place = Place::new();
    for (option, file, known) in [
        ("--output", "r.xls", ".csv、.xlsx、.parquet、.jsonl"),
        ("--output", "r", ".csv、.xlsx、.parquet、.jsonl"),
        ("--report", "r.parquet", ".json、.csv、.xlsx"),
    ] {
        let output = place.run(&[option, file]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("HQ0614") && told.contains(known), "{told}");
    }
}

#[test]
fn what_cannot_be_written_is_told_before_the_work() {
    let place = Place::new();
    std::fs::create_dir(place.path("夹.xlsx")).unwrap();
    place.write("旧.xlsx", "旧");
    let mut rights = std::fs::metadata(place.path("旧.xlsx")).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(place.path("旧.xlsx"), rights).unwrap();
    let before = place.names();
    let mut cases = vec![
        ("夹.xlsx", "文件夹"),
        ("旧.xlsx", "权限"),
        ("没有/r.xlsx", "没有这个文件夹"),
        ("旧.xlsx/r.csv", "文件夹"),
    ];
    // Nobody may write there, whoever runs this.
    if cfg!(target_os = "linux") {
        cases.push(("/proc/self/r.csv", ""));
    }
    for (file, why) in cases {
        for option in ["--output", "--report"] {
            // The data is not even looked for.
            let output = place.command(&["--data", "没有.csv", option, file]).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{told}");
            assert!(told.contains("HQ0808") && told.contains(why) && !told.contains("没有.csv"), "{file}: {told}");
        }
    }
    assert_eq!(place.names(), before);
    assert_eq!(std::fs::read(place.path("旧.xlsx")).unwrap(), "旧".as_bytes());
}

/// A limit on the size of files stands for a disk that fills up.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_was_there() {
    let place = Place::new();
    let rows: String =
        (0..4000).map(|at| format!("E{at:06},区{},{}.{:02}\n", at * 7919 % 4001, at * 7, at % 97)).collect();
    place.write("企业.csv", &format!("代码,区县,投资额\n{rows}"));
    place.write("项目.csv", "代码,项目代码,设备额\nE000001,P,1\n");
    for ending in ["csv", "jsonl", "parquet", "xlsx"] {
        let file = format!("r.{ending}");
        place.write(&file, "before");
        let before = place.names();
        // Blocks of 512 bytes; the signal would end the program before it could tell.
        let script = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
        let huiqi = env!("CARGO_BIN_EXE_huiqi");
        let run = ["sh", huiqi, "--lang", "zh", "run", "政策.hq", "--in", "2024", "--data", "企业.csv", "项目.csv"];
        let output = Command::new("sh")
            .args(["-c", script])
            .args(run)
            .args(["--output", &file])
            .current_dir(place.0.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{file}: {told}");
        assert!(told.contains("HQ0808") && told.contains("磁盘空间") && !told.contains("panic"), "{file}: {told}");
        assert_eq!(place.names(), before, "{file}");
        assert_eq!(std::fs::read(place.path(&file)).unwrap(), b"before");
    }
}

/// The data comes through a pipe that gives nothing, so that the file has been begun and nothing ends the run.
#[cfg(target_os = "linux")]
#[test]
fn an_interruption_leaves_no_file() {
    let place = Place::new();
    for (ending, signal) in [("csv", "-INT"), ("xlsx", "-INT"), ("csv", "-TERM"), ("xlsx", "-HUP")] {
        let pipe = place.path("pipe.csv");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let file = format!("r.{ending}");
        let before = place.names();
        let mut child = place.command(&["--data", "企业=pipe.csv", "--output", &file]).spawn().unwrap();
        let began = std::time::Instant::now();
        while place.names() == before {
            assert!(began.elapsed().as_secs() < 60, "the file is never begun");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(place.names(), before);
        std::fs::remove_file(&pipe).unwrap();
    }
}

/// The rights of a new file are those that the user's other files get; those of a file that was there stay.
#[cfg(unix)]
#[test]
fn a_result_has_the_rights_of_a_file() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let rights = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    place.write("other", "");
    place.done(&["--output", "r.xlsx"]);
    assert_eq!(rights(&place.path("r.xlsx")), rights(&place.path("other")));
    std::fs::set_permissions(place.path("r.xlsx"), std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(place.path("r.xlsx"), place.path("link.xlsx")).unwrap();
    place.done(&["--output", "link.xlsx"]);
    assert_eq!(rights(&place.path("r.xlsx")), 0o640);
    assert!(std::fs::symlink_metadata(place.path("link.xlsx")).unwrap().is_symlink(), "a link stays a link");
}
