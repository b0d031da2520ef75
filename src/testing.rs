//! Tests written in the language: records given, evaluated and settled, compared with what is expected.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::batch;
use crate::check::program::*;
use crate::diagnostic::{Argument, Code, Diagnostic};
use crate::eval::{
    Answer, Context, History, Inputs, Settled, Status, Tracing, Truth, evaluate, evaluate_expression, key_of,
};
use crate::explain::words::{Words, money};
use crate::policies::Policies;
use crate::record::{Cell, Population, Record};
use crate::settle::{Award, Recipient, settle};
use crate::value::{Date, Number, Period, Value};

/// What one test came to.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// Its name.
    pub name: SmolStr,
    /// Where it stands.
    pub span: crate::source::Span,
    /// What was not as expected; empty when it passes.
    pub failures: Vec<Diagnostic>,
}

/// Runs every test of the policies whose name `wanted` accepts.
pub fn run(policies: &Policies, wanted: &dyn Fn(&str) -> bool) -> Vec<TestResult> {
    run_those(policies, &|test| wanted(&test.name))
}

/// Runs every test that `wanted` accepts.
pub(crate) fn run_those(policies: &Policies, wanted: &dyn Fn(&TestDef) -> bool) -> Vec<TestResult> {
    let program = policies.program();
    let tests = program.tests.iter().filter(|test| wanted(test));
    tests
        .map(|test| TestResult { name: test.name.clone(), span: test.span, failures: run_one(policies, test) })
        .collect()
}

fn run_one(policies: &Policies, test: &TestDef) -> Vec<Diagnostic> {
    let program = policies.program();
    let period = test.period.or_else(|| in_force(program)).unwrap_or(Period { first: None, last: None });
    let Some(date) = test.date.or(period.last).or(period.first).or_else(|| Date::new(2024, 12, 31)) else {
        return Vec::new();
    };
    let given = Given::of(program, test, period);
    let population = Population::from_records(program, given.records.iter().cloned());
    let history = given.history.as_ref().map(|rows| History::new(program, rows));
    let history = history.map(|history| history.settled_again(program, &period.to_string(), &population));
    let inputs = Inputs {
        bindings: test.bindings.clone(),
        population: Some(&population),
        history: history.as_ref(),
        tracing: Tracing::On,
        ..Inputs::default()
    };
    let context = Context::new(program, period, date, inputs.clone());
    let mut recipients: Vec<Recipient<'_>> = given
        .records
        .iter()
        .map(|(id, record)| {
            let result = evaluate(&context, *id, record);
            debug_assert!(
                batch::evaluate_all(&context, *id, std::slice::from_ref(record))
                    .iter()
                    .all(|by_columns| batch::agrees(&context, *id, record, by_columns)),
                "the engines differ on {record:?}"
            );
            Recipient::new(*id, record, key_of(program, *id, record), result)
        })
        .collect();
    settle(&context, &mut recipients);
    let mut failures = Vec::new();
    for (id, record) in &given.records {
        failures
            .extend(policies.failed_checks(&context, *id, record, &population).into_iter().map(|d| d.at(test.span)));
    }
    let judge = Judge { policies, context: &context, inputs: &inputs, recipients: &recipients };
    failures.extend(test.expects.iter().filter_map(|expect| judge.failure(expect)));
    failures
}

/// Without a period, a test is of the whole time in which its first policy is in force.
fn in_force(program: &Program) -> Option<Period> {
    let force = program.policies.iter().find_map(|policy| policy.force.as_ref())?;
    match &program.exprs.get(force.range.index())?.node {
        Node::Value(Value::Period(period)) => Some(*period),
        _ => None,
    }
}

/// The records that a test gives.
struct Given {
    records: Vec<(RecordId, Record)>,
    history: Option<Vec<Record>>,
}

impl Given {
    fn of(program: &Program, test: &TestDef, period: Period) -> Given {
        let history = program.history();
        let mut given = Given { records: Vec::new(), history: None };
        for (id, rows) in &test.given {
            let records = rows.iter().map(|row| record(program, *id, row, period));
            if *id == history {
                given.history.get_or_insert_default().extend(records);
            } else {
                given.records.extend(records.map(|record| (*id, record)));
            }
        }
        // History of a test with one recipient need not name it.
        if let ([(id, only)], Some(rows)) = (given.records.as_slice(), &mut given.history) {
            let key = key_of(program, *id, only);
            for row in rows {
                if let Some(cell @ Cell::Unknown) = row.cells.first_mut() {
                    *cell = Cell::Value(Value::Text(key.clone()));
                }
            }
        }
        given
    }
}

