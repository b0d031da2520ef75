//! Random populations, and what settling them comes to.

use proptest::prelude::*;
use smol_str::SmolStr;

use super::super::{Recipient, settle};
use crate::check::program::{Program, RecordId};
use crate::eval::{Context, Inputs, evaluate, key_of};
use crate::policies::Policies;
use crate::record::{Cell, Population, Record};
use crate::value::{Date, Number, Period, Value};

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

/// An enterprise: amounts in 分, a score and a group; what is not there is unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) key: usize,
    pub(super) amounts: [Option<i64>; 3],
    pub(super) score: Option<i64>,
    pub(super) group: Option<u8>,
}

/// What a recipient is paid under each clause: bounds in 分, at full discretion.
pub(super) type Paid = (String, Vec<(Number, Option<Number>)>);

impl Row {
    fn record(&self) -> Record {
        let number = |n: Option<i64>, unit: &str| {
            let unit = Number::from_digits(unit).unwrap();
            n.map_or(Cell::Unknown, |n| Cell::Value(Value::Number(Number::from_i64(n).multiply(&unit).unwrap())))
        };
        let text = |text: String| Cell::Value(Value::Text(SmolStr::from(text)));
        let [a, b, c] = self.amounts;
        let group = self.group.map_or(Cell::Unknown, |group| text(format!("G{group}")));
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

/// A policy with these steps, ready to settle.
pub(super) fn policy(head: &str, steps: &str) -> Policies {
    let policies = Policies::from_text(&format!(
        "{VOCABULARY}policy 例 {{\n  {head}\n  {CLAUSES}  settle {{\n{steps}\n  }}\n}}\n"
    ));
    assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
    policies
}

/// Settles rows and hands over the recipients.
pub(super) fn settled<T>(policies: &Policies, rows: &[Row], look: impl FnOnce(&Program, &[Recipient<'_>]) -> T) -> T {
    evaluated(policies, rows, |context, mut recipients| {
        settle(context, &mut recipients);
        look(context.program, &recipients)
    })
}

/// Evaluates rows and hands over the recipients, of whom nothing is settled yet.
pub(super) fn evaluated<T>(
    policies: &Policies,
    rows: &[Row],
    look: impl FnOnce(&Context<'_>, Vec<Recipient<'_>>) -> T,
) -> T {
    let program = policies.program();
    let id = RecordId(0);
    let records: Vec<Record> = rows.iter().map(Row::record).collect();
    let population = Population::from_records(program, records.iter().map(|record| (id, record.clone())));
    let inputs = Inputs { population: Some(&population), ..Inputs::default() };
    let date = Date::new(2024, 12, 31).unwrap();
    let context = Context::new(program, Period::year(2024).unwrap(), date, inputs);
    let recipients: Vec<Recipient<'_>> = records
        .iter()
        .map(|record| Recipient::new(id, record, key_of(program, id, record), evaluate(&context, id, record)))
        .collect();
    look(&context, recipients)
}

/// What each is paid, by key.
pub(super) fn paid(policies: &Policies, rows: &[Row]) -> Vec<Paid> {
    settled(policies, rows, |_, recipients| {
        let of = |one: &Recipient<'_>| (one.key.to_string(), one.awards.iter().map(|award| award.bounds()).collect());
        let mut all: Vec<Paid> = recipients.iter().map(of).collect();
        all.sort();
        all
    })
}

/// Everything that is paid at most under the clauses at these places.
pub(super) fn most_paid(paid: &[Paid], clauses: &[usize]) -> Number {
    let parts = paid.iter().flat_map(|(_, awards)| clauses.iter().map(|at| awards[*at].1.clone().unwrap()));
    parts.fold(Number::ZERO, |sum, part| sum.add(&part).unwrap())
}

/// Few values, so that ties are common, with an unknown now and then.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), (1i64..8).prop_map(|n| n * 2_000), 1i64..20_000]
}

fn row() -> impl Strategy<Value = Row> {
    let amounts = [amount().prop_map(Some), amount().prop_map(Some), amount().prop_map(Some)];
    (amounts, (0i64..6).prop_map(Some), (0u8..3).prop_map(Some)).prop_map(|(amounts, score, group)| Row {
        key: 0,
        amounts,
        score,
        group,
    })
}

/// Enterprises of which everything is known.
pub(super) fn known_rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(row(), 1..9).prop_map(|mut rows| {
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
