//! The columns as a data platform holds them.
//!
//! In: columns. Out: Arrow batches, a Parquet file and a CSV file. Money is decimal(18,2),
//! words are dictionaries, blanks are nulls, and there is a column that the policy does not
//! ask for. The Parquet file keeps no Arrow schema, as those of other programs do not.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal64Array, Decimal128Array, DictionaryArray, Int32Array, RecordBatch,
    StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::data::{BLANK_AT_ZERO, BOOLS, Columns, MONEY, WORDS, is_hole, key};

/// Rows of a row group.
pub const GROUP: usize = 131_072;

/// How money is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyAs {
    /// As most programs hand it over.
    Decimal128,
    /// The narrowest that holds decimal(18,2): its values are fen in `i64`.
    Decimal64,
}

/// Whether three columns have a hole in one cell of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holes {
    /// Everything is known.
    None,
    /// The variant with unknowns.
    InThree,
}

/// Some rows as a batch.
pub fn batch(columns: &Columns, rows: Range<usize>, money: MoneyAs, holes: Holes) -> RecordBatch {
    let hole = |name: &str, row: usize| holes == Holes::InThree && is_hole(name, row);
    let mut fields = vec![("编号", Arc::new(StringArray::from_iter_values(rows.clone().map(key))) as ArrayRef)];
    for (at, (name, column)) in MONEY.iter().zip(columns.money()).enumerate() {
        let blank = |row: usize| BLANK_AT_ZERO.contains(&at) && column[row] == 0 || hole(name, row);
        fields.push((name, decimals(rows.clone().map(|row| (!blank(row)).then(|| column[row])), money)));
    }
    for (name, column) in BOOLS.iter().zip(columns.bools()) {
        let values: Vec<bool> = column[rows.clone()].iter().map(|yes| *yes == 1).collect();
        fields.push((name, Arc::new(BooleanArray::from(values))));
    }
    for ((name, words), column) in WORDS.iter().zip(columns.words()) {
        let codes = rows.clone().map(|row| (!hole(name, row)).then(|| i32::from(column[row])));
        let words = Arc::new(StringArray::from_iter_values(*words));
        let array = DictionaryArray::<Int32Type>::new(codes.collect::<Int32Array>(), words);
        fields.push((name, Arc::new(array)));
    }
    let days: Vec<i32> = rows.map(|row| 3_650 + (row % 12_000) as i32).collect();
    fields.push(("成立日期", Arc::new(Date32Array::from(days))));
    RecordBatch::try_from_iter_with_nullable(fields.into_iter().map(|(name, array)| (name, array, true)))
        .expect("columns of one length")
}

fn decimals(fen: impl Iterator<Item = Option<i64>>, money: MoneyAs) -> ArrayRef {
    match money {
        MoneyAs::Decimal128 => {
            let array: Decimal128Array = fen.map(|fen| fen.map(i128::from)).collect();
            Arc::new(array.with_precision_and_scale(18, 2).expect("fen"))
        }
        MoneyAs::Decimal64 => {
            let array: Decimal64Array = fen.collect();
            Arc::new(array.with_precision_and_scale(18, 2).expect("fen"))
        }
    }
}

/// How Parquet files are written: snappy; no dictionary for columns of which hardly a value comes twice.
pub fn options(without_dictionary: &[&str]) -> ArrowWriterOptions {
    let properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(GROUP));
    let plain = without_dictionary
        .iter()
        .fold(properties, |properties, name| properties.set_column_dictionary_enabled(ColumnPath::from(*name), false));
    ArrowWriterOptions::new().with_properties(plain.build()).with_skip_arrow_metadata(true)
}

/// Writes all rows as Parquet.
pub fn write_parquet(columns: &Columns, path: &Path, holes: Holes) {
    let of = |rows: Range<usize>| batch(columns, rows, MoneyAs::Decimal64, holes);
    let file = File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new_with_options(file, of(0..0).schema(), options(&["编号"])).expect("a writer");
    for from in (0..columns.rows()).step_by(GROUP) {
        writer.write(&of(from..columns.rows().min(from + GROUP))).expect("written");
    }
    writer.close().expect("closed");
}

/// Writes all rows as CSV.
pub fn write_csv(columns: &Columns, path: &Path) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let words = WORDS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = ["编号"].into_iter().chain(MONEY).chain(BOOLS).chain(words).collect();
    writeln!(file, "{}", names.join(",")).expect("written");
    for row in 0..columns.rows() {
        write!(file, "{}", key(row)).expect("written");
        for (at, column) in columns.money().iter().enumerate() {
            match column[row] {
                0 if BLANK_AT_ZERO.contains(&at) => write!(file, ","),
                fen => write!(file, ",{}.{:02}", fen / 100, fen % 100),
            }
            .expect("written");
        }
        for column in columns.bools() {
            write!(file, ",{}", ["否", "是"][usize::from(column[row])]).expect("written");
        }
        for ((_, words), column) in WORDS.iter().zip(columns.words()) {
            write!(file, ",{}", words[usize::from(column[row])]).expect("written");
        }
        writeln!(file).expect("written");
    }
    file.flush().expect("written");
}

/// What a file of results holds beside the key: a column for each clause, and 合计.
pub const RESULT_TOTAL: &str = "合计";

/// The schema by which inputs are read: money as fen in `i64`, words as codes.
pub fn reading_schema(of: &Schema) -> Schema {
    let fields = of.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Decimal128(precision, scale) => DataType::Decimal64(*precision, *scale),
            DataType::Utf8 if WORDS.iter().any(|(name, _)| name == field.name()) => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            kind => kind.clone(),
        };
        Field::new(field.name(), kind, field.is_nullable())
    });
    Schema::new(fields.collect::<Vec<_>>())
}
