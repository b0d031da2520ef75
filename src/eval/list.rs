//! Lists and what is drawn from them: items, `where`, and the aggregates; [`super::top`] has the first of an order.
//!
//! An item whose condition is not known may or may not be there: it counts from 0 to its
//! value. A list that was not loaded may hold anything; an empty one sums to 0 and has no
//! least, greatest or average. A sum over those tied at the line of a `top` is exact
//! where they are worth the same, for their number is known.

use super::cause::{Causes, Missing};
use super::compare;
use super::context::Shared;
use super::days;
use super::expression::Evaluator;
use super::history::key_of;
use super::interval::Interval;
use super::open::{Answer, Shape, Truth};
use super::operators;
use super::trace::Step;
use crate::check::program::{Expr, ExprId, FactId, Node, RecordId, Type};
use crate::record::{Cell, Record};
use crate::source::Span;
use crate::syntax::tree::{AggregateKind, Compare};
use crate::value::{Number, Period, Value};

/// Years of an aggregate over periods; more are an open range by mistake.
const MOST_YEARS: i32 = 400;

/// An item of a list.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) id: RecordId,
    pub(super) record: &'a Record,
    /// Its place in the list that was loaded.
    pub(super) index: usize,
    /// Whether it counts: yes or open.
    pub(super) included: Truth,
}

/// A list.
#[derive(Debug, Default)]
pub(super) struct List<'a> {
    pub(super) items: Vec<Item<'a>>,
    /// Why there may be further items.
    pub(super) open: Option<Causes>,
    /// Those tied at the line of a `top`.
    pub(super) tie: Option<Tie>,
}

/// Of the items `from..`, exactly `take` count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tie {
    pub(super) from: usize,
    pub(super) take: usize,
}

/// A sum that is being made of items, some of which may not count.
#[derive(Debug)]
pub(super) struct Total {
    sum: Answer,
    tied: Vec<Answer>,
    tie: Option<Tie>,
    seen: usize,
    span: Span,
}

impl Total {
    pub(super) fn new(list: &List<'_>, span: Span) -> Self {
        Total { sum: Answer::number(Number::ZERO), tied: Vec::new(), tie: list.tie, seen: 0, span }
    }

    /// Adds the value of the next item; one that is none adds nothing.
    pub(super) fn add(&mut self, value: Answer, included: &Truth) {
        let value = operators::or_none(value, || Answer::number(Number::ZERO));
        let tied = self.tie.is_some_and(|tie| self.seen >= tie.from);
        self.seen += 1;
        if tied {
            self.tied.push(value);
            return;
        }
        let value = match included {
            Truth::Open(causes) => value.hull(Answer::number(Number::ZERO)).because(causes),
            _ => value,
        };
        let sum = std::mem::replace(&mut self.sum, Answer::NONE);
        self.sum = operators::add(sum, value, self.span);
    }

    /// The sum, with what a list that is not complete may add.
    pub(super) fn finish(self, open: Option<&Causes>, not_negative: bool, tie: ExprId) -> Answer {
        let mut sum = self.sum;
        if let Some(Tie { take, .. }) = self.tie {
            sum = operators::add(sum, of_tied(&self.tied, take, tie), self.span);
        }
        match open {
            Some(causes) => {
                let rest = if not_negative { Interval::not_negative() } else { Interval::ANY };
                operators::add(sum, Answer::within(rest, causes.clone()), self.span)
            }
            None => sum,
        }
    }
}

