//! Lines: where they break, how far they are indented, which empty lines stay.
//!
//! In: a text that the grammar accepts. Out: the same words laid out. A block that was
//! typed on one line stays on one; a block of several lines gets a line for each statement.
//! Within a statement, lines break where they were broken.

use unicode_width::UnicodeWidthStr;

use super::align::{self, Column, Line};
use super::pieces::{Block, Member, Piece, Remark, Separator, pieces};
use super::space::{adjoin, is_type_colon, written};
use crate::syntax::words::{Rule, words};

/// Which separators between statements are written at the ends of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separators {
    /// None: the line end is enough.
    Needed,
    /// Those that were typed.
    All,
}

/// One step of indentation.
const STEP: usize = 2;

/// Lays a text out.
pub(super) fn layout(text: &str, separators: Separators) -> String {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let words = words(body);
    let (pieces, rest) = pieces(body, &words);
    let mut layout = Layout::new(&pieces, separators);
    for at in 0..pieces.len() {
        layout.piece(at);
    }
    layout.remarks(&rest, 0, true);
    align::align(&mut layout.lines);
    let line_end = if body.split('\n').next().is_some_and(|first| first.ends_with('\r')) { "\r\n" } else { "\n" };
    let mark = if body.len() < text.len() { "\u{feff}" } else { "" };
    format!("{mark}{}", align::text(&layout.lines, line_end))
}

/// An open bracket.
struct Bracket {
    block: Block,
    /// Whether what it holds stands on lines of its own.
    broken: bool,
    /// The indentation of the line it opens on.
    indent: usize,
}

struct Layout<'p, 't> {
    pieces: &'p [Piece<'t>],
    separators: Separators,
    lines: Vec<Line>,
    open: Vec<Bracket>,
    /// A line break that stood before a comma: it comes behind it.
    carried: bool,
    /// Whether the bracket that each piece opens is broken.
    broken: Vec<bool>,
}

impl<'p, 't> Layout<'p, 't> {
    fn new(pieces: &'p [Piece<'t>], separators: Separators) -> Self {
        Layout { pieces, separators, lines: Vec::new(), open: Vec::new(), carried: false, broken: broken(pieces) }
    }

    fn piece(&mut self, at: usize) {
        let Some(piece) = self.pieces.get(at) else { return };
        let before = at.checked_sub(1).and_then(|before| self.pieces.get(before));
        let indent = self.indent(piece);
        let breaks = before.is_some_and(|before| self.breaks(before, piece));
        self.separate(before, piece, breaks);
        let own_lines = if piece.closes { indent + STEP } else { indent };
        let member = piece.member.is_some();
        let opened = before.is_none_or(|before| before.opens.is_some());
        self.remarks(&piece.remarks, own_lines, (member || piece.closes) && !opened);
        if breaks || before.is_none() {
            let empty = piece.lines > 1 && member && !(opened && piece.remarks.is_empty());
            self.lines.push(Line { indent, blank_before: empty, ..Line::default() });
        } else if let Some(before) = before
            && let Some(line) = self.lines.last_mut()
        {
            let wide = piece.separator == Some(Separator::WideComma) && line.text.ends_with('，');
            if !wide && !adjoin(before, piece) {
                line.text.push(' ');
            }
        }
        self.columns(before, piece, at);
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(&written(piece));
        }
        self.brackets(piece, at);
    }

    /// Whether a piece begins a line.
    fn breaks(&mut self, before: &Piece, piece: &Piece) -> bool {
        let carried = std::mem::take(&mut self.carried);
        if !piece.remarks.is_empty() {
            return true;
        }
        let typed = piece.lines > 0 || carried;
        let top = self.open.last();
        let broken = top.is_none_or(|top| top.broken);
        if piece.closes {
            return top.is_some_and(|top| top.broken) && before.opens.is_none_or(|_| typed);
        }
        if let (Some(_), Some(top)) = (before.opens, top) {
            return top.broken;
        }
        match piece.member {
            Some(Member::Own) => {
                let row = top.is_some_and(|top| top.block == Block::Rows);
                broken && (typed || row || piece.separator != Some(Separator::Semicolon))
            }
            Some(_) => typed,
            None if piece.word.kind == "," => {
                self.carried = typed;
                false
            }
            None => typed && !matches!(piece.word.kind, ":" | "." | "的" | "{") && !adjoin(before, piece),
        }
    }

    /// How far a line that begins with a piece is indented.
    fn indent(&self, piece: &Piece) -> usize {
        let Some(top) = self.open.last() else {
            return if piece.member == Some(Member::Own) { 0 } else { STEP };
        };
        if piece.closes {
            return top.indent;
        }
        let inner = top.indent + STEP;
        let hangs = match piece.member {
            Some(Member::Hanging) => true,
            Some(_) => false,
            None => matches!(top.block, Block::Statements | Block::Clause | Block::Rows),
        };
        if hangs { inner + STEP } else { inner }
    }

    /// Writes what separates a piece from the one before, at the end of that one's line.
    fn separate(&mut self, before: Option<&Piece>, piece: &Piece, breaks: bool) {
        let Some(before) = before else { return };
        let Some(line) = self.lines.last_mut() else { return };
        let first = before.opens.is_some();
        let typed = piece.separator;
        let block = self.open.last().map_or(Block::Statements, |top| top.block);
        let sign = match piece.member {
            _ if first || piece.closes => None,
            Some(Member::Fill) => Some(","),
            _ if breaks && self.separators == Separators::Needed => None,
            Some(Member::Own) if block == Block::Rows && !breaks => Some(","),
            Some(Member::Own) if block == Block::Statements && !breaks && before.word.kind != "}" => {
                Some(typed.map_or(";", sign))
            }
            Some(_) => typed.map(sign),
            None => None,
        };
        line.text.push_str(sign.unwrap_or(""));
    }

    /// Comments before a piece: the first may end the line before, the others have lines of their own.
    fn remarks(&mut self, remarks: &[Remark], indent: usize, empty_lines: bool) {
        for (at, remark) in remarks.iter().enumerate() {
            if remark.lines == 0
                && let Some(line) = self.lines.last_mut()
            {
                line.comment = Some(remark.text.clone());
                continue;
            }
            let blank_before = remark.lines > 1 && (at > 0 || empty_lines) && !self.lines.is_empty();
            let text = remark.text.clone();
            self.lines.push(Line { indent, blank_before, text, ..Line::default() });
        }
    }

    /// Notes where a column may begin.
    fn columns(&mut self, before: Option<&Piece>, piece: &Piece, at: usize) {
        let Some(top) = self.open.last() else { return };
        let row = before.is_some_and(|before| before.rule == Rule::table_row && before.word.kind == ":");
        let found = if piece.word.kind == ":" && piece.rule == Rule::fact && is_type_colon(piece.rule) {
            // The blank before the colon belongs to the column.
            Some((Column::Type, 1))
        } else if top.block == Block::Rows && top.broken && row {
            Some((Column::Value, 0))
        } else if piece.member == Some(Member::Fill) && self.lines.last().is_some_and(|line| line.cells.is_some()) {
            Some((Column::Cell, 0))
        } else {
            None
        };
        let Some(line) = self.lines.last_mut() else { return };
        if let Some((column, back)) = found
            && !(column == Column::Cell && before.is_some_and(|before| before.opens.is_some()))
        {
            line.marks.push((line.text.len() - back.min(line.text.len()), column));
        }
        if piece.opens == Some(Block::Fill) && line.text.is_empty() && top.block == Block::Fill {
            line.cells = row_cells(self.pieces, at);
        }
    }

    fn brackets(&mut self, piece: &Piece, at: usize) {
        if let Some(block) = piece.opens {
            let indent = self.lines.last().map_or(0, |line| line.indent);
            let broken = self.broken.get(at).copied().unwrap_or(false);
            self.open.push(Bracket { block, broken, indent });
        } else if piece.closes {
            self.open.pop();
        }
    }
}

