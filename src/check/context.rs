//! The checker's state, and the order in which declarations are checked.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::{Declarations, Project, Scope};
use crate::source::Span;
use crate::syntax::tree;
use crate::value::Value;

/// What earlier runs learned about undeclared facts: the record types with their facts.
#[derive(Debug, Default)]
pub(super) struct Inferred {
    pub records: Vec<RecordDef>,
    pub enums: Vec<EnumDef>,
    pub units: Vec<Vec<SmolStr>>,
    /// Types that the use of a derived fact asked of it, by its name.
    pub lets: HashMap<SmolStr, Type>,
}

/// What a name means within one record type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Member {
    Fact(FactId),
    Let(usize),
}

/// Where a derived fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    Record(RecordId),
    Policy(Option<usize>),
    Clause(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LetState {
    Unchecked,
    Checking,
    Done(LetId),
}

pub(super) struct LetEntry<'t> {
    pub tree: &'t tree::Let,
    pub home: Home,
    pub state: LetState,
    /// Whether the value sees no record, so that it may stand in any frame.
    pub constant: bool,
    /// How deep its definition reaches.
    pub depth: usize,
}

/// What an expression may see.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    /// The policy, by place in the declarations (the same as its [`PolicyId`]).
    pub policy: Option<usize>,
    /// The clause, for its own derived facts and for `paid`.
    pub clause: Option<usize>,
    /// Record types in scope, the innermost last.
    pub frames: Vec<RecordId>,
    /// The subject left out in a row key or in a fact's `where`.
    pub subject: Option<ExprId>,
    /// Whether clauses may be named as amounts: settlement, tests, questions.
    pub clauses: bool,
}

impl Sight {
    pub fn new(policy: Option<usize>, frames: Vec<RecordId>) -> Self {
        Sight { policy, clause: None, frames, subject: None, clauses: false }
    }

    /// The same with one more record in scope.
    pub fn inside(&self, record: RecordId) -> Sight {
        let mut inner = self.clone();
        inner.frames.push(record);
        inner
    }
}

/// What a place asks of an expression's type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Want<'w> {
    /// Nothing.
    Any,
    /// A literal takes this type; anything else may differ.
    Hint(&'w Type),
    /// It must have this type.
    Need(&'w Type),
}

impl<'w> Want<'w> {
    pub fn kind(self) -> Option<&'w Type> {
        match self {
            Want::Any => None,
            Want::Hint(kind) | Want::Need(kind) => Some(kind),
        }
    }
}

pub(super) struct Checker<'t> {
    pub program: Program,
    pub diagnostics: Vec<Diagnostic>,
    pub project: &'t Project,
    pub declarations: &'t Declarations<'t>,
    /// No record is declared: facts are inferred from their use.
    pub inferring: bool,
    /// A run learned a type that the run before did not know.
    pub learned: bool,
    pub lets: Vec<LetEntry<'t>>,
    /// Derived facts being checked, to find cycles.
    pub open_lets: Vec<usize>,
    /// How many expressions are being checked, each within the one before.
    pub depth: usize,
    /// The deepest that was seen, derived facts followed into their definitions.
    pub deepest: usize,
    /// Definitions that reach too deep were told.
    pub told_too_deep: bool,
    /// Facts and derived facts by name, for each record type.
    pub members: Vec<HashMap<SmolStr, Member>>,
    /// Record types by name and alias.
    pub record_names: HashMap<SmolStr, RecordId>,
    /// Units by name and alias.
    pub unit_names: HashMap<SmolStr, u16>,
    /// Clauses by name.
    pub clause_names: HashMap<SmolStr, Vec<ClauseId>>,
    /// Parameters by name.
    pub parameter_names: HashMap<SmolStr, Vec<ParameterId>>,
    /// Derived facts outside records, by name.
    pub let_names: HashMap<SmolStr, Vec<usize>>,
    /// Pending rules by policy and name.
    pub pending_names: HashMap<(Option<usize>, SmolStr), PendingId>,
    /// Whether the expression being checked saw a record.
    pub saw_record: bool,
    /// Types that the use of a derived fact asked of it, by its name.
    pub asked_of_lets: HashMap<SmolStr, Type>,
    /// Undeclared facts whose type nothing tells, with their first place.
    pub untyped: Vec<(SmolStr, Span)>,
}

impl<'t> Checker<'t> {
    pub fn new(project: &'t Project, declarations: &'t Declarations<'t>, inferred: Inferred) -> Self {
        let inferring = declarations.records.is_empty();
        let mut checker = Checker {
            program: Program::default(),
            diagnostics: Vec::new(),
            project,
            declarations,
            inferring,
            learned: false,
            lets: Vec::new(),
            open_lets: Vec::new(),
            depth: 0,
            deepest: 0,
            told_too_deep: false,
            members: Vec::new(),
            record_names: HashMap::new(),
            unit_names: HashMap::new(),
            clause_names: HashMap::new(),
            parameter_names: HashMap::new(),
            let_names: HashMap::new(),
            pending_names: HashMap::new(),
            saw_record: false,
            asked_of_lets: inferred.lets,
            untyped: Vec::new(),
        };
        checker.program.enums = inferred.enums;
        checker.program.units = inferred.units;
        checker.declare_units();
        checker.declare_records(inferred.records);
        checker
    }

    /// Checks everything, in an order in which each part finds what it names.
    pub fn run(&mut self) {
        self.declare_policies();
        self.declare_lets();
        self.declare_parameters();
        self.declare_clauses();
        self.check_facts();
        self.check_parameters();
        self.check_lets();
        self.check_clauses();
        self.check_policies();
        self.check_binds();
        self.check_settlement();
        self.check_tests();
        self.lookalikes();
        self.advise();
    }

