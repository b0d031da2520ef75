//! The history of what was paid, by recipient.
//!
//! Rows dated after the period's end do not count, nor do those that an earlier run of the
//! same settlement left of a recipient who is settled again ([`History::settled_again`]).
//! A history that was not loaded is unknown, one without a row for a recipient is nothing paid.

mod faults;

pub use faults::history_faults;

use std::collections::{HashMap, HashSet};

use smol_str::{SmolStr, ToSmolStr};

use super::cause::{Causes, Missing};
use super::context::Context;
use super::interval::Interval;
use super::open::Answer;
use crate::check::program::{ClauseDef, ClauseId, ClauseRef, FactId, Program, RecordDef, RecordId};
use crate::record::{Cell, Population, Record};
use crate::value::{Number, Period, Value};

/// The facts of the history, in the order in which they are predeclared.
const FACTS: [&str; 9] = ["recipient", "policy", "clause", "item", "row", "date", "standard", "paid", "settlement"];

/// The loaded history.
#[derive(Debug, Clone)]
pub struct History<'a> {
    /// The type of its rows.
    pub(super) record: RecordId,
    columns: [FactId; 9],
    rows: HashMap<SmolStr, Vec<&'a Record>>,
    /// Recipients of whom a row is wrong: what they were paid is not known.
    faulty: HashSet<SmolStr>,
}

/// A column of the history.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Whom it was paid to: the key.
    Recipient,
    /// The policy's name.
    Policy,
    /// The clause's name.
    Clause,
    /// The key of the item.
    Item,
    /// The level by which the amount went.
    Row,
    /// When it was paid.
    Date,
    /// The amount before cuts by budgets and limits.
    Standard,
    /// What was paid.
    Paid,
    /// The settlement that paid it.
    Settlement,
}

impl<'a> History<'a> {
    /// Sorts rows by recipient.
    pub fn new(program: &Program, rows: &'a [Record]) -> Self {
        let record = program.history();
        let columns = std::array::from_fn(|at| column_of(program.records.get(record.index()), at));
        let mut history = History { record, columns, rows: HashMap::new(), faulty: HashSet::new() };
        for row in rows {
            if let Some(key) = history.text(row, Column::Recipient) {
                history.rows.entry(key).or_default().push(row);
            }
        }
        history
    }

    /// The same, with the recipients of whom a row is wrong: they are paid nothing until it is mended.
    #[must_use]
    pub fn with_faulty(mut self, recipients: impl IntoIterator<Item = SmolStr>) -> Self {
        self.faulty.extend(recipients);
        self
    }

    /// Whether a row of this recipient is wrong.
    pub fn is_faulty(&self, recipient: &str) -> bool {
        self.faulty.contains(recipient)
    }

    /// The same without what an earlier run of this settlement paid to those who are settled again.
    #[must_use]
    pub fn settled_again(mut self, program: &Program, settlement: &str, population: &Population) -> Self {
        let mut earlier: HashMap<RecordId, HashSet<SmolStr>> = HashMap::new();
        for (key, rows) in &self.rows {
            for clause in rows.iter().filter_map(|row| self.clause_of(program, row, settlement)) {
                if let Some(clause) = program.clauses.get(clause.index()) {
                    earlier.entry(clause.recipient).or_default().insert(key.clone());
                }
            }
        }
        for (record, keys) in &mut earlier {
            let here: HashSet<SmolStr> =
                population.of(*record).iter().map(|one| key_of(program, *record, one)).collect();
            keys.retain(|key| here.contains(key));
        }
        if earlier.values().all(HashSet::is_empty) {
            return self;
        }
        let mut rows = std::mem::take(&mut self.rows);
        for (key, rows) in &mut rows {
            rows.retain(|row| {
                let clause = self.clause_of(program, row, settlement);
                let recipient = clause.and_then(|id| program.clauses.get(id.index())).map(|clause| clause.recipient);
                !recipient.and_then(|record| earlier.get(&record)).is_some_and(|keys| keys.contains(key))
            });
        }
        self.rows = rows;
        self
    }

    /// The clause that a row pays for, where a run of this settlement of its policy left the row.
    pub fn clause_of(&self, program: &Program, row: &Record, settlement: &str) -> Option<ClauseId> {
        if self.text(row, Column::Settlement)? != settlement {
            return None;
        }
        let (policy, name) = (self.text(row, Column::Policy).unwrap_or_default(), self.text(row, Column::Clause)?);
        let of_policy =
            |clause: &ClauseDef| program.policies.get(clause.policy.index()).is_some_and(|own| own.name == policy);
        let at = program.clauses.iter().position(|clause| clause.name == name && of_policy(clause))?;
        u32::try_from(at).ok().map(ClauseId)
    }