/// The sum of `take` of these values.
fn of_tied(values: &[Answer], take: usize, tie: ExprId) -> Answer {
    let mut causes = Causes::missing(Missing::Tie(tie));
    let intervals: Vec<_> = values.iter().map(|value| value.interval().unwrap_or_default()).collect();
    for value in values {
        causes.merge(value.causes().unwrap_or(&Causes::default()));
    }
    let total = |mut ends: Vec<Number>, greatest: bool| {
        ends.sort_unstable();
        if greatest {
            ends.reverse();
        }
        ends.iter().take(take).try_fold(Number::ZERO, |sum, end| sum.add(end).ok())
    };
    let low: Option<Vec<_>> = intervals.iter().map(|interval| interval.lowest.clone()).collect();
    let high: Option<Vec<_>> = intervals.iter().map(|interval| interval.highest.clone()).collect();
    let (low, high) = (low.and_then(|ends| total(ends, false)), high.and_then(|ends| total(ends, true)));
    Answer::within(Interval::new(low, high), causes)
}

impl<'a> Evaluator<'a> {
    /// The items of a list expression.
    pub(super) fn list(&mut self, id: ExprId, at: usize) -> List<'a> {
        let Some(expr) = self.expr(id) else { return List::default() };
        match &expr.node {
            Node::Items { up, fact, .. } => self.items(*up, *fact, expr, at),
            Node::All(record) => self.all_records(*record),
            Node::History => self.history_rows(at),
            Node::Where(list, condition) => self.filtered(*list, *condition, at),
            Node::Top { list, count, keys } => self.top(id, *list, *count, keys, at),
            Node::Let { up, id } => match (self.context.program.lets.get(id.index()), self.outward(at, *up)) {
                (Some(def), Some(at)) => self.list(def.value, at),
                _ => List::default(),
            },
            _ => List::default(),
        }
    }

    fn items(&mut self, up: u8, fact: FactId, expr: &Expr, at: usize) -> List<'a> {
        let Some((owner, record)) = self.outward(at, up).and_then(|at| self.frame(at)) else { return List::default() };
        let id = match &expr.kind {
            Type::List(id) => *id,
            _ => owner,
        };
        match record.cells.get(fact.index()) {
            Some(Cell::List(rows)) => List { items: items_of(id, rows), ..List::default() },
            _ => List { open: Some(Causes::missing(self.missing_fact(owner, fact, record, None))), ..List::default() },
        }
    }

    fn all_records(&self, id: RecordId) -> List<'a> {
        match self.context.population(id) {
            Some(rows) => List { items: items_of(id, rows), ..List::default() },
            None => List { open: Some(Causes::missing(Missing::Population(id))), ..List::default() },
        }
    }

    fn filtered(&mut self, list: ExprId, condition: ExprId, at: usize) -> List<'a> {
        let mut list = self.list(list, at);
        list.spread_tie();
        list.items.retain_mut(|item| {
            if self.tracing {
                let key = key_of(self.context.program, item.id, item.record);
                self.steps.push(Step::Candidate { index: u32::try_from(item.index).unwrap_or(u32::MAX), key });
            }
            let inner = self.push(item.id, item.record, Some(at));
            let holds = self.truth(condition, inner);
            self.pop();
            let included = std::mem::replace(&mut item.included, Truth::No);
            item.included = included.and(holds);
            item.included != Truth::No
        });
        list
    }

    /// An aggregate over a list.
    pub(super) fn aggregate(&mut self, id: ExprId, expr: &'a Expr, at: usize) -> Answer {
        let compute = |this: &mut Self| {
            let Node::Aggregate { kind, list, value, condition } = &expr.node else { return Answer::NONE };
            let source = this.list(*list, at);
            match kind {
                AggregateKind::Count => count(&source),
                AggregateKind::Any => this.any(source, *condition, at).into_answer(),
                AggregateKind::Every => this.every(source, *condition, at).into_answer(),
                AggregateKind::Sum => this.sum_over(source, *value, *list, expr, at),
                AggregateKind::Min | AggregateKind::Max | AggregateKind::Average => {
                    this.extreme(*kind, source, *value, expr, at)
                }
                AggregateKind::Rank => Answer::NONE,
            }
        };
        match self.context.shared(id) {
            Some(cell) => {
                let mut apart = Evaluator::new(self.context, false);
                match cell.get_or_init(|| Shared::Answer(compute(&mut apart))) {
                    Shared::Answer(answer) => answer.clone(),
                    Shared::Ranking(_) => Answer::NONE,
                }
            }
            None => compute(self),
        }
    }

    fn any(&mut self, mut list: List<'a>, condition: Option<ExprId>, at: usize) -> Truth {
        list.spread_tie();
        let mut any = match list.open {
            Some(causes) => Truth::Open(Box::new(causes)),
            None => Truth::No,
        };
        for item in list.items {
            let holds = self.holds_for(&item, condition, at);
            any = any.or(item.included.and(holds));
            if any == Truth::Yes {
                break;
            }
        }
        any
    }

    fn every(&mut self, mut list: List<'a>, condition: Option<ExprId>, at: usize) -> Truth {
        list.spread_tie();
        let mut every = match list.open {
            Some(causes) => Truth::Open(Box::new(causes)),
            None => Truth::Yes,
        };
        for item in list.items {
            let holds = self.holds_for(&item, condition, at);
            every = every.and(item.included.negate().or(holds));
            if every == Truth::No {
                break;
            }
        }
        every
    }

    fn holds_for(&mut self, item: &Item<'a>, condition: Option<ExprId>, at: usize) -> Truth {
        let Some(condition) = condition else { return Truth::Yes };
        let inner = self.push(item.id, item.record, Some(at));
        let holds = self.truth(condition, inner);
        self.pop();
        holds
    }

    fn value_of(&mut self, item: &Item<'a>, value: Option<ExprId>, at: usize) -> Answer {
        let Some(value) = value else { return Answer::NONE };
        let inner = self.push(item.id, item.record, Some(at));
        let answer = self.answer(value, inner);
        self.pop();
        answer
    }

    fn sum_over(&mut self, list: List<'a>, value: Option<ExprId>, source: ExprId, expr: &Expr, at: usize) -> Answer {
        let mut total = Total::new(&list, expr.span);
        for item in &list.items {
            let value = self.value_of(item, value, at);
            total.add(value, &item.included);
        }
        let not_negative = list.open.is_some() && value.is_some_and(|value| self.is_never_negative(value, source));
        total.finish(list.open.as_ref(), not_negative, source)
    }

    /// Whether a value of an item that was not loaded cannot be below 0, as far as its declaration tells.
    fn is_never_negative(&self, value: ExprId, source: ExprId) -> bool {
        let item = match self.expr(source).map(|expr| &expr.kind) {
            Some(Type::List(item)) => *item,
            _ => return false,
        };
        match self.expr(value).map(|expr| &expr.node) {
            Some(Node::Fact { up: 0, fact, .. }) => self.fact_def(item, *fact).is_some_and(|def| {
                def.whole || matches!(&def.bounds.0, Some(Value::Number(lowest)) if !lowest.is_negative())
            }),
            Some(Node::Value(Value::Number(number))) => !number.is_negative(),
            _ => false,
        }
    }

    fn extreme(
        &mut self,
        kind: AggregateKind,
        mut list: List<'a>,
        value: Option<ExprId>,
        expr: &Expr,
        at: usize,
    ) -> Answer {
        list.spread_tie();
        let mut values = Vec::with_capacity(list.items.len());
        for item in &list.items {
            values.push((self.value_of(item, value, at), item.included.clone()));
        }
        let found = extreme_of(kind, values, expr);
        match list.open {
            // Items that were not loaded may change it to anything.
            Some(causes) => {
                let mut any = Answer::open(Shape::Any, causes).into_open();
                any.none = true;
                if matches!(expr.kind, Type::Number(_)) {
                    any.shape = Shape::Number(Interval::ANY);
                }
                found.hull(any.settle())
            }
            None => found,
        }
    }

    /// An aggregate of a fact by period over the years or quarters of a range.
    pub(super) fn over_periods(
        &mut self,
        kind: AggregateKind,
        up: u8,
        fact: FactId,
        range: ExprId,
        expr: &Expr,
        at: usize,
    ) -> Answer {
        let range = match self.answer(range, at) {
            Answer::Known(value) => days::as_period(&value),
            open => return open.into_open_number(expr),
        };
        let (Some(range), Some((id, record))) = (range, self.outward(at, up).and_then(|at| self.frame(at))) else {
            return Answer::NONE;
        };
        let by_quarter = self.fact_def(id, fact).is_some_and(|def| def.per == Some(crate::syntax::tree::Per::Quarter));
        let mut values = Vec::new();
        for period in periods_of(&range, record.cells.get(fact.index()), by_quarter) {
            values.push((self.fact_of_period(id, fact, record, period), Truth::Yes));
        }
        match kind {
            AggregateKind::Count => Answer::number(Number::from_i64(i64::try_from(values.len()).unwrap_or(i64::MAX))),
            AggregateKind::Sum => {
                let mut total = Total::new(&List::default(), expr.span);
                for (value, included) in values {
                    total.add(value, &included);
                }
                total.finish(None, false, ExprId(0))
            }
            kind => extreme_of(kind, values, expr),
        }
    }
}

