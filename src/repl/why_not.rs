//! `why not`: which conditions fail, and by how much; over all, which one keeps out most.
//!
//! The conditions of a clause are its gates taken apart at every `and`, with the policy's
//! force and `eligible when`. A condition is judged for each record by the evaluator; what
//! would be paid without the one that fails is what the clause gives when it has no gates.

use rayon::prelude::*;

use super::answer::{Answer, Cell, Column, Part, Phrase, Table};
use super::figures::{fen, yuan_of};
use super::session::Session;
use super::words::{Both, money};
use crate::check::program::{ClauseDef, ClauseId, ExprId, GateKindDef, Node, Program, RecordId, Type};
use crate::eval::{Answer as Value, Context, Tracing, Truth, evaluate_clause, evaluate_expression, holds};
use crate::record::Record;
use crate::syntax::tree::{About, Path, Text};
use crate::value::{self, Number};

/// Records between two looks at whether the question still is one.
const TOGETHER: usize = 1_024;

/// A condition of a clause.
#[derive(Debug, Clone, Copy)]
struct Condition {
    /// What it asks.
    expr: ExprId,
    /// It must not hold (`unless`).
    negated: bool,
}

impl Session {
    /// Which conditions fail.
    pub(super) fn why_not(&mut self, about: &About) -> Answer {
        let clause = match about.clause.as_ref().map(|path| self.clause_named(path)).transpose() {
            Ok(clause) => clause,
            Err(answer) => return answer,
        };
        match (clause, &about.key) {
            (Some(clause), Some(key)) => self.why_not_one(&[clause], key),
            (None, Some(key)) => {
                let all: Vec<ClauseId> = (0_u32..).map(ClauseId).take(self.program().clauses.len()).collect();
                self.why_not_one(&all, key)
            }
            (Some(clause), None) => self.keeps_out(clause, about.clause.as_ref()),
            (None, None) => Answer::default(),
        }
    }

