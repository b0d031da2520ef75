//! What a step sees: the recipients of its record type, the value of its expressions for
//! each, and the groups that `per` makes of them.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::Recipient;
use crate::check::program::{ClauseId, ExprId, Program, RecordId, StepDef};
use crate::eval::{Answer, Causes, Context, evaluate_expression, evaluate_over_item, item_record};
use crate::value::{Date, Number, Value};

/// A step under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'s, 'c> {
    /// What evaluation needs.
    pub(super) context: &'s Context<'c>,
    /// The step's place.
    pub(super) step: usize,
    /// The record type over which its expressions were bound.
    pub(super) record: RecordId,
}

/// Recipients by the value of `per`.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// The groups; within each, recipients by key.
    pub(super) groups: Vec<Vec<usize>>,
    /// Those whose group is not known.
    pub(super) loose: Vec<usize>,
    /// Why it is not.
    pub(super) causes: Causes,
}

/// A value that groups are made by.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Bool(bool),
    Number(Number),
    Date(Date),
    Code(u16),
    Text(SmolStr),
    Other(String),
}

impl<'s, 'c> Sight<'s, 'c> {
    /// The sight of a step that names these clauses.
    pub(super) fn new(context: &'s Context<'c>, step: usize, def: &StepDef, clauses: &[ClauseId]) -> Self {
        let program = context.program;
        let named = clauses.first().and_then(|id| program.clauses.get(id.index()));
        let own = || program.clauses.iter().find(|clause| Some(clause.policy) == def.policy);
        let record = named.or_else(own).map_or_else(|| main_record(program), |clause| clause.recipient);
        Sight { context, step, record }
    }

    /// The value of an expression for a recipient; none where it is about records of another type.
    pub(super) fn value(&self, recipient: &Recipient<'_>, expr: ExprId) -> Option<Answer> {
        let sees = recipient.record == self.record || self.context.is_same_for_all(expr);
        sees.then(|| evaluate_expression(self.context, Some((recipient.record, recipient.row)), expr))
    }

    /// The value of an expression over an item of a recipient's clause.
    pub(super) fn item_value(&self, recipient: &Recipient<'_>, clause: ClauseId, index: usize, expr: ExprId) -> Answer {
        match item_record(self.context, clause, recipient.row, index) {
            Some(item) => evaluate_over_item(self.context, (recipient.record, recipient.row), item, expr),
            None => Answer::NONE,
        }
    }

    /// Each recipient by itself, or those of one value of `per` together.
    pub(super) fn groups_or_each(
        &self,
        recipients: &[Recipient<'_>],
        clauses: &[ClauseId],
        per: Option<ExprId>,
    ) -> Groups {
        let concerned = concerned(recipients, clauses);
        match per {
            Some(per) => self.groups(recipients, &concerned, per),
            None => Groups { groups: concerned.into_iter().map(|at| vec![at]).collect(), ..Groups::default() },
        }
    }

    /// All recipients together, or those of one value of `per`.
    pub(super) fn groups_or_all(
        &self,
        recipients: &[Recipient<'_>],
        clauses: &[ClauseId],
        per: Option<ExprId>,
    ) -> Groups {
        let mut concerned = concerned(recipients, clauses);
        match per {
            Some(per) => self.groups(recipients, &concerned, per),
            None => {
                by_key(recipients, &mut concerned);
                Groups { groups: vec![concerned], ..Groups::default() }
            }
        }
    }

    /// Those with none stand alone.
    fn groups(&self, recipients: &[Recipient<'_>], concerned: &[usize], per: ExprId) -> Groups {
        let mut found = Groups::default();
        let mut places: HashMap<Key, usize> = HashMap::new();
        for at in concerned {
            let value = recipients.get(*at).and_then(|recipient| self.value(recipient, per));
            match value.unwrap_or(Answer::NONE) {
                Answer::Open(open) => {
                    found.loose.push(*at);
                    found.causes.merge(&open.causes);
                }
                Answer::Known(value) => match key(value) {
                    None => found.groups.push(vec![*at]),
                    Some(key) => {
                        let place = *places.entry(key).or_insert(found.groups.len());
                        match found.groups.get_mut(place) {
                            Some(group) => group.push(*at),
                            None => found.groups.push(vec![*at]),
                        }
                    }
                },
            }
        }
        found.groups.iter_mut().for_each(|group| by_key(recipients, group));
        found
    }
}

/// The clauses that a pool covers: those that it names, else all of its policy that are awards.
pub(super) fn covered(program: &Program, def: &StepDef, named: &[ClauseId]) -> Vec<ClauseId> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let all = program.clauses.iter().zip(0..);
    let own = all.filter(|(clause, _)| !clause.recover && def.policy.is_none_or(|own| clause.policy == own));
    own.map(|(_, at)| ClauseId(at)).collect()
}

/// The main record type: that of policy-wide expressions.
pub(super) fn main_record(program: &Program) -> RecordId {
    let at = program.records.iter().position(|record| !record.is_history).unwrap_or(0);
    RecordId(u32::try_from(at).unwrap_or(0))
}

/// The recipients that have one of the clauses and may be paid for it.
fn concerned(recipients: &[Recipient<'_>], clauses: &[ClauseId]) -> Vec<usize> {
    let pays = |recipient: &Recipient<'_>| {
        recipient.awards.iter().any(|award| !award.is_nothing() && clauses.contains(&award.clause))
    };
    recipients.iter().enumerate().filter(|(_, recipient)| pays(recipient)).map(|(at, _)| at).collect()
}

/// In the order of keys, so that no result depends on the order of records.
fn by_key(recipients: &[Recipient<'_>], places: &mut [usize]) {
    places.sort_by_key(|at| recipients.get(*at).map(|recipient| (recipient.record, recipient.key.clone())));
}

/// What a known value groups by; none for none.
pub(super) fn key(value: Value) -> Option<Key> {
    Some(match value {
        Value::None => return None,
        Value::Bool(bool) => Key::Bool(bool),
        Value::Number(number) => Key::Number(number),
        Value::Date(date) => Key::Date(date),
        Value::Code(code) => Key::Code(code),
        Value::Text(text) => Key::Text(text),
        other => Key::Other(format!("{other:?}")),
    })
}
