//! What became of the pools of a stream, as the report tells it, and of one recipient.

use std::sync::Arc;

use super::Settled;
use super::act::Act;
use super::batch::{Awards, Batch};
use super::plan::{Grouping, Kind, Modify, Plan, Pool, Room, Step};
use super::pool::There;
use crate::check::program::{PolicyId, Program, ShortageDef, ShortageRuleDef, StepKindDef};
use crate::eval::{ClauseResult, Context};
use crate::settle::act::raises;
use crate::settle::award::{self, Borne, Reason};
use crate::settle::range::{Range, fen};
use crate::settle::settlement::{Amounts, PoolOf, PoolResult};
use crate::syntax::tree::RoundMode;
use crate::value::Number;

/// What some parts draw from the pools that all share, step by step of the plan.
#[derive(Debug, Clone, Default)]
pub struct Draws(Vec<Drawn>);

/// What was asked of one pool.
#[derive(Debug, Clone, Copy, Default)]
struct Drawn {
    /// In fen.
    wanted: i128,
    /// What those are paid who asked, after the whole settlement, in fen.
    paid: i128,
    /// Recipients.
    cut: usize,
}

impl Draws {
    /// With what other parts asked.
    #[must_use]
    pub fn and(mut self, other: &Draws) -> Draws {
        self.0.resize(self.0.len().max(other.0.len()), Drawn::default());
        for (one, more) in self.0.iter_mut().zip(&other.0) {
            one.wanted = one.wanted.saturating_add(more.wanted);
            one.paid = one.paid.saturating_add(more.paid);
            one.cut = one.cut.saturating_add(more.cut);
        }
        self
    }
}

impl Plan<'_> {
    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Whether each recipient is settled by itself, whoever else there is.
    pub fn is_by_recipient(&self) -> bool {
        self.steps.iter().all(|step| step.kind.is_by_recipient())
    }

    /// How many steps from the first on settle each recipient by itself; a budget, of which it is told, is none.
    pub fn alone(&self, program: &Program) -> usize {
        let is_budget = |step: &Step<'_>| {
            let def = program.settle.get(step.at).map(|def| &def.kind);
            matches!((&step.kind, def), (Kind::Pool(_), Some(StepKindDef::Budget { .. })))
        };
        self.steps.iter().take_while(|step| step.kind.is_by_recipient() && !is_budget(step)).count()
    }

    /// Whether a recipient may have several amounts in a pool of its own that no rule cuts: they come out below 0.
    pub fn may_be_undecided(&self) -> bool {
        self.steps.iter().any(|step| matches!(&step.kind, Kind::Pool(pool) if pool.may_be_undecided()))
    }
}

impl Kind<'_> {
    fn is_by_recipient(&self) -> bool {
        match self {
            Kind::Overrides(_) | Kind::Modify(..) | Kind::Exclude(..) => true,
            Kind::Highest(_, grouping) | Kind::NotTogether(_, grouping) => *grouping == Grouping::Each,
            Kind::Select(select) => select.grouping == Grouping::Each,
            Kind::Pool(pool) => pool.grouping == Grouping::Each,
        }
    }
}

/// What a step that looks across recipients does to one of them.
#[derive(Debug, Clone)]
pub struct Across {
    /// The step, by place in the program.
    pub step: usize,
    /// Why it takes something; none where it takes nothing.
    pub(in crate::settle) reason: Option<Reason>,
    /// The amounts that it changes, by clause of the program, in fen.
    pub(in crate::settle) after: Vec<(usize, i64)>,
}

