//! The language server as an editor meets it.

mod client;
mod features;
mod files;
mod random;
