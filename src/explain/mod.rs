//! Explaining: expressions and clauses in plain words, and why an amount is what it is.

pub mod sentence;
pub mod words;
