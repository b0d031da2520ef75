//! What the columnar engine came to, settled as a stream over the whole population.
//!
//! In: amounts as columns, and steps. Out: the same columns settled. The amounts stay where
//! the engine left them and are read part by part, as often as the steps look; what is
//! timed is everything from the first look to the last amount that is written.

use huiqi::Policies;
use huiqi::check::program::RecordId;
use huiqi::eval::{Context, Inputs};
use huiqi::settle::stream::{Awards, Batch, Needed, Plan, settle};
use huiqi::value::{Date, Period};
use rayon::prelude::*;
use smol_str::{SmolStr, format_smolstr};

use super::amounts::Amounts;
use super::data::Columns;

/// Recipients in a part.
const PART: usize = 4_096;

/// A value that a step asks of each recipient.
#[derive(Clone, Copy)]
pub enum Fact<'c> {
    /// The same for all.
    Same(i64),
    /// A column of whole numbers, each so many times what it is there.
    Times(&'c [i64], i64),
}

/// Amounts with what the steps ask.
pub struct City<'c> {
    /// Blocks of columns, by clause.
    pub blocks: Vec<&'c [Vec<i64>]>,
    /// By input of the plan.
    pub facts: Vec<Fact<'c>>,
    pub keys: &'c [SmolStr],
}

/// Steps that are measured by themselves, with what each asks.
pub fn steps(columns: &Columns) -> Vec<(&'static str, Vec<Fact<'_>>)> {
    let revenue = || Fact::Times(&columns.revenue, 100);
    vec![
        ("", vec![]),
        ("budget 1亿元 for 上云补助 pro rata", vec![]),
        ("budget 1亿元 for 上云补助 pro rata rest by remainder", vec![]),
        ("budget 10亿元 for 上云补助, 研发补助, 设备补助 pro rata rest by remainder", vec![]),
        ("budget 1亿元 for 上云补助 equally rest by remainder", vec![]),
        ("budget 1亿元 for 上云补助 in order of 营业收入 then pro rata rest by remainder", vec![revenue()]),
        (
            "limit 上云补助, 研发补助, 设备补助 to 培训费用 in order of 上云补助, 研发补助, 设备补助",
            vec![Fact::Times(&columns.training, 1)],
        ),
        (
            "limit 上云补助, 研发补助, 设备补助 to 培训费用 pro rata rest by remainder",
            vec![Fact::Times(&columns.training, 1)],
        ),
        ("highest among 上云补助, 研发补助, 设备补助", vec![]),
        ("select top 1000 of 增资扩产奖励 by 营业收入 ties all", vec![revenue()]),
    ]
}

/// The key of each row.
pub fn keys(rows: usize) -> Vec<SmolStr> {
    (0..rows).map(|row| format_smolstr!("E{row:08}")).collect()
}

/// The policy with these steps instead of its own.
pub fn with_steps(policy: &str, steps: &str) -> Policies {
    let (head, rest) = policy.split_once("  settle {").expect("steps");
    assert!(rest.contains("\n  }\n}\n"), "the end of the policy");
    Policies::from_text(&format!("{head}  settle {{\n    {steps}\n  }}\n}}\n"))
}

impl City<'_> {
    /// The block of a part, and its rows there.
    fn place(&self, part: usize) -> (usize, std::ops::Range<usize>) {
        let parts = |block: &[Vec<i64>]| block[0].len().div_ceil(PART);
        let mut part = part;
        for (at, block) in self.blocks.iter().enumerate() {
            if part < parts(block) {
                return (at, part * PART..block[0].len().min((part + 1) * PART));
            }
            part -= parts(block);
        }
        panic!("no such part");
    }

    /// Settles everything on the threads of the pool that it is called in.
    pub fn settle(&self, policies: &Policies, out: &mut Amounts) {
        let context = Context::new(
            policies.program(),
            Period::year(2024).expect("a year"),
            Date::new(2024, 12, 31).expect("a day"),
            Inputs::default(),
        );
        let plan = Plan::of(&context).expect("exact steps");
        assert!(plan.inputs.len() == self.facts.len(), "{:?}", plan.inputs);
        let settled = settle(&plan, self).expect("exact");
        let Amounts { clauses, total } = out;
        let mut columns: Vec<&mut [i64]> = clauses.iter_mut().chain([total]).map(Vec::as_mut_slice).collect();
        let parts: Vec<Vec<&mut [i64]>> = (0..self.parts())
            .map(|part| {
                let rows = self.place(part).1.len();
                columns.iter_mut().map(|column| column.split_off_mut(..rows).expect("rows")).collect()
            })
            .collect();
        parts.into_par_iter().enumerate().for_each_init(Batch::default, |batch, (part, mut out)| {
            settled.part(self, part, batch);
            let (total, clauses) = out.split_last_mut().expect("a total");
            total.fill(0);
            for (out, amounts) in clauses.iter_mut().zip(&batch.amounts) {
                out.copy_from_slice(amounts);
                total.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum = sum.wrapping_add(*amount));
            }
        });
    }
}

impl Awards for City<'_> {
    fn parts(&self) -> usize {
        self.blocks.iter().map(|block| block[0].len().div_ceil(PART)).sum()
    }

    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        let (at, rows) = self.place(part);
        let block = self.blocks[at];
        let first: usize = self.blocks[..at].iter().map(|block| block[0].len()).sum();
        batch.record = RecordId(0);
        batch.rows = rows.len();
        batch.amounts.resize(block.len(), Vec::new());
        batch.inputs.resize(self.facts.len(), Vec::new());
        batch.keys.clear();
        for ((column, from), needed) in batch.amounts.iter_mut().zip(block).zip(needed_or_not(&needed.amounts)) {
            column.clear();
            if needed {
                column.extend_from_slice(&from[rows.clone()]);
            }
        }
        let all = first + rows.start..first + rows.end;
        for ((column, fact), needed) in batch.inputs.iter_mut().zip(&self.facts).zip(needed_or_not(&needed.inputs)) {
            column.clear();
            match fact {
                _ if !needed => {}
                Fact::Same(value) => column.resize(rows.len(), *value),
                Fact::Times(values, times) => column.extend(values[all.clone()].iter().map(|value| value * times)),
            }
        }
        if needed.keys {
            batch.keys.extend_from_slice(&self.keys[all]);
        }
    }
}

/// By column, whether it is needed; those that are not listed are not.
fn needed_or_not(needed: &[bool]) -> impl Iterator<Item = bool> {
    needed.iter().copied().chain(std::iter::repeat(false))
}
