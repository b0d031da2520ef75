//! Text to syntax tree.
//!
//! In: a text. Out: a [`tree::File`] and what is wrong with it. First the scanner makes
//! tokens and folds keywords of both languages and full-width forms (grammar/tokens.pest);
//! then the grammar reads the sentence of their kind words (grammar/huiqi.pest), and
//! `build` makes the tree. Where the whole does not parse, `recover` reads it item by item,
//! so that one bad clause leaves its neighbours checked.

mod build;
pub(crate) mod incremental;
mod keyword;
mod limit;
mod recover;
mod scan;
#[cfg(test)]
mod tests;
pub mod tree;
pub(crate) mod words;

pub use keyword::{Keyword, Keywords, keywords};
pub use limit::{MAX_BYTES, MAX_DEPTH};

use pest::Parser;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use build::Builder;
use grammar::{Huiqi, Rule};
use scan::Scan;

#[allow(missing_docs, reason = "the grammar documents its rules")]
mod grammar {
    /// The language over kind words.
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/huiqi.pest"]
    #[grammar = "grammar/prompt.pest"]
    pub struct Huiqi;
}

/// The most diagnostics of one text.
const MAX_DIAGNOSTICS: usize = 100;

/// What parsing a file gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// All that could be read.
    pub tree: tree::File,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a line of the prompt is.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// Declarations and clauses.
    Items(tree::File),
    /// A question, or a command of the prompt.
    Question(Box<tree::Question>),
    /// An expression alone.
    Expression(tree::Expr),
}

/// Parses a file.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let (scan, mut diagnostics, refused) = prepare(file, text);
    if refused {
        return finish(scan, Vec::new(), diagnostics);
    }
    let items = match strict_items(&scan) {
        Some((items, found)) => {
            diagnostics.extend(found);
            items
        }
        None => {
            let (items, mut found) = recover::file(&scan);
            found.retain(|d| !follows_character(d, &scan.diagnostics));
            diagnostics.extend(found);
            items
        }
    };
    finish(scan, items, diagnostics)
}

/// Parses a line of the prompt: a question, declarations and clauses, or an expression as the whole line.
pub fn parse_line(file: FileId, text: &str) -> (Line, Vec<Diagnostic>) {
    let (scan, diagnostics, refused) = prepare(file, text);
    let asked = scan::scan_line(file, text);
    if !refused && asks(&asked) {
        if !diagnostics.is_empty() {
            // One wrong character or date is told by itself.
            return (Line::Expression(poison(file, text)), ordered(diagnostics));
        }
        match Huiqi::parse(Rule::question_line, &asked.sentence) {
            Ok(mut pairs) => {
                let mut builder = Builder::new(&asked, 0);
                let question = pairs.next().and_then(|pair| builder.question(pair));
                if let Some(question) = question {
                    return (Line::Question(Box::new(question)), ordered(builder.diagnostics));
                }
            }
            // `sum E over L` is an expression that begins as a question does.
            Err(_) if begins_expression(&asked) => {}
            Err(_) => {
                let why = recover::why(&asked, Rule::question_line, 0, asked.tokens.len());
                return (Line::Expression(poison(file, text)), ordered(why.into_iter().collect()));
            }
        }
    }
    if !refused && strict_items(&scan).is_none() && !recover::begins_statement(&scan) {
        let (expression, diagnostics) = parse_expression(file, text);
        return (Line::Expression(expression), diagnostics);
    }
    let parsed = parse(file, text);
    (Line::Items(parsed.tree), parsed.diagnostics)
}

/// Whether a line begins with a word that asks.
fn asks(scan: &Scan) -> bool {
    let kind = scan.tokens.first().map_or("", |token| token.kind);
    let asks = keywords().get(kind).is_some_and(|keyword| !keyword.in_grammar() && keyword.place == ["prompt"]);
    // `plot = 3` is no question.
    let goes_on = scan.tokens.get(1).is_none_or(|next| !matches!(next.kind, "=" | ">" | "<" | ">=" | "<=" | "*" | "+"));
    (asks && goes_on) || begins_expression(scan)
}

/// Whether a line begins with a word that begins an expression too.
fn begins_expression(scan: &Scan) -> bool {
    let kind = scan.tokens.first().map_or("", |token| token.kind);
    matches!(kind, "sum" | "average" | "min" | "max" | "smallest" | "largest" | "count" | "count_of")
}

/// Parses an expression alone; what cannot be read is poison.
pub fn parse_expression(file: FileId, text: &str) -> (tree::Expr, Vec<Diagnostic>) {
    let poison = poison(file, text);
    let (scan, mut diagnostics, refused) = prepare(file, text);
    if refused {
        return (poison, diagnostics);
    }
    let value = match Huiqi::parse(Rule::one_expression, &scan.sentence) {
        Ok(mut pairs) => {
            let mut builder = Builder::new(&scan, 0);
            let value = pairs.next().map(|pair| builder.expression(pair));
            diagnostics.extend(builder.diagnostics);
            value
        }
        Err(_) => {
            diagnostics.extend(recover::why(&scan, Rule::one_expression, 0, scan.tokens.len()));
            None
        }
    };
    (value.unwrap_or(poison), ordered(diagnostics))
}

fn poison(file: FileId, text: &str) -> tree::Expr {
    tree::Expr { kind: tree::ExprKind::Poison, span: Span::new(file, 0, text.len()) }
}

/// Scans a text; with what is wrong so far, and whether a limit forbids to parse it.
fn prepare(file: FileId, text: &str) -> (Scan<'_>, Vec<Diagnostic>, bool) {
    if let Some(diagnostic) = limit::check_size(file, text) {
        return (scan::scan(file, ""), vec![diagnostic], true);
    }
    let scan = scan::scan(file, text);
    let mut diagnostics = scan.diagnostics.clone();
    let too_deep = limit::check_depth(&scan);
    let refused = too_deep.is_some();
    diagnostics.extend(too_deep);
    (scan, diagnostics, refused)
}

/// The items of a text without a fault; nothing if the grammar refuses it.
fn strict_items(scan: &Scan) -> Option<(Vec<tree::Item>, Vec<Diagnostic>)> {
    let pairs = Huiqi::parse(Rule::file, &scan.sentence).ok()?;
    let mut builder = Builder::new(scan, 0);
    let items = pairs.filter(|pair| pair.as_rule() != Rule::EOI).filter_map(|pair| builder.item(pair)).collect();
    Some((items, builder.diagnostics))
}

fn finish(scan: Scan, items: Vec<tree::Item>, diagnostics: Vec<Diagnostic>) -> Parsed {
    let tree = tree::File { file: scan.file, items, comments: scan.comments };
    Parsed { tree, diagnostics: ordered(diagnostics) }
}

/// Whether what cannot be read begins where a character was refused: one cause, told once.
fn follows_character(diagnostic: &Diagnostic, refused: &[Diagnostic]) -> bool {
    let Some(place) = diagnostic.spans.first() else { return false };
    matches!(diagnostic.code, Code::UnexpectedText | Code::TrailingText | Code::UnknownStatement)
        && refused.iter().filter_map(|d| d.spans.first()).any(|span| span.end == place.start)
}

/// In the order of the text, each place told once, and not too many.
fn ordered(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|d| d.spans.first().map(|span| span.start));
    diagnostics.dedup_by(|a, b| a == b || (a.code == Code::UnexpectedText && a.spans.first() == b.spans.first()));
    diagnostics.truncate(MAX_DIAGNOSTICS);
    diagnostics
}
