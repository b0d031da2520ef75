//! `--payments`: a row a recipient, with what it is paid in all and under each clause.
//!
//! In: recipients part by part, those of whom all is known by columns. Out: a CSV or
//! Parquet file with the columns of the workbook's sheet of payments. Parts are made ready
//! on any thread and written in their order.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{ArrayRef, Decimal64Array, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use smol_str::SmolStr;

use super::parquet::fen as fen_of;
use super::results::Layout;
use super::{Telling, totals};
use crate::check::program::ClauseId;
use crate::cli::whole::{Begun, Unwritten};
use crate::eval::Status;
use crate::settle::{Award, Recipient};
use crate::stream::{Paid, Sink};
use crate::value::Number;

/// The endings of files of payments.
pub(in crate::cli) const ENDINGS: &str = ".csv、.parquet";

/// What a file of payments may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    Csv,
    Parquet,
}

/// The kind that a file name asks for.
pub(in crate::cli) fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Kind::Csv),
        "parquet" => Some(Kind::Parquet),
        _ => None,
    }
}

/// The digits of an amount in Parquet, two of them behind the point: fen in 64 bits.
const DIGITS: u8 = 18;
const PLACES: i8 = 2;
const LARGEST: i64 = 10_i64.pow(18);

/// Payments on their way into a file; nothing is written where none is asked for.
pub(in crate::cli) struct Payments<'t> {
    rows: Rows<'t>,
    file: File,
}

/// What makes rows of recipients.
pub(in crate::cli) struct Rows<'t> {
    telling: Telling<'t>,
    layout: Layout,
    form: Form,
}

enum Form {
    Nothing,
    Csv,
    Parquet(Box<Columns>),
}

/// Where they are written.
pub(in crate::cli) enum File {
    Nothing,
    Csv(Begun),
    Parquet(Box<SerializedFileWriter<Begun>>),
}

/// What packs the columns of a Parquet file.
struct Columns {
    factory: ArrowRowGroupWriterFactory,
    schema: Arc<Schema>,
    groups: AtomicUsize,
}

/// A part that is ready to be written.
pub(in crate::cli) enum Ready {
    Nothing,
    Text(Vec<u8>),
    Group(Vec<ArrowColumnChunk>),
}

/// The columns of some recipients.
struct Table<'a> {
    keys: &'a [SmolStr],
    status: Vec<Status>,
    /// Settled, least, most, then clause by clause, in fen.
    amounts: Vec<Cow<'a, [i64]>>,
    /// The rows that are not in the columns, in order.
    odd: Vec<(usize, Odd)>,
}

/// The row of a recipient of whom something may be open.
struct Odd {
    kind: String,
    status: Status,
    /// As in the columns, in 元; none where it is open or nobody's.
    amounts: Vec<Option<String>>,
}

impl<'t> Payments<'t> {
    /// Begins the payments in a file that was begun.
    pub fn new(file: Option<(Begun, Kind)>, telling: Telling<'t>) -> Result<Self, Unwritten> {
        let layout = Layout::of(telling);
        let (form, file) = match file {
            None => (Form::Nothing, File::Nothing),
            Some((begun, Kind::Csv)) => {
                let mut csv = super::begin_csv(begun)?;
                csv.write_record(layout.headers.iter().map(|name| telling.text.of(name.clone())))?;
                let begun = csv.into_inner().map_err(|error| std::io::Error::from(error.error().kind()))?;
                (Form::Csv, File::Csv(begun))
            }
            Some((begun, Kind::Parquet)) => {
                let (columns, writer) = Columns::new(begun, &layout)?;
                (Form::Parquet(Box::new(columns)), File::Parquet(Box::new(writer)))
            }
        };
        Ok(Payments { rows: Rows { telling, layout, form }, file })
    }

