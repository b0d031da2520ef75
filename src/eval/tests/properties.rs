//! Laws that hold for every policy and every record.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::{Given, given};
use crate::eval::{ClauseResult, Status};
use crate::value::Number;

/// Policies over the facts that are made up below.
const POLICIES: [&str; 12] = [
    "award 5% of 投资额 cap 800万 when 增资扩产",
    "award up to 10% of 投资额 cap 50万 floor 1万 unless 甲",
    "award by 绿色工厂 { 国家级: 50万, 省级: 20万, 市级: 0 } when newly 绿色工厂",
    "award by 投资额 { >= 2亿: 20万, > 1亿: 10万, >= 5000万: 5万 } times 0.5 nothing below 2万",
    "award marginal by 投资额 { >= 100万: 1%, >= 1000万: 2%, >= 1亿: 3% } cap 300万",
    "award slab by 投资额 { >= 100万: 1%, >= 1000万: 2%, >= 1亿: 3% } less 3万 cap 300万",
    "award 10% of 设备 for each (项目 where 新建) cap 50万 each cap 90万",
    "award 1万 * 人数 + 2% of (sum 金额 over (订单 where 已落地 or 甲)) cap 100万 when 评分 >= 60",
    "award by { 甲 and 乙: 10万, 甲: 5万 + 1% of 投资额, otherwise: min(投资额, 2万) }",
    "award 投资额 / 人数 or else 7 cap 3万 when 甲 or 行业 in (制造, 软件)",
    "award (max 金额 over 订单) or else 3 cap 40万 during 2023..2024 by 签约日期",
    "award 投资额 * (投资额 / 利润) cap 1000万 round up to 万元 when not (甲 and 乙) and 绿色工厂 >= 市级",
];

fn cell(known: impl Strategy<Value = Json> + 'static) -> impl Strategy<Value = Json> {
    prop_oneof![3 => known, 1 => Just(Json::Null)]
}

fn amount() -> impl Strategy<Value = Json> {
    let bounds =
        prop::sample::select(vec![0_i64, 1, 999_999, 1_000_000, 10_000_000, 50_000_000, 100_000_000, 200_000_000]);
    prop_oneof![bounds.prop_map(|n| json!(n)), (0_i64..300_000_000).prop_map(|n| json!(n))]
}

fn yes_or_no() -> impl Strategy<Value = Json> {
    any::<bool>().prop_map(|yes| json!(yes))
}

fn day() -> impl Strategy<Value = Json> {
    prop::sample::select(vec!["2022-12-31", "2023-01-01", "2024-01-01", "2024-06-30", "2024-12-31", "2025-01-01"])
        .prop_map(|d| json!(d))
}

fn order() -> impl Strategy<Value = Json> {
    (cell(amount()), cell(yes_or_no())).prop_map(|(amount, landed)| json!({ "金额": amount, "已落地": landed }))
}

fn project() -> impl Strategy<Value = Json> {
    (cell(amount()), cell(yes_or_no())).prop_map(|(amount, new)| json!({ "设备": amount, "新建": new }))
}

fn level() -> impl Strategy<Value = Json> {
    prop::sample::select(vec!["国家级", "省级", "市级", "无"]).prop_map(|level| json!(level))
}

/// A record, some cells of which are not known.
fn record() -> impl Strategy<Value = Json> {
    let numbers = (
        cell(amount()),
        cell((-5_i64..5).prop_map(|n| json!(n))),
        cell((0_i64..=100).prop_map(|n| json!(n))),
        cell((0_i64..50).prop_map(|n| json!(n))),
    );
    let flags = (cell(yes_or_no()), cell(yes_or_no()), cell(yes_or_no()));
    let codes = (
        cell(level()),
        cell(prop::sample::select(vec!["制造", "软件", "其他"]).prop_map(|v| json!(v))),
        cell(day()),
        cell(day()),
    );
    let lists = (
        cell(prop::collection::vec(order(), 0..4).prop_map(Json::from)),
        cell(prop::collection::vec(project(), 0..4).prop_map(Json::from)),
    );
    (numbers, flags, codes, lists).prop_map(|(n, f, c, l)| {
        json!({ "投资额": n.0, "利润": n.1, "评分": n.2, "人数": n.3, "增资扩产": f.0, "甲": f.1, "乙": f.2,
                "绿色工厂": c.0, "行业": c.1, "认定日期": c.2, "签约日期": c.3, "订单": l.0, "项目": l.1 })
    })
}

