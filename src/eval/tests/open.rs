//! What is open, or just touches a bound: how far it leaves a result open, and because of what.

use serde_json::{Value as Json, json};

use super::{given, pays, value};

/// What is paid for each year of these.
fn by_year(policy: &str) -> [String; 3] {
    ["2023", "2024", "2025"].map(|year| given(policy).in_period(year).pays(json!({})))
}

#[test]
fn a_range_with_an_open_end_holds_its_other_end() {
    let on =
        |policy: &str| ["2024-02-29", "2024-03-01", "2024-03-02"].map(|day| pays(policy, json!({ "签约日期": day })));
    let open = "unknown 0..100 (认定日期)";
    assert_eq!(on("award 100 during 2024-03-01..认定日期 by 签约日期"), ["not in force", "exact 100", open]);
    assert_eq!(on("award 100 during 认定日期..2024-03-01 by 签约日期"), [open, "exact 100", "not in force"]);
    assert_eq!(on("award 100 during ..认定日期 by 签约日期"), [open; 3]);
    assert_eq!(on("award 100 during 认定日期.. by 签约日期"), [open; 3]);
    let known = |day: &str| json!({ "签约日期": day, "认定日期": "2024-03-01" });
    let policy = "award 100 during 2024-02-01..认定日期 by 签约日期";
    let paid =
        ["2024-01-31", "2024-02-01", "2024-02-20", "2024-03-01", "2024-03-02"].map(|day| pays(policy, known(day)));
    assert_eq!(paid, ["not in force", "exact 100", "exact 100", "exact 100", "not in force"]);
}

#[test]
fn a_period_that_holds_an_end_of_a_range_meets_it() {
    let open = "unknown 0..100 (认定日期)";
    assert_eq!(by_year("award 100 during 2024-03-01..认定日期"), ["not in force", "exact 100", open]);
    assert_eq!(by_year("award 100 during 认定日期..2024-03-01"), [open, "exact 100", "not in force"]);
    assert_eq!(by_year("award 100 during ..认定日期"), [open; 3]);
    assert_eq!(by_year("award 100 during 认定日期.."), [open; 3]);
}

#[test]
fn an_open_bound_reaches_as_far_as_its_values() {
    assert_eq!(pays("award 100 cap 1元 * 评分 * 0.5", json!({})), "unknown 0..50 (评分)");
    assert_eq!(pays("award 100 floor 1元 * 评分 * 2", json!({})), "unknown 100..200 (评分)");
    // One that is surely the lower, or the higher, waits for nothing of the other.
    assert_eq!(pays("award 1元 * 评分 cap 200 + 人数 * 1元", json!({})), "unknown 0..100 (评分)");
    assert_eq!(pays("award 1元 * 评分 floor 200 + 人数 * 1元", json!({})), "unknown 200.. (人数)");
    assert_eq!(value("min(200 + 人数, 评分)", json!({})), value("评分", json!({})));
    assert_eq!(value("max(200 + 人数, 评分)", json!({})), value("200 + 人数", json!({})));
    assert_eq!(value("max(评分, 200 + 人数)", json!({})), value("200 + 人数", json!({})));
}

#[test]
fn a_bound_without_a_value_bounds_nothing() {
    let data = || json!({ "利润": 0, "投资额": 1 });
    assert_eq!(pays("award 100 floor 投资额 * (投资额 / 利润)", data()), "unknown 100.. ()");
    assert_eq!(pays("award 100 less 投资额 * (投资额 / 利润)", data()), "unknown 0.. ()");
    assert_eq!(pays("award 100 times 投资额 / 利润", data()), "unknown 0.. ()");
}

#[test]
fn an_amount_below_zero_is_zero_before_the_next_modifier() {
    assert_eq!(pays("award 100 cap 利润 times 利润 / 1元", json!({ "利润": -5 })), "exact 0");
    assert_eq!(pays("award 利润 times 利润 / 1元", json!({ "利润": -5 })), "exact 0");
}

#[test]
fn a_unit_of_several_units_rounds_whole_numbers_too() {
    assert_eq!(pays("award 投资额 round down to 10元", json!({ "投资额": 15 })), "exact 10");
    assert_eq!(pays("award 投资额 round up to 万元", json!({ "投资额": 15000 })), "exact 20000");
    assert_eq!(pays("award 投资额 round half up to 0.05元", json!({ "投资额": "0.02" })), "exact 0");
}

