//! Which record a row belongs to.
//!
//! In: drafts that name the record in whose list they stand, and perhaps records above it.
//! Out: that record, where there is exactly one. A key of a list counts only within its
//! owner, so that two enterprises may have the same fair: what stands above tells which is
//! meant, and where nothing tells, the row is given to neither.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::column::Columns;
use super::draft::{Draft, Found};
use super::input::FileDrafts;
use super::owner::{header_of, header_of_list};
use super::population::place_in;
use super::{Cell, DataFile, Record};
use crate::check::program::{FactDef, FactId, Program, RecordId, Type};
use crate::diagnostic::{Argument, Code, DataPlace, Diagnostic};

/// All records by their owners, those inside objects included.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    by_key: HashMap<RecordId, HashMap<SmolStr, Vec<usize>>>,
    in_list: HashMap<(usize, FactId), HashMap<SmolStr, usize>>,
    /// Records whose key stands twice in one list: in an object and in a table, or twice in an object.
    twins: HashSet<usize>,
}

struct Node {
    /// It is kept apart.
    is_wrong: bool,
    above: Vec<Above>,
}

/// An owner of a record: as named, and its place where it was found.
#[derive(Clone)]
struct Above {
    record: RecordId,
    key: Option<SmolStr>,
    node: Option<usize>,
}

impl Tree {
    /// Finds the owners of a row among the records known so far.
    pub(super) fn find_owners(&self, draft: &mut Draft, is_present: impl Fn(RecordId) -> bool) {
        for owner in &mut draft.owners {
            let Some((record, _)) = owner.lists.first().copied().filter(|(record, _)| is_present(*record)) else {
                continue;
            };
            let same_key =
                self.by_key.get(&record).and_then(|keys| keys.get(&owner.key)).map_or(&[][..], Vec::as_slice);
            let fits = |node: &usize| draft.ancestors.iter().all(|(types, key)| self.may_be_below(*node, types, key));
            let fitting: Vec<usize> = same_key.iter().copied().filter(fits).collect();
            let is_wrong = |at: &usize| self.has_twin(*at) || self.nodes.get(*at).is_some_and(|node| node.is_wrong);
            let all_wrong = || fitting.iter().all(is_wrong);
            owner.found = match fitting.as_slice() {
                [] => Found::Nothing,
                [only] => Found::One(*only),
                // All of them count for nobody, and so does what belongs to them.
                [first, ..] if all_wrong() => Found::One(*first),
                _ => Found::Several(fitting.len()),
            };
        }
    }

    /// Whether nothing known of a record speaks against that record above it.
    fn may_be_below(&self, node: usize, types: &[RecordId], key: &str) -> bool {
        let mut is_known = false;
        let mut left = vec![node];
        // Records are owned by those found before them, so that this ends.
        while let Some(above) = left.pop().and_then(|at| self.nodes.get(at)).map(|node| &node.above) {
            for one in above {
                if types.contains(&one.record) {
                    is_known = true;
                    if one.key.as_deref() == Some(key) {
                        return true;
                    }
                }
                left.extend(one.node);
            }
        }
        !is_known
    }

    /// Adds a record with those inside it, and says where.
    pub(super) fn add(&mut self, program: &Program, id: RecordId, draft: &mut Draft) {
        let named = draft.owners.iter().filter_map(|owner| {
            let node = if let Found::One(node) = owner.found { Some(node) } else { None };
            Some(Above { record: owner.lists.first()?.0, key: Some(owner.key.clone()), node })
        });
        let mut above: Vec<Above> = named.collect();
        if above.iter().all(|one| one.node.is_none()) {
            let further = draft.ancestors.iter().flat_map(|(types, key)| types.iter().map(move |record| (record, key)));
            above.extend(further.map(|(record, key)| Above { record: *record, key: Some(key.clone()), node: None }));
        }
        draft.node = self.push(id, draft.key.as_ref(), above, !draft.diagnostics.is_empty());
        for owner in draft.owners.iter().filter(|_| draft.diagnostics.is_empty()) {
            if let (Found::One(node), Some((_, list))) = (owner.found, owner.lists.first()) {
                self.list((node, *list), draft.key.as_ref(), draft.node);
            }
        }
        let inside = Above { record: id, key: draft.key.clone(), node: Some(draft.node) };
        let facts = program.records.get(id.index()).map_or(&[][..], |def| &def.facts);
        for ((fact, list), cell) in facts.iter().zip(0..).zip(&draft.cells) {
            if let (Type::List(item), Some(Cell::List(items))) = (&fact.kind, cell) {
                self.add_inside(program, *item, items, &inside, (draft.node, FactId(list)));
            }
        }
    }

    fn add_inside(&mut self, program: &Program, id: RecordId, items: &[Record], owner: &Above, list: (usize, FactId)) {
        let Some(def) = program.records.get(id.index()) else { return };
        let is_wrong = owner.node.and_then(|node| self.nodes.get(node)).is_some_and(|node| node.is_wrong);
        for record in items {
            let key = record.key(program, def);
            let node = self.push(id, key.as_ref(), vec![owner.clone()], is_wrong);
            self.list(list, key.as_ref(), node);
            let inside = Above { record: id, key, node: Some(node) };
            for ((fact, list), cell) in def.facts.iter().zip(0..).zip(&record.cells) {
                if let (Type::List(item), Cell::List(items)) = (&fact.kind, cell) {
                    self.add_inside(program, *item, items, &inside, (node, FactId(list)));
                }
            }
        }
    }

