//! Masks of rows, and the registers that instructions fill.

use super::{ALWAYS, Compiler, Instruction, NEVER};
use crate::batch::column::YES;
use crate::batch::operation::{Byte, Number, Operation};

impl Compiler<'_, '_, '_, '_> {
    pub(super) fn compute_number(&mut self, operation: impl FnOnce(usize) -> Operation) -> Number {
        let register = self.numbers;
        self.numbers = self.numbers.saturating_add(1);
        self.instructions.push(Instruction::Compute(operation(register)));
        Number::Register(register)
    }

    pub(super) fn compute_byte(&mut self, operation: impl FnOnce(usize) -> Operation) -> Byte {
        let register = self.bytes;
        self.bytes = self.bytes.saturating_add(1);
        self.instructions.push(Instruction::Compute(operation(register)));
        Byte::Register(register)
    }

    pub(super) fn both(&mut self, a: Byte, b: Byte) -> Byte {
        match (a, b) {
            (Byte::Constant(YES), other) | (other, Byte::Constant(YES)) => other,
            (NEVER, _) | (_, NEVER) => NEVER,
            (a, b) if a == b => a,
            (a, b) => self.compute_byte(|out| Operation::And(out, a, b)),
        }
    }

    pub(super) fn either(&mut self, a: Byte, b: Byte) -> Byte {
        match (a, b) {
            (NEVER, other) | (other, NEVER) => other,
            (Byte::Constant(YES), _) | (_, Byte::Constant(YES)) => ALWAYS,
            (a, b) if a == b => a,
            (a, b) => self.compute_byte(|out| Operation::Or(out, a, b)),
        }
    }

    pub(super) fn except(&mut self, a: Byte, b: Byte) -> Byte {
        match (a, b) {
            (a, NEVER) => a,
            (NEVER, _) | (_, Byte::Constant(YES)) => NEVER,
            (a, b) if a == b => NEVER,
            (a, b) => self.compute_byte(|out| Operation::Except(out, a, b)),
        }
    }

    /// The one where the condition holds, else the other; of two masks.
    pub(super) fn choose_byte(&mut self, mask: Byte, a: Byte, b: Byte) -> Byte {
        match mask {
            Byte::Constant(YES) => a,
            Byte::Constant(_) => b,
            _ if a == b => a,
            mask => self.compute_byte(|out| Operation::ChooseByte(out, mask, a, b)),
        }
    }
}
