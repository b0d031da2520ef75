//! The blocks of a text with faults: which brace closes what.
//!
//! In: tokens. Out: the declarations with braces as a tree of token ranges, and braces that
//! are missing or too many. A line that begins with a declaration head ends every block
//! that cannot hold it, so a missing `}` costs one clause and not the file.

use super::super::keyword::is_name;
use super::super::scan::{Scan, Token};
use crate::diagnostic::{Code, Diagnostic};

/// What a block declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `policy N {`
    Policy,
    /// `article N {`
    Article,
    /// `clause N {`
    Clause,
    /// `record N {`
    Record,
    /// `settle {`
    Settle,
    /// `test "…" {`
    Test,
    /// A declaration of one line, which only files, policies and articles hold.
    Line,
}

impl Kind {
    /// Whether this block may hold that declaration.
    pub fn holds(self, inner: Kind) -> bool {
        match self {
            Kind::Policy => inner != Kind::Policy,
            Kind::Article => !matches!(inner, Kind::Policy | Kind::Article),
            _ => false,
        }
    }
}

/// A declaration with braces, as token numbers.
#[derive(Debug)]
pub struct Block {
    /// What it declares.
    pub kind: Kind,
    /// Its first token.
    pub start: usize,
    /// Its opening brace; the last token of its head if the brace is missing.
    pub open: usize,
    /// One past its last token.
    pub end: usize,
    /// Whether its closing brace is there.
    pub closed: bool,
    /// The declarations with braces in it.
    pub children: Vec<Block>,
}

impl Block {
    /// The tokens between its braces.
    pub fn body(&self) -> (usize, usize) {
        let end = if self.closed { self.end.saturating_sub(1) } else { self.end };
        (self.open + 1, end.max(self.open + 1))
    }
}

/// The blocks of a text and the faults of its brackets.
#[derive(Debug, Default)]
pub struct Structure {
    /// The declarations with braces at the top.
    pub blocks: Vec<Block>,
    /// Brackets that close nothing.
    pub extra: Vec<usize>,
    /// Brackets that nothing closes.
    pub unclosed: Vec<usize>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

enum Frame {
    Block(Block),
    Bracket(usize),
}

struct Reader<'s> {
    scan: &'s Scan<'s>,
    frames: Vec<Frame>,
    found: Structure,
    /// Whether braces are missing: only then does indentation decide which.
    lacks_braces: bool,
    /// Whether there are braces too many.
    has_extra_braces: bool,
}

/// Finds the blocks of a text.
pub fn structure(scan: &Scan) -> Structure {
    let count = |kind| scan.tokens.iter().filter(|token| token.kind == kind).count();
    let (open, close) = (count("{"), count("}"));
    let (lacks_braces, has_extra_braces) = (open > close, close > open);
    let mut reader = Reader { scan, frames: Vec::new(), found: Structure::default(), lacks_braces, has_extra_braces };
    let mut pending: Option<(Kind, usize, usize)> = None;
    for (at, token) in scan.tokens.iter().enumerate() {
        if let Some(kind) = head_at(scan, at)
            && reader.make_room(kind, at)
            && kind != Kind::Line
        {
            match open_of(scan, at) {
                Some(open) => pending = Some((kind, at, open)),
                None => reader.open_without_brace(kind, at),
            }
        }
        match token.kind {
            "{" => match pending.take_if(|(.., open)| *open == at) {
                Some((kind, start, open)) => {
                    let block = Block { kind, start, open, end: at + 1, closed: false, children: Vec::new() };
                    reader.frames.push(Frame::Block(block));
                }
                None => reader.frames.push(Frame::Bracket(at)),
            },
            "(" | "[" => reader.frames.push(Frame::Bracket(at)),
            "}" | ")" | "]" => reader.close(at, token),
            _ => {}
        }
    }
    let end = scan.tokens.len();
    while !reader.frames.is_empty() {
        reader.abandon(end);
    }
    reader.found
}

