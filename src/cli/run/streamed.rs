//! A run from file to file, where the data need not be in memory.

use std::path::Path;

use super::{File, faults, place_report, summary::summary};
use crate::cli::arguments::{EngineChoice, Format, Run};
use crate::cli::console::Console;
use crate::cli::evaluation::Asked;
use crate::cli::output::payments::{self, Payments};
use crate::cli::output::{CellText, Telling};
use crate::cli::watch::Watch;
use crate::cli::whole::{Begun, Unwritten};
use crate::cli::{Outcome, budgets, report_file};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::eval::{Context, Inputs, Tracing};
use crate::explain::words::Words;
use crate::policies::Policies;
use crate::progress::Stage;
use crate::record::{Loaded, Parts, Population};
use crate::report::{Report, Reporter, data};
use crate::source::Sources;
use crate::stream::{Best, Stream, Told};

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

/// Runs; none where it must be done in memory, which begins anew.
pub(super) fn run(
    console: &Console,
    options: &Run,
    policies: &Policies,
    asked: &Asked,
    report: &mut File<'_, report_file::Kind>,
) -> Option<Outcome> {
    let parts = Parts::of(&asked.program, &asked.inputs, asked.basis.period).filter(|parts| parts.rows() > 0)?;
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
    let words = Words { program: &asked.program, sources: policies.sources(), language: console.language };
    let mut reporter = Reporter::new(&context, words, &options.by).ok()?;
    let text = if options.exact_text { CellText::Exact } else { CellText::Harmless };
    let telling = Telling { console, words: &words, date: asked.basis.date, text };
    let path = options.payments.as_deref();
    // What is set aside stands where the result will: there is room on that disk, or the result has none either.
    let begun = path.map(|path| Some((Begun::at(path).ok()?, payments::kind(path)?)));
    let begun = match begun {
        Some(begun) => Some(begun?),
        None => None,
    };
    let folder = begun.as_ref().map_or_else(std::env::temp_dir, |(begun, _)| begun.folder().to_path_buf());
    let failed = |wrong: Unwritten| {
        let wrong = wrong.told(path.unwrap_or(Path::new("")));
        console.diagnostics(&Sources::default(), &[wrong]);
        Some(Outcome::Errors)
    };
    let mut sink = match Payments::new(begun, telling) {
        Ok(sink) => sink,
        Err(wrong) => return failed(wrong),
    };
    let stream = Stream::of(&context, policies, &parts, (reporter.sets(), reporter.by(parts.record)?, options.top))?;
    let watch = Watch::over(&asked.progress, console.language);
    let ended = stream.run(&mut sink, &folder, |told| {
        let Told { sums, open, texts, settlement, loaded } = told;
        reporter.add_sums(parts.record, &sums, texts);
        open.iter().for_each(|recipient| reporter.add(recipient));
        let mut wrong = faults(&asked.program, &loaded.population, open);
        wrong.extend(budgets::missing(&asked.program, asked.basis.period, open));
        let told = Report { data: data(&asked.program, &loaded.report), ..reporter.finish(&settlement) };
        Ended { told, best: sums.best, loaded, wrong }
    });
    asked.progress.begin(Stage::Idle, 0);
    drop(watch);
    let Ended { told, best, loaded, wrong } = match ended {
        Ok(ended) => ended?,
        Err(wrong) => return failed(wrong),
    };
    let said: Vec<Diagnostic> = loaded.all_diagnostics().cloned().collect();
    let mut faulty = console.diagnostics(policies.sources(), &said);
    faulty |= console.diagnostics(policies.sources(), &wrong);
    debug_assert_eq!(has_errors(&said) || has_errors(&wrong), faulty);
    if let Err(wrong) = sink.finish() {
        return failed(wrong);
    }
    if let Err(wrong) = place_report(report.take(), telling, &told) {
        console.diagnostics(&Sources::default(), &[*wrong]);
        return Some(Outcome::Errors);
    }
    summary(console, (&words, &asked.basis, &loaded), (&told, &best), options);
    Some(if faulty { Outcome::Errors } else { Outcome::Done })
}
