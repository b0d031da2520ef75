//! Random populations, and what settling them comes to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use smol_str::SmolStr;

use super::super::award::{Award, Reduction, Share, Source};
use super::super::range::Range;
use super::super::{Recipient, settle};
use crate::check::Bound;
use crate::check::program::{Program, RecordId};
use crate::eval::{Context, History, Inputs, evaluate, key_of};
use crate::policies::{Basis, Policies};
use crate::record::{Cell, Population, Record};
use crate::value::{Number, Period, Value};

/// What every policy of the laws is about.
const VOCABULARY: &str = "record 企业 {
  编号 : text key
  甲额 : money where >= 0
  乙额 : money where >= 0
  丙额 : money where >= 0
  得分 : number
  集团 : text
}
";

/// A clause a fact, none above 1000 元.
const CLAUSES: &str = "clause 甲 { award 甲额 cap 1000元 }
  clause 乙 { award 乙额 cap 1000元 }
  clause 丙 { award 丙额 cap 1000元 }
";

/// An enterprise: amounts in 分, a score and a group, or [`ALONE`]; what is not there is unknown.
#[derive(Clone, PartialEq)]
pub(super) struct Row {
    pub(super) key: usize,
    pub(super) amounts: [Option<i64>; 3],
    pub(super) score: Option<i64>,
    pub(super) group: Option<u8>,
}

/// In place of a group: of none.
pub(super) const ALONE: u8 = 3;

/// What a recipient is paid under each clause: bounds in 分, at full discretion.
pub(super) type Paid = (String, Vec<(Number, Option<Number>)>);

impl std::fmt::Debug for Row {
    /// On one line, since a failing population is read whole.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Row { key, amounts, score, group } = self;
        write!(out, "E{key} {amounts:?} {score:?} {group:?}")
    }
}

impl Row {
    fn record(&self) -> Record {
        let number = |n: Option<i64>, unit: &str| {
            let unit = Number::from_digits(unit).unwrap();
            n.map_or(Cell::Unknown, |n| Cell::Value(Value::Number(Number::from_i64(n).multiply(&unit).unwrap())))
        };
        let text = |text: String| Cell::Value(Value::Text(SmolStr::from(text)));
        let [a, b, c] = self.amounts;
        let group = self.group.map_or(Cell::Unknown, |group| match group {
            ALONE => Cell::Value(Value::None),
            _ => text(format!("G{group}")),
        });
        let cells = vec![
            text(format!("E{:03}", self.key)),
            number(a, "0.01"),
            number(b, "0.01"),
            number(c, "0.01"),
            number(self.score, "1"),
            group,
        ];
        Record { cells, place: None }
    }
}

/// A policy under which populations are settled, with what is set from outside.
pub(super) struct Rules {
    pub(super) policies: Arc<Policies>,
    bound: Bound,
}

/// A policy with these clauses and steps, checked once per text.
fn checked(head: &str, clauses: &str, steps: &str) -> Arc<Policies> {
    static CHECKED: Mutex<BTreeMap<String, Arc<Policies>>> = Mutex::new(BTreeMap::new());
    let text = format!("{VOCABULARY}policy 例 {{\n  {head}\n  {clauses}  settle {{\n{steps}\n  }}\n}}\n");
    let mut checked = CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
    let policies = checked.entry(text).or_insert_with_key(|text| {
        let policies = Policies::from_text(text);
        assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
        Arc::new(policies)
    });
    Arc::clone(policies)
}

impl Rules {
    /// With these steps, `额度` in them being so many yuan and `名额` a place for every 200 of them.
    pub(super) fn new(head: &str, steps: &str, budget: i64) -> Rules {
        Rules::of_clauses(head, CLAUSES, steps, budget)
    }

    /// The same with other clauses.
    pub(super) fn of_clauses(head: &str, clauses: &str, steps: &str, budget: i64) -> Rules {
        let head = format!(
            "parameter 额度 : money = pending \"额度\"\n  parameter 名额 : number = pending \"名额\"\n  {head}"
        );
        let policies = checked(&head, clauses, steps);
        let basis =
            Basis::of("2024").unwrap().with("额度", format!("{budget}元")).with("名额", (budget / 200).to_string());
        let bound = policies.bindings(&basis).unwrap();
        Rules { policies, bound }
    }

