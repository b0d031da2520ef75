//! Settlement steps: which clauses they name, and keys, limits and pools of the right type.

use smol_str::SmolStr;

use super::context::{Checker, Sight, Want};
use super::figures::{BUDGET, LIMIT, PLACES, STEP};
use super::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::resolve::{Scope, nearest};
use crate::source::Span;
use crate::syntax::tree::{self, Expr, ExprKind, Name, Path, ShortageRule, SortKey, Step, StepKind, Ties};
use crate::value::Dimension;

/// The most clauses that one conflict group may hold: its best compatible set is searched exactly.
pub const CONFLICT_GROUP: usize = 20;

/// The policies whose steps stand where `settle P` says, by place in the declarations.
struct Order {
    /// Those that are named so.
    named: Vec<Named>,
    /// Those whose steps are in place.
    done: Vec<usize>,
    /// The payers whose budgets are shared out.
    asked: Vec<(SmolStr, Span)>,
}

/// A policy that `settle P` names.
#[derive(Clone, Copy)]
struct Named {
    policy: usize,
    /// The policy in whose steps it is named; none beside policies.
    by: Option<usize>,
    span: Span,
}

impl Checker<'_> {
    /// Checks the steps of all settle blocks in order.
    pub(super) fn check_settlement(&mut self) {
        let mut order = Order { named: self.policies_settled_by_name(), done: Vec::new(), asked: Vec::new() };
        let declarations = self.declarations;
        for (scope, settle) in &declarations.settles {
            if !scope.policy.is_some_and(|policy| order.named.iter().any(|named| named.policy == policy)) {
                self.steps(*scope, settle, &mut order);
            }
        }
        self.circles(&order);
        self.payers_that_pay_nothing(&order.asked);
        self.payers_of_the_settlement_once();
        self.conflict_groups();
        self.budgets_that_are_not_written();
        self.overrides_in_a_circle();
    }

    /// The steps of a block in order; where it says `settle P`, those of P.
    fn steps(&mut self, scope: Scope, settle: &tree::Settle, order: &mut Order) {
        let declarations = self.declarations;
        for step in &settle.steps {
            let StepKind::Policies(names) = &step.kind else {
                if let StepKind::Budget { from: Some(payer), .. } = &step.kind {
                    order.asked.push((payer.text.clone(), payer.span));
                }
                if let Some(kind) = self.step(scope, step) {
                    self.program.settle.push(StepDef { policy: Self::policy_id(scope), kind, span: step.span });
                }
                continue;
            };
            for name in names {
                let Some(policy) = self.policy_named(name).filter(|policy| !order.done.contains(policy)) else {
                    continue;
                };
                order.done.push(policy);
                for (inner, block) in declarations.settles.iter().filter(|(inner, _)| inner.policy == Some(policy)) {
                    self.steps(*inner, block, order);
                }
            }
        }
    }

    /// Policies whose steps were reached from nowhere name each other in a circle.
    fn circles(&mut self, order: &Order) {
        let mut told: Vec<usize> = Vec::new();
        let name = |policy: usize| self.declarations.policies.get(policy).map_or("", |policy| policy.name.as_str());
        let mut found = Vec::new();
        for start in order.named.iter().filter(|named| !order.done.contains(&named.policy)) {
            let mut path = vec![*start];
            while let Some(by) = path.last().and_then(|last| last.by)
                && let Some(next) = order.named.iter().find(|named| named.policy == by)
                && !path.iter().any(|seen| seen.policy == next.policy)
            {
                path.push(*next);
            }
            let closes = path.last().is_some_and(|last| last.by == Some(start.policy));
            if !closes || told.contains(&start.policy) {
                continue;
            }
            told.extend(path.iter().map(|named| named.policy));
            let names: Vec<&str> = path.iter().rev().chain(path.last()).map(|named| name(named.policy)).collect();
            let found_here = Argument::phrase("这里又绕了回来", "here it comes round again");
            let mut diagnostic = Diagnostic::new(Code::SettleConflict).with("found", found_here);
            diagnostic = diagnostic.with("path", names.join(" → "));
            diagnostic.spans.extend(path.iter().map(|named| named.span));
            found.push(diagnostic);
        }
        found.into_iter().for_each(|diagnostic| self.report(diagnostic));
    }

    /// The policies that `settle P` gives another place, each with the first place that names it.
    fn policies_settled_by_name(&mut self) -> Vec<Named> {
        let declarations = self.declarations;
        let mut found: Vec<Named> = Vec::new();
        let steps =
            declarations.settles.iter().flat_map(|(scope, settle)| settle.steps.iter().map(move |step| (scope, step)));
        for (scope, step) in steps {
            let StepKind::Policies(names) = &step.kind else { continue };
            for name in names {
                let Some(policy) = self.policy_named(name) else {
                    let known: Vec<SmolStr> = declarations.policies.iter().map(|policy| policy.name.clone()).collect();
                    let near = nearest(&name.text, known.iter().map(SmolStr::as_str)).map(SmolStr::new);
                    let diagnostic = Diagnostic::new(Code::UnknownName).at(name.span).with("name", &name.text);
                    self.report(diagnostic.with_some("near", near));
                    continue;
                };
                match found.iter().find(|other| other.policy == policy) {
                    Some(first) => {
                        let diagnostic = Diagnostic::new(Code::DuplicateProperty).at(name.span).at(first.span);
                        self.report(diagnostic.with("name", &name.text));
                    }
                    None => found.push(Named { policy, by: scope.policy, span: name.span }),
                }
            }
        }
        found
    }

    fn policy_named(&self, name: &Name) -> Option<usize> {
        self.declarations.policies.iter().position(|policy| policy.name == name.text)
    }

    fn step(&mut self, scope: Scope, step: &Step) -> Option<StepKindDef> {
        let names = Sight { clauses: true, ..Sight::new(scope.policy, Vec::new()) };
        let money = Self::money();
        Some(match &step.kind {
            StepKind::Modifier { modifier, clauses } => {
                let clauses = self.step_clauses(&names, scope, clauses)?;
                let sight = self.step_sight(scope, &clauses);
                let modifier = self.modifier(&sight, modifier)?;
                self.modifier_of_step(&modifier, &clauses);
                StepKindDef::Modifier(modifier, clauses)
            }
            StepKind::HighestAmong { clauses, per } => {
                let clauses = self.step_clauses(&names, scope, clauses)?;
                let per = self.per(scope, &clauses, per.as_ref());
                StepKindDef::HighestAmong(clauses, per)
            }
            StepKind::NotTogether { clauses, per } => {
                let clauses = self.step_clauses(&names, scope, clauses)?;
                let per = self.per(scope, &clauses, per.as_ref());
                StepKindDef::NotTogether(clauses, per)
            }
            StepKind::Exclude { clauses, when } => {
                let clauses = self.step_clauses(&names, scope, clauses)?;
                let sight = self.step_sight(scope, &clauses);
                StepKindDef::Exclude(clauses, self.condition(&sight, when))
            }
            StepKind::Select { count, clauses, keys, per, ties } => {
                let clauses = self.step_clauses(&names, scope, clauses)?;
                let sight = self.step_sight(scope, &clauses);
                let count = self.expression(&sight, count, Want::Need(&Type::Number(Dimension::NONE)));
                self.figure(count, PLACES);
                let per = self.per(scope, &clauses, per.as_ref());
                let last = ties.iter().filter_map(|ties| match ties {
                    Ties::By(key) => Some(key),
                    _ => None,
                });
                let item = self.ranked_item(scope, &clauses, per.as_ref(), keys.iter().chain(last));
                let keys = keys.iter().map(|key| self.sort_key(scope, &clauses, item, key)).collect();
                let ties = ties.as_ref().map(|ties| match ties {
                    Ties::All => TiesDef::All,
                    Ties::None => TiesDef::None,
                    Ties::By(key) => {
                        let (id, ascending) = self.sort_key(scope, &clauses, item, key);
                        TiesDef::By(id, ascending)
                    }
                });
                StepKindDef::Select { count, clauses, keys, per, ties, over_items: item.is_some() }
            }
            StepKind::Limit { clauses, to, cumulative, per, shortage } => {
                let clauses = if clauses.is_empty() { Vec::new() } else { self.step_clauses(&names, scope, clauses)? };
                let sight = self.step_sight(scope, &clauses);
                let to = self.expression(&sight, to, Want::Need(&money));
                self.figure(to, LIMIT);
                let per = self.per(scope, &clauses, per.as_ref());
                let shortage = shortage.as_ref().map(|s| self.shortage(scope, &clauses, per.as_ref(), s));
                StepKindDef::Limit { clauses, to, cumulative: *cumulative, per, shortage }
            }
            StepKind::Budget { amount, clauses, from, per, shortage } => {
                let clauses = if clauses.is_empty() { Vec::new() } else { self.step_clauses(&names, scope, clauses)? };
                let amount = amount
                    .as_ref()
                    .map(|e| self.expression(&Sight::new(scope.policy, Vec::new()), e, Want::Need(&money)))
                    .map(|amount| self.figure(amount, BUDGET));
                let per = self.per(scope, &clauses, per.as_ref());
                let shortage = shortage.as_ref().map(|s| self.shortage(scope, &clauses, per.as_ref(), s));
                StepKindDef::Budget { amount, clauses, from: from.as_ref().map(|t| t.text.clone()), per, shortage }
            }
            StepKind::OutsideBudget(paths) => StepKindDef::OutsideBudget(self.step_clauses(&names, scope, paths)?),
            // Where it stands, the steps of those policies stand.
            StepKind::Policies(_) => return None,
            StepKind::FundedBy(payers) => {
                let sight = self.step_sight(scope, &[]);
                StepKindDef::FundedBy(self.payers(&sight, payers, step.span))
            }
        })
    }

    /// A modifier as a step: its figure, and for items only where items are paid for.
    fn modifier_of_step(&mut self, modifier: &ModifierDef, clauses: &[ClauseId]) {
        if let ModifierKindDef::Cap(amount)
        | ModifierKindDef::Floor(amount)
        | ModifierKindDef::Times(amount)
        | ModifierKindDef::Less(amount)
        | ModifierKindDef::NothingBelow(amount) = modifier.kind
        {
            self.figure(amount, STEP);
        }
        let mut defs = clauses.iter().filter_map(|id| self.program.clauses.get(id.index()));
        if modifier.each
            && let Some(clause) = defs.find(|clause| clause.for_each.is_none())
        {
            let wrong = Diagnostic::new(Code::EachWithoutList).at(modifier.span).at(clause.name_span);
            let wrong = wrong.with("name", Argument::phrase("每项", "each")).with("clause", &clause.name);
            self.report(wrong);
        }
    }

    /// The clauses that a step names; all of the policy when it names none. None if any is unknown.
    fn step_clauses(&mut self, names: &Sight, scope: Scope, paths: &[Path]) -> Option<Vec<ClauseId>> {
        if paths.is_empty() {
            let own = Self::policy_id(scope);
            let all = self.program.clauses.iter().zip(0..);
            return Some(
                all.filter(|(c, _)| own.is_none_or(|own| c.policy == own)).map(|(_, at)| ClauseId(at)).collect(),
            );
        }
        let found: Vec<Option<ClauseId>> = paths.iter().map(|path| self.clause_at(names, path)).collect();
        for (at, (id, path)) in found.iter().zip(paths).enumerate() {
            let first =
                found.iter().take(at).position(|other| id.is_some() && other == id).and_then(|at| paths.get(at));
            if let Some(first) = first {
                let name = self.project.sources.text(path.span).to_owned();
                self.report(Diagnostic::new(Code::DuplicateProperty).at(path.span).at(first.span).with("name", name));
            }
        }
        found.into_iter().collect()
    }

    /// What a step's expressions see: the recipient of its clauses.
    fn step_sight(&self, scope: Scope, clauses: &[ClauseId]) -> Sight {
        let first = clauses.first().and_then(|id| self.program.clauses.get(id.index()));
        let own = Self::policy_id(scope);
        let of_policy = || self.program.clauses.iter().find(|c| Some(c.policy) == own);
        let record = first.or_else(of_policy).map_or_else(|| self.main_record(), |clause| clause.recipient);
        Sight::new(scope.policy, vec![record])
    }

    /// The item type that all clauses pay for each of, if they do.
    fn item_record(&self, clauses: &[ClauseId]) -> Option<RecordId> {
        let mut items = clauses
            .iter()
            .map(|id| self.program.clauses.get(id.index()).and_then(|c| c.for_each).map(|(_, record)| record));
        let first = items.next().flatten()?;
        items.all(|item| item == Some(first)).then_some(first)
    }

    /// The item type over which keys are bound: that which all clauses pay for each of, where the step
    /// says `per` it or a key is about a fact of it. Otherwise the step ranks recipients.
    fn ranked_item<'k>(
        &mut self,
        scope: Scope,
        clauses: &[ClauseId],
        per: Option<&PerDef>,
        keys: impl Iterator<Item = &'k SortKey>,
    ) -> Option<RecordId> {
        let item = self.item_record(clauses)?;
        let sight = self.step_sight(scope, clauses).inside(item);
        let mut asks_item = matches!(per, Some(PerDef::Item(_)));
        for key in keys {
            let before = self.program.exprs.len();
            let bound = self.attempt(|checker| checker.expression(&sight, &key.key, Want::Any));
            let asked = self.program.exprs.get(before..).unwrap_or(&[]);
            asks_item |= bound.is_err() || asked.iter().any(|expr| expr.node.is_of(item, &self.program.lets));
        }
        asks_item.then_some(item)
    }

    /// A key over the recipient, or over the item.
    fn sort_key(
        &mut self,
        scope: Scope,
        clauses: &[ClauseId],
        item: Option<RecordId>,
        key: &SortKey,
    ) -> (ExprId, bool) {
        let sight = self.step_sight(scope, clauses);
        let sight = item.map_or_else(|| sight.clone(), |item| sight.inside(item));
        let id = self.expression(&sight, &key.key, Want::Any);
        // A list has no place in an order.
        if let found @ Type::List(_) = self.kind(id).clone() {
            let wrong = self.not_a_number(key.key.span, &found);
            self.report(wrong);
        }
        (id, key.ascending)
    }

    /// `per X`: a record type that the clauses are paid for each of, or a fact of the recipient.
    fn per(&mut self, scope: Scope, clauses: &[ClauseId], per: Option<&Expr>) -> Option<PerDef> {
        let per = per?;
        if let ExprKind::Name(name) = &per.kind
            && let Some(&record) = self.record_names.get(&name.text)
        {
            let outside = clauses
                .iter()
                .filter_map(|id| self.program.clauses.get(id.index()))
                .find(|c| c.for_each.map(|(_, r)| r) != Some(record));
            if let Some(clause) = outside {
                let diagnostic = Diagnostic::new(Code::EachWithoutList).at(per.span).at(clause.name_span);
                let item = self.project.sources.text(per.span);
                let name = Argument::phrase(format!("每 {item}"), format!("per {item}"));
                let diagnostic = diagnostic.with("name", name).with("clause", &clause.name);
                self.report(diagnostic);
            }
            return Some(PerDef::Item(record));
        }
        let sight = self.step_sight(scope, clauses);
        Some(PerDef::Value(self.expression(&sight, per, Want::Any)))
    }

    fn shortage(
        &mut self,
        scope: Scope,
        clauses: &[ClauseId],
        per: Option<&PerDef>,
        shortage: &tree::Shortage,
    ) -> ShortageDef {
        let round_to = shortage.round_to.as_ref().map(|to| self.rounding_unit(to));
        let (rule, tie) =
            (self.in_turn(scope, &shortage.rule), shortage.tie.as_ref().map(|tie| self.in_turn(scope, tie)));
        let keys = [Some(&rule), tie.as_ref()].into_iter().flatten().flat_map(|rule| match rule {
            Turns::Keys(keys) => keys,
            Turns::Rule(_) => &[][..],
        });
        let item = self.ranked_item(scope, clauses, per, keys);
        ShortageDef {
            rule: self.shortage_rule(scope, clauses, item, rule),
            tie: tie.map(|tie| self.shortage_rule(scope, clauses, item, tie)),
            over_items: item.is_some(),
            rest: shortage.rest,
            round_to,
            span: shortage.span,
        }
    }

    /// `in order of` takes keys, or a list of clauses.
    fn in_turn<'r>(&mut self, scope: Scope, rule: &'r ShortageRule) -> Turns<'r> {
        let keys = match rule {
            ShortageRule::ProRata => return Turns::Rule(ShortageRuleDef::ProRata),
            ShortageRule::Equally => return Turns::Rule(ShortageRuleDef::Equally),
            ShortageRule::InOrderOf(keys) => keys,
        };
        let names = Sight { clauses: true, ..Sight::new(scope.policy, Vec::new()) };
        let by_clause: Option<Vec<ClauseId>> = keys
            .iter()
            .map(|key| match &key.key.kind {
                ExprKind::Name(name) => self.clause_of(&names, name),
                ExprKind::Field(base, name) => match &base.kind {
                    ExprKind::Name(policy) => {
                        let path = Path { parts: vec![policy.clone(), name.clone()], span: key.key.span };
                        self.attempt(|checker| checker.clause_at(&names, &path)).ok().flatten()
                    }
                    _ => None,
                },
                _ => None,
            })
            .collect();
        match by_clause {
            Some(clauses) => Turns::Rule(ShortageRuleDef::ByClauses(clauses)),
            None => Turns::Keys(keys),
        }
    }

    /// Whoever comes first by the key is served first: the earliest date, the greatest amount only when it says so.
    fn shortage_rule(
        &mut self,
        scope: Scope,
        clauses: &[ClauseId],
        item: Option<RecordId>,
        turns: Turns<'_>,
    ) -> ShortageRuleDef {
        match turns {
            Turns::Rule(rule) => rule,
            Turns::Keys(keys) => {
                ShortageRuleDef::ByKeys(keys.iter().map(|key| self.sort_key(scope, clauses, item, key)).collect())
            }
        }
    }

    /// Refuses a group of clauses that exclude each other which is too large to search exactly.
    fn conflict_groups(&mut self) {
        let mut groups: Vec<(Vec<ClauseId>, Span)> = Vec::new();
        for step in &self.program.settle {
            let StepKindDef::NotTogether(clauses, _) = &step.kind else { continue };
            let mut merged = clauses.clone();
            groups.retain(|(group, _)| {
                let touches = group.iter().any(|id| merged.contains(id));
                if touches {
                    merged.extend(group.iter().copied());
                }
                !touches
            });
            merged.sort();
            merged.dedup();
            groups.push((merged, step.span));
        }
        for (group, span) in groups {
            if group.len() > CONFLICT_GROUP {
                let found = Argument::phrase("互斥的条款太多", "too many clauses exclude each other");
                let diagnostic = Diagnostic::new(Code::SettleConflict).at(span).with("found", found);
                self.report(diagnostic.with("count", group.len().to_string()));
            }
        }
    }
}

/// A rule that is bound, or the keys of one that is not yet.
enum Turns<'r> {
    Rule(ShortageRuleDef),
    Keys(&'r [SortKey]),
}
