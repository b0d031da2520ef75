//! The budgets of a report: what there was, what was applied for, what is paid and left.

use serde::Serialize;

use super::by::{ValueState, shown};
use super::totals::{Figure, plus, yuan_or_null};
use crate::check::program::{PerDef, StepKindDef, Type};
use crate::explain::words::Words;
use crate::settle::{Borne, PoolOf, PoolResult, Settlement};
use crate::syntax::tree::RoundMode;
use crate::value::{Number, Value};

/// A pool of a budget; those who have no group of their own are told together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetRow {
    /// The policy; empty for a bare file.
    pub policy: String,
    /// The budget as it is written.
    pub step: String,
    /// The one payer whose shares it covers.
    pub payer: Option<String>,
    /// Whose pool it is, where each group or item has one.
    pub group: Option<String>,
    /// Whether the group is known; none of a budget that all share.
    pub group_state: Option<ValueState>,
    /// How many pools stand in this row.
    pub pools: usize,
    /// How much there was; none where there is no budget of the period or the group is not known.
    pub room: Option<Figure>,
    /// What was applied for when the budget's turn came.
    pub wanted: Figure,
    /// What is paid out of it after the whole settlement.
    pub paid: Figure,
    /// The most that those applied for whose part is still open; none where nothing bounds it.
    #[serde(serialize_with = "yuan_or_null")]
    pub open_wanted: Option<Number>,
    /// What is left: `known` after all that is known is paid, the bounds with what is open.
    pub left: Option<Figure>,
    /// Whether it reaches for all who apply; none while that is open.
    pub reaches: Option<bool>,
    /// How many recipients get less.
    pub cut: usize,
    /// How many recipients it leaves open.
    pub open: usize,
    /// How the shortage is borne: `pro rata`, `equally`, `in order`, `alone`, `open` or `undecided`.
    pub how: Option<&'static str>,
    /// The factor of all, rounded to six places.
    pub factor: Option<String>,
    /// What each gets less, rounded up to the fen.
    pub part: Option<String>,
}

/// The pools step by step; within a step the greatest payment first.
pub(super) fn rows(words: &Words<'_>, settlement: &Settlement) -> Vec<BudgetRow> {
    let mut out: Vec<(usize, BudgetRow)> = Vec::new();
    for pool in &settlement.pools {
        let row = row(words, pool);
        let alone = row.group_state == Some(ValueState::None);
        let same = |(step, other): &&mut (usize, BudgetRow)| *step == pool.step && other.group_state == row.group_state;
        match out.iter_mut().find(same).filter(|_| alone) {
            Some((_, other)) => other.join(&row),
            None => out.push((pool.step, row)),
        }
    }
    out.sort_by(|(a_step, a), (b_step, b)| {
        let by_amount = || (&b.paid.known, &b.wanted.known).cmp(&(&a.paid.known, &a.wanted.known));
        let by_state = a.group_state.cmp(&b.group_state);
        a_step.cmp(b_step).then(by_state).then_with(by_amount).then_with(|| a.group.cmp(&b.group))
    });
    out.into_iter().map(|(_, row)| row).collect()
}

impl BudgetRow {
    /// Another pool in the same row.
    fn join(&mut self, other: &BudgetRow) {
        let both = |a: &Option<Figure>, b: &Option<Figure>| a.as_ref().zip(b.as_ref()).map(|(a, b)| a.and(b));
        self.pools += other.pools;
        self.room = both(&self.room, &other.room);
        self.left = both(&self.left, &other.left);
        self.wanted = self.wanted.and(&other.wanted);
        self.paid = self.paid.and(&other.paid);
        self.open_wanted = self.open_wanted.as_ref().zip(other.open_wanted.as_ref()).map(|(a, b)| plus(a, b));
        self.reaches = match (self.reaches, other.reaches) {
            (Some(true), Some(true)) => Some(true),
            (Some(false), _) | (_, Some(false)) => Some(false),
            _ => None,
        };
        self.cut += other.cut;
        self.open += other.open;
        self.how = self.how.or(other.how);
    }
}

fn row(words: &Words<'_>, pool: &PoolResult) -> BudgetRow {
    let (group_state, group) = match &pool.of {
        PoolOf::All => (None, None),
        PoolOf::Value(Value::None) => (Some(ValueState::None), None),
        PoolOf::Value(value) => (Some(ValueState::Known), Some(shown(words, value, &kind(words, pool.step)))),
        PoolOf::Item(key) => (Some(ValueState::Known), Some(key.to_string())),
        PoolOf::Unknown => (Some(ValueState::Unknown), None),
    };
    let left = pool.left.as_ref().zip(pool.room.as_ref()).map(|(left, room)| {
        let known = room.known().map(|room| room.subtract(&pool.paid.known).unwrap_or_default().max(Number::ZERO));
        Figure { known, ..Figure::of_range(left) }
    });
    let (how, factor, part) = match &pool.how {
        None => (None, None, None),
        Some(Borne::Factor(factor)) => (Some("pro rata"), rounded(factor, RoundMode::HalfUp, "0.000001"), None),
        Some(Borne::Part(part)) => (Some("equally"), None, rounded(part, RoundMode::Up, "0.01")),
        Some(Borne::InTurn { how, .. }) if how.is_undecided() => (Some("undecided"), None, None),
        Some(Borne::Undecided) => (Some("undecided"), None, None),
        Some(Borne::Left(_) | Borne::InTurn { .. }) => (Some("in order"), None, None),
        Some(Borne::Alone) => (Some("alone"), None, None),
        Some(Borne::Open) => (Some("open"), None, None),
    };
    let reaches = pool.room.as_ref().and_then(|room| {
        let wanted = &pool.wanted.range;
        let short = room.high.as_ref().is_some_and(|room| wanted.low > *room);
        if short { Some(false) } else { wanted.surely_fits(room).then_some(true) }
    });
    BudgetRow {
        policy: pool.policy.map(|id| words.policy(id)).unwrap_or_default(),
        step: words.step(pool.step),
        payer: pool.payer.as_ref().map(ToString::to_string),
        group,
        group_state,
        pools: 1,
        room: pool.room.as_ref().map(Figure::of_range),
        wanted: Figure::of(&pool.wanted),
        paid: Figure::of(&pool.paid),
        open_wanted: pool.open_wanted.clone(),
        left,
        reaches,
        cut: pool.cut,
        open: pool.open,
        how,
        factor,
        part,
    }
}

/// The type of the values that a budget's groups are made by.
fn kind(words: &Words<'_>, step: usize) -> Type {
    let per = match words.program.settle.get(step).map(|step| &step.kind) {
        Some(StepKindDef::Budget { per: Some(PerDef::Value(per)), .. }) => Some(*per),
        _ => None,
    };
    per.and_then(|per| words.program.exprs.get(per.index())).map_or(Type::Poison, |expr| expr.kind.clone())
}

fn rounded(number: &Number, mode: RoundMode, to: &str) -> Option<String> {
    number.round(mode, &Number::from_digits(to)?).ok().map(|number| number.to_string())
}
