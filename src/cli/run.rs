//! `huiqi run`: evaluates and settles policies over records; a report, all rows to a file.

mod streamed;
mod summary;

use std::path::Path;

use super::Outcome;
use super::append;
use super::arguments::{Format, Run};
use super::budgets;
use super::console::Console;
use super::evaluation::{self, Asked, Prepared};
use super::history::{self, Appending};
use super::output::payments::{self, Payments};
use super::output::{self, CellText, Results, Telling};
use super::project;
use super::report_file;
use super::watch::Watch;
use super::whole::{Begun, Unwritten};
use crate::check::program::Program;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Context, Tracing};
use crate::explain::words::Words;
use crate::explain::{Line, lines};
use crate::policies::{Policies, Settling};
use crate::progress::Stage;
use crate::record::Population;
use crate::report::{self, Report, Reporter};
use crate::settle::Recipient;
use crate::source::Sources;
use crate::stream::Best;
use summary::summary;

pub(super) fn run(console: &mut Console, options: &Run) -> Outcome {
    if let Some(threads) = options.threads {
        // Without as many, results are the same and only later.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    }
    let (Ok(kind), Ok(payments_kind), Ok(report_kind)) = (
        kind_of(console, options.output.as_deref(), output::kind, output::ENDINGS),
        kind_of(console, options.payments.as_deref(), payments::kind, payments::ENDINGS),
        kind_of(console, options.report.as_deref(), report_file::kind, report_file::ENDINGS),
    ) else {
        return Outcome::Usage;
    };
    // Before the work: a folder that cannot be written to is told at once.
    let (Ok(output), Ok(payments), Ok(mut report)) =
        (begin(console, kind), begin(console, payments_kind), begin(console, report_kind))
    else {
        return Outcome::Errors;
    };
    let (evaluation, appending) = match history::plan(console, options) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    let opened = project::open(console, &options.files)
        .and_then(|policies| Ok((evaluation::asked(console, &policies, &evaluation)?, policies)));
    let (asked, policies) = match opened {
        Ok(opened) => opened,
        Err(outcome) => return outcome,
    };
    if streamed::is_possible(options)
        && let Some(outcome) = streamed::run(console, options, &policies, &asked, &mut report)
    {
        return outcome;
    }
    in_memory(console, options, (&policies, asked), appending.as_ref(), Files { output, payments, report })
}

/// The files that were begun.
struct Files<'p> {
    output: File<'p, output::Kind>,
    payments: File<'p, payments::Kind>,
    report: File<'p, report_file::Kind>,
}

/// Runs with everybody in memory.
fn in_memory(
    console: &Console,
    options: &Run,
    (policies, asked): (&Policies, Asked),
    appending: Option<&Appending>,
    Files { output, payments, report }: Files<'_>,
) -> Outcome {
    let mut prepared = asked.load(console, policies);
    if let Some(appending) = appending {
        appending.begin(&mut prepared);
    }
    let paid_before = prepared.history();
    let words = Words { program: &prepared.program, sources: policies.sources(), language: console.language };
    let context = prepared.context(paid_before.as_ref(), Tracing::Off);
    let mut reporter = match Reporter::new(&context, words, &options.by) {
        Ok(reporter) => reporter,
        Err(wrong) => {
            console.diagnostics(&Sources::default(), &wrong);
            return Outcome::Usage;
        }
    };
    let mut settling = prepared.settle(console, &context, options.engine.into());
    let steps = prepared.context(paid_before.as_ref(), Tracing::On);
    let text = if options.exact_text { CellText::Exact } else { CellText::Harmless };
    let telling = Telling { console, words: &words, date: prepared.basis.date, text };
    let written = write(output, telling, (&prepared, &steps), &mut settling, &mut reporter);
    let paid = written.and_then(|written| Ok((written, write_payments(payments, telling, &settling.recipients)?)));
    let had = report::data(&prepared.program, &prepared.loaded.report);
    let told = Report { data: had, ..reporter.finish(&settling.settlement) };
    let mut found = Faults::default();
    found.add(&prepared.program, &prepared.loaded.population, &settling.recipients);
    let mut wrong = found.told();
    wrong.extend(budgets::missing(&prepared.program, prepared.basis.period, &settling.recipients));
    let faulty = console.diagnostics(policies.sources(), &wrong);
    let written = paid.and_then(|(results, payments)| {
        place(results, payments, telling, &prepared, &told)?;
        place_report(report, telling, &told)
    });
    if let Err(wrong) = written {
        console.diagnostics(&Sources::default(), &[*wrong]);
        return Outcome::Errors;
    }
    let appended = append::asked(console, &context, (&prepared, &settling), appending);
    match options.format {
        Format::Json => {
            let told: Result<(), std::convert::Infallible> = settling.with_steps(&steps, |recipient| {
                lines(&words, recipient).iter().for_each(|line| print(console, line));
                Ok(())
            });
            told.unwrap_or_default();
        }
        Format::Table => {
            let best = best_of(&settling.recipients, options.top);
            summary(console, (&words, &prepared.basis, &prepared.loaded), (&told, &best), options);
        }
    }
    if let Ok(Some(appended)) = &appended {
        appended.tell(console);
    }
    if prepared.faulty || faulty || appended.is_err() { Outcome::Errors } else { Outcome::Done }
}

