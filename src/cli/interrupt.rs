//! Ctrl-C, and the other signals to end.
//!
//! What is being written is tidied away and the program ends. At the prompt Ctrl-C stops
//! the line that is being carried out, and the session stays; whoever asks the program to
//! end by another signal is obeyed there too, and finds the terminal as it was before.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use super::whole;
use crate::diagnostic::Language;
use crate::progress::Progress;

static HANDLER: Once = Once::new();
/// What stops the lines of the prompt, where there is one.
static LINE: Mutex<Option<(Arc<Progress>, Language)>> = Mutex::new(None);
/// How often it was pressed since that line began.
static PRESSED: AtomicUsize = AtomicUsize::new(0);

/// Takes charge of the signals to end. Without it nothing is lost but the tidying.
pub(super) fn heed() {
    HANDLER.call_once(|| {
        drop(ctrlc::set_handler(interrupted));
        #[cfg(unix)]
        terminal::heed_others();
    });
}

/// The signals to end that are no Ctrl-C, and the terminal that they leave behind.
#[cfg(unix)]
mod terminal {
    use std::sync::{Mutex, PoisonError};

    use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::{Write, whole};

    /// How the terminal was before lines were edited.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Ends the program when it is asked to.
    pub(super) fn heed_others() {
        let Ok(mut signals) = Signals::new([SIGHUP, SIGTERM]) else { return };
        let wait = move || {
            if signals.forever().next().is_some() {
                put_back();
                whole::tidy_and_end();
            }
        };
        // Without a thread the system ends the program, untidied.
        let _ = std::thread::Builder::new().spawn(wait);
    }

    /// Remembers how the terminal is.
    pub(super) fn remember() {
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = tcgetattr(std::io::stdin()).ok();
    }

    fn put_back() {
        if let Some(before) = &*BEFORE.lock().unwrap_or_else(PoisonError::into_inner) {
            // Pastes are no longer marked, and what comes next begins a line.
            let _ = std::io::stdout().write_all(b"\x1b[?2004l\r\n");
            let _ = std::io::stdout().flush();
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
        }
    }
}

/// While it lives, Ctrl-C stops a line of the prompt and not the program.
pub(super) struct Stopping(());

impl Stopping {
    /// Lines are stopped so.
    pub fn by(line: Arc<Progress>, language: Language) -> Stopping {
        #[cfg(unix)]
        terminal::remember();
        heed();
        *under_way() = Some((line, language));
        Stopping(())
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        *under_way() = None;
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

fn under_way() -> MutexGuard<'static, Option<(Arc<Progress>, Language)>> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn interrupted() {
    let under_way = under_way();
    let Some((line, language)) = under_way.as_ref() else { whole::tidy_and_end() };
    line.stop();
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