    /// Adds recipients that are settled in memory.
    pub fn add(&mut self, recipients: &[Recipient<'_>]) -> Result<(), Unwritten> {
        let keys: Vec<SmolStr> = recipients.iter().map(|recipient| recipient.key.clone()).collect();
        let open: Vec<(usize, &Recipient<'_>)> = recipients.iter().enumerate().collect();
        let ready = Payments::ready(&self.rows, &Paid { keys: &keys, amounts: &[], open: &open })?;
        Payments::write(&mut self.file, ready)
    }

    /// Writes what is left and moves the file to its place.
    pub fn finish(self) -> Result<(), Unwritten> {
        match self.file {
            File::Nothing => Ok(()),
            File::Csv(begun) => Ok(begun.finish()?),
            File::Parquet(writer) => Ok(writer.into_inner()?.finish()?),
        }
    }
}

impl Rows<'_> {
    /// The columns of a part.
    fn table<'a>(&self, paid: &'a Paid<'_>) -> Table<'a> {
        let program = self.telling.words.program;
        let rows = paid.keys.len();
        let (mut settled, mut lowest) = (vec![0_i64; rows], vec![0_i64; rows]);
        let mut of_clauses = Vec::with_capacity(self.layout.clauses.len());
        let add = |sums: &mut [i64], column: &[i64]| {
            sums.iter_mut().zip(column).for_each(|(sum, fen)| *sum = sum.saturating_add(*fen));
        };
        for clause in &self.layout.clauses {
            let column = paid.amounts.get(clause.index()).filter(|column| column.len() == rows);
            let column = column.map_or_else(|| Cow::Owned(vec![0; rows]), |column| Cow::Borrowed(column.as_slice()));
            let def = program.clauses.get(clause.index()).filter(|def| !def.recover);
            if let Some(def) = def {
                add(&mut settled, &column);
                if !def.up_to {
                    add(&mut lowest, &column);
                }
            }
            of_clauses.push(column);
        }
        let status = |(settled, lowest): (&i64, &i64)| if settled > lowest { Status::UpTo } else { Status::Exact };
        let status = settled.iter().zip(&lowest).map(status).collect();
        let totals = [Cow::Owned(settled.clone()), Cow::Owned(lowest), Cow::Owned(settled)];
        let amounts = totals.into_iter().chain(of_clauses).collect();
        let odd = paid.open.iter().map(|(row, recipient)| (*row, self.odd(recipient))).collect();
        Table { keys: paid.keys, status, amounts, odd }
    }

    fn odd(&self, recipient: &Recipient<'_>) -> Odd {
        let settled = recipient.paid().filter_map(Award::settled);
        let settled = settled.fold(Number::ZERO, |sum, amount| sum.add(amount).unwrap_or(sum));
        let total = crate::explain::total_line(self.telling.words, recipient);
        let of_clause = |clause: &ClauseId| Some(recipient.award(*clause)?.settled()?.to_yuan());
        let totals = [Some(settled.to_yuan()), Some(total.lowest), total.highest];
        Odd {
            kind: self.telling.words.record(recipient.record),
            status: crate::explain::status_of(total.status).unwrap_or(Status::Exact),
            amounts: totals.into_iter().chain(self.layout.clauses.iter().map(of_clause)).collect(),
        }
    }

    fn text(&self, table: &Table<'_>) -> Result<Vec<u8>, Unwritten> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let text = |text: &str| self.telling.text.of(text.to_owned());
        let mut cell = String::new();
        let mut odd = table.odd.iter().peekable();
        for (row, (key, status)) in table.keys.iter().zip(&table.status).enumerate() {
            csv.write_field(text(key))?;
            let odd = odd.next_if(|(at, _)| *at == row).map(|(_, odd)| odd);
            if self.layout.many_types {
                csv.write_field(text(odd.map_or("", |odd| &odd.kind)))?;
            }
            csv.write_field(self.telling.words.status(odd.map_or(*status, |odd| odd.status)))?;
            match odd {
                None => {
                    for (at, column) in table.amounts.iter().enumerate() {
                        cell.clear();
                        if !(is_bound(at) && *status == Status::Exact) {
                            push_yuan(&mut cell, column.get(row).copied().unwrap_or(0));
                        }
                        csv.write_field(&cell)?;
                    }
                }
                Some(odd) => {
                    for (at, amount) in odd.amounts.iter().enumerate() {
                        let unbounded = if at == MOST { totals::no_limit(self.telling.console) } else { "" };
                        let blank = is_bound(at) && odd.status == Status::Exact;
                        csv.write_field(if blank { "" } else { amount.as_deref().unwrap_or(unbounded) })?;
                    }
                }
            }
            csv.write_record(None::<&[u8]>)?;
        }
        csv.into_inner().map_err(|error| std::io::Error::from(error.error().kind()).into())
    }

    fn arrays(&self, table: Table<'_>) -> Result<Vec<ArrayRef>, Unwritten> {
        let Table { keys, mut status, amounts, odd } = table;
        for (row, odd) in &odd {
            if let Some(slot) = status.get_mut(*row) {
                *slot = odd.status;
            }
        }
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(StringArray::from_iter_values(keys))];
        if self.layout.many_types {
            let mut kinds = vec![""; keys.len()];
            odd.iter().for_each(|(row, odd)| kinds.iter_mut().skip(*row).take(1).for_each(|kind| *kind = &odd.kind));
            arrays.push(Arc::new(StringArray::from_iter_values(kinds)));
        }
        let statuses = status.iter().map(|status| self.telling.words.status(*status));
        arrays.push(Arc::new(StringArray::from_iter_values(statuses)));
        for (at, column) in amounts.into_iter().enumerate() {
            let texts = odd.iter().map(|(row, odd)| (*row, odd.amounts.get(at)));
            let exact = status.iter().map(|status| is_bound(at) && *status == Status::Exact);
            let array = decimals(column.into_owned(), texts, exact)?;
            arrays.push(Arc::new(array.with_precision_and_scale(DIGITS, PLACES)?));
        }
        Ok(arrays)
    }
}

