//! The stream and the settlement in memory come to the same fen.

use proptest::prelude::*;

use super::super::stream::{self, Awards, Batch, NONE, Needed, Plan, Table};
use super::population::{Row, Rules, config, known_rows, many_rows, paid_row};
use crate::check::program::RecordId;
use crate::eval::{evaluate, key_of};
use crate::record::{Cell, Record};
use crate::settle::{self, Recipient};
use crate::value::{Number, Period, Value};

/// Steps of every kind that the stream carries out, alone and one after another.
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
    "times 37% for 甲\n nothing below 30元 for 甲",
    "cap by { 得分 > 3: 50元, otherwise: none } for 甲",
    "floor by { 得分 > 3: 50元, otherwise: none } for 甲\n less by { 得分 > 2: 5元, otherwise: none } for 甲",
    "times by { 得分 > 3: 50%, otherwise: none } for 甲",
    "outside budget 乙\n budget 额度 pro rata",
    "funded by 市级 60%, 县区 the rest\n budget 额度 pro rata",
    "cap 70.5元 for 甲\n floor 3元 for 乙\n less 0.25元 for 丙",
    "round down to 10元 for 甲, 乙",
    "limit 甲, 乙 to 额度",
    "limit 甲, 乙 to 额度 in order of 乙, 甲",
    "limit 甲, 乙 to 额度 pro rata rest by remainder",
    "limit 甲, 丙 to 额度 per 集团 equally",
    "limit total to 额度 per 集团",
    "limit total to 丙额 equally",
    "limit total to 丙额 × 50% in order of 乙, 甲, 丙",
    "budget 额度",
    "budget 额度 pro rata",
    "budget 额度 for 甲, 乙 equally",
    "budget 额度 for 甲 in order of 得分",
    "budget 额度 for 甲, 乙 in order of 得分 desc then pro rata",
    "budget 额度 in order of 丙, 甲 then equally",
    "budget 额度 for 甲, 乙 per 集团 pro rata",
    "budget 额度 for 甲 pro rata rest by remainder",
    "budget 额度 for 甲, 丙 equally rest to largest",
    "budget 额度 for 甲, 丙 equally rest by remainder",
    "budget 额度 for 甲, 乙, 丙 pro rata rest to largest",
    "budget 额度 for 甲 pro rata round down to 10元",
    "budget 额度 for 甲 in order of 得分 then pro rata rest by remainder round down to 10元",
    "budget 额度 for 甲, 乙 in order of 得分 then by 甲额 then equally rest by remainder",
    "round up to 10元 for 甲\n round half up to 30元 for 乙",
    "highest among 丙, 甲, 乙\n exclude 丙 when 得分 > 4",
    "select top 2 of 丙, 甲, 乙 by 得分 asc per 集团 ties none",
    "limit 乙, 甲 to 额度 pro rata rest by remainder",
    "limit 丙, 乙, 甲 to 额度 equally rest by remainder",
    "limit 甲, 乙 to 额度 equally rest to largest",
    "limit 甲, 乙, 丙 to 额度 in order of 乙 then pro rata rest by remainder round down to 10元",
    "limit 甲, 乙, 丙 to 丙额 in order of 乙 then equally round down to 10元",
    "limit 甲, 乙 to 额度 per 集团 pro rata rest by remainder",
    "limit 甲, 乙, 丙 to 额度 per 集团 in order of 乙 then equally rest to largest",
    "budget 额度 for 甲, 乙, 丙 in order of 乙, 丙 then pro rata rest to largest",
    "budget 额度 per 集团 equally rest by remainder",
    "budget 额度 per 集团 in order of 得分 desc then pro rata rest by remainder round down to 10元",
    "budget 额度 for 甲 in order of 得分 then equally",
    "budget 额度 for 甲, 乙 in order of 得分 then pro rata rest to largest",
    "budget 额度 for 甲 per 集团 in order of 得分 then equally rest by remainder",
    "limit 甲 to (得分 + 1) × 20元 per 集团 pro rata",
    "select top 2 of 甲, 乙 by 得分 per 集团 ties all",
    "nothing below 40元 for 甲, 乙",
    "select top 名额 of 甲, 乙 by 得分 per 集团 ties all",
    "limit 甲, 乙 to (得分 - 1) × 20元 in order of 乙, 甲",
    "limit 甲, 乙 to (得分 - 1) × 20元 per 集团 pro rata",
    "limit 甲, 乙 to 三十 in order of 乙, 甲",
    "limit 甲, 乙, 丙 to 每组 per 集团 equally",
    "budget 额度 - 200元 for 甲 pro rata",
    "round down to 0.015元 for 甲\n round up to 0.035元 for 乙",
];