/// An order of 7 元, of which it is not known whether it counts.
fn landed() -> Json {
    json!({ "订单": [{ "金额": 7 }] })
}

#[test]
fn what_may_be_none_is_neither_the_lower_nor_the_higher() {
    let five = "Number(Interval { lowest: Some(5), highest: Some(5) }) or none (签订日期)";
    let nine = "Number(Interval { lowest: Some(9), highest: Some(9) }) or none (签订日期)";
    for (both, result) in [("min(5, 大)", five), ("min(大, 5)", five), ("max(9, 大)", nine), ("max(大, 9)", nine)] {
        assert_eq!(
            value(&both.replace('大', "max 金额 over (订单 where 签订日期 in 2024)"), landed()),
            result,
            "{both}"
        );
    }
    let either = value("(max 金额 over (订单 where 签订日期 in 2024)) or else 3", landed());
    assert_eq!(either, "Number(Interval { lowest: Some(3), highest: Some(7) }) (签订日期)");
}

#[test]
fn zero_times_none_is_zero_and_over_none_too() {
    let data = || json!({ "订单": [], "利润": 0 });
    assert_eq!(value("0 * (max 金额 over 订单)", data()), "Number(0)");
    assert_eq!(value("(max 金额 over 订单) * 0", data()), "Number(0)");
    assert_eq!(value("0 / (max 金额 over 订单)", data()), "Number(0)");
    assert_eq!(value("(max 金额 over 订单) / 利润", data()), "None");
    assert_eq!(value("0 * (投资额 / 利润)", json!({ "利润": 0, "投资额": 1 })), "Nothing or undefined ()");
    assert_eq!(value("0 / (人数 + 1)", json!({})), "Number(0)");
}

#[test]
fn what_no_number_can_hold_has_no_value() {
    let data = || json!({ "投资额": "600000000000000000000000", "利润": "-600000000000000000000000" });
    for expression in ["投资额 + 投资额", "投资额 - 利润", "投资额 * 10", "投资额 / 0.1"] {
        assert_eq!(value(expression, data()), "Nothing or undefined ()", "{expression}");
    }
    let orders = json!({ "订单": [{ "金额": "600000000000000000000000" }, { "金额": "600000000000000000000000" }] });
    let case = given("award 金额 for each 订单");
    let result = case.result(orders);
    assert_eq!(result.clauses[0].faults.len(), 1);
    assert_eq!(value("投资额 / 利润", json!({ "利润": 0 })), "Nothing or undefined (投资额)");
}

#[test]
fn a_rank_among_some_that_are_open_is_as_open_as_they_are() {
    let people = json!([
        { "名称": "E1", "评分": 30 }, { "名称": "E2", "评分": 50 }, { "名称": "E3" }, { "名称": "E4", "评分": 10 },
        { "名称": "E5", "评分": 100 }
    ]);
    let rank = |own: Json| given("let 结果 = rank 评分").population(people.clone()).value(own);
    let between =
        |low: u8, high: u8| format!("Number(Interval {{ lowest: Some({low}), highest: Some({high}) }}) (评分");
    assert!(rank(json!({ "评分": 30 })).starts_with(&between(3, 4)));
    assert!(rank(json!({ "评分": 0 })).starts_with(&between(5, 6)));
    assert!(rank(json!({})).starts_with(&between(1, 5)));
    assert_eq!(rank(json!({ "评分": 100 })), "Number(1)");
}

#[test]
fn a_rank_before_the_least_is_the_first() {
    let others = json!([{ "名称": "E9", "评分": 0 }]);
    let rank = given("let 结果 = rank 评分").population(others).value(json!({}));
    assert_eq!(rank, "Number(1)");
}

#[test]
fn an_item_that_may_not_count_pays_from_nothing() {
    let policy = "award 10% of 设备 for each (项目 where 立项日期 in 2024)";
    let result = given(policy).result(json!({ "项目": [{ "编号": "a", "设备": 100 }] }));
    let item = &result.clauses[0].items[0];
    assert_eq!((item.lowest.to_string(), item.highest.as_ref().unwrap().to_string()), ("0".into(), "10".into()));
    assert_eq!(item.missing.len(), 1);
}