fn record(program: &Program, id: RecordId, row: &GivenRow, period: Period) -> Record {
    let Some(def) = program.records.get(id.index()) else { return Record::default() };
    let blank = |fact: &FactDef| fact.default.clone().map_or(Cell::Unknown, Cell::Value);
    let mut cells: Vec<Cell> = def.facts.iter().map(blank).collect();
    let mut by_period: HashMap<FactId, Vec<(Period, Value)>> = HashMap::new();
    for given in &row.cells {
        let Some(fact) = def.facts.get(given.fact.index()) else { continue };
        let cell = match (&given.value, &fact.kind) {
            (GivenValue::Unknown, _) => Cell::Unknown,
            (GivenValue::Rows(rows), Type::List(item)) => {
                Cell::List(rows.iter().map(|row| record(program, *item, row, period)).collect())
            }
            (GivenValue::Rows(_), _) => continue,
            (GivenValue::Value(value), _) => match fact.per {
                Some(per) => {
                    let at = crate::record::kept_period(per, given.period.unwrap_or(period));
                    let values = by_period.entry(given.fact).or_default();
                    values.push((at, value.clone()));
                    Cell::Periods(values.clone())
                }
                None => Cell::Value(value.clone()),
            },
        };
        if let Some(slot) = cells.get_mut(given.fact.index()) {
            *slot = cell;
        }
    }
    Record { cells, place: None }
}

struct Judge<'j> {
    policies: &'j Policies,
    context: &'j Context<'j>,
    inputs: &'j Inputs<'j>,
    recipients: &'j [Recipient<'j>],
}

