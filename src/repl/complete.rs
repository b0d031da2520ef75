//! What may come next in a line that is being typed.
//!
//! In: the text before the cursor, and what can be named. Out: where the word in question
//! begins and what may stand there. Words are those of the scanner, keywords those of the
//! one table; they are offered in the language of what is typed, and where nothing is typed
//! yet, in that of the line or of the messages.

use smol_str::SmolStr;

use super::names::Names;
use crate::diagnostic::Language;
use crate::syntax::words::{Look, Word, folded, of_line, written_name};
use crate::syntax::{Keyword, keywords};

/// What may stand where the cursor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Where the word begins that is being typed.
    pub start: usize,
    /// What may take its place.
    pub what: Offered,
}

/// What may stand in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// These words; more than there is room for are cut, so that what they share stays the same.
    Words(Vec<String>),
    /// A file whose name ends so, or a folder; the quotation marks that are still to be written.
    File {
        /// Endings, with their points; none for any.
        endings: &'static [&'static str],
        /// The mark before the name, where it is not there yet.
        open: &'static str,
        /// The mark behind it.
        close: char,
    },
}

/// More than these are no help.
const MOST: usize = 100;

const DATA: &[&str] = &[".csv", ".xlsx", ".json", ".jsonl", ".parquet"];
const POLICY: &[&str] = &[".hq"];
const SESSION: &[&str] = &[".hqs", ".hq"];
const RESULT: &[&str] = &[".xlsx", ".csv", ".parquet", ".md"];
const DRAWING: &[&str] = &[".svg", ".png"];

/// What may stand behind a text.
pub fn complete(names: &Names, text: &str, language: Language) -> Option<Offer> {
    let words = of_line(text);
    let (last, before) = match words.split_last() {
        Some((last, before)) if last.end == text.len() && last.look != Look::Sign => (Some(last), before),
        _ => (None, words.as_slice()),
    };
    if let Some(last) = last {
        match (last.kind, last.look) {
            // A text that is not closed; one that is needs nothing.
            ("TEXT", Look::Faulty) => return in_text(names, before, last.start, last.text),
            ("TEXT" | "COMMENT" | "NUMBER" | "DATE" | "MONTHDAY", _) => return None,
            _ => {}
        }
    }
    let start = last.map_or(text.len(), |last| last.start);
    let typed = last.map_or("", |last| last.text);
    let place = Place {
        names,
        before,
        typed: folded(typed.trim_start_matches('「')),
        language: said_in(text, &words, language),
    };
    if let Some(endings) =
        place.file().filter(|_| typed.is_empty() || last.is_some_and(|last| last.look != Look::Keyword))
    {
        // `load sample` names no file.
        if typed.is_empty() || !place.asks_for("load") {
            return Some(Offer { start, what: Offered::File { endings, open: "\"", close: '"' } });
        }
    }
    let long = long_forms(text, place.language);
    if let Some((start, forms)) = long.filter(|_| !typed.starts_with('「')) {
        return Some(Offer { start, what: Offered::Words(forms) });
    }
    let found = place.words();
    (!found.is_empty()).then(|| Offer { start, what: Offered::Words(cut(found)) })
}

/// What is being typed, with what stands before it.
struct Place<'n> {
    names: &'n Names,
    before: &'n [Word<'n>],
    typed: String,
    language: Language,
}

