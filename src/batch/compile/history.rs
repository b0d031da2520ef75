//! What the history says of a recipient, or of an item, as columns.
//!
//! Most recipients were paid nothing before under the clauses that count, and to them the
//! history says one and the same: it is asked once for all of them. Of the others the
//! evaluator is asked one by one, so that there is one meaning of which payments count.

use super::{Amount, Compiled, Compiler, Flag, number, read};
use crate::batch::column::{Column, Entry, Form, NO_CODE};
use crate::batch::items::ListOf;
use crate::batch::table::{Asked, Earlier};
use crate::check::program::{ClauseId, ExprId, ModifierDef, Node, Type};
use crate::eval::{
    Answer, Scope, earlier_grade, evaluate_in, is_paid_under, level_of, matters_to, paid_before_modifier,
    was_paid_before,
};
use crate::record::Record;
use crate::syntax::tree::Compare;

impl<'p> Compiler<'_, 'p, '_, '_> {
    /// What was paid to the recipient under clauses.
    pub(super) fn paid_under(&mut self, id: ExprId, kind: &Type) -> Option<Compiled> {
        if self.outer.is_some() {
            return self.of_owner(id);
        }
        let (clause, form) = (self.asking(id)?, self.form(kind)?);
        let Node::PaidUnder(clauses) = &self.expr(id)?.node else { return None };
        let context = self.context;
        let matters = |row: &Record| is_paid_under(context, clause, clauses, row);
        self.by_history((Asked::Value(id, clause), form), matters, |scope| {
            entry(form, &evaluate_in(context, clause, scope, id))
        })
    }

    /// A bound less what was paid before, where it is cumulative.
    pub(super) fn less_paid(&mut self, modifier: Placed<'p>, bound: Amount) -> Option<Amount> {
        if !modifier.1.cumulative {
            return Some(bound);
        }
        let context = self.context;
        let paid = self.earlier(modifier, (Earlier::Amount, MONEY), |clause, scope| {
            entry(MONEY, &paid_before_modifier(context, clause, modifier.1, scope))
        });
        let paid = self.amount_of(&paid?)?;
        self.added(bound, paid, true)
    }

    /// Whether this was ever paid.
    pub(super) fn paid_once(&mut self, modifier: Placed<'p>) -> Option<Flag> {
        let context = self.context;
        let paid = self.earlier(modifier, (Earlier::Paid, Form::Flags), |clause, scope| {
            entry(Form::Flags, &was_paid_before(context, clause, modifier.1, scope))
        });
        match paid? {
            Compiled::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// Less what was awarded before; nothing where the grade is no higher.
    pub(super) fn topped_up(&mut self, modifier: Placed<'p>, on_paid: bool, amount: Amount) -> Option<Amount> {
        let zero = number::constant(0, 1)?;
        let context = self.context;
        let before = |clause, scope: &Scope<'_>| earlier_grade(context, clause, (modifier.1, on_paid), scope);
        let earlier =
            self.earlier(modifier, (Earlier::Amount, MONEY), |clause, scope| entry(MONEY, &before(clause, scope).0));
        let earlier = self.amount_of(&earlier?)?;
        let more = self.added(amount, earlier, true)?;
        let more = self.limited(more, zero, false)?;
        let Some(level) = level_of(context, context.program.clauses.get(self.clause?.index())?) else {
            return Some(more);
        };
        let before = self.earlier(modifier, (Earlier::Grade, Form::Codes), |clause, scope| {
            let grade = before(clause, scope).1;
            Entry::Byte(grade.map_or(NO_CODE, |grade| u8::try_from(grade).unwrap_or(NO_CODE)))
        })?;
        let now = self.compiled(level);
        let higher = self.compare(Compare::Greater, &now, &before)?;
        let first = self.without_value(&before)?;
        let pays = self.or(first, higher);
        self.chosen(pays, more, zero)
    }

    /// What a modifier of the clause asks of the history.
    fn earlier(
        &mut self,
        (place, modifier): Placed<'p>,
        (asked, form): (Earlier, Form),
        of: impl Fn(ClauseId, &Scope<'_>) -> Entry,
    ) -> Option<Compiled> {
        let (context, clause) = (self.context, self.clause?);
        let matters = |row: &Record| matters_to(context, clause, modifier, row);
        self.by_history((Asked::Earlier(clause, place, asked), form), matters, |scope| of(clause, scope))
    }

    fn amount_of(&mut self, compiled: &Compiled) -> Option<Amount> {
        match *compiled {
            Compiled::Number(amount) => Some(self.there(amount)),
            _ => None,
        }
    }

    /// A column of what the history says, worked out for those who have payments.
    fn by_history(
        &mut self,
        (asked, form): (Asked, Form),
        matters: impl Fn(&Record) -> bool,
        of: impl Fn(&Scope<'_>) -> Entry,
    ) -> Option<Compiled> {
        if let Some(found) = self.table.find(asked) {
            return read(found);
        }
        let context = self.context;
        let recipients = match &mut self.outer {
            Some(outer) => &mut **outer,
            None => &mut *self.table,
        };
        let history = recipients.take_list(context, ListOf::History);
        let was_paid = history.items.as_ref().map_or_else(Vec::new, |payments| payments.rows_paid(matters));
        recipients.put_list(ListOf::History, history);
        let owners = self.table.items.as_ref().map(|items| items.owners.as_slice());
        let mut without = None;
        let rows = (0..self.table.count()).map(|row| {
            let ask = || self.table.in_scope(context, row, &of).unwrap_or(Entry::Gap);
            let recipient = owners.map_or(Some(row), |owners| owners.get(row).map(|owner| *owner as usize));
            match recipient.and_then(|recipient| was_paid.get(recipient)) {
                // A history that was not loaded says nothing of anybody.
                _ if context.inputs.history.is_none() => Entry::Gap,
                Some(false) => *without.get_or_insert_with(ask),
                _ => ask(),
            }
        });
        let column = Column::of(form, rows);
        read(self.table.put(asked, column))
    }
}

/// A modifier and its place among those of its clause.
type Placed<'p> = (usize, &'p ModifierDef);

const MONEY: Form = Form::Numbers { money: true };

fn entry(form: Form, answer: &Answer) -> Entry {
    answer.known().map_or(Entry::Gap, |value| Entry::of(form, value))
}
