//! Reading a project: the entry files and all that they `use`, each once, used files first.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Sources, Span};
use crate::syntax::{self, tree};

/// Reads the bytes of a file. The library does no IO itself; the command line passes `std::fs::read`.
pub type Reader<'r> = dyn Fn(&Path) -> std::io::Result<Vec<u8>> + 'r;

/// The files of a compilation and their trees.
#[derive(Debug, Default)]
pub struct Project {
    /// All texts.
    pub sources: Sources,
    /// The trees, used files before those that use them.
    pub trees: Vec<tree::File>,
    /// What was found wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

/// A project of one text without files; `use` is not possible in it.
pub fn load_text(name: &str, text: &str) -> Project {
    let mut project = Project::default();
    let file = project.sources.add(name, None, text);
    let parsed = syntax::parse(file, text);
    for item in &parsed.tree.items {
        if let tree::Item::Use(path) = item {
            project.diagnostics.push(Diagnostic::new(Code::FileNotFound).at(path.span).with("file", &path.text));
        }
    }
    project.diagnostics.extend(parsed.diagnostics);
    project.trees.push(parsed.tree);
    project
}

/// Reads `entries` and what they use. Files outside `root` are refused, except the entries themselves.
pub fn load(entries: &[PathBuf], root: &Path, read: &Reader) -> Project {
    load_with(entries, root, read, &mut |id, _, text| syntax::parse(id, text))
}

/// Parses the text of a file; an editor remembers what it has parsed before.
pub(crate) type Parse<'p> = dyn FnMut(FileId, &Path, &str) -> syntax::Parsed + 'p;

/// The same, with another way to parse.
pub(crate) fn load_with(entries: &[PathBuf], root: &Path, read: &Reader, parse: &mut Parse) -> Project {
    let mut loader =
        Loader { project: Project::default(), root: normal(root), read, parse, seen: Vec::new(), open: Vec::new() };
    for entry in entries {
        loader.file(entry, None);
    }
    loader.project
}

/// The most files that may use each other in a row.
const MAX_USES: usize = 64;

struct Loader<'r, 'p> {
    project: Project,
    root: PathBuf,
    read: &'r Reader<'r>,
    parse: &'r mut Parse<'p>,
    seen: Vec<PathBuf>,
    /// Files being read, to find cycles.
    open: Vec<PathBuf>,
}

impl Loader<'_, '_> {
    fn file(&mut self, path: &Path, used_at: Option<Span>) {
        let path = normal(path);
        if self.open.contains(&path) {
            let from = self.open.iter().position(|open| *open == path).unwrap_or(0);
            let cycle: Vec<String> =
                self.open.iter().skip(from).chain([&path]).map(|p| p.display().to_string()).collect();
            return self.report(Code::UseCycle, used_at, |d| d.with("path", cycle.join(" → ")));
        }
        if self.seen.contains(&path) {
            return;
        }
        if self.open.len() >= MAX_USES {
            let file = path.display().to_string();
            return self.report(Code::TooDeep, used_at, |d| d.with("file", file).with("count", MAX_USES.to_string()));
        }
        self.seen.push(path.clone());
        let shown = path.display().to_string();
        let bytes = match (self.read)(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let from = self.open.last().map(|path| path.display().to_string());
                return self.report(Code::FileNotFound, used_at, |d| d.with("file", &shown).with_some("from", from));
            }
            Err(error) => {
                return self.report(Code::UnreadableFile, used_at, |d| {
                    d.with("file", &shown).with("found", error.to_string())
                });
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return self.report(Code::NotUtf8, used_at, |d| d.with("file", &shown)),
        };
        let id: FileId = self.project.sources.add(&shown, Some(&path), text.as_str());
        let parsed = (self.parse)(id, &path, &text);
        self.project.diagnostics.extend(parsed.diagnostics);
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            let place = used_at.unwrap_or(Span::new(id, 0, 0));
            self.report(Code::EmptyPolicy, Some(place), |d| d.with("file", &shown));
        }
        self.open.push(path.clone());
        for item in &parsed.tree.items {
            if let tree::Item::Use(used) = item {
                self.used(&path, used);
            }
        }
        self.open.pop();
        self.project.trees.push(parsed.tree);
    }

    fn used(&mut self, from: &Path, used: &tree::Text) {
        let target = normal(&from.parent().unwrap_or(Path::new("")).join(used.text.as_str()));
        if Path::new(used.text.as_str()).is_absolute() || !self.inside(&target) {
            let root = if self.root.as_os_str().is_empty() { ".".to_owned() } else { self.root.display().to_string() };
            return self
                .report(Code::OutsideFolder, Some(used.span), |d| d.with("file", &used.text).with("path", root));
        }
        self.file(&target, Some(used.span));
    }

    fn inside(&self, path: &Path) -> bool {
        let up = |path: &Path| path.components().take_while(|part| *part == Component::ParentDir).count();
        // A root of `..` only lies that many folders above the current one; the empty root is the current one.
        if self.root.components().all(|part| part == Component::ParentDir) {
            return !path.is_absolute() && up(path) <= up(&self.root);
        }
        path.starts_with(&self.root)
    }

    fn report(&mut self, code: Code, span: Option<Span>, with: impl FnOnce(Diagnostic) -> Diagnostic) {
        let mut diagnostic = with(Diagnostic::new(code));
        diagnostic.spans.extend(span);
        self.project.diagnostics.push(diagnostic);
    }
}

/// The path with `.` and `..` worked out, without asking the file system.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
