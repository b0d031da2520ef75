//! Sums of a report against each other, budgets by group and by payer, and what is open.

use serde_json::{Value as Json, json};

use super::{BudgetRow, Figure, Report, Totals, ValueState};
use crate::diagnostic::{Language, Renderer};
use crate::policies::{Basis, Policies};

const RECORD: &str = "record 企业 {
  编号 : text key
  区县 / district : one of 东湖区, 西湖区, 高新区
  投资额 : money where >= 0
  扩产 : bool = no
  规模 : level of 大型 > 小型
  集团 : text = none
  let 大项目 = 投资额 >= 100万
}
";

fn report(policy: &str, rows: &[Json], by: &[&str]) -> Report {
    let policies = Policies::from_text(&format!("{RECORD}{policy}"));
    assert!(!policies.has_errors(), "{}", policies.render(Language::English));
    let evaluation = policies.evaluation(&Basis::of("2024").unwrap()).unwrap();
    evaluation.all_with_report(rows, by).unwrap().1
}

fn firm(key: &str, district: Option<&str>, invested: Option<&str>) -> Json {
    json!({ "编号": key, "区县": district, "投资额": invested, "扩产": true })
}

fn known(figure: &Figure) -> String {
    figure.known.as_ref().unwrap().to_yuan()
}

fn left(row: &BudgetRow) -> String {
    known(row.left.as_ref().unwrap())
}

/// Settled, lowest and highest of rows together.
fn all<'t>(rows: impl Iterator<Item = &'t Totals>) -> (String, String, Option<String>) {
    let sum = Totals::sum(rows);
    (sum.settled.to_yuan(), sum.lowest.to_yuan(), sum.highest.map(|highest| highest.to_yuan()))
}

#[test]
fn totals_of_every_kind_add_up_to_the_same() {
    let policy = "policy P {
      funded by 市级 60%, 县区 the rest
      article \"一\" 扩产 {
        clause 投资 { award 10% of 投资额 cap 20万 when 扩产 }
        clause 裁量 { award up to 5% of 投资额 cap 10万 }
      }
      article \"二\" 规模 { clause 升级 { award by 规模 { 大型: 8万, 小型: 3.01元 } } }
      settle { limit total to 25万 pro rata }
    }";
    let mut city = [
        firm("A", Some("东湖区"), Some("50万")),
        firm("B", Some("西湖区"), Some("1234567.89")),
        firm("C", Some("东湖区"), Some("3333333.33")),
        firm("D", None, Some("70万")),
    ];
    for (row, size) in city.iter_mut().zip(["大型", "小型", "大型", "无"]) {
        row["规模"] = json!(size);
    }
    let report = report(policy, &city, &["district", "大项目"]);
    assert_eq!((report.total.receive, report.recipients), (4, 4), "each recipient is counted once");
    let total = all([&report.total].into_iter());
    assert_eq!(all(report.clauses.iter().map(|row| &row.totals)), total);
    assert_eq!(all(report.articles.iter().map(|row| &row.totals)), total);
    assert_eq!(all(report.by[0].rows.iter().map(|row| &row.totals)), total);
    assert_eq!(all(report.by[1].rows.iter().map(|row| &row.totals)), total);
    assert_eq!(all(report.payers.iter().map(|row| &row.totals)).0, total.0, "what is settled is shared to the fen");
    assert!(report.payers_open.is_zero());
    assert_eq!(report.articles.len(), 2);
    let names: Vec<_> = report.by[0].rows.iter().map(|row| row.value.as_deref().unwrap_or(row.state.word())).collect();
    assert_eq!(names, ["东湖区", "西湖区", "unknown"], "few values stand as declared, unknown last");
    assert!(report.budgets.is_empty() && report.open.recipients == 0);
}

