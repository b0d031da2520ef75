//! Every reduction names its step and its reason, in both languages.

use super::population::{Row, Rules, settled};
use crate::diagnostic::Language;
use crate::explain::words::Words;

/// What is said of the first clause of the recipients that lose something, 中文 and English.
fn said(head: &str, steps: &str, rows: &[[i64; 5]]) -> Vec<String> {
    let rules = Rules::new(head, steps, 0);
    let row = |(key, [a, b, c, score, group]): (usize, &[i64; 5])| Row {
        key,
        amounts: [Some(a * 100), Some(b * 100), Some(c * 100)],
        score: Some(*score),
        group: Some(u8::try_from(*group).unwrap()),
    };
    let rows: Vec<Row> = rows.iter().enumerate().map(row).collect();
    settled(&rules, &rows, |program, recipients| {
        let reductions = recipients.iter().flat_map(|one| one.awards.iter().flat_map(|award| &award.reductions));
        let reductions: Vec<_> = reductions.collect();
        let all = reductions.into_iter().flat_map(|reduction| {
            [Language::Chinese, Language::English].map(|language| {
                let words = Words { program, sources: rules.policies.sources(), language };
                words.reduction(reduction)
            })
        });
        all.collect()
    })
}

#[test]
fn the_factor_of_a_budget_is_named() {
    let said = said("budget 2024: 100元", "budget of year pro rata", &[[150, 0, 0, 0, 0], [50, 0, 0, 0, 0]]);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_was_left_when_the_turn_came_is_named() {
    let said =
        said("", "budget 100元 for 甲 in order of 得分", &[[70, 0, 0, 1, 0], [70, 0, 0, 2, 0], [70, 0, 0, 3, 0]]);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn the_rank_is_named() {
    let said = said("", "select top 1 of 甲 by 得分", &[[70, 0, 0, 9, 0], [70, 0, 0, 5, 0], [70, 0, 0, 5, 0]]);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_stands_against_it_is_named() {
    let said = said("", "not together 甲, 乙\n highest among 乙, 丙\n limit 乙 to 10元", &[[70, 80, 75, 9, 0]]);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn the_equal_part_and_the_payer_are_named() {
    let steps = "limit 甲 to 100元 per 集团 equally\n budget 30元 from 市级 pro rata\n budget 20元 for 乙";
    let said =
        said("funded by 市级 60%, 县区 the rest", steps, &[[90, 30, 0, 0, 0], [50, 0, 0, 0, 0], [0, 30, 0, 0, 0]]);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_those_tied_ask_for_together_is_named() {
    let rows = [[70, 0, 0, 1, 0], [70, 0, 0, 2, 0], [30, 0, 0, 2, 0]];
    let said = |tie: &str| said("", &format!("budget 100元 for 甲 in order of 得分 {tie}"), &rows);
    insta::assert_snapshot!([said("then pro rata"), said("then equally"), said("")].concat().join("\n"));
}

#[test]
fn whose_award_is_higher_is_named() {
    let said = said("", "highest among 甲, 乙 per 集团", &[[70, 70, 0, 9, 1], [60, 0, 0, 5, 1]]);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_tie_that_leaves_all_out_is_named() {
    let said =
        said("", "select top 2 of 甲 by 得分 ties none", &[[70, 0, 0, 9, 0], [70, 0, 0, 5, 0], [70, 0, 0, 5, 0]]);
    insta::assert_snapshot!(said.join("\n"));
}
