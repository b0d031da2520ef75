//! What the policies ask of records.
//!
//! In: a checked program. Out: the facts that it looks at, by period where they are kept so,
//! the lists that it goes through, and every condition, each with the records in scope. Where
//! an amount changes its course without a condition (a row of a table, a cap that is reached)
//! the condition is added to the program, so that all are asked of the evaluator alike.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::check::program::{
    ClauseDef, ClauseId, Expr, ExprId, FactId, ForceDef, GateKindDef, ModifierDef, ModifierKindDef, Node, PerDef,
    PolicyDef, Program, RecordId, RowTest, ShortageDef, ShortageRuleDef, StepKindDef, TableNode, TiesDef, Type,
};
use crate::eval::{Context, all_children, evaluate_expression};
use crate::record::kept_period;
use crate::syntax::tree::{AggregateKind, Compare, Per};
use crate::value::{Period, Value};

/// Expressions nested deeper are not looked into.
pub(super) const DEEPEST: usize = 100;

/// A condition, with what it is asked of.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The clause that asks, where one does.
    pub clause: Option<ClauseId>,
    /// The records in scope, the outermost first.
    pub scope: Vec<RecordId>,
    /// The lists by which one comes to the inner ones.
    pub lists: Vec<ExprId>,
    /// The condition, over the innermost.
    pub condition: ExprId,
    /// It only checks data.
    pub checks: bool,
}

/// What a clause asks for, over its recipient: all of it must hold.
#[derive(Debug, Clone)]
pub(super) struct Gates {
    pub clause: ClauseId,
    pub recipient: RecordId,
    pub conditions: Vec<ExprId>,
}

/// Everything that the policies ask.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// Facts by record type; those by period with the periods that are asked for.
    pub facts: BTreeMap<(RecordId, FactId), BTreeSet<Period>>,
    /// Lists that are gone through.
    pub lists: BTreeSet<(RecordId, FactId)>,
    /// Types of which the whole population is asked.
    pub whole: BTreeSet<RecordId>,
    /// Facts by whose values recipients are put together.
    pub groups: BTreeSet<(RecordId, FactId)>,
    /// The conditions.
    pub asked: Vec<Asked>,
    /// By clause.
    pub gates: Vec<Gates>,
}

/// Where an expression stands.
#[derive(Debug, Clone, Default)]
struct Scope {
    clause: Option<ClauseId>,
    records: Vec<RecordId>,
    lists: Vec<ExprId>,
}

impl Scope {
    fn of(clause: Option<ClauseId>, record: RecordId) -> Scope {
        Scope { clause, records: vec![record], lists: Vec::new() }
    }

    fn inside(&self, list: ExprId, item: RecordId) -> Scope {
        let mut inner = self.clone();
        inner.lists.push(list);
        inner.records.push(item);
        inner
    }

    /// So many records outward.
    fn outward(&self, up: u8) -> Option<Scope> {
        let left = self.records.len().checked_sub(usize::from(up)).filter(|left| *left > 0)?;
        let lists = self.lists.iter().take(left.saturating_sub(1)).copied().collect();
        Some(Scope { clause: self.clause, records: self.records.iter().take(left).copied().collect(), lists })
    }
}

/// Looks through the whole program and adds to it the conditions that it does not write out.
pub(super) fn questions(program: &mut Program, period: Period, periods: Vec<Option<Period>>) -> Questions {
    let mut walk =
        Walk { program, period, periods, found: Questions::default(), seen: HashSet::new(), checking: false };
    for at in 0..walk.program.clauses.len() {
        walk.clause(ClauseId(u32::try_from(at).unwrap_or(u32::MAX)));
    }
    walk.policies();
    walk.settlement();
    walk.checks();
    walk.found
}

/// The periods that expressions stand for, by expression; none where a fact decides.
pub(super) fn fixed_periods(context: &Context<'_>) -> Vec<Option<Period>> {
    let program = context.program;
    let mut asked = vec![false; program.exprs.len()];
    for expr in &program.exprs {
        if let Node::FactIn { period, .. } | Node::OverPeriods { range: period, .. } = &expr.node
            && let Some(asked) = asked.get_mut(period.index())
        {
            *asked = true;
        }
    }
    let known = |(at, asked): (usize, bool)| {
        let id = ExprId(u32::try_from(at).ok().filter(|_| asked)?);
        let answer = evaluate_expression(context, None, id);
        answer.known().and_then(crate::eval::days::as_period)
    };
    asked.into_iter().enumerate().map(known).collect()
}

