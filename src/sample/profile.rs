//! How the values of a fact are spread.
//!
//! In: a fact and what is asked about it. Out: a [`Profile`], and values drawn by it: some at
//! the edges, the rest skewed as firms are: many small and few large, most without an honour,
//! dates around the period.

use std::collections::BTreeSet;

use smol_str::{SmolStr, format_smolstr};

use super::edge::{Edges, Slot, value_of};
use super::random::Random;
use crate::check::program::{FactDef, Program, Type};
use crate::value::{Date, Period, Value};

/// How the values of a fact are spread. Shares are of a thousand.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Profile {
    /// Yes or no.
    Flag { yes: u32 },
    /// One of so many values; of levels the highest is the rarest.
    Code { count: u16, ordered: bool, none: u32 },
    /// Days by number.
    Date { edges: Vec<i64>, first: i64, last: i64, now: (i64, i64), none: u32 },
    /// Numbers in smallest steps.
    Number { edges: Vec<i64>, rare: Vec<i64>, middle: i64, lowest: i64, highest: i64, zero: u32, none: u32 },
    /// One of these texts, or one of so many made up.
    Text { named: Vec<SmolStr>, made_up: u64, none: u32 },
    /// Nothing can be drawn.
    Nothing,
}

/// How many in a thousand stand at an edge, where there are any.
const AT_EDGE: u32 = 300;

/// The profile of a fact.
pub(super) fn profile(program: &Program, def: &FactDef, edges: &Edges, grouped: bool, period: Period) -> Profile {
    // A blank that means none says that most have none.
    let none = match &def.default {
        Some(Value::None) => 500,
        _ if edges.none => 150,
        _ => 0,
    };
    match &def.kind {
        Type::Bool => Profile::Flag { yes: if def.default.is_some() { 300 } else { 650 } },
        Type::Code(id) => {
            let (count, ordered) =
                program.enums.get(id.index()).map_or((0, false), |def| (def.values.len(), def.ordered));
            let none = if ordered { 750 } else { none };
            Profile::Code { count: u16::try_from(count).unwrap_or(u16::MAX), ordered, none }
        }
        // Most events that a policy asks for never happened to most firms.
        Type::Date => dates(def, edges, none.max(300), period),
        Type::Number(_) => numbers(def, edges, none),
        Type::Text => {
            let made_up = if grouped { 40 } else { 400 };
            Profile::Text { named: edges.texts.iter().cloned().collect(), made_up, none }
        }
        Type::Duration | Type::Period | Type::List(_) | Type::Poison => Profile::Nothing,
    }
}

fn dates(def: &FactDef, edges: &Edges, none: u32, period: Period) -> Profile {
    const YEARS_BEFORE: i64 = 8 * 366;
    const YEAR: i64 = 366;
    let first = period.first.or(period.last).map_or(0, Date::day_number);
    let last = period.last.or(period.first).map_or(0, Date::day_number);
    let now = (i64::from(first), i64::from(last));
    let (lowest, highest) = bounds(def);
    let within = |day: i64| day.max(lowest.unwrap_or(i64::MIN)).min(highest.unwrap_or(i64::MAX));
    let (first, last) = (within(now.0.saturating_sub(YEARS_BEFORE)), within(now.1.saturating_add(YEAR)));
    let edges = edges.steps.iter().copied().filter(|day| within(*day) == *day).collect();
    Profile::Date { edges, first, last, now: (within(now.0), within(now.1)), none }
}

/// What its declaration says a fact lies between.
fn bounds(def: &FactDef) -> (Option<i64>, Option<i64>) {
    let bound = |bound: &Option<Value>| bound.as_ref().and_then(|bound| super::edge::steps_of(def, bound));
    (bound(&def.bounds.0), bound(&def.bounds.1))
}

fn numbers(def: &FactDef, edges: &Edges, none: u32) -> Profile {
    let (lowest, highest) = bounds(def);
    // What nobody says may be negative is not.
    let (lowest, highest) = (lowest.unwrap_or(0), highest.unwrap_or(i64::MAX / 4));
    let within = |steps: &BTreeSet<i64>| -> Vec<i64> {
        steps.iter().copied().filter(|step| (lowest..=highest).contains(step)).collect()
    };
    let (within, rare) = (within(&edges.steps), within(&edges.rare));
    let known: Vec<i64> = within.iter().chain(&edges.hints).copied().filter(|step| *step > 1).collect();
    let power = 10_i64.saturating_pow(super::edge::places(def));
    let middle = match (known.get(known.len() / 2), &def.kind) {
        // Most are smaller than what a policy asks for.
        (Some(step), _) => (step / 2).max(1),
        (None, Type::Number(dimension)) if dimension.is_money() => power.saturating_mul(2_000_000),
        (None, Type::Number(dimension)) if dimension.is_none() && !def.whole => power,
        (None, _) => power.saturating_mul(30),
    };
    let zero = match &def.default {
        Some(Value::Number(number)) if number.is_zero() => 800,
        _ if lowest <= 0 && highest >= 0 => 40,
        _ => 0,
    };
    Profile::Number { edges: within, rare, middle, lowest, highest, zero, none }
}

