//! The results as a workbook: what is paid to whom, how it was calculated, which rows were
//! kept apart, and the totals.

use super::Telling;
use super::totals;
use crate::check::program::{ClauseId, RecordId};
use crate::cli::book::{Book, Cell, Holds, SheetId};
use crate::cli::report::{several, within};
use crate::cli::whole::{Begun, Unwritten};
use crate::diagnostic::Diagnostic;
use crate::explain::{Line, status_of};
use crate::record::{Loaded, Rejected};
use crate::report::Report;
use crate::settle::{Award, Recipient};
use crate::source::Sources;
use crate::value::Number;

/// A workbook of results in the making.
pub(super) struct ResultSheets<'t> {
    telling: Telling<'t>,
    book: Book,
    payments: SheetId,
    calculation: SheetId,
    /// The clauses in the order of their columns.
    clauses: Vec<ClauseId>,
    /// Recipients are of several types.
    many_types: bool,
    /// Payers are named.
    has_payers: bool,
}

/// The columns of a table of payments, a row a recipient.
pub(super) struct Layout {
    /// What the keys are called.
    pub key: String,
    /// Key, type where there are several, status; settled, at least, at most, then each clause.
    pub headers: Vec<String>,
    /// The clauses in the order of their columns.
    pub clauses: Vec<ClauseId>,
    /// Recipients are of several types.
    pub many_types: bool,
}

impl Layout {
    pub fn of(telling: Telling<'_>) -> Layout {
        let (console, program) = (telling.console, telling.words.program);
        let mut types: Vec<RecordId> = program.clauses.iter().map(|clause| clause.recipient).collect();
        types.sort_unstable();
        types.dedup();
        let many_types = types.len() > 1;
        // A clause that is due back stands behind those that pay.
        let mut clauses: Vec<_> = (0_u32..).map(ClauseId).zip(&program.clauses).collect();
        clauses.sort_by_key(|(_, clause)| clause.recover);
        let policies: Vec<String> = clauses.iter().map(|(_, clause)| telling.words.policy(clause.policy)).collect();
        let several = several(policies.iter().map(String::as_str));
        let key = match types.as_slice() {
            [one] => program.records.get(one.index()).and_then(|def| def.facts.get(def.key?.index())),
            _ => None,
        };
        let key = key.map_or_else(|| console.pick("主体", "recipient").to_owned(), |fact| fact.name.to_string());
        let mut headers = vec![key.clone()];
        if many_types {
            headers.push(console.pick("主体类型", "type").to_owned());
        }
        let totals =
            console.pick(["状态", "已定合计", "可能最低", "可能最高"], ["status", "settled", "at least", "at most"]);
        headers.extend(totals.map(str::to_owned));
        headers.extend(clauses.iter().zip(&policies).map(|((_, clause), policy)| {
            let name = within(several, policy, &clause.name);
            match clause.recover {
                true => console.pick(format!("{name}（应退回）"), format!("{name} (due back)")),
                false => name,
            }
        }));
        Layout { key, headers, clauses: clauses.into_iter().map(|(id, _)| id).collect(), many_types }
    }
}

impl<'t> ResultSheets<'t> {
    pub fn new(begun: &Begun, telling: Telling<'t>) -> Result<Self, Unwritten> {
        let (console, program) = (telling.console, telling.words.program);
        let mut book = Book::new(begun, console.language, telling.date)?;
        let Layout { key, headers, clauses, many_types } = Layout::of(telling);
        let texts = if many_types { 3 } else { 2 };
        let columns = headers.into_iter().enumerate();
        let columns = columns.map(|(at, name)| if at < texts { text(name) } else { figures(name) }).collect();
        let frozen = if many_types { 2 } else { 1 };
        let payments = book.sheet(console.pick("支付", "payments"), columns, frozen)?;
        let has_payers = totals::names_payers(program);
        let columns = calculation_columns(telling, key, many_types, has_payers);
        let calculation = book.sheet(console.pick("计算", "calculation"), columns, frozen)?;
        Ok(ResultSheets { telling, book, payments, calculation, clauses, many_types, has_payers })
    }

    /// Adds a recipient with its lines, the last of which is its total.
    pub fn add(&mut self, recipient: &Recipient<'_>, mut lines: Vec<Line>) -> Result<(), Unwritten> {
        let kind = self.telling.words.record(recipient.record);
        if let Some(total) = lines.pop() {
            let cells = self.payment(recipient, &kind, total);
            self.book.row(self.payments, cells)?;
        }
        for line in lines {
            let cells = self.calculated(&kind, line);
            self.book.row(self.calculation, cells)?;
        }
        Ok(())
    }

    fn payment(&self, recipient: &Recipient<'_>, kind: &str, total: Line) -> Vec<Cell> {
        let mut cells = vec![Cell::text(total.key)];
        if self.many_types {
            cells.push(Cell::text(kind));
        }
        cells.push(Cell::text(self.status(total.status)));
        let settled = recipient.paid().filter_map(Award::settled);
        let settled = settled.fold(Number::ZERO, |sum, amount| sum.add(amount).unwrap_or(sum));
        cells.extend([
            Cell::Amount(settled.to_yuan().into()),
            Cell::Amount(total.lowest.into()),
            self.highest(total.highest),
        ]);
        cells.extend(self.clauses.iter().map(|clause| match recipient.award(*clause) {
            Some(award) => award.settled().map_or_else(
                || Cell::text(self.telling.console.pick("未定", "open")),
                |settled| Cell::Amount(settled.to_yuan().into()),
            ),
            None => Cell::Blank,
        }));
        cells
    }

