//! Where a text may be cut into parts that are read by themselves.
//!
//! In: a text. Out: its [`Part`]s. A cut stands before a line that begins with the head of a
//! statement, outside all braces or directly within those of a policy. Only characters are looked at.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::keyword::keywords;
use super::super::recover::Kind;

/// A stretch of a text that is read by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// First byte.
    pub from: usize,
    /// One past the last.
    pub to: usize,
    /// Whether the policy around it begins in an earlier part.
    pub opened: bool,
    /// Whether the policy around it ends in a later part.
    pub closed: bool,
    /// Whether a brace of it is never closed: it ends where the next part begins.
    pub torn: bool,
}

/// What stands for the beginning of the policy around a part, no longer than any such beginning.
pub(crate) const HEAD: &str = "policy a{\n";

impl Part {
    /// The part as a text of its own.
    pub fn alone<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let own = text.get(self.from..self.to).unwrap_or("");
        match (self.opened, self.closed) {
            (false, false) => own.into(),
            (false, true) => format!("{own}}}").into(),
            (true, false) => format!("{HEAD}{own}").into(),
            (true, true) => format!("{HEAD}{own}}}").into(),
        }
    }

    /// The part with the one behind it.
    pub fn with(self, next: Part) -> Part {
        Part { to: next.to, closed: next.closed, torn: next.torn, ..self }
    }
}

/// The parts of a text; nothing where its braces do not tell.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    let mut plain = Cutter::new(text, false);
    plain.run()?;
    if plain.open.is_empty() {
        return Some(plain.parts);
    }
    // A `}` is missing: a head ends what cannot hold it.
    let mut mending = Cutter::new(text, true);
    mending.run()?;
    // Where it is the policy's own, it is missed at the end of the text, and nothing can stand for its beginning.
    (!mending.open.contains(&Some(Kind::Policy))).then(|| joined(mending.parts))
}

/// Parts of which each that is torn has the one behind it: there its brace is missed.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match out.last_mut() {
            Some(before) if before.torn => *before = before.with(part),
            _ => out.push(part),
        }
    }
    out
}

/// What begins a statement, or opened a brace; none where it does not end the block before it.
type Begun = Option<Kind>;

/// The words that begin a statement outside all braces, each with what it begins.
static HEADS: LazyLock<HashMap<&str, Begun>> = LazyLock::new(|| {
    let kind = |id: &str| match id {
        "policy" => Some(Some(Kind::Policy)),
        "article" => Some(Some(Kind::Article)),
        "clause" => Some(Some(Kind::Clause)),
        "record" => Some(Some(Kind::Record)),
        "settle" => Some(Some(Kind::Settle)),
        "test" => Some(Some(Kind::Test)),
        "unit" | "use" | "parameter" => Some(Some(Kind::Line)),
        "let" | "bind" | "award" | "match" | "recover" => Some(None),
        _ => None,
    };
    let heads = keywords().iter().filter_map(|keyword| Some((keyword, kind(&keyword.id)?)));
    heads.flat_map(|(keyword, kind)| keyword.forms().map(move |form| (form, kind))).collect()
});

/// What the head begins that stands at the beginning of a text, and what stands behind it.
fn head(rest: &str) -> Option<(Begun, &str)> {
    let word = rest.split(|c: char| !c.is_alphabetic()).next().filter(|word| !word.is_empty())?;
    let behind = rest.get(word.len()..).unwrap_or("");
    if word.starts_with('第') {
        return Some((Some(if word.ends_with('条') { Kind::Article } else { Kind::Clause }), behind));
    }
    let kind = HEADS.get(word).or_else(|| HEADS.get(word.to_ascii_lowercase().as_str()))?;
    Some((*kind, behind))
}

/// Whether what stands behind a head can be its name, its number or its brace.
fn goes_on(behind: &str) -> bool {
    let next = behind.trim_start_matches([' ', '\t', '\u{3000}']).chars().next();
    next.is_some_and(|c| c.is_alphabetic() || matches!(c, '「' | '"' | '“' | '{' | '｛'))
}

struct Cutter<'t> {
    text: &'t str,
    /// Whether a head ends what cannot hold it.
    mends: bool,
    open: Vec<Begun>,
    parts: Vec<Part>,
    /// Where the part begins that is being read, and whether within a policy.
    from: usize,
    opened: bool,
}

impl<'t> Cutter<'t> {
    fn new(text: &'t str, mends: bool) -> Self {
        Cutter { text, mends, open: Vec::new(), parts: Vec::new(), from: 0, opened: false }
    }

    /// Cuts the whole text; nothing where a `}` closes nothing.
    fn run(&mut self) -> Option<()> {
        let mut begun = None;
        let (mut at, mut line, mut begins_line) = (0, 0, true);
        while let Some(rest) = self.text.get(at..)
            && let Some(c) = rest.chars().next()
        {
            if begins_line
                && c.is_alphabetic()
                && let Some((kind, behind)) = head(rest)
            {
                self.head(kind, behind, line);
                begun = kind;
            }
            let ends_line = matches!(c, '\n' | '\r');
            begins_line = ends_line || begins_line && c.is_whitespace();
            match c {
                '{' | '｛' => self.open.push(begun.take()),
                '}' | '｝' => drop(self.open.pop()?),
                _ => {}
            }
            at += length(rest, c);
            if ends_line {
                line = at;
            }
        }
        self.cut(self.text.len(), false, false);
        Some(())
    }

    /// Cuts before a head, where it stands outside all braces or directly in a policy.
    fn head(&mut self, begun: Begun, behind: &str, line: usize) {
        let mut torn = false;
        if self.mends
            && let Some(kind) = begun
            && goes_on(behind)
        {
            while self.open.last().is_some_and(|open| !open.is_some_and(|open| open.holds(kind))) {
                self.open.pop();
                torn = true;
            }
        }
        let in_policy = self.open == [Some(Kind::Policy)];
        if line > self.from && (in_policy || self.open.is_empty()) {
            self.cut(line, in_policy, torn);
        }
    }

    fn cut(&mut self, to: usize, in_policy: bool, torn: bool) {
        self.parts.push(Part { from: self.from, to, opened: self.opened, closed: in_policy, torn });
        (self.from, self.opened) = (to, in_policy);
    }
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
