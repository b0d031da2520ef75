//! Pairs of the grammar to the tree.
//!
//! In: what pest matched in the sentence of kind words. Out: the tree, with names, numbers
//! and texts taken from the source as typed. Precedence is applied here, once, in
//! `expression`. Recursion follows only nesting, which is limited before parsing.

mod clause;
mod declaration;
mod expression;
mod operand;
mod question;
mod settle;
mod test;

use pest::iterators::{Pair, Pairs};
use smol_str::SmolStr;

use super::grammar::Rule;
use super::scan::{Scan, Token};
use super::tree::{Expr, ExprKind, Name, Path, Text};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

type P<'i> = Pair<'i, Rule>;

/// Builds the tree of one parse.
pub(super) struct Builder<'s> {
    scan: &'s Scan<'s>,
    /// Where in the sentence the parsed slice begins.
    base: usize,
    /// What the grammar cannot see: a date without a year, a second comparison.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    /// A builder for the slice of the sentence that begins at `base`.
    pub fn new(scan: &'s Scan<'s>, base: usize) -> Self {
        Builder { scan, base, diagnostics: Vec::new() }
    }

    /// The tokens of a pair, first to last.
    fn tokens(&self, pair: &P) -> &'s [Token] {
        let span = pair.as_span();
        let first = self.scan.token_at(self.base + span.start());
        let last = self.scan.token_at((self.base + span.end()).saturating_sub(1));
        self.scan.tokens.get(first..=last).unwrap_or(&[])
    }

    /// The first token of a pair; every rule but lists of parts has one.
    fn token(&self, pair: &P) -> Token {
        let at = self.scan.token_at(self.base + pair.as_span().start());
        let end = self.scan.end();
        self.scan.tokens.get(at).copied().unwrap_or(Token {
            kind: "",
            start: end.start,
            end: end.end,
            begins_line: false,
            faulty: true,
        })
    }

    /// The kind word of the first token.
    fn kind(&self, pair: &P) -> &'static str {
        self.token(pair).kind
    }

    /// The place of a pair.
    fn span(&self, pair: &P) -> Span {
        match self.tokens(pair) {
            [] => self.scan.span(&self.token(pair)),
            [one] => self.scan.span(one),
            [first, .., last] => self.scan.span(first).to(self.scan.span(last)),
        }
    }

    fn name(&self, pair: &P) -> Name {
        self.scan.name(&self.token(pair))
    }

    fn names(&self, pair: P) -> Vec<Name> {
        pair.into_inner().map(|child| self.name(&child)).collect()
    }

    fn path(&self, pair: P) -> Path {
        let span = self.span(&pair);
        Path { parts: self.names(pair), span }
    }

    fn paths(&self, pair: P) -> Vec<Path> {
        pair.into_inner().map(|child| self.path(child)).collect()
    }

    fn text(&self, pair: &P) -> Text {
        let token = self.token(pair);
        Text { text: unquote(self.scan.source(&token)), span: self.scan.span(&token) }
    }

    /// An office or payer: a name or a text.
    fn who(&self, pair: &P) -> Text {
        if self.kind(pair) == "TEXT" {
            return self.text(pair);
        }
        let name = self.name(pair);
        Text { text: name.text, span: name.span }
    }

    fn offices(&self, pair: P) -> Vec<Text> {
        pair.into_inner().map(|child| self.who(&child)).collect()
    }

    /// What a pair whose grammar promises a child holds when there is none: it never happens, and is quiet.
    fn poison(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Poison, span }
    }

    /// The next child as an expression.
    fn next_expression(&mut self, inner: &mut Pairs<Rule>, span: Span) -> Expr {
        match inner.next() {
            Some(pair) => self.expression(pair),
            None => self.poison(span.after()),
        }
    }
}

/// A text without its quotes, with `\"` and `\\` read.
fn unquote(source: &str) -> SmolStr {
    let between =
        |open: &str, close: &str| source.strip_prefix(open).map(|rest| rest.strip_suffix(close).unwrap_or(rest));
    if let Some(inner) = between("“", "”") {
        return SmolStr::new(inner);
    }
    let inner = between("\"\"\"", "\"\"\"").or_else(|| between("\"", "\"")).unwrap_or(source);
    if !inner.contains('\\') {
        return SmolStr::new(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                Some(other) => text.extend(['\\', other]),
                None => text.push('\\'),
            },
            _ => text.push(c),
        }
    }
    SmolStr::from(text)
}
