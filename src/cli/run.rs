//! `huiqi run`: evaluates and settles policies over records; a summary, all rows to a file.

use super::Outcome;
use super::arguments::{Format, Run};
use super::console::Console;
use super::evaluation::{self, Prepared};
use super::output;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Status, Tracing};
use crate::explain::words::{Words, grouped, money};
use crate::explain::{Line, lines};
use crate::policies::Settling;
use crate::settle::Recipient;
use crate::source::Sources;
use crate::value::Number;

pub(super) fn run(console: &mut Console, options: &Run) -> Outcome {
    let kind = match options.output.as_ref().map(|path| (path, output::kind(path))) {
        Some((path, None)) => {
            let wrong = Diagnostic::new(Code::UnknownFormat)
                .with("file", path.display().to_string())
                .with("expected", ".csv、.jsonl");
            console.diagnostics(&Sources::default(), &[wrong]);
            return Outcome::Usage;
        }
        Some((path, Some(kind))) => Some((path, kind)),
        None => None,
    };
    let (policies, prepared) = match evaluation::open(console, &options.files, &options.evaluation) {
        Ok(opened) => opened,
        Err(outcome) => return outcome,
    };
    let history = prepared.history();
    let settling = prepared.settle(history.as_ref(), Tracing::On);
    let words = Words { program: &prepared.program, sources: policies.sources(), language: console.language };
    let faulty = console.diagnostics(policies.sources(), &faults(&prepared, &settling));
    if let Some((path, kind)) = kind {
        let all = settling.recipients.iter().flat_map(|recipient| lines(&words, recipient));
        if let Err(error) = output::write(path, kind, all) {
            let wrong = Diagnostic::new(Code::UnwritableFile)
                .with("file", path.display().to_string())
                .with("found", error.kind().to_string());
            console.diagnostics(&Sources::default(), &[wrong]);
            return Outcome::Errors;
        }
    }
    match options.format {
        Format::Json => settling
            .recipients
            .iter()
            .flat_map(|recipient| lines(&words, recipient))
            .for_each(|line| print(console, &line)),
        Format::Table => summary(console, &words, &prepared, &settling, options),
    }
    if prepared.faulty || faulty { Outcome::Errors } else { Outcome::Done }
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

/// What the run came to: totals by clause, then recipients.
fn summary(console: &Console, words: &Words<'_>, prepared: &Prepared, settling: &Settling<'_>, options: &Run) {
    let policies: Vec<&str> =
        words.program.policies.iter().map(|p| p.title.as_ref().unwrap_or(&p.name).as_str()).collect();
    let (period, date) = (prepared.basis.period, prepared.basis.date);
    if policies.iter().any(|name| !name.is_empty()) {
        console.line(console.strong(&policies.join(console.pick("、", ", "))));
    }
    console
        .line(console.pick(format!("评价期 {period}，决定日 {date}"), format!("period {period}, decided on {date}")));
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
    clauses(console, words, settling);
    recipients(console, words, settling, options.top);
    if let Some(path) = &options.output {
        let path = path.display();
        console.line(console.pick(format!("全部结果已写入 {path}"), format!("all rows are in {path}")));
    }
}

/// A row a clause: how many, how much, what is open.
fn clauses(console: &Console, words: &Words<'_>, settling: &Settling<'_>) {
    let header = console.pick(
        ["条款", "得到", "结算金额（元）", "最低（元）", "最高（元）", "缺事实", "待定"],
        ["clause", "receive", "settled (元)", "lowest (元)", "highest (元)", "unknown", "pending"],
    );
    let mut rows = Vec::new();
    let mut all = Totals::default();
    for (at, clause) in words.program.clauses.iter().enumerate() {
        let mut totals = Totals::default();
        for recipient in settling.recipients.iter().filter(|recipient| recipient.record == clause.recipient) {
            for (result, award) in recipient.result.clauses.iter().zip(&recipient.awards) {
                if result.clause.index() == at {
                    totals.add(award.status(result.status), award.settled(), award.bounds());
                }
            }
        }
        if clause.recover {
            rows.push(
                totals.row(console.pick(format!("{}（应退回）", clause.name), format!("{} (due back)", clause.name))),
            );
        } else {
            rows.push(totals.row(clause.name.to_string()));
            all.merge(&totals);
        }
    }
    rows.push(all.row(console.pick("合计", "total").to_owned()));
    console.table(&header, rows, &[1, 2, 3, 4, 5, 6]);
}

/// Sums over the recipients of a clause.
#[derive(Default)]
struct Totals {
    receive: usize,
    unknown: usize,
    pending: usize,
    settled: Number,
    lowest: Number,
    highest: Option<Number>,
    unbounded: bool,
}

impl Totals {
    fn add(&mut self, status: Status, settled: Option<&Number>, (lowest, highest): (Number, Option<Number>)) {
        let plus = |sum: &Number, more: &Number| sum.add(more).unwrap_or_else(|_| sum.clone());
        match status {
            Status::Unknown => self.unknown += 1,
            Status::Pending => self.pending += 1,
            _ => {}
        }
        if let Some(settled) = settled {
            self.receive += usize::from(settled.is_positive());
            self.settled = plus(&self.settled, settled);
        }
        self.lowest = plus(&self.lowest, &lowest);
        match highest {
            Some(highest) => self.highest = Some(plus(self.highest.as_ref().unwrap_or(&Number::ZERO), &highest)),
            None => self.unbounded = true,
        }
    }

    fn merge(&mut self, other: &Totals) {
        let plus = |a: &Number, b: &Number| a.add(b).unwrap_or_else(|_| a.clone());
        self.receive += other.receive;
        self.unknown += other.unknown;
        self.pending += other.pending;
        self.settled = plus(&self.settled, &other.settled);
        self.lowest = plus(&self.lowest, &other.lowest);
        self.highest =
            Some(plus(self.highest.as_ref().unwrap_or(&Number::ZERO), other.highest.as_ref().unwrap_or(&Number::ZERO)));
        self.unbounded |= other.unbounded;
    }

    fn row(&self, name: String) -> Vec<String> {
        let highest = match (&self.highest, self.unbounded) {
            (_, true) => "—".to_owned(),
            (Some(highest), false) => yuan(highest),
            (None, false) => yuan(&Number::ZERO),
        };
        let count = |n: usize| if n == 0 { String::new() } else { n.to_string() };
        vec![
            name,
            count(self.receive),
            yuan(&self.settled),
            yuan(&self.lowest),
            highest,
            count(self.unknown),
            count(self.pending),
        ]
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
    let open = settling
        .recipients
        .iter()
        .filter(|recipient| recipient.awards.iter().any(|award| award.settled().is_none()))
        .count();
    if open > 0 {
        console.line(console.pick(
            format!("{open} 户另有金额未定（缺事实或待定），列在 `--format json` 与 `--output` 中"),
            format!("{open} recipients have amounts that are open (unknown or pending); `--format json` and `--output` list them"),
        ));
    }
    if found == 0 {
        console.line(match settling.recipients.len() {
            0 => console.pick("没有数据：用 `--data` 给出企业等主体。", "No data: name it with `--data`."),
            _ => console.pick("没有主体得到金额。", "Nobody receives anything."),
        });
        return;
    }
    let shown = if top == 0 { found } else { top.min(found) };
    let header = console.pick(["主体", "已定金额（元）", "各条款"], ["recipient", "settled (元)", "clauses"]);
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
            format!("另有 {} 户；`--top 0` 列出全部，`--output 结果.csv` 写入文件", found - shown),
            format!("{} more; `--top 0` lists all, `--output results.csv` writes them to a file", found - shown),
        ));
    }
}

/// What is settled for a recipient, open clauses left out.
fn surely(recipient: &Recipient<'_>) -> Number {
    let settled = recipient.paid().filter_map(|award| award.settled());
    settled.fold(Number::ZERO, |sum, amount| sum.add(amount).unwrap_or(sum))
}

/// An amount in 元 as a column of figures shows it: `1,234,567.80`.
fn yuan(amount: &Number) -> String {
    grouped(&amount.to_yuan())
}
