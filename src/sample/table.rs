//! Made-up records as tables and as objects.
//!
//! In: records with their lists. Out: for each record type, or each list of it, a table that
//! names its owners by key; or objects in which the lists stand. Both are what `run --data`
//! reads: a blank is unknown and 无 is none.

use serde_json::{Map, Value as Json};
use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use super::Sampler;
use super::edge::{Slot, get, places};
use super::profile::Profile;
use crate::check::program::{FactDef, FactId, Program, RecordId, Type};
use crate::record::{Cell, Record, headers_of_way};
use crate::value::{Number, Period, Value};

/// The word for none.
const NONE: &str = "无";

/// The table of a record type, or of one of its lists.
#[derive(Debug, Clone)]
pub struct Table {
    /// What its file is called, without an ending.
    pub name: String,
    /// The type of its rows.
    pub record: RecordId,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The lists that lead to it, each with its owner's type.
    way: Vec<(RecordId, FactId)>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its header.
    pub header: String,
    /// How its values are kept where they are kept by type.
    pub kind: ColumnKind,
    what: What,
}

/// How the values of a column are kept in a file that knows types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// As text.
    Text,
    /// As text, since a word says that there is none.
    Word,
    /// As yes or no.
    Bool,
    /// As a day.
    Date,
    /// As a decimal with so many places.
    Decimal(i8),
}

/// What a column holds.
#[derive(Debug, Clone)]
enum What {
    /// The key of the owner so many from the farthest.
    Owner(usize),
    /// A fact.
    Fact(Slot),
}

impl Sampler {
    /// The tables for the records of a type and of all lists in it; none where the owner of a list has no key.
    pub fn tables(&self, top: RecordId) -> Option<Vec<Table>> {
        let mut tables = Vec::new();
        let mut ways = vec![(top, Vec::new())];
        while let Some((record, way)) = ways.pop() {
            let form = self.plan.forms.get(&record)?;
            tables.push(self.table(record, &way)?);
            for (list, item) in form.lists.iter().rev().filter(|_| way.len() < super::draw::DEEPEST) {
                let mut longer: Vec<(RecordId, FactId)> = way.clone();
                longer.push((record, *list));
                ways.push((*item, longer));
            }
        }
        Some(tables)
    }

    fn table(&self, record: RecordId, way: &[(RecordId, FactId)]) -> Option<Table> {
        let program = &self.program;
        let def = program.records.get(record.index())?;
        let headers = headers_of_way(program, way)?.into_iter().enumerate();
        let mut columns: Vec<Column> =
            headers.map(|(at, header)| Column { header, kind: ColumnKind::Text, what: What::Owner(at) }).collect();
        let key = def.key.map(|fact| Slot { record, fact, period: None });
        let form = self.plan.forms.get(&record)?;
        let drawn = form.drawn.iter().map(|drawn| (drawn.slot, Some(&drawn.profile)));
        for (slot, profile) in key.into_iter().map(|slot| (slot, None)).chain(drawn) {
            let fact = def.facts.get(slot.fact.index())?;
            let header = slot.period.map_or(fact.name.to_string(), |period| with_period(&fact.name, period));
            columns.push(Column { header, kind: kind(fact, profile), what: What::Fact(slot) });
        }
        let lists = self.plan.forms.values().flat_map(|form| &form.lists).filter(|(_, item)| *item == record).count();
        let name = match way.last().filter(|_| lists > 1) {
            Some((owner, list)) => {
                let list = &program.records.get(owner.index())?.facts.get(list.index())?.name;
                format!("{}-{list}", def.name)
            }
            None => def.name.to_string(),
        };
        Some(Table { name, record, columns, way: way.to_vec() })
    }

    /// A record and its lists as an object.
    pub fn object(&self, id: RecordId, record: &Record) -> Json {
        let (program, mut object) = (&self.program, Map::new());
        let (Some(def), Some(form)) = (program.records.get(id.index()), self.plan.forms.get(&id)) else {
            return Json::Null;
        };
        let key = def.key.map(|fact| Slot { record: id, fact, period: None });
        for slot in key.into_iter().chain(form.drawn.iter().map(|drawn| drawn.slot)) {
            let (Some(fact), Some(value)) = (def.facts.get(slot.fact.index()), get(record, &slot)) else { continue };
            let json = match value {
                Value::Bool(yes) => Json::Bool(*yes),
                value => Json::String(text(program, fact, value).to_string()),
            };
            let name = fact.name.to_string();
            match slot.period.and_then(period_name) {
                Some(period) => {
                    let periods = object.entry(name).or_insert_with(|| Json::Object(Map::new()));
                    if let Json::Object(periods) = periods {
                        periods.insert(period.to_string(), json);
                    }
                }
                None => {
                    object.insert(name, json);
                }
            }
        }
        for (list, item) in &form.lists {
            if let (Some(fact), Some(Cell::List(items))) = (def.facts.get(list.index()), record.cells.get(list.index()))
            {
                let items = items.iter().map(|one| self.object(*item, one)).collect();
                object.insert(fact.name.to_string(), Json::Array(items));
            }
        }
        Json::Object(object)
    }
}

