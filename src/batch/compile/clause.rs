//! A clause: gates, the award, its modifiers, rounding.

use super::condition::HOLDS;
use super::{ALWAYS, Amount, ByRows, Compiled, Compiler, Due, Flag, Instruction, NEVER, number};
use crate::batch::operation::{Byte, Number, Operation, Tail};
use crate::check::program::{ClauseDef, ClauseId, ExprId, GateKindDef, ModifierDef, ModifierKindDef};
use crate::syntax::tree::Compare;

impl<'p> Compiler<'_, 'p, '_, '_> {
    /// Compiles a clause, by its place among those of the record type.
    pub(super) fn clause(&mut self, place: usize, id: ClauseId) -> Result<(), ByRows> {
        let clause = self.context.program.clauses.get(id.index()).ok_or(ByRows)?;
        self.clause = Some(id);
        self.of_clause.clear();
        if clause.for_each.is_some() {
            return Err(ByRows);
        }
        let in_force = self.in_force(clause)?;
        let eligible = self.eligible(clause)?;
        let applies = self.and(in_force, eligible);
        let award = self.amount(clause.amount)?.ok_or(ByRows)?;
        // An award below 0 is paid as 0 and told of.
        let (award, negative) = self.paid(award)?;
        let mut amount = award;
        for modifier in &clause.modifiers {
            amount = self.modified(modifier, amount)?;
        }
        let policy = self.context.program.policies.get(clause.policy.index()).ok_or(ByRows)?;
        let (mode, unit) = &policy.rounding;
        let due = self.to_unit(amount, *mode, unit).and_then(|due| self.fen(due)).ok_or(ByRows)?;
        let open = self.either(due.open, negative);
        let open = self.both(open, applies.yes);
        let open = self.either(open, applies.open);
        let in_force = self.either(in_force.yes, in_force.open);
        let applies = self.except(applies.yes, open);
        let (amount, tail) = self.with_tail(due.at);
        let (up_to, recover) = (clause.up_to, clause.recover);
        let due = Due { clause: place, amount, tail, applies, in_force, open, up_to, recover };
        self.instructions.push(Instruction::Pay(due));
        Ok(())
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
            Instruction::Pay(_) => None,
        })
    }

    /// The policy's force, and the clause's windows.
    fn in_force(&mut self, clause: &'p ClauseDef) -> Result<Flag, ByRows> {
        let policy = self.context.program.policies.get(clause.policy.index()).ok_or(ByRows)?;
        let mut all = match &policy.force {
            None => HOLDS,
            Some(force) => match force.by.iter().find(|(record, _)| *record == clause.recipient) {
                Some((_, day)) => self.lies_in(force.range, *day)?,
                None => self.meets(force.range)?,
            },
        };
        for gate in &clause.gates {
            let GateKindDef::During { range, by } = &gate.kind else { continue };
            let inside = match by {
                Some(day) => self.lies_in(*range, *day)?,
                None => self.meets(*range)?,
            };
            all = self.and(all, inside);
        }
        Ok(all)
    }

    /// Whether the evaluated period meets a range that is the same for all.
    fn meets(&mut self, range: ExprId) -> Result<Flag, ByRows> {
        match self.compiled(range)? {
            Compiled::Period(range) => {
                let meets = self.context.period.meets(&range);
                Ok(Flag { yes: if meets { ALWAYS } else { NEVER }, ..HOLDS })
            }
            _ => Err(ByRows),
        }
    }

    /// The policy's own condition, and the clause's.
    fn eligible(&mut self, clause: &'p ClauseDef) -> Result<Flag, ByRows> {
        let policy = self.context.program.policies.get(clause.policy.index()).ok_or(ByRows)?;
        let mut all = match policy.eligible.iter().find(|(record, _)| *record == clause.recipient) {
            Some((_, condition)) => self.flag(*condition)?.ok_or(ByRows)?,
            None => HOLDS,
        };
        for gate in &clause.gates {
            let holds = match &gate.kind {
                GateKindDef::When(condition) => self.flag(*condition)?.ok_or(ByRows)?,
                GateKindDef::Unless(condition) => {
                    let flag = self.flag(*condition)?.ok_or(ByRows)?;
                    self.not(flag)
                }
                GateKindDef::During { .. } => continue,
            };
            all = self.and(all, holds);
        }
        Ok(all)
    }

    /// Raised to 0, and where it was below.
    fn paid(&mut self, amount: Amount) -> Result<(Amount, Byte), ByRows> {
        if amount.low >= 0 {
            return Ok((amount, NEVER));
        }
        let zero = number::constant(0, 1).ok_or(ByRows)?;
        let below = self.compute_byte(|out| Operation::Compare(out, Compare::Less, amount.at, zero.at));
        Ok((self.limited(amount, zero, false).ok_or(ByRows)?, below))
    }

    fn modified(&mut self, modifier: &ModifierDef, amount: Amount) -> Result<Amount, ByRows> {
        if modifier.cumulative {
            return Err(ByRows);
        }
        let zero = number::constant(0, 1).ok_or(ByRows)?;
        let modified = match &modifier.kind {
            ModifierKindDef::Cap(bound) => {
                let Some(bound) = self.bound(*bound)? else { return Ok(amount) };
                self.limited(bound, zero, false).and_then(|bound| self.limited(amount, bound, true))
            }
            ModifierKindDef::Floor(bound) => {
                let Some(bound) = self.bound(*bound)? else { return Ok(amount) };
                self.limited(amount, bound, false)
            }
            ModifierKindDef::Times(factor) => {
                let factor = self.amount(*factor)?.ok_or(ByRows)?;
                self.multiplied(amount, factor).and_then(|product| self.limited(product, zero, false))
            }
            ModifierKindDef::Less(part) => {
                let Some(part) = self.bound(*part)? else { return Ok(amount) };
                self.added(amount, part, true).and_then(|rest| self.limited(rest, zero, false))
            }
            ModifierKindDef::NothingBelow(bound) => {
                let Some(bound) = self.bound(*bound)? else { return Ok(amount) };
                let reached = self.compare_amounts(Compare::GreaterOrEqual, amount, bound).ok_or(ByRows)?;
                self.chosen(reached, amount, zero)
            }
            ModifierKindDef::Round(mode, unit) => self.to_unit(amount, *mode, unit),
            ModifierKindDef::ToppingUp { .. } | ModifierKindDef::Once => None,
        };
        modified.ok_or(ByRows)
    }

    /// A bound; one that is surely none does nothing.
    fn bound(&mut self, id: ExprId) -> Result<Option<Amount>, ByRows> {
        match self.compiled(id)? {
            Compiled::Nothing => Ok(None),
            Compiled::Number(amount) => Ok(Some(self.there(amount))),
            _ => Err(ByRows),
        }
    }
}
