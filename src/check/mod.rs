//! From names bound to a typed program.

pub mod program;