impl Reader<'_> {
    /// Ends the blocks that cannot hold a declaration that begins here; false if it is none.
    fn make_room(&mut self, kind: Kind, at: usize) -> bool {
        let begins_line = self.scan.tokens.get(at).is_some_and(|token| token.begins_line);
        loop {
            match self.frames.last() {
                None => return true,
                Some(Frame::Block(block)) if block.kind.holds(kind) => return true,
                Some(_) if !begins_line => return false,
                Some(_) => self.abandon(at),
            }
        }
    }

    fn open_without_brace(&mut self, kind: Kind, at: usize) {
        let next = self.scan.tokens.get(at + 1).is_some_and(|token| !token.begins_line);
        let open = if next { at + 1 } else { at };
        self.frames.push(Frame::Block(Block {
            kind,
            start: at,
            open,
            end: open + 1,
            closed: false,
            children: Vec::new(),
        }));
    }

    /// Ends the innermost bracket or block without its closing bracket.
    fn abandon(&mut self, at: usize) {
        let open = match self.frames.pop() {
            None => return,
            Some(Frame::Bracket(open)) => open,
            Some(Frame::Block(mut block)) => {
                block.end = at;
                let open = block.open;
                self.keep(block);
                open
            }
        };
        let Some(token) = self.scan.tokens.get(open) else { return };
        let closing = match token.kind {
            "{" => "}",
            "(" => ")",
            "[" => "]",
            _ => return,
        };
        self.found.unclosed.push(open);
        // An open quotation swallows brackets: it has been told already.
        let quoted =
            self.scan.tokens.get(open..at).unwrap_or(&[]).iter().any(|token| token.faulty && token.kind != "DATE");
        if quoted {
            return;
        }
        let missed = self.scan.tokens.get(at).map_or(self.scan.end(), |token| self.scan.span(token));
        let diagnostic = Diagnostic::new(Code::UnclosedBrace)
            .at(self.scan.span(token))
            .at(missed)
            .with("found", self.scan.source(token))
            .with("expected", closing);
        self.found.diagnostics.push(diagnostic);
    }

    fn keep(&mut self, block: Block) {
        let parent = self.frames.iter_mut().rev().find_map(|frame| match frame {
            Frame::Block(parent) => Some(&mut parent.children),
            Frame::Bracket(_) => None,
        });
        parent.unwrap_or(&mut self.found.blocks).push(block);
    }

    fn close(&mut self, at: usize, token: &Token) {
        let opening = match token.kind {
            "}" => "{",
            ")" => "(",
            _ => "[",
        };
        let matches = |frame: &Frame| match frame {
            Frame::Block(_) => opening == "{",
            Frame::Bracket(open) => self.scan.tokens.get(*open).is_some_and(|token| token.kind == opening),
        };
        // Only a brace looks past other brackets for its partner.
        let partner = self.frames.iter().rposition(matches);
        let depth = match partner {
            Some(depth) if opening == "{" || depth + 1 == self.frames.len() => depth,
            _ => return self.extra(at, token),
        };
        while self.frames.len() > depth + 1 {
            self.abandon(at);
        }
        while self.is_outdented(at, token) && self.frames.len() > 1 {
            self.abandon(at);
        }
        if self.comes_early(at, token) {
            return self.extra(at, token);
        }
        if let Some(Frame::Block(mut block)) = self.frames.pop() {
            block.end = at + 1;
            block.closed = true;
            self.keep(block);
        }
    }

    /// Whether a `}` at the start of a line stands further left than the block that it would close.
    fn is_outdented(&self, at: usize, token: &Token) -> bool {
        let Some(Frame::Block(block)) = self.frames.last() else { return false };
        let Some(head) = self.scan.tokens.get(block.start) else { return false };
        let own_line =
            self.scan.tokens.get(block.open + 1).is_some_and(|inner| inner.begins_line) || block.open + 1 == at;
        self.lacks_braces && own_line && token.begins_line && head.begins_line && self.column(token) < self.column(head)
    }

    /// Whether a `}` behind other text would close a block of several lines while the next line stands deeper.
    fn comes_early(&self, at: usize, token: &Token) -> bool {
        let Some(Frame::Block(block)) = self.frames.last() else { return false };
        let tokens = &self.scan.tokens;
        let (Some(head), Some(inner), Some(next)) =
            (tokens.get(block.start), tokens.get(block.open + 1), tokens.get(at + 1))
        else {
            return false;
        };
        let in_lines = inner.begins_line && next.begins_line && head.begins_line && !token.begins_line;
        self.has_extra_braces && in_lines && next.kind != "}" && self.column(next) > self.column(head)
    }

    fn column(&self, token: &Token) -> usize {
        let before = self.scan.text.get(..token.start as usize).unwrap_or("");
        before.chars().rev().take_while(|&c| c != '\n').count()
    }

    fn extra(&mut self, at: usize, token: &Token) {
        self.found.extra.push(at);
        let diagnostic =
            Diagnostic::new(Code::ExtraBrace).at(self.scan.span(token)).with("found", self.scan.source(token));
        self.found.diagnostics.push(diagnostic);
    }
}

/// The declaration that begins at a token: its word, then a name, a text or a brace.
fn head_at(scan: &Scan, at: usize) -> Option<Kind> {
    let token = scan.tokens.get(at)?;
    let kind_of = |at: usize| scan.tokens.get(at).map_or("", |token| token.kind);
    let next = kind_of(at + 1);
    // A reserved word before a brace is a name that is wrong, and still a head.
    let named = is_name(next) || (next.starts_with(char::is_alphabetic) && kind_of(at + 2) == "{");
    let kind = match token.kind {
        "policy" if named => Kind::Policy,
        "article" if named || matches!(next, "TEXT" | "ARTICLE" | "{") => Kind::Article,
        "ARTICLE" if named || next == "{" => Kind::Article,
        "clause" if named || matches!(next, "TEXT" | "CLAUSE" | "{") => Kind::Clause,
        "CLAUSE" if named || next == "{" => Kind::Clause,
        "record" if named => Kind::Record,
        "settle" if next == "{" => Kind::Settle,
        "test" if next == "TEXT" => Kind::Test,
        "parameter" | "unit" if named => Kind::Line,
        "use" if next == "TEXT" => Kind::Line,
        _ => return None,
    };
    let before = at.checked_sub(1).and_then(|before| scan.tokens.get(before));
    let begins = token.begins_line || before.is_none_or(|before| matches!(before.kind, "}" | "{" | ";" | "," | "TEXT"));
    begins.then_some(kind)
}

/// The `{` of the head that begins at a token, if it comes before anything that is no head.
fn open_of(scan: &Scan, head: usize) -> Option<usize> {
    let rest = scan.tokens.get(head + 1..)?;
    // 的 divides a name that should be quoted: `首次升规的配套`.
    let divided =
        |at: usize| at.checked_sub(1).and_then(|before| rest.get(before)).is_some_and(|token| token.kind == "的");
    let stops = |at: usize, kind: &str| {
        matches!(kind, "{" | "}" | ";") || (matches!(kind, "award" | "match" | "recover") && !divided(at))
    };
    let offset = rest.iter().take(24).enumerate().position(|(at, token)| stops(at, token.kind))?;
    let open = head + 1 + offset;
    let found = scan.tokens.get(open)?.kind == "{";
    let crossed = rest.iter().take(offset).any(|token| token.begins_line && !is_name(token.kind));
    (found && !crossed).then_some(open)
}
