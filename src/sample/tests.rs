use std::path::{Path, PathBuf};

use super::{Sampler, Settings};
use crate::eval::{Context, Inputs, Status, evaluate};
use crate::{Basis, Policies};

const POLICIES: [(&str, &str); 7] = [
    ("南昌先进制造业/policy.hq", "2024"),
    ("南昌稳生产/policy.hq", "2023Q3"),
    ("南昌两项政策/policy.hq", "2023"),
    ("龙南技改/policy.hq", "2024"),
    ("萍乡智能制造/policy.hq", "2023"),
    ("武进2024/policy.hq", "2024"),
    ("南昌先进制造业/policy.hq", "2025"),
];

fn policies(name: &str) -> Policies {
    let file = PathBuf::from("policies").join(name);
    Policies::from_files(&[file], Path::new("."), &|path| std::fs::read(path))
}

fn settings(rows: u64) -> Settings {
    Settings { rows, seed: 7, ..Settings::default() }
}

#[test]
fn each_clause_is_met_by_some_and_missed_by_others() {
    for (name, period) in POLICIES {
        let policies = policies(name);
        let basis = Basis::of(period).unwrap();
        let sampler = Sampler::new(&policies, &basis, settings(2000)).unwrap();
        let program = sampler.program();
        let population = sampler.population();
        let inputs = Inputs { population: Some(&population), ..Inputs::default() };
        let context = Context::new(program, basis.period, basis.date, inputs);
        let mut met = vec![0; program.clauses.len()];
        let mut missed = vec![0; program.clauses.len()];
        for (id, _) in sampler.types() {
            for record in population.of(id) {
                for result in evaluate(&context, id, record).clauses {
                    let at = result.clause.index();
                    let each = program.clauses[at].for_each.is_some();
                    let gets = !each || result.highest.as_ref().is_none_or(|most| most.is_positive());
                    match result.status > Status::NotEligible && gets {
                        true => met[at] += 1,
                        false => missed[at] += 1,
                    }
                }
            }
        }
        for (at, clause) in program.clauses.iter().enumerate() {
            println!("{name} {}: {} met, {} missed", clause.name, met[at], missed[at]);
        }
        for (at, clause) in program.clauses.iter().enumerate() {
            assert!(met[at] > 0 && missed[at] > 0, "{name} {}: {} met, {} missed", clause.name, met[at], missed[at]);
        }
    }
}

/// The values of a fact in everybody's records, as text.
fn values(sampler: &Sampler, fact: &str) -> Vec<String> {
    let (id, _) = sampler.types()[0];
    let tables = sampler.tables(id).unwrap();
    let mut found = Vec::new();
    for record in sampler.records(id) {
        for table in &tables {
            let Some(column) = table.columns.iter().find(|column| column.header == fact) else { continue };
            let take = &mut |row: super::table::Row<'_>| {
                found.push(column.text(sampler.program(), row).to_string());
                Ok::<(), ()>(())
            };
            table.rows(sampler.program(), &record, take).unwrap();
        }
    }
    found
}

fn sampler(text: &str, settings: Settings) -> Sampler {
    let policies = Policies::from_text(text);
    assert!(!policies.has_errors(), "{}", policies.render(crate::diagnostic::Language::English));
    Sampler::new(&policies, &Basis::of("2024").unwrap(), settings).unwrap()
}

const THRESHOLDS: &str = "record 企业 {
  代码 : text key
  投资额 : money where >= 0
  职工人数 : count where >= 1
  研发占比 : rate where between 0 and 1
  认定日期 : date
  营业收入 : money per year where >= 0
  成立日期 : date
  区县 : one of 东湖区, 西湖区
  订单 : list of 订单
}
record 订单 { 金额 : money where > 0 }
policy P {
  parameter 门槛 : money { from 2020-01-01: 300万, from 2024-06-01: 400万 }
  clause 投资 { award 5% of 投资额 cap 800万 when 投资额 >= 门槛 and 区县 = 东湖区 }
  clause 人数 { award by 职工人数 { >= 300: 3万, >= 20: 1万 } }
  clause 研发 { award 1万 when 研发占比 > 5% }
  clause 认定 { award 1万 when 认定日期 in 2024-03-01..2024-09-30 }
  clause 增长 { award 1万 when 营业收入 >= 130% of (营业收入 in (year - 1)) }
  clause 满两年 { award 1万 when 成立日期 + 24个月 <= 2024-12-31 }
  clause 大单 { award 2万 when max 金额 over 订单 >= 1000万 }
}";

