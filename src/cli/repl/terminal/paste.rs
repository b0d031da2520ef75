//! What is pasted arrives as one block, and is carried out when its reader says so.
//!
//! A short block stands in the line like what is typed. A long one would fill the screen
//! again at every key: the line shows how long it is, and the block itself waits beside it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::{Cmd, ConditionalEventHandler, Event, EventContext, KeyCode, KeyEvent, Modifiers, RepeatCount};

use super::Lines;
use crate::diagnostic::Language;

/// More lines than these wait beside the line.
const LINES: usize = 100;
/// So do more bytes.
const BYTES: usize = 16 << 10;

/// What is being pasted, and what was.
#[derive(Clone, Default)]
pub(super) struct Pastes {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    language: Language,
    /// What has come so far, while it comes.
    coming: Option<String>,
    /// Long blocks, with what stands for them in the line.
    held: Vec<(String, String)>,
}

impl Pastes {
    pub fn new(language: Language) -> Pastes {
        Pastes { state: Arc::new(Mutex::new(State { language, ..State::default() })) }
    }

    /// Takes over what the keys of a paste do.
    pub fn bind(&self, editor: &mut Lines) {
        let key = |code| Event::from(KeyEvent(code, Modifiers::NONE));
        let handler = || rustyline::EventHandler::Conditional(Box::new(self.clone()));
        editor.bind_sequence(key(KeyCode::BracketedPasteStart), handler());
        editor.bind_sequence(key(KeyCode::BracketedPasteEnd), handler());
        editor.bind_sequence(Event::Any, handler());
    }

    /// The line with the blocks in their places.
    pub fn unfold(&self, line: &str) -> String {
        let state = self.state();
        state.held.iter().fold(line.to_owned(), |line, (sign, block)| line.replace(sign, block))
    }

    pub fn is_empty(&self) -> bool {
        self.state().held.is_empty()
    }

    /// Forgets the blocks: the next line has its own.
    pub fn clear(&self) {
        let mut state = self.state();
        (state.coming, state.held) = (None, Vec::new());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn key(&mut self, KeyEvent(code, modifiers): KeyEvent) -> Option<Cmd> {
        match (code, modifiers) {
            (KeyCode::BracketedPasteStart, _) => self.coming = Some(String::new()),
            (KeyCode::BracketedPasteEnd, _) => return Some(self.ended()),
            // A paste that never ends is given up like a line.
            (KeyCode::Char('C'), Modifiers::CTRL) => {
                self.coming = None;
                return None;
            }
            (code, modifiers) => {
                let coming = self.coming.as_mut()?;
                match code {
                    KeyCode::Char('J') if modifiers == Modifiers::CTRL => coming.push('\n'),
                    KeyCode::Char(c) if modifiers == Modifiers::NONE => coming.push(c),
                    KeyCode::Enter => coming.push('\r'),
                    KeyCode::Tab => coming.push('\t'),
                    // Other keys have no place in a text.
                    _ => {}
                }
            }
        }
        Some(Cmd::Noop)
    }

    fn ended(&mut self) -> Cmd {
        let Some(text) = self.coming.take() else { return Cmd::Noop };
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines = text.lines().count();
        if lines <= LINES && text.len() <= BYTES {
            return Cmd::Insert(1, text);
        }
        let number = self.held.len() + 1;
        let sign = self
            .language
            .pick(format!("⟦粘贴的第 {number} 段，{lines} 行⟧"), format!("⟦pasted block {number}, {lines} lines⟧"));
        self.held.push((sign.clone(), text));
        Cmd::Insert(1, sign)
    }
}

impl ConditionalEventHandler for Pastes {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        let key = event.get(0)?;
        self.state().key(*key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paste(pastes: &Pastes, text: &str) -> Option<Cmd> {
        let mut state = pastes.state();
        let key = |code| KeyEvent(code, Modifiers::NONE);
        state.key(key(KeyCode::BracketedPasteStart));
        for c in text.chars() {
            assert_eq!(state.key(KeyEvent::new(c, Modifiers::NONE)), Some(Cmd::Noop));
        }
        state.key(key(KeyCode::BracketedPasteEnd))
    }

    #[test]
    fn short_blocks_stand_in_the_line_and_long_ones_beside_it() {
        let pastes = Pastes::new(Language::Chinese);
        assert_eq!(
            paste(&pastes, "令 甲 = 1\r\n\t令 乙 = 2\r"),
            Some(Cmd::Insert(1, "令 甲 = 1\n\t令 乙 = 2\n".into()))
        );
        assert!(pastes.is_empty());
        let long = "1 + 1\n".repeat(10_000);
        let Some(Cmd::Insert(1, sign)) = paste(&pastes, &long) else { panic!("it stands for the block") };
        assert_eq!(sign, "⟦粘贴的第 1 段，10000 行⟧");
        assert_eq!(pastes.unfold(&format!("# 一\n{sign}")), format!("# 一\n{long}"));
        pastes.clear();
        assert_eq!(pastes.unfold(&sign), sign);
    }

    #[test]
    fn keys_that_are_typed_do_what_they_do() {
        let pastes = Pastes::new(Language::English);
        assert_eq!(pastes.state().key(KeyEvent(KeyCode::Enter, Modifiers::NONE)), None);
        assert_eq!(pastes.state().key(KeyEvent::new('a', Modifiers::NONE)), None);
    }
}
