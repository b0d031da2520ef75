//! Whether arrays hold plainly what their facts ask for.
//!
//! In: an array that holds a fact. Out: how many of its cells are blank, or nothing where
//! any cell is wrong or worth a word: then the rows are read one by one, as those of every
//! file are, and told of alike.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Decimal64Type, Decimal128Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use smol_str::SmolStr;

use super::arrays::{ArrayColumn, Arrays};
use super::cell::{key_text, read_cell};
use super::column::Columns;
use super::draft::{is_damaged_key, is_doubtful};
use super::given::{Given, is_too_long};
use super::parquet::given;
use crate::check::program::{FactDef, FactId, Program, Type};
use crate::value::{Date, Number, Value};

impl Arrays {
    /// How many cells of each column are blank; none where any row is not plain.
    pub(super) fn plain(&self, columns: &Columns<'_>) -> Option<Vec<usize>> {
        let is_whole = |column: &ArrayColumn, blanks: usize| columns.def.key != Some(column.fact) || blanks == 0;
        let blanks = self.columns.iter().map(|column| {
            let blanks = column.plain(columns, columns.fact(column.fact)?)?;
            is_whole(column, blanks).then_some(blanks)
        });
        blanks.collect()
    }

    /// Whether nothing is said of a fact that has no period, so that no value of it can be wrong.
    pub(crate) fn says_nothing(&self, fact: FactId, row: usize) -> bool {
        let column = self.columns.iter().find(|column| column.fact == fact && column.period.is_none());
        column.is_none_or(|column| column.array.is_null(row))
    }

    /// The text that stands for a fact without periods in a row that is plain; none where it is no plain text.
    pub(crate) fn text(&self, fact: FactId, row: usize) -> Option<&str> {
        let column = self.columns.iter().find(|column| column.fact == fact && column.period.is_none())?;
        let texts = column.array.as_string_view_opt().filter(|texts| row < texts.len() && !texts.is_null(row))?;
        Some(texts.value(row))
    }

    /// The keys of rows that are plain.
    pub(crate) fn keys(&self, program: &Program) -> Vec<SmolStr> {
        let def = program.records.get(self.record.index());
        let key = def.and_then(|def| Some((def.key?, def.facts.get(def.key?.index())?)));
        let held = key.and_then(|(id, fact)| Some((fact, self.columns.iter().find(|column| column.fact == id)?)));
        let Some((fact, column)) = held else { return vec![SmolStr::default(); self.rows] };
        if let (Type::Text, DataType::Utf8View) = (&fact.kind, column.array.data_type()) {
            return column.array.as_string_view().iter().map(|key| SmolStr::new(key.unwrap_or_default())).collect();
        }
        let key = |row| key_text(program, &fact.kind, &column.value(program, fact, row)?);
        (0..self.rows).map(|row| key(row).unwrap_or_default()).collect()
    }
}

impl ArrayColumn {
    /// How many cells are blank; none where any is not plain.
    fn plain(&self, columns: &Columns<'_>, fact: &FactDef) -> Option<usize> {
        let array = &self.array;
        let bare = *self.scale.as_ref().unwrap_or(&fact.scale) == Number::ONE;
        match (&fact.kind, array.data_type()) {
            (Type::Bool, DataType::Boolean) => Some(array.null_count()),
            (Type::Number(_), DataType::Decimal64(_, 0..)) if bare && !fact.whole => {
                self.numbers::<Decimal64Type>(columns, fact, |number| number < 0)
            }
            (Type::Number(_), DataType::Decimal128(_, 0..)) if bare && !fact.whole => {
                let narrow = |number: &i128| i64::try_from(*number).is_ok();
                let all = array.as_primitive::<Decimal128Type>().values().iter().all(narrow);
                Some(()).filter(|()| all)?;
                self.numbers::<Decimal128Type>(columns, fact, |number| number < 0)
            }
            (Type::Number(_), DataType::Int64) if bare => self.numbers::<Int64Type>(columns, fact, |number| number < 0),
            (Type::Number(_), DataType::Int32) if bare => self.numbers::<Int32Type>(columns, fact, |number| number < 0),
            (Type::Date, DataType::Date32) => {
                let days = array.as_primitive::<Date32Type>();
                let known = days.iter().flatten();
                known.map(|day| Date::from_day_number(day).map(drop)).collect::<Option<()>>()?;
                Some(array.null_count())
            }
            (Type::Text, DataType::Utf8View) => {
                let texts = array.as_string_view();
                let is_key =
                    columns.def.key.is_some_and(|key| columns.fact(key).is_some_and(|key| key.name == fact.name));
                texts.iter().flatten().all(|text| is_plain_text(text, is_key)).then(|| array.null_count())
            }
            (_, DataType::Dictionary(keys, _)) if **keys == DataType::Int32 => {
                let words = self.of_words(ArrayRef::clone(array.as_dictionary::<Int32Type>().values()));
                let blanks = (0..words.array.len()).map(|row| words.plain_cell(columns, fact, row));
                // A word that is blank may stand for any number of cells.
                let full = blanks.collect::<Option<Vec<bool>>>()?.iter().all(|filled| *filled);
                full.then(|| array.null_count())
            }
            _ => {
                let cells = (0..array.len()).map(|row| self.plain_cell(columns, fact, row));
                cells.map(|filled| Some(usize::from(!filled?))).sum()
            }
        }
    }

    fn numbers<T: ArrowPrimitiveType>(
        &self,
        columns: &Columns<'_>,
        fact: &FactDef,
        is_negative: impl Fn(T::Native) -> bool,
    ) -> Option<usize> {
        let numbers = self.array.as_primitive::<T>();
        let minus = Value::Number(Number::from_i64(-1));
        let plain = !is_doubtful(columns, fact, &minus)
            || !numbers.values().iter().fold(false, |any, number| any | is_negative(*number))
            || !numbers.iter().flatten().any(is_negative);
        plain.then(|| numbers.null_count())
    }

    /// Whether a cell is filled; none where it is not plain.
    fn plain_cell(&self, columns: &Columns<'_>, fact: &FactDef, row: usize) -> Option<bool> {
        let is_key = columns.def.key == Some(self.fact);
        let given = given(self.array.as_ref(), row, self.times);
        let text = match &given {
            _ if given.is_blank() => return Some(false),
            Given::Text(text) => text.as_ref(),
            Given::Rounded(digits) if !(is_key && is_too_long(digits)) => digits,
            Given::Moment { day, time } if fact.kind == Type::Date || time.is_empty() => day,
            _ => return None,
        };
        let value = read_cell(columns.program, fact, self.scale.as_ref(), text).ok()??;
        let worth_a_word = is_damaged_key(columns, self.fact, &value) || is_doubtful(columns, fact, &value);
        let as_a_day = matches!(given, Given::Moment { .. }) && fact.kind != Type::Date;
        (!worth_a_word && !as_a_day).then_some(true)
    }
}

/// Whether a text means just what stands there; when in doubt, it does not.
fn is_plain_text(text: &str, is_key: bool) -> bool {
    let ends = [text.chars().next(), text.chars().next_back()];
    ends.iter().all(|end| end.is_some_and(|end| end.is_alphanumeric()))
        && (text.is_ascii() || !text.contains('\u{fffd}'))
        && (text.len() > 6 || !matches!(text.to_ascii_lowercase().as_str(), "无" | "没有" | "none"))
        && !(is_key && text.contains("E+"))
}
