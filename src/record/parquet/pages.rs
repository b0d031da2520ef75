//! What a Parquet file claims, checked before the library believes it.
//!
//! In: the bytes of a file. Out: why it is not read, or nothing. The library makes room for
//! what a file says of itself; a few bytes could ask for all the memory there is, and a
//! lack of memory ends the program. So the footer and the head of every page that will be
//! read are walked over first, and what they claim is held against the limits.

use parquet::basic::{Compression, Type as Physical};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use super::thrift::{Seen, Walk};
use crate::diagnostic::Argument;
use crate::record::Limits;
use crate::record::refusal::Refusal;

const MAGIC: &[u8] = b"PAR1";
/// Bytes of a footer, and row groups that it lists.
const LARGEST_FOOTER: u32 = 32 << 20;
const MOST_ROW_GROUPS: usize = 32_767;
/// What the values of one batch may take where a dictionary repeats long ones.
const BATCH_BYTES: usize = 512 << 20;
const BATCH_ROWS: usize = 1024;

/// Checks the two ends of a file and its footer.
pub(super) fn check_footer(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let reason = |zh: &str, en: &str| Err(Refusal::Reason(Argument::phrase(zh, en)));
    if bytes.starts_with(b"PARE") || bytes.ends_with(b"PARE") {
        return reason("文件是加密的", "it is encrypted");
    }
    if !bytes.starts_with(MAGIC) {
        return reason("内容不是 Parquet 格式", "what it holds is not Parquet");
    }
    let ends = bytes.strip_suffix(MAGIC).filter(|rest| rest.len() > MAGIC.len());
    let Some((rest, length)) = ends.and_then(<[u8]>::split_last_chunk::<4>) else {
        return reason("文件不完整，缺少结尾", "it is incomplete: its end is missing");
    };
    let length = u32::from_le_bytes(*length);
    if length > LARGEST_FOOTER {
        return Err(Refusal::TooLarge(Argument::phrase("目录大小", "of footer"), LARGEST_FOOTER.into()));
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let Some(footer) = rest.len().checked_sub(length).and_then(|at| rest.get(at..)) else {
        return Err(Refusal::damaged());
    };
    let mut schema = Schema { row_groups: 0, children: 0, open: Vec::new(), leaves: 0, deepest: 0, element: 0 };
    if Walk::new(footer).structure(&mut |path, seen| schema.see(path, seen)).is_none()
        || schema.row_groups > MOST_ROW_GROUPS
    {
        return Err(Refusal::damaged());
    }
    if schema.deepest > limits.depth {
        return Err(Refusal::TooMuch(Argument::phrase("嵌套层数", "levels of nesting"), limits.depth));
    }
    if schema.leaves > limits.columns {
        return Err(Refusal::TooMuch(Argument::phrase("列数", "columns"), limits.columns));
    }
    Ok(())
}

/// The shape of a schema, whose elements stand in one list, each group before its parts.
struct Schema {
    row_groups: usize,
    /// The parts of the element that is being read.
    children: i64,
    element: usize,
    /// The parts that are still to come of the groups around.
    open: Vec<i64>,
    deepest: usize,
    leaves: usize,
}

impl Schema {
    fn see(&mut self, path: &[i16], seen: Seen) {
        match (path, seen) {
            ([4], Seen::List(count)) => self.row_groups = self.row_groups.max(count),
            ([2, 5], Seen::Number(children)) => self.children = children,
            ([2], Seen::Element) => {
                while self.open.last().is_some_and(|left| *left <= 0) {
                    self.open.pop();
                }
                if let Some(left) = self.open.last_mut() {
                    *left = left.saturating_sub(1);
                }
                let children = std::mem::take(&mut self.children);
                if children > 0 {
                    self.open.push(children);
                    self.deepest = self.deepest.max(self.open.len());
                } else if self.element > 0 {
                    self.leaves = self.leaves.saturating_add(1);
                }
                self.element = self.element.saturating_add(1);
            }
            _ => {}
        }
    }
}

/// Checks the pages of a whole file; answers how many rows to read at a time.
pub(super) fn check_pages(
    bytes: &[u8],
    metadata: &ParquetMetaData,
    is_read: impl Fn(usize) -> bool,
    limits: &Limits,
) -> Result<usize, Refusal> {
    let bytes_at = |start: u64, length: usize| {
        let start = usize::try_from(start).ok()?;
        bytes.get(start..start.checked_add(length)?)
    };
    check_groups(bytes_at, metadata, metadata.row_groups(), is_read, limits).and_then(|(rows, at_once)| {
        match rows == metadata.file_metadata().num_rows() {
            true => Ok(at_once.clamp(1, BATCH_ROWS)),
            false => Err(Refusal::damaged()),
        }
    })
}

/// Checks the pages of the columns of some row groups that will be read, given so many bytes from any place of theirs;
/// answers how many rows there are and how many may be read at a time.
pub(super) fn check_groups<'b>(
    bytes_at: impl Fn(u64, usize) -> Option<&'b [u8]>,
    metadata: &ParquetMetaData,
    groups: &[RowGroupMetaData],
    is_read: impl Fn(usize) -> bool,
    limits: &Limits,
) -> Result<(i64, usize), Refusal> {
    let most_rows = i64::try_from(limits.rows).unwrap_or(i64::MAX);
    let too_many_rows = || Refusal::TooMuch(Argument::phrase("行数", "rows"), limits.rows);
    let schema = metadata.file_metadata().schema_descr();
    let mut rows: i64 = 0;
    let mut unpacked: u64 = 0;
    let mut values = vec![0_i64; schema.num_columns()];
    let mut dictionaries = vec![0_usize; schema.num_columns()];
    for group in groups {
        if group.num_rows() < 0 {
            return Err(Refusal::damaged());
        }
        rows = rows.saturating_add(group.num_rows());
        if rows > most_rows {
            return Err(too_many_rows());
        }
        for (leaf, chunk) in group.columns().iter().enumerate() {
            if !is_read(schema.get_column_root_idx(leaf)) {
                continue;
            }
            let (start, length) = place_of(chunk).ok_or_else(Refusal::damaged)?;
            let pages = check_chunk(chunk, bytes_at(start, length).ok_or_else(Refusal::damaged)?)?;
            unpacked = unpacked.saturating_add(pages.unpacked);
            if unpacked > limits.unpacked_bytes {
                return Err(Refusal::unpacks_to_more_than(limits.unpacked_bytes));
            }
            if let Some(values) = values.get_mut(leaf) {
                *values = values.saturating_add(pages.values);
                if *values > most_rows {
                    return Err(too_many_rows());
                }
            }
            if let Some(largest) = dictionaries.get_mut(leaf) {
                *largest = pages.dictionary.max(*largest);
            }
        }
    }
    let long: usize = dictionaries.into_iter().fold(0, usize::saturating_add);
    Ok((rows, BATCH_BYTES.checked_div(long).unwrap_or(usize::MAX)))
}

