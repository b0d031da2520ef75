use proptest::prelude::*;

use super::*;

fn d(text: &str) -> Date {
    Date::from_text(text).unwrap()
}

fn p(text: &str) -> Period {
    Period::parse(text).unwrap()
}

#[test]
fn cells_are_read() {
    for text in [
        "2023-07-01",
        "2023/7/1",
        "2023.7.1",
        "20230701",
        "2023年7月1日",
        " 2023-07-01 ",
        "2023-07-01 00:00:00",
        "2023/7/1 0:00",
        "2023-07-01T00:00:00Z",
        "2023年7月1号",
    ] {
        assert_eq!(Date::from_text(text), Date::new(2023, 7, 1), "{text}");
    }
    for text in [
        "2023-02-30",
        "2023年2月30日",
        "20230230",
        "2023-13-01",
        "23-7-1",
        "2023-7",
        "2023",
        "",
        "2023-07-01 08:30",
        "2023-7/1",
        "2023-07-01-02",
        "7/1/2023",
        "２０２３-07-01",
        "0000-01-01",
        "2023-00-01",
    ] {
        assert_eq!(Date::from_text(text), None, "{text}");
    }
    assert_eq!(Date::new(2024, 2, 29).map(|d| d.to_string()).as_deref(), Some("2024-02-29"));
    assert_eq!(Date::new(1900, 2, 29), None);
    assert_eq!(d("1970-01-01").day_number(), 0);
}

#[test]
fn months_end_at_the_months_end() {
    let month = |n| Duration::months(n);
    assert_eq!(d("2023-01-31").plus(month(1)), Some(d("2023-02-28")));
    assert_eq!(d("2024-01-31").plus(month(1)), Some(d("2024-02-29")));
    assert_eq!(d("2024-02-29").plus(Duration::years(1)), Some(d("2025-02-28")));
    assert_eq!(d("2023-03-31").plus(month(-1)), Some(d("2023-02-28")));
    assert_eq!(d("2023-12-15").plus(month(1)), Some(d("2024-01-15")));
    assert_eq!(d("2023-01-31").plus(Duration { months: 1, days: 1 }), Some(d("2023-03-01")));
    assert_eq!(d("9999-12-31").plus(Duration::days(1)), None);
    assert_eq!(d("0001-01-01").plus(Duration::days(-1)), None);
    assert_eq!(d("2023-01-01").plus(Duration { months: i32::MAX, days: i32::MAX }), None);
}

#[test]
fn whole_months_go_by_corresponding_days() {
    for (from, to, months) in [
        ("2023-01-15", "2023-02-14", 0),
        ("2023-01-15", "2023-02-15", 1),
        ("2023-01-31", "2023-02-28", 1),
        ("2024-02-29", "2025-02-28", 12),
        ("2023-02-15", "2023-01-15", -1),
        ("2023-02-14", "2023-01-15", 0),
    ] {
        assert_eq!(d(from).whole_months(d(to)), months, "{from} {to}");
    }
    assert_eq!(d("2020-05-01").whole_years(d("2023-04-30")), 2);
    assert_eq!(d("2020-05-01").whole_years(d("2023-05-01")), 3);
    assert_eq!(d("2023-01-01").whole_days(d("2024-01-01")), 365);
}

#[test]
fn periods_read_and_show() {
    for text in
        ["2024", "2023Q3", "2023-07", "2023-07-01", "2023-07-01..2023-10-31", "..2025-12-31", "2025-01-01..", ".."]
    {
        assert_eq!(p(text).to_string(), text);
    }
    assert_eq!(p("2023-07..2023-09"), Period::quarter(2023, 3).unwrap());
    assert_eq!(p("2021..2023").last, Date::new(2023, 12, 31));
    for text in
        ["", "2023Q5", "2023Q0", "2023-13", "2023-7-1", "2024..2023", "23", "2023-2025", "2023Q", "年", "2023-07-01-01"]
    {
        assert_eq!(Period::parse(text), None, "{text}");
    }
    assert_eq!(Period::year(0), None);
    assert_eq!(Period::month(2023, 0), None);
    assert_eq!(Period::quarter(2023, 255), None);
}

