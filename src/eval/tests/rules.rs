//! One test for each fact of the rules that concern evaluation.

use serde_json::json;

use super::{given, given_text, pays, value};

#[test]
fn unknown_facts_come_before_pending_rules_and_those_before_discretion() {
    let policy = "award up to pending \"标准\" of 投资额 cap 100万";
    assert_eq!(pays(policy, json!({})), "unknown 0..1000000 (投资额 标准)");
    assert_eq!(pays(policy, json!({ "投资额": 100 })), "pending 0..1000000 (标准)");
    assert_eq!(pays("award up to 5% of 投资额", json!({ "投资额": 100 })), "up to 5");
    assert_eq!(pays("award 5% of 投资额", json!({ "投资额": 100 })), "exact 5");
}

#[test]
fn a_cap_that_the_known_part_reaches_gives_up_to() {
    let policy = "award up to 100万 + 5% of 投资额 cap 80万";
    assert_eq!(pays(policy, json!({})), "up to 800000");
}

#[test]
fn discretion_lowers_the_lowest_only() {
    let case = given("award up to 10万 + 5% of 投资额 cap 100万");
    let result = case.result(json!({}));
    let clause = result.clauses.first().unwrap();
    assert!(clause.lowest.is_zero());
    assert_eq!(clause.full_lowest.to_string(), "100000");
    assert_eq!(clause.highest.as_ref().unwrap().to_string(), "1000000");
    assert_eq!(clause.amount, None);
}

#[test]
fn a_condition_that_is_surely_false_is_not_eligible_whatever_else_is_unknown() {
    assert_eq!(pays("award 5% of 投资额 when 甲 and 乙", json!({ "乙": false })), "not eligible");
    assert_eq!(pays("award 5% of 投资额 when 甲 unless 乙", json!({ "乙": true })), "not eligible");
}

#[test]
fn not_in_force_comes_before_not_eligible() {
    let policy = "policy P { in force 2020..2021 }\nclause A { award 5万 when 甲 }";
    assert_eq!(pays(policy, json!({ "甲": false })), "not in force");
    assert_eq!(pays(policy, json!({})), "not in force");
}

#[test]
fn an_unknown_ranges_over_its_type_narrowed_by_its_where() {
    assert_eq!(pays("award 10万 when 评分 <= 100", json!({})), "exact 100000");
    assert_eq!(pays("award 10万 when 评分 < 100", json!({})), "unknown 0..100000 (评分)");
    assert_eq!(pays("award 1万 * 评分", json!({})), "unknown 0..1000000 (评分)");
    assert_eq!(pays("award 1万 * 人数", json!({})), "unknown 0.. (人数)");
    assert_eq!(pays("award 5% of capex cap 800万", json!({})), "unknown 0..8000000 (投资额)");
}

#[test]
fn a_product_with_an_exact_zero_is_zero() {
    assert_eq!(pays("award 利润 * 0", json!({})), "exact 0");
    assert_eq!(pays("award 0% of 投资额", json!({})), "exact 0");
}

#[test]
fn modifiers_go_from_left_to_right() {
    assert_eq!(pays("award 100 cap 50 times 2", json!({})), "exact 100");
    assert_eq!(pays("award 100 times 2 cap 50", json!({})), "exact 50");
    assert_eq!(pays("award 100 less 30 floor 80", json!({})), "exact 80");
    assert_eq!(pays("award 100 less 130", json!({})), "exact 0");
    assert_eq!(pays("award 100 nothing below 200", json!({})), "exact 0");
    assert_eq!(pays("award 100 nothing below 100", json!({})), "exact 100");
}

#[test]
fn a_negative_cap_gives_zero() {
    assert_eq!(pays("award 100 cap 利润", json!({ "利润": -5 })), "exact 0");
}

#[test]
fn gates_act_wherever_they_stand() {
    let data = || json!({ "甲": false });
    assert_eq!(pays("award 100 when 甲 cap 50", data()), pays("award 100 cap 50 when 甲", data()));
    assert_eq!(pays("clause A { when 甲 award 100 }", data()), "not eligible");
}

