//! Rows of Parquet files.
//!
//! In: the bytes of a file. Out: the drafts of its rows, read in batches through the same
//! table reader as CSV. What the file claims is checked first (`pages`); what the library
//! does to a damaged file after all is kept from ending the program (`guarded`).

mod cell;
mod groups;
mod pages;
mod thrift;

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type as Physical;
use parquet::file::reader::ChunkReader;
use parquet::schema::types::SchemaDescriptor;

use super::column::Columns;
use super::given::Given;
use super::guarded::guarded;
use super::input::{FileDrafts, Loading};
use super::refusal::Refusal;
use super::table::{Reading, Table};
use super::{Input, RowsAre};
use crate::diagnostic::{Code, DataPlace, Diagnostic};

pub(super) use cell::{Times, given};
pub(super) use groups::Groups;

/// A file whose footer is known.
struct Opened {
    bytes: Bytes,
    metadata: ArrowReaderMetadata,
    columns: Vec<Source>,
}

/// A column of the file.
struct Source {
    name: String,
    /// Its times are moments, whatever their zone.
    times: Times,
}

impl Loading<'_> {
    /// Reads a file.
    pub(super) fn read_parquet(&mut self, input: &Input, name: &str, bytes: Vec<u8>) -> Vec<FileDrafts> {
        let place = DataPlace { file: name.to_string(), ..DataPlace::default() };
        if bytes.is_empty() {
            self.loaded.diagnostics.push(Diagnostic::new(Code::EmptyFile).with("file", name).in_data(place));
            return Vec::new();
        }
        let limits = self.limits;
        let opened = pages::check_footer(&bytes, limits)
            .and_then(|()| guarded(|| open(bytes)).unwrap_or_else(|| Err(Refusal::damaged())));
        let opened = match opened {
            Ok(opened) => opened,
            Err(refusal) => {
                self.loaded.diagnostics.push(refusal.diagnostic(name));
                return Vec::new();
            }
        };
        let header: Vec<String> = opened.columns.iter().map(|column| column.name.clone()).collect();
        let Some(record) = self.record_of(input, name, &header) else { return Vec::new() };
        let Some(columns) = Columns::new(self.program, record) else { return Vec::new() };
        let file = self.add_file(name, RowsAre::Numbered);
        let table = self.table(&columns, file);
        match guarded(|| read(table, &opened, &header)).unwrap_or_else(|| Err(Refusal::damaged())) {
            Ok(mut part) => {
                part.report.file = name.to_string();
                part.report.encoding = "Parquet";
                vec![part]
            }
            Err(refusal) => {
                self.loaded.diagnostics.push(refusal.diagnostic(name));
                Vec::new()
            }
        }
    }
}

fn open(bytes: Vec<u8>) -> Result<Opened, Refusal> {
    let bytes = Bytes::from(bytes);
    let (metadata, columns) = schema_of(&bytes)?;
    Ok(Opened { bytes, metadata, columns })
}

/// The columns of a file, and how they are read.
fn schema_of(file: &impl ChunkReader) -> Result<(ArrowReaderMetadata, Vec<Source>), Refusal> {
    let options = ArrowReaderOptions::new();
    let metadata = ArrowReaderMetadata::load(file, options).map_err(|_| Refusal::damaged())?;
    let descriptor = metadata.parquet_schema();
    let old_times = roots_with_old_times(descriptor);
    let fields = metadata.schema().fields();
    if fields.len() != descriptor.root_schema().get_fields().len() {
        return Err(Refusal::damaged());
    }
    let columns = fields.iter().enumerate().map(|(at, field)| Source {
        name: field.name().clone(),
        times: if old_times.contains(&at) { Times::Moments } else { Times::AsTheySay },
    });
    let columns: Vec<Source> = columns.collect();
    if old_times.is_empty() {
        return Ok((metadata, columns));
    }
    // As nanoseconds these would end in the year 2262.
    let fields = fields.iter().map(with_milliseconds);
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options);
    Ok((metadata.map_err(|_| Refusal::damaged())?, columns))
}

/// The columns with times of 96 bits, which say nothing of a zone and are always moments.
fn roots_with_old_times(descriptor: &SchemaDescriptor) -> Vec<usize> {
    let leaves = descriptor.columns().iter().enumerate();
    let old = leaves.filter(|(_, leaf)| leaf.physical_type() == Physical::INT96);
    old.map(|(at, _)| descriptor.get_column_root_idx(at)).collect()
}

fn with_milliseconds(field: &Arc<Field>) -> Arc<Field> {
    match field.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, None) => {
            let kind = DataType::Timestamp(TimeUnit::Millisecond, None);
            Arc::new(field.as_ref().clone().with_data_type(kind))
        }
        _ => Arc::clone(field),
    }
}

fn read(table: Table, opened: &Opened, header: &[String]) -> Result<FileDrafts, Refusal> {
    if header.is_empty() {
        return Ok(table.refused(|place| {
            let place = place(None, None);
            Diagnostic::new(Code::EmptyFile).with("file", &place.file).in_data(place)
        }));
    }
    let mut reading = match Reading::new(table, header, None) {
        Ok(reading) => reading,
        Err(refused) => return Ok(*refused),
    };
    // What no record knows is not even unpacked.
    let wanted: Vec<usize> = reading.wanted();
    let metadata = opened.metadata.metadata();
    let rows = pages::check_pages(&opened.bytes, metadata, |root| wanted.contains(&root), table.limits)?;
    let mask = ProjectionMask::roots(opened.metadata.parquet_schema(), wanted.iter().copied());
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(opened.bytes.clone(), opened.metadata.clone())
        .with_projection(mask)
        .with_batch_size(rows)
        .build()
        .map_err(|_| Refusal::damaged())?;
    let mut number: usize = 0;
    let mut text: u64 = 0;
    let all = usize::try_from(metadata.file_metadata().num_rows()).unwrap_or(usize::MAX).max(1);
    for batch in batches {
        if table.progress.is_stopped() {
            return Ok(reading.finish());
        }
        let batch = batch.map_err(|_| Refusal::damaged())?;
        let mut cells: Vec<Given> = vec![Given::BLANK; header.len()];
        for row in 0..batch.num_rows() {
            for (array, at) in batch.columns().iter().zip(&wanted) {
                let times = opened.columns.get(*at).map_or(Times::AsTheySay, |column| column.times);
                if let Some(cell) = cells.get_mut(*at) {
                    *cell = given(array.as_ref(), row, times);
                    text = text.saturating_add(u64::try_from(cell.length()).unwrap_or(u64::MAX));
                }
            }
            if text > table.limits.unpacked_bytes {
                return Err(Refusal::unpacks_to_more_than(table.limits.unpacked_bytes));
            }
            number = number.saturating_add(1);
            // Of a column that is not read nobody knows whether it is blank.
            if wanted.len() == header.len() && cells.iter().all(Given::is_blank) {
                reading.skip_blank(1);
            } else {
                reading.row(number, &cells);
            }
        }
        // The bytes of a row are not known: each counts for its part of the file.
        let part = (opened.bytes.len() as u128).saturating_mul(batch.num_rows() as u128) / all as u128;
        table.progress.advance(usize::try_from(part).unwrap_or(usize::MAX));
    }
    // Half a file would pass for a whole one.
    if i64::try_from(number) != Ok(metadata.file_metadata().num_rows()) {
        return Err(Refusal::damaged());
    }
    Ok(reading.finish())
}
