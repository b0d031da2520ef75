//! What everybody gets, worked out by columns; and what one of them gets, with the reasons.
//!
//! In: a world's context and its records. Out: the [`Figures`] that evaluating and settling
//! row by row come to, in a fraction of the time; none where something needs rows, such as
//! items and history in settlement. Those of whom something is open before a step of
//! settlement are settled in memory, which is right where each is settled by itself or every
//! pool reaches even for the most that they may get.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::columns::{FEW, PART};
use super::figures::{ClauseFigures, Column, Figures, Openness, TypeFigures, fen};
use super::world::Records;
use crate::batch::{Asking, Of, Plan, Results, run, values};
use crate::check::program::{ClauseId, Program, RecordId};
use crate::eval::{Context, RecipientResult, Status, evaluate, evaluate_clause, key_of};
use crate::policies::evaluated;
use crate::record::Record;
use crate::settle::stream::{self, Awards, Batch, Draws, Form as As, Needed};
use crate::settle::{PoolResult, Recipient, settle as settle_in_memory, settle_one};

/// Keys of settlement are told apart by so many bytes.
const MOST_KEY_BYTES: usize = 64;

/// What is due in a part.
struct Due {
    record: RecordId,
    /// Which part of its type it is.
    part: usize,
    batch: Batch,
    /// Amounts that are open, where nothing is settled.
    open: Vec<(usize, u32, Openness)>,
    /// Those of whom something is open before settlement: their amounts are here alone.
    apart: Vec<(u32, RecipientResult)>,
}

/// Parts as a source of awards.
struct Held<'h> {
    parts: &'h [Due],
    context: &'h Context<'h>,
    records: &'h Records,
}

impl Awards for Held<'_> {
    fn parts(&self) -> usize {
        self.parts.len()
    }

    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        let Some(due) = self.parts.get(part) else { return };
        (batch.record, batch.rows) = (due.record, due.batch.rows);
        fill(&mut batch.amounts, &due.batch.amounts, &needed.amounts);
        fill(&mut batch.inputs, &due.batch.inputs, &needed.inputs);
        if needed.keys {
            let rows = rows_of(self.records, due.record, due.part);
            batch.keys = rows.iter().map(|row| key_of(self.context.program, due.record, row)).collect();
        }
    }
}

/// Copies the columns that are needed.
fn fill(to: &mut Vec<Vec<i64>>, from: &[Vec<i64>], needed: &[bool]) {
    to.resize_with(from.len(), Vec::new);
    let needed = needed.iter().copied().chain(std::iter::repeat(false));
    to.iter_mut().zip(from).zip(needed).filter(|(_, needed)| *needed).for_each(|((to, from), _)| to.clone_from(from));
}

fn rows_of(records: &Records, record: RecordId, part: usize) -> &[Record] {
    let all = records.loaded.population.of(record);
    let from = part.saturating_mul(PART);
    all.get(from..from.saturating_add(PART).min(all.len())).unwrap_or(&[])
}

/// What everybody gets, by columns; none where it must be worked out row by row.
pub(super) fn figures(context: &Context<'_>, records: &Records, stop: &(dyn Fn() -> bool + Sync)) -> Option<Figures> {
    let plan = stream::Plan::of(context).ok()?;
    let types = types(context);
    let due = all_due(context, records, &plan, stop)?;
    if !settles(context.program) {
        return Some(joined(context, &types, &due, None, Vec::new()));
    }
    let held = Held { parts: &due, context, records };
    let settled = stream::settle(&plan, &held).ok()?;
    let after = (0..due.len()).into_par_iter().map(|part| {
        let mut batch = Batch::default();
        let draws = settled.part_told(&held, part, &mut batch);
        (batch.amounts, draws)
    });
    let (after, draws): (Vec<Vec<Vec<i64>>>, Vec<Draws>) = after.unzip();
    if plan.may_be_undecided() && after.iter().flatten().flatten().any(|fen| *fen < 0) {
        return None;
    }
    let draws = draws.iter().fold(Draws::default(), |all, one| all.and(one));
    if !nobody_depends_on_open(context, &plan, (&settled, &draws), &due) {
        return None;
    }
    let mut apart: Vec<Recipient<'_>> = due.iter().flat_map(|due| recipients(context, records, due)).collect();
    let own = if apart.is_empty() { Vec::new() } else { settle_in_memory(context, &mut apart).pools };
    let pools = settled.pools(&plan, context.program, &draws)?;
    let with_open = |pool: PoolResult| match own.iter().find(|own| own.step == pool.step) {
        Some(own) => pool.with_open(own),
        None => pool,
    };
    let pools = pools.into_iter().map(with_open).collect();
    Some(joined(context, &types, &due, Some((&after, &apart)), pools))
}

