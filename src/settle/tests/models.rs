//! Settlement against models: shares reckoned anew in whole fen, without fractions, and
//! who is among the first counted one by one. Ties at a cut are told, or broken by the
//! key where the rule says so.

use proptest::prelude::*;

use super::super::Recipient;
use super::population::{Row, Rules, config, known_rows, settled};
use crate::eval::Answer;
use crate::value::Number;

/// What a model says of one: the fen that are paid, or the most where the rule leaves a tie open.
#[derive(Debug, Clone, PartialEq)]
enum Share {
    Paid(i64),
    UpTo(i64),
}

/// What the first clause comes to for each, in the order of keys.
fn shares(rules: &Rules, rows: &[Row]) -> Vec<(Share, bool)> {
    let fen = |number: &Number| number.multiply(&Number::from_i64(100)).unwrap().to_i64().unwrap();
    let of = |one: &Recipient<'_>| {
        let award = &one.awards[0];
        let share = match award.bounds() {
            (low, Some(high)) if low == high => Share::Paid(fen(&low)),
            (low, Some(high)) => {
                assert_eq!(low, Number::ZERO);
                Share::UpTo(fen(&high))
            }
            (_, None) => panic!("no bound"),
        };
        (share, !award.undecided_steps().is_empty())
    };
    settled(rules, rows, |_, recipients| recipients.iter().map(of).collect())
}

fn fen(amount: &Answer) -> i64 {
    amount.known_number().unwrap().multiply(&Number::from_i64(100)).unwrap().to_i64().unwrap()
}

#[derive(Debug, Clone, Copy)]
enum Rest {
    Stays,
    ByRemainder,
    ToLargest,
}

/// Exact shares as fractions of whole fen, rounded down, and the rest given away.
fn given(amounts: &[i64], exact: &[(i64, i64)], room: i64, rest: Rest) -> Vec<i64> {
    let mut shares: Vec<i64> = exact.iter().map(|(over, under)| over.div_euclid(*under)).collect();
    let mut left = room - shares.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    match rest {
        Rest::Stays => return shares,
        // Fractions of one denominator: the larger remainder first, the smaller key among equals.
        Rest::ByRemainder => order.sort_by_key(|at| std::cmp::Reverse(exact[*at].0.rem_euclid(exact[*at].1))),
        Rest::ToLargest => order.sort_by_key(|at| std::cmp::Reverse(amounts[*at])),
    }
    let most = if matches!(rest, Rest::ToLargest) { left } else { 1 };
    for at in order {
        let more = most.min(left).min(amounts[at] - shares[at]);
        shares[at] += more;
        left -= more;
    }
    shares
}

/// What a room leaves of amounts that stand equal.
type Rule = fn(&[i64], i64, Rest) -> Vec<i64>;

fn pro_rata(amounts: &[i64], room: i64, rest: Rest) -> Vec<i64> {
    let total: i64 = amounts.iter().sum();
    if total <= room {
        return amounts.to_vec();
    }
    let exact: Vec<(i64, i64)> = amounts.iter().map(|amount| (amount * room, total)).collect();
    given(amounts, &exact, room, rest)
}

fn equally(amounts: &[i64], room: i64, rest: Rest) -> Vec<i64> {
    if amounts.iter().sum::<i64>() <= room {
        return amounts.to_vec();
    }
    // The most bearers that can each bear an equal part of what is short.
    let mut sorted = amounts.to_vec();
    sorted.sort_by_key(|amount| std::cmp::Reverse(*amount));
    for bearers in (1..=sorted.len()).rev() {
        let over = sorted[..bearers].iter().sum::<i64>() - room;
        let under = i64::try_from(bearers).unwrap();
        if sorted[bearers - 1] * under >= over {
            let exact: Vec<(i64, i64)> = amounts.iter().map(|amount| ((amount * under - over).max(0), under)).collect();
            return given(amounts, &exact, room, rest);
        }
    }
    vec![0; amounts.len()]
}

/// Who comes first is served first; a tie that the room does not serve whole stays open.
fn in_order(rows: &[Row], room: i64, tie: Option<Rule>) -> Vec<Share> {
    let mut left = room;
    let mut out = vec![Share::Paid(0); rows.len()];
    for score in 0..6 {
        let places: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].score == Some(score)).collect();
        let amounts: Vec<i64> = places.iter().map(|at| amount(&rows[*at])).collect();
        let wanted: i64 = amounts.iter().sum();
        let paying = amounts.iter().filter(|amount| **amount > 0).count();
        let shares: Vec<Share> = match tie {
            _ if wanted <= left => amounts.iter().map(|amount| Share::Paid(*amount)).collect(),
            Some(share) => share(&amounts, left, Rest::Stays).into_iter().map(Share::Paid).collect(),
            None if paying <= 1 || left == 0 => amounts.iter().map(|a| Share::Paid(*a.min(&left))).collect(),
            None => amounts.iter().map(|a| (*a.min(&left)).max(0)).map(up_to).collect(),
        };
        places.iter().zip(shares).for_each(|(at, share)| out[*at] = share);
        left = (left - wanted).max(0);
    }
    out
}

fn up_to(most: i64) -> Share {
    if most == 0 { Share::Paid(0) } else { Share::UpTo(most) }
}

