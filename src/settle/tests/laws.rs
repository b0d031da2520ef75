//! The laws of money in settlement, over random populations.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::Recipient;
use super::super::award::Award;
use super::super::range::{self, Range};
use super::population::{Paid, Row, Rules, config, known_rows, paid, paid_in_all, settled, shares, told, veiled_rows};
use crate::policies::{Basis, Policies};
use crate::value::{Number, Period};

/// Steps of every kind.
const STEPS: &[&str] = &[
    "highest among 甲, 乙, 丙",
    "highest among 甲, 乙 per 集团",
    "not together 甲, 乙\n not together 乙, 丙",
    "not together 甲, 乙 per 集团",
    "select top 2 of 甲 by 得分",
    "select top 2 of 甲, 乙 by 得分 then by 甲额 asc ties none",
    "select top 1 of 甲 by 得分 per 集团 ties all",
    "select top 3 of 甲 by 得分 ties by 乙额",
    "exclude 甲 when 得分 > 3",
    "times 50% for 甲\n nothing below 30元 for 甲",
    "limit 甲, 乙 to 额度",
    "limit 甲, 乙 to 额度 in order of 乙, 甲",
    "limit 甲, 乙 to 额度 pro rata",
    "limit 甲, 丙 to 额度 per 集团 equally",
    "limit total to 额度 per 集团",
    "budget 额度",
    "budget 额度 pro rata",
    "budget 额度 for 甲, 乙 equally",
    "budget 额度 for 甲 in order of 得分",
    "budget 额度 for 甲, 乙 in order of 得分 desc then pro rata",
    "budget 额度 in order of 丙, 甲 then equally",
    "budget 额度 for 甲, 乙 per 集团 pro rata",
    "budget 额度 for 甲 pro rata rest by remainder",
    "budget 额度 for 甲, 丙 equally rest to largest",
    "budget 额度 for 甲 pro rata round down to 10元",
    "budget 额度 for 甲, 乙 in order of 得分 then pro rata rest by remainder round down to 10元",
    "budget 额度 from 市级 pro rata",
    "budget 额度 from 市级",
    "budget 额度 from 市级 in order of 得分 then pro rata\n limit total to 100元 pro rata",
];

/// Rules under which the pool of the clauses at these places never pays more than there is,
/// and where the rest of rounding down is given away, all of it once it does not suffice.
const BUDGETS: &[(&str, &[usize])] = &[
    ("budget 额度 pro rata", &[0, 1, 2]),
    ("budget 额度 for 甲, 乙 equally", &[0, 1]),
    ("budget 额度 for 甲 in order of 得分", &[0]),
    ("budget 额度 for 甲, 丙", &[0, 2]),
    ("budget 额度 in order of 丙, 甲 then pro rata", &[0, 1, 2]),
    ("budget 额度 for 甲 pro rata round down to 10元", &[0]),
    ("budget 额度 for 甲 pro rata rest by remainder", &[0]),
    ("budget 额度 for 甲, 丙 equally rest to largest", &[0, 2]),
    ("budget 额度 for 甲 in order of 得分 then equally rest by remainder", &[0]),
    ("budget 额度 for 甲, 乙 in order of 得分 then pro rata rest by remainder round down to 10元", &[0, 1]),
    ("budget 额度 equally rest to largest round down to 7元", &[0, 1, 2]),
];

/// Rules under which a larger budget never pays anyone less: those whose rest stays.
const GROWING: &[&str] = &[
    "budget 额度 pro rata",
    "budget 额度 for 甲, 乙 equally",
    "budget 额度 for 甲 in order of 得分 then pro rata",
    "budget 额度 in order of 丙, 甲, 乙 then equally",
    "limit total to 额度 per 集团 pro rata",
    "limit 甲, 乙 to 额度 in order of 乙, 甲",
    "budget 额度 for 甲, 乙 per 集团 equally",
    "budget 额度 from 市级 pro rata",
    "budget 额度 from 市级 in order of 得分 then equally",
];

const FUNDING: &str = "funded by 市级 60% (cap 90元), 县区 the rest";

/// Payers with caps that may bind or be unknown, shares that may be, and a rest that somebody bears or nobody does.
const FUNDINGS: &[&str] = &[
    FUNDING,
    "funded by 市级 50% (cap 30元), 县区 50%",
    "funded by 市级 60% (cap 乙额), 县区 the rest",
    "funded by 市级 60% (cap 乙额), 省级 1/7, 县区 the rest (cap 丙额)",
    "funded by 省级 1/3, 市级 1/3 (cap 乙额 / 3), 县区 1/3",
    "funded by 市级 得分 × 10%, 县区 40%",
    "funded by 县区 30%, 市级 得分 × 20% (cap 20元), 省级 the rest",
];

fn with(steps: &str, budget: i64) -> Rules {
    Rules::new(FUNDING, steps, budget)
}

/// Steps, and who pays.
#[derive(Debug)]
struct Settled {
    funding: &'static str,
    steps: String,
}

