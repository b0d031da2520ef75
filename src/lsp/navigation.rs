//! Where a name is declared and where it is used, across files.
//!
//! In: a name of one analysis. Out: places. Other files of the workspace are analysed with
//! what they use; a name there is the same where it is declared at the same place.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names::{Occurrence, Symbol};
use super::world::{Analysis, World};
use crate::source::Span;
use crate::syntax::tree::{Item, Text};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Site {
    /// The file.
    pub path: PathBuf,
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// A place of an analysis as a place in a file.
pub(super) fn site(analysis: &Analysis, span: Span) -> Option<Site> {
    let path = analysis.path(span.file)?.to_path_buf();
    Some(Site { path, start: span.start as usize, end: span.end as usize })
}

/// Where the name at a byte is declared; a `use` leads to its file.
pub(super) fn definition(analysis: &Analysis, byte: usize) -> Vec<Site> {
    if let Some(used) = used_at(analysis, byte)
        && let Some(path) = analysis.path(analysis.file).and_then(Path::parent)
    {
        let target = normal(&path.join(used.text.as_str()));
        return if target.exists() { vec![Site { path: target, start: 0, end: 0 }] } else { Vec::new() };
    }
    let Some(symbol) = analysis.name_at(byte).and_then(|name| name.symbol) else { return Vec::new() };
    declarations(analysis, symbol)
}

fn used_at(analysis: &Analysis, byte: usize) -> Option<&Text> {
    analysis.tree()?.items.iter().find_map(|item| match item {
        Item::Use(text) if (text.span.start as usize..=text.span.end as usize).contains(&byte) => Some(text),
        _ => None,
    })
}

/// The path with `.` and `..` worked out.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// Where something is declared: its canonical name, in each block that declares it.
pub(super) fn declarations(analysis: &Analysis, symbol: Symbol) -> Vec<Site> {
    let declared = analysis.all_names().filter(|name| name.declares && name.symbol == Some(symbol));
    let mut found: Vec<&Occurrence> = declared.collect();
    // Of a name and its aliases, the first is the one to go to.
    found.dedup_by(|b, a| a.span.file == b.span.file && is_next(analysis, a, b));
    found.into_iter().filter_map(|name| site(analysis, name.span)).collect()
}

/// Whether only a `/` stands between two names.
fn is_next(analysis: &Analysis, a: &Occurrence, b: &Occurrence) -> bool {
    let between =
        analysis.source(a.span.file).and_then(|file| file.text.get(a.span.end as usize..b.span.start as usize));
    between.is_some_and(|between| matches!(between.trim(), "/" | "／"))
}

/// Every place of what is named at a byte, in all files of the workspace, in order.
pub(super) fn references(world: &mut World, path: &Path, byte: usize, declared: bool) -> Vec<Site> {
    let own = world.analysis(path);
    let Some(symbol) = own.name_at(byte).and_then(|name| name.symbol) else { return Vec::new() };
    let mut found = Vec::new();
    for (analysis, symbol) in analyses(world, path, &own, symbol) {
        let names = analysis.names(analysis.file).iter();
        let wanted = names.filter(|name| name.symbol == Some(symbol) && (declared || !name.declares));
        found.extend(wanted.filter_map(|name| site(&analysis, name.span)));
    }
    found.sort();
    found.dedup();
    found
}

/// The analyses of all files that know something, each with what they call it.
pub(super) fn analyses(
    world: &mut World,
    path: &Path,
    own: &Arc<Analysis>,
    symbol: Symbol,
) -> Vec<(Arc<Analysis>, Symbol)> {
    let places: HashSet<Site> = declarations(own, symbol).into_iter().collect();
    let names: HashSet<String> =
        own.all_names().filter(|name| name.symbol == Some(symbol)).map(|name| name.text.to_string()).collect();
    let mut found = Vec::new();
    for file in world.policy_files(path) {
        let Some((text, _)) = world.text(&file) else { continue };
        if file != path && !names.iter().any(|name| text.contains(name.as_str())) {
            continue;
        }
        let analysis = world.analysis(&file);
        let same = analysis.all_names().find_map(|name| {
            let symbol = name.symbol.filter(|_| name.declares)?;
            site(&analysis, name.span).filter(|site| places.contains(site)).map(|_| symbol)
        });
        match same {
            Some(symbol) => found.push((analysis, symbol)),
            None if file == path => found.push((analysis, symbol)),
            None => {}
        }
    }
    found
}
