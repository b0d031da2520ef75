//! Lists and the history: both engines come to the same, and the row engine is asked of few.

use serde_json::{Value as Json, json};

use super::super::*;
use crate::Policies;
use crate::check::program::Program;
use crate::eval::{Context, History, Inputs, evaluate};
use crate::record::{Record, from_json};
use crate::value::Period;

const FACTS: &str = "
    record 企业 {
        id : text key
        区县 : one of 东区, 西区
        规上 : bool = no
        预算 : money
        层级 : level of 国家级 > 省级 > 市级
        订单 : list of 订单
        let 大单 = (订单 where 金额 >= 100万)
        let 门槛 = max(预算, 10万)
    }
    record 订单 {
        号 : text key
        金额 : money
        数量 : count = none
        签订 : date
        等级 : level of 甲 > 乙
        已落地 : bool
        类别 : text
        let 基数 = min(金额, 1000万)
    }
";

const LISTS: &str = "
    policy P {
        clause 总额 { award 1% of (sum 金额 over 订单) cap 50万 }
        clause 大额 { award 2% of (sum 金额 over 大单) when any 订单 where 已落地 and 金额 > 企业.预算 }
        clause 个数 { award 1000元 of (count (订单 where 已落地 or 等级 = 甲)) unless every 订单 has 已落地 }
        clause 最大 { award 3% of ((max 金额 over 订单) or else 5万) + (min 数量 over 订单 or else 1) * 7元 }
        clause 平均 { award 10% of ((average 基数 over (订单 where 签订 in 2024)) or else 1万) round down to 元 }
        clause 首末 { award 5万 when (max 签订 over 订单) >= 2024-06-30 and (min 签订 over 订单) < 2024-01-01 }
        clause 级别 { award by (max 等级 over 订单) { 甲: 3万  乙: 1万 } }
        clause 每单 { award 5% of 基数 / 3 for each (订单 where 已落地) cap 20万 each less 1万 each cap 90万 }
        clause 每单上限 { award up to by 等级 { 甲: 3万, 乙: 1万 } for each (top 2 of 订单 by 金额) floor 1万 when 规上 }
        clause 前几 { award 1% of (sum 金额 over (top 3 of (订单 where 金额 > 门槛) by 等级 asc)) }
        clause 类别 { award 1000元 for each (订单 where 类别 = \"软件\" and 企业.区县 = 东区) }
    }
";

const HISTORY: &str = "
    policy P {
        in force 2022-01-01..2025-12-31
        clause 累计 { award 5% of 预算 cap 30万 cumulative }
        clause 一次 { award 3万 once with 累计 }
        clause 晋档 { award by 层级 { 国家级: 50万, 省级: 20万, 市级: 10万 } topping up }
        clause 晋档已发 { award by 层级 { 国家级: 50万, 省级: 20万, 市级: 10万 } topping up on paid with 晋档 }
        clause 已发 { award 1% of 预算 less paid }
        clause 另发 { award 4万 when paid under (累计, 晋档) < 20万 and (count (history where 已发放 > 0)) < 3 }
        clause 近年 { award 10% of (sum 已发放 over (history where 日期 >= 2023-06-30 and 条款 = \"累计\")) }
        clause 每单累计 { award 5% of 金额 for each 订单 cap 10万 cumulative each }
        clause 每单一次 { award 1000元 for each 订单 once each }
        clause 每单以前 { award 10% of 金额 for each (订单 where paid under (每单累计) > 0) }
        clause 首批 { award by 等级 { 甲: 3万, 乙: 1万 } for each 订单 once }
    }
";

/// Numbers of which each depends on all before.
struct Drawn(usize);

impl Drawn {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    /// One of these; now and then unknown.
    fn of(&mut self, all: &[&str], unknown: usize) -> Json {
        let at = self.next(all.len() + unknown);
        all.get(at).map_or(Json::Null, |text| json!(text))
    }
}

fn enterprise(drawn: &mut Drawn, at: usize, unknown: usize) -> Json {
    let order = |drawn: &mut Drawn, place: usize| {
        json!({
            "号": format!("E{at}-{place}"),
            "金额": drawn.of(&["0", "100万", "99.99万", "100.01万", "1200万", "333.33", "7万", "-3万", "5万", "250万"], unknown),
            "数量": drawn.of(&["1", "2", "5", "无"], unknown),
            "签订": drawn.of(&["2024-06-30", "2023-12-31", "2024-01-01", "2022-05-01", "2024-12-31"], unknown),
            "等级": drawn.of(&["甲", "乙", "无", "乙"], unknown),
            "已落地": drawn.of(&["是", "否", "是"], unknown),
            "类别": drawn.of(&["软件", "设备"], unknown),
        })
    };
    let orders: Vec<Json> = (0..drawn.next(5)).map(|place| order(drawn, place)).collect();
    let mut one = json!({
        "id": format!("E{at}"),
        "区县": drawn.of(&["东区", "西区"], unknown),
        "规上": drawn.of(&["是", "否"], 0),
        "预算": drawn.of(&["0", "50万", "600万", "33333.33", "20万"], unknown),
        "层级": drawn.of(&["国家级", "省级", "市级", "无"], unknown),
        "订单": orders,
    });
    if unknown > 0 && drawn.next(20) == 0 {
        one["订单"] = Json::Null;
    }
    one
}

fn payments(drawn: &mut Drawn, rows: usize, unknown: usize) -> Vec<Json> {
    let clauses = ["累计", "一次", "晋档", "晋档已发", "已发", "每单累计", "每单一次", "首批", "别的"];
    let payment = |drawn: &mut Drawn| {
        let at = drawn.next(rows);
        json!({
            "recipient": format!("E{at}"),
            "policy": drawn.of(&["P", "P", "旧"], 0),
            "clause": drawn.of(&clauses, 0),
            "item": json!(format!("E{at}-{}", drawn.next(3))),
            "row": drawn.of(&["国家级", "省级", "市级", "甲", "乙"], 1),
            "date": drawn.of(&["2021-05-01", "2023-03-01", "2023-07-01", "2024-02-01", "2024-12-31", "2025-01-01"], unknown),
            "standard": drawn.of(&["10万", "20万", "1.5万", "0"], 0),
            "paid": drawn.of(&["10万", "8万", "15000.01", "0", "1000"], 0),
        })
    };
    (0..rows / 2).map(|_| payment(drawn)).collect()
}

fn main_record(program: &Program) -> RecordId {
    RecordId(u32::try_from(program.records.iter().position(|record| !record.is_history).unwrap()).unwrap())
}

/// The share of clauses of records of which the row engine is asked, both engines having come to the same.
fn asked(policy: &str, unknown: usize, with_history: bool) -> f64 {
    const ROWS: usize = 1200;
    let policies = Policies::from_text(&format!("{FACTS}{policy}"));
    assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
    let program = policies.program();
    let main = main_record(program);
    let period = Period::year(2024).unwrap();
    let mut drawn = Drawn(11);
    let read = |id, value: &Json| from_json(program, id, value, period).unwrap();
    let records: Vec<Record> = (0..ROWS).map(|at| read(main, &enterprise(&mut drawn, at, unknown))).collect();
    let paid: Vec<Record> =
        payments(&mut drawn, ROWS, unknown).iter().map(|row| read(program.history(), row)).collect();
    let history = History::new(program, &paid);
    let inputs = Inputs { history: with_history.then_some(&history), ..Inputs::default() };
    let context = Context::new(program, period, period.last.unwrap(), inputs);
    for (record, by_columns) in records.iter().zip(evaluate_all(&context, main, &records)) {
        let mut by_rows = evaluate(&context, main, record);
        by_rows.clauses.iter_mut().for_each(|clause| clause.steps = crate::eval::Steps::default());
        assert_eq!(by_rows.clauses, by_columns.clauses, "{record:?}");
    }
    let mut table = Table::new(Rows::Records(main, &records));
    let plan = Plan::of(&context, &mut table);
    let mut results = Results::new(Asking::Amounts);
    run(&plan, &table, &mut results);
    for (clause, open) in plan.clauses.iter().zip(&results.open) {
        let name = &program.clauses[clause.index()].name;
        println!("{name}: {} of {ROWS} rows are asked of the row engine", open.len());
    }
    let open: usize = results.open.iter().map(Vec::len).sum();
    open as f64 / (ROWS * plan.clauses.len()) as f64
}

#[test]
fn lists_are_columns_where_everything_is_known() {
    // Awards below 0, ties and quotients without an end.
    let asked = asked(LISTS, 0, false);
    assert!(asked < 0.12, "{asked}");
}

#[test]
fn lists_with_unknown_items_come_to_the_same() {
    let asked = asked(LISTS, 1, false);
    assert!(asked > 0.05 && asked < 0.6, "{asked}");
}

#[test]
fn the_history_is_columns_where_everything_is_known() {
    let asked = asked(HISTORY, 0, true);
    assert!(asked < 0.08, "{asked}");
}

#[test]
fn the_history_with_unknown_facts_comes_to_the_same() {
    let asked = asked(HISTORY, 1, true);
    assert!(asked > 0.02 && asked < 0.6, "{asked}");
}

#[test]
fn of_a_history_that_is_not_there_the_row_engine_is_asked() {
    assert!(asked(HISTORY, 0, false) > 0.5);
}
