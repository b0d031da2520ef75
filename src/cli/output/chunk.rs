//! The columns of a Parquet file of payments, packed row group by row group.
//!
//! In: amounts, words or keys of a part. Out: the bytes of the column with what the footer
//! says of it. A writer for anything lists the rows that are there, looks each value up in a
//! dictionary and packs bytes of which it knows nothing; of payments it is known that nearly
//! every cell is there, that some clauses pay a handful of different amounts, and where each
//! number begins. The encodings are those that every reader knows: plain, or a dictionary.

use std::io::Write;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::snappy;

/// Rows of a page.
const PAGE: usize = 16_384;
/// A column with more different amounts is not worth a dictionary.
const MOST_WORDS: usize = 255;
/// The number of no amount.
const NOBODY: u8 = u8::MAX;
/// Places of the table in which amounts are looked up, so many that hardly two meet.
const PLACES: usize = 2_048;

/// A column of a row group.
pub(in crate::cli) struct Chunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl Chunk {
    /// Writes the column behind those before it.
    pub fn append<W: Write + Send>(self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        group.append_column(&self.bytes, self.close)
    }
}

/// A column of amounts in fen; of those that are not there, `there` says so.
pub(super) fn of_amounts(column: &ColumnDescPtr, fen: &[i64], there: Option<&[bool]>) -> Result<Chunk> {
    match few(fen) {
        Some((codes, amounts)) => {
            let dictionary: Vec<u8> = amounts.iter().copied().flat_map(i64::to_le_bytes).collect();
            coded(column, (&codes, there), (dictionary, amounts.len()))
        }
        None => plain(column, fen, there),
    }
}

/// A column of words, each of which mostly comes again and again.
pub(super) fn of_words(column: &ColumnDescPtr, texts: &[&str]) -> Result<Chunk> {
    let mut words: Vec<&str> = Vec::new();
    let mut number = |text| {
        let place = words.iter().position(|word| *word == text).unwrap_or_else(|| {
            words.push(text);
            words.len().saturating_sub(1)
        });
        u8::try_from(place).ok().filter(|_| words.len() <= MOST_WORDS)
    };
    let Some(codes) = texts.iter().copied().map(&mut number).collect::<Option<Vec<u8>>>() else {
        return of_texts(column, texts);
    };
    let mut dictionary = Vec::new();
    words.iter().try_for_each(|word| put_text(&mut dictionary, word))?;
    coded(column, (&codes, None), (dictionary, words.len()))
}

/// A column of texts of which hardly one comes twice.
pub(super) fn of_texts<T: AsRef<str>>(column: &ColumnDescPtr, texts: &[T]) -> Result<Chunk> {
    let mut pages = Pages::new(column);
    for some in texts.chunks(PAGE) {
        let (mut body, mut ends) = (levels(column, None, some.len())?, Vec::with_capacity(some.len()));
        for text in some {
            put_text(&mut body, text.as_ref())?;
            ends.push(body.len());
        }
        let packed = snappy::texts(&body, &ends);
        pages.data(packed, (body.len(), some.len()), Encoding::PLAIN)?;
    }
    pages.finish(texts.len())
}

/// Amounts as they are.
fn plain(column: &ColumnDescPtr, fen: &[i64], there: Option<&[bool]>) -> Result<Chunk> {
    let mut pages = Pages::new(column);
    for (at, some) in fen.chunks(PAGE).enumerate() {
        let there = page_of(there, at);
        let mut body = levels(column, there, some.len())?;
        let first = body.len();
        match there.filter(|there| there.contains(&false)) {
            None => {
                body.resize(first.saturating_add(some.len().saturating_mul(8)), 0);
                let slots = body.get_mut(first..).map_or(&mut [][..], |rest| rest.as_chunks_mut::<8>().0);
                slots.iter_mut().zip(some).for_each(|(slot, fen)| *slot = fen.to_le_bytes());
            }
            Some(there) => {
                let known = some.iter().zip(there).filter(|(_, there)| **there);
                known.for_each(|(fen, _)| body.extend_from_slice(&fen.to_le_bytes()));
            }
        }
        let packed = snappy::numbers(&body, first);
        pages.data(packed, (body.len(), some.len()), Encoding::PLAIN)?;
    }
    pages.finish(fen.len())
}

