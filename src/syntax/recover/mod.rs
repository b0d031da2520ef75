//! A text with faults, read piece by piece, so that a fault costs one statement.
//!
//! In: the tokens of a text that the grammar refuses. Out: every item that can be read and
//! one diagnostic for each piece that cannot. `structure` finds which braces belong
//! together, `why` words the message, `glue` finds a missing blank, `hint` knows habits of
//! documents that the language writes otherwise. Containers are kept with their good members; a
//! clause with a fault is kept with poison for its award, so that nothing pays by mistake
//! and no later stage complains that it is missing.

mod glue;
mod hint;
mod structure;
mod why;

use std::ops::Range;

use pest::Parser;
use pest::iterators::Pair;
use smol_str::SmolStr;

use super::build::Builder;
use super::grammar::{Huiqi, Rule};
use super::keyword::is_name;
use super::scan::Scan;
use super::tree::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
pub(super) use glue::split_behind_number;
pub(super) use structure::Kind;
use structure::{Block, Structure};
pub(super) use why::why;

/// The items that can be read, and what is wrong with the others.
pub(super) fn file(scan: &Scan) -> (Vec<Item>, Vec<Diagnostic>) {
    let mut found = structure::structure(scan);
    let blocks = std::mem::take(&mut found.blocks);
    let diagnostics = std::mem::take(&mut found.diagnostics);
    let mut recovery = Recovery { scan, structure: found, diagnostics };
    let items = recovery.members(Rule::file, 0..scan.tokens.len(), &blocks);
    let mut diagnostics = recovery.diagnostics;
    if diagnostics.is_empty() && scan.diagnostics.is_empty() {
        // Every piece is sound by itself: the fault lies in how they are put together.
        diagnostics.extend(why(scan, Rule::file, 0, scan.tokens.len()));
    }
    (items, diagnostics)
}

/// Whether a text begins with a word that begins a statement, and not with one that is a name.
pub(super) fn begins_statement(scan: &Scan) -> bool {
    let kind = |at: usize| scan.tokens.get(at).map_or("", |token| token.kind);
    let next_begins_operand =
        is_name(kind(1)) || matches!(kind(1), "NUMBER" | "TEXT" | "DATE" | "(" | "{" | "by" | "pending" | "sum");
    matches!(kind(0), "ARTICLE" | "CLAUSE") || (is_statement_word(kind(0)) && next_begins_operand)
}

struct Recovery<'s> {
    scan: &'s Scan<'s>,
    structure: Structure,
    diagnostics: Vec<Diagnostic>,
}

