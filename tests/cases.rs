//! Cases by stage: `tests/cases/<stage>/good` checks without errors and warnings and passes its own tests;
//! `bad` raises exactly what the comments at the ends of its lines say: `# error: HQ0201`.
//!
//! The stage `syntax` holds pieces whose names nothing declares. Its snapshots are compared in
//! `src/syntax/tests`; here a bad piece must be told about and a good one must be readable.

use std::collections::BTreeSet;
use std::path::Path;

use huiqi::Policies;
use huiqi::diagnostic::Code;

use super::files;

/// The stages in their order, all but the first written as whole policies.
const STAGES: [&str; 6] = ["syntax", "names", "types", "clauses", "evaluation", "settle"];

/// A diagnostic as an expectation writes it, with its line.
type Told = (usize, String);

/// What a line expects: the codes after `# error:`, `# warning:` and `# note:`.
fn expected(text: &str) -> BTreeSet<Told> {
    let mut expected = BTreeSet::new();
    for (line, comment) in text.lines().zip(1..).filter_map(|(line, number)| Some((number, line.rsplit_once("# ")?.1)))
    {
        let Some((word, codes)) = comment.split_once(": HQ") else { continue };
        if matches!(word, "error" | "warning" | "note") {
            expected.extend(format!("HQ{codes}").split(", ").map(|code| (line, format!("{word}: {code}"))));
        }
    }
    expected
}

/// What the checker and the tests of the case tell, each with its line.
fn told(policies: &Policies) -> BTreeSet<Told> {
    let mut told: Vec<_> = policies.diagnostics().to_vec();
    if !policies.has_errors() {
        told.extend(huiqi::testing::run(policies, &|_| true).into_iter().flat_map(|test| test.failures));
    }
    told.iter()
        .map(|d| {
            let line = d.spans.first().map_or(0, |span| policies.sources().locate(*span).1.line);
            (line, format!("{}: {}", files::word(d), d.code))
        })
        .collect()
}

/// How far a bad case is from what it expects.
fn differences(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let (expected, told) = (expected(&text), told(&files::policies(path)));
    let shown = files::shown(path);
    let missing = expected.difference(&told).map(|(line, what)| format!("{shown}:{line}: expected {what}"));
    let surplus = told.difference(&expected).map(|(line, what)| format!("{shown}:{line}: not expected {what}"));
    let nothing = expected.is_empty().then(|| format!("{shown}: a bad case without an expectation"));
    missing.chain(surplus).chain(nothing).collect()
}

/// The codes that cases expect or raise by design.
pub fn codes() -> BTreeSet<String> {
    let bad = STAGES.iter().flat_map(|stage| files::files(&format!("tests/cases/{stage}/bad"), ".hq"));
    bad.flat_map(|path| {
        let policies = files::policies(&path);
        told(&policies)
            .into_iter()
            .filter_map(|(_, what)| what.split_once(": ").map(|(_, code)| code.to_owned()))
            .collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn good_cases_check_and_pass_their_tests() {
    let mut faults = Vec::new();
    for stage in STAGES.iter().skip(1) {
        for path in files::files(&format!("tests/cases/{stage}/good"), ".hq") {
            let policies = files::policies(&path);
            let shown = files::shown(&path);
            faults.extend(files::faults(&policies).into_iter().map(|fault| format!("{shown}: {fault}")));
            let expected = expected(&std::fs::read_to_string(&path).unwrap());
            let surplus =
                told(&policies).into_iter().filter(|found| found.1.starts_with("warning") && !expected.contains(found));
            faults.extend(surplus.map(|(line, what)| format!("{shown}:{line}: not expected {what}")));
        }
    }
    files::none(&faults);
}

#[test]
fn bad_cases_raise_what_their_lines_say() {
    let mut faults = Vec::new();
    for stage in STAGES.iter().skip(1) {
        for path in files::files(&format!("tests/cases/{stage}/bad"), ".hq") {
            faults.extend(differences(&path));
        }
    }
    files::none(&faults);
}

#[test]
fn pieces_of_syntax_are_read_or_told_about() {
    let is_syntax = |code: Code| code.as_str().starts_with("HQ01");
    let mut faults = Vec::new();
    for (folder, good) in [("good", true), ("bad", false)] {
        for path in files::files(&format!("tests/cases/syntax/{folder}"), ".hq") {
            let told = files::policies(&path).diagnostics().iter().any(|d| is_syntax(d.code));
            if told == good {
                faults.push(files::shown(&path));
            }
        }
    }
    files::none(&faults);
}

#[test]
fn stages_are_the_folders_of_cases() {
    let mut known: BTreeSet<String> = STAGES.iter().map(|stage| (*stage).to_owned()).collect();
    known.insert("faulty".to_owned());
    let entries = std::fs::read_dir(files::root().join("tests/cases")).unwrap();
    let found: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(found, known);
}
