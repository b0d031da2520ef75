//! The prompt at a real terminal: `tests/terminal/sessions.py` types at a pseudo-terminal,
//! and what the screen shows is a snapshot. Nothing is timed.

use std::process::Command;

use crate::files::root;

fn assert_session(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap();
    let output = Command::new("python3")
        .arg(root().join("tests/terminal/sessions.py"))
        .args([name, env!("CARGO_BIN_EXE_huiqi")])
        .arg(&place)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1")
        .output()
        .expect("python3, which the terminal tests need, starts");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(root().join("tests/terminal"));
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

#[test]
fn words_names_keys_and_files_are_completed() {
    assert_session("completion");
}

#[test]
fn a_block_is_typed_until_it_is_closed() {
    assert_session("blocks");
}

#[test]
fn lines_come_back_in_the_next_session() {
    assert_session("history");
}

#[test]
fn the_cursor_stands_right_behind_wide_characters() {
    assert_session("wide");
}

#[test]
fn ten_thousand_lines_are_pasted() {
    assert_session("paste");
}

#[test]
fn ctrl_c_stops_a_question_and_keeps_the_session() {
    assert_session("stop");
}

#[test]
fn a_program_told_to_end_leaves_the_terminal_as_it_was() {
    assert_session("told_to_end");
}

#[test]
fn the_tour_leaves_a_policy_that_holds() {
    assert_session("tour");
}
