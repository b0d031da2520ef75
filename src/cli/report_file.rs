//! The report of `run` as a file: one JSON object, a CSV with a row a total, or a workbook.

use std::io::Write;
use std::path::Path;

use super::output::{self, CellText, Telling};
use super::whole::{Begun, Unwritten};
use crate::report::{CauseKind, DataRow, Figure, Report, Totals};
use crate::value::Number;

/// What a report file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Csv,
    Workbook,
}

/// The endings of report files.
pub(super) const ENDINGS: &str = ".json、.csv、.xlsx";

/// The kind that a file name asks for.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => Some(Kind::Json),
        "csv" => Some(Kind::Csv),
        "xlsx" => Some(Kind::Workbook),
        _ => None,
    }
}

/// Writes the report into a file that was begun.
pub(super) fn write(mut begun: Begun, kind: Kind, telling: Telling<'_>, report: &Report) -> Result<(), Unwritten> {
    match kind {
        Kind::Json => {
            serde_json::to_writer_pretty(&mut begun, report).map_err(std::io::Error::from)?;
            begun.write_all(b"\n")?;
            Ok(begun.finish()?)
        }
        Kind::Csv => csv(begun, telling.text, report),
        Kind::Workbook => output::report_workbook(begun, telling, report),
    }
}

/// The columns; a table leaves blank what it does not have.
const HEADER: [&str; 24] = [
    "table",
    "policy",
    "name",
    "state",
    "receive",
    "settled",
    "lowest",
    "highest",
    "unknown",
    "pending",
    "room",
    "wanted_lowest",
    "wanted_highest",
    "open_wanted",
    "left",
    "reaches",
    "cut",
    "how",
    "kind",
    "file",
    "rows",
    "rejected",
    "filled",
    "blank",
];

type Cells = [String; HEADER.len()];

fn csv(begun: Begun, text: CellText, report: &Report) -> Result<(), Unwritten> {
    let mut csv = output::begin_csv(begun)?;
    csv.write_record(HEADER)?;
    for row in rows(text, report) {
        csv.write_record(row)?;
    }
    output::finish_csv(csv)
}

fn rows(text: CellText, report: &Report) -> Vec<Cells> {
    let mut out = vec![totals(text, "total", "", "", &report.total)];
    for row in &report.clauses {
        let mut cells = totals(text, "clause", &row.policy, &row.clause, &row.totals);
        set(&mut cells, "state", if row.recover { "due back" } else { "" });
        out.push(cells);
    }
    for row in &report.articles {
        let name = [row.number.as_deref(), row.name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        out.push(totals(text, "article", &row.policy, name.trim(), &row.totals));
    }
    for row in &report.payers {
        out.push(totals(text, "payer", "", row.payer.as_deref().unwrap_or_default(), &row.totals));
    }
    for table in &report.by {
        for row in &table.rows {
            let mut cells =
                totals(text, &format!("by {}", table.fact), "", row.value.as_deref().unwrap_or_default(), &row.totals);
            set(&mut cells, "state", row.state.word());
            out.push(cells);
        }
    }
    out.extend(report.budgets.iter().map(|row| budget(text, row)));
    for cause in &report.open.causes {
        let mut cells = blank(text, "open", "", &cause.what);
        set(&mut cells, "highest", &yuan(cause.highest.as_ref()));
        let column = if cause.kind == CauseKind::Pending { "pending" } else { "unknown" };
        set(&mut cells, column, &cause.recipients.to_string());
        set(&mut cells, "kind", cause.kind.word());
        out.push(cells);
    }
    out.extend(report.data.iter().flat_map(|row| data(text, row)));
    out
}

/// A row of the file, then one of each fact, then one of each column that is no fact.
fn data(text: CellText, row: &DataRow) -> Vec<Cells> {
    let of = |name: &str| {
        let mut cells = blank(text, "data", "", name);
        set(&mut cells, "file", &text.of(row.file.clone()));
        cells
    };
    let mut file = of(&row.record);
    set(&mut file, "rows", &row.rows.to_string());
    set(&mut file, "rejected", &row.rejected.to_string());
    let facts = row.facts.iter().map(|fact| {
        let mut cells = of(&fact.fact);
        set(&mut cells, "state", if fact.column { "" } else { "no column" });
        set(&mut cells, "filled", &fact.filled.to_string());
        set(&mut cells, "blank", &fact.blank.to_string());
        set(&mut cells, "unknown", &fact.unknown.to_string());
        cells
    });
    let unused = row.unused.iter().map(|header| {
        let mut cells = of(header);
        set(&mut cells, "state", "unused");
        cells
    });
    std::iter::once(file).chain(facts).chain(unused).collect()
}

fn budget(text: CellText, row: &crate::report::BudgetRow) -> Cells {
    let known = |figure: Option<&Figure>| yuan(figure.and_then(|figure| figure.known.as_ref()));
    let name = [Some(row.step.as_str()), row.group.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" / ");
    let mut cells = blank(text, "budget", &row.policy, &name);
    set(&mut cells, "state", row.group_state.map_or("", |state| state.word()));
    set(&mut cells, "settled", &known(Some(&row.paid)));
    set(&mut cells, "lowest", &row.paid.lowest.to_yuan());
    set(&mut cells, "highest", &yuan(row.paid.highest.as_ref()));
    set(&mut cells, "room", &known(row.room.as_ref()));
    set(&mut cells, "wanted_lowest", &row.wanted.lowest.to_yuan());
    set(&mut cells, "wanted_highest", &yuan(row.wanted.highest.as_ref()));
    set(&mut cells, "open_wanted", &yuan(row.open_wanted.as_ref()));
    set(&mut cells, "left", &known(row.left.as_ref()));
    set(
        &mut cells,
        "reaches",
        match row.reaches {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        },
    );
    set(&mut cells, "cut", &row.cut.to_string());
    set(&mut cells, "how", row.how.unwrap_or_default());
    cells
}

fn blank(text: CellText, table: &str, policy: &str, name: &str) -> Cells {
    let mut cells: Cells = Default::default();
    set(&mut cells, "table", &text.of(table.to_owned()));
    set(&mut cells, "policy", &text.of(policy.to_owned()));
    set(&mut cells, "name", &text.of(name.to_owned()));
    cells
}

fn totals(text: CellText, table: &str, policy: &str, name: &str, totals: &Totals) -> Cells {
    let mut cells = blank(text, table, policy, name);
    set(&mut cells, "receive", &totals.receive.to_string());
    set(&mut cells, "settled", &totals.settled.to_yuan());
    set(&mut cells, "lowest", &totals.lowest.to_yuan());
    set(&mut cells, "highest", &yuan(totals.highest.as_ref()));
    set(&mut cells, "unknown", &totals.unknown.to_string());
    set(&mut cells, "pending", &totals.pending.to_string());
    cells
}

fn set(cells: &mut Cells, column: &str, text: &str) {
    if let Some(cell) = HEADER.iter().position(|name| *name == column).and_then(|at| cells.get_mut(at)) {
        text.clone_into(cell);
    }
}

fn yuan(amount: Option<&Number>) -> String {
    amount.map(Number::to_yuan).unwrap_or_default()
}
