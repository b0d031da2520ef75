//! What is not known exactly: the values that are possible, and why.
//!
//! An [`Answer`] is a known value or a set of possible ones: numbers and days as
//! intervals, yes or no, the possible levels; and whether it may be none or may have no
//! value at all. A set that shrinks to one value is known, and its causes are dropped.

use super::cause::{Causes, Fault, FaultKind};
use super::interval::Interval;
use crate::source::Span;
use crate::value::{Date, Number, Value};

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Exactly this.
    Known(Value),
    /// One of several values.
    Open(Box<Open>),
}

/// The values that are still possible.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Those that are values.
    pub shape: Shape,
    /// Whether it may not exist.
    pub none: bool,
    /// Whether it may be undefined, as after a division by zero.
    pub undefined: bool,
    /// What it waits for.
    pub causes: Causes,
}

/// Possible values.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// No value at all: none or undefined only.
    Nothing,
    /// yes, no, or both.
    Bool {
        /// Whether yes is possible.
        yes: bool,
        /// Whether no is possible.
        no: bool,
    },
    /// Numbers.
    Number(Interval),
    /// Days from the first to the last, open where there is none.
    Date(Option<Date>, Option<Date>),
    /// Levels or values of an enumeration, in order, each once.
    Codes(Vec<u16>),
    /// Any value of its type.
    Any,
}

/// What a condition comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It may hold or not.
    Open(Box<Causes>),
}

impl Answer {
    /// A known number.
    pub fn number(number: Number) -> Self {
        Answer::Known(Value::Number(number))
    }

    /// Known not to exist.
    pub const NONE: Answer = Answer::Known(Value::None);

    /// What cannot be computed.
    pub fn fault(kind: FaultKind, span: Span) -> Self {
        let causes = Causes::fault(Fault { kind, span });
        Answer::Open(Box::new(Open { shape: Shape::Nothing, none: false, undefined: true, causes }))
    }

    /// One of these values, because of that; never none.
    pub fn open(shape: Shape, causes: Causes) -> Self {
        Open { shape, none: false, undefined: false, causes }.settle()
    }

    /// A number in an interval.
    pub fn within(interval: Interval, causes: Causes) -> Self {
        Answer::open(Shape::Number(interval), causes)
    }

    /// The known value.
    pub fn known(&self) -> Option<&Value> {
        match self {
            Answer::Known(value) => Some(value),
            Answer::Open(_) => None,
        }
    }

