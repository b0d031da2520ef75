//! Policies and articles: properties, parameters, derived facts, bindings.

use smol_str::SmolStr;

use super::context::{Checker, Home, LetEntry, LetState, Sight, Want};
use super::figures::BUDGET;
use super::program::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::nearest;
use crate::source::Span;
use crate::syntax::tree::{self, BindTarget, Expr, PropertyKind, RoundMode};
use crate::value::{Date, Number, Period, Value};

impl<'t> Checker<'t> {
    /// Gives every policy and article its place, with the properties that need no expression.
    pub(super) fn declare_policies(&mut self) {
        let declarations = self.declarations;
        for decl in &declarations.policies {
            let mut def = PolicyDef {
                name: decl.name.clone(),
                title: None,
                number: None,
                issuers: Vec::new(),
                issued: None,
                force: None,
                overrides: Vec::new(),
                rounding: (RoundMode::HalfUp, fen()),
                budgets: Vec::new(),
                eligible: Vec::new(),
                articles: Vec::new(),
                funding: Vec::new(),
                span: decl.span,
                doc: decl.span.map_or(SmolStr::default(), |span| self.doc(span)),
            };
            self.once_each(&decl.properties);
            for property in &decl.properties {
                match &property.kind {
                    PropertyKind::Title(text) => def.title = Some(text.text.clone()),
                    PropertyKind::Number(text) => def.number = Some(text.text.clone()),
                    PropertyKind::Issuer(names) => def.issuers = names.iter().map(|name| name.text.clone()).collect(),
                    PropertyKind::Round(rounding) => def.rounding = self.rounding(rounding),
                    _ => {}
                }
            }
            for article in &decl.articles {
                let article = self.article(article.tree, &article.properties);
                def.articles.push(article);
            }
            self.program.policies.push(def);
        }
    }

    fn article(&mut self, tree: &tree::Article, properties: &[&tree::Property]) -> ArticleDef {
        self.once_each(properties);
        let mut def = ArticleDef {
            number: tree.number.as_ref().map_or(SmolStr::default(), |number| number.text.clone()),
            name: tree.name.as_ref().map_or(SmolStr::default(), |name| name.text.clone()),
            lead: Vec::new(),
            text: None,
            commitments: Vec::new(),
            funding: Vec::new(),
            span: tree.span,
        };
        for property in properties {
            match &property.kind {
                PropertyKind::Lead(names) => def.lead.extend(names.iter().map(|name| name.text.clone())),
                PropertyKind::Text(text) => def.text = Some((text.text.clone(), text.span)),
                PropertyKind::Commitment(text) => def.commitments.push(text.text.clone()),
                _ => {}
            }
        }
        def
    }

    /// A property that says one thing may stand once.
    fn once_each(&mut self, properties: &[&tree::Property]) {
        for (at, property) in properties.iter().enumerate() {
            let may_repeat = matches!(
                property.kind,
                PropertyKind::Lead(_)
                    | PropertyKind::Commitment(_)
                    | PropertyKind::Overrides(_)
                    | PropertyKind::Eligible(_)
                    | PropertyKind::Budget(_)
                    | PropertyKind::Convention { .. }
            );
            let same = |other: &&&tree::Property| {
                std::mem::discriminant(&other.kind) == std::mem::discriminant(&property.kind)
            };
            if !may_repeat && let Some(first) = properties.iter().take(at).find(same) {
                let name =
                    self.project.sources.text(property.span).split_whitespace().next().unwrap_or_default().to_owned();
                self.report(
                    Diagnostic::new(Code::DuplicateProperty).at(property.span).at(first.span).with("name", name),
                );
            }
        }
    }

    /// What the policy says of a comparison word: whether its bound is included.
    pub(super) fn convention(&self, policy: Option<usize>, word: &str) -> Option<bool> {
        let properties = &self.declarations.policies.get(policy?)?.properties;
        properties.iter().find_map(|property| match &property.kind {
            PropertyKind::Convention { word: name, included } if name.text == word => Some(*included),
            _ => None,
        })
    }

