//! Explaining: clauses in plain words, results as lines, and why an amount is what it is.
//!
//! In: the checked program, and what evaluation and settlement came to. Out: text in either
//! language and [`Line`]s, the documented shape of a result. Nothing is computed here.

mod because;
mod line;
mod reduction;
pub mod sentence;
mod steps;
pub mod words;

pub use because::{missing, reasons};
pub use line::{Line, PayerShare, lines};
pub(crate) use line::{status_of, total_line};
pub use steps::why;
