//! The steps of a program as a stream carries them out, and what they ask of each recipient.

use super::Beyond;
use super::digit::Digit;
use crate::check::program::{
    ClauseId, ExprId, ModifierDef, ModifierKindDef, PerDef, PolicyId, Program, ShortageDef, ShortageRuleDef, StepDef,
    StepKindDef, TiesDef,
};
use crate::eval::{Answer, Context, evaluate_expression};
use crate::settle::budget::{Budget, room};
use crate::settle::conflicts::{Conflicts, conflicts};
use crate::settle::overrides::{is_named, is_of};
use crate::settle::range::down;
use crate::settle::shortage::{Together, together};
use crate::settle::sight::{Sight, covered};
use crate::settle::{clauses_outside, funding, is_keyed_by_item};
use crate::syntax::tree::{Rest, RoundMode};
use crate::value::Number;

/// What a plan asks of each recipient, as one whole number; [`super::NONE`] where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The step that asks, by place in the program.
    pub step: usize,
    /// The clauses that the step names: they say about which record type it speaks.
    pub clauses: Vec<ClauseId>,
    /// What is asked for; none for [`Form::Paid`].
    pub expr: Option<ExprId>,
    /// In which form.
    pub form: Form,
}

/// How a value becomes a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An amount in fen; what is below one is left out.
    FenDown,
    /// An amount in fen, up to the next whole one.
    FenUp,
    /// An amount in whole fen.
    Fen,
    /// A factor in billionths.
    Factor,
    /// Anything that has an order, the greater first: numbers in ten-thousandths, days, levels.
    Order,
    /// Whether a condition holds: 1 or 0.
    Truth,
    /// The group: the same number, from 1, for the same value.
    Group,
    /// What history holds of the clauses, in fen.
    Paid,
}

/// How a step puts recipients together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// All of them.
    All,
    /// Each by itself.
    Each,
    /// By the value of an input; those with none by themselves.
    By(usize),
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Kind<'p> {
    /// For each `overrides`, the clauses of its policy and those that they set to nothing.
    Overrides(Vec<(Vec<usize>, Vec<usize>)>),
    Modify(Modify, Vec<usize>),
    Exclude(Vec<usize>, usize),
    Highest(Vec<usize>, Grouping),
    NotTogether(Conflicts, Grouping),
    Select(Select<'p>),
    Pool(Pool<'p>),
}

/// A modifier, with the input of its bound.
#[derive(Debug, Clone)]
pub(super) enum Modify {
    Cap(usize),
    Floor(usize),
    Times(usize),
    Less(usize),
    NothingBelow(usize),
    Round(RoundMode, Number),
}

impl Modify {
    /// The input of the bound, where there is one.
    pub(super) fn input(&self) -> Option<usize> {
        match self {
            Modify::Cap(input)
            | Modify::Floor(input)
            | Modify::Times(input)
            | Modify::Less(input)
            | Modify::NothingBelow(input) => Some(*input),
            Modify::Round(..) => None,
        }
    }
}

/// A selection.
#[derive(Debug)]
pub(super) struct Select<'p> {
    pub(super) clauses: Vec<usize>,
    pub(super) grouping: Grouping,
    pub(super) count: i128,
    pub(super) keys: Vec<Digit>,
    pub(super) ties: Option<&'p TiesDef>,
}

/// A limit or budget.
#[derive(Debug)]
pub(super) struct Pool<'p> {
    pub(super) clauses: Vec<usize>,
    pub(super) grouping: Grouping,
    pub(super) room: Room,
    pub(super) shortage: Option<&'p ShortageDef>,
    /// How those who stand equal bear a shortage, if anything says so.
    pub(super) together: Together,
    /// To what shares round down, in fen.
    pub(super) unit: i64,
    /// When each is served; empty where all are served together.
    pub(super) turns: Vec<Digit>,
    /// The clauses in the turns in which those of one recipient are served.
    pub(super) levels: Vec<Vec<usize>>,
}

/// What there is, in fen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Room {
    /// The same for all.
    Fixed(i64),
    /// An input, less another.
    Of(usize, Option<usize>),
}

/// A step of a plan.
#[derive(Debug)]
pub(super) struct Step<'p> {
    /// Its place in the program.
    pub(super) at: usize,
    pub(super) kind: Kind<'p>,
}

