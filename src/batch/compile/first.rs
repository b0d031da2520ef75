//! The first items of a list by keys.
//!
//! Those tied where the line falls are open, as are all items of a row where a key is: of
//! such a row the evaluator is asked.

use std::cmp::Ordering;
use std::ops::Range;

use super::{Compiled, Compiler, Flag, NEVER, read};
use crate::batch::column::{Column, Entry, Form, YES};
use crate::batch::operation::Number;
use crate::batch::results::Kept;
use crate::batch::table::Asked;
use crate::check::program::ExprId;
use crate::eval::evaluate_expression;

/// The keys of items, each as numbers of which the greater is better, with whether it ascends.
struct Keys<'k> {
    kept: &'k Kept,
    keys: &'k [(ExprId, bool)],
    /// By key: whether values are places of levels.
    codes: Vec<bool>,
}

impl<'p> Compiler<'_, 'p, '_, '_> {
    /// Where an item that counts is among the first; nothing where keys have no columns.
    pub(super) fn first(
        &mut self,
        id: ExprId,
        count: ExprId,
        keys: &'p [(ExprId, bool)],
        counts: Flag,
    ) -> Option<Flag> {
        if !self.context.is_same_for_all(count) {
            return None;
        }
        let most = evaluate_expression(self.context, None, count);
        let most = most.known_number()?.to_i64().and_then(|most| usize::try_from(most).ok()).unwrap_or(0);
        let (mut numbers, mut bytes) = (Vec::new(), vec![counts.yes, counts.open]);
        let mut codes = Vec::new();
        for (key, _) in keys {
            let (number, code, open, none) = match self.compiled(*key) {
                Compiled::Number(amount) => (amount.at, NEVER, amount.open, amount.none),
                Compiled::Day(day, open) => {
                    let none = self.without_value(&Compiled::Day(day, open))?;
                    (day, NEVER, open, none.yes)
                }
                Compiled::Code(code, open) => {
                    let none = self.without_value(&Compiled::Code(code, open))?;
                    (Number::Constant(0.0), code, open, none.yes)
                }
                _ => return None,
            };
            codes.push(code != NEVER);
            numbers.push(number);
            bytes.extend([open, none, code]);
        }
        let kept = self.kept(&numbers, &bytes);
        let earlier = self.order.take();
        let items = self.table.items.as_ref()?;
        let keys = Keys { kept: &kept, keys, codes };
        let mut entries = vec![Entry::Byte(0); items.items.len()];
        let mut order: Vec<u32> = (0..).take(items.items.len()).collect();
        for row in 0..items.rows() {
            keys.choose(items.of_row(row), most, earlier.as_deref(), (&mut entries, &mut order));
        }
        let asked = Asked::First(id, self.asking(id)?);
        let column = Column::of(Form::Flags, entries.into_iter());
        self.order = Some(order);
        match read(self.table.put(asked, column))? {
            Compiled::Flag(flag) => Some(flag),
            _ => None,
        }
    }
}

impl Keys<'_> {
    fn byte(&self, place: usize, item: usize) -> u8 {
        self.kept.bytes.get(place).and_then(|all| all.get(item)).copied().unwrap_or(0)
    }

    /// Marks the first items of a row, and where they stand among all of it.
    fn choose(
        &self,
        range: Range<usize>,
        most: usize,
        earlier: Option<&[u32]>,
        (entries, order): (&mut [Entry], &mut [u32]),
    ) {
        let is_open = |item: usize| {
            let keys = 0..self.keys.len();
            self.byte(1, item) == YES
                || self.byte(0, item) == YES && keys.into_iter().any(|key| self.byte(2 + 3 * key, item) == YES)
        };
        let mut ranked: Vec<usize> = range.clone().filter(|item| self.byte(0, *item) == YES).collect();
        let all_open = range.clone().any(is_open);
        ranked.sort_by_key(|item| earlier.and_then(|order| order.get(*item)).copied().unwrap_or(0));
        ranked.sort_by(|a, b| self.better(*a, *b));
        let tied = match (most.checked_sub(1).and_then(|last| ranked.get(last)), ranked.get(most)) {
            (Some(last), Some(next)) => self.better(*last, *next).is_eq(),
            _ => false,
        };
        if all_open || tied {
            entries.get_mut(range).unwrap_or(&mut []).fill(Entry::Gap);
            return;
        }
        for (place, item) in (0_u32..).zip(ranked.iter().take(most)) {
            if let (Some(entry), Some(order)) = (entries.get_mut(*item), order.get_mut(*item)) {
                (*entry, *order) = (Entry::Byte(YES), place);
            }
        }
    }

    /// As [`crate::eval::better`] has it: the greater first unless it ascends, what is none last.
    fn better(&self, a: usize, b: usize) -> Ordering {
        for (place, (_, ascending)) in self.keys.iter().enumerate() {
            let none = |item| self.byte(3 + 3 * place, item) == YES;
            let order = match (none(a), none(b)) {
                (true, true) => Ordering::Equal,
                (true, false) => return Ordering::Greater,
                (false, true) => return Ordering::Less,
                (false, false) => self.compared(place, a, b),
            };
            let order = if *ascending { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    fn compared(&self, place: usize, a: usize, b: usize) -> Ordering {
        if self.codes.get(place) == Some(&true) {
            return self.byte(4 + 3 * place, a).cmp(&self.byte(4 + 3 * place, b));
        }
        let value = |item: usize| self.kept.numbers.get(place).and_then(|all| all.get(item)).copied();
        value(b).partial_cmp(&value(a)).unwrap_or(Ordering::Equal)
    }
}