    /// Finds the names of a program that is checked already: for values supplied later.
    pub fn find_again(&mut self) {
        for (at, parameter) in self.program.parameters.iter().enumerate() {
            let id = ParameterId(u32::try_from(at).unwrap_or(u32::MAX));
            for name in parameter.aliases.iter().chain([&parameter.name]) {
                self.parameter_names.entry(name.clone()).or_default().push(id);
            }
        }
        for (at, pending) in self.program.pendings.iter().enumerate() {
            let id = PendingId(u32::try_from(at).unwrap_or(u32::MAX));
            self.pending_names.insert((pending.policy.map(PolicyId::index), pending.name.clone()), id);
        }
    }

    /// What was learned, for the next run.
    pub fn take_inferred(self) -> Inferred {
        Inferred {
            records: self.program.records,
            enums: self.program.enums,
            units: self.program.units,
            lets: self.asked_of_lets,
        }
    }

    /// Tells which undeclared facts were taken, and which could not be typed.
    pub fn report_inferred(&mut self) {
        if !self.inferring {
            return;
        }
        let mut found = Vec::new();
        for record in self.program.records.iter().filter(|record| !record.is_history) {
            for fact in record.facts.iter().filter(|fact| fact.inferred && fact.kind != Type::Poison) {
                let kind = super::describe(&self.program, &fact.kind);
                found.push(
                    Diagnostic::new(Code::InferredFact).at(fact.span).with("name", &fact.name).with("expected", kind),
                );
            }
        }
        for (name, span) in std::mem::take(&mut self.untyped) {
            let code = if self.glued(&name).is_some() { continue } else { Code::CannotInfer };
            let fix = Argument::phrase(format!("{name} : 金额"), format!("{name} : money"));
            found.push(Diagnostic::new(code).at(span).with("name", &name).with("fix", fix));
        }
        self.diagnostics.extend(found);
    }

    /// Adds an expression to the arena.
    pub fn push(&mut self, node: Node, kind: Type, span: Span) -> ExprId {
        let id = ExprId(u32::try_from(self.program.exprs.len()).unwrap_or(u32::MAX));
        self.program.exprs.push(Expr { node, kind, span });
        id
    }

    /// A constant.
    pub fn constant(&mut self, value: Value, kind: Type, span: Span) -> ExprId {
        self.push(Node::Value(value), kind, span)
    }

    /// What stands for an expression that is wrong: quiet from here on.
    pub fn poison(&mut self, span: Span) -> ExprId {
        self.push(Node::Value(Value::None), Type::Poison, span)
    }

    /// The type of an expression.
    pub fn kind(&self, id: ExprId) -> &Type {
        self.program.exprs.get(id.index()).map_or(&Type::Poison, |expr| &expr.kind)
    }

    /// Where an expression is written.
    pub fn span(&self, id: ExprId) -> Span {
        self.program.exprs.get(id.index()).map_or(Span::default(), |expr| expr.span)
    }

    /// The constant that an expression is, if it is one.
    pub fn value(&self, id: ExprId) -> Option<&Value> {
        match &self.program.exprs.get(id.index())?.node {
            Node::Value(value) if *self.kind(id) != Type::Poison => Some(value),
            _ => None,
        }
    }

    /// Raises a diagnostic.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A type as a phrase in both languages.
    pub fn phrase(&self, kind: &Type) -> Argument {
        super::describe(&self.program, kind)
    }

    /// Runs `attempt`; if it raised an error, takes back what it raised and returns none.
    pub fn attempt<T>(&mut self, attempt: impl FnOnce(&mut Self) -> T) -> Result<T, Vec<Diagnostic>> {
        let before = self.diagnostics.len();
        let untyped = self.untyped.len();
        let result = attempt(self);
        let raised = self.diagnostics.split_off(before);
        if crate::diagnostic::has_errors(&raised) {
            self.untyped.truncate(untyped);
            return Err(raised);
        }
        self.diagnostics.extend(raised);
        Ok(result)
    }

    /// The main record type: the first that is declared; who a clause pays when it does not say.
    pub fn main_record(&self) -> RecordId {
        let at = self.program.records.iter().position(|record| !record.is_history).unwrap_or(0);
        RecordId(u32::try_from(at).unwrap_or(0))
    }

    /// The documentation comment that stands directly before a place.
    pub fn doc(&self, span: Span) -> SmolStr {
        let Some((_, comments)) = self.declarations.comments.iter().find(|(file, _)| *file == span.file) else {
            return SmolStr::default();
        };
        let Some(source) = self.project.sources.get(span.file) else { return SmolStr::default() };
        let end = comments.partition_point(|comment| comment.span.start < span.start);
        let mut start = span.start;
        let mut lines = Vec::new();
        for comment in comments.iter().take(end).rev() {
            let between = source.text.get(comment.span.end as usize..start as usize).unwrap_or("x");
            if !comment.doc || !between.trim().is_empty() || between.matches('\n').count() > 1 {
                break;
            }
            lines.push(comment.text.trim());
            start = comment.span.start;
        }
        lines.reverse();
        SmolStr::new(lines.join("\n"))
    }

    /// The program's policy of a scope.
    pub fn policy_id(scope: Scope) -> Option<PolicyId> {
        scope.policy.map(|at| PolicyId(u32::try_from(at).unwrap_or(u32::MAX)))
    }
}
