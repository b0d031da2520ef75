//! One layout for every policy file.
//!
//! In: a text that the grammar accepts, and perhaps the language its keywords are to be
//! in. Out: the same text laid out. The formatter works on the words as typed, not on the
//! tree, so that comments and the writer's own choices stay: where a line is broken, whether a
//! block stands on one line, which of several words for one thing is used. It decides the
//! rest: indentation, blanks, blank lines, signs of full width, aligned tables.
//!
//! `pieces` joins the words with what stands between them, `space` says what separates two
//! of them, `layout` breaks and indents lines, `align` makes columns, `language` turns
//! keywords into the other language, and `meaning` compares what was meant before and after.

mod align;
mod language;
mod layout;
mod meaning;
mod pieces;
mod space;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic, Language};
use crate::source::{FileId, Span};
use crate::syntax;

/// Lays a text out, with keywords in `language` where one is given.
///
/// A text that cannot be read is not formatted, and its diagnostics come back. What is
/// returned has been read again and compared: it means the same and has every comment.
pub fn format(file: FileId, text: &str, language: Option<Language>) -> Result<String, Vec<Diagnostic>> {
    let parsed = syntax::parse(file, text);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let rewritten = match language {
        Some(language) => Cow::Owned(language::rewrite(text, language, meaning::has_convention(&parsed.tree.items))),
        None => Cow::Borrowed(text),
    };
    // A separator at the end of a line is left out unless it is what keeps two statements apart.
    for separators in [layout::Separators::Needed, layout::Separators::All] {
        let formatted = layout::layout(&rewritten, separators);
        let again = syntax::parse(file, &formatted);
        if again.diagnostics.is_empty() && meaning::same(&parsed.tree, &again.tree, language.is_some()) {
            return Ok(formatted);
        }
    }
    Err(vec![Diagnostic::new(Code::NotFormatted).at(Span::new(file, 0, 0))])
}