    /// Settles rows for a period after what history holds, and hands over the recipients.
    pub(super) fn settle<T>(
        &self,
        period: Period,
        rows: &[Row],
        paid: &[Record],
        look: impl FnOnce(&Program, &[Recipient<'_>]) -> T,
    ) -> T {
        self.evaluate(period, rows, paid, |context, mut recipients| {
            settle(context, &mut recipients);
            look(context.program, &recipients)
        })
    }

    /// Evaluates rows and hands over the recipients, of whom nothing is settled yet.
    pub(super) fn evaluate<T>(
        &self,
        period: Period,
        rows: &[Row],
        paid: &[Record],
        look: impl FnOnce(&Context<'_>, Vec<Recipient<'_>>) -> T,
    ) -> T {
        let (program, bindings) = &self.bound;
        let id = RecordId(0);
        let records: Vec<Record> = rows.iter().map(Row::record).collect();
        let population = Population::from_records(program, records.iter().map(|record| (id, record.clone())));
        let history = History::new(program, paid);
        let inputs = Inputs {
            bindings: bindings.clone(),
            population: Some(&population),
            history: Some(&history),
            ..Inputs::default()
        };
        let context = Context::new(program, period, period.last.unwrap(), inputs);
        let recipients: Vec<Recipient<'_>> = records
            .iter()
            .map(|record| Recipient::new(id, record, key_of(program, id, record), evaluate(&context, id, record)))
            .collect();
        look(&context, recipients)
    }
}

/// Settles rows and hands over the recipients.
pub(super) fn settled<T>(rules: &Rules, rows: &[Row], look: impl FnOnce(&Program, &[Recipient<'_>]) -> T) -> T {
    rules.settle(Period::year(2024).unwrap(), rows, &[], look)
}

/// Something of each, by key.
fn by_key<T>(rules: &Rules, rows: &[Row], of: impl Fn(&Award) -> T) -> Vec<(String, Vec<T>)> {
    settled(rules, rows, |_, recipients| {
        let all = recipients.iter().map(|one| (one.key.to_string(), one.awards.iter().map(&of).collect()));
        let all: BTreeMap<String, Vec<T>> = all.collect();
        all.into_iter().collect()
    })
}

/// What each is paid, by key.
pub(super) fn paid(rules: &Rules, rows: &[Row]) -> Vec<Paid> {
    by_key(rules, rows, Award::bounds)
}

/// What an award comes to: its bounds, its shares, and before and after each step that changed it.
/// Causes are left out: they name places of records.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    bounds: (Number, Option<Number>),
    shares: Vec<Range>,
    undecided: Vec<usize>,
    steps: Vec<(Source, Range, Range)>,
}

/// What each is paid by whom, and after which steps.
pub(super) fn told(rules: &Rules, rows: &[Row]) -> Vec<(String, Vec<Told>)> {
    let step = |one: &Reduction| (one.source, Range::of(&one.before), Range::of(&one.after));
    by_key(rules, rows, |award| Told {
        bounds: award.bounds(),
        shares: award.shares.iter().map(|share| Range::of(&share.amount)).collect(),
        undecided: award.undecided_steps().to_vec(),
        steps: award.reductions.iter().map(step).collect(),
    })
}

/// What payers pay for each, by key.
pub(super) fn shares(rules: &Rules, rows: &[Row]) -> Vec<Paid> {
    let range = |share: &Share| Range::of(&share.amount);
    let of = |award: &Award| award.shares.iter().map(range).map(|one| (one.low, one.high)).collect::<Vec<_>>();
    by_key(rules, rows, of).into_iter().map(|(key, shares)| (key, shares.into_iter().flatten().collect())).collect()
}

/// Ten thousand populations for each law, unless `PROPTEST_CASES` says otherwise; cheap random numbers.
pub(super) fn config() -> ProptestConfig {
    let random = ProptestConfig::with_cases(10_000);
    // The same populations at every change, so that a change is judged by itself; `PROPTEST_RNG_SEED` draws others.
    let seed = if random.rng_seed == RngSeed::Random { RngSeed::Fixed(2024) } else { random.rng_seed };
    ProptestConfig { rng_algorithm: RngAlgorithm::XorShift, rng_seed: seed, ..random }
}

/// A row of the history: what one was paid under a clause on the last day of a period.
pub(super) fn paid_row(key: &str, clause: &str, period: Period, standard: &Number, paid: &Number) -> Record {
    let text = |text: &str| Cell::Value(Value::Text(SmolStr::from(text)));
    let number = |number: &Number| Cell::Value(Value::Number(number.clone()));
    let date = Cell::Value(Value::Date(period.last.unwrap()));
    let (item, row) = (Cell::Unknown, Cell::Unknown);
    Record {
        cells: vec![text(key), text("例"), text(clause), item, row, date, number(standard), number(paid)],
        place: None,
    }
}

/// Everything that is paid at least under the clauses at these places, and at most.
pub(super) fn paid_in_all(paid: &[Paid], clauses: &[usize]) -> (Number, Number) {
    let parts = || paid.iter().flat_map(|(_, awards)| clauses.iter().map(|at| &awards[*at]));
    let sum = |sum: Number, part: &Number| sum.add(part).unwrap();
    let most = parts().fold(Number::ZERO, |all, part| sum(all, part.1.as_ref().unwrap()));
    (parts().fold(Number::ZERO, |all, part| sum(all, &part.0)), most)
}

/// Few values, so that ties are common, with an unknown now and then.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), (1i64..8).prop_map(|n| n * 2_000), 1i64..20_000]
}

fn row() -> impl Strategy<Value = Row> {
    let amounts = [amount().prop_map(Some), amount().prop_map(Some), amount().prop_map(Some)];
    (amounts, (0i64..6).prop_map(Some), (0..=ALONE).prop_map(Some)).prop_map(|(amounts, score, group)| Row {
        key: 0,
        amounts,
        score,
        group,
    })
}

/// Enterprises of which everything is known.
pub(super) fn known_rows() -> impl Strategy<Value = Vec<Row>> {
    some_rows(1..9)
}

/// The same, dozens of them.
pub(super) fn many_rows() -> impl Strategy<Value = Vec<Row>> {
    some_rows(20..60)
}

fn some_rows(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(row(), count).prop_map(|mut rows| {
        rows.iter_mut().enumerate().for_each(|(at, row)| row.key = at);
        rows
    })
}

/// Enterprises, and the same with some facts not known.
pub(super) fn veiled_rows() -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    let veils = proptest::collection::vec([0u8..6, 0..6, 0..6, 0..6, 0..6], 8);
    (known_rows(), veils).prop_map(|(rows, veils)| {
        let veiled = rows.iter().zip(&veils).map(|(row, [a, b, c, score, group])| {
            let veil = |fact: Option<i64>, veil: &u8| fact.filter(|_| *veil > 0);
            let [x, y, z] = row.amounts;
            Row {
                key: row.key,
                amounts: [veil(x, a), veil(y, b), veil(z, c)],
                score: veil(row.score, score),
                group: row.group.filter(|_| *group > 0),
            }
        });
        let veiled = veiled.collect();
        (rows, veiled)
    })
}
