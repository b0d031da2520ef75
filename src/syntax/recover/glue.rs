//! A keyword that is run into a name: Chinese has no blanks of its own.
//!
//! In: a run of characters that is read as one name. Out: the keyword in it and the way
//! out: the blank put in, where what is left can be a name; or the words to leave out,
//! where they say what the clause says by itself (`每家企业每年最高`, `按比例折算`).

use super::super::keyword::keywords;
use super::super::scan::fold_width;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::source::Span;

/// A keyword within a run, and what to write.
pub struct Glued<'w> {
    keyword: &'w str,
    way_out: WayOut,
}

enum WayOut {
    /// The run with its blank.
    Space(String),
    /// What is left out, and what remains; whether it named a period or a holder.
    LeaveOut { words: String, rest: String, is_scope: bool },
    /// Nothing that is sure to be right.
    Unsure,
}

impl Glued<'_> {
    /// That the keyword is run into what stands beside it.
    pub fn diagnostic(self, span: Span, word: &str) -> Diagnostic {
        let diagnostic = Diagnostic::new(Code::GluedKeyword).at(span).with("name", word).with("other", self.keyword);
        match self.way_out {
            WayOut::LeaveOut { words, rest, is_scope } => {
                let reason = is_scope.then(scope_reason);
                diagnostic.with("found", words).with("value", rest).with_some("reason", reason)
            }
            WayOut::Space(fix) => diagnostic.with("fix", fix).with("near", format!("「{word}」")),
            WayOut::Unsure => diagnostic.with("near", format!("「{word}」")),
        }
    }

    /// The same behind a number: `20万元最高`, with the number before what is to be written.
    pub fn behind_number(self, span: Span, number: &str, run: &str) -> Diagnostic {
        let diagnostic = Diagnostic::new(Code::GluedKeyword).at(span).with("name", format!("{number}{run}")).with("other", self.keyword);
        match self.way_out {
            WayOut::Space(fix) => diagnostic.with("fix", format!("{number} {fix}")),
            WayOut::LeaveOut { words, rest, is_scope } => {
                let reason = is_scope.then(scope_reason);
                diagnostic.with("found", words).with("value", format!("{number} {rest}")).with_some("reason", reason)
            }
            WayOut::Unsure => diagnostic,
        }
    }
}

/// Why the words before a cap are not written.
fn scope_reason() -> Argument {
    Argument::phrase(
        "期间和对象不用写：`最高` 管每个申报主体在一个评价期内的数额，`累计最高` 连同以往各期，`单项最高` 管逐个计算的每一项",
        "the period and the holder go without saying: `cap E` acts on each recipient and evaluated period, `cap E cumulative` \
         counts earlier periods too, `cap E each` acts on each item of `for each`",
    )
}

/// The keyword that a word holds at its beginning or end; `is_declared` tells the names that the text declares.
pub fn split_keyword(word: &str, is_declared: impl Fn(&str) -> bool) -> Option<Glued<'_>> {
    if keywords().is_keyword(&fold_width(word).to_ascii_lowercase()) {
        return None;
    }
    cap_behind_scope(word, &is_declared).or_else(|| longest_keyword(word, &is_declared))
}

/// The keyword that the run behind a number begins with, with what follows it.
pub fn split_behind_number(run: &str) -> Option<Glued<'_>> {
    if let Some(glued) = cap_behind_scope(run, &|_| false) {
        return Some(glued);
    }
    let cuts = run.char_indices().map(|(at, c)| at + c.len_utf8());
    let keyword = cuts.filter_map(|cut| run.get(..cut)).filter(|word| keywords().is_keyword(word)).max_by_key(|word| word.len())?;
    let rest = run.get(keyword.len()..).unwrap_or("");
    let way_out = match rest {
        "" => WayOut::Space(keyword.to_owned()),
        _ if may_be_name(rest, &|_| false) => WayOut::Space(format!("{keyword} {rest}")),
        _ => WayOut::Unsure,
    };
    Some(Glued { keyword, way_out })
}

/// `每家企业每年最高`: a cap behind the words for whom or for how long.
fn cap_behind_scope<'w>(word: &'w str, is_declared: &dyn Fn(&str) -> bool) -> Option<Glued<'w>> {
    let caps = ["cap", "cap_each", "cap_cumulative"];
    let forms = caps.iter().filter_map(|id| keywords().get(id)).flat_map(|keyword| &keyword.zh);
    let found = forms.filter_map(|form| {
        let (scope, behind) = word.split_once(form.as_str())?;
        let sound = behind.is_empty() || may_be_name(behind, is_declared);
        (sound && is_scope(scope)).then_some((scope, form, behind))
    });
    let (scope, form, behind) = found.max_by_key(|(_, form, _)| form.len())?;
    let keyword = word.get(scope.len()..scope.len() + form.len())?;
    let caps_item = is_item(scope) && matches!(form.as_str(), "最高" | "不超过" | "最高不超过");
    let form = if caps_item { "单项最高" } else { form.as_str() };
    let rest = if behind.is_empty() { form.to_owned() } else { format!("{form} {behind}") };
    Some(Glued { keyword, way_out: WayOut::LeaveOut { words: scope.to_owned(), rest, is_scope: true } })
}

