//! Characters to tokens, and tokens to the sentence of kind words that the grammar reads.
//!
//! In: a text. Out: tokens with their places and kind words, comments apart, and what is
//! wrong with single characters, quotes, numbers and dates. Full-width forms are folded
//! here, token by token; keywords of both languages become their ids. What is wrong
//! still becomes a token, so that one bad character does not cost its clause.

use std::borrow::Cow;

use pest::Parser;
use smol_str::SmolStr;

use super::keyword::{Form, keywords};
use super::recover::split_behind_number;
use super::tree::{Comment, Name};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};

#[allow(missing_docs, reason = "the grammar documents its rules")]
mod grammar {
    /// Characters to tokens.
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/tokens.pest"]
    pub struct Tokens;
}

use grammar::{Rule, Tokens};

/// A token: its kind word and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// `NAME`, `cap`, `{`.
    pub kind: &'static str,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Whether it is the first of its line.
    pub begins_line: bool,
    /// Whether it has been reported already: later stages get poison.
    pub faulty: bool,
}

/// The tokens of a text and its sentence of kind words.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    /// The file.
    pub file: FileId,
    /// The text.
    pub text: &'t str,
    /// The tokens.
    pub tokens: Vec<Token>,
    /// The comments.
    pub comments: Vec<Comment>,
    /// What is wrong with single tokens.
    pub diagnostics: Vec<Diagnostic>,
    /// The kind words, each followed by a blank.
    pub sentence: String,
    /// The token that each byte of the sentence belongs to.
    token_at: Vec<u32>,
    /// Where in the sentence each token begins, its `NL` mark included.
    starts: Vec<u32>,
}

impl<'t> Scan<'t> {
    /// The text of a token, as typed.
    pub fn source(&self, token: &Token) -> &'t str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    /// The place of a token.
    pub fn span(&self, token: &Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    /// A token as a name: full-width letters folded, quotes taken off.
    pub fn name(&self, token: &Token) -> Name {
        let source = self.source(token);
        let span = self.span(token);
        match source.strip_prefix('「') {
            Some(inner) => Name { text: SmolStr::new(inner.strip_suffix('」').unwrap_or(inner)), span, quoted: true },
            None => Name { text: SmolStr::new(fold_width(source)), span, quoted: false },
        }
    }

    /// The number of the token that a byte of the sentence belongs to; the number of tokens behind the last.
    pub fn token_at(&self, byte: usize) -> usize {
        self.token_at.get(byte).map_or(self.tokens.len(), |&token| token as usize)
    }

    /// The part of the sentence for the tokens `from..to`, and where it begins.
    pub fn slice(&self, from: usize, to: usize) -> (usize, &str) {
        let at = |token: usize| self.starts.get(token).map_or(self.sentence.len(), |&start| start as usize);
        let (start, end) = (at(from), at(to));
        (start, self.sentence.get(start..end).unwrap_or(""))
    }

    /// The empty place at the end of the text.
    pub fn end(&self) -> Span {
        Span::new(self.file, self.text.len(), self.text.len())
    }
}

/// Scans a text.
pub(super) fn scan(file: FileId, text: &str) -> Scan<'_> {
    scan_with(file, text, false)
}

/// Scans a line of the prompt, where the words of questions are keywords too.
pub(super) fn scan_line(file: FileId, text: &str) -> Scan<'_> {
    scan_with(file, text, true)
}

fn scan_with(file: FileId, text: &str, at_prompt: bool) -> Scan<'_> {
    let mut scanner = Scanner::new(file, text);
    scanner.at_prompt = at_prompt;
    match Tokens::parse(Rule::tokens, text) {
        Ok(pairs) => {
            for pair in pairs {
                let span = pair.as_span();
                scanner.token(pair.as_rule(), span.start(), span.end());
            }
        }
        // The last alternative takes any character, so only a lack of stack leads here.
        Err(_) => scanner.report(Code::TooLarge, 0, text.len()),
    }
    scanner.merge_keywords();
    scanner.finish()
}

struct Scanner<'t> {
    file: FileId,
    text: &'t str,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    begins_line: bool,
    /// The words of questions are keywords.
    at_prompt: bool,
}

impl<'t> Scanner<'t> {
    fn new(file: FileId, text: &'t str) -> Self {
        Scanner {
            file,
            text,
            tokens: Vec::with_capacity(text.len() / 6),
            comments: Vec::new(),
            diagnostics: Vec::new(),
            begins_line: true,
            at_prompt: false,
        }
    }

