//! Cases of the parser: texts under tests/cases/syntax.

mod shape;

use std::path::{Path, PathBuf};

use super::parse;
use crate::source::{FileId, Sources};

/// The files of a folder of cases, sorted.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "hq"));
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
    for path in cases("good") {
        let text = std::fs::read_to_string(&path).unwrap();
        let told = told(&text);
        assert!(told.is_empty(), "{}:\n{told}", path.display());
        let parsed = parse(FileId(0), &text);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../../../tests/cases/syntax/good" }, {
            insta::assert_snapshot!(name, shape::items(&parsed.tree.items, 0));
        });
    }
}

#[test]
fn bad_cases_are_told() {
    for path in cases("bad") {
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = parse(FileId(0), &text);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let seen = format!("{}\n{}", told(&text), shape::items(&parsed.tree.items, 0));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../../../tests/cases/syntax/bad" }, {
            insta::assert_snapshot!(name, seen);
        });
    }
}
