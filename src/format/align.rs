//! Columns: the types of facts, the values of table rows, the cells of rows given in a
//! test, and comments at the ends of lines.
//!
//! In: lines with marks where a column may begin. Out: the text, with blanks so that
//! neighbouring lines agree. A Chinese character counts two columns wide.

use unicode_width::UnicodeWidthStr;

/// What begins at a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// The type of a fact.
    Type,
    /// The value of a table row.
    Value,
    /// The next cell of a row.
    Cell,
}

/// One line of the text to be.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// How far it is indented.
    pub indent: usize,
    /// Whether an empty line stands before it.
    pub blank_before: bool,
    /// What is written.
    pub text: String,
    /// The columns that may begin in it, by byte.
    pub marks: Vec<(usize, Column)>,
    /// The comment at its end.
    pub comment: Option<String>,
    /// The names of the cells, where the line is a row of a list.
    pub cells: Option<String>,
}

/// Comments at the ends of lines that differ by more than this are not brought below each other.
const FARTHEST_COMMENT: usize = 40;

/// Brings neighbouring lines into columns.
pub(super) fn align(lines: &mut [Line]) {
    for group in groups(lines, |line| line.cells.clone().filter(|_| !line.marks.is_empty())) {
        let columns = group.first().map_or(0, |line| line.marks.len());
        for column in 0..columns {
            pad(group, |line| line.marks.get(column).map(|(at, _)| *at), usize::MAX);
        }
    }
    let first = |line: &Line| {
        let (_, column) = line.marks.first()?;
        line.cells.is_none().then(|| column.clone())
    };
    for group in groups(lines, first) {
        pad(group, |line| line.marks.first().map(|(at, _)| *at), usize::MAX);
    }
    for group in groups(lines, |line| line.comment.as_ref().map(|_| ())) {
        pad(group, |line| Some(line.text.len()), FARTHEST_COMMENT);
    }
}

/// Runs of lines that belong together: neighbours of one indentation and one kind.
fn groups<K: PartialEq>(lines: &mut [Line], kind: impl Fn(&Line) -> Option<K>) -> Vec<&mut [Line]> {
    lines
        .chunk_by_mut(|a, b| {
            !b.blank_before
                && a.indent == b.indent
                && kind(a).is_some_and(|first| kind(b).is_some_and(|second| first == second))
        })
        .filter(|group| group.len() > 1)
        .collect()
}

/// Inserts blanks so that a place is equally far from the left in all lines.
fn pad(group: &mut [Line], place: impl Fn(&Line) -> Option<usize>, farthest: usize) {
    let width = |line: &Line| line.text.get(..place(line)?).map(UnicodeWidthStr::width);
    let widths: Vec<Option<usize>> = group.iter().map(width).collect();
    let (Some(widest), Some(narrowest)) =
        (widths.iter().flatten().copied().max(), widths.iter().flatten().copied().min())
    else {
        return;
    };
    if widest - narrowest > farthest {
        return;
    }
    for (line, width) in group.iter_mut().zip(widths) {
        let (Some(at), Some(width)) = (place(line), width) else { continue };
        let blanks = widest - width;
        line.text.insert_str(at, &" ".repeat(blanks));
        for (mark, _) in line.marks.iter_mut().filter(|(mark, _)| *mark >= at) {
            *mark += blanks;
        }
    }
}

/// The lines as text.
pub(super) fn text(lines: &[Line], line_end: &str) -> String {
    let mut out = String::new();
    for line in lines {
        if line.blank_before {
            out.push_str(line_end);
        }
        if !(line.text.is_empty() && line.comment.is_none()) {
            out.push_str(&" ".repeat(line.indent));
        }
        out.push_str(line.text.trim_end());
        if let Some(comment) = &line.comment {
            let padding = line.text.len() - line.text.trim_end().len();
            out.push_str(&" ".repeat(padding + 2));
            out.push_str(comment);
        }
        out.push_str(line_end);
    }
    out
}