/// What the pages of a column hold together.
#[derive(Default)]
struct Pages {
    unpacked: u64,
    values: i64,
    /// Bytes of the largest dictionary of texts.
    dictionary: usize,
}

/// Where the pages of a column of a row group begin, and how many bytes they take; none where that cannot be.
pub(super) fn place_of(chunk: &ColumnChunkMetaData) -> Option<(u64, usize)> {
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    Some((u64::try_from(start).ok()?, usize::try_from(chunk.compressed_size()).ok()?))
}

fn check_chunk(chunk: &ColumnChunkMetaData, mut rest: &[u8]) -> Result<Pages, Refusal> {
    if chunk.file_path().is_some() {
        return Err(Refusal::damaged());
    }
    match chunk.compression() {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) | Compression::LZ4_RAW => {}
        other => {
            let name = other.to_string();
            let name = name.split('(').next().unwrap_or_default();
            return Err(Refusal::Reason(Argument::phrase(
                format!("用 {name} 压缩，这里只读 Snappy、Zstandard、LZ4 和不压缩的"),
                format!("it is packed with {name}; Snappy, Zstandard, LZ4 and plain files are read"),
            )));
        }
    }
    let mut pages = Pages::default();
    while !rest.is_empty() {
        let head = PageHead::read(rest).ok_or_else(Refusal::damaged)?;
        // Of these encodings the library makes room for as many values as a page claims inside.
        if head.has_deltas_of_text {
            return Err(Refusal::Reason(Argument::phrase(
                "文字用的是第 2 版的 DELTA 编码；请按第 1 版保存",
                "its texts are in a DELTA encoding of version 2; save it as version 1",
            )));
        }
        let page = usize::try_from(head.packed).map_err(|_| Refusal::damaged())?;
        let unpacked = u64::try_from(head.unpacked).map_err(|_| Refusal::damaged())?;
        let next = head.length.checked_add(page).ok_or_else(Refusal::damaged)?;
        rest = rest.get(next..).ok_or_else(Refusal::damaged)?;
        pages.unpacked = pages.unpacked.saturating_add(unpacked.max(head.packed.unsigned_abs()));
        if head.values < 0 || head.dictionary_values < 0 || head.dictionary_values.unsigned_abs() > unpacked {
            return Err(Refusal::damaged());
        }
        pages.values = pages.values.saturating_add(head.values);
        let is_text = matches!(chunk.column_type(), Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY);
        if is_text && head.dictionary_values > 0 {
            pages.dictionary = pages.dictionary.max(usize::try_from(unpacked).unwrap_or(usize::MAX));
        }
    }
    Ok(pages)
}

/// What the head of a page says.
#[derive(Default)]
struct PageHead {
    /// Its own length.
    length: usize,
    unpacked: i64,
    packed: i64,
    values: i64,
    dictionary_values: i64,
    has_deltas_of_text: bool,
}

impl PageHead {
    fn read(bytes: &[u8]) -> Option<PageHead> {
        const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
        const DELTA_BYTE_ARRAY: i64 = 7;
        let mut head = PageHead::default();
        let mut fields = 0_usize;
        let mut walk = Walk::new(bytes);
        walk.structure(&mut |path, seen| {
            let Seen::Number(number) = seen else { return };
            let field = match path {
                [2] => &mut head.unpacked,
                [3] => &mut head.packed,
                [5 | 8, 1] => &mut head.values,
                [7, 1] => &mut head.dictionary_values,
                [5 | 7, 2] | [8, 4] => {
                    head.has_deltas_of_text |= matches!(number, DELTA_LENGTH_BYTE_ARRAY | DELTA_BYTE_ARRAY);
                    return;
                }
                _ => return,
            };
            *field = number;
            fields = fields.saturating_add(1);
        })?;
        head.length = walk.length();
        // Two sizes, and one count of one kind of page: of what stands twice nobody knows which is meant.
        (fields == 3 || fields == 2).then_some(head)
    }
}
