use serde_json::json;

use super::*;

#[test]
fn arrays_of_objects() {
    let loaded = load_text(
        "企业.json",
        r#"[{"id":"E1","capex":160000000.01,"增资扩产":true,"营业收入":{"2023":5,"2022":"4元"},
            "订单":[{"编号":"O1","金额":"2亿元"},{"编号":"O2","金额":"二"}]},
           {"id":"E2","capex":null,"增资扩产":null,"订单":[],"职工人数":12},
           {"id":"E3","capex":"5万","营业收入 2023":1e2,"订单":null}]"#,
    );
    assert_eq!(codes(&loaded), [Code::BadCell]);
    let place = loaded.population.rejected[0].diagnostics[0].place.clone().unwrap();
    assert_eq!((place.column.as_deref(), place.key.as_deref()), (Some("[0].订单[1].金额"), Some("E1")));
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E2", "E3"]);
    assert_eq!(keys(&loaded, ORDER), ["O1"]);
    assert_eq!(cell(&loaded, 0, CAPEX), Cell::Value(Value::Number(Number::from_digits("160000000.01").unwrap())));
    // Said to be unknown is unknown; not said is the default.
    assert_eq!(cell(&loaded, 1, EXPANDS), Cell::Unknown);
    assert_eq!(cell(&loaded, 2, EXPANDS), Cell::Value(Value::Bool(false)));
    assert_eq!(cell(&loaded, 1, ORDERS), Cell::List(vec![]));
    assert_eq!(cell(&loaded, 2, ORDERS), Cell::Unknown);
    let revenue = |at| cell(&loaded, at, REVENUE);
    let number = |n| Value::Number(Number::from_i64(n));
    assert_eq!(revenue(0), Cell::Periods(vec![(year(2022), number(4)), (year(2023), number(5000))]));
    assert_eq!(revenue(2), Cell::Periods(vec![(year(2023), number(100_000))]));
}