    fn push(&mut self, id: RecordId, key: Option<&SmolStr>, above: Vec<Above>, is_wrong: bool) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node { is_wrong, above });
        if let Some(key) = key {
            self.by_key.entry(id).or_default().entry(key.clone()).or_default().push(at);
        }
        at
    }

    /// Notes a record of a list; one whose key stood there already is its twin.
    fn list(&mut self, list: (usize, FactId), key: Option<&SmolStr>, node: usize) {
        let Some(key) = key else { return };
        match self.in_list.entry(list).or_default().entry(key.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(node);
            }
            Entry::Occupied(entry) => self.twins.extend([*entry.get(), node]),
        }
    }

    /// Whether the key of a record stands twice in its list.
    pub(super) fn has_twin(&self, node: usize) -> bool {
        self.twins.contains(&node)
    }
}

/// A row whose owner is not there, or may be any of several, counts for nobody.
pub(super) fn judge_owners(columns: &Columns, draft: &mut Draft, files: &[DataFile]) {
    let name =
        |id: RecordId| columns.program.records.get(id.index()).map_or(SmolStr::default(), |def| def.name.clone());
    let mut said = Vec::new();
    for owner in &draft.owners {
        let code = match owner.found {
            Found::NotLoaded | Found::One(_) => continue,
            Found::Nothing => Code::OrphanRow,
            Found::Several(_) => Code::AmbiguousOwner,
        };
        let mut diagnostic = Diagnostic::new(code)
            .with("record", &columns.def.name)
            .with_some("other", owner.lists.first().map(|(record, _)| name(*record)))
            .with("key", &owner.key);
        if let Found::Several(count) = owner.found {
            let is_named = |record: RecordId| draft.ancestors.iter().any(|(types, _)| types.contains(&record));
            let mut missing = columns.ancestors.iter().filter(|ancestor| !is_named(ancestor.record));
            let wanted = missing.find_map(|ancestor| header_of(columns, ancestor.record));
            diagnostic = diagnostic.with("count", count.to_string()).with_some("expected", wanted);
        }
        said.push(diagnostic.in_data(place_in(files, draft.origin(), Some(&owner.column), Some(&owner.key))));
    }
    draft.diagnostics.extend(said);
}

/// The types of which there are records, be it inside others.
pub(super) fn types_present(program: &Program, parts: &[FileDrafts]) -> Vec<bool> {
    let mut present = vec![false; program.records.len()];
    for part in parts {
        let facts = program.records.get(part.record.index()).map_or(&[][..], |def| &def.facts);
        if let Some(flag) = present.get_mut(part.record.index()) {
            *flag |= part.readable;
        }
        // Of a million rows, only the lists are looked at.
        for (at, fact) in facts.iter().enumerate().filter(|(_, fact)| matches!(fact.kind, Type::List(_))) {
            for cell in part.drafts.iter().filter_map(|draft| draft.cells.get(at)?.as_ref()) {
                mark_inside(program, fact, cell, &mut present);
            }
        }
    }
    present
}

fn mark_inside(program: &Program, fact: &FactDef, cell: &Cell, present: &mut [bool]) {
    let (Type::List(item), Cell::List(items)) = (&fact.kind, cell) else { return };
    let facts = program.records.get(item.index()).map_or(&[][..], |def| &def.facts);
    for record in items {
        if let Some(flag) = present.get_mut(item.index()) {
            *flag = true;
        }
        facts.iter().zip(&record.cells).for_each(|(fact, cell)| mark_inside(program, fact, cell, present));
    }
}

/// Leaves each owner the one list that can be meant. A file that leaves it open is not used.
pub(super) fn choose_lists(program: &Program, part: &mut FileDrafts, present: &[bool]) {
    let is_present = |(record, _): &(RecordId, FactId)| present.get(record.index()).copied().unwrap_or(false);
    let mut open = None;
    for owner in part.drafts.iter_mut().flat_map(|draft| &mut draft.owners) {
        if owner.lists.iter().any(is_present) {
            owner.lists.retain(is_present);
            if owner.lists.len() > 1 {
                open = Some(owner.clone());
                break;
            }
        }
    }
    let (Some(owner), Some(columns)) = (open, Columns::new(program, part.record)) else { return };
    let wanted = owner.lists.iter().filter_map(|list| header_of_list(&columns, *list)).collect::<Vec<_>>();
    let place =
        DataPlace { file: part.report.file.clone(), column: Some(owner.column.to_string()), ..DataPlace::default() };
    let diagnostic = Diagnostic::new(Code::AmbiguousList)
        .with("column", &owner.column)
        .with("record", &columns.def.name)
        .with("expected", Argument::phrase(wanted.join("、"), wanted.join(", ")));
    part.diagnostics.push(diagnostic.in_data(place));
    part.drafts.clear();
    part.joins.clear();
    part.readable = false;
}
