//! What a project and an editor ask of the server.
//!
//! In: the `[editor]` part of the project's `huiqi.toml`, and what the editor sends when it
//! starts. Out: [`Settings`]. What is wrong in them is left out, never an error: help goes on
//! without it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::diagnostic::Language;

/// The settings of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// Data files, to say how many a clause reaches.
    pub data: Vec<PathBuf>,
    /// The period that they are evaluated for.
    pub period: Option<String>,
    /// Values for pending rules and parameters: name and expression.
    pub set: Vec<(String, String)>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProjectFile {
    editor: EditorPart,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EditorPart {
    data: OneOrMore,
    #[serde(rename = "in")]
    period: Option<String>,
    set: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(PathBuf),
    More(Vec<PathBuf>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        OneOrMore::More(Vec::new())
    }
}

/// The settings of the project in a folder.
pub(super) fn of_project(folder: &Path) -> Settings {
    let text = std::fs::read_to_string(folder.join("huiqi.toml")).unwrap_or_default();
    let file: ProjectFile = toml::from_str(&text).unwrap_or_default();
    let data = match file.editor.data {
        OneOrMore::One(path) => vec![path],
        OneOrMore::More(paths) => paths,
    };
    let set = file.editor.set.iter().filter_map(|set| set.split_once('='));
    Settings {
        data: data.into_iter().map(|path| folder.join(path)).collect(),
        period: file.editor.period,
        set: set.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect(),
    }
}

/// The language of help: what the editor's settings say, else its locale, else that of the system.
pub(super) fn language(options: Option<&serde_json::Value>, locale: Option<&str>) -> Language {
    let asked = options.and_then(|options| options.get("language")).and_then(serde_json::Value::as_str);
    match asked.or(locale) {
        Some(locale) => Language::of_locale(locale),
        None => Language::from_locale(),
    }
}
