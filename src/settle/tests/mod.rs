//! Tests of settlement: cases written in the language under tests/cases/settle, the rules
//! of a shortage one by one, and the laws of money over random populations.

mod laws;
mod population;
mod shortage;

use std::path::{Path, PathBuf};

use crate::policies::Policies;

/// Every file of cases, whose own tests must hold.
#[test]
fn cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/settle");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let policies = Policies::from_text(&std::fs::read_to_string(&path).unwrap());
        assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
        for test in crate::testing::run(&policies, &|_| true) {
            assert!(test.failures.is_empty(), "{}: {}: {:?}", path.display(), test.name, test.failures);
        }
    }
}