struct Walk<'p> {
    program: &'p mut Program,
    period: Period,
    periods: Vec<Option<Period>>,
    found: Questions,
    seen: HashSet<(ExprId, Option<ClauseId>, Vec<RecordId>)>,
    checking: bool,
}

impl Walk<'_> {
    fn node(&self, id: ExprId) -> Option<Node> {
        self.program.exprs.get(id.index()).map(|expr| expr.node.clone())
    }

    /// Adds an expression to the program, at the place of another.
    fn add(&mut self, like: ExprId, kind: Type, node: Node) -> ExprId {
        let Some(span) = self.program.exprs.get(like.index()).map(|expr| expr.span) else { return like };
        let id = ExprId(u32::try_from(self.program.exprs.len()).unwrap_or(u32::MAX));
        self.program.exprs.push(Expr { node, kind, span });
        id
    }

    fn add_comparison(&mut self, operator: Compare, a: ExprId, b: ExprId) -> ExprId {
        self.add(a, Type::Bool, Node::Compare(operator, a, b))
    }

    fn ask(&mut self, scope: &Scope, condition: ExprId) {
        let asked = Asked {
            clause: scope.clause,
            scope: scope.records.clone(),
            lists: scope.lists.clone(),
            condition,
            checks: self.checking,
        };
        self.found.asked.push(asked);
    }

    /// A condition that the program does not write out.
    fn ask_added(&mut self, scope: &Scope, operator: Compare, a: ExprId, b: ExprId) {
        let condition = self.add_comparison(operator, a, b);
        self.ask(scope, condition);
    }

    fn clause(&mut self, id: ClauseId) {
        let Some(clause) = self.program.clauses.get(id.index()).cloned() else { return };
        let scope = Scope::of(Some(id), clause.recipient);
        let policy = self.program.policies.get(clause.policy.index()).cloned();
        let mut conditions = policy.as_ref().map(|policy| self.of_policy(policy, &clause)).unwrap_or_default();
        for gate in &clause.gates {
            conditions.push(match gate.kind {
                GateKindDef::When(condition) => condition,
                GateKindDef::Unless(condition) => self.add(condition, Type::Bool, Node::Not(condition)),
                GateKindDef::During { range, by: Some(day) } => self.add(range, Type::Bool, Node::InRange(day, range)),
                GateKindDef::During { .. } => continue,
            });
        }
        if let Some((list, _)) = clause.for_each {
            conditions.push(self.some_of(list));
        }
        for condition in &conditions {
            self.look(*condition, &scope, 0);
        }
        self.amount(&clause, &scope);
        self.funding(clause.funding.iter().flat_map(|payer| [payer.share, payer.cap]), &scope);
        self.found.gates.push(Gates { clause: id, recipient: clause.recipient, conditions });
    }

    /// What the policy asks of a clause's recipient.
    fn of_policy(&mut self, policy: &PolicyDef, clause: &ClauseDef) -> Vec<ExprId> {
        let own = |list: &[(RecordId, ExprId)]| -> Vec<ExprId> {
            list.iter().filter(|(record, _)| *record == clause.recipient).map(|(_, id)| *id).collect()
        };
        let mut conditions = own(&policy.eligible);
        if let Some(ForceDef { range, by, .. }) = &policy.force {
            for day in own(by) {
                conditions.push(self.add(day, Type::Bool, Node::InRange(day, *range)));
            }
        }
        conditions
    }

    /// That a list has an item.
    fn some_of(&mut self, list: ExprId) -> ExprId {
        let yes = self.add(list, Type::Bool, Node::Value(Value::Bool(true)));
        let any = Node::Aggregate { kind: AggregateKind::Any, list, value: None, condition: Some(yes) };
        self.add(list, Type::Bool, any)
    }

    fn amount(&mut self, clause: &ClauseDef, scope: &Scope) {
        let inner = match clause.for_each {
            Some((list, item)) => scope.inside(list, item),
            None => scope.clone(),
        };
        self.look(clause.amount, &inner, 0);
        let sum = clause.for_each.map(|(list, _)| {
            let sum = Node::Aggregate { kind: AggregateKind::Sum, list, value: Some(clause.amount), condition: None };
            let kind = self.program.exprs.get(clause.amount.index()).map_or(Type::Poison, |expr| expr.kind.clone());
            self.add(clause.amount, kind, sum)
        });
        for modifier in &clause.modifiers {
            let (amount, scope) = match (modifier.each, sum) {
                (false, Some(sum)) => (sum, scope),
                _ => (clause.amount, &inner),
            };
            self.modifier(modifier, amount, scope);
        }
    }

    fn modifier(&mut self, modifier: &ModifierDef, amount: ExprId, scope: &Scope) {
        let (bound, operator) = match &modifier.kind {
            ModifierKindDef::Cap(bound) => (*bound, Some(Compare::Greater)),
            ModifierKindDef::Floor(bound) | ModifierKindDef::NothingBelow(bound) => (*bound, Some(Compare::Less)),
            ModifierKindDef::Less(bound) => (*bound, Some(Compare::Greater)),
            ModifierKindDef::Times(factor) => (*factor, None),
            ModifierKindDef::Round(..) | ModifierKindDef::ToppingUp { .. } | ModifierKindDef::Once => return,
        };
        self.look(bound, scope, 0);
        if let Some(operator) = operator {
            self.ask_added(scope, operator, amount, bound);
        }
    }

    fn funding(&mut self, shares: impl Iterator<Item = Option<ExprId>>, scope: &Scope) {
        for id in shares.flatten() {
            self.look(id, scope, 0);
        }
    }

    fn policies(&mut self) {
        for policy in self.program.policies.clone() {
            let recipients: BTreeSet<RecordId> = self.program.clauses.iter().map(|clause| clause.recipient).collect();
            for recipient in recipients {
                let scope = Scope::of(None, recipient);
                let payers = policy.funding.iter().chain(policy.articles.iter().flat_map(|article| &article.funding));
                self.funding(payers.flat_map(|payer| [payer.share, payer.cap]), &scope);
            }
        }
    }

    fn settlement(&mut self) {
        let main = self.program.records.iter().position(|record| !record.is_history).unwrap_or(0);
        let main = RecordId(u32::try_from(main).unwrap_or(0));
        for step in self.program.settle.clone() {
            let mut parts = Parts::default();
            parts.take(step.kind);
            let first = parts.clauses.first().and_then(|id| self.program.clauses.get(id.index()));
            let (recipient, each) = first.map_or((main, None), |clause| (clause.recipient, clause.for_each));
            let scope = Scope::of(None, recipient);
            for condition in parts.conditions {
                self.look(condition, &scope, 0);
            }
            // A key of items sees the item first.
            let keyed = match each {
                Some((list, item)) if parts.keys.iter().any(|key| self.is_of(*key, item)) => scope.inside(list, item),
                _ => scope.clone(),
            };
            for key in parts.keys {
                self.look(key, &keyed, 0);
            }
            for id in parts.groups {
                self.look(id, &scope, 0);
                if let Some(Node::Fact { record, fact, .. }) = self.node(id) {
                    self.found.groups.insert((record, fact));
                }
            }
            self.funding(parts.shares.into_iter(), &scope);
        }
    }

    /// Whether an expression is a fact of an item.
    fn is_of(&self, id: ExprId, item: RecordId) -> bool {
        let mut is = false;
        if let Some(expr) = self.program.exprs.get(id.index()) {
            is = match &expr.node {
                Node::Fact { record, up: 0, .. } => *record == item,
                Node::Let { up: 0, id } => self.program.lets.get(id.index()).is_some_and(|def| def.record == item),
                node => !all_children(node, &mut |child, _| !self.is_of(child, item)),
            };
        }
        is
    }

    /// The data checks of the facts that are asked for; they may ask for others.
    fn checks(&mut self) {
        self.checking = true;
        let mut done = BTreeSet::new();
        loop {
            let new = self.found.facts.keys().find(|fact| !done.contains(*fact)).copied();
            let Some((record, fact)) = new else { break };
            done.insert((record, fact));
            let def = self.program.records.get(record.index()).and_then(|def| def.facts.get(fact.index()));
            if let Some(check) = def.and_then(|def| def.check) {
                self.look(check, &Scope::of(None, record), 0);
            }
        }
    }

    /// Notes what an expression asks.
    fn look(&mut self, id: ExprId, scope: &Scope, depth: usize) {
        if depth > DEEPEST || !self.seen.insert((id, scope.clause, scope.records.clone())) {
            return;
        }
        let Some(node) = self.node(id) else { return };
        match &node {
            Node::Compare(..) | Node::InList(..) | Node::InRange(..) | Node::IsNone(_) | Node::Newly { .. } => {
                self.ask(scope, id);
            }
            Node::Fact { record, fact, .. } => self.fact(*record, *fact, Some(self.period)),
            Node::FactIn { record, fact, period, .. } => {
                self.fact(*record, *fact, self.periods.get(period.index()).copied().flatten());
            }
            Node::OverPeriods { record, fact, range, .. } => {
                for period in self.each_period(*record, *fact, *range) {
                    self.fact(*record, *fact, Some(period));
                }
            }
            Node::Items { record, fact, .. } => {
                self.found.lists.insert((*record, *fact));
            }
            Node::All(record) => {
                self.found.whole.insert(*record);
            }
            Node::Let { up, id } => {
                let value = self.program.lets.get(id.index()).map(|def| def.value);
                if let (Some(value), Some(scope)) = (value, scope.outward(*up)) {
                    self.look(value, &scope, depth.saturating_add(1));
                }
            }
            Node::Parameter(parameter) => self.parameter(parameter.index(), None, scope),
            Node::ParameterOn(parameter, day) => self.parameter(parameter.index(), Some(*day), scope),
            Node::Pending(pending) => {
                if let Some(bound) = self.program.pendings.get(pending.index()).and_then(|def| def.bound) {
                    self.look(bound, scope, depth.saturating_add(1));
                }
            }
            Node::Table(table) => self.table(table, scope),
            Node::Min(parts) | Node::Max(parts) => {
                if let Some((first, rest)) = parts.split_first() {
                    rest.iter().for_each(|part| self.ask_added(scope, Compare::GreaterOrEqual, *first, *part));
                }
            }
            _ => {}
        }
        let mut children = Vec::new();
        all_children(&node, &mut |child, inner| {
            children.push((child, inner > 0));
            true
        });
        let list = match &node {
            Node::Aggregate { list, .. } | Node::Where(list, _) | Node::Top { list, .. } => Some(*list),
            _ => None,
        };
        let item = list.and_then(|list| match self.program.exprs.get(list.index())?.kind {
            Type::List(item) => Some((list, item)),
            _ => None,
        });
        for (child, inside) in children {
            match item.filter(|_| inside) {
                Some((list, item)) => self.look(child, &scope.inside(list, item), depth.saturating_add(1)),
                None => self.look(child, scope, depth.saturating_add(1)),
            }
        }
    }

    fn fact(&mut self, record: RecordId, fact: FactId, period: Option<Period>) {
        let def = self.program.records.get(record.index());
        if def.is_none_or(|def| def.is_history) {
            return;
        }
        let per = def.and_then(|def| def.facts.get(fact.index())).and_then(|def| def.per);
        let periods = self.found.facts.entry((record, fact)).or_default();
        if let (Some(per), Some(period)) = (per, period) {
            periods.insert(kept_period(per, period));
        }
    }

    /// The years or quarters of a range.
    fn each_period(&self, record: RecordId, fact: FactId, range: ExprId) -> Vec<Period> {
        const MOST: usize = 100;
        let range = self.periods.get(range.index()).copied().flatten();
        let per = self.program.records.get(record.index()).and_then(|def| def.facts.get(fact.index()));
        let Some((per, range)) = per.and_then(|def| def.per).zip(range) else { return Vec::new() };
        let (Some(first), Some(last)) = (range.first, range.last) else { return Vec::new() };
        let years = (first.year()..=last.year()).take(MOST);
        let all = years.flat_map(|year| match per {
            Per::Year => vec![Period::year(year)],
            Per::Quarter => (1..=4).map(|quarter| Period::quarter(year, quarter)).collect(),
        });
        all.flatten().filter(|period| period.meets(&range)).collect()
    }

    fn parameter(&mut self, at: usize, day: Option<ExprId>, scope: &Scope) {
        let Some(def) = self.program.parameters.get(at).cloned() else { return };
        for (from, value) in def.values {
            self.look(value, scope, 0);
            if let (Some(day), Some(from)) = (day, from) {
                let from = self.add(day, Type::Date, Node::Value(Value::Date(from)));
                self.ask_added(scope, Compare::GreaterOrEqual, day, from);
            }
        }
    }

    fn table(&mut self, table: &TableNode, scope: &Scope) {
        for row in &table.rows {
            match (&row.test, table.subject) {
                (RowTest::OneOf(keys), Some(subject)) => {
                    let condition = self.add(subject, Type::Bool, Node::InList(subject, keys.clone()));
                    self.ask(scope, condition);
                }
                (RowTest::Bound(operator, bound), Some(subject)) => {
                    self.ask_added(scope, *operator, subject, *bound);
                }
                // A condition asks for itself.
                _ => {}
            }
        }
    }
}

