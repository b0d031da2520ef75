//! Texts of any length and one enterprise, made up.
//!
//! In: how many clauses. Out: a policy in articles of four clauses, every other article in
//! the other language, with rates, levels, brackets, conditions, windows, caps and derived
//! facts, about 120 bytes a clause; and a dozen clauses with a record that meets them.

use std::fmt::Write;

/// What the clauses ask of an enterprise.
const FACTS: &str = "
unit 吨标煤 / tce
record 企业 / enterprise {
  统一社会信用代码 / id : text key
  区县 / district : one of 东湖区, 西湖区, 高新区
  固定资产投资额 / capex : money where >= 0
  营业收入 / sales : money per year
  研发投入 / research : money where >= 0
  设备投资 / equipment : money where >= 0
  增资扩产 / expanding : bool = no
  规上企业 / above_scale : bool
  节能量 / saved : quantity in 吨标煤
  绿色工厂 / green : level of 国家级 > 省级 > 市级 dated 绿色工厂认定日期
  绿色工厂认定日期 / green_since : date
  投产日期 / started : date
}
";

/// The forms of a Chinese clause; `#` stands for a number and `@` for letters of its own.
const CHINESE: [&str; 6] = [
    "奖补 固定资产投资额的5%，最高#万元，当 增资扩产 且 营业收入 超过 2000万元",
    "奖励 按 绿色工厂 { 国家级: 50万, 省级: 20万, 其余: 0 }，当 规上企业",
    "奖励 按 营业收入 { >= 2亿: #万, >= 1亿: 10万, >= 5000万: 5万 }，最高 200万",
    "补助 设备投资的10%，扣除 5万元，最高#万元，当 设备投资 达到 500万元",
    "奖励 400元/吨标煤 of 节能量，最高#万元，除非 区县 = 高新区",
    "令 基数_@ = 研发投入 - 100万，奖补 基数_@的8%，最高 300万，当 规上企业",
];

/// The forms of an English clause.
const ENGLISH: [&str; 6] = [
    "award 5% of capex cap #万 when expanding and sales > 2000万 and district in (东湖区, 西湖区)",
    "award by green { 国家级: #万, 省级: 20万, otherwise: 0 } when newly green",
    "award marginal by sales { >= 1亿: 0.05%, >= 5亿: 0.08%, >= 10亿: 0.1% } cap #万",
    "award 10% of equipment less 5万 cap #万 when equipment between 500万 and 1亿",
    "award up to #万 when above_scale during 2023-01-01..2025-12-31 by started",
    "let base_@ = research - 100万  award 8% of base_@ cap 300万 unless district = 高新区",
];

/// A policy of so many clauses.
pub fn policy(clauses: usize) -> String {
    let mut text = String::from(FACTS);
    text.push_str("policy 先进制造业 {\n  in force 2023-01-01..2025-12-31\n  eligible when 营业收入 > 0\n}\n");
    for number in 0..clauses {
        let (article, place) = (number / 4, number % 4);
        let chinese = article % 2 == 0;
        if place == 0 {
            let _ = if chinese {
                writeln!(text, "条 \"{article}\" 支持发展 {{\n  牵头 市工信局, 市财政局")
            } else {
                writeln!(text, "article \"{article}\" growth {{\n  lead 市工信局, 市财政局")
            };
        }
        let forms = if chinese { CHINESE } else { ENGLISH };
        let form = forms[(number / 8 * 4 + place) % forms.len()]
            .replace('#', &(number + 10).to_string())
            .replace('@', &letters(number));
        let word = if chinese { "款" } else { "clause" };
        let _ = writeln!(text, "  {word} 奖_{} {{ {form} }}", letters(number));
        if place == 3 || number + 1 == clauses {
            text.push_str("}\n");
        }
    }
    text
}

/// A number in letters: digits end an unquoted Chinese name.
fn letters(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or(0)));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

/// A dozen clauses of every kind, each of which pays the enterprise.
pub fn dozen() -> String {
    policy(0)
        + "
award 5% of capex cap 800万 when expanding and sales > 2000万
award by green { 国家级: 50万, 省级: 20万, otherwise: 0 }
award by sales { >= 2亿: 20万, >= 1亿: 10万, >= 5000万: 5万 }
award marginal by sales { >= 1亿: 0.05%, >= 5亿: 0.08%, >= 10亿: 0.1% }
award 20万 when above_scale and district in (东湖区, 西湖区)
award 400元/吨标煤 of saved cap 200万
award 10% of equipment less 5万 cap 100万 when equipment >= 500万
award min(3% of equipment, 2% of sales, 50万) unless district = 高新区
award slab by capex { >= 1亿: 3%, >= 5000万: 2% } cap 500万
award 8% of (research - 100万) cap 300万 when research > 100万
award up to 50万 during 2023-01-01..2025-12-31 by started
award 30万 when newly green or capex >= 2亿
"
}

/// The enterprise.
pub fn enterprise() -> serde_json::Value {
    serde_json::json!({
        "id": "E001", "district": "东湖区", "capex": "1.2亿", "sales": { "2024": "6亿" }, "research": "2345.67万",
        "equipment": "1234万", "expanding": true, "above_scale": true, "saved": "1234.5",
        "green": "省级", "green_since": "2024-05-01", "started": "2024-03-15"
    })
}
