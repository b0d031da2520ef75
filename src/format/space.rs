//! What stands between two words of one line, and how a word is written.
//!
//! In: two neighbouring pieces. Out: nothing or a blank. Signs of full width are written in
//! ASCII, as the grammar reads them; the comma between the parts of a clause and the
//! parentheses of （含） stay as typed, since documents write them so.

use std::borrow::Cow;

use super::pieces::Piece;
use crate::syntax::words::{Rule, is_name_rule, narrow};

/// A word as the formatter writes it.
pub(super) fn written<'t>(piece: &Piece<'t>) -> Cow<'t, str> {
    let word = &piece.word;
    match word.kind {
        "TEXT" | "ARTICLE" | "CLAUSE" => Cow::Borrowed(word.text),
        "NAME" => name(word.text),
        "DATE" | "MONTHDAY" => without_blanks(narrow(word.text)),
        "NUMBER" => number(word.text),
        "的" => Cow::Borrowed("的"),
        _ if word.is_keyword() && is_name_rule(piece.rule) => name(word.text),
        _ if word.is_keyword() => keyword(word.text),
        "(" | ")" if is_inclusion(piece.rule) => Cow::Borrowed(word.text),
        ".." if word.text.starts_with(['—', '～', '–', '~']) => Cow::Borrowed(word.text),
        kind => Cow::Borrowed(kind),
    }
}

fn name(text: &str) -> Cow<'_, str> {
    if text.starts_with('「') { Cow::Borrowed(text) } else { narrow(text) }
}

fn without_blanks(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(char::is_whitespace) {
        return Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect());
    }
    text
}

/// `2  亿元` is written with one blank.
fn number(text: &str) -> Cow<'_, str> {
    let narrow = narrow(text);
    if !narrow.contains(char::is_whitespace) || narrow.contains('「') {
        return narrow;
    }
    Cow::Owned(narrow.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A keyword in lower case with one blank between its words.
fn keyword(text: &str) -> Cow<'_, str> {
    let narrow = narrow(text);
    if narrow.chars().any(|c| c.is_ascii_uppercase() || c.is_whitespace()) {
        let words: Vec<_> = narrow.split_whitespace().map(str::to_ascii_lowercase).collect();
        return Cow::Owned(words.join(" "));
    }
    narrow
}

/// Whether parentheses by this rule hold 含 or 不含.
fn is_inclusion(rule: Rule) -> bool {
    matches!(rule, Rule::bound | Rule::convention)
}

/// Whether nothing stands between two words of one line.
pub(super) fn adjoin(before: &Piece, after: &Piece) -> bool {
    let (left, right) = (before.word.kind, after.word.kind);
    match (left, right) {
        (_, "," | ")" | "的" | ".") | ("(" | "的" | ".", _) | ("[", "]") | ("{", "}") => true,
        (_, ":") => !is_type_colon(after.rule),
        (":", _) => before.rule == Rule::matching,
        ("-", _) => is_prefix(before.rule),
        (_, "..") => !is_prefix(after.rule) && holds_tight(after, before),
        ("..", _) => !before.open_end && holds_tight(before, after),
        (_, "(") => after.rule == Rule::extreme && after.call || is_inclusion(after.rule),
        (")", _) => is_inclusion(before.rule) && after.rule == Rule::bound_word,
        ("NUMBER", _) => after.rule == Rule::bound_word && is_chinese(after),
        (_, "NUMBER") => is_chinese(before) && takes_a_number(before.rule),
        _ => false,
    }
}

/// The colon before a type has blanks at both sides.
pub(super) fn is_type_colon(rule: Rule) -> bool {
    matches!(rule, Rule::fact | Rule::let_fact | Rule::parameter)
}

fn is_prefix(rule: Rule) -> bool {
    matches!(rule, Rule::prefix | Rule::sign)
}

/// Whether a range sign adjoins its neighbour: always a sign, 至 only beside figures.
fn holds_tight(range: &Piece, beside: &Piece) -> bool {
    !range.word.is_keyword() || matches!(beside.word.kind, "NUMBER" | "DATE" | "MONTHDAY")
}

fn is_chinese(piece: &Piece) -> bool {
    piece.word.is_keyword() && !piece.word.text.is_ascii() && !narrow(piece.word.text).is_ascii()
}

/// 最高800万, 至多5%, 以上1000万: what documents write without a blank.
fn takes_a_number(rule: Rule) -> bool {
    matches!(rule, Rule::modifier | Rule::up_to | Rule::payer_cap | Rule::bound_word)
}
