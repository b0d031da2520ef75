//! What is open in one award, and how far that leaves others open, and because of what.

use super::population::{Row, Rules, settled, shares};
use crate::eval::{Causes, Missing};

/// An enterprise, amounts in 元.
fn row(key: usize, amounts: [Option<i64>; 2], score: Option<i64>, group: Option<u8>) -> Row {
    let [a, b] = amounts.map(|amount| amount.map(|yuan| yuan * 100));
    Row { key, amounts: [a, b, Some(0)], score, group }
}

/// What each is paid under the first clause; `?` where a rule is missing that decides it.
fn first(rules: &Rules, rows: &[Row]) -> Vec<String> {
    settled(rules, rows, |_, recipients| {
        let told = recipients.iter().map(|recipient| {
            let award = &recipient.awards[0];
            let told = match award.bounds() {
                (low, Some(high)) if low == high => low.to_string(),
                (low, high) => format!("{low}..{}", high.map(|high| high.to_string()).unwrap_or_default()),
            };
            if award.undecided_steps().is_empty() { told } else { format!("{told}?") }
        });
        told.collect()
    })
}

/// What the first recipient's first award waits for: facts, amounts of others, and rules.
fn waits(rules: &Rules, rows: &[Row]) -> String {
    settled(rules, rows, |program, recipients| {
        let causes = recipients[0].awards[0].amount.causes().cloned().unwrap_or_else(Causes::default);
        let missing = causes.missing.iter().map(|missing| match missing {
            Missing::Fact { record, fact, .. } => program.records[record.index()].facts[fact.index()].name.to_string(),
            Missing::Others(step) => format!("others in {step}"),
            other => format!("{other:?}"),
        });
        let pending = causes.pending.iter().map(|id| program.pendings[id.index()].name.to_string());
        missing.chain(pending).collect::<Vec<_>>().join(", ")
    })
}

#[test]
fn of_others_it_is_told_that_they_are_open_but_not_their_facts() {
    let rows = [row(0, [Some(150), Some(0)], Some(1), None), row(1, [None, Some(0)], Some(5), None)];
    let pro_rata = Rules::new("", "budget 100元 for 甲 pro rata", 0);
    assert_eq!(waits(&pro_rata, &rows), "others in 0");
    let alone = [row(0, [Some(150), None], Some(1), None)];
    assert_eq!(waits(&Rules::new("", "limit 甲, 乙 to 100元 pro rata", 0), &alone), "乙额");
    // A rule that is missing leaves it open whatever the others come to.
    let pending = Rules::new("", "budget pending \"款\" for 甲 pro rata", 0);
    assert_eq!(waits(&pending, &rows), "款");
}

#[test]
fn a_rule_that_others_wait_for_is_told() {
    let clause = "clause 甲 { award by { 得分 > 3: pending \"标准\", otherwise: 甲额 } cap 1000元 }\n";
    let rules = Rules::of_clauses("", clause, "budget 100元 for 甲 pro rata", 0);
    let rows = [row(0, [Some(150), Some(0)], Some(1), None), row(1, [Some(9), Some(0)], Some(5), None)];
    assert_eq!(waits(&rules, &rows), "标准");
}

#[test]
fn who_is_not_placed_may_take_the_place() {
    let rows = [row(0, [Some(50), Some(0)], Some(5), None), row(1, [Some(30), Some(0)], None, None)];
    for ties in ["", "ties none", "ties all"] {
        let rules = Rules::new("", &format!("select top 1 of 甲 by 得分 {ties}"), 0);
        assert_eq!(first(&rules, &rows), ["0..50", "0..30"], "{ties}");
        assert_eq!(waits(&rules, &rows), "得分", "{ties}");
    }
    // A tie for which there is a rule waits for who is not placed alone.
    let tied = |key| row(key, [Some(30), Some(0)], Some(5), None);
    let rows = [row(0, [Some(50), Some(0)], Some(9), None), tied(1), tied(2), row(3, [Some(20), Some(0)], None, None)];
    let of = |ties: &str| first(&Rules::new("", &format!("select top 2 of 甲 by 得分 {ties}"), 0), &rows);
    assert_eq!(of(""), ["50", "0..30?", "0..30?", "0..20"]);
    assert_eq!(of("ties all"), ["50", "0..30", "0..30", "0..20"]);
    assert_eq!(of("ties none"), ["50", "0", "0", "0..20"]);
    // One that may get nothing may leave its place to the next.
    let open = |key| row(key, [None, Some(0)], Some(5), None);
    let rows = [row(0, [Some(50), Some(0)], Some(1), None), open(1), open(2)];
    let rules = Rules::new("", "select top 1 of 甲 by 得分", 0);
    assert_eq!(first(&rules, &rows), ["0..50", "0..1000?", "0..1000?"]);
    assert_eq!(waits(&rules, &rows), "others in 0");
}

#[test]
fn who_is_of_no_known_group_may_stand_beside_anybody() {
    let rules = Rules::new("", "highest among 甲 per 集团", 0);
    let one = |key, group| row(key, [Some(50), Some(0)], Some(1), group);
    assert_eq!(first(&rules, &[one(0, None)]), ["50"]);
    assert_eq!(first(&rules, &[one(0, None), one(1, None)]), ["0..50", "0..50"]);
    assert_eq!(first(&rules, &[one(0, None), one(1, Some(1))]), ["0..50", "0..50"]);
}

