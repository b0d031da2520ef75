//! The tables of a report as sheets: by clause, article, payer and fact, the budgets, what
//! is open, and what the data files had.

use super::results::{figures, text};
use crate::check::program::Program;
use crate::cli::book::{Book, Cell, Holds};
use crate::cli::console::Console;
use crate::cli::report::{article_name, cause_kind, value_name};
use crate::cli::whole::Unwritten;
use crate::report::{BudgetRow, Figure, Report, Totals, payers};
use crate::value::Number;

/// Whether a policy says who pays.
pub(super) fn names_payers(program: &Program) -> bool {
    payers(program).iter().any(Option::is_some)
}

/// Adds a sheet for each table that applies.
pub(super) fn sheets(book: &mut Book, console: &Console, report: &Report) -> Result<(), Unwritten> {
    clauses(book, console, report)?;
    let articles = report.articles.iter();
    let rows = articles.map(|row| {
        let cells = vec![Cell::text(&row.policy), Cell::text(article_name(console, row))];
        (cells, &row.totals)
    });
    let names = console.pick(["政策", "条"], ["policy", "article"]);
    table(book, console, report, console.pick("按条", "by article"), &names, rows.collect())?;
    let nobody = console.pick("没有写明由谁出", "nobody is named");
    let rows = report.payers.iter().filter(|row| row.payer.is_some() || !row.totals.is_nothing());
    let rows = rows.map(|row| (vec![Cell::text(row.payer.as_deref().unwrap_or(nobody))], &row.totals));
    let name = console.pick("出资方", "payer");
    table(book, console, report, console.pick("按出资方", "by payer"), &[name], rows.collect())?;
    for facts in &report.by {
        let rows = facts.rows.iter();
        let rows = rows
            .map(|row| (vec![Cell::text(value_name(console, row.state, row.value.as_deref()))], &row.totals))
            .collect();
        let title = console.pick(format!("按{}", facts.fact), format!("by {}", facts.fact));
        table(book, console, report, &title, &[&facts.fact], rows)?;
    }
    budgets(book, console, report)?;
    open(book, console, report)?;
    data(book, console, report)
}

/// What stands where nothing bounds an amount.
pub(super) fn no_limit(console: &Console) -> &'static str {
    console.pick("没有上限", "no limit")
}

fn clauses(book: &mut Book, console: &Console, report: &Report) -> Result<(), Unwritten> {
    let rows = report.clauses.iter().map(|row| {
        let due_back =
            if row.recover { console.pick("应退回，不计入合计", "due back, not in the total") } else { "" };
        let cells = vec![Cell::text(&row.policy), Cell::text(&row.clause), Cell::text(due_back)];
        (cells, &row.totals)
    });
    let names = console.pick(["政策", "条款", "说明"], ["policy", "clause", "remark"]);
    table(book, console, report, console.pick("按条款", "by clause"), &names, rows.collect())
}

/// A table of totals; none where there is no row.
fn table(
    book: &mut Book,
    console: &Console,
    report: &Report,
    title: &str,
    names: &[&str],
    rows: Vec<(Vec<Cell>, &Totals)>,
) -> Result<(), Unwritten> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut columns: Vec<(String, Holds)> = names.iter().copied().map(text).collect();
    let header = console.pick(
        ["得到户数", "已定金额", "占已定合计", "可能最低", "可能最高", "缺事实户数", "待定户数"],
        ["receive", "settled", "share of settled", "at least", "at most", "lack facts", "lack rules"],
    );
    columns.extend(header.map(figures));
    let sheet = book.sheet(title, columns, 0)?;
    for (mut cells, totals) in rows {
        cells.extend([
            Cell::Count(totals.receive),
            Cell::Amount(totals.settled.to_yuan().into()),
            share(&totals.settled, &report.total.settled),
            Cell::Amount(totals.lowest.to_yuan().into()),
            at_most(console, totals.highest.as_ref()),
            Cell::Count(totals.unknown),
            Cell::Count(totals.pending),
        ]);
        book.row(sheet, cells)?;
    }
    Ok(())
}

fn share(part: &Number, whole: &Number) -> Cell {
    part.divide(whole).map_or(Cell::Blank, |share| Cell::Share(share.to_string().into()))
}

fn at_most(console: &Console, highest: Option<&Number>) -> Cell {
    highest.map_or_else(|| Cell::text(no_limit(console)), |highest| Cell::Amount(highest.to_yuan().into()))
}

