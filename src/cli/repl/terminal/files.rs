//! Names of files, as far as they are typed.

use std::path::Path;

/// A file or folder that begins as typed: its own name, and the whole as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub name: String,
    pub written: String,
    pub is_folder: bool,
}

/// More than these are no help.
const MOST: usize = 100;

/// The files with one of the endings, and the folders, that begin as typed.
pub(super) fn beginning(typed: &str, endings: &[&str]) -> Vec<Found> {
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    let (folder, start) = match typed.rfind(separators) {
        // Separators are one byte long.
        Some(at) => typed.split_at(at + 1),
        None => ("", typed),
    };
    let place = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let mut found: Vec<Found> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // What is hidden is shown to whoever asks for it.
            let hidden = name.starts_with('.') && !start.starts_with('.');
            if hidden || !name.starts_with(start) || name.contains(['"', '\\', '\n']) {
                return None;
            }
            let is_folder = std::fs::metadata(entry.path()).is_ok_and(|there| there.is_dir());
            let lower = name.to_lowercase();
            if !is_folder && !endings.iter().any(|ending| lower.ends_with(ending)) {
                return None;
            }
            let end = if is_folder { "/" } else { "" };
            Some(Found { written: format!("{folder}{name}{end}"), name: format!("{name}{end}"), is_folder })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.len() > MOST
        && let Some(last) = found.pop()
    {
        // The first and the last in order share what all share.
        found.truncate(MOST - 1);
        found.push(last);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn files_of_the_kind_and_folders_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["企业.csv", "企业-荣誉.CSV", "企业.hq", ".企业.csv"] {
            std::fs::write(at(name), "").unwrap();
        }
        std::fs::create_dir(at("企业名录")).unwrap();
        let base = folder.path().display().to_string();
        let names = |typed: &str| -> Vec<String> {
            beginning(&format!("{base}/{typed}"), &[".csv"]).into_iter().map(|found| found.name).collect()
        };
        assert_eq!(names("企"), ["企业-荣誉.CSV", "企业.csv", "企业名录/"]);
        assert_eq!(names("."), [".企业.csv"]);
        assert_eq!(names("无/"), [""; 0]);
        let found = beginning(&format!("{base}/企业名"), &[".csv"]);
        assert_eq!(found[0].written, format!("{base}/企业名录/"));
    }
}
