//! Columns straight from arrays.
//!
//! In: an array that holds a fact. Out: its [`Column`]. Money in fen, days, yes or no and
//! words of a dictionary are taken as they are; everything else is read cell by cell, as a
//! record would be.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Decimal64Type, Decimal128Type, Int32Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::column::{Column, Entry, Form, YES};
use crate::check::program::{FactDef, FactId, Program};
use crate::eval::Context;
use crate::record::{ArrayColumn, Arrays};
use crate::value::{Number, Period, Value};

/// The column of a fact.
pub(super) fn column(
    context: &Context<'_>,
    arrays: &Arrays,
    (fact, period): (FactId, Option<Period>),
    form: Form,
) -> Column {
    let program = context.program;
    let facts = program.records.get(arrays.record.index()).map_or(&[][..], |def| def.facts.as_slice());
    let gaps = || Column::of(form, std::iter::repeat_n(Entry::Gap, arrays.rows));
    let Some(def) = facts.get(fact.index()) else { return gaps() };
    let blank = def.default.as_ref().map_or(Entry::Gap, |value| Entry::of(form, value));
    match arrays.column(def, fact, period, context.period) {
        None if def.per.is_none() || !arrays.columns.iter().any(|column| column.fact == fact) => {
            Column::of(form, std::iter::repeat_n(blank, arrays.rows))
        }
        None => gaps(),
        Some(column) => of_array(program, def, column, form, blank),
    }
}

fn of_array(program: &Program, def: &FactDef, column: &ArrayColumn, form: Form, blank: Entry) -> Column {
    let array = &column.array;
    let bare = *column.scale.as_ref().unwrap_or(&def.scale) == Number::ONE;
    let places = |scale: i8| u32::try_from(scale).ok().filter(|_| bare && !def.whole);
    match (form, array.data_type()) {
        (Form::Numbers { money }, DataType::Decimal64(_, scale)) if let Some(places) = places(*scale) => {
            let decimals = array.as_primitive::<Decimal64Type>();
            let nulls = decimals.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| !nulls.inner());
            let blanks = nulls.iter().flat_map(|blank| blank.set_indices());
            let column = Column::of_integers(money, (decimals.values(), places), blanks, blank);
            column
                .unwrap_or_else(|| numbers::<Decimal64Type>(array, (form, blank), |value| Entry::Number(value, places)))
        }
        (Form::Numbers { .. }, DataType::Decimal128(_, scale)) if let Some(places) = places(*scale) => {
            numbers::<Decimal128Type>(array, (form, blank), |value| {
                i64::try_from(value).map_or(Entry::Gap, |value| Entry::Number(value, places))
            })
        }
        (Form::Days, DataType::Date32) => {
            numbers::<Date32Type>(array, (form, blank), |value| Entry::Day(f64::from(value)))
        }
        (Form::Flags, DataType::Boolean) if array.null_count() == 0 => {
            let flags = array.as_boolean().values().iter();
            Column::of_bytes(form, flags.map(|yes| if yes { YES } else { 0 }).collect())
        }
        (Form::Flags, DataType::Boolean) => {
            let flags = array.as_boolean().iter();
            Column::of(form, flags.map(|yes| yes.map_or(blank, |yes| Entry::Byte(if yes { YES } else { 0 }))))
        }
        (_, DataType::Dictionary(keys, _)) if **keys == DataType::Int32 => words(program, def, column, form, blank),
        _ => Column::of(form, (0..array.len()).map(|row| entry(form, column.value(program, def, row), blank))),
    }
}

fn entry(form: Form, value: Option<Value>, blank: Entry) -> Entry {
    value.map_or(blank, |value| Entry::of(form, &value))
}

fn numbers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    (form, blank): (Form, Entry),
    of: impl Fn(T::Native) -> Entry,
) -> Column {
    let array = array.as_primitive::<T>();
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => Column::of(form, array.values().iter().map(|value| of(*value))),
        Some(nulls) => {
            let cells = array.values().iter().zip(nulls);
            Column::of(form, cells.map(|(value, there)| if there { of(*value) } else { blank }))
        }
    }
}

/// Each word of a dictionary is read once.
fn words(program: &Program, def: &FactDef, column: &ArrayColumn, form: Form, blank: Entry) -> Column {
    let dictionary = column.array.as_dictionary::<Int32Type>();
    let words = column.of_words(ArrayRef::clone(dictionary.values()));
    let known = (0..words.array.len()).map(|row| entry(form, words.value(program, def, row), blank));
    let known: Vec<Entry> = known.collect();
    let of = |key: i32| usize::try_from(key).ok().and_then(|key| known.get(key)).copied().unwrap_or(Entry::Gap);
    let keys = dictionary.keys();
    match keys.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => match known.iter().map(|word| word.byte()).collect::<Option<Vec<u8>>>() {
            // A key beyond the words is no word, and none is read.
            Some(bytes) if matches!(form, Form::Flags | Form::Codes) && is_within(keys.values(), bytes.len()) => {
                let byte = |key: &i32| usize::try_from(*key).ok().and_then(|key| bytes.get(key)).copied().unwrap_or(0);
                Column::of_bytes(form, keys.values().iter().map(byte).collect())
            }
            _ => Column::of(form, keys.values().iter().map(|key| of(*key))),
        },
        Some(nulls) => {
            let cells = keys.values().iter().zip(nulls);
            Column::of(form, cells.map(|(key, there)| if there { of(*key) } else { blank }))
        }
    }
}

/// Whether every key is a place among so many words.
fn is_within(keys: &[i32], words: usize) -> bool {
    let (least, most) = keys.iter().fold((0, -1), |(least, most), key| (*key.min(&least), *key.max(&most)));
    least >= 0 && usize::try_from(most.max(0)).is_ok_and(|most| most < words)
}
