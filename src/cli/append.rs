//! `--append-history`: what a settlement pays is added to the history, whole or not at all.
//!
//! A row says which settlement it belongs to. Where that settlement is run again its rows
//! are brought up to date rather than added twice; a run that pays the same leaves the file
//! as it is. Rows of those who are not settled now, or whose amount is open now, stay.
//! Recipients are taken one by one, and the file is written when all have been.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Write;
use std::path::Path;

use smol_str::SmolStr;

use super::console::Console;
use super::evaluation::Prepared;
use super::history::{Appending, is_same_file};
use super::whole::{Begun, Unwritten};
use crate::check::program::{ClauseId, FactId, Program};
use crate::diagnostic::{Argument, Code, Diagnostic, Language, Severity, many};
use crate::eval::{Column, Context, History};
use crate::policies::Settling;
use crate::record::amend::{Amendment, Entries, Entry, Original, amend};
use crate::record::{Cell, Record};
use crate::settle::{Payment, Recipient, payments};
use crate::source::Sources;
use crate::value::{Date, Period, Value};

/// What was done to the history.
#[derive(Debug, Default)]
pub(super) struct Appended {
    file: String,
    added: usize,
    changed: usize,
    removed: usize,
    same: usize,
    /// Recipients with an amount that is open.
    open: usize,
    /// The file was not there before.
    begins: bool,
}

