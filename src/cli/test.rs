//! `huiqi test`: runs the tests written in the language.
//!
//! A test sees its own file and what that uses, so that naming a folder gives what naming its files
//! one by one gives: what two policies settle between them touches no test that does not use it.
//! A file that cannot be read without its neighbours sees everything that is named.

use std::collections::HashSet;

use super::Outcome;
use super::arguments::{Format, Test};
use super::console::Console;
use super::project;
use crate::check::program::TestDef;
use crate::diagnostic::many;
use crate::testing::{self, TestResult};
use crate::{Policies, source::Sources};

pub(super) fn run(console: &mut Console, options: &Test) -> Outcome {
    let policies = match project::load(console, &options.files) {
        Ok(policies) => policies,
        Err(outcome) => return outcome,
    };
    if policies.has_errors() {
        console.diagnostics(policies.sources(), policies.diagnostics());
        return Outcome::Errors;
    }
    let alone = match project::each(console, &options.files) {
        Ok(alone) => alone,
        Err(outcome) => return outcome,
    };
    let results = run_each(&policies, &alone, options.only.as_deref());
    let failed = results.iter().filter(|(result, _)| !result.failures.is_empty()).count();
    for (result, sources) in &results {
        if options.format == Format::Json {
            let (file, position) = sources.locate(result.span);
            let messages: Vec<String> = result.failures.iter().map(|d| console.renderer().plain(d, sources)).collect();
            let passed = result.failures.is_empty();
            let line = serde_json::json!({ "test": result.name, "file": file, "line": position.line, "passed": passed, "failures": messages });
            console.line(line.to_string());
        } else if !result.failures.is_empty() {
            console.line(format!("{} {}", console.bad(console.pick("未通过", "failed")), result.name));
            console.diagnostics(sources, &result.failures);
        }
    }
    if options.format == Format::Table {
        let passed = results.len() - failed;
        let text = console.pick(
            format!("{passed} 个算例通过，{failed} 个未通过"),
            format!("{} passed, {failed} failed", many(passed, "test")),
        );
        console.line(if failed == 0 { console.good(&text) } else { console.bad(&text) });
    }
    if failed == 0 { Outcome::Done } else { Outcome::Errors }
}

/// Every test once: with its own file and what that uses, or with everything where that alone is not right.
fn run_each<'p>(all: &'p Policies, alone: &'p [Policies], only: Option<&str>) -> Vec<(TestResult, &'p Sources)> {
    let named: HashSet<&str> = alone.iter().map(Policies::named_file).collect();
    let mut done: HashSet<(String, u32)> = HashSet::new();
    let mut results = Vec::new();
    for own in alone {
        let seen = if own.has_errors() { all } else { own };
        let sources = seen.sources();
        let here = |place: &str| place == own.named_file() || (!own.has_errors() && !named.contains(place));
        let wanted =
            |test: &TestDef| only.is_none_or(|only| test.name.contains(only)) && here(sources.locate(test.span).0);
        for result in testing::run_those(seen, &wanted) {
            if done.insert((sources.locate(result.span).0.to_owned(), result.span.start)) {
                results.push((result, sources));
            }
        }
    }
    results
}
