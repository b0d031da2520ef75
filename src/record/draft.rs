//! A row on its way to a record: its cells so far, its key, the records that it belongs to, and what is wrong with it.

use smol_str::SmolStr;

use super::cell::{key_text, read_cell};
use super::column::{Column, Columns, read_period};
use super::population::place_in;
use super::{Cell, DataFile, Origin, kept_period};
use crate::check::program::{FactDef, FactId, RecordId, Type};
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::value::{Period, Value};

/// A row that is not yet a record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    /// None where nothing was said; [`Cell::Unknown`] where it was said not to be known.
    pub(super) cells: Vec<Option<Cell>>,
    pub(super) key: Option<SmolStr>,
    /// The records in whose lists it stands.
    pub(super) owners: Vec<Owner>,
    /// The keys of records above its owners, each of one of some types.
    pub(super) ancestors: Vec<(Vec<RecordId>, SmolStr)>,
    /// Its place in the tree of records.
    pub(super) node: usize,
    /// The period of a row that has one.
    pub(super) period: Option<Period>,
    /// Every row that went into it with its period, the first first.
    pub(super) sources: Vec<(Origin, Option<Period>)>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What is worth knowing of a fact, without being wrong.
    pub(super) notes: Vec<(FactId, Diagnostic)>,
}

/// A record that a row belongs to, as the row names it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Owner {
    /// The column that names it.
    pub(super) column: SmolStr,
    /// The lists that may be meant.
    pub(super) lists: Vec<(RecordId, FactId)>,
    pub(super) key: SmolStr,
    pub(super) found: Found,
}

/// What was found under the key of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Found {
    /// No record of its type was loaded.
    NotLoaded,
    /// None.
    Nothing,
    /// One: its place in the tree.
    One(usize),
    /// So many, and nothing tells which.
    Several(usize),
}

/// What all rows of one file have in common.
pub(super) struct Context<'c, 'p> {
    pub(super) columns: &'c Columns<'p>,
    pub(super) evaluated: Period,
    pub(super) files: &'c [DataFile],
}

