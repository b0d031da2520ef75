//! A dozen clauses over columns: fused by hand, through the columnar engine, through the row engine.
//!
//! `cargo bench --bench columnar` for 100,000 and 1,000,000 rows, `-- 10000000` for others;
//! `-- --due ROWS` for evaluation alone, `-- --settled ROWS` for what follows it alone, `-- --parquet FOLDER [ROWS]` makes files there and goes from Parquet and CSV to Parquet;
//! `-- --write FOLDER [ROWS]` only makes the Parquet file.
//! Fails where an amount differs by a fen.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a benchmark of made-up input"
)]

#[path = "columnar/amounts.rs"]
mod amounts;
#[path = "columnar/data.rs"]
mod data;
#[path = "columnar/engine.rs"]
mod engine;
#[path = "columnar/files.rs"]
mod files;
#[path = "columnar/pipeline.rs"]
mod pipeline;
#[path = "columnar/population.rs"]
mod population;
#[path = "columnar/processor.rs"]
mod processor;
#[path = "columnar/reference.rs"]
mod reference;
#[path = "columnar/rows.rs"]
mod rows;
#[path = "columnar/yardstick.rs"]
mod yardstick;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use amounts::{Amounts, Stage};
use data::{Columns, SEED};
use engine::Engine;
use files::{Holes, MoneyAs};
use huiqi::Policies;
use huiqi::batch::Asking;
use huiqi::diagnostic::Language;
use huiqi_bench_levels::Level;
use pipeline::Source;
use population::{City, Fact};
use processor::processor;
use rows::Rows;

/// As the program has it.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const POLICY: &str = include_str!("columnar/policy.hq");
/// Rows for the row engine, and for what is checked by the slow reference.
const FEW: usize = 20_000;
const STAGES: [(&str, Stage); 2] = [("due", Stage::Due), ("settled", Stage::Settled)];

/// Best and median time of a row in nanoseconds, and processor time, which moves less with what
/// else the machine does.
#[derive(Debug, Clone, Copy)]
struct Time {
    best: f64,
    median: f64,
    processor: f64,
}

impl Time {
    /// One run to warm up, then so many.
    fn of(rows: usize, rounds: usize, mut run: impl FnMut()) -> Time {
        run();
        let before = processor();
        let mut times: Vec<f64> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64() * 1e9 / rows as f64
            })
            .collect();
        let spent = before.zip(processor()).map_or(f64::NAN, |(before, after)| after - before);
        times.sort_by(f64::total_cmp);
        Time { best: times[0], median: times[rounds / 2], processor: spent * 1e9 / (rows * rounds) as f64 }
    }

    /// What it takes more than another.
    fn less(self, other: Time) -> Time {
        let Time { best, median, processor } = other;
        Time { best: self.best - best, median: self.median - median, processor: self.processor - processor }
    }

    fn print(self, what: &str, against: Option<Time>) {
        let ratio =
            against.map(|other| format!("{:.2} / {:.2} times", self.best / other.best, self.median / other.median));
        println!(
            "  {what:<44} {:>8.2} {:>8.2} {:>8.2}   {}",
            self.best,
            self.median,
            self.processor,
            ratio.unwrap_or_default()
        );
    }
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

/// All levels, both stages and thread counts give what the reference gives.
fn check_yardstick() {
    // Not a whole number of tiles or chunks.
    let columns = Columns::made_up(150_077, SEED);
    let levels = [Level::Base, Level::V2, Level::V3, Level::V4];
    for (name, stage) in STAGES {
        let expected = reference::amounts(&columns, stage);
        for (level, threads) in levels.into_iter().flat_map(|level| [(level, 1), (level, 2)]) {
            let mut out = Amounts::default();
            yardstick::run(&columns, &mut out, stage, level, &pool(threads));
            out.must_equal(&expected, &format!("yardstick, {name}, {level:?}, {threads} threads"));
            let columns_of = expected.clauses.iter().chain([&expected.total]);
            let summed: Vec<i64> = columns_of.map(|column| column.iter().sum()).collect();
            let sums = yardstick::sums(&columns, level, &pool(threads));
            assert!(
                stage == Stage::Settled || sums[..] == summed,
                "yardstick, sums only, {level:?}, {threads} threads"
            );
        }
    }
    println!("yardstick equal to the reference: {} rows, {levels:?}, best here {:?}", columns.rows(), Level::best());
}

