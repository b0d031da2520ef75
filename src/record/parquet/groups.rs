//! The row groups of a Parquet file, read piece by piece.
//!
//! In: a path. Out: the columns of the file, and any piece of a row group as arrays. Only the
//! footer stays in memory; the bytes of the columns that are asked for are read when a piece
//! of a group is, and let go with its last piece: some programs put a million rows into a
//! group. What a file claims is checked before it is believed, as for a file that is read
//! whole. Amounts and words are asked for in the narrowest form: fen in 64 bits, words once each.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::{Source, Times, pages, schema_of};
use crate::record::{Limits, guarded};

/// A footer and what stands around it.
const FOOTER_END: u64 = 8;

/// Rows of a piece. Pages that lie across two pieces are unpacked twice: most programs write half as many rows to a
/// page, or twice as many, so that it is not much.
const PIECE: usize = if cfg!(test) { 64 } else { 1 << 16 };

/// A file whose row groups are read piece by piece.
#[derive(Debug)]
pub(in crate::record) struct Groups {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    pieces: Vec<Piece>,
    /// The bytes of groups of which some pieces were read.
    begun: Mutex<VecDeque<Begun>>,
    /// The names of its columns, and what their times are.
    pub(in crate::record) columns: Vec<(String, Times)>,
}

/// Rows of a group that are read at once.
#[derive(Debug, Clone, Copy)]
struct Piece {
    group: usize,
    from: usize,
    rows: usize,
}

/// A group of which some columns are being read.
#[derive(Debug)]
struct Begun {
    group: usize,
    wanted: Vec<usize>,
    /// How many of its pieces have not been asked for.
    left: usize,
    spans: Arc<OnceLock<Option<Spans>>>,
}

/// Some bytes of a file, by their places in it.
#[derive(Debug, Clone)]
struct Spans {
    /// Where each begins, in order.
    spans: Arc<[(u64, Bytes)]>,
    /// The length of the whole file.
    length: u64,
}

impl Groups {
    /// A file; none where it is better read whole, be it that it is damaged.
    pub(in crate::record) fn open(path: &Path, limits: &Limits) -> Option<Groups> {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let mut bytes = read(&mut file, 0, 4)?;
        let size = read(&mut file, length.checked_sub(FOOTER_END)?, FOOTER_END)?;
        let footer = u32::from_le_bytes(*size.first_chunk::<4>()?);
        let tail = u64::from(footer).checked_add(FOOTER_END).filter(|tail| *tail <= length && *tail <= 33 << 20)?;
        let from = length.checked_sub(tail)?;
        let tail = read(&mut file, from, tail)?;
        bytes.extend_from_slice(&tail);
        pages::check_footer(&bytes, limits).ok()?;
        let end = Spans { spans: Arc::new([(from, tail.into())]), length };
        let (metadata, columns) = guarded(|| schema_of(&end).ok())??;
        let columns = columns.into_iter().map(|Source { name, times }| (name, times)).collect();
        let groups = metadata.metadata().row_groups();
        let mut pieces = Vec::new();
        let mut rows = 0_usize;
        for (group, data) in groups.iter().enumerate() {
            let of_group = usize::try_from(data.num_rows()).ok()?;
            rows = rows.checked_add(of_group).filter(|rows| *rows <= limits.rows)?;
            let piece = |from: usize| Piece { group, from, rows: PIECE.min(of_group.saturating_sub(from)) };
            pieces.extend((0..of_group.max(1)).step_by(PIECE).map(piece));
        }
        let whole = i64::try_from(rows) == Ok(metadata.metadata().file_metadata().num_rows());
        whole.then(|| Groups { path: path.to_path_buf(), metadata, pieces, begun: Mutex::default(), columns })
    }

