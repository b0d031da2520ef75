//! Conditions: where they surely hold, and where they are open.

use num_integer::Integer;

use super::{ALWAYS, Amount, Compiled, Compiler, Flag, NEVER};
use crate::batch::column::NO_CODE;
use crate::batch::operation::{Byte, Number, Operation, whole};
use crate::check::program::{Expr, ExprId, GateKindDef, Node};
use crate::eval::compare;
use crate::syntax::tree::Compare;
use crate::value::{Date, Period};

/// Never holds and is never open.
pub(super) const NO: Flag = Flag { yes: NEVER, open: NEVER };
/// Always open: the row engine is asked.
pub(super) const OPEN: Flag = Flag { yes: NEVER, open: ALWAYS };
/// Always holds.
pub(super) const HOLDS: Flag = Flag { yes: ALWAYS, open: NEVER };

impl<'p> Compiler<'_, 'p, '_, '_> {
    /// A condition; nothing where there is no kernel for it.
    pub(super) fn condition(&mut self, expr: &'p Expr) -> Option<Flag> {
        match &expr.node {
            Node::And(parts) => Some(self.all(parts)),
            Node::Or(parts) => Some(self.any(parts)),
            Node::Not(part) => {
                let flag = self.flag(*part);
                Some(self.not(flag))
            }
            Node::Compare(how, a, b) => {
                let (a, b) = (self.compiled(*a), self.compiled(*b));
                self.compare(*how, &a, &b)
            }
            Node::InList(a, parts) => self.in_list(*a, parts),
            Node::InRange(a, range) => self.in_range(*a, *range),
            Node::IsNone(a) => {
                let compiled = self.compiled(*a);
                self.without_value(&compiled)
            }
            Node::Newly { level, date } => self.newly(*level, *date),
            _ => None,
        }
    }

    /// An expression of yes or no; open everywhere where there is no column of it.
    pub(super) fn flag(&mut self, id: ExprId) -> Flag {
        match self.compiled(id) {
            Compiled::Flag(flag) => flag,
            // None is not yes.
            Compiled::Nothing => NO,
            _ => OPEN,
        }
    }

    fn all(&mut self, parts: &[ExprId]) -> Flag {
        let mut all = HOLDS;
        for part in parts {
            let part = self.flag(*part);
            all = self.and(all, part);
        }
        all
    }

    fn any(&mut self, parts: &[ExprId]) -> Flag {
        let mut any = NO;
        for part in parts {
            let part = self.flag(*part);
            any = self.or(any, part);
        }
        any
    }

    /// One of both: open where one is and none holds.
    pub(super) fn or(&mut self, a: Flag, b: Flag) -> Flag {
        let yes = self.either(a.yes, b.yes);
        let open = self.either(a.open, b.open);
        Flag { yes, open: self.except(open, yes) }
    }

    /// Both: open where neither fails and not both hold.
    pub(super) fn and(&mut self, a: Flag, b: Flag) -> Flag {
        let yes = self.both(a.yes, b.yes);
        if a.open == NEVER && b.open == NEVER {
            return Flag { yes, open: NEVER };
        }
        let (a_may, b_may) = (self.either(a.yes, a.open), self.either(b.yes, b.open));
        let may = self.both(a_may, b_may);
        Flag { yes, open: self.except(may, yes) }
    }

    pub(super) fn not(&mut self, flag: Flag) -> Flag {
        let may = self.either(flag.yes, flag.open);
        Flag { yes: self.except(ALWAYS, may), open: flag.open }
    }

    /// A comparison of which a side may be open.
    fn surely(&mut self, yes: Byte, open: Byte) -> Flag {
        Flag { yes: self.except(yes, open), open }
    }

    pub(super) fn compare(&mut self, how: Compare, a: &Compiled, b: &Compiled) -> Option<Flag> {
        match (a, b) {
            (Compiled::Number(a), Compiled::Number(b)) => self.compare_amounts(how, *a, *b),
            (Compiled::Day(a, a_open), Compiled::Day(b, b_open)) => {
                let yes = self.compute_byte(|out| Operation::Compare(out, how, *a, *b));
                let open = self.either(*a_open, *b_open);
                Some(self.surely(yes, open))
            }
            (Compiled::Day(day, open), Compiled::Period(period)) => {
                Some(self.day_with_period(how, *day, *open, period))
            }
            (Compiled::Period(period), Compiled::Day(day, open)) => {
                Some(self.day_with_period(compare::turned(how), *day, *open, period))
            }
            (Compiled::Code(a, a_open), Compiled::Code(b, b_open)) => {
                let yes = self.compare_codes(how, *a, *b);
                let open = self.either(*a_open, *b_open);
                Some(self.surely(yes, open))
            }
            (Compiled::Flag(flag), Compiled::Flag(Flag { yes: Byte::Constant(wanted), open: NEVER }))
            | (Compiled::Flag(Flag { yes: Byte::Constant(wanted), open: NEVER }), Compiled::Flag(flag)) => {
                match (how, *wanted == 0) {
                    (Compare::Equal, false) | (Compare::NotEqual, true) => Some(*flag),
                    (Compare::Equal, true) | (Compare::NotEqual, false) => Some(self.not(*flag)),
                    _ => None,
                }
            }
            // With none nothing compares; the other side may have no value at all.
            (Compiled::Nothing, Compiled::Other) | (Compiled::Other, Compiled::Nothing) => None,
            (Compiled::Nothing, other) | (other, Compiled::Nothing) => Some(Flag { yes: NEVER, open: open_of(other) }),
            _ => None,
        }
    }

    pub(super) fn compare_amounts(&mut self, how: Compare, a: Amount, b: Amount) -> Option<Flag> {
        let (open, none) = (self.either(a.open, b.open), self.either(a.none, b.none));
        let yes = if matches!(b.at, Number::Constant(_)) {
            self.compare_with_constant(how, a, b)?
        } else if matches!(a.at, Number::Constant(_)) {
            self.compare_with_constant(compare::turned(how), b, a)?
        } else {
            let (a, b) = self.aligned(a, b)?;
            self.compute_byte(|out| Operation::Compare(out, how, a.at, b.at))
        };
        // With none nothing compares.
        let yes = self.except(yes, none);
        Some(self.surely(yes, open))
    }

    /// With a constant: the whole number at which the comparison turns.
    fn compare_with_constant(&mut self, how: Compare, a: Amount, constant: Amount) -> Option<Byte> {
        let scaled = constant.low.checked_mul(a.divisor)?;
        let (floor, ceiling) =
            (Integer::div_floor(&scaled, &constant.divisor), Integer::div_ceil(&scaled, &constant.divisor));
        let whole = floor == ceiling;
        let (bound, holds): (i128, fn(i128, i128) -> bool) = match how {
            Compare::GreaterOrEqual => (ceiling, |a, b| a >= b),
            Compare::Greater => (floor, |a, b| a > b),
            Compare::LessOrEqual => (floor, |a, b| a <= b),
            Compare::Less => (ceiling, |a, b| a < b),
            Compare::Equal if !whole => return Some(NEVER),
            Compare::NotEqual if !whole => return Some(ALWAYS),
            Compare::Equal => (floor, |a, b| a == b),
            Compare::NotEqual => (floor, |a, b| a != b),
        };
        let outside = bound < a.low || bound > a.high;
        let (low, high) = (holds(a.low, bound), holds(a.high, bound));
        // Decided by the bounds alone; of equality only outside of them.
        let monotone = !matches!(how, Compare::Equal | Compare::NotEqual);
        if low == high && (monotone || outside || a.low == a.high) {
            return Some(if low { ALWAYS } else { NEVER });
        }
        let bound = super::number::constant(bound, 1)?.at;
        Some(self.compute_byte(|out| Operation::Compare(out, how, a.at, bound)))
    }

    /// Levels by rank, the first the highest; none compares with nothing.
    fn compare_codes(&mut self, how: Compare, a: Byte, b: Byte) -> Byte {
        // A higher level has a smaller place.
        let turned = compare::turned(how);
        let yes = self.compute_byte(|out| Operation::CompareBytes(out, turned, a, b));
        if how == Compare::Equal && [a, b].iter().any(|code| matches!(code, Byte::Constant(code) if *code != NO_CODE)) {
            return yes;
        }
        let (a, b) = (self.no_code(a), self.no_code(b));
        let without = self.either(a, b);
        self.except(yes, without)
    }

    /// Where there is no value of the enumeration.
    fn no_code(&mut self, code: Byte) -> Byte {
        match code {
            Byte::Constant(code) => Byte::Constant(if code == NO_CODE { 0xFF } else { 0 }),
            code => {
                self.compute_byte(|out| Operation::CompareBytes(out, Compare::Equal, code, Byte::Constant(NO_CODE)))
            }
        }
    }

    fn day_with_period(&mut self, how: Compare, day: Number, open: Byte, period: &Period) -> Flag {
        let bound = |date: Option<Date>| date.map(|date| Number::Constant(f64::from(date.day_number())));
        let (first, last) = (bound(period.first), bound(period.last));
        let mut compared = |how: Compare, bound: Option<Number>, without: bool| match bound {
            Some(bound) => self.compute_byte(|out| Operation::Compare(out, how, day, bound)),
            // Without an end every day lies on this side of it.
            None if without => self.compute_byte(|out| Operation::Compare(out, Compare::Equal, day, day)),
            None => NEVER,
        };
        let yes = match how {
            Compare::Less => compared(Compare::Less, first, false),
            Compare::GreaterOrEqual => compared(Compare::GreaterOrEqual, first, true),
            Compare::Greater => compared(Compare::Greater, last, false),
            Compare::LessOrEqual => compared(Compare::LessOrEqual, last, true),
            Compare::Equal => {
                let from = compared(Compare::GreaterOrEqual, first, true);
                let to = compared(Compare::LessOrEqual, last, true);
                self.both(from, to)
            }
            Compare::NotEqual => {
                let before = compared(Compare::Less, first, false);
                let after = compared(Compare::Greater, last, false);
                self.either(before, after)
            }
        };
        self.surely(yes, open)
    }

    fn in_list(&mut self, a: ExprId, parts: &[ExprId]) -> Option<Flag> {
        let value = self.compiled(a);
        if let Compiled::Code(code @ (Byte::Column(_) | Byte::Register(_)), open) = value
            && let Some(codes) = self.constant_codes(parts)
        {
            let yes = self.compute_byte(|out| Operation::OneOf(out, code, codes.into()));
            return Some(self.surely(yes, open));
        }
        let mut found = NO;
        for part in parts {
            let key = self.compiled(*part);
            let same = self.compare(Compare::Equal, &value, &key)?;
            found = self.or(found, same);
        }
        Some(found)
    }

    /// Values of an enumeration; nothing where one of them is anything else.
    fn constant_codes(&mut self, parts: &[ExprId]) -> Option<Vec<u8>> {
        let mut codes = Vec::with_capacity(parts.len());
        for part in parts {
            match self.compiled(*part) {
                Compiled::Code(Byte::Constant(code), NEVER) => codes.push(code),
                _ => return None,
            }
        }
        Some(codes)
    }

    fn in_range(&mut self, a: ExprId, range: ExprId) -> Option<Flag> {
        let value = self.compiled(a);
        if let (Some(Node::Range(low, high)), Compiled::Number(amount)) =
            (self.expr(range).map(|expr| &expr.node), &value)
        {
            // Without a bound it is inside wherever it is there.
            let missing = self.either(amount.open, amount.none);
            let mut inside = Flag { yes: self.except(ALWAYS, missing), open: amount.open };
            for (bound, how) in [(low, Compare::GreaterOrEqual), (high, Compare::LessOrEqual)] {
                let Some(bound) = bound else { continue };
                let bound = self.compiled(*bound);
                let compared = self.compare(how, &value, &bound)?;
                inside = self.and(inside, compared);
            }
            return Some(inside);
        }
        match (value, self.compiled(range)) {
            (Compiled::Day(day, open), Compiled::Period(period)) => {
                Some(self.day_with_period(Compare::Equal, day, open, &period))
            }
            _ => None,
        }
    }

    /// Where there is none.
    pub(super) fn without_value(&mut self, compiled: &Compiled) -> Option<Flag> {
        Some(match *compiled {
            Compiled::Code(code, open) => {
                let yes = self.no_code(code);
                self.surely(yes, open)
            }
            Compiled::Day(day, open) => {
                let yes = self.compute_byte(|out| Operation::NoDay(out, day));
                self.surely(yes, open)
            }
            Compiled::Number(amount) => Flag { yes: amount.none, open: amount.open },
            Compiled::Flag(flag) => Flag { yes: NEVER, open: flag.open },
            Compiled::Period(_) => NO,
            Compiled::Nothing => HOLDS,
            Compiled::Other => return None,
        })
    }

    /// There, and dated within the period, the clause's windows and the policy's force.
    fn newly(&mut self, level: ExprId, date: ExprId) -> Option<Flag> {
        self.asked_clause = true;
        let there = match self.compiled(level) {
            Compiled::Flag(flag) => flag,
            Compiled::Code(code, open) => {
                let none = self.no_code(code);
                let yes = self.except(ALWAYS, none);
                self.surely(yes, open)
            }
            _ => return None,
        };
        let Compiled::Day(day, open) = self.compiled(date) else { return None };
        let period = self.context.period;
        let dated = self.day_with_period(Compare::Equal, day, open, &period);
        let mut newly = self.and(there, dated);
        let Some(clause) = self.clause.and_then(|id| self.context.program.clauses.get(id.index())) else {
            return Some(newly);
        };
        let windows = clause.gates.iter().filter_map(|gate| match gate.kind {
            GateKindDef::During { range, .. } => Some(range),
            _ => None,
        });
        let policy = self.context.program.policies.get(clause.policy.index());
        let force = policy.and_then(|policy| policy.force.as_ref()).map(|force| force.range);
        for range in windows.chain(force) {
            let Compiled::Period(range) = self.compiled(range) else { return None };
            let inside = self.day_with_period(Compare::Equal, day, open, &range);
            newly = self.and(newly, inside);
        }
        Some(newly)
    }

    /// Whether a day lies in a range; open where the range is not the same for all.
    pub(super) fn lies_in(&mut self, range: ExprId, day: ExprId) -> Flag {
        match (self.compiled(day), self.compiled(range)) {
            (Compiled::Day(day, open), Compiled::Period(range)) => {
                self.day_with_period(Compare::Equal, day, open, &range)
            }
            (Compiled::Day(day, open), _) => match self.open_from(range) {
                Some(first) => {
                    let from = Period { first: Some(first), last: None };
                    let after = self.day_with_period(Compare::GreaterOrEqual, day, open, &from);
                    Flag { yes: NEVER, open: self.either(after.yes, after.open) }
                }
                None => OPEN,
            },
            _ => OPEN,
        }
    }

    /// The first day of a range of which only the end is open.
    pub(super) fn open_from(&mut self, range: ExprId) -> Option<Date> {
        let Node::Range(Some(low), _) = self.expr(range)?.node else { return None };
        match self.compiled(low) {
            Compiled::Day(Number::Constant(day), NEVER) => day_of(day),
            Compiled::Period(period) => period.first,
            _ => None,
        }
    }
}

/// The day of a day number.
fn day_of(number: f64) -> Option<Date> {
    Date::from_day_number(i32::try_from(whole(number)).ok()?)
}

/// Where an expression is open.
fn open_of(compiled: &Compiled) -> Byte {
    match compiled {
        Compiled::Number(amount) => amount.open,
        Compiled::Day(_, open) | Compiled::Code(_, open) => *open,
        Compiled::Flag(flag) => flag.open,
        Compiled::Period(_) | Compiled::Nothing => NEVER,
        Compiled::Other => ALWAYS,
    }
}
