use super::*;

const ENTERPRISES: &str = "id,名称\nE1,甲\nE2,乙\nE3,丙\n";

fn amounts(loaded: &Loaded, at: usize) -> Option<Vec<String>> {
    match cell(loaded, at, ORDERS) {
        Cell::List(items) => Some(
            items
                .iter()
                .map(|item| match &item.cells[1] {
                    Cell::Value(Value::Number(amount)) => amount.to_string(),
                    other => format!("{other:?}"),
                })
                .collect(),
        ),
        _ => None,
    }
}

#[test]
fn rows_join_their_record() {
    let orders = "编号,统一社会信用代码,金额\nO1,E1,1万元\nO2,E2,2\nO3,E1,3\nO1,E2,4\n";
    for files in [
        Files::new().add("企业.csv", ENTERPRISES).add("订单.csv", orders),
        Files::new().add("订单.csv", orders).add("企业.csv", ENTERPRISES),
        Files::new().add("企业.csv", ENTERPRISES).add("订单.csv", orders.replace("统一社会信用代码", "企业")),
        Files::new().add("企业.csv", ENTERPRISES).add("x.csv", orders.replace("统一社会信用代码", "id")),
    ] {
        let loaded = files.load();
        assert_eq!(codes(&loaded), []);
        assert_eq!(amounts(&loaded, 0), Some(vec!["10000".into(), "3".into()]));
        assert_eq!(amounts(&loaded, 1), Some(vec!["2".into(), "4".into()]));
        // Loaded without a row is an empty list.
        assert_eq!(amounts(&loaded, 2), Some(vec![]));
        assert_eq!(loaded.population.of(ORDER).len(), 4);
    }
    assert_eq!(amounts(&load_text("企业.csv", ENTERPRISES), 0), None);
}

#[test]
fn rows_that_belong_to_nobody() {
    let loaded = Files::new()
        .add("企业.csv", "id,固定资产投资额\nE1,1\nE2,一\n")
        .add("订单.csv", "编号,企业,金额\nO1,E9,1\nO2,,2\nO3,E2,3\nO4,E1,四\nO5,E1,5\n")
        .load();
    let said = codes(&loaded);
    assert_eq!(said, [Code::OrphanRow, Code::MissingKey, Code::BadCell, Code::BadCell]);
    assert_eq!(amounts(&loaded, 0), Some(vec!["5".into()]));
    // The row of a record kept apart counts for nobody either.
    assert_eq!(loaded.population.of(ORDER).len(), 1);
    let orphan = &loaded.population.rejected[0];
    assert_eq!((orphan.record, orphan.key.as_deref()), (ORDER, Some("O1")));
    let bad = loaded.population.rejected[2].diagnostics[0].place.clone().unwrap();
    assert_eq!((bad.row, bad.key.as_deref()), (Some(5), Some("E1")));
}

#[test]
fn rows_without_a_column_for_their_owner() {
    let orders = "编号,金额\nO1,1\n";
    let loaded = Files::new().add("企业.csv", ENTERPRISES).add("订单.csv", orders).load();
    assert_eq!(codes(&loaded), [Code::MissingKey]);
    assert_eq!(amounts(&loaded, 0), None);
    assert_eq!(codes(&load_text("订单.csv", orders)), []);
    let none = Files::new().add("企业.csv", "id\n").add("订单.csv", "编号,企业\nO1,E1\n").load();
    assert_eq!(codes(&none), [Code::OrphanRow]);
}

#[test]
fn files_of_one_record_join_by_key() {
    let loaded = Files::new()
        .add("a.csv", "id,名称,营业收入2022\nE1,甲,1\nE2,乙,2\n")
        .add("b.csv", "id,固定资产投资额,营业收入2023,名称\nE2,5,3,乙\nE3,6,4,\n")
        .load();
    assert_eq!(codes(&loaded), []);
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E2", "E3"]);
    assert_eq!(cell(&loaded, 1, CAPEX), yuan(5));
    assert!(matches!(cell(&loaded, 1, REVENUE), Cell::Periods(values) if values.len() == 2));
    assert_eq!(cell(&loaded, 0, EXPANDS), Cell::Value(Value::Bool(false)));
}

#[test]
fn files_that_contradict_each_other() {
    let loaded = Files::new()
        .add("a.csv", "id,名称,增资扩产\nE1,甲,是\nE2,乙,\n")
        .add("b.csv", "id,名称,增资扩产\nE1,甲公司,是\nE2,乙,是\n")
        .load();
    assert_eq!(codes(&loaded), [Code::ConflictingCell]);
    let said = &loaded.population.rejected[0].diagnostics[0];
    assert_eq!((argument(said, "value"), argument(said, "other")), ("甲公司".into(), "甲".into()));
    assert!(argument(said, "found").ends_with("a.csv"));
    // A blank cell does not contradict: its default comes last.
    assert_eq!(keys(&loaded, ENTERPRISE), ["E2"]);
    assert_eq!(cell(&loaded, 0, EXPANDS), Cell::Value(Value::Bool(true)));
}

#[test]
fn keys_that_stand_twice() {
    let loaded =
        Files::new().add("a.csv", "id,名称\nE1,甲\nE2,乙\nE1,甲\n").add("b.csv", "id,固定资产投资额\nE1,5\n").load();
    assert_eq!(codes(&loaded), [Code::DuplicateKey, Code::DuplicateKey]);
    assert_eq!(keys(&loaded, ENTERPRISE), ["E2"]);
    let others: Vec<_> = loaded.all_diagnostics().map(|said| argument(said, "other")).collect();
    assert_eq!(others, ["4", "2"]);
}

#[test]
fn checks_run_over_lists_and_records() {
    let program = program();
    let mut loaded = Files::new()
        .add("企业.csv", "id,固定资产投资额\nE1,1\nE2,-2\n")
        .add("订单.csv", "编号,企业,金额\nO1,E1,-1\nO2,E1,2\nO3,E2,3\n")
        .load();
    let mut seen = 0;
    loaded.population.check(&program, |id, record| {
        seen += 1;
        let fact = if id == ENTERPRISE { CAPEX } else { FactId(1) };
        match &record.cells[fact.index()] {
            Cell::Value(Value::Number(number)) if number.is_negative() => vec![Diagnostic::new(Code::CheckFailed)],
            _ => vec![],
        }
    });
    assert_eq!(seen, 5);
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1"]);
    assert_eq!(keys(&loaded, ORDER), ["O2"]);
    assert_eq!(loaded.population.rejected.iter().map(|row| row.key.clone().unwrap()).collect::<Vec<_>>(), ["O1", "E2"]);
}