    /// Gives every derived fact outside records and clauses its place.
    pub(super) fn declare_lets(&mut self) {
        let declarations = self.declarations;
        for decl in &declarations.lets {
            let entry = self.lets.len();
            let home = Home::Policy(decl.scope.policy);
            for name in &decl.tree.names {
                let twin = self.let_names.get(&name.text).into_iter().flatten();
                let twin = twin.filter_map(|e| self.lets.get(*e)).find(|other| other.home == home);
                if let Some(other) = twin {
                    let other = other.tree.span;
                    self.diagnostics
                        .push(Diagnostic::new(Code::DuplicateName).at(name.span).at(other).with("name", &name.text));
                }
                self.let_names.entry(name.text.clone()).or_default().push(entry);
            }
            self.lets.push(LetEntry { tree: decl.tree, home, state: LetState::Unchecked, constant: false, depth: 0 });
        }
    }

    /// Checks every derived fact, used or not.
    pub(super) fn check_lets(&mut self) {
        for entry in 0..self.lets.len() {
            let Some(home) = self.lets.get(entry).map(|entry| entry.home) else { continue };
            let policy = match home {
                Home::Clause(_) => continue,
                Home::Policy(policy) => policy,
                Home::Record(_) => None,
            };
            let main = self.main_record();
            self.check_let(entry, &Sight::new(policy, vec![main]));
        }
    }

    /// Gives every parameter its place and, where it is written or can be told, its type.
    pub(super) fn declare_parameters(&mut self) {
        let declarations = self.declarations;
        for decl in &declarations.parameters {
            let policy = Self::policy_id(decl.scope);
            let kind = match &decl.tree.kind {
                Some(kind) => self.declared_type(kind).0,
                None => self.parameter_type(decl.scope.policy, decl.tree),
            };
            let id = ParameterId(u32::try_from(self.program.parameters.len()).unwrap_or(u32::MAX));
            for name in &decl.tree.names {
                let twin = self.parameter_names.get(&name.text).into_iter().flatten();
                let twin =
                    twin.filter_map(|id| self.program.parameters.get(id.index())).find(|other| other.policy == policy);
                if let Some(other) = twin {
                    let other = other.span;
                    self.diagnostics
                        .push(Diagnostic::new(Code::DuplicateName).at(name.span).at(other).with("name", &name.text));
                }
                self.parameter_names.entry(name.text.clone()).or_default().push(id);
            }
            let mut names = decl.tree.names.iter().map(|name| name.text.clone());
            self.program.parameters.push(ParameterDef {
                policy,
                name: names.next().unwrap_or_default(),
                aliases: names.collect(),
                kind,
                values: Vec::new(),
                span: decl.tree.span,
            });
        }
    }

    /// The type of a parameter's first value.
    fn parameter_type(&mut self, policy: Option<usize>, tree: &tree::Parameter) -> Type {
        let Some((_, value)) = tree.values.first() else { return Type::Poison };
        let sight = Sight::new(policy, Vec::new());
        let id = self.attempt(|checker| checker.expression(&sight, value, Want::Any));
        id.map_or(Type::Poison, |id| self.kind(id).clone())
    }

    /// The type of a parameter.
    pub(super) fn parameter_kind(&self, id: ParameterId) -> Type {
        self.program.parameters.get(id.index()).map_or(Type::Poison, |def| def.kind.clone())
    }

