//! Semantic colours: every word by what it is.
//!
//! In: a text and what its names mean. Out: stretches with a kind, one line each, in order.

use super::names::{Occurrence, Symbol};
use crate::syntax::words::tokens;

/// The kinds of words, in the order of [`KINDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword.
    Keyword,
    /// An operator or a comparison.
    Operator,
    /// A number, a date.
    Number,
    /// A quoted text.
    Text,
    /// A comment.
    Comment,
    /// A record type.
    Record,
    /// A fact.
    Fact,
    /// A value of a level.
    Level,
    /// A derived fact.
    Let,
    /// A parameter.
    Parameter,
    /// A policy or an article.
    Policy,
    /// A clause.
    Clause,
    /// A unit.
    Unit,
    /// Any other name.
    Name,
}

/// What the protocol calls the kinds.
pub(super) const KINDS: [&str; 14] = [
    "keyword",
    "operator",
    "number",
    "string",
    "comment",
    "class",
    "property",
    "enumMember",
    "variable",
    "parameter",
    "namespace",
    "function",
    "type",
    "variable",
];

/// What the protocol calls what more there is to say: declared here, documentation.
pub(super) const MODIFIERS: [&str; 2] = ["declaration", "documentation"];

/// A coloured stretch of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coloured {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// Which of [`MODIFIERS`], by bit.
    pub modifiers: u32,
}

/// The colours of a text.
pub(super) fn coloured(text: &str, names: &[Occurrence]) -> Vec<Coloured> {
    let (words, comments) = tokens(text);
    let mut out: Vec<Coloured> = Vec::with_capacity(words.len());
    let mut names = names.iter().peekable();
    for word in &words {
        while names.next_if(|name| (name.span.start as usize) < word.start).is_some() {}
        let name = names.next_if(|name| name.span.start as usize == word.start);
        let (kind, modifiers) = match (word.kind, name) {
            (_, Some(name)) => (of_symbol(name.symbol), u32::from(name.declares)),
            ("NAME", None) => (Kind::Name, 0),
            ("NUMBER" | "DATE" | "MONTHDAY", _) => (Kind::Number, 0),
            ("TEXT", _) => (Kind::Text, 0),
            ("ARTICLE" | "CLAUSE", _) => (Kind::Keyword, 0),
            ("{" | "}" | "(" | ")" | "[" | "]" | "," | ";" | ":" | ".", _) => continue,
            _ if word.is_keyword() => (Kind::Keyword, 0),
            _ => (Kind::Operator, 0),
        };
        out.push(Coloured { start: word.start, end: word.end, kind, modifiers });
    }
    for comment in &comments {
        let (start, end) = (comment.span.start as usize, comment.span.end as usize);
        out.push(Coloured { start, end, kind: Kind::Comment, modifiers: if comment.doc { 2 } else { 0 } });
    }
    out.sort_by_key(|colour| colour.start);
    out
}

fn of_symbol(symbol: Option<Symbol>) -> Kind {
    match symbol {
        Some(Symbol::Record(_)) => Kind::Record,
        Some(Symbol::Fact(..)) => Kind::Fact,
        Some(Symbol::Level(..)) => Kind::Level,
        Some(Symbol::Let(_)) => Kind::Let,
        Some(Symbol::Parameter(_)) => Kind::Parameter,
        Some(Symbol::Policy(_) | Symbol::Article) => Kind::Policy,
        Some(Symbol::Clause(_)) => Kind::Clause,
        Some(Symbol::Unit(_)) => Kind::Unit,
        None => Kind::Name,
    }
}
