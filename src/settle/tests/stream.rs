//! The stream and the settlement in memory come to the same fen.

use proptest::prelude::*;

use super::super::stream::{self, Awards, Batch, Plan, Table};
use super::population::{Row, Rules, config, known_rows};
use crate::settle;
use crate::value::{Number, Period};

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
];

fn steps() -> impl Strategy<Value = String> {
    let one = || (0..STEPS.len()).prop_map(|at| STEPS[at].to_owned());
    prop_oneof![one(), (one(), one()).prop_map(|(a, b)| format!("{a}\n {b}"))]
}

/// A table in parts of one recipient.
struct Apart(Vec<Batch>);

impl Awards for Apart {
    fn parts(&self) -> usize {
        self.0.len()
    }

    fn fill(&self, part: usize, keys: bool, batch: &mut Batch) {
        batch.clone_from(&self.0[part]);
        if !keys {
            batch.keys.clear();
        }
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

fn both(steps: &str, budget: i64, rows: &[Row]) -> Both {
    let year = Period::year(2024).unwrap();
    Rules::new("", steps, budget).evaluate(year, rows, &[], |context, mut recipients| {
        let settled = |parts: &[Batch]| -> Option<Vec<i64>> {
            let plan = Plan::of(context).ok()?;
            let source = Apart::of(parts);
            let settled = stream::settle(&plan, &source).ok()?;
            let mut out = Vec::new();
            let mut batch = Batch::default();
            for part in 0..source.parts() {
                settled.part(&source, part, &mut batch);
                out.extend(batch.amounts.iter().map(|amounts| amounts[0]));
            }
            Some(out)
        };
        let plan = Plan::of(context);
        let table = plan.and_then(|plan| Table::of(context, &plan, &recipients));
        let streamed = table.ok().and_then(|table| settled(&table.into_parts()));
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
    fn the_stream_pays_what_memory_pays(rows in known_rows(), steps in steps(), budget in 0i64..600) {
        let Both { in_memory, opened, streamed } = both(&steps, budget, &rows);
        match streamed {
            Some(streamed) => prop_assert_eq!(in_memory, streamed.into_iter().map(Some).collect::<Vec<_>>()),
            // Only what a rule leaves open is beyond the stream.
            None => prop_assert!(opened, "{in_memory:?}"),
        }
    }
}
