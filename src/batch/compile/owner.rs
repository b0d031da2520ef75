//! What an item asks of the row to which it belongs.
//!
//! It is worked out once for each row, and spread over the items of the row.

use super::{Compiled, Compiler, Flag, NEVER, read};
use crate::batch::column::{Cells, Column};
use crate::batch::operation::{Byte, Number};
use crate::batch::table::Asked;
use crate::check::program::{ExprId, FactId, Type};
use crate::value::Period;

impl Compiler<'_, '_, '_, '_> {
    /// A fact of the row to which an item belongs.
    pub(super) fn fact_of_owner(&mut self, (fact, period): (FactId, Option<Period>), kind: &Type) -> Option<Compiled> {
        let asked = Asked::OwnerFact(fact, period);
        if let Some(found) = self.table.find(asked) {
            return read(found);
        }
        let form = self.form(kind)?;
        let (_, column) = self.outer.as_deref_mut()?.ask(self.context, Asked::Fact(fact, period), form);
        self.spread(asked, &column)
    }

    /// What an expression comes to for the row to which an item belongs.
    pub(super) fn of_owner(&mut self, expr: ExprId) -> Option<Compiled> {
        let asked = Asked::Owner(expr, self.asking(expr)?);
        if let Some(found) = self.table.find(asked) {
            return read(found);
        }
        let mut owners = Compiler::new(self.context, self.outer.as_deref_mut()?);
        (owners.clause, owners.depth) = (self.clause, self.depth);
        let compiled = owners.compiled(expr);
        if is_same_for_all(&compiled) {
            return Some(compiled);
        }
        let column = owners.whole_column(&compiled)?;
        self.spread(asked, &column)
    }

    fn spread(&mut self, asked: Asked, column: &Column) -> Option<Compiled> {
        let column = column.spread(&self.table.items.as_ref()?.owners);
        read(self.table.put(asked, column))
    }

    /// What was compiled, worked out for every row; nothing where it has no column.
    fn whole_column(&mut self, compiled: &Compiled) -> Option<Column> {
        let marks = |at: Byte, bytes: Option<Vec<u8>>| bytes.filter(|_| at != NEVER);
        match *compiled {
            Compiled::Number(amount) => {
                let kept = self.kept(&[amount.at], &[amount.open, amount.none]);
                let (mut numbers, mut bytes) = (kept.numbers.into_iter(), kept.bytes.into_iter());
                let (gaps, nones) = (marks(amount.open, bytes.next()), marks(amount.none, bytes.next()));
                let range = (super::number::lane(amount.low)?, super::number::lane(amount.high)?);
                let divisor = i64::try_from(amount.divisor).ok()?;
                Some(Column { cells: Cells::Numbers(numbers.next()?), gaps, nones, range, divisor })
            }
            Compiled::Day(at, open) => {
                let kept = self.kept(&[at], &[open]);
                let cells = Cells::Days(kept.numbers.into_iter().next()?);
                Some(Column::of_cells(cells, marks(open, kept.bytes.into_iter().next())))
            }
            Compiled::Flag(Flag { yes: byte, open }) | Compiled::Code(byte, open) => {
                let mut bytes = self.kept(&[], &[byte, open]).bytes.into_iter();
                let cells = bytes.next()?;
                let cells =
                    if matches!(compiled, Compiled::Flag(_)) { Cells::Flags(cells) } else { Cells::Codes(cells) };
                Some(Column::of_cells(cells, marks(open, bytes.next())))
            }
            _ => None,
        }
    }
}

/// Whether no row has anything of its own.
fn is_same_for_all(compiled: &Compiled) -> bool {
    let same = |at: Number| matches!(at, Number::Constant(_));
    let all = |marks: &[Byte]| marks.iter().all(|mark| matches!(mark, Byte::Constant(_)));
    match *compiled {
        Compiled::Number(amount) => same(amount.at) && all(&[amount.open, amount.none]),
        Compiled::Day(at, open) => same(at) && all(&[open]),
        Compiled::Flag(Flag { yes: byte, open }) | Compiled::Code(byte, open) => all(&[byte, open]),
        Compiled::Period(_) | Compiled::Nothing => true,
        Compiled::Other => false,
    }
}
