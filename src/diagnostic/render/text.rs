//! Text made fit to be shown: nothing that moves the cursor or turns the line round, no
//! endless arguments, and lines broken where Chinese and English may be broken.
//!
//! Width is measured by `unicode-width` without its CJK tables: a Chinese character or
//! full-width mark is two columns wide, an ambiguous one (“ ” — … ≥ ①) one.

use unicode_width::UnicodeWidthChar;

/// The longest argument of a message, in characters.
const LONGEST_ARGUMENT: usize = 200;

/// The character as it may be shown: controls, direction marks and invisible characters become `?`.
pub fn visible(c: char) -> char {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => '?',
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => '?',
        _ => c,
    }
}

/// One line of text for a message, shortened if it is very long.
pub fn clean(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_ARGUMENT).map(visible).collect();
    if text.chars().nth(LONGEST_ARGUMENT).is_some() {
        shown.push('…');
    }
    shown
}

/// The columns that a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Breaks a text into lines of at most `most` columns: at blanks and between Chinese
/// characters, never before a closing mark nor after an opening one.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(20);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        if width(&line) + width(word.trim_end()) > most && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_string());
        }
        // A word longer than a line is broken anywhere.
        for c in word.chars() {
            if width(&line) + c.width().unwrap_or(0) > most && c != ' ' {
                lines.push(std::mem::take(&mut line).trim_end().to_string());
            }
            line.push(c);
        }
    }
    lines.push(line.trim_end().to_string());
    lines
}

/// The stretches between which a line may be broken.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            found.extend(text.get(start..at));
            start = at;
        }
        before = Some(c);
    }
    found.extend(text.get(start..));
    found
}

fn may_break(before: char, after: char) -> bool {
    if "，。；：、！？）」』”’》】%％）)],.;:".contains(after) || "（「『“‘《【([".contains(before)
    {
        return false;
    }
    before == ' ' || before.width() == Some(2) || after.width() == Some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_direction_marks_are_not_shown() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\nd"), "a?[31mb?c?d");
        assert_eq!(clean(&"字".repeat(300)).chars().count(), LONGEST_ARGUMENT + 1);
    }

    #[test]
    fn chinese_is_broken_between_characters_and_never_before_a_comma() {
        let lines = wrap("固定资产投资额的百分之五，最高八百万元", 24);
        assert_eq!(lines, ["固定资产投资额的百分之", "五，最高八百万元"]);
        assert!(wrap("add the line `capex : money` to the record", 24).iter().all(|line| width(line) <= 24));
        assert_eq!(wrap(&"x".repeat(50), 20).len(), 3);
    }
}
