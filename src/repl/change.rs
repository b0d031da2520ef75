//! `what if`: the same records under a clause, parameter or derived fact that is otherwise.
//!
//! The changed policies are a world of their own, checked as a file is; the session keeps
//! what it had. What each recipient gets is compared to the fen.

use std::borrow::Cow;
use std::sync::Arc;

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::figures::{Figures, TypeFigures, yuan, yuan_of};
use super::session::Session;
use super::words::money;
use super::world::{Entered, Patch, World};
use crate::eval::key_of;
use crate::settle::PoolResult;
use crate::syntax::tree::{Change, Item, QuestionKind};
use crate::syntax::{self, Line};

/// How many winners and losers are named.
const NAMED: usize = 5;

/// A world beside the session's, with what everybody gets in it.
pub(super) struct Otherwise {
    pub world: World,
    pub figures: Figures,
}

impl Session {
    /// What would change.
    pub(super) fn what_if(&mut self, changes: &[Change], name: &str, text: &str) -> Answer {
        let at = self.changed_at(changes);
        if !self.has_records() {
            return self.no_records(at);
        }
        for change in changes {
            if let Change::Clause(path, _) = change
                && let Err(answer) = self.clause_named(path)
            {
                return answer;
            }
            if let Change::Value(name, _) = change
                && self.takes_no_value(&name.text)
            {
                return self.no_such_value(name, &[]);
            }
        }
        let entered = self.with_values(changes);
        let patched = World::with(&entered, &*self.surroundings, (name, text), |file| {
            // Read again where the changed world has its text, so that messages point into it.
            let (Line::Question(question), _) = syntax::parse_line(file, text) else { return Vec::new() };
            let QuestionKind::WhatIf(changes) = question.kind else { return Vec::new() };
            changes.into_iter().filter_map(patch).collect()
        });
        let world = match patched {
            Ok(world) => world,
            Err((told, sources)) => return Answer::wrong(told, sources),
        };
        match self.otherwise(&entered, world) {
            Ok(other) => self.told_otherwise(&other, (Phrase::new("现在", "now"), Phrase::new("假如", "then"))),
            Err(answer) => answer,
        }
    }

    /// What everybody gets in another world over the same records.
    pub(super) fn otherwise(&self, entered: &Entered, world: World) -> Result<Otherwise, Answer> {
        let records = match self.fitting(entered, &world) {
            Ok(records) => records.unwrap_or_else(|| Arc::clone(&self.records)),
            Err((told, sources)) => return Err(Answer::wrong(told, sources)),
        };
        let figures = self.figures_of(&world, &world.program, &records);
        Ok(Otherwise { world, figures })
    }

    fn changed_at(&self, changes: &[Change]) -> crate::source::Span {
        match changes.first() {
            Some(Change::Clause(path, _)) => path.span,
            Some(Change::Value(name, _)) => name.span,
            Some(Change::Let(derived)) => derived.span,
            Some(Change::Parameter(parameter)) => parameter.span,
            Some(Change::Bind(bind)) => bind.span,
            None => crate::source::Span::default(),
        }
    }

    /// What was entered, with the values that would be otherwise.
    fn with_values(&self, changes: &[Change]) -> Entered {
        let mut entered = self.entered.clone();
        for change in changes {
            if let Change::Value(name, value) = change {
                let typed = self.world.policies.sources().text(value.span).trim().to_owned();
                entered.basis.set.retain(|(other, _)| *other != name.text);
                entered.basis.set.push((name.text.to_string(), typed));
            }
        }
        entered
    }

    /// Winners and losers, clause by clause, and the budgets.
    pub(super) fn told_otherwise(&mut self, other: &Otherwise, (now, then): (Phrase, Phrase)) -> Answer {
        let figures = self.figures();
        let mut answer = Answer::default();
        let (before, after) = comparable((&figures, &other.figures), &mut answer);
        let changes = changes(&before, &after);
        self.tell_changes(&changes, (&before, &after), &mut answer);
        let sides = ((self.program(), &*before), (&*other.world.program, &*after));
        answer.parts.push(Part::Table(by_clause(sides, (&now, &then))));
        if let Some(table) = self.by_budget(&figures, other, (&now, &then)) {
            answer.head("预算", "budgets");
            answer.parts.push(Part::Table(table));
        }
        self.name_some(&changes, &mut answer);
        answer
    }