impl Settled {
    fn rules(&self, budget: i64) -> Rules {
        Rules::new(self.funding, &self.steps, budget)
    }
}

/// Any one or two steps, in order.
fn steps() -> impl Strategy<Value = Settled> {
    let one = || (0..STEPS.len()).prop_map(|at| STEPS[at].to_owned());
    let steps = prop_oneof![one(), (one(), one()).prop_map(|(a, b)| format!("{a}\n {b}"))];
    (0..FUNDINGS.len(), steps).prop_map(|(at, steps)| Settled { funding: FUNDINGS[at], steps })
}

fn within(part: &(Number, Option<Number>), whole: &(Number, Option<Number>)) -> bool {
    let below = match (&part.1, &whole.1) {
        (_, None) => true,
        (Some(part), Some(whole)) => part <= whole,
        (None, Some(_)) => false,
    };
    part.0 >= whole.0 && below
}

fn compare_all(
    a: &[Paid],
    b: &[Paid],
    good: impl Fn(&(Number, Option<Number>), &(Number, Option<Number>)) -> bool,
) -> Option<String> {
    for ((key, a), (_, b)) in a.iter().zip(b) {
        for (at, (a, b)) in a.iter().zip(b).enumerate() {
            if !good(a, b) {
                return Some(format!("{key} clause {at}: {a:?} against {b:?}"));
            }
        }
    }
    None
}

/// What is asked for under the clauses at these places.
fn wanted(rows: &[Row], clauses: &[usize]) -> Number {
    let amounts = rows.iter().flat_map(|row| clauses.iter().filter_map(|at| row.amounts[*at]));
    Number::from_i64(amounts.sum()).divide(&Number::from_i64(100)).unwrap()
}

/// Whether the shares of an award add up to it: what is open at least may.
fn adds_up(award: &Award) -> bool {
    let sum = range::sum(&award.shares.iter().map(|share| Range::of(&share.amount)).collect::<Vec<_>>());
    let whole = Range::of(&award.amount);
    let all_known = award.shares.iter().all(|share| share.amount.known().is_some());
    if all_known {
        return sum == whole;
    }
    sum.low <= whole.low && whole.high.is_none_or(|whole| sum.high.is_none_or(|sum| sum >= whole))
}

fn rises(recipient: &Recipient<'_>) -> Option<String> {
    let high = |answer: &crate::eval::Answer| answer.interval().and_then(|interval| interval.highest);
    let more = |before: Option<Number>, after: Option<Number>| {
        before.is_some_and(|before| after.is_none_or(|after| after > before))
    };
    let reductions = recipient.awards.iter().flat_map(|award| &award.reductions);
    let found = reductions.into_iter().find(|one| more(high(&one.before), high(&one.after)));
    found.map(|one| format!("{one:?}"))
}

/// What two clauses that exclude each other item by item pay together, the first of them capped, the second from a threshold on.
fn paid_for_items(items: &[(i64, i64)], cap: i64, threshold: i64) -> String {
    static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
        Policies::from_text(
            "record 企业 { 编号 : text key   项目 : list of 项目 }
             record 项目 { 名称 : text key   甲额 : money   乙额 : money }
             parameter 上限 : money = pending \"上限\"
             parameter 起点 : money = pending \"起点\"
             clause 甲 { award 甲额 for each 项目 cap 上限 }
             clause 乙 { award 乙额 for each 项目 nothing below 起点 }
             settle { not together 甲, 乙 per 项目 }",
        )
    });
    let item =
        |(at, (a, b)): (usize, &(i64, i64))| serde_json::json!({ "名称": format!("P{at}"), "甲额": a, "乙额": b });
    let items: Vec<_> = items.iter().enumerate().map(item).collect();
    let basis = Basis::of("2024").unwrap().with("上限", format!("{cap}元")).with("起点", format!("{threshold}元"));
    let told = POLICIES.evaluate(&serde_json::json!({ "编号": "E1", "项目": items }), &basis).unwrap();
    told.lines.last().and_then(|total| total.settled.clone()).unwrap_or_default()
}

