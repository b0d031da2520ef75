//! Where the answer to a condition turns.
//!
//! In: the conditions that ask one fact only. Out: the values of the fact next to each turn:
//! at it, one smallest step below and above. The turn is found by asking the evaluator, at
//! rising values and then by halving, so that what a condition means is written nowhere
//! again: growth, days added, parameters and derived facts are all found alike.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::asked::{Asked, DEEPEST};
use crate::check::program::{ExprId, FactDef, FactId, Node, Program, RecordId, Type};
use crate::eval::{Context, Truth, all_children, evaluate_expression, holds};
use crate::record::{Cell, Record, kept_period};
use crate::value::{Date, Number, Period, Value};

/// What is asked about one fact of one period.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Edges {
    /// Numbers, in smallest steps; days, by number.
    pub steps: BTreeSet<i64>,
    /// The same of its data check alone.
    pub rare: BTreeSet<i64>,
    /// Numbers that it is held against together with other facts.
    pub hints: BTreeSet<i64>,
    /// Texts that it is compared with.
    pub texts: BTreeSet<SmolStr>,
    /// Whether there being none is asked.
    pub none: bool,
}

/// A fact of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Slot {
    pub record: RecordId,
    pub fact: FactId,
    pub period: Option<Period>,
}

/// How many places a number has behind its point: a fen is the smallest step of an amount.
pub(super) fn places(def: &FactDef) -> u32 {
    match &def.kind {
        Type::Number(_) if def.whole => 0,
        Type::Number(dimension) if dimension.is_none() => 4,
        _ => 2,
    }
}

/// So many smallest steps as a value; days by number for dates.
pub(super) fn value_of(def: &FactDef, steps: i64) -> Option<Value> {
    match &def.kind {
        Type::Date => Some(Value::Date(Date::from_day_number(i32::try_from(steps).ok()?)?)),
        Type::Number(_) => {
            let decimal = Decimal::try_from_i128_with_scale(i128::from(steps), places(def)).ok()?;
            Some(Value::Number(Number::from_decimal(decimal.normalize())))
        }
        _ => None,
    }
}

/// The smallest steps that a value is; a number between two steps is the lower one.
pub(super) fn steps_of(def: &FactDef, value: &Value) -> Option<i64> {
    match (&def.kind, value) {
        (Type::Date, Value::Date(day)) => Some(i64::from(day.day_number())),
        (Type::Number(_), Value::Number(number)) => {
            let power = 10_i64.checked_pow(places(def))?;
            number.multiply(&Number::from_i64(power)).ok()?.to_decimal()?.trunc().try_into().ok()
        }
        _ => None,
    }
}

/// Puts a value into a record.
pub(super) fn put(record: &mut Record, slot: &Slot, value: Option<Value>) {
    let Some(cell) = record.cells.get_mut(slot.fact.index()) else { return };
    let Some(period) = slot.period else {
        *cell = value.map_or(Cell::Unknown, Cell::Value);
        return;
    };
    if !matches!(cell, Cell::Periods(_)) {
        *cell = Cell::Periods(Vec::new());
    }
    let Cell::Periods(values) = cell else { return };
    values.retain(|(of, _)| *of != period);
    if let Some(value) = value {
        values.push((period, value));
        values.sort_by_key(|(of, _)| *of);
    }
}

/// The value of a fact of one period; none where it is not known.
pub(super) fn get<'r>(record: &'r Record, slot: &Slot) -> Option<&'r Value> {
    match (record.cells.get(slot.fact.index())?, slot.period) {
        (Cell::Value(value), _) => Some(value),
        (Cell::Periods(values), Some(period)) => values.iter().find(|(of, _)| *of == period).map(|(_, value)| value),
        _ => None,
    }
}

/// The fact of a period that an expression is, with the frames outward; none for other expressions.
pub(super) fn slot_of(program: &Program, periods: &[Option<Period>], now: Period, node: &Node) -> Option<(u8, Slot)> {
    let (record, up, fact, period) = match node {
        Node::Fact { record, up, fact } => (record, up, fact, now),
        Node::FactIn { record, up, fact, period } => (record, up, fact, periods.get(period.index()).copied()??),
        _ => return None,
    };
    let per = program.records.get(record.index())?.facts.get(fact.index())?.per;
    let period = per.map(|per| kept_period(per, period));
    Some((*up, Slot { record: *record, fact: *fact, period }))
}

/// Takes what is said of a fact's edges.
type Found<'f> = &'f mut dyn FnMut(Slot, &dyn Fn(&mut Edges));

/// What a condition looks at.
struct Looked {
    /// Facts, by their record's place in the scope.
    slots: BTreeSet<(usize, Slot)>,
    /// Facts of the items of lists over which it adds up or chooses.
    inner: BTreeSet<Slot>,
    /// It also looks at lists, other periods or the population.
    more: bool,
    /// Expressions without a fact.
    constants: Vec<ExprId>,
}

