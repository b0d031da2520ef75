//! The outline of a file: policies, articles, clauses, records with their facts, tests.
//!
//! In: a tree. Out: what it declares, nested as it is written. A broken file keeps what
//! could be read of it.

use crate::source::Span;
use crate::syntax::tree::{self, Item, Name};

/// What a part of the outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A policy.
    Policy,
    /// An article.
    Article,
    /// A clause.
    Clause,
    /// A record type.
    Record,
    /// A fact.
    Fact,
    /// A derived fact.
    Let,
    /// A parameter.
    Parameter,
    /// A unit.
    Unit,
    /// The settlement.
    Settle,
    /// A test.
    Test,
}

/// A part of the outline.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What it is called.
    pub name: String,
    /// Its number, or its aliases.
    pub detail: String,
    /// What it is.
    pub kind: Kind,
    /// All of it.
    pub span: Span,
    /// Its name.
    pub at: Span,
    /// What it holds.
    pub inner: Vec<Entry>,
}

/// The outline of some items.
pub(super) fn outline(items: &[Item]) -> Vec<Entry> {
    items.iter().filter_map(entry).collect()
}

fn entry(item: &Item) -> Option<Entry> {
    Some(match item {
        Item::Policy(policy) => {
            Entry { inner: outline(&policy.items), ..alone(&policy.name, Kind::Policy, policy.span) }
        }
        Item::Article(article) => {
            let number = article.number.as_ref();
            let name = article.name.as_ref();
            let at = name.map(|name| name.span).or(number.map(|number| number.span)).unwrap_or(article.span);
            let number = number.map_or(String::new(), |number| number.text.to_string());
            let name = name.map_or_else(|| number.clone(), |name| name.text.to_string());
            let inner = outline(&article.items);
            Entry { name, detail: number, kind: Kind::Article, span: article.span, at, inner }
        }
        Item::Clause(clause) => {
            let award = clause.parts.iter().find_map(|part| match part {
                tree::Part::Award(award) => Some(award.span),
                _ => None,
            });
            let at = clause.name.as_ref().map(|name| name.span).or(award).unwrap_or(clause.span);
            let number = clause.number.as_ref().map_or(String::new(), |number| number.text.to_string());
            let name = clause.name.as_ref().map_or_else(
                || if number.is_empty() { "award".to_owned() } else { number.clone() },
                |name| name.text.to_string(),
            );
            Entry { name, detail: number, kind: Kind::Clause, span: clause.span, at, inner: Vec::new() }
        }
        Item::Record(record) => {
            let facts = record.facts.iter().filter_map(|fact| several(&fact.names, Kind::Fact, fact.span));
            let lets = record.lets.iter().filter_map(|fact| several(&fact.names, Kind::Let, fact.span));
            let mut inner: Vec<Entry> = facts.chain(lets).collect();
            inner.sort_by_key(|entry| entry.span.start);
            Entry { inner, ..several(&record.names, Kind::Record, record.span)? }
        }
        Item::Let(fact) => several(&fact.names, Kind::Let, fact.span)?,
        Item::Parameter(parameter) => several(&parameter.names, Kind::Parameter, parameter.span)?,
        Item::Unit(unit) => several(&unit.names, Kind::Unit, unit.span)?,
        Item::Settle(settle) => {
            let at = Span { end: settle.span.start, ..settle.span };
            Entry {
                name: "settle".into(),
                detail: String::new(),
                kind: Kind::Settle,
                span: settle.span,
                at,
                inner: Vec::new(),
            }
        }
        Item::Test(test) => Entry {
            name: test.name.text.to_string(),
            detail: String::new(),
            kind: Kind::Test,
            span: test.span,
            at: test.name.span,
            inner: Vec::new(),
        },
        Item::Use(_) | Item::Bind(_) | Item::Property(_) => return None,
    })
}

fn alone(name: &Name, kind: Kind, span: Span) -> Entry {
    Entry { name: name.text.to_string(), detail: String::new(), kind, span, at: name.span, inner: Vec::new() }
}

fn several(names: &[Name], kind: Kind, span: Span) -> Option<Entry> {
    let (first, aliases) = names.split_first()?;
    let detail = aliases.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(" / ");
    Some(Entry { detail, ..alone(first, kind, span) })
}