    pub(super) fn tell_changes(&self, changes: &[Changed], (now, then): (&Figures, &Figures), answer: &mut Answer) {
        let all: usize = now
            .types
            .iter()
            .chain(&then.types)
            .map(|one| (one.record, one.rows))
            .collect::<std::collections::BTreeMap<_, _>>()
            .values()
            .sum();
        let (mut winners, mut losers, mut gained, mut lost) = (0_usize, 0_usize, 0_i128, 0_i128);
        for change in changes {
            let by = i128::from(change.after) - i128::from(change.before);
            if by > 0 {
                winners += 1;
                gained += by;
            } else {
                losers += 1;
                lost -= by;
            }
        }
        let unchanged = all.saturating_sub(winners).saturating_sub(losers);
        let by = gained - lost;
        let (gain, loss) = (money(&yuan_of(gained)), money(&yuan_of(lost)));
        let sign = if by < 0 { "−" } else { "+" };
        let total = format!("{sign}{}", money(&yuan_of(by.abs())));
        answer.head(
            format!("{winners} 户增加 {gain}，{losers} 户减少 {loss}，{unchanged} 户不变；合计 {total}"),
            format!("{winners} gain {gain}, {losers} lose {loss}, {unchanged} unchanged; {total} in all"),
        );
        let open = |figures: &Figures| {
            figures.types.iter().flat_map(|one| &one.clauses).map(|column| column.open.len()).sum::<usize>()
        };
        let (before, after) = (open(now), open(then));
        if before > 0 || after > 0 {
            answer.tell(
                format!("未定的金额没有计入：现在 {before} 笔，改后 {after} 笔"),
                format!("open amounts are not counted: {before} now, {after} then"),
            );
        }
    }

    /// What each budget has left.
    fn by_budget(&self, now: &Figures, other: &Otherwise, (before, after): (&Phrase, &Phrase)) -> Option<Table> {
        if now.pools.is_empty() && other.figures.pools.is_empty() {
            return None;
        }
        let mut table = Table::new(vec![
            Column::text("预算", "budget"),
            Column::figures("预算额", "there is"),
            Column::figures(format!("{}申请", before.zh), format!("asked for {}", before.en)),
            Column::figures(format!("{}申请", after.zh), format!("asked for {}", after.en)),
            Column::figures("变化（元）", "change"),
            Column::figures(format!("{}余额", after.zh), format!("left {}", after.en)),
        ]);
        let step = |program: &crate::check::program::Program, sources: &crate::source::Sources, pool: &PoolResult| {
            let span = program.settle.get(pool.step).map(|step| step.span).unwrap_or_default();
            sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        // The steps of both worlds are the same, as only clauses and values differ.
        for (at, pool) in other.figures.pools.iter().enumerate() {
            let before = now.pools.get(at).filter(|before| before.step == pool.step);
            let wanted = before.map(|before| before.wanted.known.clone()).unwrap_or_default();
            let name = step(&other.world.program, other.world.policies.sources(), pool);
            let room = pool.room.as_ref().and_then(|room| room.known().cloned());
            let left = room.as_ref().and_then(|room| room.subtract(&pool.paid.known).ok());
            table.row(vec![
                Cell::same(name),
                room.map_or(Cell::Unknown, Cell::Money),
                Cell::Money(wanted.clone()),
                Cell::Money(pool.wanted.known.clone()),
                Cell::Change(pool.wanted.known.subtract(&wanted).unwrap_or_default()),
                left.map_or(Cell::Unknown, Cell::Money),
            ]);
        }
        Some(table)
    }

    /// Those whose change is greatest.
    pub(super) fn name_some(&self, changes: &[Changed], answer: &mut Answer) {
        let program = self.program();
        let mut order: Vec<&Changed> = changes.iter().collect();
        order.sort_by_key(|change| std::cmp::Reverse((change.after - change.before).unsigned_abs()));
        let mut table = Table::new(vec![
            Column::text("变化最大的", "most changed"),
            Column::figures("原来（元）", "before"),
            Column::figures("改后（元）", "after"),
            Column::figures("变化（元）", "change"),
        ]);
        for change in order.into_iter().take(NAMED) {
            let record = self.records.loaded.population.of(change.record).get(change.row);
            let key = record.map(|record| key_of(program, change.record, record)).unwrap_or_default();
            table.row(vec![
                Cell::same(key),
                Cell::Money(yuan(change.before)),
                Cell::Money(yuan(change.after)),
                Cell::Change(yuan(change.after.saturating_sub(change.before))),
            ]);
        }
        if !table.rows.is_empty() {
            answer.parts.push(Part::Table(table));
        }
    }
}

/// What is compared: where a rule is wanting in settlement, what is due before it.
pub(super) fn comparable<'f>(
    (now, then): (&'f Figures, &'f Figures),
    answer: &mut Answer,
) -> (Cow<'f, Figures>, Cow<'f, Figures>) {
    if !now.is_undecided() && !then.is_undecided() {
        return (Cow::Borrowed(now), Cow::Borrowed(then));
    }
    answer.tell(
        "结算里有待定的规则，下面比较的是结算前的应得",
        "a rule is wanting in settlement: what follows compares what is due before it",
    );
    (Cow::Owned(now.clone().before_settlement()), Cow::Owned(then.clone().before_settlement()))
}