/// The steps of a program, ready to be carried out over a stream of awards.
#[derive(Debug)]
pub struct Plan<'p> {
    /// What it asks of each recipient.
    pub inputs: Vec<Input>,
    pub(super) steps: Vec<Step<'p>>,
    /// By clause, whether any step may change it.
    pub(super) touched: Vec<bool>,
}

/// A plan under way.
struct Planner<'c, 'p> {
    context: &'c Context<'p>,
    inputs: Vec<Input>,
    steps: Vec<Step<'p>>,
}

impl<'p> Plan<'p> {
    /// The plan of a program's steps.
    ///
    /// # Errors
    /// The first step that acts on items, a payer's share, or an amount that is not known.
    pub fn of(context: &Context<'p>) -> Result<Self, Beyond> {
        let program = context.program;
        let mut planner = Planner { context, inputs: Vec::new(), steps: Vec::new() };
        let overrides = overridden(program);
        if !overrides.is_empty() {
            planner.steps.push(Step { at: 0, kind: Kind::Overrides(overrides) });
        }
        let mut outside = clauses_outside(program);
        let mut searched = 0;
        for (at, def) in program.settle.iter().enumerate() {
            match &def.kind {
                StepKindDef::OutsideBudget(clauses) => outside.extend(clauses),
                StepKindDef::NotTogether(..) if at < searched => {}
                StepKindDef::NotTogether(..) => searched = planner.not_together(at)?,
                _ => planner.step(at, def, &outside)?,
            }
        }
        let last = program.settle.len();
        if !program.clauses.iter().all(|clause| funding::pays_all(context, clause)) {
            return Err(Beyond { step: last });
        }
        let Planner { inputs, steps, .. } = planner;
        let mut touched = vec![false; program.clauses.len()];
        for clause in steps.iter().flat_map(Step::clauses) {
            if let Some(slot) = touched.get_mut(clause) {
                *slot = true;
            }
        }
        Ok(Plan { inputs, steps, touched })
    }
}

impl Step<'_> {
    /// The clauses that it may change.
    fn clauses(&self) -> Vec<usize> {
        match &self.kind {
            Kind::Overrides(all) => all.iter().flat_map(|(own, named)| own.iter().chain(named)).copied().collect(),
            Kind::Modify(_, clauses) | Kind::Exclude(clauses, _) | Kind::Highest(clauses, _) => clauses.clone(),
            Kind::NotTogether(graph, _) => columns(&graph.clauses),
            Kind::Select(select) => select.clauses.clone(),
            Kind::Pool(pool) => pool.clauses.clone(),
        }
    }
}

