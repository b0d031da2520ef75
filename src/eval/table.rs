//! Tables: the row that a subject reaches, each slice at its own rate, or the whole at
//! the reached rate.
//!
//! Rows stand in the order in which they are tried. A subject that is not known reaches
//! every row that it may; each row that it fails narrows it for the next, so rows that
//! cover everything leave nothing open but the subject itself.

use super::cause::Causes;
use super::compare;
use super::expression::Evaluator;
use super::interval::Interval;
use super::open::{Answer, Open, Shape, Truth};
use super::operators;
use super::trace::{Holds, Step};
use crate::check::program::{Expr, ExprId, RowTest, TableNode, TableRowNode, Type};
use crate::syntax::tree::{Compare, TableKind};
use crate::value::{Number, NumberError, Value};

/// The value of a table.
pub(super) fn answer<'a>(
    evaluator: &mut Evaluator<'a>,
    id: ExprId,
    table: &'a TableNode,
    expr: &'a Expr,
    at: usize,
) -> Answer {
    let subject = table.subject.map(|subject| evaluator.answer(subject, at));
    match (table.kind, subject) {
        (TableKind::Marginal, Some(subject)) => marginal(evaluator, id, table, expr, subject, at),
        (_, subject) => row_by_row(evaluator, id, table, expr, subject, at),
    }
}

#[inline(never)]
fn row_by_row<'a>(
    evaluator: &mut Evaluator<'a>,
    id: ExprId,
    table: &'a TableNode,
    expr: &'a Expr,
    mut subject: Option<Answer>,
    at: usize,
) -> Answer {
    let mut result: Option<Answer> = None;
    let mut causes = Causes::default();
    for (place, row) in table.rows.iter().enumerate() {
        let truth = tests(evaluator, &row.test, subject.as_ref(), at);
        if truth == Truth::No {
            continue;
        }
        if evaluator.tracing {
            let row = u16::try_from(place).ok();
            evaluator.record(Step::Row { table: id, row, subject: subject.clone(), holds: Holds::from(&truth) });
        }
        let value = row_value(evaluator, table.kind, row, expr, subject.as_ref(), at);
        let Truth::Open(why) = truth else { return finish(result, value, &causes) };
        causes.merge(&why);
        result = Some(either(result, value));
        if let Some(Answer::Open(open)) = &mut subject
            && !narrow(evaluator, open, &row.test, at)
        {
            // Nothing else is possible.
            return finish(None, result.unwrap_or(Answer::NONE), &causes);
        }
    }
    if evaluator.tracing {
        let holds = if result.is_some() { Holds::Open } else { Holds::Yes };
        evaluator.record(Step::Row { table: id, row: None, subject: subject.clone(), holds });
    }
    let rest = match (table.otherwise, table.kind, subject) {
        (Some(otherwise), TableKind::Slab, Some(subject)) => {
            let rate = evaluator.answer(otherwise, at);
            operators::multiply(rate, subject, expr.span)
        }
        (Some(otherwise), ..) => evaluator.answer(otherwise, at),
        (None, ..) => nothing(&expr.kind),
    };
    finish(result, rest, &causes)
}

/// What a table without a fitting row gives.
fn nothing(kind: &Type) -> Answer {
    match kind {
        Type::Number(_) => Answer::number(Number::ZERO),
        Type::Bool => Answer::Known(Value::Bool(false)),
        _ => Answer::NONE,
    }
}

fn either(a: Option<Answer>, b: Answer) -> Answer {
    match a {
        Some(a) => a.hull(b),
        None => b,
    }
}

fn finish(earlier: Option<Answer>, last: Answer, causes: &Causes) -> Answer {
    let value = either(earlier, last);
    if causes.is_empty() { value } else { value.because(causes) }
}

/// Whether the subject, or nothing, meets the test of a row.
fn tests(evaluator: &mut Evaluator<'_>, test: &RowTest, subject: Option<&Answer>, at: usize) -> Truth {
    match (test, subject) {
        (RowTest::Condition(condition), _) => evaluator.truth(*condition, at),
        (RowTest::Bound(operator, bound), Some(subject)) => {
            if let (Answer::Known(subject), Some(bound)) = (subject, evaluator.silent(*bound, at)) {
                return Truth::known(compare::values(*operator, subject, bound));
            }
            let bound = evaluator.answer(*bound, at);
            compare::compare(*operator, subject.clone(), bound)
        }
        (RowTest::OneOf(keys), Some(subject)) => one_of(evaluator, keys, subject, at),
        (_, None) => Truth::No,
    }
}

