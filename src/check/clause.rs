//! Clauses: one award each, its modifiers, gates, recipient and properties.

use smol_str::SmolStr;

use super::context::{Checker, Home, LetEntry, LetState, Sight, Want};
use super::figures::SHARE;
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::ClauseDecl;
use crate::source::Span;
use crate::syntax::tree::{self, ExprKind, Gate, GateKind, Modifier, ModifierKind, Part, Path, PropertyKind};
use crate::value::{Dimension, Number, Value};

impl<'t> Checker<'t> {
    /// Gives every clause its number, so that others may name it.
    pub(super) fn declare_clauses(&mut self) {
        let declarations = self.declarations;
        for (at, decl) in declarations.clauses.iter().enumerate() {
            let id = ClauseId(u32::try_from(at).unwrap_or(u32::MAX));
            let def = self.unfilled_clause(decl, id);
            let same = self.clause_names.get(&def.name).into_iter().flatten();
            let twin =
                same.filter_map(|id| self.program.clauses.get(id.index())).find(|other| other.policy == def.policy);
            if let Some(other) = twin {
                let diagnostic =
                    Diagnostic::new(Code::DuplicateName).at(def.name_span).at(other.name_span).with("name", &def.name);
                self.diagnostics.push(diagnostic);
            }
            self.clause_names.entry(def.name.clone()).or_default().push(id);
            self.program.clauses.push(def);
            for tree in &decl.tree.lets {
                let entry = self.lets.len();
                self.lets.push(LetEntry {
                    tree,
                    home: Home::Clause(at),
                    state: LetState::Unchecked,
                    constant: false,
                    depth: 0,
                });
                for name in &tree.names {
                    self.let_names.entry(name.text.clone()).or_default().push(entry);
                }
            }
        }
    }

    fn unfilled_clause(&mut self, decl: &ClauseDecl<'t>, id: ClauseId) -> ClauseDef {
        let tree = decl.tree;
        let award = tree.parts.iter().find_map(|part| match part {
            Part::Award(award) => Some(award.span),
            _ => None,
        });
        let policy = PolicyId(u32::try_from(decl.scope.policy.unwrap_or(0)).unwrap_or(u32::MAX));
        let article = decl.article.and_then(|at| self.program.policies.get(policy.index())?.articles.get(at));
        // A bare award goes by its article's name, or by its place.
        let unnamed = || match article.map(|article| article.name.clone()).filter(|name| !name.is_empty()) {
            Some(name) if !self.clause_names.contains_key(&name) => name,
            _ if id.0 == 0 => SmolStr::new("award"),
            _ => SmolStr::new(format!("award {}", u64::from(id.0) + 1)),
        };
        let name = tree.name.as_ref().map_or_else(unnamed, |name| name.text.clone());
        ClauseDef {
            name,
            policy,
            article: decl.article,
            recipient: self.main_record(),
            up_to: false,
            recover: false,
            amount: ExprId(0),
            for_each: None,
            modifiers: Vec::new(),
            gates: Vec::new(),
            funding: Vec::new(),
            outside_budget: false,
            text: None,
            span: tree.span,
            name_span: tree.name.as_ref().map_or(award.unwrap_or(tree.span), |name| name.span),
            award_span: award.unwrap_or(tree.span),
            doc: self.doc(tree.span),
        }
    }

    /// Checks every clause.
    pub(super) fn check_clauses(&mut self) {
        let declarations = self.declarations;
        for (at, decl) in declarations.clauses.iter().enumerate() {
            self.check_clause(at, decl);
        }
    }