impl Appended {
    /// Says what was done.
    pub fn tell(&self, console: &Console) {
        let Appended { file, added, changed, removed, same, open, begins } = self;
        if *begins {
            console.note(console.pick(
                format!("没有历史 {file}：按以前没有支付过计算"),
                format!("there is no history {file}: nothing counts as paid before"),
            ));
        }
        let part = |count: usize, zh: &str, en: &str| {
            (count > 0).then(|| console.pick(format!("{zh} {count} 行"), format!("{} {en}", many(count, "row"))))
        };
        let parts = [
            part(*added, "新增", "added"),
            part(*changed, "更正", "corrected"),
            part(*removed, "删去", "removed"),
            part(*same, "已有", "already there"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let done = if parts.is_empty() {
            console.pick("没有可写的支付", "nothing was paid that could be added").to_owned()
        } else {
            parts.join(console.pick("，", ", "))
        };
        console.note(console.pick(format!("历史 {file}：{done}"), format!("history {file}: {done}")));
        if *open > 0 {
            console.note(console.pick(
                format!("{open} 户有金额未定（缺事实、待定，或由部门酌定），未写入历史"),
                format!(
                    "{} with open amounts (unknown, pending or at discretion): these were not added",
                    many(*open, "recipient")
                ),
            ));
        }
    }
}

/// What a payment is told apart by within a settlement.
type Identity = (SmolStr, ClauseId, SmolStr);

/// Why nothing was added, and the way out.
type Refusal = (Argument, Argument);

/// Why it was not added was said.
pub(super) struct Refused;

/// Adds what is settled to the file that is asked for, or says why not.
pub(super) fn asked(
    console: &Console,
    context: &Context<'_>,
    (prepared, settling): (&Prepared, &Settling<'_>),
    appending: Option<&Appending>,
) -> Result<Option<Appended>, Refused> {
    let Some(appending) = appending else { return Ok(None) };
    let appended = append(context, (prepared, settling), appending, console.language);
    appended.map(Some).map_err(|wrong| {
        console.diagnostics(&Sources::default(), &[*wrong]);
        Refused
    })
}

fn append(
    context: &Context<'_>,
    (prepared, settling): (&Prepared, &Settling<'_>),
    appending: &Appending,
    language: Language,
) -> Result<Appended, Box<Diagnostic>> {
    let file = appending.path.display().to_string();
    let refused = |(found, fix): Refusal| {
        Box::new(Diagnostic::new(Code::HistoryNotAppended).with("file", &file).with("found", found).with("fix", fix))
    };
    usable(prepared, appending).map_err(refused)?;
    let (program, population) = (&*prepared.program, &prepared.loaded.population);
    let history = History::new(program, population.of(program.history()));
    let mut additions = Additions::new(prepared, &history, appending).map_err(refused)?;
    for recipient in &settling.recipients {
        additions.take(context, recipient).map_err(refused)?;
    }
    let original = Original {
        bytes: appending.before.as_deref(),
        layout: appending.layout,
        encoding: appending.encoding.as_deref(),
        in_english: language == Language::English,
    };
    if additions.amendment != Amendment::default() {
        let bytes = amend(program, program.history(), &original, &additions.amendment).map_err(refused)?;
        write(appending, &bytes).map_err(|error| Box::new(error.told(&appending.path)))?;
    }
    Ok(additions.done)
}

/// What is to become of the file, recipient by recipient.
struct Additions<'p> {
    cells: Cells<'p>,
    earlier: Earlier<'p>,
    amendment: Amendment,
    done: Appended,
}

impl<'p> Additions<'p> {
    fn new(prepared: &'p Prepared, history: &'p History<'p>, appending: &Appending) -> Result<Self, Refusal> {
        let basis = &prepared.basis;
        let settlement = basis.settlement();
        let file = appending.path.display().to_string();
        Ok(Additions {
            earlier: Earlier::of(prepared, history, &settlement, appending)?,
            cells: Cells { program: &prepared.program, history, day: day(&basis.period, basis.date), settlement },
            amendment: Amendment::default(),
            done: Appended { file, begins: appending.begins, ..Appended::default() },
        })
    }

    fn take(&mut self, context: &Context<'_>, recipient: &Recipient<'_>) -> Result<(), Refusal> {
        let paid = payments(context, recipient);
        let done = &mut self.done;
        done.open = done.open.saturating_add(usize::from(!paid.open.is_empty()));
        if recipient.key.is_empty() && !paid.made.is_empty() {
            let fix = ("在登记表里写明主键，并在数据里填上", "declare a key in the record, and fill it in");
            let why = Argument::phrase("得到金额的主体没有主键", "a recipient has no key");
            return Err((why, Argument::phrase(fix.0, fix.1)));
        }
        for payment in &paid.made {
            match self.earlier.take(payment) {
                Some((number, row)) => match self.cells.changes(payment, row) {
                    changes if changes.is_empty() => done.same = done.same.saturating_add(1),
                    changes => {
                        done.changed = done.changed.saturating_add(1);
                        self.amendment.rows.insert(number, Some(changes));
                    }
                },
                None => {
                    done.added = done.added.saturating_add(1);
                    self.amendment.added.push(self.cells.of(payment));
                }
            }
        }
        // What was paid then and is surely not paid now goes; what is open now stays as it was.
        let decided = recipient.awards.iter().map(|award| award.clause).filter(|clause| !paid.open.contains(clause));
        for clause in decided.filter(|_| !recipient.in_error) {
            for number in self.earlier.rest(&recipient.key, clause) {
                done.removed = done.removed.saturating_add(1);
                self.amendment.rows.insert(number, None);
            }
        }
        Ok(())
    }
}

/// A history that has errors is not added to, nor a file that changed since it was read.
fn usable(prepared: &Prepared, appending: &Appending) -> Result<(), Refusal> {
    let faulty = &prepared.faulty_history;
    let id = prepared.program.history();
    let is_of_history = |file: &str| is_same_file(Path::new(file), &appending.path);
    let unread = appending.before.is_some() && !prepared.loaded.population.is_loaded(id);
    let mut told = prepared.loaded.diagnostics.iter().filter(|told| told.severity() == Severity::Error);
    let misread = told.any(|told| told.place.as_ref().is_some_and(|place| is_of_history(&place.file)));
    if faulty.may_be_anybodys || !faulty.recipients.is_empty() || unread || misread {
        let found = Argument::phrase("历史有错", "the history has errors");
        let fix = Argument::phrase("按上面的信息改正历史，再运行一遍", "mend the history as told above, and run again");
        return Err((found, fix));
    }
    if std::fs::read(&appending.path).ok() != appending.before {
        let found = Argument::phrase("运行期间文件有了改动", "the file changed during the run");
        return Err((found, Argument::phrase("再运行一遍", "run again")));
    }
    Ok(())
}

/// The day of a payment: that of the decision, within the period that it pays for. By its day a row
/// counts for the period; a decision after the end is usual and must not hide the payment from the next.
fn day(period: &Period, decided: Date) -> Date {
    let decided = period.first.map_or(decided, |first| decided.max(first));
    period.last.map_or(decided, |last| decided.min(last))
}

/// Rows that an earlier run of this settlement left.
struct Earlier<'r> {
    rows: HashMap<Identity, VecDeque<(u32, &'r Record)>>,
    items: BTreeMap<(SmolStr, ClauseId), Vec<SmolStr>>,
}

impl<'r> Earlier<'r> {
    fn of(
        prepared: &'r Prepared,
        history: &History<'_>,
        settlement: &str,
        appending: &Appending,
    ) -> Result<Earlier<'r>, Refusal> {
        let mut out = Earlier { rows: HashMap::new(), items: BTreeMap::new() };
        let population = &prepared.loaded.population;
        let files = &population.files;
        for row in population.of(prepared.program.history()) {
            let Some(clause) = history.clause_of(&prepared.program, row, settlement) else { continue };
            let file = row.place.and_then(|place| Some((place.row, files.get(place.file as usize)?)));
            let Some((number, file)) = file else { continue };
            if !is_same_file(Path::new(&file.name), &appending.path) {
                let name = &file.name;
                return Err((
                    Argument::phrase(
                        format!("结算批次 {settlement} 的记录已经在 `{name}` 里"),
                        format!("rows of the settlement {settlement} stand in `{name}`"),
                    ),
                    Argument::phrase(
                        format!("用 `--append-history {name}` 写入那个文件，或者用 `--settlement` 另取批次的名称"),
                        format!(
                            "add to that file with `--append-history {name}`, or name another settlement with `--settlement`"
                        ),
                    ),
                ));
            }
            let text = |column| history.text(row, column).unwrap_or_default();
            let (recipient, item) = (text(Column::Recipient), text(Column::Item));
            out.items.entry((recipient.clone(), clause)).or_default().push(item.clone());
            out.rows.entry((recipient, clause, item)).or_default().push_back((number, row));
        }
        Ok(out)
    }

    /// The row of a payment.
    fn take(&mut self, payment: &Payment) -> Option<(u32, &'r Record)> {
        let item = payment.item.clone().unwrap_or_default();
        self.rows.get_mut(&(payment.recipient.clone(), payment.clause, item))?.pop_front()
    }

    /// The rows of a recipient under a clause that no payment took.
    fn rest(&mut self, recipient: &SmolStr, clause: ClauseId) -> Vec<u32> {
        let items = self.items.remove(&(recipient.clone(), clause)).unwrap_or_default();
        let rows = items.into_iter().filter_map(|item| self.rows.remove(&(recipient.clone(), clause, item)));
        rows.flatten().map(|(number, _)| number).collect()
    }
}

/// What the cells of a payment say.
struct Cells<'c> {
    program: &'c Program,
    history: &'c History<'c>,
    day: Date,
    settlement: String,
}

impl Cells<'_> {
    fn of(&self, payment: &Payment) -> Entries {
        let clause = self.program.clauses.get(payment.clause.index());
        let policy = clause.and_then(|clause| self.program.policies.get(clause.policy.index()));
        let text = |text: Option<&SmolStr>| match text {
            Some(text) if !text.is_empty() => Entry::Text(text.clone()),
            _ => Entry::Blank,
        };
        let cells: [(Column, Entry); 9] = [
            (Column::Recipient, text(Some(&payment.recipient))),
            (Column::Policy, text(policy.map(|policy| &policy.name))),
            (Column::Clause, text(clause.map(|clause| &clause.name))),
            (Column::Item, text(payment.item.as_ref())),
            (Column::Row, text(payment.row.as_ref())),
            (Column::Date, Entry::Day(self.day)),
            (Column::Standard, Entry::Money(payment.standard.clone())),
            (Column::Paid, Entry::Money(payment.paid.clone())),
            (Column::Settlement, Entry::Text(SmolStr::new(&self.settlement))),
        ];
        cells.into_iter().map(|(column, entry)| (self.history.fact(column), entry)).collect()
    }

    /// The cells of a row that say something else.
    fn changes(&self, payment: &Payment, row: &Record) -> Entries {
        let says = |fact: FactId, entry: &Entry| match (row.cells.get(fact.index()), entry) {
            (Some(Cell::Value(value)), entry) => match (value, entry) {
                (Value::Text(there), Entry::Text(text)) => there == text,
                (Value::Date(there), Entry::Day(day)) => there == day,
                (Value::Number(there), Entry::Money(amount)) => there == amount,
                (Value::None, Entry::Blank) => true,
                (Value::Text(there), Entry::Blank) => there.is_empty(),
                _ => false,
            },
            (_, entry) => *entry == Entry::Blank,
        };
        self.of(payment).into_iter().filter(|(fact, entry)| !says(*fact, entry)).collect()
    }
}

/// Writes the file beside its place, then moves it there.
fn write(appending: &Appending, bytes: &[u8]) -> Result<(), Unwritten> {
    let mut file = Begun::at(&appending.path)?;
    file.write_all(bytes)?;
    Ok(file.finish()?)
}
