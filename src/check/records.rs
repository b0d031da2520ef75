//! Record types: blocks of one name add up, facts get their types, checks and defaults.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::context::{Checker, Home, LetEntry, LetState, Member, Sight, Want};
use super::program::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::nearest;
use crate::source::Span;
use crate::syntax::tree::{self, Compare, Name};
use crate::value::{Dimension, Number, Value};

/// The names of the history record type, Chinese first.
pub const HISTORY: [&str; 2] = ["历史", "history"];

impl<'t> Checker<'t> {
    /// Declares the record types with their facts; `inferred` are those that an earlier run learned.
    pub(super) fn declare_records(&mut self, inferred: Vec<RecordDef>) {
        if self.inferring {
            for mut record in inferred {
                record.facts.iter_mut().for_each(|fact| fact.inferred = true);
                self.add_record(record);
            }
        }
        let declarations = self.declarations;
        for block in &declarations.records {
            let Some(first) = block.names.first() else { continue };
            let known = block.names.iter().find_map(|name| self.record_names.get(&name.text).copied());
            let id = known.unwrap_or_else(|| self.add_record(new_record(&first.text, Some(block.span))));
            if known.is_none() {
                let doc = self.doc(block.span);
                if let Some(record) = self.program.records.get_mut(id.index()) {
                    record.doc = doc;
                }
            }
            for alias in &block.names {
                self.alias_record(id, alias);
            }
        }
        if self.program.records.iter().all(|record| record.is_history) {
            self.add_record(RecordDef { aliases: vec![SmolStr::new("enterprise")], ..new_record("企业", None) });
        }
        if !self.program.records.iter().any(|record| record.is_history) {
            self.add_history();
        }
        for block in &declarations.records {
            let Some(&id) = block.names.first().and_then(|name| self.record_names.get(&name.text)) else { continue };
            block.facts.iter().for_each(|fact| self.declare_fact(id, fact));
            for tree in &block.lets {
                let entry = self.lets.len();
                self.lets.push(LetEntry {
                    tree,
                    home: Home::Record(id),
                    state: LetState::Unchecked,
                    constant: false,
                    depth: 0,
                });
                for name in &tree.names {
                    self.add_member(id, name, Member::Let(entry));
                }
            }
        }
        self.link_dates();
    }

    fn add_record(&mut self, record: RecordDef) -> RecordId {
        let id = RecordId(u32::try_from(self.program.records.len()).unwrap_or(u32::MAX));
        for name in record.aliases.iter().chain([&record.name]) {
            self.record_names.insert(name.clone(), id);
        }
        let members = record.facts.iter().zip(0..).flat_map(|(fact, at)| {
            fact.aliases.iter().chain([&fact.name]).map(move |name| (name.clone(), Member::Fact(FactId(at))))
        });
        self.members.push(members.collect::<HashMap<_, _>>());
        self.program.records.push(record);
        id
    }

    fn alias_record(&mut self, id: RecordId, alias: &Name) {
        match self.record_names.get(&alias.text) {
            Some(&other) if other != id => {
                self.report(Diagnostic::new(Code::DuplicateName).at(alias.span).with("name", &alias.text));
            }
            Some(_) => {}
            None => {
                self.record_names.insert(alias.text.clone(), id);
                if let Some(record) = self.program.records.get_mut(id.index()) {
                    record.aliases.push(alias.text.clone());
                }
            }
        }
    }

    fn add_history(&mut self) {
        let money = || Type::Number(Dimension::money());
        let facts = [
            ("受益人", "recipient", Type::Text),
            ("政策", "policy", Type::Text),
            ("条款", "clause", Type::Text),
            ("项", "item", Type::Text),
            ("行", "row", Type::Text),
            ("日期", "date", Type::Date),
            ("标准", "standard", money()),
            ("已发放", "paid", money()),
            ("结算批次", "settlement", Type::Text),
        ];
        let facts = facts.map(|(name, alias, kind)| FactDef {
            aliases: vec![SmolStr::new(alias)],
            ..new_fact(SmolStr::new(name), kind, Span::default())
        });
        let history = new_record(HISTORY[0], None);
        self.add_record(RecordDef {
            aliases: vec![SmolStr::new(HISTORY[1])],
            facts: facts.to_vec(),
            is_history: true,
            ..history
        });
    }

