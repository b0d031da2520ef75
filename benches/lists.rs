//! Clauses over lists of orders, and clauses that look into the history: row engine against columns.
//!
//! `cargo bench --bench lists` for 100,000 enterprises, `-- 20000` for others. One core. What is
//! timed begins with records in memory and ends with what is due to each in fen; the engines take
//! turns, and processor time is compared, which moves less with what else the machine does. Fails
//! where an amount differs by a fen, or where columns are not three times as fast, with a history one
//! and a half times.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a benchmark of made-up input"
)]

#[path = "columnar/processor.rs"]
mod processor;

use std::hint::black_box;
use std::time::Instant;

use huiqi::Policies;
use huiqi::batch::{Asking, Plan, Results, Rows, Table, part, run};
use huiqi::check::program::RecordId;
use huiqi::diagnostic::Language;
use huiqi::eval::{Context, History, Inputs, RecipientResult, evaluate_clause, evaluate_into};
use huiqi::record::{Cell, Record};
use huiqi::value::{Date, Number, Period, Value};
use processor::processor;
use smol_str::{SmolStr, format_smolstr};

const FACTS: &str = "
record 企业 {
  编号 : text key
  规上 : bool
  投入 : money
  层级 : level of 国家级 > 省级 > 市级
  订单 : list of 订单
}
record 订单 { 单号 : text key   金额 : money   已落地 : bool   类别 : one of 软件, 设备, 平台   签订 : date }
";

const LISTS: &str = "
policy 例 {
  clause 总额奖 { award 1% of (sum 金额 over (订单 where 已落地 and 类别 = 软件)) cap 50万 when 规上 }
  clause 大单奖 { award 2万 for each (订单 where 金额 >= 500万) cap 10万 }
  clause 首单奖 { award 3% of ((max 金额 over 订单) or else 0元) cap 30万 unless 规上 }
  clause 多单奖 { award 5万 when (count (订单 where 签订 in 2024)) >= 2 }
  clause 逐单奖 { award 2% of 金额 for each (订单 where 已落地) cap 20万 each cap 60万 }
}
";

const HISTORY: &str = "
policy 例 {
  in force 2022-01-01..2025-12-31
  clause 投入奖 { award 5% of 投入 cap 30万 cumulative when 规上 }
  clause 入库奖 { award 3万 once when 投入 >= 100万 }
  clause 晋档奖 { award by 层级 { 国家级: 50万, 省级: 20万, 市级: 10万 } topping up }
  clause 余额奖 { award 1% of 投入 less paid under (投入奖) cap 10万 }
}
";

const ENTERPRISE: RecordId = RecordId(0);
/// Columns must be so many times as fast as the row engine, over lists and with a history.
const WANTED: (f64, f64) = (3.0, 1.5);
const ROUNDS: usize = 9;

/// A number that looks random, the same for the same number.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn fen(number: u64) -> i64 {
    // Skewed as firms are: up to some millions of 元.
    i64::try_from((mixed(number) >> 8) % (1 << (18 + mixed(number) % 13))).expect("small")
}

fn money(fen: i64) -> Cell {
    Cell::Value(Value::Number(Number::from_i64(fen).divide(&Number::from_i64(100)).expect("small")))
}

fn day(year: i32, days: u64) -> Date {
    let first = Date::new(year, 1, 1).expect("a day");
    Date::from_day_number(first.day_number() + i32::try_from(days).expect("small")).expect("a day")
}

/// The orders of everybody, as the yardstick has them.
#[derive(Default)]
struct Orders {
    ends: Vec<usize>,
    amounts: Vec<i64>,
    landed: Vec<bool>,
    kinds: Vec<u8>,
    days: Vec<i32>,
    above_scale: Vec<bool>,
}

