use proptest::prelude::*;

use super::*;

fn n(text: &str) -> Number {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let number = Number::from_digits(digits).unwrap();
    if negative { number.negate() } else { number }
}

fn third() -> Number {
    n("1").divide(&n("3")).unwrap()
}

#[test]
fn digits_are_read_strictly() {
    assert_eq!(n("1234.50").to_string(), "1234.5");
    assert_eq!(n("0.0000000000000000000000000000000001").to_string(), "0.0000000000000000000000000000000001");
    assert_eq!(n("9".repeat(40).as_str()).to_string(), "9".repeat(40));
    for bad in ["", ".", "5.", ".5", "1e5", "1_000", "-1", "+1", "1.2.3", "NaN", "１", " 1", "1,000"] {
        assert_eq!(Number::from_digits(bad), None, "{bad}");
    }
    assert_eq!(Number::from_digits(&"1".repeat(41)), None);
}

#[test]
fn sums_are_exact_where_decimals_round() {
    let max = Number::from_decimal(Decimal::MAX);
    assert_eq!(max.add(&n("0.45")), Err(NumberError::TooLarge));
    let long = n("999999999999999999999999.9999");
    let sum = long.add(&n("0.000000000000000000000000045")).unwrap();
    assert_eq!(sum.to_string(), "999999999999999999999999.999900000000000000000000045");
    assert_eq!(sum.subtract(&n("0.000000000000000000000000045")), Ok(long));
}

#[test]
fn beyond_the_limit_is_too_large() {
    let limit = n("1000000000000000000000000");
    let below = n("999999999999999999999999.99");
    assert_eq!(below.add(&n("0.01")), Err(NumberError::TooLarge));
    assert_eq!(below.negate().subtract(&n("0.01")), Err(NumberError::TooLarge));
    assert!(below.add(&n("0.009")).is_ok());
    assert_eq!(limit.multiply(&Number::ONE), Err(NumberError::TooLarge));
    assert_eq!(limit.multiply(&limit), Err(NumberError::TooLarge));
    assert_eq!(Number::ONE.divide(&Number::ZERO), Err(NumberError::DividedByZero));
    let mut small = third();
    let error = (0..20).find_map(|_| match small.multiply(&small) {
        Ok(square) => {
            small = square;
            None
        }
        Err(error) => Some(error),
    });
    assert_eq!(error, Some(NumberError::TooLarge));
}

#[test]
fn halves_go_away_from_zero() {
    let fen = n("0.01");
    for (value, mode, expected) in [
        ("2.345", RoundMode::HalfUp, "2.35"),
        ("-2.345", RoundMode::HalfUp, "-2.35"),
        ("2.3449999999999999999999999", RoundMode::HalfUp, "2.34"),
        ("2.341", RoundMode::Up, "2.35"),
        ("-2.341", RoundMode::Up, "-2.35"),
        ("2.349", RoundMode::Down, "2.34"),
        ("-2.349", RoundMode::Down, "-2.34"),
        ("2.34", RoundMode::Up, "2.34"),
    ] {
        assert_eq!(n(value).round(mode, &fen).unwrap().to_string(), expected, "{value}");
    }
    assert_eq!(n("25000").round(RoundMode::HalfUp, &n("10000")), Ok(n("30000")));
    assert_eq!(n("7").round(RoundMode::HalfUp, &n("2.5")), Ok(n("7.5")));
    assert_eq!(n("1").round(RoundMode::Up, &Number::ZERO), Err(NumberError::DividedByZero));
    assert_eq!(n("1").round(RoundMode::Up, &n("-1")), Err(NumberError::DividedByZero));
    assert_eq!(n("0.005").round(RoundMode::HalfUp, &third()), Ok(Number::ZERO));
}

#[test]
fn a_fraction_has_so_many_bits_and_no_more() {
    // 3^2584 has 4096 bits, and 2584 is 2048 + 512 + 16 + 8.
    let powers: Vec<Number> = std::iter::successors(Some(third()), |power| power.multiply(power).ok()).collect();
    assert_eq!(powers.len(), 12);
    let longest = [9, 4, 3].iter().fold(powers[11].clone(), |product, at| product.multiply(&powers[*at]).unwrap());
    assert_eq!(longest.multiply(&third()), Err(NumberError::TooLarge));
}

#[test]
fn fractions_return_to_decimals() {
    let whole = third().multiply(&n("3")).unwrap();
    assert_eq!(whole, Number::ONE);
    assert_eq!(whole.to_decimal(), Some(Decimal::ONE));
    assert_eq!(third().to_decimal(), None);
    assert_eq!(third().round(RoundMode::HalfUp, &n("0.01")), Ok(n("0.33")));
    assert_eq!(third().negate().round(RoundMode::Up, &n("0.01")), Ok(n("-0.34")));
    assert_eq!(n("1").divide(&n("8")).unwrap().to_string(), "0.125");
    assert!(third() > n("0.3333333333333333333333333333"));
    assert!(third() < n("0.34"));
}

