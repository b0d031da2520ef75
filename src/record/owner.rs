//! The columns by which a row says to whom it belongs.
//!
//! In: the record types and which of them list which. Out: the owners of a type, the types
//! further up, and the headers that name the key of each. A bare name, such as the key's,
//! is that of the nearest type that it fits: `代码` in a row of a booth is the code of the
//! enterprise only where neither booth nor exhibition has a fact of that name.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::column::{Column, Columns, fact_names, folded, record_names};
use crate::check::program::{FactId, Program, RecordDef, RecordId, Type};

/// A list in which rows of a type stand.
pub(super) struct Parent {
    pub(super) record: RecordId,
    /// The list.
    pub(super) list: FactId,
    /// The name of its owner's key.
    pub(super) key: SmolStr,
    pub(super) names: Vec<String>,
}

/// A record type whose lists lead to a row over those of other types.
pub(super) struct Ancestor {
    pub(super) record: RecordId,
    pub(super) names: Vec<String>,
}

/// The lists in which rows of this type stand. Of several in one record, the column may be headed by the list's name.
pub(super) fn parents_of(program: &Program, record: RecordId) -> Vec<Parent> {
    let Some(own) = program.records.get(record.index()) else { return Vec::new() };
    let own_key: HashSet<String> = own.key.map(|key| names_of_key(own, key)).unwrap_or_default();
    let mut parents = Vec::new();
    for (id, def) in numbered(program) {
        let Some((key_id, key)) = def.key.and_then(|key| Some((key, def.facts.get(key.index())?))) else { continue };
        let lists = || def.facts.iter().zip(0..).filter(|(fact, _)| fact.kind == Type::List(record));
        for (fact, at) in lists() {
            let mut names = full_names(def);
            names.extend(names_of_key(def, key_id).into_iter().filter(|name| !own_key.contains(name)));
            if lists().count() > 1 {
                names.extend(fact_names(fact).map(|name| folded(name)));
            }
            parents.push(Parent { record: id, list: FactId(at), key: key.name.clone(), names });
        }
    }
    parents
}

/// The types above those of [`parents_of`], the nearest first.
pub(super) fn ancestors_of(program: &Program, record: RecordId, parents: &[Parent]) -> Vec<Ancestor> {
    let mut taken: HashSet<String> = parents.iter().flat_map(|parent| parent.names.iter().cloned()).collect();
    let mut seen = HashSet::from([record]);
    take_names(program, record, &mut taken);
    let mut level: Vec<RecordId> = parents.iter().map(|parent| parent.record).collect();
    let mut ancestors = Vec::new();
    while !level.is_empty() {
        level.retain(|id| seen.insert(*id));
        level.iter().for_each(|id| take_names(program, *id, &mut taken));
        let lists_one = |def: &RecordDef| {
            def.facts.iter().any(|fact| matches!(&fact.kind, Type::List(item) if level.contains(item)))
        };
        let above = numbered(program).filter(|(id, def)| !seen.contains(id) && lists_one(def));
        let above: Vec<(RecordId, &RecordDef)> = above.collect();
        for (id, def) in &above {
            let Some(key) = def.key else { continue };
            let mut names = full_names(def);
            names.extend(names_of_key(def, key));
            names.retain(|name| !taken.contains(name));
            ancestors.push(Ancestor { record: *id, names });
        }
        level = above.into_iter().map(|(id, _)| id).collect();
    }
    ancestors
}

/// Reads the columns of a row beside each other: the owner is the nearest record that is named, and what stands
/// above it tells which one is meant; where no owner is named, what stands above tells nothing.
pub(super) fn settle(columns: &Columns, found: &mut [&mut Column]) {
    let record_of = |at: &usize| columns.parents.get(*at).map(|parent| parent.record);
    let named: HashSet<RecordId> = found.iter().flat_map(|column| &column.parents).filter_map(record_of).collect();
    if named.is_empty() {
        found.iter_mut().for_each(|column| column.ancestors.clear());
    }
    if named.len() < 2 {
        return;
    }
    let above = |upper: RecordId, lower: RecordId| is_above(columns.program, upper, lower);
    let is_upper = |one: &RecordId| named.iter().any(|other| above(*one, *other) && !above(*other, *one));
    let upper: HashSet<RecordId> = named.iter().copied().filter(is_upper).collect();
    for column in found.iter_mut() {
        let records = column.parents.iter().filter_map(record_of).filter(|record| upper.contains(record));
        column.ancestors.extend(records);
        column.ancestors.dedup();
        column.parents.retain(|at| record_of(at).is_none_or(|record| !upper.contains(&record)));
    }
}

/// Whether two columns hold the key of the same owner.
pub(super) fn same_owner(one: &Column, other: &Column) -> bool {
    one.parents.iter().any(|at| other.parents.contains(at))
        || one.ancestors.iter().any(|record| other.ancestors.contains(record))
}

