//! Rows about one record, joined: each fact from whichever file has it.
//!
//! In: the drafts of one record type in order of loading. Out: one draft a record. A key
//! that stands twice within one file, and a fact that two files disagree on, make the
//! whole record wrong, since nobody can say which row was meant.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::column::Columns;
use super::draft::{Draft, Found, Owner, conflict, declared_at};
use super::population::place_in;
use super::{Cell, DataFile, Origin};
use crate::check::program::{FactId, RecordDef, RecordId};
use crate::diagnostic::{Code, Diagnostic};
use crate::value::Period;

/// Whose it is, and its own key.
type Identity = (Vec<Whose>, SmolStr);

/// A list and the record that has it: as found, else as named.
type Whose = (Vec<(RecordId, FactId)>, Option<usize>, Named);

/// The key of an owner, and those above it.
type Named = (SmolStr, Vec<(Vec<RecordId>, SmolStr)>);

/// Joins the drafts of one record type.
pub(super) fn join(columns: &Columns, drafts: Vec<Draft>, files: &[DataFile]) -> Vec<Draft> {
    let mut joined: Vec<Draft> = Vec::with_capacity(drafts.len());
    let mut places: HashMap<Identity, usize> = HashMap::new();
    for mut draft in drafts {
        let Some(key) = draft.key.clone() else {
            joined.push(draft);
            continue;
        };
        let at = match places.entry((draft.owners.iter().map(|owner| whose(owner, &draft)).collect(), key)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(joined.len());
                joined.push(draft);
                continue;
            }
            std::collections::hash_map::Entry::Occupied(entry) => *entry.get(),
        };
        let Some(first) = joined.get_mut(at) else { continue };
        match same_file_row(first, &draft) {
            Some(other) => {
                let (here, there) = (draft.origin(), Some(other));
                duplicate(columns, &mut draft, here, there, files);
                duplicate(columns, first, there, here, files);
                joined.push(draft);
            }
            None => merge(columns, first, draft, files),
        }
    }
    joined
}

fn whose(owner: &Owner, draft: &Draft) -> Whose {
    match owner.found {
        Found::One(node) => (owner.lists.clone(), Some(node), Named::default()),
        _ => (owner.lists.clone(), None, (owner.key.clone(), draft.ancestors.clone())),
    }
}

/// The row of the same file that already gave this record; rows of different periods stand side by side.
fn same_file_row(first: &Draft, draft: &Draft) -> Option<Origin> {
    let file = draft.origin()?.file;
    let beside = |period: Option<Period>| period.is_some() && draft.period.is_some() && period != draft.period;
    let mut rows = first.sources.iter().filter(|(_, period)| !beside(*period));
    rows.find(|(origin, _)| origin.file == file).map(|(origin, _)| *origin)
}

fn duplicate(columns: &Columns, draft: &mut Draft, at: Option<Origin>, other: Option<Origin>, files: &[DataFile]) {
    let diagnostic = stands_twice(columns.def, draft.key.as_ref(), at, files);
    draft.diagnostics.push(diagnostic.with_some("other", other.map(|other| other.row.to_string())));
}

/// A key that stands twice.
pub(super) fn stands_twice(
    def: &RecordDef,
    key: Option<&SmolStr>,
    at: Option<Origin>,
    files: &[DataFile],
) -> Diagnostic {
    let fact = def.key.and_then(|key| def.facts.get(key.index()));
    let place = place_in(files, at, fact.map(|fact| fact.name.as_str()), key.map(SmolStr::as_str));
    let diagnostic = Diagnostic::new(Code::DuplicateKey)
        .with_some("key", key.cloned())
        .with_some("column", fact.map(|fact| fact.name.clone()));
    declared_at(diagnostic, fact).in_data(place)
}

fn merge(columns: &Columns, first: &mut Draft, draft: Draft, files: &[DataFile]) {
    let (here, there) = (draft.origin(), first.origin());
    let there = there.and_then(|origin| files.get(origin.file as usize)).map(|file| file.name.clone());
    let mut said = Vec::new();
    for ((fact, mine), theirs) in columns.def.facts.iter().zip(&mut first.cells).zip(draft.cells) {
        let Some(theirs) = theirs else { continue };
        match (mine.take(), theirs) {
            (None | Some(Cell::Unknown), theirs) => *mine = Some(theirs),
            (Some(kept), Cell::Unknown) => *mine = Some(kept),
            (Some(Cell::Value(a)), Cell::Value(b)) => {
                if a != b {
                    said.push((fact, conflict(columns, fact, &b, &a)));
                }
                *mine = Some(Cell::Value(a));
            }
            (Some(Cell::Periods(mut a)), Cell::Periods(b)) => {
                for (period, value) in b {
                    match a.iter().find(|(other, _)| *other == period) {
                        None => a.push((period, value)),
                        Some((_, other)) if *other == value => {}
                        Some((_, other)) => said.push((fact, conflict(columns, fact, &value, other))),
                    }
                }
                *mine = Some(Cell::Periods(a));
            }
            (Some(Cell::List(mut a)), Cell::List(b)) => {
                a.extend(b);
                *mine = Some(Cell::List(a));
            }
            // Both come of one type: there is no other pair.
            (Some(kept), _) => *mine = Some(kept),
        }
    }
    for (fact, diagnostic) in said {
        let place = place_in(files, here, Some(&fact.name), first.key.as_deref());
        first.diagnostics.push(diagnostic.with_some("found", there.clone()).in_data(place));
    }
    first.diagnostics.extend(draft.diagnostics);
    first.sources.extend(draft.sources);
}
