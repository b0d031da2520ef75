//! A run from file to file, where the data need not be in memory.

use std::path::Path;

use super::{Faults, File, place_report, summary::summary};
use crate::cli::arguments::{EngineChoice, Format, Run};
use crate::cli::console::Console;
use crate::cli::evaluation::Asked;
use crate::cli::output::payments::{self, Payments};
use crate::cli::output::{CellText, Telling};
use crate::cli::watch::Watch;
use crate::cli::whole::{Begun, Unwritten, folder_of};
use crate::cli::{Outcome, budgets, report_file};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::eval::{Context, Inputs, Tracing};
use crate::explain::words::Words;
use crate::policies::Policies;
use crate::progress::Stage;
use crate::record::{Loaded, Parts, Population};
use crate::report::{Report, Reporter, data};
use crate::settle::Recipient;
use crate::source::Sources;
use crate::stream::{Best, Ran, Stream, Teller, Told};

/// Whether what is asked for can be told without everybody in memory.
pub(super) fn is_possible(options: &Run) -> bool {
    options.engine == EngineChoice::Auto
        && options.format == Format::Table
        && options.output.is_none()
        && options.append_history.is_none()
        && options.evaluation.history.is_empty()
        && options.top > 0
}

/// What a stream came to, ready to be told.
struct Ended {
    told: Report,
    best: Vec<Best>,
    loaded: Loaded,
    wrong: Vec<Diagnostic>,
}

/// How a run ended that is not done.
enum Not {
    /// Rows must be brought together first.
    Together,
    /// It must be done in memory.
    ForMemory,
    Failed(Outcome),
}

/// What a run is made from.
struct From<'r> {
    console: &'r Console,
    options: &'r Run,
    policies: &'r Policies,
    asked: &'r Asked,
    parts: &'r Parts<'r>,
    folder: &'r Path,
    context: &'r Context<'r>,
    telling: Telling<'r>,
}

/// Runs; none where it must be done in memory, which begins anew.
pub(super) fn run(
    console: &Console,
    options: &Run,
    policies: &Policies,
    asked: &Asked,
    report: &mut File<'_, report_file::Kind>,
) -> Option<Outcome> {
    let nobody = Population::default();
    let inputs = Inputs {
        bindings: asked.bindings.clone(),
        population: Some(&nobody),
        history: None,
        tracing: Tracing::Off,
        progress: Some(&asked.progress),
        ..Inputs::default()
    };
    let context = Context::new(&asked.program, asked.basis.period, asked.basis.date, inputs);
    // Before anything is unpacked that would be unpacked again in memory.
    if !Stream::is_possible(&context) {
        return None;
    }
    // What is set aside stands where the result will: there is room on that disk, or the result has none either.
    let folder = options.payments.as_ref().map_or_else(std::env::temp_dir, |path| {
        let place = path.canonicalize().unwrap_or_else(|_| path.clone());
        folder_of(&place).to_path_buf()
    });
    let parts = Parts::of(&asked.program, &asked.inputs, asked.basis.period, &folder);
    let parts = parts.filter(|parts| parts.rows() > 0)?;
    let words = Words { program: &asked.program, sources: policies.sources(), language: console.language };
    let text = if options.exact_text { CellText::Exact } else { CellText::Harmless };
    let telling = Telling { console, words: &words, date: asked.basis.date, text };
    let from = From { console, options, policies, asked, parts: &parts, folder: &folder, context: &context, telling };
    match from.run(false, report) {
        // Once more: what was written does not count.
        Err(Not::Together) => from.run(true, report),
        other => other,
    }
    .map_or_else(
        |not| match not {
            Not::Failed(outcome) => Some(outcome),
            Not::Together | Not::ForMemory => None,
        },
        Some,
    )
}

impl From<'_> {
    fn run(&self, together: bool, report: &mut File<'_, report_file::Kind>) -> Result<Outcome, Not> {
        let From { console, options, policies, asked, parts, folder, context, telling } = *self;
        let reporter = Reporter::new(context, *telling.words, &options.by).map_err(|_| Not::ForMemory)?;
        let path = options.payments.as_deref();
        let begun = path.map(|path| Some((Begun::at(path).ok()?, payments::kind(path)?)));
        let begun = begun.map(|begun| begun.ok_or(Not::ForMemory)).transpose()?;
        let failed = |wrong: Unwritten| {
            let wrong = wrong.told(path.unwrap_or(Path::new("")));
            console.diagnostics(&Sources::default(), &[wrong]);
            Not::Failed(Outcome::Errors)
        };
        let mut sink = Payments::new(begun, telling).map_err(failed)?;
        let by = reporter.by(parts.record).ok_or(Not::ForMemory)?;
        let stream = Stream::of(context, policies, parts, (reporter.sets(), by, options.top)).ok_or(Not::ForMemory)?;
        let stream = if together { stream.together() } else { stream };
        let watch = Watch::over(&asked.progress, console.language);
        let mut files = Population::default();
        files.files = parts.files();
        let (found, missing) = (Faults::default(), Vec::new());
        let ended = stream.run(&mut sink, folder, Reporting { from: self, reporter, files, found, missing });
        asked.progress.begin(Stage::Idle, 0);
        drop(watch);
        let Ended { told, best, loaded, wrong } = match ended.map_err(failed)? {
            Ran::Done(ended) => ended,
            Ran::Twice => return Err(Not::Together),
            Ran::ForMemory => return Err(Not::ForMemory),
        };
        let said: Vec<Diagnostic> = loaded.all_diagnostics().cloned().collect();
        let mut faulty = console.diagnostics(policies.sources(), &said);
        faulty |= console.diagnostics(policies.sources(), &wrong);
        debug_assert_eq!(has_errors(&said) || has_errors(&wrong), faulty);
        sink.finish().map_err(failed)?;
        if let Err(wrong) = place_report(report.take(), telling, &told) {
            console.diagnostics(&Sources::default(), &[*wrong]);
            return Ok(Outcome::Errors);
        }
        summary(console, (telling.words, &asked.basis, &loaded), (&told, &best), options);
        Ok(if faulty { Outcome::Errors } else { Outcome::Done })
    }
}

/// A report in the making, and what is wrong with whom.
struct Reporting<'f, 'r> {
    from: &'f From<'r>,
    reporter: Reporter<'r>,
    files: Population,
    found: Faults,
    missing: Vec<Diagnostic>,
}

impl Teller for Reporting<'_, '_> {
    type Report = Ended;

    fn open(&mut self, open: &[Recipient<'_>]) {
        let (program, period) = (&self.from.asked.program, self.from.asked.basis.period);
        open.iter().for_each(|recipient| self.reporter.add(recipient));
        self.found.add(program, &self.files, open);
        // All who draw on a budget are told of at once.
        self.missing.extend(budgets::missing(program, period, open));
    }

    fn end(mut self, told: Told<'_>) -> Ended {
        let Told { sums, texts, settlement, loaded } = told;
        self.reporter.add_sums(self.from.parts.record, &sums, texts);
        let mut wrong = self.found.told();
        wrong.extend(self.missing);
        let data = data(&self.from.asked.program, &loaded.report);
        let told = Report { data, ..self.reporter.finish(&settlement) };
        Ended { told, best: sums.best, loaded, wrong }
    }
}