/// The name of the record whose key a column holds.
pub(super) fn owner_name(columns: &Columns, column: &Column) -> Option<SmolStr> {
    let parent = column.parents.iter().find_map(|at| columns.parents.get(*at)).map(|parent| parent.record);
    let record = parent.or(column.ancestors.first().copied())?;
    columns.program.records.get(record.index()).map(|def| def.name.clone())
}

/// The columns by which rows of a type name their owners, the farthest first.
pub fn owner_headers(program: &Program, record: RecordId) -> Vec<String> {
    let Some(columns) = &Columns::new(program, record) else { return Vec::new() };
    let mut headers = Vec::new();
    for ancestor in columns.ancestors.iter().rev() {
        headers.extend(header_of(columns, ancestor.record));
    }
    headers.extend(columns.parents.iter().filter_map(|parent| header_of_list(columns, (parent.record, parent.list))));
    headers
}

/// The columns by which rows of one list name their owners, the farthest first: `way` leads from a record with
/// rows of its own over lists to this one. None where an owner cannot be named.
pub fn headers_of_way(program: &Program, way: &[(RecordId, FactId)]) -> Option<Vec<String>> {
    let Some(((owner, list), above)) = way.split_last() else { return Some(Vec::new()) };
    let record = match program.records.get(owner.index())?.facts.get(list.index())?.kind {
        Type::List(item) => item,
        _ => return None,
    };
    let columns = Columns::new(program, record)?;
    let mut headers: Vec<String> =
        above.iter().map(|(record, _)| header_of(&columns, *record)).collect::<Option<_>>()?;
    headers.push(header_of_list(&columns, (*owner, *list))?);
    Some(headers)
}

/// The header under which a row names the record in whose list it stands.
pub(super) fn header_of_list(columns: &Columns, (record, list): (RecordId, FactId)) -> Option<String> {
    if columns.parents.iter().filter(|parent| parent.record == record).count() < 2 {
        return header_of(columns, record);
    }
    let fact = columns.program.records.get(record.index())?.facts.get(list.index())?;
    fact_names(fact).map(SmolStr::to_string).find(|name| columns.find(name).parents.len() == 1)
}

/// The shortest header that means the key of that owner and nothing else.
pub(super) fn header_of(columns: &Columns, owner: RecordId) -> Option<String> {
    let def = columns.program.records.get(owner.index())?;
    let key = &def.facts.get(def.key?.index())?.name;
    let is_it = |header: &String| {
        let column = columns.find(header);
        let mut parents = column.parents.iter().filter_map(|at| columns.parents.get(*at)).map(|parent| parent.record);
        let of_parent = !column.parents.is_empty() && parents.all(|record| record == owner);
        column.fact.is_none() && (of_parent || column.ancestors == [owner])
    };
    [key.to_string(), format!("{}{key}", def.name), format!("{}.{key}", def.name), def.name.to_string()]
        .into_iter()
        .find(is_it)
}

fn numbered(program: &Program) -> impl Iterator<Item = (RecordId, &RecordDef)> {
    program.records.iter().zip(0..).map(|(def, at)| (RecordId(at), def))
}

fn names_of_key(def: &RecordDef, key: FactId) -> HashSet<String> {
    def.facts.get(key.index()).map(|fact| fact_names(fact).map(|name| folded(name)).collect()).unwrap_or_default()
}

/// `企业`, `企业代码`, `企业.代码`.
fn full_names(def: &RecordDef) -> Vec<String> {
    let mut names: Vec<String> = record_names(def).map(|name| folded(name)).collect();
    for key in def.key.map(|key| names_of_key(def, key)).unwrap_or_default() {
        names.extend(record_names(def).flat_map(|name| [format!("{name}{key}"), format!("{name}.{key}")]));
    }
    names
}

/// Whether rows of one type stand, over however many levels, in lists of another.
fn is_above(program: &Program, upper: RecordId, lower: RecordId) -> bool {
    let mut seen = HashSet::from([upper]);
    let mut level = vec![upper];
    while let Some(id) = level.pop() {
        for fact in program.records.get(id.index()).map_or(&[][..], |def| &def.facts) {
            match fact.kind {
                Type::List(item) if item == lower => return true,
                Type::List(item) if seen.insert(item) => level.push(item),
                _ => {}
            }
        }
    }
    false
}

fn take_names(program: &Program, record: RecordId, taken: &mut HashSet<String>) {
    if let Some(def) = program.records.get(record.index()) {
        taken.extend(record_names(def).map(|name| folded(name)));
        taken.extend(def.facts.iter().flat_map(fact_names).map(|name| folded(name)));
    }
}
