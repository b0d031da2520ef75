//! What the stream tells of budgets and of one recipient, and what it pays in two stages or beside recipients of
//! whom something is open, is what memory tells and pays.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::super::stream::{self, Awards, Batch, Draws, Needed, Plan, Table};
use super::population::{Row, Rules, config};
use super::stream::{Apart, HEAD, rows, steps};
use crate::eval::{Context, evaluate};
use crate::settle::{self, Award, PoolResult, Recipient, settle_one};
use crate::value::{Number, Period};

/// Evaluates rows under steps, `额度` in them being so many yuan, and hands over a plan of them if there is one.
fn planned(
    steps: &str,
    budget: i64,
    rows: &[Row],
    look: impl FnOnce(&Context<'_>, &Plan<'_>, Vec<Recipient<'_>>) -> TestCaseResult,
) -> TestCaseResult {
    // What is not known is 100 元 at most.
    let clauses = "clause 甲 { award 甲额 cap 100元 }\n  clause 乙 { award 乙额 cap 100元 }\n  \
                   clause 丙 { award 丙额 cap 100元 }\n";
    let rules = Rules::of_clauses(HEAD, clauses, steps, budget);
    rules.evaluate(Period::year(2024).unwrap(), rows, &[], |context, recipients| match Plan::of(context) {
        Ok(plan) => look(context, &plan, recipients),
        Err(_) => Ok(()),
    })
}

/// The same recipients, nothing settled.
fn anew<'r>(context: &Context<'_>, recipients: &[Recipient<'r>]) -> Vec<Recipient<'r>> {
    let one = |one: &Recipient<'r>| {
        Recipient::new(one.record, one.row, one.key.clone(), evaluate(context, one.record, one.row))
    };
    recipients.iter().map(one).collect()
}

/// What all parts draw on the pools, and what each recipient is paid in fen.
fn drawn(settled: &stream::Settled<'_>, awards: &impl Awards) -> (Draws, Vec<Option<i64>>) {
    let (mut draws, mut paid, mut batch) = (Draws::default(), Vec::new(), Batch::default());
    for part in 0..awards.parts() {
        draws = draws.and(&settled.part_told(awards, part, &mut batch));
        paid.extend((0..batch.rows).flat_map(|row| batch.amounts.iter().map(move |amounts| Some(amounts[row]))));
    }
    (draws, paid)
}

fn fen_of<'a, 'r: 'a>(recipients: impl IntoIterator<Item = &'a Recipient<'r>>) -> Vec<Option<i64>> {
    let fen = |award: &Award| award.settled()?.multiply(&Number::from_i64(100)).unwrap().to_i64();
    recipients.into_iter().flat_map(|one| one.awards.iter().map(fen)).collect()
}

/// Steps that raise what is due, before a budget or after it.
fn raising() -> impl Strategy<Value = String> {
    let raises = prop_oneof![
        Just("times 300% for 甲"),
        Just("times by { 得分 > 2: 200%, otherwise: 100% } for 甲"),
        Just("round up to 70元 for 甲, 乙"),
        Just("round half up to 150元 for 乙"),
        Just("floor 90元 for 甲"),
        Just("less 5元 for 甲"),
    ];
    let budget = "budget 额度 for 甲, 乙 pro rata";
    (raises, any::<bool>()).prop_map(
        move |(step, before)| {
            if before { format!("{step}\n {budget}") } else { format!("{budget}\n {step}") }
        },
    )
}