/// Enterprises with no to five orders, two and a half in the middle.
fn enterprises(rows: usize) -> (Vec<Record>, Orders) {
    let mut orders = Orders::default();
    let mut one = |at: usize| {
        let seed = at as u64 * 64;
        let mut own = Vec::new();
        for place in 0..mixed(seed) % 6 {
            let drawn = mixed(seed + 1 + place);
            let (amount, landed, kind) = (fen(seed + 8 + place), !drawn.is_multiple_of(3), (drawn >> 8) % 3);
            let signed = day(2023, (drawn >> 16) % 900);
            orders.amounts.push(amount);
            orders.landed.push(landed);
            orders.kinds.push(u8::try_from(kind).expect("small"));
            orders.days.push(signed.day_number());
            let cells = vec![
                Cell::Value(Value::Text(format_smolstr!("{at:07}-{place}"))),
                money(amount),
                Cell::Value(Value::Bool(landed)),
                Cell::Value(Value::Code(u16::try_from(kind).expect("small"))),
                Cell::Value(Value::Date(signed)),
            ];
            own.push(Record { cells, place: None });
        }
        orders.ends.push(orders.amounts.len());
        let above_scale = mixed(seed + 20).is_multiple_of(2);
        orders.above_scale.push(above_scale);
        let level = mixed(seed + 21) % 5;
        let cells = vec![
            Cell::Value(Value::Text(format_smolstr!("{at:07}"))),
            Cell::Value(Value::Bool(above_scale)),
            money(fen(seed + 22)),
            Cell::Value(u16::try_from(level).ok().filter(|level| *level < 3).map_or(Value::None, Value::Code)),
            Cell::List(own),
        ];
        Record { cells, place: None }
    };
    let records = (0..rows).map(&mut one).collect();
    (records, orders)
}

/// What was paid before: two settlements, each of one in five, in the order of the enterprises as runs write them.
fn payments(rows: usize) -> Vec<Record> {
    let text = |text: &str| Cell::Value(Value::Text(SmolStr::new(text)));
    let one = |(settlement, at): (u64, usize)| {
        let drawn = mixed(at as u64 ^ (0xBEEF << settlement));
        let clause = ["投入奖", "入库奖", "晋档奖", "余额奖"][usize::try_from((drawn >> 16) % 4).expect("small")];
        let row = ["国家级", "省级", "市级"][usize::try_from((drawn >> 8) % 3).expect("small")];
        let amount = fen(at as u64 + 77) % 10_000_000;
        let cells = vec![
            text(&format!("{at:07}")),
            text("例"),
            text(clause),
            Cell::Unknown,
            text(row),
            Cell::Value(Value::Date(day(2022 + i32::try_from(settlement).expect("small"), (drawn >> 40) % 365))),
            money(amount),
            money(amount),
            Cell::Unknown,
        ];
        drawn.is_multiple_of(5).then_some(Record { cells, place: None })
    };
    (0..2).flat_map(|settlement| (0..rows).map(move |at| (settlement, at))).filter_map(one).collect()
}

/// What is due by clause and enterprise, in fen.
type Due = Vec<Vec<i64>>;

fn of_result(amount: Option<&Number>) -> i64 {
    let fen = amount.expect("known").multiply(&Number::from_i64(100)).expect("small");
    fen.to_i64().expect("whole fen")
}

fn by_rows(context: &Context<'_>, records: &[Record], due: &mut Due) {
    due.iter_mut().for_each(Vec::clear);
    let mut result = RecipientResult::default();
    for record in records {
        evaluate_into(context, ENTERPRISE, record, &mut result);
        for (clause, due) in result.clauses.iter().zip(due.iter_mut()) {
            due.push(of_result(clause.amount.as_ref()));
        }
    }
}

/// The same by columns, the row engine asked where they are open; how often it was.
fn by_columns(context: &Context<'_>, records: &[Record], results: &mut Results, due: &mut Due) -> usize {
    due.iter_mut().for_each(Vec::clear);
    let mut asked = 0;
    for part in records.chunks(part(context, ENTERPRISE)) {
        let mut table = Table::new(Rows::Records(ENTERPRISE, part));
        let plan = Plan::of(context, &mut table);
        run(&plan, &table, results);
        for ((clause, due), (amounts, open)) in
            plan.clauses.iter().zip(due.iter_mut()).zip(results.amounts.iter().zip(&results.open))
        {
            let from = due.len();
            due.extend(amounts);
            for row in open {
                let (result, _) = evaluate_clause(context, *clause, &part[*row as usize]).expect("a clause");
                due[from + *row as usize] = of_result(result.amount.as_ref());
            }
            asked += open.len();
        }
    }
    asked
}

