//! The report of `run` on the terminal: totals by clause, article, payer and fact, the
//! budgets, and what is open. All amounts are in 元, which the head of the run says once.

use super::console::Console;
use crate::diagnostic::many;
use crate::explain::words::{grouped, money};
use crate::report::{ArticleRow, BudgetRow, CauseKind, FactRow, FactTable, Figure, Open, Report, Totals, ValueState};
use crate::value::Number;

/// How many causes of open amounts are named.
const SHOWN_CAUSES: usize = 10;

/// Prints the tables that apply; a table by fact, and of the pools of one budget, has at most `top` rows.
pub(super) fn print(console: &Console, report: &Report, top: usize) {
    clauses(console, report);
    if !report.articles.is_empty() {
        articles(console, report);
    }
    payers(console, report);
    for table in &report.by {
        fact(console, report, table, top);
    }
    budgets(console, report, top);
    open(console, &report.open);
}

fn heading(console: &Console, zh: &str, en: &str) {
    console.line("");
    console.line(console.strong(console.pick(zh, en)));
}

/// A table of totals with the name of its first column.
fn totals_table(console: &Console, first: &str, rows: Vec<Vec<String>>) {
    let [receive, settled, lowest, highest, unknown, pending] = console.pick(
        ["得到户数", "已定金额", "可能最低", "可能最高", "缺事实户数", "待定户数"],
        ["receive", "settled", "at least", "at most", "lack facts", "lack rules"],
    );
    let header = [first, receive, settled, lowest, highest, unknown, pending];
    console.table(&header, rows, &[1, 2, 3, 4, 5, 6]);
}

fn totals_row(console: &Console, name: String, totals: &Totals) -> Vec<String> {
    vec![
        name,
        count(totals.receive),
        yuan(&totals.settled),
        yuan(&totals.lowest),
        at_most(console, totals.highest.as_ref()),
        count(totals.unknown),
        count(totals.pending),
    ]
}

fn total_row(console: &Console, report: &Report) -> Vec<String> {
    totals_row(console, console.pick("合计", "total").to_owned(), &report.total)
}

fn clauses(console: &Console, report: &Report) {
    let several = several(report.clauses.iter().map(|row| row.policy.as_str()));
    let mut rows: Vec<Vec<String>> = report
        .clauses
        .iter()
        .map(|row| {
            let name = within(several, &row.policy, &row.clause);
            let name = match row.recover {
                true => console
                    .pick(format!("{name}（应退回，不计入合计）"), format!("{name} (due back, not in the total)")),
                false => name,
            };
            totals_row(console, name, &row.totals)
        })
        .collect();
    rows.push(total_row(console, report));
    totals_table(console, console.pick("条款", "clause"), rows);
}

fn articles(console: &Console, report: &Report) {
    let several = several(report.articles.iter().map(|row| row.policy.as_str()));
    let row = |row: &ArticleRow| {
        let name = within(several, &row.policy, &article_name(console, row));
        totals_row(console, name, &row.totals)
    };
    let mut rows: Vec<Vec<String>> = report.articles.iter().map(row).collect();
    rows.push(total_row(console, report));
    heading(console, "按条", "By article");
    totals_table(console, console.pick("条", "article"), rows);
}

/// `第二条 支持企业增资扩产`, whether the policy writes 第二条 or 二.
pub(super) fn article_name(console: &Console, row: &ArticleRow) -> String {
    let (Some(number), Some(name)) = (&row.number, &row.name) else {
        return console.pick("不在条中的条款", "clauses outside of articles").to_owned();
    };
    let is_bare = |c: char| c.is_ascii_digit() || "零〇一二三四五六七八九十百".contains(c);
    let number = match !number.is_empty() && number.chars().all(is_bare) {
        true => console.pick(format!("第{number}条"), number.clone()),
        false => number.clone(),
    };
    format!("{number} {name}").trim().to_owned()
}

fn payers(console: &Console, report: &Report) {
    let paying: Vec<_> = report.payers.iter().filter(|row| !row.totals.is_nothing()).collect();
    if paying.len() > 1 {
        let name = |payer: &Option<String>| {
            payer.clone().unwrap_or_else(|| console.pick("没有写明由谁出", "nobody is named").to_owned())
        };
        let mut rows: Vec<_> = paying.iter().map(|row| totals_row(console, name(&row.payer), &row.totals)).collect();
        // While it is open who bears how much, the payers do not add up to the total.
        let settled = Totals::sum(paying.iter().map(|row| &row.totals)).settled;
        if settled == report.total.settled {
            rows.push(total_row(console, report));
        }
        heading(console, "按出资方", "By payer");
        totals_table(console, console.pick("出资方", "payer"), rows);
    }
    if report.payers_open.is_positive() {
        let amount = yuan(&report.payers_open);
        console.line(console.pick(
            format!("已定金额中有 {amount} 元，各出资方分担多少未定。"),
            format!("Of the settled amounts, {amount} 元 are not yet divided among the payers."),
        ));
    }
}

