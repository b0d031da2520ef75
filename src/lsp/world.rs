//! The files around a text, read and checked.
//!
//! In: the open texts and the disk. Out: an [`Analysis`] of any file with what it uses, kept
//! until something changes. Parts of a text that an edit does not touch are not parsed again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::documents::Documents;
use super::names::{self, Occurrence};
use super::position::Lines;
use super::settings::{self, Settings};
use crate::diagnostic::Language;
use crate::explain::words::Words;
use crate::policies::Policies;
use crate::resolve;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::incremental::Parts;
use crate::syntax::tree;

/// A file with all that it uses, checked.
#[derive(Debug)]
pub(super) struct Analysis {
    /// The checked policies.
    pub policies: Policies,
    /// The file it was made for.
    pub file: FileId,
    /// What every name of that file means.
    names: OnceLock<HashMap<FileId, Vec<Occurrence>>>,
    /// The lines of its files.
    lines: OnceLock<Vec<Lines>>,
}

impl Analysis {
    /// A file of it.
    pub fn source(&self, file: FileId) -> Option<&SourceFile> {
        self.policies.sources().get(file)
    }

    /// The lines of a file of it.
    pub fn lines(&self, file: FileId) -> Option<&Lines> {
        let all =
            self.lines.get_or_init(|| self.policies.sources().iter().map(|(_, file)| Lines::of(&file.text)).collect());
        all.get(file.0 as usize)
    }

    /// The text it was made for.
    pub fn text(&self) -> &str {
        self.source(self.file).map_or("", |file| &file.text)
    }

    /// The tree of the file it was made for; none where the file could not be read.
    pub fn tree(&self) -> Option<&tree::File> {
        self.policies.trees().iter().find(|tree| tree.file == self.file)
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> Option<&Path> {
        self.source(file)?.path.as_deref()
    }

    /// Every name of a file, in order.
    pub fn names(&self, file: FileId) -> &[Occurrence] {
        let all = self.names.get_or_init(|| names::all(&self.policies));
        all.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The names of all files.
    pub fn all_names(&self) -> impl Iterator<Item = &Occurrence> {
        self.policies.sources().iter().flat_map(|(file, _)| self.names(file))
    }

    /// The name at a byte of its file.
    pub fn name_at(&self, byte: usize) -> Option<&Occurrence> {
        let byte = u32::try_from(byte).ok()?;
        let around = |span: Span| span.start <= byte && byte <= span.end;
        let found = self.names(self.file).iter().filter(|name| around(name.span));
        // Between two names the one that begins here is meant.
        found.max_by_key(|name| name.span.start)
    }

    /// Its parts in words.
    pub fn words(&self, language: Language) -> Words<'_> {
        Words { program: self.policies.program(), sources: self.policies.sources(), language }
    }
}

/// Everything the server knows.
#[derive(Debug, Default)]
pub(super) struct World {
    /// The open texts.
    pub documents: Documents,
    /// The folders that are open.
    pub folders: Vec<PathBuf>,
    /// The language of help.
    pub language: Language,
    parts: HashMap<PathBuf, Parts>,
    analyses: HashMap<PathBuf, (u64, Arc<Analysis>)>,
    revision: u64,
}

/// The most policy files of a workspace that are looked at.
const MOST_FILES: usize = 5_000;
/// The most entries of folders that are looked at: a whole disk is no project.
const MOST_ENTRIES: usize = 100_000;

impl World {
    /// Something has changed: what was analysed may be stale.
    pub fn changed(&mut self) {
        self.revision += 1;
    }

    /// How often something has changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// A file with what it uses, checked; the same one until something changes.
    pub fn analysis(&mut self, path: &Path) -> Arc<Analysis> {
        if let Some((revision, analysis)) = self.analyses.get(path)
            && *revision == self.revision
        {
            return Arc::clone(analysis);
        }
        let analysis = Arc::new(self.analyse(path));
        self.analyses.insert(path.to_path_buf(), (self.revision, Arc::clone(&analysis)));
        analysis
    }

