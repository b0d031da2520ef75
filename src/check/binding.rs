//! Values supplied from outside a policy: `--set NAME=VALUE`, checked like a `bind`.

use std::sync::Arc;

use smol_str::SmolStr;

use super::context::{Checker, Inferred};
use super::program::{Binding, Program};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::resolve::{Project, declare};
use crate::syntax::{self, tree};

/// A program with values checked into its arena, and what they bind.
pub type Bound = (Arc<Program>, Vec<Binding>);

/// The program with the values of `set` checked into its arena, and what they bind.
///
/// # Errors
/// A name that is neither a pending rule nor a parameter, or a value of another type.
pub fn bind(project: &Project, program: &Arc<Program>, set: &[(String, String)]) -> Result<Bound, Vec<Diagnostic>> {
    if set.is_empty() {
        return Ok((Arc::clone(program), Vec::new()));
    }
    let declarations = declare(&project.trees, &mut Vec::new());
    let inferred = Inferred {
        records: Vec::new(),
        enums: program.enums.clone(),
        units: program.units.clone(),
        lets: Default::default(),
    };
    let mut checker = Checker::new(project, &declarations, inferred);
    checker.program = Program::clone(program);
    checker.find_again();
    let mut bindings = Vec::new();
    for (name, value) in set {
        let (expr, mut wrong) = syntax::parse_expression(crate::source::FileId(u32::MAX), value);
        let bad = || Diagnostic::new(Code::BadOption).with("name", "set").with("value", format!("{name}={value}"));
        if has_errors(&wrong) {
            wrong.clear();
            checker.report(bad());
            continue;
        }
        let (policy, target) = match name.split_once('.') {
            Some((policy, rest)) => (Some(word(policy)), rest),
            None => (None, name.as_str()),
        };
        let target = tree::BindTarget::Parameter(word(target.trim_matches('"')));
        let tree = tree::Bind { policy, target, value: expr, span: crate::source::Span::default() };
        let before = checker.diagnostics.len();
        bindings.extend(checker.binding(None, &tree));
        // There is no text to point at: the option itself is named.
        for diagnostic in checker.diagnostics.iter_mut().skip(before) {
            diagnostic.spans.clear();
        }
    }
    let errors: Vec<Diagnostic> = checker.diagnostics.into_iter().collect();
    if has_errors(&errors) { Err(errors) } else { Ok((Arc::new(checker.program), bindings)) }
}

fn word(text: &str) -> tree::Name {
    tree::Name { text: SmolStr::new(text), span: crate::source::Span::default(), quoted: true }
}
