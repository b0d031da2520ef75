//! Formatting a text or a stretch of it.
//!
//! In: a text. Out: what is to be replaced. A stretch is widened to the statements of the
//! file that it touches; a text with a fault is left alone.

use std::ops::Range;

use crate::format::format;
use crate::source::FileId;
use crate::syntax::words::{Words, words};

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
    let touched = |words: &Words, node: usize| {
        let node = words.nodes.get(node)?;
        let (first, last) = (words.words.get(node.from)?, words.words.get(node.to.checked_sub(1)?)?);
        Some(first.start..last.end)
    };
    // Formatting leaves the statements of a file in their order.
    if old.nodes.len() != new.nodes.len() {
        return None;
    }
    let within = |at: &usize| {
        touched(&old, *at).is_some_and(|range| range.start < asked.end.max(asked.start + 1) && asked.start < range.end)
    };
    let mut inside = (0..old.nodes.len()).filter(within);
    let Some(first) = inside.next() else { return Some(Vec::new()) };
    let last = inside.next_back().unwrap_or(first);
    let from = touched(&old, first)?.start..touched(&old, last)?.end;
    let to = touched(&new, first)?.start..touched(&new, last)?.end;
    Some(difference(text.get(from.clone())?, formatted.get(to)?, from.start).into_iter().collect())
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