    /// Checks the values of every parameter; dates must ascend.
    pub(super) fn check_parameters(&mut self) {
        let declarations = self.declarations;
        for (at, decl) in declarations.parameters.iter().enumerate() {
            let Some(kind) = self.program.parameters.get(at).map(|def| def.kind.clone()) else { continue };
            let sight = Sight::new(decl.scope.policy, Vec::new());
            let mut values: Vec<(Option<Date>, ExprId)> = Vec::new();
            let mut last: Option<(Date, Span)> = None;
            for (from, value) in &decl.tree.values {
                let from = from.as_ref().and_then(|from| self.first_day(&sight, from).map(|date| (date, from.span)));
                if let (Some((date, span)), Some((before, before_span))) = (from, last)
                    && date <= before
                {
                    let name = decl.tree.names.first().map_or(SmolStr::default(), |name| name.text.clone());
                    let diagnostic = Diagnostic::new(Code::DatedOrder).at(span).at(before_span);
                    self.report(diagnostic.with("name", name).with("value", date.to_string()));
                }
                last = from.or(last);
                let value = self.expression(&sight, value, Want::Need(&kind));
                values.push((from.map(|(date, _)| date), value));
            }
            values.sort_by_key(|(from, _)| *from);
            if let Some(def) = self.program.parameters.get_mut(at) {
                def.values = values;
            }
        }
    }

    /// The first day of a date or period literal: what `from` means.
    fn first_day(&mut self, sight: &Sight, expr: &Expr) -> Option<Date> {
        let id = self.expression(sight, expr, Want::Hint(&Type::Period));
        match self.value(id).cloned() {
            Some(Value::Date(date)) => Some(date),
            Some(Value::Period(period)) => period.first,
            _ => {
                if *self.kind(id) != Type::Poison {
                    let (found, expected) = (self.phrase(&self.kind(id).clone()), self.phrase(&Type::Date));
                    self.report(
                        Diagnostic::new(Code::TypeMismatch)
                            .at(expr.span)
                            .with("found", found)
                            .with("expected", expected),
                    );
                }
                None
            }
        }
    }

    /// The properties of policies that hold expressions, over each recipient that the policy pays.
    pub(super) fn check_policies(&mut self) {
        let declarations = self.declarations;
        for (at, decl) in declarations.policies.iter().enumerate() {
            let id = PolicyId(u32::try_from(at).unwrap_or(u32::MAX));
            let recipients = self.recipients(id);
            for property in &decl.properties {
                self.policy_property(id, &recipients, property);
            }
            for (number, article) in decl.articles.iter().enumerate() {
                for property in &article.properties {
                    if let PropertyKind::FundedBy(payers) = &property.kind {
                        let payers =
                            self.payers(&Sight::new(Some(at), vec![self.main_record()]), payers, property.span);
                        if let Some(article) =
                            self.program.policies.get_mut(at).and_then(|p| p.articles.get_mut(number))
                        {
                            article.funding = payers;
                        }
                    }
                }
            }
        }
    }

    /// The record types that a policy pays, with a clause of each.
    fn recipients(&self, policy: PolicyId) -> Vec<(RecordId, ClauseId)> {
        let mut out: Vec<(RecordId, ClauseId)> = Vec::new();
        for (clause, at) in self.program.clauses.iter().zip(0..) {
            if clause.policy == policy && !out.iter().any(|(record, _)| *record == clause.recipient) {
                out.push((clause.recipient, ClauseId(at)));
            }
        }
        out
    }

