//! Huiqi (惠企) is a small policy language for enterprise support: the clauses in which
//! Chinese cities promise firms money. This crate parses clauses, checks them, evaluates
//! them against records exactly to the fen, settles what lies between them and explains
//! every fen.
//!
//! ```
//! # fn main() -> Result<(), Vec<huiqi::diagnostic::Diagnostic>> {
//! use huiqi::{Basis, Policies};
//!
//! // The same clause in either language.
//! let clauses = [
//!     ("award 5% of capex cap 800万 when 增资扩产", "capex"),
//!     ("奖补 固定资产投资额的5%，最高800万元，当 增资扩产", "固定资产投资额"),
//! ];
//! for (clause, base) in clauses {
//!     let policies = Policies::from_text(clause);
//!     let firm = serde_json::json!({ base: "2亿", "增资扩产": "是" });
//!     let assessment = policies.evaluate(&firm, &Basis::of("2024")?)?;
//!     assert_eq!(assessment.lines[0].status, "exact");
//!     assert_eq!(assessment.lines[0].settled.as_deref(), Some("8000000.00"));
//!
//!     // What is missing is not zero: the answer is open, and says why.
//!     let assessment = policies.evaluate(&serde_json::json!({ "增资扩产": true }), &Basis::of("2024")?)?;
//!     assert_eq!(assessment.lines[0].status, "unknown");
//!     assert_eq!(assessment.lines[0].highest.as_deref(), Some("8000000.00"));
//!     assert_eq!(assessment.lines[0].missing, [base]);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The stages in reading order, each one public function from one type to the next:

pub mod batch;
pub mod check;
#[doc(hidden)]
pub mod cli;
pub mod diagnostic;
pub mod eval;
pub mod explain;
pub mod format;
pub mod lsp;
pub mod progress;
pub mod record;
pub mod repl;
pub mod report;
pub mod resolve;
pub mod sample;
pub mod settle;
pub mod source;
pub mod syntax;
pub mod testing;
pub mod value;

mod aside;
mod evaluation;
mod few;
mod policies;
mod stream;

pub use evaluation::{Assessment, Evaluation, Reported};
pub use explain::{Line, PayerShare};
pub use few::Few;
pub use policies::{Basis, Policies};
pub use report::Report;
