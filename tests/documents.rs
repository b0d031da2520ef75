//! What documents and policies show is true: their examples check, their tests pass, and
//! what they show as wrong raises the code that they name.

use std::path::{Path, PathBuf};

use huiqi::Policies;

use super::files;

/// A fence of a document.
struct Fence {
    line: usize,
    /// The words after the three marks.
    words: Vec<String>,
    text: String,
}

fn fences(text: &str) -> Vec<Fence> {
    let mut fences: Vec<Fence> = Vec::new();
    let mut open = false;
    for (line, number) in text.lines().zip(1..) {
        match (line.trim_start().strip_prefix("```"), fences.last_mut()) {
            (Some(_), _) if open => open = false,
            (Some(marks), _) => {
                open = true;
                let words = marks.split_whitespace().map(str::to_owned).collect();
                fences.push(Fence { line: number, words, text: String::new() });
            }
            (None, Some(fence)) if open => fence.text = format!("{}{line}\n", fence.text),
            _ => {}
        }
    }
    fences
}

/// The documents with examples: all but the pages of diagnostics.
fn documents() -> Vec<PathBuf> {
    let mut found = files::files("docs", ".md");
    found.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
            .map(|name| files::root().join(name))
            .into_iter()
            .filter(|p| p.exists()),
    );
    found.retain(|path| !path.components().any(|part| part.as_os_str() == "diagnostics"));
    found
}

/// An example may use the files of the repository as if it stood in its folder.
fn read(text: &str) -> Policies {
    let example = files::root().join("example.hq");
    let bytes = text.as_bytes().to_vec();
    let reader = |path: &Path| if path == example { Ok(bytes.clone()) } else { std::fs::read(path) };
    Policies::from_files(std::slice::from_ref(&example), files::root(), &reader)
}

#[test]
fn examples_of_documents_check_and_pass_their_tests() {
    let mut faults = Vec::new();
    for path in documents() {
        for fence in fences(&std::fs::read_to_string(&path).unwrap()) {
            let words: Vec<&str> = fence.words.iter().map(String::as_str).collect();
            let at = format!("{}:{}", files::shown(&path), fence.line);
            match words.as_slice() {
                ["hq"] => {
                    faults.extend(files::faults(&read(&fence.text)).into_iter().map(|fault| format!("{at}: {fault}")))
                }
                ["hq", "wrong", code] => {
                    let policies = read(&fence.text);
                    let mut raised: Vec<String> = policies.diagnostics().iter().map(|d| d.code.to_string()).collect();
                    if !policies.has_errors() {
                        let results = huiqi::testing::run(&policies, &|_| true);
                        raised.extend(results.iter().flat_map(|test| &test.failures).map(|d| d.code.to_string()));
                    }
                    if !raised.iter().any(|r| r == code) {
                        faults.push(format!("{at}: raises {raised:?} instead of {code}"));
                    }
                }
                ["hq", "wrong"] => faults.push(format!("{at}: name the code that it raises")),
                _ => {}
            }
        }
    }
    files::none(&faults);
}

#[test]
fn examples_of_the_pages_raise_their_code_and_their_mends_do_not() {
    let mut faults = Vec::new();
    for path in files::files("docs/zh/diagnostics", ".md") {
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        // Data and commands are shown by other fences, which the tests of those modules read.
        if ["HQ05", "HQ06", "HQ08"].iter().any(|group| code.starts_with(group)) {
            continue;
        }
        for fence in fences(&std::fs::read_to_string(&path).unwrap()) {
            let wrong = match fence.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["hq"] => false,
                ["hq", "wrong"] => true,
                _ => continue,
            };
            let policies = read(&fence.text);
            let mut told = policies.diagnostics().to_vec();
            if !policies.has_errors() {
                told.extend(huiqi::testing::run(&policies, &|_| true).into_iter().flat_map(|test| test.failures));
            }
            let raised: Vec<String> = told.iter().map(|d| d.code.to_string()).collect();
            let at = format!("{}:{}", files::shown(&path), fence.line);
            if wrong != raised.contains(&code) {
                faults.push(format!(
                    "{at}: {} raises {raised:?}",
                    if wrong { "the wrong example" } else { "the right example" }
                ));
            }
            if !wrong && told.iter().any(|d| files::word(d) == "error") {
                faults.push(format!("{at}: the right example has errors: {raised:?}"));
            }
        }
    }
    files::none(&faults);
}

#[test]
fn policies_check() {
    let mut faults = Vec::new();
    for path in files::files("policies", ".hq") {
        let found = files::errors(&files::policies(&path));
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", files::shown(&path))));
    }
    files::none(&faults);
}

#[test]
fn policies_pass_their_tests() {
    let mut faults = Vec::new();
    for path in files::files("policies", ".hq") {
        let found = files::faults(&files::policies(&path));
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", files::shown(&path))));
    }
    files::none(&faults);
}