    fn declare_fact(&mut self, record: RecordId, fact: &'t tree::Fact) {
        let Some(first) = fact.names.first() else { return };
        let (kind, whole) = self.declared_type(&fact.kind);
        let scale = fact.scale.as_ref().map_or(Number::ONE, |scale| self.scale(scale, &kind));
        let doc = self.doc(fact.span);
        let Some(def) = self.program.records.get_mut(record.index()) else { return };
        let id = FactId(u32::try_from(def.facts.len()).unwrap_or(u32::MAX));
        let aliases = fact.names.iter().skip(1).map(|name| name.text.clone()).collect();
        // The same fact may be declared by two documents that are used together, in the same words.
        if let Some(Member::Fact(known)) = self.members.get(record.index()).and_then(|m| m.get(&first.text)).copied() {
            let same = def.facts.get(known.index()).is_some_and(|other| {
                other.kind == kind
                    && other.per == fact.per
                    && other.aliases == aliases
                    && other.span.file != fact.span.file
            });
            if same {
                return;
            }
        }
        def.facts.push(FactDef {
            aliases,
            whole,
            per: fact.per,
            scale,
            doc,
            ..new_fact(first.text.clone(), kind, fact.span)
        });
        if fact.key {
            match def.key.and_then(|key| def.facts.get(key.index())) {
                Some(other) => {
                    let other = other.span;
                    let diagnostic =
                        Diagnostic::new(Code::DuplicateProperty).at(fact.span).at(other).with("name", "key");
                    self.diagnostics.push(diagnostic);
                }
                None => def.key = Some(id),
            }
        }
        for name in &fact.names {
            self.add_member(record, name, Member::Fact(id));
        }
    }

    fn add_member(&mut self, record: RecordId, name: &Name, member: Member) {
        let Some(members) = self.members.get_mut(record.index()) else { return };
        if let Some(&other) = members.get(&name.text) {
            let other = match other {
                Member::Fact(id) => {
                    self.program.records.get(record.index()).and_then(|r| r.facts.get(id.index())).map(|f| f.span)
                }
                Member::Let(entry) => self.lets.get(entry).map(|entry| entry.tree.span),
            };
            let owner = self.program.records.get(record.index()).map(|record| record.name.clone());
            let mut diagnostic =
                Diagnostic::new(Code::DuplicateName).at(name.span).with("name", &name.text).with_some("record", owner);
            diagnostic.spans.extend(other);
            self.report(diagnostic);
            return;
        }
        members.insert(name.text.clone(), member);
    }

    /// Finds the date of each `dated` level.
    fn link_dates(&mut self) {
        let declarations = self.declarations;
        for block in &declarations.records {
            let Some(&id) = block.names.first().and_then(|name| self.record_names.get(&name.text)) else { continue };
            for fact in &block.facts {
                let (Some(dated), Some(first)) = (&fact.dated, fact.names.first()) else { continue };
                let members = self.members.get(id.index());
                let date = match members.and_then(|m| m.get(&dated.text)) {
                    Some(Member::Fact(date)) => *date,
                    _ => {
                        let near =
                            members.and_then(|m| nearest(&dated.text, m.keys().map(SmolStr::as_str))).map(SmolStr::new);
                        self.report(
                            Diagnostic::new(Code::UnknownName)
                                .at(dated.span)
                                .with("name", &dated.text)
                                .with_some("near", near),
                        );
                        continue;
                    }
                };
                let Some(Member::Fact(level)) = members.and_then(|m| m.get(&first.text)).copied() else { continue };
                let Some(def) = self.program.records.get_mut(id.index()) else { continue };
                if def.facts.get(date.index()).is_some_and(|fact| !matches!(fact.kind, Type::Date | Type::Poison)) {
                    let found = def.facts.get(date.index()).map_or(Type::Poison, |fact| fact.kind.clone());
                    let (found, expected) = (self.phrase(&found), self.phrase(&Type::Date));
                    self.report(
                        Diagnostic::new(Code::TypeMismatch)
                            .at(dated.span)
                            .with("found", found)
                            .with("expected", expected),
                    );
                } else if let Some(level) = def.facts.get_mut(level.index()) {
                    level.dated = Some(date);
                }
            }
        }
    }

    /// Checks defaults and `where` of the declared facts.
    pub(super) fn check_facts(&mut self) {
        let declarations = self.declarations;
        for block in &declarations.records {
            let Some(&id) = block.names.first().and_then(|name| self.record_names.get(&name.text)) else { continue };
            for fact in &block.facts {
                let Some(first) = fact.names.first() else { continue };
                let Some(Member::Fact(at)) = self.members.get(id.index()).and_then(|m| m.get(&first.text)).copied()
                else {
                    continue;
                };
                self.check_fact(id, at, fact);
            }
        }
    }

