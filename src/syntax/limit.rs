//! Limits before parsing: how long a text may be and how deep it may nest.
//!
//! In: tokens. Out: a diagnostic where a limit is passed. The parser, the tree builder and
//! everything behind them recurse over nesting only, so this one limit protects them all.

use super::scan::Scan;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::{FileId, Span};

/// The most levels of brackets and prefix words.
pub const MAX_DEPTH: usize = 64;
/// The most bytes of one text.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// That nesting passes the limit at a place.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::TooDeep).at(span).with("count", MAX_DEPTH.to_string())
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
    let (mut light, mut heavy) = (0_usize, 0_usize);
    for token in &scan.tokens {
        match token.kind {
            "{" | "(" | "[" => {
                outer.push(light + heavy);
                (light, heavy) = (0, 0);
            }
            "}" | ")" | "]" => {
                (light, heavy) = (0, outer.pop().unwrap_or(0));
            }
            // They end where the next operator stands.
            "not" | "-" | "newly" | "year_of" | "on" | "match" | "count" | "count_of" => light += 1,
            // They run to a word of their own, or to the end.
            "sum" | "average" | "rank" | "min" | "max" | "lesser" | "greater" | "smallest" | "largest" | "any" | "every"
            | "top" | "round" | "days_from" | "months_from" | "years_from" | "by" | "where" | "has" => heavy += 1,
            "over" | "over_all" => heavy = heavy.saturating_sub(1),
            "," | ";" | ":" | "cap" | "最高" | "when" | "award" | "then_by" => (light, heavy) = (0, 0),
            "+" | "*" | "/" | "of" | "and" | "or" | "or_else" | "=" | ">" | "<" | ">=" | "<=" => light = 0,
            _ => {}
        }
        let depth = outer.len() + outer.iter().sum::<usize>() + light + heavy;
        if depth > MAX_DEPTH {
            return Some(too_deep(scan.span(token)));
        }
    }
    None
}
