//! The words of a text with what the grammar says of each and what stands before it.
//!
//! In: [`Words`]. Out: [`Piece`]s. Separators between statements are no pieces of their
//! own: the piece behind one remembers it.

use crate::syntax::words::{Node, Rule, Word, Words};

/// What a bracket holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// Statements, each on its own line once the block has more than one line.
    Statements,
    /// The parts of a clause: the award and what follows it.
    Clause,
    /// Rows of a table, or dated values.
    Rows,
    /// Cells of a row, or rows of a list: broken where they were typed so.
    Fill,
    /// An expression in parentheses.
    Parentheses,
}

/// How a piece begins something in its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// A statement or a row.
    Own,
    /// A modifier, a condition and the like within the braces of a clause.
    Part,
    /// The same behind a bare award: it hangs below it.
    Hanging,
    /// A cell, or a row of a list.
    Fill,
}

/// What separated a piece from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// `,` or 、
    Comma,
    /// `，`
    WideComma,
    /// `;` or 。
    Semicolon,
}

/// A comment before a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    /// As it is written.
    pub text: String,
    /// How many lines end before it.
    pub lines: usize,
}

/// A word, and all that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Piece<'t> {
    /// The word.
    pub word: Word<'t>,
    /// The innermost rule around it.
    pub rule: Rule,
    /// Whether it belongs to a call of `min` or `max`.
    pub call: bool,
    /// Whether it ends a range that has no end.
    pub open_end: bool,
    /// What it begins.
    pub member: Option<Member>,
    /// What it opens.
    pub opens: Option<Block>,
    /// Whether it closes a bracket.
    pub closes: bool,
    /// The comments before it.
    pub remarks: Vec<Remark>,
    /// How many lines end before it and behind the last comment.
    pub lines: usize,
    /// What separated it from the piece before.
    pub separator: Option<Separator>,
}

impl Piece<'_> {
    /// Whether anything but blanks on one line stands before it.
    pub fn is_apart(&self) -> bool {
        self.lines > 0 || !self.remarks.is_empty()
    }
}

/// The pieces of a text, and the comments behind the last.
pub(super) fn pieces<'t>(text: &str, words: &Words<'t>) -> (Vec<Piece<'t>>, Vec<Remark>) {
    let marks = Marks::of(words);
    let mut comments = words.comments.iter().peekable();
    let mut out: Vec<Piece> = Vec::with_capacity(words.words.len());
    let mut between = Between::default();
    let mut end = 0;
    for (at, word) in words.words.iter().enumerate() {
        while let Some(comment) = comments.next_if(|comment| (comment.span.start as usize) < word.start) {
            between.remark(lines(text, end, comment.span.start as usize), comment);
            end = comment.span.end as usize;
        }
        between.lines = between.lines.max(lines(text, end, word.start));
        end = word.end;
        let mark = marks.all.get(at).copied().unwrap_or_default();
        if mark.separator {
            between.separate(word);
            continue;
        }
        let Between { remarks, lines, separator } = std::mem::take(&mut between);
        let Mark { rule, call, open_end, member, .. } = mark;
        let opens = opens(word.kind, rule);
        let closes = matches!(word.kind, ")" | "]" | "}");
        out.push(Piece { word: *word, rule, call, open_end, member, opens, closes, remarks, lines, separator });
    }
    for comment in comments {
        between.remark(lines(text, end, comment.span.start as usize), comment);
        end = comment.span.end as usize;
    }
    (out, between.remarks)
}

/// What has been seen since the last piece.
#[derive(Default)]
struct Between {
    remarks: Vec<Remark>,
    lines: usize,
    separator: Option<Separator>,
}

impl Between {
    fn remark(&mut self, lines: usize, comment: &crate::syntax::tree::Comment) {
        let lines = lines.max(std::mem::take(&mut self.lines));
        self.remarks.push(Remark { text: written(comment), lines });
    }

    fn separate(&mut self, word: &Word) {
        let found = match word.text {
            "，" => Separator::WideComma,
            "," | "、" => Separator::Comma,
            _ => Separator::Semicolon,
        };
        // `a ,; b` is separated by the stronger one.
        if self.separator != Some(Separator::Semicolon) {
            self.separator = Some(found);
        }
    }
}

