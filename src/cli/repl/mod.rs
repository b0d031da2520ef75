//! `huiqi repl` and `huiqi ask`: lines from a terminal, a script or the command line go to a
//! session, and what it answers is printed.

mod export;
mod picture;
mod surroundings;
mod terminal;

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;

use super::Outcome;
use super::arguments::{Ask, Evaluation, Format, Repl};
use super::console::Console;
use super::evaluation;
use super::interrupt::{line_begins, was_pressed};
use super::project;
use super::watch::Watch;
use super::whole::Unwritten;
use crate::diagnostic::{Code, Diagnostic};
use crate::repl::render::Style;
use crate::repl::{Answer, Drawing, Opening, Session, Wish, blocks, halves, svg, tour};
use crate::source::Sources;
use surroundings::Machine;

/// Columns where the output is no terminal.
const WIDTH: usize = 100;

/// A session and how its answers are printed.
struct Prompt<'c> {
    console: &'c Console,
    session: Session,
    style: Style,
    json: bool,
    /// Scripts that are being replayed, within each other.
    depth: usize,
}

/// What is to be done after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The next line.
    Line,
    /// The tour.
    Tour,
    /// Nothing more.
    End,
}

pub(super) fn run(console: &mut Console, options: &Repl, no_history: bool) -> Outcome {
    let mut prompt = match open(console, options) {
        Ok(prompt) => prompt,
        Err(outcome) => return outcome,
    };
    if std::io::stdin().is_terminal() {
        return terminal::converse(&mut prompt, if no_history { None } else { terminal::kept_in() });
    }
    let mut text = Vec::new();
    if let Err(error) = std::io::stdin().read_to_end(&mut text) {
        let told = Diagnostic::new(Code::UnreadableFile).with("file", "stdin").with("found", error.to_string());
        console.diagnostics(&Sources::default(), &[told]);
        return Outcome::Errors;
    }
    match String::from_utf8(text) {
        Ok(text) => prompt.script(&text),
        Err(_) => {
            let told = Diagnostic::new(Code::NotUtf8).with("file", "stdin");
            console.diagnostics(&Sources::default(), &[told]);
            Outcome::Errors
        }
    }
}

pub(super) fn ask(console: &mut Console, options: &Ask) -> Outcome {
    match open(console, &options.session) {
        Ok(mut prompt) => prompt.script(&options.question),
        Err(outcome) => outcome,
    }
}

/// Begins the session with what the command line names.
fn open<'c>(console: &'c Console, options: &Repl) -> Result<Prompt<'c>, Outcome> {
    let basis = evaluation::basis(&options.evaluation).map_err(|wrong| {
        console.diagnostics(&Sources::default(), &[*wrong]);
        Outcome::Usage
    })?;
    let files = super::arguments::Files { files: options.files.clone(), root: options.root.clone() };
    let entries = if options.files.is_empty() { Vec::new() } else { project::entries(console, &files)?.0 };
    let mut data = options.evaluation.data.clone();
    data.extend(options.evaluation.history.iter().map(|path| format!("历史={}", path.display())));
    let period_given = options.evaluation.period.is_some();
    let progress = Arc::default();
    let watch = Watch::over(&progress, console.language);
    let opening = Opening { files: entries, data, basis, period_given, progress };
    let machine = Machine::new(options.root.clone(), without_data(&options.evaluation));
    let style = Style { language: console.language, color: console.is_colored(), width: WIDTH };
    let json = options.format == Format::Json;
    let begun = Session::new(Box::new(machine), opening);
    drop(watch);
    match begun {
        Ok((session, answer)) => {
            let prompt = Prompt { console, session, style, json, depth: 0 };
            // What was read with the files is told where somebody sits before it.
            if std::io::stdin().is_terminal() || answer.has_errors() {
                let said = prompt.style.text(&answer);
                note(console, &said.result);
                note(console, &said.beside);
            }
            Ok(prompt)
        }
        Err(answer) => {
            note(console, &style.text(&answer).beside);
            Err(Outcome::Errors)
        }
    }
}

fn note(console: &Console, text: &str) {
    if !text.is_empty() {
        console.note(text.trim_end_matches('\n'));
    }
}

fn without_data(options: &Evaluation) -> Evaluation {
    Evaluation { data: Vec::new(), history: Vec::new(), ..options.clone() }
}

