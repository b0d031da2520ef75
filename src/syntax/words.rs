//! The words of a text with the grammar's reading of them: what the formatter and the
//! editors need beside the tree.
//!
//! In: a text. Out: its tokens as typed, its comments, and the nodes of the grammar over
//! them. A text that the grammar refuses has its tokens and no nodes.

use pest::Parser;
use pest::iterators::Pair;

use super::grammar::Huiqi;
pub(crate) use super::grammar::Rule;
use super::keyword::{Keyword, keywords};
use super::scan::{Scan, fold_width};
use super::tree::Comment;
use crate::source::FileId;

/// A token as typed.
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
}

impl Word<'_> {
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
    let word = |token: &super::scan::Token| Word {
        kind: token.kind,
        text: scan.source(token),
        start: token.start as usize,
        end: token.end as usize,
    };
    let found = scan.tokens.iter().map(word).collect();
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
    let word = |token: &super::scan::Token| Word {
        kind: token.kind,
        text: scan.source(token),
        start: token.start as usize,
        end: token.end as usize,
    };
    (scan.tokens.iter().map(word).collect(), scan.comments)
}
