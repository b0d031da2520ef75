//! What each stage costs, and whether that grows with the length of the text.
//!
//! `cargo bench --bench stages`; fails where 1,000 clauses are not parsed and checked in time.

#![allow(clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "a benchmark of made-up input")]

#[path = "stages/corpus.rs"]
mod corpus;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use huiqi::check::check;
use huiqi::check::program::{Program, RecordId};
use huiqi::diagnostic::has_errors;
use huiqi::eval::{Context, Inputs, RecipientResult, Tracing, evaluate_into};
use huiqi::record::from_json;
use huiqi::resolve::{Project, declare, load_text};
use huiqi::source::FileId;
use huiqi::syntax::parse;
use huiqi::value::{Date, Period};

/// How many clauses the texts have.
const SIZES: [usize; 3] = [250, 1_000, 4_000];
/// The longest that 1,000 clauses may take to be parsed and checked.
const LIMIT: Duration = Duration::from_millis(50);

fn project(text: &str) -> Project {
    load_text("benchmark.hq", text)
}

fn program(project: &Project) -> Program {
    let mut diagnostics = project.diagnostics.clone();
    let declarations = declare(&project.trees, &mut diagnostics);
    let (program, found) = check(project, &declarations);
    diagnostics.extend(found);
    assert!(!has_errors(&diagnostics), "{diagnostics:#?}");
    program
}

fn texts(criterion: &mut Criterion) {
    let texts = SIZES.map(corpus::policy);
    let mut group = criterion.benchmark_group("text");
    for (size, text) in SIZES.iter().zip(&texts) {
        group.throughput(Throughput::Elements(*size as u64));
        group.bench_with_input(BenchmarkId::new("parse", size), text, |bencher, text| {
            bencher.iter(|| parse(FileId(0), black_box(text)));
        });
        let loaded = project(text);
        group.bench_with_input(BenchmarkId::new("check", size), &loaded, |bencher, loaded| {
            bencher.iter(|| program(black_box(loaded)));
        });
        group.bench_with_input(BenchmarkId::new("parse and check", size), text, |bencher, text| {
            bencher.iter(|| program(&project(black_box(text))));
        });
    }
    group.finish();
}

fn evaluation(criterion: &mut Criterion) {
    let program = program(&project(&corpus::dozen()));
    let period = Period::parse("2024").expect("a year");
    let date = Date::new(2024, 12, 31).expect("a day");
    let record = from_json(&program, RecordId(0), &corpus::enterprise(), period).expect("a record");
    let mut group = criterion.benchmark_group("a dozen clauses");
    for (name, tracing) in [("without trace", Tracing::Off), ("with trace", Tracing::On)] {
        let context = Context::new(&program, period, date, Inputs { tracing, ..Inputs::default() });
        let mut result = RecipientResult::default();
        group.bench_function(name, |bencher| {
            bencher.iter(|| evaluate_into(&context, RecordId(0), black_box(&record), &mut result));
        });
        assert!(result.clauses.iter().all(|clause| clause.amount.as_ref().is_some_and(|amount| amount.is_positive())));
    }
    group.finish();
}

/// The best of several runs over 1,000 clauses, held against the limit.
fn within_limit() -> bool {
    let text = corpus::policy(1_000);
    let best = (0..30).map(|_| {
        let start = Instant::now();
        black_box(program(&project(&text)));
        start.elapsed()
    });
    let best = best.min().unwrap_or_default();
    println!("1,000 clauses ({} bytes) parsed and checked in {best:.1?}, at most {LIMIT:?}", text.len());
    best <= LIMIT
}

criterion_group! {
    name = stages;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(2_000)
        .without_plots()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    targets = texts, evaluation
}

fn main() {
    stages();
    // Without optimisation the limit says nothing.
    if !cfg!(debug_assertions) && !within_limit() {
        std::process::exit(1);
    }
}
