//! A text with faults, read item by item.

use pest::Parser;
use pest::error::InputLocation;

use super::grammar::{Huiqi, Rule};
use super::scan::Scan;
use super::tree::Item;
use crate::diagnostic::{Code, Diagnostic};

/// The items that can be read, and what is wrong with the others.
pub(super) fn file(scan: &Scan) -> (Vec<Item>, Vec<Diagnostic>) {
    (Vec::new(), why(scan, Rule::file, 0, scan.tokens.len()))
}

/// Whether a text begins with a word that begins a statement.
pub(super) fn begins_statement(scan: &Scan) -> bool {
    scan.tokens.first().is_some_and(|token| matches!(token.kind, "award" | "match" | "recover" | "let"))
}

/// Why the tokens `from..to` are not what `rule` says.
pub(super) fn why(scan: &Scan, rule: Rule, from: usize, to: usize) -> Vec<Diagnostic> {
    let (base, sentence) = scan.slice(from, to);
    let Err(error) = Huiqi::parse(rule, sentence) else { return Vec::new() };
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let token = scan.tokens.get(scan.token_at(base + at));
    let span = token.map_or(scan.end(), |token| scan.span(token));
    let found = token.map_or("", |token| scan.source(token));
    vec![Diagnostic::new(Code::UnexpectedText).at(span).with("found", found)]
}