#[test]
fn equality_is_by_value() {
    use std::collections::HashSet;
    assert_eq!(n("2.0"), n("2"));
    assert_eq!(n("0.00"), Number::ZERO.negate());
    assert_eq!(n("0.00").negate().to_string(), "0");
    assert_eq!(HashSet::from([n("2.0"), n("2"), n("2.00"), third(), third()]).len(), 2);
    assert_eq!(n("2").max(n("3.5")), n("3.5"));
    assert_eq!(n("2").to_i64(), Some(2));
    assert_eq!(n("2.50").to_i64(), None);
    assert!(n("2.00").is_whole() && !n("2.01").is_whole() && !third().is_whole());
}

#[test]
fn shown_plainly() {
    assert_eq!(third().to_string(), "≈0.3333333333");
    assert_eq!(third().negate().to_string(), "≈-0.3333333333");
    assert_eq!(n("8000000").to_yuan(), "8000000.00");
    assert_eq!(n("8000000.1").to_yuan(), "8000000.10");
    assert_eq!(n("-0.125").to_yuan(), "-0.125");
    assert_eq!(Number::ZERO.to_yuan(), "0.00");
    assert_eq!(n("1000").to_string(), "1000");
    assert_eq!(format!("{:>6}", n("1.5")), "   1.5");
}

/// Decimals of every size, small ones and neat ones more often.
fn decimals() -> impl Strategy<Value = Decimal> {
    let mantissas = prop_oneof![
        -1_000_i128..1_000,
        -(1_i128 << 40)..(1_i128 << 40),
        -(MANTISSA_END - 1)..MANTISSA_END,
        (-99_i128..99).prop_map(|n| n * 10_i128.pow(24)),
    ];
    (mantissas, 0..=28_u32).prop_map(|(mantissa, scale)| Decimal::try_from_i128_with_scale(mantissa, scale).unwrap())
}

/// Decimals and quotients of them.
fn numbers() -> impl Strategy<Value = (Number, BigRational)> {
    let exact = |d: Decimal| BigRational::new(d.mantissa().into(), ten_to(d.scale()));
    prop_oneof![
        decimals().prop_map(move |d| (Number::from_decimal(d), exact(d))),
        (decimals(), 1_i64..1000).prop_filter_map("too large", move |(d, by)| {
            let number = Number::from_decimal(d).divide(&Number::from_i64(by)).ok()?;
            Some((number, exact(d) / BigInt::from(by)))
        }),
    ]
}

fn assert_same(result: Result<Number, NumberError>, expected: BigRational) -> Result<(), TestCaseError> {
    match result {
        Ok(number) => {
            prop_assert_eq!(number.to_fraction(), expected.clone());
            // The form is the shortest: a decimal wherever there is one.
            prop_assert_eq!(number.to_decimal().is_some(), decimal_of_fraction(&expected).is_some());
        }
        Err(_) => prop_assert!(expected.abs() >= BigRational::from(ten_to(LIMIT_POWER))),
    }
    Ok(())
}

proptest! {
    #[test]
    fn operations_are_exact((a, exact_a) in numbers(), (b, exact_b) in numbers()) {
        assert_same(a.add(&b), &exact_a + &exact_b)?;
        assert_same(a.subtract(&b), &exact_a - &exact_b)?;
        assert_same(a.multiply(&b), &exact_a * &exact_b)?;
        if !b.is_zero() {
            assert_same(a.divide(&b), &exact_a / &exact_b)?;
        }
        prop_assert_eq!(a.cmp(&b), exact_a.cmp(&exact_b));
        prop_assert_eq!(a == b, exact_a == exact_b);
    }

    #[test]
    fn rounding_is_exact((a, exact) in numbers(), (unit, exact_unit) in numbers(), up in any::<bool>()) {
        if unit.is_zero() {
            prop_assert_eq!(a.round(RoundMode::Up, &unit), Err(NumberError::DividedByZero));
            return Ok(());
        }
        let (unit, exact_unit) = if unit.is_negative() { (unit.negate(), -exact_unit) } else { (unit, exact_unit) };
        let quotient = &exact / &exact_unit;
        let away = if quotient.is_negative() { quotient.floor() } else { quotient.ceil() };
        let (mode, multiple) = if up { (RoundMode::Up, away) } else { (RoundMode::HalfUp, quotient.round()) };
        assert_same(a.round(mode, &unit), multiple * &exact_unit)?;
        assert_same(a.round(RoundMode::Down, &unit), quotient.trunc() * &exact_unit)?;
    }

    #[test]
    fn text_reads_back(d in decimals()) {
        let number = Number::from_decimal(d);
        let text = number.to_string();
        prop_assert_eq!(n(&text), number.clone());
        prop_assert_eq!(n(&number.to_yuan()), number);
    }

    #[test]
    fn digits_never_panic(text in "[0-9.,eE_+-]{0,60}|\\PC{0,12}") {
        let _ = Number::from_digits(&text);
    }
}
