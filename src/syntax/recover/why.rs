//! Why a stretch of tokens is not what the grammar says: one message in the drafter's words.
//!
//! In: a rule and tokens that it refuses. Out: one diagnostic at the token where the
//! grammar gave up, with the few things that could stand there.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::error::InputLocation;

use super::super::grammar::{Huiqi, Rule};
use super::super::keyword::{is_name, keywords};
use super::super::scan::{Scan, Token, fold_width};
use super::glue::split_keyword;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;

/// Where the grammar gave up and what it could have gone on with.
pub(super) struct Failure {
    pub at: usize,
    pub expected: BTreeSet<String>,
}

/// Tracking what was expected is a switch of the whole process; it is on only under this lock.
static DETAIL: Mutex<()> = Mutex::new(());
/// Longer stretches are told without what was expected.
const MOST_TRACKED: usize = 64 * 1024;

/// Why the tokens `from..to` are not what `rule` says; nothing if they are.
pub fn why(scan: &Scan, rule: Rule, from: usize, to: usize) -> Option<Diagnostic> {
    let mut failure = fail(scan, rule, from, to, "")?;
    // A bound (`500万元以上`) looks one token ahead: the fault is the token before.
    let looked_ahead = !failure.expected.is_empty() && failure.expected.iter().all(|kind| BEHIND_A_BOUND.contains(&kind.as_str()));
    if looked_ahead && failure.at > from {
        let before = failure.at - 1;
        failure = Failure { at: before, expected: fail(scan, rule, from, before, NOTHING_FITS).map_or(BTreeSet::new(), |short| short.expected) };
    }
    let reader = Reader { scan, from, to, failure };
    Some(reader.diagnostic())
}

/// What the grammar asks for behind the number of a bound.
const BEHIND_A_BOUND: [&str; 3] = ["(", "or_more", "or_less"];

/// A kind word that no rule takes.
const NOTHING_FITS: &str = "? ";

/// Where `rule` fails in the tokens `from..to` with a kind word behind them.
fn fail(scan: &Scan, rule: Rule, from: usize, to: usize, behind: &str) -> Option<Failure> {
    let (base, sentence) = scan.slice(from, to);
    let lengthened;
    let sentence = if behind.is_empty() {
        sentence
    } else {
        lengthened = format!("{sentence}{behind}");
        &lengthened
    };
    let tracked = sentence.len() <= MOST_TRACKED;
    let result = if tracked {
        let _guard = DETAIL.lock().unwrap_or_else(PoisonError::into_inner);
        pest::set_error_detail(true);
        let result = Huiqi::parse(rule, sentence).map(drop);
        pest::set_error_detail(false);
        result
    } else {
        Huiqi::parse(rule, sentence).map(drop)
    };
    let error = result.err()?;
    let byte;
    let mut expected = BTreeSet::new();
    match error.parse_attempts() {
        Some(attempts) => {
            byte = attempts.max_position;
            for token in attempts.expected_tokens() {
                // Kind words end in a blank; classes of characters do not.
                if let Some(kind) = token.to_string().strip_suffix(' ') {
                    expected.insert(kind.trim_start_matches("NL ").to_owned());
                }
            }
        }
        None => {
            let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
            byte = at;
        }
    }
    let at = if byte >= sentence.len() { to } else { scan.token_at(base + byte) };
    Some(Failure { at, expected })
}

/// A stretch of tokens that the grammar refuses, and where.
pub(super) struct Reader<'s> {
    pub scan: &'s Scan<'s>,
    pub from: usize,
    pub to: usize,
    pub failure: Failure,
}

