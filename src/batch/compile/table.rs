//! Tables: the row that a subject reaches, each slice at its own rate, or the whole at the
//! reached rate.

use num_integer::Integer;

use super::{Amount, Byte, Compiled, Compiler, Flag, NEVER, number};
use crate::batch::column::NO_CODE;
use crate::batch::operation::{MOST_CHOICES, Number, Operation, Slice};
use crate::check::program::{ExprId, RowTest, TableNode, Type};
use crate::syntax::tree::{Compare, TableKind};

impl Compiler<'_, '_, '_, '_> {
    /// The value of a table; nothing where there is no kernel for it.
    pub(super) fn of_table(&mut self, table: &TableNode, kind: &Type) -> Option<Compiled> {
        let subject = table.subject.map(|subject| self.compiled(subject));
        match (table.kind, subject) {
            (TableKind::Marginal, Some(Compiled::Number(subject))) => {
                let subject = self.there(subject);
                self.marginal(table, subject)
            }
            (TableKind::Marginal, _) => None,
            (TableKind::Slab, Some(Compiled::Number(subject))) => {
                let Some(Compiled::Number(rate)) = self.row_by_row(table, kind, Some(&Compiled::Number(subject)))
                else {
                    return None;
                };
                let (rate, subject) = (self.there(rate), self.there(subject));
                self.multiplied(rate, subject).map(Compiled::Number)
            }
            (TableKind::Slab, _) => None,
            (_, subject) => self.row_by_row(table, kind, subject.as_ref()),
        }
    }

    /// From the last row to the first: each takes precedence over those after it.
    fn row_by_row(&mut self, table: &TableNode, kind: &Type, subject: Option<&Compiled>) -> Option<Compiled> {
        if let Some(picked) = self.of_constants(table, kind, subject) {
            return Some(picked);
        }
        let rest = match table.otherwise {
            Some(otherwise) => Some(self.compiled(otherwise)),
            None => nothing(kind),
        };
        let mut value = coded(rest?);
        for row in table.rows.iter().rev() {
            let reached = self.reached(&row.test, subject)?;
            let taken = coded(self.compiled(row.value));
            value = self.chosen_of(reached, taken, value)?;
        }
        Some(value)
    }