    fn calculated(&self, kind: &str, line: Line) -> Vec<Cell> {
        let mut cells = vec![Cell::text(line.key)];
        if self.many_types {
            cells.push(Cell::text(kind));
        }
        let many = |texts: Vec<String>| Cell::text(texts.join(self.telling.console.pick("；", "; ")));
        cells.extend([
            Cell::text(line.policy.unwrap_or_default()),
            Cell::text(line.clause.unwrap_or_default()),
            Cell::text(line.item.unwrap_or_default()),
            Cell::text(self.status(line.status)),
            Cell::amount(line.amount),
            Cell::amount(line.settled),
            Cell::Amount(line.lowest.into()),
            self.highest(line.highest),
            many(line.missing),
            many(line.pending),
            many(line.because),
        ]);
        if self.has_payers {
            let open = self.telling.console.pick("未定", "open");
            let share = |share: crate::explain::PayerShare| {
                format!("{} {}", share.payer, share.amount.as_deref().unwrap_or(open))
            };
            cells.push(many(line.shares.into_iter().map(share).collect()));
        }
        cells
    }

    fn status(&self, word: &str) -> &'static str {
        status_of(word).map_or("", |status| self.telling.words.status(status))
    }

    fn highest(&self, highest: Option<String>) -> Cell {
        highest.map_or_else(|| Cell::text(totals::no_limit(self.telling.console)), |text| Cell::Amount(text.into()))
    }

    /// Adds the rows kept apart and the totals, and moves the file to its place.
    pub fn finish(mut self, begun: Begun, report: &Report, loaded: &Loaded) -> Result<(), Unwritten> {
        let console = self.telling.console;
        let header = console.pick(
            ["文件", "工作表", "行", "列", "主体", "原因", "代码"],
            ["file", "sheet", "row", "column", "recipient", "reason", "code"],
        );
        let columns = header.into_iter().enumerate().map(|(at, name)| if at == 2 { figures(name) } else { text(name) });
        let sheet = self.book.sheet(console.pick("错误行", "rejected rows"), columns.collect(), 0)?;
        for row in &loaded.population.rejected {
            for cells in self.rejected(loaded, row) {
                self.book.row(sheet, cells)?;
            }
        }
        totals::sheets(&mut self.book, console, report)?;
        self.book.finish(begun)
    }

    /// A row for each thing that is wrong.
    fn rejected(&self, loaded: &Loaded, row: &Rejected) -> Vec<Vec<Cell>> {
        let renderer = self.telling.console.renderer();
        let place = loaded.population.place(row.place, None, row.key.as_deref());
        let cells = |told: Option<&Diagnostic>| {
            let place = told.and_then(|told| told.place.as_ref()).unwrap_or(&place);
            let (file, sheet) = file_and_sheet(&place.file);
            let described = told.map(|told| renderer.describe(&Sources::default(), told));
            vec![
                Cell::text(file),
                Cell::text(sheet),
                place.row.map_or(Cell::Blank, Cell::Count),
                Cell::text(place.column.clone().unwrap_or_default()),
                Cell::text(place.key.as_deref().or(row.key.as_deref()).unwrap_or_default()),
                Cell::text(described.as_ref().map(|told| told.message.clone()).unwrap_or_default()),
                Cell::text(described.map(|told| told.code).unwrap_or_default()),
            ]
        };
        match row.diagnostics.as_slice() {
            [] => vec![cells(None)],
            all => all.iter().map(|told| cells(Some(told))).collect(),
        }
    }
}

fn calculation_columns(telling: Telling<'_>, key: String, many_types: bool, has_payers: bool) -> Vec<(String, Holds)> {
    let console = telling.console;
    let mut columns = vec![text(key)];
    if many_types {
        columns.push(text(console.pick("主体类型", "type")));
    }
    let names = console.pick(["政策", "条款", "项", "状态"], ["policy", "clause", "item", "status"]);
    columns.extend(names.map(text));
    let amounts = console
        .pick(["结算前", "结算后", "可能最低", "可能最高"], ["before settlement", "settled", "at least", "at most"]);
    columns.extend(amounts.map(figures));
    let why = console.pick(["缺的事实", "待定事项", "原因"], ["missing facts", "pending rules", "because"]);
    columns.extend(why.map(text));
    if has_payers {
        columns.push(text(console.pick("出资", "payers")));
    }
    columns
}

/// A column of text.
pub(super) fn text(name: impl Into<String>) -> (String, Holds) {
    (name.into(), Holds::Text)
}

/// A column of figures.
pub(super) fn figures(name: impl Into<String>) -> (String, Holds) {
    (name.into(), Holds::Figures)
}

/// The file and the sheet of a name such as `名单.xlsx#企业`.
fn file_and_sheet(name: &str) -> (&str, &str) {
    let is_workbook = |file: &str| {
        let file = file.to_ascii_lowercase();
        file.ends_with(".xlsx") || file.ends_with(".xlsm")
    };
    let mut parts = name.match_indices('#').filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)));
    parts.find(|(file, _)| is_workbook(file)).unwrap_or((name, ""))
}
