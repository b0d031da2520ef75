//! What can be named at the prompt: facts, clauses, levels, and the keys of the records.
//!
//! In: a session. Out: [`Names`], which stay what they are while the next line is typed.
//! The keys are put in order once, while the line is typed, and then found by halving, so
//! that a million of them complete at once.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use smol_str::SmolStr;

use super::session::Session;
use super::world::Records;
use crate::check::program::{Program, RecordId};
use crate::eval::key_of;

/// What can be named at the prompt.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Clauses, in the order written.
    pub clauses: Vec<SmolStr>,
    /// Policies.
    pub policies: Vec<SmolStr>,
    /// Facts and what is derived, by their names, then their aliases.
    pub facts: Vec<SmolStr>,
    /// Record types.
    pub records: Vec<SmolStr>,
    /// Values of levels and enumerations.
    pub levels: Vec<SmolStr>,
    /// Parameters and pending rules: what `set` gives a value to.
    pub parameters: Vec<SmolStr>,
    /// Keys of the recipients.
    pub keys: Arc<Keys>,
}

/// The keys of the recipients that are loaded.
#[derive(Debug, Default)]
pub struct Keys {
    program: Arc<Program>,
    records: Arc<Records>,
    sorted: OnceLock<Vec<SmolStr>>,
    /// Whether they are being put in order.
    begun: AtomicBool,
}

impl Session {
    /// What can be named now; keys that are in order stay so while the records are the same.
    pub fn names(&self, before: &Names) -> Names {
        let program = &self.world.program;
        let mut names = Names { keys: self.keys_after(&before.keys), ..Names::default() };
        names.clauses.extend(program.clauses.iter().map(|clause| clause.name.clone()));
        names.policies.extend(program.policies.iter().map(|policy| policy.name.clone()));
        let facts = || program.records.iter().filter(|record| !record.is_history).flat_map(|record| &record.facts);
        names.facts.extend(facts().map(|fact| fact.name.clone()));
        names.facts.extend(program.lets.iter().map(|derived| derived.name.clone()));
        names.facts.extend(facts().flat_map(|fact| fact.aliases.clone()));
        names.facts.extend(program.lets.iter().flat_map(|derived| derived.aliases.clone()));
        for record in &program.records {
            names.records.push(record.name.clone());
            names.records.extend(record.aliases.clone());
        }
        names.levels.extend(program.enums.iter().flat_map(|one| one.values.clone()));
        names.parameters.extend(program.parameters.iter().map(|parameter| parameter.name.clone()));
        names.parameters.extend(program.pendings.iter().map(|pending| pending.name.clone()));
        let lists = [
            &mut names.clauses,
            &mut names.policies,
            &mut names.facts,
            &mut names.records,
            &mut names.levels,
            &mut names.parameters,
        ];
        lists.into_iter().for_each(only_once);
        names
    }

    fn keys_after(&self, before: &Arc<Keys>) -> Arc<Keys> {
        if Arc::ptr_eq(&before.records, &self.records) {
            return Arc::clone(before);
        }
        let (program, records) = (Arc::clone(&self.world.program), Arc::clone(&self.records));
        Arc::new(Keys { program, records, ..Keys::default() })
    }

    /// The keys of the recipients that were loaded and begin so, in order; at most so many.
    pub fn keys(&self, start: &str, most: usize) -> Vec<String> {
        let keys = self.keys_after(&Arc::default());
        keys.beginning(start).iter().take(most).map(ToString::to_string).collect()
    }
}

fn only_once(names: &mut Vec<SmolStr>) {
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
}

impl Keys {
    /// Puts them in order on a thread of its own, so that a million of them complete at once when they are asked for.
    pub fn get_ready(self: &Arc<Self>) {
        if !self.begun.swap(true, Relaxed) {
            let keys = Arc::clone(self);
            // Without a thread they are put in order when they are asked for.
            let _ = std::thread::Builder::new().spawn(move || {
                keys.beginning("");
            });
        }
    }

    /// The keys that begin so, in order.
    pub fn beginning(&self, start: &str) -> &[SmolStr] {
        let sorted = self.sorted.get_or_init(|| self.in_order());
        let from = sorted.partition_point(|key| key.as_str() < start);
        let rest = sorted.get(from..).unwrap_or_default();
        let to = rest.partition_point(|key| key.starts_with(start));
        rest.get(..to).unwrap_or_default()
    }

    fn in_order(&self) -> Vec<SmolStr> {
        let program = &*self.program;
        let types = program.records.iter().zip((0..).map(RecordId));
        let of = types.filter(|(def, _)| !def.is_history && def.key.is_some());
        let rows = of.flat_map(|(_, id)| self.records.loaded.population.of(id).iter().map(move |row| (id, row)));
        let mut keys: Vec<SmolStr> =
            rows.map(|(id, row)| key_of(program, id, row)).filter(|key| !key.is_empty()).collect();
        keys.par_sort_unstable();
        keys.dedup();
        keys
    }
}