#[test]
fn words_with_each_act_on_an_item_and_the_others_on_the_sum() {
    let policy = "award 10% of 设备 for each (项目 where 新建) cap 50 each cap 80";
    let data = json!({ "项目": [
        { "编号": "a", "设备": 1000, "新建": true }, { "编号": "b", "设备": 400, "新建": true },
        { "编号": "c", "设备": 900, "新建": false }
    ] });
    assert_eq!(pays(policy, data.clone()), "exact 80");
    let result = given(policy).result(data);
    let items: Vec<_> = result
        .clauses
        .first()
        .unwrap()
        .items
        .iter()
        .map(|i| (i.key.to_string(), i.amount.clone().unwrap().to_string()))
        .collect();
    assert_eq!(items, [("a".to_string(), "50".to_string()), ("b".to_string(), "40".to_string())]);
}

#[test]
fn up_to_covers_the_whole_award_and_an_upper_bound_of_zero_is_exact() {
    assert_eq!(pays("award up to 100 for each 项目 cap 150", json!({ "项目": [{}, {}] })), "up to 150");
    assert_eq!(pays("award up to 100 for each 项目", json!({ "项目": [] })), "exact 0");
    assert_eq!(pays("award up to 5% of 投资额", json!({ "投资额": 0 })), "exact 0");
}

#[test]
fn an_item_with_an_unknown_where_counts_from_zero_to_its_amount() {
    let policy = "award 100 for each (项目 where 新建)";
    let data = json!({ "项目": [{ "新建": true }, {}, { "新建": false }] });
    assert_eq!(pays(policy, data), "unknown 100..200 (新建)");
}

#[test]
fn count_over_an_unknown_where_gives_n_to_n_plus_one() {
    let data = json!({ "订单": [{ "已落地": true }, {}, { "已落地": false }] });
    assert_eq!(pays("award 1元 * count (订单 where 已落地)", data), "unknown 1..2 (已落地)");
}

#[test]
fn the_tie_group_at_the_line_of_a_top_is_open() {
    let data = json!({ "订单": [
        { "金额": 5, "类别": "甲" }, { "金额": 3, "类别": "乙" }, { "金额": 3, "类别": "丙" }, { "金额": 1, "类别": "丁" }
    ] });
    // Whichever of the two is taken, the sum and the number are the same.
    assert_eq!(pays("award sum 金额 over (top 2 of 订单 by 金额)", data.clone()), "exact 8");
    assert_eq!(pays("award 1元 * count (top 2 of 订单 by 金额)", data.clone()), "exact 2");
    let open = pays("award 1元 * count ((top 2 of 订单 by 金额) where 类别 = \"乙\")", data);
    assert!(open.starts_with("pending 0..1 (Tie"), "{open}");
}

#[test]
fn an_empty_list_sums_to_zero_and_has_no_greatest() {
    let data = || json!({ "订单": [] });
    assert_eq!(value("sum 金额 over 订单", data()), "Number(0)");
    assert_eq!(value("count 订单", data()), "Number(0)");
    assert_eq!(value("any 订单 where 已落地", data()), "Bool(false)");
    assert_eq!(value("every 订单 has 已落地", data()), "Bool(true)");
    assert_eq!(value("max 金额 over 订单", data()), "None");
    assert_eq!(value("average 金额 over 订单", data()), "None");
}

#[test]
fn a_list_that_was_not_loaded_is_unknown() {
    assert_eq!(pays("award 100 for each 项目 cap 500", json!({ "项目": null })), "unknown 0..500 (项目)");
    assert_eq!(pays("award 5% of (sum 金额 over 订单) cap 500", json!({})), "unknown 0..500 (订单)");
}

#[test]
fn history_that_is_not_loaded_is_unknown_and_without_a_row_is_zero() {
    let policy = "award 100 cap 150 cumulative";
    assert_eq!(pays(policy, json!({})), "unknown 0..100 (History)");
    assert_eq!(given(policy).history(json!([])).pays(json!({})), "exact 100");
}

#[test]
fn history_after_the_periods_end_does_not_count() {
    let policy = "award 100 cap 150 cumulative";
    let rows = json!([{ "paid": 80, "date": "2024-05-01" }, { "paid": 60, "date": "2025-01-01" }]);
    assert_eq!(given(policy).history(rows).pays(json!({})), "exact 70");
}

#[test]
fn cumulative_counts_what_was_paid_within_the_policys_force() {
    let policy = "policy P { in force 2024..2025 }\nclause A { award 100 cap 150 cumulative }";
    let rows = json!([{ "paid": 80, "date": "2024-05-01" }, { "paid": 60, "date": "2023-05-01" }]);
    assert_eq!(given(policy).history(rows).pays(json!({})), "exact 70");
}

