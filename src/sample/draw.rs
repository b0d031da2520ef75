//! Records drawn one by one.
//!
//! In: a plan, and the number of a record. Out: the record, the same whoever asks and in
//! whatever order. First every fact by its profile, then most records are steered towards a
//! clause ([`super::aim`]), then checks are kept and some facts are left unknown.

use smol_str::{SmolStr, format_smolstr};

use super::Sampler;
use super::aim::Aim;
use super::edge::{Slot, get, put, steps_of, value_of};
use super::plan::Form;
use super::profile::{Profile, grown};
use super::random::Random;
use crate::check::program::{FactDef, FactId, RecordDef, RecordId, Type};
use crate::eval::Context;
use crate::record::{Cell, Record};
use crate::value::{Date, Number, Value};

/// Lists within lists are drawn so deep.
pub(super) const DEEPEST: usize = 4;

/// Draws records of a sampler.
#[derive(Debug)]
pub struct Drawing<'s> {
    pub(super) sampler: &'s Sampler,
    pub(super) context: Context<'s>,
}

/// Which record is drawn: the numbers of those above it, and its own.
#[derive(Debug, Clone)]
pub(super) struct Serial {
    pub own: u64,
    pub text: SmolStr,
    pub top: bool,
}

impl Drawing<'_> {
    /// The record of that number, counted from 0.
    pub fn record(&self, id: RecordId, number: u64) -> Record {
        let mut random = Random::of(self.sampler.settings.seed, u64::from(id.0), number);
        let size = random.octave();
        let serial = Serial { own: number, text: format_smolstr!("{}", number.saturating_add(1)), top: true };
        let record = self.drawn(id, &serial, &mut random, size, 0);
        let mut aim = Aim { drawing: self, random, root: id, record, serial, size };
        aim.take();
        aim.keep_checks();
        let Aim { mut random, mut record, .. } = aim;
        self.forget(id, &mut record, &mut random);
        record
    }

    pub(super) fn def(&self, id: RecordId) -> Option<&RecordDef> {
        self.context.program.records.get(id.index())
    }

    pub(super) fn form(&self, id: RecordId) -> Option<&Form> {
        self.sampler.plan.forms.get(&id)
    }

    /// A record by the profiles of its facts.
    pub(super) fn drawn(&self, id: RecordId, serial: &Serial, random: &mut Random, size: i64, depth: usize) -> Record {
        let mut record = Record::default();
        let (Some(def), Some(form)) = (self.def(id), self.form(id)) else { return record };
        record.cells = vec![Cell::Unknown; def.facts.len()];
        if let Some((key, fact)) = def.key.and_then(|key| Some((key, def.facts.get(key.index())?))) {
            put(&mut record, &Slot { record: id, fact: key, period: None }, self.key(def, fact, serial));
        }
        let mut before: Option<(FactId, i64)> = None;
        for drawn in &form.drawn {
            let Some(fact) = def.facts.get(drawn.slot.fact.index()) else { continue };
            let steps = before.filter(|(fact, _)| *fact == drawn.slot.fact).map(|(_, steps)| steps);
            let value = match (steps, &drawn.profile) {
                // Most years are not far from the one before.
                (Some(steps), Profile::Number { lowest, highest, .. }) if random.happens(750) => {
                    value_of(fact, grown(random, steps).clamp(*lowest, *highest))
                }
                _ => drawn.profile.draw(random, fact, size),
            };
            before = value.as_ref().and_then(|value| steps_of(fact, value)).map(|steps| (drawn.slot.fact, steps));
            put(&mut record, &drawn.slot, value);
        }
        self.date_levels(id, &mut record, random);
        for (list, item) in &form.lists {
            let count = match random.below(10) {
                0..=2 => 0,
                3..=6 => 1,
                7 | 8 => 2,
                _ => random.below(4).saturating_add(3),
            };
            let count = if depth < DEEPEST { count.min(self.most(*item)) } else { 0 };
            let items = (0..count).map(|at| {
                let serial = self.inner(id, serial, *list, at);
                self.drawn(*item, &serial, random, size, depth.saturating_add(1))
            });
            let items: Vec<Record> = items.collect();
            if let Some(cell) = record.cells.get_mut(list.index()) {
                *cell = Cell::List(items);
            }
        }
        record
    }

    /// The number of an item of a list; two lists of one type are told apart.
    pub(super) fn inner(&self, owner: RecordId, serial: &Serial, list: FactId, at: u64) -> Serial {
        let same = |form: &Form| {
            let item = form.lists.iter().find(|(of, _)| *of == list).map(|(_, item)| *item);
            let lists: Vec<FactId> = form.lists.iter().filter(|(_, of)| Some(*of) == item).map(|(of, _)| *of).collect();
            (lists.len() > 1).then(|| lists.iter().position(|of| *of == list)).flatten()
        };
        let own = at.saturating_add(1);
        let text = match self.form(owner).and_then(same) {
            Some(place) => format_smolstr!("{}-{}.{own}", serial.text, place.saturating_add(1)),
            None => format_smolstr!("{}-{own}", serial.text),
        };
        Serial { own: at, text, top: false }
    }

    /// How many records of a type can be told apart by their key.
    pub(super) fn most(&self, id: RecordId) -> u64 {
        let kind = self.def(id).and_then(|def| Some(&def.facts.get(def.key?.index())?.kind));
        match kind {
            Some(Type::Code(code)) => {
                self.context.program.enums.get(code.index()).map_or(0, |def| def.values.len() as u64)
            }
            Some(Type::Bool) => 2,
            Some(Type::Date) => 2_000_000,
            _ => u64::MAX,
        }
    }

    /// The key of a record: of an enterprise like a credit code, but of letters that none has.
    fn key(&self, def: &RecordDef, fact: &FactDef, serial: &Serial) -> Option<Value> {
        const FIRST_DAY: i32 = 0;
        Some(match &fact.kind {
            Type::Number(_) => Value::Number(Number::from_i64(i64::try_from(serial.own).ok()?.checked_add(1)?)),
            Type::Code(_) => Value::Code(u16::try_from(serial.own).ok()?),
            Type::Bool => Value::Bool(serial.own == 0),
            Type::Date => {
                let day = i32::try_from(serial.own).ok()?.checked_add(FIRST_DAY)?;
                Value::Date(Date::from_day_number(day)?)
            }
            _ if serial.top && self.is_first(def) => {
                Value::Text(format_smolstr!("91SAMPLE{:010}", serial.own.saturating_add(1)))
            }
            _ => Value::Text(format_smolstr!("样例{}{}", def.name, serial.text)),
        })
    }

    /// Whether this is the first of the types that are drawn, mostly the enterprise.
    fn is_first(&self, def: &RecordDef) -> bool {
        self.sampler.plan.tops.first().and_then(|id| self.def(*id)).is_some_and(|first| std::ptr::eq(first, def))
    }

    /// A level that is there has its date, and one that is not has none.
    pub(super) fn date_levels(&self, id: RecordId, record: &mut Record, random: &mut Random) {
        let (Some(def), Some(form)) = (self.def(id), self.form(id)) else { return };
        for (fact, at) in def.facts.iter().zip(0..) {
            let Some(dated) = fact.dated else { continue };
            let date = Slot { record: id, fact: dated, period: None };
            let Some(drawn) = form.places.get(&date).and_then(|at| form.drawn.get(*at)) else { continue };
            let Some(level) = get(record, &Slot { record: id, fact: FactId(at), period: None }) else { continue };
            let there = !matches!(level, Value::None | Value::Bool(false));
            let has = matches!(get(record, &date), Some(Value::Date(_)));
            if there && !has {
                let day = def.facts.get(dated.index()).and_then(|fact| drawn.profile.draw_some(random, fact, 0));
                put(record, &date, day);
            } else if !there {
                put(record, &date, Some(Value::None));
            }
        }
    }

    /// Leaves some facts unknown. A blank means something else where the fact has a default.
    fn forget(&self, id: RecordId, record: &mut Record, random: &mut Random) {
        let share = self.sampler.settings.unknown;
        let (Some(def), Some(form)) = (self.def(id), self.form(id)) else { return };
        if share == 0 {
            return;
        }
        for drawn in &form.drawn {
            let fact = def.facts.get(drawn.slot.fact.index());
            if random.below(10_000) < u64::from(share) && fact.is_some_and(|fact| fact.default.is_none()) {
                put(record, &drawn.slot, None);
            }
        }
        for (list, item) in &form.lists {
            if let Some(Cell::List(items)) = record.cells.get_mut(list.index()) {
                items.iter_mut().for_each(|one| self.forget(*item, one, random));
            }
        }
    }
}
