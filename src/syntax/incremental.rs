//! Reading a text again after an edit: only what was touched is parsed.
//!
//! In: a text, and what was read of it before. Out: what [`super::parse`] gives. The text
//! is cut before each line outside all braces that begins with the head of a statement.
//! Every part is read by itself and kept by its characters; in the whole, its tree is
//! moved to its place. A text whose braces do not match is read as a whole.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use super::keyword::keywords;
use super::tree::File;
use super::tree::shift::{Place, Shift};
use super::{Parsed, limit, ordered};
use crate::source::FileId;

/// What has been read of the parts of a text.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    read: HashMap<Box<str>, Arc<Parsed>>,
}

impl Parts {
    /// Parses a text, parts that were there the last time without reading them again.
    pub fn parse(&mut self, file: FileId, text: &str) -> Parsed {
        let cuts = if text.len() > limit::MAX_BYTES { None } else { cuts(text) };
        let Some(cuts) = cuts.filter(|cuts| cuts.len() > 2) else { return super::parse(file, text) };
        let mut before = std::mem::take(&mut self.read);
        let mut whole =
            Parsed { tree: File { file, items: Vec::new(), comments: Vec::new() }, diagnostics: Vec::new() };
        let mut parts: Vec<(usize, &str, Arc<Parsed>)> = Vec::with_capacity(cuts.len());
        for pair in cuts.windows(2) {
            let &[from, to] = pair else { continue };
            let part = text.get(from..to).unwrap_or("");
            let parsed = self.part(&mut before, part);
            // A head that cannot stand alone may be a word that goes on with the statement before it.
            if !parsed.diagnostics.is_empty()
                && let Some((start, ..)) = parts.last()
            {
                let both = text.get(*start..to).unwrap_or("");
                let together = self.part(&mut before, both);
                if together.diagnostics.is_empty() {
                    let start = *start;
                    parts.pop();
                    parts.push((start, both, together));
                    continue;
                }
            }
            parts.push((from, part, parsed));
        }
        for (from, _, parsed) in parts {
            let place = Place { file, by: u32::try_from(from).unwrap_or(u32::MAX) };
            let Parsed { tree, diagnostics } = &*parsed;
            let (mut items, mut comments, mut told) = (tree.items.clone(), tree.comments.clone(), diagnostics.clone());
            items.shift(place);
            comments.shift(place);
            told.shift(place);
            whole.tree.items.append(&mut items);
            whole.tree.comments.append(&mut comments);
            whole.diagnostics.append(&mut told);
        }
        whole.diagnostics = ordered(whole.diagnostics);
        whole
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

/// The words that begin a statement outside all braces.
static HEADS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let ids = [
        "policy",
        "article",
        "clause",
        "record",
        "settle",
        "test",
        "unit",
        "use",
        "let",
        "parameter",
        "bind",
        "award",
        "match",
        "recover",
    ];
    let heads = keywords().iter().filter(|keyword| ids.contains(&keyword.id.as_str()));
    heads.flat_map(|keyword| keyword.forms()).collect()
});

/// Where a text may be cut, its ends included; nothing where its braces do not match.
fn cuts(text: &str) -> Option<Vec<usize>> {
    let mut cuts = vec![0];
    let mut depth = 0_usize;
    let mut begins_line = true;
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(c) = rest.chars().next()
    {
        if begins_line && depth == 0 && at > 0 && c.is_alphabetic() {
            let word: &str = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
            if c == '第' || HEADS.contains(word) || HEADS.contains(word.to_ascii_lowercase().as_str()) {
                cuts.push(at);
            }
        }
        begins_line = matches!(c, '\n' | '\r') || begins_line && c.is_whitespace();
        match c {
            '{' | '｛' => depth += 1,
            '}' | '｝' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += length(rest, c);
    }
    cuts.push(text.len());
    (depth == 0).then_some(cuts)
}

/// How long a comment or a quoted text is that begins here; otherwise the length of the character.
fn length(rest: &str, c: char) -> usize {
    let line = || rest.find(['\n', '\r']).unwrap_or(rest.len());
    let closed = |close: &str, from: usize| {
        let line = line();
        let inner = rest.get(from..line).unwrap_or("");
        inner.find(close).map_or(line, |at| from + at + close.len())
    };
    match c {
        '#' | '＃' => line(),
        '"' if rest.starts_with("\"\"\"") => {
            rest.get(3..).and_then(|inner| inner.find("\"\"\"")).map_or(rest.len(), |at| at + 6)
        }
        '"' => {
            let mut escaped = true;
            let end = rest.char_indices().find(|(_, c)| {
                let ends = !escaped && *c == '"' || matches!(c, '\n' | '\r');
                escaped = *c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |(at, c)| at + usize::from(c == '"'))
        }
        '“' => {
            let mut depth = 0_usize;
            let end = rest.char_indices().find(|(_, c)| {
                match c {
                    '“' => depth += 1,
                    '”' => depth -= 1,
                    _ => {}
                }
                depth == 0 || matches!(c, '\n' | '\r')
            });
            end.map_or(rest.len(), |(at, c)| if c == '”' { at + c.len_utf8() } else { at })
        }
        '「' => closed("」", c.len_utf8()),
        _ => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_give_what_the_whole_gives() {
        let texts = [
            "record 企业 { 甲 : money }\nlet 乙 = 甲\n\npolicy P { title \"a } \\\" {\" }\n# {\n条 \"一\" x {\n款 a { 奖补 甲 }\n}\n",
            "award 甲\n  cap 5万\naward 乙\n  when 丙 =\ntest\nunit 吨\n",
            "text “a “b {” c”\n政策 P { 标题 \"\"\"\n条 {\n\"\"\" }\n\n奖补 「a{b」的5%\n",
            "award 1万 when 甲 and\n\nrecord R { a : bool }\naward 2万\n",
            "clause A { award 1万\nclause B { award 2万 }\n",
        ];
        for text in texts {
            let mut parts = Parts::default();
            let file = FileId(3);
            for _ in 0..2 {
                assert_eq!(parts.parse(file, text), super::super::parse(file, text), "{text}");
            }
        }
    }
}