/// A program with what everybody gets by it.
pub(super) type Side<'s> = (&'s crate::check::program::Program, &'s Figures);

/// Clause by clause, what is paid on both sides.
pub(super) fn by_clause((now, then): (Side<'_>, Side<'_>), (before, after): (&Phrase, &Phrase)) -> Table {
    let mut table = Table::new(vec![
        Column::text("条款", "clause"),
        Column::figures(format!("{}户数", before.zh), format!("receive {}", before.en)),
        Column::figures(format!("{}户数", after.zh), format!("receive {}", after.en)),
        Column::figures(format!("{}（元）", before.zh), before.en.clone()),
        Column::figures(format!("{}（元）", after.zh), after.en.clone()),
        Column::figures("变化（元）", "change"),
    ]);
    let mut names: Vec<String> = Vec::new();
    let sums = |program: &crate::check::program::Program, figures: &Figures| {
        let columns = figures.types.iter().flat_map(|one| &one.clauses).filter(|column| !column.recover);
        let sum = |column: &super::figures::ClauseFigures| {
            let def = program.clauses.get(column.clause.index());
            let policy = def.and_then(|def| program.policies.get(def.policy.index()));
            let name = def.map(|def| def.name.to_string()).unwrap_or_default();
            let name = match policy.filter(|policy| !policy.name.is_empty() && program.policies.len() > 1) {
                Some(policy) => format!("{}.{name}", policy.name),
                None => name,
            };
            let sum = column.settled.iter().map(|fen| i128::from(*fen)).sum::<i128>();
            (name, (column.settled.iter().filter(|fen| **fen > 0).count(), sum))
        };
        columns.map(sum).collect::<Vec<_>>()
    };
    let (now, then) = (sums(now.0, now.1), sums(then.0, then.1));
    for (name, _) in now.iter().chain(&then) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let of =
        |all: &[(String, (usize, i128))], name: &str| all.iter().find(|(other, _)| other == name).map(|(_, sum)| *sum);
    let mut total = (0_i128, 0_i128);
    let mut same = 0_usize;
    for name in &names {
        let (a, b) = (of(&now, name).unwrap_or_default(), of(&then, name).unwrap_or_default());
        total = (total.0 + a.1, total.1 + b.1);
        if a == b && names.len() > 8 {
            same += 1;
            continue;
        }
        table.row(vec![
            Cell::same(name.as_str()),
            Cell::count(a.0),
            Cell::count(b.0),
            Cell::Money(yuan_of(a.1)),
            Cell::Money(yuan_of(b.1)),
            Cell::Change(yuan_of(b.1 - a.1)),
        ]);
    }
    if same > 0 {
        let mut row = vec![Cell::Text(Phrase::new(format!("其余 {same} 条不变"), format!("{same} others unchanged")))];
        row.extend(std::iter::repeat_n(Cell::Blank, 5));
        table.row(row);
    }
    table.row(vec![
        Cell::Text(Phrase::new("合计", "total")),
        Cell::Blank,
        Cell::Blank,
        Cell::Money(yuan_of(total.0)),
        Cell::Money(yuan_of(total.1)),
        Cell::Change(yuan_of(total.1 - total.0)),
    ]);
    table
}

/// A recipient who gets more or less, in fen.
pub(super) struct Changed {
    record: crate::check::program::RecordId,
    row: usize,
    before: i64,
    after: i64,
}

/// Who gets more or less.
pub(super) fn changes(now: &Figures, then: &Figures) -> Vec<Changed> {
    let mut out = Vec::new();
    let mut types: Vec<_> = now.types.iter().chain(&then.types).map(|one| one.record).collect();
    types.sort_unstable();
    types.dedup();
    for record in types {
        let (before, after) = (now.of_type(record), then.of_type(record));
        let rows = before.or(after).map_or(0, |one| one.rows);
        let total = |figures: Option<&TypeFigures>, row: usize| figures.map_or(0, |figures| figures.known_total(row));
        for row in 0..rows {
            let (before, after) = (total(before, row), total(after, row));
            if before != after {
                out.push(Changed { record, row, before, after });
            }
        }
    }
    out
}

/// A change as a patch; values are set elsewhere.
fn patch(change: Change) -> Option<Patch> {
    Some(match change {
        Change::Clause(path, clause) => {
            let policy = match path.parts.as_slice() {
                [policy, _] => Some(policy.text.clone()),
                _ => None,
            };
            Patch::Clause(policy, clause)
        }
        Change::Let(derived) => Patch::Item(Box::new(Item::Let(derived))),
        Change::Parameter(parameter) => Patch::Item(Box::new(Item::Parameter(parameter))),
        Change::Bind(bind) => Patch::Item(Box::new(Item::Bind(bind))),
        Change::Value(..) => return None,
    })
}