    fn source(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    fn report(&mut self, code: Code, start: usize, end: usize) {
        let found = self.source(start, end);
        let found: SmolStr = found.chars().take(40).collect();
        self.diagnostics.push(Diagnostic::new(code).at(Span::new(self.file, start, end)).with("found", found));
    }

    fn push(&mut self, kind: &'static str, start: usize, end: usize, faulty: bool) {
        let span = Span::new(self.file, start, end);
        self.tokens.push(Token { kind, start: span.start, end: span.end, begins_line: self.begins_line, faulty });
        self.begins_line = false;
    }

    fn token(&mut self, rule: Rule, start: usize, end: usize) {
        match rule {
            Rule::newline => self.begins_line = true,
            Rule::word => self.push("NAME", start, end, false),
            Rule::sign => self.push(sign(self.source(start, end)), start, end, false),
            Rule::number => self.number(start, end),
            Rule::date => self.push("DATE", start, end, false),
            Rule::month_day => self.push("MONTHDAY", start, end, false),
            Rule::text => self.push("TEXT", start, end, false),
            Rule::quoted_name => self.push("NAME", start, end, false),
            Rule::article_number => self.push("ARTICLE", start, end, false),
            Rule::clause_number => self.push("CLAUSE", start, end, false),
            Rule::comment => self.comment(start, end),
            Rule::bad_date => self.bad_date(start, end),
            Rule::bad_number | Rule::bad_fraction => {
                self.report(Code::BadNumber, start, end);
                let fix = right_number(self.source(start, end));
                if let Some(diagnostic) = self.diagnostics.pop() {
                    self.diagnostics.push(diagnostic.with_some("fix", fix));
                }
                self.push("NUMBER", start, end, true);
            }
            Rule::unclosed_text | Rule::unclosed_name => {
                let kind = if rule == Rule::unclosed_text { "TEXT" } else { "NAME" };
                self.unclosed_quote(start, end);
                self.push(kind, start, end, true);
            }
            Rule::unknown => self.unknown(start, end),
            _ => {}
        }
    }

    /// A number; `800万元当…` is a number and a keyword written together.
    fn number(&mut self, start: usize, end: usize) {
        let whole = self.source(start, end);
        let parts = whole.find("元").map(|yuan| yuan + "元".len()).and_then(|after| whole.split_at_checked(after));
        let parts = parts.filter(|(_, run)| !run.is_empty() && !run.starts_with(['/', '／']));
        let glued = parts.and_then(|(number, run)| Some((number, run, split_behind_number(run)?)));
        let faulty = glued.is_some();
        if let Some((number, run, glued)) = glued {
            let place = Span::new(self.file, start, end);
            self.diagnostics.push(glued.behind_number(place, number, run));
        }
        self.push("NUMBER", start, end, faulty);
    }

    fn comment(&mut self, start: usize, end: usize) {
        let whole = self.source(start, end).trim_end();
        let marks = whole.chars().take_while(|c| matches!(c, '#' | '＃')).take(2);
        let length = marks.clone().map(char::len_utf8).sum::<usize>();
        let text = whole.get(length..).unwrap_or("");
        self.comments.push(Comment {
            span: Span::new(self.file, start, start + whole.len()),
            text: SmolStr::new(text.strip_prefix([' ', '\u{3000}']).unwrap_or(text)),
            doc: marks.count() == 2,
        });
    }

    fn unclosed_quote(&mut self, start: usize, end: usize) {
        let whole = self.source(start, end);
        let (open, close) = match whole.chars().next() {
            Some('「') => ("「", "」"),
            Some('“') => ("“", "”"),
            _ if whole.starts_with("\"\"\"") => ("\"\"\"", "\"\"\""),
            _ => ("\"", "\""),
        };
        let many = (open != "「").then_some("\"\"\"");
        let place = Span::new(self.file, start, start + whole.trim_end().len());
        self.diagnostics.push(
            Diagnostic::new(Code::UnclosedQuote)
                .at(place)
                .with("found", open)
                .with("expected", close)
                .with_some("other", many),
        );
    }

    fn bad_date(&mut self, start: usize, end: usize) {
        let found = self.source(start, end);
        self.diagnostics.push(
            Diagnostic::new(Code::BadDateForm)
                .at(Span::new(self.file, start, end))
                .with("found", found)
                .with("fix", right_date(found)),
        );
        self.push("DATE", start, end, true);
    }

    fn unknown(&mut self, start: usize, end: usize) {
        let character = self.source(start, end).chars().next().unwrap_or(' ');
        // A run of the same trouble is told once.
        let again = self.diagnostics.last_mut().filter(|d| d.code == Code::BadCharacter);
        if let Some(span) = again.and_then(|d| d.spans.first_mut()).filter(|span| span.end as usize == start) {
            *span = span.to(Span::new(self.file, start, end));
            return;
        }
        let found =
            if is_invisible(character) { format!("U+{:04X}", u32::from(character)) } else { character.to_string() };
        let diagnostic = Diagnostic::new(Code::BadCharacter)
            .at(Span::new(self.file, start, end))
            .with("found", found)
            .with_some("near", usual_character(character));
        self.diagnostics.push(diagnostic);
    }

    /// Folds words that are keywords, several words of one line into one token.
    fn merge_keywords(&mut self) {
        let mut kept = 0;
        let mut at = 0;
        while let Some(&token) = self.tokens.get(at) {
            let mut token = token;
            at += 1;
            if token.kind == "NAME" && !token.faulty {
                let word = fold_word(self.source(token.start as usize, token.end as usize));
                let forms = keywords().forms_at_prompt(&word).filter(|_| self.at_prompt);
                let mut forms = forms.into_iter().chain([keywords().forms_of(&word)]).flatten();
                if let Some(form) = forms.find(|form| self.follows(form, at)) {
                    at += form.rest.len();
                    token.kind = &form.kind;
                    token.end = at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(token.end, |t| t.end);
                }
            }
            if let Some(place) = self.tokens.get_mut(kept) {
                *place = token;
            }
            kept += 1;
        }
        self.tokens.truncate(kept);
    }

    /// Whether the rest of a form stands at token `at`, on the same line.
    fn follows(&self, form: &Form, at: usize) -> bool {
        form.rest.iter().enumerate().all(|(offset, word)| {
            self.tokens.get(at + offset).is_some_and(|token| {
                token.kind == "NAME"
                    && !token.begins_line
                    && fold_word(self.source(token.start as usize, token.end as usize)) == word.as_str()
            })
        })
    }

    fn finish(self) -> Scan<'t> {
        let Scanner { file, text, tokens, comments, diagnostics, .. } = self;
        let mut sentence = String::with_capacity(tokens.len() * 7);
        let mut token_at = Vec::with_capacity(tokens.len() * 7);
        let mut starts = Vec::with_capacity(tokens.len());
        let mut after_range = false;
        for (number, token) in tokens.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let start = sentence.len();
            starts.push(u32::try_from(start).unwrap_or(u32::MAX));
            if token.begins_line && (after_range || MEANS_MORE_IN_A_LINE.contains(&token.kind)) {
                sentence.push_str("NL ");
            }
            sentence.push_str(token.kind);
            sentence.push(' ');
            token_at.resize(sentence.len(), number);
            after_range = token.kind == "..";
        }
        Scan { file, text, tokens, comments, diagnostics, sentence, token_at, starts }
    }
}

