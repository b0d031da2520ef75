//! What history says of one recipient: sums paid, and the standards of earlier grades.

use smol_str::SmolStr;

use super::cause::{Causes, Missing};
use super::compare;
use super::expression::Evaluator;
use super::history::{Column, History, key_of};
use super::interval::Interval;
use super::list::{Item, List};
use super::open::{Answer, Truth};
use super::operators;
use crate::check::program::{ClauseDef, ClauseRef, ExprId, Node, TableNode, Type};
use crate::record::{Cell, Record};
use crate::source::Span;
use crate::value::{Number, Period, Value};

/// Which rows of the history are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'q> {
    /// The clause that asks, counted too.
    pub(super) clause: &'q ClauseDef,
    /// Other clauses that count.
    pub(super) with: &'q [ClauseRef],
    /// Only this item's.
    pub(super) item: Option<&'q SmolStr>,
}

impl<'a> Evaluator<'a> {
    /// The recipient's rows up to the end of the period, with whether each counts.
    fn rows(&mut self, at: usize) -> Option<(&'a History<'a>, Vec<(&'a Record, Truth)>)> {
        let history = self.context.inputs.history?;
        let (id, recipient) = self.recipient(at)?;
        let key = key_of(self.context.program, id, recipient);
        let mut rows = Vec::new();
        for row in history.of(&key) {
            match self.is_before_end(history, row) {
                Truth::No => {}
                counts => rows.push((*row, counts)),
            }
        }
        Some((history, rows))
    }

    pub(super) fn is_before_end(&mut self, history: &History<'a>, row: &'a Record) -> Truth {
        let day = self.history_cell(history, row, Column::Date);
        let until = Period { first: None, last: self.context.period.last };
        compare::in_period(day, Answer::Known(Value::Period(until)))
    }

    fn history_cell(&mut self, history: &History<'a>, row: &'a Record, column: Column) -> Answer {
        let fact = history.fact(column);
        match row.cells.get(fact.index()) {
            Some(Cell::Value(value)) => Answer::Known(value.clone()),
            _ => self.unknown(history.record, fact, row, None),
        }
    }

    /// The history as a list.
    pub(super) fn history_rows(&mut self, at: usize) -> List<'a> {
        let Some((history, rows)) = self.rows(at) else {
            return List { open: Some(Causes::missing(Missing::History)), ..List::default() };
        };
        let item = |(index, (record, included))| Item { id: history.record, record, index, included };
        List { items: rows.into_iter().enumerate().map(item).collect(), ..List::default() }
    }

    /// `paid under (A, B)`
    pub(super) fn paid_under(&mut self, clauses: &[ClauseRef], at: usize) -> Answer {
        let own = self.clause.and_then(|id| self.context.program.clauses.get(id.index()));
        let Some((history, rows)) = self.rows(at) else { return unloaded() };
        let program = self.context.program;
        let rows = rows.into_iter().filter(|(row, _)| history.is_named(program, row, clauses, own)).collect();
        self.sum_of(history, rows, Column::Paid)
    }

    fn sum_of(&mut self, history: &'a History<'a>, rows: Vec<(&'a Record, Truth)>, column: Column) -> Answer {
        let mut sum = Answer::number(Number::ZERO);
        for (row, counts) in rows {
            let paid = operators::or_none(self.history_cell(history, row, column), || Answer::number(Number::ZERO));
            let paid = match counts {
                Truth::Open(causes) => paid.hull(Answer::number(Number::ZERO)).because(&causes),
                _ => paid,
            };
            sum = operators::add(sum, paid, Span::default());
        }
        sum
    }

    /// The rows that are asked for.
    fn asked(&mut self, asked: Asked<'_>, at: usize) -> Option<(&'a History<'a>, Vec<(&'a Record, Truth)>)> {
        let (history, mut rows) = self.rows(at)?;
        let program = self.context.program;
        rows.retain(|(row, _)| {
            history.counts_with(program, row, asked.clause, asked.with)
                && asked.item.is_none_or(|item| history.text(row, Column::Item).as_ref() == Some(item))
        });
        Some((history, rows))
    }

    /// What was paid under a clause and those that count with it, while their policies were in force.
    pub(super) fn paid_in_force(&mut self, asked: Asked<'_>, at: usize) -> Answer {
        let Some((history, rows)) = self.asked(asked, at) else { return unloaded() };
        let mut inside = Vec::new();
        for (row, counts) in rows {
            let counts = counts.and(self.was_in_force(history, row, asked.clause));
            if counts != Truth::No {
                inside.push((row, counts));
            }
        }
        self.sum_of(history, inside, Column::Paid)
    }

