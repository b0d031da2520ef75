//! Rows in arrays, as Parquet files and data platforms have them.
//!
//! In: a batch of Arrow arrays. Out: which fact each array holds, and the value of any cell,
//! read as the same cell of any other file is. Nothing is copied: the columnar engine reads
//! the arrays themselves, and a single row becomes a record only where somebody asks for it.

use arrow_array::{ArrayRef, RecordBatch};

use super::cell::read_cell;
use super::column::{Columns, kept_period};
use super::given::Given;
use super::parquet::{Times, given};
use super::{Cell, Origin, Record};
use crate::check::program::{FactDef, FactId, Program, RecordId, Type};
use crate::value::{Number, Period, Value};

/// Rows of one record type.
#[derive(Debug, Clone)]
pub struct Arrays {
    /// The record type.
    pub record: RecordId,
    /// How many rows.
    pub rows: usize,
    /// Where the first of them was read; none where it was in no file.
    pub first: Option<Origin>,
    pub(crate) columns: Vec<ArrayColumn>,
}

/// An array that holds a fact.
#[derive(Debug, Clone)]
pub(crate) struct ArrayColumn {
    pub(crate) fact: FactId,
    /// The period that its header names, for a fact by period.
    pub(crate) period: Option<Period>,
    /// What its header multiplies bare numbers by.
    pub(crate) scale: Option<Number>,
    pub(crate) array: ArrayRef,
    pub(super) times: Times,
}

impl Arrays {
    /// The arrays of a batch that hold facts of a record type, found by their names.
    pub fn of(program: &Program, record: RecordId, batch: &RecordBatch) -> Option<Arrays> {
        let columns = Columns::new(program, record)?;
        let schema = batch.schema();
        let named = schema.fields().iter().zip(batch.columns());
        let held = named.filter_map(|(field, array)| {
            let column = columns.find(field.name()).fact?;
            Some(ArrayColumn {
                fact: column.fact,
                period: column.period,
                scale: column.scale,
                array: ArrayRef::clone(array),
                times: Times::AsTheySay,
            })
        });
        Some(Arrays { record, rows: batch.num_rows(), first: None, columns: held.collect() })
    }

    /// The column of a fact, for a period where it is kept by one.
    pub(crate) fn column(
        &self,
        def: &FactDef,
        fact: FactId,
        period: Option<Period>,
        evaluated: Period,
    ) -> Option<&ArrayColumn> {
        let mut columns = self.columns.iter().filter(|column| column.fact == fact);
        let Some(per) = def.per else { return columns.next() };
        let wanted = period.unwrap_or(evaluated);
        let of = |column: &ArrayColumn| column.period.unwrap_or_else(|| kept_period(per, evaluated));
        let mut exact = columns.clone().filter(|column| of(column) == wanted);
        exact.next().or_else(|| columns.find(|column| of(column) == kept_period(per, wanted)))
    }

    /// A row as a record. What cannot be read is not known.
    pub fn row(&self, program: &Program, evaluated: Period, row: usize) -> Record {
        let facts = program.records.get(self.record.index()).map_or(&[][..], |def| def.facts.as_slice());
        let cells = (0..).map(FactId).zip(facts).map(|(id, def)| {
            let Some(per) = def.per else {
                let column = self.columns.iter().find(|column| column.fact == id);
                return match column.and_then(|column| column.value(program, def, row)).or_else(|| def.default.clone()) {
                    Some(value) => Cell::Value(value),
                    None => Cell::Unknown,
                };
            };
            let columns = self.columns.iter().filter(|column| column.fact == id);
            let known = columns.filter_map(|column| {
                let period = column.period.unwrap_or_else(|| kept_period(per, evaluated));
                Some((period, column.value(program, def, row).or_else(|| def.default.clone())?))
            });
            let known: Vec<(Period, Value)> = known.collect();
            match (known.is_empty(), &def.default) {
                (true, Some(default)) => Cell::Value(default.clone()),
                (true, None) => Cell::Unknown,
                (false, _) => Cell::Periods(known),
            }
        });
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        let place = self.first.map(|first| Origin { row: first.row.saturating_add(number), ..first });
        Record { cells: cells.collect(), place }
    }
}

impl ArrayColumn {
    /// The same column with the words of its dictionary.
    pub(crate) fn of_words(&self, array: ArrayRef) -> ArrayColumn {
        ArrayColumn { array, ..self.clone() }
    }

    /// The value of a cell; nothing where it is blank or cannot be read.
    pub(crate) fn value(&self, program: &Program, def: &FactDef, row: usize) -> Option<Value> {
        let read = |text: &str| read_cell(program, def, self.scale.as_ref(), text).ok().flatten();
        match given(self.array.as_ref(), row, self.times) {
            Given::Text(text) => read(&text),
            Given::Rounded(digits) => read(&digits),
            Given::Bool(yes) => read(if yes { "true" } else { "false" }),
            Given::Moment { day, .. } if def.kind == Type::Date => read(&day),
            Given::Moment { .. } | Given::Parts(_) | Given::Wrong { .. } => None,
        }
    }
}
