//! Aggregates over lists, and clauses that pay for each item.
//!
//! The items of a list are a table of their own, over which expressions are compiled as they
//! are over recipients; they are carried out at once, and what comes of the items of each
//! row is a column of the rows.

use super::condition::HOLDS;
use super::{Amount, Compiled, Compiler, Flag, NEVER, read};
use crate::Few;
use crate::batch::column::{Column, Form, YES};
use crate::batch::items::ListOf;
use crate::batch::operation::{Byte, Number, whole};
use crate::batch::reduce;
use crate::batch::table::{Asked, Table};
use crate::check::program::{ClauseDef, ClauseId, Expr, ExprId, Node, Program, Type};
use crate::eval::{ItemResult, Status, key_of};
use crate::record::Record;
use crate::syntax::tree::AggregateKind;
use crate::value as exact;

/// A list: whose items, and what they must pass.
pub(super) struct ListDef<'p> {
    of: ListOf,
    passes: Vec<Pass<'p>>,
}

/// What items must pass, in order.
#[derive(Clone, Copy)]
pub(super) enum Pass<'p> {
    Where(ExprId),
    /// Being among the first so many by keys.
    First {
        id: ExprId,
        count: ExprId,
        keys: &'p [(ExprId, bool)],
    },
}

/// What a clause pays for each item.
#[derive(Debug)]
pub(in crate::batch) struct ItemAmounts {
    pub(in crate::batch) clause: ClauseId,
    pub(in crate::batch) list: ListOf,
    /// Parts of the divisor.
    pub(in crate::batch) amounts: Vec<f64>,
    pub(in crate::batch) divisor: i64,
    /// Whether an item counts.
    pub(in crate::batch) counts: Vec<u8>,
    /// The places of items among those of their row, where they are told in another order than they stand in.
    pub(in crate::batch) order: Option<Vec<u32>>,
}

impl ItemAmounts {
    /// What the clause pays for the items of a row to which it applies.
    pub(in crate::batch) fn results(
        &self,
        program: &Program,
        table: &Table<'_>,
        row: usize,
        up_to: bool,
    ) -> Few<ItemResult> {
        let Some(items) = table.items_of(self.list) else { return Few::new() };
        let range = items.of_row(row);
        let mut counted: Vec<usize> = range.clone().filter(|item| self.counts.get(*item) == Some(&YES)).collect();
        if let Some(order) = &self.order {
            counted.sort_by_key(|item| order.get(*item));
        }
        let result = |item: usize| {
            let parts = exact::Number::from_i64(whole(*self.amounts.get(item)?));
            let amount = parts.divide(&exact::Number::from_i64(self.divisor)).ok()?;
            let record: &Record = items.items.get(item)?;
            let status = if up_to && !amount.is_zero() { Status::UpTo } else { Status::Exact };
            Some(ItemResult {
                index: item.saturating_sub(range.start),
                key: key_of(program, items.record, record),
                status,
                lowest: if up_to { exact::Number::ZERO } else { amount.clone() },
                full_lowest: amount.clone(),
                highest: Some(amount.clone()),
                amount: Some(amount),
                missing: Vec::new(),
                pending: Vec::new(),
            })
        };
        counted.into_iter().filter_map(result).collect()
    }
}

