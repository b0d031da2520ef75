//! The columnar engine: what [`crate::eval`] means, computed column by column.
//!
//! In: the checked program in a [`Context`], and the records of a type. Out: for each
//! clause what is due to each record, in whole fen, and its status. A plan is compiled
//! from the program and carried out tile by tile, all clauses of a tile before the next;
//! kernels are plain loops that run in vectors on whatever the processor has. A record
//! about which something is open, or that lanes cannot hold, is asked of the row engine: the
//! two agree on every record to the fen, and nothing is ever approximated.

mod arrays;
mod column;
mod compile;
mod items;
mod operation;
mod reduce;
mod results;
mod run;
mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;
mod values;

pub use compile::Plan;
pub use results::{Asking, Results, Totals};
pub use run::run;
pub use table::{Facts, Rows, Table};
pub(crate) use values::{Of, Texts, values};

use crate::check::program::{ModifierDef, ModifierKindDef, Node, RecordId};
use crate::eval::{ClauseResult, Context, RecipientResult, Status, evaluate_clause};
use crate::record::Record;
use crate::value::Number;

/// Records that are computed together.
pub const PART: usize = 65_536;

/// The same, of a type whose clauses ask for lists or the history: what is read of a record for one column after the
/// other stays near the processor.
const LISTED_PART: usize = 1_024;

/// How many records of a type are best computed together.
pub fn part(context: &Context<'_>, record: RecordId) -> usize {
    let asks = |node: &Node| match node {
        Node::Items { record: of, .. } => *of == record,
        node => matches!(node, Node::History | Node::PaidUnder(_)),
    };
    let looks_back = |modifier: &ModifierDef| {
        modifier.cumulative || matches!(modifier.kind, ModifierKindDef::ToppingUp { .. } | ModifierKindDef::Once)
    };
    let program = context.program;
    let mut clauses = context.clauses_of(record).iter().filter_map(|id| program.clauses.get(id.index()));
    let listed = program.exprs.iter().any(|expr| asks(&expr.node))
        || clauses.any(|clause| clause.modifiers.iter().any(looks_back));
    if listed { LISTED_PART } else { PART }
}

/// Every clause for each of these records, as [`crate::eval::evaluate`] has it, without steps.
pub fn evaluate_all(context: &Context<'_>, record: RecordId, records: &[Record]) -> Vec<RecipientResult> {
    let mut table = Table::new(Rows::Records(record, records));
    let plan = Plan::of(context, &mut table);
    let mut results = Results::new(Asking::Statuses);
    run(&plan, &table, &mut results);
    let mut out: Vec<RecipientResult> = Vec::with_capacity(records.len());
    for row in 0..records.len() {
        let clauses = plan.clauses.iter().enumerate();
        let of = |(place, id): (usize, &crate::check::program::ClauseId)| {
            let def = context.program.clauses.get(id.index());
            let (recover, up_to) = (def.is_some_and(|def| def.recover), def.is_some_and(|def| def.up_to));
            let mut result = results.clause_result(place, *id, row, recover);
            if matches!(result.status, Status::Exact | Status::UpTo)
                && let Some(items) = plan.items.iter().find(|items| items.clause == *id)
            {
                result.items = items.results(context.program, &table, row, up_to);
            }
            result
        };
        out.push(RecipientResult { clauses: clauses.map(of).collect(), trace: Vec::new() });
    }
    let mut ask = |place: usize, row: usize| {
        let (Some(clause), Some(record)) = (plan.clauses.get(place), records.get(row)) else { return };
        let slot = out.get_mut(row).and_then(|result| result.clauses.get_mut(place));
        if let (Some(slot), Some((result, _))) = (slot, evaluate_clause(context, *clause, record)) {
            *slot = ClauseResult { steps: crate::eval::Steps::default(), ..result };
        }
    };
    for (place, rows) in results.open_rows() {
        rows.iter().for_each(|row| ask(place, *row as usize));
    }
    out
}

/// Whether a result of this engine is that of the row engine, steps apart: what debug builds hold every result to.
pub(crate) fn agrees(context: &Context<'_>, record: RecordId, row: &Record, result: &RecipientResult) -> bool {
    let by_rows = crate::eval::evaluate(context, record, row);
    let without_steps = |clause: &ClauseResult| ClauseResult { steps: crate::eval::Steps::default(), ..clause.clone() };
    by_rows.clauses.iter().map(without_steps).eq(result.clauses.iter().map(without_steps))
}

/// Whole fen in 元.
fn yuan(fen: i64) -> Number {
    Number::from_decimal(rust_decimal::Decimal::new(fen, 2))
}
