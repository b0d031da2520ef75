//! What is wrong with rows of the history that can each be read.
//!
//! In: the program and the rows. Out: the rows that contradict the policies or each other,
//! with what is to be said of them. A payment counted under a wrong name would not count
//! at all, and one that stands twice would count twice: either makes the next one wrong.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::{Column, History};
use crate::check::program::{ClauseRef, FactDef, Node, Program};
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};
use crate::record::{Origin, Record};
use crate::resolve::nearest;
use crate::value::Value;

/// Tells the place of a cell: of which row, in which column, of which recipient.
pub type Places<'p> = dyn Fn(Option<Origin>, Option<&str>, Option<&str>) -> DataPlace + 'p;

/// What makes two rows the same payment: all cells that tell payments apart.
type Identity = [SmolStr; 7];

/// The rows that cannot be right, by their place in the list, with whom they paid and what is wrong.
pub fn history_faults(
    program: &Program,
    rows: &[Record],
    places: &Places<'_>,
) -> Vec<(usize, Option<SmolStr>, Vec<Diagnostic>)> {
    let history = History::new(program, rows);
    let named = NamedClauses::of(program);
    let twins = twins(&history, rows);
    let mut found = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let recipient = history.text(row, Column::Recipient).filter(|key| !key.is_empty());
        let place = |column: Column| {
            let name = fact(program, &history, column).map(|fact| fact.name.as_str());
            places(row.place, name, recipient.as_deref())
        };
        let mut said = Vec::new();
        if recipient.is_none() {
            said.push(Diagnostic::new(Code::HistoryOfNobody).in_data(place(Column::Recipient)));
        }
        said.extend(named.unknown(program, &history, row).map(|wrong| wrong.in_data(place(Column::Clause))));
        for column in [Column::Standard, Column::Paid] {
            if let Some(Value::Number(amount)) = history.cell(row, column).filter(|value| is_negative(value)) {
                let name = fact(program, &history, column).map(|fact| fact.name.clone());
                let wrong = Diagnostic::new(Code::NegativePayment).with_some("column", name);
                said.push(wrong.with("value", amount.to_yuan()).in_data(place(column)));
            }
        }
        if let Some(twin) = twins.get(&at).and_then(|twin| rows.get(*twin)) {
            let (here, there) = (places(row.place, None, recipient.as_deref()), places(twin.place, None, None));
            let other = other_row(&there, there.file == here.file);
            let wrong = Diagnostic::new(Code::DuplicatePayment).with("other", other);
            said.push(wrong.in_data(here));
        }
        if !said.is_empty() {
            found.push((at, recipient, said));
        }
    }
    found
}

/// A row as it is named beside another.
fn other_row(place: &DataPlace, same_file: bool) -> Argument {
    let (zh, en) = match (place.row, &place.column) {
        (Some(row), _) => (format!("第 {row} 行"), format!("row {row}")),
        (None, Some(path)) => (format!("`{path}`"), format!("`{path}`")),
        (None, None) => (String::new(), String::new()),
    };
    let file = &place.file;
    if same_file {
        Argument::phrase(zh, en)
    } else {
        Argument::phrase(format!(" `{file}` {zh}"), format!("`{file}`, {en}"))
    }
}

fn is_negative(value: &Value) -> bool {
    matches!(value, Value::Number(number) if number.is_negative())
}

fn fact<'p>(program: &'p Program, history: &History<'_>, column: Column) -> Option<&'p FactDef> {
    program.records.get(history.record.index())?.facts.get(history.fact(column).index())
}

/// For each row that stands twice, the first other one.
fn twins(history: &History<'_>, rows: &[Record]) -> HashMap<usize, usize> {
    use Column::{Clause, Date, Item, Policy, Recipient, Row, Settlement};
    let mut first: HashMap<Identity, usize> = HashMap::new();
    let mut twins = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let text = |column| history.text(row, column).unwrap_or_default();
        let identity = [Recipient, Policy, Clause, Item, Row, Date, Settlement].map(text);
        // Without a day nobody can say whether it is the same payment: it is open, and not wrong.
        if history.cell(row, Date).is_none() {
            continue;
        }
        match first.entry(identity) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(at);
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                twins.insert(at, *entry.get());
                twins.entry(*entry.get()).or_insert(at);
            }
        }
    }
    twins
}

/// The clauses that a row may name: those that are loaded, and those that the policies know from history only.
struct NamedClauses<'p> {
    loaded: Vec<(&'p str, &'p str)>,
    known: Vec<(&'p str, &'p str)>,
}

impl<'p> NamedClauses<'p> {
    fn of(program: &'p Program) -> NamedClauses<'p> {
        let policy = |at: usize| program.policies.get(at).map_or("", |policy| policy.name.as_str());
        let loaded = program.clauses.iter().map(|clause| (policy(clause.policy.index()), clause.name.as_str()));
        let own = program.clauses.iter().flat_map(move |clause| {
            let name = policy(clause.policy.index());
            clause.modifiers.iter().flat_map(|modifier| &modifier.with).map(move |with| (name, with))
        });
        let steps = program.settle.iter().filter_map(|step| match &step.kind {
            crate::check::program::StepKindDef::Modifier(modifier, _) => Some(modifier),
            _ => None,
        });
        let steps = steps.flat_map(|modifier| &modifier.with).map(|with| ("", with));
        let asked = program.exprs.iter().filter_map(|expr| match &expr.node {
            Node::PaidUnder(clauses) => Some(clauses),
            _ => None,
        });
        let asked = asked.flatten().map(|clause| ("", clause));
        let named = |(own, clause): (&'p str, &'p ClauseRef)| {
            (if clause.policy.is_empty() { own } else { clause.policy.as_str() }, clause.name.as_str())
        };
        NamedClauses { loaded: loaded.collect(), known: own.chain(steps).chain(asked).map(named).collect() }
    }

    /// A clause that a policy of this run does not have, or none at all: such a payment would count
    /// for nothing. Policies that are not loaded may have any.
    fn unknown(&self, program: &Program, history: &History<'_>, row: &Record) -> Option<Diagnostic> {
        let policy = history.text(row, Column::Policy).filter(|policy| !policy.is_empty());
        let Some(name) = history.text(row, Column::Clause).filter(|name| !name.is_empty()) else {
            let other = policy.is_some_and(|policy| !program.policies.iter().any(|one| one.name == policy));
            return (!other).then(|| Diagnostic::new(Code::UnknownHistoryClause));
        };
        let is_of = |(of, clause): &&(&str, &str)| match &policy {
            Some(policy) => *clause == name && (*of == policy.as_str() || of.is_empty()),
            None => *clause == name,
        };
        let is_loaded = |policy: &SmolStr| program.policies.iter().any(|one| one.name == *policy);
        if policy.as_ref().is_some_and(|policy| !is_loaded(policy))
            || self.loaded.iter().chain(&self.known).any(|known| is_of(&known))
        {
            return None;
        }
        let same = |of: &&(&'p str, &'p str)| policy.as_ref().is_none_or(|policy| of.0 == policy.as_str());
        let near = nearest(&name, self.loaded.iter().filter(same).map(|(_, clause)| *clause));
        let near = near.map(SmolStr::new);
        Some(
            Diagnostic::new(Code::UnknownHistoryClause)
                .with("clause", name)
                .with_some("policy", policy)
                .with_some("near", near),
        )
    }
}