impl Reader<'_> {
    fn diagnostic(&self) -> Diagnostic {
        let at = self.failure.at;
        self.hint()
            .or_else(|| self.glued(at))
            .or_else(|| self.glued(at.checked_sub(1).filter(|before| *before >= self.from)?))
            .or_else(|| self.reserved_name())
            .or_else(|| self.divided_name())
            .or_else(|| self.unknown_statement())
            .or_else(|| self.trailing_text())
            .unwrap_or_else(|| self.unexpected())
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        if at < self.to { self.scan.tokens.get(at) } else { None }
    }

    pub(super) fn kind(&self, at: usize) -> &'static str {
        self.token(at).map_or("", |token| token.kind)
    }

    /// The kind word before a token of the stretch.
    pub(super) fn kind_before(&self, at: usize) -> &'static str {
        at.checked_sub(1).filter(|before| *before >= self.from).map_or("", |before| self.kind(before))
    }

    /// The token as typed, or nothing at the end.
    pub(super) fn found(&self, at: usize) -> Option<&str> {
        self.token(at).map(|token| self.scan.source(token))
    }

    /// The place of a token, or directly behind the last.
    pub(super) fn place(&self, at: usize) -> Span {
        match self.token(at) {
            Some(token) => self.scan.span(token),
            None => match at.checked_sub(1).and_then(|last| self.scan.tokens.get(last)) {
                Some(last) => self.scan.span(last).after(),
                None => self.scan.end(),
            },
        }
    }

    /// A name that begins or ends with a keyword, at either side of the fault.
    fn glued(&self, at: usize) -> Option<Diagnostic> {
        let token = self.token(at).filter(|token| token.kind == "NAME" && !token.faulty)?;
        let word = self.scan.source(token);
        if word.starts_with('「') || self.is_declared(word) || usual_word(word).is_some() {
            return None;
        }
        let glued = split_keyword(word, |rest| self.is_declared(rest))?;
        Some(glued.diagnostic(self.scan.span(token), word))
    }

    /// Whether the text declares a name: then it is no slip of the blank.
    fn is_declared(&self, word: &str) -> bool {
        let tokens = &self.scan.tokens;
        tokens.iter().enumerate().any(|(at, token)| {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map_or("", |token| token.kind);
            let after = tokens.get(at + 1).map_or("", |token| token.kind);
            let declares = matches!(before, "let" | "parameter" | "record" | "clause" | "unit")
                || (matches!(after, ":" | "/") && (token.begins_line || before == "/"));
            token.kind == "NAME" && declares && self.scan.source(token) == word
        })
    }

    /// A reserved keyword where a name is declared.
    fn reserved_name(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        let kind = self.kind(at);
        // The number of an article or a clause may stand before its name.
        let numbered = matches!(self.kind_before(at), "TEXT" | "ARTICLE" | "CLAUSE");
        let head = if numbered { at.saturating_sub(1) } else { at };
        let declares = matches!(self.kind_before(head), "let" | "record" | "clause" | "policy" | "article" | "parameter" | "unit" | "/")
            || matches!(self.kind_before(at), "ARTICLE" | "CLAUSE")
            || matches!(self.kind(at + 1), ":" | "/");
        let name = self.found(at)?;
        if !declares || !self.failure.expected.contains("NAME") || !keywords().is_reserved_id(kind) {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::ReservedName).at(self.place(at));
        Some(diagnostic.with("name", name).with("fix", format!("「{name}」")))
    }

    /// `article "四" 首次升规的配套`: 的 ends a name.
    fn divided_name(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        let tokens = self.scan.tokens.get(self.from..self.to)?;
        let offset = at.checked_sub(self.from)?;
        if self.kind(at) != "的" || self.kind_before(at) != "NAME" {
            return None;
        }
        let part = |token: &&Token| !token.begins_line && (token.kind == "的" || is_name(token.kind) || token.kind == "NUMBER");
        let behind = tokens.get(offset..)?.iter().take_while(part).last()?;
        let first = tokens.get(offset.checked_sub(1)?)?;
        let whole = self.scan.text.get(first.start as usize..behind.end as usize)?;
        let diagnostic = Diagnostic::new(Code::UnexpectedText).at(self.place(at)).with("found", "的");
        Some(diagnostic.with_some("expected", self.expected()).with("fix", format!("「{whole}」")))
    }

    /// A first word that begins no statement.
    fn unknown_statement(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        let first = (self.from..self.to).find(|&at| !matches!(self.kind(at), "," | ";"))?;
        if at != first || !matches!(self.kind(at), "NAME" | "ARTICLE" | "CLAUSE") {
            return None;
        }
        let found = self.found(at)?;
        Some(
            Diagnostic::new(Code::UnknownStatement)
                .at(self.place(at))
                .with("found", found)
                .with_some("near", self.near_words(at))
                .with_some("expected", self.expected())
                .with_some("value", self.comma_before(at)),
        )
    }

    /// The comma that ends the line before a token.
    fn comma_before(&self, at: usize) -> Option<&str> {
        let before = self.scan.tokens.get(at.checked_sub(1)?).filter(|token| token.kind == ",")?;
        self.token(at).filter(|token| token.begins_line).map(|_| self.scan.source(before))
    }

    /// Text behind an award that belongs to nothing.
    fn trailing_text(&self) -> Option<Diagnostic> {
        let at = self.failure.at;
        let tokens = self.scan.tokens.get(self.from..at)?;
        let award = tokens.iter().position(|token| matches!(token.kind, "award" | "match" | "recover"))?;
        let ended = self.failure.expected.contains("cap") && self.failure.expected.contains("when");
        if !ended || at >= self.to || !(is_name(self.kind(at)) || matches!(self.kind(at), "NUMBER" | "DATE" | "TEXT" | "MONTHDAY")) {
            return None;
        }
        let first = self.scan.span(tokens.get(award)?);
        let place = self.place(at);
        let whole = first.to(self.scan.span(tokens.last()?));
        Some(Diagnostic::new(Code::TrailingText).at(place).at(whole).with_some("found", self.found(at)).with_some("fix", self.near_words(at)))
    }

    /// The statement that begins with words like those at a token.
    fn near_words(&self, at: usize) -> Option<String> {
        if let Some(meant) = self.found(at).and_then(usual_word) {
            return Some(meant.to_owned());
        }
        let word = self.token(at).filter(|token| token.kind == "NAME").map(|token| self.scan.source(token))?;
        let next = self.token(at + 1).filter(|token| token.kind == "NAME" && !token.begins_line);
        let two = next.and_then(|next| near_statement(&format!("{word} {}", self.scan.source(next))));
        two.or_else(|| near_statement(word))
    }

    fn unexpected(&self) -> Diagnostic {
        Diagnostic::new(Code::UnexpectedText)
            .at(self.place(self.failure.at))
            .with_some("found", self.found(self.failure.at))
            .with_some("expected", self.expected())
            .with_some("fix", self.near_words(self.failure.at).or_else(|| self.doubled_equals()))
    }

    /// `==`: one sign is enough.
    fn doubled_equals(&self) -> Option<String> {
        let at = self.failure.at;
        (self.kind(at) == "=" && self.kind_before(at) == "=").then(|| "=".to_owned())
    }

    /// What could stand at the fault, in at most four phrases.
    fn expected(&self) -> Option<Argument> {
        let phrases = phrases(&self.failure.expected);
        let (last, rest) = phrases.split_last()?;
        if rest.is_empty() {
            return Some(Argument::phrase(last.0.as_str(), last.1.as_str()));
        }
        let zh: Vec<_> = rest.iter().map(|phrase| phrase.0.as_str()).collect();
        let en: Vec<_> = rest.iter().map(|phrase| phrase.1.as_str()).collect();
        let or = if last.0.starts_with('`') { "或 " } else { "或" };
        Some(Argument::phrase(format!("{}{or}{}", zh.join("、"), last.0), format!("{} or {}", en.join(", "), last.1)))
    }
}

