//! The command line as its user meets it: the README's commands, exit codes, shapes, whole files.

use std::path::Path;
use std::process::{Command, Output};

const SAMPLE: [&str; 2] = ["policies/sample", "policies/sample/南昌先进制造业"];
const POLICY: &str = "policies/南昌先进制造业";

fn huiqi(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", "zh"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// The `huiqi` commands of a document's `sh` fences.
fn commands(document: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).expect("the document");
    let mut found = Vec::new();
    let mut shell = false;
    for line in text.lines() {
        match line.trim() {
            "```sh" => shell = true,
            "```" => shell = false,
            line if shell => {
                let line = line.split(" # ").next().unwrap_or(line).trim();
                let rest = line.strip_prefix("huiqi ").or_else(|| line.strip_prefix("cargo run --release -- "));
                found.extend(rest.map(|rest| rest.split_whitespace().map(str::to_owned).collect()));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_command_of_the_readme_works() {
    for document in ["README.md", "README.en.md"] {
        let all = commands(document);
        assert!(all.len() >= 6, "{document} shows its commands");
        for command in all {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let output = huiqi(&words);
            assert_eq!(
                code(&output),
                0,
                "{document}: huiqi {}\n{}",
                words.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.stdout.is_empty(), "{document}: huiqi {} prints nothing", words.join(" "));
        }
    }
}

#[test]
fn json_lines_have_the_documented_shape() {
    let output = huiqi(&["run", POLICY, "--data", SAMPLE[0], SAMPLE[1], "--in", "2024", "--format", "json"]);
    assert_eq!(code(&output), 0);
    let text = out(&output);
    let keys = [
        "key", "policy", "clause", "item", "status", "amount", "lowest", "highest", "settled", "missing", "pending",
        "because",
    ];
    let mut totals = 0;
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        for key in keys {
            assert!(value.get(key).is_some(), "{key} is missing in {line}");
        }
        for amount in ["amount", "lowest", "highest", "settled"] {
            let decimals = value[amount].as_str().and_then(|text| text.split_once('.')).map(|(_, d)| d.len());
            assert!(value[amount].is_null() || decimals.is_some_and(|d| d >= 2), "{amount} in {line}");
            assert!(value[amount].is_null() || value["item"].is_string() || decimals == Some(2), "{amount} in {line}");
        }
        totals += usize::from(value["clause"].is_null());
    }
    assert_eq!(totals, 205, "one total for each of 200 enterprises and 5 organisers");
}

#[test]
fn the_same_run_prints_the_same_bytes() {
    let arguments = ["run", POLICY, "--data", SAMPLE[0], SAMPLE[1], "--in", "2024", "--format", "json"];
    assert_eq!(huiqi(&arguments).stdout, huiqi(&arguments).stdout);
}

#[test]
fn a_result_file_is_whole_or_absent() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("结果.csv");
    let path_text = path.to_str().expect("UTF-8");
    let output = huiqi(&["run", POLICY, "--data", SAMPLE[0], SAMPLE[1], "--in", "2024", "--output", path_text]);
    assert_eq!(code(&output), 0);
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(text.starts_with("\u{feff}key,"), "Excel needs the mark");
    let missing = folder.path().join("没有的文件夹").join("结果.csv");
    let output = huiqi(&[
        "run",
        POLICY,
        "--data",
        SAMPLE[0],
        SAMPLE[1],
        "--in",
        "2024",
        "--output",
        missing.to_str().expect("UTF-8"),
    ]);
    assert_eq!(code(&output), 1);
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing half-written");
}

#[test]
fn exit_codes_tell_errors_from_wrong_commands() {
    assert_eq!(code(&huiqi(&["check", "没有的文件.hq"])), 1);
    assert_eq!(code(&huiqi(&["frobnicate"])), 2);
    assert_eq!(code(&huiqi(&["run", POLICY, "--in", "二〇二四"])), 2);
    assert_eq!(code(&huiqi(&["run", POLICY, "--set", "没有这个参数=1"])), 2);
    assert_eq!(code(&huiqi(&["explain", "HQ9999"])), 2);
    assert_eq!(code(&huiqi(&["explain", "HQ0201"])), 0);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert_eq!(code(&huiqi(&["completions", shell])), 0);
    }
}

#[test]
fn wrong_rows_are_listed_and_the_others_go_on() {
    let output = huiqi(&["run", POLICY, "--data", "policies/sample/faulty", "--in", "2024"]);
    assert_eq!(code(&output), 1, "rows in error are said by the exit code");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for what in ["2015-02-30", "企业.csv 第 3 行", "FAULTY0004", "注册地址"] {
        assert!(told.contains(what), "{what} is not told in\n{told}");
    }
    assert!(out(&output).contains("合计"), "the good rows are evaluated");
}

#[test]
fn a_test_sees_its_file_and_what_that_uses() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write(
        "a.hq",
        "record 企业 { 编号 : text key  甲额 : money = 0 where >= 0 }\npolicy A { clause 甲 { award 甲额 cap 9元 } }\n",
    );
    write("b.hq", "use \"a.hq\"\npolicy B { clause 乙 { award 5元 } }\nsettle { highest among A.甲, B.乙 }\n");
    write(
        "tests-a.hq",
        "use \"a.hq\"\ntest \"一\" in 2024 { given 企业 { 编号: \"1\", 甲额: 3元 } expect 甲 = 3元 }\n",
    );
    write(
        "tests-b.hq",
        "use \"b.hq\"\ntest \"二\" in 2024 { given 企业 { 编号: \"1\", 甲额: 3元 } expect 甲 = 0元 }\n",
    );
    // Without `use`, it cannot be read by itself and sees everything.
    write(
        "tests-c.hq",
        "test \"三\" in 2024 { given 企业 { 编号: \"1\", 甲额: 3元 } expect 甲 = 0元 expect total = 5元 }\n",
    );
    let path = folder.path().display().to_string();
    let output = huiqi(&["test", &path, "--root", &path]);
    assert_eq!(code(&output), 0, "{}{}", out(&output), String::from_utf8_lossy(&output.stderr));
    assert!(out(&output).contains("3 个算例通过"), "{}", out(&output));
}

