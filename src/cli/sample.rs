//! `huiqi sample`: a made-up population in files that `run --data` reads.

use std::path::{Path, PathBuf};

use super::Outcome;
use super::arguments::{Evaluation, Sample, SampleFormat};
use super::console::Console;
use super::evaluation;
use super::project;
use super::sample_file::{Folder, Written};
use crate::check::program::RecordId;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::sample::{Sampler, Settings};
use crate::source::Sources;

/// What is to be written: a folder, or the only file.
struct Target {
    format: SampleFormat,
    file: Option<PathBuf>,
}

pub(super) fn run(console: &mut Console, options: &Sample) -> Outcome {
    let policies = match project::open(console, &options.files) {
        Ok(policies) => policies,
        Err(outcome) => return outcome,
    };
    let usage = |console: &Console, wrong: Diagnostic| {
        console.diagnostics(&Sources::default(), &[wrong]);
        Outcome::Usage
    };
    let (basis, settings, target) = match asked(options) {
        Ok(asked) => asked,
        Err(wrong) => return usage(console, *wrong),
    };
    let sampler = match Sampler::new(&policies, &basis, settings) {
        Ok(sampler) => sampler,
        Err(wrong) => {
            console.diagnostics(policies.sources(), &wrong);
            return Outcome::Usage;
        }
    };
    let written = match &target.file {
        Some(file) => one_file(&sampler, file, target.format),
        None => folder(&sampler, &options.output, target.format),
    };
    match written {
        Ok(written) => {
            tell(console, options, &written, &basis.period.to_string());
            Outcome::Done
        }
        Err(Wrong::Usage(wrong)) => usage(console, *wrong),
        Err(Wrong::Writing(path, error)) => {
            let found = Argument::phrase(error.to_string(), error.to_string());
            let wrong =
                Diagnostic::new(Code::UnwritableFile).with("file", path.display().to_string()).with("found", found);
            console.diagnostics(&Sources::default(), &[wrong]);
            Outcome::Errors
        }
    }
}

/// Why nothing was written.
enum Wrong {
    Usage(Box<Diagnostic>),
    Writing(PathBuf, std::io::Error),
}

fn bad(name: &str, value: &str, expected: impl Into<Argument>) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(Code::BadOption).with("name", name).with("value", value).with("expected", expected))
}

fn asked(options: &Sample) -> Result<(crate::Basis, Settings, Target), Box<Diagnostic>> {
    let evaluation = Evaluation {
        data: Vec::new(),
        history: Vec::new(),
        settlement: None,
        period: options.period.clone(),
        on: options.on.clone(),
        set: options.set.clone(),
        encoding: None,
    };
    let basis = evaluation::basis(&evaluation)?;
    let unknown = share(&options.unknown).ok_or_else(|| bad("--unknown", &options.unknown, "2%、0.5%"))?;
    let settings = Settings { rows: options.rows, seed: options.seed, unknown, every: options.all };
    let shown = options.output.display().to_string();
    let ending = options.output.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let format = match ending.as_deref().filter(|_| !options.output.is_dir()) {
        None => return Ok((basis, settings, Target { format: options.format, file: None })),
        Some("csv") => SampleFormat::Csv,
        Some("jsonl" | "ndjson") => SampleFormat::Jsonl,
        Some("parquet") => SampleFormat::Parquet,
        Some(_) => {
            let expected = Argument::phrase("文件夹，或 .csv、.jsonl、.parquet", "a folder, or .csv, .jsonl, .parquet");
            return Err(bad("--output", &shown, expected));
        }
    };
    Ok((basis, settings, Target { format, file: Some(options.output.clone()) }))
}

/// `2%` in parts of ten thousand, up to all of them.
fn share(text: &str) -> Option<u32> {
    let number = text.trim().strip_suffix(['%', '％'])?.trim();
    let (whole, places) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{places:0<2}");
    let plain = places.len() <= 2 && !whole.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|parts| plain && *parts <= 10_000)
}

