//! Formatting a text or a stretch of it.
//!
//! In: a text. Out: what is to be replaced. A stretch is widened to the statements that it touches: of the
//! file, or of the policy or article around it. A text with a fault is left alone.

use std::ops::Range;

use crate::format::format;
use crate::source::FileId;
use crate::syntax::words::{Node, Rule, Words, words};

/// A stretch of bytes and what comes in its place.
pub(super) type Replacement = (Range<usize>, String);

/// What formatting the whole text changes: one stretch, from the first difference to the last.
pub(super) fn whole(text: &str) -> Option<Vec<Replacement>> {
    let formatted = format(FileId::default(), text, None).ok()?;
    Some(difference(text, &formatted, 0).into_iter().collect())
}

/// What formatting the statements in a stretch changes.
pub(super) fn part(text: &str, asked: Range<usize>) -> Option<Vec<Replacement>> {
    let formatted = format(FileId::default(), text, None).ok()?;
    let (old, new) = (words(text), words(&formatted));
    let asked = asked.start..asked.end.max(asked.start + 1);
    let Some((from, to)) = statements((&old, &old.nodes), (&new, &new.nodes), &asked)? else { return Some(Vec::new()) };
    let (from, to) = (indented(text, from), indented(&formatted, to));
    Some(difference(text.get(from.clone())?, formatted.get(to)?, from.start).into_iter().collect())
}

/// Words, and some nodes over them.
type Level<'w> = (&'w Words<'w>, &'w [Node]);

/// The stretch of the statements that a stretch touches, and their stretch in the formatted text: of those
/// within a policy or an article, where nothing else of it is touched.
fn statements(old: Level, new: Level, asked: &Range<usize>) -> Option<Option<(Range<usize>, Range<usize>)>> {
    // Formatting leaves the statements in their order.
    if old.1.len() != new.1.len() {
        return None;
    }
    let is_touched = |at: &usize| {
        let stretch = old.1.get(*at).and_then(|node| stretch(old.0, node));
        stretch.is_some_and(|stretch| stretch.start < asked.end && asked.start < stretch.end)
    };
    let mut touched = (0..old.1.len()).filter(is_touched);
    let Some(first) = touched.next() else { return Some(None) };
    let last = touched.next_back().unwrap_or(first);
    let (Some(node), Some(formatted)) = (old.1.get(first), new.1.get(first)) else { return None };
    let holds_statements = first == last && matches!(node.rule, Rule::policy | Rule::article);
    if holds_statements && let Some((head, members)) = node.children.split_first() {
        let within = |node: &Node| stretch(old.0, node);
        let (head, end) = (within(head)?, members.last().and_then(within));
        if end.is_some_and(|end| head.end <= asked.start && asked.end <= end.end) {
            let inner = statements((old.0, members), (new.0, formatted.children.get(1..)?), asked)?;
            return Some(inner);
        }
    }
    let from = stretch(old.0, node)?.start..stretch(old.0, old.1.get(last)?)?.end;
    let to = stretch(new.0, formatted)?.start..stretch(new.0, new.1.get(last)?)?.end;
    Some(Some((from, to)))
}

/// The bytes of a node.
fn stretch(words: &Words, node: &Node) -> Option<Range<usize>> {
    let (first, last) = (words.words.get(node.from)?, words.words.get(node.to.checked_sub(1)?)?);
    Some(first.start..last.end)
}

/// A stretch with the blanks before it, where it begins its line.
fn indented(text: &str, stretch: Range<usize>) -> Range<usize> {
    let before = text.get(..stretch.start).unwrap_or("");
    let start = before.trim_end_matches([' ', '\t', '\u{3000}']).len();
    let begins_line = text.get(..start).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
    if begins_line { start..stretch.end } else { stretch }
}

/// Where two texts differ; `from` is where the first begins in its file.
fn difference(old: &str, new: &str, from: usize) -> Option<Replacement> {
    if old == new {
        return None;
    }
    let start: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old_rest, new_rest) = (old.get(start..)?, new.get(start..)?);
    let pairs = old_rest.chars().rev().zip(new_rest.chars().rev());
    let end: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let replaced = new_rest.get(..new_rest.len().checked_sub(end)?)?;
    Some((from + start..from + old.len() - end, replaced.to_owned()))
}
