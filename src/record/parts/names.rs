//! Whose a row is, without reading the rest of it.
//!
//! In: a row as its file has it. Out: its own key, or the key of the record in whose list it
//! stands, as text that is the same for both.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::row::RowIs;
use super::source::Source;
use crate::check::program::{FactId, Program, Type};
use crate::record::Limits;
use crate::record::cell::{key_text, read_cell};
use crate::record::column::{Column, Columns};
use crate::record::given::Given;
use crate::record::json::{Json, parse, plain_number};
use crate::record::object_rows::read_object;

/// What tells whose a row is: its own key, or the key of the record that it belongs to.
pub(super) struct Names<'p> {
    columns: Columns<'p>,
    /// The column of a table.
    column: Option<(usize, Column)>,
    is_owner: bool,
    /// What the keys of objects that were seen so far are.
    headers: HashMap<String, Key>,
    /// The key by which objects must name their owners.
    wanted: Option<SmolStr>,
    most_keys: usize,
    /// The facts of objects, each where it stands first.
    pub first: Vec<FactId>,
    /// Whether an object names its owner in another way than the others.
    pub is_mixed: bool,
}

/// What a key of objects is.
#[derive(Debug, Clone, Copy)]
struct Key {
    /// It tells whose the object is.
    tells: bool,
    fact: Option<FactId>,
    /// It is read before the others.
    is_first: bool,
}

impl<'p> Names<'p> {
    /// Of the rows of a file.
    pub fn of(program: &'p Program, source: &Source, limits: &Limits) -> Option<Names<'p>> {
        let columns = Columns::new(program, source.record)?;
        let is_owner = !source.joins.is_empty();
        let tells = |column: &Column| match is_owner {
            true => !column.parents.is_empty(),
            false => column.fact.as_ref().is_some_and(|fact| columns.def.key == Some(fact.fact)),
        };
        let column = source.found.iter().enumerate().find(|(_, column)| tells(column));
        let column = column.map(|(at, column)| (at, column.clone()));
        let wanted = source.listed.as_ref().map(|listed| listed.column.clone());
        let (headers, most_keys, first, is_mixed) = (HashMap::new(), limits.columns, Vec::new(), false);
        Some(Names { columns, column, is_owner, headers, wanted, most_keys, first, is_mixed })
    }

    /// The column of a table.
    pub fn at(&self) -> Option<usize> {
        self.column.as_ref().map(|(at, _)| *at)
    }

    /// The name that a row says, as it becomes a key or is compared with one; none where it says none.
    pub fn of_row(&mut self, row: &RowIs<'_>) -> Option<SmolStr> {
        match row {
            RowIs::Cells(cells) => self.of_cell(cells.get(self.at()?)?),
            RowIs::Line(line) => self.of_line(line),
        }
    }

    /// The same of its cell.
    pub fn of_cell(&self, cell: &Given<'_>) -> Option<SmolStr> {
        let (_, column) = self.column.as_ref()?;
        let fact = column.fact.as_ref().and_then(|fact| self.columns.fact(fact.fact));
        let day_of = |day: &str, time: &str| match fact {
            Some(fact) if fact.kind == Type::Date => day.to_owned(),
            _ => format!("{day} {time}"),
        };
        let moment;
        let text = match cell {
            Given::Text(text) => text.as_ref(),
            Given::Rounded(digits) => digits,
            Given::Bool(yes) => {
                if *yes {
                    "true"
                } else {
                    "false"
                }
            }
            Given::Moment { day, time } => {
                moment = day_of(day, time);
                &moment
            }
            Given::Parts(_) | Given::Wrong { .. } => return None,
        };
        if self.is_owner {
            return Some(SmolStr::new(text.trim())).filter(|text| !text.is_empty());
        }
        let (fact, scale) = (fact?, column.fact.as_ref()?.scale.as_ref());
        let value = read_cell(self.columns.program, fact, scale, text).ok().flatten()?;
        key_text(self.columns.program, &fact.kind, &value)
    }

    fn of_line(&mut self, line: &str) -> Option<SmolStr> {
        let (_, entries) = read_object(0, line).ok().filter(|(_, entries)| entries.len() <= self.most_keys)?;
        let keys: Vec<Key> = entries.iter().map(|(header, _)| self.key(header)).collect();
        self.note_facts(&keys);
        // Of two that are the key, the first counts.
        let (header, value) = entries.iter().zip(&keys).find(|(_, key)| key.tells)?.0;
        self.is_mixed |= self.wanted.as_ref().is_some_and(|wanted| wanted != header);
        let text = match parse(value.get()).ok()? {
            Json::Text(text) => text,
            Json::Number(digits) => plain_number(digits)?,
            Json::Bool(yes) => {
                if yes {
                    "true".to_owned()
                } else {
                    "false".to_owned()
                }
            }
            Json::Null | Json::Array(_) | Json::Object(_) => return None,
        };
        if self.is_owner {
            return Some(SmolStr::new(text.trim())).filter(|text| !text.is_empty());
        }
        let fact = self.columns.find(header).fact?;
        let def = self.columns.fact(fact.fact)?;
        let value = read_cell(self.columns.program, def, fact.scale.as_ref(), &text).ok().flatten()?;
        key_text(self.columns.program, &def.kind, &value)
    }

    fn key(&mut self, header: &str) -> Key {
        if let Some(key) = self.headers.get(header) {
            return *key;
        }
        let column = self.columns.find(header);
        let fact = column.fact.as_ref().map(|fact| fact.fact);
        let is_key = fact.is_some() && fact == self.columns.def.key;
        let tells = if self.is_owner { !column.parents.is_empty() } else { is_key };
        let key = Key { tells, fact, is_first: column.period || is_key };
        self.headers.insert(header.to_owned(), key);
        key
    }

    /// Notes the facts that no object before had, in the order in which they are read.
    fn note_facts(&mut self, keys: &[Key]) {
        for is_first in [true, false] {
            for fact in keys.iter().filter(|key| key.is_first == is_first).filter_map(|key| key.fact) {
                if !self.first.contains(&fact) {
                    self.first.push(fact);
                }
            }
        }
    }
}
