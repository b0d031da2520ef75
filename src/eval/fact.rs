//! Facts, pending rules and parameters: what a record or the program says, and the range of
//! what it does not say.

use super::alternatives::Unknown;
use super::cause::{Causes, Missing, Place};
use super::days;
use super::expression::Evaluator;
use super::interval::Interval;
use super::open::{Answer, Open, Shape};
use crate::check::program::{EnumId, Expr, ExprId, FactDef, FactId, ParameterId, PendingId, RecordId, Type};
use crate::record::{Cell, Record, kept_period};
use crate::value::{Date, Number, Period, Value};

impl<'a> Evaluator<'a> {
    #[inline(never)]
    pub(super) fn fact(&mut self, up: u8, fact: FactId, at: usize) -> Answer {
        let Some(at) = self.outward(at, up) else { return Answer::NONE };
        let Some((id, record)) = self.frame(at) else { return Answer::NONE };
        match record.cells.get(fact.index()) {
            Some(Cell::Value(value)) => Answer::Known(value.clone()),
            Some(Cell::Periods(values)) => {
                let period = self.context.period;
                self.value_in(values, period, id, fact, record)
            }
            Some(Cell::Unknown | Cell::List(_)) => self.unknown(id, fact, record, None),
            None => match self.fact_def(id, fact).and_then(|def| def.default.clone()) {
                Some(default) => Answer::Known(default),
                None => self.unknown(id, fact, record, None),
            },
        }
    }

    pub(super) fn fact_in(&mut self, up: u8, fact: FactId, period: ExprId, at: usize) -> Answer {
        let Some((id, record)) = self.outward(at, up).and_then(|at| self.frame(at)) else { return Answer::NONE };
        if let Some(Value::Period(period)) = self.silent(period, at) {
            return self.fact_of_period(id, fact, record, *period);
        }
        match self.answer(period, at) {
            Answer::Known(value) => match days::as_period(&value) {
                Some(period) => self.fact_of_period(id, fact, record, period),
                None => Answer::NONE,
            },
            Answer::Open(open) => {
                let shape = self.fact_def(id, fact).map_or(Shape::Any, |def| self.domain(def));
                Answer::open(shape, open.causes)
            }
        }
    }

    /// The value of a fact for one period.
    pub(super) fn fact_of_period(&mut self, id: RecordId, fact: FactId, record: &'a Record, period: Period) -> Answer {
        match record.cells.get(fact.index()) {
            Some(Cell::Periods(values)) => self.value_in(values, period, id, fact, record),
            Some(Cell::Value(value)) => Answer::Known(value.clone()),
            _ => self.unknown(id, fact, record, Some(period)),
        }
    }

    fn value_in(
        &mut self,
        values: &'a [(Period, Value)],
        period: Period,
        id: RecordId,
        fact: FactId,
        record: &'a Record,
    ) -> Answer {
        if let Some((_, value)) = values.iter().find(|(of, _)| *of == period) {
            return Answer::Known(value.clone());
        }
        // A fact by year counts for a quarter or a range within that year.
        let kept = self.fact_def(id, fact).and_then(|def| def.per).map(|per| kept_period(per, period));
        if let Some(kept) = kept
            && let Some((_, value)) = values.iter().find(|(of, _)| *of == kept)
        {
            return Answer::Known(value.clone());
        }
        self.unknown(id, fact, record, Some(period))
    }

