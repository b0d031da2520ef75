//! The documented lines as a Parquet file: a column a key of the JSON.
//!
//! Rows go to the file group by group, so that memory holds one group.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{
    ArrayBuilder, Decimal128Builder, ListBuilder, StringBuilder, StringDictionaryBuilder, StructBuilder,
};
use arrow_array::types::Int32Type;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::cli::book::figures;
use crate::cli::whole::{Begun, Unwritten};
use crate::explain::{Line, PayerShare};

/// Lines that are handed over together.
const BATCH: usize = 4_096;
/// Lines of a row group.
const GROUP: usize = 128 * 1_024;
/// The digits of an amount, two of them behind the point.
const DIGITS: u8 = 38;
const PLACES: i8 = 2;

/// Lines on their way into a Parquet file.
pub(super) struct ParquetLines {
    writer: ArrowWriter<Begun>,
    schema: Arc<Schema>,
    columns: Columns,
    rows: usize,
}

/// The columns of a batch in the making, in the order of the schema.
struct Columns {
    key: StringBuilder,
    to: StringDictionaryBuilder<Int32Type>,
    policy: StringDictionaryBuilder<Int32Type>,
    clause: StringDictionaryBuilder<Int32Type>,
    item: StringBuilder,
    status: StringDictionaryBuilder<Int32Type>,
    /// amount, lowest, highest, settled
    amounts: [Decimal128Builder; 4],
    /// missing, pending, because
    lists: [ListBuilder<StringBuilder>; 3],
    shares: ListBuilder<StructBuilder>,
}

fn amount_type() -> DataType {
    DataType::Decimal128(DIGITS, PLACES)
}

fn share_fields() -> Fields {
    vec![Field::new("payer", DataType::Utf8, false), Field::new("amount", amount_type(), true)].into()
}

fn schema() -> Schema {
    let word = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let texts = || DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, false)));
    let shares = DataType::List(Arc::new(Field::new_list_field(DataType::Struct(share_fields()), false)));
    Schema::new(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("to", word(), true),
        Field::new("policy", word(), true),
        Field::new("clause", word(), true),
        Field::new("item", DataType::Utf8, true),
        Field::new("status", word(), false),
        Field::new("amount", amount_type(), true),
        Field::new("lowest", amount_type(), false),
        Field::new("highest", amount_type(), true),
        Field::new("settled", amount_type(), true),
        Field::new("missing", texts(), false),
        Field::new("pending", texts(), false),
        Field::new("because", texts(), false),
        Field::new("shares", shares, false),
    ])
}

impl ParquetLines {
    pub fn new(begun: Begun) -> Result<ParquetLines, Unwritten> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("huiqi ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        let schema = Arc::new(schema());
        let writer = ArrowWriter::try_new(begun, Arc::clone(&schema), Some(properties))?;
        Ok(ParquetLines { writer, schema, columns: Columns::new(), rows: 0 })
    }