impl<'p> Planner<'_, 'p> {
    fn push(&mut self, at: usize, kind: Kind<'p>) {
        self.steps.push(Step { at, kind });
    }

    fn input(&mut self, step: usize, clauses: &[ClauseId], expr: Option<ExprId>, form: Form) -> usize {
        let input = Input { step, clauses: clauses.to_vec(), expr, form };
        let found = self.inputs.iter().position(|other| *other == input);
        found.unwrap_or_else(|| {
            self.inputs.push(input);
            self.inputs.len().saturating_sub(1)
        })
    }

    fn grouping(
        &mut self,
        step: usize,
        clauses: &[ClauseId],
        per: Option<&PerDef>,
        without: Grouping,
    ) -> Result<Grouping, Beyond> {
        match per {
            None => Ok(without),
            Some(PerDef::Item(_)) => Err(Beyond { step }),
            Some(PerDef::Value(per)) => Ok(Grouping::By(self.input(step, clauses, Some(*per), Form::Group))),
        }
    }

    fn keys(&mut self, step: usize, clauses: &[ClauseId], keys: &[(ExprId, bool)]) -> Vec<Digit> {
        let digit = |(key, ascending): &(ExprId, bool)| {
            Digit::Input(self.input(step, clauses, Some(*key), Form::Order), *ascending)
        };
        keys.iter().map(digit).collect()
    }

    /// Steps that follow one another make one graph; returns the place after them.
    fn not_together(&mut self, at: usize) -> Result<usize, Beyond> {
        let Some((graph, steps, per)) = conflicts(self.context.program, at) else { return Ok(at) };
        let grouping = self.grouping(at, &graph.clauses.clone(), per, Grouping::Each)?;
        self.push(at, Kind::NotTogether(graph, grouping));
        Ok(at.saturating_add(steps))
    }

    fn step(&mut self, at: usize, def: &'p StepDef, outside: &[ClauseId]) -> Result<(), Beyond> {
        let program = self.context.program;
        let beyond = Beyond { step: at };
        let kind = match &def.kind {
            StepKindDef::Modifier(modifier, clauses) => self.modify(at, modifier, clauses)?,
            StepKindDef::Exclude(clauses, condition) => {
                Kind::Exclude(columns(clauses), self.input(at, clauses, Some(*condition), Form::Truth))
            }
            StepKindDef::HighestAmong(clauses, per) => {
                Kind::Highest(columns(clauses), self.grouping(at, clauses, per.as_ref(), Grouping::Each)?)
            }
            StepKindDef::Select { count, clauses, keys, per, ties, over_items } => {
                if *over_items {
                    return Err(beyond);
                }
                let mut keys = self.keys(at, clauses, keys);
                if let Some(TiesDef::By(key, ascending)) = ties {
                    keys.extend(self.keys(at, clauses, &[(*key, *ascending)]));
                }
                let count = evaluate_expression(self.context, None, *count);
                let count = count.known_number().and_then(|n| down(n, &Number::ONE).to_i64());
                let grouping = self.grouping(at, clauses, per.as_ref(), Grouping::All)?;
                let count = i128::from(count.ok_or(beyond)?);
                Kind::Select(Select { clauses: columns(clauses), grouping, count, keys, ties: ties.as_ref() })
            }
            StepKindDef::Limit { clauses, to, cumulative, per, shortage } => {
                let all = covered(program, def, clauses);
                let shares = |rule: &ShortageDef| shares_fractions(rule);
                let form = if shortage.as_ref().is_some_and(shares) { Form::Fen } else { Form::FenDown };
                let to = self.input(at, clauses, Some(*to), form);
                let paid = cumulative.then(|| self.input(at, &all, None, Form::Paid));
                let grouping = self.grouping(at, clauses, per.as_ref(), Grouping::Each)?;
                self.pool((at, clauses), all, grouping, Room::Of(to, paid), shortage.as_ref())?
            }
            StepKindDef::Budget { amount, clauses, from, per, shortage } => {
                let mut all = covered(program, def, clauses);
                if clauses.is_empty() {
                    all.retain(|clause| !outside.contains(clause));
                }
                if from.is_some() {
                    return Err(beyond);
                }
                let sight = Sight::new(self.context, at, def, clauses);
                let (policy, amount) = (def.policy, *amount);
                let budget =
                    Budget { policy, amount, clauses: &all, from: None, per: None, shortage: None, by_item: false };
                let room = room(&sight, &budget).as_ref().and_then(whole_fen);
                let grouping = self.grouping(at, clauses, per.as_ref(), Grouping::All)?;
                self.pool((at, clauses), all, grouping, Room::Fixed(room.ok_or(beyond)?), shortage.as_ref())?
            }
            StepKindDef::NotTogether(..) | StepKindDef::OutsideBudget(_) | StepKindDef::FundedBy(_) => return Ok(()),
        };
        self.push(at, kind);
        Ok(())
    }

    fn modify(&mut self, at: usize, modifier: &ModifierDef, clauses: &[ClauseId]) -> Result<Kind<'p>, Beyond> {
        if modifier.cumulative {
            return Err(Beyond { step: at });
        }
        let how = match &modifier.kind {
            ModifierKindDef::Cap(bound) => Modify::Cap(self.input(at, clauses, Some(*bound), Form::FenDown)),
            ModifierKindDef::Floor(bound) => Modify::Floor(self.input(at, clauses, Some(*bound), Form::FenDown)),
            ModifierKindDef::Times(factor) => Modify::Times(self.input(at, clauses, Some(*factor), Form::Factor)),
            ModifierKindDef::Less(part) => Modify::Less(self.input(at, clauses, Some(*part), Form::FenUp)),
            ModifierKindDef::NothingBelow(bound) => {
                Modify::NothingBelow(self.input(at, clauses, Some(*bound), Form::FenUp))
            }
            ModifierKindDef::Round(mode, unit) => Modify::Round(*mode, unit.clone()),
            ModifierKindDef::ToppingUp { .. } | ModifierKindDef::Once => return Err(Beyond { step: at }),
        };
        Ok(Kind::Modify(how, columns(clauses)))
    }

    fn pool(
        &mut self,
        (at, named): (usize, &[ClauseId]),
        covered: Vec<ClauseId>,
        grouping: Grouping,
        room: Room,
        shortage: Option<&'p ShortageDef>,
    ) -> Result<Kind<'p>, Beyond> {
        let beyond = Beyond { step: at };
        if is_keyed_by_item(shortage) {
            return Err(beyond);
        }
        let mut clauses = columns(&covered);
        // As the awards of a recipient stand.
        clauses.sort_unstable();
        let mut levels = vec![clauses.clone()];
        let turns = match shortage.map(|shortage| &shortage.rule) {
            Some(ShortageRuleDef::ByClauses(order)) => {
                let turn = |clause: usize| order.iter().position(|other| other.index() == clause);
                let last = order.len();
                let turn = |clause: usize| turn(clause).unwrap_or(last);
                let of = |level| clauses.iter().copied().filter(|clause| turn(*clause) == level).collect();
                levels = (0..=last).map(of).collect();
                let turns = (0..self.context.program.clauses.len()).map(|clause| turn(clause) as u64);
                vec![Digit::Turn(turns.collect())]
            }
            Some(ShortageRuleDef::ByKeys(keys)) => self.keys(at, named, keys),
            _ => Vec::new(),
        };
        let unit = unit(shortage).ok_or(beyond)?;
        let together = shortage.map_or(Together::Undecided, together);
        Ok(Kind::Pool(Pool { clauses, grouping, room, shortage, together, unit, turns, levels }))
    }
}

