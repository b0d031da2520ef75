//! `huiqi test`: runs the tests written in the language.

use super::Outcome;
use super::arguments::{Format, Test};
use super::console::{Console, many};
use super::project;
use crate::testing;

pub(super) fn run(console: &mut Console, options: &Test) -> Outcome {
    let policies = match project::load(console, &options.files) {
        Ok(policies) => policies,
        Err(outcome) => return outcome,
    };
    if policies.has_errors() {
        console.diagnostics(policies.sources(), policies.diagnostics());
        return Outcome::Errors;
    }
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let results = testing::run(&policies, &wanted);
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    for result in &results {
        if options.format == Format::Json {
            let (file, position) = policies.sources().locate(result.span);
            let messages: Vec<String> =
                result.failures.iter().map(|d| console.renderer().plain(d, policies.sources())).collect();
            let passed = result.failures.is_empty();
            let line = serde_json::json!({ "test": result.name, "file": file, "line": position.line, "passed": passed, "failures": messages });
            console.line(line.to_string());
        } else if !result.failures.is_empty() {
            console.line(format!("{} {}", console.bad(console.pick("未通过", "failed")), result.name));
            console.diagnostics(policies.sources(), &result.failures);
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