/// A row: the keys of its owners, the farthest first, and its record.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// The keys of its owners.
    pub owners: &'r [SmolStr],
    /// The record.
    pub record: &'r Record,
}

impl Table {
    /// Hands each row of this table that a record of the first type gives to `take`.
    ///
    /// # Errors
    /// What `take` fails with.
    pub fn rows<E>(
        &self,
        program: &Program,
        record: &Record,
        take: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.rows_below(program, record, &mut Vec::new(), take)
    }

    fn rows_below<E>(
        &self,
        program: &Program,
        record: &Record,
        owners: &mut Vec<SmolStr>,
        take: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((owner, list)) = self.way.get(owners.len()) else { return take(Row { owners, record }) };
        let key = program.records.get(owner.index()).and_then(|def| record.key(program, def));
        owners.push(key.unwrap_or_default());
        if let Some(Cell::List(items)) = record.cells.get(list.index()) {
            items.iter().try_for_each(|item| self.rows_below(program, item, owners, take))?;
        }
        owners.pop();
        Ok(())
    }
}

impl Column {
    /// The cell of a row as text; a blank where nothing is known.
    pub fn text(&self, program: &Program, row: Row<'_>) -> SmolStr {
        match &self.what {
            What::Owner(at) => row.owners.get(*at).cloned().unwrap_or_default(),
            What::Fact(slot) => {
                let fact = program.records.get(slot.record.index()).and_then(|def| def.facts.get(slot.fact.index()));
                fact.zip(get(row.record, slot)).map(|(fact, value)| text(program, fact, value)).unwrap_or_default()
            }
        }
    }

    /// The cell of a row as a decimal without its point; none where nothing is known.
    pub fn decimal(&self, program: &Program, row: Row<'_>) -> Option<i128> {
        let (What::Fact(slot), ColumnKind::Decimal(places)) = (&self.what, self.kind) else { return None };
        let Value::Number(number) = get(row.record, slot)? else { return None };
        let fact = program.records.get(slot.record.index())?.facts.get(slot.fact.index())?;
        let power = Number::from_i64(10_i64.checked_pow(u32::try_from(places).ok()?)?);
        let digits = number.divide(&fact.scale).ok()?.multiply(&power).ok()?;
        digits.to_decimal()?.trunc().try_into().ok()
    }

    /// The cell of a row as a value; none where nothing is known.
    pub fn value<'r>(&self, row: Row<'r>) -> Option<&'r Value> {
        match &self.what {
            What::Owner(_) => None,
            What::Fact(slot) => get(row.record, slot),
        }
    }
}

/// How a fact is kept by type. What may be none needs a word for it, unless a blank says so.
fn kind(fact: &FactDef, profile: Option<&Profile>) -> ColumnKind {
    match (&fact.kind, profile) {
        (Type::Bool, Some(_)) => ColumnKind::Bool,
        (Type::Date, Some(_)) if fact.default == Some(Value::None) => ColumnKind::Date,
        (Type::Number(_), Some(Profile::Number { none: 0, .. })) => {
            let more = fact.scale.to_i64().filter(|scale| *scale > 0).map(i64::ilog10);
            let exact = more.filter(|digits| 10_i64.checked_pow(*digits) == fact.scale.to_i64());
            let places = exact.and_then(|digits| i8::try_from(places(fact).saturating_add(digits)).ok());
            places.map_or(ColumnKind::Word, ColumnKind::Decimal)
        }
        (Type::Number(_) | Type::Date, Some(_)) => ColumnKind::Word,
        _ => ColumnKind::Text,
    }
}

/// A value as a cell.
fn text(program: &Program, fact: &FactDef, value: &Value) -> SmolStr {
    match (value, &fact.kind) {
        (Value::None, _) => SmolStr::new_static(NONE),
        (Value::Bool(yes), _) => SmolStr::new_static(if *yes { "是" } else { "否" }),
        (Value::Number(number), _) => number.divide(&fact.scale).unwrap_or_else(|_| number.clone()).to_smolstr(),
        (Value::Date(day), _) => day.to_smolstr(),
        (Value::Code(code), Type::Code(id)) => {
            let values = program.enums.get(id.index()).map(|def| &def.values);
            values.and_then(|values| values.get(usize::from(*code))).cloned().unwrap_or_default()
        }
        (Value::Text(text), _) => text.clone(),
        _ => SmolStr::default(),
    }
}

/// `2024`, `2024Q3`; none for a period that no column names.
fn period_name(period: Period) -> Option<SmolStr> {
    (period.as_year().is_some() || period.as_quarter().is_some()).then(|| period.to_smolstr())
}

/// `营业收入2024`, `revenue 2024`.
fn with_period(name: &str, period: Period) -> String {
    let space = if name.ends_with(|end: char| end.is_ascii()) { " " } else { "" };
    period_name(period).map_or(name.to_string(), |period| format_smolstr!("{name}{space}{period}").to_string())
}