/// Everything in one file, where one is enough.
fn one_file(sampler: &Sampler, path: &Path, format: SampleFormat) -> Result<Vec<Written>, Wrong> {
    let tops = sampler.types();
    let tables: Vec<_> = tops.iter().map(|(id, _)| sampler.tables(*id).map_or(0, |tables| tables.len())).collect();
    let files = if format == SampleFormat::Jsonl { tops.len() } else { tables.iter().sum() };
    if files > 1 {
        let expected = Argument::phrase(
            format!("文件夹：这些政策需要 {files} 个文件，每种主体或清单一个"),
            format!("a folder: these policies need {files} files, one for each record type"),
        );
        return Err(Wrong::Usage(bad("--output", &path.display().to_string(), expected)));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut folder = Folder::new(parent, format, Some(path));
    tops.iter().try_for_each(|(id, _)| write(&mut folder, sampler, *id))?;
    finish(folder)
}

/// A file for each record type.
fn folder(sampler: &Sampler, path: &Path, format: SampleFormat) -> Result<Vec<Written>, Wrong> {
    let failed = |error| Wrong::Writing(path.to_owned(), error);
    std::fs::create_dir_all(path).map_err(failed)?;
    let mut folder = Folder::new(path, format, None);
    let tops = sampler.types();
    let names: Vec<PathBuf> = tops.iter().flat_map(|(id, _)| folder.paths(sampler, *id)).collect();
    // What another run left would be read together with these.
    if let Some(other) = evaluation::files_at(path).into_iter().find(|file| !names.contains(file)) {
        let expected = Argument::phrase(
            format!("没有别的数据文件的文件夹；这里已有 `{}`", other.display()),
            format!("a folder without other data files; `{}` is in it", other.display()),
        );
        return Err(Wrong::Usage(bad("--output", &path.display().to_string(), expected)));
    }
    tops.iter().try_for_each(|(id, _)| write(&mut folder, sampler, *id))?;
    finish(folder)
}

fn write(folder: &mut Folder, sampler: &Sampler, id: RecordId) -> Result<(), Wrong> {
    let Some(tables) = sampler.tables(id) else {
        if folder.format != SampleFormat::Jsonl {
            let expected = Argument::phrase(
                "`--as jsonl`：清单的主体没有主键，不能分成几张表",
                "`--as jsonl`: the owner of a list has no key, so that lists cannot be tables of their own",
            );
            return Err(Wrong::Usage(bad("--as", "", expected)));
        }
        return folder.write(sampler, id, Vec::new()).map_err(|(path, error)| Wrong::Writing(path, error));
    };
    folder.write(sampler, id, tables).map_err(|(path, error)| Wrong::Writing(path, error))
}

fn finish(folder: Folder) -> Result<Vec<Written>, Wrong> {
    folder.finish().map_err(|(path, error)| Wrong::Writing(path, error))
}

fn tell(console: &Console, options: &Sample, written: &[Written], period: &str) {
    let (seed, rows) = (options.seed, options.rows);
    console.line(console.pick(
        format!("编造的数据，评价期 {period}，种子 {seed}，{rows} 户："),
        format!("Made-up data for {period}, seed {seed}, {rows} recipients:"),
    ));
    for file in written {
        let (path, rows, name) = (file.path.display(), file.rows, &file.record);
        console.line(console.pick(format!("  {path}：{name} {rows} 行"), format!("  {path}: {rows} rows of {name}")));
    }
    let policies: Vec<String> = options.files.files.iter().map(|file| file.display().to_string()).collect();
    let (policies, data) = (policies.join(" "), options.output.display());
    console.line(console.pick(
        format!("接着可以：huiqi run {policies} --data {data} --in {period}"),
        format!("next: huiqi run {policies} --data {data} --in {period}"),
    ));
}