    fn policy_property(&mut self, id: PolicyId, recipients: &[(RecordId, ClauseId)], property: &tree::Property) {
        let at = id.index();
        let sight = Sight::new(Some(at), Vec::new());
        match &property.kind {
            PropertyKind::Issued(date) => {
                let issued = self.first_day(&sight, date);
                self.edit(at, |def| def.issued = issued);
            }
            PropertyKind::InForce { range, by } => {
                let range_id = self.expression(&sight, range, Want::Need(&Type::Period));
                let by = by.as_ref().map_or(Vec::new(), |by| self.for_recipients(at, recipients, by, &Type::Date));
                let force = ForceDef { range: range_id, by, span: property.span };
                self.edit(at, |def| def.force = Some(force));
            }
            PropertyKind::Overrides(paths) => {
                let sight = Sight { clauses: true, ..sight };
                let found = paths.iter().filter_map(|path| self.overridden(&sight, path)).collect::<Vec<_>>();
                self.edit(at, |def| def.overrides.extend(found));
            }
            PropertyKind::Budget(rows) => {
                let money = Self::money();
                for (period, amount) in rows {
                    let period = period.as_ref().map(|period| {
                        let id = self.expression(&sight, period, Want::Need(&Type::Period));
                        self.period_value(id)
                    });
                    let amount = self.expression(&sight, amount, Want::Need(&money));
                    self.figure(amount, BUDGET);
                    // A period that is wrong is reported; its row is left out.
                    if let Some(period) = flatten(period) {
                        self.budget_once(at, period, amount);
                        self.edit(at, |def| def.budgets.push((period, amount)));
                    }
                }
            }
            PropertyKind::Eligible(condition) => {
                let conditions = self.for_recipients(at, recipients, condition, &Type::Bool);
                self.edit(at, |def| def.eligible.extend(conditions));
            }
            PropertyKind::FundedBy(payers) => {
                let payers = self.payers(&Sight::new(Some(at), vec![self.main_record()]), payers, property.span);
                self.edit(at, |def| def.funding = payers);
            }
            _ => {}
        }
    }

    fn edit(&mut self, policy: usize, edit: impl FnOnce(&mut PolicyDef)) {
        if let Some(def) = self.program.policies.get_mut(policy) {
            edit(def);
        }
    }

    /// An expression over each record type that the policy pays. A type that lacks its facts is asked about.
    fn for_recipients(
        &mut self,
        policy: usize,
        recipients: &[(RecordId, ClauseId)],
        expr: &Expr,
        kind: &Type,
    ) -> Vec<(RecordId, ExprId)> {
        let mut out = Vec::new();
        let mut failed = Vec::new();
        for &(record, clause) in recipients {
            let sight = Sight::new(Some(policy), vec![record]);
            match self.attempt(|checker| checker.expression(&sight, expr, Want::Need(kind))) {
                Ok(id) => out.push((record, id)),
                Err(raised) => failed.push((record, clause, raised)),
            }
        }
        if recipients.is_empty() {
            let sight = Sight::new(Some(policy), vec![self.main_record()]);
            self.expression(&sight, expr, Want::Need(kind));
        }
        if out.is_empty() {
            // Nobody has these facts: the expression itself is wrong.
            self.diagnostics.extend(failed.into_iter().next().map(|(_, _, raised)| raised).unwrap_or_default());
            return out;
        }
        for (record, clause, _) in failed {
            let name = self.project.sources.text(expr.span).to_owned();
            let record = self.program.records.get(record.index()).map(|r| r.name.clone()).unwrap_or_default();
            let clause = self.program.clauses.get(clause.index()).map(|c| (c.name.clone(), c.name_span));
            let mut diagnostic =
                Diagnostic::new(Code::WrongRecipient).at(expr.span).with("name", name).with("record", record);
            if let Some((clause, span)) = clause {
                diagnostic = diagnostic.at(span).with("clause", clause);
            }
            self.report(diagnostic);
        }
        out
    }

    /// What a policy overrides: a clause, or a whole policy, loaded or not.
    fn overridden(&mut self, sight: &Sight, path: &tree::Path) -> Option<ClauseRef> {
        if let [name] = path.parts.as_slice()
            && self.clause_of(sight, name).is_none()
        {
            return Some(ClauseRef {
                clause: None,
                policy: name.text.clone(),
                name: SmolStr::default(),
                span: path.span,
            });
        }
        self.history_clause(sight, path)
    }