#[test]
fn cumulative_with_each_counts_the_same_item() {
    let policy = "award 100 for each 项目 cap 150 cumulative each";
    let rows = json!([{ "paid": 80, "item": "a" }, { "paid": 10, "item": "b" }]);
    let data = json!({ "项目": [{ "编号": "a" }, { "编号": "b" }] });
    assert_eq!(given(policy).history(rows).pays(data), "exact 170");
}

#[test]
fn with_adds_other_clauses() {
    let policy = "policy P { in force 2024..2025 }\nclause A { award 100 cap 150 cumulative with 旧.乙 }";
    let rows = json!([{ "paid": 80, "policy": "旧", "clause": "乙", "date": "2020-01-01" }, { "paid": 9, "policy": "旧", "clause": "丙" }]);
    assert_eq!(given(policy).history(rows).pays(json!({})), "exact 70");
}

#[test]
fn topping_up_takes_off_the_standard_of_the_highest_grade() {
    let policy = "clause A { award by 绿色工厂 { 国家级: 50, 省级: 20, 市级: 10 } topping up }";
    let rows = || json!([{ "row": "省级", "standard": 20, "paid": 15 }, { "row": "市级", "standard": 10, "paid": 10 }]);
    assert_eq!(given(policy).history(rows()).pays(json!({ "绿色工厂": "国家级" })), "exact 30");
    assert_eq!(given(policy).history(rows()).pays(json!({ "绿色工厂": "省级" })), "exact 0");
    assert_eq!(given(policy).history(rows()).pays(json!({ "绿色工厂": "市级" })), "exact 0");
    let on_paid = policy.replace("topping up", "topping up on paid");
    assert_eq!(given(&on_paid).history(rows()).pays(json!({ "绿色工厂": "国家级" })), "exact 25");
}

#[test]
fn an_equal_grade_gets_nothing_even_where_its_standard_rose() {
    let policy = "clause A { award by 绿色工厂 { 国家级: 50, 省级: 30 , 市级: 0 } topping up }";
    let rows = json!([{ "row": "省级", "standard": 20, "paid": 20 }]);
    assert_eq!(given(policy).history(rows).pays(json!({ "绿色工厂": "省级" })), "exact 0");
}

#[test]
fn once_looks_at_the_same_row() {
    let policy = "clause A { award by 绿色工厂 { 国家级: 50, 省级: 20, 市级: 0 } once }";
    let rows = || json!([{ "row": "省级", "paid": 20, "date": "2019-01-01" }]);
    assert_eq!(given(policy).history(rows()).pays(json!({ "绿色工厂": "国家级" })), "exact 50");
    assert_eq!(given(policy).history(rows()).pays(json!({ "绿色工厂": "省级" })), "exact 0");
    assert_eq!(given(policy).pays(json!({ "绿色工厂": "省级" })), "unknown 0..20 (History)");
}

#[test]
fn an_amount_is_rounded_once_when_due() {
    assert_eq!(pays("award 投资额 / 3 times 3", json!({ "投资额": 100 })), "exact 100");
    assert_eq!(pays("award 投资额 / 3", json!({ "投资额": 100 })), "exact 33.33");
    assert_eq!(pays("award 投资额", json!({ "投资额": "2.345" })), "exact 2.35");
    assert_eq!(pays("policy P { round down to 元 }\naward 投资额", json!({ "投资额": "2.9" })), "exact 2");
}

#[test]
fn without_a_date_the_period_must_meet_the_force() {
    let policy = "policy P { in force 2023-12-26..2025-12-31 }\nclause A { award 100 }";
    assert_eq!(given(policy).in_period("2023").pays(json!({})), "exact 100");
    assert_eq!(given(policy).in_period("2022").pays(json!({})), "not in force");
    assert_eq!(given(policy).in_period("2026").pays(json!({})), "not in force");
}

#[test]
fn with_a_date_that_date_must_lie_in_the_force() {
    let policy = "policy P { in force 2023-12-26..2025-12-31 by 签约日期 }\nclause A { award 100 }";
    assert_eq!(pays(policy, json!({ "签约日期": "2023-12-26" })), "exact 100");
    assert_eq!(pays(policy, json!({ "签约日期": "2023-12-25" })), "not in force");
    assert_eq!(pays(policy, json!({})), "unknown 0..100 (签约日期)");
}

#[test]
fn during_is_a_range_of_events() {
    let policy = "award 100 during 2023-07-01..2023-09-30 by 签约日期";
    assert_eq!(pays(policy, json!({ "签约日期": "2023-09-30" })), "exact 100");
    assert_eq!(pays(policy, json!({ "签约日期": "2023-10-01" })), "not in force");
    assert_eq!(pays("award 100 during 2023", json!({})), "not in force");
}

