//! What a run came to, on the terminal.

use std::collections::HashSet;

use crate::check::program::{Expr, FactId, Program, RecordId, Type};
use crate::cli::arguments::Run;
use crate::cli::console::Console;
use crate::cli::report::{self, yuan};
use crate::diagnostic::many;
use crate::explain::words::{Words, money};
use crate::policies::Basis;
use crate::record::{FileReport, Loaded};
use crate::report::Report;
use crate::stream::Best;

/// What the run came to: the report, then recipients.
pub(super) fn summary(
    console: &Console,
    (words, basis, loaded): (&Words<'_>, &Basis, &Loaded),
    (told, best): (&Report, &[Best]),
    options: &Run,
) {
    let policies: Vec<&str> =
        words.program.policies.iter().map(|p| p.title.as_ref().unwrap_or(&p.name).as_str()).collect();
    let (period, date) = (basis.period, basis.date);
    if policies.iter().any(|name| !name.is_empty()) {
        console.line(console.strong(&policies.join(console.pick("、", ", "))));
    }
    console.line(console.pick(
        format!("评价期 {period}，决定日 {date}，金额单位：元"),
        format!("period {period}, decided on {date}, amounts in 元"),
    ));
    for file in &loaded.report.files {
        let record = file.record.map(|id| words.record(id)).unwrap_or_default();
        let (rows, rejected, encoding, name) = (file.rows, file.rejected, file.encoding, &file.file);
        let kept_apart = match rejected {
            0 => String::new(),
            n => console.bad(&console.pick(format!("，{n} 行有误未计"), format!(", {} kept apart", many(n, "row")))),
        };
        console.line(console.pick(
            format!("  {name}：{record} {rows} 行（{encoding}）{kept_apart}"),
            format!("  {name}: {} of {record} ({encoding}){kept_apart}", many(rows, "row")),
        ));
    }
    missing_columns(console, words, &loaded.report.files);
    console.line("");
    report::print(console, told, options.top);
    recipients(console, words, told, best);
    if let Some(path) = &options.output {
        let path = path.display();
        console.line(console.pick(format!("全部结果已写入 {path}"), format!("all rows are in {path}")));
    }
    if let Some(path) = &options.payments {
        let path = path.display();
        console.line(console.pick(format!("每户一行的支付表已写入 {path}"), format!("the payments are in {path}")));
    }
    if let Some(path) = &options.report {
        let path = path.display();
        console.line(console.pick(format!("汇总已写入 {path}"), format!("the report is in {path}")));
    }
}

/// How many missing columns the summary names.
const SHOWN_COLUMNS: usize = 8;

/// The facts that the policies ask for and for which no file has a column: what they count as is in no amount to be seen.
fn missing_columns(console: &Console, words: &Words<'_>, files: &[FileReport]) {
    let asked: HashSet<(RecordId, FactId)> =
        words.program.exprs.iter().filter_map(|expr| asked_outside_its_check(words.program, expr)).collect();
    for (def, id) in words.program.records.iter().zip(0..).filter(|(def, _)| !def.is_history) {
        let id = RecordId(id);
        let files = || files.iter().filter(|file| file.record == Some(id) && file.rows > 0);
        if files().next().is_none() {
            continue;
        }
        let is_missing =
            |at: FactId| asked.contains(&(id, at)) && files().all(|file| file.without_column.contains(&at));
        let facts = def
            .facts
            .iter()
            .zip(0..)
            .filter(|(fact, at)| !matches!(fact.kind, Type::List(_)) && is_missing(FactId(*at)));
        let mut missing: Vec<String> = facts
            .map(|(fact, _)| match &fact.default {
                Some(default) => {
                    let value = words.value(default, &fact.kind);
                    console.pick(format!("{}（按{value}）", fact.name), format!("{} (counts as {value})", fact.name))
                }
                None => console.pick(format!("{}（未知）", fact.name), format!("{} (unknown)", fact.name)),
            })
            .collect();
        if missing.is_empty() {
            continue;
        }
        let more = missing.len().saturating_sub(SHOWN_COLUMNS);
        if more > 0 {
            missing.truncate(SHOWN_COLUMNS);
            missing.push(console.pick(format!("另 {more} 列"), format!("{more} more")));
        }
        let (record, missing) = (&def.name, missing.join(console.pick("、", ", ")));
        console.line(
            console.pick(format!("  {record}没有这些列：{missing}"), format!("  no column of {record} for {missing}")),
        );
    }
}

/// The fact that an expression asks for, unless it is the data check of that fact.
fn asked_outside_its_check(program: &Program, expr: &Expr) -> Option<(RecordId, FactId)> {
    let (record, fact) = expr.node.fact()?;
    let declared = program.records.get(record.index())?.facts.get(fact.index())?.span;
    let (file, within) = (expr.span.file, declared.start..declared.end);
    (file != declared.file || !within.contains(&expr.span.start)).then_some((record, fact))
}

/// How many of a recipient's clauses the summary names.
const SHOWN_CLAUSES: usize = 4;

/// The recipients who get most.
fn recipients(console: &Console, words: &Words<'_>, told: &Report, best: &[Best]) {
    let found = told.total.receive;
    console.line("");
    if best.is_empty() {
        console.line(match told.recipients {
            0 => console.pick("没有数据：用 `--data` 给出企业等主体。", "No data: name it with `--data`."),
            _ => console.pick("没有主体得到金额。", "Nobody receives anything."),
        });
        return;
    }
    let header = console.pick(["主体", "已定金额", "各条款"], ["recipient", "settled", "clauses"]);
    let rows = best.iter().map(|one| {
        let mut parts: Vec<String> = one
            .awards
            .iter()
            .map(|(clause, settled)| {
                let name = words.program.clauses.get(clause.index()).map_or("", |clause| clause.name.as_str());
                format!("{name} {}", money(settled))
            })
            .collect();
        // A row must fit a terminal; `why` and `--output` have them all.
        let more = parts.len().saturating_sub(SHOWN_CLAUSES);
        if more > 0 {
            parts.truncate(SHOWN_CLAUSES);
            parts.push(console.pick(format!("另 {more} 条"), format!("{more} more")));
        }
        if one.open > 0 {
            let open = one.open;
            parts.push(console.pick(format!("另有 {open} 条未定"), format!("{open} more open")));
        }
        vec![one.key.to_string(), yuan(&one.total), parts.join(console.pick("；", "; "))]
    });
    console.table(&header, rows.collect(), &[1]);
    let more = found.saturating_sub(best.len());
    if more > 0 {
        console.line(console.pick(
            format!("另有 {more} 户；`--top 0` 列出全部，`--output 结果.xlsx` 写入文件"),
            format!("{more} more; `--top 0` lists all, `--output results.xlsx` writes them to a file"),
        ));
    }
}