    /// `bind` declarations of policies.
    pub(super) fn check_binds(&mut self) {
        let declarations = self.declarations;
        for (scope, bind) in &declarations.binds {
            match self.binding(scope.policy, bind) {
                Some(Binding::Pending(id, value)) => {
                    if let Some(def) = self.program.pendings.get_mut(id.index()) {
                        def.bound = Some(value);
                    }
                }
                Some(Binding::Parameter(id, value)) => {
                    if let Some(def) = self.program.parameters.get_mut(id.index()) {
                        def.values = vec![(None, value)];
                    }
                }
                None => {}
            }
        }
    }

    /// What a `bind` supplies: for a pending rule by its text, or for a parameter by its name.
    pub(super) fn binding(&mut self, policy: Option<usize>, bind: &tree::Bind) -> Option<Binding> {
        let owner = match &bind.policy {
            Some(name) => match self.program.policies.iter().position(|p| p.name == name.text) {
                Some(at) => Some(at),
                None => {
                    let policies: Vec<SmolStr> = self.program.policies.iter().map(|p| p.name.clone()).collect();
                    let near = nearest(&name.text, policies.iter().map(SmolStr::as_str)).map(SmolStr::new);
                    self.report(
                        Diagnostic::new(Code::UnknownPending)
                            .at(name.span)
                            .with("name", &name.text)
                            .with_some("near", near),
                    );
                    return None;
                }
            },
            None => policy,
        };
        let (text, span) = match &bind.target {
            BindTarget::Pending(text) => (&text.text, text.span),
            BindTarget::Parameter(name) => (&name.text, name.span),
        };
        let target = self.bind_target(owner, text, matches!(bind.target, BindTarget::Parameter(_)));
        let Some(target) = target else {
            let mut names: Vec<SmolStr> = self.program.pendings.iter().map(|def| def.name.clone()).collect();
            names.extend(self.program.parameters.iter().map(|def| def.name.clone()));
            let near = nearest(text, names.iter().map(SmolStr::as_str)).map(SmolStr::new);
            self.report(Diagnostic::new(Code::UnknownPending).at(span).with("name", text).with_some("near", near));
            return None;
        };
        let kind = match target {
            Ok(id) => self.program.pendings.get(id.index()).map(|def| def.kind.clone()),
            Err(id) => Some(self.parameter_kind(id)),
        };
        let kind = kind.unwrap_or(Type::Poison);
        let sight = Sight::new(owner, vec![self.main_record()]);
        let value = self.expression(&sight, &bind.value, Want::Need(&kind));
        Some(match target {
            Ok(id) => Binding::Pending(id, value),
            Err(id) => Binding::Parameter(id, value),
        })
    }

    /// The pending rule or parameter of that name: of the policy, or the only one of that name.
    fn bind_target(
        &self,
        policy: Option<usize>,
        text: &SmolStr,
        parameter: bool,
    ) -> Option<Result<PendingId, ParameterId>> {
        if parameter {
            let own = self.parameter_of(policy, text).or_else(|| self.parameter_of(None, text));
            let only = || match self.parameter_names.get(text).map(Vec::as_slice) {
                Some([only]) => Some(*only),
                _ => None,
            };
            if let Some(id) = own.or_else(only) {
                return Some(Err(id));
            }
        }
        if let Some(&id) = self.pending_names.get(&(policy, text.clone())) {
            return Some(Ok(id));
        }
        let mut same = self.pending_names.iter().filter(|((_, name), _)| name == text).map(|(_, id)| *id);
        match (same.next(), same.next()) {
            (Some(id), None) => Some(Ok(id)),
            _ => None,
        }
    }
}

/// One fen, the unit to which amounts are rounded by default.
fn fen() -> Number {
    Number::from_digits("0.01").unwrap_or(Number::ONE)
}

/// No period is written: the whole time. A period is written and known: that. Written but wrong: nothing.
fn flatten(period: Option<Option<Period>>) -> Option<Option<Period>> {
    match period {
        None => Some(None),
        Some(Some(period)) => Some(Some(period)),
        Some(None) => None,
    }
}
