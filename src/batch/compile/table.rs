//! Tables: the row that a subject reaches, each slice at its own rate, or the whole at the
//! reached rate.

use super::{Amount, ByRows, Byte, Compiled, Compiler, Flag, NEVER, number};
use crate::batch::column::NO_CODE;
use crate::check::program::{ExprId, RowTest, TableNode, Type};
use crate::syntax::tree::{Compare, TableKind};

impl Compiler<'_, '_, '_, '_> {
    /// The value of a table; nothing where there is no kernel for it.
    pub(super) fn of_table(&mut self, table: &TableNode, kind: &Type) -> Result<Option<Compiled>, ByRows> {
        let subject = table.subject.map(|subject| self.compiled(subject)).transpose()?;
        match (table.kind, subject) {
            (TableKind::Marginal, Some(Compiled::Number(subject))) => {
                let subject = self.there(subject);
                self.marginal(table, subject)
            }
            (TableKind::Marginal, _) => Ok(None),
            (TableKind::Slab, Some(Compiled::Number(subject))) => {
                let Some(Compiled::Number(rate)) = self.row_by_row(table, kind, Some(&Compiled::Number(subject)))?
                else {
                    return Ok(None);
                };
                let (rate, subject) = (self.there(rate), self.there(subject));
                Ok(self.multiplied(rate, subject).map(Compiled::Number))
            }
            (TableKind::Slab, _) => Ok(None),
            (_, subject) => self.row_by_row(table, kind, subject.as_ref()),
        }
    }

    /// From the last row to the first: each takes precedence over those after it.
    fn row_by_row(
        &mut self,
        table: &TableNode,
        kind: &Type,
        subject: Option<&Compiled>,
    ) -> Result<Option<Compiled>, ByRows> {
        let rest = match table.otherwise {
            Some(otherwise) => Some(self.compiled(otherwise)?),
            None => nothing(kind),
        };
        let Some(mut value) = rest.map(coded) else { return Ok(None) };
        for row in table.rows.iter().rev() {
            let Some(reached) = self.reached(&row.test, subject)? else { return Ok(None) };
            let taken = coded(self.compiled(row.value)?);
            let Some(chosen) = self.chosen_of(reached, taken, value) else { return Ok(None) };
            value = chosen;
        }
        Ok(Some(value))
    }

    fn chosen_of(&mut self, reached: Flag, a: Compiled, b: Compiled) -> Option<Compiled> {
        let (a_open, b_open) = match (&a, &b) {
            (Compiled::Number(a), Compiled::Number(b)) => return self.chosen(reached, *a, *b).map(Compiled::Number),
            (Compiled::Flag(a), Compiled::Flag(b)) => (a.open, b.open),
            (Compiled::Code(_, a), Compiled::Code(_, b)) => (*a, *b),
            _ => return None,
        };
        let open = self.choose_byte(reached.yes, a_open, b_open);
        let open = self.either(open, reached.open);
        match (a, b) {
            (Compiled::Flag(a), Compiled::Flag(b)) => {
                let yes = self.choose_byte(reached.yes, a.yes, b.yes);
                let yes = self.except(yes, open);
                Some(Compiled::Flag(Flag { yes, open }))
            }
            (Compiled::Code(a, _), Compiled::Code(b, _)) => {
                Some(Compiled::Code(self.choose_byte(reached.yes, a, b), open))
            }
            _ => None,
        }
    }

    fn reached(&mut self, test: &RowTest, subject: Option<&Compiled>) -> Result<Option<Flag>, ByRows> {
        match (test, subject) {
            (RowTest::Condition(condition), _) => self.flag(*condition),
            (RowTest::Bound(how, bound), Some(subject)) => {
                let bound = self.compiled(*bound)?;
                Ok(self.compare(*how, subject, &bound))
            }
            (RowTest::OneOf(keys), Some(subject)) => self.is_one_of(keys, subject),
            (_, None) => Ok(None),
        }
    }

    fn is_one_of(&mut self, keys: &[ExprId], subject: &Compiled) -> Result<Option<Flag>, ByRows> {
        let mut found: Option<Flag> = None;
        for key in keys {
            let key = self.compiled(*key)?;
            let same = match (&key, subject) {
                // A row for none is reached by none: not as in a comparison.
                (Compiled::Nothing, _) => self.without_value(subject),
                _ => self.compare(Compare::Equal, subject, &key),
            };
            let Some(same) = same else { return Ok(None) };
            found = Some(match found {
                Some(found) => {
                    let (a, b) = (self.not(found), self.not(same));
                    let neither = self.and(a, b);
                    self.not(neither)
                }
                None => same,
            });
        }
        Ok(found)
    }

    /// Each slice of the subject at the rate of its row.
    fn marginal(&mut self, table: &TableNode, subject: Amount) -> Result<Option<Compiled>, ByRows> {
        let Some(zero) = number::constant(0, 1) else { return Ok(None) };
        let downward = matches!(
            table.rows.first().map(|row| &row.test),
            Some(RowTest::Bound(Compare::Greater | Compare::GreaterOrEqual, _))
        );
        let mut total = zero;
        // Downward: the bound above the slice. Upward: the bound below it.
        let mut edge = if downward { None } else { Some(zero) };
        for row in &table.rows {
            let RowTest::Bound(_, bound) = &row.test else { continue };
            let (Some(bound), Some(rate)) = (self.amount(*bound)?, self.amount(row.value)?) else { return Ok(None) };
            let (low, high) = if downward { (bound, edge) } else { (edge.unwrap_or(zero), Some(bound)) };
            let Some(sum) = self.with_slice(total, subject, (low, high), rate) else { return Ok(None) };
            total = sum;
            edge = Some(bound);
        }
        if let Some(otherwise) = table.otherwise {
            let Some(rate) = self.amount(otherwise)? else { return Ok(None) };
            let ends = if downward { (zero, edge) } else { (edge.unwrap_or(zero), None) };
            let Some(sum) = self.with_slice(total, subject, ends, rate) else { return Ok(None) };
            total = sum;
        }
        Ok(Some(Compiled::Number(total)))
    }

    fn with_slice(
        &mut self,
        total: Amount,
        subject: Amount,
        (low, high): (Amount, Option<Amount>),
        rate: Amount,
    ) -> Option<Amount> {
        let upper = match high {
            Some(high) => self.limited(subject, high, true)?,
            None => subject,
        };
        let slice = self.added(upper, low, true)?;
        let slice = self.limited(slice, number::constant(0, 1)?, false)?;
        let part = self.multiplied(slice, rate)?;
        self.added(total, part, false)
    }
}

/// What a table without a fitting row gives.
fn nothing(kind: &Type) -> Option<Compiled> {
    Some(match kind {
        Type::Number(_) => Compiled::Number(number::constant(0, 1)?),
        Type::Bool => Compiled::Flag(Flag { yes: NEVER, open: NEVER }),
        Type::Code(_) => Compiled::Nothing,
        _ => return None,
    })
}

/// None among values of an enumeration is the byte for it.
fn coded(compiled: Compiled) -> Compiled {
    match compiled {
        Compiled::Nothing => Compiled::Code(Byte::Constant(NO_CODE), NEVER),
        other => other,
    }
}