impl Settled<'_> {
    /// What the steps that look across recipients do to a row of a part; none where the reason is kept in memory only.
    pub fn across(
        &self,
        plan: &Plan<'_>,
        asked: &Draws,
        awards: &impl Awards,
        (part, row): (usize, usize),
    ) -> Option<Vec<Across>> {
        let mut batch = Batch::default();
        self.reading.fill(awards, part, &mut batch);
        let amounts = |batch: &Batch| -> Vec<i64> {
            batch.amounts.iter().map(|column| column.get(row).copied().unwrap_or(0)).collect()
        };
        let mut all = Vec::new();
        for ((step, act), drawn) in plan.steps.iter().skip(self.first).zip(&self.acts).zip(&asked.0) {
            let before = amounts(&batch);
            act.apply(&mut batch);
            if step.kind.is_by_recipient() {
                continue;
            }
            let changed =
                amounts(&batch).into_iter().zip(before).enumerate().filter(|(_, (after, before))| after != before);
            let after: Vec<(usize, i64)> = changed.map(|(clause, (after, _))| (clause, after)).collect();
            let reason = if after.is_empty() { None } else { Some(shortage(act, drawn)?) };
            all.push(Across { step: step.at, reason, after });
        }
        Some(all)
    }

    /// Whether every pool reaches even for the most of these, so that nobody's amount depends on them.
    pub fn reaches_for_open<'r>(
        &self,
        context: &Context<'_>,
        asked: &Draws,
        open: impl IntoIterator<Item = &'r ClauseResult>,
    ) -> bool {
        let program = context.program;
        // What a step raises is not bounded by what is due.
        if program.settle.iter().any(|step| raises(context, &step.kind)) {
            return false;
        }
        let mut more = vec![0_i128; program.clauses.len()];
        for result in open {
            let most = result.highest.as_ref().and_then(fen_up);
            if let Some(slot) = more.get_mut(result.clause.index()) {
                // What nothing bounds is more than there is anywhere.
                *slot = slot.saturating_add(most.map_or(i128::MAX, |most| most.max(0).into()));
            }
        }
        self.reaches_for(asked, &more)
    }

    /// Sets a batch to a part of the awards, settled, and tells what it asked of the pools.
    pub fn part_told(&self, awards: &impl Awards, part: usize, batch: &mut Batch) -> Draws {
        self.reading.fill(awards, part, batch);
        let mut asked = Vec::with_capacity(self.acts.len());
        let mut rows = Vec::new();
        for act in &self.acts {
            let Some((pool, short)) = shared(act) else {
                act.apply(batch);
                asked.push(Drawn::default());
                continue;
            };
            sum_rows(batch, &pool.clauses, &mut rows);
            let wanted = rows.iter().map(|fen| i128::from(*fen)).sum();
            act.apply(batch);
            let cut = if short { rows_below(batch, &pool.clauses, &rows) } else { 0 };
            asked.push(Drawn { wanted, paid: 0, cut });
        }
        for (act, drawn) in self.acts.iter().zip(&mut asked) {
            let Some((pool, _)) = shared(act) else { continue };
            let columns = pool.clauses.iter().filter_map(|clause| batch.amounts.get(*clause));
            drawn.paid = columns.flatten().map(|fen| i128::from(*fen)).sum();
        }
        Draws(asked)
    }

    /// Whether every pool reaches even for this much more by clause, in fen, so that nobody's amount depends on it.
    fn reaches_for(&self, asked: &Draws, more: &[i128]) -> bool {
        self.acts.iter().zip(&asked.0).all(|(act, drawn)| match act {
            Act::Overrides(_) | Act::Modify(..) | Act::Exclude(..) => true,
            Act::Highest(_, grouping, _) | Act::NotTogether(_, grouping, _) => *grouping == Grouping::Each,
            Act::Select(select, _) => select.grouping == Grouping::Each,
            Act::Pool(pool, _) if pool.grouping == Grouping::Each => true,
            Act::Pool(pool, _) => match (pool.grouping, pool.room) {
                (Grouping::All, Room::Fixed(room)) => {
                    let more = pool.clauses.iter().filter_map(|clause| more.get(*clause));
                    let all = more.fold(drawn.wanted, |sum, fen| sum.saturating_add(*fen));
                    all <= i128::from(room)
                }
                _ => false,
            },
        })
    }

    /// The budgets as a settlement in memory tells them; none where one is told in a way that is kept in memory only.
    pub fn pools(&self, plan: &Plan<'_>, program: &Program, asked: &Draws) -> Option<Vec<PoolResult>> {
        let steps = plan.steps.iter().skip(self.first).zip(&self.acts).zip(&asked.0);
        let budgets = steps.filter_map(|((step, act), drawn)| {
            let def = program.settle.get(step.at)?;
            let is_budget = matches!(def.kind, StepKindDef::Budget { .. });
            let Act::Pool(pool, verdicts) = act else { return None };
            is_budget.then_some((step.at, def.policy, pool, verdicts.values().next(), drawn))
        });
        budgets
            .map(|(step, policy, pool, verdict, drawn)| {
                let (Grouping::All, Room::Fixed(room)) = (pool.grouping, pool.room) else { return None };
                // Who asked for nothing is paid nothing out of it, whatever a floor gives later.
                if plan.steps.iter().any(|later| later.at > step && lifts(&later.kind, &pool.clauses)) {
                    return None;
                }
                let how = match verdict {
                    None => None,
                    Some(verdict) if verdict.line.is_some() => return None,
                    Some(verdict) => Some(borne(&verdict.there, pool.shortage, room, drawn.wanted)?),
                };
                told((step, policy), room, drawn, how)
            })
            .collect()
    }
}