/// The record with what is not known filled from another; lists by item.
fn filled(record: &Json, from: &Json) -> Json {
    match (record, from) {
        (Json::Null, from) => from.clone(),
        (Json::Object(record), Json::Object(from)) => {
            let fill =
                |(name, value): (&String, &Json)| (name.clone(), filled(value, from.get(name).unwrap_or(&Json::Null)));
            Json::Object(record.iter().map(fill).collect::<Map<_, _>>())
        }
        (Json::Array(items), Json::Array(from)) => {
            items.iter().enumerate().map(|(at, item)| filled(item, from.get(at).unwrap_or(&Json::Null))).collect()
        }
        (record, _) => record.clone(),
    }
}

fn result(case: &Given, data: &Json) -> ClauseResult {
    case.result(data.clone()).clauses.remove(0)
}

fn lies_within(inner: &ClauseResult, outer: &ClauseResult) -> bool {
    let above = inner.full_lowest >= outer.full_lowest && inner.lowest >= outer.lowest;
    let below = match (&inner.highest, &outer.highest) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner <= outer,
    };
    above && below
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn amounts_lie_between_their_bounds(at in 0..POLICIES.len(), data in record()) {
        let case = given(POLICIES[at]);
        let one = result(&case, &data);
        prop_assert!(!one.lowest.is_negative());
        prop_assert!(one.lowest <= one.full_lowest);
        if let Some(highest) = &one.highest {
            prop_assert!(one.full_lowest <= *highest);
        }
        if let Some(amount) = &one.amount {
            prop_assert!(one.missing.is_empty() && one.pending.is_empty());
            prop_assert_eq!(Some(amount), one.highest.as_ref());
        }
        prop_assert_eq!(one.amount.is_none(), matches!(one.status, Status::Unknown | Status::Pending));
        if one.status == Status::Unknown {
            prop_assert!(!one.missing.is_empty() || !one.faults.is_empty());
        }
        if at == 0 {
            prop_assert!(one.highest.is_some_and(|highest| highest <= Number::from_i64(8_000_000)));
        }
    }

    #[test]
    fn making_an_unknown_known_lands_within_the_bounds(at in 0..POLICIES.len(), data in record(), more in record()) {
        let case = given(POLICIES[at]);
        let open = result(&case, &data);
        let known = filled(&data, &more);
        let closer = result(&case, &known);
        prop_assert!(lies_within(&closer, &open), "{}\n{data}\n{open:#?}\n{known}\n{closer:#?}", POLICIES[at]);
        if matches!(open.status, Status::NotEligible | Status::NotInForce | Status::Exact | Status::UpTo) {
            prop_assert_eq!(open.amount, closer.amount);
        }
    }

    #[test]
    fn tracing_changes_no_result(at in 0..POLICIES.len(), data in record()) {
        let case = given(POLICIES[at]);
        let record = case.record(case.recipient(), &data);
        let run = |tracing| case.with(tracing, |context| crate::eval::evaluate(context, case.recipient(), &record));
        let (without, with) = (run(crate::eval::Tracing::Off), run(crate::eval::Tracing::On));
        prop_assert_eq!(&without.clauses[0].amount, &with.clauses[0].amount);
        prop_assert_eq!(without.clauses[0].status, with.clauses[0].status);
        prop_assert_eq!(&without.clauses[0].missing, &with.clauses[0].missing);
    }
}