    fn check_clause(&mut self, at: usize, decl: &ClauseDecl<'t>) {
        let Some(mut def) = self.program.clauses.get(at).cloned() else { return };
        let parts = &decl.tree.parts;
        if let Some(name) = parts.iter().find_map(|part| match part {
            Part::To(name) => Some(name),
            _ => None,
        }) && let Some(record) = self.record_named(name)
        {
            def.recipient = record;
        }
        let mut sight = Sight::new(decl.scope.policy, vec![def.recipient]);
        sight.clause = Some(at);
        self.one_award(&def, parts);
        def.for_each = parts
            .iter()
            .find_map(|part| match part {
                Part::ForEach(list, _) => Some(list),
                _ => None,
            })
            .and_then(|list| self.list(&sight, list));
        let item = def.for_each.map_or_else(|| sight.clone(), |(_, record)| sight.inside(record));
        for part in parts {
            match part {
                Part::Award(award) => self.award(&mut def, &item, award),
                Part::Modifier(modifier) => {
                    let seen = if modifier.each && def.for_each.is_some() { &item } else { &sight };
                    if modifier.each && def.for_each.is_none() {
                        let name = self.project.sources.text(modifier.span).to_owned();
                        let diagnostic = Diagnostic::new(Code::EachWithoutList)
                            .at(modifier.span)
                            .with("name", name)
                            .with_some("clause", def.own_name());
                        self.report(diagnostic);
                    }
                    let modifier = self.modifier(seen, modifier);
                    def.modifiers.extend(modifier);
                }
                Part::Gate(gate) => {
                    let gate = self.gate(&sight, gate);
                    def.gates.push(gate);
                }
                Part::Property(property) => self.clause_property(&mut def, &sight, property),
                Part::ForEach(..) | Part::To(_) => {}
            }
        }
        // Those of clauses stand behind all others, in the order of the clauses.
        let first = self.lets.partition_point(|entry| !matches!(entry.home, Home::Clause(of) if of >= at));
        for entry in first..first.saturating_add(decl.tree.lets.len()) {
            self.check_let(entry, &sight);
        }
        if let Some(slot) = self.program.clauses.get_mut(at) {
            *slot = def;
        }
    }