fn sign(separator: Separator) -> &'static str {
    match separator {
        Separator::Comma => ",",
        Separator::WideComma => "，",
        Separator::Semicolon => ";",
    }
}

/// Which brackets hold lines of their own: a block with any line end in it; a row, a list or
/// parentheses whose contents begin a line.
fn broken(pieces: &[Piece]) -> Vec<bool> {
    let mut broken = vec![false; pieces.len()];
    let mut open: Vec<(usize, Block)> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let opened = at.checked_sub(1).filter(|before| open.last().is_some_and(|(top, _)| top == before));
        if piece.is_apart() {
            for (bracket, block) in &open {
                let whole = matches!(block, Block::Statements | Block::Clause | Block::Rows);
                if let Some(place) = broken.get_mut(*bracket) {
                    *place |= whole || opened == Some(*bracket);
                }
            }
        }
        // Nothing but a line end between brackets is nothing.
        if piece.closes
            && let Some((bracket, _)) = open.pop()
            && at == bracket + 1
            && piece.remarks.is_empty()
            && let Some(place) = broken.get_mut(bracket)
        {
            *place = false;
        }
        if let Some(block) = piece.opens {
            open.push((at, block));
        }
    }
    broken
}

/// Rows wider than this are not brought below each other: nobody sees them whole.
const WIDEST_ROW: usize = 160;

/// The names of the cells of a row that stands on one line and holds no list, nothing where it does not.
fn row_cells(pieces: &[Piece], from: usize) -> Option<String> {
    let mut names = String::new();
    let mut width = 0;
    for piece in pieces.iter().skip(from + 1) {
        if piece.closes {
            return (piece.word.kind == "}" && !piece.is_apart()).then_some(names);
        }
        width += piece.word.text.width() + 1;
        if piece.is_apart() || piece.opens == Some(Block::Fill) || width > WIDEST_ROW || piece.word.text.contains('\n')
        {
            return None;
        }
        if piece.member.is_some() {
            names.push_str(piece.word.text);
            names.push('\n');
        }
    }
    None
}
