//! All integration tests in one binary: cases written in the language, faulty clauses with
//! their messages, the examples of the documents, the sample city, hostile input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

mod cases;
mod codes;
mod commands;
mod consoles;
mod differential;
mod documents;
mod editor_grammars;
mod engines;
mod faulty;
mod files;
mod formats;
mod formatting;
mod history;
mod hostile;
mod identity;
mod language_server;
mod output;
mod prompt;
mod reports;
mod sample;
mod sampling;
#[cfg(unix)]
mod terminal;
