//! The trace tells why and why not.

use serde_json::json;

use super::{clause, given};
use crate::eval::trace::{GatePlace, Step};
use crate::eval::{Answer, Tracing, evaluate_clause, failure};
use crate::value::{Number, Value};

#[test]
fn a_failed_comparison_tells_the_distance() {
    let case = given("award 100 when 增资扩产 and 投资额 >= 500万");
    let result = case.result(json!({ "增资扩产": true, "投资额": 4_700_000 }));
    let failure = failure(&case.program, &result.trace, result.clauses.first().unwrap().steps).unwrap();
    assert_eq!(failure.gate, GatePlace::Own(0));
    let comparison = failure.comparison.unwrap();
    assert_eq!(comparison.has, Value::Number(Number::from_i64(4_700_000)));
    assert_eq!(comparison.needs, Value::Number(Number::from_i64(5_000_000)));
    assert_eq!(comparison.distance, Some(Number::from_i64(300_000)));
}

#[test]
fn a_failed_derived_condition_is_told_by_its_derivation() {
    let case = given(
        "let 达标 = 投资额 >= 500万\nclause A { award 100 when 甲 }\nclause B { award 100 when 达标 }\nclause C { award 100 when 达标 }",
    );
    let result = case.result(json!({ "甲": true, "投资额": 4_700_000 }));
    for at in [1, 2] {
        let steps = result.clauses.get(at).unwrap().steps;
        let failure = failure(&case.program, &result.trace, steps).unwrap();
        assert_eq!(failure.comparison.unwrap().distance, Some(Number::from_i64(300_000)));
    }
}

#[test]
fn a_failed_eligibility_is_told_for_every_clause() {
    let case = given("policy P { eligible when 人数 >= 20 }\nclause A { award 1 }\nclause B { award 2 }");
    let result = case.result(json!({ "人数": 5 }));
    for clause in &result.clauses {
        let failure = failure(&case.program, &result.trace, clause.steps).unwrap();
        assert_eq!(
            (failure.gate, failure.comparison.unwrap().distance),
            (GatePlace::Eligible, Some(Number::from_i64(15)))
        );
    }
}

#[test]
fn modifiers_show_before_and_after() {
    let case = given("award 5% of 投资额 cap 800万");
    let result = case.result(json!({ "投资额": 200_000_000 }));
    let amounts = result.trace.iter().find_map(|step| match step {
        Step::Modifier { before: Answer::Known(before), after: Answer::Known(after), .. } => {
            Some((before.clone(), after.clone()))
        }
        _ => None,
    });
    assert_eq!(
        amounts,
        Some((Value::Number(Number::from_i64(10_000_000)), Value::Number(Number::from_i64(8_000_000))))
    );
}

#[test]
fn tables_show_the_row_that_was_reached() {
    let case = given("award by 绿色工厂 { 国家级: 50, 省级: 20, 市级: 0 }");
    let result = case.result(json!({ "绿色工厂": "省级" }));
    assert!(result.trace.iter().any(|step| matches!(step, Step::Row { row: Some(1), .. })));
}

#[test]
fn without_tracing_nothing_is_recorded() {
    let case = given("award 5% of 投资额 cap 800万 when 甲");
    let record = case.record(case.recipient(), &json!({ "投资额": 5, "甲": true }));
    let (_, steps) = case.with(Tracing::Off, |context| evaluate_clause(context, clause(0), &record)).unwrap();
    assert!(steps.is_empty());
}