    pub fn add(&mut self, line: Line) -> Result<(), Unwritten> {
        self.columns.add(line)?;
        self.rows = self.rows.saturating_add(1);
        if self.rows < BATCH { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Result<(), Unwritten> {
        self.rows = 0;
        let columns = std::mem::replace(&mut self.columns, Columns::new());
        self.writer.write(&columns.batch(&self.schema)?)?;
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), Unwritten> {
        if self.rows > 0 {
            self.hand_over()?;
        }
        Ok(self.writer.into_inner()?.finish()?)
    }
}

impl Columns {
    fn new() -> Columns {
        let decimals = || Decimal128Builder::with_capacity(BATCH).with_data_type(amount_type());
        let texts = || ListBuilder::new(StringBuilder::new()).with_field(Field::new_list_field(DataType::Utf8, false));
        let boxed: Vec<Box<dyn ArrayBuilder>> = vec![Box::new(StringBuilder::new()), Box::new(decimals())];
        let share = StructBuilder::new(share_fields(), boxed);
        Columns {
            key: StringBuilder::new(),
            to: StringDictionaryBuilder::new(),
            policy: StringDictionaryBuilder::new(),
            clause: StringDictionaryBuilder::new(),
            item: StringBuilder::new(),
            status: StringDictionaryBuilder::new(),
            amounts: [decimals(), decimals(), decimals(), decimals()],
            lists: [texts(), texts(), texts()],
            shares: ListBuilder::new(share).with_field(Field::new_list_field(DataType::Struct(share_fields()), false)),
        }
    }

    fn add(&mut self, line: Line) -> Result<(), Unwritten> {
        self.key.append_value(line.key);
        self.to.append_option(line.to);
        self.policy.append_option(line.policy);
        self.clause.append_option(line.clause);
        self.item.append_option(line.item);
        self.status.append_value(line.status);
        let amounts = [line.amount, Some(line.lowest), line.highest, line.settled];
        for (column, amount) in self.amounts.iter_mut().zip(amounts) {
            column.append_option(amount.as_deref().map(fen).transpose()?);
        }
        for (column, texts) in self.lists.iter_mut().zip([line.missing, line.pending, line.because]) {
            column.append_value(texts.into_iter().map(Some));
        }
        for share in &line.shares {
            self.add_share(share)?;
        }
        self.shares.append(true);
        Ok(())
    }

    fn add_share(&mut self, share: &PayerShare) -> Result<(), Unwritten> {
        let amount = share.amount.as_deref().map(fen).transpose()?;
        let builder = self.shares.values();
        if let Some(payer) = builder.field_builder::<StringBuilder>(0) {
            payer.append_value(&share.payer);
        }
        if let Some(amounts) = builder.field_builder::<Decimal128Builder>(1) {
            amounts.append_option(amount);
        }
        builder.append(true);
        Ok(())
    }

    fn batch(mut self, schema: &Arc<Schema>) -> Result<RecordBatch, Unwritten> {
        let mut columns: Vec<arrow_array::ArrayRef> = vec![
            Arc::new(self.key.finish()),
            Arc::new(self.to.finish()),
            Arc::new(self.policy.finish()),
            Arc::new(self.clause.finish()),
            Arc::new(self.item.finish()),
            Arc::new(self.status.finish()),
        ];
        columns.extend(self.amounts.iter_mut().map(|amounts| Arc::new(amounts.finish()) as arrow_array::ArrayRef));
        columns.extend(self.lists.iter_mut().map(|texts| Arc::new(texts.finish()) as arrow_array::ArrayRef));
        columns.push(Arc::new(self.shares.finish()));
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

/// An amount in whole fen. Only items have more places; these are rounded half up.
pub(super) fn fen(amount: &str) -> Result<i128, Unwritten> {
    let (whole, places) = figures(amount).split_once('.').unwrap_or((amount, ""));
    let digit = |at: usize| places.as_bytes().get(at).map_or(0, |digit| i128::from(digit.saturating_sub(b'0')));
    let fen = || {
        let fen = whole.parse::<i128>().ok()?.checked_mul(100)?;
        let part = digit(0) * 10 + digit(1) + i128::from(digit(2) >= 5);
        fen.checked_add(part).filter(|fen| *fen < 10_i128.pow(u32::from(DIGITS)))
    };
    fen().ok_or_else(|| {
        Unwritten::because(
            format!("金额 {amount} 太大，Parquet 放不下"),
            format!("the amount {amount} is larger than Parquet holds"),
        )
    })
}

impl From<ParquetError> for Unwritten {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(error) => match error.downcast::<std::io::Error>() {
                Ok(error) => (*error).into(),
                Err(error) => std::io::Error::other(error).into(),
            },
            other => std::io::Error::other(other).into(),
        }
    }
}

impl From<ArrowError> for Unwritten {
    fn from(error: ArrowError) -> Self {
        std::io::Error::other(error).into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::fen;

    #[test]
    fn amounts_are_whole_fen() {
        assert_eq!(fen("8000000.00").unwrap(), 800_000_000);
        assert_eq!(fen("4999999.995").unwrap(), 500_000_000);
        assert_eq!(fen("≈0.3333333333").unwrap(), 33);
        assert_eq!(fen(&format!("{}.99", "9".repeat(36))).unwrap(), 10_i128.pow(38) - 1);
        assert!(fen(&"9".repeat(37)).is_err() && fen("").is_err());
    }
}
