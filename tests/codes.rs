//! Every code is raised by a case.

use huiqi::diagnostic::Code;

use super::{cases, faulty, hostile};

#[test]
fn every_code_of_the_language_is_raised_by_a_case() {
    let mut raised = cases::codes();
    raised.extend(faulty::codes());
    raised.extend(hostile::CODES.iter().map(|code| code.to_string()));
    // Codes of evaluation, data and commands are raised by the tests of their own modules.
    let elsewhere = |code: &str| ["HQ05", "HQ06", "HQ08"].iter().any(|group| code.starts_with(group));
    let silent: Vec<_> =
        Code::ALL.iter().map(|code| code.as_str()).filter(|code| !elsewhere(code) && !raised.contains(*code)).collect();
    assert!(silent.is_empty(), "no case raises {}", silent.join(", "));
}