/// What steps ask for by name, of which some have none.
pub(super) const HEAD: &str = "let 三十 = by { 得分 > 1: 30元, otherwise: none }
  let 每户 = by { 得分 > 1: 额度, otherwise: none }
  let 每组 = by 集团 { \"G0\": 额度, \"G1\": 40元, otherwise: none }
";

/// Limits together with what history holds.
const CUMULATIVE: &[&str] = &[
    "limit 甲 to 丙额 cumulative",
    "limit 甲, 乙 to 额度 cumulative pro rata",
    "limit 甲, 乙 to 额度 cumulative in order of 乙, 甲",
    "limit total to 每户 cumulative equally",
    "limit 甲, 乙 to 额度 cumulative per 集团 pro rata rest by remainder",
    "limit 甲 to 额度 cumulative per 集团 pro rata",
];

pub(super) fn steps() -> impl Strategy<Value = String> {
    let one = || (0..STEPS.len()).prop_map(|at| STEPS[at].to_owned());
    let funded_once = |(a, b): &(String, String)| !(a.starts_with("funded by") && b.starts_with("funded by"));
    let two = (one(), one()).prop_filter("who pays is said once", funded_once);
    prop_oneof![one(), two.prop_map(|(a, b)| format!("{a}\n {b}"))]
}

/// Enterprises of which everything is known, with scores from -4 to 6.
pub(super) fn rows() -> impl Strategy<Value = Vec<Row>> {
    known_rows().prop_map(|mut rows| {
        rows.iter_mut().for_each(|row| row.score = row.score.map(|score| score * 2 - 4));
        rows
    })
}

/// Batches that hold nothing but what is asked for, such as a table in parts of one recipient.
pub(super) struct Apart(pub(super) Vec<Batch>);

impl Awards for Apart {
    fn parts(&self) -> usize {
        self.0.len()
    }

    /// What is not needed is something else.
    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        batch.clone_from(&self.0[part]);
        if !needed.keys {
            batch.keys.iter_mut().for_each(|key| *key = "?".into());
        }
        let spoil = |columns: &mut [Vec<i64>], needed: &[bool]| {
            let others = columns.iter_mut().enumerate().filter(|(at, _)| needed.get(*at) != Some(&true));
            others.for_each(|(_, column)| column.fill(7_777));
        };
        spoil(&mut batch.amounts, &needed.amounts);
        spoil(&mut batch.inputs, &needed.inputs);
    }
}

impl Apart {
    fn of(parts: &[Batch]) -> Self {
        let rows = parts.iter().flat_map(|part| (0..part.rows).map(move |row| (part, row)));
        let one = |(part, row): (&Batch, usize)| {
            let pick =
                |columns: &[Vec<i64>]| columns.iter().map(|c| c.get(row).copied().into_iter().collect()).collect();
            let (amounts, inputs) = (pick(&part.amounts), pick(&part.inputs));
            Batch { record: part.record, rows: 1, keys: vec![part.keys[row].clone()], amounts, inputs }
        };
        Apart(rows.map(one).collect())
    }
}

/// What each is paid in fen.
struct Both {
    in_memory: Vec<Option<i64>>,
    /// Whether a step left something open in memory.
    opened: bool,
    /// By the stream, where it is not beyond it.
    streamed: Option<Vec<i64>>,
}

/// What a source pays, recipient by recipient.
fn paid(plan: &Plan<'_>, source: &impl Awards) -> Option<Vec<i64>> {
    let settled = stream::settle(plan, source).ok()?;
    let mut out = Vec::new();
    let mut batch = Batch::default();
    for part in 0..source.parts() {
        settled.part(source, part, &mut batch);
        // A clause that is of another record type has no column.
        out.extend((0..batch.rows).flat_map(|row| batch.amounts.iter().filter_map(move |amounts| amounts.get(row))));
    }
    Some(out)
}