    pub(super) fn fact_def(&self, id: RecordId, fact: FactId) -> Option<&'a FactDef> {
        self.context.program.records.get(id.index())?.facts.get(fact.index())
    }

    /// A fact that is not known: any value of its type, within its bounds.
    #[inline(never)]
    pub(super) fn unknown(&mut self, id: RecordId, fact: FactId, record: &'a Record, period: Option<Period>) -> Answer {
        let missing = self.missing_fact(id, fact, record, period);
        let Some(def) = self.fact_def(id, fact) else { return Answer::NONE };
        let assumed = |(what, _): &&(Unknown, Value)| matches!(what, Unknown::Missing(what) if *what == missing);
        if let Some((_, value)) = self.assumed.iter().find(assumed) {
            return Answer::Known(value.clone());
        }
        let none = matches!(&def.kind, Type::Code(id) if self.is_ordered(*id));
        Open { shape: self.domain(def), none, undefined: false, causes: Causes::missing(missing) }.settle()
    }

    pub(super) fn missing_fact(&self, id: RecordId, fact: FactId, record: &Record, period: Option<Period>) -> Missing {
        let key = super::history::key_of(self.context.program, id, record);
        Missing::Fact { record: id, fact, key, period, place: Place(std::ptr::from_ref(record).addr()) }
    }

    fn is_ordered(&self, id: EnumId) -> bool {
        self.context.program.enums.get(id.index()).is_some_and(|def| def.ordered)
    }

    fn domain(&self, def: &FactDef) -> Shape {
        match &def.kind {
            Type::Number(_) => {
                let number = |bound: &Option<Value>| match bound {
                    Some(Value::Number(number)) => Some(number.clone()),
                    _ => None,
                };
                let zero = || def.whole.then_some(Number::ZERO);
                Shape::Number(Interval::new(number(&def.bounds.0).or_else(zero), number(&def.bounds.1)))
            }
            Type::Date => {
                let day = |bound: &Option<Value>| match bound {
                    Some(Value::Date(day)) => Some(*day),
                    _ => None,
                };
                Shape::Date(day(&def.bounds.0), day(&def.bounds.1))
            }
            kind => self.any_of(kind),
        }
    }

    /// Any value of a type.
    fn any_of(&self, kind: &Type) -> Shape {
        match kind {
            Type::Number(_) => Shape::Number(Interval::ANY),
            Type::Bool => Shape::Bool { yes: true, no: true },
            Type::Date => Shape::Date(None, None),
            Type::Code(id) => {
                let count = self.context.program.enums.get(id.index()).map_or(0, |def| def.values.len());
                Shape::Codes((0..u16::try_from(count).unwrap_or(u16::MAX)).collect())
            }
            Type::Text | Type::Duration | Type::Period | Type::List(_) | Type::Poison => Shape::Any,
        }
    }

    /// A pending rule: what it is bound to, or anything of its type; amounts and rates are not below 0.
    pub(super) fn pending(&mut self, id: PendingId, expr: &Expr, at: usize) -> Answer {
        if let Some(bound) = self.context.bound(id.index()) {
            return self.answer(bound, at);
        }
        if let Some((_, value)) = self.assumed.iter().find(|(what, _)| *what == Unknown::Pending(id)) {
            return Answer::Known(value.clone());
        }
        let shape = match &expr.kind {
            Type::Number(_) => Shape::Number(Interval::not_negative()),
            kind => self.any_of(kind),
        };
        Open { shape, none: false, undefined: false, causes: Causes::pending(id) }.settle()
    }

    pub(super) fn parameter(&mut self, id: ParameterId) -> Answer {
        match self.context.parameter(id.index()) {
            Some(value) => value.clone(),
            None => self.parameter_at_date(id.index()),
        }
    }

    /// A parameter's value at the date of decision.
    pub(super) fn parameter_at_date(&mut self, parameter: usize) -> Answer {
        let date = Answer::Known(Value::Date(self.context.date));
        self.parameter_on(ParameterId(u32::try_from(parameter).unwrap_or(u32::MAX)), date)
    }

    /// A parameter's value at a date: that of the last change up to it.
    pub(super) fn parameter_on(&mut self, id: ParameterId, date: Answer) -> Answer {
        let frame = 0;
        if let Some(value) = self.context.override_of(id.index()) {
            return self.answer(value, frame);
        }
        let Some(def) = self.context.program.parameters.get(id.index()) else { return Answer::NONE };
        let missing = || Answer::open(Shape::Any, Causes::missing(Missing::Parameter(id)));
        let of = |this: &mut Self, value: Option<ExprId>| match value {
            Some(value) => this.answer(value, frame),
            None => match this.any_of(&def.kind) {
                Shape::Any => missing(),
                shape => Answer::open(shape, Causes::missing(Missing::Parameter(id))),
            },
        };
        let (first, last, open) = match date {
            Answer::Known(Value::None) => return Answer::NONE,
            Answer::Known(value) => match days::as_period(&value) {
                Some(period) => (period.first, period.first, None),
                None => return Answer::NONE,
            },
            Answer::Open(open) => match open.shape {
                Shape::Date(first, last) => (first, last, Some(open)),
                Shape::Nothing => return Answer::Open(open),
                _ => (None, None, Some(open)),
            },
        };
        let held =
            |day: Date| def.values.iter().rev().find(|(from, _)| from.is_none_or(|from| from <= day)).map(|(_, v)| *v);
        // Before the first change there may be no value.
        let start = match first {
            Some(first) => held(first),
            None => def.values.first().filter(|(from, _)| from.is_none()).map(|(_, value)| *value),
        };
        let mut value = of(self, start);
        let Some(open) = open else { return value };
        for (from, later) in &def.values {
            if from.is_some_and(|from| first.is_none_or(|first| from > first) && last.is_none_or(|last| from <= last)) {
                let later = self.answer(*later, frame);
                value = value.hull(later);
            }
        }
        let causes = open.causes.clone();
        if open.none || open.undefined {
            value = value.hull(Answer::Open(Box::new(Open { shape: Shape::Nothing, ..*open })));
        }
        value.because(&causes)
    }
}