impl Judge<'_> {
    fn failure(&self, expect: &ExpectDef) -> Option<Diagnostic> {
        match &expect.kind {
            ExpectKind::Holds(expr, record) => self.holds(expect, *expr, *record),
            ExpectKind::Open(expr, record, status) => self.open(expect, *expr, *record, status),
            ExpectKind::Amount(clause, _)
            | ExpectKind::UpTo(clause, _)
            | ExpectKind::Bounds(clause, ..)
            | ExpectKind::Status(clause, _) => self.clause(expect, *clause),
        }
    }

    fn words(&self, language: crate::diagnostic::Language) -> Words<'_> {
        Words { program: self.context.program, sources: self.policies.sources(), language }
    }

    fn failed(&self, expect: &ExpectDef, expected: Argument, found: Argument) -> Diagnostic {
        let key = expect.key.clone();
        Diagnostic::new(Code::ExpectationFailed)
            .at(expect.span)
            .with("expected", expected)
            .with("found", found)
            .with_some("key", key)
    }

    /// The recipient that an expectation is about: of its type, of its key where it names one.
    fn recipient(&self, expect: &ExpectDef, record: RecordId) -> Option<&Recipient<'_>> {
        let of_type = self.recipients.iter().filter(|recipient| recipient.record == record);
        match &expect.key {
            Some(key) => of_type.into_iter().find(|recipient| recipient.key == *key),
            None => of_type.into_iter().next(),
        }
    }

    /// The value of an expression for a recipient, with settled amounts in sight.
    fn value(&self, expr: ExprId, recipient: Option<&Recipient<'_>>) -> Answer {
        let settled = recipient.map(|recipient| Settled {
            clauses: recipient.awards.iter().map(|award| (award.clause, award.amount.clone())).collect(),
            total: recipient.total(),
        });
        let inputs = Inputs { settled: settled.as_ref(), ..self.inputs.clone() };
        let context = Context::new(self.context.program, self.context.period, self.context.date, inputs);
        evaluate_expression(&context, recipient.map(|recipient| (recipient.record, recipient.row)), expr)
    }

    fn holds(&self, expect: &ExpectDef, expr: ExprId, record: RecordId) -> Option<Diagnostic> {
        let recipient = self.recipient(expect, record);
        let found = self.value(expr, recipient).into_truth();
        if found == Truth::Yes {
            return None;
        }
        let both = |f: &dyn Fn(&Words<'_>) -> String| {
            let words =
                [crate::diagnostic::Language::Chinese, crate::diagnostic::Language::English].map(|l| f(&self.words(l)));
            let [zh, en] = words;
            Argument::phrase(zh, en)
        };
        let expected = both(&|words| words.expr(expr));
        let sides = match self.context.program.exprs.get(expr.index()).map(|e| &e.node) {
            Some(Node::Compare(_, left, _)) => Some(*left),
            _ => None,
        };
        let found = match (sides, &found) {
            (Some(left), _) => {
                let kind = self.context.program.exprs.get(left.index()).map_or(Type::Poison, |e| e.kind.clone());
                let value = self.value(left, recipient);
                both(&|words| words.shown(&value, &kind))
            }
            (None, Truth::No) => Argument::phrase("不成立", "it does not hold"),
            (None, _) => Argument::phrase("未知", "unknown"),
        };
        Some(self.failed(expect, expected, found))
    }

    fn open(&self, expect: &ExpectDef, expr: ExprId, record: RecordId, status: &ExpectStatus) -> Option<Diagnostic> {
        let value = self.value(expr, self.recipient(expect, record));
        let found = match value.causes() {
            None => ExpectStatus::Exact,
            Some(causes) if causes.want_only_rules() => ExpectStatus::Pending(None),
            Some(_) => ExpectStatus::Unknown,
        };
        (found != *status).then(|| self.failed(expect, status_phrase(status), status_phrase(&found)))
    }

    fn clause(&self, expect: &ExpectDef, clause: ClauseId) -> Option<Diagnostic> {
        let def = self.context.program.clauses.get(clause.index())?;
        let recipient = self.recipient(expect, def.recipient);
        let found = recipient.and_then(|recipient| {
            let result = recipient.result.clauses.iter().find(|result| result.clause == clause)?;
            Some((recipient, result, recipient.award(clause)?))
        });
        let Some((recipient, result, award)) = found else {
            let none = Argument::phrase("没有这样的受益主体", "there is no such recipient");
            return Some(self.failed(expect, Argument::from(def.name.as_str()), none).at(def.name_span));
        };
        let status = award.status(result.status);
        let (lowest, highest) = award.bounds();
        let number = |expr: &ExprId| self.value(*expr, Some(recipient)).known_number().cloned();
        let good = match &expect.kind {
            ExpectKind::Amount(_, amount) => status != Status::UpTo && award.settled() == number(amount).as_ref(),
            ExpectKind::UpTo(_, amount) => status == Status::UpTo && highest == number(amount),
            ExpectKind::Bounds(_, low, high) => {
                let low = low.as_ref().map_or(Some(Number::ZERO), number);
                Some(&lowest) == low.as_ref() && highest == high.as_ref().and_then(number)
            }
            ExpectKind::Status(_, wanted) => status_is(wanted, status, award, self.context.program),
            ExpectKind::Holds(..) | ExpectKind::Open(..) => true,
        };
        if good {
            return None;
        }
        let found = self.told(award, status, &lowest, highest.as_ref());
        let typed = self.policies.sources().text(expect.span);
        let expected = Argument::from(typed.split_once(char::is_whitespace).map_or(typed, |(_, rest)| rest.trim()));
        Some(self.failed(expect, expected, found).at(def.name_span))
    }

    /// What was found, as amount and status.
    fn told(&self, award: &Award, status: Status, lowest: &Number, highest: Option<&Number>) -> Argument {
        let text = |words: Words<'_>| {
            let amount = match award.settled() {
                Some(amount) => money(amount),
                None => words.interval(&crate::eval::Interval::new(Some(lowest.clone()), highest.cloned())),
            };
            let status = words.status(status);
            words.pick(format!("{amount}（{status}）"), format!("{amount} ({status})"))
        };
        Argument::phrase(
            text(self.words(crate::diagnostic::Language::Chinese)),
            text(self.words(crate::diagnostic::Language::English)),
        )
    }
}

fn status_is(wanted: &ExpectStatus, found: Status, award: &Award, program: &Program) -> bool {
    match (wanted, found) {
        (ExpectStatus::Exact, Status::Exact)
        | (ExpectStatus::Unknown, Status::Unknown)
        | (ExpectStatus::NotEligible, Status::NotEligible)
        | (ExpectStatus::NotInForce, Status::NotInForce)
        | (ExpectStatus::Pending(None), Status::Pending) => true,
        (ExpectStatus::Pending(Some(rule)), Status::Pending) => {
            let causes = award.amount.causes();
            let pending = causes.map_or(&[][..], |causes| causes.pending.as_slice());
            pending.iter().any(|id| program.pendings.get(id.index()).is_some_and(|def| def.name == *rule))
        }
        _ => false,
    }
}

fn status_phrase(status: &ExpectStatus) -> Argument {
    match status {
        ExpectStatus::Exact => Argument::phrase("确定", "exact"),
        ExpectStatus::Pending(_) => Argument::phrase("待定", "pending"),
        ExpectStatus::Unknown => Argument::phrase("未知", "unknown"),
        ExpectStatus::NotEligible => Argument::phrase("不符合条件", "not eligible"),
        ExpectStatus::NotInForce => Argument::phrase("不在有效期", "not in force"),
    }
}
