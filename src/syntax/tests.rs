//! Cases of the parser: texts under tests/cases/syntax.

use std::path::{Path, PathBuf};

use super::parse;
use crate::source::Sources;

/// The files of a folder of cases, sorted.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The diagnostics of a text, one a line: code, line:column, arguments.
fn told(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("case", None, text);
    let mut lines = String::new();
    for diagnostic in parse(file, text).diagnostics {
        let place = diagnostic.spans.first().map(|span| sources.locate(*span).1);
        let place = place.map_or(String::new(), |at| format!("{}:{}", at.line, at.column));
        lines += &format!("{} {place}", diagnostic.code);
        for (name, value) in &diagnostic.arguments {
            lines += &format!(" {name}={value:?}");
        }
        lines += "\n";
    }
    lines
}

#[test]
fn good_cases_parse() {
    let mut failures = String::new();
    for path in cases("good") {
        let text = std::fs::read_to_string(&path).unwrap();
        let told = told(&text);
        if !told.is_empty() {
            failures += &format!("{}:\n{told}", path.display());
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