#[test]
fn periods_contain_and_meet() {
    assert!(p("2023").contains(d("2023-12-31")) && !p("2023").contains(d("2024-01-01")));
    assert!(p("..2023-06-30").meets(&p("2023Q2")) && !p("..2023-06-30").meets(&p("2023Q3")));
    assert!(p("2023").meets(&p("2023-12-31..2024-01-01")) && p("..").meets(&p("2023")));
    assert_eq!(p("2023").as_year(), Some(2023));
    assert_eq!(p("2023Q1").as_year(), None);
    assert_eq!(p("2023Q4").as_quarter(), Some((2023, 4)));
    assert_eq!(p("2023-02").as_month(), Some((2023, 2)));
    assert_eq!(p("..2023-12-31").as_year(), None);
}

#[test]
fn periods_move_by_years() {
    for (from, years, to) in [
        ("2024", -1, "2023"),
        ("2024Q1", 1, "2025Q1"),
        ("2024-02", -1, "2023-02"),
        ("2023-02", 1, "2024-02"),
        ("2024-02-29", -1, "2023-02-28"),
        ("..2024-03-15", 2, "..2026-03-15"),
        ("2022..2024", -1, "2021..2023"),
    ] {
        assert_eq!(p(from).shift_years(years), Some(p(to)), "{from}");
    }
    assert_eq!(p("9999").shift_years(1), None);
    assert_eq!(p("2024").shift_years(i32::MIN), None);
}

#[test]
fn lengths_show() {
    assert_eq!(Duration::years(3).to_string(), "3年");
    assert_eq!(Duration { months: 18, days: 5 }.to_string(), "1年6个月5日");
    assert_eq!(Duration::default().to_string(), "0日");
}

proptest! {
    #[test]
    fn days_agree_with_the_calendar(number in -719_162..=2_932_896_i32) {
        let date = Date::from_day_number(number).unwrap();
        let span = jiff::Span::new().days(i64::from(number));
        let other = jiff::civil::date(1970, 1, 1).checked_add(span).unwrap();
        prop_assert_eq!((date.year(), date.month(), date.day()),
            (i32::from(other.year()), other.month() as u8, other.day() as u8));
        prop_assert_eq!(Date::new(date.year(), date.month(), date.day()), Some(date));
        prop_assert_eq!(Date::from_text(&date.to_string()), Some(date));
    }

    #[test]
    fn months_agree_with_the_calendar(number in -500_000..2_000_000_i32, months in -600..600_i32) {
        let date = Date::from_day_number(number).unwrap();
        let other = jiff::civil::date(date.year() as i16, date.month() as i8, date.day() as i8)
            .checked_add(jiff::Span::new().months(months)).unwrap();
        prop_assert_eq!(date.plus(Duration::months(months)).unwrap().to_string(), other.to_string());
        let moved = date.plus(Duration::months(months)).unwrap();
        if months >= 0 { prop_assert_eq!(date.whole_months(moved), months); }
    }

    #[test]
    fn texts_never_panic(text in "[0-9年月日/.Q:T-]{0,14}|\\PC{0,10}") {
        let _ = Date::from_text(&text);
        if let Some(period) = Period::parse(&text) {
            prop_assert_eq!(Period::parse(&period.to_string()), Some(period));
        }
    }

    #[test]
    fn nothing_overflows(number in -719_162..=2_932_896_i32, months: i32, days: i32, years: i32) {
        let date = Date::from_day_number(number).unwrap();
        let _ = date.plus(Duration { months, days });
        let _ = Period::day(date).shift_years(years);
        let _ = Duration { months, days }.negate();
    }
}
