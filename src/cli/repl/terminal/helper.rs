//! What helps while a line is typed: completion, hints, colours, and when a block is whole.

use std::borrow::Cow;

use rustyline::Context;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::SearchDirection;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};

use super::files;
use super::paste::Pastes;
use crate::diagnostic::Language;
use crate::repl::{Names, Offered, complete, form, is_whole};
use crate::syntax::words::{Look, of_line};

/// Longer texts are not coloured: each key would read them anew.
const COLORED: usize = 16 << 10;
/// A block of more lines is taken as it is: the editor counts rows in 16 bits.
const ROWS: usize = 10_000;
/// Fewer characters bring nothing back from former lines.
const TYPED: usize = 2;

/// Helps while a line is typed.
pub(super) struct Helper {
    /// What can be named.
    pub names: Names,
    /// Long blocks that were pasted.
    pub pastes: Pastes,
    language: Language,
    /// Whether the terminal shows colours.
    color: bool,
}

impl Helper {
    pub fn new(language: Language, color: bool) -> Helper {
        Helper { names: Names::default(), pastes: Pastes::new(language), language, color }
    }
}

impl rustyline::Helper for Helper {}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let text = line.get(..pos).unwrap_or(line);
        let Some(offer) = complete(&self.names, text, self.language) else { return Ok((pos, Vec::new())) };
        let found = match offer.what {
            Offered::Words(words) => {
                words.into_iter().map(|word| Pair { display: word.clone(), replacement: word }).collect()
            }
            Offered::File { endings, open, close } => {
                let typed = text.get(offer.start..).unwrap_or("");
                // The mark stays away where it stands already.
                let stands = line.get(pos..).is_some_and(|rest| rest.starts_with(close));
                let pair = |found: files::Found| {
                    let close = if found.is_folder || stands { String::new() } else { close.to_string() };
                    Pair { display: found.name, replacement: format!("{open}{}{close}", found.written) }
                };
                files::beginning(typed, endings).into_iter().map(pair).collect()
            }
        };
        Ok((offer.start, found))
    }
}

/// What is shown in grey behind the cursor.
pub(super) struct Shown {
    text: String,
    /// Whether the right arrow takes it.
    taken: bool,
}

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.text
    }

    fn completion(&self) -> Option<&str> {
        self.taken.then_some(self.text.as_str())
    }
}

impl Hinter for Helper {
    type Hint = Shown;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<Shown> {
        if line.is_empty() || pos < line.len() || line.contains('\n') || !self.pastes.is_empty() {
            return None;
        }
        let former = || {
            let from = context.history_index().min(context.history().len().checked_sub(1)?);
            let found = context.history().starts_with(line, from, SearchDirection::Reverse).ok()??;
            let rest = found.entry.get(line.len()..)?;
            let fits = !rest.is_empty() && !rest.contains('\n');
            fits.then(|| Shown { text: rest.to_owned(), taken: true })
        };
        let former = if line.chars().count() < TYPED { None } else { former() };
        former.or_else(|| Some(Shown { text: form(line)?, taken: false }))
    }
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.color || line.len() > COLORED || !self.pastes.is_empty() {
            return Cow::Borrowed(line);
        }
        let mut colored = String::with_capacity(line.len() * 2);
        let mut at = 0;
        for word in of_line(line) {
            let (Some(between), own) = (line.get(at..word.start), word.text) else { continue };
            colored.push_str(between);
            at = word.end;
            match color(word.look, word.kind) {
                Some(color) => {
                    // A colour ends with its line, so that a cut line leaves nothing behind.
                    let own = own.replace('\n', &format!("\u{1b}[0m\n\u{1b}[{color}m"));
                    colored.push_str(&format!("\u{1b}[{color}m{own}\u{1b}[0m"));
                }
                None => colored.push_str(own),
            }
        }
        colored.push_str(line.get(at..).unwrap_or(""));
        Cow::Owned(colored)
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, default: bool) -> Cow<'b, str> {
        match (default, self.language) {
            (true, _) if self.color => Cow::Owned(format!("\u{1b}[2m{prompt}\u{1b}[0m")),
            (false, Language::Chinese) => searched(prompt).map_or(Cow::Borrowed(prompt), Cow::Owned),
            _ => Cow::Borrowed(prompt),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if !self.color {
            return Cow::Borrowed(hint);
        }
        Cow::Owned(format!("\u{1b}[90m{hint}\u{1b}[0m"))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}

/// What the editor says in English while former lines are searched, in Chinese: as many columns wide, since the
/// editor has reckoned with its own words.
fn searched(prompt: &str) -> Option<String> {
    let (told, rest) = prompt.split_once('`')?;
    let typed = rest.strip_suffix("': ")?;
    match told {
        "(reverse-i-search)" => Some(format!("(查找打过的句子)「{typed}」：")),
        "(failed reverse-i-search)" => Some(format!("(打过的句子里没有找到)「{typed}」： ")),
        _ => None,
    }
}

/// The colour of a word; those of every terminal, which its owner may have changed.
fn color(look: Look, kind: &str) -> Option<&'static str> {
    match look {
        Look::Keyword => Some("1;34"),
        Look::Figure => Some("36"),
        Look::Text => Some("32"),
        // A text that is being typed is not closed yet.
        Look::Faulty if kind == "TEXT" => Some("32"),
        Look::Comment => Some("2"),
        Look::Faulty => Some("31"),
        Look::Name | Look::Sign => None,
    }
}

impl Validator for Helper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let whole = text.bytes().filter(|byte| *byte == b'\n').count() > ROWS || is_whole(&self.pastes.unfold(text));
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_while_searching_is_as_wide_in_chinese() {
        let helper = Helper::new(Language::Chinese, false);
        for told in ["(reverse-i-search)`增资': ", "(failed reverse-i-search)`x`y': ", "(reverse-i-search)`': "] {
            let shown = helper.highlight_prompt(told, false);
            assert_eq!(unicode_width::UnicodeWidthStr::width(&*shown), unicode_width::UnicodeWidthStr::width(told));
            assert!(!shown.contains("search"), "{shown}");
        }
        assert_eq!(helper.highlight_prompt("[1]> ", true), "[1]> ");
    }

    #[test]
    fn colours_change_no_character() {
        let helper = Helper::new(Language::Chinese, true);
        let line = "奖补 固定资产投资额的5%，当 名称 = “甲  # 一\n@ \"\"\"原\n文\"\"\"";
        let colored = helper.highlight(line, 0).into_owned();
        assert!(colored.starts_with("\u{1b}[1;34m奖补\u{1b}[0m 固定资产投资额"), "{colored:?}");
        let mut plain = String::new();
        let mut rest = colored.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        assert_eq!(plain + rest, line);
    }
}