    /// Whether a row lies in its policy's force; a policy that is not loaded sets no bound.
    fn was_in_force(&mut self, history: &History<'a>, row: &'a Record, clause: &ClauseDef) -> Truth {
        let program = self.context.program;
        let policy = if history.is_of(program, row, clause) {
            program.policies.get(clause.policy.index())
        } else {
            let name = history.text(row, Column::Policy).unwrap_or_default();
            program.policies.iter().find(|policy| policy.name == name)
        };
        let Some(force) = policy.and_then(|policy| policy.force.as_ref()) else { return Truth::Yes };
        let range = self.answer(force.range, 0);
        let day = self.history_cell(history, row, Column::Date);
        compare::in_period(day, range)
    }

    /// Whether this was ever paid, for the same row where one is known.
    pub(super) fn was_paid(&mut self, asked: Asked<'_>, grade: Option<&SmolStr>, at: usize) -> Truth {
        let Some((history, rows)) = self.asked(asked, at) else {
            return Truth::Open(Box::new(Causes::missing(Missing::History)));
        };
        let mut was_paid = Truth::No;
        for (row, counts) in rows {
            let other_row = match (grade, history.text(row, Column::Row)) {
                (Some(grade), Some(row)) => !row.is_empty() && row != *grade,
                _ => false,
            };
            if other_row {
                continue;
            }
            let paid = self.history_cell(history, row, Column::Paid);
            let above = compare::compare(crate::syntax::tree::Compare::Greater, paid, Answer::number(Number::ZERO));
            was_paid = was_paid.or(counts.and(above));
        }
        was_paid
    }

    /// All that was paid under a clause and those that count with it.
    pub(super) fn paid_ever(&mut self, asked: Asked<'_>, at: usize) -> Answer {
        match self.asked(asked, at) {
            Some((history, rows)) => self.sum_of(history, rows, Column::Paid),
            None => unloaded(),
        }
    }

    /// The standard of the highest grade ever awarded, and that grade where its name is known.
    pub(super) fn highest_standard(
        &mut self,
        asked: Asked<'_>,
        table: Option<&TableNode>,
        at: usize,
    ) -> (Answer, Option<u16>) {
        let Some((history, rows)) = self.asked(asked, at) else { return (unloaded(), None) };
        let names = table.and_then(|table| self.levels_of(table));
        let grade_of = |row: &Record| {
            let name = history.text(row, Column::Row)?;
            let place = names?.iter().position(|level| *level == name)?;
            u16::try_from(place).ok()
        };
        let highest =
            rows.iter().filter(|(_, counts)| *counts == Truth::Yes).filter_map(|(row, _)| grade_of(row)).min();
        let mut standard = Answer::number(Number::ZERO);
        for (row, counts) in rows {
            let lower = highest.is_some_and(|highest| grade_of(row).is_some_and(|grade| grade > highest));
            if lower {
                continue;
            }
            let here =
                operators::or_none(self.history_cell(history, row, Column::Standard), || Answer::number(Number::ZERO));
            let here = match counts {
                Truth::Open(causes) => here.hull(Answer::number(Number::ZERO)).because(&causes),
                _ => here,
            };
            standard = operators::greatest(standard, here);
        }
        (standard, highest)
    }

    fn levels_of(&self, table: &TableNode) -> Option<&'a [SmolStr]> {
        match self.expr(table.subject?)?.kind {
            Type::Code(id) => self.context.program.enums.get(id.index()).map(|def| def.values.as_slice()),
            _ => None,
        }
    }

    /// The first table by level within an amount.
    pub(super) fn level_table(&self, id: ExprId, depth: usize) -> Option<&'a TableNode> {
        let expr = self.expr(id)?;
        if depth > 64 {
            return None;
        }
        match &expr.node {
            Node::Table(table) if self.levels_of(table).is_some() => Some(table),
            Node::Product(parts) | Node::Sum(parts) => {
                parts.iter().find_map(|(_, part)| self.level_table(*part, depth + 1))
            }
            Node::Min(parts) | Node::Max(parts) | Node::OrElse(parts) => {
                parts.iter().find_map(|part| self.level_table(*part, depth + 1))
            }
            Node::Round(_, part, _) => self.level_table(*part, depth + 1),
            _ => None,
        }
    }

    /// The level that a clause's amount goes by, with its name.
    pub(super) fn grade(&mut self, amount: ExprId, at: usize) -> Option<(Answer, Option<SmolStr>)> {
        let table = self.level_table(amount, 0)?;
        let names = self.levels_of(table)?;
        let level = self.answer(table.subject?, at);
        let name = match &level {
            Answer::Known(Value::Code(code)) => names.get(usize::from(*code)).cloned(),
            _ => None,
        };
        Some((level, name))
    }
}

fn unloaded() -> Answer {
    Answer::within(Interval::not_negative(), Causes::missing(Missing::History))
}
