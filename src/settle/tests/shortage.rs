//! Every rule of a shortage, with its rest, exact and open.

use super::super::range::Range;
use super::super::shortage::{Claim, Outcome, share_out};
use crate::check::program::{ShortageDef, ShortageRuleDef};
use crate::source::Span;
use crate::syntax::tree::Rest;
use crate::value::Number;

fn number(text: &str) -> Number {
    Number::from_digits(text).unwrap()
}

fn known(text: &str) -> Range {
    Range::exactly(&number(text))
}

fn between(low: &str, high: Option<&str>) -> Range {
    Range { low: number(low), high: high.map(number) }
}

fn rule(rule: ShortageRuleDef, tie: Option<ShortageRuleDef>, rest: Rest) -> ShortageDef {
    ShortageDef { rule, tie, over_items: false, rest, round_to: None, span: Span::default() }
}

/// Shares of claims, each with its turn, in short: what is kept whole is told as it was.
fn shares(claims: &[(Range, Option<usize>)], room: &Range, shortage: Option<&ShortageDef>) -> Vec<String> {
    let claims: Vec<Claim> =
        claims.iter().map(|(amount, turn)| Claim { amount: amount.clone(), turn: *turn }).collect();
    let told = |range: &Range| match (range.known(), &range.high) {
        (Some(one), _) => one.to_string(),
        (None, Some(high)) => format!("{}..{high}", range.low),
        (None, None) => format!("{}..", range.low),
    };
    let of = |(claim, outcome): (&Claim, Outcome)| match outcome {
        Outcome::Whole => told(&claim.amount),
        Outcome::Cut(range, how) if how.is_undecided() => format!("{}?", told(&range)),
        Outcome::Cut(range, _) => told(&range),
    };
    claims.iter().zip(share_out(&claims, room, shortage)).map(of).collect()
}

fn at_once(amounts: &[&str], room: &str, shortage: Option<&ShortageDef>) -> Vec<String> {
    let claims: Vec<_> = amounts.iter().map(|amount| (known(amount), Some(0))).collect();
    shares(&claims, &known(room), shortage)
}

#[test]
fn a_pool_that_suffices_leaves_all_whole() {
    assert_eq!(at_once(&["10", "20"], "30", None), ["10", "20"]);
}

#[test]
fn without_a_rule_nothing_is_decided() {
    assert_eq!(at_once(&["10", "20"], "15", None), ["0..10?", "0..15?"]);
}

#[test]
fn the_only_one_bears_it_and_an_empty_pool_needs_no_rule() {
    assert_eq!(at_once(&["10", "0"], "7", None), ["7", "0"]);
    assert_eq!(at_once(&["10", "20"], "0", None), ["0", "0"]);
}

#[test]
fn pro_rata_rounds_down_and_the_rest_stays() {
    let rule = rule(ShortageRuleDef::ProRata, None, Rest::Stays);
    assert_eq!(at_once(&["10", "10", "10"], "10", Some(&rule)), ["3.33", "3.33", "3.33"]);
    assert_eq!(at_once(&["30", "10"], "20", Some(&rule)), ["15", "5"]);
}

#[test]
fn the_rest_goes_by_remainder_or_to_the_largest() {
    let by_remainder = rule(ShortageRuleDef::ProRata, None, Rest::ByRemainder);
    assert_eq!(at_once(&["10", "10", "10"], "10", Some(&by_remainder)), ["3.34", "3.33", "3.33"]);
    assert_eq!(at_once(&["1", "2", "4"], "5", Some(&by_remainder)), ["0.71", "1.43", "2.86"]);
    let to_largest = rule(ShortageRuleDef::ProRata, None, Rest::ToLargest);
    assert_eq!(at_once(&["1", "2", "4"], "5", Some(&to_largest)), ["0.71", "1.42", "2.87"]);
}

#[test]
fn cuts_round_down_to_a_unit() {
    let mut rule = rule(ShortageRuleDef::ProRata, None, Rest::Stays);
    rule.round_to = Some(number("1"));
    assert_eq!(at_once(&["10", "10", "10"], "10", Some(&rule)), ["3", "3", "3"]);
    rule.rest = Rest::ByRemainder;
    assert_eq!(at_once(&["10", "10", "10"], "10", Some(&rule)), ["4", "3", "3"]);
}