fn one_of(evaluator: &mut Evaluator<'_>, keys: &[ExprId], subject: &Answer, at: usize) -> Truth {
    if let (Answer::Known(Value::Code(code)), [key]) = (subject, keys)
        && let Some(Value::Code(key)) = evaluator.silent(*key, at)
    {
        return Truth::known(code == key);
    }
    let mut left = subject.clone();
    let mut missed = Truth::Yes;
    for key in keys {
        let key = evaluator.answer(*key, at);
        let same = match (&left, &key) {
            (Answer::Known(left), Answer::Known(Value::Period(period))) => {
                Truth::known(compare::within_period(left, period))
            }
            (Answer::Known(left), Answer::Known(key)) => Truth::known(left == key),
            (_, Answer::Known(Value::None)) => compare::is_none(left.clone()),
            _ => compare::compare(Compare::Equal, left.clone(), key.clone()),
        };
        missed = missed.and(same.negate());
        if missed == Truth::No {
            break;
        }
        if let (Answer::Open(open), Answer::Known(key)) = (&mut left, &key)
            && !take_away(open, key)
        {
            return Truth::Yes;
        }
    }
    missed.negate()
}

/// Takes a value out of the possible ones; whether any is left.
fn take_away(open: &mut Open, key: &Value) -> bool {
    if *key == Value::None {
        open.none = false;
    } else {
        compare::without_key(open, key);
    }
    is_any_left(open)
}

fn is_any_left(open: &Open) -> bool {
    let values = match &open.shape {
        Shape::Codes(codes) => !codes.is_empty(),
        // The last of two is surely met, and ends the table.
        _ => true,
    };
    values || open.none || open.undefined
}

/// Narrows a subject that failed a row; whether anything is left of it.
fn narrow(evaluator: &mut Evaluator<'_>, subject: &mut Open, test: &RowTest, at: usize) -> bool {
    match test {
        RowTest::OneOf(keys) => {
            for key in keys {
                if let Answer::Known(key) = evaluator.answer(*key, at) {
                    take_away(subject, &key);
                }
            }
        }
        RowTest::Bound(operator, bound) => {
            if let Answer::Known(bound) = evaluator.answer(*bound, at) {
                outside(subject, *operator, &bound);
            }
        }
        RowTest::Condition(_) => {}
    }
    is_any_left(subject)
}

/// What is left of a subject that does not stand in this relation to a bound.
fn outside(subject: &mut Open, operator: Compare, bound: &Value) {
    match (&mut subject.shape, bound) {
        (Shape::Number(interval), Value::Number(bound)) => {
            if let Some(rest) = complement(operator, bound).and_then(|rest| interval.meet(&rest)) {
                *interval = rest;
            }
        }
        (Shape::Codes(codes), Value::Code(_)) => {
            codes.retain(|code| !compare::values(operator, &Value::Code(*code), bound));
        }
        _ => {}
    }
}

/// The numbers that do not stand in this relation to a bound, the bound itself included.
fn complement(operator: Compare, bound: &Number) -> Option<Interval> {
    match operator {
        Compare::GreaterOrEqual | Compare::Greater => Some(Interval::new(None, Some(bound.clone()))),
        Compare::LessOrEqual | Compare::Less => Some(Interval::new(Some(bound.clone()), None)),
        Compare::Equal | Compare::NotEqual => None,
    }
}

/// The value of a row that is reached; of a slab, its rate on the whole subject.
fn row_value<'a>(
    evaluator: &mut Evaluator<'a>,
    kind: TableKind,
    row: &'a TableRowNode,
    expr: &Expr,
    subject: Option<&Answer>,
    at: usize,
) -> Answer {
    let value = evaluator.answer(row.value, at);
    let (TableKind::Slab, Some(subject)) = (kind, subject) else { return value };
    let mut subject = subject.clone();
    if let (Answer::Open(open), RowTest::Bound(operator, bound)) = (&mut subject, &row.test) {
        // In this row the subject is there and on this side of the bound.
        open.none = false;
        if let Answer::Known(bound) = evaluator.answer(*bound, at) {
            outside(open, opposite(*operator), &bound);
        }
    }
    operators::multiply(value, subject, expr.span)
}

