//! Hostile and broken input: an answer or a named error, never a panic, on a small stack.

mod pack;

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use huiqi::diagnostic::{Code, Language};
use huiqi::{Basis, Policies};

/// Codes that only input too large to be kept as a case raises.
pub const CODES: [Code; 2] = [Code::TooDeep, Code::TooLarge];

/// The stack of a thread that was not given more.
const SMALL_STACK: usize = 2 * 1024 * 1024;

/// Runs on a small stack.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let small = std::thread::Builder::new().stack_size(SMALL_STACK).spawn(work).unwrap();
    assert!(small.join().is_ok(), "fails on a small stack");
}

/// Checks and renders a text; its codes, each once.
fn codes(text: &str) -> Vec<&'static str> {
    let policies = Policies::from_text(text);
    for language in [Language::Chinese, Language::English] {
        assert_eq!(policies.render(language).is_empty(), policies.diagnostics().is_empty());
    }
    let mut codes: Vec<_> = policies.diagnostics().iter().map(|d| d.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What can be nested: before, the opening, what is innermost, the closing, behind.
const NESTED: [(&str, &str, &str, &str, &str); 13] = [
    ("award ", "(", "1", ")", ""),
    ("award ", "（", "1", "）", ""),
    ("award ", "-(", "1", ")", ""),
    ("award ", "min(", "1", ", 2)", ""),
    ("award ", "by { 甲: ", "1", " }", ""),
    ("award ", "按 甲 ｛ 乙: ", "1", " ｝", ""),
    ("award 1 when ", "not (", "甲", ")", ""),
    ("award 1 when ", "甲 in (", "1", ")", ""),
    ("award 1 for each ", "(", "甲", " where 乙)", ""),
    ("", "policy 甲 { ", "award 1", " }", ""),
    ("", "article \"一\" { ", "award 1", " }", ""),
    ("record 甲 { ", "record 乙 { ", "丙: money", " }", " }"),
    ("test \"甲\" { given 企业 { 项目: ", "[ { 项目: ", "1", " } ]", " } }"),
];

#[test]
fn every_bracket_has_a_limit_of_depth() {
    on_a_small_stack(|| {
        for (before, open, inner, close, behind) in NESTED {
            for depth in [70, 5_000] {
                let text = format!("{before}{}{inner}{}{behind}", open.repeat(depth), close.repeat(depth));
                assert!(codes(&text).contains(&"HQ0108"), "{depth} times {open}: {:?}", codes(&text));
                // What is never closed is as deep.
                assert!(!codes(&format!("{before}{}", open.repeat(depth))).is_empty(), "{depth} times {open} unclosed");
            }
        }
    });
}

#[test]
fn brackets_within_the_limit_are_read() {
    on_a_small_stack(|| {
        let depth = 50;
        let text = format!("award {}1元{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(codes(&text), [""; 0]);
        let text = format!("award 1元 when {}甲{}", "not (".repeat(depth), ")".repeat(depth));
        assert_eq!(codes(&text), ["HQ0210"]);
    });
}

#[test]
fn ten_thousand_nots_are_told_or_read() {
    on_a_small_stack(|| {
        for word in ["not ", "非 ", "- ", "1 or else "] {
            let text = format!("award 1元 when {}甲", word.repeat(10_000));
            codes(&text);
            Policies::from_text(&text).evaluate(&serde_json::json!({}), &Basis::of("2024").unwrap()).ok();
        }
    });
}

#[test]
fn a_sum_of_a_hundred_thousand_terms_is_exact() {
    on_a_small_stack(|| {
        let text = format!("award 0.01元{}", " + 0.01元".repeat(99_999));
        let lines =
            Policies::from_text(&text).evaluate(&serde_json::json!({}), &Basis::of("2024").unwrap()).unwrap().lines;
        assert_eq!(lines[0].settled.as_deref(), Some("1000.00"));
    });
}

#[test]
fn long_chains_of_conditions_are_evaluated() {
    on_a_small_stack(|| {
        for word in ["and", "or"] {
            let text = format!("award 1元 when 甲{}", format!(" {word} 甲").repeat(20_000));
            let lines = Policies::from_text(&text)
                .evaluate(&serde_json::json!({ "甲": true }), &Basis::of("2024").unwrap())
                .unwrap()
                .lines;
            assert_eq!(lines[0].settled.as_deref(), Some("1.00"));
        }
    });
}

#[test]
fn long_tables_are_evaluated() {
    on_a_small_stack(|| {
        let rows: String = (1..=2_000).map(|row| format!("  >= {row}万: {row}元\n")).collect();
        let text = format!("record 企业 {{ 投资额 : money }}\naward by 投资额 {{\n{rows}}}\n");
        let record = serde_json::json!({ "投资额": "1500万" });
        let lines = Policies::from_text(&text).evaluate(&record, &Basis::of("2024").unwrap()).unwrap().lines;
        assert_eq!(lines[0].settled.as_deref(), Some("1500.00"));
    });
}

#[test]
fn long_chains_of_definitions_end() {
    on_a_small_stack(|| {
        for count in [20, 50, 5_000] {
            let lets: Vec<_> =
                (1..=count).map(|at| format!("let 甲{} = 甲{} + 1元\n", letters(at), letters(at - 1))).collect();
            let backwards = lets.iter().rev().cloned().collect::<String>();
            for lets in [lets.concat(), backwards] {
                let text =
                    format!("record 企业 {{ 甲{} : money }}\n{lets}award 甲{} cap 1万元\n", letters(0), letters(count));
                let policies = Policies::from_text(&text);
                if count > 50 {
                    assert_eq!(codes(&text), ["HQ0108"]);
                    continue;
                }
                let start = format!("甲{}", letters(0));
                let lines =
                    policies.evaluate(&serde_json::json!({ start: 1 }), &Basis::of("2024").unwrap()).unwrap().lines;
                assert_eq!(lines[0].settled, Some(format!("{}.00", count + 1)));
            }
        }
    });
}

#[test]
fn deep_definitions_of_deep_expressions_are_evaluated_or_told() {
    on_a_small_stack(|| {
        for inner in ["min(2, ", "(1 + ", "by { 1 > 2: 3, otherwise: "] {
            let close = if inner.starts_with("by") { "}" } else { ")" };
            for depth in [2, 20, 60] {
                let of = |at: u32| {
                    format!(
                        "let 甲{} = {}甲{}{}\n",
                        letters(at),
                        inner.repeat(depth),
                        letters(at - 1),
                        close.repeat(depth)
                    )
                };
                let lets: String = (1..=60).rev().map(of).collect();
                let text = format!(
                    "record 企业 {{ 甲{} : number }}\n{lets}award 1元 * 甲{} cap 1万元\n",
                    letters(0),
                    letters(60)
                );
                let start = format!("甲{}", letters(0));
                Policies::from_text(&text).evaluate(&serde_json::json!({ start: 1 }), &Basis::of("2024").unwrap()).ok();
            }
        }
    });
}

/// A number in letters: digits end a Chinese name.
fn letters(mut number: u32) -> String {
    let mut out = String::new();
    loop {
        out.push(char::from_u32(u32::from('a') + number % 26).unwrap());
        number /= 26;
        if number == 0 {
            return out;
        }
    }
}

#[test]
fn a_large_file_is_checked_and_a_larger_one_refused() {
    on_a_small_stack(|| {
        let line = "# 说明 ".repeat(8) + "\n";
        let text = format!("award 20万元\n{}", line.repeat(1024 * 1024 / line.len()));
        assert_eq!(codes(&text), [""; 0]);
        let text = "award 20万元\n".repeat(3 * 1024 * 1024);
        assert_eq!(codes(&text), ["HQ0109"]);
    });
}

#[test]
fn a_thousand_good_clauses_are_checked() {
    let clauses: String = (0..1_000)
        .map(|at| format!("clause 款{} {{ award 5% of 投资额 cap 100万 when 扩产 }}\n", letters(at)))
        .collect();
    let text = format!("record 企业 {{ 投资额 : money   扩产 : bool }}\n{clauses}");
    assert_eq!(codes(&text), [""; 0]);
}

#[test]
fn ten_thousand_bad_clauses_are_told_within_a_bound() {
    on_a_small_stack(|| {
        let clauses = "clause 甲 { award ) }\naward 20万 30万\n奖补 20万元 当增资扩产\nclause 甲 { award 5% of 无此名称 cap 100万 }\n";
        let policies = Policies::from_text(&clauses.repeat(2_500));
        assert!(policies.has_errors());
        assert!(policies.render(Language::Chinese).len() < 2_000_000, "told too often");
    });
}

#[test]
fn odd_bytes_are_told() {
    on_a_small_stack(|| {
        assert_eq!(codes(""), [""; 0]);
        assert_eq!(codes("\u{feff}"), [""; 0]);
        assert_eq!(codes("\n\r\n\r \u{3000}\t"), [""; 0]);
        assert_eq!(codes("\u{feff}award 20万元"), [""; 0]);
        assert_eq!(codes("clause 甲 {\r\n  award 20万元\r\n}\r\n"), [""; 0]);
        assert_eq!(codes("award 20万元\0"), ["HQ0110"]);
        assert_eq!(codes("\0"), ["HQ0110"]);
        assert_eq!(codes("award 20万元 \u{202e}"), ["HQ0110"]);
        assert_eq!(codes("award 20\u{200b}万元"), ["HQ0110"]);
        assert_eq!(codes(&"\0".repeat(10_000)), ["HQ0110"]);
    });
}

#[test]
fn every_beginning_of_a_policy_is_told_or_read() {
    let text = std::fs::read_to_string(super::files::files("tests/cases/settle/good", ".hq").remove(0)).unwrap();
    for (cut, _) in text.char_indices().step_by(3) {
        let (before, behind) = text.split_at(cut);
        codes(before);
        codes(behind);
    }
}

/// Policies of files that are not on any disk.
fn files(contents: &[(&str, &[u8])]) -> Policies {
    let read = |path: &Path| match contents.iter().find(|(name, _)| Path::new(name) == path) {
        Some((_, bytes)) => Ok(bytes.to_vec()),
        None => Err(Error::from(ErrorKind::NotFound)),
    };
    Policies::from_files(&[PathBuf::from(contents[0].0)], Path::new(""), &read)
}

fn first(policies: &Policies) -> Option<Code> {
    policies.diagnostics().first().map(|d| d.code)
}

#[test]
fn files_that_cannot_be_used_are_told() {
    assert_eq!(first(&files(&[("甲.hq", b"use \"nothing.hq\"\naward 1")])), Some(Code::FileNotFound));
    assert_eq!(first(&files(&[("甲.hq", b"use \"../beside.hq\"\naward 1")])), Some(Code::OutsideFolder));
    assert_eq!(first(&files(&[("甲.hq", b"use \"a/../../beside.hq\"\naward 1")])), Some(Code::OutsideFolder));
    assert_eq!(first(&files(&[("甲.hq", b"use \"/etc/passwd\"\naward 1")])), Some(Code::OutsideFolder));
    assert_eq!(first(&files(&[("甲.hq", b"award \xff\xfe")])), Some(Code::NotUtf8));
    assert_eq!(first(&files(&[("甲.hq", "奖补 20万元".as_bytes())])), None);
}

#[test]
fn files_that_use_each_other_are_told() {
    assert_eq!(first(&files(&[("a.hq", b"use \"a.hq\"\naward 1")])), Some(Code::UseCycle));
    let circle = files(&[("a.hq", b"use \"b.hq\""), ("b.hq", b"use \"c.hq\""), ("c.hq", b"use \"./a.hq\"")]);
    assert_eq!(first(&circle), Some(Code::UseCycle));
    let diamond = files(&[
        ("a.hq", b"use \"b.hq\"\nuse \"c.hq\"\naward 20000"),
        ("b.hq", b"use \"d.hq\""),
        ("c.hq", b"use \"d.hq\""),
        ("d.hq", b"unit m"),
    ]);
    assert_eq!(first(&diamond), None);
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let policies = Policies::from_files(&[folder.path().to_path_buf()], folder.path(), &|path| std::fs::read(path));
    assert_eq!(first(&policies), Some(Code::UnreadableFile));
    std::fs::write(folder.path().join("甲.hq"), "use \".\"\naward 20万元").unwrap();
    let policies = Policies::from_files(&[folder.path().join("甲.hq")], folder.path(), &|path| std::fs::read(path));
    assert_eq!(first(&policies), Some(Code::UnreadableFile));
}

#[test]
fn a_long_chain_of_files_ends() {
    on_a_small_stack(|| {
        let read = |path: &Path| {
            let number: u32 = path.file_stem().unwrap().to_string_lossy().parse().unwrap();
            Ok(format!("use \"{}.hq\"\n", number + 1).into_bytes())
        };
        let policies = Policies::from_files(&[PathBuf::from("0.hq")], Path::new(""), &read);
        assert_eq!(first(&policies), Some(Code::TooDeep));
    });
}
