//! What is to be told of a population that is read part by part.
//!
//! In: what was seen of each part, in any order of the files. Out: what loading all files
//! at once would have told, in that order: columns and notes by file, then rows kept apart
//! by their type and place.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::Parts;
use super::source::Source;
use crate::check::program::{FactId, RecordId};
use crate::diagnostic::{Argument, Diagnostic};
use crate::record::attach::items_first;
use crate::record::column::Columns;
use crate::record::input::{FileDrafts, Unknown};
use crate::record::object::facts_without_column;
use crate::record::{FileReport, Limits, Loaded, Population, Rejected};

/// What is to be told of some rows, without the rows.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(super) files: Vec<SeenOf>,
    /// Records inside others, kept apart where they were read.
    pub(super) inside: Vec<Rejected>,
    /// Rows kept apart.
    pub(super) rows: Vec<Rejected>,
    /// Records inside others that stand in a table as well.
    pub(super) twins: Vec<Rejected>,
    /// Rows and records in lists that a data check keeps apart.
    pub(super) unchecked: Vec<Rejected>,
}

/// What was seen of a file.
#[derive(Debug)]
pub(super) struct SeenOf {
    pub file: usize,
    /// The facts of objects, each where it stands first; none where nobody looked.
    pub first: Vec<FactId>,
    pub report: FileReport,
    /// What is to be said of its rows that is not wrong.
    pub notes: Vec<Diagnostic>,
    /// Keys of nothing known.
    pub unknown: Vec<Unknown>,
}

impl Seen {
    /// The keys of rows of a type that were kept apart: they must not stand in another row either.
    pub fn keys_apart(&self, record: RecordId) -> impl Iterator<Item = &SmolStr> {
        let rows = self.rows.iter().chain(&self.unchecked).filter(move |row| row.record == record);
        rows.filter_map(|row| row.key.as_ref())
    }

    /// Whether any record inside another stands in a table as well.
    pub fn has_twins(&self) -> bool {
        !self.twins.is_empty()
    }
}

impl Parts<'_> {
    /// What loading all files would have told, of what was seen of each part in their order; no records.
    pub fn loaded(&self, seen: Vec<Seen>) -> Loaded {
        let mut loaded = Loaded { population: Population::empty(self.program), ..Loaded::default() };
        loaded.population.files = self.files();
        // Of encodings and sheets it is told before anything in the files.
        loaded.diagnostics.extend(self.sources.iter().flat_map(|source| source.said.iter().cloned()));
        for source in &self.sources {
            if let Some(slot) = loaded.population.loaded.get_mut(source.record.index()) {
                *slot = true;
            }
        }
        let mut by_file: Vec<Vec<SeenOf>> = self.sources.iter().map(|_| Vec::new()).collect();
        let mut all = Seen::default();
        for mut one in seen {
            for of in one.files.drain(..) {
                if let Some(slot) = by_file.get_mut(of.file) {
                    slot.push(of);
                }
            }
            all.inside.append(&mut one.inside);
            all.rows.append(&mut one.rows);
            all.twins.append(&mut one.twins);
            all.unchecked.append(&mut one.unchecked);
        }
        for (source, seen) in self.sources.iter().zip(by_file) {
            let (report, told) = self.told_of(source, seen);
            loaded.diagnostics.extend(told);
            loaded.report.files.push(report);
        }
        let order = items_first(self.program);
        let rank = |row: &Rejected| order.iter().position(|id| *id == row.record);
        all.inside.sort_by_key(|row| row.place);
        all.rows.sort_by_key(|row| (rank(row), row.place));
        // Lists are checked before the records that have them.
        all.unchecked.sort_by_key(|row| row.record == self.record);
        let rejected = [all.inside, all.rows, all.twins, all.unchecked];
        loaded.population.rejected = rejected.into_iter().flatten().collect();
        loaded
    }

    /// What a file had, and what is to be said of it.
    fn told_of(&self, source: &Source, seen: Vec<SeenOf>) -> (FileReport, Vec<Diagnostic>) {
        let (mut report, mut told) = (source.report.clone(), source.told.clone());
        let (mut notes, mut unknown, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for one in seen {
            first.extend(one.first);
            report.join(&one.report);
            notes.extend(one.notes);
            unknown.extend(one.unknown);
        }
        let order = if first.is_empty() { &source.order } else { &first };
        report.facts.sort_by_key(|fact| order.iter().position(|other| *other == fact.fact));
        if let (true, Some(columns)) = (source.form.has_objects(), Columns::new(self.program, source.record)) {
            report.without_column = facts_without_column(&columns, &report);
        }
        // In the order of the rows, each once a file and fact.
        notes.sort_by_key(|note: &Diagnostic| note.place.as_ref().and_then(|place| place.row));
        let mut said = HashSet::new();
        let fact_of =
            |note: &Diagnostic| note.arguments.iter().find(|(name, _)| *name == "fix").map(|(_, fact)| fact.clone());
        told.extend(notes.into_iter().filter(|note| said.insert(fact_of(note).map(|fact| text_of(&fact)))));
        unknown.sort_by_key(|one: &Unknown| one.row);
        let mut met = HashSet::new();
        unknown.retain(|one| met.insert((one.record, one.key.clone())));
        unknown.truncate(Limits::default().columns);
        let mut out = FileDrafts::new(source.record, 0);
        out.unknown = unknown;
        out.tell_unknown(self.program, std::slice::from_ref(&source.file));
        told.extend(out.diagnostics);
        report.unknown_columns.extend(out.report.unknown_columns);
        (report, told)
    }
}

fn text_of(argument: &Argument) -> SmolStr {
    match argument {
        Argument::Plain(text) => text.clone(),
        Argument::Phrase { zh, .. } => zh.clone(),
    }
}