/// Those who get most, so many of them; all where it is 0.
fn best_of(recipients: &[Recipient<'_>], top: usize) -> Vec<Best> {
    let mut best: Vec<Best> = recipients.iter().map(Best::of).collect();
    best.retain(|one| one.total.is_positive());
    best.sort_by(Best::order);
    best.truncate(if top == 0 { best.len() } else { top });
    best
}

/// The kind of file that an option asks for, with its path; none where it is not given.
fn kind_of<'p, K>(
    console: &Console,
    path: Option<&'p Path>,
    kind: impl Fn(&Path) -> Option<K>,
    known: &str,
) -> Result<Option<(&'p Path, K)>, ()> {
    let Some(path) = path else { return Ok(None) };
    let Some(kind) = kind(path) else {
        let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
        let wrong = Diagnostic::new(Code::UnknownFormat)
            .with("file", path.display().to_string())
            .with_some("found", ending)
            .with("expected", known);
        console.diagnostics(&Sources::default(), &[wrong]);
        return Err(());
    };
    Ok(Some((path, kind)))
}

/// A file that was begun, with its place and kind.
type File<'p, K> = Option<(&'p Path, K, Begun)>;

fn begin<'p, K>(console: &Console, asked: Option<(&'p Path, K)>) -> Result<File<'p, K>, ()> {
    let Some((path, kind)) = asked else { return Ok(None) };
    match Begun::at(path) {
        Ok(begun) => Ok(Some((path, kind, begun))),
        Err(error) => {
            console.diagnostics(&Sources::default(), &[Unwritten::from(error).told(path)]);
            Err(())
        }
    }
}

/// Results that wait for the report.
type Waiting<'p> = Option<(&'p Path, Results<'p>)>;

/// Hands the recipients over one by one, to the report and to the results.
fn write<'p>(
    output: File<'p, output::Kind>,
    telling: Telling<'p>,
    (prepared, steps): (&Prepared, &Context<'_>),
    settling: &mut Settling<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<Waiting<'p>, Box<Diagnostic>> {
    prepared.progress.begin(Stage::Writing, settling.recipients.len());
    let _watch = Watch::over(&prepared.progress, telling.console.language);
    let begin = |(path, kind, begun): (&'p Path, _, _)| {
        Results::new(begun, kind, telling).map(|results| (path, results)).map_err(|error| Box::new(error.told(path)))
    };
    for recipient in &settling.recipients {
        reporter.add(recipient);
        prepared.progress.advance(1);
    }
    let Some((path, mut results)) = output.map(begin).transpose()? else { return Ok(None) };
    settling.with_steps(steps, |recipient| results.add(recipient).map_err(|error| Box::new(error.told(path))))?;
    Ok(Some((path, results)))
}

/// Payments that wait for the report.
type Paying<'p> = Option<(&'p Path, Payments<'p>)>;

/// Writes a row a recipient.
fn write_payments<'p>(
    file: File<'p, payments::Kind>,
    telling: Telling<'p>,
    recipients: &[Recipient<'_>],
) -> Result<Paying<'p>, Box<Diagnostic>> {
    let Some((path, kind, begun)) = file else { return Ok(None) };
    let write = || {
        let mut payments = Payments::new(Some((begun, kind)), telling)?;
        payments.add(recipients)?;
        Ok(Some((path, payments)))
    };
    write().map_err(|error: Unwritten| Box::new(error.told(path)))
}

/// Writes what follows from all recipients, and moves the files to their places.
fn place(
    results: Waiting<'_>,
    payments: Paying<'_>,
    telling: Telling<'_>,
    prepared: &Prepared,
    told: &Report,
) -> Result<(), Box<Diagnostic>> {
    let _watch = Watch::over(&prepared.progress, telling.console.language);
    if let Some((path, results)) = results {
        results.finish(told, &prepared.loaded).map_err(|error| Box::new(error.told(path)))?;
    }
    if let Some((path, payments)) = payments {
        payments.finish().map_err(|error| Box::new(error.told(path)))?;
    }
    Ok(())
}

/// Writes the report and moves it to its place.
fn place_report(
    report: File<'_, report_file::Kind>,
    telling: Telling<'_>,
    told: &Report,
) -> Result<(), Box<Diagnostic>> {
    let Some((path, kind, begun)) = report else { return Ok(()) };
    report_file::write(begun, kind, telling, told).map_err(|error| Box::new(error.told(path)))
}

/// What could not be computed: one message a place in the policy, for the first recipient that meets it.
#[derive(Default)]
struct Faults(Vec<(Diagnostic, usize)>);

impl Faults {
    /// Of further recipients.
    fn add(&mut self, program: &Program, population: &Population, recipients: &[Recipient<'_>]) {
        for recipient in recipients {
            for (result, fault) in recipient.result.clauses.iter().flat_map(|r| r.faults.iter().map(move |f| (r, f))) {
                let code = fault.kind.code();
                let same =
                    |one: &&mut (Diagnostic, usize)| one.0.code == code && one.0.spans.first() == Some(&fault.span);
                if let Some((_, more)) = self.0.iter_mut().find(same) {
                    *more += 1;
                    continue;
                }
                let clause = program.clauses.get(result.clause.index()).map(|clause| clause.name.clone());
                let place = population.place(recipient.row.place, None, Some(&recipient.key));
                let told = Diagnostic::new(code).at(fault.span).with_some("clause", clause).in_data(place);
                self.0.push((told, 0));
            }
        }
    }

    fn told(self) -> Vec<Diagnostic> {
        let counted = |(told, more): (Diagnostic, usize)| match more {
            0 => told,
            more => told.with("count", more.to_string()),
        };
        self.0.into_iter().map(counted).collect()
    }
}

fn print(console: &Console, line: &Line) {
    if let Ok(text) = serde_json::to_string(line) {
        console.line(text);
    }
}
