//! The tree-sitter grammar of Huiqi, for programs that show or search policies.
//!
//! In: nothing. Out: the language and its queries. The parser is C, generated from
//! grammar.js, with a scanner that cuts words as the language's own scanner does.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_huiqi() -> *const ();
}

/// The language, for `tree_sitter::Parser::set_language`.
// SAFETY: the function is the generated one, linked by build.rs, and returns a static table.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_huiqi) };

/// The highlight classes.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");
/// What can be folded.
pub const FOLDS_QUERY: &str = include_str!("../../queries/folds.scm");
/// Where lines are indented.
pub const INDENTS_QUERY: &str = include_str!("../../queries/indents.scm");
/// Scopes, definitions and references.
pub const LOCALS_QUERY: &str = include_str!("../../queries/locals.scm");
/// Languages within a policy.
pub const INJECTIONS_QUERY: &str = include_str!("../../queries/injections.scm");
/// The outline.
pub const TAGS_QUERY: &str = include_str!("../../queries/tags.scm");