fn some_steps() -> impl Strategy<Value = String> {
    prop_oneof![4 => steps(), 1 => raising()]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_stream_tells_what_memory_tells(rows in rows(), steps in some_steps(), budget in 0i64..600) {
        planned(&steps, budget, &rows, |context, plan, mut recipients| {
            let Ok(table) = Table::of(context, plan, &recipients) else { return Ok(()) };
            let Ok(settled) = stream::settle(plan, &table) else { return Ok(()) };
            let (draws, paid) = drawn(&settled, &table);
            let one_by_one = anew(context, &recipients);
            let settlement = settle::settle(context, &mut recipients);
            prop_assert_eq!(paid, fen_of(&recipients));
            if let Some(pools) = settled.pools(plan, context.program, &draws) {
                prop_assert_eq!(pools, settlement.pools);
            }
            let places = (0..table.parts()).flat_map(|part| {
                let mut batch = Batch::default();
                table.fill(part, &Needed::default(), &mut batch);
                (0..batch.rows).map(move |row| (part, row))
            });
            for ((mut one, place), in_memory) in one_by_one.into_iter().zip(places).zip(&recipients) {
                let Some(across) = settled.across(plan, &draws, &table, place) else { continue };
                settle_one(context, &mut one, &across);
                prop_assert_eq!(&one.awards, &in_memory.awards);
            }
            Ok(())
        })?;
    }

    #[test]
    fn two_stages_pay_what_one_pays(rows in rows(), steps in some_steps(), budget in 0i64..600) {
        planned(&steps, budget, &rows, |context, plan, recipients| {
            let Ok(table) = Table::of(context, plan, &recipients) else { return Ok(()) };
            let whole = stream::settle(plan, &table);
            let first = plan.alone(context.program);
            let alone = stream::settle_alone(plan, first).unwrap();
            let mut parts = table.into_parts();
            let mut decided = true;
            parts.iter_mut().for_each(|part| decided &= alone.apply(part));
            // Where all steps are of one recipient, only what no rule decides is beyond the stream.
            if first == plan.steps() {
                prop_assert_eq!(decided, whole.is_ok());
            }
            let Ok(whole) = whole else { return Ok(()) };
            prop_assert!(decided);
            let rest = Apart(parts);
            let settled = stream::settle_after(plan, first, &rest).unwrap();
            let (left, paid) = drawn(&settled, &rest);
            let table = Table::of(context, plan, &recipients).unwrap();
            let (all, paid_at_once) = drawn(&whole, &table);
            prop_assert_eq!(paid, paid_at_once);
            let pools = |settled: &stream::Settled<'_>, asked| settled.pools(plan, context.program, asked);
            prop_assert_eq!(pools(&settled, &left), pools(&whole, &all));
            Ok(())
        })?;
    }

    #[test]
    fn nobody_is_paid_by_what_is_open_where_it_reaches(
        rows in rows(), steps in some_steps(), budget in 0i64..1_200,
        veils in proptest::collection::vec([any::<u8>(), any::<u8>(), any::<u8>()], 8),
    ) {
        let mut rows = rows;
        for (row, veils) in rows.iter_mut().zip(veils) {
            for (amount, veil) in row.amounts.iter_mut().zip(veils) {
                *amount = amount.filter(|_| veil > 20);
            }
        }
        planned(&steps, budget, &rows, |context, plan, recipients| {
            let is_open = |one: &Recipient<'_>| one.awards.iter().any(|award| award.settled().is_none());
            let (mut open, known): (Vec<_>, Vec<_>) = anew(context, &recipients).into_iter().partition(is_open);
            let Ok(table) = Table::of(context, plan, &known) else { return Ok(()) };
            // Where nobody is in a part, nobody was asked.
            let parts = Some(table.into_parts()).filter(|parts| !parts.is_empty());
            let table = Apart(parts.unwrap_or_else(|| vec![Batch::default()]));
            let Ok(settled) = stream::settle(plan, &table) else { return Ok(()) };
            let (draws, paid) = drawn(&settled, &table);
            let results = open.iter().flat_map(|one| &one.result.clauses);
            if !settled.reaches_for_open(context, &draws, results) {
                return Ok(());
            }
            let mut all = recipients;
            let settlement = settle::settle(context, &mut all);
            let is_known = |one: &&Recipient<'_>| known.iter().any(|known| known.key == one.key);
            prop_assert_eq!(paid, fen_of(all.iter().filter(is_known)));
            let own = settle::settle(context, &mut open);
            for one in &open {
                let in_memory = all.iter().find(|other| other.key == one.key).unwrap();
                prop_assert_eq!(&one.awards, &in_memory.awards);
            }
            if let (Some(pools), false) = (settled.pools(plan, context.program, &draws), open.is_empty()) {
                let of = |pool: PoolResult| match own.pools.iter().find(|own| own.step == pool.step) {
                    Some(own) => pool.with_open(own),
                    None => pool,
                };
                prop_assert_eq!(pools.into_iter().map(of).collect::<Vec<_>>(), settlement.pools);
            }
            Ok(())
        })?;
    }
}

#[test]
fn whom_a_floor_pays_after_a_budget_is_told_by_memory() {
    let row = Row { key: 0, amounts: [Some(5_000), Some(0), Some(0)], score: Some(1), group: Some(0) };
    let is_told = |steps: &str| {
        let mut is_told = None;
        let told = planned(steps, 100, std::slice::from_ref(&row), |context, plan, recipients| {
            let table = Table::of(context, plan, &recipients).unwrap();
            let settled = stream::settle(plan, &table).unwrap();
            let (draws, _) = drawn(&settled, &table);
            is_told = Some(settled.pools(plan, context.program, &draws).is_some());
            Ok(())
        });
        told.unwrap();
        is_told.unwrap()
    };
    assert!(!is_told("budget 额度 pro rata\n floor 3元 for 乙"));
    assert!(is_told("floor 3元 for 乙\n budget 额度 pro rata"));
    assert!(is_told("budget 额度 for 甲 pro rata\n floor 3元 for 乙"));
    assert!(is_told("budget 额度 pro rata\n cap 3元 for 乙"));
}

#[test]
fn a_budget_pays_no_more_than_there_is_unless_a_later_step_raises_it() {
    let row = |key| Row { key, amounts: [None, Some(0), Some(0)], score: Some(1), group: Some(0) };
    let most = |steps: &str| {
        let mut most = None;
        let told = planned(steps, 60, &[row(0), row(1)], |context, _, mut recipients| {
            most = settle::settle(context, &mut recipients).pools[0].paid.range.high.clone();
            Ok(())
        });
        told.unwrap();
        most
    };
    // Of two who may get 100 元 each.
    for (steps, yuan) in [
        ("budget 额度 for 甲 pro rata", 60),
        ("times 300% for 甲\n budget 额度 for 甲 pro rata", 60),
        ("budget 额度 for 甲 pro rata\n times 100% for 甲", 60),
        ("budget 额度 for 甲 pro rata\n less 5元 for 甲", 60),
        ("budget 额度 for 甲 pro rata\n floor 90元 for 甲", 180),
        ("budget 额度 for 甲 pro rata\n times 200% for 甲", 240),
    ] {
        assert_eq!(most(steps), Some(Number::from_i64(yuan)), "{steps}");
    }
}