fn both(rules: &Rules, rows: &[Row]) -> Both {
    both_after(rules, rows, &[])
}

/// After what history holds.
fn both_after(rules: &Rules, rows: &[Row], history: &[Record]) -> Both {
    let year = Period::year(2024).unwrap();
    rules.evaluate(year, rows, history, |context, mut recipients| {
        let plan = Plan::of(context);
        let streamed = plan.and_then(|plan| {
            let table = Table::of(context, &plan, &recipients)?;
            let whole = paid(&plan, &table);
            let apart = paid(&plan, &Apart::of(&table.into_parts()));
            assert_eq!(whole, apart, "in one part and in many");
            Ok(apart)
        });
        let streamed = streamed.ok().flatten();
        settle::settle(context, &mut recipients);
        let fen = |amount: &Number| amount.multiply(&Number::from_i64(100)).unwrap().to_i64();
        let awards = || recipients.iter().flat_map(|recipient| &recipient.awards);
        let opened = awards().flat_map(|award| &award.reductions).any(|reduction| reduction.after.known().is_none());
        Both { in_memory: awards().map(|award| award.settled().and_then(fen)).collect(), opened, streamed }
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_stream_pays_what_memory_pays(rows in rows(), steps in steps(), budget in 0i64..600) {
        let Both { in_memory, opened, streamed } = both(&Rules::new(HEAD, &steps, budget), &rows);
        match streamed {
            Some(streamed) => prop_assert_eq!(in_memory, streamed.into_iter().map(Some).collect::<Vec<_>>()),
            // Only what a rule leaves open is beyond the stream.
            None => prop_assert!(opened, "{in_memory:?}"),
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_stream_counts_what_history_holds(
        rows in rows(), at in 0..CUMULATIVE.len(), budget in 0i64..600,
        before in proptest::collection::vec([0i64..30_000, 0..30_000], 8),
    ) {
        let last = Period::year(2023).unwrap();
        let paid = |(row, before): (&Row, [i64; 2])| {
            let fen = before.map(|fen| Number::from_i64(fen).divide(&Number::from_i64(100)).unwrap());
            // Of some nothing is known to have been paid.
            let clauses = ["甲", "乙"].into_iter().zip(fen).filter(|(_, paid)| *paid > Number::from_i64(150));
            let key = format!("E{:03}", row.key);
            clauses.map(|(clause, paid)| paid_row(&key, clause, last, &paid, &paid)).collect::<Vec<_>>()
        };
        let history: Vec<Record> = rows.iter().zip(before).flat_map(paid).collect();
        let Both { in_memory, opened, streamed } = both_after(&Rules::new(HEAD, CUMULATIVE[at], budget), &rows, &history);
        match streamed {
            Some(streamed) => prop_assert_eq!(in_memory, streamed.into_iter().map(Some).collect::<Vec<_>>()),
            None => prop_assert!(opened, "{in_memory:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 10, ..config() })]

    #[test]
    fn the_stream_pays_many_what_memory_pays(
        rows in many_rows(), pool in pools(), budget in 0i64..3_000,
    ) {
        let Both { in_memory, opened, streamed } = both(&Rules::new(HEAD, &pool, budget), &rows);
        match streamed {
            Some(streamed) => prop_assert_eq!(in_memory, streamed.into_iter().map(Some).collect::<Vec<_>>()),
            None => prop_assert!(opened, "{in_memory:?}"),
        }
    }

    #[test]
    fn the_stream_pays_huge_amounts_as_memory_does(
        rows in known_rows(), pool in pools(), budget in 0i64..600, bits in 20u32..48,
    ) {
        // From beyond what a double holds to just below the longest number of fen.
        let huge = |amount: Option<i64>| amount.map(|fen| fen * (1 << bits) + fen);
        let rows: Vec<Row> = rows.into_iter().map(|row| Row { amounts: row.amounts.map(huge), ..row }).collect();
        let clauses = "clause 甲 { award 甲额 }\n  clause 乙 { award 乙额 }\n  clause 丙 { award 丙额 }\n";
        let Both { in_memory, streamed, .. } = both(&Rules::of_clauses(HEAD, clauses, &pool, budget << bits), &rows);
        if let Some(streamed) = streamed {
            prop_assert_eq!(in_memory, streamed.into_iter().map(Some).collect::<Vec<_>>());
        }
    }
}

/// Steps that share something out, all of one kind.
fn pools() -> impl Strategy<Value = String> {
    let pools = || STEPS.iter().filter(|step| step.contains("额度") && !step.contains('\n'));
    let count = pools().count();
    (0..count).prop_map(move |at| (*pools().nth(at).unwrap()).to_owned())
}

#[test]
fn who_has_no_group_stands_alone() {
    let rows = few();
    let paid_by = |per: &str| {
        let rules = Rules::new("", &format!("limit 甲, 乙, 丙 to 47.03元 {per}pro rata rest by remainder"), 0);
        rules.evaluate(Period::year(2024).unwrap(), &rows, &[], |context, recipients| {
            let plan = Plan::of(context).unwrap();
            let mut parts = Table::of(context, &plan, &recipients).unwrap().into_parts();
            for (input, own) in plan.inputs.iter().zip(0..) {
                if input.form == stream::Form::Group {
                    parts.iter_mut().for_each(|part| part.inputs[own].fill(NONE));
                }
            }
            paid(&plan, &Apart::of(&parts)).unwrap()
        })
    };
    let alone = paid_by("");
    assert_eq!(alone, paid_by("per 集团 "));
    assert_eq!(alone, [1764, 0, 2939, 0, 1881, 2822, 2000, 2000, 0, 0, 0, 4703]);
}

/// Four enterprises of two groups, amounts in 元.
fn few() -> Vec<Row> {
    let row = |(key, amounts): (usize, &[i64; 3])| Row {
        key,
        amounts: amounts.map(|yuan| Some(yuan * 100)),
        score: Some(1),
        group: Some(u8::from(key > 1)),
    };
    [[30, 0, 50], [0, 40, 60], [20, 20, 0], [0, 0, 70]].iter().enumerate().map(row).collect()
}

/// What the stream pays the few under each clause, in 元; none where it leaves them to memory.
fn streamed(rules: &Rules) -> Option<Vec<i64>> {
    streamed_of(rules, &few())
}

fn streamed_of(rules: &Rules, rows: &[Row]) -> Option<Vec<i64>> {
    let Both { in_memory, streamed, .. } = both(rules, rows);
    let fen = streamed?;
    assert_eq!(in_memory, fen.iter().copied().map(Some).collect::<Vec<_>>());
    Some(fen.into_iter().map(|fen| fen / 100).collect())
}

#[test]
fn policies_override_each_other_before_any_step() {
    let clauses = |due: &str| {
        format!(
            "clause 甲 {{ award 甲额 cap 1000元 }}\n clause 乙 {{ award 乙额 cap 1000元 }}\n}}\n\
             policy 旁 {{\n overrides 例.乙\n {due}clause 丙 {{ award 丙额 cap 1000元 }}\n"
        )
    };
    let step = "budget 180元 for 丙";
    let paid = streamed(&Rules::of_clauses("", &clauses(""), step, 0)).unwrap();
    assert_eq!(paid, [30, 0, 50, 0, 0, 60, 20, 20, 0, 0, 0, 70]);
    // Who is paid for 丙 asks for nothing of 乙.
    let paid = streamed(&Rules::of_clauses("", &clauses(""), "budget 15元 for 例.乙 pro rata", 0)).unwrap();
    assert_eq!(paid, [30, 0, 50, 0, 0, 60, 20, 15, 0, 0, 0, 70]);
    // What is due back pays nothing that could stand in the way.
    let due = "clause 丁 { recover 1元 }\n ";
    let paid = streamed(&Rules::of_clauses("", &clauses(due), step, 0)).unwrap();
    assert_eq!(paid, [30, 0, 1, 50, 0, 0, 1, 60, 20, 20, 1, 0, 0, 0, 1, 70]);
}

#[test]
fn rooms_and_shares_of_one_fen_are_amounts() {
    for step in [
        "limit 甲 to 0.01元",
        "limit 甲, 乙 to 0.01元 in order of 乙, 甲",
        "limit 甲, 乙 to 0.02元 pro rata",
        "limit 甲, 乙 to 0.02元 equally",
    ] {
        let Both { in_memory, streamed, .. } = both(&Rules::new("", step, 0), &few());
        assert_eq!(Some(in_memory), streamed.map(|paid| paid.into_iter().map(Some).collect()), "{step}");
    }
}

#[test]
fn sums_beyond_64_bits_are_shared_out_or_left_to_memory() {
    let clauses = "clause 甲 { award 甲额 }\n  clause 乙 { award 乙额 }\n  clause 丙 { award 丙额 }\n";
    for fen in (40..62).map(|bits| 5_i64 << bits).take_while(|fen| *fen > 0).chain([1 << 62, i64::MAX - 1, i64::MAX]) {
        let rows = [Row { amounts: [Some(fen), Some(fen), Some(0)], ..few()[0].clone() }];
        // The longest room, and one that is not.
        for room in ["92233720368547758.07元", "80000000000元"] {
            for rule in ["", "pro rata", "equally", "pro rata rest by remainder round down to 10元"] {
                let rules = Rules::of_clauses("", clauses, &format!("limit 甲, 乙 to {room} {rule}"), 0);
                let Both { in_memory, opened, streamed } = both(&rules, &rows);
                match streamed {
                    Some(streamed) => {
                        assert_eq!(
                            in_memory,
                            streamed.into_iter().map(Some).collect::<Vec<_>>(),
                            "{fen} {room} {rule}"
                        );
                    }
                    None => assert!(opened, "{fen} {room} {rule}: {in_memory:?}"),
                }
            }
        }
    }
}

#[test]
fn what_is_not_exact_in_fen_is_left_to_memory() {
    let of = |steps: &str| streamed(&Rules::new("", steps, 0));
    assert_eq!(of("limit 甲, 乙 to 100元 / 3 in order of 甲, 乙").map(|paid| paid.len()), Some(12));
    assert_eq!(of("limit 甲, 乙 to 100元 / 3 pro rata"), None);
    assert_eq!(of("limit 甲, 乙 to 100元 / 3 in order of 甲, 乙 rest by remainder"), None);
    assert_eq!(of("funded by 市级 60% (cap 10元), 县区 40%"), None);
    assert_eq!(of("highest among 甲, 乙 per 集团").map(|paid| paid.len()), Some(12));
}

/// Enterprises that stand equal but for the amounts, in 元.
fn equals(amounts: &[[i64; 3]]) -> Vec<Row> {
    let row = |(key, amounts): (usize, &[i64; 3])| Row {
        key,
        amounts: amounts.map(|yuan| Some(yuan * 100)),
        score: Some(1),
        group: Some(0),
    };
    amounts.iter().enumerate().map(row).collect()
}

#[test]
fn a_tie_does_what_is_said_or_is_left_to_memory() {
    let of = |steps: &str, amounts: &[[i64; 3]]| streamed_of(&Rules::new("", steps, 0), &equals(amounts));
    let two = [[30, 0, 0], [20, 0, 0]];
    assert_eq!(of("select top 1 of 甲 by 得分", &two), None);
    assert_eq!(of("select top 1 of 甲 by 得分 ties none", &two), Some(vec![0; 6]));
    assert_eq!(of("select top 1 of 甲 by 得分 ties all", &two), Some(vec![30, 0, 0, 20, 0, 0]));
    assert_eq!(of("highest among 甲, 乙 per 集团", &[[30, 0, 0], [30, 0, 0]]), None);
    assert_eq!(of("highest among 甲, 乙 per 集团", &two), Some(vec![30, 0, 0, 0, 0, 0]));
    assert_eq!(of("budget 50元 for 甲 equally", &[[30, 0, 0], [30, 0, 0]]), Some(vec![25, 0, 0, 25, 0, 0]));
    // A clause that pays nothing is in no set.
    assert_eq!(of("not together 甲, 乙\n not together 乙, 丙", &[[0, 50, 50]]), Some(vec![0, 50, 0]));
}

#[test]
fn those_of_other_turns_bear_nothing_of_a_shortage() {
    let mut rows = equals(&[[30, 0, 0], [30, 0, 0], [50, 0, 0], [70, 0, 0]]);
    rows[0].score = Some(0);
    rows[3].score = Some(2);
    for rule in ["equally", "equally rest by remainder", "pro rata rest by remainder", "pro rata rest to largest"] {
        let steps = format!("budget 70元 for 甲 in order of 得分 then {rule}");
        let paid = streamed_of(&Rules::new("", &steps, 0), &rows).unwrap();
        assert_eq!([paid[0], paid[9]], [30, 0], "{rule}");
        assert_eq!(paid[3] + paid[6], 40, "{rule}");
    }
}

#[test]
fn what_is_open_and_may_change_is_left_to_memory() {
    for (at, steps) in STEPS.iter().enumerate() {
        let mut rows = few();
        rows[1].amounts[0] = None;
        assert_eq!(both(&Rules::new(HEAD, steps, 50), &rows).streamed, None, "{at}: {steps}");
    }
    let mut rows = few();
    rows[1].amounts[1] = None;
    for steps in [
        "cap 10元 for 乙",
        "exclude 乙 when 得分 > 3",
        "highest among 乙, 丙",
        "not together 乙, 丙",
        "budget 额度 for 乙",
    ] {
        assert_eq!(both(&Rules::new("", steps, 50), &rows).streamed, None, "{steps}");
    }
    // What no step touches may be open.
    let paid = both(&Rules::new("", "cap 10元 for 甲", 0), &rows).streamed.unwrap();
    assert_eq!(paid, [1_000, 0, 5_000, 0, 0, 6_000, 1_000, 2_000, 0, 0, 0, 7_000]);
}

#[test]
fn keys_that_digits_do_not_hold_are_left_to_memory() {
    let rules = Rules::new("", "budget 额度 for 甲 pro rata rest by remainder", 10);
    let fits = |key: &str| {
        rules.evaluate(Period::year(2024).unwrap(), &few(), &[], |context, mut recipients| {
            recipients[1].key = key.into();
            let plan = Plan::of(context).unwrap_or_else(|_| panic!("a plan"));
            Table::of(context, &plan, &recipients).is_ok()
        })
    };
    assert_eq!([63, 64, 65, 66].map(|length| fits(&"k".repeat(length))), [true, true, false, false]);
}

#[test]
fn recipients_of_several_record_types_draw_on_one_budget() {
    let clauses = "clause 甲 { award 甲额 cap 1000元 }
  clause 丁 { award 额 cap 1000元 to 个人 }
}
record 个人 { 编号 : text key  额 : money where >= 0 }
policy 余 {
";
    let rules = Rules::of_clauses("", clauses, "budget 100元 for 例.甲, 例.丁 pro rata", 0);
    rules.evaluate(Period::year(2024).unwrap(), &few(), &[], |context, recipients| {
        let id = RecordId(
            u32::try_from(context.program.records.iter().position(|one| one.name == "个人").unwrap()).unwrap(),
        );
        let cell = Cell::Value;
        let person = |(key, yuan): (&str, i64)| Record {
            cells: vec![cell(Value::Text(key.into())), cell(Value::Number(Number::from_i64(yuan)))],
            place: None,
        };
        let people = [("P1", 90), ("P2", 60)].map(person);
        let mut all = Vec::new();
        for (at, firm) in recipients.into_iter().enumerate() {
            all.push(firm);
            if let Some(row) = people.get(at) {
                all.push(Recipient::new(id, row, key_of(context.program, id, row), evaluate(context, id, row)));
            }
        }
        let plan = Plan::of(context).unwrap_or_else(|_| panic!("a plan"));
        let table = Table::of(context, &plan, &all).unwrap_or_else(|_| panic!("a table"));
        let streamed = paid(&plan, &table).unwrap();
        settle::settle(context, &mut all);
        let fen = |award: &settle::Award| {
            award.settled().unwrap().multiply(&Number::from_i64(100)).unwrap().to_i64().unwrap()
        };
        let in_memory: Vec<i64> = all.iter().flat_map(|one| one.awards.iter().map(fen)).collect();
        // 30, 20, 90 and 60 元 of 100元.
        assert_eq!(in_memory, [1_500, 4_500, 0, 3_000, 1_000, 0]);
        assert_eq!(streamed, in_memory);
    });
}
