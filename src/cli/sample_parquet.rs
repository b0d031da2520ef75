//! A made-up table in a Parquet file: amounts as decimals, days as days.

use std::io::{BufWriter, Error};
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Date32Builder, Decimal128Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tempfile::NamedTempFile;

use crate::check::program::Program;
use crate::record::Record;
use crate::sample::table::{Column, ColumnKind, Row, Table};
use crate::value::{Date, Value};

/// Digits of a decimal, which is as much as the type holds.
const DIGITS: u8 = 38;
/// Rows that are kept in memory before they are written.
const GROUP: usize = 65_536;

/// A table while it is written.
pub(super) struct ParquetTable {
    table: Table,
    schema: Arc<Schema>,
    writer: ArrowWriter<BufWriter<NamedTempFile>>,
}

impl ParquetTable {
    /// Begins a file.
    pub fn new(file: BufWriter<NamedTempFile>, table: Table) -> Result<ParquetTable, Error> {
        let fields = table.columns.iter().map(|column| Field::new(&column.header, type_of(column), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))?;
        Ok(ParquetTable { table, schema, writer })
    }

    /// Writes the rows that some records give; how many.
    pub fn write(&mut self, program: &Program, batch: &[Record]) -> Result<u64, Error> {
        let mut builders: Vec<Builder> = self.table.columns.iter().map(|column| Builder::new(column.kind)).collect();
        let mut rows: u64 = 0;
        for record in batch {
            self.table.rows(program, record, &mut |row: Row<'_>| {
                rows = rows.saturating_add(1);
                let pairs = self.table.columns.iter().zip(&mut builders);
                pairs.for_each(|(column, builder)| builder.add(program, column, row));
                Ok::<(), Error>(())
            })?;
        }
        if rows > 0 {
            let arrays = builders.into_iter().map(Builder::finish).collect::<Result<Vec<_>, _>>()?;
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(Error::other)?;
            self.writer.write(&batch)?;
        }
        Ok(rows)
    }

    /// Ends the file.
    pub fn finish(self) -> Result<BufWriter<NamedTempFile>, Error> {
        Ok(self.writer.into_inner()?)
    }
}

fn type_of(column: &Column) -> DataType {
    match column.kind {
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Date => DataType::Date32,
        ColumnKind::Decimal(places) => DataType::Decimal128(DIGITS, places),
        ColumnKind::Text | ColumnKind::Word => DataType::Utf8,
    }
}

/// The values of a column so far.
enum Builder {
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Decimal(Decimal128Builder, i8),
    Text(StringBuilder),
}

impl Builder {
    fn new(kind: ColumnKind) -> Builder {
        match kind {
            ColumnKind::Bool => Builder::Bool(BooleanBuilder::new()),
            ColumnKind::Date => Builder::Date(Date32Builder::new()),
            ColumnKind::Decimal(places) => Builder::Decimal(Decimal128Builder::new(), places),
            ColumnKind::Text | ColumnKind::Word => Builder::Text(StringBuilder::new()),
        }
    }

    fn add(&mut self, program: &Program, column: &Column, row: Row<'_>) {
        match self {
            Builder::Bool(values) => values.append_option(match column.value(row) {
                Some(Value::Bool(yes)) => Some(*yes),
                _ => None,
            }),
            Builder::Date(values) => values.append_option(match column.value(row) {
                Some(Value::Date(day)) => days_since_1970(*day),
                _ => None,
            }),
            Builder::Decimal(values, _) => values.append_option(column.decimal(program, row)),
            Builder::Text(values) => {
                let text = column.text(program, row);
                values.append_option((!text.is_empty()).then_some(text.as_str()));
            }
        }
    }

    fn finish(self) -> Result<ArrayRef, Error> {
        Ok(match self {
            Builder::Bool(mut values) => Arc::new(values.finish()),
            Builder::Date(mut values) => Arc::new(values.finish()),
            Builder::Decimal(mut values, places) => {
                let values = values.finish().with_precision_and_scale(DIGITS, places);
                Arc::new(values.map_err(Error::other)?)
            }
            Builder::Text(mut values) => Arc::new(values.finish()),
        })
    }
}

fn days_since_1970(day: Date) -> Option<i32> {
    day.day_number().checked_sub(Date::new(1970, 1, 1)?.day_number())
}