    /// The known number.
    pub fn known_number(&self) -> Option<&Number> {
        match self {
            Answer::Known(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// Why it is open.
    pub fn causes(&self) -> Option<&Causes> {
        match self {
            Answer::Known(_) => None,
            Answer::Open(open) => Some(&open.causes),
        }
    }

    /// As a set of possible values.
    pub fn into_open(self) -> Open {
        match self {
            Answer::Open(open) => *open,
            Answer::Known(value) => Open {
                none: value == Value::None,
                shape: Shape::of(value),
                undefined: false,
                causes: Causes::default(),
            },
        }
    }

    /// The numbers that are possible; what is none or undefined is left out.
    pub fn interval(&self) -> Option<Interval> {
        match self {
            Answer::Known(Value::Number(number)) => Some(Interval::exactly(number.clone())),
            Answer::Known(_) => None,
            Answer::Open(open) => match &open.shape {
                Shape::Number(interval) => Some(interval.clone()),
                Shape::Any => Some(Interval::ANY),
                _ => None,
            },
        }
    }

    /// Either of two answers.
    #[must_use]
    pub fn hull(self, other: Answer) -> Self {
        if let (Answer::Known(a), Answer::Known(b)) = (&self, &other)
            && a == b
        {
            return self;
        }
        let (a, b) = (self.into_open(), other.into_open());
        Open {
            shape: a.shape.hull(b.shape),
            none: a.none || b.none,
            undefined: a.undefined || b.undefined,
            causes: a.causes.and(&b.causes),
        }
        .settle()
    }

    /// With further causes, where it is open.
    #[must_use]
    pub fn because(self, causes: &Causes) -> Self {
        match self {
            Answer::Known(_) => self,
            Answer::Open(mut open) => {
                open.causes.merge(causes);
                Answer::Open(open)
            }
        }
    }

    /// As a condition: none is no.
    pub fn into_truth(self) -> Truth {
        match self {
            Answer::Known(Value::Bool(true)) => Truth::Yes,
            Answer::Known(_) => Truth::No,
            Answer::Open(open) => {
                let (yes, no) = match open.shape {
                    Shape::Bool { yes, no } => (yes, no),
                    Shape::Nothing => (false, false),
                    _ => (true, true),
                };
                Truth::of(yes || open.undefined, no || open.none || open.undefined, open.causes)
            }
        }
    }
}

impl Open {
    /// Known where only one value is left.
    pub fn settle(self) -> Answer {
        if self.undefined {
            return Answer::Open(Box::new(self));
        }
        let single = match &self.shape {
            Shape::Nothing => return Answer::NONE,
            _ if self.none => None,
            Shape::Bool { yes, no } if yes != no => Some(Value::Bool(*yes)),
            Shape::Number(interval) => interval.single().cloned().map(Value::Number),
            Shape::Date(Some(first), Some(last)) if first == last => Some(Value::Date(*first)),
            Shape::Codes(codes) => match codes.as_slice() {
                [code] => Some(Value::Code(*code)),
                _ => None,
            },
            _ => None,
        };
        match single {
            Some(value) => Answer::Known(value),
            None => Answer::Open(Box::new(self)),
        }
    }
}

impl Shape {
    /// Just this value.
    pub fn of(value: Value) -> Self {
        match value {
            Value::None => Shape::Nothing,
            Value::Bool(yes) => Shape::Bool { yes, no: !yes },
            Value::Number(number) => Shape::Number(Interval::exactly(number)),
            Value::Date(date) => Shape::Date(Some(date), Some(date)),
            Value::Code(code) => Shape::Codes(vec![code]),
            Value::Text(_) | Value::Duration(_) | Value::Period(_) => Shape::Any,
        }
    }

    fn hull(self, other: Shape) -> Self {
        match (self, other) {
            (Shape::Nothing, shape) | (shape, Shape::Nothing) => shape,
            (Shape::Bool { yes: a, no: b }, Shape::Bool { yes: c, no: d }) => Shape::Bool { yes: a || c, no: b || d },
            (Shape::Number(a), Shape::Number(b)) => Shape::Number(a.hull(b)),
            (Shape::Date(a, b), Shape::Date(c, d)) => {
                Shape::Date(a.zip(c).map(|(a, c)| a.min(c)), b.zip(d).map(|(b, d)| b.max(d)))
            }
            (Shape::Codes(mut a), Shape::Codes(b)) => {
                a.extend(b);
                a.sort_unstable();
                a.dedup();
                Shape::Codes(a)
            }
            _ => Shape::Any,
        }
    }
}

impl Truth {
    /// From what is possible.
    pub fn of(yes: bool, no: bool, causes: Causes) -> Self {
        match (yes, no) {
            (true, true) => Truth::Open(Box::new(causes)),
            (true, false) => Truth::Yes,
            _ => Truth::No,
        }
    }

    /// Of a known condition.
    pub fn known(holds: bool) -> Self {
        if holds { Truth::Yes } else { Truth::No }
    }

    /// As a value.
    pub fn into_answer(self) -> Answer {
        match self {
            Truth::Yes => Answer::Known(Value::Bool(true)),
            Truth::No => Answer::Known(Value::Bool(false)),
            Truth::Open(causes) => {
                let undefined = !causes.faults.is_empty() && causes.missing.is_empty() && causes.pending.is_empty();
                let shape = if undefined { Shape::Nothing } else { Shape::Bool { yes: true, no: true } };
                Answer::Open(Box::new(Open { shape, none: false, undefined, causes: *causes }))
            }
        }
    }

    /// The opposite.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            open @ Truth::Open(_) => open,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Truth) -> Self {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, truth) | (truth, Truth::Yes) => truth,
            (Truth::Open(mut a), Truth::Open(b)) => {
                a.merge(&b);
                Truth::Open(a)
            }
        }
    }

    /// One or both.
    #[must_use]
    pub fn or(self, other: Truth) -> Self {
        self.negate().and(other.negate()).negate()
    }

    /// Without its causes.
    pub fn holds(&self) -> Option<bool> {
        match self {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Open(_) => None,
        }
    }
}
