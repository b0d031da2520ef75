use super::*;

fn assert_reads(header: &str, fact: FactId, cells: &[(&str, Cell)]) {
    let texts: Vec<&str> = cells.iter().map(|(text, _)| *text).collect();
    let loaded = load_column(header, &texts);
    assert_eq!(codes(&loaded), []);
    for (at, (text, expected)) in cells.iter().enumerate() {
        assert_eq!(cell(&loaded, at, fact), *expected, "{text}");
    }
}

fn assert_refuses(header: &str, cells: &[&str]) -> Loaded {
    let loaded = load_column(header, cells);
    assert_eq!(codes(&loaded), vec![Code::BadCell; cells.len()], "{cells:?}");
    assert_eq!(loaded.population.rejected.len(), cells.len());
    loaded
}

fn decimal(text: &str) -> Cell {
    let number = Number::from_digits(text.trim_start_matches('-')).unwrap();
    Cell::Value(Value::Number(if text.starts_with('-') { number.negate() } else { number }))
}

#[test]
fn money() {
    assert_reads(
        "固定资产投资额",
        CAPEX,
        &[
            ("1,600.50", decimal("1600.5")),
            ("1.6亿", yuan(160_000_000)),
            ("500万元", yuan(5_000_000)),
            ("¥12", yuan(12)),
            ("１００", yuan(100)),
            ("", Cell::Unknown),
            ("  ", Cell::Unknown),
            ("0", yuan(0)),
        ],
    );
    assert_refuses(
        "固定资产投资额",
        &["1e5", "5.", "1,23", "NaN", "-", "5%", "5吨标煤", "#DIV/0!", "约500万", "12\u{fffd}"],
    );
}

#[test]
fn negative_numbers() {
    let loaded = load_text("企业.csv", "id,固定资产投资额,营业收入\nE1,\"（1,234）\",-1\nE2,-5,2\n");
    assert_eq!(codes(&loaded), [Code::NegativeCell, Code::NegativeCell]);
    assert_eq!((cell(&loaded, 0, CAPEX), cell(&loaded, 1, CAPEX)), (yuan(-1234), yuan(-5)));
}

#[test]
fn scales_and_headers_with_units() {
    let revenue = |amount| Cell::Periods(vec![(year(2024), Value::Number(Number::from_i64(amount)))]);
    assert_reads("营业收入", REVENUE, &[("5", revenue(5000)), ("5元", revenue(5)), ("2万元", revenue(20_000))]);
    assert_reads("营业收入（万元）", REVENUE, &[("5", revenue(50_000)), ("5元", revenue(5))]);
    assert_reads("固定资产投资额(亿元)", CAPEX, &[("1.2", yuan(120_000_000))]);
    // A magnitude alone under a scale can be meant in two ways.
    assert_refuses("营业收入", &["500万"]);
    assert_eq!(codes(&load_column("固定资产投资额(吨标煤)", &["1"])), [Code::UnknownColumn]);
}

#[test]
fn words() {
    let yes = || Cell::Value(Value::Bool(true));
    let no = || Cell::Value(Value::Bool(false));
    assert_reads(
        "增资扩产",
        EXPANDS,
        &[
            ("是", yes()),
            ("YES", yes()),
            ("y", yes()),
            ("True", yes()),
            ("1", yes()),
            ("√", yes()),
            ("✓", yes()),
            ("否", no()),
            ("No", no()),
            ("N", no()),
            ("false", no()),
            ("0", no()),
            ("×", no()),
            ("", no()),
        ],
    );
    assert_refuses("增资扩产", &["可能", "2", "是否"]);
    assert_reads(
        "绿色工厂",
        GREEN,
        &[
            ("国家级", Cell::Value(Value::Code(0))),
            (" 市级 ", Cell::Value(Value::Code(2))),
            ("无", Cell::Value(Value::None)),
            ("none", Cell::Value(Value::None)),
            ("", Cell::Unknown),
        ],
    );
    let loaded = assert_refuses("绿色工厂", &["国家极"]);
    assert_eq!(argument(&loaded.population.rejected[0].diagnostics[0], "fix"), "国家级");
    assert_refuses("区县", &["南湖"]);
}

#[test]
fn dates() {
    let day = |y, m, d| Cell::Value(Value::Date(Date::new(y, m, d).unwrap()));
    assert_reads(
        "迁出日期",
        MOVED,
        &[
            ("2023-07-01", day(2023, 7, 1)),
            ("2023年7月1日", day(2023, 7, 1)),
            ("２０２３/7/1", day(2023, 7, 1)),
            ("无", Cell::Value(Value::None)),
            ("", Cell::Value(Value::None)),
        ],
    );
    assert_refuses("成立日期", &["2023-02-30", "2023年2月30日", "7/1/2023", "45108"]);
    assert_eq!(FOUNDED, FactId(12));
}

#[test]
fn quantities_counts_and_rates() {
    assert_reads("节能量", SAVED, &[("50吨标煤", yuan(50)), ("1.5万tce", yuan(15_000)), ("7", yuan(7))]);
    assert_refuses("节能量", &["50平方米", "50元", "50吨"]);
    assert_reads("职工人数", STAFF, &[("120", yuan(120)), ("120.0", yuan(120)), ("1,200", yuan(1200))]);
    assert_refuses("职工人数", &["12.5", "5%", "十二", "120人"]);
    assert_reads("研发占比", SHARE, &[("5%", decimal("0.05")), ("0.05", decimal("0.05")), ("3‰", decimal("0.003"))]);
    assert_reads("研发占比(%)", SHARE, &[("5", decimal("0.05")), ("5%", decimal("0.05"))]);
    assert_reads("租金", RENT, &[("400元/平方米", yuan(400)), ("30", yuan(30))]);
    assert_refuses("租金", &["400元", "400元/吨标煤"]);
    assert_eq!(AREA, FactId(10));
}

#[test]
fn texts_and_keys() {
    let loaded = load_text("企业.csv", "id,名称\nE1,' 甲\n\tE2 ,'=1+1\n");
    assert_eq!(keys(&loaded, ENTERPRISE), ["E1", "E2"]);
    assert_eq!(cell(&loaded, 1, FactId(1)), Cell::Value(Value::Text("=1+1".into())));
    let damaged = load_text("企业.csv", "id,名称\n9.13601E+17,甲\n");
    assert_eq!(codes(&damaged), [Code::BadCell]);
}

#[test]
fn long_numbers() {
    let digits = "9".repeat(41);
    let loaded = assert_refuses("固定资产投资额", &[&digits, "9999999999999999999999999"]);
    assert!(argument(&loaded.population.rejected[0].diagnostics[0], "expected").contains("24 digits"));
}
