//! What an award form takes, while it is being typed.
//!
//! In: a text and the byte of the cursor. Out: the form, its parts, and which of them is being
//! typed. The words of the statement before the cursor decide.

use crate::diagnostic::Language;
use crate::syntax::words::{Word, tokens};

/// A form with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// The whole form.
    pub label: String,
    /// Its parts as they stand in the label.
    pub parts: Vec<&'static str>,
    /// Which of them is being typed.
    pub active: usize,
    /// What it pays.
    pub help: &'static str,
}

/// What begins the next part of a form: its kind words.
type Step = (&'static [&'static str], &'static str, &'static str);

const CAP: &[&str] = &["cap", "最高", "不超过", "最高不超过", "cap_each", "cap_cumulative"];
const WHEN: &[&str] = &["when", "unless", "during"];
const RATE: [Step; 5] = [
    (&["award", "recover"], "奖补 比例", "award rate"),
    (&["of", "的"], "的 基数", "of base"),
    (&["for_each"], "每个 清单", "for each list"),
    (CAP, "最高 封顶", "cap amount"),
    (WHEN, "当 条件", "when condition"),
];
const TABLE: [Step; 5] = [
    (&["by"], "奖补 按 事实", "award by fact"),
    (&["{"], "{ 档: 值, … }", "{ key: value, … }"),
    (&["of", "的"], "的 基数", "of base"),
    (CAP, "最高 封顶", "cap amount"),
    (WHEN, "当 条件", "when condition"),
];
const MATCH: [Step; 4] = [
    (&["match"], "奖补 配套 甲:乙", "award match a:b"),
    (&[":"], "另一笔奖励", "other award"),
    (CAP, "最高 封顶", "cap amount"),
    (WHEN, "当 条件", "when condition"),
];

/// The form around the cursor.
pub(super) fn signature(text: &str, byte: usize, language: Language) -> Option<Form> {
    let before = text.get(..byte)?;
    let start = before.rfind("\n\n").map_or(0, |at| at + 2);
    let start = before.get(start..)?.char_indices().map(|(at, _)| start + at).next().unwrap_or(start);
    let (words, comments) = tokens(before.get(start..)?);
    if comments.last().is_some_and(|comment| start + comment.span.end as usize == byte) {
        return None;
    }
    let award = words.iter().rposition(|word| matches!(word.kind, "award" | "recover"))?;
    let own: &[Word] = words.get(award..)?;
    if own.iter().any(|word| is_end(word.kind)) || closes(own) {
        return None;
    }
    let (steps, help): (&[Step], (&str, &str)) = match own {
        all if all.iter().take(3).any(|word| matches!(word.kind, "by" | "marginal" | "slab")) => {
            (&TABLE, ("按等级、分档或者累进", "by level, bracket, or cumulative rates"))
        }
        all if all.iter().take(3).any(|word| word.kind == "match") => (&MATCH, ("按另一笔奖励配套", "matching funds")),
        _ => (&RATE, ("比例或定额，可封顶，可附条件", "a rate or a sum, with a cap and conditions")),
    };
    let mut active = 0;
    for word in own {
        if let Some(at) = steps.iter().position(|(kinds, ..)| kinds.contains(&word.kind)) {
            active = active.max(at);
        }
    }
    let parts: Vec<&'static str> = steps.iter().map(|(_, zh, en)| language.pick(*zh, *en)).collect();
    let between = language.pick("，", " ");
    Some(Form { label: parts.join(between), parts, active, help: language.pick(help.0, help.1) })
}

/// Whether a word begins another statement.
fn is_end(kind: &str) -> bool {
    matches!(kind, "clause" | "article" | "policy" | "record" | "test" | "settle" | "let" | "CLAUSE" | "ARTICLE" | ";")
}

/// Whether the block in which the award stands has been closed.
fn closes(words: &[Word]) -> bool {
    let mut depth = 0_i32;
    words.iter().any(|word| {
        match word.kind {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth < 0
    })
}