/// Values by their places in a dictionary of so many.
fn coded(
    column: &ColumnDescPtr,
    (codes, there): (&[u8], Option<&[bool]>),
    (dictionary, count): (Vec<u8>, usize),
) -> Result<Chunk> {
    let mut pages = Pages::new(column);
    pages.dictionary(dictionary, count)?;
    // At least one bit, so that no reader meets numbers without any.
    let bits = usize::BITS.saturating_sub(count.saturating_sub(1).leading_zeros()).max(1);
    for (at, some) in codes.chunks(PAGE).enumerate() {
        let there = page_of(there, at);
        let mut body = levels(column, there, some.len())?;
        body.push(u8::try_from(bits).unwrap_or(u8::MAX));
        match there.filter(|there| there.contains(&false)) {
            None => put_codes(&mut body, some, bits),
            Some(there) => {
                let known = some.iter().zip(there).filter(|(_, there)| **there).map(|(code, _)| *code);
                put_codes(&mut body, &known.collect::<Vec<u8>>(), bits);
            }
        }
        let packed = packed(&body)?;
        pages.data(packed, (body.len(), some.len()), Encoding::RLE_DICTIONARY)?;
    }
    pages.finish(codes.len())
}

/// The amounts by their numbers, where they are few; in the order in which they come.
fn few(fen: &[i64]) -> Option<(Vec<u8>, Vec<i64>)> {
    let mut amounts: Vec<i64> = Vec::new();
    let mut codes: Vec<u8> = Vec::with_capacity(fen.len());
    let (mut known, mut numbers) = (vec![0_i64; PLACES], vec![NOBODY; PLACES]);
    for amount in fen {
        // As many bits as there are places.
        let mut place = usize::try_from(amount.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 53).ok()?;
        let code = loop {
            let number = numbers.get_mut(place)?;
            if *number == NOBODY {
                if amounts.len() >= MOST_WORDS {
                    return None;
                }
                *number = u8::try_from(amounts.len()).ok()?;
                *known.get_mut(place)? = *amount;
                amounts.push(*amount);
                break *number;
            }
            if known.get(place) == Some(amount) {
                break *number;
            }
            place = place.saturating_add(1) % PLACES;
        };
        codes.push(code);
    }
    Some((codes, amounts))
}

/// What is there of a page.
fn page_of(there: Option<&[bool]>, at: usize) -> Option<&[bool]> {
    there.and_then(|there| there.chunks(PAGE).nth(at))
}

/// Which rows of a page are there, as a column says that may have blanks; nothing for one that has none.
fn levels(column: &ColumnDescPtr, there: Option<&[bool]>, rows: usize) -> Result<Vec<u8>> {
    if column.max_def_level() == 0 {
        return Ok(Vec::new());
    }
    let mut runs = Vec::new();
    match there {
        None => put_run(&mut runs, rows, 1),
        Some(there) => {
            there.chunk_by(|a, b| a == b).for_each(|run| put_run(&mut runs, run.len(), run.first() == Some(&true)));
        }
    }
    let mut levels = length_of(&runs)?.to_vec();
    levels.append(&mut runs);
    Ok(levels)
}

/// So many times the same.
fn put_run(out: &mut Vec<u8>, count: usize, value: impl Into<u8>) {
    put_varint(out, count.saturating_mul(2));
    out.push(value.into());
}

