//! Ctrl-C, and the other signals to end.
//!
//! What is being written is tidied away and the program ends, except at the prompt: there
//! the line that is being carried out is to stop, and the session stays.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use super::whole;
use crate::diagnostic::Language;

static HANDLER: Once = Once::new();
/// What stops the lines of the prompt, where there is one.
static LINE: Mutex<Option<(Arc<AtomicBool>, Language)>> = Mutex::new(None);
/// How often it was pressed since that line began.
static PRESSED: AtomicUsize = AtomicUsize::new(0);

/// Takes charge of the signals to end. Without it nothing is lost but the tidying.
pub(super) fn heed() {
    HANDLER.call_once(|| drop(ctrlc::set_handler(interrupted)));
}

/// While it lives, Ctrl-C stops a line of the prompt and not the program.
pub(super) struct Stopping(());

impl Stopping {
    /// Lines are stopped so.
    pub fn by(stop: Arc<AtomicBool>, language: Language) -> Stopping {
        heed();
        *line() = Some((stop, language));
        Stopping(())
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        *line() = None;
    }
}

/// A line begins.
pub(super) fn line_begins() {
    PRESSED.store(0, Relaxed);
}

/// Whether the line that was carried out last was to stop.
pub(super) fn was_pressed() -> bool {
    PRESSED.load(Relaxed) > 0
}

fn line() -> MutexGuard<'static, Option<(Arc<AtomicBool>, Language)>> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn interrupted() {
    let line = line();
    let Some((stop, language)) = line.as_ref() else { whole::tidy_and_end() };
    stop.store(true, Relaxed);
    match PRESSED.fetch_add(1, Relaxed) {
        0 => {}
        1 => {
            let told =
                language.pick("正在停下；再按一次 Ctrl-C 就离开", "stopping; Ctrl-C once more leaves the program");
            let _ = writeln!(std::io::stderr(), "{told}");
        }
        _ => whole::tidy_and_end(),
    }
}