impl List<'_> {
    /// Makes the items tied at a line open one by one.
    pub(super) fn spread_tie(&mut self) {
        self.tie = None;
    }

    pub(super) fn open_all(&mut self, causes: &Causes) {
        for item in &mut self.items {
            let included = std::mem::replace(&mut item.included, Truth::No);
            item.included = included.and(Truth::Open(Box::new(causes.clone())));
        }
    }
}

impl Answer {
    /// Any number, for the same reasons.
    fn into_open_number(self, expr: &Expr) -> Answer {
        let causes = self.into_open().causes;
        match expr.kind {
            Type::Number(_) => Answer::within(Interval::ANY, causes),
            _ => Answer::open(Shape::Any, causes),
        }
    }
}

fn items_of(id: RecordId, rows: &[Record]) -> Vec<Item<'_>> {
    rows.iter().enumerate().map(|(index, record)| Item { id, record, index, included: Truth::Yes }).collect()
}

/// How many items count.
fn count(list: &List<'_>) -> Answer {
    let whole = |n: usize| Some(Number::from_i64(i64::try_from(n).unwrap_or(i64::MAX)));
    let tied = list.tie.map_or(0, |tie| list.items.len().saturating_sub(tie.from));
    let sure =
        list.items.iter().filter(|item| item.included == Truth::Yes).count() + list.tie.map_or(0, |tie| tie.take);
    let open = list.items.iter().filter(|item| item.included != Truth::Yes).count() - tied;
    let mut causes = list.open.clone().unwrap_or_default();
    for item in &list.items {
        if let Truth::Open(why) = &item.included {
            causes.merge(why);
        }
    }
    let most = if list.open.is_some() { None } else { whole(sure + open) };
    Answer::within(Interval::new(whole(sure), most), causes)
}