/// Words that say for whom or for how long: 每家企业, 三年, 同一项目, 合计.
fn is_scope(words: &str) -> bool {
    let begins = ["每", "各", "单个", "单家", "单户", "同一", "一个", "合计", "总计", "共计", "总额", "全年", "年度"];
    let ends = ["年", "年度", "年内", "期内", "期间", "季度"];
    // A longer run that ends in a period may begin with the fact that is capped.
    let short = words.chars().count() <= 4;
    begins.iter().any(|begin| words.starts_with(begin)) || (short && ends.iter().any(|end| words.ends_with(end)))
}

/// 每个项目, 单台: each item of a list, and no recipient or period.
fn is_item(words: &str) -> bool {
    let others = ["企业", "户", "家", "单位", "主体", "公司", "年", "季", "月"];
    (words.starts_with('每') || words.starts_with('单')) && !others.iter().any(|other| words.contains(other))
}

/// Whether a word is a cap behind words of scope: `每年最高`.
pub fn names_scope_of_cap(word: &str) -> bool {
    cap_behind_scope(word, &|_| true).is_some()
}

fn longest_keyword<'w>(word: &'w str, is_declared: &dyn Fn(&str) -> bool) -> Option<Glued<'w>> {
    let mut best: Option<(bool, usize, Glued<'w>)> = None;
    for (cut, _) in word.char_indices().skip(1) {
        let Some((left, right)) = word.split_at_checked(cut) else { continue };
        for (keyword, rest, ahead) in [(left, right, true), (right, left, false)] {
            if !may_be_glued(keyword, ahead) {
                continue;
            }
            let way_out = if ahead && (stands_alone(keyword) || is_stump(keyword, rest)) && !is_declared(rest) {
                WayOut::LeaveOut { words: rest.to_owned(), rest: keyword.to_owned(), is_scope: false }
            } else if may_be_name(rest, is_declared) {
                WayOut::Space(format!("{left} {right}"))
            } else {
                WayOut::Unsure
            };
            let rank = (!matches!(way_out, WayOut::Unsure), keyword.len());
            if best.as_ref().is_none_or(|(sure, length, _)| rank > (*sure, *length)) {
                best = Some((rank.0, rank.1, Glued { keyword, way_out }));
            }
        }
    }
    best.map(|(.., glued)| glued)
}

/// Whether nothing follows a keyword: 按比例, 仅奖励一次.
fn stands_alone(keyword: &str) -> bool {
    let alone = ["pro_rata", "equally", "then_pro_rata", "then_equally", "rest_stays", "rest_by_remainder", "rest_to_largest"];
    let modifiers = ["once", "topping_up", "topping_up_on_paid"];
    let mut ids = alone.iter().chain(&modifiers).filter_map(|id| keywords().get(id));
    ids.any(|known| known.zh.iter().any(|form| form == keyword))
}

/// Whether a single character is left behind the word of an award or a cap: 补贴金, 最高额.
fn is_stump(keyword: &str, rest: &str) -> bool {
    let words = ["award", "cap", "cap_each", "cap_cumulative", "floor"];
    let mut ids = words.iter().filter_map(|id| keywords().get(id));
    rest.chars().nth(1).is_none() && !rest.is_ascii() && ids.any(|known| known.zh.iter().any(|form| form == keyword))
}

/// Whether what is left may be a name: declared, or long enough and free of keywords at its ends.
fn may_be_name(rest: &str, is_declared: &dyn Fn(&str) -> bool) -> bool {
    if is_declared(rest) {
        return true;
    }
    let words = keywords();
    if rest.chars().nth(1).is_none() || words.is_keyword(&fold_width(rest).to_ascii_lowercase()) {
        return false;
    }
    let has_keyword = |cut: usize| {
        let Some((left, right)) = rest.split_at_checked(cut) else { return false };
        let long = |word: &str| word.chars().nth(1).is_some();
        left == "每" || (long(left) && (words.precedes_names(left) || is_period(left))) || (long(right) && (words.follows_names(right) || is_period(right)))
    };
    !rest.char_indices().skip(1).any(|(cut, _)| has_keyword(cut))
}

/// 每年, 每家: words of scope that are keywords.
fn is_period(word: &str) -> bool {
    let mut ids = ["per_year", "per_quarter", "for_each"].iter().filter_map(|id| keywords().get(id));
    ids.any(|known| known.zh.iter().any(|form| form == word))
}

/// Whether a keyword is one that drafters write without a blank: Chinese, and if of one
/// character then one that leads.
fn may_be_glued(word: &str, ahead: bool) -> bool {
    if word.is_ascii() || !keywords().is_keyword(word) {
        return false;
    }
    if word.chars().nth(1).is_none() {
        return ahead && matches!(word, "当" | "按" | "且" | "或" | "每" | "于" | "非");
    }
    // Words of declarations and types are parts of many names; those below are not.
    keywords().iter().any(|keyword| {
        keyword.zh.iter().any(|form| form == word)
            && keyword.place.iter().any(|place| {
                matches!(
                    place.as_str(),
                    "award" | "modifier" | "gate" | "comparison" | "operator" | "round" | "shortage" | "operand" | "condition" | "table"
                )
            })
    })
}
