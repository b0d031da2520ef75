//! Sessions of the prompt: scripts of tests/prompt carried out by the program, with what it
//! answers as snapshots.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use std::io::Write;

use crate::files::root;

/// A folder from which the policies of the project are seen.
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root().join("policies"), folder.path().join("policies")).unwrap();
    folder
}

/// The program with lines to read.
fn program(folder: &Path, arguments: &[&str], lines: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A script with its answers, as they are read one after the other.
fn transcript(folder: &Path, name: &str, language: &str) -> String {
    fs::copy(root().join("tests/prompt").join(name), folder.join("script.hqs")).unwrap();
    for file in fs::read_dir(root().join("tests/prompt")).unwrap() {
        let file = file.unwrap();
        if file.path().extension().is_some_and(|ending| ending == "csv") {
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    let program = env!("CARGO_BIN_EXE_huiqi");
    let shell = format!("echo 'replay \"script.hqs\"' | '{program}' --lang {language} repl 2>&1");
    let output = Command::new("sh").args(["-c", &shell]).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    text(&output.stdout).lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn assert_transcript(name: &str, language: &str) -> tempfile::TempDir {
    let folder = workplace();
    let seen = transcript(folder.path(), &format!("{name}.hqs"), language);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(root().join("tests/prompt"));
    settings.bind(|| insta::assert_snapshot!(name, seen));
    folder
}

#[test]
fn a_session_over_the_sample_city_reads_as_reviewed() {
    assert_transcript("sample", "zh");
}

#[cfg(unix)]
#[test]
fn a_session_over_a_policy_reads_as_reviewed() {
    assert_transcript("policy", "en");
}

#[test]
fn a_list_without_a_record_type_is_taken_as_its_columns_say() {
    assert_transcript("undeclared", "en");
}

#[test]
fn several_lists_are_taken_together_by_the_key_that_they_share() {
    assert_transcript("several", "zh");
}

#[test]
fn very_many_declarations_are_entered_together_and_those_that_are_wrong_left_out() {
    let folder = workplace();
    let clause = |at: usize| format!("款 「第{at}笔」 {{ 奖补 {at}元 }}\n");
    let clauses: String =
        (1..=1000).map(|at| if at == 577 { "款 坏 { 奖补 5吨 }\n".into() } else { clause(at) }).collect();
    let script = format!("载入 样例\n{clauses}合计 - 499923\n");
    let output = program(folder.path(), &["--lang", "zh", "repl"], &script);
    assert_eq!(output.status.code(), Some(1));
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    // The sum of 1 to 1000 without 577.
    assert!(said.contains("合计 - 499923：200 户中 200 户有值，合计 0元"), "{said}");
    assert!(said.contains("另有 480 条"), "the first few of many are listed: {said}");
    assert_eq!(told.matches("错误[").count(), 1, "{told}");
    assert!(told.contains("款 坏"), "{told}");
}

#[test]
fn what_is_wrong_is_told_and_changes_nothing() {
    assert_transcript("bad", "zh");
}

#[test]
fn results_drawings_and_sessions_are_written_and_read_back() {
    let folder = assert_transcript("files", "zh");
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let csv = text(&read("前三.csv"));
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.lines().nth(1).unwrap().ends_with("8000000.00"), "{csv}");
    assert!(text(&read("前三.md")).starts_with("| 名称 | 区县 | 合计 |\n| --- | --- | --: |\n"));
    assert!(read("前三.xlsx").starts_with(b"PK"));
    assert!(read("前三.parquet").starts_with(b"PAR1"));
    assert_eq!(text(&read("全部.csv")).lines().count(), 201, "all rows, not those that were shown");
    for drawing in ["分布.svg", "曲线.svg"] {
        let svg = text(&read(drawing));
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    }
    let png = read("曲线.png");
    assert!(png.starts_with(b"\x89PNG\r\n") && png.len() > 10_000, "{} bytes", png.len());
    assert!(!folder.path().join("早了.csv").exists());
    let saved = text(&read("会话.hqs"));
    assert!(saved.contains("款 增资扩产奖") && !saved.contains("保存"), "{saved}");
}

#[test]
fn a_script_goes_on_after_a_failure_and_its_exit_code_tells() {
    let folder = workplace();
    let well = program(folder.path(), &["--lang", "en", "repl"], "1 + 1\nquit\n2 +\n");
    assert_eq!((text(&well.stdout).as_str(), well.status.code()), ("2\n", Some(0)));
    let ill = program(folder.path(), &["--lang", "en", "repl"], "1 +\n2 + 3\n");
    assert_eq!((text(&ill.stdout).as_str(), ill.status.code()), ("5\n", Some(1)));
    assert!(text(&ill.stderr).contains("HQ0101"));
}

#[cfg(unix)]
#[test]
fn one_question_is_answered_and_as_json_for_programs() {
    let folder = workplace();
    let base = ["policies/龙南技改/policy.hq", "--in", "2024", "--data", "policies/sample/企业.csv"];
    let ask = |question: &str, more: &[&str]| {
        let arguments = [&["--lang", "en", "ask", question], &base[..], more].concat();
        program(folder.path(), &arguments, "")
    };
    let output = ask("sum 固定资产投资额 by 区县 top 2", &["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let answer: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(answer["ok"], true);
    let rows = answer["parts"][0]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows[0][1].as_str().unwrap().contains('.'), "amounts are texts: {rows:?}");
    let output = ask("sum 名称", &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["parts"][0]["diagnostics"][0]["code"], "HQ0812");
    assert_eq!(ask("sum total", &["--in", "nonsense"]).status.code(), Some(2));
}

/// The guide's chapter with every session in it carried out anew, in one session from first to last.
fn with_sessions(chapter: &str, language: &str) -> String {
    let open = "```prompt\n";
    let blocks: Vec<&str> =
        chapter.split(open).skip(1).map(|rest| rest.split_once("\n```").expect("it is closed").0).collect();
    let typed =
        |block: &str| block.lines().filter(|line| line.starts_with("> ")).map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = blocks.iter().map(|block| typed(block)).collect();
    let script: String = lines.iter().flatten().map(|line| format!("{}\n", line.trim_start_matches("> "))).collect();
    let folder = workplace();
    fs::write(folder.path().join("script.hqs"), script).unwrap();
    let program = env!("CARGO_BIN_EXE_huiqi");
    let shell = format!("echo 'replay \"script.hqs\"' | '{program}' --lang {language} repl 2>&1");
    let output =
        Command::new("sh").args(["-c", &shell]).current_dir(folder.path()).env("NO_COLOR", "1").output().unwrap();
    let said = text(&output.stdout);
    // Every line is shown before its answer.
    let mut answers = said.split("\n> ").map(|answer| format!("> {}", answer.trim_start_matches("> ")));
    let mut out = String::new();
    let mut rest = chapter;
    for lines in &lines {
        let (before, after) = rest.split_once(open).unwrap();
        let (_, tail) = after.split_once("\n```").unwrap();
        let block: Vec<String> = lines.iter().map(|_| answers.next().expect("every line is answered")).collect();
        let block = block.join("\n");
        let block: Vec<&str> = block.lines().map(str::trim_end).collect();
        let block = block.join("\n");
        out += &format!("{before}{open}{}\n```", block.trim_end());
        rest = tail;
    }
    out + rest
}

#[test]
fn the_chapter_on_the_prompt_shows_what_is_answered() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    for (language, path) in [("zh", "docs/zh/guide/16-prompt.md"), ("en", "docs/en/guide/16-prompt.md")] {
        let path = root().join(path);
        let chapter = fs::read_to_string(&path).unwrap();
        let fresh = with_sessions(&chapter, language);
        assert!(fresh.matches("\n> ").count() >= 20, "the chapter shows questions");
        if update && fresh != chapter {
            fs::write(&path, &fresh).unwrap();
        } else {
            assert_eq!(fresh, chapter, "{} shows old answers: UPDATE_DOCS=1 writes them anew", path.display());
        }
    }
}

#[test]
fn the_tour_leaves_a_policy_that_checks_and_runs() {
    for language in ["zh", "en"] {
        let folder = workplace();
        let output = program(folder.path(), &["--lang", language, "repl"], "tour\n");
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{}", text(&output.stdout));
        let said = text(&output.stdout);
        for step in huiqi::repl::tour() {
            let typed = if language == "zh" { &step.typed.zh } else { &step.typed.en };
            let (_, answer) = said.split_once(&format!("> {typed}\n")).expect("every step is typed");
            assert!(!answer.starts_with('\n'), "{typed} is answered");
        }
        let check = program(folder.path(), &["--lang", language, "check", "试点办法.hq"], "");
        assert_eq!(check.status.code(), Some(0), "{}{}", text(&check.stderr), text(&check.stdout));
    }
}
