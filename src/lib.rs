//! Huiqi (惠企): a policy language for enterprise support.

pub mod source;
pub mod diagnostic;
pub mod syntax;
pub mod value;
pub mod resolve;
pub mod check;
pub mod record;
pub mod eval;
pub mod explain;
