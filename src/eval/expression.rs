//! The value of every expression, over the records in scope.
//!
//! In: the shared [`Context`] and a record. Out: an [`Answer`] for a value, a [`Truth`]
//! for a condition. Records in scope are frames, each with its outer one; derived facts
//! are computed once for a frame. Known values cost no allocation.

use super::alternatives::Unknown;
use super::cause::{Causes, FaultKind, Missing};
use super::condition::is_condition;
use super::context::{Context, Settled};
use super::days;
use super::interval::Interval;
use super::open::{Answer, Truth};
use super::operators;
use super::population;
use super::table;
use super::trace::{Step, Steps, Tracing};
use crate::check::program::{ClauseId, Expr, ExprId, LetId, Node, RecordId, Type};
use crate::record::{Cell, Record};
use crate::value::{Number, Value};

/// Expressions nested deeper, through definitions too, are refused.
const DEEPEST: usize = 400;

/// A record in scope.
#[derive(Debug)]
struct Frame<'a> {
    id: RecordId,
    record: &'a Record,
    outer: Option<usize>,
    lets: Vec<Derived>,
}

/// A derived fact that was computed.
#[derive(Debug)]
struct Derived {
    id: LetId,
    /// The clause that asked, where that matters.
    clause: Option<ClauseId>,
    /// Which assignment of unknowns it holds for.
    assignment: u32,
    value: Answer,
    steps: Steps,
}