fn budgets(book: &mut Book, console: &Console, report: &Report) -> Result<(), Unwritten> {
    if report.budgets.is_empty() {
        return Ok(());
    }
    let names = console.pick(["政策", "预算", "归谁"], ["policy", "budget", "of"]);
    let amounts = console.pick(
        ["预算额", "申请额最低", "申请额最高", "已定支付", "已定后余额", "用去", "未定的最多"],
        ["budget", "applied for, at least", "applied for, at most", "settled", "left", "used", "open, at most"],
    );
    let cut = console.pick(["减少户数", "折算比例", "各减", "未定户数"], ["cut", "to", "less each", "open"]);
    let columns = names.into_iter().map(text).chain(amounts.into_iter().chain(cut).map(figures));
    let sheet = book.sheet(console.pick("预算", "budgets"), columns.collect(), 0)?;
    for row in &report.budgets {
        book.row(sheet, budget(console, row))?;
    }
    Ok(())
}

fn budget(console: &Console, row: &BudgetRow) -> Vec<Cell> {
    let known = |figure: Option<&Figure>| figure.and_then(|figure| figure.known.clone());
    let amount = |number: Option<Number>| Cell::amount(number.map(|number| number.to_yuan()));
    let (room, paid) = (known(row.room.as_ref()), row.paid.known.clone().unwrap_or_default());
    let group = row.group_state.map(|state| value_name(console, state, row.group.as_deref()));
    vec![
        Cell::text(&row.policy),
        Cell::text(&row.step),
        Cell::text(group.unwrap_or_default()),
        amount(room.clone()),
        Cell::Amount(row.wanted.lowest.to_yuan().into()),
        at_most(console, row.wanted.highest.as_ref()),
        Cell::Amount(paid.to_yuan().into()),
        amount(known(row.left.as_ref())),
        room.map_or(Cell::Blank, |room| share(&paid, &room)),
        at_most(console, row.open_wanted.as_ref()),
        Cell::Count(row.cut),
        row.factor.clone().map_or(Cell::Blank, |factor| Cell::Share(factor.into())),
        Cell::amount(row.part.clone()),
        Cell::Count(row.open),
    ]
}

fn open(book: &mut Book, console: &Console, report: &Report) -> Result<(), Unwritten> {
    if report.open.causes.is_empty() {
        return Ok(());
    }
    let names = console.pick(["等什么", "种类"], ["waiting for", "kind"]);
    let amounts = console.pick(["户数", "涉及金额最多"], ["recipients", "at most"]);
    let columns = names.into_iter().map(text).chain(amounts.into_iter().map(figures));
    let sheet = book.sheet(console.pick("未定的金额", "what is open"), columns.collect(), 0)?;
    for cause in &report.open.causes {
        let cells = vec![
            Cell::text(&cause.what),
            Cell::text(cause_kind(console, cause.kind)),
            Cell::Count(cause.recipients),
            at_most(console, cause.highest.as_ref()),
        ];
        book.row(sheet, cells)?;
    }
    Ok(())
}

/// A row of each file, then one of each fact, then one of each column that is no fact.
fn data(book: &mut Book, console: &Console, report: &Report) -> Result<(), Unwritten> {
    if report.data.is_empty() {
        return Ok(());
    }
    let names = console.pick(["文件", "登记表", "事实", "说明"], ["file", "record", "fact", "remark"]);
    let counts = console.pick(
        ["行数", "有误未计", "填写", "空白", "其中未知"],
        ["rows", "kept apart", "filled in", "blank", "of which unknown"],
    );
    let columns = names.into_iter().map(text).chain(counts.into_iter().map(figures));
    let sheet = book.sheet(console.pick("数据", "data"), columns.collect(), 0)?;
    for row in &report.data {
        let of = |fact: &str, remark: &str| {
            vec![Cell::text(&row.file), Cell::text(&row.record), Cell::text(fact), Cell::text(remark)]
        };
        let mut file = of("", "");
        file.extend([Cell::Count(row.rows), Cell::Count(row.rejected)]);
        book.row(sheet, file)?;
        for fact in &row.facts {
            let remark = if fact.column { "" } else { console.pick("没有这一列", "no such column") };
            let mut cells = of(&fact.fact, remark);
            cells.extend([Cell::Blank, Cell::Blank]);
            cells.extend([fact.filled, fact.blank, fact.unknown].map(Cell::Count));
            book.row(sheet, cells)?;
        }
        for header in &row.unused {
            book.row(sheet, of(header, console.pick("未使用的列", "not used")))?;
        }
    }
    Ok(())
}
