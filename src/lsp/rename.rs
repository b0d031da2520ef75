//! Renaming a fact, a clause, an alias, a policy, a parameter, a record.
//!
//! In: the name at a byte and its new form. Out: what is to be replaced, file by file. One name of
//! a thing is renamed: its other names stay, and so do the places that use them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::formatting::Replacement;
use super::names::{Occurrence, Symbol};
use super::navigation::{analyses, declarations};
use super::world::{Analysis, World};
use crate::syntax::words::tokens;

/// Why something is not renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing that can be renamed stands here.
    NoName,
    /// The new name is no name.
    BadName,
    /// Something else is called so.
    Taken,
}

impl Refusal {
    /// In Chinese and English.
    pub fn told(self) -> (&'static str, &'static str) {
        match self {
            Refusal::NoName => ("这里没有可以改名的名称", "nothing that can be renamed stands here"),
            Refusal::BadName => {
                ("这不能作名称：名称里不能有引号和换行", "this is no name: it may not hold quotes and line ends")
            }
            Refusal::Taken => ("这个名称已经有了", "something is already called so"),
        }
    }
}

/// The name at a byte, if it can be renamed.
pub(super) fn renamable(analysis: &Analysis, byte: usize) -> Option<&Occurrence> {
    let name = analysis.name_at(byte)?;
    let symbol = name.symbol.filter(|symbol| !matches!(symbol, Symbol::Unit(_)))?;
    let declared = symbol == Symbol::Article || !declarations(analysis, symbol).is_empty();
    declared.then_some(name)
}

/// What renaming replaces, by file.
pub(super) fn rename(
    world: &mut World,
    path: &Path,
    byte: usize,
    to: &str,
) -> Result<BTreeMap<PathBuf, Vec<Replacement>>, Refusal> {
    let own = world.analysis(path);
    let name = renamable(&own, byte).ok_or(Refusal::NoName)?.clone();
    let symbol = name.symbol.ok_or(Refusal::NoName)?;
    let written = as_name(to).ok_or(Refusal::BadName)?;
    let bare = SmolStr::new(written.trim_matches(['「', '」']));
    let mut edits: BTreeMap<PathBuf, Vec<Replacement>> = BTreeMap::new();
    if symbol == Symbol::Article {
        edits.entry(path.to_path_buf()).or_default().push((name.span.start as usize..name.span.end as usize, written));
        return Ok(edits);
    }
    if bare != name.text
        && own.all_names().any(|other| other.declares && other.text == bare && rivals(other.symbol, symbol))
    {
        return Err(Refusal::Taken);
    }
    for (analysis, symbol) in analyses(world, path, &own, symbol) {
        let Some(file) = analysis.path(analysis.file).map(Path::to_path_buf) else { continue };
        let called = analysis
            .names(analysis.file)
            .iter()
            .filter(|other| other.symbol == Some(symbol) && other.text == name.text);
        let edits = edits.entry(file).or_default();
        edits.extend(called.map(|other| (other.span.start as usize..other.span.end as usize, written.clone())));
    }
    edits.retain(|_, edits| !edits.is_empty());
    Ok(edits)
}

/// Whether two things may not have one name.
fn rivals(other: Option<Symbol>, symbol: Symbol) -> bool {
    match (other, symbol) {
        (Some(Symbol::Fact(a, _)), Symbol::Fact(b, _)) => a == b,
        (Some(Symbol::Clause(_)), Symbol::Clause(_)) => true,
        (Some(Symbol::Level(a, _)), Symbol::Level(b, _)) => a == b,
        (Some(other), symbol) => std::mem::discriminant(&other) == std::mem::discriminant(&symbol),
        (None, _) => false,
    }
}

/// A name as it is written: in 「 」 where it needs them.
pub(super) fn as_name(name: &str) -> Option<String> {
    let name = name.trim();
    let inner = name.strip_prefix('「').and_then(|rest| rest.strip_suffix('」')).unwrap_or(name);
    if inner.is_empty() || inner.contains(['「', '」', '\n', '\r']) {
        return None;
    }
    let (words, comments) = tokens(inner);
    match words.as_slice() {
        [word] if comments.is_empty() && word.kind == "NAME" && word.text == inner => Some(inner.to_owned()),
        _ => Some(format!("「{inner}」")),
    }
}
