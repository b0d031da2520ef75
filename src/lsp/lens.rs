//! Tests above which a command stands, and what they came to.
//!
//! In: an analysed file. Out: for each test its place and its result. They are as quick as
//! a page of sums, so that they run whenever they are shown.

use super::world::Analysis;
use crate::source::Span;
use crate::testing::{TestResult, run_those};

/// A test with its outcome.
#[derive(Debug, Clone)]
pub(super) struct Lens {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What it came to; none where the policies have errors.
    pub result: Option<TestResult>,
}

/// The tests of a file, run.
pub(super) fn lenses(analysis: &Analysis) -> Vec<Lens> {
    let program = analysis.policies.program();
    let own = |span: Span| span.file == analysis.file;
    if analysis.policies.has_errors() {
        let tests = program.tests.iter().filter(|test| own(test.span));
        return tests.map(|test| Lens { name: test.name.to_string(), span: test.span, result: None }).collect();
    }
    let results = run_those(&analysis.policies, &|test| own(test.span));
    results
        .into_iter()
        .map(|result| Lens { name: result.name.to_string(), span: result.span, result: Some(result) })
        .collect()
}
