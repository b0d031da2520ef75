//! The value of every expression, over the records in scope.
//!
//! In: the shared [`Context`] and a record. Out: an [`Answer`] for a value, a [`Truth`]
//! for a condition. Records in scope are frames, each with its outer one; derived facts
//! are computed once for a frame. Known values cost no allocation.

use super::alternatives::Unknown;
use super::cause::{Causes, FaultKind, Missing, Place};
use super::compare;
use super::context::Context;
use super::days;
use super::interval::Interval;
use super::open::{Answer, Open, Shape, Truth};
use super::operators;
use super::population;
use super::table;
use super::trace::{Holds, Step, Steps, Tracing};
use crate::check::program::{
    ClauseId, Expr, ExprId, FactDef, FactId, GateKindDef, LetId, Node, ParameterId, PendingId, RecordId, Type,
};
use crate::record::{Cell, Record, kept_period};
use crate::syntax::tree::Compare;
use crate::value::{Date, Number, Period, Value};

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
        let value = match &expr.node {
            Node::Fact { up, fact, .. } => self.fact(*up, *fact, at),
            Node::Product(factors) => self.product(expr, factors, at),
            Node::Sum(terms) => self.sum(expr, terms, at),
            Node::Table(node) => table::answer(self, id, node, expr, at),
            Node::Let { up, id: derived } => self.derived(id, *derived, *up, at),
            node if is_condition(node) => self.condition(id, expr, at).into_answer(),
            _ => self.other(id, expr, at),
        };
        self.depth -= 1;
        // Derived facts and conditions recorded themselves.
        if self.tracing && !matches!(expr.node, Node::Let { .. }) && !is_condition(&expr.node) {
            self.steps.push(Step::Value { expr: id, value: value.clone() });
        }
        value
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
    fn there(&self, id: ExprId, at: usize) -> Option<&'a Value> {
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
    fn condition(&mut self, id: ExprId, expr: &'a Expr, at: usize) -> Truth {
        let truth = match &expr.node {
            Node::Compare(operator, a, b) => return self.comparison(id, *operator, *a, *b, at),
            Node::And(parts) => self.all(parts, at, false),
            Node::Or(parts) => self.all(parts, at, true).negate(),
            Node::Not(part) => self.truth(*part, at).negate(),
            Node::InList(a, parts) => self.in_list(*a, parts, at),
            Node::InRange(a, range) => self.in_range(*a, *range, at),
            Node::IsNone(a) => self.is_none(*a, at),
            Node::Newly { level, date } => self.newly(*level, *date, at),
            _ => Truth::No,
        };
        if self.tracing {
            self.steps.push(Step::Condition { expr: id, holds: Holds::from(&truth) });
        }
        truth
    }

    fn comparison(&mut self, id: ExprId, operator: Compare, a: ExprId, b: ExprId, at: usize) -> Truth {
        if let (Some(x), Some(y)) = (self.there(a, at), self.there(b, at)) {
            let truth = Truth::known(compare::values(operator, x, y));
            if self.tracing {
                let (left, right) = (Answer::Known(x.clone()), Answer::Known(y.clone()));
                self.steps.push(Step::Compared { expr: id, left, right, holds: Holds::from(&truth) });
            }
            return truth;
        }
        let (left, right) = (self.answer(a, at), self.answer(b, at));
        if !self.tracing {
            return compare::compare(operator, left, right);
        }
        let truth = compare::compare(operator, left.clone(), right.clone());
        self.steps.push(Step::Compared { expr: id, left, right, holds: Holds::from(&truth) });
        truth
    }

    /// All parts; with `negated`, that each part fails.
    #[inline(never)]
    fn all(&mut self, parts: &[ExprId], at: usize, negated: bool) -> Truth {
        let mut all = Truth::Yes;
        for part in parts {
            let truth = self.truth(*part, at);
            all = all.and(if negated { truth.negate() } else { truth });
            if all == Truth::No {
                break;
            }
        }
        all
    }

    #[inline(never)]
    fn in_list(&mut self, a: ExprId, parts: &[ExprId], at: usize) -> Truth {
        let value = self.answer(a, at);
        let mut outside = Truth::Yes;
        // What is open is narrowed by every key that it was held against.
        let mut left = value;
        for part in parts {
            if let Answer::Open(open) = &left
                && open.shape == Shape::Nothing
                && !open.undefined
            {
                break;
            }
            let key = self.answer(*part, at);
            let same = compare::compare(Compare::Equal, left.clone(), key.clone());
            outside = outside.and(same.negate());
            if outside == Truth::No {
                break;
            }
            if let (Answer::Open(open), Answer::Known(key)) = (&mut left, &key) {
                compare::without_key(open, key);
                // Nothing else is left: it is one of the keys.
                if open.shape == Shape::Codes(Vec::new()) {
                    if !open.none && !open.undefined {
                        return Truth::Yes;
                    }
                    open.shape = Shape::Nothing;
                }
            }
        }
        outside.negate()
    }

    #[inline(never)]
    fn in_range(&mut self, a: ExprId, range: ExprId, at: usize) -> Truth {
        let value = self.answer(a, at);
        if let Some(Expr { node: Node::Range(low, high), kind, .. }) = self.expr(range)
            && *kind != Type::Period
        {
            let mut inside = Truth::known(value != Answer::NONE);
            for (bound, operator) in [(low, Compare::GreaterOrEqual), (high, Compare::LessOrEqual)] {
                if let Some(bound) = bound {
                    let bound = self.answer(*bound, at);
                    inside = inside.and(compare::compare(operator, value.clone(), bound));
                }
            }
            return inside;
        }
        let range = self.answer(range, at);
        compare::in_period(value, range)
    }

    fn is_none(&mut self, a: ExprId, at: usize) -> Truth {
        let value = self.answer(a, at);
        match (value, self.expr(a).map(|expr| &expr.node)) {
            // A fact that is not known may turn out not to exist, whatever its type.
            (Answer::Open(open), Some(Node::Fact { .. } | Node::FactIn { .. })) => Truth::Open(Box::new(open.causes)),
            (value, _) => compare::is_none(value),
        }
    }

    #[inline(never)]
    fn newly(&mut self, level: ExprId, date: ExprId, at: usize) -> Truth {
        if let (Some(level), Some(Value::Date(day))) = (self.silent(level, at), self.silent(date, at)) {
            let there = !matches!(level, Value::None | Value::Bool(false));
            if !there || !self.context.period.contains(*day) {
                return Truth::No;
            }
            return self.in_event_ranges(Truth::Yes, &Answer::Known(Value::Date(*day)), at);
        }
        let there = match self.answer(level, at) {
            Answer::Known(Value::Bool(yes)) => Truth::known(yes),
            answer => compare::is_none(answer).negate(),
        };
        if there == Truth::No {
            return there;
        }
        let day = self.answer(date, at);
        let period = Answer::Known(Value::Period(self.context.period));
        let newly = there.and(compare::in_period(day.clone(), period));
        self.in_event_ranges(newly, &day, at)
    }

    /// Whether a day lies in the ranges in which an event must lie: the clause's windows and the policy's force.
    fn in_event_ranges(&mut self, mut newly: Truth, day: &Answer, at: usize) -> Truth {
        let Some(clause) = self.clause.and_then(|id| self.context.program.clauses.get(id.index())) else { return newly };
        let windows = clause.gates.iter().filter_map(|gate| match gate.kind {
            GateKindDef::During { range, .. } => Some(range),
            _ => None,
        });
        let policy = self.context.program.policies.get(clause.policy.index());
        let force = policy.and_then(|policy| policy.force.as_ref()).map(|force| force.range);
        let recipient = self.outermost(at);
        for range in windows.chain(force) {
            if newly == Truth::No {
                break;
            }
            let inside = match (day, self.silent(range, recipient)) {
                (Answer::Known(day), Some(Value::Period(range))) => Truth::known(compare::within_period(day, range)),
                _ => {
                    let range = self.answer(range, recipient);
                    compare::in_period(day.clone(), range)
                }
            };
            newly = newly.and(inside);
        }
        newly
    }

    fn outermost(&self, mut at: usize) -> usize {
        while let Some(outer) = self.frames.get(at).and_then(|frame| frame.outer) {
            at = outer;
        }
        at
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
        let settled = self.context.inputs.settled.and_then(|all| all.clauses.iter().find(|(id, _)| *id == clause));
        match settled {
            Some((_, amount)) => amount.clone(),
            None => Answer::within(Interval::not_negative(), Causes::missing(Missing::Clause(clause))),
        }
    }

    fn settled_total(&self) -> Answer {
        match self.context.inputs.settled {
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

    #[inline(never)]
    fn fact(&mut self, up: u8, fact: FactId, at: usize) -> Answer {
        let Some(at) = self.outward(at, up) else { return Answer::NONE };
        let Some((id, record)) = self.frame(at) else { return Answer::NONE };
        match record.cells.get(fact.index()) {
            Some(Cell::Value(value)) => Answer::Known(value.clone()),
            Some(Cell::Periods(values)) => {
                let period = self.context.period;
                self.value_in(values, period, id, fact, record)
            }
            Some(Cell::Unknown | Cell::List(_)) => self.unknown(id, fact, record, None),
            None => match self.fact_def(id, fact).and_then(|def| def.default.clone()) {
                Some(default) => Answer::Known(default),
                None => self.unknown(id, fact, record, None),
            },
        }
    }

    fn fact_in(&mut self, up: u8, fact: FactId, period: ExprId, at: usize) -> Answer {
        let Some((id, record)) = self.outward(at, up).and_then(|at| self.frame(at)) else { return Answer::NONE };
        if let Some(Value::Period(period)) = self.silent(period, at) {
            return self.fact_of_period(id, fact, record, *period);
        }
        match self.answer(period, at) {
            Answer::Known(value) => match days::as_period(&value) {
                Some(period) => self.fact_of_period(id, fact, record, period),
                None => Answer::NONE,
            },
            Answer::Open(open) => {
                let shape = self.fact_def(id, fact).map_or(Shape::Any, |def| self.domain(def));
                Answer::open(shape, open.causes)
            }
        }
    }

    /// The value of a fact for one period.
    pub(super) fn fact_of_period(&mut self, id: RecordId, fact: FactId, record: &'a Record, period: Period) -> Answer {
        match record.cells.get(fact.index()) {
            Some(Cell::Periods(values)) => self.value_in(values, period, id, fact, record),
            Some(Cell::Value(value)) => Answer::Known(value.clone()),
            _ => self.unknown(id, fact, record, Some(period)),
        }
    }

    fn value_in(&mut self, values: &'a [(Period, Value)], period: Period, id: RecordId, fact: FactId, record: &'a Record) -> Answer {
        if let Some((_, value)) = values.iter().find(|(of, _)| *of == period) {
            return Answer::Known(value.clone());
        }
        // A fact by year counts for a quarter or a range within that year.
        let kept = self.fact_def(id, fact).and_then(|def| def.per).map(|per| kept_period(per, period));
        if let Some(kept) = kept
            && let Some((_, value)) = values.iter().find(|(of, _)| *of == kept)
        {
            return Answer::Known(value.clone());
        }
        self.unknown(id, fact, record, Some(period))
    }

    pub(super) fn fact_def(&self, id: RecordId, fact: FactId) -> Option<&'a FactDef> {
        self.context.program.records.get(id.index())?.facts.get(fact.index())
    }

    /// A fact that is not known: any value of its type, within its bounds.
    #[inline(never)]
    pub(super) fn unknown(&mut self, id: RecordId, fact: FactId, record: &'a Record, period: Option<Period>) -> Answer {
        let missing = self.missing_fact(id, fact, record, period);
        let Some(def) = self.fact_def(id, fact) else { return Answer::NONE };
        let assumed = |(what, _): &&(Unknown, Value)| matches!(what, Unknown::Missing(what) if *what == missing);
        if let Some((_, value)) = self.assumed.iter().find(assumed) {
            return Answer::Known(value.clone());
        }
        let none = matches!(&def.kind, Type::Code(id) if self.is_ordered(*id));
        Open { shape: self.domain(def), none, undefined: false, causes: Causes::missing(missing) }.settle()
    }

    pub(super) fn missing_fact(&self, id: RecordId, fact: FactId, record: &Record, period: Option<Period>) -> Missing {
        let key = super::history::key_of(self.context.program, id, record);
        Missing::Fact { record: id, fact, key, period, place: Place(std::ptr::from_ref(record).addr()) }
    }

    fn is_ordered(&self, id: crate::check::program::EnumId) -> bool {
        self.context.program.enums.get(id.index()).is_some_and(|def| def.ordered)
    }

    fn domain(&self, def: &FactDef) -> Shape {
        match &def.kind {
            Type::Number(_) => {
                let zero = || def.whole.then_some(Number::ZERO);
                Shape::Number(Interval::new(def.bounds.0.clone().or_else(zero), def.bounds.1.clone()))
            }
            kind => self.any_of(kind),
        }
    }

    /// Any value of a type.
    fn any_of(&self, kind: &Type) -> Shape {
        match kind {
            Type::Number(_) => Shape::Number(Interval::ANY),
            Type::Bool => Shape::Bool { yes: true, no: true },
            Type::Date => Shape::Date(None, None),
            Type::Code(id) => {
                let count = self.context.program.enums.get(id.index()).map_or(0, |def| def.values.len());
                Shape::Codes((0..u16::try_from(count).unwrap_or(u16::MAX)).collect())
            }
            Type::Text | Type::Duration | Type::Period | Type::List(_) | Type::Poison => Shape::Any,
        }
    }

    /// A pending rule: what it is bound to, or anything of its type; amounts and rates are not below 0.
    fn pending(&mut self, id: PendingId, expr: &Expr, at: usize) -> Answer {
        if let Some(bound) = self.context.bound(id.index()) {
            return self.answer(bound, at);
        }
        if let Some((_, value)) = self.assumed.iter().find(|(what, _)| *what == Unknown::Pending(id)) {
            return Answer::Known(value.clone());
        }
        let shape = match &expr.kind {
            Type::Number(_) => Shape::Number(Interval::not_negative()),
            kind => self.any_of(kind),
        };
        Open { shape, none: false, undefined: false, causes: Causes::pending(id) }.settle()
    }

    fn parameter(&mut self, id: ParameterId) -> Answer {
        match self.context.parameter(id.index()) {
            Some(value) => value.clone(),
            None => self.parameter_at_date(id.index()),
        }
    }

    /// A parameter's value at the date of decision.
    pub(super) fn parameter_at_date(&mut self, parameter: usize) -> Answer {
        let date = Answer::Known(Value::Date(self.context.date));
        self.parameter_on(ParameterId(u32::try_from(parameter).unwrap_or(u32::MAX)), date)
    }

    /// A parameter's value at a date: that of the last change up to it.
    fn parameter_on(&mut self, id: ParameterId, date: Answer) -> Answer {
        let frame = 0;
        if let Some(value) = self.context.override_of(id.index()) {
            return self.answer(value, frame);
        }
        let Some(def) = self.context.program.parameters.get(id.index()) else { return Answer::NONE };
        let missing = || Answer::open(Shape::Any, Causes::missing(Missing::Parameter(id)));
        let of = |this: &mut Self, value: Option<ExprId>| match value {
            Some(value) => this.answer(value, frame),
            None => match this.any_of(&def.kind) {
                Shape::Any => missing(),
                shape => Answer::open(shape, Causes::missing(Missing::Parameter(id))),
            },
        };
        let (first, last, causes) = match date {
            Answer::Known(Value::None) => return Answer::NONE,
            Answer::Known(value) => match days::as_period(&value) {
                Some(period) => (period.first, period.first, None),
                None => return Answer::NONE,
            },
            Answer::Open(open) => match open.shape {
                Shape::Date(first, last) => (first, last, Some(open.causes)),
                _ => (None, None, Some(open.causes)),
            },
        };
        let held = |day: Date| def.values.iter().rev().find(|(from, _)| from.is_none_or(|from| from <= day)).map(|(_, v)| *v);
        let start = match first {
            Some(first) => held(first),
            None => def.values.first().map(|(_, value)| *value),
        };
        let mut value = of(self, start);
        let Some(causes) = causes else { return value };
        for (from, later) in &def.values {
            if from.is_some_and(|from| first.is_none_or(|first| from > first) && last.is_none_or(|last| from <= last)) {
                let later = self.answer(*later, frame);
                value = value.hull(later);
            }
        }
        value.because(&causes)
    }
}

fn is_condition(node: &Node) -> bool {
    matches!(
        node,
        Node::Compare(..)
            | Node::And(_)
            | Node::Or(_)
            | Node::Not(_)
            | Node::InList(..)
            | Node::InRange(..)
            | Node::IsNone(_)
            | Node::Newly { .. }
    )
}
