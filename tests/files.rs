//! Files of this repository and policies made of them.

use std::path::{Path, PathBuf};

use huiqi::Policies;
use huiqi::diagnostic::{Diagnostic, Language, Renderer, Severity};

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of a folder and its folders whose name ends so, sorted; none where there is no such folder.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

/// A path as it is shown: from the folder of the repository on.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The policies of one file and what it uses.
pub fn policies(path: &Path) -> Policies {
    Policies::from_files(&[path.to_path_buf()], root(), &|path| std::fs::read(path))
}

/// The word for a severity in an expectation.
pub fn word(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Errors of the checker, one a line.
pub fn errors(policies: &Policies) -> Vec<String> {
    let renderer = Renderer::new(Language::English);
    let errors = policies.diagnostics().iter().filter(|d| d.severity() == Severity::Error);
    errors.map(|d| renderer.plain(d, policies.sources())).collect()
}

/// What keeps policies from being right: errors, then expectations of tests that failed.
pub fn faults(policies: &Policies) -> Vec<String> {
    if policies.has_errors() {
        return errors(policies);
    }
    let renderer = Renderer::new(Language::English);
    let results = huiqi::testing::run(policies, &|_| true);
    results.iter().flat_map(|test| &test.failures).map(|d| renderer.plain(d, policies.sources())).collect()
}

/// Fails with all lines at once, if there are any.
pub fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
