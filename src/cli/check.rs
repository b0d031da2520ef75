//! `huiqi check`: all diagnostics of the policies.

use super::Outcome;
use super::arguments::{Check, Format};
use super::console::Console;
use super::project;
use crate::diagnostic::{Severity, many};

pub(super) fn run(console: &mut Console, options: &Check) -> Outcome {
    let policies = match project::load(console, &options.files) {
        Ok(policies) => policies,
        Err(outcome) => return outcome,
    };
    let diagnostics = policies.diagnostics();
    let errors = diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
    let warnings = diagnostics.iter().filter(|d| d.severity() == Severity::Warning).count();
    if options.format == Format::Json {
        console.line(console.renderer().to_json(policies.sources(), diagnostics));
    } else {
        console.diagnostics(policies.sources(), diagnostics);
        let program = policies.program();
        let (clauses, tests) = (program.clauses.len(), program.tests.len());
        let text = console.pick(
            format!("{clauses} 条条款，{tests} 个算例：{errors} 个错误，{warnings} 个警告"),
            format!(
                "{}, {}: {}, {}",
                many(clauses, "clause"),
                many(tests, "test"),
                many(errors, "error"),
                many(warnings, "warning")
            ),
        );
        console.line(if errors == 0 { console.good(&text) } else { console.bad(&text) });
    }
    if errors == 0 { Outcome::Done } else { Outcome::Errors }
}
