//! A population from file to file, part by part, in memory that does not grow with it.
//!
//! In: the policies in a context, and files that can be read in parts. Out: what is paid to
//! each recipient, handed over part by part in the order of the files, and the figures of
//! the report. A part is read, evaluated column by column, settled and handed over; where
//! settlement looks across recipients, what is due is set aside on the disk in between.
//!
//! Recipients of whom something is open are kept as records and settled in memory, which
//! is right where nobody's amount depends on theirs: each is settled by itself, or every
//! pool reaches even for the most that they may get. Everything else is left to the
//! settlement in memory, which comes to the same; it is never guessed.

mod due;
mod held;
mod keys;
mod order;
mod part;
mod sink;
mod sums;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;

pub(crate) use order::in_order;
pub(crate) use sink::{Paid, Sink, Teller, Told};
pub(crate) use sums::{Best, BySum, Sums, UNKNOWN, row_sums};

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::batch::{Of, Texts};
use crate::check::program::{Node, PayerDef, Program, StepKindDef};
use crate::eval::Context;
use crate::policies::Policies;
use crate::progress::Stage;
use crate::record::{Homes, Parts, Seen};
use crate::settle::stream::{Awards, Batch, Draws, Plan, Settled, settle, settle_after, settle_alone};
use crate::settle::{Award, Recipient, Settlement, settle as settle_in_memory};
use due::{Due, Few, Open, append};
use held::Held;
use keys::Keys;

/// What tells whose the rows are.
enum Whose {
    /// Each is a recipient of its own, as long as no key stands twice.
    Keys(Keys),
    Homes(Homes),
}

/// How a stream ended.
pub(crate) enum Ran<R> {
    Done(R),
    /// A key may stand twice: rows must be brought together first.
    Twice,
    /// It must be done in memory.
    ForMemory,
}

/// Files on their way to a settlement.
pub(crate) struct Stream<'s> {
    context: &'s Context<'s>,
    policies: &'s Policies,
    parts: &'s Parts<'s>,
    plan: Plan<'s>,
    texts: Texts,
    /// Sets of clauses of which it is told how many get something.
    sets: Vec<Vec<usize>>,
    /// By what the report adds up.
    by: Vec<Of>,
    /// How many recipients are told by name.
    top: usize,
    /// Whether rows that may belong together are brought together.
    together: bool,
    /// Whether a key was found that may stand twice.
    twice: AtomicBool,
}

