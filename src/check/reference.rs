//! Names in expressions: facts, derived facts, parameters, clauses, fields, and names that nothing declares.

use smol_str::SmolStr;

use super::context::{Checker, Sight, Want};
use super::names::Meaning;
use super::program::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{self, Expr, ExprKind, Name};
use crate::value::Value;

impl Checker<'_> {
    /// A name alone.
    pub(super) fn name(&mut self, sight: &Sight, name: &Name, want: Want) -> ExprId {
        let span = name.span;
        match self.meaning(sight, name) {
            Some(Meaning::Fact { up, record, fact }) => self.fact_node(up, record, fact, want, span),
            Some(Meaning::Let { up, id }) => {
                let kind = self.program.lets.get(id.index()).map_or(Type::Poison, |def| def.kind.clone());
                if self.inferring && kind == Type::Poison {
                    self.ask_of_let(id, want);
                }
                self.push(Node::Let { up, id }, kind, span)
            }
            Some(Meaning::Parameter(id)) => {
                let kind = self.parameter_kind(id);
                self.push(Node::Parameter(id), kind, span)
            }
            Some(Meaning::Clause(id)) => self.push(Node::ClauseAmount(id), Self::money(), span),
            Some(Meaning::Year) => self.push(Node::Year, Type::Period, span),
            Some(Meaning::Period) => self.push(Node::Period, Type::Period, span),
            Some(Meaning::Today) => self.push(Node::Today, Type::Date, span),
            Some(Meaning::Paid) => {
                let own = sight.clause.and_then(|at| self.program.clauses.get(at)).map(|clause| clause.name.clone());
                let clause = sight.clause.and_then(|at| u32::try_from(at).ok()).map(ClauseId);
                let reference = ClauseRef { clause, policy: SmolStr::default(), name: own.unwrap_or_default(), span };
                self.push(Node::PaidUnder(vec![reference]), Self::money(), span)
            }
            Some(Meaning::Total) => self.push(Node::Total, Self::money(), span),
            Some(Meaning::Poison) => self.poison(span),
            None => self.undeclared(sight, name, want),
        }
    }

    /// A derived fact of undeclared facts learns its type from its place, for the next run.
    pub(super) fn ask_of_let(&mut self, id: LetId, want: Want) {
        let name = self.program.lets.get(id.index()).map(|def| def.name.clone());
        if let (Some(name), Some(kind)) = (name, want.kind())
            && *kind != Type::Poison
            && !self.asked_of_lets.contains_key(&name)
        {
            self.asked_of_lets.insert(name, kind.clone());
            self.learned = true;
        }
    }

    /// A fact of a record in scope; an undeclared one learns its type from its place.
    pub(super) fn fact_node(&mut self, up: u8, record: RecordId, fact: FactId, want: Want, span: Span) -> ExprId {
        let Some(def) = self.fact(record, fact) else { return self.poison(span) };
        let (mut kind, inferred) = (def.kind.clone(), def.inferred);
        if kind == Type::Poison && inferred {
            match want.kind() {
                Some(wanted) if *wanted != Type::Poison => {
                    kind = wanted.clone();
                    self.learned = true;
                    if let Some(def) =
                        self.program.records.get_mut(record.index()).and_then(|r| r.facts.get_mut(fact.index()))
                    {
                        def.kind = kind.clone();
                    }
                }
                _ => {
                    let name = def.name.clone();
                    self.untyped.push((name, span));
                }
            }
        }
        match kind {
            Type::List(_) => self.push(Node::Items { record, up, fact }, kind, span),
            _ => self.push(Node::Fact { record, up, fact }, kind, span),
        }
    }

    /// A name that nothing declares: a level of the type needed, an inferred fact, or an error.
    pub(super) fn undeclared(&mut self, sight: &Sight, name: &Name, want: Want) -> ExprId {
        if let Some(Type::Code(id)) = want.kind() {
            let values = self.program.enums.get(id.index()).map(|e| e.values.as_slice()).unwrap_or_default();
            if let Some(code) = values.iter().position(|value| *value == name.text) {
                let code = u16::try_from(code).unwrap_or(u16::MAX);
                return self.constant(Value::Code(code), Type::Code(*id), name.span);
            }
            if matches!(name.text.as_str(), "无" | "none") {
                return self.constant(Value::None, Type::Code(*id), name.span);
            }
        }
        let is_level = matches!(want.kind(), Some(Type::Code(_)));
        let glued = !name.quoted && self.glued(&name.text).is_some();
        if self.inferring && !is_level && !glued {
            let Some(&record) = sight.frames.last() else { return self.poison(name.span) };
            let fact = self.infer_fact(record, name, Type::Poison);
            self.saw_record = true;
            return self.fact_node(0, record, fact, want, name.span);
        }
        self.unknown_name(sight, name, want);
        self.poison(name.span)
    }

    /// `A的B`, `A.B`: a field of a record in scope, a clause or parameter of a policy.
    pub(super) fn field(&mut self, sight: &Sight, base: &Expr, name: &Name, want: Want, span: Span) -> ExprId {
        let ExprKind::Name(owner) = &base.kind else {
            let id = self.expression(sight, base, Want::Any);
            if *self.kind(id) != Type::Poison {
                let found = self.phrase(&self.kind(id).clone());
                self.report(Diagnostic::new(Code::NotAField).at(span).with("name", &name.text).with("left", found));
            }
            return self.poison(span);
        };
        if let Some(policy) = self.program.policies.iter().position(|p| p.name == owner.text) {
            if let Some(id) = self.parameter_of(Some(policy), &name.text) {
                let kind = self.parameter_kind(id);
                return self.push(Node::Parameter(id), kind, span);
            }
            if sight.clauses {
                let path = tree::Path { parts: vec![owner.clone(), name.clone()], span };
                return match self.clause_at(sight, &path) {
                    Some(id) => self.push(Node::ClauseAmount(id), Self::money(), span),
                    None => self.poison(span),
                };
            }
        }
        if let Some(&record) = self.record_names.get(&owner.text)
            && let Some(at) = sight.frames.iter().rposition(|frame| *frame == record)
        {
            let mut only = sight.clone();
            only.frames.truncate(at + 1);
            let outward = u8::try_from(sight.frames.len() - 1 - at).unwrap_or(u8::MAX);
            let id = self.name(&only, name, want);
            return self.outward(id, outward);
        }
        let record = self
            .record_names
            .get(&owner.text)
            .and_then(|id| self.program.records.get(id.index()))
            .map(|r| r.name.clone());
        let diagnostic = Diagnostic::new(Code::NotAField).at(span).with("name", &name.text).with_some("record", record);
        self.report(diagnostic.with_some("value", super::names::in_figures(&name.text)));
        self.poison(span)
    }

    /// The same fact seen from `outward` frames further in.
    pub(super) fn outward(&mut self, id: ExprId, outward: u8) -> ExprId {
        if let Some(expr) = self.program.exprs.get_mut(id.index()) {
            match &mut expr.node {
                Node::Fact { up, .. } | Node::Let { up, .. } | Node::Items { up, .. } => {
                    *up = up.saturating_add(outward)
                }
                _ => {}
            }
        }
        id
    }
}
