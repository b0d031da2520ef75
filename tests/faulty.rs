//! Clauses as drafters get them wrong, with their messages in Chinese and English.
//!
//! One snapshot a case beside it: the text, the Chinese messages, the English messages.
//! They are read like prose: is the cause right, the place exact, the way out stated.
//! `tests/cases/faulty/README.md` lists those that are not good yet.

use std::collections::BTreeSet;

use huiqi::Policies;
use huiqi::diagnostic::{Diagnostic, Language, Renderer, Severity};

use super::files;

/// Read alone, as at the prompt: the path stays out of the messages.
fn read(path: &std::path::Path) -> (String, Policies) {
    let text = std::fs::read_to_string(path).unwrap();
    let policies = Policies::from_text(&text);
    (text, policies)
}

/// What is told of a case: the checker's messages, or those of its tests.
fn told(policies: &Policies) -> Vec<Diagnostic> {
    let mut told = policies.diagnostics().to_vec();
    if !policies.has_errors() {
        told.extend(huiqi::testing::run(policies, &|_| true).into_iter().flat_map(|test| test.failures));
    }
    told
}

/// The codes that faulty clauses raise.
pub fn codes() -> BTreeSet<String> {
    let cases = files::files("tests/cases/faulty", ".hq");
    cases.iter().flat_map(|path| told(&read(path).1).iter().map(|d| d.code.to_string()).collect::<Vec<_>>()).collect()
}

#[test]
fn messages_read_as_reviewed() {
    let mut snapshots = insta::Settings::clone_current();
    snapshots.set_prepend_module_to_snapshot(false);
    snapshots.set_omit_expression(true);
    snapshots.set_snapshot_path(files::root().join("tests/cases/faulty"));
    for path in files::files("tests/cases/faulty", ".hq") {
        let (text, policies) = read(&path);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let told = told(&policies);
        let words = |language| Renderer::new(language).render(policies.sources(), &told);
        let seen = format!(
            "{}\n———— 中文 ————\n{}\n———— English ————\n{}",
            text.trim_end(),
            words(Language::Chinese).trim_end(),
            words(Language::English).trim_end()
        );
        snapshots.bind(|| insta::assert_snapshot!(name, seen));
    }
}

#[test]
fn every_faulty_clause_is_told_about() {
    let quiet = files::files("tests/cases/faulty", ".hq").into_iter().filter(|path| {
        let found = read(path).1;
        !told(&found).iter().any(|d| d.severity() >= Severity::Warning)
    });
    files::none(&quiet.map(|path| files::shown(&path)).collect::<Vec<_>>());
}

#[test]
fn snapshots_belong_to_cases() {
    let stale =
        files::files("tests/cases/faulty", ".snap").into_iter().filter(|path| !path.with_extension("hq").exists());
    files::none(&stale.map(|path| files::shown(&path)).collect::<Vec<_>>());
}
