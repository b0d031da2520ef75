//! From a file to a file by hand: what a whole run is measured against.
//!
//! In: a Parquet or CSV file of enterprises. Out: a Parquet file with the key, a column for
//! each clause and one of their sum. Row groups (pieces of the CSV) are read and worked out on
//! the threads of a pool; the budget is shared out once all are known; then they are encoded on
//! the same threads and written in order.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal64Type, Int32Type};
use arrow_array::{Array, ArrayRef, Decimal64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use huiqi_bench_levels::Level;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use rayon::prelude::*;

use super::amounts::{Amounts, CLAUSES, Stage};
use super::data::{BOOLS, Columns, MONEY, WORDS};
use super::files::{GROUP, RESULT_TOTAL, options, reading_schema};
use super::yardstick;

/// Columns of results of which hardly a value comes twice.
const MANY_VALUES: [&str; 9] =
    ["编号", "增资扩产奖励", "上云补助", "研发补助", "设备补助", "贷款贴息", "培训补贴", "技术转移补助", RESULT_TOTAL];

/// Some rows with their amounts.
struct Part {
    keys: ArrayRef,
    amounts: Amounts,
    drawn: i64,
}

/// A file of enterprises.
#[derive(Debug, Clone, Copy)]
pub enum Source<'p> {
    /// A Parquet file.
    Parquet(&'p Path),
    /// A CSV file.
    Csv(&'p Path),
}

/// From one file to the other.
pub fn run(from: Source<'_>, to: &Path, stage: Stage, pool: &rayon::ThreadPool) {
    pool.install(|| {
        let mut parts = match from {
            Source::Parquet(path) => read_parquet(path, stage),
            Source::Csv(path) => read_csv(path, stage, pool.current_num_threads()),
        };
        if stage == Stage::Settled {
            let drawn = parts.iter().map(|part| part.drawn).sum();
            parts.par_iter_mut().for_each(|part| yardstick::cut(&mut part.amounts, drawn, Level::best()));
        }
        write(parts, to);
    });
}

fn part(keys: ArrayRef, columns: &Columns, stage: Stage) -> Part {
    let mut amounts = Amounts::default();
    let drawn = yardstick::first_pass(columns, &mut amounts, stage, Level::best());
    Part { keys, amounts, drawn }
}

fn read_parquet(path: &Path, stage: Stage) -> Vec<Part> {
    let bytes = Bytes::from(std::fs::read(path).expect("the file"));
    let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).expect("its footer");
    let options = ArrowReaderOptions::new().with_schema(Arc::new(reading_schema(metadata.schema())));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).expect("its schema");
    // All but the last column, which the policy does not ask for.
    let wanted = ProjectionMask::roots(metadata.parquet_schema(), 0..metadata.schema().fields().len() - 1);
    let groups = (0..metadata.metadata().num_row_groups()).into_par_iter();
    let parts = groups.map(|group| {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone())
            .with_projection(wanted.clone())
            .with_row_groups(vec![group])
            .with_batch_size(GROUP)
            .build();
        let mut batches = reader.expect("a reader").map(|batch| batch.expect("a batch"));
        let batch = batches.next().expect("a batch");
        assert!(batches.next().is_none(), "a row group of more than {GROUP} rows");
        part(Arc::clone(batch.column(0)), &columns(&batch), stage)
    });
    parts.collect()
}

/// Money as fen, words as the codes of the policy.
fn columns(batch: &RecordBatch) -> Columns {
    let column = |name: &str| batch.column_by_name(name).expect("a column");
    let money = MONEY.map(|name| {
        let array = column(name).as_primitive::<Decimal64Type>();
        match array.nulls() {
            None => array.values().to_vec(),
            Some(nulls) => array.values().iter().zip(nulls).map(|(fen, there)| if there { *fen } else { 0 }).collect(),
        }
    });
    let bools = BOOLS.map(|name| column(name).as_boolean().values().iter().map(u8::from).collect());
    let words = WORDS.map(|(name, words)| {
        let array = column(name).as_dictionary::<Int32Type>();
        let values = array.values().as_string::<i32>();
        let code = |word: &str| words.iter().position(|known| *known == word).expect("a word of the policy") as u8;
        let codes: Vec<u8> = values.iter().map(|word| code(word.expect("a word"))).collect();
        array.keys().values().iter().map(|key| codes[*key as usize]).collect()
    });
    Columns::of(money, bools, words)
}