/// Amounts in fen, with the texts of some rows; those that are blank are told.
fn decimals<'o>(
    mut fen: Vec<i64>,
    odd: impl Iterator<Item = (usize, Option<&'o Option<String>>)>,
    blank: impl Iterator<Item = bool>,
) -> Result<Decimal64Array, Unwritten> {
    let too_large = || Unwritten::because("有金额太大，Parquet 放不下", "an amount is larger than Parquet holds");
    let mut there: Vec<bool> = blank.map(|blank| !blank).collect();
    for (row, text) in odd {
        let (Some(slot), Some(there)) = (fen.get_mut(row), there.get_mut(row)) else { continue };
        match text.and_then(Option::as_deref).filter(|_| *there) {
            Some(text) => *slot = i64::try_from(fen_of(text)?).map_err(|_| too_large())?,
            None => (*slot, *there) = (0, false),
        }
    }
    if fen.iter().any(|fen| *fen >= LARGEST) {
        return Err(too_large());
    }
    let nulls = there.iter().any(|there| !there).then(|| there.into());
    Ok(Decimal64Array::new(fen.into(), nulls))
}

/// Whether a column holds what a sum lies between, which is told where it is open alone.
fn is_bound(at: usize) -> bool {
    matches!(at, LEAST | MOST)
}

/// The place of the least among the amounts of a row.
const LEAST: usize = 1;
/// The place of the most among the amounts of a row.
const MOST: usize = 2;

fn push_yuan(cell: &mut String, fen: i64) {
    use std::fmt::Write;
    let fen = fen.unsigned_abs();
    // To write to a text cannot fail.
    let _ = write!(cell, "{}.{:02}", fen / 100, fen % 100);
}

impl<'t> Sink for Payments<'t> {
    type Ready = Rows<'t>;
    type Writer = File;
    type Written = Ready;
    type Error = Unwritten;

    fn apart(&mut self) -> (&Rows<'t>, &mut File) {
        (&self.rows, &mut self.file)
    }

    fn ready(rows: &Rows<'t>, paid: &Paid<'_>) -> Result<Ready, Unwritten> {
        match &rows.form {
            Form::Nothing => Ok(Ready::Nothing),
            Form::Csv => Ok(Ready::Text(rows.text(&rows.table(paid))?)),
            Form::Parquet(columns) => Ok(Ready::Group(columns.packed(rows.arrays(rows.table(paid))?)?)),
        }
    }

    fn write(file: &mut File, ready: Ready) -> Result<(), Unwritten> {
        match (file, ready) {
            (File::Csv(begun), Ready::Text(text)) => Ok(begun.write_all(&text)?),
            (File::Parquet(writer), Ready::Group(columns)) => {
                let mut group = writer.next_row_group()?;
                columns.into_iter().try_for_each(|column| column.append_to_row_group(&mut group))?;
                group.close()?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Columns {
    fn new(begun: Begun, layout: &Layout) -> Result<(Columns, SerializedFileWriter<Begun>), Unwritten> {
        let texts = layout.headers.len().saturating_sub(layout.clauses.len()).saturating_sub(3);
        let fields = layout.headers.iter().enumerate().map(|(at, name)| match at < texts {
            true => Field::new(name, DataType::Utf8, false),
            false => Field::new(name, DataType::Decimal64(DIGITS, PLACES), true),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        // Hardly a key or amount comes twice, but for 0, which packs well; nobody looks for an amount by its bounds.
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None);
        for word in layout.headers.iter().take(texts).skip(1) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(word.clone()), true);
        }
        let properties = properties.set_created_by(concat!("huiqi ", env!("CARGO_PKG_VERSION")).to_owned()).build();
        let writer = ArrowWriter::try_new(begun, Arc::clone(&schema), Some(properties))?;
        let (writer, factory) = writer.into_serialized_writer()?;
        Ok((Columns { factory, schema, groups: AtomicUsize::new(0) }, writer))
    }

    fn packed(&self, arrays: Vec<ArrayRef>) -> Result<Vec<ArrowColumnChunk>, Unwritten> {
        // Which group it is matters to encrypted files alone.
        let writers = self.factory.create_column_writers(self.groups.fetch_add(1, Ordering::Relaxed))?;
        let columns = writers.into_iter().zip(arrays).zip(self.schema.fields());
        let columns = columns.map(|((mut writer, array), field)| {
            for leaf in compute_leaves(field, &array)? {
                writer.write(&leaf)?;
            }
            Ok(writer.close()?)
        });
        columns.collect()
    }
}