#[test]
fn policies_together_are_read_with_what_they_settle_between_them() {
    let read = out(&huiqi(&["read", "policies/南昌两项政策/policy.hq"]));
    let (_, together) = read.split_once("几份政策一起结算，依次").expect("the steps between policies");
    let places: Vec<_> = ["就高 ", "highest among ", "南昌稳生产的结算", "南昌先进制造业的结算", "budget 200万"]
        .iter()
        .filter_map(|text| together.find(text))
        .collect();
    assert!(places.len() == 4 && places.is_sorted(), "{together}");
    assert_eq!(read.matches("\n其中\n").count(), 1, "derived facts are told once");
    assert!(read.contains("连同设计中心办法旧版.设计中心奖励"), "a clause of another policy is named with it");
}

#[test]
fn colour_is_for_terminals_only() {
    let output = huiqi(&["check", POLICY]);
    assert!(!out(&output).contains('\u{1b}') && !String::from_utf8_lossy(&output.stderr).contains('\u{1b}'));
    let output = huiqi(&["--color", "always", "check", POLICY]);
    assert!(out(&output).contains('\u{1b}'));
}

#[test]
fn the_form_of_a_list_names_all_owners_and_years() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.hq");
    let policy = "登记表 企业 {\n  代码：文字 主键\n  展会：列表 展会\n}\n登记表 展会 {\n  名：文字 主键\n  展位：列表 展位\n}\n\
                  登记表 展位 {\n  号：文字 主键\n  费：金额 每年\n  人数：计数\n}\n政策 支持办法 {\n  有效期 2024-01-01..2025-06-30\n  \
                  款 甲 {\n    奖补 1万元\n  }\n}\n";
    std::fs::write(&path, policy).expect("written");
    let name = path.display().to_string();
    let root = folder.path().display().to_string();
    let form = huiqi(&["schema", &name, "--root", &root, "--as", "csv", "--record", "展位"]);
    assert_eq!(out(&form).trim(), "代码,名,号,费2023,费2024,费2025,人数", "{}", String::from_utf8_lossy(&form.stderr));
    let table = out(&huiqi(&["schema", &name, "--root", &root, "--record", "展位"]));
    assert!(table.contains("计数") && !table.contains("数值"), "{table}");
}

#[test]
fn what_cannot_be_computed_has_code_and_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("p.hq");
    let data = folder.path().join("企业.csv");
    std::fs::write(&policy, "登记表 企业 {\n  代码 : 文字 主键\n  收入 : 金额 其中 >= 0\n  人数 : 计数\n}\n款 甲 { 奖补 收入 / 人数，最高 5万元 }\n").expect("written");
    std::fs::write(&data, "代码,收入,人数\nA,100000,0\nB,100000,4\nC,-1,4\n").expect("written");
    let (policy, data) = (policy.display().to_string(), data.display().to_string());
    let output = huiqi(&["run", &policy, "--data", &data, "--in", "2024", "--format", "json"]);
    assert_eq!(code(&output), 1);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for what in ["HQ0502", "第 2 行，记录 A", "HQ0609", "`-1`", "第 4 行"] {
        assert!(told.contains(what), "{what} is not told in\n{told}");
    }
    assert!(out(&output).contains(r#""settled":"25000.00""#), "the good row is paid");
}