impl Draft {
    /// A row of which nothing is known yet.
    pub(super) fn new(columns: &Columns, origin: Origin) -> Draft {
        Draft {
            cells: vec![None; columns.def.facts.len()],
            key: None,
            owners: Vec::new(),
            ancestors: Vec::new(),
            node: 0,
            period: None,
            sources: vec![(origin, None)],
            diagnostics: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The first row that went into it.
    pub(super) fn origin(&self) -> Option<Origin> {
        self.sources.first().map(|(origin, _)| *origin)
    }

    /// Reads one cell; answers whether it held anything.
    pub(super) fn fill(&mut self, context: &Context, column: &Column, path: &str, text: &str) -> bool {
        let text = text.trim();
        let lists = column.parents.iter().filter_map(|at| context.columns.parents.get(*at));
        let lists: Vec<_> = lists.map(|parent| (parent.record, parent.list)).collect();
        if !lists.is_empty() && !text.is_empty() {
            let (column, key) = (SmolStr::new(&column.header), SmolStr::new(text));
            self.owners.push(Owner { column, lists, key, found: Found::NotLoaded });
        }
        if !column.ancestors.is_empty() && !text.is_empty() {
            self.ancestors.push((column.ancestors.clone(), SmolStr::new(text)));
        }
        if column.period && !text.is_empty() {
            self.period = read_period(text);
            if let Some((_, period)) = self.sources.first_mut() {
                *period = self.period;
            }
            if self.period.is_none() {
                let expected =
                    Argument::phrase("年份或季度，如 2023、2023Q3", "a year or quarter, such as 2023 or 2023Q3");
                self.wrong_cell(context, column, path, text, expected, None);
            }
        }
        let Some(wanted) = &column.fact else { return !text.is_empty() };
        let Some(fact) = context.columns.fact(wanted.fact) else { return false };
        match read_cell(context.columns.program, fact, wanted.scale.as_ref(), text) {
            Ok(Some(value)) => {
                if is_damaged_key(context.columns, wanted.fact, &value) {
                    let expected =
                        Argument::phrase("完整的编号，而不是科学计数法", "the whole number, not its scientific form");
                    self.wrong_cell(context, column, path, text, expected, None);
                }
                if is_doubtful(context.columns, fact, &value) {
                    let place = place_in(context.files, self.origin(), Some(path), self.key.as_deref());
                    let note = Diagnostic::new(Code::NegativeCell)
                        .with("column", &column.header)
                        .with("value", shortened(text))
                        .with("fix", format!("where {} >= 0", fact.name));
                    self.notes.push((wanted.fact, declared_at(note, Some(fact)).in_data(place)));
                }
                self.set(context, wanted.fact, wanted.period, value);
                true
            }
            Ok(None) => {
                if let (Some(_), Some(default)) = (fact.per, &fact.default) {
                    self.set(context, wanted.fact, wanted.period, default.clone());
                }
                false
            }
            Err(error) => {
                self.wrong_cell(context, column, path, text, error.expected, error.fix);
                true
            }
        }
    }

    /// Sets the value of a fact, under its period where it is kept by one.
    pub(super) fn set(&mut self, context: &Context, id: FactId, period: Option<Period>, value: Value) {
        let Some(fact) = context.columns.fact(id) else { return };
        if context.columns.def.key == Some(id) {
            self.key = key_text(context.columns.program, &fact.kind, &value);
        }
        let Some(cell) = self.cells.get_mut(id.index()) else { return };
        let Some(per) = fact.per else {
            *cell = Some(Cell::Value(value));
            return;
        };
        let period = period.or(self.period).unwrap_or_else(|| kept_period(per, context.evaluated));
        let Some(Cell::Periods(values)) = cell else {
            *cell = Some(Cell::Periods(vec![(period, value)]));
            return;
        };
        match values.iter().find(|(other, _)| *other == period) {
            None => values.push((period, value)),
            Some((_, other)) if *other == value => {}
            // A plain column and one of the evaluated period.
            Some((_, other)) => {
                let diagnostic = conflict(context.columns, fact, &value, other);
                self.say(context, diagnostic, Some(&fact.name));
            }
        }
    }

    /// Says of a cell what should stand there.
    pub(super) fn wrong_cell(
        &mut self,
        context: &Context,
        column: &Column,
        path: &str,
        text: &str,
        expected: Argument,
        fix: Option<SmolStr>,
    ) {
        let fact = column.fact.as_ref().and_then(|wanted| context.columns.fact(wanted.fact));
        let diagnostic = Diagnostic::new(Code::BadCell)
            .with("value", shortened(text))
            .with("column", &column.header)
            .with("expected", expected)
            .with_some("fix", fix);
        self.say(context, declared_at(diagnostic, fact), Some(path));
    }

    /// Adds what is wrong with the row, at a column of it.
    pub(super) fn say(&mut self, context: &Context, diagnostic: Diagnostic, path: Option<&str>) {
        let place = place_in(context.files, self.origin(), path, self.key.as_deref());
        self.diagnostics.push(diagnostic.in_data(place));
    }

    /// The last look at a row: it must have its key, and the keys of what it belongs to; its messages name it.
    pub(super) fn finish(&mut self, context: &Context, parent_column: Option<&str>) {
        if let Some(fact) = context.columns.def.key.and_then(|key| context.columns.fact(key))
            && self.key.is_none()
            && !self.diagnostics.iter().any(|said| said.code == Code::BadCell)
        {
            self.say(context, missing_key(context.columns, &fact.name, Some(fact)), None);
        }
        if let Some(column) = parent_column
            && self.owners.is_empty()
        {
            self.say(context, missing_key(context.columns, column, None), None);
        }
        // A reader looks for the enterprise first.
        let owner = self.ancestors.first().map(|(_, key)| key).or(self.owners.first().map(|owner| &owner.key));
        let known = owner.or(self.key.as_ref());
        for place in self.diagnostics.iter_mut().filter_map(|said| said.place.as_mut()) {
            place.key = known.map(SmolStr::to_string);
        }
    }
}

/// A key that is missing in a row or, without a place in a row, in a whole file.
pub(super) fn missing_key(columns: &Columns, column: &str, fact: Option<&FactDef>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::MissingKey).with("column", column).with("record", &columns.def.name);
    declared_at(diagnostic, fact)
}

/// Two values for one fact.
pub(super) fn conflict(columns: &Columns, fact: &FactDef, value: &Value, other: &Value) -> Diagnostic {
    let shown = |value| key_text(columns.program, &fact.kind, value).unwrap_or(SmolStr::new_static("无"));
    let diagnostic = Diagnostic::new(Code::ConflictingCell)
        .with("column", &fact.name)
        .with("value", shown(value))
        .with("other", shown(other));
    declared_at(diagnostic, Some(fact))
}

/// Points at the declaration of a fact, where it was declared.
pub(super) fn declared_at(diagnostic: Diagnostic, fact: Option<&FactDef>) -> Diagnostic {
    match fact {
        Some(fact) if !fact.inferred => diagnostic.at(fact.span),
        _ => diagnostic,
    }
}

/// A cell as shown in a message.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A negative amount, quantity or count of which the record says nothing.
pub(super) fn is_doubtful(columns: &Columns, fact: &FactDef, value: &Value) -> bool {
    let Value::Number(number) = value else { return false };
    let measured = fact.whole || matches!(&fact.kind, Type::Number(dimension) if !dimension.is_none());
    number.is_negative() && measured && fact.check.is_none() && !columns.def.is_history
}

/// A spreadsheet has turned a long number into `9.1360E+17`.
pub(super) fn is_damaged_key(columns: &Columns, fact: FactId, value: &Value) -> bool {
    let text = match value {
        Value::Text(text) if columns.def.key == Some(fact) => text,
        _ => return false,
    };
    let is_text = columns.fact(fact).is_some_and(|fact| fact.kind == Type::Text);
    let parts = text.split_once("E+").filter(|(digits, power)| {
        digits.contains('.')
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && !power.is_empty()
            && power.bytes().all(|b| b.is_ascii_digit())
    });
    is_text && parts.is_some()
}