/// The row engine, and the columnar one where there is one, give what the yardstick gives.
fn check_engines(policies: &Policies, columns: &Columns) -> Rows {
    let rows = Rows::load(policies, columns, Holes::None);
    let mut expected = Amounts::default();
    for (name, stage) in STAGES {
        yardstick::run(columns, &mut expected, stage, Level::best(), &pool(1));
        let open = rows.amounts(policies, stage);
        assert!(open.rows.is_empty(), "{name}: the row engine leaves {} rows open", open.rows.len());
        open.amounts.must_equal(&expected, &format!("row engine, {name}"));
    }
    println!("row engine equal to the yardstick: {} rows, due and settled", columns.rows());
    let Some(engine) = Engine::of(policies) else { return rows };
    let kinds =
        [(Holes::None, MoneyAs::Decimal64), (Holes::None, MoneyAs::Decimal128), (Holes::InThree, MoneyAs::Decimal64)];
    for (holes, money) in kinds {
        let expected = Rows::load(policies, columns, holes).amounts(policies, Stage::Due);
        let arrays = engine.arrays(&batches(columns, money, holes));
        let mut loaded = engine.load(&arrays, Asking::Amounts);
        for threads in [1, 2] {
            let mut out = Amounts::default();
            loaded.run(&pool(threads));
            let (open, asked) = loaded.amounts(&engine, &mut out);
            assert!(open == expected.rows, "{holes:?}: other rows are open");
            out.must_equal(&expected.amounts, &format!("columnar engine, {holes:?}, {threads} threads"));
            assert!(asked * 20 < FEW, "{holes:?}: the row engine is asked too often");
            println!("columnar engine equal to the row engine: {FEW} rows, {holes:?}, {asked} clauses of rows asked");
        }
    }
    rows
}

/// The columns in parts: work for several threads however few the rows.
fn batches(columns: &Columns, money: MoneyAs, holes: Holes) -> Vec<arrow_array::RecordBatch> {
    const PART: usize = huiqi::batch::PART;
    let part = |from: usize| files::batch(columns, from..columns.rows().min(from + PART), money, holes);
    (0..columns.rows()).step_by(PART).map(part).collect()
}

fn measure(policies: &Policies, rows: usize) {
    let columns = Columns::made_up(rows, SEED);
    let rounds = (30_000_000 / rows).clamp(5, 60);
    println!("\n{rows} rows, {rounds} runs: ns a row, best, median and processor time");
    let engine = Engine::of(policies);
    for threads in [1, 2] {
        let pool = pool(threads);
        for (name, stage) in STAGES {
            let mut out = Amounts::of(rows);
            let time = Time::of(rows, rounds, || yardstick::run(&columns, &mut out, stage, Level::best(), &pool));
            time.print(&format!("yardstick, {name}, {threads} threads"), None);
            let Some(engine) = engine.as_ref().filter(|_| stage == Stage::Due) else { continue };
            let sums = Time::of(rows, rounds, || {
                black_box(yardstick::sums(&columns, Level::best(), &pool));
            });
            sums.print(&format!("yardstick, due, sums only, {threads} threads"), None);
            for (money, holes) in [(MoneyAs::Decimal64, Holes::None), (MoneyAs::Decimal64, Holes::InThree)] {
                let arrays = engine.arrays(&batches(&columns, money, holes));
                for asking in [Asking::Amounts, Asking::Totals] {
                    let mut loaded = engine.load(&arrays, asking);
                    let own = Time::of(rows, rounds, || loaded.run(&pool));
                    let against = if asking == Asking::Totals { sums } else { time };
                    own.print(
                        &format!("columnar engine, {asking:?}, {threads} threads, holes {holes:?}"),
                        Some(against),
                    );
                }
            }
        }
    }
}

