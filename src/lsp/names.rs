//! What every name means: where it is declared and where it is used.
//!
//! In: checked policies. Out: the names of every file with what they stand for. What an
//! expression means is what the checker bound; a name of an expression that does not check
//! is looked up by itself, so that help goes on beside an error.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::check::program::*;
use crate::policies::Policies;
use crate::source::{FileId, Span};
use crate::syntax::tree::walk::each_expression;
use crate::syntax::tree::{self, BindTarget, CellValue, ExprKind, Item, Name, Part, PropertyKind, StepKind, TestLine};

/// What a name stands for, in the program of one analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// A record type.
    Record(RecordId),
    /// A fact.
    Fact(RecordId, FactId),
    /// A value of a `one of` or `level of` type.
    Level(EnumId, usize),
    /// A derived fact.
    Let(LetId),
    /// A parameter.
    Parameter(ParameterId),
    /// A policy.
    Policy(PolicyId),
    /// An article.
    Article,
    /// A clause.
    Clause(ClauseId),
    /// A unit.
    Unit(usize),
}

/// A name at a place.
#[derive(Debug, Clone)]
pub(super) struct Occurrence {
    /// Where it stands, with its quotes.
    pub span: Span,
    /// The name.
    pub text: SmolStr,
    /// What it stands for, where that is known.
    pub symbol: Option<Symbol>,
    /// Whether it is declared here.
    pub declares: bool,
}

/// The names of every file, in order.
pub(super) fn all(policies: &Policies) -> HashMap<FileId, Vec<Occurrence>> {
    let program = policies.program();
    let mut bound: HashMap<Span, Symbol> = HashMap::new();
    for expr in &program.exprs {
        if let Some(symbol) = symbol_of(program, expr) {
            bound.insert(expr.span, symbol);
        }
    }
    let mut found = HashMap::new();
    for tree in policies.trees() {
        let mut collector = Collector { program, bound: &bound, policy: None, found: Vec::new() };
        collector.policy = collector.policy_of(&tree.items);
        collector.items(&tree.items);
        collector.expressions(&tree.items);
        collector.found.sort_by_key(|name| (name.span.start, name.symbol.is_none()));
        collector.found.dedup_by_key(|name| name.span.start);
        found.insert(tree.file, collector.found);
    }
    found
}

