//! The row groups of a Parquet file, each read by itself.
//!
//! In: a path. Out: the columns of the file, and any row group as arrays. Only the footer
//! stays in memory; the bytes of a group are read when it is asked for. What a file claims
//! is checked before it is believed, as for a file that is read whole. Amounts and words are
//! asked for in the narrowest form: fen in 64 bits, words once each.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::{Source, Times, pages, schema_of};
use crate::record::{Limits, guarded};

/// A footer and what stands around it.
const FOOTER_END: u64 = 8;

/// A file whose row groups are read one by one.
#[derive(Debug)]
pub(in crate::record) struct Groups {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    /// The names of its columns, and what their times are.
    pub(in crate::record) columns: Vec<(String, Times)>,
}

/// Some bytes of a file, by their places in it.
struct Window {
    from: u64,
    bytes: Bytes,
    /// The length of the whole file.
    length: u64,
}

impl Groups {
    /// A file; none where it is better read whole, be it that it is damaged.
    pub(in crate::record) fn open(path: &Path, limits: &Limits) -> Option<Groups> {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let mut bytes = read(&mut file, 0, 4)?;
        let end = read(&mut file, length.checked_sub(FOOTER_END)?, FOOTER_END)?;
        let footer = u32::from_le_bytes(*end.first_chunk::<4>()?);
        let tail = u64::from(footer).checked_add(FOOTER_END).filter(|tail| *tail <= length && *tail <= 33 << 20)?;
        let from = length.checked_sub(tail)?;
        let tail = read(&mut file, from, tail)?;
        bytes.extend_from_slice(&tail);
        pages::check_footer(&bytes, limits).ok()?;
        let window = Window { from, bytes: tail.into(), length };
        let (metadata, columns) = guarded(|| schema_of(&window).ok())??;
        let columns = columns.into_iter().map(|Source { name, times }| (name, times)).collect();
        let groups = metadata.metadata().row_groups();
        let rows = groups.iter().try_fold(0_i64, |sum, group| sum.checked_add(group.num_rows()))?;
        let fits = usize::try_from(rows).is_ok_and(|rows| rows <= limits.rows);
        let whole = rows == metadata.metadata().file_metadata().num_rows();
        (fits && whole).then(|| Groups { path: path.to_path_buf(), metadata, columns })
    }

    /// How many rows each group has.
    pub(in crate::record) fn rows(&self) -> impl Iterator<Item = usize> {
        let groups = self.metadata.metadata().row_groups().iter();
        groups.map(|group| usize::try_from(group.num_rows()).unwrap_or(usize::MAX))
    }

    /// Reads words of these columns once each, and amounts as fen.
    pub(in crate::record) fn narrow(&mut self, words: impl Fn(usize) -> bool) {
        let fields = self.metadata.schema().fields().iter().enumerate().map(|(at, field)| {
            let kind = match field.data_type() {
                DataType::Decimal128(precision, scale) if *precision <= 18 => DataType::Decimal64(*precision, *scale),
                DataType::Utf8 | DataType::LargeUtf8 if words(at) => {
                    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
                }
                // However often a long text comes, it stands there once.
                DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
                _ => return Arc::clone(field),
            };
            Arc::new(field.as_ref().clone().with_data_type(kind))
        });
        let schema = Schema::new(fields.collect::<Vec<Arc<Field>>>());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        if let Ok(metadata) = ArrowReaderMetadata::try_new(Arc::clone(self.metadata.metadata()), options) {
            self.metadata = metadata;
        }
    }

    /// The arrays of these columns in a group; none where the file is better read whole.
    pub(in crate::record) fn read(&self, group: usize, wanted: &[usize], limits: &Limits) -> Option<RecordBatch> {
        let metadata = self.metadata.metadata();
        let groups = metadata.row_groups().get(group..=group)?;
        let chunks = groups.first()?.columns();
        let ranges = chunks.iter().map(parquet::file::metadata::ColumnChunkMetaData::byte_range);
        let (from, to) = ranges
            .fold((u64::MAX, 0), |(from, to), (start, length)| (from.min(start), to.max(start.saturating_add(length))));
        let mut file = File::open(&self.path).ok()?;
        let length = file.metadata().ok()?.len();
        let size = to.checked_sub(from).filter(|size| to <= length && *size <= limits.file_bytes)?;
        let bytes = Bytes::from(read(&mut file, from, size)?);
        let (rows, at_once) =
            pages::check_groups((from, &bytes), metadata, groups, |root| wanted.contains(&root), limits).ok()?;
        let fields = wanted.iter().filter_map(|at| self.metadata.schema().fields().get(*at));
        let unfolds = fields.into_iter().any(|field| unfolds(field.data_type()));
        let rows = usize::try_from(rows).ok().filter(|rows| !unfolds || *rows <= at_once)?;
        let window = Window { from, bytes, length };
        let batch = guarded(|| {
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), wanted.iter().copied());
            let mut batches = ParquetRecordBatchReaderBuilder::new_with_metadata(window, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(vec![group])
                .with_batch_size(rows.max(1))
                .build()
                .ok()?;
            let first = batches.next()?.ok()?;
            batches.next().is_none().then_some(first)
        })??;
        (batch.num_rows() == rows).then_some(batch)
    }
}

/// Whether a text of a dictionary stands in an array as often as it comes.
fn unfolds(kind: &DataType) -> bool {
    let views = [DataType::Utf8View, DataType::BinaryView];
    !kind.is_primitive() && !matches!(kind, DataType::Boolean | DataType::Dictionary(..)) && !views.contains(kind)
}

fn read(file: &mut File, from: u64, length: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).ok()?).ok()?;
    file.seek(SeekFrom::Start(from)).ok()?;
    file.take(length).read_to_end(&mut bytes).ok()?;
    (u64::try_from(bytes.len()).ok()? == length).then_some(bytes)
}

impl Window {
    fn slice(&self, start: u64, length: Option<usize>) -> parquet::errors::Result<Bytes> {
        let beyond = || ParquetError::EOF("beyond the bytes that were read".to_owned());
        let start = start.checked_sub(self.from).and_then(|start| usize::try_from(start).ok()).ok_or_else(beyond)?;
        let end = length.map_or(Some(self.bytes.len()), |length| start.checked_add(length)).ok_or_else(beyond)?;
        if start > end || end > self.bytes.len() {
            return Err(beyond());
        }
        Ok(self.bytes.slice(start..end))
    }
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Window {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(self.slice(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.slice(start, Some(length))
    }
}