/// Whether a step may pay under one of these clauses what was nothing.
fn lifts(step: &Kind<'_>, clauses: &[usize]) -> bool {
    matches!(step, Kind::Modify(Modify::Floor(_), floored) if floored.iter().any(|clause| clauses.contains(clause)))
}

/// The pool of an act that all share, and whether it is short.
fn shared<'a>(act: &'a Act<'_>) -> Option<(&'a Pool<'a>, bool)> {
    match act {
        Act::Pool(pool, verdicts) if pool.grouping == Grouping::All => Some((pool, !verdicts.is_empty())),
        _ => None,
    }
}

/// Why a pool that all share gives one of them less.
fn shortage(act: &Act<'_>, drawn: &Drawn) -> Option<Reason> {
    let Act::Pool(pool, verdicts) = act else { return None };
    let (Grouping::All, Room::Fixed(room)) = (pool.grouping, pool.room) else { return None };
    let verdict = verdicts.values().next().filter(|verdict| verdict.line.is_none())?;
    let how = borne(&verdict.there, pool.shortage, room, drawn.wanted)?;
    let exactly = |fen: i128| Some(Range::exactly(&yuan(fen)?));
    let (room, wanted) = (exactly(room.into())?, exactly(drawn.wanted)?);
    let pool = award::Pool { room, paid: None, wanted, budget: true, payer: None };
    Some(Reason::Shortage { pool: Arc::new(pool), how, share: None })
}

/// An amount in fen, up to the next whole one.
fn fen_up(amount: &Number) -> Option<i64> {
    amount.multiply(&Number::from_i64(100)).ok()?.round(RoundMode::Up, &Number::ONE).ok()?.to_i64()
}

fn borne(there: &There, shortage: Option<&ShortageDef>, room: i64, wanted: i128) -> Option<Borne> {
    match (there, &shortage?.rule) {
        (There::Alone { .. }, _) => Some(Borne::Alone),
        (There::Parts(..), ShortageRuleDef::ProRata) => {
            let factor = yuan(i128::from(room.max(0)))?.divide(&yuan(wanted)?).ok()?;
            Some(Borne::Factor(factor))
        }
        _ => None,
    }
}

fn told((step, policy): (usize, Option<PolicyId>), room: i64, drawn: &Drawn, how: Option<Borne>) -> Option<PoolResult> {
    let amounts = |fen: i128| {
        let known = yuan(fen)?;
        Some(Amounts { range: Range::exactly(&known), known })
    };
    let (room, wanted, paid) = (Range::exactly(&yuan(room.into())?), amounts(drawn.wanted)?, amounts(drawn.paid)?);
    let left = Some(room.minus(&paid.range));
    let (payer, of, open_wanted) = (None, PoolOf::All, Some(Number::ZERO));
    let room = Some(room);
    Some(PoolResult { step, policy, payer, of, room, wanted, paid, open_wanted, left, cut: drawn.cut, open: 0, how })
}

fn yuan(amount: i128) -> Option<Number> {
    Number::from_digits(&amount.to_string())?.multiply(&fen()).ok()
}

/// The sum of each row over some clauses.
fn sum_rows(batch: &Batch, clauses: &[usize], rows: &mut Vec<i64>) {
    rows.clear();
    rows.resize(batch.rows, 0);
    for column in clauses.iter().filter_map(|clause| batch.amounts.get(*clause)) {
        rows.iter_mut().zip(column).for_each(|(sum, fen)| *sum = sum.saturating_add(*fen));
    }
}

/// How many rows come to less than they did.
fn rows_below(batch: &Batch, clauses: &[usize], before: &[i64]) -> usize {
    let mut after = Vec::new();
    sum_rows(batch, clauses, &mut after);
    after.iter().zip(before).filter(|(after, before)| after < before).count()
}