impl<'c, 'p, 'r> Compiler<'c, 'p, '_, 'r> {
    /// An aggregate over a list of the row; nothing where there is no kernel for it.
    pub(super) fn aggregate(&mut self, id: ExprId, expr: &'p Expr) -> Option<Compiled> {
        if self.context.is_shared(id) {
            return self.constant(id);
        }
        let Node::Aggregate { kind, list, value, condition } = &expr.node else { return None };
        let asked = Asked::Aggregate(id, self.asking(id)?);
        if let Some(found) = self.table.find(asked) {
            return read(found);
        }
        let list = self.list(*list)?;
        let column = self.over_items(&list, |items, counts| match kind {
            AggregateKind::Count | AggregateKind::Any | AggregateKind::Every => {
                items.reduced(*kind, *condition, counts)
            }
            kind => items.reduced_values(*kind, (*value)?, counts),
        })?;
        read(self.table.put(asked, column))
    }

    /// The sum of what a clause awards for each item, before what is done to the sum.
    pub(super) fn for_each(&mut self, clause: &'p ClauseDef, list: ExprId) -> Option<Amount> {
        let id = self.clause?;
        let list = self.list(list)?;
        let (column, items) = self.over_items(&list, |items, counts| items.awarded((id, clause), list.of, counts))?;
        self.items.push(items);
        match read(self.table.put(Asked::ForEach(id), column))? {
            Compiled::Number(amount) => Some(self.there(amount)),
            _ => None,
        }
    }

    /// A list of the rows of this table; lists of items are left to the row engine.
    fn list(&self, id: ExprId) -> Option<ListDef<'p>> {
        if self.outer.is_some() {
            return None;
        }
        let (mut at, mut passes) = (id, Vec::new());
        for _ in 0..super::DEEPEST {
            let expr = self.expr(at)?;
            let of = match &expr.node {
                Node::Items { up: 0, fact, .. } => match expr.kind {
                    Type::List(record) => ListOf::Fact(*fact, record),
                    _ => return None,
                },
                Node::History => ListOf::History,
                Node::Where(inner, condition) => {
                    passes.push(Pass::Where(*condition));
                    at = *inner;
                    continue;
                }
                Node::Top { list, count, keys } => {
                    passes.push(Pass::First { id: at, count: *count, keys });
                    at = *list;
                    continue;
                }
                Node::Let { up: 0, id } => {
                    at = self.context.program.lets.get(id.index())?.value;
                    continue;
                }
                _ => return None,
            };
            passes.reverse();
            return Some(ListDef { of, passes });
        }
        None
    }

    /// Does something with the table of a list's items, and where they count.
    fn over_items<T>(
        &mut self,
        list: &ListDef<'p>,
        of: impl FnOnce(&mut Compiler<'c, 'p, '_, 'r>, Flag) -> Option<T>,
    ) -> Option<T> {
        let mut table = self.table.take_list(self.context, list.of);
        let mut items = Compiler::new(self.context, &mut table);
        (items.clause, items.depth, items.outer) = (self.clause, self.depth, Some(&mut *self.table));
        let counts = items.counting(&list.passes);
        let found = counts.and_then(|counts| of(&mut items, counts));
        self.table.put_list(list.of, table);
        found
    }

    /// Which items count.
    fn counting(&mut self, passes: &[Pass<'p>]) -> Option<Flag> {
        let mut counts = HOLDS;
        for pass in passes {
            counts = match pass {
                Pass::Where(condition) => {
                    let holds = self.flag(*condition);
                    self.and(counts, holds)
                }
                Pass::First { id, count, keys } => self.first(*id, *count, keys, counts)?,
            };
        }
        Some(counts)
    }

    fn reduced(&mut self, kind: AggregateKind, condition: Option<ExprId>, counts: Flag) -> Option<Column> {
        let holds = match condition {
            Some(condition) => self.flag(condition),
            None => HOLDS,
        };
        let flag = match kind {
            AggregateKind::Count => counts,
            AggregateKind::Any => self.and(counts, holds),
            _ => {
                let out = self.not(counts);
                self.or(out, holds)
            }
        };
        let kept = self.kept(&[], &[flag.yes, flag.open]);
        let items = self.table.items.as_ref()?;
        Some(match kind {
            AggregateKind::Count => reduce::count(items, &kept),
            AggregateKind::Any => reduce::holds(items, &kept, false),
            _ => reduce::holds(items, &kept, true),
        })
    }

    fn reduced_values(&mut self, kind: AggregateKind, value: ExprId, counts: Flag) -> Option<Column> {
        let ordered = matches!(kind, AggregateKind::Max | AggregateKind::Min);
        let nothing = (Number::Constant(0.0), Byte::Constant(0));
        // What is none counts in none of them.
        let (number, code, open, none, form, divisor) = match self.compiled(value) {
            Compiled::Number(amount) => {
                let form = Form::Numbers { money: true };
                (amount.at, nothing.1, amount.open, amount.none, form, i64::try_from(amount.divisor).ok()?)
            }
            Compiled::Day(at, open) if ordered => (at, nothing.1, open, NEVER, Form::Days, 1),
            Compiled::Code(code, open) if ordered => (nothing.0, code, open, NEVER, Form::Codes, 1),
            _ => return None,
        };
        let yes = self.except(counts.yes, none);
        let open = self.both(counts.yes, open);
        let open = self.either(counts.open, open);
        let kept = self.kept(&[number], &[yes, open, code]);
        reduce::of_values(kind, self.table.items.as_ref()?, &kept, (form, divisor))
    }

    /// The sum of what a clause awards for the items, and what it awards for each.
    fn awarded(
        &mut self,
        (id, clause): (ClauseId, &'p ClauseDef),
        list: ListOf,
        counts: Flag,
    ) -> Option<(Column, ItemAmounts)> {
        let award = self.amount(clause.amount)?;
        let (mut amount, negative) = self.paid(award)?;
        for (place, modifier) in clause.modifiers.iter().enumerate().filter(|(_, modifier)| modifier.each) {
            amount = self.modified((place, modifier), amount)?;
        }
        let open = self.either(amount.open, negative);
        let open = self.both(counts.yes, open);
        let open = self.either(counts.open, open);
        let mut kept = self.kept(&[amount.at], &[counts.yes, open]);
        let divisor = i64::try_from(amount.divisor).ok()?;
        let column = reduce::sum(self.table.items.as_ref()?, &kept, divisor);
        let (amounts, counts) = (kept.numbers.pop()?, kept.bytes.into_iter().next()?);
        let items = ItemAmounts { clause: id, list, amounts, divisor, counts, order: self.order.take() };
        Some((column, items))
    }
}
