//! What can be mended or changed at a place.
//!
//! In: an analysed file, a stretch and the diagnostics in it. Out: titled edits. What mends a fault of
//! the syntax is tried first: it is offered only where the fault is gone with it.

use std::ops::Range;

use super::formatting::Replacement;
use super::world::Analysis;
use crate::diagnostic::{Argument, Code, Diagnostic, Language};
use crate::format::format;
use crate::source::{FileId, Span};
use crate::syntax::{self, words::tokens};

/// An edit with a title.
#[derive(Debug, Clone)]
pub(super) struct Action {
    /// What it does.
    pub title: String,
    /// The diagnostic that it mends, by place among those of the analysis.
    pub mends: Option<usize>,
    /// Whether it is the one to take.
    pub preferred: bool,
    /// What is replaced.
    pub edits: Vec<Replacement>,
    /// The language into which the keywords of the file are rewritten, which takes the place of `edits`.
    pub rewrites: Option<Language>,
}

/// The actions at a stretch.
pub(super) fn actions(analysis: &Analysis, at: Range<usize>, language: Language) -> Vec<Action> {
    let mut out = Vec::new();
    for (number, diagnostic) in analysis.policies.diagnostics().iter().enumerate() {
        let Some(span) = diagnostic.spans.first().filter(|span| span.file == analysis.file) else { continue };
        let range = span.start as usize..span.end as usize;
        if range.start <= at.end && at.start <= range.end {
            out.extend(mending(analysis, diagnostic, *span, language).into_iter().map(|(title, edits)| Action {
                title,
                mends: Some(number),
                preferred: true,
                edits,
                rewrites: None,
            }));
        }
    }
    out.extend(comparisons(analysis, &at, language));
    // A file with a fault of the syntax cannot be rewritten.
    let readable = analysis.policies.diagnostics().iter().all(|found| {
        !found.code.as_str().starts_with("HQ01") || found.spans.first().is_none_or(|span| span.file != analysis.file)
    });
    if readable {
        out.extend(languages(analysis.text(), language));
    }
    out
}

fn argument<'d>(diagnostic: &'d Diagnostic, name: &str) -> Option<&'d str> {
    diagnostic.arguments.iter().find(|(other, _)| *other == name).and_then(|(_, argument)| match argument {
        Argument::Plain(text) => Some(text.as_str()),
        Argument::Phrase { .. } => None,
    })
}

type Mending = (String, Vec<Replacement>);

/// What mends a diagnostic.
fn mending(analysis: &Analysis, diagnostic: &Diagnostic, span: Span, language: Language) -> Vec<Mending> {
    let text = analysis.text();
    let range = span.start as usize..span.end as usize;
    let replace = |with: &str| {
        let title = language.pick(format!("改为 `{with}`"), format!("write `{with}`"));
        (title, vec![(range.clone(), with.to_owned())])
    };
    let mut out: Vec<Mending> = Vec::new();
    match diagnostic.code {
        Code::UnknownName
        | Code::UnknownRecord
        | Code::UnknownClause
        | Code::UnknownLevel
        | Code::UnknownUnit
        | Code::UnknownTestCell
        | Code::UnknownPending
        | Code::NotAField
        | Code::UnknownPayer => {
            out.extend(argument(diagnostic, "near").map(|near| replace(&as_typed(text, &range, near))));
        }
        Code::UnknownStatement => out.extend(argument(diagnostic, "near").map(replace)),
        Code::BareNumberForMoney | Code::GluedName => out.extend(argument(diagnostic, "fix").map(replace)),
        Code::UnexpectedText
        | Code::BadDateForm
        | Code::BadNumber
        | Code::GluedKeyword
        | Code::ReservedName
        | Code::TrailingText => {
            for name in ["fix", "value", "near"] {
                out.extend(argument(diagnostic, name).map(replace));
            }
            out.retain(|(_, edits)| mends(text, edits));
        }
        Code::BadCharacter => {
            // A quote of full width, an invisible character: the usual one, or none.
            let usual = argument(diagnostic, "near").map(|near| near.split(' ').map(str::to_owned).collect::<Vec<_>>());
            for with in usual.unwrap_or_default().into_iter().chain([String::new()]) {
                let title = match with.as_str() {
                    "" => language.pick("删去这个字符".to_owned(), "leave the character out".to_owned()),
                    with => language.pick(format!("改为 `{with}`"), format!("write `{with}`")),
                };
                out.push((title, vec![(range.clone(), with)]));
            }
            out.retain(|(_, edits)| mends(text, edits));
        }
        Code::MissingLevel => out.extend(missing_levels(text, diagnostic, &range, language)),
        Code::UnboundedAward => {
            let chinese = text.get(range.clone()).is_some_and(|award| !award.starts_with(|c: char| c.is_ascii()));
            let bound = if chinese { "，最高100万元" } else { " cap 100万" };
            let title = language.pick("加上限额".to_owned(), "add a cap".to_owned());
            out.push((title, vec![(range.end..range.end, bound.to_owned())]));
        }
        Code::RateWithoutKind => {
            let chinese = text.get(range.clone()).is_some_and(|table| table.starts_with('按'));
            for (zh, en) in [("超额累进 ", "marginal "), ("全额累进 ", "slab ")] {
                let word = if chinese { zh } else { en };
                let title = language.pick(format!("写明 `{}`", word.trim()), format!("say `{}`", word.trim()));
                out.push((title, vec![(range.start..range.start, word.to_owned())]));
            }
        }
        _ => {}
    }
    out
}

/// A near name, in quotes where it needs them.
fn as_typed(text: &str, range: &Range<usize>, near: &str) -> String {
    let quoted = text.get(range.clone()).is_some_and(|typed| typed.starts_with('"'));
    if quoted {
        return format!("\"{near}\"");
    }
    super::rename::as_name(near).unwrap_or_else(|| near.to_owned())
}