#[test]
fn newly_asks_for_a_date_in_the_period_the_window_and_the_force() {
    let policy =
        "policy P { in force 2024-03-01..2025 }\nclause A { award 100 when newly 绿色工厂 during 2023..2024-10-31 }";
    let on = |date: &str| json!({ "绿色工厂": "省级", "认定日期": date });
    assert_eq!(pays(policy, on("2024-05-01")), "exact 100");
    assert_eq!(pays(policy, on("2024-02-28")), "not eligible");
    assert_eq!(pays(policy, on("2024-11-01")), "not eligible");
    assert_eq!(pays(policy, on("2025-01-01")), "not eligible");
    assert_eq!(pays(policy, json!({ "绿色工厂": "无", "认定日期": "2024-05-01" })), "not eligible");
    assert_eq!(pays(policy, json!({ "绿色工厂": "省级" })), "unknown 0..100 (认定日期)");
}

#[test]
fn years_and_months_are_ranges() {
    let day = |date: &str| json!({ "签约日期": date });
    assert_eq!(value("签约日期 in 2024", day("2024-12-31")), "Bool(true)");
    assert_eq!(value("签约日期 <= 2024", day("2024-12-31")), "Bool(true)");
    assert_eq!(value("签约日期 > 2024", day("2024-12-31")), "Bool(false)");
    assert_eq!(value("签约日期 > 2024", day("2025-01-01")), "Bool(true)");
    assert_eq!(value("签约日期 >= 2024", day("2024-01-01")), "Bool(true)");
    assert_eq!(value("签约日期 < 2024-07", day("2024-06-30")), "Bool(true)");
}

#[test]
fn dates_move_to_the_corresponding_day_else_the_last_of_the_month() {
    assert_eq!(value("签约日期 + 1个月 = 2023-02-28", json!({ "签约日期": "2023-01-31" })), "Bool(true)");
    assert_eq!(value("签约日期 + 1年 = 2025-02-28", json!({ "签约日期": "2024-02-29" })), "Bool(true)");
    let months =
        |from: &str, to: &str| value("months from 签约日期 to 认定日期", json!({ "签约日期": from, "认定日期": to }));
    assert_eq!(months("2023-01-15", "2023-02-14"), "Number(0)");
    assert_eq!(months("2023-01-15", "2023-02-15"), "Number(1)");
}

#[test]
fn below_the_lowest_bracket_is_zero_and_rows_may_mix() {
    let policy = "award by 投资额 { > 100: 30, >= 100: 20, >= 10: 5 }";
    for (capex, expected) in [(9, "exact 0"), (10, "exact 5"), (100, "exact 20"), (101, "exact 30")] {
        assert_eq!(pays(policy, json!({ "投资额": capex })), expected);
    }
}

#[test]
fn marginal_pays_each_slice_and_slab_the_whole() {
    let rows = "{ >= 100: 10%, >= 500: 20% }";
    let data = || json!({ "投资额": 600 });
    assert_eq!(pays(&format!("award marginal by 投资额 {rows}"), data()), "exact 60");
    assert_eq!(pays(&format!("award slab by 投资额 {rows}"), data()), "exact 120");
}

#[test]
fn match_pays_b_over_a() {
    assert_eq!(pays("award match 2:1 投资额", json!({ "投资额": 100 })), "exact 50");
    assert_eq!(pays("match 1:3 投资额", json!({ "投资额": 100 })), "exact 300");
}

#[test]
fn a_clause_to_a_record_sees_its_facts() {
    let case = given("clause A { award 10% of 设备 to 项目 }");
    assert_eq!(case.pays(json!({ "编号": "a", "设备": 100 })), "exact 10");
}

#[test]
fn eligible_when_gates_all_clauses() {
    let policy = "policy P { eligible when 独立法人 }\nclause A { award 100 }";
    assert_eq!(pays(policy, json!({ "独立法人": false })), "not eligible");
    assert_eq!(pays(policy, json!({})), "unknown 0..100 (独立法人)");
    assert_eq!(pays(policy, json!({ "独立法人": true })), "exact 100");
}