/// The statement word that a misspelt word is near to.
pub fn near_statement(found: &str) -> Option<String> {
    let found = fold_width(found).to_lowercase();
    let length = found.chars().count();
    let forms = keywords().iter().filter(|keyword| {
        keyword.place.iter().any(|place| matches!(place.as_str(), "award" | "declaration" | "property" | "settle" | "test" | "modifier" | "gate"))
    });
    let near = forms
        .flat_map(|keyword| keyword.forms())
        .filter(|form| form.chars().count() > 1 && length > 1)
        .map(|form| (strsim::damerau_levenshtein(form, &found), form))
        .min_by_key(|(distance, _)| *distance)?;
    let allowed = if near.1.is_ascii() { (length / 3).clamp(1, 2) } else { 1 };
    (near.0 <= allowed).then(|| near.1.to_owned())
}

/// Words that drafters write for a keyword of this language.
const USUAL_WORDS: [(&str, &str); 20] = [
    ("和", "且"),
    ("以及", "且"),
    ("而且", "且"),
    ("或是", "或"),
    ("如果", "当"),
    ("若", "当"),
    ("条件", "当"),
    ("if", "when"),
    ("上限", "最高"),
    ("最多", "最高"),
    ("maximum", "cap"),
    ("下限", "最低"),
    ("minimum", "floor"),
    ("补贴金", "补贴"),
    ("奖金", "奖补"),
    ("个数", "计数"),
    ("钱", "金额"),
    ("数字", "数值"),
    ("文本", "文字"),
    ("布尔", "是否"),
];

