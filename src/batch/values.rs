//! The value of an expression or a fact for each row, as a whole number.

use num_integer::Integer;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::{Arc, Mutex, PoisonError};

use super::column::{Cells, Column, Entry, Form, NO_CODE, YES};
use super::operation::whole;
use super::table::{Asked, Rows, Table};
use crate::check::program::{ExprId, FactId, Node, Type};
use crate::eval::{Answer, Context, evaluate_expression, evaluate_fact};
use crate::settle::stream::{Form as As, NONE};
use crate::value::Value;

/// The numbers that stand for texts; the same text has the same.
#[derive(Debug, Default)]
pub(crate) struct Texts(Mutex<(FxHashMap<SmolStr, i64>, Vec<SmolStr>)>);

impl Texts {
    fn number(&self, text: &str) -> i64 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, texts) = &mut *known;
        if let Some(number) = numbers.get(text) {
            return *number;
        }
        let number = i64::try_from(texts.len()).unwrap_or(i64::MAX);
        texts.push(SmolStr::new(text));
        numbers.insert(SmolStr::new(text), number);
        number
    }

    /// The text for which a number stands.
    pub fn text(&self, number: i64) -> Option<SmolStr> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.1.get(usize::try_from(number).ok()?).cloned()
    }
}

/// What is asked of each row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    /// The value of an expression.
    Expr(ExprId),
    /// A fact, in the evaluated period.
    Fact(FactId),
}

/// The values of an expression, and the rows where it is not known; none where it has no such form.
pub(crate) fn values(
    context: &Context<'_>,
    table: &mut Table<'_>,
    of: Of,
    form: As,
    texts: &Texts,
) -> Option<(Vec<i64>, Vec<u32>)> {
    let kind = match of {
        Of::Expr(expr) if context.expr_depends_on_clause(expr) => return None,
        Of::Expr(expr) => &context.program.exprs.get(expr.index())?.kind,
        Of::Fact(fact) => &context.program.records.get(table.rows.record().index())?.facts.get(fact.index())?.kind,
    };
    if *kind == Type::Text && form == As::Group {
        return groups_by_text(context, table, of, texts);
    }
    let options = match *kind {
        Type::Code(id) => context.program.enums.get(id.index()).map_or(0, |def| def.values.len()),
        _ => 0,
    };
    let column_form = Form::of(kind, options)?;
    let rows = table.rows.count();
    // What is the same for all is worked out once.
    let same = matches!(of, Of::Expr(expr) if context.is_same_for_all(expr));
    let column = match of {
        Of::Expr(expr) if same => match evaluate_expression(context, None, expr) {
            Answer::Known(value) => Arc::new(Column::of(column_form, std::iter::once(Entry::of(column_form, &value)))),
            Answer::Open(_) => return None,
        },
        _ => table.ask(context, asked(context, of), column_form).1,
    };
    let mut values: Vec<i64> = match (&column.cells, form) {
        (Cells::Flags(flags), As::Truth | As::Group | As::Order) => {
            flags.iter().map(|flag| i64::from(*flag == YES)).collect()
        }
        (Cells::Codes(codes), As::Group) => {
            codes.iter().map(|code| if *code == NO_CODE { NONE } else { i64::from(*code).saturating_add(1) }).collect()
        }
        // Levels count from the highest.
        (Cells::Codes(codes), As::Order) => {
            codes.iter().map(|code| if *code == NO_CODE { NONE } else { -i64::from(*code) }).collect()
        }
        (Cells::Days(days), As::Order) => {
            days.iter().map(|day| if day.is_nan() { NONE } else { whole(*day) }).collect()
        }
        (Cells::Numbers(numbers), form) => numbered(&column, numbers, form)?,
        _ => return None,
    };
    if same {
        let value = *values.first().filter(|_| column.gaps.is_none())?;
        values.resize(rows, value);
        values.truncate(rows);
    }
    let gaps = column.gaps.iter().flat_map(|gaps| gaps.iter().enumerate().filter(|(_, gap)| **gap == YES));
    let gaps = gaps.filter_map(|(row, _)| u32::try_from(row).ok());
    Some((values, gaps.collect()))
}

/// Numbers in the parts that a form has; none where one does not come out even.
fn numbered(column: &Column, numbers: &[f64], form: As) -> Option<Vec<i64>> {
    let parts: i64 = match form {
        As::FenDown | As::FenUp | As::Fen => 100,
        As::Factor => 1_000_000_000,
        As::Order => 10_000,
        As::Truth | As::Group | As::Paid => return None,
    };
    let common = parts.gcd(&column.divisor);
    let (times, over) = (parts.checked_div(common)?, column.divisor.checked_div(common)?);
    let part = |number: &f64| {
        let number = whole(*number).checked_mul(times)?;
        let down = number.div_euclid(over);
        match (number.rem_euclid(over), form) {
            (0, _) | (_, As::FenDown) => Some(down),
            (_, As::FenUp) => down.checked_add(1),
            _ => None,
        }
    };
    let nones = column.nones.as_deref();
    let is_none = |row: usize| nones.and_then(|nones| nones.get(row)) == Some(&YES);
    let parts = numbers.iter().enumerate().map(|(row, number)| if is_none(row) { Some(NONE) } else { part(number) });
    parts.collect()
}

/// A fact is asked for as such, however it is written.
fn asked(context: &Context<'_>, of: Of) -> Asked {
    match of {
        Of::Fact(fact) => Asked::Fact(fact, None),
        Of::Expr(expr) => match context.program.exprs.get(expr.index()).map(|def| &def.node) {
            Some(Node::Fact { up: 0, fact, .. }) => Asked::Fact(*fact, None),
            _ => Asked::Value(expr, None),
        },
    }
}

fn groups_by_text(context: &Context<'_>, table: &Table<'_>, of: Of, texts: &Texts) -> Option<(Vec<i64>, Vec<u32>)> {
    let (mut values, mut open) = (Vec::with_capacity(table.rows.count()), Vec::new());
    let asked = asked(context, of);
    for row in 0..table.rows.count() {
        // A text that stands in an array need not become a record.
        if let (Rows::Arrays(arrays), Asked::Fact(fact, _)) = (table.rows, asked)
            && let Some(text) = arrays.text(fact, row)
        {
            values.push(texts.number(text));
            continue;
        }
        let record = table.rows.row(context, row)?;
        let of_row = (table.rows.record(), record.as_ref());
        let answer = match asked {
            Asked::Fact(fact, _) => evaluate_fact(context, of_row.0, of_row.1, fact),
            Asked::Value(expr, _) => evaluate_expression(context, Some(of_row), expr),
            _ => return None,
        };
        values.push(match answer {
            Answer::Known(Value::Text(text)) => texts.number(&text),
            Answer::Known(Value::None) => NONE,
            _ => {
                open.extend(u32::try_from(row));
                NONE
            }
        });
    }
    Some((values, open))
}
