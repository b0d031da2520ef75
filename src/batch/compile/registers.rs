//! Which registers a plan needs: what nobody reads is left out, and a register is used
//! again once what it held was read for the last time.

use super::{Due, Instruction, Keep};
use crate::batch::operation::{Byte, Number, Operation};

/// The instructions over few registers, and how many of numbers and of bytes.
pub(super) fn assign(instructions: Vec<Instruction>) -> (Vec<Instruction>, (usize, usize)) {
    let mut needed = Vec::with_capacity(instructions.len());
    let (mut numbers, mut bytes) = (Pool::default(), Pool::default());
    // Backward: the first reader that is met is the last.
    for mut instruction in instructions.into_iter().rev() {
        let out = match &instruction {
            Instruction::Compute(operation) => match operation.fills() {
                Register::Number(at) => numbers.taken(at).map(Register::Number),
                Register::Byte(at) => bytes.taken(at).map(Register::Byte),
            },
            Instruction::Pay(_) | Instruction::Keep(_) => None,
        };
        if out.is_none() && matches!(instruction, Instruction::Compute(_)) {
            continue;
        }
        instruction.rename(out, &mut |at| numbers.held(at), &mut |at| bytes.held(at));
        // Only before this: an operand must not be held where the result goes.
        match out {
            Some(Register::Number(place)) => numbers.free.push(place),
            Some(Register::Byte(place)) => bytes.free.push(place),
            None => {}
        }
        needed.push(instruction);
    }
    needed.reverse();
    (needed, (numbers.most, bytes.most))
}

/// A register.
#[derive(Debug, Clone, Copy)]
enum Register {
    Number(usize),
    Byte(usize),
}

/// Registers in use, as one goes backward.
#[derive(Debug, Default)]
struct Pool {
    /// By the register as compiled: where it is held.
    held: Vec<Option<usize>>,
    free: Vec<usize>,
    most: usize,
}

impl Pool {
    /// Where a register is held that is read here.
    fn held(&mut self, at: usize) -> usize {
        if self.held.len() <= at {
            self.held.resize(at.saturating_add(1), None);
        }
        let Some(slot) = self.held.get_mut(at) else { return at };
        *slot.get_or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.most = self.most.saturating_add(1);
                self.most.saturating_sub(1)
            })
        })
    }

    /// Where a register is held that is filled here; nothing where nobody reads it.
    fn taken(&mut self, at: usize) -> Option<usize> {
        self.held.get_mut(at)?.take()
    }
}

impl Operation {
    /// Whether it fills this register of numbers.
    pub(super) fn fills_number(&self, register: usize) -> bool {
        matches!(self.fills(), Register::Number(out) if out == register)
    }

    fn fills(&self) -> Register {
        match *self {
            Operation::Add(out, ..)
            | Operation::Subtract(out, ..)
            | Operation::Multiply(out, ..)
            | Operation::Least(out, ..)
            | Operation::Greatest(out, ..)
            | Operation::Round(out, ..)
            | Operation::Choose(out, ..)
            | Operation::Pick(out, ..)
            | Operation::Step(out, ..)
            | Operation::Slice(out, ..) => Register::Number(out),
            Operation::Compare(out, ..)
            | Operation::NoDay(out, ..)
            | Operation::CompareBytes(out, ..)
            | Operation::And(out, ..)
            | Operation::Or(out, ..)
            | Operation::Except(out, ..)
            | Operation::ChooseByte(out, ..)
            | Operation::OneOf(out, ..) => Register::Byte(out),
        }
    }
}

impl Instruction {
    fn rename(
        &mut self,
        out: Option<Register>,
        numbers: &mut impl FnMut(usize) -> usize,
        bytes: &mut impl FnMut(usize) -> usize,
    ) {
        let mut number = |at: &mut Number| {
            if let Number::Register(place) = at {
                *place = numbers(*place);
            }
        };
        let mut byte = |at: &mut Byte| {
            if let Byte::Register(place) = at {
                *place = bytes(*place);
            }
        };
        let filled = match self {
            Instruction::Pay(Due { amount, applies, in_force, open, unsure, .. }) => {
                number(amount);
                [applies, in_force, open, unsure].into_iter().for_each(byte);
                return;
            }
            Instruction::Keep(Keep::Number(_, at)) => return number(at),
            Instruction::Keep(Keep::Byte(_, at)) => return byte(at),
            Instruction::Compute(operation) => match operation {
                Operation::Add(out, a, b)
                | Operation::Subtract(out, a, b)
                | Operation::Multiply(out, a, b)
                | Operation::Least(out, a, b)
                | Operation::Greatest(out, a, b)
                | Operation::Compare(out, _, a, b)
                | Operation::Slice(out, a, b, _) => {
                    number(a);
                    number(b);
                    out
                }
                Operation::Pick(out, code, ..) | Operation::OneOf(out, code, _) => {
                    byte(code);
                    out
                }
                Operation::Round(out, a, _) | Operation::NoDay(out, a) | Operation::Step(out, a, ..) => {
                    number(a);
                    out
                }
                Operation::Choose(out, mask, a, b) => {
                    byte(mask);
                    number(a);
                    number(b);
                    out
                }
                Operation::CompareBytes(out, _, a, b)
                | Operation::And(out, a, b)
                | Operation::Or(out, a, b)
                | Operation::Except(out, a, b) => {
                    byte(a);
                    byte(b);
                    out
                }
                Operation::ChooseByte(out, mask, a, b) => {
                    [mask, a, b].into_iter().for_each(byte);
                    out
                }
            },
        };
        if let Some(Register::Number(place) | Register::Byte(place)) = out {
            *filled = place;
        }
    }
}