/// Cuts the text at ends of lines, one piece a thread and a few more for the balance.
fn read_csv(path: &Path, stage: Stage, threads: usize) -> Vec<Part> {
    let text = std::fs::read(path).expect("the file");
    let header = text.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let mut pieces = vec![header];
    for at in 1..threads * 4 {
        let from = (header + (text.len() - header) / (threads * 4) * at).max(pieces[at - 1]);
        let line = text[from..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| from + end + 1);
        pieces.push(line);
    }
    pieces.push(text.len());
    let parts = pieces.par_windows(2).map(|piece| read_lines(&text[piece[0]..piece[1]], stage));
    parts.collect()
}

fn read_lines(text: &[u8], stage: Stage) -> Part {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let (mut money, mut bools, mut words) =
        ([const { Vec::new() }; 10], [const { Vec::new() }; 4], [const { Vec::new() }; 4]);
    let (mut record, mut keys) = (csv::ByteRecord::new(), Vec::new());
    while reader.read_byte_record(&mut record).expect("a line") {
        keys.push(String::from_utf8(record[0].to_vec()).expect("a key"));
        money.iter_mut().enumerate().for_each(|(at, column)| column.push(fen(&record[1 + at])));
        bools
            .iter_mut()
            .enumerate()
            .for_each(|(at, column)| column.push(u8::from(&record[11 + at] == "是".as_bytes())));
        for (at, (column, (_, words))) in words.iter_mut().zip(WORDS).enumerate() {
            let code = words.iter().position(|word| word.as_bytes() == &record[15 + at]);
            column.push(code.expect("a word of the policy") as u8);
        }
    }
    part(Arc::new(StringArray::from(keys)), &Columns::of(money, bools, words), stage)
}

/// An amount in yuan with two places; a blank is 0.
fn fen(cell: &[u8]) -> i64 {
    let digit = |fen: i64, byte: &u8| match byte {
        b'0'..=b'9' => fen * 10 + i64::from(byte - b'0'),
        b'.' => fen,
        _ => panic!("not an amount"),
    };
    cell.iter().fold(0, digit)
}

fn write(parts: Vec<Part>, to: &Path) {
    let money = || DataType::Decimal64(18, 2);
    let amounts = CLAUSES.iter().chain([&RESULT_TOTAL]).map(|name| Field::new(*name, money(), false));
    let fields = [Field::new("编号", DataType::Utf8, false)].into_iter().chain(amounts);
    let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let file = File::create(to).expect("a file");
    let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options(&MANY_VALUES)).expect("a writer");
    let (mut writer, factory) = writer.into_serialized_writer().expect("a writer");
    let parts = parts.into_par_iter().enumerate();
    let groups: Vec<_> = parts.map(|(at, part)| encoded(&factory, &schema, at, part)).collect();
    for group in groups {
        let mut rows = writer.next_row_group().expect("a row group");
        group.into_iter().for_each(|column| column.append_to_row_group(&mut rows).expect("written"));
        rows.close().expect("closed");
    }
    writer.close().expect("closed");
}

fn encoded(factory: &ArrowRowGroupWriterFactory, schema: &Schema, at: usize, part: Part) -> Vec<ArrowColumnChunk> {
    let Amounts { clauses, total } = part.amounts;
    let money = clauses.into_iter().chain([total]).map(|column| {
        let array = Decimal64Array::from(column).with_precision_and_scale(18, 2);
        Arc::new(array.expect("fen")) as ArrayRef
    });
    let arrays = [part.keys].into_iter().chain(money);
    let writers = factory.create_column_writers(at).expect("writers");
    let columns = writers.into_iter().zip(arrays).zip(schema.fields());
    let columns = columns.map(|((mut writer, array), field)| {
        for leaf in compute_leaves(field, &array).expect("a flat column") {
            writer.write(&leaf).expect("encoded");
        }
        writer.close().expect("encoded")
    });
    columns.collect()
}

/// The amounts of a file of results, in the order of its rows.
pub fn results(path: &Path) -> Amounts {
    let bytes = Bytes::from(std::fs::read(path).expect("the file"));
    let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).expect("its footer");
    let options = ArrowReaderOptions::new().with_schema(Arc::new(reading_schema(metadata.schema())));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).expect("its schema");
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata).build().expect("a reader");
    let mut amounts = Amounts::default();
    for batch in reader {
        let batch = batch.expect("a batch");
        let columns = amounts.clauses.iter_mut().chain([&mut amounts.total]);
        for (name, column) in CLAUSES.iter().chain([&RESULT_TOTAL]).zip(columns) {
            let array = batch.column_by_name(name).expect("a column");
            column.extend_from_slice(array.as_primitive::<Decimal64Type>().values());
        }
    }
    amounts
}
