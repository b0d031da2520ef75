//! The prompt on a terminal: an editor for lines, with history.

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use super::{Next, Prompt};
use crate::cli::Outcome;
use crate::repl::{is_whole, tour};

/// Reads lines and answers them until the user leaves.
pub(super) fn converse(prompt: &mut Prompt<'_>) -> Outcome {
    let console = prompt.console;
    let Ok(mut editor) = DefaultEditor::new() else {
        console.note(console.pick("终端打不开", "the terminal cannot be opened"));
        return Outcome::Errors;
    };
    console.line(console.pick(
        "惠企。`帮助` 列出能说的话，`导览` 五分钟上手，`退出` 离开。",
        "Huiqi. `help` lists what can be said, `tour` takes five minutes, `quit` leaves.",
    ));
    loop {
        let mut text = String::new();
        let mut sign = format!("[{}]> ", prompt.session.next());
        loop {
            match editor.readline(&sign) {
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                // What was typed so far is given up.
                Err(ReadlineError::Interrupted) => text.clear(),
                Err(_) => return Outcome::Done,
            }
            if is_whole(&text) {
                break;
            }
            sign = "  … ".to_owned();
        }
        if text.trim().is_empty() {
            continue;
        }
        let _ = editor.add_history_entry(text.trim_end());
        match prompt.line(&text).0 {
            Next::End => return Outcome::Done,
            Next::Tour => guide(prompt, &mut editor),
            Next::Line => {}
        }
    }
}

/// Goes through the tour: each line stands ready, to be typed over or just sent.
fn guide(prompt: &mut Prompt<'_>, editor: &mut DefaultEditor) {
    let language = prompt.style.language;
    let console = prompt.console;
    console.line(console.pick(
        "每一步的句子已经写好，按回车就执行；也可以改了再试。Ctrl-C 结束导览。",
        "The line of each step stands ready: Enter sends it, or change it first. Ctrl-C ends the tour.",
    ));
    for step in tour() {
        console.line("");
        console.line(step.told.pick(language));
        // An editor line holds no line ends.
        let ready = step.typed.pick(language).replace("\n", " ");
        match editor.readline_with_initial("> ", (&ready, "")) {
            Ok(line) => {
                let _ = editor.add_history_entry(&line);
                prompt.line(&line);
            }
            Err(_) => break,
        }
    }
    console
        .line(console.pick("导览到此为止。`帮助` 列出能说的话。", "That was the tour. `help` lists what can be said."));
}
