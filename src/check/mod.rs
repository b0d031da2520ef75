//! From declarations to the checked program: every name bound, every expression typed.
//!
//! In: the trees and [`Declarations`]. Out: [`program::Program`] and diagnostics. An
//! expression that could not be typed is `Poison` and raises nothing further, so one
//! mistake is reported once. Where no record is declared at all, facts are inferred from
//! their use: the check runs until no further type is learned, and reports what it took.

mod advice;
mod arithmetic;
mod binding;
mod clause;
mod comparison;
mod context;
mod expression;
mod figures;
mod list;
mod literal;
mod lookalike;
mod most;
mod names;
mod overriding;
mod policy;
pub mod program;
mod question;
mod records;
mod reference;
mod settlement;
mod table;
mod testing;
mod types;

use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Declarations, Project};
pub use binding::{Bound, bind};
use context::{Checker, Inferred};
pub use names::predeclared_names;
use program::Program;
pub use question::{Asked, Asks, ask, named_clause};
pub use types::describe;

/// How often the check may run to learn types of undeclared facts; each run learns at least one.
const INFERENCE_RUNS: usize = 8;

/// Checks all declarations of a project.
pub fn check(project: &Project, declarations: &Declarations<'_>) -> (Program, Vec<Diagnostic>) {
    let mut inferred = Inferred::default();
    for run in 0..INFERENCE_RUNS {
        let mut checker = Checker::new(project, declarations, inferred);
        checker.run();
        let settled = !checker.learned || run + 1 == INFERENCE_RUNS;
        if settled {
            checker.report_inferred();
            return (checker.program, one_per_place(checker.diagnostics));
        }
        inferred = checker.take_inferred();
    }
    (Program::default(), Vec::new())
}

/// Expressions that are shared are checked once for each use: what is wrong with them is told once.
fn one_per_place(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen: std::collections::HashSet<(Code, Option<crate::source::Span>)> = std::collections::HashSet::new();
    diagnostics.into_iter().filter(|d| d.spans.is_empty() || seen.insert((d.code, d.spans.first().copied()))).collect()
}