#[test]
fn one_object_or_objects_by_record() {
    assert_eq!(keys(&load_text("a.json", r#"{"id":"E1","订单":[{"编号":"O1"}]}"#), ENTERPRISE), ["E1"]);
    let loaded = load_text(
        "全部.json",
        r#"{"企业":[{"id":"E1"},{"id":"E2","capex":"x"}],"订单":[{"编号":"O1","企业":"E1"}],"区县":{"区县代码":"D1"},"history":[]}"#,
    );
    assert_eq!(codes(&loaded), [Code::BadCell]);
    let place = loaded.population.rejected[0].diagnostics[0].place.clone().unwrap();
    assert_eq!(place.column.as_deref(), Some("企业[1].capex"));
    assert!(matches!(cell(&loaded, 0, ORDERS), Cell::List(items) if items.len() == 1));
    assert_eq!(keys(&loaded, DISTRICT), ["D1"]);
    assert!(loaded.population.is_loaded(HISTORY));
    assert_eq!(loaded.report.files.len(), 4);
}

#[test]
fn lines() {
    let loaded = load_text(
        "a.jsonl",
        "{\"id\":\"E1\",\"备注\":1}\n\n{\"id\":\n{\"id\":\"E2\",\"capex\":\"?\"}\n[1]\n{\"id\":\"E3\"}",
    );
    assert_eq!(codes(&loaded), [Code::UnknownColumn, Code::BadJson, Code::BadCell, Code::BadJson]);
    let rows = loaded.population.rejected.iter().map(|row| row.diagnostics[0].place.clone().unwrap().row);
    assert_eq!(rows.collect::<Vec<_>>(), [Some(3), Some(4), Some(5)]);
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E3"]);
}

#[test]
fn malformed_text() {
    for text in ["[{\"id\":\"E1\"}", "{\"id\":}", "5", "[1,2]", "[] []", "\"x\"", "[{\"id\":\"E1\",}]"] {
        let said = codes(&load_text("企业.json", text));
        assert!(!said.is_empty() && said.iter().all(|code| *code == Code::BadJson), "{text} {said:?}");
    }
    assert_eq!(codes(&load_text("企业.json", r#"[{"id":"E1","id":"E2"}]"#)), [Code::DuplicateColumn]);
    assert_eq!(codes(&load_text("企业.json", r#"[{"id":"E1","名称":"甲","name":"乙"}]"#)), [Code::DuplicateColumn]);
    assert_eq!(codes(&load_text("企业.json", r#"[{"名称":"甲"}]"#)), [Code::MissingKey]);
    assert_eq!(codes(&load_text("企业.json", r#"[{"id":"E1","capex":1e400}]"#)), [Code::BadCell]);
    assert_eq!(codes(&load_text("企业.json", r#"[{"id":"E1","capex":[1]}]"#)), [Code::BadCell]);
    assert_eq!(codes(&load_text("企业.json", r#"[{"id":"E1","capex":true}]"#)), [Code::BadCell]);
    assert_eq!(codes(&load_text("企业.json", r#"[{"id":"E1","订单":{"编号":"O1"}}]"#)), [Code::BadCell]);
    assert_eq!(
        codes(&load_text("企业.json", r#"[{"id":"E1","订单":[{"编号":"O1"},{"编号":"O1"}]}]"#)),
        [Code::DuplicateKey]
    );
}

#[test]
fn numbers_by_their_digits() {
    use super::super::json::plain_number;
    for (text, plain) in [
        ("1e2", "100"),
        ("1.5E3", "1500"),
        ("-1.25e1", "-12.5"),
        ("25e-3", "0.025"),
        ("0.1", "0.1"),
        ("1E+0", "1"),
        ("120e-1", "12"),
        ("0e5", "0"),
    ] {
        assert_eq!(plain_number(text).as_deref(), Some(plain), "{text}");
    }
    assert_eq!(plain_number("1e41"), None);
    let digits = "123456789012345678901.23";
    let loaded = load_text("企业.json", format!(r#"[{{"id":"E1","capex":{digits}}}]"#));
    assert_eq!(cell(&loaded, 0, CAPEX), Cell::Value(Value::Number(Number::from_digits(digits).unwrap())));
}

#[test]
fn records_by_the_library() {
    let program = program();
    let value: serde_json::Value = serde_json::from_str(
        r#"{"capex":0.1,"绿色工厂":"省级","订单":[{"编号":"O1","金额":1}],"营业收入":3,"什么":1}"#,
    )
    .unwrap();
    let record = from_json(&program, ENTERPRISE, &value, year(2024)).unwrap();
    assert_eq!(record.place, None);
    assert_eq!(record.cells[CAPEX.index()], Cell::Value(Value::Number(Number::from_digits("0.1").unwrap())));
    assert_eq!(record.cells[GREEN.index()], Cell::Value(Value::Code(1)));
    assert!(matches!(&record.cells[REVENUE.index()], Cell::Periods(values) if values[0].0 == year(2024)));

    #[derive(serde::Serialize)]
    struct Enterprise<'a> {
        id: &'a str,
        capex: f64,
        增资扩产: bool,
    }
    let given = Enterprise { id: "E1", capex: 1_000_000.1, 增资扩产: true };
    let record = from_serialize(&program, ENTERPRISE, &given, year(2024)).unwrap();
    assert_eq!(record.key(&program, &program.records[ENTERPRISE.index()]).as_deref(), Some("E1"));
    assert_eq!(record.cells[CAPEX.index()], Cell::Value(Value::Number(Number::from_digits("1000000.1").unwrap())));

    for wrong in [json!({"capex": "x"}), json!([1]), json!({"订单": [{"编号": "O1", "金额": "x"}]})] {
        assert_eq!(from_json(&program, ENTERPRISE, &wrong, year(2024)).unwrap_err().len(), 1, "{wrong}");
    }
}