/// What an expression that is a name stands for.
fn symbol_of(program: &Program, expr: &Expr) -> Option<Symbol> {
    Some(match &expr.node {
        Node::Fact { record, fact, .. }
        | Node::FactIn { record, fact, .. }
        | Node::Items { record, fact, .. }
        | Node::OverPeriods { record, fact, .. } => Symbol::Fact(*record, *fact),
        Node::Let { id, .. } => Symbol::Let(*id),
        Node::Parameter(id) | Node::ParameterOn(id, _) => Symbol::Parameter(*id),
        Node::ClauseAmount(id) => Symbol::Clause(*id),
        Node::All(id) => Symbol::Record(*id),
        Node::Value(crate::value::Value::Code(code)) => match expr.kind {
            Type::Code(id) => {
                let values = program.enums.get(id.index()).map_or(0, |def| def.values.len());
                Some(*code as usize).filter(|code| *code < values).map(|code| Symbol::Level(id, code))?
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// Whether a name is one of these.
fn is_named(name: &SmolStr, canonical: &SmolStr, aliases: &[SmolStr]) -> bool {
    name == canonical || aliases.contains(name)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

struct Collector<'p> {
    program: &'p Program,
    bound: &'p HashMap<Span, Symbol>,
    /// The policy that is being walked through.
    policy: Option<PolicyId>,
    found: Vec<Occurrence>,
}

impl Collector<'_> {
    fn push(&mut self, name: &Name, symbol: Option<Symbol>, declares: bool) {
        self.found.push(Occurrence { span: name.span, text: name.text.clone(), symbol, declares });
    }

    fn declare(&mut self, names: &[Name], symbol: Option<Symbol>) {
        names.iter().for_each(|name| self.push(name, symbol, true));
    }

    fn record(&self, name: &SmolStr) -> Option<RecordId> {
        let at = self.program.records.iter().position(|def| is_named(name, &def.name, &def.aliases))?;
        Some(RecordId(number(at)))
    }

    fn fact(&self, record: RecordId, name: &SmolStr) -> Option<Symbol> {
        let facts = &self.program.records.get(record.index())?.facts;
        let at = facts.iter().position(|def| is_named(name, &def.name, &def.aliases))?;
        Some(Symbol::Fact(record, FactId(number(at))))
    }

    fn unit(&self, name: &SmolStr) -> Option<Symbol> {
        self.program.units.iter().position(|names| names.contains(name)).map(Symbol::Unit)
    }

    fn policy(&self, name: &SmolStr) -> Option<PolicyId> {
        self.program.policies.iter().position(|def| def.name == *name).map(|at| PolicyId(number(at)))
    }

    /// The one policy of a file, for what stands beside it.
    fn policy_of(&self, items: &[Item]) -> Option<PolicyId> {
        items.iter().find_map(|item| match item {
            Item::Policy(policy) => self.policy(&policy.name.text),
            _ => None,
        })
    }

    fn clause(&self, policy: Option<PolicyId>, name: &SmolStr) -> Option<Symbol> {
        let mut named = self.program.clauses.iter().enumerate().filter(|(_, def)| def.name == *name);
        let own = named.clone().find(|(_, def)| Some(def.policy) == policy);
        let (at, _) = own.or_else(|| if policy.is_none() { named.next() } else { None }).or_else(|| {
            let mut all = self.program.clauses.iter().enumerate().filter(|(_, def)| def.name == *name);
            let first = all.next()?;
            all.next().is_none().then_some(first)
        })?;
        Some(Symbol::Clause(ClauseId(number(at))))
    }

    fn paths(&mut self, paths: &[tree::Path]) {
        for path in paths {
            match path.parts.as_slice() {
                [clause] => {
                    let symbol = self.clause(self.policy, &clause.text);
                    let symbol = symbol.or_else(|| self.policy(&clause.text).map(Symbol::Policy));
                    self.push(clause, symbol, false);
                }
                [policy, clause, ..] => {
                    let id = self.policy(&policy.text);
                    self.push(policy, id.map(Symbol::Policy), false);
                    let symbol = id.and_then(|id| self.clause(Some(id), &clause.text));
                    self.push(clause, symbol, false);
                }
                [] => {}
            }
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(_) => {}
                Item::Unit(unit) => {
                    let symbol = unit.names.first().and_then(|name| self.unit(&name.text));
                    self.declare(&unit.names, symbol);
                }
                Item::Record(record) => self.record_block(record),
                Item::Let(fact) => self.let_fact(fact),
                Item::Parameter(parameter) => {
                    let at = self.program.parameters.iter().position(|def| def.span == parameter.span);
                    let at = at.or_else(|| {
                        let name = parameter.names.first()?;
                        self.program
                            .parameters
                            .iter()
                            .position(|def| def.name == name.text && def.policy == self.policy)
                    });
                    self.declare(&parameter.names, at.map(|at| Symbol::Parameter(ParameterId(number(at)))));
                }
                Item::Bind(bind) => self.bind(bind),
                Item::Policy(policy) => {
                    let id = self.policy(&policy.name.text);
                    self.push(&policy.name, id.map(Symbol::Policy), true);
                    let outer = std::mem::replace(&mut self.policy, id);
                    self.items(&policy.items);
                    self.policy = outer.or(id);
                }
                Item::Article(article) => {
                    article.name.iter().for_each(|name| self.push(name, Some(Symbol::Article), true));
                    self.items(&article.items);
                }
                Item::Clause(clause) => self.clause_block(clause),
                Item::Settle(settle) => settle.steps.iter().for_each(|step| self.step(&step.kind)),
                Item::Test(test) => test.lines.iter().for_each(|line| self.test_line(line)),
                Item::Property(property) => self.property(property),
            }
        }
    }

    fn record_block(&mut self, record: &tree::Record) {
        let id = record.names.first().and_then(|name| self.record(&name.text));
        self.declare(&record.names, id.map(Symbol::Record));
        for fact in &record.facts {
            let symbol = id.zip(fact.names.first()).and_then(|(id, name)| self.fact(id, &name.text));
            self.declare(&fact.names, symbol);
            let levels = symbol.and_then(|symbol| match symbol {
                Symbol::Fact(record, fact) => {
                    match self.program.records.get(record.index())?.facts.get(fact.index())?.kind {
                        Type::Code(levels) => Some(levels),
                        _ => None,
                    }
                }
                _ => None,
            });
            self.kind(&fact.kind, levels);
            if let Some(name) = &fact.dated {
                let symbol = id.and_then(|id| self.fact(id, &name.text));
                self.push(name, symbol, false);
            }
        }
        record.lets.iter().for_each(|fact| self.let_fact(fact));
    }

    fn kind(&mut self, kind: &tree::TypeExpr, levels: Option<EnumId>) {
        match kind {
            tree::TypeExpr::List(name) => {
                let symbol = self.record(&name.text).map(Symbol::Record);
                self.push(name, symbol, false);
            }
            tree::TypeExpr::Quantity(name) | tree::TypeExpr::Price(name) => {
                let symbol = self.unit(&name.text);
                self.push(name, symbol, false);
            }
            tree::TypeExpr::OneOf(names) | tree::TypeExpr::LevelOf(names) => {
                for (at, name) in names.iter().enumerate() {
                    self.push(name, levels.map(|levels| Symbol::Level(levels, at)), true);
                }
            }
            _ => {}
        }
    }

    fn let_fact(&mut self, fact: &tree::Let) {
        let at = self.program.lets.iter().position(|def| def.span == fact.span);
        let at = at.or_else(|| {
            let name = fact.names.first()?;
            self.program.lets.iter().position(|def| def.name == name.text && def.span.file == name.span.file)
        });
        self.declare(&fact.names, at.map(|at| Symbol::Let(LetId(number(at)))));
        fact.kind.iter().for_each(|kind| self.kind(kind, None));
    }

    fn bind(&mut self, bind: &tree::Bind) {
        let policy = bind.policy.as_ref().and_then(|name| self.policy(&name.text));
        if let Some(name) = &bind.policy {
            self.push(name, policy.map(Symbol::Policy), false);
        }
        if let BindTarget::Parameter(name) = &bind.target {
            let named = |def: &ParameterDef| is_named(&name.text, &def.name, &def.aliases);
            let parameters = &self.program.parameters;
            let own = parameters.iter().position(|def| named(def) && (policy.is_none() || def.policy == policy));
            self.push(name, own.map(|at| Symbol::Parameter(ParameterId(number(at)))), false);
        }
    }

    fn clause_block(&mut self, clause: &tree::Clause) {
        if let Some(name) = &clause.name {
            let at = self.program.clauses.iter().position(|def| def.name_span == name.span);
            self.push(name, at.map(|at| Symbol::Clause(ClauseId(number(at)))), true);
        }
        clause.lets.iter().for_each(|fact| self.let_fact(fact));
        for part in &clause.parts {
            match part {
                Part::To(name) => {
                    let symbol = self.record(&name.text).map(Symbol::Record);
                    self.push(name, symbol, false);
                }
                Part::Modifier(modifier) => self.paths(&modifier.with),
                Part::Property(property) => self.property(property),
                Part::Award(_) | Part::ForEach(..) | Part::Gate(_) => {}
            }
        }
    }

    fn property(&mut self, property: &tree::Property) {
        if let PropertyKind::Overrides(paths) = &property.kind {
            self.paths(paths);
        }
    }

    fn step(&mut self, step: &StepKind) {
        match step {
            StepKind::Modifier { modifier, clauses } => {
                self.paths(&modifier.with);
                self.paths(clauses);
            }
            StepKind::HighestAmong { clauses, .. }
            | StepKind::NotTogether { clauses, .. }
            | StepKind::Exclude { clauses, .. }
            | StepKind::Select { clauses, .. }
            | StepKind::Limit { clauses, .. }
            | StepKind::Budget { clauses, .. }
            | StepKind::OutsideBudget(clauses) => self.paths(clauses),
            StepKind::Policies(names) => {
                for name in names {
                    let symbol = self.policy(&name.text).map(Symbol::Policy);
                    self.push(name, symbol, false);
                }
            }
            StepKind::FundedBy(_) => {}
        }
    }

    fn test_line(&mut self, line: &TestLine) {
        match line {
            TestLine::Given { record, rows, .. } => {
                let id = self.record(&record.text);
                self.push(record, id.map(Symbol::Record), false);
                self.rows(id, rows);
            }
            TestLine::Bind(bind) => self.bind(bind),
            TestLine::Expect(_) => {}
        }
    }

    fn rows(&mut self, record: Option<RecordId>, rows: &[tree::Row]) {
        for cell in rows.iter().flat_map(|row| &row.cells) {
            let symbol = record.and_then(|record| self.fact(record, &cell.name.text));
            self.push(&cell.name, symbol, false);
            let kind = match symbol {
                Some(Symbol::Fact(record, fact)) => {
                    self.program.records.get(record.index()).and_then(|def| def.facts.get(fact.index()))
                }
                _ => None,
            };
            match (&cell.value, kind.map(|def| &def.kind)) {
                (CellValue::Rows(rows), Some(Type::List(inner))) => self.rows(Some(*inner), rows),
                (CellValue::Rows(rows), _) => self.rows(None, rows),
                (CellValue::Expr(tree::Expr { kind: ExprKind::Name(name), .. }), Some(Type::Code(levels))) => {
                    let values = self.program.enums.get(levels.index()).map_or(&[][..], |def| &def.values);
                    let at = values.iter().position(|value| *value == name.text);
                    self.push(name, at.map(|at| Symbol::Level(*levels, at)), false);
                }
                _ => {}
            }
        }
    }

    /// The names within expressions, by what the checker bound them to.
    fn expressions(&mut self, items: &[Item]) {
        let mut items = items.to_vec();
        let mut seen: Vec<(Name, Option<Symbol>)> = Vec::new();
        let mut paths: Vec<tree::Path> = Vec::new();
        each_expression(&mut items, &mut |expr| match &expr.kind {
            ExprKind::Name(name) => seen.push((name.clone(), self.bound.get(&name.span).copied())),
            ExprKind::Field(_, name) => seen.push((name.clone(), self.bound.get(&expr.span).copied())),
            // A fact with its period is bound as one.
            ExprKind::In(Some(fact), _) => {
                if let (ExprKind::Name(name), Some(symbol)) = (&fact.kind, self.bound.get(&expr.span)) {
                    seen.push((name.clone(), Some(*symbol)));
                }
            }
            ExprKind::PaidUnder(found) => paths.extend(found.iter().cloned()),
            _ => {}
        });
        for (name, symbol) in seen {
            let symbol = symbol.or_else(|| self.by_name(&name.text));
            self.push(&name, symbol, false);
        }
        self.paths(&paths);
    }

    /// What a name that the checker did not bind probably means: the one thing that is called so.
    fn by_name(&self, name: &SmolStr) -> Option<Symbol> {
        let named = |def: &LetDef| is_named(name, &def.name, &def.aliases);
        if let Some(at) = self.program.lets.iter().position(named) {
            return Some(Symbol::Let(LetId(number(at))));
        }
        let named = |def: &ParameterDef| is_named(name, &def.name, &def.aliases);
        if let Some(at) = self.program.parameters.iter().position(named) {
            return Some(Symbol::Parameter(ParameterId(number(at))));
        }
        let records = (0..self.program.records.len()).map(|at| RecordId(number(at)));
        let mut facts = records.filter_map(|record| self.fact(record, name));
        if let Some(fact) = facts.next() {
            return facts.next().is_none().then_some(fact);
        }
        if let Some(record) = self.record(name) {
            return Some(Symbol::Record(record));
        }
        if let Some(clause) = self.clause(self.policy, name) {
            return Some(clause);
        }
        if let Some(policy) = self.policy(name) {
            return Some(Symbol::Policy(policy));
        }
        let mut levels = self.program.enums.iter().enumerate().filter_map(|(id, def)| {
            let at = def.values.iter().position(|value| value == name)?;
            Some(Symbol::Level(EnumId(number(id)), at))
        });
        levels.next()
    }
}