/// Codes of so many bits each.
fn put_codes(out: &mut Vec<u8>, codes: &[u8], bits: u32) {
    if let Some(first) = codes.first().filter(|first| codes.iter().all(|code| code == *first)) {
        return put_run(out, codes.len(), *first);
    }
    // Eight at a time take as many bytes as one takes bits.
    put_varint(out, codes.len().div_ceil(8).saturating_mul(2).saturating_add(1));
    for eight in codes.chunks(8) {
        let group = eight.iter().rev().fold(0_u64, |group, code| group << bits | u64::from(*code));
        out.extend_from_slice(group.to_le_bytes().get(..bits as usize).unwrap_or(&[]));
    }
}

fn put_varint(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) -> Result<()> {
    out.extend_from_slice(&length_of(text.as_bytes())?);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn length_of(bytes: &[u8]) -> Result<[u8; 4]> {
    let length = u32::try_from(bytes.len());
    Ok(length.map_err(|_| ParquetError::General("a text of more than 4 GiB".to_owned()))?.to_le_bytes())
}

/// Packs bytes of which nothing is known.
fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let packed = snap::raw::Encoder::new().compress_vec(bytes);
    packed.map_err(|error| ParquetError::External(Box::new(error)))
}

/// The pages of a column in the making.
struct Pages<'c> {
    column: &'c ColumnDescPtr,
    written: TrackedWrite<Vec<u8>>,
    unpacked: usize,
    /// Where the first page of data begins, behind a dictionary.
    first: Option<i64>,
    encodings: Vec<Encoding>,
}

