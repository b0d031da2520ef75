//! Policy files of the command line: folders opened, files read, checked and reported.

use std::path::{Path, PathBuf};

use super::Outcome;
use super::arguments::Files;
use super::console::Console;
use crate::Policies;
use crate::diagnostic::{Code, Diagnostic, Severity, many};

/// Reads and checks the policies that are named. Errors are printed, and nothing is returned with them; warnings are counted.
pub(super) fn open(console: &Console, files: &Files) -> Result<Policies, Outcome> {
    let policies = load(console, files)?;
    if policies.has_errors() {
        console.diagnostics(policies.sources(), policies.diagnostics());
        return Err(Outcome::Errors);
    }
    let warnings = policies.diagnostics().iter().filter(|d| d.severity() == Severity::Warning).count();
    if warnings > 0 {
        console.note(console.pick(
            format!("政策有 {warnings} 个警告，用 `huiqi check` 查看"),
            format!("the policies have {}: see `huiqi check`", many(warnings, "warning")),
        ));
    }
    Ok(policies)
}

/// Reads and checks the policies that are named, errors or not.
pub(super) fn load(console: &Console, files: &Files) -> Result<Policies, Outcome> {
    let (entries, root) = entries(console, files)?;
    Ok(Policies::from_files(&entries, &root, &|path| std::fs::read(path)))
}

/// Each of the files that are named, with what it uses and nothing else.
pub(super) fn each(console: &Console, files: &Files) -> Result<Vec<Policies>, Outcome> {
    let (entries, root) = entries(console, files)?;
    let read = |path: &Path| std::fs::read(path);
    Ok(entries.iter().map(|entry| Policies::from_files(std::slice::from_ref(entry), &root, &read)).collect())
}

/// The files that are named, folders opened, and the folder that `use` may reach.
pub(super) fn entries(console: &Console, files: &Files) -> Result<(Vec<PathBuf>, PathBuf), Outcome> {
    let mut entries = Vec::new();
    for path in &files.files {
        if path.is_dir() {
            let before = entries.len();
            folder(path, &mut entries);
            if entries.len() == before {
                let shown = path.display().to_string();
                let none = Diagnostic::new(Code::FileNotFound).with("file", format!("{shown}/*.hq"));
                console.diagnostics(&crate::source::Sources::default(), &[none]);
                return Err(Outcome::Errors);
            }
        } else {
            entries.push(path.clone());
        }
    }
    one_spelling(&mut entries);
    let root = root(files, &entries);
    Ok((entries, root))
}

/// Where relative and other paths are mixed, those within the current folder become relative:
/// a file that is named in two ways, or named and used, is read once.
fn one_spelling(entries: &mut [PathBuf]) {
    let is_near = |path: &Path| path.is_relative() && !path.starts_with("..");
    let Some(current) = std::env::current_dir().ok().and_then(|current| current.canonicalize().ok()) else { return };
    if !entries.iter().any(|entry| is_near(entry)) {
        return;
    }
    for entry in entries.iter_mut().filter(|entry| !is_near(entry)) {
        let within =
            entry.canonicalize().ok().and_then(|whole| whole.strip_prefix(&current).ok().map(Path::to_path_buf));
        if let Some(near) = within {
            *entry = near;
        }
    }
}

/// All policy files of a folder and its folders, in the order of their names.
pub(super) fn folder(path: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            folder(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "hq") {
            out.push(path);
        }
    }
}

/// The folder that `use` may reach from these files, where none is told.
pub(super) fn root_of(entries: &[PathBuf]) -> PathBuf {
    root(&Files { files: Vec::new(), root: None }, entries)
}

/// The folder that `use` may reach: as told; else the project's, which has a `.git` or `huiqi.toml`,
/// when the files lie below the current folder, and the current folder where there is no such mark;
/// for files elsewhere the folder above theirs, so that a vocabulary beside them is in reach.
fn root(files: &Files, entries: &[PathBuf]) -> PathBuf {
    if let Some(root) = &files.root {
        return root.clone();
    }
    let current = std::env::current_dir().unwrap_or_default();
    match entries.iter().find(|entry| entry.is_absolute() && !entry.starts_with(&current) || entry.starts_with("..")) {
        Some(outside) => outside.parent().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default(),
        None if entries.iter().any(|entry| entry.is_absolute()) => current,
        None => project_folder(&current),
    }
}

/// The nearest folder above (or the current one) that has the mark of a project, as `..`s.
fn project_folder(current: &Path) -> PathBuf {
    let marked = |folder: &Path| [".git", "huiqi.toml"].iter().any(|mark| folder.join(mark).exists());
    let up = current.ancestors().position(marked).unwrap_or(0);
    std::iter::repeat_n("..", up).collect()
}
