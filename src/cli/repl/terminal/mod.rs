//! The prompt on a terminal.
//!
//! Lines are edited, completed, coloured and kept between sessions; a block is typed until
//! its braces close, or pasted as a whole. Ctrl-C gives up the line that is being typed and
//! stops the one that is being carried out.

mod files;
mod helper;
mod kept;
mod paste;

use std::path::PathBuf;
use std::sync::Arc;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Cmd, ColorMode, CompletionType, Config, Editor, KeyCode, KeyEvent, Modifiers};

use self::helper::Helper;
pub(super) use self::kept::kept_in;
use super::{Next, Prompt};
use crate::cli::Outcome;
use crate::cli::console::Console;
use crate::cli::interrupt::{Stopping, was_pressed};
use crate::repl::{blocks, statements, tour};

/// So many lines are kept.
const KEPT: usize = 10_000;

type Lines = Editor<Helper, FileHistory>;

/// Reads lines and answers them until the user leaves.
pub(super) fn converse(prompt: &mut Prompt<'_>, history: Option<PathBuf>) -> Outcome {
    let console = prompt.console;
    let Ok(mut editor) = open(console) else {
        console.note(console.pick("终端打不开", "the terminal cannot be opened"));
        return Outcome::Errors;
    };
    let history = history.filter(|path| kept::load(&mut editor, path, console));
    // Also between the lines: what is being printed is no reason to lose the session.
    let _stopping = Stopping::by(Arc::clone(prompt.session.progress()), console.language);
    console.line(console.pick(
        "惠企。`帮助` 列出能说的话，`导览` 五分钟上手，`退出` 离开。",
        "Huiqi. `help` lists what can be said, `tour` takes five minutes, `quit` leaves.",
    ));
    let mut talk = Talk { prompt, editor, history };
    loop {
        let sign = format!("[{}]> ", talk.prompt.session.next());
        let text = match talk.read(&sign, "") {
            Ok(text) => text,
            // What was typed is given up.
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Outcome::Done,
            Err(error) => {
                console.note(console.pick(
                    format!("终端读不下去了：{error}"),
                    format!("the terminal cannot be read any more: {error}"),
                ));
                return Outcome::Errors;
            }
        };
        if talk.carry_out(&text) == Next::End {
            return Outcome::Done;
        }
    }
}

/// An editor that knows the language.
fn open(console: &Console) -> rustyline::Result<Lines> {
    let config = Config::builder()
        .max_history_size(KEPT)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        // No more are offered than can be listed without asking.
        .completion_prompt_limit(usize::MAX)
        // Without colours too: the helper words what the editor says.
        .color_mode(ColorMode::Enabled)
        .build();
    let mut editor = Editor::with_config(config)?;
    let helper = Helper::new(console.language, console.is_colored());
    helper.pastes.bind(&mut editor);
    editor.set_helper(Some(helper));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
    Ok(editor)
}

/// The prompt with its editor.
struct Talk<'t, 'c> {
    prompt: &'t mut Prompt<'c>,
    editor: Lines,
    history: Option<PathBuf>,
}

impl Talk<'_, '_> {
    /// A block of lines, with something standing ready; it is kept.
    fn read(&mut self, sign: &str, ready: &str) -> rustyline::Result<String> {
        if let Some(helper) = self.editor.helper_mut() {
            helper.names = self.prompt.session.names(&helper.names);
            helper.names.keys.get_ready();
        }
        let typed = self.editor.readline_with_initial(sign, (ready, ""));
        let pastes = self.editor.helper().map(|helper| helper.pastes.clone()).unwrap_or_default();
        let text = typed.map(|typed| pastes.unfold(&typed));
        pastes.clear();
        let text = text?;
        kept::keep(&mut self.editor, self.history.as_deref(), text.trim_end());
        Ok(text)
    }

    /// Carries out a block, statement by statement.
    fn carry_out(&mut self, text: &str) -> Next {
        if let Some((columns, _)) = self.editor.dimensions() {
            self.prompt.style.width = usize::from(columns);
        }
        let statements = blocks(text);
        let many = statements.len() > 1;
        for statement in statements {
            if many && !self.prompt.json {
                let line = statement.trim().lines().next().unwrap_or_default();
                self.prompt.console.line(format!("> {line}"));
            }
            match self.prompt.line(statement).0 {
                Next::End => return Next::End,
                Next::Tour => self.guide(),
                Next::Line => {}
            }
            if was_pressed() {
                break;
            }
        }
        Next::Line
    }

    /// Goes through the tour: each line stands ready, to be typed over or just sent.
    fn guide(&mut self) {
        let language = self.prompt.style.language;
        let console = self.prompt.console;
        console.line(console.pick(
            "每一步的句子已经写好，按回车就执行；也可以改了再试。Ctrl-C 结束导览。",
            "The line of each step stands ready: Enter sends it, or change it first. Ctrl-C ends the tour.",
        ));
        for step in tour() {
            console.line("");
            console.line(step.told.pick(language));
            let Ok(text) = self.read("> ", step.typed.pick(language)) else { break };
            for statement in statements(&text) {
                if self.prompt.line(statement).0 == Next::End {
                    return;
                }
            }
        }
        console.line(
            console.pick("导览到此为止。`帮助` 列出能说的话。", "That was the tour. `help` lists what can be said."),
        );
    }
}
