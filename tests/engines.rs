//! Both engines on the same policies and data: what is printed and written is the same to the byte.

use std::process::Command;

const COMMON: &str = "policies/sample";

fn run(policy: &str, engine: &str, more: &[&str]) -> (Vec<u8>, Vec<u8>) {
    let own = format!("{COMMON}/{policy}");
    let output = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(["--lang", "zh", "run", &format!("policies/{policy}"), "--data", COMMON, &own])
        .args(["--in", "2024", "--engine", engine])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    (output.stdout, output.stderr)
}

#[test]
fn engines_print_the_same_lines_and_reports() {
    let policies = ["南昌先进制造业", "武进2024", "萍乡智能制造", "龙南技改", "南昌稳生产"];
    for policy in policies {
        for more in [&["--format", "json"][..], &["--top", "0", "--by", "区县"]] {
            let [row, batch, auto] = ["row", "batch", "auto"].map(|engine| run(policy, engine, more));
            assert!(row == batch && batch == auto, "{policy} {more:?}");
            assert!(row.0.len() > 1_000, "{policy} {more:?}");
        }
    }
}
