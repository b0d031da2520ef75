//! Limits before parsing: how long a text may be and how deep it may nest.
//!
//! In: tokens. Out: a diagnostic where a limit is passed. The parser, the tree builder and
//! everything behind them recurse over nesting only, so this one limit protects them all.

use super::keyword::is_name;
use super::scan::Scan;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::{FileId, Span};

/// The most levels of brackets and prefix words.
pub const MAX_DEPTH: usize = 64;
/// The most bytes of one text.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// That nesting passes the limit at a place.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::TooDeep).at(span).with("count", MAX_DEPTH.to_string()).with("fix", "let")
}

/// Whether a text is too long to be read at all.
pub(super) fn check_size(file: FileId, text: &str) -> Option<Diagnostic> {
    (text.len() > MAX_BYTES).then(|| {
        Diagnostic::new(Code::TooLarge)
            .at(Span::new(file, 0, 0))
            .with("count", MAX_BYTES.to_string())
            .with("unit", Argument::phrase("字节", "bytes"))
    })
}

/// The first place where brackets and prefix words nest deeper than [`MAX_DEPTH`].
///
/// A prefix word nests what follows it, without brackets, until its closing word, a bracket
/// or a separator; the count never falls below the true depth of the grammar.
pub(super) fn check_depth(scan: &Scan) -> Option<Diagnostic> {
    // For each open bracket, how many prefix words were open before it.
    let mut outer: Vec<usize> = Vec::new();
    let (mut light, mut heavy, mut none) = (0_usize, 0_usize, 0_usize);
    let mut nested = 0_usize;
    let mut before = "";
    for token in &scan.tokens {
        match token.kind {
            "{" | "(" | "[" => {
                // A bracket directly behind a prefix word, or a table's brace, is one level with it.
                let joined = match token.kind {
                    "{" => &mut heavy,
                    _ if is_light(before) => &mut light,
                    _ if is_heavy(before) => &mut heavy,
                    _ => &mut none,
                };
                *joined = joined.saturating_sub(1);
                outer.push(light + heavy);
                nested += light + heavy;
                (light, heavy) = (0, 0);
            }
            "}" | ")" | "]" => {
                heavy = outer.pop().unwrap_or(0);
                light = 0;
                nested = nested.saturating_sub(heavy);
            }
            "-" if ends_operand(before) => light = 0,
            kind if is_light(kind) => light += 1,
            kind if is_heavy(kind) => heavy += 1,
            "over" | "over_all" => heavy = heavy.saturating_sub(1),
            "," | ";" | ":" | "cap" | "最高" | "when" | "award" | "then_by" => (light, heavy) = (0, 0),
            "+" | "*" | "/" | "of" | "and" | "or" | "or_else" | "=" | ">" | "<" | ">=" | "<=" => light = 0,
            _ => {}
        }
        let depth = outer.len() + nested + light + heavy;
        if depth > MAX_DEPTH {
            return Some(too_deep(scan.span(token)));
        }
        // `round half up (` is one level.
        if !matches!(token.kind, "half_up" | "up" | "down") {
            before = token.kind;
        }
    }
    None
}

/// Whether an operand may end with this word: what follows is no prefix then.
fn ends_operand(kind: &str) -> bool {
    matches!(kind, "NAME" | "NUMBER" | "DATE" | "TEXT" | ")" | "}" | "yes" | "no" | "none") || is_name(kind)
}

/// Prefix words that end where the next operator stands.
fn is_light(kind: &str) -> bool {
    matches!(kind, "not" | "-" | "newly" | "year_of" | "on" | "match" | "count" | "count_of")
}

/// Prefix words that run to a word of their own, or to the end.
fn is_heavy(kind: &str) -> bool {
    matches!(
        kind,
        "sum"
            | "average"
            | "rank"
            | "min"
            | "max"
            | "lesser"
            | "greater"
            | "smallest"
            | "largest"
            | "any"
            | "every"
            | "top"
            | "round"
            | "days_from"
            | "months_from"
            | "years_from"
            | "by"
            | "where"
            | "has"
    )
}
