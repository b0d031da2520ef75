//! A million recipients settled through a `highest among`, a top N and a budget, as a stream.
//!
//! `cargo bench --bench settlement`; fails where a million take a second or more, where the
//! amounts are not those that sorting comes to, or where memory grows with the recipients.

#![allow(clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "a benchmark of made-up input")]

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use huiqi::Policies;
use huiqi::check::program::RecordId;
use huiqi::diagnostic::Language;
use huiqi::eval::{Context, Inputs};
use huiqi::settle::stream::{Awards, Batch, Needed, Plan, settle};
use huiqi::value::{Date, Period};
use smol_str::{SmolStr, format_smolstr};

/// The longest that a million recipients may take on two cores.
const LIMIT: Duration = Duration::from_secs(1);
/// What memory may grow by from a million to ten million recipients, in KiB.
const MORE_MEMORY: u64 = 4_096;
/// Recipients in a part.
const PART: usize = 4_096;
/// How many are taken by rank.
const TAKEN: usize = 1_000;

const POLICY: &str = "record 企业 {
  编号 : text key
  奖励额 : money
  补助额 : money
  设备额 : money
  得分 : number
}
policy 例 {
  clause 奖励 { award 奖励额 }
  clause 补助 { award 补助额 }
  clause 设备 { award 设备额 }
  settle {
    highest among 奖励, 补助
    select top 1000 of 设备 by 得分 ties all
    budget 50亿 pro rata rest by remainder
  }
}";

/// A city that is made up again at every reading.
struct City {
    recipients: usize,
}

impl City {
    /// Three amounts in fen, some of them 0, and a score in ten-thousandths.
    fn recipient(at: usize) -> ([i64; 3], i64) {
        let amount = |of: u64, one_in: u64| {
            let drawn = mixed((at as u64).wrapping_mul(4).wrapping_add(of));
            // Skewed as firms are: a few hundred yuan to some millions.
            let yuan = (drawn >> 8) % (1 << (8 + drawn % 15));
            if (drawn >> 40).is_multiple_of(one_in) { i64::try_from(yuan * 100).expect("small") } else { 0 }
        };
        let score = mixed(at as u64 ^ 0x5eed) % 1_000_000 * 100;
        ([amount(0, 2), amount(1, 3), amount(2, 2)], i64::try_from(score).expect("small"))
    }

    fn key(at: usize) -> SmolStr {
        format_smolstr!("E{at:08}")
    }
}

/// Numbers that look drawn (splitmix64).
fn mixed(at: u64) -> u64 {
    let mut mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Awards for City {
    fn parts(&self) -> usize {
        self.recipients.div_ceil(PART)
    }

    fn fill(&self, part: usize, needed: &Needed, batch: &mut Batch) {
        let rows = part * PART..self.recipients.min((part + 1) * PART);
        batch.record = RecordId(0);
        batch.rows = rows.len();
        batch.amounts.resize(3, Vec::new());
        batch.inputs.resize(1, Vec::new());
        batch.amounts.iter_mut().chain(&mut batch.inputs).for_each(Vec::clear);
        batch.keys.clear();
        for at in rows {
            let (amounts, score) = City::recipient(at);
            batch.amounts.iter_mut().zip(amounts).for_each(|(column, amount)| column.push(amount));
            batch.inputs[0].push(score);
            if needed.keys {
                batch.keys.push(City::key(at));
            }
        }
    }
}

/// Settles a city; what each clause pays in all, and how long it took.
fn settled(plan: &Plan<'_>, recipients: usize, mut see: impl FnMut(&Batch)) -> ([i128; 3], Duration) {
    let city = City { recipients };
    let start = Instant::now();
    let settled = settle(plan, &city).expect("exact");
    let mut sums = [0; 3];
    let mut batch = Batch::default();
    for part in 0..city.parts() {
        settled.part(&city, part, &mut batch);
        let columns = sums.iter_mut().zip(&batch.amounts);
        columns.for_each(|(sum, column)| *sum += column.iter().map(|amount| i128::from(*amount)).sum::<i128>());
        see(&batch);
    }
    (sums, start.elapsed())
}

/// The same by sorting everything in memory.
fn sorted(recipients: usize, room: i128) -> Vec<[i64; 3]> {
    let mut rows: Vec<([i64; 3], i64)> = (0..recipients).map(City::recipient).collect();
    for (amounts, _) in &mut rows {
        let lower = usize::from(amounts[0] >= amounts[1]);
        amounts[lower] = 0;
    }
    let mut scores: Vec<i64> = rows.iter().filter(|(amounts, _)| amounts[2] > 0).map(|(_, score)| *score).collect();
    scores.sort_unstable_by_key(|score| Reverse(*score));
    let line = scores.get(TAKEN - 1).copied().unwrap_or(i64::MIN);
    rows.iter_mut().filter(|(_, score)| *score < line).for_each(|(amounts, _)| amounts[2] = 0);
    let total: i128 = rows.iter().flat_map(|(amounts, _)| amounts).map(|amount| i128::from(*amount)).sum();
    let mut rest = room;
    let mut remainders = Vec::new();
    for (at, (amounts, _)) in rows.iter_mut().enumerate() {
        for (clause, amount) in amounts.iter_mut().enumerate().filter(|(_, amount)| **amount > 0) {
            let exact = i128::from(*amount) * room;
            *amount = i64::try_from(exact / total).expect("a share is no more than the amount");
            rest -= i128::from(*amount);
            remainders.push((Reverse(exact % total), City::key(at), clause, at));
        }
    }
    remainders.sort_unstable();
    for (_, _, clause, at) in remainders.into_iter().take(usize::try_from(rest).expect("few")) {
        rows[at].0[clause] += 1;
    }
    rows.into_iter().map(|(amounts, _)| amounts).collect()
}

/// The most memory that this process ever held, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

fn main() {
    let policies = Policies::from_text(POLICY);
    assert!(!policies.has_errors(), "{}", policies.render(Language::English));
    let date = Date::new(2024, 12, 31).expect("a day");
    let context = Context::new(policies.program(), Period::year(2024).expect("a year"), date, Inputs::default());
    let plan = Plan::of(&context).expect("exact steps");

    let best = (0..7).map(|_| settled(&plan, 1_000_000, |_| ()).1).min().unwrap_or_default();
    let read = (0..3).map(|_| {
        let (start, city, mut batch) = (Instant::now(), City { recipients: 1_000_000 }, Batch::default());
        (0..city.parts()).for_each(|part| city.fill(part, &Needed::default(), &mut batch));
        start.elapsed()
    });
    let read = read.min().unwrap_or_default();
    println!("1,000,000 recipients settled in {best:.0?}; making them up once on one core takes {read:.0?}");
    let small = peak();
    let (sums, long) = settled(&plan, 10_000_000, |_| ());
    let large = peak();
    println!("10,000,000 in {long:.0?}, {sums:?} fen");
    println!("most memory: {small:?} KiB after a million, {large:?} KiB after ten million");

    let mut streamed = Vec::new();
    settled(&plan, 1_000_000, |batch| {
        streamed.extend((0..batch.rows).map(|row| [0, 1, 2].map(|clause: usize| batch.amounts[clause][row])));
    });
    assert!(streamed == sorted(1_000_000, 500_000_000_000), "the stream and sorting differ");
    assert!(best < LIMIT, "a million recipients took {best:?}, the limit is {LIMIT:?}");
    let grew = small.zip(large).map(|(small, large)| large.saturating_sub(small));
    assert!(grew.is_none_or(|grew| grew < MORE_MEMORY), "memory grew by {grew:?} KiB");
}