#[test]
fn values_stand_at_below_and_above_every_threshold() {
    let sampler = sampler(THRESHOLDS, settings(2000));
    for (fact, expected) in [
        ("投资额", ["3999999.99", "4000000", "4000000.01", "159999999.99", "160000000", "160000000.01"].as_slice()),
        ("职工人数", &["19", "20", "21", "299", "300", "301"]),
        ("研发占比", &["0.0499", "0.05", "0.0501"]),
        ("认定日期", &["2024-02-29", "2024-03-01", "2024-03-02", "2024-09-29", "2024-09-30", "2024-10-01"]),
        ("成立日期", &["2022-12-30", "2022-12-31", "2023-01-01"]),
        ("金额", &["9999999.99", "10000000", "10000000.01"]),
    ] {
        let found = values(&sampler, fact);
        for value in expected {
            assert!(found.iter().any(|one| one == value), "{fact} has no {value}");
        }
    }
    let exact = values(&sampler, "营业收入2024").into_iter().zip(values(&sampler, "营业收入2023"));
    let fen = |text: &str| {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{places:0<2}").parse::<i128>().ok()
    };
    let off = exact.filter_map(|(now, before)| Some(fen(&now)? * 100 - fen(&before)? * 130));
    let (at, above): (Vec<i128>, Vec<i128>) = off.filter(|off| off.abs() < 100).partition(|off| *off < 0);
    assert!(!at.is_empty() && !above.is_empty(), "the growth turns between two fen");
}

#[test]
fn the_same_seed_gives_the_same_records_in_any_order() {
    let one = sampler(THRESHOLDS, settings(300));
    let other = sampler(THRESHOLDS, settings(5000));
    let (id, rows) = one.types()[0];
    let drawn: Vec<_> = one.records(id).collect();
    assert_eq!(drawn.len(), 300);
    let drawing = other.drawing();
    assert!((0..rows).rev().all(|at| drawing.record(id, at) == drawn[at as usize]));
    let another = sampler(THRESHOLDS, Settings { seed: 8, ..settings(300) });
    assert_ne!(another.records(id).collect::<Vec<_>>(), drawn);
}

#[test]
fn what_is_drawn_is_kept() {
    let sampler = sampler(THRESHOLDS, Settings { unknown: 1000, ..settings(8) });
    let (id, _) = sampler.types()[0];
    let lines: Vec<String> = sampler.records(id).map(|record| sampler.object(id, &record).to_string()).collect();
    // These are what every machine must give; they change only with the drawing itself.
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn checks_of_several_facts_are_kept() {
    let sampler = sampler(
        "record 企业 {
           代码 : text key
           总投资 : money where >= 0
           设备 : money where <= 总投资
           人数 : count where between 5 and 10
           得分 : number where > 0
         }
         policy P { clause 甲 { award 10% of 设备 cap 5万 when 人数 >= 7 and 得分 > 60 } }",
        settings(1000),
    );
    let (id, _) = sampler.types()[0];
    let context = sampler.drawing().context;
    let broken = sampler.records(id).filter(|record| !crate::eval::check_record(&context, id, record).is_empty());
    assert_eq!(broken.count(), 0);
    let known = values(&sampler, "设备").into_iter().filter(|text| !text.is_empty()).count();
    assert!(known > 900, "{known} are known");
}

#[test]
fn facts_that_nobody_asks_for_are_drawn_when_all_are_wanted() {
    let text = "record 企业 { 代码 : text key  名称 : text  甲 : bool  产品 : list of 产品 }
                record 产品 { 型号 : text key  单价 : money }
                policy P { clause 一 { award 1万 when 甲 } }";
    let few = sampler(text, settings(20));
    let (id, _) = few.types()[0];
    assert_eq!(few.tables(id).unwrap().len(), 1);
    let all = sampler(text, Settings { every: true, ..settings(20) });
    let names: Vec<String> = all.tables(id).unwrap().into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["企业", "产品"]);
    assert_eq!(values(&all, "名称").len(), 20);
}