/// Words that begin a modifier, a row or a step at the start of a line, and continue an expression elsewhere.
const MEANS_MORE_IN_A_LINE: [&str; 5] = ["不超过", "不低于", "至多", "in", "round"];

/// The kind word of a punctuation sign, whatever its width.
fn sign(text: &str) -> &'static str {
    match text {
        "的" => "的",
        "，" | "," | "、" => ",",
        "。" | ";" | "；" => ";",
        "：" | ":" | "∶" => ":",
        "{" | "｛" => "{",
        "}" | "｝" => "}",
        "(" | "（" => "(",
        ")" | "）" => ")",
        "[" | "［" => "[",
        "]" | "］" => "]",
        "=" | "＝" => "=",
        ">" | "＞" => ">",
        "<" | "＜" => "<",
        "≥" | "≧" | ">=" | "＞＝" | ">＝" | "＞=" => ">=",
        "≤" | "≦" | "<=" | "＜＝" | "<＝" | "＜=" => "<=",
        ".." | "．．" | "——" | "—" | "–" | "～" | "~" => "..",
        "." | "．" => ".",
        "+" | "＋" => "+",
        "-" | "－" | "−" => "-",
        "*" | "＊" | "×" => "*",
        "/" | "／" | "÷" => "/",
        _ => "!=",
    }
}

/// A word with full-width letters and digits folded, in lower case: what keywords are compared by.
fn fold_word(word: &str) -> Cow<'_, str> {
    let narrow = fold_width(word);
    if narrow.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(narrow.to_ascii_lowercase()) } else { narrow }
}

/// A word with full-width letters, digits and signs as ASCII.
pub(super) fn fold_width(word: &str) -> Cow<'_, str> {
    let is_wide = |c: char| ('\u{FF01}'..='\u{FF5E}').contains(&c);
    if !word.contains(is_wide) {
        return Cow::Borrowed(word);
    }
    let narrow =
        |c: char| u32::from(c).checked_sub(0xFEE0).filter(|_| is_wide(c)).and_then(char::from_u32).unwrap_or(c);
    Cow::Owned(word.chars().map(narrow).collect())
}

/// Controls that change what is shown without being seen.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// The character that is usually meant by one that has no place here.
fn usual_character(c: char) -> Option<&'static str> {
    Some(match c {
        '‘' | '’' | '”' | '＂' | '\'' => "“ ”",
        '」' | '『' | '』' | '【' | '】' | '《' | '》' => "「 」",
        '…' => "..",
        _ => return None,
    })
}

/// How a number that lacks digits at one side of its point, or has commas in odd places, is written.
fn right_number(found: &str) -> Option<String> {
    let folded = fold_width(found);
    if folded.starts_with('.') {
        return Some(format!("0{folded}"));
    }
    if folded.contains(',') {
        return Some(folded.replace(',', ""));
    }
    (folded.matches('.').count() == 1).then(|| folded.replace('.', ""))
}

/// How a date that was written in a faulty form is written: `2023-07-01`.
fn right_date(found: &str) -> String {
    let folded = fold_width(found);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [from, to] if to.len() == 4 => format!("{from}..{to}"),
        [year, quarter] if folded.contains(['Q', 'q']) => {
            format!("{year}Q{}", quarter.chars().next().map_or('1', |c| c.clamp('1', '4')))
        }
        [year, month] => format!("{year}-{month:0>2}"),
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => "2023-07-01".to_owned(),
    }
}
