//! The rows of a part, some thousand at a time, with the rows that belong to them.
//!
//! In: a part, unpacked, and perhaps where rows are at home. Out: records as loading all
//! files at once would have made them of these rows, and what is to be told of them. A few
//! thousand are records at a time; the rest stays as its file has it.

use bytes::Bytes;

use super::homes::Homes;
use super::row::{Placed, RowIs};
use super::seen::{Seen, SeenOf};
use super::source::{Form, Read};
use super::{Part, PartRows, Parts};
use crate::check::program::RecordId;
use crate::diagnostic::{Code, Diagnostic};
use crate::progress::Progress;
use crate::record::column::Columns;
use crate::record::input::{FileDrafts, Finished, Loading};
use crate::record::object_rows::{ObjectRows, read_object};
use crate::record::table::{Reading, Table};
use crate::record::workbook::letters;
use crate::record::{DataFile, Record};

/// Rows that become records together: a lot. Few in tests, so that there are several.
pub(super) const LOT: usize = if cfg!(test) { 64 } else { 8_192 };

/// What a record breaks of the data checks.
pub(crate) type Check<'c> = dyn Fn(RecordId, &Record) -> Vec<Diagnostic> + Sync + 'c;

/// What reads the rows of a file.
enum Reader<'t, 'p> {
    /// A table: whether its rows must be as wide as its header, and how many messages it has of its columns.
    Table(Box<Reading<'t, 'p>>, bool, usize),
    Objects(Box<ObjectRows<'t, 'p>>),
}

impl Reader<'_, '_> {
    fn row(&mut self, number: u32, row: &RowIs<'_>) -> Option<()> {
        let at = usize::try_from(number).ok()?;
        match (self, row) {
            (Reader::Table(reading, true, _), RowIs::Cells(cells)) => reading.even_row(at, cells),
            (Reader::Table(reading, false, _), RowIs::Cells(cells)) => reading.row(at, cells),
            (Reader::Objects(objects), RowIs::Line(line)) => objects.row(read_object(number, line)),
            _ => return None,
        }
        Some(())
    }

    fn blank(&mut self) {
        if let Reader::Table(reading, ..) = self {
            reading.skip_blank(1);
        }
    }

    /// What was read; of its columns nothing is told again. None where the file is to be read as a whole.
    fn end(self) -> Option<(FileDrafts, Vec<Diagnostic>)> {
        let (mut out, told) = match self {
            Reader::Table(reading, _, told) => (reading.end(), told),
            Reader::Objects(objects) => (objects.finish(), 0),
        };
        let notes = out.diagnostics.split_off(told.min(out.diagnostics.len()));
        out.diagnostics.clear();
        // A column without a header in which something stands is told once for the whole file.
        let whole = notes.iter().any(|note| note.code == Code::UnknownColumn);
        (!whole).then_some((out, notes))
    }
}

/// What all lots of a part are read with.
struct Desk<'p> {
    columns: Vec<Columns<'p>>,
    files: Vec<DataFile>,
    progress: Progress,
}

impl<'p> Parts<'p> {
    /// Makes records of the rows of a part, and hands them over a lot at a time; none where the files are to be read
    /// as a whole.
    pub fn families(
        &self,
        at: usize,
        read: &Read,
        homes: Option<&Homes>,
        check: &Check<'_>,
        take: &mut dyn FnMut(Part) -> Option<()>,
    ) -> Option<()> {
        let place = self.places.get(at)?;
        let source = self.sources.get(place.file)?;
        let desk = self.desk()?;
        let mut lot = place.lot;
        let mut readers = self.readers(&desk)?;
        source.each_row(place, read, &self.limits, &mut |number, row| {
            let ordinal = number.checked_sub(place.first)?;
            while lot < place.lot.checked_add(ordinal / LOT)? {
                let full = std::mem::replace(&mut readers, self.readers(&desk)?);
                take(self.lot(full, homes, lot, check)?)?;
                lot = lot.checked_add(1)?;
            }
            let reader = readers.get_mut(place.file)?;
            match row {
                None => reader.blank(),
                Some(_) if homes.is_some_and(|homes| homes.is_away(lot, ordinal % LOT)) => {}
                Some(row) => reader.row(u32::try_from(number).ok()?, &row)?,
            }
            Some(())
        })?;
        take(self.lot(readers, homes, lot, check)?)
    }