impl Place<'_> {
    fn kind(&self) -> &'static str {
        self.before.last().map_or("", |word| word.kind)
    }

    /// Whether the line began with this word.
    fn asks_for(&self, kind: &str) -> bool {
        self.before.first().is_some_and(|word| word.kind == kind)
    }

    /// The endings of the file that is to be named here.
    fn file(&self) -> Option<&'static [&'static str]> {
        file_after(self.before)
    }

    /// What fits, the likeliest first.
    fn words(&self) -> Vec<String> {
        let mut found = Vec::new();
        let names = self.names;
        let kind = self.kind();
        match kind {
            "" => {
                self.keywords(&mut found, begins_line);
                // Anything may be asked as an expression, if it is begun.
                if !self.typed.is_empty() {
                    self.names(&mut found);
                    let begins = |keyword: &Keyword| keyword.place.iter().any(|place| begins_value(place));
                    self.keywords(&mut found, |keyword| begins(keyword) || keyword.id == "total");
                }
            }
            "why" | "why_not" | "what_if" | "forget" | "compare" | "with" => {
                self.named(&mut found, [&names.clauses, &names.policies]);
            }
            "plot" => {
                self.named(&mut found, [&names.clauses, &names.facts]);
                self.keywords(&mut found, |keyword| keyword.id == "total");
            }
            "by" | "sort_by" | "then_by" | "over" => {
                self.named(&mut found, [&names.facts, &names.clauses]);
                self.keywords(&mut found, |keyword| keyword.id == "total");
            }
            "solve" => self.keywords(&mut found, |keyword| matches!(keyword.id.as_str(), "cap" | "rate")),
            "的" if self.asks_for("solve") => {
                self.keywords(&mut found, |keyword| matches!(keyword.id.as_str(), "cap" | "rate"));
            }
            "load" => self.keywords(&mut found, |keyword| keyword.id == "sample"),
            "as_record" => self.named(&mut found, [&names.records]),
            "set" => {
                let options = [
                    ["评价期", "period"],
                    ["决定日", "date"],
                    ["引擎", "engine"],
                    ["线程", "threads"],
                    ["行数", "top"],
                ];
                let options = options.map(|[zh, en]| SmolStr::new(self.language.pick(zh, en)));
                self.named(&mut found, [&options.to_vec(), &names.parameters]);
            }
            "help" => {
                self.named(&mut found, [&names.clauses, &names.facts]);
                self.keywords(&mut found, |_| true);
            }
            _ => self.everything(&mut found),
        }
        if found.is_empty() && !self.typed.is_empty() {
            self.everything(&mut found);
        }
        found
    }

    fn everything(&self, found: &mut Vec<String>) {
        self.names(found);
        self.keywords(found, |keyword| keyword.place.iter().all(|place| place != "prompt") || is_inner(keyword));
    }

    fn names(&self, found: &mut Vec<String>) {
        let names = self.names;
        self.named(
            found,
            [&names.facts, &names.clauses, &names.levels, &names.parameters, &names.records, &names.policies],
        );
    }

    fn named<const N: usize>(&self, found: &mut Vec<String>, lists: [&Vec<SmolStr>; N]) {
        for name in lists.into_iter().flatten().filter(|name| folded(name).starts_with(&self.typed)) {
            push(found, written_name(name));
        }
    }

    fn keywords(&self, found: &mut Vec<String>, fits: impl Fn(&Keyword) -> bool) {
        for keyword in keywords().iter().filter(|keyword| fits(keyword)) {
            let forms = self.language.pick(&keyword.zh, &keyword.en);
            // Where nothing is typed, one form of each is enough.
            let most = if self.typed.is_empty() { 1 } else { forms.len() };
            let fitting = forms.iter().take(most).filter(|form| form.starts_with(&self.typed));
            fitting.for_each(|form| push(found, form.clone()));
        }
    }
}

fn push(found: &mut Vec<String>, word: String) {
    if !found.contains(&word) {
        found.push(word);
    }
}

/// Whether a keyword begins a line.
fn begins_line(keyword: &Keyword) -> bool {
    let begins = |place: &String| matches!(place.as_str(), "prompt" | "declaration" | "award");
    (keyword.place.iter().any(begins) && !is_inner(keyword) && keyword.id != "to_record")
        || matches!(keyword.id.as_str(), "sum" | "count" | "average" | "settle")
}

/// Whether keywords of a place begin a value.
fn begins_value(place: &str) -> bool {
    matches!(place, "operand" | "aggregate" | "predeclared")
}

/// Words of questions that stand within them.
fn is_inner(keyword: &Keyword) -> bool {
    matches!(keyword.id.as_str(), "sort_by" | "sample" | "as_record" | "median" | "within")
}

/// The language of the word, of the words before it, or of the messages.
fn said_in(text: &str, words: &[Word], language: Language) -> Language {
    let keyword = |word: &&Word| word.look == Look::Keyword;
    let typed = words.last().filter(|word| word.end == text.len() && word.look != Look::Sign);
    match typed.or_else(|| words.iter().rfind(keyword)).map(|word| word.text) {
        Some(word) if folded(word).is_ascii() => Language::English,
        Some(_) => Language::Chinese,
        None => language,
    }
}

/// What a text that is not closed may go on with.
fn in_text(names: &Names, before: &[Word], at: usize, typed: &str) -> Option<Offer> {
    let open = typed.chars().next()?;
    let start = at + open.len_utf8();
    let typed = typed.get(open.len_utf8()..).unwrap_or("");
    let close = if open == '“' { '”' } else { '"' };
    if let Some(endings) = file_after(before) {
        return Some(Offer { start, what: Offered::File { endings, open: "", close } });
    }
    let asks = before.first().is_some_and(|word| matches!(word.kind, "why" | "why_not" | "plot"));
    if !asks {
        return None;
    }
    let keys = names.keys.beginning(typed);
    let (first, last) = (keys.iter().take(MOST - 1), keys.last().filter(|_| keys.len() >= MOST));
    let found: Vec<String> = first.chain(last).map(|key| format!("{key}{close}")).collect();
    (!found.is_empty()).then_some(Offer { start, what: Offered::Words(found) })
}

/// The endings of the file that is named behind these words.
fn file_after(before: &[Word]) -> Option<&'static [&'static str]> {
    let first = before.first()?.kind;
    match (first, before.last()?.kind) {
        ("load", "load" | ",") => Some(DATA),
        (_, "use") | ("compare", "compare" | "with") => Some(POLICY),
        (_, "replay") => Some(SESSION),
        (_, "save") => Some(SESSION),
        (_, "export") => Some(RESULT),
        ("plot", "to" | "to_record") => Some(DRAWING),
        _ => None,
    }
}