    /// Exactly one award.
    fn one_award(&mut self, def: &ClauseDef, parts: &[Part]) {
        let awards: Vec<Span> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Award(award) => Some(award.span),
                _ => None,
            })
            .collect();
        match awards.as_slice() {
            [] => self.report(Diagnostic::new(Code::NoAward).at(def.name_span).with_some("clause", def.own_name())),
            [_] => {}
            [first, rest @ ..] => {
                for second in rest {
                    self.report(
                        Diagnostic::new(Code::TwoAwards).at(*second).at(*first).with_some("clause", def.own_name()),
                    );
                }
            }
        }
    }

    fn award(&mut self, def: &mut ClauseDef, sight: &Sight, award: &tree::Award) {
        let money = Self::money();
        def.up_to |= award.up_to.is_some();
        def.recover |= award.recover;
        def.amount = self.expression(sight, &award.amount, Want::Need(&money));
        if let Some(Value::Number(amount)) = self.value(def.amount).cloned()
            && amount.is_negative()
        {
            let diagnostic = Diagnostic::new(Code::NegativeAward).at(award.amount.span).with("clause", &def.name);
            self.report(diagnostic.with("value", amount.to_string()));
        }
    }

    /// A modifier as the engines read it.
    pub(super) fn modifier(&mut self, sight: &Sight, modifier: &Modifier) -> Option<ModifierDef> {
        let money = Self::money();
        let rate = Type::Number(Dimension::NONE);
        let kind = match &modifier.kind {
            ModifierKind::Cap(e) => ModifierKindDef::Cap(self.expression(sight, e, Want::Need(&money))),
            ModifierKind::Floor(e) => ModifierKindDef::Floor(self.expression(sight, e, Want::Need(&money))),
            ModifierKind::Less(e) => ModifierKindDef::Less(self.expression(sight, e, Want::Need(&money))),
            ModifierKind::NothingBelow(e) => {
                ModifierKindDef::NothingBelow(self.expression(sight, e, Want::Need(&money)))
            }
            ModifierKind::Times(e) => ModifierKindDef::Times(self.expression(sight, e, Want::Need(&rate))),
            ModifierKind::Round(rounding) => {
                let (mode, unit) = self.rounding(rounding);
                ModifierKindDef::Round(mode, unit)
            }
            ModifierKind::ToppingUp { on_paid } => ModifierKindDef::ToppingUp { on_paid: *on_paid },
            ModifierKind::Once => ModifierKindDef::Once,
        };
        let with = modifier.with.iter().filter_map(|path| self.history_clause(sight, path)).collect();
        Some(ModifierDef { kind, each: modifier.each, cumulative: modifier.cumulative, with, span: modifier.span })
    }

    fn gate(&mut self, sight: &Sight, gate: &Gate) -> GateDef {
        let kind = match &gate.kind {
            GateKind::When(condition) => GateKindDef::When(self.condition(sight, condition)),
            GateKind::Unless(condition) => GateKindDef::Unless(self.condition(sight, condition)),
            GateKind::During { range, by } => GateKindDef::During {
                range: self.expression(sight, range, Want::Hint(&Type::Period)),
                by: by.as_ref().map(|by| self.expression(sight, by, Want::Need(&Type::Date))),
            },
        };
        if let GateKindDef::During { range, .. } = &kind {
            let found = self.kind(*range).clone();
            if !matches!(found, Type::Period | Type::Date | Type::Poison) {
                let (found, expected) = (self.phrase(&found), self.phrase(&Type::Period));
                let span = self.span(*range);
                self.report(
                    Diagnostic::new(Code::TypeMismatch).at(span).with("found", found).with("expected", expected),
                );
            }
        }
        GateDef { kind, span: gate.span }
    }

    /// A condition. A bare name that is no condition is probably cut off from its comparison by a line end.
    pub(super) fn condition(&mut self, sight: &Sight, condition: &tree::Expr) -> ExprId {
        let id = self.expression(sight, condition, Want::Need(&Type::Bool));
        if self.value(id) == Some(&Value::Bool(false)) && !matches!(condition.kind, ExprKind::Poison) {
            let phrase = Argument::phrase("永远不成立", "never true");
            self.report(Diagnostic::new(Code::NeverTrue).at(condition.span).with("value", phrase));
        }
        id
    }

    /// A clause that history may hold: one that is loaded, or one of a policy that is not.
    pub(super) fn history_clause(&mut self, sight: &Sight, path: &Path) -> Option<ClauseRef> {
        let loaded = |policy: &str| self.program.policies.iter().any(|p| p.name == policy);
        if let [policy, name] = path.parts.as_slice()
            && !loaded(&policy.text)
        {
            return Some(ClauseRef {
                clause: None,
                policy: policy.text.clone(),
                name: name.text.clone(),
                span: path.span,
            });
        }
        let id = self.clause_at(sight, path)?;
        let clause = self.program.clauses.get(id.index())?;
        let policy = self.program.policies.get(clause.policy.index()).map(|p| p.name.clone()).unwrap_or_default();
        Some(ClauseRef { clause: Some(id), policy, name: clause.name.clone(), span: path.span })
    }

    fn clause_property(&mut self, def: &mut ClauseDef, sight: &Sight, property: &tree::Property) {
        match &property.kind {
            PropertyKind::Text(text) => def.text = Some((text.text.clone(), text.span)),
            PropertyKind::OutsideBudget => def.outside_budget = true,
            PropertyKind::FundedBy(payers) => def.funding = self.payers(sight, payers, property.span),
            _ => {}
        }
    }

    /// The payers of `funded by`; constant shares must not pass the whole.
    pub(super) fn payers(&mut self, sight: &Sight, payers: &[tree::Payer], span: Span) -> Vec<PayerDef> {
        let rate = Type::Number(Dimension::NONE);
        let money = Self::money();
        let defs: Vec<PayerDef> = payers
            .iter()
            .map(|payer| PayerDef {
                name: payer.name.text.clone(),
                share: payer.share.as_ref().map(|share| {
                    let share = self.expression(sight, share, Want::Need(&rate));
                    self.figure(share, SHARE)
                }),
                cap: payer.cap.as_ref().map(|cap| {
                    let cap = self.expression(sight, cap, Want::Need(&money));
                    self.figure(cap, SHARE)
                }),
            })
            .collect();
        self.payers_once_each(payers);
        let shares: Option<Vec<Number>> = defs
            .iter()
            .filter_map(|payer| payer.share)
            .map(|share| match self.value(share) {
                Some(Value::Number(n)) => Some(n.clone()),
                _ => None,
            })
            .collect();
        let total = shares.and_then(|shares| shares.iter().try_fold(Number::ZERO, |sum, share| sum.add(share).ok()));
        let has_rest = defs.iter().any(|payer| payer.share.is_none());
        if let Some(total) = total
            && (total > Number::ONE || (!has_rest && total != Number::ONE))
        {
            let shown = total.multiply(&Number::from_i64(100)).map_or(String::new(), |n| format!("{n}%"));
            self.report(Diagnostic::new(Code::ShareMismatch).at(span).with("value", shown));
        }
        defs
    }
}