#[test]
fn what_the_open_part_cannot_change_is_exact() {
    assert_eq!(pays("award 100 when 甲 or not 甲", json!({})), "exact 100");
    assert_eq!(pays("award 100 when 甲 and not 甲", json!({})), "not eligible");
    assert_eq!(pays("award by { 甲: 100, 乙: 50, otherwise: 100 }", json!({ "乙": false })), "exact 100");
    assert_eq!(pays("award by 绿色工厂 { 国家级: 50, 省级: 50, 市级: 50, otherwise: 50 }", json!({})), "exact 50");
    assert_eq!(pays("award by 行业 { 制造: 20, 软件: 20, 其他: 20 }", json!({})), "exact 20");
    assert_eq!(pays("award 100 cap 80 + 人数 * 1元", json!({ "人数": null })), "unknown 80..100 (人数)");
    assert_eq!(pays("award 100 cap 120 + 人数 * 1元", json!({})), "exact 100");
}

#[test]
fn unknowns_that_change_nothing_are_no_cause() {
    let policy = "award by { 甲 and 乙: 100, 甲: 100, otherwise: 20 }";
    assert_eq!(pays(policy, json!({})), "unknown 20..100 (甲)");
}

#[test]
fn a_pending_rule_leaves_its_bound_known() {
    assert_eq!(pays("award pending \"市级奖励办法\" cap 100万", json!({})), "pending 0..1000000 (市级奖励办法)");
    assert_eq!(pays("award pending \"市级奖励办法\"", json!({})), "pending 0.. (市级奖励办法)");
    let bound = "policy P { in force 2024 }\nclause A { award pending \"办法\" cap 100万 }\nbind P.\"办法\" = 30万";
    assert_eq!(pays(bound, json!({})), "exact 300000");
}

#[test]
fn a_division_by_zero_is_answered_by_or_else_only() {
    let data = || json!({ "利润": 0, "投资额": 100 });
    assert_eq!(pays("award 投资额 * (投资额 / 利润) or else 5", data()), "exact 5");
    assert_eq!(pays("award 投资额 * (投资额 / 利润) cap 40", data()), "unknown 0..40 ()");
    let case = given("award 投资额 * (投资额 / 利润) cap 40");
    let result = case.result(data());
    assert_eq!(result.clauses.first().unwrap().faults.len(), 1);
    // The unknown is never answered.
    assert_eq!(pays("award 投资额 or else 5", json!({})), "unknown 0.. (投资额)");
}

#[test]
fn a_recipient_may_stand_alone_without_declared_facts() {
    let case = given_text("award 5% of capex cap 800万 when 增资扩产");
    assert_eq!(case.pays(json!({ "capex": 160_000_000, "增资扩产": true })), "exact 8000000");
    assert_eq!(case.pays(json!({ "增资扩产": true })), "unknown 0..8000000 (capex)");
    assert_eq!(case.pays(json!({ "增资扩产": false })), "not eligible");
}

#[test]
fn a_row_that_failed_takes_its_levels_out_of_what_is_open() {
    // More levels than are tried one by one.
    let levels: Vec<String> = (10..80).map(|at| format!("L{at}")).collect();
    let paid = |rows: &str| {
        let levels = levels.join(" > ");
        let text = format!("record 企业 {{ 名称 : text key  等 : level of {levels} }}\naward by 等 {{ {rows} }}");
        given_text(&text).pays(json!({}))
    };
    // What is no level of the first row is that of the second or none, so that the last row is never reached.
    let last = |row: &str, other: &str| paid(&format!("{row}: 30元, {other}: 10元, none: 20元, otherwise: 999元"));
    assert_eq!(last(">= L78", "L79"), "unknown 10..30 (等)");
    assert_eq!(last("<= L11", "L10"), "unknown 10..30 (等)");
}

#[test]
fn a_day_or_quarter_is_one_of_those_of_a_period() {
    let paid = |day: &str| {
        pays("award by 签约日期 { 2023年: 10元, 2024Q1: 20元, otherwise: 5元 }", json!({ "签约日期": day }))
    };
    let days = ["2022-12-31", "2023-01-01", "2023-12-31", "2024-03-31", "2024-04-01"];
    assert_eq!(days.map(paid), ["exact 5", "exact 10", "exact 10", "exact 20", "exact 5"]);
    // And a quarter one of those of a year.
    let by_period = "award by period { 2023年: 10元, 2024年: 20元, otherwise: 5元 }";
    let in_quarter = ["2023Q4", "2024Q1", "2025Q1"].map(|quarter| given(by_period).in_period(quarter).pays(json!({})));
    assert_eq!(in_quarter, ["exact 10", "exact 20", "exact 5"]);
}