/// Computes expressions over one recipient.
#[derive(Debug)]
pub(super) struct Evaluator<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) clause: Option<ClauseId>,
    pub(super) steps: Vec<Step>,
    pub(super) tracing: bool,
    /// Unknowns that are assumed to have a value, while alternatives are tried.
    pub(super) assumed: Vec<(Unknown, Value)>,
    /// The number of that assignment; 0 while nothing is assumed.
    pub(super) assignment: u32,
    /// The settled amounts of the recipient.
    pub(super) settled: Option<&'a Settled>,
    frames: Vec<Frame<'a>>,
    depth: usize,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(context: &'a Context<'a>, tracing: bool) -> Self {
        Evaluator {
            context,
            clause: None,
            steps: Vec::new(),
            tracing: tracing && context.inputs.tracing == Tracing::On,
            assumed: Vec::new(),
            assignment: 0,
            settled: context.inputs.settled,
            frames: Vec::new(),
            depth: 0,
        }
    }

    /// Brings a record into scope and returns its frame.
    pub(super) fn push(&mut self, id: RecordId, record: &'a Record, outer: Option<usize>) -> usize {
        self.frames.push(Frame { id, record, outer, lets: Vec::new() });
        self.frames.len() - 1
    }

    /// Takes the innermost record out of scope.
    pub(super) fn pop(&mut self) {
        self.frames.pop();
    }

    /// The frame `up` records outward.
    pub(super) fn outward(&self, mut at: usize, up: u8) -> Option<usize> {
        for _ in 0..up {
            at = self.frames.get(at)?.outer?;
        }
        (at < self.frames.len()).then_some(at)
    }

    /// The record type of a frame.
    pub(super) fn record_at(&self, at: usize) -> Option<RecordId> {
        self.frames.get(at).map(|frame| frame.id)
    }

    /// The record of a frame with its type.
    pub(super) fn frame(&self, at: usize) -> Option<(RecordId, &'a Record)> {
        self.frames.get(at).map(|frame| (frame.id, frame.record))
    }

    /// The outermost frame.
    pub(super) fn outermost(&self, mut at: usize) -> usize {
        while let Some(outer) = self.frames.get(at).and_then(|frame| frame.outer) {
            at = outer;
        }
        at
    }

    /// The outermost record, the recipient.
    pub(super) fn recipient(&self, at: usize) -> Option<(RecordId, &'a Record)> {
        let mut frame = self.frames.get(at)?;
        while let Some(outer) = frame.outer.and_then(|outer| self.frames.get(outer)) {
            frame = outer;
        }
        Some((frame.id, frame.record))
    }

    pub(super) fn expr(&self, id: ExprId) -> Option<&'a Expr> {
        self.context.program.exprs.get(id.index())
    }

    pub(super) fn record(&mut self, step: Step) {
        if self.tracing {
            self.steps.push(step);
        }
    }

    /// The value of an expression.
    pub(super) fn answer(&mut self, id: ExprId, at: usize) -> Answer {
        let Some(expr) = self.expr(id) else { return Answer::NONE };
        if let Node::Value(value) = &expr.node {
            return Answer::Known(value.clone());
        }
        if let Some(value) = self.silent(id, at) {
            return Answer::Known(value.clone());
        }
        self.compound(id, expr, at)
    }

    #[inline(never)]
    fn compound(&mut self, id: ExprId, expr: &'a Expr, at: usize) -> Answer {
        if self.depth >= DEEPEST {
            return Answer::fault(FaultKind::TooDeep, expr.span);
        }
        self.depth += 1;
        let value = self.computed(id, expr, at);
        self.depth -= 1;
        // Derived facts and conditions recorded themselves.
        if self.tracing && !matches!(expr.node, Node::Let { .. }) && !is_condition(&expr.node) {
            self.steps.push(Step::Value { expr: id, value: value.clone() });
        }
        value
    }

    // Apart, so that each answer is written where it is wanted and not copied.
    #[inline(never)]
    fn computed(&mut self, id: ExprId, expr: &'a Expr, at: usize) -> Answer {
        match &expr.node {
            Node::Fact { up, fact, .. } => self.fact(*up, *fact, at),
            Node::Product(factors) => self.product(expr, factors, at),
            Node::Sum(terms) => self.sum(expr, terms, at),
            Node::Table(node) => table::answer(self, id, node, expr, at),
            Node::Let { up, id: derived } => self.derived(id, *derived, *up, at),
            node if is_condition(node) => self.condition(id, expr, at).into_answer(),
            _ => self.other(id, expr, at),
        }
    }

    /// Whether a condition holds.
    pub(super) fn truth(&mut self, id: ExprId, at: usize) -> Truth {
        let Some(expr) = self.expr(id) else { return Truth::No };
        if !is_condition(&expr.node) {
            return self.answer(id, at).into_truth();
        }
        if self.depth >= DEEPEST {
            return Answer::fault(FaultKind::TooDeep, expr.span).into_truth();
        }
        self.depth += 1;
        let truth = self.condition(id, expr, at);
        self.depth -= 1;
        truth
    }

    /// A value that is there and leaves no step: while steps are recorded, a constant only.
    pub(super) fn silent(&self, id: ExprId, at: usize) -> Option<&'a Value> {
        match &self.expr(id)?.node {
            Node::Value(value) => Some(value),
            Node::Shift(..) | Node::Range(..) | Node::Year | Node::Period | Node::Today | Node::YearOf(_) => {
                self.context.folded(id)
            }
            _ if self.tracing => None,
            _ => self.there(id, at),
        }
    }

    /// A value that is there without computing: a constant or a filled cell.
    pub(super) fn there(&self, id: ExprId, at: usize) -> Option<&'a Value> {
        match &self.expr(id)?.node {
            Node::Value(value) => Some(value),
            Node::Fact { up, fact, .. } => {
                let at = if *up == 0 { at } else { self.outward(at, *up)? };
                match self.frames.get(at)?.record.cells.get(fact.index())? {
                    Cell::Value(value) => Some(value),
                    _ => None,
                }
            }
            Node::Parameter(id) => self.context.parameter(id.index())?.known(),
            _ => None,
        }
    }

    #[inline(never)]
    fn product(&mut self, expr: &'a Expr, factors: &'a [(bool, ExprId)], at: usize) -> Answer {
        // Two known factors are the rule: a rate of a base.
        if let [(false, a), (false, b)] = factors
            && let (Some(Value::Number(a)), Some(Value::Number(b))) = (self.silent(*a, at), self.silent(*b, at))
        {
            return operators::checked(a.multiply(b), expr.span);
        }
        let mut product: Option<Answer> = None;
        for (divided, factor) in factors {
            let value = self.answer(*factor, at);
            product = Some(match (product, divided) {
                (None, false) => value,
                (None, true) => operators::divide(Answer::number(Number::ONE), value, expr.span),
                (Some(product), false) => operators::multiply(product, value, expr.span),
                (Some(product), true) => operators::divide(product, value, expr.span),
            });
        }
        product.unwrap_or(Answer::NONE)
    }

    #[inline(never)]
    fn sum(&mut self, expr: &'a Expr, terms: &'a [(bool, ExprId)], at: usize) -> Answer {
        if let [(false, a), (subtracted, b)] = terms
            && let (Some(Value::Number(a)), Some(Value::Number(b))) = (self.silent(*a, at), self.silent(*b, at))
        {
            return operators::checked(if *subtracted { a.subtract(b) } else { a.add(b) }, expr.span);
        }
        let mut sum: Option<Answer> = None;
        for (subtracted, term) in terms {
            let value = self.answer(*term, at);
            sum = Some(match (sum, subtracted) {
                (None, false) => value,
                (None, true) => operators::negate(value),
                (Some(sum), false) => operators::add(sum, value, expr.span),
                (Some(sum), true) => operators::subtract(sum, value, expr.span),
            });
        }
        sum.unwrap_or(Answer::NONE)
    }

    #[inline(never)]
    fn other(&mut self, id: ExprId, expr: &'a Expr, at: usize) -> Answer {
        match &expr.node {
            Node::Value(value) => Answer::Known(value.clone()),
            Node::Pending(pending) => self.pending(*pending, expr, at),
            Node::FactIn { up, fact, period, .. } => self.fact_in(*up, *fact, *period, at),
            Node::Parameter(parameter) => self.parameter(*parameter),
            Node::ParameterOn(parameter, date) => {
                let date = self.answer(*date, at);
                self.parameter_on(*parameter, date)
            }
            Node::Year => self.year(expr),
            Node::Period => Answer::Known(Value::Period(self.context.period)),
            Node::Today => Answer::Known(Value::Date(self.context.date)),
            Node::PaidUnder(clauses) => self.paid_under(clauses, at),
            Node::ClauseAmount(clause) => self.settled_amount(*clause),
            Node::Total => self.settled_total(),
            Node::Negate(a) => operators::negate(self.answer(*a, at)),
            Node::Shift(base, steps) => self.shift(*base, steps, expr, at),
            Node::OrElse(parts) => self.or_else(parts, at),
            Node::Range(low, high) => {
                let low = low.map(|low| self.answer(low, at));
                let high = high.map(|high| self.answer(high, at));
                days::range(low, high)
            }
            Node::Min(parts) => self.choose(parts, at, operators::least),
            Node::Max(parts) => self.choose(parts, at, operators::greatest),
            Node::Round(mode, a, unit) => operators::round(self.answer(*a, at), *mode, unit, expr.span),
            Node::Aggregate { .. } => self.aggregate(id, expr, at),
            Node::OverPeriods { kind, up, fact, range, .. } => self.over_periods(*kind, *up, *fact, *range, expr, at),
            Node::Rank(value) => population::rank(self, id, *value, at),
            Node::Elapsed(unit, from, to) => days::elapsed(*unit, self.answer(*from, at), self.answer(*to, at)),
            Node::YearOf(date) => days::year(self.answer(*date, at), expr.kind == Type::Period, expr.span),
            // Lists are walked, never values; conditions were taken before.
            _ => Answer::NONE,
        }
    }

    fn choose(&mut self, parts: &[ExprId], at: usize, pick: impl Fn(Answer, Answer) -> Answer) -> Answer {
        let mut chosen: Option<Answer> = None;
        for part in parts {
            let value = self.answer(*part, at);
            chosen = Some(match chosen {
                Some(chosen) => pick(chosen, value),
                None => value,
            });
        }
        chosen.unwrap_or(Answer::NONE)
    }

    fn or_else(&mut self, parts: &[ExprId], at: usize) -> Answer {
        let Some((first, rest)) = parts.split_first() else { return Answer::NONE };
        let mut value = self.answer(*first, at);
        for part in rest {
            value = operators::or_else(value, || self.answer(*part, at));
        }
        value
    }

    fn shift(&mut self, base: ExprId, steps: &[(bool, ExprId)], expr: &Expr, at: usize) -> Answer {
        let mut moved = self.answer(base, at);
        for (back, by) in steps {
            let by = self.answer(*by, at);
            moved = days::shift(moved, by, *back, expr.span);
        }
        match moved {
            Answer::Known(Value::Period(period)) if matches!(expr.kind, Type::Number(_)) => match period.as_year() {
                Some(year) => Answer::number(Number::from_i64(i64::from(year))),
                None => Answer::Known(Value::Period(period)),
            },
            moved => moved,
        }
    }

    fn year(&self, expr: &Expr) -> Answer {
        let day = self.context.period.first.or(self.context.period.last).unwrap_or(self.context.date);
        days::year(Answer::Known(Value::Date(day)), !matches!(expr.kind, Type::Number(_)), expr.span)
    }

    fn settled_amount(&self, clause: ClauseId) -> Answer {
        let settled = self.settled.and_then(|all| all.clauses.iter().find(|(id, _)| *id == clause));
        match settled {
            Some((_, amount)) => amount.clone(),
            None => Answer::within(Interval::not_negative(), Causes::missing(Missing::Clause(clause))),
        }
    }

    fn settled_total(&self) -> Answer {
        match self.settled {
            Some(settled) => settled.total.clone(),
            None => Answer::within(Interval::not_negative(), Causes::missing(Missing::Total)),
        }
    }

    /// A derived fact, computed once for its frame.
    #[inline(never)]
    fn derived(&mut self, expr: ExprId, id: LetId, up: u8, at: usize) -> Answer {
        let Some(at) = self.outward(at, up) else { return Answer::NONE };
        let clause = if self.context.asks_clause(id) { self.clause } else { None };
        let known = self.frames.get(at).and_then(|frame| {
            frame.lets.iter().find(|d| d.id == id && d.clause == clause && d.assignment == self.assignment)
        });
        let (value, steps) = match known {
            Some(derived) => (derived.value.clone(), derived.steps),
            None => {
                let from = self.step_count();
                let value = match self.context.program.lets.get(id.index()) {
                    Some(def) => self.answer(def.value, at),
                    None => Answer::NONE,
                };
                let steps = Steps { from, to: self.step_count() };
                let derived = Derived { id, clause, assignment: self.assignment, value: value.clone(), steps };
                if let Some(frame) = self.frames.get_mut(at) {
                    frame.lets.push(derived);
                }
                (value, steps)
            }
        };
        if self.tracing {
            self.steps.push(Step::Let { expr, id, value: value.clone(), derived: steps });
        }
        value
    }

    /// Forgets the derived facts of tried assignments.
    pub(super) fn forget_assignments(&mut self) {
        for frame in &mut self.frames {
            frame.lets.retain(|derived| derived.assignment == 0);
        }
    }

    pub(super) fn step_count(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }
}
