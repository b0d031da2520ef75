use proptest::prelude::*;

use super::*;

fn declared(unit: &str) -> bool {
    ["吨标煤", "千瓦时", "平方米", "度"].contains(&unit)
}

fn n(text: &str) -> Number {
    Number::from_digits(text).unwrap()
}

#[test]
fn magnitudes_are_whole_words() {
    for (word, value) in
        [("十", "10"), ("百万", "1000000"), ("千万", "10000000"), ("亿", "100000000"), ("万亿", "1000000000000")]
    {
        assert_eq!(magnitude(word), Some(n(value)));
    }
    for word in ["", "万万", "亿万", "k", "两"] {
        assert_eq!(magnitude(word), None);
    }
}

#[test]
fn suffixes_are_used_up() {
    let unit = |name: &str| SuffixKind::Unit(name.into());
    for (suffix, factor, kind) in [
        ("", "1", SuffixKind::Bare),
        ("万", "10000", SuffixKind::Bare),
        ("万元", "10000", SuffixKind::Yuan),
        ("十万元", "100000", SuffixKind::Yuan),
        ("元", "1", SuffixKind::Yuan),
        ("亿人民币元", "100000000", SuffixKind::Yuan),
        ("分", "0.01", SuffixKind::Yuan),
        ("角", "0.1", SuffixKind::Yuan),
        ("％", "0.01", SuffixKind::Percent),
        ("‰", "0.001", SuffixKind::Percent),
        ("吨标煤", "1", unit("吨标煤")),
        ("千瓦时", "1", unit("千瓦时")),
        ("万千瓦时", "10000", unit("千瓦时")),
        ("元/吨标煤", "1", SuffixKind::Price("吨标煤".into())),
        ("万元／平方米", "10000", SuffixKind::Price("平方米".into())),
        ("年", "1", SuffixKind::Years),
        ("个月", "1", SuffixKind::Months),
        ("日", "1", SuffixKind::Days),
        ("季度", "1", SuffixKind::Quarters),
    ] {
        assert_eq!(split_suffix(suffix, declared), Some(Suffix { factor: n(factor), kind }), "{suffix}");
    }
    for suffix in ["万人", "瓦时", "元万", "%万", "元/人", "万年", "亩", "元元", "/度"] {
        assert_eq!(split_suffix(suffix, declared), None, "{suffix}");
    }
}

#[test]
fn cells_are_read_exactly() {
    for (cell, value, unit) in [
        ("1,234.56", "1234.56", CellUnit::Bare),
        ("１，２３４．５", "1234.5", CellUnit::Bare),
        (" 500 万元 ", "5000000", CellUnit::Yuan),
        ("1.5亿", "150000000", CellUnit::Magnitude),
        ("5%", "0.05", CellUnit::Percent),
        ("¥1,000", "1000", CellUnit::Yuan),
        ("￥12万", "120000", CellUnit::Yuan),
        ("0.1", "0.1", CellUnit::Bare),
        ("+3", "3", CellUnit::Bare),
        ("20万千瓦时", "200000", CellUnit::Unit("千瓦时".into())),
        ("400元/吨标煤", "400", CellUnit::Price("吨标煤".into())),
    ] {
        assert_eq!(read_cell_number_with(cell, declared), Ok((n(value), unit)), "{cell}");
    }
    for cell in ["(1,234)", "（1,234）", "-1234", "－1234", "¥-1,234", "-¥1234", "(¥1,234)", "−1234"] {
        assert_eq!(read_cell_number(cell).map(|(number, _)| number), Ok(n("1234").negate()), "{cell}");
    }
}

#[test]
fn doubtful_cells_are_refused() {
    use CellNumberError::{BadGrouping, Empty, NotANumber, TooLarge, TooLong, UnknownSuffix};
    for (cell, error) in [
        ("", Empty),
        ("-", Empty),
        ("1e5", NotANumber),
        ("1E+05", NotANumber),
        ("5.", NotANumber),
        (".5", NotANumber),
        ("1.2.3", NotANumber),
        ("1_000", NotANumber),
        ("12-34", NotANumber),
        ("1 000", UnknownSuffix("000".into())),
        ("NaN", NotANumber),
        ("#DIV/0!", NotANumber),
        ("--5", NotANumber),
        ("(-5)", NotANumber),
        ("1,23", BadGrouping),
        ("1234,567", BadGrouping),
        (",123", BadGrouping),
        ("1,234.5,6", NotANumber),
        ("¥5%", UnknownSuffix("%".into())),
        ("3年", UnknownSuffix("年".into())),
        ("5万人", UnknownSuffix("万人".into())),
        ("9999999999999999万亿", TooLarge),
    ] {
        assert_eq!(read_cell_number(cell), Err(error), "{cell}");
    }
    assert_eq!(read_cell_number(&"9".repeat(41)), Err(TooLong));
}

proptest! {
    #[test]
    fn cells_never_panic(cell in "[0-9.,%万亿元¥()（）+-]{0,12}|\\PC{0,12}") {
        let _ = read_cell_number(&cell);
        let _ = read_cell_number_with(&cell, declared);
        let _ = split_suffix(&cell, declared);
    }

    #[test]
    fn grouped_digits_mean_the_same(whole in 0_u64.., fen in 0..100_u8) {
        let plain = format!("{whole}.{fen:02}");
        let mut grouped = String::new();
        let digits = whole.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 { grouped.push(','); }
            grouped.push(digit);
        }
        let grouped = format!("{grouped}.{fen:02}元");
        prop_assert_eq!(read_cell_number(&grouped), Ok((n(&plain), CellUnit::Yuan)));
        prop_assert_eq!(read_cell_number(&plain), Ok((n(&plain), CellUnit::Bare)));
    }
}
