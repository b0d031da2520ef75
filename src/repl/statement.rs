//! A block of text taken apart into statements.
//!
//! A statement ends with its line, unless a brace, a parenthesis or a quoted text is open,
//! or the next line is indented or begins with what can only go on. Comments end nothing.

use std::ops::Range;

use super::enter::MANY;
use crate::diagnostic::has_errors;
use crate::source::FileId;
use crate::syntax::{self, Line};

/// The statements of a block, each with its lines.
pub fn statements(block: &str) -> Vec<&str> {
    places(block).into_iter().filter_map(|place| block.get(place)).collect()
}

/// The statements of a block; where very many declarations follow one another, these as one.
pub fn blocks(block: &str) -> Vec<&str> {
    let places = places(block);
    if places.len() <= MANY {
        return statements(block);
    }
    let declares = |place: &Range<usize>| {
        let (line, told) = syntax::parse_line(FileId::default(), block.get(place.clone()).unwrap_or(""));
        matches!(line, Line::Items(tree) if !tree.items.is_empty()) && !has_errors(&told)
    };
    let places: Vec<(bool, Range<usize>)> = places.into_iter().map(|place| (declares(&place), place)).collect();
    let mut out = Vec::new();
    for run in places.chunk_by(|(one, _), (next, _)| *one && *next) {
        match (run.first(), run.last()) {
            (Some((_, first)), Some((_, last))) if run.len() > MANY => out.push(first.start..last.end),
            _ => out.extend(run.iter().map(|(_, place)| place.clone())),
        }
    }
    out.into_iter().filter_map(|place| block.get(place)).collect()
}

/// A block of several statements in two.
pub fn halves(block: &str) -> Option<(&str, &str)> {
    let places = places(block);
    let second = places.get(places.len() / 2).filter(|_| places.len() > 1)?;
    block.split_at_checked(second.start)
}

fn places(block: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut open = Open::default();
    for line in block.split_inclusive('\n') {
        if at > start && open.is_none() && !goes_on(line) {
            out.push(start..at);
            start = at;
        }
        open.read(line);
        at += line.len();
    }
    out.push(start..block.len());
    out.retain(|place| block.get(place.clone()).is_some_and(|statement| !statement.trim().is_empty()));
    out
}

/// Whether a statement is whole: nothing that it opened is open.
pub fn is_whole(text: &str) -> bool {
    let mut open = Open::default();
    text.split_inclusive('\n').for_each(|line| open.read(line));
    open.is_none()
}

/// Whether a line goes on with the statement before it.
fn goes_on(line: &str) -> bool {
    let is_indented = line.starts_with([' ', '\t', '\u{3000}']);
    let first = line.trim_start();
    !first.is_empty() && (is_indented && !first.starts_with(['#', '＃']) || first.starts_with(['}', '｝', ')', '）']))
}

/// What is open at the end of some lines.
#[derive(Debug, Default)]
struct Open {
    depth: usize,
    /// Within three quotes.
    text: bool,
}

impl Open {
    fn is_none(&self) -> bool {
        self.depth == 0 && !self.text
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("\"\"\"") {
                self.text = !self.text;
                rest = after;
                continue;
            }
            rest = rest.get(c.len_utf8()..).unwrap_or("");
            if self.text {
                continue;
            }
            match c {
                '{' | '｛' | '(' | '（' | '[' | '［' => self.depth += 1,
                '}' | '｝' | ')' | '）' | ']' | '］' => self.depth = self.depth.saturating_sub(1),
                '#' | '＃' => return,
                // A text of one line, or a quoted name: what stands in it opens nothing.
                '"' => rest = behind(rest, '"'),
                '“' => rest = behind(rest, '”'),
                '「' => rest = behind(rest, '」'),
                _ => {}
            }
        }
    }
}

/// What stands behind a closing quote; nothing where it is not closed in its line.
fn behind(rest: &str, close: char) -> &str {
    let mut characters = rest.char_indices();
    while let Some((at, c)) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if c == close {
            return rest.get(at + c.len_utf8()..).unwrap_or("");
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::{MANY, blocks, halves, is_whole, statements};

    #[test]
    fn a_statement_ends_with_its_line_unless_something_is_open() {
        let block =
            "load sample\naward 5% of capex\n  cap 800万\n\nwhat if 增资扩产 {\n  award 8% of capex\n}\nshow total\n";
        let found: Vec<&str> = statements(block).into_iter().map(str::trim).collect();
        let expected = [
            "load sample",
            "award 5% of capex\n  cap 800万",
            "what if 增资扩产 {\n  award 8% of capex\n}",
            "show total",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn very_many_declarations_are_taken_together_and_questions_by_themselves() {
        let clauses: String = (0..=MANY).map(|at| format!("款 第{at}款 {{\n  奖补 {at}万\n}}\n")).collect();
        let block = format!("载入 样例\n{clauses}# 到此\n合计\n令 大户 = 营业收入 >= 1亿\n");
        let found = blocks(&block);
        assert_eq!(
            found.iter().map(|one| one.trim()).collect::<Vec<_>>(),
            ["载入 样例", clauses.trim(), "# 到此", "合计", "令 大户 = 营业收入 >= 1亿"]
        );
        let (first, second) = halves(&clauses).unwrap();
        assert_eq!((first.to_owned() + second, statements(first).len()), (clauses.clone(), MANY.div_ceil(2)));
        assert_eq!(halves("award 1万\n\naward 1万\n"), Some(("award 1万\n\n", "award 1万\n")));
        assert_eq!(halves("\naward 1万\n"), None);
        assert_eq!(blocks("1 + 1\n令 甲 = 1\n"), statements("1 + 1\n令 甲 = 1\n"));
    }

    #[test]
    fn braces_in_texts_and_comments_open_nothing() {
        assert!(is_whole("let A = pending \"待定{\"  # {"));
        assert!(is_whole("奖补 20万，当 名称 = “（甲”"));
        assert!(!is_whole("clause A ｛\n"));
        assert!(!is_whole("text \"\"\"第一条 }\n"));
        assert!(is_whole("clause 「A{」 { award 1万 }"));
    }
}
