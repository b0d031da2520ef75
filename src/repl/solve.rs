//! `solve`: the greatest cap, rate or parameter that keeps everything within a sum.
//!
//! What is due never falls when a cap or rate is raised, so the answer is found by halving;
//! it is checked by evaluating it, and the next step above it.

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::figures::Figures;
use super::session::Session;
use super::words::money;
use crate::check::Asks;
use crate::check::program::*;
use crate::eval::{Tracing, evaluate_expression};
use crate::syntax::tree::{Expr as Typed, Path, SolvedPart};
use crate::value::{Number, Value};

/// How often the range is doubled or halved at most.
const STEPS: usize = 64;

/// A number of a program that may be otherwise.
#[derive(Debug, Clone, Copy)]
enum Knob {
    /// A constant in an expression.
    Constant(ExprId),
    /// A parameter.
    Parameter(ParameterId),
    /// A pending rule.
    Pending(PendingId),
}

/// What is sought, and in which steps.
struct Sought {
    knob: Knob,
    what: Phrase,
    /// What it is now.
    now: Option<Number>,
    is_money: bool,
    unit: Number,
}

impl Session {
    /// The greatest value that keeps within the sum.
    pub(super) fn solve(
        &mut self,
        (of, part): (&Path, Option<SolvedPart>),
        within: Option<&Typed>,
        _: &str,
        _: &str,
    ) -> Answer {
        if !self.has_records() {
            return self.no_records(of.span);
        }
        let sought = match self.sought(of, part) {
            Ok(sought) => sought,
            Err(answer) => return answer,
        };
        let (limit, of_budget) = match self.limit(of, within) {
            Ok(limit) => limit,
            Err(answer) => return answer,
        };
        let total = |session: &Session, value: Option<&Number>| session.total_with(&sought, value, of_budget);
        let now = total(self, None);
        let least = total(self, Some(&Number::ZERO));
        if least > limit {
            let (least, limit) = (money(&least), money(&limit));
            return self.no_answer(
                of.span,
                (
                    &format!("即使定为 0，合计也有 {least}，超过 {limit}"),
                    &format!("even at 0 the total is {least}, above {limit}"),
                ),
                ("别的条款已经超出：换一项来求", "other clauses go beyond it already: seek something else"),
            );
        }
        let at = |steps: i64| sought.unit.multiply(&Number::from_i64(steps)).unwrap_or_default();
        let (mut low, mut high) = match self.range(&sought, (&limit, of_budget), least) {
            Some(Ok(range)) => range,
            Some(Err(most)) => {
                let (limit, sum) = (money(&limit), money(&most));
                let what = &sought.what;
                return Answer::line(
                    format!("{}定多高都不会超过 {limit}：最多合计 {sum}", what.zh),
                    format!("however high {} is, the total stays within {limit}: {sum} at most", what.en),
                );
            }
            None => return Answer::default(),
        };
        while high - low > 1 {
            if self.stopped() {
                return Answer::default();
            }
            let middle = low + (high - low) / 2;
            if total(self, Some(&at(middle))) <= limit { low = middle } else { high = middle }
        }
        self.solved(&sought, (&at(low), &at(high)), (&now, &limit), of_budget)
    }

    fn solved(
        &self,
        sought: &Sought,
        (best, next): (&Number, &Number),
        (now, limit): (&Number, &Number),
        of_budget: bool,
    ) -> Answer {
        let shown = |value: &Number| match sought.is_money {
            true => money(value),
            false => percent(value),
        };
        let what = &sought.what;
        let sum = self.total_with(sought, Some(best), of_budget);
        let (value, limit_shown, sum_shown) = (shown(best), money(limit), money(&sum));
        let mut answer = Answer::default();
        answer.head(
            format!("{}至多 {value}：合计 {sum_shown}，在 {limit_shown} 以内", what.zh),
            format!("{} at most {value}: {sum_shown} in all, within {limit_shown}", what.en),
        );
        let mut table = Table::new(vec![
            Column { name: what.clone(), figures: true },
            Column::figures("合计（元）", "total"),
            Column::figures("余额（元）", "left"),
        ]);
        let mut row = |label: Option<Phrase>, value: Option<&Number>, sum: &Number| {
            let cell = label.map_or_else(|| Cell::same(value.map(shown).unwrap_or_default()), Cell::Text);
            table.row(vec![cell, Cell::Money(sum.clone()), Cell::Change(limit.subtract(sum).unwrap_or_default())]);
        };
        if let Some(current) = &sought.now {
            let current = shown(current);
            row(Some(Phrase::new(format!("现在 {current}"), format!("now {current}"))), None, now);
        }
        row(None, Some(best), &sum);
        row(None, Some(next), &self.total_with(sought, Some(next), of_budget));
        answer.parts.push(Part::Table(table));
        answer
    }