impl Prompt<'_> {
    /// Carries out the statements of a script; one that fails does not stop the others.
    fn script(&mut self, text: &str) -> Outcome {
        let mut outcome = Outcome::Done;
        for statement in blocks(text) {
            let (next, well) = self.line(statement);
            if !well {
                outcome = Outcome::Errors;
            }
            match next {
                Next::End => break,
                Next::Tour if !self.take_tour() => outcome = Outcome::Errors,
                Next::Tour | Next::Line => {}
            }
        }
        outcome
    }

    /// The tour from beginning to end, each line typed for the reader.
    fn take_tour(&mut self) -> bool {
        let mut well = true;
        for step in tour() {
            self.console.line("");
            self.console.line(step.told.pick(self.style.language));
            let typed = step.typed.pick(self.style.language).to_owned();
            self.console.line(format!("> {typed}"));
            well &= self.line(&typed).1;
        }
        well
    }

    /// Carries out one statement and prints what it comes to; whether all is well.
    fn line(&mut self, statement: &str) -> (Next, bool) {
        let answer = {
            line_begins();
            let _watch = Watch::over_line(self.session.progress(), self.style.language);
            self.session.run(statement)
        };
        if answer.failed && !was_pressed() {
            // Of very many declarations some are wrong: they are found by halving, and the others entered.
            if let Some((first, second)) = halves(statement) {
                let (_, well) = self.line(first);
                let (next, also) = if was_pressed() { (Next::Line, false) } else { self.line(second) };
                return (next, well && also);
            }
        }
        self.print(&answer);
        let well = !answer.failed && !answer.has_errors();
        match answer.wish.map(|wish| *wish) {
            None => (Next::Line, well),
            Some(Wish::Quit) => (Next::End, well),
            Some(Wish::Tour) => (Next::Tour, well),
            Some(Wish::Replay(path)) => self.replay(&path),
            Some(wish) => (Next::Line, self.grant(wish) && well),
        }
    }

    fn print(&self, answer: &Answer) {
        if self.json {
            if !answer.parts.is_empty() || answer.wish.is_some() {
                self.console.line(self.style.json(answer).to_string());
            }
            return;
        }
        let said = self.style.text(answer);
        if !said.result.is_empty() {
            self.console.line(said.result.trim_end_matches('\n'));
        }
        note(self.console, &said.beside);
    }

    /// Writes a file; whether it was written.
    fn grant(&self, wish: Wish) -> bool {
        let (path, written) = match wish {
            Wish::Export(path, table) => {
                let written = export::write(&path, &table, self.console, self.session.date());
                (path, written)
            }
            Wish::Save(path, lines) => {
                let written = export::bytes(&path, (lines.join("\n") + "\n").as_bytes());
                (path, written)
            }
            Wish::Draw(path, drawing) => {
                let written = self.drawn(&path, &drawing);
                (path, written)
            }
            Wish::Replay(_) | Wish::Tour | Wish::Quit => return true,
        };
        match written {
            Ok(()) => {
                let shown = path.display();
                if !self.json {
                    self.console.line(self.console.pick(format!("已写入 {shown}"), format!("written to {shown}")));
                }
                true
            }
            Err(told) => {
                self.console.diagnostics(&Sources::default(), &[*told]);
                false
            }
        }
    }

    /// Writes a drawing in the format of the file's ending.
    fn drawn(&self, path: &Path, drawing: &Drawing) -> Result<(), Box<Diagnostic>> {
        let language = self.style.language;
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
            let picture = picture::png(drawing, language).ok_or_else(|| {
                let unwritten = Unwritten::because("内存不够", "there is not enough memory");
                Box::new(unwritten.told(path))
            })?;
            return export::bytes(path, &picture);
        }
        export::bytes(path, svg(drawing, language).as_bytes())
    }

    /// Carries out the lines of a file.
    fn replay(&mut self, path: &Path) -> (Next, bool) {
        const DEEPEST: usize = 8;
        let file = path.display().to_string();
        let wrong = |prompt: &Self, told: Diagnostic| {
            prompt.console.diagnostics(&Sources::default(), &[told]);
            (Next::Line, false)
        };
        if self.depth >= DEEPEST {
            let told = Diagnostic::new(Code::TooDeep).with("file", file).with("count", DEEPEST.to_string());
            return wrong(self, told);
        }
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return wrong(self, Diagnostic::new(Code::FileNotFound).with("file", file));
            }
            Err(error) => {
                let told = Diagnostic::new(Code::UnreadableFile).with("file", file).with("found", error.to_string());
                return wrong(self, told);
            }
        };
        let Ok(text) = text else { return wrong(self, Diagnostic::new(Code::NotUtf8).with("file", file)) };
        self.depth += 1;
        let mut well = true;
        for statement in blocks(&text) {
            if !self.json {
                self.console.line(format!("> {}", statement.trim_end()));
            }
            let (next, fine) = self.line(statement);
            well &= fine;
            if next == Next::End || was_pressed() {
                break;
            }
        }
        self.depth -= 1;
        (Next::Line, well)
    }
}
