//! `huiqi fmt`: the repository is formatted, policies pass their tests in either language,
//! and files are written whole or not at all.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use huiqi::Policies;
use huiqi::diagnostic::{Language, Severity};
use huiqi::source::FileId;

use super::files;

fn fmt(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", "zh", "fmt"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_policies_are_formatted() {
    let output = fmt(files::root(), &["--check", "policies"]);
    assert_eq!(text(&output.stdout), "", "run `huiqi fmt policies`");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// The files of a folder, each rewritten into a language as it is read.
fn read_in(language: Language, path: &Path) -> std::io::Result<Vec<u8>> {
    let text = std::fs::read_to_string(path)?;
    let formatted = huiqi::format::format(FileId::default(), &text, Some(language));
    Ok(formatted.unwrap_or_else(|found| panic!("{}: {found:?}", path.display())).into_bytes())
}

#[test]
fn policies_pass_their_tests_in_either_language() {
    for language in [Language::Chinese, Language::English] {
        for path in files::files("policies", ".hq") {
            let policies =
                Policies::from_files(std::slice::from_ref(&path), files::root(), &|path| read_in(language, path));
            let before = files::policies(&path);
            assert_eq!(files::faults(&policies), files::faults(&before), "{} in {language:?}", files::shown(&path));
            let count = |policies: &Policies| {
                policies.diagnostics().iter().filter(|d| d.severity() == Severity::Warning).count()
            };
            assert_eq!(count(&policies), count(&before), "warnings of {}", files::shown(&path));
        }
    }
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).expect("a file");
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    std::fs::create_dir(folder.path().join("内")).expect("a folder");
    write("好.hq", "奖补 投资额的5%，最高 100万元\n".as_bytes());
    write("内/乱.hq", "奖补   投资额 的 5% ，  最高 100万元".as_bytes());
    write("坏.hq", "奖补 投资额的5% 最高最高\n".as_bytes());
    write("码.hq", b"award \xff\n");
    let check = fmt(folder.path(), &["--check", "."]);
    assert_eq!(check.status.code(), Some(1));
    assert_eq!(text(&check.stdout), "./内/乱.hq\n./好.hq\n");
    assert_eq!(read("内/乱.hq"), "奖补   投资额 的 5% ，  最高 100万元".as_bytes(), "--check writes nothing");
    let done = fmt(folder.path(), &["."]);
    assert_eq!(done.status.code(), Some(1), "two files are faulty");
    let told = text(&done.stderr);
    assert!(told.contains("坏.hq") && told.contains("HQ0804") && told.contains("2 个有错误未动"), "{told}");
    assert_eq!(read("内/乱.hq"), "奖补 投资额的5%，最高100万元\n".as_bytes());
    assert_eq!(read("好.hq"), "奖补 投资额的5%，最高100万元\n".as_bytes());
    assert_eq!(read("坏.hq"), "奖补 投资额的5% 最高最高\n".as_bytes());
    assert_eq!(read("码.hq"), b"award \xff\n");
    assert_eq!(fmt(folder.path(), &["--check", "好.hq", "内"]).status.code(), Some(0));
    let english = fmt(folder.path(), &["好.hq", "--lang", "en"]);
    assert_eq!(english.status.code(), Some(0), "{}", text(&english.stderr));
    assert_eq!(read("好.hq"), "award 5% of 投资额, cap 100万元\n".as_bytes());
}

#[test]
fn what_would_mean_another_thing_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("试点办法.hq");
    let wrong = "award sum 金额 over 全体 cap 100万\n";
    std::fs::write(&file, wrong).expect("a file");
    let output = fmt(folder.path(), &["--lang", "zh", "试点办法.hq"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("HQ0811"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), wrong);
    std::fs::write(&file, wrong.replace("全体", "全部订单")).expect("a file");
    assert_eq!(fmt(folder.path(), &["--lang", "zh", "试点办法.hq"]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "奖补 求和 金额 于 全部订单 最高100万\n");
}

#[test]
fn editors_format_through_pipes() {
    let run = |input: &[u8], arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huiqi"))
            .args(["fmt", "--stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
        child.wait_with_output().expect("it ends")
    };
    let output = run("\u{feff}award   1万\r\n  when  甲\r\n".as_bytes(), &[]);
    assert_eq!(output.stdout, "\u{feff}award 1万\r\n  when 甲\r\n".as_bytes(), "the mark and line ends stay");
    assert_eq!(run(b"award {", &[]).status.code(), Some(1));
    assert!(run(b"award {", &[]).stdout.is_empty());
    assert_eq!(run(b"award 1\xff", &[]).status.code(), Some(1));
    assert_eq!(run("award  1万\n".as_bytes(), &["--check"]).status.code(), Some(1));
    assert_eq!(run("award 1万\n".as_bytes(), &["--check"]).status.code(), Some(0));
}