    /// Steps of which the first keeps within the limit and the second does not; the most that comes of any, where all
    /// keep within it; none where the question is stopped.
    fn range(
        &self,
        sought: &Sought,
        (limit, of_budget): (&Number, bool),
        least: Number,
    ) -> Option<Result<(i64, i64), Number>> {
        let most = if sought.is_money { i64::MAX / 4 / 10_000 } else { 1_000_000 };
        let (mut low, mut high) = (0_i64, 1_i64);
        let (mut before, mut still) = (least, 0);
        for _ in 0..STEPS {
            if self.stopped() {
                return None;
            }
            let value = sought.unit.multiply(&Number::from_i64(high)).unwrap_or_default();
            let sum = self.total_with(sought, Some(&value), of_budget);
            if sum > *limit {
                return Some(Ok((low, high)));
            }
            // Once raising it changes nothing any more, nothing is bound by it.
            still = if sum == before { still + 1 } else { 0 };
            before = sum;
            if high >= most || still >= 24 {
                break;
            }
            low = high;
            high = high.saturating_mul(2).min(most);
        }
        Some(Err(before))
    }

    /// What is due in all if the knob stands otherwise: by the budget's own account, or
    /// without what budgets cut.
    fn total_with(&self, sought: &Sought, value: Option<&Number>, of_budget: bool) -> Number {
        let mut program: Program = (*self.world.program).clone();
        let mut bindings = self.world.bindings.clone();
        if let Some(value) = value {
            turn(&mut program, &mut bindings, sought.knob, value);
        }
        if !of_budget {
            program.settle.retain(|step| !matches!(step.kind, StepKindDef::Budget { .. }));
        }
        let figures = self.figures_with(&program, bindings);
        if of_budget {
            return figures.pools.first().map(|pool| pool.wanted.known.clone()).unwrap_or_default();
        }
        let sum =
            figures.types.iter().map(|one| (0..one.rows).map(|row| i128::from(one.known_total(row))).sum::<i128>());
        super::figures::yuan_of(sum.sum())
    }

    fn figures_with(&self, program: &Program, bindings: Vec<Binding>) -> Figures {
        let history = self.world.history(&self.records);
        let inputs = crate::eval::Inputs {
            bindings,
            population: Some(&self.records.loaded.population),
            history: history.as_ref(),
            ..crate::eval::Inputs::default()
        };
        let context = crate::eval::Context::new(program, self.world.basis.period, self.world.basis.date, inputs);
        self.figures_in(&context, &self.records)
    }

    /// The sum that is kept to: as it is asked for, else what there is in the first budget.
    fn limit(&mut self, of: &Path, within: Option<&Typed>) -> Result<(Number, bool), Answer> {
        let Some(within) = within else {
            let figures = self.figures();
            let room = figures.pools.first().and_then(|pool| pool.room.as_ref()?.known().cloned());
            return match room {
                Some(room) => Ok((room, true)),
                None => Err(self.no_answer(
                    of.span,
                    ("没有写明预算", "no budget is known"),
                    ("写明总额，如 `控制在 5000万`", "say the sum, as in `within 5000万`"),
                )),
            };
        };
        let asked = self
            .world
            .ask(&self.records.loaded.population, &[(within, Asks::Money)])
            .map_err(|wrong| self.wrong(wrong))?;
        let context = self.world.context(&asked.program, &self.records, None, Tracing::Off, None);
        let value = asked.exprs.first().map(|id| evaluate_expression(&context, None, *id));
        match value.as_ref().and_then(|value| value.known_number()) {
            Some(sum) => Ok((sum.clone(), false)),
            None => Err(self.no_answer(
                within.span,
                ("这里要一个金额", "an amount belongs here"),
                ("如 `控制在 5000万`", "as in `within 5000万`"),
            )),
        }
    }

    fn sought(&self, of: &Path, part: Option<SolvedPart>) -> Result<Sought, Answer> {
        let program = self.program();
        let name = of.parts.last().map(|part| part.text.clone()).unwrap_or_default();
        if part.is_none() {
            let parameter = program.parameters.iter().position(|one| one.name == name || one.aliases.contains(&name));
            let pending = || program.pendings.iter().position(|one| one.name == name);
            let kind_of = |at: usize| program.parameters.get(at).map(|one| one.kind.clone());
            let found = parameter.map(|at| (Knob::Parameter(ParameterId(number(at))), kind_of(at)));
            let found = found.or_else(|| {
                let at = pending()?;
                Some((Knob::Pending(PendingId(number(at))), program.pendings.get(at).map(|one| one.kind.clone())))
            });
            if let Some((knob, kind)) = found {
                let is_money = matches!(&kind, Some(Type::Number(dimension)) if dimension.is_money());
                let now = self.value_now(knob);
                return Ok(Sought {
                    knob,
                    what: Phrase::same(name),
                    unit: unit(is_money, now.as_ref()),
                    now,
                    is_money,
                });
            }
        }
        let clause = self.clause_named(of)?;
        let Some(def) = program.clauses.get(clause.index()) else { return Err(Answer::default()) };
        let rate = || rate_of(program, def.amount);
        let knob = match part {
            Some(SolvedPart::Cap) => cap_of(program, def),
            Some(SolvedPart::Rate) => rate(),
            None => cap_of(program, def).or_else(rate),
        };
        let Some(id) = knob else {
            return Err(self.no_answer(
                of.span,
                (
                    &format!("条款 {name} 里没有写成一个数的封顶或比例"),
                    &format!("the clause {name} has no cap or rate that is a plain number"),
                ),
                ("先把它写成 `参数`，再求这个参数", "make it a `parameter`, and solve for that"),
            ));
        };
        let is_money = matches!(program.exprs.get(id.index()).map(|found| &found.kind), Some(Type::Number(dimension)) if dimension.is_money());
        let what = match is_money {
            true => Phrase::new(format!("{name}的封顶"), format!("the cap of {name}")),
            false => Phrase::new(format!("{name}的比例"), format!("the rate of {name}")),
        };
        let now = self.value_now(Knob::Constant(id));
        Ok(Sought { knob: Knob::Constant(id), what, unit: unit(is_money, now.as_ref()), now, is_money })
    }