/// The same by trying every choice.
fn best_for_items(items: &[(i64, i64)], cap: i64, threshold: i64) -> i64 {
    let choices = 0u32..1 << items.len();
    let pays = |choice: u32| {
        let of = |chosen: bool| items.iter().enumerate().filter(move |(at, _)| (choice >> at & 1 == 1) == chosen);
        let first: i64 = of(true).map(|(_, (a, _))| a).sum();
        let second: i64 = of(false).map(|(_, (_, b))| b).sum();
        first.min(cap) + if second < threshold { 0 } else { second }
    };
    choices.map(pays).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn paid_is_within_the_budget((known, veiled) in veiled_rows(), at in 0..BUDGETS.len(), budget in 0i64..600) {
        let (steps, clauses) = BUDGETS[at];
        let (rules, most) = (with(steps, budget), Number::from_i64(budget));
        prop_assert!(paid_in_all(&paid(&rules, &veiled), clauses).0 <= most);
        let paid = paid_in_all(&paid(&rules, &known), clauses);
        // Without a rule for the shortage, or for a tie in it, what is paid stays open.
        if steps.contains("rest") {
            prop_assert_eq!(paid.1, wanted(&known, clauses).min(most));
        } else if ["pro rata", "equally", "round"].iter().any(|rule| steps.contains(rule)) {
            prop_assert!(paid.1 <= most);
        } else {
            prop_assert!(paid.0 <= most);
        }
    }

    #[test]
    fn no_step_pays_more_than_it_was_given((_, rows) in veiled_rows(), steps in steps(), budget in 0i64..600) {
        let rises = settled(&steps.rules(budget), &rows, |_, recipients| recipients.iter().find_map(rises));
        prop_assert_eq!(rises, None);
    }

    #[test]
    fn the_order_of_records_does_not_matter((_, rows) in veiled_rows(), steps in steps(), budget in 0i64..600, turn in 0usize..8) {
        let rules = steps.rules(budget);
        let mut turned: Vec<Row> = rows.clone();
        turned.reverse();
        let turn = turn % turned.len();
        turned.rotate_left(turn);
        prop_assert_eq!(told(&rules, &rows), told(&rules, &turned));
    }

    #[test]
    fn a_larger_budget_pays_nobody_less(rows in known_rows(), at in 0..GROWING.len(), budget in 0i64..400, more in 0i64..50) {
        let small = paid(&with(GROWING[at], budget), &rows);
        let large = paid(&with(GROWING[at], budget + more), &rows);
        let less = compare_all(&large, &small, |large, small| large.0 >= small.0 && large.1 >= small.1);
        prop_assert_eq!(less, None);
    }

    #[test]
    fn what_is_not_known_stays_within_its_bounds((known, veiled) in veiled_rows(), steps in steps(), budget in 0i64..600) {
        let rules = steps.rules(budget);
        prop_assert_eq!(compare_all(&paid(&rules, &known), &paid(&rules, &veiled), within), None);
    }

    #[test]
    fn shares_that_are_not_known_stay_within_their_bounds(
        (known, veiled) in veiled_rows(), steps in steps(), budget in 0i64..600,
    ) {
        let rules = steps.rules(budget);
        prop_assert_eq!(compare_all(&shares(&rules, &known), &shares(&rules, &veiled), within), None);
    }

    #[test]
    fn shares_add_up_to_the_fen((known, veiled) in veiled_rows(), steps in steps(), budget in 0i64..600) {
        let rules = steps.rules(budget);
        for (rows, is_known) in [(known, true), (veiled, false)] {
            // Where everything is known and no rule is missing, who pays an exact amount is.
            let told = |award: &&Award| {
                let may_be_open = !is_known || award.amount.known().is_none() || !award.undecided.is_empty();
                may_be_open || award.shares.iter().all(|share| share.amount.known().is_some())
            };
            let wrong = settled(&rules, &rows, |_, recipients| {
                recipients.iter().flat_map(|one| &one.awards).find(|award| !adds_up(award) || !told(award)).cloned()
            });
            prop_assert_eq!(wrong, None);
        }
    }

    #[test]
    fn the_best_compatible_set_is_kept(rows in known_rows()) {
        let policies = with("not together 甲, 乙\n not together 乙, 丙", 0);
        for (row, (_, awards)) in rows.iter().zip(paid(&policies, &rows)) {
            let [a, b, c] = row.amounts.map(|amount| amount.unwrap_or(0));
            let best = (a + c).max(b);
            let kept = awards.into_iter().fold(Number::ZERO, |sum, (low, _)| sum.add(&low).unwrap());
            prop_assert_eq!(kept, Number::from_i64(best).divide(&Number::from_i64(100)).unwrap());
        }
    }

    #[test]
    fn the_best_choice_between_items_is_kept(
        items in proptest::collection::vec((0i64..60, 0i64..60), 1..7), cap in 0i64..200, threshold in 0i64..80,
    ) {
        let best = Number::from_i64(best_for_items(&items, cap, threshold)).to_yuan();
        prop_assert_eq!(paid_for_items(&items, cap, threshold), best);
    }
}

#[test]
fn a_record_in_error_is_paid_nothing_and_draws_on_nothing() {
    let row = |key| Row { key, amounts: [Some(10_000), Some(0), Some(0)], score: Some(1), group: Some(0) };
    let rules = Rules::new("", "budget 额度 for 甲 pro rata", 100);
    let paid = rules.evaluate(Period::year(2024).unwrap(), &[row(1), row(2)], &[], |context, mut recipients| {
        recipients[0].in_error = true;
        super::super::settle(context, &mut recipients);
        recipients.iter().map(|one| one.awards[0].bounds()).collect::<Vec<_>>()
    });
    let (nothing, all) = (Number::ZERO, Number::from_i64(100));
    assert_eq!(paid, [(nothing.clone(), Some(nothing)), (all.clone(), Some(all))]);
}
