//! What the words of a text are, for whoever colours or completes it.
//!
//! In: a line of the prompt or a policy, whole or half typed. Out: its words with their
//! places and what they are, by the scanner that reads policies.

use std::ops::Range;

use super::keyword::is_name;
use super::scan::{fold_width, scan_line};
use crate::source::FileId;

/// What a word of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A keyword, or a word of a question.
    Keyword,
    /// A name: of a fact, a clause, anything declared.
    Name,
    /// A number, a day.
    Figure,
    /// A quoted text.
    Text,
    /// A comment.
    Comment,
    /// Punctuation.
    Sign,
    /// What cannot be read.
    Faulty,
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its place in bytes.
    pub at: Range<usize>,
    /// What it is.
    pub look: Look,
    /// The kind word of the grammar: `sort_by`, `NAME`.
    pub kind: &'static str,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let scan = scan_line(FileId::default(), text);
    let mut words: Vec<Word> = scan
        .tokens
        .iter()
        .map(|token| Word {
            at: token.start as usize..token.end as usize,
            look: if token.faulty { Look::Faulty } else { look(token.kind) },
            kind: token.kind,
        })
        .collect();
    let place = |span: &crate::source::Span| span.start as usize..span.end as usize;
    words.extend(scan.comments.iter().map(|comment| Word {
        at: place(&comment.span),
        look: Look::Comment,
        kind: "COMMENT",
    }));
    // A character that has no place makes no token.
    let told = scan.diagnostics.iter().filter_map(|diagnostic| diagnostic.spans.first().map(place));
    let unread: Vec<Range<usize>> =
        told.filter(|at| !words.iter().any(|word| word.at.start < at.end && at.start < word.at.end)).collect();
    words.extend(unread.into_iter().map(|at| Word { at, look: Look::Faulty, kind: "" }));
    words.sort_by_key(|word| word.at.start);
    words
}

fn look(kind: &str) -> Look {
    match kind {
        "NAME" => Look::Name,
        "NUMBER" | "DATE" | "MONTHDAY" | "ARTICLE" | "CLAUSE" => Look::Figure,
        "TEXT" => Look::Text,
        // 的, and kind words of several meanings, are words too.
        _ if kind.starts_with(char::is_alphabetic) => Look::Keyword,
        _ => Look::Sign,
    }
}

/// A name as it is written: in 「」 where it would not be read as one.
pub fn written_name(name: &str) -> String {
    let words = words(name);
    let reads = matches!(words.as_slice(), [word] if word.at == (0..name.len()) && is_name(word.kind));
    let prompts = words.first().is_some_and(|word| word.look == Look::Keyword);
    // A word of a question is a name to the grammar, and read as a question all the same.
    if reads && !prompts { name.to_owned() } else { format!("「{name}」") }
}

/// A text as words are compared: full-width letters, digits and signs narrow, in lower case.
pub fn folded(text: &str) -> String {
    fold_width(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Look, words, written_name};

    fn looks(text: &str) -> Vec<(&str, Look)> {
        words(text).into_iter().map(|word| (text.get(word.at).unwrap_or("?"), word.look)).collect()
    }

    #[test]
    fn words_are_what_the_scanner_says_in_either_language_and_width() {
        use Look::*;
        let expected = [("列出", Keyword), ("名称", Name), ("，", Sign), ("合计", Keyword), ("排序按", Keyword)];
        assert_eq!(looks("列出 名称，合计 排序按"), expected);
        let expected = [
            ("sort by", Keyword),
            ("total", Keyword),
            ("desc", Keyword),
            ("top", Keyword),
            ("１０", Figure),
            ("# 十", Comment),
        ];
        assert_eq!(looks("sort by total desc top １０ # 十"), expected);
        assert_eq!(looks("load \"企业.xl"), [("load", Keyword), ("\"企业.xl", Faulty)]);
        assert_eq!(looks("award 5% @"), [("award", Keyword), ("5%", Figure), ("@", Faulty)]);
    }

    #[test]
    fn a_name_that_would_be_read_otherwise_is_quoted() {
        assert_eq!(written_name("增资扩产"), "增资扩产");
        assert_eq!(written_name("2024年专项资金预算"), "「2024年专项资金预算」");
        assert_eq!(written_name("R&D spending"), "「R&D spending」");
        assert_eq!(written_name("当"), "「当」");
    }
}