/// What one recipient gets, with what each step of settlement takes; none where all must be settled in memory to tell.
pub(super) fn one<'r>(
    context: &Context<'_>,
    records: &'r Records,
    (id, row): (RecordId, usize),
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Recipient<'r>> {
    let record = records.loaded.population.of(id).get(row)?;
    let plan = stream::Plan::of(context).ok()?;
    let mut recipient = evaluated(context, id, record);
    if plan.is_by_recipient() {
        settle_in_memory(context, std::slice::from_mut(&mut recipient));
        return Some(recipient);
    }
    let due = all_due(context, records, &plan, stop)?;
    let held = Held { parts: &due, context, records };
    let settled = stream::settle(&plan, &held).ok()?;
    let asked = (0..due.len()).into_par_iter().map(|part| {
        let mut batch = Batch::default();
        let asked = settled.part_told(&held, part, &mut batch);
        let undecided = plan.may_be_undecided() && batch.amounts.iter().flatten().any(|fen| *fen < 0);
        (!undecided).then_some(asked)
    });
    let asked = asked.try_reduce(Draws::default, |all, one| Some(all.and(&one)))?;
    if !nobody_depends_on_open(context, &plan, (&settled, &asked), &due) {
        return None;
    }
    let part = due.iter().position(|due| due.record == id && due.part == row / PART)?;
    let place = row % PART;
    let is_apart = due.get(part)?.apart.iter().any(|(row, _)| *row as usize == place);
    // Every pool reaches where anybody is apart.
    let across = if is_apart { Vec::new() } else { settled.across(&plan, &asked, &held, (part, place))? };
    settle_one(context, &mut recipient, &across);
    Some(recipient)
}

/// The record types that have clauses.
fn types(context: &Context<'_>) -> Vec<RecordId> {
    let types = (0_u32..).map(RecordId).take(context.program.records.len());
    types.filter(|id| !context.clauses_of(*id).is_empty()).collect()
}

/// Whether anything is settled.
fn settles(program: &Program) -> bool {
    !program.settle.is_empty() || program.policies.iter().any(|policy| !policy.overrides.is_empty())
}

/// What is due to everybody, part by part; none where there are few, or something has no columns.
fn all_due(
    context: &Context<'_>,
    records: &Records,
    plan: &stream::Plan<'_>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<Due>> {
    let types = types(context);
    let count = |id: &RecordId| records.loaded.population.of(*id).len();
    if types.iter().map(count).sum::<usize>() < FEW || !records.faulty.is_empty() || records.anybodys {
        return None;
    }
    let parts: Vec<(RecordId, usize)> =
        types.iter().flat_map(|id| (0..count(id).div_ceil(PART)).map(move |part| (*id, part))).collect();
    context.begin(crate::progress::Stage::Evaluating, types.iter().map(count).sum());
    let due = parts.par_iter().map(|(id, part)| {
        let due = if stop() { None } else { due(context, records, plan, (*id, *part)) };
        context.advance(PART);
        due
    });
    due.collect::<Option<_>>()
}

/// What is due in a part.
fn due(
    context: &Context<'_>,
    records: &Records,
    plan: &stream::Plan<'_>,
    (id, part): (RecordId, usize),
) -> Option<Due> {
    let rows = rows_of(records, id, part);
    let mut table = records.kept.table(id, part, rows);
    let compiled = Plan::of(context, &mut table);
    let mut results = Results::new(Asking::Amounts);
    run(&compiled, &table, &mut results);
    let mut inputs = Vec::with_capacity(plan.inputs.len());
    for input in &plan.inputs {
        let expr = input.expr.filter(|_| input.form != As::Paid)?;
        let (column, open) = values(context, &mut table, Of::Expr(expr), input.form, &records.kept.texts)?;
        if !open.is_empty() {
            return None;
        }
        inputs.push(column);
    }
    if !inputs.is_empty() && rows.iter().any(|row| key_of(context.program, id, row).len() > MOST_KEY_BYTES) {
        return None;
    }
    records.kept.keep(id, part, &table);
    let mut batch = Batch { record: id, rows: rows.len(), inputs, ..Batch::default() };
    batch.amounts = vec![Vec::new(); context.program.clauses.len()];
    for (clause, column) in compiled.clauses.iter().zip(std::mem::take(&mut results.amounts)) {
        *batch.amounts.get_mut(clause.index())? = column;
    }
    let mut open = Vec::new();
    for (clause, rows_open) in compiled.clauses.iter().zip(&results.open) {
        for row in rows_open {
            let (result, _) = evaluate_clause(context, *clause, rows.get(*row as usize)?)?;
            let shut_out = matches!(result.status, Status::NotEligible | Status::NotInForce);
            let amount = if shut_out { Some(0) } else { result.amount.as_ref().and_then(fen) };
            match amount {
                Some(fen) => *batch.amounts.get_mut(clause.index())?.get_mut(*row as usize)? = fen,
                None => open.push((clause.index(), *row, Openness::of(&result))),
            }
        }
    }
    let mut apart = Vec::new();
    if settles(context.program) {
        let mut places: Vec<u32> = std::mem::take(&mut open).into_iter().map(|(_, row, _)| row).collect();
        places.sort_unstable();
        places.dedup();
        for row in places {
            apart.push((row, evaluate(context, id, rows.get(row as usize)?)));
            let own = batch.amounts.iter_mut().filter_map(|column| column.get_mut(row as usize));
            own.for_each(|fen| *fen = 0);
        }
    }
    Some(Due { record: id, part, batch, open, apart })
}