#[test]
fn equally_takes_the_same_from_each_but_no_more_than_all() {
    let rule = rule(ShortageRuleDef::Equally, None, Rest::Stays);
    assert_eq!(at_once(&["30", "30"], "40", Some(&rule)), ["20", "20"]);
    assert_eq!(at_once(&["90", "50", "10"], "100", Some(&rule)), ["70", "30", "0"]);
    assert_eq!(at_once(&["10", "10", "10"], "10", Some(&rule)), ["3.33", "3.33", "3.33"]);
}

#[test]
fn in_order_the_first_is_served_first() {
    let rule = rule(ShortageRuleDef::ByKeys(Vec::new()), None, Rest::Stays);
    let claims = [(known("60"), Some(1)), (known("60"), Some(0)), (known("10"), Some(2))];
    assert_eq!(shares(&claims, &known("100"), Some(&rule)), ["40", "60", "0"]);
}

#[test]
fn a_tie_at_the_line_needs_a_rule() {
    let order = || ShortageRuleDef::ByKeys(Vec::new());
    let claims = [(known("60"), Some(1)), (known("60"), Some(1)), (known("30"), Some(0)), (known("5"), Some(2))];
    let silent = rule(order(), None, Rest::Stays);
    assert_eq!(shares(&claims, &known("100"), Some(&silent)), ["0..60?", "0..60?", "30", "0"]);
    let pro_rata = rule(order(), Some(ShortageRuleDef::ProRata), Rest::Stays);
    assert_eq!(shares(&claims, &known("100"), Some(&pro_rata)), ["35", "35", "30", "0"]);
    let equally = rule(order(), Some(ShortageRuleDef::Equally), Rest::Stays);
    assert_eq!(shares(&claims, &known("100"), Some(&equally)), ["35", "35", "30", "0"]);
}

#[test]
fn a_turn_that_is_not_known_may_be_any() {
    let order = || ShortageRuleDef::ByKeys(Vec::new());
    let claims = [(known("60"), Some(0)), (known("70"), None)];
    let pro_rata = rule(order(), Some(ShortageRuleDef::ProRata), Rest::Stays);
    assert_eq!(shares(&claims, &known("100"), Some(&pro_rata)), ["30..60", "40..70"]);
    // They may tie, and nothing says what a tie does.
    let silent = rule(order(), None, Rest::Stays);
    assert_eq!(shares(&claims, &known("100"), Some(&silent)), ["0..60", "0..70"]);
}

#[test]
fn open_amounts_leave_shares_between_bounds() {
    let pro_rata = rule(ShortageRuleDef::ProRata, None, Rest::Stays);
    let claims = [(known("60"), Some(0)), (between("20", Some("60")), Some(0))];
    assert_eq!(shares(&claims, &known("60"), Some(&pro_rata)), ["30..45", "15..30"]);
    let equally = rule(ShortageRuleDef::Equally, None, Rest::Stays);
    assert_eq!(shares(&claims, &known("60"), Some(&equally)), ["30..50", "0..50"]);
    let endless = [(known("60"), Some(0)), (between("0", None), Some(0))];
    assert_eq!(shares(&endless, &known("60"), Some(&pro_rata)), ["0..60", "0..60"]);
}

#[test]
fn an_open_pool_leaves_shares_between_bounds() {
    let rule = rule(ShortageRuleDef::ProRata, None, Rest::Stays);
    let claims = [(known("60"), Some(0)), (known("30"), Some(0))];
    assert_eq!(shares(&claims, &between("30", Some("60")), Some(&rule)), ["20..40", "10..20"]);
}

#[test]
fn cut_to_a_unit_more_may_come_to_less() {
    let mut rule = rule(ShortageRuleDef::ProRata, None, Rest::Stays);
    rule.round_to = Some(number("10"));
    // 4 and 10 fit into 15; 6 and 10 do not, and 6 × 15 ÷ 16 is nothing in whole tens.
    let claims = [(between("4", Some("6")), Some(0)), (known("10"), Some(0))];
    assert_eq!(shares(&claims, &known("15"), Some(&rule)), ["0..5.62", "0..10"]);
    assert_eq!(shares(&[(between("12", Some("19")), Some(0))], &known("15"), Some(&rule)), ["10..15"]);
}

