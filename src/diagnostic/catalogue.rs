//! The wording of every diagnostic, Chinese and English, read once from `catalogue/*.toml`.
//!
//! In: a [`Code`]. Out: its [`Entry`]. An entry has a severity and for each language a
//! `title` (a noun phrase), a `message` (what is wrong), labels for the places (`label` for
//! the first, `second` and `third` for those it disagrees with) and lines of `help` (what to
//! do). `{name}` stands for an argument, for `file`, `row`, `column` or `key` of a place in data,
//! or, as `{typed}`, for the text at the first place. Where an argument may be absent, `message` and the labels are lists of which the first
//! that has all its arguments is used; a line of help that lacks one is left out.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::render::Language;
use super::{Code, Severity};

/// What the catalogue says about one code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How grave it is.
    pub severity: Severity,
    /// 中文
    pub zh: Wording,
    /// English
    pub en: Wording,
}

impl Entry {
    /// The wording in a language.
    pub fn wording(&self, language: Language) -> &Wording {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// The wording of one code in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// A noun phrase for lists and pages.
    pub title: String,
    /// What is wrong, on one line.
    pub message: OneOrMore,
    /// What the first place is.
    pub label: OneOrMore,
    /// What the second place is.
    pub second: Option<OneOrMore>,
    /// What further places are.
    pub third: Option<OneOrMore>,
    /// What to do, line by line.
    pub help: Vec<String>,
}

impl Wording {
    /// The label of the place of that number, from 0.
    pub fn label(&self, place: usize) -> Option<&OneOrMore> {
        match place {
            0 => Some(&self.label),
            1 => self.second.as_ref(),
            _ => self.third.as_ref().or(self.second.as_ref()),
        }
    }
}

/// A template, or several of which the first that has all its arguments is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// The only one.
    One(String),
    /// In order of preference.
    More(Vec<String>),
}

impl OneOrMore {
    /// The templates in order of preference.
    pub fn templates(&self) -> &[String] {
        match self {
            OneOrMore::One(template) => std::slice::from_ref(template),
            OneOrMore::More(templates) => templates,
        }
    }

    /// The first template that has all its arguments, filled in.
    pub fn fill<'a>(&self, value: impl Fn(&str) -> Option<&'a str> + Copy) -> Option<String> {
        self.templates().iter().find_map(|template| fill(template, value))
    }
}

/// Puts the arguments into a template; none when one of them is absent or empty.
pub fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut filled = String::with_capacity(template.len() + 32);
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Argument(name) => filled.push_str(value(name).filter(|text| !text.is_empty())?),
        }
    }
    Some(filled)
}

/// A stretch of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Shown as it stands.
    Text(&'a str),
    /// `{name}`
    Argument(&'a str),
}

/// Takes a template apart. Braces around anything but a lower-case word are text: `policy { … }`.
pub fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut parts = template.split('{');
    found.extend(parts.next().map(Piece::Text));
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()) => {
                found.extend([Piece::Argument(name), Piece::Text(rest)]);
            }
            _ => found.extend([Piece::Text("{"), Piece::Text(part)]),
        }
    }
    found
}

/// What the catalogue says about a code.
#[allow(clippy::expect_used, reason = "a test asserts that the catalogue has every code")]
pub fn entry(code: Code) -> &'static Entry {
    CATALOGUE.get(code.as_str()).expect("every code stands in the catalogue")
}

static CATALOGUE: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| FILES.into_iter().flat_map(read).collect());

const FILES: [&str; 8] = [
    include_str!("catalogue/syntax.toml"),
    include_str!("catalogue/names.toml"),
    include_str!("catalogue/types.toml"),
    include_str!("catalogue/clauses.toml"),
    include_str!("catalogue/evaluation.toml"),
    include_str!("catalogue/data.toml"),
    include_str!("catalogue/tests.toml"),
    include_str!("catalogue/files.toml"),
];

#[allow(clippy::expect_used, reason = "the files are part of the program, and a test reads them")]
fn read(text: &str) -> HashMap<String, Entry> {
    toml::from_str(text).expect("the catalogue is well-formed")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn arguments<'a>(templates: impl IntoIterator<Item = &'a String>) -> Vec<BTreeSet<&'a str>> {
        let of = |template: &'a String| {
            pieces(template)
                .into_iter()
                .filter_map(|piece| match piece {
                    Piece::Argument(name) => Some(name),
                    Piece::Text(_) => None,
                })
                .collect()
        };
        templates.into_iter().map(of).collect()
    }

    #[test]
    fn every_code_has_an_entry_and_every_entry_a_code() {
        let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let entries: BTreeSet<&str> = CATALOGUE.keys().map(String::as_str).collect();
        assert_eq!(codes, entries);
    }

    #[test]
    fn both_languages_use_the_same_arguments() {
        for code in Code::ALL {
            let Entry { zh, en, .. } = entry(*code);
            assert_eq!(arguments(zh.message.templates()), arguments(en.message.templates()), "message of {code}");
            for place in 0..3 {
                let labels = |w: &'static Wording| w.label(place).map(|label| arguments(label.templates()));
                assert_eq!(labels(zh), labels(en), "label {place} of {code}");
            }
            assert_eq!(arguments(&zh.help), arguments(&en.help), "help of {code}");
        }
    }

    #[test]
    fn messages_keep_to_the_style() {
        for code in Code::ALL {
            let Entry { zh, en, .. } = entry(*code);
            for wording in [zh, en] {
                let labels = (0..3).filter_map(|place| wording.label(place)).flat_map(OneOrMore::templates);
                for text in
                    wording.message.templates().iter().chain(labels).chain(&wording.help).chain([&wording.title])
                {
                    assert!(!text.contains('\n') && !text.is_empty(), "{code}: {text}");
                    assert!(!text.ends_with(['.', '。', '!', '！']), "final stop in {code}: {text}");
                    assert_eq!(text.matches('`').count() % 2, 0, "open backtick in {code}: {text}");
                }
            }
            let english = [en.message.templates(), &en.help].concat();
            for text in english {
                assert!(!text.starts_with(|c: char| c.is_ascii_uppercase()), "capital in {code}: {text}");
                assert!(!text.split_whitespace().any(|word| word == "you" || word == "your"), "{code}: {text}");
            }
        }
    }

    #[test]
    fn a_template_without_its_argument_is_not_used() {
        let value = |name: &str| (name == "name").then_some("capex");
        assert_eq!(fill("no `{name}` in { … }", value).as_deref(), Some("no `capex` in { … }"));
        assert_eq!(fill("near `{near}`", value), None);
        let more = OneOrMore::More(vec!["{name} of {record}".into(), "{name}".into()]);
        assert_eq!(more.fill(value).as_deref(), Some("capex"));
    }
}
