//! The closing rules carried out on the sample city: `cases.md` names a command, whom it concerns,
//! and the amounts before and after settlement; the program must print those.

use std::collections::BTreeMap;
use std::process::Command;

use crate::files::root;

/// What an amount that a document leaves open is written as.
const OPEN: &str = "未定";

/// A row of a table: key, clause, amount, settled.
struct Row<'t> {
    key: &'t str,
    clause: &'t str,
    before: &'t str,
    after: &'t str,
}

fn rows(section: &str) -> Vec<Row<'_>> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(str::trim).count() == 6;
    let lines = section.lines().filter(|line| line.starts_with('|') && line.contains("SAMPLE") && cells(line));
    lines
        .filter_map(|line| match line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>()[..] {
            [_, key, clause, before, after, _] => Some(Row { key, clause, before, after }),
            _ => None,
        })
        .collect()
}

/// What is computed and settled for each recipient and clause that is in force.
fn settled(command: &str) -> BTreeMap<(String, String), (String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(command.split_whitespace())
        .args(["--format", "json"])
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "huiqi {command}\n{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object a line"));
    let whole = lines.filter(|line| line["item"].is_null() && line["status"] != "not in force");
    let word = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or(OPEN).to_owned();
    whole
        .map(|line| ((word(&line, "key"), word(&line, "clause")), (word(&line, "amount"), word(&line, "settled"))))
        .collect()
}

#[test]
fn closing_rules_come_to_what_was_worked_out_by_hand() {
    let text = std::fs::read_to_string(root().join("policies/sample/cases.md")).expect("the cases");
    let (_, closing) = text.split_once("\n# 收口").expect("the part on closing rules");
    let (mut runs, mut wrong) = (0, Vec::new());
    for section in closing.split("\n## ").skip(1) {
        let (_, rest) = section.split_once("```sh\nhuiqi ").expect("a command");
        let command = rest.lines().next().unwrap_or_default();
        let found = settled(command);
        let rows = rows(section);
        assert!(!rows.is_empty(), "no rows for huiqi {command}");
        runs += 1;
        for Row { key, clause, before, after } in rows {
            let expected = (before.to_owned(), after.to_owned());
            let found = found.get(&(key.to_owned(), clause.to_owned()));
            if found != Some(&expected) {
                wrong.push(format!("{key} {clause}: {expected:?} expected, {found:?} found"));
            }
        }
    }
    assert!(runs >= 7, "every document with closing rules has a run");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
