//! Expressions of a question, checked into the arena of a program that is checked already.
//!
//! In: a project with its program, and the trees of what is asked. Out: the program with
//! these expressions behind its own, whose numbers stay. Clauses may be named as amounts.

use std::sync::Arc;

use super::context::{Checker, Inferred, Sight, Want};
use super::program::{ClauseId, ExprId, Program, RecordId, Type};
use crate::diagnostic::{Diagnostic, Severity, has_errors};
use crate::resolve::{Declarations, Project, declare};
use crate::syntax::tree::{Expr, Path};

/// What an expression of a question must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Anything.
    Value,
    /// yes or no.
    Condition,
    /// Money.
    Money,
    /// Anything; where a fact and a clause have one name, the fact.
    Fact,
}

/// A question that was checked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The program with the expressions behind its own.
    pub program: Arc<Program>,
    /// The record type over which they speak.
    pub record: RecordId,
    /// The expressions, in the order in which they were given.
    pub exprs: Vec<ExprId>,
}

/// Checks expressions over the first of these record types for which nothing is wrong.
///
/// # Errors
/// What is wrong with them, over the first record type.
pub fn ask(
    project: &Project,
    program: &Arc<Program>,
    records: &[RecordId],
    asked: &[(&Expr, Asks)],
) -> Result<Asked, Vec<Diagnostic>> {
    let declarations = declare(&project.trees, &mut Vec::new());
    let mut first = None;
    for &record in records {
        let mut checker = again(project, &declarations, program);
        let facts = Sight::new(None, vec![record]);
        let amounts = Sight { clauses: true, ..facts.clone() };
        let bool_type = Type::Bool;
        let money = Checker::money();
        let check = |(expr, asks): &(&Expr, Asks)| {
            let want = match asks {
                Asks::Value | Asks::Fact => Want::Any,
                Asks::Condition => Want::Need(&bool_type),
                Asks::Money => Want::Need(&money),
            };
            // A clause and a fact may have one name: what fits is meant.
            let (first, second) = if *asks == Asks::Fact { (&facts, &amounts) } else { (&amounts, &facts) };
            let (raised, untyped) = (checker.diagnostics.len(), checker.untyped.len());
            checker
                .attempt(|checker| checker.expression(first, expr, want))
                .or_else(|_| checker.attempt(|checker| checker.expression(second, expr, want)))
                .unwrap_or_else(|_| {
                    checker.diagnostics.truncate(raised);
                    checker.untyped.truncate(untyped);
                    checker.expression(&amounts, expr, want)
                })
        };
        let exprs = asked.iter().map(check).collect();
        let wrong = errors(checker.diagnostics);
        if wrong.is_empty() {
            return Ok(Asked { program: Arc::new(checker.program), record, exprs });
        }
        first.get_or_insert(wrong);
    }
    Err(first.unwrap_or_default())
}

/// The clause that a path names.
///
/// # Errors
/// There is none, or several policies have one of that name.
pub fn named_clause(project: &Project, program: &Arc<Program>, path: &Path) -> Result<ClauseId, Vec<Diagnostic>> {
    let declarations = declare(&project.trees, &mut Vec::new());
    let mut checker = again(project, &declarations, program);
    let sight = Sight::new(None, Vec::new());
    match checker.clause_at(&sight, path) {
        Some(clause) => Ok(clause),
        None => Err(errors(checker.diagnostics)),
    }
}

/// A checker that finds the names of a program.
fn again<'t>(project: &'t Project, declarations: &'t Declarations<'t>, program: &Program) -> Checker<'t> {
    let inferred = Inferred {
        records: program.records.clone(),
        enums: program.enums.clone(),
        units: program.units.clone(),
        lets: Default::default(),
    };
    let mut checker = Checker::new(project, declarations, inferred);
    // Nothing is learned from a question: a name that nobody declared is a slip.
    checker.inferring = false;
    checker.program = Program::clone(program);
    checker.diagnostics.clear();
    checker.declare_lets();
    checker.diagnostics.clear();
    checker.find_again();
    for (at, clause) in program.clauses.iter().enumerate() {
        let id = ClauseId(u32::try_from(at).unwrap_or(u32::MAX));
        checker.clause_names.entry(clause.name.clone()).or_default().push(id);
    }
    checker
}

fn errors(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if !has_errors(&diagnostics) {
        return Vec::new();
    }
    let mut errors: Vec<Diagnostic> =
        diagnostics.into_iter().filter(|diagnostic| diagnostic.severity() == Severity::Error).collect();
    errors.dedup();
    errors
}
