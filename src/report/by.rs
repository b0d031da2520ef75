//! Totals by the value of a fact of the recipients.

use std::collections::HashMap;

use serde::Serialize;

use super::totals::Totals;
use crate::batch::{Of, Texts};
use crate::check::program::{FactId, LetId, Program, RecordId, Type};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Answer, Context, evaluate_expression, evaluate_fact};
use crate::explain::words::Words;
use crate::resolve::nearest;
use crate::settle::Recipient;
use crate::settle::stream::NONE;
use crate::stream::UNKNOWN;
use crate::value::Value;

/// Up to so many values stand in the order in which they are declared; more stand by amount.
const FEW: usize = 6;

/// Totals by the value of one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactTable {
    /// The fact, as it was asked for.
    pub fact: String,
    /// A row a value: the greatest amount first, few values of a level in their order; then those without a value.
    pub rows: Vec<FactRow>,
}

/// Totals of the recipients with one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactRow {
    /// Whether there is a value.
    pub state: ValueState,
    /// The value; for those of another type its name; none for none and unknown.
    pub value: Option<String>,
    /// Their totals.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Whether recipients have a value of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueState {
    /// It is known.
    Known,
    /// It is known not to exist.
    None,
    /// It is not known.
    Unknown,
    /// The recipients are of a type that has no such fact.
    Other,
}

impl ValueState {
    /// As it is written in a report.
    pub fn word(self) -> &'static str {
        match self {
            ValueState::Known => "known",
            ValueState::None => "none",
            ValueState::Unknown => "unknown",
            ValueState::Other => "other",
        }
    }
}

/// A fact or derived fact of a record type.
#[derive(Debug, Clone, Copy)]
enum Source {
    Fact(FactId),
    Let(LetId),
}

/// One fact by which totals are kept.
#[derive(Debug)]
pub(super) struct ByFact {
    name: String,
    /// Where each record type has it, with the type of its values.
    sources: Vec<Option<(Source, Type)>>,
    places: HashMap<(ValueState, String), usize>,
    rows: Vec<FactRow>,
    /// The place of each row's value in its declaration, where it has one.
    declared: Vec<Option<u16>>,
}

impl ByFact {
    /// Finds the fact in the record types that have clauses.
    pub(super) fn named(program: &Program, name: &str) -> Result<ByFact, Box<Diagnostic>> {
        let pays = |at: usize| program.clauses.iter().any(|clause| clause.recipient.index() == at);
        let source = |at: usize| if pays(at) { source(program, at, name) } else { None };
        let sources: Vec<_> = (0..program.records.len()).map(source).collect();
        if sources.iter().all(Option::is_none) {
            let near = nearest(name, known_names(program, &pays)).map(str::to_owned);
            return Err(Box::new(Diagnostic::new(Code::UnknownName).with("name", name).with_some("near", near)));
        }
        Ok(ByFact { name: name.to_owned(), sources, places: HashMap::new(), rows: Vec::new(), declared: Vec::new() })
    }

    /// What is asked of each record of a type, where its values can be told by numbers.
    pub(super) fn of(&self, context: &Context<'_>, id: RecordId) -> Option<Of> {
        let (source, kind) = self.sources.get(id.index())?.as_ref()?;
        let told = matches!(kind, Type::Code(_) | Type::Bool | Type::Text);
        Some(match source {
            Source::Fact(fact) => Of::Fact(*fact),
            Source::Let(derived) => Of::Expr(context.program.lets.get(derived.index())?.value),
        })
        .filter(|_| told)
    }

    /// The row of those for whom a number stands.
    pub(super) fn row_of(
        &mut self,
        words: &Words<'_>,
        (id, number): (RecordId, i64),
        texts: &Texts,
    ) -> Option<&mut Totals> {
        let kind = &self.sources.get(id.index())?.as_ref()?.1;
        let value = match (number, kind) {
            (UNKNOWN, _) => None,
            (NONE, _) => Some(Value::None),
            (number, Type::Code(_)) => Some(Value::Code(u16::try_from(number.checked_sub(1)?).ok()?)),
            (number, Type::Bool) => Some(Value::Bool(number == 1)),
            (number, _) => Some(Value::Text(texts.text(number)?)),
        };
        let (state, value, declared) = told(words, value, kind);
        self.place(state, value, declared)
    }

    /// The row of a recipient.
    pub(super) fn row(
        &mut self,
        context: &Context<'_>,
        words: &Words<'_>,
        recipient: &Recipient<'_>,
    ) -> Option<&mut Totals> {
        let (state, value, declared) = self.value(context, words, recipient);
        self.place(state, value, declared)
    }

