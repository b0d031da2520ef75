//! From drafts to records: defaults filled in, rows put into the lists that they belong to.
//!
//! In: the joined drafts of every type. Out: the population. Types are finished items
//! first, so that a record is complete when it is put into a list.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::draft::Draft;
use super::population::place_in;
use super::{Cell, DataFile, Population, Record, Rejected};
use crate::check::program::{FactId, Program, RecordId, Type};
use crate::diagnostic::{Code, Diagnostic};

/// Drafts by record type.
pub(super) type Drafts = Vec<Vec<Draft>>;

/// Rows waiting for the record in whose list they stand.
type Waiting = HashMap<(RecordId, FactId), HashMap<SmolStr, Vec<Record>>>;

/// Makes records of drafts. `joined` are the lists for which a table was loaded.
pub(super) fn attach(
    program: &Program,
    mut drafts: Drafts,
    joined: &HashSet<(RecordId, FactId)>,
    loaded: Vec<bool>,
    files: Vec<DataFile>,
) -> Population {
    let parents = ParentKeys::of(&drafts, &loaded);
    let mut population = Population { files, loaded, ..Population::empty(program) };
    let mut waiting = Waiting::new();
    for id in items_first(program) {
        let drafts = drafts.get_mut(id.index()).map(std::mem::take).unwrap_or_default();
        for mut draft in drafts {
            take_lists(program, id, &mut draft, joined, &mut waiting);
            if draft.diagnostics.is_empty() {
                judge_parents(program, id, &mut draft, &parents, &population.files);
            }
            let belongs_to = std::mem::take(&mut draft.parents);
            match finished(program, id, draft) {
                Err(rejected) => population.rejected.push(rejected),
                Ok(record) if belongs_to.iter().all(|(parent, _, _)| parents.of_type(*parent).is_none()) => {
                    if let Some(list) = population.records.get_mut(id.index()) {
                        list.push(record);
                    }
                }
                Ok(record) => {
                    for (parent, list, key) in belongs_to {
                        waiting.entry((parent, list)).or_default().entry(key).or_default().push(record.clone());
                    }
                }
            }
        }
    }
    population.gather(program);
    population
}

/// A draft as a record with its defaults, or kept apart.
pub(super) fn finished(program: &Program, id: RecordId, draft: Draft) -> Result<Record, Rejected> {
    let place = draft.origin();
    if !draft.diagnostics.is_empty() {
        return Err(Rejected { record: id, key: draft.key, place, diagnostics: draft.diagnostics });
    }
    let facts = program.records.get(id.index()).map_or(&[][..], |def| &def.facts);
    let cells = facts.iter().zip(draft.cells).map(|(fact, cell)| match (cell, &fact.default) {
        (Some(Cell::Periods(mut values)), _) => {
            values.sort_by_key(|(period, _)| *period);
            Cell::Periods(values)
        }
        (Some(cell), _) => cell,
        (None, Some(default)) => Cell::Value(default.clone()),
        (None, None) => Cell::Unknown,
    });
    Ok(Record { cells: cells.collect(), place })
}

/// The keys of the records that rows may belong to, by type; none for types without data.
struct ParentKeys(Vec<Option<HashSet<SmolStr>>>);

impl ParentKeys {
    fn of(drafts: &Drafts, loaded: &[bool]) -> ParentKeys {
        let keys = |(drafts, loaded): (&Vec<Draft>, &bool)| {
            loaded.then(|| drafts.iter().filter_map(|draft| draft.key.clone()).collect())
        };
        ParentKeys(drafts.iter().zip(loaded).map(keys).collect())
    }

    fn of_type(&self, parent: RecordId) -> Option<&HashSet<SmolStr>> {
        self.0.get(parent.index())?.as_ref()
    }
}

/// Puts the rows that waited for a record into its lists; a table without a row for it gives an empty list.
fn take_lists(
    program: &Program,
    id: RecordId,
    draft: &mut Draft,
    joined: &HashSet<(RecordId, FactId)>,
    waiting: &mut Waiting,
) {
    let Some(def) = program.records.get(id.index()) else { return };
    for (at, (fact, cell)) in def.facts.iter().zip(&mut draft.cells).enumerate() {
        let list = (id, FactId(u32::try_from(at).unwrap_or(u32::MAX)));
        if !matches!(fact.kind, Type::List(_)) || !joined.contains(&list) {
            continue;
        }
        let rows = draft.key.as_ref().and_then(|key| waiting.get_mut(&list)?.remove(key)).unwrap_or_default();
        match cell {
            Some(Cell::List(own)) => own.extend(rows),
            _ => *cell = Some(Cell::List(rows)),
        }
    }
}

/// A row whose record was loaded nowhere counts for nobody.
fn judge_parents(program: &Program, id: RecordId, draft: &mut Draft, parents: &ParentKeys, files: &[DataFile]) {
    let orphaned: Vec<_> = draft
        .parents
        .iter()
        .filter(|(parent, _, key)| parents.of_type(*parent).is_some_and(|keys| !keys.contains(key)))
        .cloned()
        .collect();
    for (parent, _, key) in orphaned {
        let name = |id: RecordId| program.records.get(id.index()).map_or(SmolStr::default(), |def| def.name.clone());
        let place = place_in(files, draft.origin(), None, Some(&key));
        let diagnostic =
            Diagnostic::new(Code::OrphanRow).with("record", name(id)).with("other", name(parent)).with("key", &key);
        draft.diagnostics.push(diagnostic.in_data(place));
    }
}

/// All record types, those that stand in lists before those whose lists they are.
fn items_first(program: &Program) -> Vec<RecordId> {
    let count = program.records.len();
    let mut order: Vec<RecordId> = Vec::with_capacity(count);
    let mut left: Vec<RecordId> = (0..count).filter_map(|at| u32::try_from(at).ok().map(RecordId)).collect();
    while !left.is_empty() {
        let is_ready = |id: &RecordId| {
            let facts = program.records.get(id.index()).map_or(&[][..], |def| &def.facts);
            facts.iter().all(|fact| match &fact.kind {
                Type::List(item) => item == id || order.contains(item) || !left.contains(item),
                _ => true,
            })
        };
        // Types that list each other have no order: the first declared goes first.
        let next = left.iter().position(is_ready).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}
