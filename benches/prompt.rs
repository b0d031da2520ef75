//! Questions of the prompt over a million made-up enterprises, loaded from Parquet.
//!
//! `cargo bench --bench prompt`, or `cargo bench --bench prompt -- 200000`; fails where, over a
//! million, `what if` takes more than 200 ms, `sum … by …` 100 ms or `show … top 10` 200 ms.

#![allow(clippy::expect_used, clippy::panic, missing_docs, reason = "a benchmark of made-up input")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huiqi::batch::{Asking, Plan, Results, Rows, Table, run};
use huiqi::diagnostic::Diagnostic;
use huiqi::eval::{Context, Inputs};
use huiqi::progress::Progress;
use huiqi::record::{Input, Loaded, load};
use huiqi::repl::{Opening, Records, Session, Surroundings};
use huiqi::{Basis, Policies};

const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/columnar/policy.hq");
/// How often each question is asked; the best counts.
const ROUNDS: usize = 7;
const MILLION: usize = 1_000_000;

/// What is asked, and the longest that it may take over a million.
const QUESTIONS: [(&str, u64); 6] = [
    ("what if 增资扩产奖励 { award 8% of 固定资产投资额 cap 1000万 when 增资扩产 }", 200),
    ("sum total by 产业", 100),
    ("sum total, count by 绿色工厂", 100),
    ("show 编号, total where total > 0 sort by total desc top 10", 200),
    ("show 编号, total where 固定资产投资额 >= 1亿 and total > 0 sort by total desc top 10", 200),
    ("count where total > 100万", 200),
];

struct Machine;

impl Surroundings for Machine {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn root(&self, _: &[PathBuf]) -> PathBuf {
        PathBuf::from("/")
    }

    fn load(
        &self,
        policies: &Policies,
        named: &[String],
        basis: &Basis,
        _: &Arc<Progress>,
    ) -> Result<Records, Vec<Diagnostic>> {
        Ok(Records::new(loaded(policies, named, basis), Vec::new(), false))
    }

    fn sample(&self) -> std::io::Result<(PathBuf, Vec<String>)> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

fn loaded(policies: &Policies, named: &[String], basis: &Basis) -> Loaded {
    let inputs: Vec<Input> = named.iter().map(|path| Input { path: path.into(), ..Input::default() }).collect();
    load(policies.program(), &inputs, basis.period)
}

/// The columnar engine's own pass over columns that are there.
fn own_pass(policies: &Policies, loaded: &Loaded, basis: &Basis) -> Duration {
    const PART: usize = 16_384;
    let inputs = Inputs { population: Some(&loaded.population), ..Inputs::default() };
    let context = Context::new(policies.program(), basis.period, basis.date, inputs);
    let record = huiqi::check::program::RecordId(0);
    let parts: Vec<(Table<'_>, Plan)> = loaded
        .population
        .of(record)
        .chunks(PART)
        .map(|rows| {
            let mut table = Table::new(Rows::Records(record, rows));
            let plan = Plan::of(&context, &mut table);
            (table, plan)
        })
        .collect();
    best(|| {
        for (table, plan) in &parts {
            let mut results = Results::new(Asking::Amounts);
            run(plan, table, &mut results);
        }
    })
}

fn best(mut work: impl FnMut()) -> Duration {
    let time = |work: &mut dyn FnMut()| {
        let from = Instant::now();
        work();
        from.elapsed()
    };
    (0..ROUNDS).map(|_| time(&mut work)).min().unwrap_or_default()
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let rows: usize = asked.unwrap_or(MILLION);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("企业.parquet");
    let made = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["sample", POLICY, "--in", "2024", "--rows", &rows.to_string(), "--output"])
        .arg(&file)
        .status()
        .expect("the program starts");
    assert!(made.success(), "the sample is made");
    let basis = Basis::of("2024").expect("a period");
    let named = vec![file.display().to_string()];
    let from = Instant::now();
    let opening = Opening {
        files: vec![PathBuf::from(POLICY)],
        data: named.clone(),
        basis: basis.clone(),
        period_given: true,
        progress: Arc::default(),
    };
    let Ok((mut session, _)) = Session::new(Box::new(Machine), opening) else { panic!("the session begins") };
    println!("{rows} rows loaded in {:.1} s", from.elapsed().as_secs_f64());
    let pass = {
        let policies = Policies::from_files(&[PathBuf::from(POLICY)], Path::new("/"), &|path| std::fs::read(path));
        let loaded = loaded(&policies, &named, &basis);
        own_pass(&policies, &loaded, &basis)
    };
    println!("{:>9.1} ms  the columnar engine's own pass, one thread", millis(pass));
    let from = Instant::now();
    assert!(!session.run("sum total").failed);
    println!("{:>9.1} ms  the first question, for which columns are made", millis(from.elapsed()));
    let mut late = Vec::new();
    for (question, limit) in QUESTIONS {
        let answer = session.run(question);
        assert!(!answer.failed, "{question}: {:?}", answer.parts);
        let time = best(|| drop(session.run(question)));
        let ratio = time.as_secs_f64() / pass.as_secs_f64();
        println!("{:>9.1} ms  {ratio:>5.2} passes  {question}", millis(time));
        if rows == MILLION && time > Duration::from_millis(limit) {
            late.push(question);
        }
    }
    assert!(late.is_empty(), "too slow: {late:?}");
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
