//! What can be mended or changed at a place.
//!
//! In: an analysed file, a stretch and the diagnostics in it. Out: titled edits. What mends a fault of
//! the syntax is tried first: it is offered only where the fault is gone with it.

use std::ops::Range;

use super::formatting::Replacement;
use super::slips;
use super::world::Analysis;
use crate::diagnostic::{Argument, Code, Diagnostic, Language};
use crate::format::format;
use crate::source::{FileId, Span};
use crate::syntax::tree::{Item, Part, Property, PropertyKind};
use crate::syntax::words::{Word, tokens};

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

/// The most values of a level that are offered in place of one that is not known.
const MOST_VALUES: usize = 8;

/// The most files that are offered in place of one that is not there.
const MOST_FILES: usize = 3;

/// The actions at a stretch.
pub(super) fn actions(analysis: &Analysis, at: Range<usize>, language: Language) -> Vec<Action> {
    let mut out = Vec::new();
    for (number, diagnostic) in analysis.policies.diagnostics().iter().enumerate() {
        let Some(span) = diagnostic.spans.first().filter(|span| span.file == analysis.file) else { continue };
        let range = span.start as usize..span.end as usize;
        if range.start <= at.end && at.start <= range.end {
            let ways = mending(analysis, diagnostic, *span, language);
            // An editor takes the preferred one by itself: not where it says what the policy has not said,
            // and not one guess of several.
            let sure = match diagnostic.code {
                Code::UnboundedAward | Code::RateWithoutKind => false,
                Code::UnknownLevel | Code::FileNotFound => ways.len() == 1,
                _ => true,
            };
            let ways = ways.into_iter().enumerate();
            let actions = ways.map(|(way, (title, edits))| Action {
                title,
                mends: Some(number),
                preferred: sure && way == 0,
                edits,
                rewrites: None,
            });
            // Both halves of a pair have one mending.
            for action in actions {
                if !out.iter().any(|other: &Action| other.edits == action.edits) {
                    out.push(action);
                }
            }
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
    let titled =
        |(with, edits): slips::Instead| (language.pick(format!("改为 `{with}`"), format!("write `{with}`")), edits);
    let replace = |with: &str| titled((with.to_owned(), vec![(range.clone(), with.to_owned())]));
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
            // Of few values each is offered.
            if diagnostic.code == Code::UnknownLevel && out.is_empty() {
                let values = argument(diagnostic, "expected").map(|values| values.split('、').take(MOST_VALUES));
                out.extend(values.into_iter().flatten().map(|value| replace(&as_typed(text, &range, value))));
            }
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
            out.retain(|(_, edits)| slips::mends(text, edits));
            out.extend(slips::digits(text, &range).into_iter().map(titled));
        }
        Code::BadCharacter => out.extend(characters(text, diagnostic, &range, language)),
        Code::FileNotFound => {
            let written = text.get(range.clone()).unwrap_or("");
            out.extend(used_files(analysis, written).iter().map(|with| replace(with)));
        }
        Code::MissingLevel => out.extend(missing_levels(text, diagnostic, &range, language)),
        Code::UnboundedAward => {
            let chinese = text.get(range.clone()).is_some_and(|award| !award.starts_with(|c: char| c.is_ascii()));
            let bound = if chinese { "，最高100万元" } else { " cap 100万" };
            let title = language
                .pick("加上限额（先写 100 万元，请改成文件的数）", "add a cap (100万 for now: write the document's)");
            out.push((title.to_owned(), vec![(range.end..range.end, bound.to_owned())]));
        }
        Code::RateWithoutKind => out.extend(kinds_of_rates(text, &range, language)),
        _ => {}
    }
    out
}

/// What is meant by a quote of full width, an invisible character: the usual pair, the usual one, or none.
fn characters(text: &str, diagnostic: &Diagnostic, range: &Range<usize>, language: Language) -> Vec<Mending> {
    let writes = |with: &str| language.pick(format!("改为 `{with}`"), format!("write `{with}`"));
    let pairs = slips::pairs(text, range);
    if !pairs.is_empty() {
        return pairs.into_iter().map(|(with, edits)| (writes(&with), edits)).collect();
    }
    let usual = argument(diagnostic, "near").into_iter().flat_map(|near| near.split(' ')).chain([""]);
    let mut out: Vec<Mending> = usual
        .map(|with| {
            let none = || language.pick("删去这个字符", "leave the character out").to_owned();
            let title = if with.is_empty() { none() } else { writes(with) };
            (title, vec![(range.clone(), with.to_owned())])
        })
        .collect();
    out.retain(|(_, edits)| slips::mends(text, edits));
    out
}

/// The two ways in which rates of a table may add up.
fn kinds_of_rates(text: &str, range: &Range<usize>, language: Language) -> Vec<Mending> {
    let chinese = text.get(range.clone()).is_some_and(|table| table.starts_with('按'));
    let kinds = [("超额累进 ", "marginal "), ("全额累进 ", "slab ")];
    let said = kinds.map(|(zh, en)| {
        let word = if chinese { zh } else { en };
        let title = language.pick(format!("写明 `{}`", word.trim()), format!("say `{}`", word.trim()));
        (title, vec![(range.start..range.start, word.to_owned())])
    });
    said.into()
}

