//! What a settlement hands to history: what is paid, for which item, and the standard before cuts.

use serde_json::{Value as Json, json};

use super::super::{Recipient, payments, settle};
use super::population::paid_row;
use crate::check::program::RecordId;
use crate::eval::{Context, History, Inputs, evaluate, key_of};
use crate::policies::{Basis, Policies};
use crate::record::from_json;
use crate::value::{Number, Period};

/// The payments to one enterprise `E1` who was paid 30元 under 甲 before, each as `clause item standard paid`.
fn paid(head: &str, steps: &str, data: Json) -> Vec<String> {
    let text = format!(
        "record 企业 {{ 编号 : text key   甲额 : money = 0 where >= 0   项目 : list of 项目   散件 : list of 散件 }}
         record 项目 {{ 名称 : text key   设备 : money }}
         record 散件 {{ 价格 : money }}
         policy 例 {{
           {head}
           clause 甲 {{ award 甲额 cap 1000元 }}
           clause 乙 {{ award 设备 for each 项目 cap 1000元 }}
           clause 丙 {{ award 价格 for each 散件 cap 1000元 }}
           settle {{ {steps} }}
         }}"
    );
    let policies = Policies::from_text(&text);
    assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
    let (program, bindings) = policies.bindings(&Basis::of("2024").unwrap()).unwrap();
    let (year, id, yuan) = (Period::year(2024).unwrap(), RecordId(0), Number::from_i64);
    let before = [paid_row("E1", "甲", Period::year(2023).unwrap(), &yuan(30), &yuan(30))];
    let history = History::new(&program, &before);
    let inputs = Inputs { bindings, history: Some(&history), ..Inputs::default() };
    let context = Context::new(&program, year, year.last.unwrap(), inputs);
    let mut data = data;
    data["编号"] = json!("E1");
    let record = from_json(&program, id, &data, year).unwrap();
    let result = evaluate(&context, id, &record);
    let mut all = [Recipient::new(id, &record, key_of(&program, id, &record), result)];
    settle(&context, &mut all);
    let told = |one: super::super::Payment| {
        let clause = &program.clauses[one.clause.index()].name;
        format!("{clause} {} {} {}", one.item.unwrap_or_default(), one.standard, one.paid)
    };
    payments(&context, &all[0]).made.into_iter().map(told).collect()
}

#[test]
fn the_standard_is_the_amount_before_cuts() {
    let hundred = || json!({ "甲额": 100 });
    assert_eq!(paid("", "", hundred()), ["甲  100 100"]);
    assert_eq!(paid("", "budget 50元 for 甲 pro rata", hundred()), ["甲  100 50"]);
    assert_eq!(paid("", "limit 甲 to 40元", hundred()), ["甲  100 40"]);
    assert_eq!(paid("funded by 市级 100% (cap 20元)", "", hundred()), ["甲  100 20"]);
    // A modifier of the settlement is part of the standard.
    assert_eq!(paid("", "times 50% for 甲\n budget 40元 for 甲 pro rata", hundred()), ["甲  50 40"]);
    assert_eq!(paid("", "budget 50元 for 甲 pro rata\n floor 70元 for 甲", hundred()), ["甲  100 70"]);
    assert_eq!(paid("", "budget 50元 for 甲 pro rata\n floor 120元 for 甲", hundred()), ["甲  120 120"]);
}

#[test]
fn topping_up_in_the_settlement_is_no_part_of_the_standard() {
    assert_eq!(paid("", "topping up for 甲", json!({ "甲额": 100 })), ["甲  100 70"]);
}

#[test]
fn items_share_what_is_paid_and_the_standard() {
    let items =
        || json!({ "项目": [{ "名称": "a", "设备": 60 }, { "名称": "b", "设备": 40 }, { "名称": "c", "设备": 0 }] });
    assert_eq!(paid("", "", items()), ["乙 a 60 60", "乙 b 40 40"]);
    assert_eq!(paid("", "budget 10元 for 乙 pro rata", items()), ["乙 a 60 6", "乙 b 40 4"]);
    assert_eq!(paid("", "budget 0.05元 for 乙 pro rata", items()), ["乙 a 60 0.03", "乙 b 40 0.02"]);
    // Items without a key are one payment.
    let alike = json!({ "散件": [{ "价格": 60 }, { "价格": 40 }] });
    assert_eq!(paid("", "budget 10元 for 丙 pro rata", alike), ["丙  100 10"]);
}