/// Who pays an amount in the model: 60% up to a cap, 30%, and the rest up to a cap; to the fen, by the largest remainder.
fn split(amount: i64, caps: [i64; 2]) -> Vec<i64> {
    // In tenths of a fen.
    let first = (6 * amount).min(10 * caps[0]);
    let exact = [first, 3 * amount, (7 * amount - first).min(10 * caps[1])];
    let mut shares = exact.map(|share| share / 10);
    let mut order = [0, 1, 2];
    order.sort_by_key(|at| std::cmp::Reverse(exact[*at] % 10));
    let mut left = exact.iter().sum::<i64>() / 10 - shares.iter().sum::<i64>();
    for at in order {
        let more = left.min(1).min([caps[0], amount, caps[1]][at] - shares[at]);
        shares[at] += more;
        left -= more;
    }
    shares.to_vec()
}

fn amount(row: &Row) -> i64 {
    row.amounts[0].unwrap()
}

/// What a tie across the line does.
#[derive(Debug, Clone, Copy)]
enum Ties {
    Open,
    All,
    None,
    By,
}

/// Whether one stands ahead of another.
fn ahead(one: &Row, other: &Row, ties: Ties) -> bool {
    let key = |row: &Row| (row.score, if matches!(ties, Ties::By) { row.amounts[1] } else { None });
    amount(one) > 0 && key(one) > key(other)
}

fn selected(rows: &[Row], count: usize, ties: Ties) -> Vec<Share> {
    let of = |row: &Row| {
        let before = rows.iter().filter(|other| ahead(other, row, ties)).count();
        let beside = |other: &&Row| amount(other) > 0 && !ahead(other, row, ties) && !ahead(row, other, ties);
        let tied = rows.iter().filter(beside).count();
        match ties {
            Ties::All if before < count => Share::Paid(amount(row)),
            _ if before + tied <= count => Share::Paid(amount(row)),
            Ties::Open | Ties::By if before < count => up_to(amount(row)),
            _ => Share::Paid(0),
        }
    };
    rows.iter().map(of).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_shortage_is_borne_as_the_model_bears_it(rows in known_rows(), room in 0i64..600, rule in 0..2usize, rest in 0..3usize) {
        let share = [pro_rata, equally][rule];
        let (rests, named) = ([Rest::Stays, Rest::ByRemainder, Rest::ToLargest], ["stays", "by remainder", "to largest"]);
        let steps = format!("budget 额度 for 甲 {} rest {}", ["pro rata", "equally"][rule], named[rest]);
        let amounts: Vec<i64> = rows.iter().map(amount).collect();
        let expected = share(&amounts, room * 100, rests[rest]).into_iter().map(|paid| (Share::Paid(paid), false));
        prop_assert_eq!(shares(&Rules::new("", &steps, room), &rows), expected.collect::<Vec<_>>());
    }

    #[test]
    fn payers_share_as_the_model_shares(rows in known_rows(), budget in 0i64..2) {
        let head = "funded by 市级 60% (cap 乙额), 省级 30%, 县区 the rest (cap 丙额)";
        // A budget that reaches changes nothing of it.
        let steps = ["", "budget 100000元 from 市级 pro rata"][usize::try_from(budget).unwrap()];
        let found: Vec<Vec<i64>> = settled(&Rules::new(head, steps, 0), &rows, |_, recipients| {
            recipients.iter().map(|one| one.awards[0].shares.iter().map(|share| fen(&share.amount)).collect()).collect()
        });
        let of = |row: &Row| split(amount(row), [row.amounts[1].unwrap(), row.amounts[2].unwrap()]);
        let expected: Vec<Vec<i64>> = rows.iter().map(of).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn in_order_the_first_are_served_and_a_tie_is_told(rows in known_rows(), room in 0i64..600, tie in 0..3usize) {
        let (rule, named) = ([None, Some(pro_rata as Rule), Some(equally)], ["", "then pro rata", "then equally"]);
        let expected = in_order(&rows, room * 100, rule[tie]).into_iter();
        let steps = format!("budget 额度 for 甲 in order of 得分 {}", named[tie]);
        let expected = expected.map(|share| (share.clone(), matches!(share, Share::UpTo(_))));
        prop_assert_eq!(shares(&Rules::new("", &steps, room), &rows), expected.collect::<Vec<_>>());
    }

    #[test]
    fn the_first_are_selected_and_a_tie_does_what_is_said(rows in known_rows(), count in 1i64..6, ties in 0..4usize) {
        let (rules, named) = ([Ties::Open, Ties::All, Ties::None, Ties::By], ["", "ties all", "ties none", "ties by 乙额"]);
        let steps = format!("select top {count} of 甲 by 得分 {}", named[ties]);
        let expected = selected(&rows, usize::try_from(count).unwrap(), rules[ties]);
        let expected = expected.into_iter().map(|share| (share.clone(), matches!(share, Share::UpTo(_))));
        prop_assert_eq!(shares(&Rules::new("", &steps, 0), &rows), expected.collect::<Vec<_>>());
    }
}

#[test]
fn payers_pay_whole_fen_where_their_caps_are_none() {
    let head = "funded by 市级 60% (cap 乙额 / 3), 县区 the rest";
    let row = Row { key: 0, amounts: [Some(8_000), Some(2_000), Some(0)], score: Some(1), group: None };
    let shares = settled(&Rules::new(head, "", 0), &[row], |_, recipients| {
        recipients[0].awards[0].shares.iter().map(|share| fen(&share.amount)).collect::<Vec<_>>()
    });
    assert_eq!(shares, [666, 7_334]);
}
