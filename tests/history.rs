//! Payments added to the history: run twice, run again after a correction, run for the next
//! year; hand-made files, other encodings, and histories that are wrong.

use std::path::Path;
use std::process::{Command, Output};

const POLICY: &str = "登记表 企业 {
  统一社会信用代码 / id : 文字 主键
  研发投入 : 金额 每年
  技术中心 : 等级 国家级 > 省级 > 市级
  规上企业 : 是否 = 否
  项目 : 列表 项目
}
登记表 项目 { 项目代码 : 文字 主键   投资 : 金额 }
政策 云溪研发 {
  有效期 2024-01-01..2026-12-31
  预算 2024: 5000万元, 2025: 5000万元, 2026: 5000万元
  款 研发补助 { 奖补 研发投入的10%，累计最高 150万元 }
  款 技术中心奖 { 奖补 按 技术中心 { 国家级: 100万元, 省级: 30万元, 市级: 10万元 }，晋档补差 }
  款 技改补助 { 奖补 投资的10% 每个 项目，单项最高 50万元，每户最高 70万元 }
  款 升规奖 { 奖补 5万元，仅奖励一次 当 规上企业 }
  款 酌定奖 { 奖补 最高 3万元 当 规上企业 }
  结算 { 当年预算 按比例 }
}
";
const FIRMS: &str = "统一社会信用代码,研发投入2024,研发投入2025,技术中心,规上企业
E1,1000万,1000万,省级,是
E2,,100万,市级,否
E3,300万,,无,是
";
const PROJECTS: &str = "统一社会信用代码,项目代码,投资\nE1,P1,400.333万\nE1,P2,600万\nE2,P3,1\n";
const HEADER: &str = "受益人,政策,条款,项,行,日期,标准,已发放,结算批次";