/// Asks for the turns of all conditions.
pub(super) struct Asker<'c, 'p> {
    pub context: &'c Context<'p>,
    pub periods: &'c [Option<Period>],
    /// Every day and range of days that the policies name.
    pub days: Vec<Value>,
}

/// Every day and range of days that a program names.
pub(super) fn days_of(program: &Program) -> Vec<Value> {
    let values = program.exprs.iter().filter_map(|expr| match &expr.node {
        Node::Value(value @ (Value::Date(_) | Value::Period(_))) => Some(value),
        _ => None,
    });
    let mut days: Vec<Value> = Vec::new();
    for value in values {
        if !days.contains(value) {
            days.push(value.clone());
        }
    }
    days
}

impl Asker<'_, '_> {
    /// Adds to a fact's edges what a condition says of it.
    pub fn ask(&self, asked: &Asked, found: Found<'_>) {
        let mut looked = Looked { slots: BTreeSet::new(), inner: BTreeSet::new(), more: false, constants: Vec::new() };
        self.look(asked.condition, asked.scope.len().saturating_sub(1), &mut looked, 0);
        let constants: Vec<(&Type, Value)> = looked.constants.iter().filter_map(|id| self.constant(*id)).collect();
        // A rate beside an amount is no amount.
        let alike = |def: &FactDef| -> Vec<Value> {
            let same = |kind: &Type| !matches!(kind, Type::Number(_)) || *kind == def.kind;
            constants.iter().filter(|(kind, _)| same(kind)).map(|(_, value)| value.clone()).collect()
        };
        let program = self.context.program;
        let is_none = matches!(program.exprs.get(asked.condition.index()).map(|e| &e.node), Some(Node::IsNone(_)));
        // Levels and flags beside a fact can be taken as there; other facts cannot be guessed.
        let is_there = |slot: &Slot| matches!(self.fact(slot).map(|def| &def.kind), Some(Type::Code(_) | Type::Bool));
        let beside: Vec<(usize, Slot)> = looked.slots.iter().filter(|(_, slot)| is_there(slot)).copied().collect();
        let only = looked.slots.len() == beside.len().saturating_add(1) && !looked.more;
        // One item alone is at the edge where the list has no other.
        for slot in &looked.inner {
            let Some(def) = self.fact(slot) else { continue };
            let steps: Vec<i64> = alike(def).iter().filter_map(|value| steps_of(def, value)).collect();
            let near = steps.iter().flat_map(|step| [step.saturating_sub(1), *step, step.saturating_add(1)]);
            let near: Vec<i64> = near.collect();
            found(*slot, &|edges| edges.steps.extend(&near));
        }
        for (at, slot) in &looked.slots {
            let Some(def) = self.fact(slot) else { continue };
            let constants = alike(def);
            if is_none {
                found(*slot, &|edges| edges.none = true);
            }
            match &def.kind {
                Type::Text => found(*slot, &|edges| {
                    let texts = constants.iter().filter_map(|value| match value {
                        Value::Text(text) => Some(text.clone()),
                        _ => None,
                    });
                    edges.texts.extend(texts);
                }),
                Type::Number(_) | Type::Date if only => {
                    let steps = self.turns((asked, &beside), *at, slot, def, &constants);
                    found(*slot, &|edges| match asked.checks {
                        true => edges.rare.extend(&steps),
                        false => edges.steps.extend(&steps),
                    });
                }
                Type::Number(_) => found(*slot, &|edges| {
                    edges
                        .hints
                        .extend(constants.iter().filter_map(|value| steps_of(def, value)).filter(|step| *step > 0));
                }),
                _ => {}
            }
        }
    }

    fn fact(&self, slot: &Slot) -> Option<&FactDef> {
        self.context.program.records.get(slot.record.index())?.facts.get(slot.fact.index())
    }

    fn constant(&self, id: ExprId) -> Option<(&Type, Value)> {
        let value = evaluate_expression(self.context, None, id).known().cloned()?;
        Some((&self.context.program.exprs.get(id.index())?.kind, value))
    }

