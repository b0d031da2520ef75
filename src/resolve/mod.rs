//! From files to declarations: what is declared where, across all files of a project.
//!
//! In: the entry files and a way to read others. Out: [`Project`] (the trees in order
//! of use, used files first) and [`Declarations`], which name every policy, article,
//! clause, record, unit, derived fact and parameter once. What the names mean inside
//! expressions is settled by `check`.

mod declarations;
mod files;
mod near;

pub use declarations::{
    ArticleDecl, ClauseDecl, Declarations, LetDecl, ParameterDecl, PolicyDecl, Scope, TestDecl, declare,
};
pub(crate) use files::load_with;
pub use files::{Project, Reader, load, load_text};
pub use near::nearest;