#[test]
fn only_what_is_known_to_be_equal_wants_a_rule() {
    let rules = Rules::new("", "highest among 甲 per 集团", 0);
    let one = |key, amount| row(key, [amount, Some(0)], Some(1), Some(1));
    assert_eq!(first(&rules, &[one(0, Some(50)), one(1, Some(50))]), ["0..50?", "0..50?"]);
    assert_eq!(first(&rules, &[one(0, Some(50)), one(1, None)]), ["0..50", "0..1000"]);
    assert_eq!(first(&rules, &[one(0, None), one(1, None)]), ["0..1000", "0..1000"]);
    let among = Rules::new("", "highest among 甲, 乙 per 集团", 0);
    let two = |key, a, b| row(key, [Some(a), Some(b)], Some(1), Some(1));
    assert_eq!(first(&among, &[two(0, 50, 0), two(1, 0, 50)]), ["50", "0"]);
}

#[test]
fn a_reduction_names_the_step_that_two_clauses_share() {
    let steps = "cap 900元 for 甲\n not together 甲, 丙\n not together 甲, 乙";
    let named = |amounts: [i64; 3]| {
        let rows = [Row { key: 0, amounts: amounts.map(Some), score: Some(1), group: None }];
        settled(&Rules::new("", steps, 0), &rows, |_, recipients| {
            let reductions = recipients[0].awards.iter().flat_map(|award| &award.reductions);
            reductions.map(|reduction| format!("{:?} {:?}", reduction.source, reduction.reason)).collect::<Vec<_>>()
        })
    };
    assert_eq!(named([1_000, 3_000, 200]), ["Step(1) NotTogether(ClauseId(2))"]);
    assert_eq!(named([1_000, 3_000, 0]), ["Step(2) NotTogether(ClauseId(1))"]);
}

#[test]
fn steps_that_make_one_choice_leave_an_award_open_once() {
    let rules = Rules::new("", "cap 900元 for 甲\n not together 甲, 乙\n not together 乙, 丙", 0);
    let rows = [Row { key: 0, amounts: [None, None, None], score: Some(1), group: None }];
    let changed = settled(&rules, &rows, |_, recipients| {
        recipients[0].awards.iter().map(|award| award.reductions.len()).collect::<Vec<_>>()
    });
    // The first is capped before.
    assert_eq!(changed, [2, 1, 1]);
}

#[test]
fn a_set_that_is_part_of_another_is_no_choice() {
    let rules = Rules::new("", "not together 甲, 乙\n not together 乙, 丙", 0);
    let rows = [Row { key: 0, amounts: [None, Some(1_000), Some(5_000)], score: Some(1), group: None }];
    // The second pays less than the third; the first is kept whatever it comes to.
    let changed = settled(&rules, &rows, |_, recipients| {
        recipients[0].awards.iter().map(|award| award.reductions.len()).collect::<Vec<_>>()
    });
    assert_eq!(changed, [0, 1, 0]);
}

#[test]
fn what_payers_bear_of_an_open_award_holds_whatever_it_comes_to() {
    let clauses = "clause 甲 { award 甲额 + 55元 cap 100元 }\n  clause 乙 { award 乙额 cap 1元 }\n";
    let borne = |cap: &str, row: &Row| {
        let steps = format!(
            "funded by 市级 60% (cap 36元), 县区 40%\n budget 1000元 from 市级\n cap by {{ {cap}, otherwise: none }} for 甲"
        );
        shares(&Rules::of_clauses("", clauses, &steps, 0), std::slice::from_ref(row))[0].1.clone()
    };
    let [known, amount, score] =
        [(Some(45), Some(5)), (None, Some(5)), (Some(45), None)].map(|(a, score)| row(0, [a, Some(0)], score, None));
    // Of 76 元 that the payers bear of 100 元, 61 are left: their shares shrink. The bounds of the award stay the same.
    // Where 50 are left, they share anew.
    for (cap, open) in [("甲额 >= 45元: 61元", amount), ("得分 > 3: 50元", score)] {
        let known = borne(cap, &known);
        for (share, bounds) in known.iter().zip(borne(cap, &open)) {
            assert!(bounds.0 <= share.0 && bounds.1.as_ref() >= share.1.as_ref(), "{cap}: {share:?} in {bounds:?}");
        }
    }
}

#[test]
fn a_share_that_is_perhaps_not_cut_is_perhaps_shared_anew() {
    let clauses = "clause 甲 { award 甲额 + 55元 cap 100元 }\n  clause 乙 { award 乙额 cap 1元 }\n";
    let steps = "funded by 县区 60% (cap 30元), 市级 the rest\n budget 25元 from 市级\n cap 50元 for 甲";
    let rules = Rules::of_clauses("", clauses, steps, 0);
    let borne = |amount| shares(&rules, &[row(0, [amount, Some(0)], Some(5), None)])[0].1.clone();
    let open = borne(None);
    // Of 55 元 the second bears just 25, which no budget cut: of the 50 元 that are left it bears 20.
    for amount in [0, 5] {
        for (share, bounds) in borne(Some(amount)).iter().zip(&open) {
            assert!(bounds.0 <= share.0 && bounds.1.as_ref() >= share.1.as_ref(), "{amount}: {share:?} in {bounds:?}");
        }
    }
}
