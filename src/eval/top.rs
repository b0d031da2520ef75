//! The first items of a list by an order.
//!
//! Those tied at the line are open, but their number is known. Where keys or items are not
//! known, whoever may be among the first is open.

use std::cmp::Ordering;

use super::cause::{Causes, Missing};
use super::compare;
use super::expression::Evaluator;
use super::list::{Item, List, Tie};
use super::open::{Answer, Truth};
use crate::check::program::ExprId;
use crate::syntax::tree::Compare;
use crate::value::Value;

/// Beyond so many items with open keys, a `top` is open as a whole.
const MOST_OPEN: usize = 1000;

impl<'a> Evaluator<'a> {
    /// The first of a list, as many as a number says.
    pub(super) fn top(
        &mut self,
        id: ExprId,
        list: ExprId,
        count: ExprId,
        keys: &[(ExprId, bool)],
        at: usize,
    ) -> List<'a> {
        let count = self.answer(count, at);
        let mut list = self.list(list, at);
        list.spread_tie();
        let most = match &count {
            Answer::Known(Value::Number(number)) => number.to_i64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
            Answer::Known(_) => 0,
            Answer::Open(open) => {
                let why = list.open.get_or_insert_default();
                why.merge(&open.causes);
                let why = why.clone();
                list.open_all(&why);
                return list;
            }
        };
        let mut ranked: Vec<(Vec<Answer>, Item<'a>)> = Vec::with_capacity(list.items.len());
        for item in list.items {
            let inner = self.push(item.id, item.record, Some(at));
            let key = keys.iter().map(|(key, _)| self.answer(*key, inner)).collect();
            self.pop();
            ranked.push((key, item));
        }
        let is_open = |(key, item): &(Vec<Answer>, Item<'_>)| {
            item.included != Truth::Yes || key.iter().any(|key| key.known().is_none())
        };
        if list.open.is_some() || ranked.iter().any(is_open) {
            let items = top_of_open(ranked, most, keys);
            return List { items, open: list.open, tie: None };
        }
        ranked.sort_by(|a, b| better(&a.0, &b.0, keys));
        first_of(ranked, most, keys, id)
    }
}

/// The order of two keys, the better first; none stands last.
pub(crate) fn better(a: &[Answer], b: &[Answer], keys: &[(ExprId, bool)]) -> Ordering {
    for ((a, b), (_, ascending)) in a.iter().zip(b).zip(keys) {
        let (Answer::Known(a), Answer::Known(b)) = (a, b) else { continue };
        let order = match (a, b) {
            (Value::None, Value::None) => Ordering::Equal,
            (Value::None, _) => return Ordering::Greater,
            (_, Value::None) => return Ordering::Less,
            _ if compare::values(Compare::Greater, a, b) => Ordering::Less,
            _ if compare::values(Compare::Less, a, b) => Ordering::Greater,
            _ => Ordering::Equal,
        };
        let order = if *ascending { order.reverse() } else { order };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// The first of sorted items; those tied across the line are open.
fn first_of<'a>(
    mut ranked: Vec<(Vec<Answer>, Item<'a>)>,
    most: usize,
    keys: &[(ExprId, bool)],
    id: ExprId,
) -> List<'a> {
    let line = match (most.checked_sub(1).and_then(|last| ranked.get(last)), ranked.get(most)) {
        (Some((last, _)), Some((next, _))) if better(last, next, keys).is_eq() => Some(last.clone()),
        _ => None,
    };
    let Some(line) = line else {
        ranked.truncate(most);
        return List { items: ranked.into_iter().map(|(_, item)| item).collect(), ..List::default() };
    };
    let from = ranked.partition_point(|(key, _)| better(key, &line, keys).is_lt());
    let to = ranked.partition_point(|(key, _)| better(key, &line, keys).is_le());
    ranked.truncate(to);
    let why = Truth::Open(Box::new(Causes::missing(Missing::Tie(id))));
    let items = ranked.into_iter().enumerate().map(|(at, (_, mut item))| {
        if at >= from {
            item.included = why.clone();
        }
        item
    });
    List { items: items.collect(), open: None, tie: Some(Tie { from, take: most.saturating_sub(from) }) }
}

/// The items that may be among the first where keys or items are not known.
fn top_of_open<'a>(ranked: Vec<(Vec<Answer>, Item<'a>)>, most: usize, keys: &[(ExprId, bool)]) -> Vec<Item<'a>> {
    let mut causes = Causes::default();
    for (key, item) in &ranked {
        for why in key.iter().filter_map(Answer::causes) {
            causes.merge(why);
        }
        if let Truth::Open(why) = &item.included {
            causes.merge(why);
        }
    }
    let is_known = |key: &[Answer]| key.iter().all(|key| key.known().is_some());
    let compare_all = ranked.len() <= MOST_OPEN;
    let place = |at: usize| -> Option<Truth> {
        let (own, _) = ranked.get(at)?;
        let (mut surely_ahead, mut perhaps_ahead) = (0, 0);
        for (_, (key, other)) in ranked.iter().enumerate().filter(|(other, _)| compare_all && *other != at) {
            let order = (is_known(own) && is_known(key)).then(|| better(key, own, keys));
            surely_ahead += usize::from(order == Some(Ordering::Less) && other.included == Truth::Yes);
            perhaps_ahead += usize::from(order != Some(Ordering::Greater));
        }
        match (compare_all && surely_ahead >= most, compare_all && perhaps_ahead < most) {
            (true, _) => None,
            (_, true) => Some(Truth::Yes),
            _ => Some(Truth::Open(Box::new(causes.clone()))),
        }
    };
    let places: Vec<_> = (0..ranked.len()).map(place).collect();
    let items = ranked.into_iter().zip(places).filter_map(|((_, mut item), place)| {
        item.included = item.included.and(place?);
        Some(item)
    });
    items.collect()
}
