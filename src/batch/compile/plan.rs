//! The plan of all clauses, or of all data checks, of a record type.
//!
//! In: a table, which is asked for the columns that the plan reads. Out: the instructions over
//! them, with few registers. What lists come to is worked out while the plan is compiled.

use super::{ALWAYS, Compiled, Compiler, Due, Instruction, ItemAmounts, NEVER, registers};
use crate::batch::operation::{Number, Tail};
use crate::batch::table::Table;
use crate::check::program::{ClauseId, ExprId};
use crate::eval::Context;

/// The clauses of a record type over a table.
#[derive(Debug)]
pub struct Plan {
    pub(in crate::batch) instructions: Vec<Instruction>,
    /// How many registers of numbers and of bytes.
    pub(in crate::batch) registers: (usize, usize),
    /// The clauses, in document order.
    pub clauses: Vec<ClauseId>,
    /// What clauses that pay for each item pay for it.
    pub(in crate::batch) items: Vec<ItemAmounts>,
}

impl Plan {
    /// The plan of all clauses for the table's record type.
    pub fn of<'r>(context: &Context<'r>, table: &mut Table<'r>) -> Plan {
        let clauses = context.clauses_of(table.record()).to_vec();
        let mut compiler = Compiler::new(context, table);
        for (place, clause) in clauses.iter().enumerate() {
            compiler.clause(place, *clause);
        }
        let items = compiler.items;
        let (instructions, registers) = registers::assign(compiler.instructions);
        Plan { instructions, registers, clauses, items }
    }

    /// The plan of the data checks of the table's record type: a row is open under a check that it may break. None
    /// where there is no check.
    pub(crate) fn of_checks<'r>(context: &Context<'r>, table: &mut Table<'r>) -> Option<Plan> {
        let facts = context.program.records.get(table.record().index()).map_or(&[][..], |def| &def.facts);
        // A fact by period must pass in every one of its periods.
        let checks: Vec<(bool, ExprId)> =
            facts.iter().filter_map(|fact| Some((fact.per.is_some(), fact.check?))).collect();
        let mut compiler = Compiler::new(context, table);
        for (place, (by_period, check)) in checks.iter().enumerate() {
            let passes = match compiler.compiled(*check) {
                Compiled::Flag(flag) if !by_period => flag.yes,
                _ => NEVER,
            };
            let open = compiler.except(ALWAYS, passes);
            let (amount, tail) = (Number::Constant(0.0), Tail::NONE);
            let (applies, in_force, unsure) = (NEVER, ALWAYS, NEVER);
            let (up_to, recover) = (false, true);
            let due = Due { clause: place, amount, tail, applies, in_force, open, unsure, up_to, recover };
            compiler.instructions.push(Instruction::Pay(due));
        }
        let (instructions, registers) = registers::assign(compiler.instructions);
        // What is told of a check by its place needs no clause.
        let clauses = vec![ClauseId(u32::MAX); checks.len()];
        (!checks.is_empty()).then_some(Plan { instructions, registers, clauses, items: Vec::new() })
    }
}
