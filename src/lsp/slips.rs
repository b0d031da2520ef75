//! Slips of the keyboard: quotes, brackets and signs of full width that mean nothing here, or another thing.
//!
//! In: a text and the stretch of a fault of its syntax. Out: what is written instead, with its replacements. Both
//! halves of a pair are replaced together; only what leaves the fewest faults is offered.

use std::ops::Range;

use super::formatting::Replacement;
use crate::source::FileId;
use crate::syntax;

/// What is written instead, and the replacements that write it.
pub(super) type Instead = (String, Vec<Replacement>);

/// The pairs that may be meant.
type Meant = &'static [(&'static str, &'static str)];

/// Pairs that documents use and the language does not, each with what may be meant.
const PAIRS: [(char, char, Meant); 9] = [
    ('＂', '＂', &QUOTES),
    ('‘', '’', &QUOTES),
    ('〝', '〞', &QUOTES),
    ('《', '》', &QUOTES),
    ('〈', '〉', &QUOTES),
    ('『', '』', &QUOTES),
    ('【', '】', &BRACKETS),
    ('〔', '〕', &BRACKETS),
    ('〖', '〗', &BRACKETS),
];
const QUOTES: [(&str, &str); 2] = [("“", "”"), ("「", "」")];
const BRACKETS: [(&str, &str); 3] = [("{", "}"), ("(", ")"), ("「", "」")];

/// What may be meant by the character of a fault and its other half.
pub(super) fn pairs(text: &str, fault: &Range<usize>) -> Vec<Instead> {
    let Some((open, close, meant)) = halves(text, fault) else { return Vec::new() };
    let all = meant.iter().map(|(left, right)| {
        let edits = vec![(open.clone(), (*left).to_owned()), (close.clone(), (*right).to_owned())];
        (format!("{left} {right}"), edits)
    });
    best(text, all.collect())
}

/// Where both halves of a pair stand, one of them where the fault is, and what may be meant by them.
fn halves(text: &str, fault: &Range<usize>) -> Option<(Range<usize>, Range<usize>, Meant)> {
    let sign = text.get(fault.clone())?.chars().next()?;
    let (open, close, meant) = PAIRS.iter().find(|(open, close, _)| sign == *open || sign == *close)?;
    let line = text.get(..fault.start)?.rfind('\n').map_or(0, |end| end + 1);
    let before = text.get(line..fault.start)?;
    let behind = text.get(fault.end..)?.split('\n').next()?;
    let opens = if open == close { before.matches(*open).count() % 2 == 0 } else { sign == *open };
    let own = fault.start..fault.start + sign.len_utf8();
    if opens {
        let at = fault.end + behind.find(*close)?;
        Some((own, at..at + close.len_utf8(), meant))
    } else {
        let at = line + before.rfind(*open)?;
        Some((at..at + open.len_utf8(), own, meant))
    }
}

/// A stop or a comma within a number: 1。5万, 5，000万元.
pub(super) fn digits(text: &str, fault: &Range<usize>) -> Vec<Instead> {
    let found = (|| {
        let (before, behind) = (text.get(..fault.start)?, text.get(fault.start..)?);
        let head = before.trim_end_matches(['。', '，', '、', '．']);
        let sign = before.get(head.len()..)?.chars().next()?;
        let digits = behind.chars().take_while(char::is_ascii_digit).count();
        let meant = match sign {
            '。' if digits > 0 => ".",
            '，' | '、' if digits == 3 => ",",
            _ => return None,
        };
        let number = head.len() + sign.len_utf8() == before.len() && head.ends_with(|c: char| c.is_ascii_digit());
        let start = head.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ',' | '.')).len();
        let written = format!("{}{meant}{}", head.get(start..)?, behind.get(..digits)?);
        number.then(|| (written.clone(), vec![(start..fault.start + digits, written)]))
    })();
    best(text, found.into_iter().collect())
}

/// Of several ways to write a text those that leave the fewest faults, if these are fewer than there are.
fn best(text: &str, ways: Vec<Instead>) -> Vec<Instead> {
    let counted: Vec<(usize, Instead)> =
        ways.into_iter().filter_map(|way| Some((faults(&edited(text, &way.1)?), way))).collect();
    let least = counted.iter().map(|(count, _)| *count).min().unwrap_or(usize::MAX);
    if least >= faults(text) {
        return Vec::new();
    }
    counted.into_iter().filter(|(count, _)| *count == least).map(|(_, way)| way).collect()
}

/// How many faults of syntax a text has.
fn faults(text: &str) -> usize {
    syntax::parse(FileId::default(), text).diagnostics.len()
}

/// Whether a text has fewer faults of syntax with an edit.
pub(super) fn mends(text: &str, edits: &[Replacement]) -> bool {
    edited(text, edits).is_some_and(|edited| faults(&edited) < faults(text))
}

fn edited(text: &str, edits: &[Replacement]) -> Option<String> {
    let mut edited = text.to_owned();
    for (range, with) in edits.iter().rev() {
        edited.get(range.clone())?;
        edited.replace_range(range.clone(), with);
    }
    Some(edited)
}