#[test]
fn a_pool_that_is_not_in_whole_fen_is_shared_alike() {
    let of = |how: fn() -> ShortageRuleDef, rest, amounts: &[&str], room: &str| {
        at_once(amounts, room, Some(&rule(how(), None, rest)))
    };
    let pro_rata = || ShortageRuleDef::ProRata;
    assert_eq!(of(pro_rata, Rest::Stays, &["10", "10", "10"], "10.001"), ["3.33", "3.33", "3.33"]);
    assert_eq!(of(pro_rata, Rest::ByRemainder, &["10", "10", "10"], "10.001"), ["3.34", "3.33", "3.33"]);
    assert_eq!(of(pro_rata, Rest::ByRemainder, &["1", "2", "4"], "5.004"), ["0.71", "1.43", "2.86"]);
    assert_eq!(of(pro_rata, Rest::ToLargest, &["1", "2", "4"], "5.004"), ["0.71", "1.42", "2.87"]);
    let equally = || ShortageRuleDef::Equally;
    assert_eq!(of(equally, Rest::Stays, &["90", "50", "10", "0"], "100.001"), ["70", "30", "0", "0"]);
    assert_eq!(of(equally, Rest::ToLargest, &["90", "50", "10", "0"], "100.013"), ["70.01", "30", "0", "0"]);
    assert_eq!(of(equally, Rest::Stays, &["0.005", "10"], "7.0049"), ["0", "7"]);
}

#[test]
fn one_amount_without_a_bound_leaves_its_own_least() {
    let pro_rata = rule(ShortageRuleDef::ProRata, None, Rest::Stays);
    let one = [(known("60"), Some(0)), (between("10", None), Some(0))];
    assert_eq!(shares(&one, &known("60"), Some(&pro_rata)), ["0..51.42", "8.57..60"]);
    let two = [(between("20", None), Some(0)), (between("10", None), Some(0))];
    assert_eq!(shares(&two, &known("60"), Some(&pro_rata)), ["0..60", "0..60"]);
}

#[test]
fn who_may_get_the_rest_may_keep_all() {
    let claims = [(known("60"), Some(0)), (between("20", Some("60")), Some(0))];
    let equally = rule(ShortageRuleDef::Equally, None, Rest::ByRemainder);
    assert_eq!(shares(&claims, &known("60"), Some(&equally)), ["30..60", "0..60"]);
}

#[test]
fn a_tie_stays_undecided_beside_a_turn_that_is_not_known() {
    let silent = rule(ShortageRuleDef::ByKeys(Vec::new()), None, Rest::Stays);
    let claims = [(known("60"), Some(0)), (known("60"), Some(0)), (known("70"), None)];
    assert_eq!(shares(&claims, &known("100"), Some(&silent)), ["0..60?", "0..60?", "0..70"]);
}

#[test]
fn a_share_is_exact_where_a_guess_is_off_by_one() {
    use super::super::parts::Parts;
    // Claim, room, what is asked for, in fen: the share lies a hair below, or on, a whole fen.
    let high = [
        (89_702_423_876, 1_410_361_181_494, 1_558_039_224_425, 81_200_020_215),
        (29_120_677_437, 1_487_123_218_336, 1_805_740_458_032, 23_982_425_246),
    ];
    let low = [
        (3_068_973_559_633, 2_430_694_609_137, 3_777_364_873_904, 1_974_852_241_180),
        (411_794_713_087, 1_741_024_220_373, 2_819_073_717_890, 254_319_198_805),
    ];
    for (claim, room, wanted, share) in high.into_iter().chain(low) {
        assert_eq!(i128::from(claim) * room / wanted, i128::from(share));
        let mut shares = [0];
        Parts::pro_rata(room, wanted, 1).unwrap().shares(&[claim], &mut shares);
        assert_eq!(shares, [share]);
    }
}
