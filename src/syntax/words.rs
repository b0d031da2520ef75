//! The words of a text: for whoever lays it out, colours or completes it.
//!
//! In: a policy, or a line of the prompt, whole or half typed. Out: its words as typed, by
//! the scanner that reads policies, and over those of a policy the nodes of the grammar. A
//! text that the grammar refuses has its words and no nodes.

use pest::Parser;
use pest::iterators::Pair;

use super::grammar::Huiqi;
pub(crate) use super::grammar::Rule;
use super::keyword::{Keyword, is_name, keywords};
use super::scan::{Scan, Token, fold_width, scan_line};
use super::tree::Comment;
use crate::source::{FileId, Span};

/// What a word looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
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

/// A word as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// Its kind word: `NAME`, `cap`, `{`, 不超过.
    pub kind: &'static str,
    /// As typed.
    pub text: &'t str,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it looks like.
    pub look: Look,
}

impl<'t> Word<'t> {
    fn of(scan: &Scan<'t>, token: &Token) -> Word<'t> {
        let look = if token.faulty { Look::Faulty } else { look(token.kind) };
        let (start, end) = (token.start as usize, token.end as usize);
        Word { kind: token.kind, text: scan.source(token), start, end, look }
    }

    /// Whether it is written as a word of the language: a keyword, or one that stands as a name.
    pub fn is_keyword(&self) -> bool {
        self.text.starts_with(char::is_alphabetic) && !is_class(self.kind)
    }
}

/// Whether a kind word stands for a class of tokens: NAME, NUMBER, TEXT.
fn is_class(kind: &str) -> bool {
    kind.starts_with(|c: char| c.is_ascii_uppercase())
}

/// What the grammar reads over some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The rule.
    pub rule: Rule,
    /// Its first word.
    pub from: usize,
    /// One past its last word.
    pub to: usize,
    /// What it is made of.
    pub children: Vec<Node>,
}

/// A text in words.
#[derive(Debug)]
pub(crate) struct Words<'t> {
    /// The words in order.
    pub words: Vec<Word<'t>>,
    /// The comments in order.
    pub comments: Vec<Comment>,
    /// What stands in the file; empty where the grammar refuses it.
    pub nodes: Vec<Node>,
}

/// Reads a text in words.
pub(crate) fn words(text: &str) -> Words<'_> {
    let (scan, _, refused) = super::prepare(FileId::default(), text);
    let found = scan.tokens.iter().map(|token| Word::of(&scan, token)).collect();
    let nodes = match Huiqi::parse(Rule::file, &scan.sentence) {
        Ok(pairs) if !refused => {
            pairs.filter(|pair| pair.as_rule() != Rule::EOI).map(|pair| node(&scan, pair)).collect()
        }
        _ => Vec::new(),
    };
    Words { words: found, nodes, comments: scan.comments }
}

/// A pair over the words it covers. Depth is limited before parsing.
fn node(scan: &Scan, pair: Pair<Rule>) -> Node {
    let span = pair.as_span();
    let from = scan.token_at(span.start());
    // The mark of a line belongs to the word behind it, which is no part of a node that ends with the mark.
    let past = usize::from(!pair.as_str().ends_with("NL "));
    let to = if span.end() > span.start() { scan.token_at(span.end() - 1) + past } else { from };
    Node { rule: pair.as_rule(), from, to, children: pair.into_inner().map(|inner| node(scan, inner)).collect() }
}

impl Node {
    /// Whether `min` or `max` is called here with several values, not asked of a list.
    pub fn is_call(&self) -> bool {
        self.rule == Rule::extreme && !self.children.iter().any(|child| child.rule == Rule::over)
    }
}

/// Whether words read by this rule are names, keywords among them.
pub(crate) fn is_name_rule(rule: Rule) -> bool {
    matches!(rule, Rule::name | Rule::who | Rule::plain_name | Rule::plain_soft_name)
}

/// The keyword that a word is where `rule` is the innermost rule around it, `call` telling `min(a, b)`
/// from `min A over L`. Most words are of one keyword; the others are told by their place.
pub(crate) fn meaning(word: &Word, rule: Rule, call: bool) -> Option<&'static Keyword> {
    if !word.is_keyword() || is_name_rule(rule) {
        return None;
    }
    let id = match (word.kind, rule) {
        ("up_to" | "最高" | "不超过" | "至多" | "最高不超过", Rule::up_to) => "up_to",
        ("最高" | "不超过" | "最高不超过", Rule::modifier | Rule::payer_cap) => "cap",
        ("不低于", Rule::modifier) => "floor",
        ("不超过" | "至多", _) => "<=",
        ("不低于", _) => ">=",
        ("min", _) if call => "lesser",
        ("max", _) if call => "greater",
        ("min", _) => "smallest",
        ("max", _) => "largest",
        ("to", Rule::to_record) => "to_record",
        ("in", Rule::scale) => "scale_in",
        ("on", Rule::test_head) => "decided_on",
        ("number", Rule::document_number) => "document_number",
        ("number", _) => "number_type",
        ("text", Rule::type_word) => "text_type",
        ("count", Rule::type_word) => "count_type",
        ("count", _) => "count_of",
        ("from", Rule::from_payer) => "from_payer",
        (kind, _) => kind,
    };
    keywords().get(id)
}

/// A word with full-width letters, digits and signs as ASCII.
pub(crate) fn narrow(word: &str) -> std::borrow::Cow<'_, str> {
    fold_width(word)
}

/// The tokens of a piece of text alone, without a reading of them.
pub(crate) fn tokens(text: &str) -> (Vec<Word<'_>>, Vec<Comment>) {
    let (scan, _, _) = super::prepare(FileId::default(), text);
    (scan.tokens.iter().map(|token| Word::of(&scan, token)).collect(), scan.comments)
}

/// The words of a line of the prompt, in order: comments too, and what cannot be read.
pub(crate) fn of_line(text: &str) -> Vec<Word<'_>> {
    let scan = scan_line(FileId::default(), text);
    let at = |span: &Span, kind: &'static str, look: Look| {
        let (start, end) = (span.start as usize, span.end as usize);
        Word { kind, text: text.get(start..end).unwrap_or(""), start, end, look }
    };
    let mut words: Vec<Word> = scan.tokens.iter().map(|token| Word::of(&scan, token)).collect();
    words.extend(scan.comments.iter().map(|comment| at(&comment.span, "COMMENT", Look::Comment)));
    // A character that has no place makes no token.
    let told = scan.diagnostics.iter().filter_map(|told| Some(at(told.spans.first()?, "", Look::Faulty)));
    let is_word = |told: &Word| words.iter().any(|word| word.start < told.end && told.start < word.end);
    let unread: Vec<Word> = told.filter(|told| !is_word(told)).collect();
    words.extend(unread);
    words.sort_by_key(|word| word.start);
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
pub(crate) fn written_name(name: &str) -> String {
    let words = of_line(name);
    let reads = matches!(words.as_slice(), [word] if word.text == name && is_name(word.kind));
    let prompts = words.first().is_some_and(|word| word.look == Look::Keyword);
    // A word of a question is a name to the grammar, and read as a question all the same.
    if reads && !prompts { name.to_owned() } else { format!("「{name}」") }
}

/// A text as words are compared: full-width letters, digits and signs narrow, in lower case.
pub(crate) fn folded(text: &str) -> String {
    fold_width(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Look, of_line, written_name};

    fn looks(text: &str) -> Vec<(&str, Look)> {
        of_line(text).into_iter().map(|word| (word.text, word.look)).collect()
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
