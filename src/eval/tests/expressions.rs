//! Values of expressions, known and open.

use serde_json::json;

use super::{given, pays, value};

#[test]
fn comparisons_with_none_are_no() {
    assert_eq!(value("迁出日期 > 2020", json!({})), "Bool(false)");
    assert_eq!(value("迁出日期 <= 2020", json!({})), "Bool(false)");
    assert_eq!(value("迁出日期 is none", json!({})), "Bool(true)");
}

#[test]
fn levels_compare_by_rank() {
    let data = || json!({ "绿色工厂": "省级" });
    assert_eq!(value("绿色工厂 >= 省级", data()), "Bool(true)");
    assert_eq!(value("绿色工厂 > 省级", data()), "Bool(false)");
    assert_eq!(value("绿色工厂 < 国家级", data()), "Bool(true)");
    assert_eq!(value("绿色工厂 >= 市级", json!({ "绿色工厂": "无" })), "Bool(false)");
}

#[test]
fn facts_by_year_are_read_by_period() {
    let data = json!({ "收入": { "2023": 100, "2024": 150 } });
    assert_eq!(value("收入 / (收入 in (year - 1))", data.clone()), "Number(1.5)");
    assert_eq!(value("收入 in 2023", data.clone()), "Number(100)");
    assert_eq!(value("max 收入 over 2023..2024", data.clone()), "Number(150)");
    assert_eq!(value("sum 收入 over 2023..2024", data.clone()), "Number(250)");
    assert!(value("收入 in 2022", data).contains("收入"));
}

#[test]
fn membership_in_lists_narrows_an_unknown() {
    assert_eq!(value("行业 in (制造, 软件, 其他)", json!({})), "Bool(true)");
    assert!(value("行业 in (制造, 软件)", json!({})).starts_with("Bool"));
    assert_eq!(value("绿色工厂 in (国家级, 省级)", json!({ "绿色工厂": "市级" })), "Bool(false)");
}

#[test]
fn dated_parameters_hold_from_their_day_on() {
    let policy = "parameter LPR : rate { from 2023-08-21: 3.45%, from 2024-07-22: 3.35% }\n";
    let at = |date: &str| given(&format!("{policy} let 结果 = LPR on 签约日期")).value(json!({ "签约日期": date }));
    assert_eq!(at("2024-07-21"), "Number(0.0345)");
    assert_eq!(at("2024-07-22"), "Number(0.0335)");
    assert!(at("2023-01-01").contains("Parameter"));
    assert_eq!(pays(&format!("{policy} award LPR of 投资额"), json!({ "投资额": 10000 })), "exact 335");
    let open = pays(&format!("{policy} award LPR on 签约日期 of 投资额"), json!({ "投资额": 10000 }));
    assert_eq!(open, "unknown 0.. (Parameter(ParameterId(0)) 签约日期)");
}

#[test]
fn ranks_and_totals_over_the_population() {
    let people = json!([
        { "名称": "E1", "投资额": 30 }, { "名称": "E2", "投资额": 50 }, { "名称": "E3", "投资额": 30 }, { "名称": "E4", "投资额": 10 }
    ]);
    let case = |expression: &str| given(&format!("let 结果 = {expression}")).population(people.clone());
    assert_eq!(case("rank 投资额").value(json!({ "投资额": 30 })), "Number(2)");
    assert_eq!(case("rank 投资额").value(json!({ "投资额": 10 })), "Number(4)");
    assert_eq!(case("sum 投资额 over all 企业").value(json!({})), "Number(120)");
    assert_eq!(case("sum 投资额 over all (企业 where 投资额 >= 30)").value(json!({})), "Number(110)");
}

#[test]
fn derived_facts_may_be_tables() {
    let case =
        "let 库 = by 投资额 { >= 100: 国家级, >= 5: 省级, otherwise: none }\naward by 库 { 国家级: 50, 省级: 20 }";
    let case = case.replace("let 库 =", "let 库 : level of 国家级 > 省级 =");
    let pays = |capex: i64| pays(&case, json!({ "投资额": capex }));
    assert_eq!((pays(100), pays(5), pays(4)), ("exact 50".into(), "exact 20".into(), "exact 0".into()));
}

#[test]
fn what_was_paid_can_be_asked() {
    let case =
        given("clause A { award 100 less paid }").history(json!([{ "paid": 30 }, { "paid": 30, "clause": "B" }]));
    assert_eq!(case.pays(json!({})), "exact 70");
    let case = given("clause A { award 100 less (sum paid over (history where paid > 20)) }")
        .history(json!([{ "paid": 30 }, { "paid": 10 }]));
    assert_eq!(case.pays(json!({})), "exact 70");
}

#[test]
fn open_brackets_keep_only_rows_that_can_be_reached() {
    let policy = "award by 评分 { >= 90: 30, >= 0: 20, otherwise: 7 }";
    assert_eq!(pays(policy, json!({})), "unknown 20..30 (评分)");
    assert_eq!(pays("award slab by 投资额 { >= 100: 10% , >= 10: 5% } cap 50", json!({})), "unknown 0..50 (投资额)");
    assert_eq!(pays("award marginal by 评分 * 1元 { >= 10: 10% , >= 50: 20% }", json!({})), "unknown 0..14 (评分)");
}

#[test]
fn every_and_any_over_items() {
    let data = json!({ "订单": [{ "已落地": true, "金额": 5 }, { "金额": 7 }] });
    assert_eq!(value("any 订单 where 已落地", data.clone()), "Bool(true)");
    assert!(value("every 订单 has 已落地", data.clone()).contains("已落地"));
    assert_eq!(value("every 订单 has 金额 >= 5", data.clone()), "Bool(true)");
    assert_eq!(value("max 金额 over 订单", data.clone()), "Number(7)");
    assert_eq!(value("average 金额 over 订单", data), "Number(6)");
}

#[test]
fn items_see_the_recipient() {
    let data = json!({ "投资额": 6, "订单": [{ "金额": 5 }, { "金额": 7 }] });
    assert_eq!(value("count (订单 where 金额 >= 投资额)", data.clone()), "Number(1)");
    assert_eq!(value("count (订单 where 金额 >= 企业.投资额)", data), "Number(1)");
}