/// The expressions of a settlement step.
#[derive(Default)]
struct Parts {
    clauses: Vec<ClauseId>,
    conditions: Vec<ExprId>,
    keys: Vec<ExprId>,
    groups: Vec<ExprId>,
    shares: Vec<Option<ExprId>>,
}

impl Parts {
    fn take(&mut self, step: StepKindDef) {
        match step {
            StepKindDef::Modifier(modifier, clauses) => {
                self.clauses = clauses;
                match modifier.kind {
                    ModifierKindDef::Cap(id)
                    | ModifierKindDef::Floor(id)
                    | ModifierKindDef::Times(id)
                    | ModifierKindDef::Less(id)
                    | ModifierKindDef::NothingBelow(id) => self.conditions.push(id),
                    ModifierKindDef::Round(..) | ModifierKindDef::ToppingUp { .. } | ModifierKindDef::Once => {}
                }
            }
            StepKindDef::HighestAmong(clauses, per) | StepKindDef::NotTogether(clauses, per) => {
                self.clauses = clauses;
                self.per(per);
            }
            StepKindDef::Exclude(clauses, condition) => {
                self.clauses = clauses;
                self.conditions.push(condition);
            }
            StepKindDef::Select { count, clauses, keys, per, ties, .. } => {
                self.clauses = clauses;
                self.conditions.push(count);
                self.keys.extend(keys.into_iter().map(|(key, _)| key));
                self.per(per);
                if let Some(TiesDef::By(key, _)) = ties {
                    self.keys.push(key);
                }
            }
            StepKindDef::Limit { clauses, to, per, shortage, .. } => {
                self.clauses = clauses;
                self.conditions.push(to);
                self.per(per);
                self.shortage(shortage);
            }
            StepKindDef::Budget { amount, clauses, per, shortage, .. } => {
                self.clauses = clauses;
                self.conditions.extend(amount);
                self.per(per);
                self.shortage(shortage);
            }
            StepKindDef::OutsideBudget(clauses) => self.clauses = clauses,
            StepKindDef::FundedBy(payers) => {
                self.shares = payers.into_iter().flat_map(|payer| [payer.share, payer.cap]).collect();
            }
        }
    }

    fn per(&mut self, per: Option<PerDef>) {
        if let Some(PerDef::Value(id)) = per {
            self.groups.push(id);
        }
    }

    fn shortage(&mut self, shortage: Option<ShortageDef>) {
        let Some(shortage) = shortage else { return };
        for rule in std::iter::once(shortage.rule).chain(shortage.tie) {
            if let ShortageRuleDef::ByKeys(keys) = rule {
                self.keys.extend(keys.into_iter().map(|(key, _)| key));
            }
        }
    }
}
