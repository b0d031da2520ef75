//! The language server as an editor meets it.

#![allow(clippy::string_slice, reason = "tests may")]

mod client;
mod features;
mod files;
mod program;
mod random;
