//! From drafts to records: rows joined and put into the lists that they belong to, defaults filled in.
//!
//! In: the drafts of every type. Out: the population. Whose a row is, is found from the
//! outermost type inwards; records are finished from the innermost outwards, so that a
//! record is complete when it is put into a list.

use std::collections::{HashMap, HashSet};

use super::belonging::{Tree, judge_owners};
use super::column::Columns;
use super::draft::{Draft, Found};
use super::join::{join, stands_twice};
use super::{Cell, DataFile, Population, Record, Rejected};
use crate::check::program::{FactDef, FactId, Program, RecordId, Type};
use crate::diagnostic::Code;
use crate::value::Value;

/// Drafts by record type.
pub(super) type Drafts = Vec<Vec<Draft>>;

/// The lists for which a table was loaded.
pub(super) type Joined = HashSet<(RecordId, FactId)>;

/// Makes records of drafts. `present` are the types of which there are records, be it inside others. Tells too how
/// many of the rows kept apart, the last ones, stand inside others and in a table as well.
pub(super) fn attach(
    program: &Program,
    mut drafts: Drafts,
    joined: &Joined,
    loaded: Vec<bool>,
    present: &[bool],
    files: Vec<DataFile>,
) -> (Population, usize) {
    let items_first = items_first(program);
    let tree = find_owners(program, &items_first, &mut drafts, present, &files);
    let mut population = Population { loaded, ..Population::empty(program) };
    let mut lists =
        Lists { program, joined, tree: &tree, files: &files, waiting: HashMap::new(), rejected: Vec::new() };
    for id in items_first {
        for mut draft in drafts.get_mut(id.index()).map(std::mem::take).unwrap_or_default() {
            lists.fill_draft(id, &mut draft);
            if tree.has_twin(draft.node)
                && draft.diagnostics.is_empty()
                && let Some(def) = program.records.get(id.index())
            {
                draft.diagnostics.push(stands_twice(def, draft.key.as_ref(), draft.origin(), &files));
            }
            let owners = std::mem::take(&mut draft.owners);
            match finished(program, id, draft) {
                Err(rejected) => population.rejected.push(rejected),
                Ok(record) if owners.iter().all(|owner| owner.found == Found::NotLoaded) => {
                    if let Some(list) = population.records.get_mut(id.index()) {
                        list.push(record);
                    }
                }
                Ok(record) => {
                    for owner in owners {
                        if let (Found::One(node), Some((_, list))) = (owner.found, owner.lists.first()) {
                            lists.waiting.entry((node, *list)).or_default().push(record.clone());
                        }
                    }
                }
            }
        }
    }
    let inside = lists.rejected.len();
    population.rejected.append(&mut lists.rejected);
    population.files = files;
    (population, inside)
}

/// Joins the rows of each type and finds whose they are, owners before what they own.
fn find_owners(
    program: &Program,
    items_first: &[RecordId],
    drafts: &mut Drafts,
    present: &[bool],
    files: &[DataFile],
) -> Tree {
    let is_present = |id: RecordId| present.get(id.index()).copied().unwrap_or(false);
    let mut tree = Tree::default();
    for id in items_first.iter().rev() {
        let (Some(columns), Some(list)) = (Columns::new(program, *id), drafts.get_mut(id.index())) else { continue };
        list.iter_mut().for_each(|draft| tree.find_owners(draft, is_present));
        *list = join(&columns, std::mem::take(list), files);
        for draft in list {
            if draft.diagnostics.is_empty() {
                judge_owners(&columns, draft, files);
            }
            tree.add(program, *id, draft);
        }
    }
    tree
}

/// A draft as a record with its defaults, or kept apart.
pub(super) fn finished(program: &Program, id: RecordId, draft: Draft) -> Result<Record, Rejected> {
    let place = draft.origin();
    if !draft.diagnostics.is_empty() {
        return Err(rejected(program, id, draft));
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

/// A row kept apart. One of the history is named by whom it paid, where its cells have surely not moved.
fn rejected(program: &Program, id: RecordId, draft: Draft) -> Rejected {
    let place = draft.origin();
    let Draft { mut key, mut diagnostics, cells, .. } = draft;
    if program.records.get(id.index()).is_some_and(|def| def.is_history) {
        // It is declared nowhere.
        diagnostics.iter_mut().for_each(|said| said.spans.clear());
        let has_moved = diagnostics.iter().any(|said| said.code == Code::RaggedRow);
        if let (false, Some(Some(Cell::Value(Value::Text(paid_to))))) = (has_moved, cells.first()) {
            key = Some(paid_to.clone());
            for place in diagnostics.iter_mut().filter_map(|said| said.place.as_mut()) {
                place.key = Some(paid_to.to_string());
            }
        }
    }
    Rejected { record: id, key, place, diagnostics }
}

/// Rows waiting for the record in whose list they stand.
struct Lists<'l> {
    program: &'l Program,
    joined: &'l Joined,
    tree: &'l Tree,
    files: &'l [DataFile],
    waiting: HashMap<(usize, FactId), Vec<Record>>,
    /// Records inside others that are kept apart.
    rejected: Vec<Rejected>,
}

impl<'l> Lists<'l> {
    /// Puts the rows that waited for a record into its lists; a table without a row for it gives an empty list.
    fn fill_draft(&mut self, id: RecordId, draft: &mut Draft) {
        // The records inside follow their owner in the tree, in this order.
        let mut next = draft.node.saturating_add(1);
        for ((fact, list), cell) in self.facts(id).iter().zip(0..).zip(&mut draft.cells) {
            let Type::List(item) = fact.kind else { continue };
            let mut own = cell.take().unwrap_or_default();
            self.fill_list((id, FactId(list)), item, draft.node, &mut next, &mut own);
            *cell = Some(own);
        }
    }

    fn fill_list(&mut self, list: (RecordId, FactId), item: RecordId, node: usize, next: &mut usize, cell: &mut Cell) {
        if let Cell::List(records) = cell {
            records.retain_mut(|record| {
                let node = *next;
                *next = next.saturating_add(1);
                for ((fact, list), cell) in self.facts(item).iter().zip(0..).zip(&mut record.cells) {
                    if let Type::List(inner) = fact.kind {
                        self.fill_list((item, FactId(list)), inner, node, next, cell);
                    }
                }
                let twin = self.program.records.get(item.index()).filter(|_| self.tree.has_twin(node));
                if let Some(def) = twin {
                    let key = record.key(self.program, def);
                    let diagnostics = vec![stands_twice(def, key.as_ref(), record.place, self.files)];
                    self.rejected.push(Rejected { record: item, key, place: record.place, diagnostics });
                }
                twin.is_none()
            });
        }
        if self.joined.contains(&list) {
            let rows = self.waiting.remove(&(node, list.1)).unwrap_or_default();
            match cell {
                Cell::List(own) => own.extend(rows),
                _ => *cell = Cell::List(rows),
            }
        }
    }

    fn facts(&self, id: RecordId) -> &'l [FactDef] {
        self.program.records.get(id.index()).map_or(&[][..], |def| &def.facts)
    }
}

/// All record types, those that stand in lists before those whose lists they are.
pub(super) fn items_first(program: &Program) -> Vec<RecordId> {
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