    /// The conditions that fail for one recipient, with the distance to each.
    fn why_not_one(&mut self, clauses: &[ClauseId], key: &Text) -> Answer {
        let (id, row) = match self.recipient(key) {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        let figures = self.figures();
        let program = self.program();
        let history = self.world.history(&self.records);
        let context = self.world.context(program, &self.records, history.as_ref(), Tracing::Off, None);
        let Some(record) = self.records.loaded.population.of(id).get(row) else { return Answer::default() };
        let both = self.words(program);
        let mut answer = Answer::default();
        for clause in clauses {
            let Some(def) = program.clauses.get(clause.index()).filter(|def| def.recipient == id) else { continue };
            let settled = figures.of_clause(*clause).map(|(_, column)| column.answer(row));
            let paid = settled.as_ref().and_then(Value::known_number).filter(|amount| amount.is_positive());
            let name = &def.name;
            if let Some(paid) = paid {
                let paid = money(paid);
                answer.tell(
                    format!("{name}：已得 {paid}；`为何` 说明怎么算出来的"),
                    format!("{name}: it gets {paid}; `why` tells how"),
                );
                continue;
            }
            self.failing(&context, (*clause, def), record, &both, &mut answer);
        }
        if answer.parts.is_empty() {
            let name = program.records.get(id.index()).map(|def| def.name.to_string()).unwrap_or_default();
            return self.no_answer(
                key.span,
                (&format!("这些条款不给{name}"), &format!("none of these clauses gives to {name}")),
                ("核对条款和主体", "check the clause and the recipient"),
            );
        }
        answer
    }

    fn failing(
        &self,
        context: &Context<'_>,
        (id, def): (ClauseId, &ClauseDef),
        record: &Record,
        both: &Both<'_>,
        answer: &mut Answer,
    ) {
        let conditions = conditions(context.program, def);
        let judged: Vec<(&Condition, Truth)> =
            conditions.iter().map(|one| (one, judge(context, id, def.recipient, record, one))).collect();
        let failing: Vec<&Condition> =
            judged.iter().filter(|(_, truth)| *truth == Truth::No).map(|(one, _)| *one).collect();
        let open = judged.iter().filter(|(_, truth)| matches!(truth, Truth::Open(_))).count();
        let name = &def.name;
        if failing.is_empty() {
            self.nothing_fails(context, (id, def), record, (both, open), answer);
            return;
        }
        let count = failing.len();
        answer.head(
            format!("{name}：{count} 项条件不满足"),
            if count == 1 {
                format!("{name}: one condition fails")
            } else {
                format!("{name}: {count} conditions fail")
            },
        );
        let mut table = Table::new(vec![
            Column::text("条件", "condition"),
            Column::figures("现为", "has"),
            Column::figures("差", "short"),
        ]);
        for condition in &failing {
            let (has, short) = distance(context, def.recipient, record, condition, both);
            table.row(vec![Cell::Text(said(condition, both)), has, short]);
        }
        answer.parts.push(Part::Table(table));
        let without = without_gates(&self.world.program, id);
        let context = self.world.context(&without, &self.records, context.inputs.history, Tracing::Off, None);
        if let Some(amount) =
            evaluate_clause(&context, id, record).and_then(|(result, _)| result.amount).filter(Number::is_positive)
        {
            let amount = money(&amount);
            match count {
                1 => answer.tell(format!("满足这一项即得 {amount}"), format!("if it held, {amount} would be due")),
                _ => answer.tell(format!("都满足时为 {amount}"), format!("if all held, {amount} would be due")),
            }
        }
    }

    /// Every condition holds, or is open.
    fn nothing_fails(
        &self,
        context: &Context<'_>,
        (id, def): (ClauseId, &ClauseDef),
        record: &Record,
        (both, open): (&Both<'_>, usize),
        answer: &mut Answer,
    ) {
        let name = &def.name;
        let told = evaluate_clause(context, id, record).map(|(result, _)| result);
        let missing: Vec<Phrase> = told
            .iter()
            .flat_map(|result| &result.missing)
            .map(|one| both.phrase(|words| crate::explain::missing(words, def.recipient, one)))
            .collect();
        let list = |pick: fn(&Phrase) -> &str, comma: &str| missing.iter().map(pick).collect::<Vec<_>>().join(comma);
        match (open, missing.is_empty()) {
            (_, false) => answer.tell(
                format!("{name}：缺少 {}", list(|one| &one.zh, "、")),
                format!("{name}: wants {}", list(|one| &one.en, ", ")),
            ),
            (0, true) => answer.tell(
                format!("{name}：条件都满足，但金额为 0，或者在结算中减去了；`为何` 有每一步"),
                format!("{name}: every condition holds; the amount is 0, or settlement took it: `why` has every step"),
            ),
            _ => answer.tell(format!("{name}：有 {open} 项条件未定"), format!("{name}: {open} conditions are open")),
        }
    }

    /// Over all records: how many each condition keeps out, and how many it alone.
    fn keeps_out(&mut self, clause: ClauseId, path: Option<&Path>) -> Answer {
        if !self.has_records() {
            return self.no_records(path.map_or_else(Default::default, |path| path.span));
        }
        let program = self.program();
        let Some(def) = program.clauses.get(clause.index()) else { return Answer::default() };
        let conditions = conditions(program, def);
        if conditions.is_empty() {
            let name = &def.name;
            return Answer::line(format!("{name} 没有条件"), format!("{name} has no conditions"));
        }
        let history = self.world.history(&self.records);
        let context = self.world.context(program, &self.records, history.as_ref(), Tracing::Off, None);
        let without = without_gates(&self.world.program, clause);
        let free = self.world.context(&without, &self.records, history.as_ref(), Tracing::Off, None);
        let records = self.records.loaded.population.of(def.recipient);
        let counted = self.in_threads(|| {
            let judge = |record| Counted::of(&context, &free, (clause, def.recipient, record), &conditions);
            let stop = || self.stopped();
            let parts = records.par_chunks(TOGETHER).map(|some| {
                let some = if stop() { &[] } else { some };
                some.iter().map(judge).fold(Counted::none(conditions.len()), Counted::and)
            });
            parts.reduce(|| Counted::none(conditions.len()), Counted::and)
        });
        let Counted { each: counts, pass, several, unsure } = counted;
        let both = self.words(program);
        let (name, all) = (&def.name, records.len());
        let mut answer = Answer::default();
        answer.head(
            format!("{name}：{all} 户中 {pass} 户条件都满足，{several} 户不止一项不满足，{unsure} 户未定"),
            format!("{name}: of {all}, {pass} meet every condition, {several} fail more than one, {unsure} are open"),
        );
        let mut rows: Vec<(&Condition, (usize, usize, i128))> = conditions.iter().zip(counts).collect();
        rows.sort_by_key(|(_, (fail, alone, _))| std::cmp::Reverse((*alone, *fail)));
        let mut table = Table::new(vec![
            Column::text("条件", "condition"),
            Column::figures("不满足", "fail"),
            Column::figures("只差这一项", "fail it alone"),
            Column::figures("放开这一项多付（元）", "due without it"),
        ]);
        for (condition, (fail, alone, amount)) in &rows {
            table.row(vec![
                Cell::Text(said(condition, &both)),
                Cell::count(*fail),
                Cell::count(*alone),
                Cell::Money(yuan_of(*amount)),
            ]);
        }
        answer.parts.push(Part::Table(table));
        if let Some((condition, (_, alone, _))) = rows.first().filter(|(_, (_, alone, _))| *alone > 0) {
            let said = said(condition, &both);
            answer.tell(
                format!("单独挡住最多的是“{}”：{alone} 户只差这一项", said.zh),
                format!("what alone keeps out most is \u{201c}{}\u{201d}: {alone} fail nothing else", said.en),
            );
        }
        answer
    }
}

/// How many records fail which conditions.
struct Counted {
    /// By condition: how many fail it, how many it alone, and what these would get without it, in fen.
    each: Vec<(usize, usize, i128)>,
    pass: usize,
    several: usize,
    unsure: usize,
}

impl Counted {
    fn none(conditions: usize) -> Counted {
        Counted { each: vec![(0, 0, 0); conditions], pass: 0, several: 0, unsure: 0 }
    }

    /// One record; `free` gives what the clause pays without its conditions.
    fn of(
        context: &Context<'_>,
        free: &Context<'_>,
        (clause, id, record): (ClauseId, RecordId, &Record),
        conditions: &[Condition],
    ) -> Counted {
        let judged: Vec<Truth> = conditions.iter().map(|one| judge(context, clause, id, record, one)).collect();
        let mut counted = Counted::none(conditions.len());
        let fails = judged.iter().filter(|truth| **truth == Truth::No).count();
        match fails {
            0 if judged.iter().any(|truth| *truth != Truth::Yes) => counted.unsure = 1,
            0 => counted.pass = 1,
            1 => {}
            _ => counted.several = 1,
        }
        for (count, _) in counted.each.iter_mut().zip(&judged).filter(|(_, truth)| **truth == Truth::No) {
            count.0 = 1;
            if fails == 1 {
                let amount = evaluate_clause(free, clause, record).and_then(|(result, _)| result.amount);
                (count.1, count.2) = (1, i128::from(amount.as_ref().and_then(fen).unwrap_or(0)));
            }
        }
        counted
    }

    fn and(mut self, other: Counted) -> Counted {
        for (one, more) in self.each.iter_mut().zip(&other.each) {
            *one = (one.0 + more.0, one.1 + more.1, one.2 + more.2);
        }
        self.pass += other.pass;
        self.several += other.several;
        self.unsure += other.unsure;
        self
    }
}

/// The conditions of a clause: the policy's, then its own, each `and` taken apart.
fn conditions(program: &Program, def: &ClauseDef) -> Vec<Condition> {
    let mut out = Vec::new();
    let policy = program.policies.get(def.policy.index());
    let eligible =
        policy.into_iter().flat_map(|policy| &policy.eligible).filter(|(record, _)| *record == def.recipient);
    eligible.for_each(|(_, expr)| parts(program, *expr, &mut out));
    for gate in &def.gates {
        match gate.kind {
            GateKindDef::When(expr) => parts(program, expr, &mut out),
            GateKindDef::Unless(expr) => out.push(Condition { expr, negated: true }),
            GateKindDef::During { .. } => {}
        }
    }
    out
}

fn parts(program: &Program, expr: ExprId, out: &mut Vec<Condition>) {
    match program.exprs.get(expr.index()).map(|found| &found.node) {
        Some(Node::And(both)) => both.iter().for_each(|part| parts(program, *part, out)),
        _ => out.push(Condition { expr, negated: false }),
    }
}

/// Whether a condition is met.
fn judge(context: &Context<'_>, clause: ClauseId, record: RecordId, row: &Record, condition: &Condition) -> Truth {
    let truth = holds(context, Some(clause), &[(record, row)], condition.expr);
    match (truth, condition.negated) {
        (Truth::Yes, true) => Truth::No,
        (Truth::No, true) => Truth::Yes,
        (truth, _) => truth,
    }
}

/// A condition in words.
fn said(condition: &Condition, both: &Both<'_>) -> Phrase {
    let phrase = both.phrase(|words| words.expr(condition.expr));
    match condition.negated {
        true => Phrase::new(format!("除非{}", phrase.zh), format!("unless {}", phrase.en)),
        false => phrase,
    }
}

/// What is there, and how much is wanting, where it is a comparison.
fn distance(
    context: &Context<'_>,
    record: RecordId,
    row: &Record,
    condition: &Condition,
    both: &Both<'_>,
) -> (Cell, Cell) {
    let program = context.program;
    let kind = |id: ExprId| program.exprs.get(id.index()).map_or(Type::Poison, |found| found.kind.clone());
    let value = |id: ExprId| evaluate_expression(context, Some((record, row)), id);
    match program.exprs.get(condition.expr.index()).map(|found| &found.node) {
        Some(Node::Compare(_, left, right)) => {
            let (has, needs) = (value(*left), value(*right));
            let kind = kind(*left);
            let short = match (has.known_number(), needs.known_number()) {
                (Some(has), Some(needs)) => {
                    let short =
                        needs.subtract(has).map(|short| if short.is_negative() { short.negate() } else { short });
                    let short = short.ok().filter(|short| !short.is_zero());
                    short.map_or(Cell::Blank, |short| Cell::Text(both.phrase(|words| words.number(&short, &kind))))
                }
                _ => Cell::Blank,
            };
            (shown(&has, &kind, both), short)
        }
        Some(Node::InList(left, _) | Node::InRange(left, _)) => (shown(&value(*left), &kind(*left), both), Cell::Blank),
        Some(Node::Fact { .. } | Node::Let { .. }) => {
            (shown(&value(condition.expr), &kind(condition.expr), both), Cell::Blank)
        }
        _ => (Cell::Blank, Cell::Blank),
    }
}

fn shown(value: &Value, kind: &Type, both: &Both<'_>) -> Cell {
    match value {
        Value::Known(value::Value::None) => Cell::None,
        Value::Known(value::Value::Text(text)) => Cell::same(text.clone()),
        Value::Known(known) => Cell::Text(both.phrase(|words| words.value(known, kind))),
        Value::Open(_) => Cell::Unknown,
    }
}

/// The program in which a clause pays whatever its conditions say.
fn without_gates(program: &Program, clause: ClauseId) -> Program {
    let mut program = program.clone();
    if let Some(def) = program.clauses.get_mut(clause.index()) {
        def.gates.clear();
        if let Some(policy) = program.policies.get_mut(def.policy.index()) {
            policy.eligible.clear();
            policy.force = None;
        }
    }
    program
}
