//! Tables whose subject is open, and grades that history remembers.

use serde_json::{Value as Json, json};

use super::{given, pays, value};

/// `库` goes by an amount, so that its levels are open while that is.
fn by_store(rest: &str, award: &str, data: Json) -> String {
    let store = format!("let 库 : level of 国家级 > 省级 = by 投资额 {{ >= 100: 国家级, {rest} }}");
    pays(&format!("{store}\naward by 库 {award}"), data)
}

#[test]
fn a_table_without_a_fitting_row_gives_nothing() {
    assert_eq!(value("by 行业 { 制造: 3 }", json!({ "行业": "软件" })), "Number(0)");
    assert_eq!(value("by 行业 { 制造: 甲 }", json!({ "行业": "软件", "甲": true })), "Bool(false)");
}

#[test]
fn an_open_level_reaches_only_rows_that_are_left() {
    let all = "{ 国家级: 50, 省级: 20, otherwise: 7 }";
    let three = ">= 5: 省级, otherwise: none";
    let two = "otherwise: 省级";
    assert_eq!(by_store(three, all, json!({})), "unknown 7..50 (投资额)");
    assert_eq!(by_store(two, all, json!({})), "unknown 20..50 (投资额)");
    assert_eq!(by_store(two, "{ 国家级、省级: 20, otherwise: 7 }", json!({})), "exact 20");
    assert_eq!(by_store(three, "{ 国家级、省级: 20, otherwise: 7 }", json!({})), "unknown 7..20 (投资额)");
    assert_eq!(by_store(two, "{ >= 国家级: 50, >= 省级: 20, otherwise: 7 }", json!({})), "unknown 20..50 (投资额)");
    assert_eq!(by_store(two, "{ 省级、国家级: 20, otherwise: 7 }", json!({ "投资额": 1 })), "exact 20");
}

#[test]
fn a_key_that_is_a_period_holds_its_days() {
    let on = |day: &str| pays("award by 签约日期 { 2023: 20, 2024: 5 }", json!({ "签约日期": day }));
    assert_eq!(
        (on("2023-06-30"), on("2024-12-31"), on("2025-01-01")),
        ("exact 20".into(), "exact 5".into(), "exact 0".into())
    );
}

#[test]
fn a_slab_that_is_open_takes_each_rate_within_its_row() {
    assert_eq!(pays("award slab by 评分 * 1元 { >= 50: 10%, >= 10: 20% }", json!({})), "unknown 0..10 (评分)");
}

#[test]
fn what_may_be_none_pays_from_nothing() {
    let policy = "award max 金额 over (订单 where 签订日期 in 2024)";
    let landed = || json!({ "订单": [{ "金额": 7 }] });
    assert_eq!(pays(policy, landed()), "unknown 0..7 (签订日期)");
    assert_eq!(
        pays("award 100 cap max 金额 over (订单 where 签订日期 in 2024)", landed()),
        "unknown 7..100 (签订日期)"
    );
    let orders = json!({ "项目": [{ "设备": 100 }], "订单": [{ "金额": 7 }, { "金额": 5 }] });
    let greatest = value("max min(金额, max 设备 over (项目 where 新建)) over 订单", orders);
    assert_eq!(greatest, "Number(Interval { lowest: Some(7), highest: Some(7) }) or none (新建)");
    assert_eq!(pays("award 5 floor max 金额 over (订单 where 签订日期 in 2024)", landed()), "unknown 5..7 (签订日期)");
}

#[test]
fn the_grade_is_found_wherever_the_table_stands() {
    let table = "by 绿色工厂 { 国家级: 50元, 省级: 20元, 市级: 10元 }";
    let awards = [
        format!("({table}) * 1"),
        format!("100% of ({table})"),
        format!("0元 + ({table})"),
        format!("min(60元, {table})"),
        format!("max(0元, {table})"),
        format!("({table}) or else 0元"),
        format!("round down ({table}) to 元"),
        format!("(by 投资额 {{ >= 0元: 100%, otherwise: 0% }}) of ({table})"),
    ];
    for award in awards {
        let case =
            || given(&format!("clause A {{ award {award} once }}")).history(json!([{ "row": "省级", "paid": 20 }]));
        let of = |level: &str| case().pays(json!({ "绿色工厂": level, "投资额": 1 }));
        assert_eq!((of("国家级"), of("省级")), ("exact 50".into(), "exact 0".into()), "{award}");
    }
}

#[test]
fn a_row_without_a_date_may_count() {
    let undated = || json!([{ "row": "省级", "standard": 20, "paid": 80, "date": null }]);
    let case = given("award 100 cap 150 cumulative").history(undated());
    assert!(case.pays(json!({})).starts_with("unknown 70..100"), "{}", case.pays(json!({})));
    let case = given("clause A { award by 绿色工厂 { 国家级: 50, 省级: 20, 市级: 10 } topping up }").history(undated());
    let paid = case.pays(json!({ "绿色工厂": "国家级" }));
    assert!(paid.starts_with("unknown 30..50"), "{paid}");
}

#[test]
fn each_item_counts_what_was_paid_for_itself() {
    let rows = json!([{ "paid": 80, "item": "a" }, { "paid": 10, "item": "b" }]);
    let data = json!({ "项目": [{ "编号": "a", "设备": 100 }, { "编号": "b", "设备": 60 }] });
    let policy = "award 设备 for each 项目 cap 150 cumulative each";
    assert_eq!(given(policy).history(rows).pays(data), "exact 130");
}

#[test]
fn a_lower_grade_takes_nothing_off_however_much_it_was() {
    let policy = "clause A { award by 绿色工厂 { 国家级: 50, 省级: 20, 市级: 10 } topping up }";
    let rows = json!([{ "row": "省级", "standard": 20, "paid": 20 }, { "row": "市级", "standard": 25, "paid": 25 }]);
    assert_eq!(given(policy).history(rows).pays(json!({ "绿色工厂": "国家级" })), "exact 30");
}

#[test]
fn a_history_that_is_not_loaded_is_open_as_a_list_too() {
    let policy = "clause A { award 100 less (sum paid over (history where paid > 20)) }";
    assert_eq!(pays(policy, json!({})), "unknown 0.. (History)");
}