    /// What is to be told of the rows that belong to nobody; none where the files are to be read as a whole.
    pub fn strays(&self, homes: &Homes, check: &Check<'_>) -> Option<Vec<Seen>> {
        let desk = self.desk()?;
        let mut all = vec![homes.seen()];
        for rows in homes.strays()? {
            let mut readers = self.readers(&desk)?;
            feed(&mut readers, std::slice::from_ref(&rows))?;
            let part = self.made(readers, check)?;
            // Nobody has them, so that nothing is made of them.
            (part.rows.rows().count() == 0).then_some(())?;
            all.push(part.seen);
        }
        Some(all)
    }

    fn desk(&self) -> Option<Desk<'p>> {
        let columns = self.sources.iter().map(|source| Columns::new(self.program, source.record));
        Some(Desk { columns: columns.collect::<Option<_>>()?, files: self.files(), progress: Progress::default() })
    }

    fn readers<'t>(&'t self, desk: &'t Desk<'p>) -> Option<Vec<Reader<'t, 'p>>> {
        let reader = |((at, source), columns): ((usize, &'t super::source::Source), &'t Columns<'p>)| {
            let (files, limits, progress) = (&desk.files, &self.limits, &desk.progress);
            let file = u32::try_from(at).ok()?;
            let table = Table { columns, files, limits, progress, file, evaluated: self.period };
            if source.form.has_objects() {
                return Some(Reader::Objects(Box::new(ObjectRows::of(table, source.listed.clone()))));
            }
            let even = matches!(source.form, Form::Text(_));
            let mut reading = Reading::new(table, &source.header, source.form.header_row()).ok()?;
            if let Form::Unpacked(_) = source.form {
                reading.label = letters;
            }
            let told = reading.so_far().diagnostics.len();
            Some(Reader::Table(Box::new(reading), even, told))
        };
        self.sources.iter().enumerate().zip(&desk.columns).map(reader).collect()
    }

    /// A lot whose own rows are read, with those that are at home in it.
    fn lot(
        &self,
        mut readers: Vec<Reader<'_, 'p>>,
        homes: Option<&Homes>,
        lot: usize,
        check: &Check<'_>,
    ) -> Option<Part> {
        let Some(homes) = homes else { return self.made(readers, check) };
        // Whatever is at home here and stands elsewhere, stands behind the rows of the lot.
        feed(&mut readers, &homes.rows(lot)?)?;
        let part = self.made(readers, check)?;
        // They are told in the order of the records that have them.
        (!part.seen.has_twins() || !homes.moves_recipients()).then_some(part)
    }

    fn made(&self, readers: Vec<Reader<'_, 'p>>, check: &Check<'_>) -> Option<Part> {
        let progress = Progress::default();
        let mut loading = Loading::new(self.program, self.period, &self.limits, &progress);
        loading.files = self.files();
        let (mut drafts, mut told) = (Vec::new(), Vec::new());
        for (reader, source) in readers.into_iter().zip(&self.sources) {
            let (mut out, notes) = reader.end()?;
            // Objects that say to whom they belong are joined as a whole.
            (source.joins.len() == out.joins.len()).then_some(())?;
            told.push((notes, std::mem::take(&mut out.unknown)));
            drafts.push(out);
        }
        let Finished { loaded, first_inside, last_inside } = loading.finish(drafts);
        // What is said of a file as a whole is for the reader of whole files.
        loaded.diagnostics.is_empty().then_some(())?;
        let mut population = loaded.population;
        let mut inside = std::mem::take(&mut population.rejected);
        let twins = inside.split_off(inside.len().checked_sub(last_inside)?);
        let rows = inside.split_off(first_inside.min(inside.len()));
        population.check_own(self.program, check);
        let records = population.records.get_mut(self.record.index()).map(std::mem::take)?;
        if !population.records.iter().all(Vec::is_empty) {
            return None;
        }
        let files = loaded.report.files.into_iter().zip(told).enumerate();
        let files =
            files.map(|(file, (report, (notes, unknown)))| SeenOf { file, first: Vec::new(), report, notes, unknown });
        let seen = Seen { files: files.collect(), inside, rows, twins, unchecked: population.rejected };
        Some(Part { rows: PartRows::Records(self.record, records), seen })
    }
}

/// Reads rows from elsewhere, in the order of their files.
fn feed(readers: &mut [Reader<'_, '_>], from: &[Bytes]) -> Option<()> {
    let mut rows = Vec::new();
    for bytes in from {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            rows.push(Placed::read(&mut rest)?);
        }
    }
    rows.sort_by_key(|row| (row.file, row.number));
    rows.iter().try_for_each(|row| {
        let file = usize::try_from(row.file).ok()?;
        readers.get_mut(file)?.row(row.number, &row.row)
    })
}