/// A comment as it is written: marks of ASCII, and a blank before its text.
fn written(comment: &crate::syntax::tree::Comment) -> String {
    let marks = if comment.doc { "##" } else { "#" };
    let text = comment.text.as_str();
    match text.chars().next() {
        None => marks.to_owned(),
        Some('#' | '!') => format!("{marks}{text}"),
        Some(_) => format!("{marks} {text}"),
    }
}

/// How many lines end between two places.
fn lines(text: &str, from: usize, to: usize) -> usize {
    let between = text.get(from..to).unwrap_or("");
    let alone = between.matches('\r').count() - between.matches("\r\n").count();
    between.matches('\n').count() + alone
}

fn opens(kind: &str, rule: Rule) -> Option<Block> {
    Some(match (kind, rule) {
        ("(", _) => Block::Parentheses,
        ("[", _) | ("{", Rule::row) => Block::Fill,
        ("{", Rule::table | Rule::parameter) => Block::Rows,
        ("{", Rule::clause_head) => Block::Clause,
        ("{", _) => Block::Statements,
        _ => return None,
    })
}

/// What the grammar says of a word.
#[derive(Debug, Clone, Copy)]
struct Mark {
    rule: Rule,
    call: bool,
    open_end: bool,
    member: Option<Member>,
    separator: bool,
}

impl Default for Mark {
    fn default() -> Self {
        Mark { rule: Rule::file, call: false, open_end: false, member: None, separator: false }
    }
}

/// What the grammar says of all words.
struct Marks<'w, 't> {
    words: &'w [Word<'t>],
    all: Vec<Mark>,
}

impl<'w, 't> Marks<'w, 't> {
    fn of(words: &'w Words<'t>) -> Self {
        let mut marks = Marks { words: &words.words, all: vec![Mark::default(); words.words.len()] };
        for node in &words.nodes {
            marks.node(node);
            marks.member(node.from, Member::Own);
        }
        for (mark, word) in marks.all.iter_mut().zip(&words.words) {
            mark.separator = matches!(word.kind, "," | ";") && separates(mark.rule);
        }
        marks
    }

    fn member(&mut self, at: usize, member: Member) {
        if let Some(mark) = self.all.get_mut(at) {
            mark.member = Some(member);
        }
    }

    fn node(&mut self, node: &Node) {
        for mark in self.all.get_mut(node.from..node.to).unwrap_or_default() {
            mark.rule = node.rule;
            mark.call = node.is_call();
        }
        let last = node.to.checked_sub(1);
        if last.and_then(|last| self.words.get(last)).is_some_and(|word| word.kind == "..")
            && let Some(mark) = last.and_then(|last| self.all.get_mut(last))
            && !matches!(node.rule, Rule::range_op | Rule::sign | Rule::prefix)
        {
            mark.open_end = true;
        }
        for child in &node.children {
            self.node(child);
            if let Some(member) = member(node.rule, child.rule) {
                self.member(child.from, member);
            }
        }
    }
}

/// Whether a comma or semicolon by this rule stands between statements, parts, rows or cells.
fn separates(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::file
            | Rule::policy
            | Rule::article
            | Rule::record
            | Rule::clause
            | Rule::bare_clause
            | Rule::settle
            | Rule::test
            | Rule::parameter
            | Rule::table
            | Rule::rows
            | Rule::row
    )
}

/// What a child of a block begins.
fn member(block: Rule, child: Rule) -> Option<Member> {
    use Rule::*;
    match (block, child) {
        (_, policy_head | article_head | record_head | clause_head | settle_head | test_head) => None,
        (policy | article | record | settle | test, _) => Some(Member::Own),
        (parameter, dated_value) | (table, table_row) => Some(Member::Own),
        (clause, award | let_fact | wording | lead | funded_by) => Some(Member::Own),
        (clause, _) => Some(Member::Part),
        (bare_clause, award) => None,
        (bare_clause, _) => Some(Member::Hanging),
        (row | rows, _) => Some(Member::Fill),
        _ => None,
    }
}
