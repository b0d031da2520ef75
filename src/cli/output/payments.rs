//! `--payments`: a row a recipient, with what it is paid in all and under each clause.
//!
//! In: recipients part by part, those of whom all is known by columns. Out: a CSV or
//! Parquet file with the columns of the workbook's sheet of payments. Parts are made ready
//! on any thread and written in their order, in row groups of one size: how the data came in
//! parts does not show in the file.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnDescPtr;
use smol_str::SmolStr;

use super::chunk::{self, Chunk};
use super::parquet::fen as fen_of;
use super::results::Layout;
use super::{Telling, totals};
use crate::check::program::ClauseId;
use crate::cli::whole::{Begun, Unwritten};
use crate::eval::Status;
use crate::settle::{Award, Recipient};
use crate::stream::{Paid, Sink, in_order, row_sums};
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
    Parquet,
}

/// Where they are written.
pub(in crate::cli) enum File {
    Nothing,
    Csv(Begun),
    Parquet(Box<Groups>),
}

/// Rows of a row group, but for the last.
const GROUP: usize = if cfg!(test) { 100 } else { 1 << 16 };

/// Row groups on their way into a file.
pub(in crate::cli) struct Groups {
    writer: SerializedFileWriter<Begun>,
    /// Parts of which rows do not fill a group yet, each from a row on, and how many rows they are.
    rest: VecDeque<(Arc<Columns>, usize)>,
    rows: usize,
    /// Groups that are being packed, the first first.
    packing: VecDeque<Receiver<Result<Vec<Chunk>, Unwritten>>>,
}

/// Recipients settled in memory of which the rows are made ready at once.
const READY_TOGETHER: usize = 8_192;

/// Groups that are packed side by side.
const PACKING: usize = 1;

/// A part that is ready to be written.
pub(in crate::cli) enum Ready {
    Nothing,
    Text(Vec<u8>),
    Rows(Columns),
}

/// The columns of some rows as they are packed.
pub(in crate::cli) struct Columns {
    keys: Vec<SmolStr>,
    /// The types of the recipients, where there are several, and the statuses.
    words: Vec<Vec<SmolStr>>,
    amounts: Vec<Amounts>,
}

/// Amounts in fen; which rows have one, where not all have.
struct Amounts {
    fen: Vec<i64>,
    there: Option<Vec<bool>>,
}