impl Pool<'_> {
    /// Whether one recipient may have several amounts that nothing cuts: no rule, or none that numbers can hold.
    pub(super) fn may_be_undecided(&self) -> bool {
        self.levels.iter().any(|level| level.len() > 1)
    }

    /// What becomes of the rest of rounding down.
    pub(super) fn rest(&self) -> Rest {
        self.shortage.map_or(Rest::Stays, |shortage| shortage.rest)
    }

    /// To what the share of one that stands alone rounds down: a rest that does not stay goes to it.
    pub(super) fn unit_alone(&self) -> i64 {
        if self.rest() == Rest::Stays { self.unit } else { 1 }
    }
}

/// The unit to which shares round down, in fen.
fn unit(shortage: Option<&ShortageDef>) -> Option<i64> {
    match shortage.and_then(|shortage| shortage.round_to.as_ref()) {
        None => Some(1),
        Some(unit) => unit.multiply(&Number::from_i64(100)).ok()?.to_i64().filter(|unit| *unit > 0),
    }
}

/// Whether a rule divides the room itself, so that a part of a fen in it matters.
fn shares_fractions(rule: &ShortageDef) -> bool {
    let divides = |rule: &ShortageRuleDef| matches!(rule, ShortageRuleDef::ProRata | ShortageRuleDef::Equally);
    divides(&rule.rule) || rule.tie.as_ref().is_some_and(divides) || rule.rest != Rest::Stays
}

/// For each `overrides` of a policy, its clauses that pay and those that it names.
fn overridden(program: &Program) -> Vec<(Vec<usize>, Vec<usize>)> {
    let clauses = || (0..program.clauses.len()).map(|at| ClauseId(u32::try_from(at).unwrap_or(u32::MAX)));
    let mut out = Vec::new();
    for (policy, id) in program.policies.iter().zip((0..).map(PolicyId)) {
        let pays = |clause: &ClauseId| {
            is_of(program, *clause, id) && program.clauses.get(clause.index()).is_some_and(|def| !def.recover)
        };
        for named in &policy.overrides {
            let gives_way = |clause: &ClauseId| is_named(program, named, *clause) && !is_of(program, *clause, id);
            let index = |clause: ClauseId| clause.index();
            out.push((clauses().filter(pays).map(index).collect(), clauses().filter(gives_way).map(index).collect()));
        }
    }
    out
}

fn columns(clauses: &[ClauseId]) -> Vec<usize> {
    clauses.iter().map(|clause| clause.index()).collect()
}

/// A known amount in whole fen.
pub(super) fn whole_fen(amount: &Answer) -> Option<i64> {
    amount.known_number()?.multiply(&Number::from_i64(100)).ok()?.to_i64()
}