    fn place(&mut self, state: ValueState, value: String, declared: Option<u16>) -> Option<&mut Totals> {
        let place = (state, value);
        let at = match self.places.get(&place) {
            Some(at) => *at,
            None => {
                let has_name = matches!(state, ValueState::Known | ValueState::Other);
                let value = has_name.then(|| place.1.clone());
                self.places.insert(place, self.rows.len());
                self.rows.push(FactRow { state, value, totals: Totals::default() });
                self.declared.push(declared);
                self.rows.len() - 1
            }
        };
        self.rows.get_mut(at).map(|row| &mut row.totals)
    }

    fn value(
        &self,
        context: &Context<'_>,
        words: &Words<'_>,
        recipient: &Recipient<'_>,
    ) -> (ValueState, String, Option<u16>) {
        let (id, row) = (recipient.record, recipient.row);
        let Some((source, kind)) = self.sources.get(id.index()).and_then(Option::as_ref) else {
            return (ValueState::Other, words.record(id), None);
        };
        let answer = match source {
            Source::Fact(fact) => evaluate_fact(context, id, row, *fact),
            Source::Let(derived) => match context.program.lets.get(derived.index()) {
                Some(def) => evaluate_expression(context, Some((id, row)), def.value),
                None => Answer::NONE,
            },
        };
        told(words, answer.known().cloned(), kind)
    }

    pub(super) fn finish(self) -> FactTable {
        let few = self.rows.len() <= FEW;
        let mut rows: Vec<(Option<u16>, FactRow)> = self.declared.into_iter().zip(self.rows).collect();
        rows.sort_by(|(a_place, a), (b_place, b)| {
            let places = if few { a_place.cmp(b_place) } else { std::cmp::Ordering::Equal };
            let amounts = || (&b.totals.settled, &b.totals.lowest).cmp(&(&a.totals.settled, &a.totals.lowest));
            a.state.cmp(&b.state).then(places).then_with(amounts).then_with(|| a.value.cmp(&b.value))
        });
        FactTable { fact: self.name, rows: rows.into_iter().map(|(_, row)| row).collect() }
    }
}

/// A value as a row is told by: whether it is known, its name, and its place in its declaration.
fn told(words: &Words<'_>, value: Option<Value>, kind: &Type) -> (ValueState, String, Option<u16>) {
    match value {
        None => (ValueState::Unknown, String::new(), None),
        Some(Value::None) => (ValueState::None, String::new(), None),
        Some(value) => {
            let declared = match value {
                Value::Code(code) => Some(code),
                Value::Bool(yes) => Some(u16::from(!yes)),
                _ => None,
            };
            (ValueState::Known, shown(words, &value, kind), declared)
        }
    }
}

/// A value as a heading of a row: texts without quotation marks.
pub(super) fn shown(words: &Words<'_>, value: &Value, kind: &Type) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        value => words.value(value, kind),
    }
}

fn source(program: &Program, at: usize, name: &str) -> Option<(Source, Type)> {
    let record = program.records.get(at)?;
    let is = |own: &str, aliases: &[smol_str::SmolStr]| own == name || aliases.iter().any(|alias| alias == name);
    let facts = record.facts.iter().zip((0..).map(FactId));
    let fact = facts.filter(|(fact, _)| !matches!(fact.kind, Type::List(_) | Type::Poison));
    if let Some((fact, id)) = fact.into_iter().find(|(fact, _)| is(&fact.name, &fact.aliases)) {
        return Some((Source::Fact(id), fact.kind.clone()));
    }
    let id = RecordId(u32::try_from(at).ok()?);
    let mut lets = program.lets.iter().zip((0..).map(LetId)).filter(|(def, _)| def.record == id);
    let (def, id) = lets.find(|(def, _)| is(&def.name, &def.aliases))?;
    Some((Source::Let(id), def.kind.clone()))
}

/// What may be asked for.
fn known_names<'p>(program: &'p Program, pays: &'p impl Fn(usize) -> bool) -> impl Iterator<Item = &'p str> {
    let records = program.records.iter().enumerate().filter(move |(at, _)| pays(*at));
    let facts = records.flat_map(|(_, record)| record.facts.iter().map(|fact| (&fact.name, &fact.aliases)));
    let lets = program.lets.iter().filter(move |def| pays(def.record.index())).map(|def| (&def.name, &def.aliases));
    facts.chain(lets).flat_map(|(name, aliases)| std::iter::once(name).chain(aliases)).map(|name| name.as_str())
}
