//! `huiqi run`: evaluates and settles policies over records; a report, all rows to a file.

use std::path::Path;

use super::Outcome;
use super::append;
use super::arguments::{Format, Run};
use super::budgets;
use super::console::Console;
use super::evaluation::{self, Prepared};
use super::history;
use super::output::{self, CellText, Results, Telling};
use super::report::{self, yuan};
use super::report_file;
use super::watch::Watch;
use super::whole::{Begun, Unwritten};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Context, Tracing};
use crate::explain::words::{Words, money};
use crate::explain::{Line, lines};
use crate::policies::Settling;
use crate::progress::Stage;
use crate::report::{Report, Reporter};
use crate::settle::Recipient;
use crate::source::Sources;
use crate::value::Number;

pub(super) fn run(console: &mut Console, options: &Run) -> Outcome {
    let (Ok(kind), Ok(report_kind)) = (
        kind_of(console, options.output.as_deref(), output::kind, output::ENDINGS),
        kind_of(console, options.report.as_deref(), report_file::kind, report_file::ENDINGS),
    ) else {
        return Outcome::Usage;
    };
    // Before the work: a folder that cannot be written to is told at once.
    let (Ok(output), Ok(report)) = (begin(console, kind), begin(console, report_kind)) else {
        return Outcome::Errors;
    };
    let (evaluation, appending) = match history::plan(console, options) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    let (policies, mut prepared) = match evaluation::open(console, &options.files, &evaluation) {
        Ok(opened) => opened,
        Err(outcome) => return outcome,
    };
    if let Some(appending) = &appending {
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
    let told = reporter.finish(&settling.settlement);
    let mut wrong = faults(&prepared, &settling);
    wrong.extend(budgets::missing(&prepared, &settling));
    let faulty = console.diagnostics(policies.sources(), &wrong);
    let written = written.and_then(|results| place(results, report, telling, &prepared, &told));
    if let Err(wrong) = written {
        console.diagnostics(&Sources::default(), &[*wrong]);
        return Outcome::Errors;
    }
    let appended = append::asked(console, &context, (&prepared, &settling), appending.as_ref());
    match options.format {
        Format::Json => {
            let told: Result<(), std::convert::Infallible> = settling.with_steps(&steps, |recipient| {
                lines(&words, recipient).iter().for_each(|line| print(console, line));
                Ok(())
            });
            told.unwrap_or_default();
        }
        Format::Table => summary(console, (&words, &prepared), (&settling, &told), options),
    }
    if let Ok(Some(appended)) = &appended {
        appended.tell(console);
    }
    if prepared.faulty || faulty || appended.is_err() { Outcome::Errors } else { Outcome::Done }
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

/// Writes what follows from all recipients, and moves the files to their places.
fn place(
    results: Waiting<'_>,
    report: File<'_, report_file::Kind>,
    telling: Telling<'_>,
    prepared: &Prepared,
    told: &Report,
) -> Result<(), Box<Diagnostic>> {
    let _watch = Watch::over(&prepared.progress, telling.console.language);
    if let Some((path, results)) = results {
        results.finish(told, &prepared.loaded).map_err(|error| Box::new(error.told(path)))?;
    }
    if let Some((path, kind, begun)) = report {
        report_file::write(begun, kind, telling, told).map_err(|error| Box::new(error.told(path)))?;
    }
    Ok(())
}

/// What could not be computed: one message a place in the policy, for the first recipient that meets it.
fn faults(prepared: &Prepared, settling: &Settling<'_>) -> Vec<Diagnostic> {
    let mut found: Vec<(Diagnostic, usize)> = Vec::new();
    for recipient in &settling.recipients {
        for (result, fault) in recipient.result.clauses.iter().flat_map(|r| r.faults.iter().map(move |f| (r, f))) {
            let code = fault.kind.code();
            let same = |one: &&mut (Diagnostic, usize)| one.0.code == code && one.0.spans.first() == Some(&fault.span);
            if let Some((_, more)) = found.iter_mut().find(same) {
                *more += 1;
                continue;
            }
            let clause = prepared.program.clauses.get(result.clause.index()).map(|clause| clause.name.clone());
            let place = prepared.loaded.population.place(recipient.row.place, None, Some(&recipient.key));
            let told = Diagnostic::new(code).at(fault.span).with_some("clause", clause).in_data(place);
            found.push((told, 0));
        }
    }
    let counted = |(told, more): (Diagnostic, usize)| match more {
        0 => told,
        more => told.with("count", more.to_string()),
    };
    found.into_iter().map(counted).collect()
}

fn print(console: &Console, line: &Line) {
    if let Ok(text) = serde_json::to_string(line) {
        console.line(text);
    }
}

/// What the run came to: the report, then recipients.
fn summary(
    console: &Console,
    (words, prepared): (&Words<'_>, &Prepared),
    (settling, told): (&Settling<'_>, &Report),
    options: &Run,
) {
    let policies: Vec<&str> =
        words.program.policies.iter().map(|p| p.title.as_ref().unwrap_or(&p.name).as_str()).collect();
    let (period, date) = (prepared.basis.period, prepared.basis.date);
    if policies.iter().any(|name| !name.is_empty()) {
        console.line(console.strong(&policies.join(console.pick("、", ", "))));
    }
    console.line(console.pick(
        format!("评价期 {period}，决定日 {date}，金额单位：元"),
        format!("period {period}, decided on {date}, amounts in 元"),
    ));
    for file in &prepared.loaded.report.files {
        let record = file.record.map(|id| words.record(id)).unwrap_or_default();
        let (rows, rejected, encoding, name) = (file.rows, file.rejected, file.encoding, &file.file);
        let kept_apart = match rejected {
            0 => String::new(),
            n => console.bad(&console.pick(format!("，{n} 行有误未计"), format!(", {n} rows kept apart"))),
        };
        console.line(console.pick(
            format!("  {name}：{record} {rows} 行（{encoding}）{kept_apart}"),
            format!("  {name}: {rows} rows of {record} ({encoding}){kept_apart}"),
        ));
    }
    console.line("");
    report::print(console, told, options.top);
    recipients(console, words, settling, options.top);
    if let Some(path) = &options.output {
        let path = path.display();
        console.line(console.pick(format!("全部结果已写入 {path}"), format!("all rows are in {path}")));
    }
    if let Some(path) = &options.report {
        let path = path.display();
        console.line(console.pick(format!("汇总已写入 {path}"), format!("the report is in {path}")));
    }
}

/// How many of a recipient's clauses the summary names.
const SHOWN_CLAUSES: usize = 4;

/// The recipients who get most.
fn recipients(console: &Console, words: &Words<'_>, settling: &Settling<'_>, top: usize) {
    let mut order: Vec<(Number, &Recipient<'_>)> = settling
        .recipients
        .iter()
        .map(|recipient| (surely(recipient), recipient))
        .filter(|(total, _)| total.is_positive())
        .collect();
    order.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.key.cmp(&y.key)));
    let found = order.len();
    console.line("");
    if found == 0 {
        console.line(match settling.recipients.len() {
            0 => console.pick("没有数据：用 `--data` 给出企业等主体。", "No data: name it with `--data`."),
            _ => console.pick("没有主体得到金额。", "Nobody receives anything."),
        });
        return;
    }
    let shown = if top == 0 { found } else { top.min(found) };
    let header = console.pick(["主体", "已定金额", "各条款"], ["recipient", "settled", "clauses"]);
    let rows = order.into_iter().take(shown).map(|(_, recipient)| {
        let paid =
            recipient.awards.iter().filter_map(|award| Some((award, award.settled().filter(|n| n.is_positive())?)));
        let mut parts: Vec<String> = paid
            .map(|(award, settled)| {
                let name = words.program.clauses.get(award.clause.index()).map_or("", |clause| clause.name.as_str());
                format!("{name} {}", money(settled))
            })
            .collect();
        // A row must fit a terminal; `why` and `--output` have them all.
        let more = parts.len().saturating_sub(SHOWN_CLAUSES);
        if more > 0 {
            parts.truncate(SHOWN_CLAUSES);
            parts.push(console.pick(format!("另 {more} 条"), format!("{more} more")));
        }
        let open = recipient.awards.iter().filter(|award| award.settled().is_none()).count();
        if open > 0 {
            parts.push(console.pick(format!("另有 {open} 条未定"), format!("{open} more open")));
        }
        vec![recipient.key.to_string(), yuan(&surely(recipient)), parts.join(console.pick("；", "; "))]
    });
    console.table(&header, rows.collect(), &[1]);
    if shown < found {
        console.line(console.pick(
            format!("另有 {} 户；`--top 0` 列出全部，`--output 结果.xlsx` 写入文件", found - shown),
            format!("{} more; `--top 0` lists all, `--output results.xlsx` writes them to a file", found - shown),
        ));
    }
}

/// What is settled for a recipient, open clauses left out.
fn surely(recipient: &Recipient<'_>) -> Number {
    let settled = recipient.paid().filter_map(|award| award.settled());
    settled.fold(Number::ZERO, |sum, amount| sum.add(amount).unwrap_or(sum))
}