fn fact(console: &Console, report: &Report, table: &FactTable, top: usize) {
    // Those without a value stand last and are always told apart.
    let (known, others) = table.rows.split_at(table.rows.partition_point(|row| row.state == ValueState::Known));
    let (told, rest) = known.split_at(shown(known.len(), top));
    let line = |row: &FactRow| totals_row(console, value_name(console, row.state, row.value.as_deref()), &row.totals);
    let mut rows: Vec<Vec<String>> = told.iter().map(line).collect();
    if !rest.is_empty() {
        let all = Totals::sum(rest.iter().map(|row| &row.totals));
        let count = rest.len();
        rows.push(totals_row(console, console.pick(format!("其余 {count} 项"), format!("{count} others")), &all));
    }
    rows.extend(others.iter().map(line));
    rows.push(total_row(console, report));
    heading(console, &format!("按{}", table.fact), &format!("By {}", table.fact));
    totals_table(console, &table.fact, rows);
}

pub(super) fn value_name(console: &Console, state: ValueState, value: Option<&str>) -> String {
    let value = value.unwrap_or_default();
    match state {
        ValueState::Known => value.to_owned(),
        ValueState::None => console.pick("（无）", "(none)").to_owned(),
        ValueState::Unknown => console.pick("（未知）", "(unknown)").to_owned(),
        ValueState::Other => console.pick(format!("（{value}没有这一项）"), format!("({value} has no such fact)")),
    }
}

fn budgets(console: &Console, report: &Report, top: usize) {
    let several = several(report.budgets.iter().map(|row| row.policy.as_str()));
    for pools in report.budgets.chunk_by(|a, b| a.policy == b.policy && a.step == b.step) {
        let Some(first) = pools.first() else { continue };
        let step = within(several, &first.policy, &first.step);
        heading(console, &format!("预算使用：{step}"), &format!("Use of the budget: {step}"));
        let is_grouped = first.group_state.is_some();
        let [room, wanted, paid, left, open, cut] = console.pick(
            ["预算额", "申请额", "已定支付", "已定后余额", "未定的最多", "减少"],
            ["budget", "applied for", "settled", "left", "open, at most", "cut"],
        );
        let mut header = vec![room, wanted, paid, left, open, cut];
        let mut right = vec![0, 1, 2, 3, 4];
        if is_grouped {
            header.insert(0, console.pick("归谁", "of"));
            right = vec![1, 2, 3, 4, 5];
        }
        let shown = shown(pools.len(), top);
        let rows = pools.iter().take(shown).map(|row| budget_row(console, row, is_grouped)).collect();
        console.table(&header, rows, &right);
        if shown < pools.len() {
            let more = pools.len() - shown;
            console.line(
                console
                    .pick(format!("另有 {more} 份，`--top 0` 列出全部"), format!("{more} more; `--top 0` lists all")),
            );
        }
        verdict(console, pools);
    }
}

fn budget_row(console: &Console, row: &BudgetRow, is_grouped: bool) -> Vec<String> {
    let known = |figure: &Figure| figure.known.as_ref().map_or_else(|| range(console, figure), yuan);
    // Those whose group is not known have no pool of their own.
    let none = || match row.group_state {
        Some(ValueState::Unknown) => String::new(),
        _ => console.pick("没有", "none").to_owned(),
    };
    let mut cells = vec![
        row.room.as_ref().map_or_else(none, known),
        range(console, &row.wanted),
        yuan(row.paid.known.as_ref().unwrap_or(&Number::ZERO)),
        row.left.as_ref().map_or_else(String::new, known),
        match row.open_wanted.clone() {
            Some(open) if open.is_zero() => String::new(),
            open => at_most(console, open.as_ref()),
        },
        cut(console, row),
    ];
    if is_grouped {
        let state = row.group_state.unwrap_or(ValueState::Known);
        let name = value_name(console, state, row.group.as_deref());
        let pools = row.pools;
        cells.insert(
            0,
            match pools {
                1 => name,
                _ => console.pick(format!("{name}{pools} 户各一份"), format!("{name} {pools} alone")),
            },
        );
    }
    cells
}

/// Who gets less, and how much.
fn cut(console: &Console, row: &BudgetRow) -> String {
    let mut parts = Vec::new();
    if row.cut > 0 {
        let cut = row.cut;
        let how = match (row.how, &row.factor, &row.part) {
            (Some("pro rata"), Some(factor), _) => {
                let percent = percent(factor);
                console.pick(format!("，同比例折到{percent}"), format!(", to {percent} each"))
            }
            (Some("equally"), _, Some(part)) => {
                let part = Number::from_digits(part).unwrap_or_default();
                console.pick(format!("，各减{}", money(&part)), format!(", less {} each", money(&part)))
            }
            (Some("in order"), ..) => console.pick("，依次".to_owned(), ", in order".to_owned()),
            _ => String::new(),
        };
        parts.push(console.pick(format!("{cut} 户{how}"), format!("{cut}{how}")));
    }
    if row.open > 0 {
        let open = row.open;
        let why = match row.how {
            Some("undecided") => console.pick("，没有写明怎样减", ", no rule says how"),
            _ => "",
        };
        parts.push(console.pick(format!("{open} 户未定{why}"), format!("{open} open{why}")));
    }
    parts.join(console.pick("；", "; "))
}

