//! `huiqi fmt`: one layout for policy files, each written whole or not at all.

use std::io::{Read, Write};
use std::path::Path;

use super::Outcome;
use super::arguments::{Fmt, Lang};
use super::console::Console;
use super::project;
use super::whole::{Begun, Unwritten};
use crate::diagnostic::{Code, Diagnostic, Language, many};
use crate::format::format;
use crate::source::Sources;

pub(super) fn run(console: &mut Console, options: &Fmt, language: Option<Lang>) -> Outcome {
    let language = language.map(|language| match language {
        Lang::Zh => Language::Chinese,
        Lang::En => Language::English,
    });
    if options.stdin {
        return standard_input(console, options, language);
    }
    let mut paths = Vec::new();
    for path in &options.files {
        if path.is_dir() {
            project::folder(path, &mut paths);
        } else {
            paths.push(path.clone());
        }
    }
    let (mut changed, mut faulty) = (Vec::new(), 0_usize);
    for path in &paths {
        match file(path, language, options.check) {
            Ok(true) => changed.push(path),
            Ok(false) => {}
            Err((sources, diagnostics)) => {
                faulty += 1;
                console.diagnostics(&sources, &diagnostics);
            }
        }
    }
    for path in &changed {
        console.line(path.display().to_string());
    }
    summary(console, options.check, paths.len(), changed.len(), faulty);
    if faulty > 0 || options.check && !changed.is_empty() { Outcome::Errors } else { Outcome::Done }
}

/// Whether `--lang` stands behind the command: there it names the language of the keywords,
/// before it, as with every command, only that of the messages.
pub(super) fn names_language() -> bool {
    std::env::args_os().skip_while(|argument| argument != "fmt").any(|argument| {
        argument.to_str().is_some_and(|argument| argument == "--lang" || argument.starts_with("--lang="))
    })
}

fn summary(console: &Console, check: bool, all: usize, changed: usize, faulty: usize) {
    let left = all - changed - faulty;
    let (done_zh, done_en) = if check { ("待整理", "to be formatted") } else { ("已整理", "formatted") };
    let mut zh = format!("{done_zh} {changed} 个文件，{left} 个无须改动");
    let mut en = format!("{} {done_en}, {left} left as they were", many(changed, "file"));
    if faulty > 0 {
        zh.push_str(&format!("，{faulty} 个有错误未动"));
        en.push_str(&format!(", {faulty} with errors left alone"));
    }
    console.note(console.pick(zh, en));
}

type Faults = (Sources, Vec<Diagnostic>);

/// Formats a file; whether it changes.
fn file(path: &Path, language: Option<Language>, check: bool) -> Result<bool, Faults> {
    let shown = path.display().to_string();
    let alone = |diagnostic| (Sources::default(), vec![diagnostic]);
    let bytes = std::fs::read(path).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => Code::FileNotFound,
            _ => Code::UnreadableFile,
        };
        alone(Diagnostic::new(code).with("file", &shown).with("found", error.to_string()))
    })?;
    let text = String::from_utf8(bytes).map_err(|_| alone(Diagnostic::new(Code::NotUtf8).with("file", &shown)))?;
    let formatted = formatted(&shown, &text, language)?;
    if formatted == text {
        return Ok(false);
    }
    if !check {
        replace(path, &formatted).map_err(|error| alone(Unwritten::from(error).told(path)))?;
    }
    Ok(true)
}

fn formatted(name: &str, text: &str, language: Option<Language>) -> Result<String, Faults> {
    let mut sources = Sources::default();
    let id = sources.add(name, Some(Path::new(name)), text);
    format(id, text, language).map_err(|diagnostics| (sources, diagnostics))
}

/// Writes a file beside its place and moves it there: it is never half written.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut whole = Begun::at(path)?;
    whole.write_all(text.as_bytes())?;
    whole.finish()
}

/// Formats what is given on the standard input onto the standard output.
fn standard_input(console: &Console, options: &Fmt, language: Option<Language>) -> Outcome {
    let mut bytes = Vec::new();
    let name = console.pick("<标准输入>", "<standard input>");
    let read = std::io::stdin().read_to_end(&mut bytes);
    let text = match (read, String::from_utf8(bytes)) {
        (Ok(_), Ok(text)) => text,
        (Err(error), _) => {
            let fault = Diagnostic::new(Code::UnreadableFile).with("file", name).with("found", error.to_string());
            console.diagnostics(&Sources::default(), &[fault]);
            return Outcome::Errors;
        }
        (_, Err(_)) => {
            console.diagnostics(&Sources::default(), &[Diagnostic::new(Code::NotUtf8).with("file", name)]);
            return Outcome::Errors;
        }
    };
    match formatted(name, &text, language) {
        Ok(formatted) if options.check => {
            if formatted == text {
                return Outcome::Done;
            }
            console.line(name);
            Outcome::Errors
        }
        Ok(formatted) => {
            // A closed pipe ends the printing, not the program.
            let _ = std::io::stdout().write_all(formatted.as_bytes());
            Outcome::Done
        }
        Err((sources, diagnostics)) => {
            console.diagnostics(&sources, &diagnostics);
            Outcome::Errors
        }
    }
}
