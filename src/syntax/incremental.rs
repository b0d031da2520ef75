//! Reading a text again after an edit: only what was touched is parsed.
//!
//! In: a text, and what was read of it before. Out: what [`super::parse`] gives. `cut` says
//! which parts of a text are read by themselves, those of a policy within the braces of one.
//! Every part is kept by its characters; in the whole, its tree is moved to its place. What is
//! sound is read as in the whole; of a broken text at least as much is. A text with a `}` too
//! many is read as a whole.

mod cut;

use std::collections::HashMap;
use std::sync::Arc;

use super::tree::shift::{Place, Shift};
use super::tree::{File, Item};
use super::{Parsed, limit, ordered};
use crate::source::FileId;
pub(crate) use cut::HEAD;
use cut::Part;

/// What has been read of the parts of a text.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    read: HashMap<Box<str>, Arc<Parsed>>,
}

/// The most broken parts that are read together with the one behind them.
const MOST_JOINED: usize = 8;

impl Parts {
    /// Parses a text, parts that were there the last time without reading them again.
    pub fn parse(&mut self, file: FileId, text: &str) -> Parsed {
        let parts = if text.len() > limit::MAX_BYTES { None } else { cut::parts(text) };
        let whole = parts.filter(|parts| parts.len() > 1).and_then(|parts| self.together(file, text, &parts));
        whole.unwrap_or_else(|| super::parse(file, text))
    }

    /// The whole of its parts; nothing where they do not fit together.
    fn together(&mut self, file: FileId, text: &str, parts: &[Part]) -> Option<Parsed> {
        let mut before = std::mem::take(&mut self.read);
        let mut read: Vec<(Part, Arc<Parsed>)> = Vec::with_capacity(parts.len());
        let mut left = parts.iter().copied().peekable();
        while let Some(mut part) = left.next() {
            let mut parsed = self.part(&mut before, &part.alone(text));
            // How a broken statement is taken apart depends on what follows it.
            let mut last = part.from;
            for _ in 0..MOST_JOINED {
                let Some(next) = left.next_if(|_| is_told_behind(part, last, &parsed)) else { break };
                last = next.from;
                part = part.with(next);
                parsed = self.part(&mut before, &part.alone(text));
            }
            // A head that cannot stand alone may be a word that goes on with the statement before it.
            if !parsed.diagnostics.is_empty()
                && let Some((last, _)) = read.last_mut()
            {
                let both = last.with(part);
                let together = self.part(&mut before, &both.alone(text));
                if together.diagnostics.is_empty() {
                    read.pop();
                    read.push((both, together));
                    continue;
                }
            }
            read.push((part, parsed));
        }
        let mut whole =
            Parsed { tree: File { file, items: Vec::new(), comments: Vec::new() }, diagnostics: Vec::new() };
        for (part, parsed) in read {
            add(&mut whole, part, &parsed)?;
        }
        whole.diagnostics = ordered(whole.diagnostics);
        Some(whole)
    }

    fn part(&mut self, before: &mut HashMap<Box<str>, Arc<Parsed>>, part: &str) -> Arc<Parsed> {
        if let Some(parsed) = self.read.get(part) {
            return Arc::clone(parsed);
        }
        let (key, parsed) = match before.remove_entry(part) {
            Some(entry) => entry,
            None => (part.into(), Arc::new(super::parse(FileId::default(), part))),
        };
        self.read.insert(key, Arc::clone(&parsed));
        parsed
    }
}

/// Where the part begins in which a byte stands, and whether the policy around it begins before: then [`HEAD`] can
/// stand for that beginning. Nothing where the braces of the text do not tell.
pub(crate) fn around(text: &str, byte: usize) -> Option<(usize, bool)> {
    let parts = cut::parts(text)?;
    parts.iter().rev().find(|part| part.from <= byte).map(|part| (part.from, part.opened))
}

/// Whether anything is told of a part behind a byte of the text.
fn is_told_behind(part: Part, at: usize, parsed: &Parsed) -> bool {
    let start = at - part.from + if part.opened { HEAD.len() } else { 0 };
    parsed.diagnostics.iter().flat_map(|told| &told.spans).any(|span| span.end as usize >= start)
}

/// Adds a part at its place; nothing where it does not fit there.
fn add(whole: &mut Parsed, part: Part, parsed: &Parsed) -> Option<()> {
    let head = if part.opened { HEAD.len() } else { 0 };
    let place = Place { file: whole.tree.file, by: u32::try_from(part.from.checked_sub(head)?).ok()? };
    // Nothing is told of a beginning that is not in the text.
    if parsed.diagnostics.iter().flat_map(|told| &told.spans).any(|span| (span.start as usize) < head) {
        return None;
    }
    let Parsed { tree, diagnostics } = parsed;
    let (mut items, mut comments, mut told) = (tree.items.clone(), tree.comments.clone(), diagnostics.clone());
    items.shift(place);
    comments.shift(place);
    told.shift(place);
    // A policy that ends in a later part ends where its own characters do, for the time being.
    let own = place.by as usize + head + (part.to - part.from);
    if part.closed
        && !part.opened
        && !matches!(items.last(), Some(Item::Policy(policy)) if policy.span.end as usize > own)
    {
        return None;
    }
    let mut items = items.into_iter();
    if part.opened {
        let (Some(Item::Policy(policy)), Some(Item::Policy(inner))) = (whole.tree.items.last_mut(), items.next())
        else {
            return None;
        };
        policy.items.extend(inner.items);
        policy.span.end = inner.span.end;
    }
    whole.tree.items.extend(items);
    whole.tree.comments.append(&mut comments);
    whole.diagnostics.append(&mut told);
    Some(())
}