#[test]
fn a_budget_for_each_district_tells_every_pool() {
    let rows = [
        firm("A", Some("东湖区"), Some("100万")),
        firm("B", Some("东湖区"), Some("200万")),
        firm("C", Some("西湖区"), Some("50万")),
    ];
    let policy = "policy P {
      clause 投资 { award 10% of 投资额 }
      settle {
        budget 20万 per 区县 pro rata
        limit total to 4万
      }
    }";
    let report = report(policy, &rows, &[]);
    let [east, west] = report.budgets.as_slice() else { panic!("a row a district: {:?}", report.budgets) };
    // 30万 for 20万: 2/3 each. What the later limit takes away is left in the pool.
    assert_eq!((east.group.as_deref(), east.cut, east.reaches), (Some("东湖区"), 2, Some(false)));
    assert_eq!([known(&east.wanted), known(&east.paid), left(east)], ["300000.00", "80000.00", "120000.00"]);
    assert_eq!((east.how, east.factor.as_deref()), (Some("pro rata"), Some("0.666667")));
    assert_eq!((west.group.as_deref(), west.cut, west.reaches), (Some("西湖区"), 0, Some(true)));
    assert_eq!([known(&west.wanted), known(&west.paid), left(west)], ["50000.00", "40000.00", "160000.00"]);
    assert_eq!(west.how, None);
}

#[test]
fn who_has_no_district_may_draw_on_any_pool() {
    let rows = [firm("A", Some("东湖区"), Some("100万")), firm("B", None, Some("50万"))];
    let policy = "policy P { clause 投资 { award 10% of 投资额 } settle { budget 20万 per 区县 pro rata } }";
    let report = report(policy, &rows, &[]);
    let [east, unknown] = report.budgets.as_slice() else { panic!("two rows: {:?}", report.budgets) };
    let bounds = east.left.as_ref().unwrap();
    assert_eq!([bounds.lowest.to_yuan(), bounds.highest.as_ref().unwrap().to_yuan()], ["50000.00", "100000.00"]);
    assert_eq!((unknown.group_state, unknown.room.as_ref()), (Some(ValueState::Unknown), None));
    assert_eq!(known(&unknown.wanted), "50000.00");
}

#[test]
fn a_budget_from_a_payer_counts_its_shares_only() {
    let rows = [firm("A", Some("东湖区"), Some("100万")), firm("B", Some("西湖区"), Some("200万"))];
    let policy = "policy P {
      funded by 市级 60%, 县区 the rest
      clause 投资 { award 10% of 投资额 }
      settle { budget 9万 from 市级 pro rata }
    }";
    let report = report(policy, &rows, &[]);
    let [budget] = report.budgets.as_slice() else { panic!("one budget") };
    assert_eq!(budget.payer.as_deref(), Some("市级"));
    assert_eq!([known(&budget.wanted), known(&budget.paid), left(budget)], ["180000.00", "90000.00", "0.00"]);
    assert_eq!((budget.cut, budget.factor.as_deref()), (2, Some("0.5")));
    let paid: Vec<_> = report.payers.iter().map(|row| (row.payer.as_deref(), row.totals.settled.to_yuan())).collect();
    assert_eq!(paid, [(Some("市级"), "90000.00".into()), (Some("县区"), "120000.00".into()), (None, "0.00".into())]);
    assert_eq!(report.total.settled.to_yuan(), "210000.00");
}

#[test]
fn what_is_open_is_told_with_its_effect_on_the_budget() {
    let rows = [
        firm("A", Some("东湖区"), Some("100万")),
        firm("B", None, None),
        firm("C", None, None),
        json!({ "编号": "D", "投资额": "10万", "扩产": true, "规模": "大型" }),
    ];
    let policy = "policy P {
      clause 投资 { award 10% of 投资额 cap 20万 }
      clause 规模奖 { award pending \"规模奖标准\" when 规模 = 大型 }
      settle { budget 60万 for 投资 }
    }";
    let report = report(policy, &rows, &["区县"]);
    let open = &report.open;
    assert_eq!((open.recipients, open.highest.to_yuan(), open.unbounded), (4, "400000.00".into(), 4));
    let causes: Vec<_> =
        open.causes.iter().map(|cause| (cause.what.as_str(), cause.kind.word(), cause.recipients)).collect();
    assert_eq!(causes, [("规模奖标准", "pending", 4), ("规模", "unknown", 3), ("投资额", "unknown", 2)]);
    assert_eq!(open.causes[2].highest.as_ref().unwrap().to_yuan(), "400000.00");
    let [budget] = report.budgets.as_slice() else { panic!("one budget") };
    assert_eq!(budget.open_wanted.as_ref().unwrap().to_yuan(), "400000.00");
    assert_eq!(left(budget), "490000.00");
    assert_eq!((budget.reaches, budget.cut, budget.open), (Some(true), 0, 0));
    assert_eq!((report.total.unknown, report.total.pending), (3, 1));
    assert_eq!(report.total.highest, None);
}

