//! The language server: help at every keystroke, in any editor that speaks the protocol.
//!
//! In: messages of the Language Server Protocol. Out: diagnostics, and answers to what an
//! editor asks. The protocol stays at the edge (`server`, `edge`): every feature is a
//! file of its own that knows texts and byte places only. `documents` holds what is being
//! typed, `world` reads and checks the files around it, `names` says what every name means.

mod actions;
mod answers;
mod completion;
mod documents;
mod edge;
mod folding;
mod formatting;
mod hover;
mod impact;
mod inlay;
mod lens;
mod names;
mod navigation;
mod position;
mod rename;
mod server;
mod settings;
mod signature;
mod slips;
mod snippets;
mod symbols;
#[cfg(test)]
mod tests;
mod tokens;
mod world;

pub use server::{run, serve};