#[cfg(test)]
#[allow(clippy::string_slice, clippy::unwrap_used, reason = "tests may")]
mod tests {
    use super::*;

    /// Where two things differ that are written out.
    fn difference(found: &impl std::fmt::Debug, expected: &impl std::fmt::Debug) -> String {
        let (found, expected) = (format!("{found:#?}"), format!("{expected:#?}"));
        let same = found.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count();
        let around = |text: &str| text.lines().skip(same.saturating_sub(9)).take(18).collect::<Vec<_>>().join("\n");
        format!("{}\ninstead of\n{}", around(&found), around(&expected))
    }

    /// How many items a text has, those within others too.
    fn members(items: &[Item]) -> usize {
        let inner = items.iter().map(|item| match item {
            Item::Policy(policy) => members(&policy.items),
            Item::Article(article) => members(&article.items),
            _ => 0,
        });
        items.len() + inner.sum::<usize>()
    }

    /// Reads a text in parts, twice, so that the second time nothing is new; whether all is as in the whole.
    ///
    /// A sound text must be. Of a broken one no fewer members may be read: the parts beside the broken one are
    /// read where the whole cannot always tell them apart.
    #[track_caller]
    fn same(parts: &mut Parts, text: &str, told: &str) -> bool {
        let file = FileId(3);
        let whole = super::super::parse(file, text);
        let read = parts.parse(file, text);
        assert!(parts.parse(file, text) == read, "{told}: another time");
        assert_eq!(read.diagnostics.is_empty(), whole.diagnostics.is_empty(), "{told}");
        assert!(members(&read.tree.items) >= members(&whole.tree.items), "{told}: {}", difference(&read, &whole));
        let same = read == whole;
        assert!(same || !whole.diagnostics.is_empty(), "{told}: {}", difference(&read, &whole));
        same
    }

    #[test]
    fn parts_give_what_the_whole_gives() {
        let texts = [
            "record 企业 { 甲 : money }\nlet 乙 = 甲\n\npolicy P { title \"a } \\\" {\" }\n# {\n条 \"一\" x {\n款 a { 奖补 甲 }\n}\n",
            "award 甲\n  cap 5万\naward 乙\n  when 丙 =\ntest\nunit 吨\n",
            "text “a “b {” c”\n政策 P { 标题 \"\"\"\n条 {\n\"\"\" }\n\n奖补 「a{b」的5%\n",
            "award 1万 when 甲 and\n\nrecord R { a : bool }\naward 2万\n",
            "clause A { award 1万\nclause B { award 2万 }\n",
            "policy P {\n  parameter a : bool = pending \"x\"award \n  # c\n  parameter b : bool = pending \"x\"\n  parameter c : bool = pending \"y\"\n}\n",
        ];
        for text in texts {
            assert!(same(&mut Parts::default(), text, text), "{text}");
        }
    }

    /// The policies of the repository, and each with everything behind its head within its braces.
    fn policies() -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let mut texts = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let Ok(text) = std::fs::read_to_string(entry.unwrap().path().join("policy.hq")) else { continue };
            if let Some(policy) = text.find("\npolicy ").or_else(|| text.find("\n政策 ")) {
                let end = policy + text[policy..].find("\n}\n").unwrap() + 1;
                texts.push(format!("{}{}\n}}\n", &text[..end], &text[end + 2..]));
            }
            texts.push(text);
        }
        texts.sort();
        texts
    }

    /// Whatever is typed or left out anywhere, the parts give what the whole gives.
    #[test]
    fn parts_follow_every_edit() {
        let every: usize = std::env::var("HUIQI_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(7_919);
        let typed = ["{", "}", "\"", "award ", "\n", "clause a ", "（", "。", ""];
        let (mut number, mut looked, mut alike) = (0, 0, 0);
        for text in policies() {
            let mut parts = Parts::default();
            same(&mut parts, &text, "as it stands");
            let at: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            for pair in at.windows(2) {
                let &[at, next] = pair else { continue };
                for typed in typed {
                    number += 1;
                    if number % every == 0 {
                        let rest = if typed.is_empty() { next } else { at };
                        let told = format!(
                            "{typed:?} behind {:?}",
                            &text[text.floor_char_boundary(at.saturating_sub(40))..at]
                        );
                        looked += 1;
                        alike +=
                            usize::from(same(&mut parts, &format!("{}{typed}{}", &text[..at], &text[rest..]), &told));
                    }
                }
            }
        }
        println!("{alike} of {looked} are told and read alike");
        assert!(number > 500_000, "{number}");
        assert!(alike * 10 >= looked * 9, "{alike} of {looked}");
    }
}