/// The clauses over lists by hand, over columns.
fn by_hand(orders: &Orders, due: &mut Due) {
    due.iter_mut().for_each(Vec::clear);
    let of_2024 = day(2024, 0).day_number()..=day(2024, 365).day_number();
    let half_up = |value: i64, divisor: i64| (value + divisor / 2) / divisor;
    let mut from = 0;
    for (end, above_scale) in orders.ends.iter().zip(&orders.above_scale) {
        let (mut software, mut large, mut greatest, mut recent, mut each) = (0, 0, 0, 0, 0);
        for order in from..*end {
            let amount = orders.amounts[order];
            software += if orders.landed[order] && orders.kinds[order] == 0 { amount } else { 0 };
            large += i64::from(amount >= 500_000_000);
            greatest = greatest.max(amount);
            recent += u32::from(of_2024.contains(&orders.days[order]));
            // In fiftieths of a fen: items are not rounded.
            each += if orders.landed[order] { amount.min(1_000_000_000) } else { 0 };
        }
        from = *end;
        due[0].push(if *above_scale { half_up(software, 100).min(50_000_000) } else { 0 });
        due[1].push((large * 2_000_000).min(10_000_000));
        due[2].push(if *above_scale { 0 } else { half_up(greatest * 3, 100).min(30_000_000) });
        due[3].push(if recent >= 2 { 5_000_000 } else { 0 });
        due[4].push(half_up(each, 50).min(60_000_000));
    }
}

/// Times of several rounds, in ns an enterprise.
struct Time {
    best: f64,
    /// Of the processor, all rounds together; of the clock where the system does not tell.
    processor: f64,
}

impl Time {
    const NONE: Time = Time { best: f64::MAX, processor: 0.0 };

    fn round(&mut self, rows: usize, work: impl FnOnce()) {
        let (before, start) = (processor(), Instant::now());
        work();
        let taken = start.elapsed().as_secs_f64();
        let spent = before.zip(processor()).map_or(taken, |(before, after)| after - before);
        self.best = self.best.min(taken * 1e9 / rows as f64);
        self.processor += spent * 1e9 / (rows * ROUNDS) as f64;
    }

    fn print(&self, what: &str, more: &str) {
        println!("  {what:<28} {:>8.1} {:>8.1}   {more}", self.best, self.processor);
    }
}

fn measure(name: &str, policy: &str, (records, orders): (&[Record], Option<&Orders>), paid: &[Record]) -> f64 {
    let policies = Policies::from_text(&format!("{FACTS}{policy}"));
    assert!(!policies.has_errors(), "{}", policies.render(Language::English));
    let history = History::new(policies.program(), paid);
    let inputs = Inputs { history: Some(&history), ..Inputs::default() };
    let period = Period::year(2024).expect("a year");
    let context = Context::new(policies.program(), period, period.last.expect("a day"), inputs);
    let clauses = policies.program().clauses.len();
    let [mut rows, mut columns, mut hand] = std::array::from_fn(|_| vec![Vec::new(); clauses]);
    let (mut by_row, mut by_column, mut yardstick) = (Time::NONE, Time::NONE, Time::NONE);
    let mut results = Results::new(Asking::Amounts);
    let mut asked = 0;
    for _ in 0..ROUNDS {
        by_row.round(records.len(), || by_rows(&context, records, black_box(&mut rows)));
        by_column.round(records.len(), || asked = by_columns(&context, records, &mut results, black_box(&mut columns)));
        if let Some(orders) = orders {
            yardstick.round(records.len(), || by_hand(orders, black_box(&mut hand)));
        }
    }
    assert!(rows == columns, "{name}: the engines differ");
    assert!(orders.is_none() || rows == hand, "{name}: the engines differ from the yardstick");
    let ratio = by_row.processor / by_column.processor;
    println!("{name}, {} enterprises, one core, ns each: best of {ROUNDS} by the clock, processor", records.len());
    by_row.print("row engine", "");
    by_column.print("columns, made from records", &format!("{ratio:.1} times as fast; asked of rows: {asked}"));
    if orders.is_some() {
        yardstick.print("by hand, columns made before", "");
    }
    ratio
}

fn main() {
    let rows = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let (records, orders) = enterprises(rows);
    let paid = payments(rows);
    let lists = measure("lists", LISTS, (&records, Some(&orders)), &[]);
    let history = measure("history", HISTORY, (&records, None), &paid);
    assert!(lists >= WANTED.0 && history >= WANTED.1, "not {WANTED:?} times as fast: {lists:.1}, {history:.1}");
}
