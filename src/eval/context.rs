//! What every evaluation of a run shares: the program, the period, the date, what is
//! bound, the population and the history; and what can be worked out from them once.
//!
//! Parameters that depend on no fact are computed here, and aggregates over the whole
//! population once for all recipients, so that a run stays linear in the data.

use std::sync::OnceLock;

use super::expression::Evaluator;
use super::history::History;
use super::open::Answer;
use super::population::Ranking;
use super::trace::Tracing;
use crate::check::program::{Binding, ClauseId, ClauseRef, Expr, ExprId, LetId, Node, Program, RecordId, RowTest};
use crate::progress::{Progress, Stage};
use crate::record::{Population, Record};
use crate::value::{Date, Period, Value};

/// What an evaluation may be given besides the program.
#[derive(Debug, Clone, Default)]
pub struct Inputs<'a> {
    /// Values for pending rules and parameters.
    pub bindings: Vec<Binding>,
    /// All records, for `over all` and `rank`.
    pub population: Option<&'a Population>,
    /// What was paid before.
    pub history: Option<&'a History<'a>>,
    /// Settled amounts, for tests, settlement and questions.
    pub settled: Option<&'a Settled>,
    /// Whether steps are recorded.
    pub tracing: Tracing,
    /// Where it is told how far the work has come.
    pub progress: Option<&'a Progress>,
}

/// The settled amounts of one recipient.
#[derive(Debug, Clone)]
pub struct Settled {
    /// By clause.
    pub clauses: Vec<(ClauseId, Answer)>,
    /// Of all clauses.
    pub total: Answer,
}

/// What every evaluation of a run shares.
#[derive(Debug)]
pub struct Context<'a> {
    /// The checked program.
    pub program: &'a Program,
    /// What is paid for.
    pub period: Period,
    /// The day of decision.
    pub date: Date,
    /// What else is given.
    pub inputs: Inputs<'a>,
    clauses_of: Vec<Vec<ClauseId>>,
    pendings: Vec<Option<ExprId>>,
    parameters: Vec<Option<Answer>>,
    /// By expression: its value where only the period and constants decide it.
    folded: Vec<Option<Value>>,
    overridden: Vec<Option<ExprId>>,
    asks_clause: Vec<bool>,
    shared: Vec<(ExprId, OnceLock<Shared>)>,
}

/// A result over the whole population, the same for every recipient.
#[derive(Debug)]
pub(super) enum Shared {
    Answer(Answer),
    Ranking(Ranking),
}

impl<'a> Context<'a> {
    /// Tells that a stage begins which has so much to do.
    pub(crate) fn begin(&self, stage: Stage, total: usize) {
        if let Some(progress) = self.inputs.progress {
            progress.begin(stage, total);
        }
    }

    /// Tells that so many more pieces are done.
    pub(crate) fn advance(&self, pieces: usize) {
        if let Some(progress) = self.inputs.progress {
            progress.advance(pieces);
        }
    }

