//! The command line: reads files, calls the library, prints. All IO is here.
//!
//! Exit codes: 0 done; 1 the policy or the data has errors; 2 the command line is wrong.

mod append;
mod arguments;
mod book;
mod budgets;
mod check;
mod console;
mod evaluation;
mod explain;
mod fmt;
mod history;
mod interrupt;
mod lsp;
mod output;
mod project;
mod read;
mod repl;
mod report;
mod report_file;
mod run;
mod sample;
mod sample_file;
mod sample_parquet;
mod schema;
mod test;
mod watch;
mod whole;
mod why;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use console::Console;

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// The policy or the data has errors.
    Errors,
    /// The command line is wrong.
    Usage,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe is nobody's error.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let mut console = Console::new(arguments.lang, arguments.color);
    let outcome = match &arguments.command {
        Command::Check(options) => check::run(&mut console, options),
        Command::Run(options) => run::run(&mut console, options),
        Command::Test(options) => test::run(&mut console, options),
        Command::Why(options) => why::run(&mut console, options),
        Command::Read(options) => read::run(&mut console, options),
        Command::Fmt(options) => fmt::run(&mut console, options, arguments.lang.filter(|_| fmt::names_language())),
        Command::Lsp => lsp::run(&console),
        Command::Repl(options) => repl::run(&mut console, &options.session, options.no_history),
        Command::Ask(options) => repl::ask(&mut console, options),
        Command::Schema(options) => schema::run(&mut console, options),
        Command::Sample(options) => sample::run(&mut console, options),
        Command::Explain { code } => explain::run(&mut console, code.as_deref()),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Arguments::command(), "huiqi", &mut std::io::stdout());
            Outcome::Done
        }
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Errors => ExitCode::from(1),
        Outcome::Usage => ExitCode::from(2),
    }
}
