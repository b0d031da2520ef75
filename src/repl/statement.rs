//! A block of text taken apart into statements.
//!
//! A statement ends with its line, unless a brace, a parenthesis or a quoted text is open,
//! or the next line is indented or begins with what can only go on. Comments end nothing.

/// The statements of a block, each with its lines.
pub fn statements(block: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut open = Open::default();
    for line in block.split_inclusive('\n') {
        if at > start && open.is_none() && !goes_on(line) {
            out.extend(block.get(start..at));
            start = at;
        }
        open.read(line);
        at += line.len();
    }
    out.extend(block.get(start..).filter(|rest| !rest.is_empty()));
    out.retain(|statement| !statement.trim().is_empty());
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
    use super::{is_whole, statements};

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
    fn braces_in_texts_and_comments_open_nothing() {
        assert!(is_whole("let A = pending \"待定{\"  # {"));
        assert!(is_whole("奖补 20万，当 名称 = “（甲”"));
        assert!(!is_whole("clause A ｛\n"));
        assert!(!is_whole("text \"\"\"第一条 }\n"));
        assert!(is_whole("clause 「A{」 { award 1万 }"));
    }
}