/// Keywords of several words of which all but the end is typed.
fn long_forms(text: &str, language: Language) -> Option<(usize, Vec<String>)> {
    let line = text.rsplit('\n').next().unwrap_or("");
    let folded = folded(line);
    // Folding may make a text shorter: only what keeps its places is looked at.
    if folded.len() != line.len() {
        return None;
    }
    let forms = || keywords().iter().flat_map(|keyword| language.pick(&keyword.zh, &keyword.en));
    let starts = folded.char_indices().filter(|(at, _)| {
        let before = folded.get(..*at).unwrap_or("");
        before.is_empty() || before.ends_with(' ')
    });
    for (at, _) in starts {
        let typed = folded.get(at..).unwrap_or("");
        // Behind a blank anything may stand: `not ` is no half of `not together`.
        if !typed.contains(' ') || typed.ends_with(' ') {
            continue;
        }
        let mut found = Vec::new();
        for form in forms().filter(|form| form.len() > typed.len() && form.starts_with(typed)) {
            push(&mut found, form.clone());
        }
        if !found.is_empty() {
            return Some((text.len() - line.len() + at, found));
        }
    }
    None
}

/// Not more than there is room for; what they begin with in common stays the same.
fn cut(mut found: Vec<String>) -> Vec<String> {
    if found.len() <= MOST {
        return found;
    }
    let first = found.first().cloned().unwrap_or_default();
    let shared = |other: &String| first.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let rest = found.split_off(MOST - 1);
    found.extend(rest.into_iter().min_by_key(shared));
    found
}

#[cfg(test)]
mod tests {
    use super::{Offered, complete};
    use crate::diagnostic::Language;
    use crate::repl::names::Names;

    fn names() -> Names {
        let list = |names: &[&str]| names.iter().map(smol_str::SmolStr::new).collect();
        Names {
            clauses: list(&["增资扩产", "绿色工厂"]),
            facts: list(&["名称", "区县", "固定资产投资额", "2024年 产值", "capex"]),
            levels: list(&["国家级", "省级"]),
            ..Names::default()
        }
    }

    /// The text with each offer in place of the word.
    fn offers(text: &str) -> Vec<String> {
        match complete(&names(), text, Language::Chinese) {
            Some(offer) => match offer.what {
                Offered::Words(words) => {
                    words.into_iter().map(|word| format!("{}{word}", text.get(..offer.start).unwrap_or("?"))).collect()
                }
                Offered::File { endings, open, close } => {
                    vec![format!("{}{open}*{}{close}", text.get(..offer.start).unwrap_or("?"), endings.join("|"))]
                }
            },
            None => Vec::new(),
        }
    }

    #[test]
    fn keywords_are_offered_in_the_language_of_what_is_typed() {
        assert_eq!(offers("sho"), ["show"]);
        assert_eq!(offers("列"), ["列出"]);
        assert_eq!(offers("ｓｈｏ"), ["show"]);
        assert!(offers("").contains(&"载入".to_owned()) && !offers("").contains(&"load".to_owned()));
        assert_eq!(offers("what i"), ["what if"]);
        assert_eq!(offers("show 名称 sort b"), ["show 名称 sort by"]);
        assert_eq!(offers("why n"), ["why not"]);
    }

    #[test]
    fn names_are_offered_where_they_may_stand() {
        assert_eq!(offers("为何 "), ["为何 增资扩产", "为何 绿色工厂"]);
        assert_eq!(offers("why 增"), ["why 增资扩产"]);
        assert_eq!(offers("列出 名称，区"), ["列出 名称，区县"]);
        assert_eq!(offers("奖补 固定"), ["奖补 固定资产投资额"]);
        assert_eq!(offers("令 大户 = 「20"), ["令 大户 = 「2024年 产值」"]);
        assert_eq!(offers("award cap"), ["award capex", "award cap"]);
        assert_eq!(offers("省"), ["省级"]);
    }

    #[test]
    fn files_are_offered_with_their_endings_and_marks() {
        assert_eq!(offers("use "), ["use \"*.hq\""]);
        assert_eq!(offers("载入 “企"), ["载入 “*.csv|.xlsx|.json|.jsonl|.parquet”"]);
        assert_eq!(offers("load \"a.csv\", \"b"), ["load \"a.csv\", \"*.csv|.xlsx|.json|.jsonl|.parquet\""]);
        assert_eq!(offers("load sa"), ["load sample"]);
        assert_eq!(offers("plot total to \""), ["plot total to \"*.svg|.png\""]);
        assert_eq!(offers("show \""), [""; 0]);
        assert_eq!(offers("# 载"), [""; 0]);
        assert_eq!(offers("award 5"), [""; 0]);
    }
}