    /// How many rows each piece has.
    pub(in crate::record) fn rows(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().map(|piece| piece.rows)
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

    /// The arrays of these columns in a piece; none where the file is better read whole.
    pub(in crate::record) fn read(&self, piece: usize, wanted: &[usize], limits: &Limits) -> Option<RecordBatch> {
        let Piece { group, from, rows } = *self.pieces.get(piece)?;
        let metadata = self.metadata.metadata();
        let groups = metadata.row_groups().get(group..=group)?;
        let spans = self.spans(group, wanted, limits)?;
        let (all, at_once) = {
            let is_wanted = |root| wanted.contains(&root);
            pages::check_groups(|start, length| spans.bytes(start, length), metadata, groups, is_wanted, limits).ok()?
        };
        let fields = wanted.iter().filter_map(|at| self.metadata.schema().fields().get(*at));
        let unfolds = fields.into_iter().any(|field| unfolds(field.data_type()));
        if unfolds && rows > at_once {
            return None;
        }
        let behind = usize::try_from(all).ok()?.checked_sub(from.checked_add(rows)?)?;
        let batch = guarded(|| {
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), wanted.iter().copied());
            let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(spans, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(vec![group])
                .with_batch_size(rows.max(1));
            if from > 0 || behind > 0 {
                let rows = [RowSelector::skip(from), RowSelector::select(rows), RowSelector::skip(behind)];
                reader = reader.with_row_selection(RowSelection::from(rows.to_vec()));
            }
            let mut batches = reader.build().ok()?;
            let first = batches.next()?.ok()?;
            batches.next().is_none().then_some(first)
        })??;
        (batch.num_rows() == rows).then_some(batch)
    }

    /// The bytes of some columns of a group. Those of a group with several pieces are kept until the last is asked for.
    fn spans(&self, group: usize, wanted: &[usize], limits: &Limits) -> Option<Spans> {
        let rows = self.metadata.metadata().row_groups().get(group)?.num_rows();
        let pieces = usize::try_from(rows).ok()?.div_ceil(PIECE);
        if pieces <= 1 {
            return self.read_spans(group, wanted, limits);
        }
        let spans = {
            let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
            let same = |one: &Begun| one.group == group && one.wanted == wanted;
            let at = begun.iter().position(same).unwrap_or_else(|| {
                // Each thread is at one group, but for those that are at the end of one.
                if begun.len() > rayon::current_num_threads() {
                    begun.pop_front();
                }
                begun.push_back(Begun { group, wanted: wanted.to_vec(), left: pieces, spans: Arc::default() });
                begun.len().saturating_sub(1)
            });
            let one = begun.get_mut(at)?;
            one.left = one.left.saturating_sub(1);
            let spans = Arc::clone(&one.spans);
            if one.left == 0 {
                begun.remove(at);
            }
            spans
        };
        spans.get_or_init(|| self.read_spans(group, wanted, limits)).clone()
    }

    fn read_spans(&self, group: usize, wanted: &[usize], limits: &Limits) -> Option<Spans> {
        let metadata = self.metadata.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let chunks = metadata.row_groups().get(group)?.columns().iter().enumerate();
        let chunks = chunks.filter(|(leaf, _)| wanted.contains(&schema.get_column_root_idx(*leaf)));
        let mut places = chunks.map(|(_, chunk)| pages::place_of(chunk)).collect::<Option<Vec<_>>>()?;
        places.sort_unstable();
        let mut file = File::open(&self.path).ok()?;
        let length = file.metadata().ok()?.len();
        let mut size = 0_u64;
        let spans = places.into_iter().map(|(start, bytes)| {
            let bytes = u64::try_from(bytes).ok()?;
            size = size.checked_add(bytes).filter(|size| *size <= limits.file_bytes)?;
            start.checked_add(bytes).filter(|end| *end <= length)?;
            Some((start, Bytes::from(read(&mut file, start, bytes)?)))
        });
        Some(Spans { spans: spans.collect::<Option<_>>()?, length })
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

impl Spans {
    /// The bytes from this place to the end of their span.
    fn from(&self, start: u64) -> Option<(&Bytes, usize)> {
        let at = self.spans.partition_point(|(first, _)| *first <= start).checked_sub(1)?;
        let (first, bytes) = self.spans.get(at)?;
        let skipped = usize::try_from(start.checked_sub(*first)?).ok()?;
        (skipped <= bytes.len()).then_some((bytes, skipped))
    }

    /// So many bytes from this place on.
    fn bytes(&self, start: u64, length: usize) -> Option<&[u8]> {
        let (bytes, skipped) = self.from(start)?;
        bytes.get(skipped..skipped.checked_add(length)?)
    }

    fn slice(&self, start: u64, length: Option<usize>) -> parquet::errors::Result<Bytes> {
        let slice = || {
            let (bytes, from) = self.from(start)?;
            let to = length.map_or(Some(bytes.len()), |length| from.checked_add(length))?;
            (to <= bytes.len()).then(|| bytes.slice(from..to))
        };
        slice().ok_or_else(|| ParquetError::EOF("beyond the bytes that were read".to_owned()))
    }
}

impl Length for Spans {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Spans {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(self.slice(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.slice(start, Some(length))
    }
}
