//! Lines kept between sessions: in the user's data folder, or where HUIQI_HISTORY says.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustyline::error::ReadlineError;

use super::Lines;
use crate::cli::console::Console;

/// Longer blocks are not brought back by a key: they are in the file that they came from.
const LONGEST: usize = 16 << 10;

/// The file in which lines are kept; none where HUIQI_HISTORY is empty or no folder is known.
pub(in crate::cli::repl) fn kept_in() -> Option<PathBuf> {
    place(|name| std::env::var_os(name).map(PathBuf::from))
}

fn place(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(path) = variable("HUIQI_HISTORY") {
        return Some(path).filter(|path| !path.as_os_str().is_empty());
    }
    let home = || variable("HOME").filter(|home| home.is_absolute());
    let folder = if cfg!(windows) {
        variable("APPDATA")?
    } else {
        // A path that is not absolute is to be taken for none: the base directory specification.
        let given = variable("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let usual = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
        given.or_else(|| Some(home()?.join(usual)))?
    };
    Some(folder.join("huiqi").join("history"))
}

/// Brings back the lines of former sessions; whether new ones can be kept there.
pub(super) fn load(editor: &mut Lines, path: &Path, console: &Console) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all);
    let read = made.map_err(ReadlineError::from).and_then(|()| editor.load_history(path));
    match read {
        Ok(()) => true,
        Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => {
            let file = path.display();
            console.note(console.pick(
                format!("{file} 读不了，这次输入的行不记下：{error}"),
                format!("{file} cannot be read, and lines are not kept this time: {error}"),
            ));
            false
        }
    }
}

/// Keeps a block; at once, so that no line is lost with the terminal.
pub(super) fn keep(editor: &mut Lines, path: Option<&Path>, text: &str) {
    if text.trim().is_empty() || text.len() > LONGEST {
        return;
    }
    let added = editor.add_history_entry(text).unwrap_or(false);
    if let Some(path) = path.filter(|_| added) {
        // That a disk is full is no reason to stop answering.
        let _ = editor.append_history(path);
    }
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::place;
    use std::path::PathBuf;

    #[test]
    fn lines_are_kept_where_the_variables_say() {
        let with = |set: &[(&str, &str)]| {
            place(|name| set.iter().find(|(own, _)| *own == name).map(|(_, value)| PathBuf::from(value)))
        };
        let at = |path: &str| Some(PathBuf::from(path));
        assert_eq!(with(&[("HOME", "/h")]), at("/h/.local/share/huiqi/history"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_DATA_HOME", "/d")]), at("/d/huiqi/history"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_DATA_HOME", "d")]), at("/h/.local/share/huiqi/history"));
        assert_eq!(with(&[("HOME", "/h"), ("HUIQI_HISTORY", "own")]), at("own"));
        assert_eq!(with(&[("HOME", "/h"), ("HUIQI_HISTORY", "")]), None);
        assert_eq!(with(&[]), None);
    }
}
