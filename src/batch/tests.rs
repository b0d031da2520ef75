mod lists;

use super::*;
use crate::Policies;
use crate::eval::{Inputs, evaluate};
use crate::record::from_json;
use crate::value::Period;

const POLICY: &str = "
    record 企业 {
        id : text key
        营收 : money
        投入 : money
        增速 : rate
        层级 : level of 国家级 > 省级 > 市级
        认定日 : date = none
        规上 : bool = no
        设备 : money
        合同 : money = none
    }
    policy P {
        in force 2023-01-01..2025-12-31 by 认定日
        clause 比例 { award 5% of 投入 cap 800万 when 规上 }
        clause 档次 { award by 层级 { 国家级: 50万  省级: 20万  市级: 10万 } }
        clause 分档 { award by 营收 { >= 10亿: 100万  >= 1亿: 30万  otherwise: 1万 } when 增速 >= 10% }
        clause 累进 { award marginal by 投入 { > 1000万: 3%  > 500万: 2%  > 0: 1% } cap 90万 }
        clause 设备奖 { award up to 7% of 设备 floor 1万 when 营收 >= 2000万 and not 规上 }
        clause 净额 { award 营收 / 3 - 投入 less 10万 nothing below 5000元 round up to 1万 when 层级 >= 省级 }
        clause 增长 { award 1% of (营收 - 投入) times 1.5 when 认定日 in 2024 unless 层级 = 市级 }
        clause 合同奖 { award 2% of (合同 or else 设备) + 合同 cap 30万 when 合同 is not none or 营收 >= 1亿 }
        clause 定额 { award 1万元 nothing below 1万元 cap 2万元 when 规上 or 增速 > 0 }
    }
";

fn values(name: &str, at: usize) -> serde_json::Value {
    let of = |all: &[&str]| match all.get(at % all.len()).copied().unwrap_or("") {
        "" => serde_json::Value::Null,
        text => serde_json::json!(text),
    };
    match name {
        "营收" => of(&["0", "2000万", "1999.99万", "1亿", "10亿", "99999.99", "123456789.01", "", "3000亿", "-5万"]),
        "投入" => of(&["0", "500万", "500.01万", "1000万", "1.6亿", "33333.33", "0.005", "", "7万"]),
        "增速" => of(&["10%", "9.99%", "0.1", "-3%", "12.3456%", ""]),
        "层级" => of(&["国家级", "省级", "市级", "", "国家级"]),
        "认定日" => of(&["2024-01-01", "2023-12-31", "2022-12-31", "2025-12-31", "", "2026-01-01", "2024-06-30"]),
        "规上" => of(&["是", "否", "是"]),
        "合同" => of(&["无", "300万", "无", "0", ""]),
        _ => of(&["100万", "7", "14.29", "", "0"]),
    }
}

#[test]
fn both_engines_agree_on_every_record() {
    let policies = Policies::from_text(POLICY);
    assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
    let program = policies.program();
    let main = RecordId(u32::try_from(program.records.iter().position(|record| !record.is_history).unwrap()).unwrap());
    let period = Period::year(2024).unwrap();
    let mut state = 7_usize;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let names = ["营收", "投入", "增速", "层级", "认定日", "规上", "设备", "合同"];
    let records: Vec<Record> = (0..3000)
        .map(|at| {
            let mut object = serde_json::Map::from_iter([("id".to_owned(), serde_json::json!(format!("E{at}")))]);
            for name in names {
                object.insert(name.to_owned(), values(name, next()));
            }
            let value = serde_json::Value::Object(object);
            from_json(program, main, &value, period).unwrap()
        })
        .collect();
    let context = Context::new(program, period, period.last.unwrap(), Inputs::default());
    let mut table = Table::new(Rows::Records(main, &records));
    let plan = Plan::of(&context, &mut table);
    let by_columns = evaluate_all(&context, main, &records);
    for (record, batch) in records.iter().zip(&by_columns) {
        let mut row = evaluate(&context, main, record);
        row.clauses.iter_mut().for_each(|clause| clause.steps = crate::eval::Steps::default());
        assert_eq!(row.clauses, batch.clauses, "{record:?}");
    }
    // Some rows ask the row engine, and most do not.
    let mut results = Results::new(Asking::Totals);
    run(&plan, &table, &mut results);
    let open: usize = results.open.iter().map(Vec::len).sum();
    assert!(open > 0 && open < 3000 * 9 / 2, "{open}");
}