#[test]
fn a_shortage_without_a_rule_is_open_in_the_budget() {
    let rows = [firm("A", None, Some("100万")), firm("B", None, Some("100万"))];
    let report = report("policy P { clause 投资 { award 10% of 投资额 } settle { budget 15万 } }", &rows, &[]);
    let [budget] = report.budgets.as_slice() else { panic!("one budget") };
    assert_eq!((budget.how, budget.open, budget.reaches), (Some("undecided"), 2, Some(false)));
    assert_eq!(budget.paid.highest.as_ref().unwrap().to_yuan(), "150000.00", "all together no more than there is");
    assert!(report.open.causes.iter().any(|cause| cause.what.contains("不够时由谁承担")), "{:?}", report.open.causes);
}

#[test]
fn who_stands_alone_is_told_together() {
    let rows = [firm("A", Some("东湖区"), Some("10万")), firm("B", None, Some("10万")), firm("C", None, Some("20万"))];
    let policy = "policy P { clause 投资 { award 10% of 投资额 } settle { budget 15000元 per 集团 pro rata } }";
    let report = report(policy, &rows, &["集团"]);
    let [row] = report.budgets.as_slice() else { panic!("one row: {:?}", report.budgets) };
    assert_eq!((row.pools, row.cut, known(&row.paid)), (3, 1, "35000.00".into()));
    assert_eq!(report.by[0].rows[0].state, ValueState::None);
}

#[test]
fn a_budget_for_each_item_tells_what_the_items_are_paid() {
    let record = "record 企业 { 项目 : list of 项目 }
      record 项目 { 项目号 : text key  费用 : money }
      ";
    let policy = "policy P {
      clause 补助 { award 费用 for each 项目 cap 10万 }
      settle { budget 8万 per 项目 pro rata }
    }";
    let firm = |key: &str, items: Json| json!({ "编号": key, "项目": items });
    let rows = [
        firm("A", json!([{ "项目号": "X", "费用": "6万" }])),
        firm("B", json!([{ "项目号": "X", "费用": "10万" }, { "项目号": "Y", "费用": "7万" }])),
    ];
    let report = report(&format!("{record}{policy}"), &rows, &[]);
    let [first, second] = report.budgets.as_slice() else { panic!("a row an item: {:?}", report.budgets) };
    let (x, y) = if first.group.as_deref() == Some("X") { (first, second) } else { (second, first) };
    assert_eq!((known(&x.wanted), x.cut, x.reaches), ("160000.00".into(), 2, Some(false)));
    // B's cap leaves 10万 for 5万 and 7万: how much of it is for X lies between.
    assert_eq!([x.paid.lowest.to_yuan(), x.paid.highest.as_ref().unwrap().to_yuan()], ["60000.00", "80000.00"]);
    assert_eq!((known(&y.wanted), y.cut, y.reaches), ("70000.00".into(), 0, Some(true)));
    assert_eq!(report.total.settled.to_yuan(), "130000.00");
}

#[test]
fn an_unknown_fact_is_refused_with_a_near_name() {
    let policies = Policies::from_text(&format!("{RECORD}clause 甲 {{ award 1万 }}"));
    let evaluation = policies.evaluation(&Basis::of("2024").unwrap()).unwrap();
    let wrong = evaluation.all_with_report(&[firm("A", None, None)], &["区长"]).unwrap_err();
    let told = Renderer::new(Language::Chinese).render(policies.sources(), &wrong);
    assert!(told.contains("区长") && told.contains("区县"), "{told}");
}
