//! What can be folded: blocks, runs of comments, long texts.
//!
//! In: a text. Out: first and last lines. It reads tokens only, so that a broken file folds too.

use super::position::Lines;
use crate::syntax::words::tokens;

/// Lines that fold into their first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fold {
    /// The line that stays.
    pub from: usize,
    /// The last line that goes.
    pub to: usize,
    /// Whether it is a run of comments.
    pub comment: bool,
}

/// The folds of a text.
pub(super) fn folds(text: &str, lines: &Lines) -> Vec<Fold> {
    let (words, comments) = tokens(text);
    let mut folds = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for word in &words {
        let line = lines.line_of(word.start);
        match word.kind {
            "{" | "[" | "(" => open.push(line),
            "}" | "]" | ")" => {
                // The line with the closing bracket stays visible.
                if let Some(from) = open.pop()
                    && line > from + 1
                {
                    folds.push(Fold { from, to: line - 1, comment: false });
                }
            }
            "TEXT" => {
                let to = lines.line_of(word.end.saturating_sub(1));
                if to > line {
                    folds.push(Fold { from: line, to, comment: false });
                }
            }
            _ => {}
        }
    }
    let own: Vec<usize> = comments
        .iter()
        .map(|comment| comment.span.start as usize)
        .filter(|start| {
            let line = lines.line_of(*start);
            text.get(lines.start(line, text)..*start).is_some_and(|before| before.trim().is_empty())
        })
        .map(|start| lines.line_of(start))
        .collect();
    for run in own.chunk_by(|a, b| a + 1 == *b) {
        if let (Some(from), Some(to)) = (run.first(), run.last())
            && to > from
        {
            folds.push(Fold { from: *from, to: *to, comment: true });
        }
    }
    folds.sort_by_key(|fold| (fold.from, fold.to));
    folds.dedup_by_key(|fold| fold.from);
    folds
}