    /// Whether nobody waits for the work any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.inputs.progress.is_some_and(Progress::is_stopped)
    }

    /// Prepares the evaluation of a program for a period, decided on a date.
    pub fn new(program: &'a Program, period: Period, date: Date, inputs: Inputs<'a>) -> Self {
        let mut clauses_of = vec![Vec::new(); program.records.len()];
        for (at, clause) in program.clauses.iter().enumerate() {
            if let Some(list) = clauses_of.get_mut(clause.recipient.index()) {
                list.push(ClauseId(u32::try_from(at).unwrap_or(u32::MAX)));
            }
        }
        let mut pendings: Vec<_> = program.pendings.iter().map(|pending| pending.bound).collect();
        let mut overridden = vec![None; program.parameters.len()];
        for binding in &inputs.bindings {
            let slot = match binding {
                Binding::Pending(id, value) => pendings.get_mut(id.index()).map(|slot| (slot, *value)),
                Binding::Parameter(id, value) => overridden.get_mut(id.index()).map(|slot| (slot, *value)),
            };
            if let Some((slot, value)) = slot {
                *slot = Some(value);
            }
        }
        let parameters = vec![None; program.parameters.len()];
        let mut context = Context {
            program,
            period,
            date,
            inputs,
            clauses_of,
            pendings,
            parameters,
            folded: Vec::new(),
            overridden,
            asks_clause: Vec::new(),
            shared: Vec::new(),
        };
        context.asks_clause = context.lets_that_ask_clause();
        context.shared = context.over_population();
        context.parameters = context.known_parameters();
        context.folded = context.fold();
        context
    }

    /// All records of a type, where they were loaded.
    pub(super) fn population(&self, record: RecordId) -> Option<&'a [Record]> {
        let population = self.inputs.population?;
        let records = population.records.get(record.index())?;
        let loaded = population.loaded.get(record.index()).copied().unwrap_or(false);
        (loaded || !records.is_empty()).then_some(records)
    }

    /// The clauses for which a record type is the recipient.
    pub fn clauses_of(&self, record: RecordId) -> &[ClauseId] {
        self.clauses_of.get(record.index()).map_or(&[], Vec::as_slice)
    }

    /// What a pending rule is bound to.
    pub(super) fn bound(&self, pending: usize) -> Option<ExprId> {
        self.pendings.get(pending).copied().flatten()
    }

    /// What a parameter is set to, whatever its date.
    pub(super) fn override_of(&self, parameter: usize) -> Option<ExprId> {
        self.overridden.get(parameter).copied().flatten()
    }

    /// A parameter's value at the date of decision, where no fact decides it.
    pub(super) fn parameter(&self, parameter: usize) -> Option<&Answer> {
        self.parameters.get(parameter)?.as_ref()
    }

    /// The value of an expression such as `year - 1`, the same for every record.
    pub(super) fn folded(&self, expr: ExprId) -> Option<&Value> {
        self.folded.get(expr.index())?.as_ref()
    }

    fn fold(&self) -> Vec<Option<Value>> {
        let mut evaluator = Evaluator::new(self, false);
        let value = |(at, expr): (usize, &Expr)| {
            // Parameters, rules and conditions stay: they are shown where they are used.
            let moves = matches!(
                expr.node,
                Node::Year | Node::Period | Node::Today | Node::Shift(..) | Node::Range(..) | Node::YearOf(_)
            );
            let id = ExprId(u32::try_from(at).ok()?);
            if !moves || !self.is_constant(id, 0) || self.names_parameter(id) {
                return None;
            }
            evaluator.answer(id, 0).known().cloned()
        };
        self.program.exprs.iter().enumerate().map(value).collect()
    }

    fn names_parameter(&self, id: ExprId) -> bool {
        self.program.exprs.get(id.index()).is_none_or(|expr| {
            matches!(expr.node, Node::Parameter(_) | Node::ParameterOn(..) | Node::Pending(_))
                || !all_children(&expr.node, &mut |child, _| !self.names_parameter(child))
        })
    }

    /// Whether a derived fact depends on the clause that asks.
    pub(super) fn asks_clause(&self, id: LetId) -> bool {
        self.asks_clause.get(id.index()).copied().unwrap_or(true)
    }

    /// The place of a result over the population.
    pub(super) fn shared(&self, expr: ExprId) -> Option<&OnceLock<Shared>> {
        let at = self.shared.binary_search_by_key(&expr, |(expr, _)| *expr).ok()?;
        self.shared.get(at).map(|(_, cell)| cell)
    }

    /// Whether an expression is a result over the population, the same for every recipient.
    pub(crate) fn is_shared(&self, expr: ExprId) -> bool {
        self.shared(expr).is_some()
    }

    /// Whether an expression depends on the clause that asks.
    pub(crate) fn expr_depends_on_clause(&self, id: ExprId) -> bool {
        let mut known = self.asks_clause.iter().copied().map(Some).collect();
        self.expr_asks_clause(id, &mut known, 0)
    }

    fn known_parameters(&self) -> Vec<Option<Answer>> {
        let constant = |parameter: usize| {
            let def = self.program.parameters.get(parameter);
            let values = def.into_iter().flat_map(|def| def.values.iter().map(|(_, value)| *value));
            values.chain(self.override_of(parameter)).all(|value| self.is_constant(value, 0))
        };
        let mut evaluator = Evaluator::new(self, false);
        (0..self.program.parameters.len()).map(|at| constant(at).then(|| evaluator.parameter_at_date(at))).collect()
    }

    /// Whether an expression comes to the same for every record.
    pub(crate) fn is_same_for_all(&self, id: ExprId) -> bool {
        self.is_constant(id, 0)
    }

    /// Whether an expression depends on no record; parameters and pending rules are not followed far.
    fn is_constant(&self, id: ExprId, depth: usize) -> bool {
        let Some(expr) = self.program.exprs.get(id.index()) else { return false };
        if depth > 100 {
            return false;
        }
        let own = match &expr.node {
            Node::Fact { .. }
            | Node::FactIn { .. }
            | Node::Let { .. }
            | Node::PaidUnder(_)
            | Node::ClauseAmount(_)
            | Node::Total
            | Node::Newly { .. }
            | Node::OverPeriods { .. }
            | Node::Rank(_)
            | Node::Items { .. }
            | Node::All(_)
            | Node::History => false,
            Node::Pending(pending) => {
                self.bound(pending.index()).is_none_or(|bound| self.is_constant(bound, depth + 1))
            }
            Node::Parameter(parameter) | Node::ParameterOn(parameter, _) => {
                let values = self.program.parameters.get(parameter.index());
                values.into_iter().flat_map(|def| &def.values).all(|(_, value)| self.is_constant(*value, depth + 1))
            }
            _ => true,
        };
        own && all_children(&expr.node, &mut |child, _| self.is_constant(child, depth + 1))
    }

    fn lets_that_ask_clause(&self) -> Vec<bool> {
        let mut states = vec![None; self.program.lets.len()];
        for at in 0..states.len() {
            self.let_asks_clause(at, &mut states, 0);
        }
        states.into_iter().map(|state| state.unwrap_or(true)).collect()
    }

    fn let_asks_clause(&self, at: usize, states: &mut Vec<Option<bool>>, depth: usize) -> bool {
        match states.get(at).copied() {
            Some(Some(known)) => known,
            Some(None) => {
                let value = self.program.lets.get(at).map(|def| def.value);
                let asks = depth > 100 || value.is_some_and(|value| self.expr_asks_clause(value, states, depth + 1));
                if let Some(state) = states.get_mut(at) {
                    *state = Some(asks);
                }
                asks
            }
            None => true,
        }
    }

    fn expr_asks_clause(&self, id: ExprId, states: &mut Vec<Option<bool>>, depth: usize) -> bool {
        let Some(expr) = self.program.exprs.get(id.index()) else { return true };
        let own_clause = |named: &ClauseRef| named.clause.is_none() && named.policy.is_empty();
        match &expr.node {
            Node::Newly { .. } => true,
            Node::PaidUnder(clauses) => clauses.iter().any(own_clause),
            Node::Let { id, .. } => self.let_asks_clause(id.index(), states, depth),
            node => !all_children(node, &mut |child, _| !self.expr_asks_clause(child, states, depth)),
        }
    }

    /// The aggregates over all records that ask nothing of the recipient, and the rankings.
    fn over_population(&self) -> Vec<(ExprId, OnceLock<Shared>)> {
        let mut found = Vec::new();
        for (at, expr) in self.program.exprs.iter().enumerate() {
            let id = ExprId(u32::try_from(at).unwrap_or(u32::MAX));
            let shared = match &expr.node {
                Node::Aggregate { list, .. } => self.starts_at_all(*list) && self.is_closed(id, 0, 0),
                Node::Rank(value) => self.is_closed(*value, 1, 0),
                _ => false,
            };
            if shared {
                found.push((id, OnceLock::new()));
            }
        }
        found
    }

    fn starts_at_all(&self, mut list: ExprId) -> bool {
        loop {
            match self.program.exprs.get(list.index()).map(|expr| &expr.node) {
                Some(Node::All(_)) => return true,
                Some(Node::Where(inner, _) | Node::Top { list: inner, .. }) => list = *inner,
                _ => return false,
            }
        }
    }

    /// Whether an expression looks no further out than `frames` records.
    fn is_closed(&self, id: ExprId, frames: u8, depth: usize) -> bool {
        let Some(expr) = self.program.exprs.get(id.index()) else { return false };
        if depth > 100 {
            return false;
        }
        let own = match &expr.node {
            Node::Fact { up, .. } | Node::FactIn { up, .. } | Node::OverPeriods { up, .. } | Node::Items { up, .. } => {
                *up < frames
            }
            Node::Let { up, id } => {
                let value = self.program.lets.get(id.index()).map(|def| def.value);
                *up < frames && value.is_some_and(|value| self.is_closed(value, 1, depth + 1))
            }
            Node::PaidUnder(_) | Node::Newly { .. } | Node::ClauseAmount(_) | Node::Total | Node::History => false,
            _ => true,
        };
        own && all_children(&expr.node, &mut |child, inner| {
            self.is_closed(child, frames.saturating_add(inner), depth + 1)
        })
    }
}