    fn check_fact(&mut self, record: RecordId, at: FactId, fact: &tree::Fact) {
        let Some(kind) = self.fact(record, at).map(|fact| fact.kind.clone()) else { return };
        let mut sight = Sight::new(None, vec![record]);
        let default = fact.default.as_ref().and_then(|default| {
            let id = self.expression(&sight, default, Want::Need(&kind));
            let value = self.value(id).cloned();
            if value.is_none() && *self.kind(id) != Type::Poison {
                let expected = self.phrase(&kind);
                self.report(Diagnostic::new(Code::TypeMismatch).at(default.span).with("expected", expected));
            }
            value
        });
        let check = fact.check.as_ref().map(|condition| {
            sight.subject = Some(self.push(Node::Fact { record, up: 0, fact: at }, kind.clone(), fact.span));
            self.expression(&sight, condition, Want::Need(&Type::Bool))
        });
        let bounds = check.map_or((None, None), |check| self.bounds(check, at));
        if let Some(def) = self.program.records.get_mut(record.index()).and_then(|r| r.facts.get_mut(at.index())) {
            def.default = default;
            def.check = check;
            def.bounds = bounds;
        }
    }

    /// The bounds that a condition sets on a fact: those of `F >= a` and `F <= b`, alone or joined by `and`.
    fn bounds(&self, check: ExprId, fact: FactId) -> (Option<Value>, Option<Value>) {
        match self.program.exprs.get(check.index()).map(|expr| &expr.node) {
            Some(Node::And(parts)) => parts.iter().fold((None, None), |(low, high), part| {
                let (l, h) = self.bounds(*part, fact);
                (l.or(low), h.or(high))
            }),
            Some(Node::Compare(compare, subject, bound)) => {
                let is_fact = matches!(
                    self.program.exprs.get(subject.index()).map(|expr| &expr.node),
                    Some(Node::Fact { up: 0, fact: f, .. }) if *f == fact
                );
                let bound = self.value(*bound).filter(|bound| matches!(bound, Value::Number(_) | Value::Date(_)));
                match compare {
                    Compare::Greater | Compare::GreaterOrEqual if is_fact => (bound.cloned(), None),
                    Compare::Less | Compare::LessOrEqual if is_fact => (None, bound.cloned()),
                    _ => (None, None),
                }
            }
            _ => (None, None),
        }
    }

    /// The fact of a record type.
    pub(super) fn fact(&self, record: RecordId, fact: FactId) -> Option<&FactDef> {
        self.program.records.get(record.index())?.facts.get(fact.index())
    }

    /// The record type of that name; an unknown one is reported, or made when facts are inferred.
    pub(super) fn record_named(&mut self, name: &Name) -> Option<RecordId> {
        if let Some(&id) = self.record_names.get(&name.text) {
            return Some(id);
        }
        if self.inferring {
            return Some(self.add_record(new_record(&name.text, None)));
        }
        let near = nearest(&name.text, self.record_names.keys().map(SmolStr::as_str)).map(SmolStr::new);
        self.report(
            Diagnostic::new(Code::UnknownRecord).at(name.span).with("name", &name.text).with_some("near", near),
        );
        None
    }

    /// Takes a new undeclared fact, of a type that its use tells.
    pub(super) fn infer_fact(&mut self, record: RecordId, name: &Name, kind: Type) -> FactId {
        let at = self.program.records.get(record.index()).map_or(0, |r| r.facts.len());
        let id = FactId(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(def) = self.program.records.get_mut(record.index()) {
            def.facts.push(FactDef { inferred: true, ..new_fact(name.text.clone(), kind, name.span) });
        }
        if let Some(members) = self.members.get_mut(record.index()) {
            members.insert(name.text.clone(), Member::Fact(id));
        }
        self.learned = true;
        id
    }
}

fn new_record(name: &str, span: Option<Span>) -> RecordDef {
    RecordDef {
        name: SmolStr::new(name),
        aliases: Vec::new(),
        facts: Vec::new(),
        key: None,
        is_history: false,
        span,
        doc: SmolStr::default(),
    }
}

fn new_fact(name: SmolStr, kind: Type, span: Span) -> FactDef {
    FactDef {
        name,
        aliases: Vec::new(),
        kind,
        whole: false,
        per: None,
        scale: Number::ONE,
        default: None,
        check: None,
        bounds: (None, None),
        dated: None,
        span,
        doc: SmolStr::default(),
        inferred: false,
    }
}