/// Files that a `use` of one that is not there may mean: those in its folder, the near one alone if there is one.
fn used_files(analysis: &Analysis, written: &str) -> Vec<String> {
    let found = (|| {
        let own = analysis.path(analysis.file)?;
        let used = written.trim_matches(['"', '“', '”']);
        let (folder, name) = used.rsplit_once('/').unwrap_or((".", used));
        let entries = std::fs::read_dir(own.parent()?.join(folder)).ok()?;
        let paths = entries.flatten().map(|entry| entry.path()).filter(|path| path != own);
        let named = paths.filter_map(|path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned));
        let mut names: Vec<String> = named.filter(|name| name.ends_with(".hq")).collect();
        names.sort();
        let near = crate::resolve::nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let names = near.map_or_else(|| names.into_iter().take(MOST_FILES).collect(), |near| vec![near]);
        Some(names.into_iter().map(|other| written.replacen(name, &other, 1)).collect())
    })();
    found.unwrap_or_default()
}

/// A near name, in quotes where it needs them.
fn as_typed(text: &str, range: &Range<usize>, near: &str) -> String {
    let quoted = text.get(range.clone()).is_some_and(|typed| typed.starts_with('"'));
    if quoted {
        return format!("\"{near}\"");
    }
    super::rename::as_name(near).unwrap_or_else(|| near.to_owned())
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
        if !(start + word.start <= at.end && at.start <= start + word.end) {
            continue;
        }
        let Some(Other { from, to, with, amount, excludes }) = other(&words, number, word) else { continue };
        let preferred = says_otherwise(&wordings(analysis, start + word.start), amount, excludes);
        let (zh, en) = if excludes { ("含本数", "with the bound") } else { ("不含本数", "without the bound") };
        let title = language.pick(format!("改为 `{with}`（{zh}）"), format!("write `{with}`, {en}"));
        let edits = vec![(start + from..start + to, with)];
        out.push(Action { title, mends: None, preferred, edits, rewrites: None });
    }
    out
}

/// The other way to write a comparison.
struct Other<'w> {
    /// What it takes the place of.
    from: usize,
    to: usize,
    with: String,
    /// The amount that is compared with.
    amount: &'w str,
    /// Whether the comparison leaves the bound out as it is written.
    excludes: bool,
}

/// The other way to write the comparison at a word: with its bound, or without it.
fn other<'w>(words: &[Word<'w>], number: usize, word: &Word<'w>) -> Option<Other<'w>> {
    let sign = word.text.starts_with(|c: char| !c.is_alphabetic());
    let before = number.checked_sub(1).and_then(|before| words.get(before));
    // 500万元以上: the amount stands before the word.
    if matches!(word.kind, "or_more" | "or_less") {
        let amount = before.filter(|before| before.kind == "NUMBER")?;
        let with = match (word.kind, word.text.is_ascii()) {
            ("or_more", true) => ">",
            ("or_more", false) => "超过",
            (_, true) => "<",
            (_, false) => "低于",
        };
        let with = format!("{with} {}", amount.text);
        return Some(Other { from: amount.start, to: word.end, with, amount: amount.text, excludes: false });
    }
    let with = match word.kind {
        ">" if sign => ">=",
        ">" => "达到",
        ">=" if sign => ">",
        ">=" => "超过",
        "<" if sign => "<=",
        "<" => "不高于",
        "<=" if sign => "<",
        "<=" | "不超过" if number > 0 => "低于",
        _ => return None,
    };
    let amount = words.get(number + 1).filter(|next| next.kind == "NUMBER").map_or("", |next| next.text);
    let excludes = matches!(word.kind, ">" | "<");
    Some(Other { from: word.start, to: word.end, with: with.to_owned(), amount, excludes })
}

/// The wordings of the article and the clause around a byte.
fn wordings(analysis: &Analysis, at: usize) -> Vec<String> {
    fn collect(items: &[Item], holds: &dyn Fn(Span) -> bool, out: &mut Vec<String>) {
        let mut wording = |property: &Property| {
            if let PropertyKind::Text(text) = &property.kind {
                out.push(text.text.to_string());
            }
        };
        for item in items {
            match item {
                Item::Property(property) => wording(property),
                Item::Clause(clause) if holds(clause.span) => clause.parts.iter().for_each(|part| {
                    if let Part::Property(property) = part {
                        wording(property);
                    }
                }),
                _ => {}
            }
        }
        for item in items {
            match item {
                Item::Policy(policy) if holds(policy.span) => collect(&policy.items, holds, out),
                Item::Article(article) if holds(article.span) => collect(&article.items, holds, out),
                _ => {}
            }
        }
    }
    let holds = |span: Span| (span.start as usize..=span.end as usize).contains(&at);
    let mut out = Vec::new();
    collect(analysis.tree().map_or(&[][..], |tree| &tree.items), &holds, &mut out);
    out
}

/// Whether a wording says the other thing of an amount: 500万元以上 where the clause excludes it.
fn says_otherwise(wordings: &[String], amount: &str, excludes: bool) -> bool {
    let digits: String = amount.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    if digits.is_empty() {
        return false;
    }
    let magnitude: String = amount.chars().skip(digits.len()).take_while(|c| matches!(c, '千' | '万' | '亿')).collect();
    let figure = format!("{digits}{magnitude}");
    let says = |text: &String, at: usize| {
        let before = text.get(..at).unwrap_or("");
        let after = text.get(at + figure.len()..).unwrap_or("").trim_start_matches('元');
        let includes = ["以上", "以下", "及以上", "（含）"].iter().any(|word| after.starts_with(word))
            || ["达到", "不低于", "不少于"].iter().any(|word| before.ends_with(word));
        let without =
            ["超过", "高于", "低于", "不足"].iter().any(|word| before.ends_with(word) && !before.ends_with("不超过"));
        if excludes { includes } else { without }
    };
    // 1500万 and 500万元 are other amounts.
    let whole = |text: &String, at: usize| {
        !text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit() || c == '.'))
    };
    wordings.iter().any(|text| text.match_indices(&figure).any(|(at, _)| whole(text, at) && says(text, at)))
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
