//! All records that were loaded, by type, and the rows kept apart.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::{Cell, Origin, Record};
use crate::check::program::{Node, Program, RecordId, Type};
use crate::diagnostic::{DataPlace, Diagnostic};

/// The records of one evaluation.
#[derive(Debug, Clone, Default)]
pub struct Population {
    /// Every record by its type: those with rows of their own, then those that stand in lists of others.
    pub records: Vec<Vec<Record>>,
    /// The types for which data was loaded, be it without a row: history that was not loaded is unknown.
    pub loaded: Vec<bool>,
    /// Rows kept apart.
    pub rejected: Vec<Rejected>,
    /// The files that were read.
    pub files: Vec<DataFile>,
    /// How many of `records` have rows of their own; the rest are copies out of lists.
    pub(super) own: Vec<usize>,
    /// The types of which the records in lists are copied; all, where nothing says of which.
    pub(super) copied: Option<Vec<bool>>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataFile {
    /// Its name as given.
    pub name: String,
    /// How its rows are told apart.
    pub rows: RowsAre,
}

/// How the rows of a file are told apart in messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RowsAre {
    /// By the number of the row or line.
    #[default]
    Numbered,
    /// As objects of an array, which has this path.
    Objects(String),
    /// There is only one object.
    Single,
}

/// A row that is paid nothing until it is mended.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// The type of its record.
    pub record: RecordId,
    /// Its key, where it is known.
    pub key: Option<SmolStr>,
    /// Where it was read.
    pub place: Option<Origin>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Population {
    /// A population of records given directly.
    pub fn from_records(program: &Program, records: impl IntoIterator<Item = (RecordId, Record)>) -> Population {
        let mut population = Population::empty(program);
        for (id, record) in records {
            if let (Some(list), Some(loaded)) =
                (population.records.get_mut(id.index()), population.loaded.get_mut(id.index()))
            {
                list.push(record);
                *loaded = true;
            }
        }
        population.gather(program);
        population
    }

    /// No records yet.
    pub(super) fn empty(program: &Program) -> Population {
        Population {
            records: vec![Vec::new(); program.records.len()],
            loaded: vec![false; program.records.len()],
            ..Population::default()
        }
    }

    /// The records of a type.
    pub fn of(&self, record: RecordId) -> &[Record] {
        self.records.get(record.index()).map_or(&[], Vec::as_slice)
    }

    /// Whether data of a type was loaded.
    pub fn is_loaded(&self, record: RecordId) -> bool {
        self.loaded.get(record.index()).copied().unwrap_or(false)
    }

    /// The place of a cell in its file, for a message.
    pub fn place(&self, origin: Option<Origin>, column: Option<&str>, key: Option<&str>) -> DataPlace {
        place_in(&self.files, origin, column, key)
    }

    /// Runs a check over every record, lists first. Those of which it has something to say are kept apart.
    pub fn check(&mut self, program: &Program, check: impl FnMut(RecordId, &Record) -> Vec<Diagnostic>) {
        self.forget_copies();
        self.check_own(program, check);
        self.gather(program);
    }

    /// The same where there are no copies of records in lists.
    pub(super) fn check_own(&mut self, program: &Program, mut check: impl FnMut(RecordId, &Record) -> Vec<Diagnostic>) {
        let mut rejected = Vec::new();
        for (at, records) in self.records.iter_mut().enumerate() {
            let id = RecordId(u32::try_from(at).unwrap_or(u32::MAX));
            check_list(program, id, records, &mut check, &mut rejected);
        }
        self.rejected.extend(rejected);
    }

    /// Keeps rows of a type apart, each named by its place among them.
    pub fn keep_apart(&mut self, record: RecordId, rows: Vec<(usize, Rejected)>) {
        let Some(records) = self.records.get_mut(record.index()) else { return };
        let apart: HashSet<usize> = rows.iter().map(|(at, _)| *at).collect();
        let mut places = 0_usize..;
        records.retain(|_| places.next().is_none_or(|at| !apart.contains(&at)));
        self.rejected.extend(rows.into_iter().map(|(_, rejected)| rejected));
    }

    /// Copies the records of lists to those of their type, so that `over all R` finds them.
    pub(super) fn gather(&mut self, program: &Program) {
        self.own = self.records.iter().map(Vec::len).collect();
        let is_copied = |at: usize| self.copied.as_ref().is_none_or(|copied| copied.get(at) == Some(&true));
        let empty = |at| Copies { wanted: is_copied(at), met: false, records: Vec::new() };
        let mut copies: Vec<Copies> = (0..self.records.len()).map(empty).collect();
        for (def, records) in program.records.iter().zip(&self.records) {
            for record in records {
                collect_lists(program, &def.facts, record, &mut copies);
            }
        }
        for ((records, copies), loaded) in self.records.iter_mut().zip(copies).zip(&mut self.loaded) {
            *loaded |= copies.met;
            records.extend(copies.records);
        }
    }

    fn forget_copies(&mut self) {
        for (records, own) in self.records.iter_mut().zip(&self.own) {
            records.truncate(*own);
        }
    }
}