/// The columnar engine and then the steps of the policy, and some steps by themselves.
fn settle(policies: &Policies, rows: usize) {
    let columns = Columns::made_up(rows, SEED);
    let rounds = (10_000_000 / rows).clamp(5, 60);
    let keys = population::keys(rows);
    let Some(engine) = Engine::of(policies) else { return };
    let arrays = engine.arrays(&batches(&columns, MoneyAs::Decimal64, Holes::None));
    let mut expected = Amounts::of(rows);
    let mut out = Amounts::of(rows);
    println!("\n{rows} rows settled, {rounds} runs: ns a row, best, median and processor time");
    for threads in [1, 2] {
        let pool = pool(threads);
        let yardstick =
            Time::of(rows, rounds, || yardstick::run(&columns, &mut expected, Stage::Settled, Level::best(), &pool));
        yardstick.print(&format!("yardstick, settled, {threads} threads"), None);
        let mut loaded = engine.load(&arrays, Asking::Amounts);
        let due = Time::of(rows, rounds, || loaded.run(&pool));
        due.print(&format!("columnar engine, due, {threads} threads"), None);
        let facts = || vec![Fact::Same(amounts::LIMIT)];
        let settled = Time::of(rows, rounds, || {
            loaded.run(&pool);
            let city = City { blocks: loaded.blocks(), facts: facts(), keys: &keys };
            pool.install(|| city.settle(policies, &mut out));
        });
        out.must_equal(&expected, "settled as a stream");
        settled.print(&format!("columnar engine, settled, {threads} threads"), Some(yardstick));
        println!(
            "  {:<44} {:>27} {:.2} / {:.2} times",
            "against what is due alone",
            "",
            settled.best / due.best,
            settled.median / due.median
        );
        println!("  steps by themselves, less reading the amounts and writing all columns once:");
        let mut alone: Option<Time> = None;
        for (steps, facts) in population::steps(&columns) {
            let policies = population::with_steps(POLICY, steps);
            assert!(!policies.has_errors(), "{}", policies.render(Language::English));
            let city = City { blocks: loaded.blocks(), facts, keys: &keys };
            let time = Time::of(rows, rounds, || pool.install(|| city.settle(&policies, &mut out)));
            match alone {
                None => time.print("reading and writing, no steps", None),
                Some(alone) => time.less(alone).print(steps, None),
            }
            alone = alone.or(Some(time));
        }
    }
}

/// Makes the files in a folder, goes from each to Parquet, and prints a line of JSON a measurement.
fn files(folder: &Path, rows: usize) {
    std::fs::create_dir_all(folder).expect("a folder");
    let (parquet, csv) = (folder.join("enterprises.parquet"), folder.join("enterprises.csv"));
    let columns = Columns::made_up(rows, SEED);
    files::write_parquet(&columns, &parquet, Holes::None);
    files::write_parquet(&columns, &folder.join("enterprises-with-holes.parquet"), Holes::InThree);
    files::write_csv(&columns, &csv);
    let mut expected = Amounts::of(rows);
    for (name, stage) in STAGES {
        let line = |from: &str, threads: usize, time: Time| {
            let Time { best, median, processor } = time;
            let of = format!(r#""who":"yardstick","from":"{from}","stage":"{name}","threads":{threads}"#);
            println!(r#"{{{of},"best":{best:.3},"median":{median:.3},"processor":{processor:.3}}}"#);
        };
        for threads in [1, 2] {
            let pool = pool(threads);
            let rounds = (30_000_000 / rows).clamp(5, 60);
            let level = Level::best();
            line(
                "memory",
                threads,
                Time::of(rows, rounds, || yardstick::run(&columns, &mut expected, stage, level, &pool)),
            );
            let to = folder.join(format!("yardstick-{name}.parquet"));
            for (from, source) in [("parquet", Source::Parquet(&parquet)), ("csv", Source::Csv(&csv))] {
                line(from, threads, Time::of(rows, 5, || pipeline::run(source, &to, stage, &pool)));
                pipeline::results(&to).must_equal(&expected, &format!("results from {from}"));
            }
        }
    }
}

fn main() {
    let policies = Policies::from_text(POLICY);
    assert!(!policies.has_errors(), "{}", policies.render(Language::English));
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--parquet") {
        let folder = arguments.get(at + 1).expect("a folder after --parquet");
        return files(Path::new(folder), sizes.first().copied().unwrap_or(1_000_000));
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--write") {
        let path = Path::new(arguments.get(at + 1).expect("a folder after --write")).join("enterprises.parquet");
        let rows = sizes.first().copied().unwrap_or(1_000_000);
        return files::write_parquet(&Columns::made_up(rows, SEED), &path, Holes::None);
    }
    if arguments.iter().any(|argument| argument == "--due") {
        return sizes.iter().for_each(|rows| measure(&policies, *rows));
    }
    if arguments.iter().any(|argument| argument == "--settled") {
        return sizes.iter().for_each(|rows| settle(&policies, *rows));
    }
    let sizes = if sizes.is_empty() { vec![100_000, 1_000_000] } else { sizes };
    check_yardstick();
    let few = check_engines(&policies, &Columns::made_up(FEW, SEED));
    sizes.iter().for_each(|rows| {
        measure(&policies, *rows);
        settle(&policies, *rows);
    });
    println!("\nrow engine, due, 1 thread, {FEW} rows, best of 10: {:.0} ns a row", few.time(&policies, 10));
}
