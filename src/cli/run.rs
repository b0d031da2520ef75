use super::Outcome;
use super::console::Console;
pub(super) fn run<T>(_console: &mut Console, _options: &T) -> Outcome { Outcome::Done }