/// Whether a text has fewer faults of syntax with an edit.
fn mends(text: &str, edits: &[Replacement]) -> bool {
    let Some(edited) = edited(text, edits) else { return false };
    let count = |text: &str| syntax::parse(FileId::default(), text).diagnostics.len();
    count(&edited) < count(text)
}

fn edited(text: &str, edits: &[Replacement]) -> Option<String> {
    let mut edited = text.to_owned();
    for (range, with) in edits.iter().rev() {
        edited.get(range.clone())?;
        edited.replace_range(range.clone(), with);
    }
    Some(edited)
}

/// Rows for the levels that a table leaves out: each with 0, or one for all.
fn missing_levels(text: &str, diagnostic: &Diagnostic, range: &Range<usize>, language: Language) -> Vec<Mending> {
    let (Some(levels), Some(table)) = (argument(diagnostic, "value"), text.get(range.clone())) else {
        return Vec::new();
    };
    let Some(close) = table.rfind('}') else { return Vec::new() };
    let body = table.get(..close).unwrap_or("");
    let chinese = body.starts_with(['按', '超', '全']);
    let end = range.start + body.trim_end().len();
    let broken = body.contains('\n');
    let indent: String = body.lines().last().unwrap_or("").chars().take_while(|c| c.is_whitespace()).collect();
    let own = body.lines().nth(1).map_or(indent, |row| row.chars().take_while(|c| c.is_whitespace()).collect());
    let row = |keys: &str| if broken { format!("\n{own}{keys}: 0") } else { format!(", {keys}: 0") };
    let each: String = levels
        .split('、')
        .map(|level| row(&super::rename::as_name(level).unwrap_or_else(|| level.to_owned())))
        .collect();
    let otherwise = row(if chinese { "其余" } else { "otherwise" });
    vec![
        (language.pick(format!("补上 {levels}"), format!("add rows for {levels}")), vec![(end..end, each)]),
        (language.pick("写明其余为 0".to_owned(), "say that the others get 0".to_owned()), vec![(end..end, otherwise)]),
    ]
}

/// A comparison with its bound, or without it: 超过 and 以上 are told apart by the text.
fn comparisons(analysis: &Analysis, at: &Range<usize>, language: Language) -> Vec<Action> {
    let text = analysis.text();
    let start = text.get(..at.start.min(text.len())).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| start + length);
    let (words, _) = tokens(text.get(start..end).unwrap_or(""));
    let mut out = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let range = start + word.start..start + word.end;
        if !(range.start <= at.end && at.start <= range.end) {
            continue;
        }
        let sign = word.text.starts_with(|c: char| !c.is_alphabetic());
        let (with, zh, en) = match word.kind {
            ">" if sign => (">=", "含本数", "with the bound"),
            ">" => ("达到", "含本数", "with the bound"),
            ">=" if sign => (">", "不含本数", "without the bound"),
            ">=" => ("超过", "不含本数", "without the bound"),
            "<" if sign => ("<=", "含本数", "with the bound"),
            "<" => ("不高于", "含本数", "with the bound"),
            "<=" if sign => ("<", "不含本数", "without the bound"),
            "<=" | "不超过" if number > 0 => ("低于", "不含本数", "without the bound"),
            _ => continue,
        };
        let amount = words.get(number + 1).filter(|next| next.kind == "NUMBER").map_or("", |next| next.text);
        let preferred = says_otherwise(text, amount, matches!(word.kind, ">" | "<"));
        let title = language.pick(format!("改为 `{with}`（{zh}）"), format!("write `{with}`, {en}"));
        out.push(Action { title, mends: None, preferred, edits: vec![(range, with.to_owned())], rewrites: None });
    }
    out
}

/// Whether a wording of the file says the other thing of an amount: 500万元以上 where the clause excludes it.
fn says_otherwise(text: &str, amount: &str, excludes: bool) -> bool {
    let digits: String = amount.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    if digits.is_empty() {
        return false;
    }
    let magnitude: String = amount.chars().skip(digits.len()).take_while(|c| matches!(c, '千' | '万' | '亿')).collect();
    let figure = format!("{digits}{magnitude}");
    text.match_indices(&figure).any(|(at, _)| {
        let before = text.get(..at).unwrap_or("");
        let after = text.get(at + figure.len()..).unwrap_or("").trim_start_matches('元');
        let includes = ["以上", "以下", "及以上", "（含）"].iter().any(|word| after.starts_with(word))
            || ["达到", "不低于", "不少于"].iter().any(|word| before.ends_with(word));
        let without =
            ["超过", "高于", "低于", "不足"].iter().any(|word| before.ends_with(word) && !before.ends_with("不超过"));
        if excludes { includes } else { without }
    })
}

/// The file with its keywords in the other language, worked out once it is asked for.
fn languages(text: &str, language: Language) -> Vec<Action> {
    let (words, _) = tokens(text);
    let offer = |to: Language, zh: &str, en: &str| {
        let other = words.iter().any(|word| word.is_keyword() && word.text.is_ascii() == (to == Language::Chinese));
        let title = language.pick(zh, en).to_owned();
        other.then(|| Action { title, mends: None, preferred: false, edits: Vec::new(), rewrites: Some(to) })
    };
    [
        offer(Language::Chinese, "关键词改为中文", "write keywords in Chinese"),
        offer(Language::English, "关键词改为英文", "write keywords in English"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A text with its keywords in a language; none where it has a fault.
pub(super) fn rewritten(text: &str, to: Language) -> Option<Vec<Replacement>> {
    let formatted = format(FileId::default(), text, Some(to)).ok()?;
    Some(vec![(0..text.len(), formatted)])
}