    /// What was paid to everybody under these clauses on days of a period, up to the end of the evaluated one.
    pub(super) fn paid_to_all(&self, context: &Context<'_>, clauses: &[ClauseId], within: &Period) -> Answer {
        let program = context.program;
        let until = Period { first: None, last: context.period.last };
        let (mut sum, mut open) = (Number::ZERO, false);
        for row in self.rows.values().flatten() {
            let of =
                |id: &ClauseId| program.clauses.get(id.index()).is_some_and(|clause| self.is_of(program, row, clause));
            if !clauses.iter().any(of) {
                continue;
            }
            match (self.cell(row, Column::Date), self.cell(row, Column::Paid)) {
                (Some(Value::Date(day)), _) if !within.contains(*day) || !until.contains(*day) => {}
                (Some(Value::Date(_)), Some(Value::Number(paid))) => match sum.add(paid) {
                    Ok(more) => sum = more,
                    Err(_) => open = true,
                },
                (Some(Value::Date(_)), Some(Value::None)) => {}
                _ => open = true,
            }
        }
        if open {
            Answer::within(Interval::new(Some(sum), None), Causes::missing(Missing::History))
        } else {
            Answer::number(sum)
        }
    }

    /// The rows of a recipient.
    pub(super) fn of(&self, recipient: &str) -> &[&'a Record] {
        self.rows.get(recipient).map_or(&[], Vec::as_slice)
    }

    /// The fact of a column.
    pub fn fact(&self, column: Column) -> FactId {
        self.columns.get(column as usize).copied().unwrap_or(FactId(0))
    }

    /// A cell of a row.
    pub fn cell<'r>(&self, row: &'r Record, column: Column) -> Option<&'r Value> {
        match row.cells.get(self.fact(column).index()) {
            Some(Cell::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// A cell of a row as text.
    pub fn text(&self, row: &Record, column: Column) -> Option<SmolStr> {
        self.cell(row, column).and_then(text_of)
    }

    /// Whether a row belongs to a clause that is named, `own` being the clause that asks.
    pub(super) fn belongs(&self, program: &Program, row: &Record, named: &ClauseRef, own: Option<&ClauseDef>) -> bool {
        let policy_name = |clause: &ClauseDef| program.policies.get(clause.policy.index()).map(|p| p.name.clone());
        let (policy, clause) = match named.clause.and_then(|id| program.clauses.get(id.index())) {
            Some(clause) => (policy_name(clause), clause.name.clone()),
            None if named.policy.is_empty() => (own.and_then(policy_name), named.name.clone()),
            None => (Some(named.policy.clone()), named.name.clone()),
        };
        let fits = |column, wanted: &SmolStr| wanted.is_empty() || self.text(row, column).as_ref() == Some(wanted);
        policy.is_none_or(|policy| fits(Column::Policy, &policy)) && fits(Column::Clause, &clause)
    }

    /// Whether a row belongs to one of the clauses that are named, or to any where none is.
    pub(super) fn is_named(
        &self,
        program: &Program,
        row: &Record,
        clauses: &[ClauseRef],
        own: Option<&ClauseDef>,
    ) -> bool {
        clauses.is_empty() || clauses.iter().any(|named| self.belongs(program, row, named, own))
    }

    /// Whether a row belongs to a clause or to one that counts with it.
    pub(super) fn counts_with(&self, program: &Program, row: &Record, clause: &ClauseDef, with: &[ClauseRef]) -> bool {
        self.is_of(program, row, clause) || with.iter().any(|named| self.belongs(program, row, named, Some(clause)))
    }

    /// Whether a row belongs to a clause.
    pub(super) fn is_of(&self, program: &Program, row: &Record, clause: &ClauseDef) -> bool {
        let policy = program.policies.get(clause.policy.index()).map_or("", |policy| policy.name.as_str());
        self.text(row, Column::Clause).is_some_and(|name| name == clause.name)
            && (policy.is_empty() || self.text(row, Column::Policy).is_none_or(|name| name == policy))
    }
}

fn column_of(record: Option<&RecordDef>, at: usize) -> FactId {
    let name = FACTS.get(at).copied().unwrap_or("");
    let found = record.and_then(|record| {
        record.facts.iter().position(|fact| fact.name == name || fact.aliases.iter().any(|alias| alias == name))
    });
    FactId(u32::try_from(found.unwrap_or(at)).unwrap_or(0))
}

/// A value as the text of a key.
pub(super) fn text_of(value: &Value) -> Option<SmolStr> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_smolstr()),
        Value::Date(date) => Some(date.to_smolstr()),
        _ => None,
    }
}

/// The key of a record, empty where it has none.
pub fn key_of(program: &Program, id: RecordId, record: &Record) -> SmolStr {
    let key = program.records.get(id.index()).and_then(|def| def.key);
    match key.and_then(|key| record.cells.get(key.index())) {
        Some(Cell::Value(value)) => text_of(value).unwrap_or_default(),
        _ => SmolStr::default(),
    }
}
