//! The keyword table: grammar/keywords.toml, read once.
//!
//! In: nothing. Out: every keyword with its forms, its place and a line of help in both
//! languages, and the folding of a run of words into a kind word. The scanner, the
//! formatter, completion and help all read this table.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// One keyword.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Keyword {
    /// The kind word in the grammar: `highest_among`.
    pub id: String,
    /// The English forms, the first being what the formatter writes.
    pub en: Vec<String>,
    /// 中文形式，第一个是格式化时写出的
    pub zh: Vec<String>,
    /// Where it may stand: `modifier`, `settle`, …
    pub place: Vec<String>,
    /// Whether it can be no name.
    pub reserved: bool,
    /// A line of help.
    pub help_en: String,
    /// 一行说明
    pub help_zh: String,
}

impl Keyword {
    /// Whether the grammar knows it; words of the prompt and names that are always there are for later stages.
    pub fn in_grammar(&self) -> bool {
        !self.place.iter().any(|place| place == "prompt" || place == "predeclared")
    }

    /// All its forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        self.en.iter().chain(&self.zh).map(String::as_str)
    }
}

/// A form of the grammar's keywords: the words it is made of, and what they fold to.
#[derive(Debug)]
pub(super) struct Form {
    /// The words after the first.
    pub rest: Vec<String>,
    /// The kind word.
    pub kind: String,
    /// Whether the form can be no name.
    pub reserved: bool,
}

/// All keywords, with what the scanner needs to find them.
#[derive(Debug)]
pub struct Keywords {
    all: Vec<Keyword>,
    by_first_word: HashMap<String, Vec<Form>>,
    /// The words of questions, which are keywords at the prompt only.
    at_prompt: HashMap<String, Vec<Form>>,
    reserved: HashSet<String>,
}

#[derive(Deserialize)]
struct Table {
    keyword: Vec<Keyword>,
}

static KEYWORDS: LazyLock<Keywords> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is part of the program and a test reads it")]
    let table: Table =
        toml::from_str(include_str!("../../grammar/keywords.toml")).expect("keywords.toml is well formed");
    Keywords::new(table.keyword)
});

/// The keyword table.
pub fn keywords() -> &'static Keywords {
    &KEYWORDS
}

impl Keywords {
    fn new(all: Vec<Keyword>) -> Self {
        let by_first_word = forms_by_first_word(all.iter().filter(|keyword| keyword.in_grammar()));
        let at_prompt =
            forms_by_first_word(all.iter().filter(|keyword| keyword.place.iter().any(|place| place == "prompt")));
        let kinds = by_first_word.values().flatten();
        let reserved = kinds.filter(|form| form.reserved).map(|form| form.kind.clone()).collect();
        Keywords { all, by_first_word, at_prompt, reserved }
    }

    /// Every keyword, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Keyword> {
        self.all.iter()
    }

    /// The keyword of that id.
    pub fn get(&self, id: &str) -> Option<&Keyword> {
        self.all.iter().find(|keyword| keyword.id == id)
    }

    /// Whether a word, folded, is a whole keyword of the grammar by itself.
    pub fn is_keyword(&self, word: &str) -> bool {
        self.forms_of(word).iter().any(|form| form.rest.is_empty())
    }

    /// Whether a word stands directly before a name in a clause: 当, 不超过. 奖励金额 is a name.
    pub fn precedes_names(&self, word: &str) -> bool {
        self.stands_in(word, &["modifier", "gate", "comparison", "operator", "condition"])
    }

    /// Whether a word stands directly behind a name in a clause: 最高, 以上, 且.
    pub fn follows_names(&self, word: &str) -> bool {
        self.stands_in(word, &["modifier", "gate", "comparison", "operator"])
    }

    fn stands_in(&self, word: &str, places: &[&str]) -> bool {
        let own = self.all.iter().filter(|keyword| keyword.forms().any(|form| form == word));
        own.flat_map(|keyword| &keyword.place).any(|place| places.contains(&place.as_str()))
    }

    /// Whether a word, folded, is a keyword that can be no name.
    pub fn is_reserved(&self, word: &str) -> bool {
        self.forms_of(word).iter().any(|form| form.rest.is_empty() && form.reserved)
    }

    /// Whether a kind word is a keyword that can be no name.
    pub(super) fn is_reserved_id(&self, kind: &str) -> bool {
        self.reserved.contains(kind)
    }

    /// The same among the words of questions.
    pub(super) fn forms_at_prompt(&self, first: &str) -> Option<&[Form]> {
        self.at_prompt.get(first).map(Vec::as_slice)
    }

    /// The forms that begin with a word, those of more words first.
    pub(super) fn forms_of(&self, first: &str) -> &[Form] {
        self.by_first_word.get(first).map_or(&[], Vec::as_slice)
    }
}

/// The forms of some keywords by their first word.
fn forms_by_first_word<'k>(keywords: impl Iterator<Item = &'k Keyword>) -> HashMap<String, Vec<Form>> {
    let mut ids: HashMap<&str, Vec<&Keyword>> = HashMap::new();
    for keyword in keywords {
        for form in keyword.forms() {
            ids.entry(form).or_default().push(keyword);
        }
    }
    let mut by_first_word: HashMap<String, Vec<Form>> = HashMap::new();
    for (form, owners) in &ids {
        // A form of one keyword folds to its id; a form of several stays as itself,
        // and the grammar says where it means which.
        let kind = match owners.as_slice() {
            [one] => one.id.clone(),
            _ => form.replace(' ', "_"),
        };
        let reserved = owners.iter().any(|keyword| keyword.reserved);
        let mut words = form.split(' ').map(str::to_owned);
        let Some(first) = words.next() else { continue };
        by_first_word.entry(first).or_default().push(Form { rest: words.collect(), kind, reserved });
    }
    for forms in by_first_word.values_mut() {
        forms.sort_by(|a, b| b.rest.len().cmp(&a.rest.len()).then_with(|| a.kind.cmp(&b.kind)));
    }
    by_first_word
}

/// Whether a kind word may be a name: no punctuation, no literal, no reserved keyword.
pub(super) fn is_name(kind: &str) -> bool {
    kind == "NAME" || (kind.starts_with(|c: char| c.is_ascii_lowercase()) && !keywords().is_reserved_id(kind))
}