impl<'s> Stream<'s> {
    /// A stream; none where the policies need everybody in memory.
    pub fn of(
        context: &'s Context<'s>,
        policies: &'s Policies,
        parts: &'s Parts<'s>,
        (sets, by, top): (Vec<Vec<usize>>, Vec<Of>, usize),
    ) -> Option<Stream<'s>> {
        if context.program.clauses.iter().any(|clause| clause.recipient != parts.record) {
            return None;
        }
        let plan = Stream::plan_of(context)?;
        let (texts, together, twice) = (Texts::default(), parts.belong_together(), AtomicBool::new(false));
        Some(Stream { context, policies, parts, plan, texts, sets, by, top, together, twice })
    }

    /// Whether what the policies ask can be told by parts at all, whatever the data.
    pub fn is_possible(context: &'s Context<'s>) -> bool {
        let mut clauses = context.program.clauses.iter();
        let one = clauses.next().map(|clause| clause.recipient);
        clauses.all(|clause| Some(clause.recipient) == one) && Stream::plan_of(context).is_some()
    }

    fn plan_of(context: &'s Context<'s>) -> Option<Plan<'s>> {
        let program = context.program;
        let looks_around = |node: &Node| matches!(node, Node::All(_) | Node::Rank(_));
        let needs_all = program.exprs.iter().any(|expr| looks_around(&expr.node)) || shares(program);
        if needs_all { None } else { Plan::of(context).ok() }
    }

    /// The same, rows with the same key brought together first.
    #[must_use]
    pub fn together(self) -> Stream<'s> {
        Stream { together: true, ..self }
    }

    /// Evaluates and settles all parts; the sink takes what is paid, the teller the rest. Where it is not done, both may
    /// have taken some parts, which do not count.
    pub fn run<S: Sink, T: Teller>(&self, sink: &mut S, folder: &Path, teller: T) -> Result<Ran<T::Report>, S::Error> {
        let Some(whose) = self.whose(folder) else { return Ok(Ran::ForMemory) };
        self.context.begin(Stage::Evaluating, self.parts.rows());
        let ran = match self.plan.is_by_recipient() {
            true => self.at_once(&whose, sink, teller)?,
            false => self.set_aside(&whose, folder, sink, teller)?,
        };
        Ok(match ran {
            Some(done) => Ran::Done(done),
            None if self.twice.load(Ordering::Relaxed) => Ran::Twice,
            None => Ran::ForMemory,
        })
    }

    /// What tells whose the rows are.
    fn whose(&self, folder: &Path) -> Option<Whose> {
        if !self.together {
            return Keys::new(folder).map(Whose::Keys);
        }
        self.context.begin(Stage::Loading, self.parts.bytes());
        self.parts.homes(folder, &|bytes| self.context.advance(bytes)).map(Whose::Homes)
    }

    /// Each part is settled as soon as it is evaluated.
    fn at_once<S: Sink, T: Teller>(
        &self,
        whose: &Whose,
        sink: &mut S,
        mut teller: T,
    ) -> Result<Option<T::Report>, S::Error> {
        let Ok(settled) = settle(&self.plan, &Few(&Batch::default())) else { return Ok(None) };
        let (mut sums, mut all_seen) = (Sums::new(self.sets.len(), self.by.len(), self.top), Vec::new());
        let (ready, writer) = sink.apart();
        let work = |at: usize| {
            let Due { mut batch, open, seen } = self.evaluate(at, whose, Some(&settled))?;
            let keys = std::mem::take(&mut batch.keys);
            let by = batch.inputs.split_off(self.plan.inputs.len().min(batch.inputs.len()));
            // Whoever has an amount that no rule decides is open, and no longer in the columns.
            settled.apply(&mut batch).then_some(())?;
            let mut recipients = recipients(self.parts, &open);
            let settlement = settle_in_memory(self.context, &mut recipients);
            let rows: Vec<_> = open.iter().map(|open| open.row).zip(&recipients).collect();
            let sums = Sums::of(self.context, (&self.sets, &by, self.top), &keys, &batch, &rows);
            let written = S::ready(ready, Paid { keys, amounts: batch.amounts, open: &rows });
            let awards: Vec<Vec<Award>> = recipients.into_iter().map(|recipient| recipient.awards).collect();
            // A pool would be of all recipients.
            settlement.pools.is_empty().then_some((written, sums, (open, awards), seen))
        };
        let all = in_order(self.parts.count(), work, |one| {
            let Some((written, some, (open, awards), seen)) = one else { return Ok(false) };
            S::write(writer, written?)?;
            sums.add(some);
            let settled = open.iter().zip(awards).map(|(open, awards)| open.settled(self.parts.record, awards));
            teller.open(&settled.collect::<Vec<_>>());
            all_seen.extend(seen);
            Ok(true)
        })?;
        let Some(strays) = self.strays(whose).filter(|_| all) else { return Ok(None) };
        all_seen.extend(strays);
        let (settlement, loaded) = (Settlement { pools: Vec::new() }, self.parts.loaded(all_seen));
        Ok(Some(teller.end(Told { sums, texts: &self.texts, settlement, loaded })))
    }

    /// What is due is set aside until it is known what each step comes to for all.
    fn set_aside<S: Sink, T: Teller>(
        &self,
        whose: &Whose,
        folder: &Path,
        sink: &mut S,
        mut teller: T,
    ) -> Result<Option<T::Report>, S::Error> {
        let Some(held) = Held::new(folder, self.parts.part_rows()) else { return Ok(None) };
        // What each gets by itself is settled before it is set aside, so that it is not settled at every reading.
        let first = self.plan.alone(self.context.program);
        let Ok(alone) = settle_alone(&self.plan, first) else { return Ok(None) };
        let looked = (0..self.parts.count()).into_par_iter().map(|at| {
            let Due { mut batch, open, seen } = self.evaluate(at, whose, None)?;
            alone.apply(&mut batch).then_some(())?;
            held.put(at, &batch)?;
            Some((open, seen))
        });
        let Some(looked) = looked.collect::<Option<Vec<_>>>() else { return Ok(None) };
        let Some(strays) = self.strays(whose) else { return Ok(None) };
        let (by_part, seen): (Vec<Vec<Open>>, Vec<Vec<Seen>>) = looked.into_iter().unzip();
        let seen = seen.into_iter().flatten().chain(strays).collect();
        self.context.begin(Stage::Settling, self.plan.steps());
        let Ok(settled) = settle_after(&self.plan, first, &held) else { return Ok(None) };
        let all_open: Vec<&Open> = by_part.iter().flatten().collect();
        if !all_open.is_empty() && !self.reaches_for(&settled, &held, &all_open) {
            return Ok(None);
        }
        let mut open = recipients(self.parts, all_open.iter().copied());
        let own = settle_in_memory(self.context, &mut open);
        let rows = rows_of_parts(&by_part, &open);
        let Some((sums, draws)) = self.hand_over(&settled, &held, &rows, sink)? else { return Ok(None) };
        let Some(pools) = settled.pools(&self.plan, self.context.program, &draws) else { return Ok(None) };
        let pools = pools.into_iter().map(|pool| match own.pools.iter().find(|own| own.step == pool.step) {
            Some(own) if !open.is_empty() => pool.with_open(own),
            _ => pool,
        });
        let settlement = Settlement { pools: pools.collect() };
        teller.open(&open);
        let loaded = self.parts.loaded(seen);
        Ok(Some(teller.end(Told { sums, texts: &self.texts, settlement, loaded })))
    }

    /// Settles part by part what was set aside, and hands it over; what it draws from the pools.
    fn hand_over<S: Sink>(
        &self,
        settled: &Settled<'_>,
        held: &Held,
        open: &[Vec<(usize, &Recipient<'_>)>],
        sink: &mut S,
    ) -> Result<Option<(Sums, Draws)>, S::Error> {
        self.context.begin(Stage::Writing, self.parts.rows());
        let (mut sums, mut draws) = (Sums::new(self.sets.len(), self.by.len(), self.top), Draws::default());
        let (ready, writer) = sink.apart();
        let work = |at: usize| {
            let (mut batch, mut slice) = (Batch::default(), Batch::default());
            let rows = held.rows(at);
            batch.amounts.resize_with(self.context.program.clauses.len(), || Vec::with_capacity(rows));
            let (mut keys, mut draws) = (Vec::with_capacity(rows), Draws::default());
            let mut by = vec![Vec::new(); self.by.len()];
            for part in held.slices(at) {
                draws = draws.and(&settled.part_told(held, part, &mut slice));
                held.keys(part, &mut keys)?;
                held.inputs_from(part, self.plan.inputs.len(), &mut by)?;
                append(&mut batch, &slice);
            }
            let open = open.get(at).map_or(&[][..], Vec::as_slice);
            let sums = Sums::of(self.context, (&self.sets, &by, self.top), &keys, &batch, open);
            self.context.advance(keys.len());
            Some((S::ready(ready, Paid { keys, amounts: batch.amounts, open }), sums, draws))
        };
        let all = in_order(self.parts.count(), work, |one| {
            let Some((written, some, more)) = one else { return Ok(false) };
            S::write(writer, written?)?;
            sums.add(some);
            draws = std::mem::take(&mut draws).and(&more);
            Ok(true)
        })?;
        Ok((all && !held.is_lost()).then_some((sums, draws)))
    }

    /// Whether nobody's amount depends on what those get of whom something is open.
    fn reaches_for(&self, settled: &Settled<'_>, held: &Held, open: &[&Open]) -> bool {
        let asked = (0..Awards::parts(held)).into_par_iter().map(|at| {
            let mut batch = Batch::default();
            settled.part_told(held, at, &mut batch)
        });
        let asked = asked.reduce(Draws::default, |a, b| a.and(&b));
        settled.reaches_for_open(self.context, &asked, open.iter().flat_map(|open| &open.result.clauses))
    }
}

/// Whether any clause may be shared between payers.
fn shares(program: &Program) -> bool {
    let many = |payers: &[PayerDef]| match payers {
        [] => false,
        [one] => one.share.is_some() || one.cap.is_some(),
        _ => true,
    };
    let policies = &program.policies;
    let steps = program.settle.iter().any(|step| matches!(&step.kind, StepKindDef::FundedBy(payers) if many(payers)));
    steps
        || policies.iter().any(|policy| many(&policy.funding))
        || policies.iter().flat_map(|policy| &policy.articles).any(|article| many(&article.funding))
        || program.clauses.iter().any(|clause| many(&clause.funding))
}

/// The settled recipients of whom something is open, part by part, each with its row.
fn rows_of_parts<'o>(by_part: &[Vec<Open>], open: &'o [Recipient<'o>]) -> Vec<Vec<(usize, &'o Recipient<'o>)>> {
    let mut settled = open.iter();
    let rows = by_part.iter().map(|some| some.iter().map(|open| open.row).zip(settled.by_ref()).collect());
    rows.collect()
}

fn recipients<'o>(parts: &Parts<'_>, open: impl IntoIterator<Item = &'o Open>) -> Vec<Recipient<'o>> {
    let recipient = |open: &'o Open| Recipient::new(parts.record, &open.record, open.key.clone(), open.result.clone());
    open.into_iter().map(recipient).collect()
}
