//! What may be typed next.
//!
//! In: a text, the byte of the cursor, and what the files around it declare. Out: keywords
//! with their help, names and whole forms that have a place here. Only the words of the statement
//! before the cursor are looked at, so half a clause is enough, and a long file costs no more.

mod list;
mod place;

use std::borrow::Cow;

use super::names::Symbol;
use super::world::Analysis;
use crate::diagnostic::Language;
use crate::syntax::incremental::{HEAD, around};
use crate::syntax::keywords;
use crate::syntax::words::tokens;
use list::List;
use place::place;

/// What a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword.
    Keyword,
    /// A whole form with places to fill in.
    Snippet,
    /// A name.
    Name(Option<Symbol>),
}

/// A proposal.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// What is shown and, but for a form, written.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it is.
    pub kind: Kind,
    /// A few words beside it.
    pub detail: String,
    /// Help below it.
    pub help: String,
    /// Where it stands among the others: the smallest first.
    pub rank: u8,
}

/// What may be typed at a byte, and from which byte on it is written.
pub(super) fn complete(analysis: &Analysis, text: &str, byte: usize, language: Language) -> (usize, Vec<Proposal>) {
    let before = text.get(..byte).unwrap_or(text);
    let part = statement(text, before);
    let part = part.as_ref();
    let (words, comments) = tokens(part);
    // Within a comment or a text nothing is proposed.
    let ends_here = |end: usize| end == part.len();
    let open_text = words.last().is_some_and(|word| word.kind == "TEXT" && ends_here(word.end) && is_open(word.text));
    if open_text || comments.last().is_some_and(|comment| ends_here(comment.span.end as usize)) {
        return (byte, Vec::new());
    }
    let typed = words.last().filter(|word| ends_here(word.end) && word.text.starts_with(char::is_alphabetic));
    let prefix = typed.map_or(0, |word| word.text.len() - glued(word.text));
    let known = words.len() - usize::from(typed.is_some());
    let words = words.get(..known).unwrap_or(&[]);
    let place = place(words, part, prefix);
    let mut list = List { analysis, language, chinese: is_chinese(text), out: Vec::new() };
    list.fill(&place, words);
    (byte - prefix, list.out)
}

/// The statement around the end of what stands before the cursor. Of one within a policy only a head stands for the
/// policy, so that a long one costs no more.
fn statement<'t>(text: &str, before: &'t str) -> Cow<'t, str> {
    match around(text, before.len()) {
        Some((from, true)) => format!("{HEAD}{}", before.get(from..).unwrap_or("")).into(),
        _ => before.get(line_that_is_not_indented(before)..).unwrap_or("").into(),
    }
}

/// Where the last line of a text begins that is not indented.
fn line_that_is_not_indented(before: &str) -> usize {
    let line = |at: usize| before.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |end| end + 1);
    let mut start = line(before.len());
    while start > 0 {
        let first = before.get(start..).and_then(|rest| rest.chars().next());
        if first.is_some_and(|c| !c.is_whitespace() && !matches!(c, '}' | ')' | ']' | '#')) {
            // A bare award may go on in the lines below it, a file's line never does otherwise.
            break;
        }
        start = line(start - 1);
    }
    start
}

fn is_open(text: &str) -> bool {
    let closed = (text.len() > 1 && text.ends_with('"')) || text.ends_with('”');
    !closed || text.starts_with("\"\"\"") && text.len() < 6
}

/// How much of a word is a keyword that a name follows without a blank: 当增资 begins a name behind 当.
fn glued(word: &str) -> usize {
    let cuts = word.char_indices().map(|(at, _)| at).skip(1);
    let found =
        cuts.filter(|at| word.get(..*at).is_some_and(|head| !head.is_ascii() && keywords().precedes_names(head)));
    found.last().unwrap_or(0)
}

/// Whether a text is written in Chinese keywords for the most part.
fn is_chinese(text: &str) -> bool {
    let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
    let chinese = count(&["奖补", "奖励", "补助", "当 ", "最高", "登记表", "政策 ", "款 ", "条 "]);
    chinese > count(&["award", "when ", "cap ", "record ", "policy ", "clause ", "article "])
}