/// The columns of some recipients.
struct Table {
    keys: Vec<SmolStr>,
    status: Vec<Status>,
    /// Settled, least, most, then clause by clause, in fen.
    amounts: Vec<Vec<i64>>,
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
                let groups = Groups {
                    writer: begin_parquet(begun, &layout)?,
                    rest: VecDeque::new(),
                    rows: 0,
                    packing: VecDeque::new(),
                };
                (Form::Parquet, File::Parquet(Box::new(groups)))
            }
        };
        Ok(Payments { rows: Rows { telling, layout, form }, file })
    }

    /// Adds recipients that are settled in memory.
    pub fn add(&mut self, recipients: &[Recipient<'_>]) -> Result<(), Unwritten> {
        let (rows, file) = self.apart();
        let parts: Vec<&[Recipient<'_>]> = recipients.chunks(READY_TOGETHER).collect();
        let ready = |at: usize| {
            let some = parts.get(at).copied().unwrap_or_default();
            let keys: Vec<SmolStr> = some.iter().map(|recipient| recipient.key.clone()).collect();
            let open: Vec<(usize, &Recipient<'_>)> = some.iter().enumerate().collect();
            Payments::ready(rows, Paid { keys, amounts: Vec::new(), open: &open })
        };
        in_order(parts.len(), ready, |one| Payments::write(file, one?).map(|()| true)).map(|_| ())
    }

    /// Writes what is left and moves the file to its place.
    pub fn finish(self) -> Result<(), Unwritten> {
        match self.file {
            File::Nothing => Ok(()),
            File::Csv(begun) => Ok(begun.finish()?),
            File::Parquet(groups) => Ok(groups.finish()?.finish()?),
        }
    }
}

impl Rows<'_> {
    /// The columns of a part.
    fn table(&self, paid: Paid<'_>) -> Table {
        let Paid { keys, mut amounts, open } = paid;
        let program = self.telling.words.program;
        let rows = keys.len();
        let column = |clause: &ClauseId| amounts.get(clause.index()).filter(|column| column.len() == rows);
        let known = self.layout.clauses.iter().filter_map(|clause| Some((clause, column(clause)?)));
        let paying = known.filter_map(|(clause, column)| {
            let def = program.clauses.get(clause.index()).filter(|def| !def.recover)?;
            Some((def.up_to, column.as_slice()))
        });
        let settled = row_sums(rows, paying.clone().map(|(_, column)| column));
        let lowest = match paying.clone().any(|(up_to, _)| up_to) {
            true => row_sums(rows, paying.filter(|(up_to, _)| !up_to).map(|(_, column)| column)),
            false => settled.clone(),
        };
        let status = |(settled, lowest): (&i64, &i64)| if settled > lowest { Status::UpTo } else { Status::Exact };
        let status = settled.iter().zip(&lowest).map(status).collect();
        let totals = [settled.clone(), lowest, settled];
        let of_clauses = self.layout.clauses.iter().map(|clause| {
            let column = amounts.get_mut(clause.index()).map(std::mem::take);
            column.filter(|column| column.len() == rows).unwrap_or_else(|| vec![0; rows])
        });
        let amounts = totals.into_iter().chain(of_clauses).collect();
        let odd = open.iter().map(|(row, recipient)| (*row, self.odd(recipient))).collect();
        Table { keys, status, amounts, odd }
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

    fn text(&self, table: &Table) -> Result<Vec<u8>, Unwritten> {
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

    fn columns(&self, table: Table) -> Result<Columns, Unwritten> {
        let Table { keys, mut status, amounts, odd } = table;
        for (row, odd) in &odd {
            if let Some(slot) = status.get_mut(*row) {
                *slot = odd.status;
            }
        }
        let mut words = Vec::new();
        if self.layout.many_types {
            let mut kinds = vec![SmolStr::default(); keys.len()];
            for (row, odd) in &odd {
                kinds.iter_mut().skip(*row).take(1).for_each(|kind| *kind = SmolStr::new(&odd.kind));
            }
            words.push(kinds);
        }
        let word = |status: &Status| SmolStr::new_static(self.telling.words.status(*status));
        words.push(status.iter().map(word).collect());
        let amounts = amounts.into_iter().enumerate().map(|(at, mut fen)| {
            let texts = odd.iter().map(|(row, odd)| (*row, odd.amounts.get(at)));
            let there = is_bound(at).then(|| status.iter().map(|status| *status != Status::Exact).collect());
            let there = complete(&mut fen, texts, there)?;
            Ok(Amounts { fen, there })
        });
        Ok(Columns { keys, words, amounts: amounts.collect::<Result<_, Unwritten>>()? })
    }
}

/// Rows of several parts, which make a group.
struct Group(Vec<(Arc<Columns>, Range<usize>)>);

impl Group {
    fn packed(&self, columns: &[ColumnDescPtr]) -> Result<Vec<Chunk>, Unwritten> {
        let Some((first, _)) = self.0.first() else { return Ok(Vec::new()) };
        let mut columns = columns.iter();
        // There are as many as headers.
        let mut next = || columns.next().ok_or_else(|| std::io::Error::from(ErrorKind::InvalidData));
        let mut chunks = vec![chunk::of_texts(next()?, &self.texts(|part| Some(&part.keys)))?];
        for at in 0..first.words.len() {
            chunks.push(chunk::of_words(next()?, &self.texts(|part| part.words.get(at)))?);
        }
        for at in 0..first.amounts.len() {
            let (fen, there) = self.amounts(at);
            chunks.push(chunk::of_amounts(next()?, &fen, there.as_deref())?);
        }
        Ok(chunks)
    }

    fn texts<'c>(&'c self, of: impl Fn(&'c Columns) -> Option<&'c Vec<SmolStr>>) -> Vec<&'c str> {
        let rows = self.0.iter().filter_map(|(part, rows)| of(part)?.get(rows.clone()));
        rows.flatten().map(SmolStr::as_str).collect()
    }

    /// The fen of a column; which are there, where not all of these rows are.
    fn amounts(&self, at: usize) -> (Cow<'_, [i64]>, Option<Vec<bool>>) {
        let parts = || self.0.iter().filter_map(|(part, rows)| Some((part.amounts.get(at)?, rows.clone())));
        let fen: Vec<&[i64]> = parts().filter_map(|(amounts, rows)| amounts.fen.get(rows)).collect();
        let fen = match fen.as_slice() {
            [one] => Cow::Borrowed(*one),
            several => Cow::Owned(several.concat()),
        };
        let there = |(amounts, rows): (&Amounts, Range<usize>)| match &amounts.there {
            Some(there) => there.get(rows).unwrap_or_default().to_vec(),
            None => vec![true; rows.len()],
        };
        let there = parts().any(|(amounts, _)| amounts.there.is_some()).then(|| parts().flat_map(there).collect());
        (fen, there.filter(|there: &Vec<bool>| there.contains(&false)))
    }
}

impl Groups {
    /// Adds rows; the groups that they fill are packed on any thread, and written in their order.
    fn add(&mut self, more: Columns) -> Result<(), Unwritten> {
        self.rows = self.rows.saturating_add(more.keys.len());
        self.rest.push_back((Arc::new(more), 0));
        while self.rows >= GROUP {
            self.pack(GROUP);
            if self.packing.len() > PACKING {
                self.write_first()?;
            }
        }
        Ok(())
    }

    /// Takes so many rows of the rest and packs them.
    fn pack(&mut self, most: usize) {
        let mut group = Group(Vec::new());
        let mut wanted = most.min(self.rows);
        self.rows = self.rows.saturating_sub(wanted);
        while let Some((part, from)) = self.rest.front_mut() {
            let to = part.keys.len().min(from.saturating_add(wanted));
            wanted = wanted.saturating_sub(to.saturating_sub(*from));
            group.0.push((Arc::clone(part), *from..to));
            if to < part.keys.len() {
                *from = to;
                break;
            }
            self.rest.pop_front();
        }
        let columns = self.writer.schema_descr().columns().to_vec();
        let (to, from) = channel();
        // Who no longer listens has had enough.
        rayon::spawn(move || drop(to.send(group.packed(&columns))));
        self.packing.push_back(from);
    }

    /// Writes the first of the groups that are being packed.
    fn write_first(&mut self) -> Result<(), Unwritten> {
        let Some(packed) = self.packing.pop_front() else { return Ok(()) };
        let packed = packed.recv().map_err(|_| std::io::Error::from(ErrorKind::InvalidData))??;
        let mut group = self.writer.next_row_group()?;
        packed.into_iter().try_for_each(|column| column.append(&mut group))?;
        group.close()?;
        Ok(())
    }

    /// Writes all that is left; no rows are no group.
    fn finish(mut self) -> Result<Begun, Unwritten> {
        if self.rows > 0 {
            self.pack(GROUP);
        }
        while !self.packing.is_empty() {
            self.write_first()?;
        }
        Ok(self.writer.into_inner()?)
    }
}

/// Puts the texts of some rows into a column of fen; which rows are there, where not all are.
fn complete<'o>(
    fen: &mut [i64],
    odd: impl Iterator<Item = (usize, Option<&'o Option<String>>)>,
    mut there: Option<Vec<bool>>,
) -> Result<Option<Vec<bool>>, Unwritten> {
    let too_large = || Unwritten::because("有金额太大，Parquet 放不下", "an amount is larger than Parquet holds");
    let rows = fen.len();
    for (row, text) in odd {
        let is_there = there.as_ref().is_none_or(|there| there.get(row).copied().unwrap_or(false));
        let amount = text.and_then(Option::as_deref).filter(|_| is_there);
        let amount = amount.map(|text| i64::try_from(fen_of(text)?).map_err(|_| too_large())).transpose()?;
        if amount.is_none()
            && let Some(slot) = there.get_or_insert_with(|| vec![true; rows]).get_mut(row)
        {
            *slot = false;
        }
        if let Some(slot) = fen.get_mut(row) {
            *slot = amount.unwrap_or(0);
        }
    }
    if fen.iter().fold(false, |any, fen| any | (*fen >= LARGEST)) {
        return Err(too_large());
    }
    Ok(there)
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

    fn ready(rows: &Rows<'t>, paid: Paid<'_>) -> Result<Ready, Unwritten> {
        match &rows.form {
            Form::Nothing => Ok(Ready::Nothing),
            Form::Csv => Ok(Ready::Text(rows.text(&rows.table(paid))?)),
            Form::Parquet => Ok(Ready::Rows(rows.columns(rows.table(paid))?)),
        }
    }

    fn write(file: &mut File, ready: Ready) -> Result<(), Unwritten> {
        match (file, ready) {
            (File::Csv(begun), Ready::Text(text)) => Ok(begun.write_all(&text)?),
            (File::Parquet(groups), Ready::Rows(columns)) => groups.add(columns),
            _ => Ok(()),
        }
    }
}

/// Begins a Parquet file with the columns of a layout.
fn begin_parquet(begun: Begun, layout: &Layout) -> Result<SerializedFileWriter<Begun>, Unwritten> {
    let texts = layout.headers.len().saturating_sub(layout.clauses.len()).saturating_sub(3);
    let fields = layout.headers.iter().enumerate().map(|(at, name)| match at < texts {
        true => Field::new(name, DataType::Utf8, false),
        false => Field::new(name, DataType::Decimal64(DIGITS, PLACES), true),
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let created_by = concat!("huiqi ", env!("CARGO_PKG_VERSION")).to_owned();
    let properties = WriterProperties::builder().set_created_by(created_by).build();
    Ok(ArrowWriter::try_new(begun, schema, Some(properties))?.into_serialized_writer()?.0)
}