/// The least, greatest or mean of values, some of which may not count; none of none.
fn extreme_of(kind: AggregateKind, values: Vec<(Answer, Truth)>, expr: &Expr) -> Answer {
    if kind == AggregateKind::Average {
        return average(values, expr);
    }
    let ahead = if kind == AggregateKind::Max { Compare::Greater } else { Compare::Less };
    let mut found = Answer::NONE;
    let mut perhaps = Vec::new();
    for (value, included) in values {
        match (value, included) {
            (Answer::Known(Value::None), _) => {}
            (value, Truth::Yes) if value.causes().is_none() => found = pick(found, value, ahead),
            other => perhaps.push(other),
        }
    }
    for (value, included) in perhaps {
        let mut open = value.into_open();
        let none = std::mem::replace(&mut open.none, false);
        let why = if none { open.causes.clone() } else { Causes::default() };
        let with = pick(found.clone(), open.settle(), ahead);
        found = match included {
            Truth::Open(causes) => found.hull(with).because(&causes).because(&why),
            _ if none => found.hull(with).because(&why),
            _ => with,
        };
    }
    found
}

/// Whether there is surely a value that cannot be computed.
fn is_undefined(answer: &Answer) -> bool {
    matches!(answer, Answer::Open(open) if open.undefined && !open.none && open.shape == Shape::Nothing)
}