/// The records of a type that stand in lists.
struct Copies {
    wanted: bool,
    /// Whether there is any.
    met: bool,
    records: Vec<Record>,
}

/// The types all of whose records a program asks for; none where it may be any.
pub(super) fn asked_as_a_whole(program: &Program) -> Option<Vec<bool>> {
    let mut asked = vec![false; program.records.len()];
    let recipients = program.clauses.iter().map(|clause| clause.recipient);
    let over_all = program.exprs.iter().filter_map(|expr| match &expr.node {
        Node::All(record) => Some(*record),
        _ => None,
    });
    for record in recipients.chain(over_all) {
        *asked.get_mut(record.index())? = true;
    }
    let ranks = program.exprs.iter().any(|expr| matches!(expr.node, Node::Rank(_)));
    (!ranks).then_some(asked)
}

/// The place of a cell in its file.
pub(super) fn place_in(
    files: &[DataFile],
    origin: Option<Origin>,
    column: Option<&str>,
    key: Option<&str>,
) -> DataPlace {
    let file = origin.and_then(|origin| files.get(origin.file as usize));
    let rows = file.map(|file| &file.rows);
    let column = match (origin, rows, column) {
        (Some(origin), Some(RowsAre::Objects(path)), column) => {
            let inside = column.map_or(String::new(), |column| format!(".{column}"));
            Some(format!("{path}[{}]{inside}", origin.row))
        }
        (_, _, column) => column.map(str::to_string),
    };
    DataPlace {
        file: file.map(|file| file.name.clone()).unwrap_or_default(),
        row: origin.filter(|_| rows == Some(&RowsAre::Numbered)).map(|origin| origin.row as usize),
        column,
        key: key.map(str::to_string),
    }
}

fn check_list(
    program: &Program,
    id: RecordId,
    records: &mut Vec<Record>,
    check: &mut impl FnMut(RecordId, &Record) -> Vec<Diagnostic>,
    rejected: &mut Vec<Rejected>,
) {
    let Some(def) = program.records.get(id.index()) else { return };
    for record in records.iter_mut() {
        for (fact, cell) in def.facts.iter().zip(&mut record.cells) {
            if let (Type::List(item), Cell::List(items)) = (&fact.kind, cell) {
                check_list(program, *item, items, check, rejected);
            }
        }
    }
    records.retain(|record| {
        let diagnostics = check(id, record);
        if diagnostics.is_empty() {
            return true;
        }
        rejected.push(Rejected { record: id, key: record.key(program, def), place: record.place, diagnostics });
        false
    });
}

fn collect_lists(program: &Program, facts: &[crate::check::program::FactDef], record: &Record, copies: &mut [Copies]) {
    for (fact, cell) in facts.iter().zip(&record.cells) {
        let (Type::List(item), Cell::List(items)) = (&fact.kind, cell) else { continue };
        if let Some(copies) = copies.get_mut(item.index()) {
            copies.met |= !items.is_empty();
            if copies.wanted {
                copies.records.extend(items.iter().cloned());
            }
        }
        if let Some(def) = program.records.get(item.index()) {
            for item in items {
                collect_lists(program, &def.facts, item, copies);
            }
        }
    }
}