    fn value_now(&self, knob: Knob) -> Option<Number> {
        let program = self.program();
        let id = match knob {
            Knob::Constant(id) => id,
            Knob::Parameter(id) => {
                let set = self.world.bindings.iter().find_map(|one| match one {
                    Binding::Parameter(of, value) if *of == id => Some(*value),
                    _ => None,
                });
                set.or_else(|| program.parameters.get(id.index())?.values.last().map(|(_, value)| *value))?
            }
            Knob::Pending(id) => {
                let set = self.world.bindings.iter().find_map(|one| match one {
                    Binding::Pending(of, value) if *of == id => Some(*value),
                    _ => None,
                });
                set.or_else(|| program.pendings.get(id.index())?.bound)?
            }
        };
        match &program.exprs.get(id.index())?.node {
            Node::Value(Value::Number(number)) => Some(number.clone()),
            _ => None,
        }
    }
}

/// Money in 万元, smaller sums in 元; rates in hundredths of a percent.
fn unit(is_money: bool, now: Option<&Number>) -> Number {
    let large = Number::from_i64(1_000_000);
    let digits = match (is_money, now) {
        (true, Some(now)) if *now < large => "100",
        (true, _) => "10000",
        (false, _) => "0.0001",
    };
    Number::from_digits(digits).unwrap_or(Number::ONE)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The last cap that is a plain number.
fn cap_of(program: &Program, def: &ClauseDef) -> Option<ExprId> {
    let caps = def.modifiers.iter().rev().filter_map(|modifier| match modifier.kind {
        ModifierKindDef::Cap(id) => Some(id),
        _ => None,
    });
    caps.into_iter().find(|id| is_number(program, *id))
}

/// The rate in a product with a base.
fn rate_of(program: &Program, amount: ExprId) -> Option<ExprId> {
    match &program.exprs.get(amount.index())?.node {
        Node::Product(factors) => factors.iter().filter(|(divides, _)| !divides).map(|(_, id)| *id).find(|id| {
            let plain = matches!(program.exprs.get(id.index()).map(|found| &found.kind), Some(Type::Number(dimension)) if dimension.is_none());
            plain && is_number(program, *id)
        }),
        _ => None,
    }
}

fn is_number(program: &Program, id: ExprId) -> bool {
    matches!(program.exprs.get(id.index()).map(|found| &found.node), Some(Node::Value(Value::Number(_))))
}

/// Sets a knob.
fn turn(program: &mut Program, bindings: &mut Vec<Binding>, knob: Knob, value: &Number) {
    let node = Node::Value(Value::Number(value.clone()));
    let push = |program: &mut Program, kind: Type| {
        program.exprs.push(Expr { node: node.clone(), kind, span: crate::source::Span::default() });
        ExprId(number(program.exprs.len().saturating_sub(1)))
    };
    match knob {
        Knob::Constant(id) => {
            if let Some(found) = program.exprs.get_mut(id.index()) {
                found.node = node;
            }
        }
        Knob::Parameter(id) => {
            let kind = program.parameters.get(id.index()).map_or(Type::Poison, |one| one.kind.clone());
            let value = push(program, kind);
            bindings.retain(|one| !matches!(one, Binding::Parameter(of, _) if *of == id));
            bindings.push(Binding::Parameter(id, value));
        }
        Knob::Pending(id) => {
            let kind = program.pendings.get(id.index()).map_or(Type::Poison, |one| one.kind.clone());
            let value = push(program, kind);
            bindings.retain(|one| !matches!(one, Binding::Pending(of, _) if *of == id));
            bindings.push(Binding::Pending(id, value));
        }
    }
}

fn percent(rate: &Number) -> String {
    rate.multiply(&Number::from_i64(100)).map_or_else(|_| rate.to_string(), |percent| format!("{percent}%"))
}
