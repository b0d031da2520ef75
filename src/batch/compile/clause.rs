//! A clause: gates, the award, its modifiers, rounding.

use super::condition::{HOLDS, NO, OPEN};
use super::{ALWAYS, Amount, Compiled, Compiler, Due, Flag, Instruction, NEVER, number};
use crate::batch::operation::{Byte, Number, Operation, Tail};
use crate::check::program::{ClauseDef, ClauseId, ExprId, GateKindDef, ModifierDef, ModifierKindDef};
use crate::syntax::tree::Compare;

impl<'p> Compiler<'_, 'p, '_, '_> {
    /// Compiles a clause, by its place among those of the record type.
    pub(super) fn clause(&mut self, place: usize, id: ClauseId) {
        let Some(clause) = self.context.program.clauses.get(id.index()) else { return };
        self.clause = Some(id);
        self.of_clause.clear();
        let in_force = self.in_force(clause);
        let eligible = self.eligible(clause);
        let applies = self.and(in_force, eligible);
        // What is not computed by columns is asked of the row engine where the clause applies.
        let (at, due_open) = self.due(clause).unwrap_or((Number::Constant(0.0), ALWAYS));
        let open = self.both(due_open, applies.yes);
        let open = self.either(open, applies.open);
        // It pays nothing, be it for the one reason or the other.
        let unsure = self.except(in_force.open, open);
        let in_force = self.either(in_force.yes, in_force.open);
        let applies = self.except(applies.yes, open);
        let (amount, tail) = self.with_tail(at);
        let (up_to, recover) = (clause.up_to, clause.recover);
        let due = Due { clause: place, amount, tail, applies, in_force, open, unsure, up_to, recover };
        self.instructions.push(Instruction::Pay(due));
    }

    /// What is due in fen, and where it is open.
    fn due(&mut self, clause: &'p ClauseDef) -> Option<(Number, Byte)> {
        // An award below 0 is paid as 0 and told of.
        let (mut amount, told) = match clause.for_each {
            None => {
                let award = self.amount(clause.amount)?;
                self.paid(award)?
            }
            // Of items that are open the row engine tells, whatever becomes of the sum.
            Some((list, _)) => {
                let sum = self.for_each(clause, list)?;
                (sum, sum.open)
            }
        };
        for (place, modifier) in clause.modifiers.iter().enumerate() {
            if !modifier.each || clause.for_each.is_none() {
                amount = self.modified((place, modifier), amount)?;
            }
        }
        let (mode, unit) = &self.context.program.policies.get(clause.policy.index())?.rounding;
        let due = self.rounded_to(amount, *mode, unit)?;
        let due = self.fen(due)?;
        Some((due.at, self.either(due.open, told)))
    }

    /// Takes what is done last to an amount into its tail; what nobody else reads of it is left out.
    fn with_tail(&self, mut at: Number) -> (Number, Tail) {
        let mut tail = Tail::NONE;
        if let Some(Operation::Round(_, before, division)) = self.filled_by(at)
            && !division.is_signed()
        {
            (at, tail.division) = (*before, *division);
        }
        if let Some(
            Operation::Least(_, before, Number::Constant(cap)) | Operation::Least(_, Number::Constant(cap), before),
        ) = self.filled_by(at)
        {
            (at, tail.cap) = (*before, *cap);
        }
        if let Some(Operation::Multiply(_, before, Number::Constant(times))) = self.filled_by(at) {
            (at, tail.times) = (*before, *times);
        }
        (at, tail)
    }

    /// The operation that fills a register.
    fn filled_by(&self, at: Number) -> Option<&Operation> {
        let Number::Register(register) = at else { return None };
        self.instructions.iter().rev().find_map(|instruction| match instruction {
            Instruction::Compute(operation) => operation.fills_number(register).then_some(operation),
            Instruction::Pay(_) | Instruction::Keep(_) => None,
        })
    }

    /// The policy's force, and the clause's windows.
    fn in_force(&mut self, clause: &'p ClauseDef) -> Flag {
        let policy = self.context.program.policies.get(clause.policy.index());
        let mut all = match policy.and_then(|policy| policy.force.as_ref()) {
            None => HOLDS,
            Some(force) => match force.by.iter().find(|(record, _)| *record == clause.recipient) {
                Some((_, day)) => self.lies_in(force.range, *day),
                None => self.meets(force.range),
            },
        };
        for gate in &clause.gates {
            let GateKindDef::During { range, by } = &gate.kind else { continue };
            let inside = match by {
                Some(day) => self.lies_in(*range, *day),
                None => self.meets(*range),
            };
            all = self.and(all, inside);
        }
        all
    }

    /// Whether the evaluated period meets a range; open where the range is not the same for all.
    fn meets(&mut self, range: ExprId) -> Flag {
        match self.compiled(range) {
            Compiled::Period(range) if self.context.period.meets(&range) => HOLDS,
            Compiled::Period(_) => NO,
            _ => match (self.open_from(range), self.context.period.last) {
                (Some(first), Some(last)) if last < first => NO,
                _ => OPEN,
            },
        }
    }

    /// The policy's own condition, and the clause's.
    fn eligible(&mut self, clause: &'p ClauseDef) -> Flag {
        let policy = self.context.program.policies.get(clause.policy.index());
        let own = policy.and_then(|policy| policy.eligible.iter().find(|(record, _)| *record == clause.recipient));
        let mut all = own.map_or(HOLDS, |(_, condition)| self.flag(*condition));
        for gate in &clause.gates {
            let holds = match &gate.kind {
                GateKindDef::When(condition) => self.flag(*condition),
                GateKindDef::Unless(condition) => {
                    let flag = self.flag(*condition);
                    self.not(flag)
                }
                GateKindDef::During { .. } => continue,
            };
            all = self.and(all, holds);
        }
        all
    }

    /// Raised to 0, and where it was below.
    pub(super) fn paid(&mut self, amount: Amount) -> Option<(Amount, Byte)> {
        if amount.low >= 0 {
            return Some((amount, NEVER));
        }
        let zero = number::constant(0, 1)?;
        let below = self.compute_byte(|out| Operation::Compare(out, Compare::Less, amount.at, zero.at));
        Some((self.limited(amount, zero, false)?, below))
    }

    /// The amount after a modifier, which stands at a place among those of the clause.
    pub(super) fn modified(&mut self, (place, modifier): (usize, &'p ModifierDef), amount: Amount) -> Option<Amount> {
        let zero = number::constant(0, 1)?;
        match &modifier.kind {
            ModifierKindDef::Cap(bound) => {
                let Some(bound) = self.bound(*bound)? else { return Some(amount) };
                let bound = self.less_paid((place, modifier), bound)?;
                self.limited(bound, zero, false).and_then(|bound| self.limited(amount, bound, true))
            }
            ModifierKindDef::Floor(bound) => {
                let Some(bound) = self.bound(*bound)? else { return Some(amount) };
                let bound = self.less_paid((place, modifier), bound)?;
                self.limited(amount, bound, false)
            }
            ModifierKindDef::Times(factor) => {
                let factor = self.amount(*factor)?;
                self.multiplied(amount, factor).and_then(|product| self.limited(product, zero, false))
            }
            ModifierKindDef::Less(part) => {
                let Some(part) = self.bound(*part)? else { return Some(amount) };
                self.added(amount, part, true).and_then(|rest| self.limited(rest, zero, false))
            }
            ModifierKindDef::NothingBelow(bound) => {
                let Some(bound) = self.bound(*bound)? else { return Some(amount) };
                let bound = self.less_paid((place, modifier), bound)?;
                let reached = self.compare_amounts(Compare::GreaterOrEqual, amount, bound)?;
                self.chosen(reached, amount, zero)
            }
            ModifierKindDef::Round(mode, unit) => self.rounded_to(amount, *mode, unit),
            ModifierKindDef::ToppingUp { on_paid } => self.topped_up((place, modifier), *on_paid, amount),
            ModifierKindDef::Once => {
                let paid = self.paid_once((place, modifier))?;
                self.chosen(paid, zero, amount)
            }
        }
    }

    /// A bound: none where it is open or has no column, some none where it is surely none and does nothing.
    fn bound(&mut self, id: ExprId) -> Option<Option<Amount>> {
        match self.compiled(id) {
            Compiled::Nothing => Some(None),
            Compiled::Number(amount) => Some(Some(self.there(amount))),
            _ => None,
        }
    }
}
