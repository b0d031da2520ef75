//! Settling again after what was paid went into the history: nothing is paid twice, and
//! both runs together pass no cap, limit or budget.

use proptest::prelude::*;

use super::population::{Row, Rules, config, known_rows, paid_row};
use crate::record::Record;
use crate::value::{Number, Period};

/// Each clause looks at what it paid before, in its own way.
const CLAUSES: &str = "clause 甲 { award 甲额 cap 100元 cumulative }
  clause 乙 { award 乙额 cap 1000元 once }
  clause 丙 { award 丙额 cap 1000元 topping up }
  clause 丁 { award 丙额 cap 1000元 topping up on paid }
";

const NAMES: [&str; 4] = ["甲", "乙", "丙", "丁"];

/// What may stand between the clauses and the payment.
const STEPS: &[&str] = &[
    "",
    "budget 额度 pro rata",
    "budget 额度 for 甲, 乙 equally\n budget 额度 for 丙, 丁 in order of 得分 then pro rata rest by remainder",
    "select top 2 of 乙 by 得分 ties all\n limit 丙, 丁 to 额度 pro rata",
];

/// Joint limits with history.
const LIMITS: &[(&str, &[usize])] = &[
    ("limit 甲, 乙 to 额度 cumulative pro rata", &[0, 1]),
    ("limit 甲, 丁 to 额度 cumulative in order of 丁, 甲", &[0, 3]),
    ("limit total to 额度 cumulative equally", &[0, 1, 2, 3]),
];

/// What one was awarded and is paid under each clause.
type Run = Vec<(String, Vec<(Number, Number)>)>;

/// A run over a period after what was paid, and then the history with it.
fn run(rules: &Rules, period: &str, rows: &[Row], history: &mut Vec<Record>) -> Run {
    let period = Period::parse(period).unwrap();
    let run: Run = rules.settle(period, rows, history, |_, recipients| {
        let of = |one: &super::super::Recipient<'_>| {
            let results = one.result.clauses.iter().zip(&one.awards);
            let both = |(result, award): (&crate::eval::ClauseResult, &super::super::Award)| {
                (result.amount.clone().unwrap(), award.settled().unwrap().clone())
            };
            (one.key.to_string(), results.map(both).collect())
        };
        recipients.iter().map(of).collect()
    });
    for (key, awards) in &run {
        for (clause, (standard, paid)) in NAMES.iter().zip(awards).filter(|(_, (_, paid))| paid.is_positive()) {
            history.push(paid_row(key, clause, period, standard, paid));
        }
    }
    run
}

fn add(a: &Number, b: &Number) -> Number {
    a.add(b).unwrap()
}

fn in_all(run: &Run, of: impl Fn(&(Number, Number)) -> &Number) -> Number {
    run.iter().flat_map(|(_, awards)| awards).fold(Number::ZERO, |sum, award| add(&sum, of(award)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn running_again_pays_nothing_twice(rows in known_rows(), at in 0..STEPS.len(), budget in 1i64..600) {
        let rules = Rules::of_clauses("", CLAUSES, STEPS[at], budget);
        let mut history = Vec::new();
        let first = run(&rules, "2024", &rows, &mut history);
        let second = run(&rules, "2024", &rows, &mut history);
        let third = run(&rules, "2024", &rows, &mut history);
        for ((row, (_, first)), ((_, second), (_, third))) in rows.iter().zip(&first).zip(second.iter().zip(&third)) {
            let due = |at: usize| Number::from_i64(row.amounts[at].unwrap()).divide(&Number::from_i64(100)).unwrap();
            let all = |at: usize| add(&add(&first[at].1, &second[at].1), &third[at].1);
            prop_assert!(all(0) <= Number::from_i64(100));
            prop_assert!(all(3) <= due(2));
            // What was paid once, or reached its grade, is not paid again; what was cut to nothing was not paid.
            for at in [1, 2] {
                prop_assert!(all(at) <= due(at));
                if first[at].1.is_positive() {
                    prop_assert_eq!(&second[at].1, &Number::ZERO);
                }
            }
            if at == 0 {
                let twice = add(&due(0), &due(0)).min(Number::from_i64(100));
                prop_assert_eq!(add(&first[0].1, &second[0].1), twice);
                prop_assert_eq!([&second[1].1, &second[2].1, &second[3].1], [&Number::ZERO; 3]);
            }
        }
    }

    #[test]
    fn runs_together_pass_no_limit(rows in known_rows(), at in 0..LIMITS.len(), limit in 0i64..600) {
        let (steps, clauses) = LIMITS[at];
        let rules = Rules::of_clauses("", CLAUSES, steps, limit);
        let mut history = Vec::new();
        let first = run(&rules, "2024", &rows, &mut history);
        let second = run(&rules, "2025", &rows, &mut history);
        for ((_, first), (_, second)) in first.iter().zip(&second) {
            let both = clauses.iter().map(|at| add(&first[*at].1, &second[*at].1));
            let both = both.fold(Number::ZERO, |sum, paid| add(&sum, &paid));
            prop_assert!(both <= Number::from_i64(limit), "{} in all", both);
        }
    }

    #[test]
    fn quarters_together_stay_within_the_budget_of_the_year(rows in known_rows(), budget in 0i64..1500) {
        let rules = Rules::of_clauses("budget 2024: 额度", CLAUSES, "budget of year pro rata", budget);
        let mut history = Vec::new();
        let mut all = Number::ZERO;
        for quarter in ["2024Q1", "2024Q2", "2024Q3"] {
            let left = Number::from_i64(budget).subtract(&all).unwrap();
            let run = run(&rules, quarter, &rows, &mut history);
            let (due, paid) = (in_all(&run, |award| &award.0), in_all(&run, |award| &award.1));
            prop_assert!(paid <= left);
            if due <= left {
                prop_assert_eq!(&paid, &due);
            }
            all = add(&all, &paid);
        }
    }
}
