//! The report of `run` over the sample city, as it is printed and as it is written to a file.

use std::process::{Command, Output};

use serde_json::Value as Json;

const COMMON: &str = "policies/sample";

/// A run of a policy over the sample city.
fn run(policy: &str, language: &str, more: &[&str]) -> Output {
    let own = format!("{COMMON}/{policy}");
    let file = format!("policies/{policy}");
    Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", language, "run", &file, "--data", COMMON, &own])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts")
}

/// What is printed after the list of files.
fn printed(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    text.split_once("\n\n").map_or(String::new(), |(_, report)| report.to_owned())
}

fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(crate::files::root().join("tests/reports"));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A budget that reaches: what is settled is then shared to the fen.
const NANCHANG: [&str; 6] = ["--in", "2024", "--set", "市级分担比例=60%", "--set", "2024年专项资金预算=3亿"];

#[test]
fn reports_of_the_sample_city_read_as_reviewed() {
    let more = [&NANCHANG[..], &["--by", "区县", "--by", "绿色工厂", "--top", "6"]].concat();
    assert_snapshot("南昌先进制造业", &printed(&run("南昌先进制造业", "zh", &more)));
    let more = ["--in", "2024", "--by", "district", "--top", "3"];
    assert_snapshot("龙南技改.en", &printed(&run("龙南技改", "en", &more)));
    assert_snapshot("南昌稳生产", &printed(&run("南昌稳生产", "zh", &["--in", "2023Q3", "--top", "3"])));
}

/// An amount in 分.
fn fen(amount: &Json) -> i64 {
    amount.as_str().expect("an amount is a text").replace('.', "").parse().expect("two decimals")
}

fn sum(rows: &Json, key: &str) -> i64 {
    rows.as_array().expect("rows").iter().map(|row| fen(&row[key])).sum()
}

#[test]
fn the_tables_of_a_written_report_add_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("汇总.json");
    let path_text = path.to_str().expect("UTF-8");
    let more = [&NANCHANG[..], &["--by", "区县", "--by", "所属集团", "--report", path_text]].concat();
    assert_eq!(run("南昌先进制造业", "zh", &more).status.code(), Some(0));
    let report: Json = serde_json::from_str(&std::fs::read_to_string(&path).expect("the file")).expect("one object");
    for key in ["settled", "lowest"] {
        let total = fen(&report["total"][key]);
        assert!(total > 0);
        assert_eq!(sum(&report["clauses"], key), total, "{key} by clause");
        assert_eq!(sum(&report["articles"], key), total, "{key} by article");
        for table in report["by"].as_array().expect("tables") {
            assert_eq!(sum(&table["rows"], key), total, "{key} by {}", table["fact"]);
        }
    }
    assert_eq!(report["payers_open"], "0.00");
    assert_eq!(sum(&report["payers"], "settled"), fen(&report["total"]["settled"]), "by payer");
    let budget = &report["budgets"][0];
    assert_eq!(budget["payer"], "市级");
    let city = report["payers"].as_array().expect("rows").iter().find(|row| row["payer"] == "市级").expect("市级");
    assert_eq!(fen(&budget["paid"]["known"]), fen(&city["settled"]), "the budget pays the city's shares");
    assert_eq!(fen(&budget["left"]["known"]), fen(&budget["room"]["known"]) - fen(&city["settled"]));
}

#[test]
fn a_report_for_a_spreadsheet_has_a_row_a_total() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("汇总.csv");
    let path_text = path.to_str().expect("UTF-8");
    let output = run("龙南技改", "zh", &["--in", "2024", "--by", "区县", "--report", path_text, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"{\"key\""), "the lines stay as they are");
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(text.starts_with("\u{feff}table,policy,name,"), "Excel needs the mark");
    for table in ["total,", "clause,", "article,", "payer,", "by 区县,", "budget,", "open,"] {
        assert!(text.lines().any(|line| line.starts_with(table)), "{table}");
    }
}

#[test]
fn a_wrong_option_of_the_report_is_told_before_anything_runs() {
    let told = |more: &[&str]| {
        let output = run("龙南技改", "zh", more);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let unknown = told(&["--in", "2024", "--by", "区长"]);
    assert!(unknown.contains("`区长`") && unknown.contains("`区县`"), "{unknown}");
    assert!(told(&["--in", "2024", "--report", "汇总.docx"]).contains(".json、.csv"));
}

#[test]
fn a_report_tells_what_the_data_had() {
    let place = tempfile::tempdir().expect("a folder");
    let path = |name: &str| place.path().join(name);
    let policy = "record 企业 {\n 编号 : text key\n 投资额 : money\n 得分 : number\n 规上 : bool = no\n}\naward 5% of 投资额 when 规上";
    std::fs::write(path("办法.hq"), policy).expect("written");
    std::fs::write(path("甲.csv"), "编号,投资额,得份\nA,100元,1\nB,,2\nC,x,3\n").expect("written");
    std::fs::write(path("乙.csv"), "编号,得分\nA,60\nB,\n").expect("written");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .current_dir(place.path())
        .args(["run", "办法.hq", "--data", "甲.csv", "乙.csv", "--in", "2024", "--lang", "zh", "--report", "汇总.json"])
        .output()
        .expect("started");
    let summary = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(summary.contains("\n  企业没有这些列：规上（按否）\n"), "{summary}");
    let report: Json = serde_json::from_slice(&std::fs::read(path("汇总.json")).expect("a report")).expect("JSON");
    let fact = |name: &str, column: bool, filled: u64, blank: u64, unknown: u64| serde_json::json!({"fact": name, "column": column, "filled": filled, "blank": blank, "unknown": unknown});
    let file = |file: &str, rows: u64, rejected: u64, unused: &[&str], facts: Vec<Json>| {
        serde_json::json!({
            "file": file, "record": "企业", "encoding": "UTF-8", "rows": rows, "rejected": rejected,
            "unused": unused, "facts": facts,
        })
    };
    let first = vec![fact("编号", true, 3, 0, 0), fact("投资额", true, 2, 1, 1), fact("规上", false, 0, 3, 0)];
    let second = vec![fact("编号", true, 2, 0, 0), fact("得分", true, 1, 1, 1), fact("规上", false, 0, 2, 0)];
    let told = serde_json::json!([file("甲.csv", 3, 1, &["得份"], first), file("乙.csv", 2, 0, &[], second)]);
    assert_eq!(report["data"], told);
}
