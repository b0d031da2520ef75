//! What is drawn of each record type.
//!
//! In: what the policies ask. Out: by record type the facts with their profiles, the lists,
//! and the clauses whose conditions are aimed at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::asked::{Asked, Gates, Questions};
use super::edge::{Asker, Edges, Slot, days_of, put};
use super::profile::{Drawn, Profile, profile};
use super::random::Random;
use crate::check::program::{FactDef, FactId, Program, RecordDef, RecordId, Type};
use crate::eval::{Context, check_record};
use crate::record::{Cell, Record};
use crate::syntax::tree::Per;
use crate::value::Period;

/// How a record type is drawn.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The facts, each period by itself.
    pub drawn: Vec<Drawn>,
    /// Where a fact stands among them.
    pub places: HashMap<Slot, usize>,
    /// The lists, with the types of their items.
    pub lists: Vec<(FactId, RecordId)>,
    /// What the clauses for this recipient ask.
    pub gates: Vec<Gates>,
    /// The conditions that begin at this type, with the clause that asks.
    pub asked: Vec<Asked>,
    /// Its checks cannot be kept by the profiles alone.
    pub checked: bool,
}

/// How everything is drawn.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// By record type.
    pub forms: BTreeMap<RecordId, Form>,
    /// The types that have rows of their own, the main one first.
    pub tops: Vec<RecordId>,
}

/// Makes the plan. With `every`, facts are drawn that no policy asks for.
pub(super) fn plan(context: &Context<'_>, questions: Questions, periods: &[Option<Period>], every: bool) -> Plan {
    let program = context.program;
    let mut edges: BTreeMap<Slot, Edges> = BTreeMap::new();
    let asker = Asker { context, periods, days: days_of(program) };
    for asked in &questions.asked {
        asker.ask(asked, &mut |slot, say| say(edges.entry(slot).or_default()));
    }
    let mut lists = questions.lists.clone();
    if every {
        lists.extend(all_lists(program));
    }
    for whole in &questions.whole {
        // Those who stand in lists are drawn there.
        if !all_lists(program)
            .any(|(owner, list)| lists.contains(&(owner, list)) && item_of(program, owner, list) == Some(*whole))
        {
            lists.extend(all_lists(program).find(|(owner, list)| item_of(program, *owner, *list) == Some(*whole)));
        }
    }
    let tops = tops(program, &questions, &lists);
    let mut plan = Plan { forms: BTreeMap::new(), tops };
    for id in reached(program, &plan.tops, &lists) {
        let Some(def) = program.records.get(id.index()) else { continue };
        let mut form = Form::default();
        form.lists.extend(
            lists
                .iter()
                .filter(|(owner, _)| *owner == id)
                .filter_map(|(_, list)| Some((*list, item_of(program, id, *list)?))),
        );
        for slot in slots(def, id, &questions, every, context.period) {
            let Some(fact) = def.facts.get(slot.fact.index()) else { continue };
            let grouped = questions.groups.contains(&(id, slot.fact));
            let said = edges.entry(slot).or_default();
            let mut profile = profile(program, fact, said, grouped, context.period);
            form.checked |= !keep(context, &slot, fact, &mut profile);
            form.places.insert(slot, form.drawn.len());
            form.drawn.push(Drawn { slot, profile });
        }
        form.gates = questions.gates.iter().filter(|gates| gates.recipient == id).cloned().collect();
        form.asked = questions.asked.iter().filter(|asked| asked.scope.first() == Some(&id)).cloned().collect();
        plan.forms.insert(id, form);
    }
    plan
}

fn all_lists(program: &Program) -> impl Iterator<Item = (RecordId, FactId)> {
    program.records.iter().zip(0..).filter(|(def, _)| !def.is_history).flat_map(|(def, at)| {
        let lists = def.facts.iter().zip(0..).filter(|(fact, _)| matches!(fact.kind, Type::List(_)));
        lists.map(move |(_, fact)| (RecordId(at), FactId(fact)))
    })
}

/// The type of a list's items.
pub(super) fn item_of(program: &Program, owner: RecordId, list: FactId) -> Option<RecordId> {
    match program.records.get(owner.index())?.facts.get(list.index())?.kind {
        Type::List(item) => Some(item),
        _ => None,
    }
}