impl<'s> Recovery<'s> {
    fn kind(&self, at: usize) -> &'static str {
        self.scan.tokens.get(at).map_or("", |token| token.kind)
    }

    fn span(&self, range: &Range<usize>) -> Span {
        let tokens = self.scan.tokens.get(range.clone()).unwrap_or(&[]);
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => self.scan.span(first).to(self.scan.span(last)),
            _ => self.scan.end(),
        }
    }

    /// Parses a stretch of tokens strictly and hands each pair to `each`; false if the grammar refuses it.
    fn strictly(
        &mut self,
        rule: Rule,
        range: &Range<usize>,
        closing: &str,
        mut each: impl FnMut(&mut Builder, Pair<Rule>),
    ) -> bool {
        let (base, sentence) = self.scan.slice(range.start, range.end);
        let mended;
        let sentence = if closing.is_empty() {
            sentence
        } else {
            mended = format!("{sentence}{closing}");
            &mended
        };
        let Ok(pairs) = Huiqi::parse(rule, sentence) else { return false };
        let mut builder = Builder::new(self.scan, base);
        for pair in pairs.filter(|pair| pair.as_rule() != Rule::EOI) {
            each(&mut builder, pair);
        }
        self.diagnostics.extend(builder.diagnostics);
        true
    }

    /// Tells why a stretch cannot be read, unless a bracket or quote that was told is the cause.
    fn complain(&mut self, rule: Rule, range: &Range<usize>) -> Option<Code> {
        // Enough has been told; wording one more message looks at the whole text.
        if self.diagnostics.len() > super::MAX_DIAGNOSTICS {
            return Some(Code::UnexpectedText);
        }
        let told = |tokens: &[usize]| tokens.iter().any(|token| range.contains(token));
        let tokens = self.scan.tokens.get(range.clone()).unwrap_or(&[]);
        if told(&self.structure.unclosed)
            || told(&self.structure.extra)
            || tokens.iter().any(|token| token.faulty && token.kind != "DATE")
        {
            return None;
        }
        let diagnostic = why(self.scan, rule, range.start, range.end)?;
        let code = diagnostic.code;
        self.diagnostics.push(diagnostic);
        Some(code)
    }

    /// The members of a file, a policy or an article.
    fn members(&mut self, rule: Rule, range: Range<usize>, blocks: &[Block]) -> Vec<Item> {
        let mut items = Vec::new();
        let mut at = range.start;
        for block in blocks {
            self.statements(rule, at..block.start, &mut items);
            items.extend(self.block(block));
            at = block.end.max(at);
        }
        self.statements(rule, at..range.end, &mut items);
        items
    }

    /// Statements without blocks of their own.
    fn statements(&mut self, rule: Rule, range: Range<usize>, items: &mut Vec<Item>) {
        for piece in self.between_extra_brackets(range) {
            if self.strictly(rule, &piece, "", |builder, pair| items.extend(builder.item(pair))) {
                continue;
            }
            for statement in self.pieces(rule, piece) {
                self.statement(rule, statement, items);
            }
        }
    }

    fn statement(&mut self, rule: Rule, range: Range<usize>, items: &mut Vec<Item>) {
        if self.strictly(rule, &range, "", |builder, pair| items.extend(builder.item(pair))) {
            return;
        }
        let code = self.complain(rule, &range);
        let span = self.span(&range);
        let poison = Expr { kind: ExprKind::Poison, span };
        match self.kind(range.start) {
            "award" | "match" | "recover" => items.push(Item::Clause(spoilt_clause(None, None, true, span))),
            "let" => {
                let names = self.declared_names(range.start + 1);
                items.push(Item::Let(Let { names, kind: None, value: poison, span }));
            }
            _ => {
                // A line that belongs to nothing may be the condition of the award before it.
                let stray = matches!(code, Some(Code::GluedKeyword | Code::TrailingText | Code::UnexpectedText));
                if stray
                    && is_name(self.kind(range.start))
                    && let Some(Item::Clause(clause)) = items.last_mut()
                    && clause.bare
                {
                    *clause = spoilt_clause(None, None, true, clause.span);
                }
            }
        }
    }

    fn block(&mut self, block: &Block) -> Vec<Item> {
        let range = block.start..block.end;
        let mut items = Vec::new();
        let closing = if block.closed { "" } else { "} " };
        if self.strictly(Rule::file, &range, closing, |builder, pair| items.extend(builder.item(pair))) {
            return items;
        }
        match block.kind {
            Kind::Policy => items.extend(self.policy(block)),
            Kind::Article => items.push(self.article(block)),
            Kind::Record => items.extend(self.record(block)),
            Kind::Settle => items.push(self.settle(block)),
            Kind::Test => items.extend(self.test(block)),
            Kind::Clause | Kind::Line => items.push(self.clause(block)),
        }
        items
    }

    /// The head of a block, strictly.
    fn head(&mut self, block: &Block, each: impl FnMut(&mut Builder, Pair<Rule>)) -> bool {
        let range = block.start..block.open + 1;
        self.strictly(Rule::one_head, &range, "", each) || {
            self.complain(Rule::one_head, &range);
            false
        }
    }

    fn policy(&mut self, block: &Block) -> Option<Item> {
        let mut name = None;
        self.head(block, |builder, head| name = builder.policy_name(head));
        let (from, to) = block.body();
        let items = self.members(Rule::policy_members, from..to, &block.children);
        let name = name.or_else(|| self.declared_names(block.start + 1).into_iter().next())?;
        Some(Item::Policy(Policy { name, items, span: self.span(&(block.start..block.end)) }))
    }

    fn article(&mut self, block: &Block) -> Item {
        let mut names = (None, None);
        self.head(block, |builder, head| names = builder.numbered_head(head));
        let (from, to) = block.body();
        let items = self.members(Rule::article_members, from..to, &block.children);
        let (number, name) = names;
        Item::Article(Article { number, name, items, span: self.span(&(block.start..block.end)) })
    }

    fn clause(&mut self, block: &Block) -> Item {
        let range = block.start..block.end;
        self.complain(Rule::file, &range);
        let numbered = self.kind(block.start) == "CLAUSE";
        let number = self.scan.tokens.get(block.start).filter(|_| numbered);
        let number =
            number.map(|token| Text { text: SmolStr::new(self.scan.source(token)), span: self.scan.span(token) });
        let name = self.declared_names(block.start + 1).into_iter().next();
        Item::Clause(spoilt_clause(number, name, false, self.span(&range)))
    }

    fn record(&mut self, block: &Block) -> Option<Item> {
        let span = self.span(&(block.start..block.end));
        let mut record = Record { names: Vec::new(), facts: Vec::new(), lets: Vec::new(), span };
        self.head(block, |builder, head| builder.record_part(&mut record, head));
        self.lines(Rule::record_members, block, |builder, pair| builder.record_part(&mut record, pair));
        (!record.names.is_empty()).then_some(Item::Record(record))
    }

    fn settle(&mut self, block: &Block) -> Item {
        let mut settle = Settle { steps: Vec::new(), span: self.span(&(block.start..block.end)) };
        self.lines(Rule::steps, block, |builder, pair| settle.steps.extend(builder.step(pair)));
        Item::Settle(settle)
    }

    fn test(&mut self, block: &Block) -> Option<Item> {
        let span = self.span(&(block.start..block.end));
        let name = Text { text: SmolStr::default(), span };
        let mut test = Test { name, period: None, date: None, lines: Vec::new(), span };
        let sound = self.head(block, |builder, head| builder.test_part(&mut test, head));
        self.lines(Rule::test_lines, block, |builder, pair| builder.test_part(&mut test, pair));
        // A test without its period would fail for another reason than its own.
        sound.then_some(Item::Test(test))
    }

    /// The lines of a block, each by itself.
    fn lines(&mut self, rule: Rule, block: &Block, mut each: impl FnMut(&mut Builder, Pair<Rule>)) {
        let (from, to) = block.body();
        for piece in self.between_extra_brackets(from..to) {
            for line in self.pieces(rule, piece) {
                if !self.strictly(rule, &line, "", &mut each) {
                    self.complain(rule, &line);
                }
            }
        }
    }

    /// A stretch without the brackets that close nothing.
    fn between_extra_brackets(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let mut from = range.start;
        for &extra in self.structure.extra.iter().filter(|extra| range.contains(extra)) {
            pieces.push(from..extra);
            from = extra + 1;
        }
        pieces.push(from..range.end);
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// A stretch cut where statements, facts, steps or lines of a test begin.
    fn pieces(&self, rule: Rule, range: Range<usize>) -> Vec<Range<usize>> {
        let mut starts = vec![range.start];
        let mut depth = 0_usize;
        for at in range.clone() {
            if depth == 0 && at > range.start && self.begins_piece(rule, at) {
                starts.push(at);
            }
            match self.kind(at) {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let ends = starts.iter().skip(1).copied().chain([range.end]);
        let pieces = starts.iter().copied().zip(ends).map(|(from, to)| from..to);
        pieces.filter(|piece| piece.clone().any(|at| !matches!(self.kind(at), "," | ";"))).collect()
    }

    fn begins_piece(&self, rule: Rule, at: usize) -> bool {
        let Some(token) = self.scan.tokens.get(at) else { return false };
        let before = at.checked_sub(1).map_or("", |before| self.kind(before));
        let begins_line = token.begins_line && !asks_for_more(before);
        if before == ";" {
            return true;
        }
        match rule {
            Rule::record_members => {
                (begins_line && (is_name(token.kind) || self.kind(at + 1) == ":")) || self.begins_fact(at, before)
            }
            Rule::steps => begins_line && !goes_on(token.kind),
            Rule::test_lines => {
                matches!(token.kind, "given" | "expect" | "bind") || (begins_line && is_name(token.kind))
            }
            _ => {
                let same_line = matches!(before, "TEXT" | "}" | "NUMBER" | "DATE" | "NAME");
                (is_statement_word(token.kind) && (token.begins_line || same_line && self.begins_operand(at + 1)))
                    || (begins_line && (is_name(token.kind) || matches!(token.kind, "ARTICLE" | "CLAUSE")))
            }
        }
    }

    /// Whether what follows a statement word makes it one: a soft keyword may also be a name.
    fn begins_operand(&self, at: usize) -> bool {
        is_name(self.kind(at)) || matches!(self.kind(at), "TEXT" | "NUMBER" | "DATE" | "up_to" | "by" | "pending")
    }

    /// `name / alias :`
    fn begins_fact(&self, at: usize, before: &str) -> bool {
        if before == "/" || !is_name(self.kind(at)) {
            return false;
        }
        let mut next = at + 1;
        while self.kind(next) == "/" && is_name(self.kind(next + 1)) {
            next += 2;
        }
        self.kind(next) == ":"
    }

    /// The names that stand from a token on, `A / B`.
    fn declared_names(&self, from: usize) -> Vec<Name> {
        let mut names = Vec::new();
        let mut at = from;
        while matches!(self.kind(at), "TEXT" | "ARTICLE" | "CLAUSE") {
            at += 1;
        }
        while let Some(token) = self.scan.tokens.get(at).filter(|token| is_name(token.kind)) {
            names.push(self.scan.name(token));
            if self.kind(at + 1) != "/" {
                break;
            }
            at += 2;
        }
        names
    }
}

/// A clause whose award cannot be read.
fn spoilt_clause(number: Option<Text>, name: Option<Name>, bare: bool, span: Span) -> Clause {
    let amount = Expr { kind: ExprKind::Poison, span };
    let award = Award { up_to: None, recover: false, amount, span };
    Clause { number, name, parts: vec![Part::Award(award)], lets: Vec::new(), span, bare }
}

/// Words that begin a statement of a file, a policy or an article.
fn is_statement_word(kind: &str) -> bool {
    matches!(
        kind,
        "award"
            | "match"
            | "recover"
            | "policy"
            | "article"
            | "clause"
            | "record"
            | "unit"
            | "let"
            | "use"
            | "bind"
            | "parameter"
            | "settle"
            | "test"
            | "title"
            | "number"
            | "document_number"
            | "issuer"
            | "issued"
            | "in_force"
            | "overrides"
            | "budget"
            | "eligible_when"
            | "convention"
            | "lead"
            | "text"
            | "commitment"
            | "funded_by"
    )
}

/// Whether a statement cannot end here.
fn asks_for_more(kind: &str) -> bool {
    matches!(
        kind,
        "," | ":"
            | "="
            | ">"
            | "<"
            | ">="
            | "<="
            | "!="
            | "+"
            | "-"
            | "*"
            | "/"
            | "."
            | "的"
            | "("
            | "["
            | "{"
            | "of"
            | "and"
            | "or"
            | "not"
            | "in"
            | "by"
            | "when"
            | "unless"
            | "where"
            | "over"
            | "on"
            | "per"
            | "to"
            | "for"
            | "with"
            | "or_else"
            | "between"
            | "one_of"
            | "level_of"
            | "dated"
            | "cap"
            | "floor"
            | "less"
            | "times"
            | "up_to"
    )
}

/// Whether a line that begins with this word goes on with the step before it.
fn goes_on(kind: &str) -> bool {
    matches!(
        kind,
        "when"
            | "by"
            | "per"
            | "for"
            | "to"
            | "in_order_of"
            | "then_by"
            | "then_pro_rata"
            | "then_equally"
            | "rest_stays"
            | "rest_by_remainder"
            | "rest_to_largest"
            | "ties_all"
            | "ties_none"
            | "ties_by"
            | "pro_rata"
            | "equally"
            | "from"
            | "from_payer"
            | "cumulative"
            | "each"
            | "and"
            | "or"
            | ","
            | "+"
            | "-"
            | "*"
            | "/"
            | "of"
            | "的"
            | "in"
    )
}