impl Profile {
    /// Draws a value. `size` is how large the firm is, in octaves of 65536 parts.
    pub fn draw(&self, random: &mut Random, def: &FactDef, size: i64) -> Option<Value> {
        let none = match self {
            Profile::Code { none, .. }
            | Profile::Date { none, .. }
            | Profile::Number { none, .. }
            | Profile::Text { none, .. } => *none,
            Profile::Flag { .. } | Profile::Nothing => 0,
        };
        if random.happens(none) { Some(Value::None) } else { self.draw_some(random, def, size) }
    }

    /// Draws a value that is there.
    pub fn draw_some(&self, random: &mut Random, def: &FactDef, size: i64) -> Option<Value> {
        match self {
            Profile::Flag { yes } => Some(Value::Bool(random.happens(*yes))),
            Profile::Code { count, ordered, .. } => {
                let (a, b) = (random.below(u64::from(*count)), random.below(u64::from(*count)));
                // Levels begin with the highest, which few have; of other values the first are the most common.
                let code = if *ordered { a.max(b) } else { a.min(b) };
                (*count > 0).then(|| Value::Code(u16::try_from(code).unwrap_or(0)))
            }
            Profile::Date { edges, first, last, now, .. } => {
                let day = match edges.is_empty() || !random.happens(AT_EDGE) {
                    false => random.one_of(edges).copied().unwrap_or(*first),
                    true if random.happens(350) => random.between(now.0, now.1),
                    true => random.between(*first, *last),
                };
                value_of(def, day)
            }
            Profile::Number { edges, rare, middle, lowest, highest, zero, .. } => {
                const AT_CHECK: u32 = 10;
                if !rare.is_empty() && random.happens(AT_CHECK) {
                    return value_of(def, random.one_of(rare).copied()?);
                }
                if random.happens(*zero) {
                    return value_of(def, 0);
                }
                if !edges.is_empty() && random.happens(AT_EDGE) {
                    return value_of(def, random.one_of(edges).copied()?);
                }
                let steps = skewed(random, *middle, size);
                let steps = rounded(random, def, steps).clamp(*lowest, *highest);
                value_of(def, steps)
            }
            Profile::Text { named, made_up, .. } => {
                if !named.is_empty() && random.happens(650) {
                    return random.one_of(named).cloned().map(Value::Text);
                }
                let (a, b) = (random.below(*made_up), random.below(*made_up));
                Some(Value::Text(format_smolstr!("样例{}{}", def.name, a.min(b).saturating_add(1))))
            }
            Profile::Nothing => None,
        }
    }

    /// Values worth trying where a condition is to be met or missed: the edges, or all there are.
    pub fn edges(&self, def: &FactDef) -> Vec<Value> {
        match self {
            Profile::Flag { .. } => vec![Value::Bool(true), Value::Bool(false)],
            Profile::Code { count, .. } => (0..*count).map(Value::Code).collect(),
            Profile::Date { edges, .. } | Profile::Number { edges, .. } => {
                edges.iter().filter_map(|steps| value_of(def, *steps)).collect()
            }
            Profile::Text { named, .. } => named.iter().cloned().map(Value::Text).collect(),
            Profile::Nothing => Vec::new(),
        }
    }
}

/// Another year's value: grown or shrunk.
pub(super) fn grown(random: &mut Random, steps: i64) -> i64 {
    let percent = random.between(60, 160);
    let grown = i128::from(steps).saturating_mul(i128::from(percent)) / 100;
    i64::try_from(grown).unwrap_or(steps)
}

/// A number around the middle: as often half as double, rarely sixty times.
fn skewed(random: &mut Random, middle: i64, size: i64) -> i64 {
    let octaves = random.octave().saturating_mul(3).saturating_add(size);
    let (whole, part) = (octaves.div_euclid(65_536), octaves.rem_euclid(65_536));
    // Between two powers of two it rises evenly: near enough, and without a fraction.
    let mantissa = i128::from(middle).saturating_mul(i128::from(part.saturating_add(65_536)));
    let shift = u32::try_from(whole.saturating_sub(16).saturating_neg()).unwrap_or(0).min(100);
    i64::try_from(mantissa >> shift).unwrap_or(middle)
}

/// Amounts are often round.
fn rounded(random: &mut Random, def: &FactDef, steps: i64) -> i64 {
    let round = match (super::edge::places(def), random.below(4)) {
        (2, 0) => 1_000_000,
        (2, 1 | 2) => 100,
        _ => 1,
    };
    if steps > round { steps.saturating_sub(steps % round) } else { steps }
}

/// A fact of a record type as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawn {
    pub slot: Slot,
    pub profile: Profile,
}
