//! What a run came to, on the terminal.

use crate::cli::arguments::Run;
use crate::cli::console::Console;
use crate::cli::report::{self, yuan};
use crate::explain::words::{Words, money};
use crate::policies::Basis;
use crate::record::Loaded;
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
            n => console.bad(&console.pick(format!("，{n} 行有误未计"), format!(", {n} rows kept apart"))),
        };
        console.line(console.pick(
            format!("  {name}：{record} {rows} 行（{encoding}）{kept_apart}"),
            format!("  {name}: {rows} rows of {record} ({encoding}){kept_apart}"),
        ));
    }
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