fn opposite(operator: Compare) -> Compare {
    match operator {
        Compare::Equal => Compare::NotEqual,
        Compare::NotEqual => Compare::Equal,
        Compare::Less => Compare::GreaterOrEqual,
        Compare::LessOrEqual => Compare::Greater,
        Compare::Greater => Compare::LessOrEqual,
        Compare::GreaterOrEqual => Compare::Less,
    }
}

/// Each slice of the subject at the rate of its row.
#[inline(never)]
fn marginal<'a>(
    evaluator: &mut Evaluator<'a>,
    id: ExprId,
    table: &'a TableNode,
    expr: &'a Expr,
    subject: Answer,
    at: usize,
) -> Answer {
    let zero = || Answer::number(Number::ZERO);
    if subject == Answer::NONE {
        return zero();
    }
    let subject = operators::or_none(subject, zero);
    if let Some(known) = known_marginal(evaluator, table, &subject, at) {
        return operators::checked(known, expr.span);
    }
    let downward = matches!(
        table.rows.first().map(|row| &row.test),
        Some(RowTest::Bound(Compare::Greater | Compare::GreaterOrEqual, _))
    );
    let mut total = zero();
    // Downward: the bound above the slice. Upward: the bound below it.
    let mut edge = if downward { None } else { Some(zero()) };
    for (place, row) in table.rows.iter().enumerate() {
        let RowTest::Bound(_, bound) = &row.test else { continue };
        let bound = evaluator.answer(*bound, at);
        let (low, high) =
            if downward { (bound.clone(), edge) } else { (edge.unwrap_or_else(zero), Some(bound.clone())) };
        let part = slice(subject.clone(), low, high, expr);
        if evaluator.tracing && !part.known_number().is_some_and(Number::is_zero) {
            let holds = if part.known().is_some() { Holds::Yes } else { Holds::Open };
            evaluator.record(Step::Row {
                table: id,
                row: u16::try_from(place).ok(),
                subject: Some(part.clone()),
                holds,
            });
        }
        let rate = evaluator.answer(row.value, at);
        total = operators::add(total, operators::multiply(rate, part, expr.span), expr.span);
        edge = Some(bound);
    }
    if let Some(otherwise) = table.otherwise {
        let part = match (downward, edge) {
            (true, edge) => slice(subject, zero(), edge, expr),
            (false, edge) => slice(subject, edge.unwrap_or_else(zero), None, expr),
        };
        let rate = evaluator.answer(otherwise, at);
        total = operators::add(total, operators::multiply(rate, part, expr.span), expr.span);
    }
    total
}

/// As [`marginal`], where the subject, all bounds and all rates are there and the bounds go downward.
fn known_marginal(
    evaluator: &Evaluator<'_>,
    table: &TableNode,
    subject: &Answer,
    at: usize,
) -> Option<Result<Number, NumberError>> {
    let mut left = subject.known_number()?.clone();
    let mut total = Number::ZERO;
    if table.otherwise.is_some() || evaluator.tracing {
        return None;
    }
    for row in &table.rows {
        let RowTest::Bound(Compare::Greater | Compare::GreaterOrEqual, bound) = &row.test else { return None };
        let Value::Number(bound) = evaluator.silent(*bound, at)? else { return None };
        let Value::Number(rate) = evaluator.silent(row.value, at)? else { return None };
        if left > *bound {
            let part = left.subtract(bound).and_then(|part| part.multiply(rate));
            match part.and_then(|part| total.add(&part)) {
                Ok(sum) => total = sum,
                Err(error) => return Some(Err(error)),
            }
            left = bound.clone();
        }
    }
    Some(Ok(total))
}

/// The part of the subject between two bounds.
fn slice(subject: Answer, low: Answer, high: Option<Answer>, expr: &Expr) -> Answer {
    let upper = match high {
        Some(high) => operators::least(subject, high),
        None => subject,
    };
    operators::greatest(operators::subtract(upper, low, expr.span), Answer::number(Number::ZERO))
}
