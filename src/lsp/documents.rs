//! The texts that are open in the editor, as they stand at this moment.
//!
//! In: openings, edits and closings. Out: texts by path. An edit names its stretch in
//! UTF-16 units of the text before it; several edits of one message follow each other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::position::{Lines, Place};

/// An open text.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// How the editor calls it.
    pub uri: String,
    /// The editor's count of its edits.
    pub version: i32,
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: Arc<Lines>,
}

/// A stretch to be replaced; none for the whole text.
pub(super) type Edit = (Option<(Place, Place)>, String);

/// All open texts.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: HashMap<PathBuf, Document>,
}

impl Documents {
    /// Opens a text, or opens it anew.
    pub fn open(&mut self, path: PathBuf, uri: String, version: i32, text: String) {
        let lines = Arc::new(Lines::of(&text));
        self.open.insert(path, Document { uri, version, text: text.into(), lines });
    }

    /// Edits a text; whether it is open.
    pub fn edit(&mut self, path: &Path, version: i32, edits: Vec<Edit>) -> bool {
        let Some(document) = self.open.get_mut(path) else { return false };
        let mut text = document.text.to_string();
        let mut lines = Arc::clone(&document.lines);
        for (range, new) in edits {
            match range {
                None => text = new,
                Some((start, end)) => {
                    let (a, b) = (lines.byte(&text, start), lines.byte(&text, end));
                    text.replace_range(a.min(b)..b.max(a), &new);
                }
            }
            lines = Arc::new(Lines::of(&text));
        }
        *document = Document { uri: document.uri.clone(), version, text: text.into(), lines };
        true
    }

    /// Closes a text.
    pub fn close(&mut self, path: &Path) {
        self.open.remove(path);
    }

    /// An open text.
    pub fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// The paths of all open texts, in order.
    pub fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.open.keys().cloned().collect();
        paths.sort();
        paths
    }
}