/// The types with rows of their own: recipients, and those that are asked for as a whole, where no list holds them.
fn tops(program: &Program, questions: &Questions, lists: &BTreeSet<(RecordId, FactId)>) -> Vec<RecordId> {
    let in_lists: BTreeSet<RecordId> =
        lists.iter().filter_map(|(owner, list)| item_of(program, *owner, *list)).collect();
    let recipients = questions.gates.iter().map(|gates| gates.recipient);
    let wanted: BTreeSet<RecordId> = recipients.chain(questions.whole.iter().copied()).collect();
    let mut tops: Vec<RecordId> = wanted.into_iter().filter(|id| !in_lists.contains(id)).collect();
    // Lists whose owners nobody pays need their owners all the same.
    let owners = lists.iter().map(|(owner, _)| *owner).filter(|owner| !in_lists.contains(owner));
    for owner in owners {
        if !tops.contains(&owner) {
            tops.push(owner);
        }
    }
    if tops.is_empty() {
        let main = program.records.iter().zip(0..).find(|(def, _)| !def.is_history);
        tops.extend(main.map(|(_, at)| RecordId(at)));
    }
    tops.sort();
    tops
}

/// All types that are drawn.
fn reached(program: &Program, tops: &[RecordId], lists: &BTreeSet<(RecordId, FactId)>) -> BTreeSet<RecordId> {
    let mut reached: BTreeSet<RecordId> = tops.iter().copied().collect();
    loop {
        let items = lists.iter().filter(|(owner, _)| reached.contains(owner));
        let items: Vec<RecordId> = items.filter_map(|(owner, list)| item_of(program, *owner, *list)).collect();
        let before = reached.len();
        reached.extend(items);
        if reached.len() == before {
            return reached;
        }
    }
}

/// The facts of a type that are drawn, in the order of their declaration, each period by itself.
fn slots(def: &RecordDef, record: RecordId, questions: &Questions, every: bool, now: Period) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (fact_def, at) in def.facts.iter().zip(0..) {
        let fact = FactId(at);
        let asked = questions.facts.get(&(record, fact));
        if matches!(fact_def.kind, Type::List(_)) || def.key == Some(fact) || (asked.is_none() && !every) {
            continue;
        }
        let mut periods = asked.cloned().unwrap_or_default();
        if let (Some(per), true) = (fact_def.per, periods.is_empty()) {
            periods.extend(usual_periods(per, now));
        }
        match fact_def.per {
            None => slots.push(Slot { record, fact, period: None }),
            Some(_) => slots.extend(periods.into_iter().map(|period| Slot { record, fact, period: Some(period) })),
        }
    }
    slots
}

fn usual_periods(per: Per, now: Period) -> impl Iterator<Item = Period> {
    std::iter::once(crate::record::kept_period(per, now))
}

/// Keeps a profile within the fact's check; whether that was possible.
fn keep(context: &Context<'_>, slot: &Slot, fact: &FactDef, profile: &mut Profile) -> bool {
    const TRIED: u64 = 200;
    if fact.check.is_none() {
        return true;
    }
    let facts = context.program.records.get(slot.record.index()).map_or(0, |def| def.facts.len());
    let passes = |value: crate::value::Value| {
        let mut record = Record { cells: vec![Cell::Unknown; facts], place: None };
        put(&mut record, slot, Some(value));
        check_record(context, slot.record, &record).is_empty()
    };
    let steps_pass = |steps: i64| super::edge::value_of(fact, steps).is_none_or(&passes);
    match profile {
        Profile::Number { edges, rare, lowest, highest, zero, .. } => {
            edges.retain(|steps| steps_pass(*steps));
            rare.retain(|steps| steps_pass(*steps));
            if !steps_pass(*lowest) {
                *lowest = lowest.saturating_add(1);
            }
            if !steps_pass(*highest) {
                *highest = highest.saturating_sub(1);
            }
            if !steps_pass(0) {
                *zero = 0;
            }
        }
        Profile::Date { edges, .. } => edges.retain(|steps| steps_pass(*steps)),
        _ => {}
    }
    let mut random = Random::of(0, u64::from(slot.fact.0), 0);
    let alone = (0..TRIED).all(|_| profile.draw(&mut random, fact, 0).is_none_or(&passes));
    // A check that looks at other facts is not settled by one.
    alone && !looks_further(context.program, fact, slot)
}

/// Whether a fact's check looks at another fact.
fn looks_further(program: &Program, fact: &FactDef, slot: &Slot) -> bool {
    use crate::check::program::{ExprId, Node};
    fn other(program: &Program, id: ExprId, slot: &Slot, depth: usize) -> bool {
        let Some(expr) = program.exprs.get(id.index()).filter(|_| depth <= super::asked::DEEPEST) else { return true };
        let own = match &expr.node {
            Node::Fact { fact, .. } => *fact == slot.fact,
            Node::FactIn { .. } | Node::Let { .. } | Node::Items { .. } | Node::OverPeriods { .. } => false,
            _ => true,
        };
        !own || !crate::eval::all_children(&expr.node, &mut |child, _| {
            !other(program, child, slot, depth.saturating_add(1))
        })
    }
    fact.check.is_some_and(|check| other(program, check, slot, 0))
}