/// Whether the money reaches if everything that is open is paid in full.
fn verdict(console: &Console, pools: &[BudgetRow]) {
    let [row] = pools else { return };
    if row.room.is_none() && row.group_state.is_none() {
        console.line(
            console.pick("评价期没有预算，付多少未定。", "There is no budget of the period: what is paid is open."),
        );
    }
    let Some(left) = row.left.as_ref().and_then(|left| left.known.as_ref()) else { return };
    let more = &row.open_wanted;
    if more.as_ref().is_some_and(Number::is_zero) {
        return;
    }
    let left = yuan(left);
    let (zh, en) = match row.reaches {
        Some(true) => ("够用", "it reaches"),
        Some(false) => ("不够", "it does not reach"),
        None => ("可能不够", "it may not reach"),
    };
    console.line(match more {
        Some(more) => {
            let more = yuan(more);
            console.pick(
                format!("未定的最多还要 {more} 元，预算余 {left} 元：{zh}。"),
                format!("What is open may ask for {more} 元 more; {left} 元 are left: {en}."),
            )
        }
        None => console.pick(
            format!("未定的没有上限，预算余 {left} 元：{zh}。"),
            format!("What is open has no upper bound; {left} 元 are left: {en}."),
        ),
    });
}

fn open(console: &Console, open: &Open) {
    if open.recipients == 0 {
        return;
    }
    let (recipients, highest) = (open.recipients, yuan(&open.highest));
    let unbounded = match open.unbounded {
        0 => String::new(),
        n => console.pick(
            format!("；其中 {n} 户有金额没有上限，没有计入"),
            format!("; {n} have an amount without an upper bound, which is not counted"),
        ),
    };
    heading(console, "未定的金额", "What is open");
    let recipients = console.pick(recipients.to_string(), many(recipients, "recipient"));
    console.line(console.pick(
        format!("{recipients} 户有金额未定。各户都按最多算，已定金额之外还要 {highest} 元{unbounded}。"),
        format!("Open for {recipients}. Each at its most, {highest} 元 come on top of what is settled{unbounded}."),
    ));
    let header =
        console.pick(["等什么", "种类", "户数", "涉及金额最多"], ["waiting for", "kind", "recipients", "at most"]);
    let rows = open.causes.iter().take(SHOWN_CAUSES).map(|cause| {
        let kind = cause_kind(console, cause.kind);
        vec![cause.what.clone(), kind.to_owned(), count(cause.recipients), at_most(console, cause.highest.as_ref())]
    });
    console.table(&header, rows.collect(), &[2, 3]);
    let more = open.causes.len().saturating_sub(SHOWN_CAUSES);
    if more > 0 {
        console.line(
            console.pick(format!("另有 {more} 项，`--report` 列出全部"), format!("{more} more; `--report` lists all")),
        );
    }
}

/// What kind of thing is missing, in words.
pub(super) fn cause_kind(console: &Console, kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Unknown => console.pick("缺事实", "fact"),
        CauseKind::Pending => console.pick("待定", "rule"),
        CauseKind::Fault => console.pick("算不出", "cannot be computed"),
        CauseKind::Others => console.pick("随别户而定", "depends on others"),
    }
}

/// How many rows are shown of those there are; a single row more is shown rather than counted.
fn shown(rows: usize, top: usize) -> usize {
    if top == 0 || rows <= top + 1 { rows } else { top }
}

/// Whether there is more than one.
pub(super) fn several<'n>(mut names: impl Iterator<Item = &'n str>) -> bool {
    let first = names.next();
    names.any(|name| Some(name) != first)
}

/// A name within its policy, where there are several.
pub(super) fn within(several: bool, policy: &str, name: &str) -> String {
    if several && !policy.is_empty() { format!("{policy} {name}") } else { name.to_owned() }
}

fn count(n: usize) -> String {
    if n == 0 { String::new() } else { n.to_string() }
}

/// An amount as a column of figures shows it: `1,234,567.80`.
pub(super) fn yuan(amount: &Number) -> String {
    grouped(&amount.to_yuan())
}

fn at_most(console: &Console, highest: Option<&Number>) -> String {
    highest.map_or_else(|| console.pick("没有上限", "no limit").to_owned(), yuan)
}

/// A figure in one cell, its bounds below each other.
fn range(console: &Console, figure: &Figure) -> String {
    let low = yuan(&figure.lowest);
    match &figure.highest {
        Some(high) if *high == figure.lowest => low,
        Some(high) => console.pick(format!("{low}\n至 {}", yuan(high)), format!("{low}\nto {}", yuan(high))),
        None if figure.lowest.is_zero() => console.pick("未定", "open").to_owned(),
        None => console.pick(format!("{low}\n以上"), format!("{low}\nor more")),
    }
}

/// `0.666667` as `66.6667%`.
fn percent(factor: &str) -> String {
    let hundred = Number::from_digits(factor).and_then(|factor| factor.multiply(&Number::from_i64(100)).ok());
    hundred.map_or_else(String::new, |percent| format!("{percent}%"))
}
