//! An aggregate of a fact by period over the years or quarters of a range.

use super::{Amount, Compiled, Compiler, Flag, NEVER, number};
use crate::batch::table::Asked;
use crate::check::program::{Expr, Node};
use crate::eval::{days, evaluate_expression, periods_between};
use crate::syntax::tree::{AggregateKind, Per};

/// Over more periods the row engine goes by itself.
const MOST_PERIODS: i128 = 40;

impl<'p> Compiler<'_, 'p, '_, '_> {
    /// The values of all periods are columns; nothing where the range has an open end or is not the same for all.
    pub(super) fn over_periods(&mut self, expr: &'p Expr) -> Option<Compiled> {
        let Node::OverPeriods { kind, record, up, fact, range } = &expr.node else { return None };
        let def = self.context.program.records.get(record.index())?.facts.get(fact.index())?;
        if !self.context.is_same_for_all(*range) {
            return None;
        }
        let range = evaluate_expression(self.context, None, *range).known().and_then(days::as_period)?;
        if range.first.is_none() || range.last.is_none() {
            return None;
        }
        let periods = periods_between(&range, def.per == Some(Per::Quarter));
        let count = i128::try_from(periods.len()).ok().filter(|count| *count <= MOST_PERIODS)?;
        let mut all: Option<Amount> = None;
        for period in periods {
            let value = match up {
                0 => self.column(Asked::Fact(*fact, Some(period)), &def.kind)?,
                1 => self.fact_of_owner((*fact, Some(period)), &def.kind)?,
                _ => return None,
            };
            let Compiled::Number(value) = value else { return None };
            all = Some(match all {
                None => value,
                Some(all) => self.with_period(*kind, all, value)?,
            });
        }
        match kind {
            AggregateKind::Count => number::constant(count, 1).map(Compiled::Number),
            AggregateKind::Sum => {
                let sum = all.map_or_else(|| number::constant(0, 1), |all| self.or_zero(all))?;
                Some(Compiled::Number(sum))
            }
            AggregateKind::Average => {
                // Of those that are there only: with one that is none the divisor is another.
                let sum = all.filter(|sum| sum.none == NEVER)?;
                self.multiplied(sum, number::constant(1, count)?).map(Compiled::Number)
            }
            _ => all.map(Compiled::Number),
        }
    }

    fn with_period(&mut self, kind: AggregateKind, all: Amount, value: Amount) -> Option<Amount> {
        match kind {
            AggregateKind::Sum => {
                let (all, value) = (self.or_zero(all)?, self.or_zero(value)?);
                self.added(all, value, false)
            }
            AggregateKind::Average if all.none == NEVER && value.none == NEVER => self.added(all, value, false),
            AggregateKind::Max => self.extreme_there(all, value, false),
            AggregateKind::Min => self.extreme_there(all, value, true),
            AggregateKind::Count => Some(all),
            _ => None,
        }
    }

    /// The same, and 0 where it is none.
    fn or_zero(&mut self, amount: Amount) -> Option<Amount> {
        let none = Flag { yes: amount.none, open: NEVER };
        self.chosen(none, number::constant(0, 1)?, Amount { none: NEVER, ..amount })
    }

    /// The least or greatest of two, of which one that is none gives way.
    fn extreme_there(&mut self, a: Amount, b: Amount, least: bool) -> Option<Amount> {
        let (a_there, b_there) = (Amount { none: NEVER, ..a }, Amount { none: NEVER, ..b });
        let of_both = self.limited(a_there, b_there, least)?;
        let chosen = self.chosen(Flag { yes: a.none, open: NEVER }, b_there, of_both)?;
        let chosen = self.chosen(Flag { yes: b.none, open: NEVER }, a_there, chosen)?;
        Some(Amount { none: self.both(a.none, b.none), ..chosen })
    }
}