/// Whether nobody's amount depends on what those get of whom something is open.
fn nobody_depends_on_open(
    context: &Context<'_>,
    plan: &stream::Plan<'_>,
    (settled, asked): (&stream::Settled<'_>, &Draws),
    due: &[Due],
) -> bool {
    let mut open = due.iter().flat_map(|due| &due.apart).flat_map(|(_, result)| &result.clauses).peekable();
    open.peek().is_none() || plan.is_by_recipient() || settled.reaches_for_open(context, asked, open)
}

/// Those of a part of whom something is open, nothing settled yet.
fn recipients<'r>(context: &Context<'_>, records: &'r Records, due: &Due) -> Vec<Recipient<'r>> {
    let rows = rows_of(records, due.record, due.part);
    let recipient = |(row, result): &(u32, RecipientResult)| {
        let record = rows.get(*row as usize)?;
        Some(Recipient::new(due.record, record, key_of(context.program, due.record, record), result.clone()))
    };
    due.apart.iter().filter_map(recipient).collect()
}

/// What is paid by part, clause and row, and those who were settled in memory.
type After<'a> = (&'a [Vec<Vec<i64>>], &'a [Recipient<'a>]);

/// Parts put together; after settlement, with those that were settled in memory.
fn joined(
    context: &Context<'_>,
    types: &[RecordId],
    due: &[Due],
    after: Option<After<'_>>,
    pools: Vec<PoolResult>,
) -> Figures {
    let of_type = |id: &RecordId| {
        let own: Vec<usize> = (0..due.len()).filter(|at| due.get(*at).is_some_and(|part| part.record == *id)).collect();
        let own_due = || own.iter().filter_map(|at| due.get(*at));
        let rows = own_due().map(|part| part.batch.rows).sum();
        let column = |clause: &ClauseId| {
            let at = clause.index();
            let join = |parts: &mut dyn Iterator<Item = Option<&Vec<i64>>>| {
                let mut column = Vec::with_capacity(rows);
                parts.flatten().for_each(|part| column.extend_from_slice(part));
                column.resize(rows, 0);
                column
            };
            let before = join(&mut own_due().map(|part| part.batch.amounts.get(at)));
            let Some((after, apart)) = after else {
                let (before, open) = (Arc::new(before), open_of(at, own_due()));
                let recover = context.program.clauses.get(at).is_some_and(|def| def.recover);
                return ClauseFigures { clause: *clause, recover, due: Arc::clone(&before), settled: before, open };
            };
            let settled = join(&mut own.iter().map(|part| after.get(*part)?.get(at)));
            let mut column = Column { clause: *clause, due: before, settled, open: HashMap::new() };
            let places = own_due().flat_map(|part| {
                let from = part.part.saturating_mul(PART);
                part.apart.iter().map(move |(row, _)| from.saturating_add(*row as usize))
            });
            for (row, recipient) in places.zip(apart.iter().filter(|one| one.record == *id)) {
                let awards = recipient.result.clauses.iter().zip(&recipient.awards);
                let own = awards.filter(|(result, _)| result.clause == *clause);
                own.for_each(|(result, award)| column.take(row, result, award));
            }
            column.done(context.program)
        };
        let clauses = context.clauses_of(*id).par_iter().map(column).collect();
        TypeFigures::new(*id, rows, clauses)
    };
    Figures { types: types.iter().map(of_type).collect(), pools }
}

/// The amounts of a clause that are open, by row of their type.
fn open_of<'d>(clause: usize, due: impl Iterator<Item = &'d Due>) -> HashMap<u32, Openness> {
    let mut open = HashMap::new();
    for part in due {
        let from = u32::try_from(part.part.saturating_mul(PART)).unwrap_or(u32::MAX);
        let of_clause = part.open.iter().filter(|(at, _, _)| *at == clause);
        open.extend(of_clause.map(|(_, row, openness)| (from.saturating_add(*row), openness.clone())));
    }
    open
}
