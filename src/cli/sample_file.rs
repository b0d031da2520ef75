//! Made-up records in files: written while they are drawn, complete or absent.

use std::io::{BufWriter, Error, Write};
use std::path::{Path, PathBuf};

use smol_str::SmolStr;
use tempfile::NamedTempFile;

use super::arguments::SampleFormat;
use super::output::CellText;
use super::sample_parquet::ParquetTable;
use super::whole::beside;
use crate::check::program::{Program, RecordId};
use crate::sample::Sampler;
use crate::sample::table::{ColumnKind, Row, Table};

/// A file that was written.
pub(super) struct Written {
    pub path: PathBuf,
    pub record: SmolStr,
    pub rows: u64,
}

/// Files that appear in a folder together.
pub(super) struct Folder<'f> {
    pub format: SampleFormat,
    path: &'f Path,
    only: Option<&'f Path>,
    done: Vec<(Written, NamedTempFile)>,
}

/// A file that could not be written, and why.
type Failed = (PathBuf, Error);

impl<'f> Folder<'f> {
    /// Files in a folder; `only` is the name of the one file where there is one.
    pub fn new(path: &'f Path, format: SampleFormat, only: Option<&'f Path>) -> Folder<'f> {
        Folder { format, path, only, done: Vec::new() }
    }

    fn path_of(&self, name: &str) -> PathBuf {
        let ending = match self.format {
            SampleFormat::Csv => "csv",
            SampleFormat::Jsonl => "jsonl",
            SampleFormat::Parquet => "parquet",
        };
        self.only.map_or_else(|| self.path.join(format!("{name}.{ending}")), Path::to_owned)
    }

    /// The files that the records of a type will fill.
    pub fn paths(&self, sampler: &Sampler, id: RecordId) -> Vec<PathBuf> {
        match (self.format, sampler.tables(id)) {
            (SampleFormat::Csv | SampleFormat::Parquet, Some(tables)) => {
                tables.iter().map(|table| self.path_of(&table.name)).collect()
            }
            _ => vec![self.path_of(&name_of(sampler, id))],
        }
    }

    /// Draws the records of a type and writes them, batch by batch.
    pub fn write(&mut self, sampler: &Sampler, id: RecordId, tables: Vec<Table>) -> Result<(), Failed> {
        let failed = |error| (self.path.to_owned(), error);
        let file = || Ok(BufWriter::new(beside(self.path)?));
        let name = |id: RecordId| name_of(sampler, id);
        let mut sinks: Vec<(Written, Sink)> = Vec::new();
        if self.format == SampleFormat::Jsonl {
            let sink = Sink::Lines(file().map_err(failed)?);
            sinks.push((Written { path: self.path_of(&name(id)), record: name(id), rows: 0 }, sink));
        } else {
            for table in tables {
                let written = Written { path: self.path_of(&table.name), record: name(table.record), rows: 0 };
                let file = file().map_err(failed)?;
                let sink = match self.format {
                    SampleFormat::Parquet => Sink::Parquet(Box::new(ParquetTable::new(file, table).map_err(failed)?)),
                    _ => Sink::csv(file, table).map_err(failed)?,
                };
                sinks.push((written, sink));
            }
        }
        for batch in sampler.batches(id) {
            for (written, sink) in &mut sinks {
                let rows = sink.write(sampler, id, &batch).map_err(|error| (written.path.clone(), error))?;
                written.rows = written.rows.saturating_add(rows);
            }
        }
        for (written, sink) in sinks {
            let file = sink.finish().map_err(|error| (written.path.clone(), error))?;
            self.done.push((written, file));
        }
        Ok(())
    }

    /// Moves all files to their places.
    pub fn finish(self) -> Result<Vec<Written>, Failed> {
        let place = |(written, file): (Written, NamedTempFile)| match file.persist(&written.path) {
            Ok(_) => Ok(written),
            Err(error) => Err((written.path, error.error)),
        };
        self.done.into_iter().map(place).collect()
    }
}

fn name_of(sampler: &Sampler, id: RecordId) -> SmolStr {
    sampler.program().records.get(id.index()).map(|def| def.name.clone()).unwrap_or_default()
}

/// A file while it is written.
enum Sink {
    Table(Box<csv::Writer<BufWriter<NamedTempFile>>>, Table),
    Parquet(Box<ParquetTable>),
    Lines(BufWriter<NamedTempFile>),
}

impl Sink {
    fn csv(mut file: BufWriter<NamedTempFile>, table: Table) -> Result<Sink, Error> {
        // Excel takes a file without this mark for the local code page.
        file.write_all("\u{feff}".as_bytes())?;
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(table.columns.iter().map(|column| &column.header))?;
        Ok(Sink::Table(Box::new(writer), table))
    }

    /// Writes some records; how many rows they gave.
    fn write(&mut self, sampler: &Sampler, id: RecordId, batch: &[crate::record::Record]) -> Result<u64, Error> {
        let program: &Program = sampler.program();
        if let Sink::Parquet(table) = self {
            return table.write(program, batch);
        }
        let mut rows: u64 = 0;
        for record in batch {
            match self {
                Sink::Parquet(_) => {}
                Sink::Table(writer, table) => table.rows(program, record, &mut |row: Row<'_>| {
                    rows = rows.saturating_add(1);
                    let cells = table.columns.iter().map(|column| {
                        let text = column.text(program, row).to_string();
                        // A negative number is no formula.
                        if column.kind == ColumnKind::Text { CellText::Harmless.of(text) } else { text }
                    });
                    writer.write_record(cells).map_err(Error::from)
                })?,
                Sink::Lines(file) => {
                    rows = rows.saturating_add(1);
                    serde_json::to_writer(&mut *file, &sampler.object(id, record))?;
                    file.write_all(b"\n")?;
                }
            }
        }
        Ok(rows)
    }

    fn finish(self) -> Result<NamedTempFile, Error> {
        let file = match self {
            Sink::Table(writer, _) => writer.into_inner().map_err(|error| error.into_error())?,
            Sink::Parquet(table) => table.finish()?,
            Sink::Lines(file) => file,
        };
        file.into_inner().map_err(std::io::IntoInnerError::into_error)
    }
}