impl Pages<'_> {
    fn new(column: &ColumnDescPtr) -> Pages<'_> {
        let written = TrackedWrite::new(Vec::new());
        Pages { column, written, unpacked: 0, first: None, encodings: vec![Encoding::RLE] }
    }

    fn put(&mut self, page: Page, length: usize) -> Result<()> {
        let put = SerializedPageWriter::new(&mut self.written).write_page(CompressedPage::new(page, length))?;
        self.unpacked = self.unpacked.saturating_add(put.uncompressed_size);
        Ok(())
    }

    fn dictionary(&mut self, values: Vec<u8>, count: usize) -> Result<()> {
        let buf = packed(&values)?.into();
        let num_values = u32::try_from(count).unwrap_or(u32::MAX);
        let page = Page::DictionaryPage { buf, num_values, encoding: Encoding::PLAIN, is_sorted: false };
        self.put(page, values.len())?;
        self.first = i64::try_from(self.written.bytes_written()).ok();
        self.encodings.push(Encoding::PLAIN);
        Ok(())
    }

    /// A page with so many bytes before they were packed, and so many rows.
    fn data(&mut self, packed: Vec<u8>, (length, rows): (usize, usize), encoding: Encoding) -> Result<()> {
        let page = Page::DataPage {
            buf: packed.into(),
            num_values: u32::try_from(rows).unwrap_or(u32::MAX),
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
        self.put(page, length)
    }

    fn finish(self, rows: usize) -> Result<Chunk> {
        let bytes = Bytes::from(self.written.into_inner()?);
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let metadata = ColumnChunkMetaData::builder(ColumnDescPtr::clone(self.column))
            .set_compression(Compression::SNAPPY)
            .set_encodings(self.encodings)
            .set_num_values(i64::try_from(rows).unwrap_or(i64::MAX))
            .set_total_compressed_size(number(bytes.len()))
            .set_total_uncompressed_size(number(self.unpacked))
            .set_data_page_offset(self.first.unwrap_or(0))
            .set_dictionary_page_offset(self.first.map(|_| 0))
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            rows_written: rows,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(Chunk { bytes, close })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use arrow_array::cast::AsArray;
    use arrow_array::types::Decimal64Type;
    use arrow_array::{Array, ArrayRef, RecordBatch};
    use arrow_schema::{DataType, Field, Schema};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::{of_amounts, of_texts, of_words};

    /// Texts, words and two columns of amounts, written and read again.
    fn read_back(texts: &[String], words: &[&str], amounts: [(&[i64], Option<&[bool]>); 2]) -> Vec<ArrayRef> {
        let money = || DataType::Decimal64(18, 2);
        let fields = [("键", DataType::Utf8, false), ("词", DataType::Utf8, false)].into_iter();
        let fields = fields.chain([("多", money(), true), ("少", money(), true)]);
        let schema = Schema::new(fields.map(|(name, kind, blank)| Field::new(name, kind, blank)).collect::<Vec<_>>());
        let writer = ArrowWriter::try_new(Vec::new(), Arc::new(schema), None).unwrap();
        let mut writer = writer.into_serialized_writer().unwrap().0;
        let columns = writer.schema_descr().columns().to_vec();
        for _ in 0..2 {
            let mut group = writer.next_row_group().unwrap();
            of_texts(&columns[0], texts).unwrap().append(&mut group).unwrap();
            of_words(&columns[1], words).unwrap().append(&mut group).unwrap();
            for (column, (fen, there)) in columns[2..].iter().zip(amounts) {
                of_amounts(column, fen, there).unwrap().append(&mut group).unwrap();
            }
            group.close().unwrap();
        }
        let bytes = Bytes::from(writer.into_inner().unwrap());
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().with_batch_size(1 << 20).build();
        let batches: Vec<RecordBatch> = reader.unwrap().map(Result::unwrap).collect();
        assert_eq!(batches.len(), 1);
        assert_eq!(batches[0].num_rows(), texts.len() * 2);
        batches[0].columns().to_vec()
    }

    fn fen(array: &ArrayRef) -> Vec<Option<i64>> {
        array.as_primitive::<Decimal64Type>().iter().collect()
    }

    #[test]
    fn columns_come_back() {
        for rows in [1, 7, 8, 16_384, 40_001] {
            let texts: Vec<String> = (0..rows).map(|row| format!("91{:0width$}", row * 7, width = row % 30)).collect();
            let words: Vec<&str> = (0..rows).map(|row| ["金额确定", "未定", ""][row * row % 3]).collect();
            let many: Vec<i64> = (0..rows as i64).map(|row| if row % 3 == 0 { 0 } else { row * 1_000_003 }).collect();
            for kinds in [1, 2, 5, 255, 256] {
                let few: Vec<i64> = (0..rows as i64).map(|row| row % kinds * 10_000_000_001).collect();
                let holes: Vec<bool> = (0..rows).map(|row| row % 11 != 3 && row < 20_000).collect();
                let columns = read_back(&texts, &words, [(&many, None), (&few, Some(&holes))]);
                let known = |column: &[i64]| -> Vec<Option<i64>> { column.iter().copied().map(Some).collect() };
                assert_eq!(fen(&columns[2]), [known(&many), known(&many)].concat());
                let holed = |column: &[i64]| -> Vec<Option<i64>> {
                    column.iter().zip(&holes).map(|(fen, there)| there.then_some(*fen)).collect()
                };
                assert_eq!(fen(&columns[3]), [holed(&few), holed(&few)].concat());
                assert!(columns[0].as_string::<i32>().iter().flatten().eq(texts.iter().chain(&texts)));
                assert!(columns[1].as_string::<i32>().iter().flatten().eq([&words[..], &words[..]].concat()));
                let columns = read_back(&texts, &words, [(&many, Some(&holes)), (&few, Some(&vec![false; rows]))]);
                assert_eq!(fen(&columns[2]), [holed(&many), holed(&many)].concat());
                assert_eq!(columns[3].null_count(), rows * 2);
            }
        }
    }

    #[test]
    fn many_words_are_texts() {
        let texts: Vec<String> = (0..300).map(|word| format!("词{word}")).collect();
        let words: Vec<&str> = texts.iter().map(String::as_str).collect();
        let columns = read_back(&texts, &words, [(&[5; 300], None), (&[0; 300], None)]);
        assert!(columns[1].as_string::<i32>().iter().flatten().eq([&words[..], &words[..]].concat()));
    }
}