/// The keyword that a usual word stands for.
fn usual_word(word: &str) -> Option<&'static str> {
    USUAL_WORDS.iter().find(|(usual, _)| usual.eq_ignore_ascii_case(word)).map(|(_, keyword)| *keyword)
}

/// The groups of kind words, in the order in which they are named.
const GROUPS: [(&str, &str, &[&str]); 15] = [
    ("限额等修饰（如 `最高 …`）", "a modifier such as `cap …`", &["cap"]),
    ("条件（`当 …`）", "a condition (`when …`)", &["when"]),
    ("数额、名称或算式", "an amount, a name or an expression", &["NUMBER"]),
    ("名称", "a name", &["NAME"]),
    ("引号中的文字", "a quoted text", &["TEXT"]),
    ("类型（`金额`、`数值`、`是否`、`日期`、`文字` 等）", "a type (`money`, `number`, `bool`, `date`, `text` and so on)", &["money"]),
    ("日期", "a date", &["DATE"]),
    ("比较（如 `>=`、`超过`）", "a comparison such as `>=`", &[">="]),
    ("结算步骤（如 `就高 …`）", "a step such as `highest among …`", &["highest_among"]),
    ("`已知 …`、`应为 …`", "`given …`, `expect …`", &["expect"]),
    ("条款、奖补等语句", "a statement such as `clause` or `award`", &["clause", "award"]),
    ("`{`", "`{`", &["{"]),
    ("`}`", "`}`", &["}"]),
    ("`)`", "`)`", &[")"]),
    ("`:`", "`:`", &[":"]),
];

/// What the kind words mean to a drafter.
fn phrases(expected: &BTreeSet<String>) -> Vec<(String, String)> {
    let has = |kind: &str| expected.contains(kind);
    let mut phrases: Vec<(String, String)> = Vec::new();
    for (zh, en, kinds) in GROUPS {
        // A number may be missing wherever a name may; one phrase is enough.
        let covered = ((kinds.contains(&"NAME") || kinds.contains(&"DATE") || kinds.contains(&"TEXT")) && has("NUMBER"))
            || (kinds.contains(&"TEXT") && has("clause"));
        if !covered && kinds.iter().all(|kind| has(kind)) {
            phrases.push((zh.to_owned(), en.to_owned()));
        }
    }
    // Where nothing larger is expected, single keywords say it.
    if phrases.is_empty() {
        for kind in expected {
            let (mut zh, mut en) = (format!("`{kind}`"), format!("`{kind}`"));
            if let Some(keyword) = keywords().get(kind) {
                zh = keyword.zh.first().map_or(zh, |form| format!("`{form}`"));
                en = keyword.en.first().map_or(en, |form| format!("`{form}`"));
            }
            phrases.push((zh, en));
        }
    }
    phrases.truncate(4);
    phrases
}