/// The one ahead of two; none gives way.
fn pick(a: Answer, b: Answer, ahead: Compare) -> Answer {
    if a == Answer::NONE {
        return b;
    }
    // One that surely cannot be computed leaves nothing to compare, as in a sum.
    if is_undefined(&a) || is_undefined(&b) {
        let (undefined, other) = if is_undefined(&a) { (a, b) } else { (b, a) };
        return undefined.because(other.causes().unwrap_or(&Causes::default()));
    }
    let may_be_none = matches!(&a, Answer::Open(open) if open.none);
    if may_be_none {
        let mut there = a.into_open();
        there.none = false;
        let causes = there.causes.clone();
        return pick(there.settle(), b.clone(), ahead).hull(b).because(&causes);
    }
    match compare::compare(ahead, a.clone(), b.clone()) {
        Truth::Yes => a,
        Truth::No => b,
        Truth::Open(_) if a.interval().is_some() && b.interval().is_some() => match ahead {
            Compare::Greater => operators::greatest(a, b),
            _ => operators::least(a, b),
        },
        Truth::Open(_) => a.hull(b),
    }
}

fn average(values: Vec<(Answer, Truth)>, expr: &Expr) -> Answer {
    let there: Vec<_> = values.into_iter().filter(|(value, _)| *value != Answer::NONE).collect();
    let all_sure = there.iter().all(|(value, included)| {
        *included == Truth::Yes && !matches!(value, Answer::Open(open) if open.none || open.undefined)
    });
    if there.is_empty() {
        return Answer::NONE;
    }
    if let Some((value, _)) = there.iter().find(|(value, included)| *included == Truth::Yes && is_undefined(value)) {
        return value.clone();
    }
    if all_sure {
        let count = Answer::number(Number::from_i64(i64::try_from(there.len()).unwrap_or(i64::MAX)));
        let sum = there
            .into_iter()
            .fold(Answer::number(Number::ZERO), |sum, (value, _)| operators::add(sum, value, expr.span));
        return operators::divide(sum, count, expr.span);
    }
    // Whoever counts, the mean lies between the least and the greatest.
    let mut result: Option<Answer> = None;
    let mut none = true;
    for (value, included) in there {
        none &= included != Truth::Yes || matches!(&value, Answer::Open(open) if open.none);
        let value = match included {
            Truth::Open(causes) => {
                let mut open = value.into_open();
                open.causes.merge(&causes);
                Answer::Open(Box::new(open))
            }
            _ => value,
        };
        result = Some(match result {
            Some(result) => result.hull(value),
            None => value,
        });
    }
    let mut open = result.unwrap_or(Answer::NONE).into_open();
    open.none = none;
    open.settle()
}

/// The years or quarters of a range with both ends.
pub(crate) fn periods_between(range: &Period, by_quarter: bool) -> Vec<Period> {
    periods_of(range, None, by_quarter)
}

/// The years or quarters of a range; an open end reaches as far as the values do.
fn periods_of(range: &Period, cell: Option<&Cell>, by_quarter: bool) -> Vec<Period> {
    let there: &[(Period, Value)] = match cell {
        Some(Cell::Periods(values)) => values,
        _ => &[],
    };
    let first = range.first.or_else(|| there.iter().filter_map(|(period, _)| period.first).min());
    let last = range.last.or_else(|| there.iter().filter_map(|(period, _)| period.last).max());
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let last_year = last.year().min(first.year().saturating_add(MOST_YEARS));
    let quarters = |year: i32| (1..=4).filter_map(move |quarter| Period::quarter(year, quarter));
    let years = first.year()..=last_year;
    match by_quarter {
        true => years.flat_map(quarters).filter(|period| period.meets(range)).collect(),
        false => years.filter_map(Period::year).collect(),
    }
}