/// A folder with a policy and its data.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("政策.hq", POLICY);
        place.write("企业.csv", FIRMS);
        place.write("项目.csv", PROJECTS);
        place
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    fn huiqi(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huiqi"));
        command.args(["--lang", "zh"]).args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    /// A run in a year, with more options; its results and what is told beside them.
    fn run(&self, year: &str, more: &[&str]) -> (i32, String, String) {
        let start = ["run", "政策.hq", "--in", year, "--format", "json", "--data", "企业.csv", "项目.csv"];
        told(&self.huiqi(&[&start, more].concat()))
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// What a clause of a recipient is settled at.
fn settled(results: &str, key: &str, clause: &str) -> Option<String> {
    let lines = results.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut found = lines.filter(|line| line["key"] == key && line["clause"] == clause && line["item"].is_null());
    found.next().and_then(|line| line["settled"].as_str().map(str::to_owned))
}

#[test]
fn the_same_settlement_twice_pays_once_and_the_next_year_sees_it() {
    let place = Place::new();
    let (code, first, said) = place.run("2024", &["--append-history", "历史.csv"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("新增 9 行") && said.contains("3 户有金额未定"), "{said}");
    let file = place.bytes("历史.csv");
    let text = place.text("历史.csv");
    assert!(text.starts_with(&format!("\u{feff}{HEADER}\n")), "{text}");
    for row in [
        "E1,云溪研发,研发补助,,,2024-12-31,1000000.00,1000000.00,2024\n",
        "E1,云溪研发,技术中心奖,,省级,2024-12-31,300000.00,300000.00,2024\n",
        "E1,云溪研发,技改补助,P1,,2024-12-31,311254.95,311254.95,2024\n",
        "E1,云溪研发,技改补助,P2,,2024-12-31,388745.05,388745.05,2024\n",
    ] {
        assert!(text.contains(row), "{row} is missing in\n{text}");
    }
    assert!(
        !text.contains("E2,云溪研发,研发补助") && !text.contains("酌定奖"),
        "open amounts are not payments\n{text}"
    );

    let (code, again, said) = place.run("2024", &["--append-history", "历史.csv"]);
    assert_eq!((code, again), (0, first));
    assert_eq!(place.bytes("历史.csv"), file, "{said}");
    assert!(said.contains("已有 9 行"), "{said}");

    let (code, next, _) = place.run("2025", &["--history", "历史.csv", "--append-history"]);
    assert_eq!(code, 0);
    assert_eq!(settled(&next, "E1", "研发补助").as_deref(), Some("500000.00"), "up to the cumulative cap");
    assert_eq!(settled(&next, "E1", "技术中心奖").as_deref(), Some("0.00"), "the same grade gets nothing");
    assert_eq!(settled(&next, "E1", "升规奖").as_deref(), Some("0.00"), "once");
    assert!(place.text("历史.csv").starts_with(&text), "rows are added behind");
    assert!(place.text("历史.csv").contains("E2,云溪研发,研发补助,,,2025-12-31,100000.00,100000.00,2025\n"));
    // The year before, once more: what came after it changes nothing.
    let file = place.bytes("历史.csv");
    assert_eq!(place.run("2024", &["--append-history", "历史.csv"]).0, 0);
    assert_eq!(place.bytes("历史.csv"), file);
}

#[test]
fn a_correction_changes_only_what_it_corrects() {
    let place = Place::new();
    place.run("2024", &["--append-history", "历史.csv"]);
    let before = place.text("历史.csv");
    let foreign = "E1,别的政策,研发补助,,,2024-06-30,1.00,1.00,2024\n";
    place.write("历史.csv", before.replacen("E1,", &format!("{foreign}E1,"), 1));
    let corrected = FIRMS.replace("E1,1000万", "E1,900万").replace("E3,300万,,无,是", "E3,,,无,否");
    place.write("企业.csv", corrected);
    let (_, _, said) = place.run("2024", &["--append-history", "历史.csv"]);
    assert!(said.contains("更正 1 行，删去 1 行，已有 6 行"), "{said}");
    let expected = before
        .replacen("E1,", &format!("{foreign}E1,"), 1)
        .replace("1000000.00,1000000.00", "900000.00,900000.00")
        .replace("E3,云溪研发,升规奖,,,2024-12-31,50000.00,50000.00,2024\n", "");
    // E3's research is open now: what it was paid stays until the amount is known.
    assert!(expected.contains("E3,云溪研发,研发补助"));
    assert_eq!(place.text("历史.csv"), expected);
}

#[test]
fn who_is_not_settled_now_keeps_what_was_paid() {
    let place = Place::new();
    place.run("2024", &["--append-history", "历史.csv"]);
    let before = place.bytes("历史.csv");
    place.write("企业.csv", "统一社会信用代码,研发投入2024,技术中心,规上企业\nE1,1000万,省级,是\nE2,,一级,否\n");
    let (code, _, said) = place.run("2024", &["--append-history", "历史.csv"]);
    assert_eq!(code, 1, "E2 is wrong: {said}");
    assert_eq!(place.bytes("历史.csv"), before);
}

#[test]
fn topping_up_keeps_the_standard_of_the_grade() {
    let place = Place::new();
    place.run("2024", &["--append-history", "历史.csv"]);
    place.write("企业.csv", FIRMS.replace("E2,,100万,市级", "E2,,100万,省级"));
    place.run("2025", &["--append-history", "历史.csv"]);
    let text = place.text("历史.csv");
    assert!(text.contains("E2,云溪研发,技术中心奖,,省级,2025-12-31,300000.00,200000.00,2025\n"), "{text}");
    place.write("企业.csv", FIRMS.replace("E2,,100万,市级", "E2,,100万,国家级"));
    let (_, results, _) = place.run("2026", &["--history", "历史.csv"]);
    assert_eq!(settled(&results, "E2", "技术中心奖").as_deref(), Some("700000.00"));
}

#[test]
fn two_settlements_of_one_period_are_told_apart_by_name() {
    let place = Place::new();
    let batch = |name: &'static str| {
        place.run("2024", &["--append-history", "历史.csv", "--settlement", name, "--on", "2025-03-01"])
    };
    batch("2024第一批");
    let (code, second, said) = batch("2024第二批");
    assert_eq!(code, 0, "{said}");
    // A decision after the end of the period still pays for the period.
    assert_eq!(settled(&second, "E1", "研发补助").as_deref(), Some("500000.00"));
    let file = place.bytes("历史.csv");
    let (_, again, _) = batch("2024第二批");
    assert_eq!((again, place.bytes("历史.csv")), (second, file));
}

#[test]
fn quarters_add_up() {
    let place = Place::new();
    let policy = "登记表 企业 { 统一社会信用代码 : 文字 主键   本季产值 : 金额 }
      政策 稳增长 { 有效期 2024-01-01..2024-12-31  款 产值奖 { 奖补 本季产值的10%，累计最高 25万元 } }";
    place.write("政策.hq", policy);
    place.write("企业.csv", "统一社会信用代码,本季产值\nE1,100万\n");
    let quarter = |period: &str| {
        let arguments = ["run", "政策.hq", "--data", "企业.csv", "--format", "json", "--in", period];
        told(&place.huiqi(&[&arguments[..], &["--on", "2024-12-15", "--append-history", "历史.csv"]].concat()))
    };
    for (period, paid) in [("2024Q1", "100000.00"), ("2024Q2", "100000.00"), ("2024Q3", "50000.00")] {
        assert_eq!(settled(&quarter(period).1, "E1", "产值奖").as_deref(), Some(paid), "{period}");
    }
    let file = place.bytes("历史.csv");
    assert_eq!(settled(&quarter("2024Q2").1, "E1", "产值奖").as_deref(), Some("100000.00"));
    assert_eq!(place.bytes("历史.csv"), file);
}

#[test]
fn a_hand_made_file_keeps_its_form() {
    let place = Place::new();
    let text = "条款,受益人,已发放（万元）,日期,政策,备注\r\n研发补助,E1,\"1,00\",2024/2/1,云溪研发,\"首笔，\r\n\"\"预拨\"\"\"\r\n\r\n";
    let text = text.replace("\"1,00\"", "100");
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    place.write("历史.csv", &bytes);
    let (code, results, said) = place.run("2024", &["--history", "历史.csv", "--append-history"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(settled(&results, "E1", "研发补助").as_deref(), Some("500000.00"), "the row by hand counts");
    let written = place.bytes("历史.csv");
    let (after, _, lossy) = encoding_rs::GB18030.decode(&written);
    assert!(!lossy);
    let expected = "条款,受益人,已发放（万元）,日期,政策,备注,项,行,标准,结算批次\r\n\
                    研发补助,E1,100,2024/2/1,云溪研发,\"首笔，\r\n\"\"预拨\"\"\",,,,\r\n\r\n\
                    研发补助,E1,50,2024-12-31,云溪研发,,,,500000.00,2024\r\n";
    assert!(after.starts_with(expected), "{after}");
    let file = place.bytes("历史.csv");
    assert_eq!(place.run("2024", &["--history", "历史.csv", "--append-history"]).0, 0);
    assert_eq!(place.bytes("历史.csv"), file);
}

#[test]
fn objects_a_line_keep_their_keys() {
    let place = Place::new();
    let line = r#"{"recipient":"E1","clause":"研发补助","policy":"云溪研发","date":"2024-02-01","paid":1000000,"by":"财政局"}"#;
    place.write("历史.jsonl", line);
    let (code, _, said) = place.run("2024", &["--append-history", "历史.jsonl"]);
    assert_eq!(code, 0, "{said}");
    let text = place.text("历史.jsonl");
    let added = r#"{"recipient":"E1","clause":"研发补助","policy":"云溪研发","date":"2024-12-31","paid":500000.00,"standard":500000.00,"settlement":"2024"}"#;
    assert!(text.starts_with(&format!("{line}\n{added}\n")), "{text}");
    place.run("2024", &["--append-history", "历史.jsonl"]);
    assert_eq!(place.text("历史.jsonl"), text);
    place.write("企业.csv", FIRMS.replace("E1,1000万", "E1,20万"));
    place.run("2024", &["--append-history", "历史.jsonl"]);
    assert!(place.text("历史.jsonl").contains(r#""paid":20000.00,"standard":20000.00,"settlement":"2024"}"#));
}

#[test]
fn a_wrong_history_stops_those_it_is_about_and_is_not_written() {
    let place = Place::new();
    let rows = format!(
        "{HEADER}
E1,云溪研发,研发补贴,,,2023-12-31,1,1,
E2,云溪研发,技术中心奖,,市级,2023-12-31,10万,-3万,
E3,云溪研发,升规奖,,,2023-12-31,5万,5万,
E4,云溪研发,升规奖,,,2023-13-31,5万,5万,
E5,云溪研发,升规奖,,,2023-12-31,5万,5万,
E5,云溪研发,升规奖,,,2023-12-31,5万,5万,
E6,云溪研发,升规奖,,,2023-12-31,5万,2万,第一批
E6,云溪研发,升规奖,,,2023-12-31,5万,3万,第二批
E7,没有载入的政策,随便什么,,,2023-12-31,5万,5万,
E8,云溪研发,,,,2023-12-31,5万,5万,
"
    );
    place.write("历史.csv", &rows);
    place.write("企业.csv", format!("{FIRMS}E4,0,0,无,是\nE5,0,0,无,是\nE6,0,0,无,是\nE7,0,0,无,是\nE8,0,0,无,是\n"));
    let (code, results, said) = place.run("2024", &["--append-history", "历史.csv"]);
    assert_eq!(code, 1);
    assert_eq!(place.text("历史.csv"), rows, "nothing is written");
    for what in [
        "HQ0622",
        "`研发补助`",
        "第 2 行，列「条款」，记录 E1",
        "HQ0623",
        "-30000.00",
        "HQ0608",
        "HQ0624",
        "第 6 行，记录 E5",
        "没有写是哪一款",
        "第 11 行，列「条款」，记录 E8",
        "HQ0810",
    ] {
        assert!(said.contains(what), "{what} is not told in\n{said}");
    }
    assert_eq!(said.matches("HQ0624").count(), 2, "both rows, and not those of two settlements\n{said}");
    assert!(!said.contains("E7"), "a policy that is not loaded is none of this run's business\n{said}");
    for (key, clause, paid) in [
        ("E1", "研发补助", "0.00"),
        ("E2", "技术中心奖", "0.00"),
        ("E5", "升规奖", "0.00"),
        ("E3", "研发补助", "300000.00"),
        ("E7", "升规奖", "50000.00"),
        ("E6", "升规奖", "0.00"),
        ("E8", "升规奖", "0.00"),
    ] {
        assert_eq!(settled(&results, key, clause).as_deref(), Some(paid), "{key} {clause}");
    }
}

#[test]
fn a_row_of_nobody_leaves_open_what_asks_history() {
    let place = Place::new();
    for row in [",云溪研发,升规奖,,,2023-12-31,5万,5万,", "E1,云溪研发,升规奖,,,,2023-12-31,5万,5万,"]
    {
        place.write("历史.csv", format!("{HEADER}\n{row}\n"));
        let (code, results, said) = place.run("2024", &["--history", "历史.csv"]);
        assert_eq!(code, 1);
        assert!(said.contains("HQ0625"), "{said}");
        assert_eq!(settled(&results, "E3", "升规奖"), None, "it may be anybody's");
        assert_eq!(settled(&results, "E1", "技改补助").as_deref(), Some("700000.00"), "what asks no history goes on");
    }
}

#[test]
fn a_history_without_the_column_of_recipients_is_told_of_once() {
    let place = Place::new();
    place.write("历史.csv", "企业,条款,已发放\nE1,升规奖,5万\nE3,升规奖,5万\n");
    let (code, results, said) = place.run("2024", &["--history", "历史.csv"]);
    assert_eq!(code, 1);
    assert_eq!(said.matches("HQ0606").count(), 1, "{said}");
    assert!(said.contains("`受益人`") && !said.contains("HQ0625"), "{said}");
    assert_eq!(settled(&results, "E3", "升规奖"), None, "any of its rows may be anybody's");
    assert_eq!(settled(&results, "E1", "技改补助").as_deref(), Some("700000.00"), "what asks no history goes on");
}

#[test]
fn a_history_of_which_a_file_is_missing_leaves_open_what_asks_it() {
    let place = Place::new();
    place.write("历史.csv", format!("{HEADER}\nE1,云溪研发,研发补助,,,2023-05-01,60万,60万,\n"));
    place.write("坏了.parquet", "PAR1");
    let (code, results, told) = place.run("2024", &["--history", "历史.csv", "--history", "坏了.parquet"]);
    assert_eq!(code, 1);
    assert!(told.contains("HQ0601"), "{told}");
    assert_eq!(settled(&results, "E1", "研发补助"), None);
    let before = place.bytes("历史.csv");
    let both = ["--history", "历史.csv", "--history", "坏了.parquet", "--append-history", "历史.csv"];
    assert_eq!(place.run("2024", &both).0, 1);
    assert_eq!(place.bytes("历史.csv"), before);
}

#[test]
fn what_cannot_be_added_to_is_said() {
    let place = Place::new();
    for (more, wanted, code) in [
        (vec!["--append-history", "历史.parquet"], "HQ0614", 2),
        (vec!["--append-history", "历史.json"], ".csv, .tsv, .jsonl", 2),
        (vec!["--append-history"], "HQ0805", 2),
        (vec!["--append-history", "没有/历史.csv"], "HQ0808", 1),
        (vec!["--append-history", "历史.csv", "--settlement", " "], "HQ0805", 2),
    ] {
        let (found, _, said) = place.run("2024", &more);
        assert!(found == code && said.contains(wanted), "{more:?}: {found} {said}");
    }
    // Rows of this settlement in another file cannot be brought up to date.
    place.run("2024", &["--append-history", "甲.csv"]);
    let (code, _, said) = place.run("2024", &["--history", "甲.csv", "--append-history", "乙.csv"]);
    assert!(code == 1 && said.contains("HQ0810") && said.contains("甲.csv"), "{said}");
    assert!(!place.0.path().join("乙.csv").exists());
    // A file that is named twice is read once.
    let (code, _, said) = place.run("2024", &["甲.csv", "--history", "./甲.csv", "--append-history"]);
    assert!(code == 0 && said.contains("已有 9 行"), "{said}");
    assert_eq!(std::fs::read_dir(place.0.path()).unwrap().count(), 4, "nothing half-written");
}

#[test]
fn two_policies_share_one_history() {
    let place = Place::new();
    place.run("2024", &["--append-history", "历史.csv"]);
    let other = "登记表 企业 { 统一社会信用代码 : 文字 主键   研发投入 : 金额 每年 }
      政策 云溪研发二期 { 有效期 2024-01-01..2026-12-31
        款 研发补助 { 奖补 研发投入的10%，累计最高 120万元 连同 云溪研发.研发补助 } }";
    place.write("二期.hq", other);
    let run = |_: u8| {
        let arguments = [
            "run",
            "二期.hq",
            "--in",
            "2024",
            "--format",
            "json",
            "--data",
            "企业.csv",
            "--append-history",
            "历史.csv",
        ];
        told(&place.huiqi(&arguments))
    };
    let before = place.text("历史.csv");
    let (_, results, said) = run(1);
    assert_eq!(settled(&results, "E1", "研发补助").as_deref(), Some("200000.00"), "{said}");
    let text = place.text("历史.csv");
    assert!(text.starts_with(&before) && text.contains("E1,云溪研发二期,研发补助"), "{text}");
    assert_eq!((run(2).1, place.text("历史.csv")), (results, text));
}

#[test]
fn a_year_without_a_budget_is_said_with_the_years_there_are() {
    let place = Place::new();
    place.write("政策.hq", POLICY.replace("2026-12-31", "2027-12-31"));
    let (code, _, said) = place.run("2027", &[]);
    assert_eq!(code, 1);
    for what in ["HQ0504", "没有 2027 的预算", "2024、2025、2026"] {
        assert!(said.contains(what), "{what} is not told in\n{said}");
    }
    assert!(Path::new(&place.0.path().join("政策.hq")).exists());
}

#[test]
fn the_library_knows_settlements_and_refuses_wrong_rows() {
    let policies = huiqi::Policies::from_text(
        "record 企业 { id : text key }  policy P { clause 奖 { award 20万 cap 30万 cumulative } }",
    );
    let basis = huiqi::Basis::of("2024").unwrap();
    let row = |settlement: &str, paid: &str| {
        serde_json::json!({ "recipient": "A", "policy": "P", "clause": "奖", "date": "2024-05-01", "paid": paid,
            "settlement": settlement })
    };
    let settled = |basis: &huiqi::Basis, rows: &[serde_json::Value]| {
        let evaluation = policies.evaluation(basis).unwrap().with_history(rows).unwrap();
        evaluation.one(&serde_json::json!({ "id": "A" })).unwrap().lines[0].settled.clone().unwrap()
    };
    assert_eq!(settled(&basis, &[row("2024", "20万")]), "200000.00", "its own earlier run");
    assert_eq!(settled(&basis, &[row("2023", "20万")]), "100000.00", "another settlement");
    assert_eq!(settled(&basis.clone().called("2024-2"), &[row("2024", "20万")]), "100000.00", "called otherwise");
    let refused = |rows: &[serde_json::Value]| {
        let wrong = policies.evaluation(&basis).unwrap().with_history(rows).unwrap_err();
        wrong.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(refused(&[row("2023", "-1")]), "HQ0623");
    assert_eq!(refused(&[row("2023", "1"), row("2023", "2")]), "HQ0624 HQ0624");
    let mut nobody = row("2023", "1");
    nobody["recipient"] = serde_json::Value::Null;
    nobody["clause"] = "讲".into();
    assert_eq!(refused(&[nobody]), "HQ0625 HQ0622");
}