/// Whether all direct parts of a node pass; each with the number of records that it is inside of.
pub(crate) fn all_children(node: &Node, pass: &mut dyn FnMut(ExprId, u8) -> bool) -> bool {
    let mut here = |ids: &[ExprId]| ids.iter().all(|id| pass(*id, 0));
    match node {
        Node::ParameterOn(_, a)
        | Node::FactIn { period: a, .. }
        | Node::Negate(a)
        | Node::IsNone(a)
        | Node::Not(a)
        | Node::Round(_, a, _)
        | Node::OverPeriods { range: a, .. }
        | Node::Rank(a)
        | Node::YearOf(a) => here(&[*a]),
        Node::Compare(_, a, b) | Node::InRange(a, b) | Node::Elapsed(_, a, b) | Node::Newly { level: a, date: b } => {
            here(&[*a, *b])
        }
        Node::Sum(parts) | Node::Product(parts) => parts.iter().all(|(_, part)| here(&[*part])),
        Node::Shift(base, parts) => here(&[*base]) && parts.iter().all(|(_, part)| here(&[*part])),
        Node::OrElse(parts) | Node::And(parts) | Node::Or(parts) | Node::Min(parts) | Node::Max(parts) => here(parts),
        Node::InList(a, parts) => here(&[*a]) && here(parts),
        Node::Range(a, b) => a.iter().chain(b).all(|end| here(&[*end])),
        Node::Table(table) => {
            table.subject.iter().chain(&table.otherwise).all(|id| here(&[*id]))
                && table.rows.iter().all(|row| {
                    let test = match &row.test {
                        RowTest::OneOf(keys) => here(keys),
                        RowTest::Bound(_, id) | RowTest::Condition(id) => here(&[*id]),
                    };
                    test && here(&[row.value])
                })
        }
        Node::Aggregate { list, value, condition, .. } => {
            pass(*list, 0) && value.iter().chain(condition).all(|id| pass(*id, 1))
        }
        Node::Where(list, condition) => pass(*list, 0) && pass(*condition, 1),
        Node::Top { list, count, keys } => {
            pass(*list, 0) && pass(*count, 0) && keys.iter().all(|(key, _)| pass(*key, 1))
        }
        Node::Value(_)
        | Node::Pending(_)
        | Node::Fact { .. }
        | Node::Let { .. }
        | Node::Parameter(_)
        | Node::Year
        | Node::Period
        | Node::Today
        | Node::PaidUnder(_)
        | Node::ClauseAmount(_)
        | Node::Total
        | Node::Items { .. }
        | Node::All(_)
        | Node::History => true,
    }
}
