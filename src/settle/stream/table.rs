//! Evaluated recipients as a source of awards: every amount and input column by column.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::Beyond;
use super::batch::{Awards, Batch, NONE, Needed};
use super::digit::MOST_KEY_BYTES;
use super::plan::{Form, Input, Plan, whole_fen};
use crate::eval::{Answer, Context, Truth, operators, paid_before};
use crate::settle::limit::own_clauses;
use crate::settle::sight::{self, Sight};
use crate::settle::{Recipient, step_def};
use crate::source::Span;
use crate::syntax::tree::RoundMode;
use crate::value::{Number, Value};

/// Recipients in a part; in tests few, so that small populations have several.
const PART: usize = if cfg!(test) { 3 } else { 4_096 };

/// What is due to recipients, and what a plan asks of them.
#[derive(Debug)]
pub struct Table {
    parts: Vec<Batch>,
}

impl Table {
    /// The awards of recipients that are evaluated but not settled.
    ///
    /// # Errors
    /// The first step for which an amount or an input is open or no whole number.
    pub fn of(context: &Context<'_>, plan: &Plan<'_>, recipients: &[Recipient<'_>]) -> Result<Self, Beyond> {
        let mut groups = HashMap::new();
        let same_type = recipients.chunk_by(|a, b| a.record == b.record);
        let parts = same_type.flat_map(|same| same.chunks(PART));
        let parts = parts.map(|part| batch(context, plan, part, &mut groups)).collect::<Result<_, _>>()?;
        Ok(Table { parts })
    }

    /// The parts, in the order of the recipients.
    pub fn into_parts(self) -> Vec<Batch> {
        self.parts
    }
}

impl Awards for Table {
    fn parts(&self) -> usize {
        self.parts.len()
    }

    fn fill(&self, part: usize, _: &Needed, batch: &mut Batch) {
        if let Some(own) = self.parts.get(part) {
            batch.clone_from(own);
        }
    }
}

fn batch(
    context: &Context<'_>,
    plan: &Plan<'_>,
    recipients: &[Recipient<'_>],
    groups: &mut HashMap<(usize, sight::Key), i64>,
) -> Result<Batch, Beyond> {
    let Some(first) = recipients.first() else { return Ok(Batch::default()) };
    let beyond = Beyond { step: context.program.settle.len() };
    let mut amounts = vec![Vec::new(); context.program.clauses.len()];
    for award in &first.awards {
        if let Some(column) = amounts.get_mut(award.clause.index()) {
            *column = vec![0; recipients.len()];
        }
    }
    for (row, recipient) in recipients.iter().enumerate() {
        for award in recipient.awards.iter().filter(|_| !recipient.in_error) {
            let touched = plan.touched.get(award.clause.index()).copied().unwrap_or(false);
            let amount = whole_fen(&award.amount);
            // What no step touches may be open.
            let amount = if touched { amount.ok_or(beyond)? } else { amount.unwrap_or(0) };
            if let Some(slot) = amounts.get_mut(award.clause.index()).and_then(|column| column.get_mut(row)) {
                *slot = amount.max(0);
            }
        }
        if recipient.key.len() > MOST_KEY_BYTES {
            return Err(beyond);
        }
    }
    let inputs = plan.inputs.iter().enumerate().map(|(at, input)| {
        let mut group = |key: sight::Key| {
            let next = i64::try_from(groups.len()).unwrap_or(i64::MAX).saturating_add(1);
            *groups.entry((at, key)).or_insert(next)
        };
        let value = |recipient| value(context, input, recipient, &mut group).ok_or(Beyond { step: input.step });
        recipients.iter().map(value).collect::<Result<Vec<i64>, _>>()
    });
    let inputs = inputs.collect::<Result<_, _>>()?;
    let keys: Vec<SmolStr> = recipients.iter().map(|recipient| recipient.key.clone()).collect();
    Ok(Batch { record: first.record, rows: recipients.len(), keys, amounts, inputs })
}

/// An input of a recipient; none where it is open, or no whole number in its form.
fn value(
    context: &Context<'_>,
    input: &Input,
    recipient: &Recipient<'_>,
    group: &mut impl FnMut(sight::Key) -> i64,
) -> Option<i64> {
    let def = step_def(context.program, input.step)?;
    let sight = Sight::new(context, input.step, def, &input.clauses);
    let Some(expr) = input.expr else {
        let clauses = own_clauses(&sight, recipient, &input.clauses);
        let paid = clauses.into_iter().map(|clause| paid_before(context, clause, recipient.row, None));
        let none = Answer::number(Number::ZERO);
        return whole_fen(&paid.fold(none, |sum, paid| operators::add(sum, paid, Span::default())));
    };
    let Some(answer) = sight.value(recipient, expr) else { return Some(NONE) };
    match input.form {
        Form::Truth => match answer.into_truth() {
            Truth::Yes => Some(1),
            Truth::No => Some(0),
            Truth::Open(_) => None,
        },
        Form::Group => sight::key(answer.known()?.clone()).map_or(Some(NONE), |key| Some(group(key))),
        Form::Order => ordered(answer.known()?),
        _ if matches!(answer.known(), Some(Value::None)) => Some(NONE),
        Form::FenDown => fen(&answer, RoundMode::Down),
        Form::FenUp => fen(&answer, RoundMode::Up),
        Form::Fen | Form::Paid => whole_fen(&answer),
        Form::Factor => answer.known_number()?.multiply(&Number::from_i64(1_000_000_000)).ok()?.to_i64(),
    }
}

fn fen(answer: &Answer, mode: RoundMode) -> Option<i64> {
    let exact = answer.known_number()?.multiply(&Number::from_i64(100)).ok()?;
    exact.round(mode, &Number::ONE).ok()?.to_i64()
}

/// The greater first: levels count from the highest.
fn ordered(value: &Value) -> Option<i64> {
    match value {
        Value::None => Some(NONE),
        Value::Bool(holds) => Some((*holds).into()),
        Value::Number(number) => number.multiply(&Number::from_i64(10_000)).ok()?.to_i64(),
        Value::Date(date) => Some(date.day_number().into()),
        Value::Code(code) => i64::from(*code).checked_neg(),
        Value::Text(_) | Value::Duration(_) | Value::Period(_) => None,
    }
}
