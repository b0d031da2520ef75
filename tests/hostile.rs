//! Hostile and broken input: an answer or a named error, never a panic, also on a small stack.

use huiqi::diagnostic::Code;

/// Codes that only input too large to be kept as a case raises.
pub const CODES: [Code; 2] = [Code::TooDeep, Code::TooLarge];