    /// A table of constants over a code or a number, in one instruction.
    fn of_constants(&mut self, table: &TableNode, kind: &Type, subject: Option<&Compiled>) -> Option<Compiled> {
        let rest = match table.otherwise {
            Some(otherwise) => self.constant_amount(otherwise),
            None if matches!(kind, Type::Number(_)) => number::constant(0, 1),
            None => None,
        };
        let (Some(rest), Some(subject)) = (rest, subject) else { return None };
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let value = self.constant_amount(row.value)?;
            rows.push((&row.test, value));
        }
        let all = || rows.iter().map(|(_, value)| value).chain([&rest]);
        let divisor = all().fold(1, |divisor, value| divisor.lcm(&value.divisor));
        let part = |value: &Amount| value.low.checked_mul(divisor.checked_div(value.divisor)?);
        let parts: Vec<i128> = all().map(part).collect::<Option<_>>()?;
        let lanes: Vec<f64> = parts.iter().map(|part| number::lane(*part)).collect::<Option<_>>()?;
        let (Some((last, values)), Some(low), Some(high)) =
            (lanes.split_last(), parts.iter().min(), parts.iter().max())
        else {
            return None;
        };
        let tests = rows.iter().map(|(test, _)| *test).zip(values.iter().copied());
        let (at, open) = match subject {
            Compiled::Code(code @ (Byte::Column(_) | Byte::Register(_)), open) => {
                let choices = self.codes(tests)?;
                (self.compute_number(|out| Operation::Pick(out, *code, choices.into(), *last)), *open)
            }
            Compiled::Number(amount) if !matches!(amount.at, Number::Constant(_)) && amount.none == NEVER => {
                let choices = self.bounds(tests, amount)?;
                (self.compute_number(|out| Operation::Step(out, amount.at, choices.into(), *last)), amount.open)
            }
            _ => return None,
        };
        let (low, high) = (*low, *high);
        Some(Compiled::Number(Amount { at, divisor, low, high, open, none: NEVER }))
    }

    fn constant_amount(&mut self, id: ExprId) -> Option<Amount> {
        self.amount(id).filter(|amount| amount.constant().is_some())
    }

    /// Rows of codes.
    fn codes<'r>(&mut self, tests: impl Iterator<Item = (&'r RowTest, f64)>) -> Option<Vec<(u8, f64)>> {
        let mut choices = Vec::new();
        for (test, value) in tests {
            let RowTest::OneOf(keys) = test else { return None };
            for key in keys {
                match self.compiled(*key) {
                    Compiled::Code(Byte::Constant(code), NEVER) => choices.push((code, value)),
                    Compiled::Nothing => choices.push((NO_CODE, value)),
                    _ => return None,
                }
            }
        }
        (1..=MOST_CHOICES).contains(&choices.len()).then_some(choices)
    }

    /// Rows of lower bounds, as the least whole number that reaches each.
    fn bounds<'r>(
        &mut self,
        tests: impl Iterator<Item = (&'r RowTest, f64)>,
        subject: &Amount,
    ) -> Option<Vec<(f64, f64)>> {
        let mut choices = Vec::new();
        for (test, value) in tests {
            let RowTest::Bound(how @ (Compare::GreaterOrEqual | Compare::Greater), bound) = test else {
                return None;
            };
            let bound = self.constant_amount(*bound)?;
            let scaled = bound.low.checked_mul(subject.divisor)?;
            let least = match how {
                Compare::GreaterOrEqual => Integer::div_ceil(&scaled, &bound.divisor),
                _ => Integer::div_floor(&scaled, &bound.divisor).saturating_add(1),
            };
            let least = number::lane(least)?;
            choices.push((least, value));
        }
        (1..=MOST_CHOICES).contains(&choices.len()).then_some(choices)
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

    fn reached(&mut self, test: &RowTest, subject: Option<&Compiled>) -> Option<Flag> {
        match (test, subject) {
            (RowTest::Condition(condition), _) => Some(self.flag(*condition)),
            (RowTest::Bound(how, bound), Some(subject)) => {
                let bound = self.compiled(*bound);
                self.compare(*how, subject, &bound)
            }
            (RowTest::OneOf(keys), Some(subject)) => self.is_one_of(keys, subject),
            (_, None) => None,
        }
    }

    fn is_one_of(&mut self, keys: &[ExprId], subject: &Compiled) -> Option<Flag> {
        let mut found: Option<Flag> = None;
        for key in keys {
            let key = self.compiled(*key);
            let same = match (&key, subject) {
                // A row for none is reached by none: not as in a comparison.
                (Compiled::Nothing, _) => self.without_value(subject),
                _ => self.compare(Compare::Equal, subject, &key),
            };
            let same = same?;
            found = Some(match found {
                Some(found) => self.or(found, same),
                None => same,
            });
        }
        found
    }

    /// Each slice of the subject at the rate of its row.
    fn marginal(&mut self, table: &TableNode, subject: Amount) -> Option<Compiled> {
        let zero = number::constant(0, 1)?;
        let downward = matches!(
            table.rows.first().map(|row| &row.test),
            Some(RowTest::Bound(Compare::Greater | Compare::GreaterOrEqual, _))
        );
        let mut total = zero;
        // Downward: the bound above the slice. Upward: the bound below it.
        let mut edge = if downward { None } else { Some(zero) };
        for row in &table.rows {
            let RowTest::Bound(_, bound) = &row.test else { continue };
            let (Some(bound), Some(rate)) = (self.amount(*bound), self.amount(row.value)) else { return None };
            let (low, high) = if downward { (bound, edge) } else { (edge.unwrap_or(zero), Some(bound)) };
            let sum = self.with_slice(total, subject, (low, high), rate)?;
            total = sum;
            edge = Some(bound);
        }
        if let Some(otherwise) = table.otherwise {
            let rate = self.amount(otherwise)?;
            let ends = if downward { (zero, edge) } else { (edge.unwrap_or(zero), None) };
            let sum = self.with_slice(total, subject, ends, rate)?;
            total = sum;
        }
        Some(Compiled::Number(total))
    }

    fn with_slice(
        &mut self,
        total: Amount,
        subject: Amount,
        (low, high): (Amount, Option<Amount>),
        rate: Amount,
    ) -> Option<Amount> {
        if let Some(sum) = self.with_constant_slice(total, subject, (low, high), rate) {
            return Some(sum);
        }
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

impl Compiler<'_, '_, '_, '_> {
    /// The same where bounds and rate are constants, in one instruction.
    fn with_constant_slice(
        &mut self,
        total: Amount,
        subject: Amount,
        (low, high): (Amount, Option<Amount>),
        rate: Amount,
    ) -> Option<Amount> {
        let on = |bound: Amount| {
            let scaled = bound.constant()?.checked_mul(subject.divisor)?;
            (scaled % bound.divisor == 0).then(|| scaled.checked_div(bound.divisor)).flatten()
        };
        let (low, rate_parts) = (on(low)?, rate.constant()?);
        let high = high.map_or(Some(subject.high), on)?;
        let most = subject.high.min(high).checked_sub(low)?.max(0);
        let product = number::constant(rate_parts.checked_mul(most)?, subject.divisor.checked_mul(rate.divisor)?)?;
        // All slices over one divisor, so that none is scaled.
        let divisor = product.divisor.lcm(&total.divisor);
        let (total, times) = (self.over_divisor(total, divisor)?, divisor.checked_div(product.divisor)?);
        let (rate, part) = (rate_parts.checked_mul(times)?, product.low.checked_mul(times)?);
        let slice = Slice { low: number::lane(low)?, high: number::lane(high)?, rate: number::lane(rate)? };
        let open = self.either(total.open, subject.open);
        let (low, high) = (total.low.checked_add(part.min(0))?, total.high.checked_add(part.max(0))?);
        let at = self.compute_number(|out| Operation::Slice(out, total.at, subject.at, slice));
        number::exact(Amount { at, divisor, low, high, open, none: NEVER })
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