    fn analyse(&mut self, path: &Path) -> Analysis {
        let documents = &self.documents;
        let parts = RefCell::new(&mut self.parts);
        let read = |path: &Path| match documents.get(path) {
            Some(document) => Ok(document.text.as_bytes().to_vec()),
            None => std::fs::read(path),
        };
        let mut parse = |file: FileId, path: &Path, text: &str| {
            parts.borrow_mut().entry(path.to_path_buf()).or_default().parse(file, text)
        };
        let root = project_folder(path, &self.folders);
        let project = resolve::load_with(&[path.to_path_buf()], &root, &read, &mut parse);
        let policies = Policies::checked(project);
        let own = policies.sources().iter().find(|(_, file)| file.path.as_deref() == Some(path));
        let file = own.map_or_else(FileId::default, |(file, _)| file);
        Analysis { policies, file, names: OnceLock::new(), lines: OnceLock::new() }
    }

    /// Forgets a file that was closed.
    pub fn forget(&mut self, path: &Path) {
        self.analyses.remove(path);
        self.parts.remove(path);
    }

    /// The lines and the text of a file, open or not.
    pub fn text(&self, path: &Path) -> Option<(Arc<str>, Arc<Lines>)> {
        if let Some(document) = self.documents.get(path) {
            return Some((Arc::clone(&document.text), Arc::clone(&document.lines)));
        }
        let text = std::fs::read_to_string(path).ok()?;
        let lines = Lines::of(&text);
        Some((text.into(), Arc::new(lines)))
    }

    /// The settings of the project that a file belongs to.
    pub fn settings(&self, path: &Path) -> Settings {
        settings::of_project(&project_folder(path, &self.folders))
    }

    /// All policy files of the workspace, open ones first; where no folder is open, those of the project
    /// of `near`, or beside it.
    pub fn policy_files(&self, near: &Path) -> Vec<PathBuf> {
        let mut found = self.documents.paths();
        let mut left = MOST_ENTRIES;
        if !self.folders.is_empty() {
            self.folders.iter().for_each(|folder| policy_files(folder, true, &mut found, &mut left));
        } else if let Some(project) = marked_folder(near) {
            policy_files(&project, true, &mut found, &mut left);
        } else if let Some(folder) = near.parent().filter(|folder| folder.is_absolute()) {
            policy_files(folder, false, &mut found, &mut left);
        }
        found
    }
}

/// Adds the policy files of a folder, and with `deep` of its folders, in the order of their names. Hidden
/// folders and what a build makes are no part of a project.
fn policy_files(folder: &Path, deep: bool, found: &mut Vec<PathBuf>, left: &mut usize) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().take(*left).map(|entry| entry.path()).collect();
    *left -= paths.len();
    paths.sort();
    for path in paths {
        if found.len() >= MOST_FILES {
            return;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let aside = name.starts_with('.') || matches!(name, "target" | "node_modules");
        if path.is_dir() {
            if deep && !aside && !path.is_symlink() {
                policy_files(&path, deep, found, left);
            }
        } else if path.extension().is_some_and(|extension| extension == "hq") && !found.contains(&path) {
            found.push(path);
        }
    }
}

/// The nearest folder above a file that has the mark of a project.
fn marked_folder(path: &Path) -> Option<PathBuf> {
    let marked = |folder: &&Path| [".git", "huiqi.toml"].iter().any(|mark| folder.join(mark).exists());
    let own = path.parent()?;
    own.ancestors().filter(|folder| folder.is_absolute()).find(marked).map(Path::to_path_buf)
}

/// The folder that `use` may reach: the nearest with the mark of a project, else the open folder
/// that holds the file, else the one above the file's own.
pub(super) fn project_folder(path: &Path, folders: &[PathBuf]) -> PathBuf {
    if let Some(project) = marked_folder(path) {
        return project;
    }
    if let Some(folder) = folders.iter().find(|folder| path.starts_with(folder)) {
        return folder.clone();
    }
    let own = path.parent().unwrap_or(Path::new(""));
    own.parent().unwrap_or(own).to_path_buf()
}
