//! How long a workbook of 100,000 rows and 30 columns takes to be read, and one of three million cells to be written.
//!
//! `cargo bench --bench workbook`; with `-- --within 3` it fails where either takes longer.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark of made-up input")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use huiqi::Policies;
use huiqi::record::{Input, load};
use huiqi::value::Period;
use rust_xlsxwriter::Workbook;

/// Without optimisation, only whether it works is of interest.
const ROWS: u32 = if cfg!(debug_assertions) { 1_000 } else { 100_000 };
const COLUMNS: u16 = 30;
const PASSES: usize = 3;

/// A policy over 30 facts, two clauses of which give each enterprise two lines and a total.
fn policy() -> String {
    let mut text = String::from("record 企业 {\n  代码: text key\n  区县: text\n");
    for at in 2..COLUMNS {
        writeln!(text, "  {}: money", column(at)).expect("memory");
    }
    let (one, other) = (column(2), column(3));
    write!(text, "}}\nclause 甲 {{ award 1% of {one} cap 800万 }}\nclause 乙 {{ award 2% of {other} cap 800万 }}\n")
        .expect("memory");
    text
}

/// Digits end a Chinese name.
fn column(at: u16) -> String {
    let letter = |number: u16| char::from(b'a' + u8::try_from(number % 26).unwrap_or_default());
    format!("金额{}{}", letter(at / 26), letter(at))
}

fn write_data(path: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().expect("room");
    sheet.set_name("企业").expect("a name");
    for at in 0..COLUMNS {
        let header = if at == 0 {
            "代码".to_owned()
        } else if at == 1 {
            "区县".to_owned()
        } else {
            column(at)
        };
        sheet.write_string(0, at, header).expect("a cell");
    }
    for row in 1..=ROWS {
        sheet.write_string(row, 0, format!("9136{:014}", u64::from(row) * 7919)).expect("a cell");
        sheet.write_string(row, 1, format!("区{}", row % 97)).expect("a cell");
        for at in 2..COLUMNS {
            let fen = (u64::from(row) * 2_654_435_761 + u64::from(at) * 40_503) % 10_u64.pow(4 + u32::from(at % 6));
            let amount = f64::from(u32::try_from(fen).unwrap_or_default()) / 100.0;
            sheet.write_number(row, at, amount).expect("a cell");
        }
    }
    book.save(path).expect("a file");
}

/// The best of some passes.
fn best(mut pass: impl FnMut() -> Duration) -> Duration {
    (0..PASSES).map(|_| pass()).min().unwrap_or_default()
}

fn run(folder: &Path, more: &[&str]) -> Duration {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["run", "p.hq", "--data", "企业=a.xlsx", "--in", "2024", "--top", "1"])
        .args(more)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("the program").success(), "the run fails");
    start.elapsed()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let within = arguments.iter().skip_while(|argument| *argument != "--within").nth(1);
    let within: Option<f64> = within.and_then(|seconds| seconds.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("a.xlsx");
    write_data(&data);
    std::fs::write(folder.path().join("p.hq"), policy()).expect("a file");
    let policies = Policies::from_text(&policy());
    let input = Input { path: data, ..Input::default() };
    let period = Period::parse("2024").expect("a year");
    let read = best(|| {
        let start = Instant::now();
        let loaded = load(policies.program(), std::slice::from_ref(&input), period);
        let took = start.elapsed();
        assert_eq!(loaded.report.files.first().map(|file| file.rows), usize::try_from(ROWS).ok());
        took
    });
    let without = best(|| run(folder.path(), &[]));
    let written = best(|| run(folder.path(), &["--output", "x.xlsx"])).saturating_sub(without);
    println!("{ROWS} rows of {COLUMNS} columns read in {:.2} s", read.as_secs_f64());
    println!("results of {ROWS} recipients written in {:.2} s", written.as_secs_f64());
    let slow = within.is_some_and(|most| read.as_secs_f64() > most || written.as_secs_f64() > most);
    if slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