    fn look(&self, id: ExprId, at: usize, looked: &mut Looked, depth: usize) {
        let program = self.context.program;
        let Some(expr) = program.exprs.get(id.index()).filter(|_| depth <= DEEPEST) else { return };
        let outward = |up: u8| at.checked_sub(usize::from(up));
        if let Some((up, slot)) = slot_of(program, self.periods, self.context.period, &expr.node) {
            looked.slots.extend(outward(up).map(|at| (at, slot)));
            return;
        }
        match &expr.node {
            Node::Let { up, id } => {
                if let (Some(at), Some(def)) = (outward(*up), program.lets.get(id.index())) {
                    self.look(def.value, at, looked, depth.saturating_add(1));
                }
                return;
            }
            Node::Aggregate { .. } | Node::OverPeriods { .. } | Node::All(_) | Node::History | Node::PaidUnder(_) => {
                looked.more = true;
            }
            _ => {}
        }
        let before = (looked.slots.len(), looked.more);
        all_children(&expr.node, &mut |child, inner| {
            if inner == 0 {
                self.look(child, at, looked, depth.saturating_add(1));
            }
            true
        });
        if let Node::Aggregate { value: Some(value), .. } = &expr.node {
            // Seen from the item, which is no record of the scope.
            let mut within =
                Looked { slots: BTreeSet::new(), inner: BTreeSet::new(), more: false, constants: Vec::new() };
            self.look(*value, 0, &mut within, depth.saturating_add(1));
            looked.inner.extend(within.slots.into_iter().map(|(_, slot)| slot));
        }
        if before == (looked.slots.len(), looked.more) && !matches!(expr.kind, Type::Bool | Type::List(_)) {
            looked.constants.push(id);
        }
    }

    /// The values next to which the answer turns.
    fn turns(
        &self,
        (asked, beside): (&Asked, &[(usize, Slot)]),
        at: usize,
        slot: &Slot,
        def: &FactDef,
        constants: &[Value],
    ) -> Vec<i64> {
        let program = self.context.program;
        let blank = |id: &RecordId| {
            let facts = program.records.get(id.index()).map_or(0, |def| def.facts.len());
            (*id, Record { cells: vec![Cell::Unknown; facts], place: None })
        };
        let mut records: Vec<(RecordId, Record)> = asked.scope.iter().map(blank).collect();
        for (at, slot) in beside {
            let there = match self.fact(slot).map(|def| &def.kind) {
                Some(Type::Bool) => Value::Bool(true),
                _ => Value::Code(0),
            };
            if let Some((_, record)) = records.get_mut(*at) {
                put(record, slot, Some(there));
            }
        }
        let mut answer = |steps: i64| -> Option<bool> {
            let value = value_of(def, steps)?;
            put(&mut records.get_mut(at)?.1, slot, Some(value));
            let scope: Vec<(RecordId, &Record)> = records.iter().map(|(id, record)| (*id, record)).collect();
            match holds(self.context, asked.clause, &scope, asked.condition) {
                Truth::Yes => Some(true),
                Truth::No => Some(false),
                Truth::Open(_) => None,
            }
        };
        let days = if def.kind == Type::Date { &*self.days } else { &[] };
        let probes = probes(def, self.context.period, constants.iter().chain(days));
        let known: Vec<(i64, bool)> = probes.into_iter().filter_map(|steps| Some((steps, answer(steps)?))).collect();
        let mut found = Vec::new();
        for pair in known.windows(2) {
            let [(low, below), (high, above)] = pair else { continue };
            if below != above {
                let (low, high) = halve((*low, *below), *high, &mut answer);
                found.extend([low.saturating_sub(1), low, high, high.saturating_add(1)]);
            }
        }
        found
    }
}

/// The neighbours between which the answer turns.
pub(super) fn halve(
    (mut low, below): (i64, bool),
    mut high: i64,
    answer: &mut dyn FnMut(i64) -> Option<bool>,
) -> (i64, i64) {
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        match answer(middle) {
            Some(same) if same == below => low = middle,
            _ => high = middle,
        }
    }
    (low, high)
}

/// Values to try, rising: what the condition names with its neighbours, and a coarse scale.
fn probes<'v>(def: &FactDef, period: Period, constants: impl Iterator<Item = &'v Value>) -> Vec<i64> {
    const YEARS: i32 = 30;
    let mut probes = BTreeSet::new();
    let mut near = |steps: i64| probes.extend([steps.saturating_sub(1), steps, steps.saturating_add(1)]);
    for value in constants {
        if let Value::Period(period) = value
            && def.kind == Type::Date
        {
            period.first.iter().chain(&period.last).for_each(|day| near(i64::from(day.day_number())));
        }
        if let Some(steps) = steps_of(def, value) {
            near(steps);
        }
    }
    if def.kind == Type::Date {
        let middle = period.first.or(period.last).map_or(0, Date::year);
        for year in middle.saturating_sub(YEARS)..=middle.saturating_add(YEARS) {
            let months = (1..=12).filter_map(|month| Date::new(year, month, 1));
            probes.extend(months.map(|day| i64::from(day.day_number())));
        }
    } else {
        let mut scale: i64 = 1;
        probes.insert(0);
        // Up to a hundred thousand million yuan.
        while scale < 10_000_000_000_000 {
            for times in [1, 2, 5] {
                let steps = scale.saturating_mul(times);
                probes.extend([steps, steps.saturating_neg()]);
            }
            scale = scale.saturating_mul(10);
        }
    }
    probes.into_iter().collect()
}
