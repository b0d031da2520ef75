//! Commands shown in the guides and references, run as they stand: what they print is what the
//! document shows. `UPDATE_DOCS=1 cargo test --test main consoles` writes the documents anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::files::{files, root, shown};

/// A language of the documents.
struct Book {
    folder: &'static str,
    language: &'static str,
    /// Files that the chapters name: file, chapter, kind of fence, and which of its fences.
    snippets: &'static [(&'static str, &'static str, &'static str, Pick)],
}

/// Which fence of a chapter.
#[derive(Clone, Copy)]
enum Pick {
    At(usize),
    Longest,
}

const BOOKS: [Book; 2] = [
    Book {
        folder: "docs/zh",
        language: "zh",
        snippets: &[
            ("first.hq", "guide/01-first-clause.md", "hq", Pick::At(0)),
            ("expansion.hq", "guide/01-first-clause.md", "hq", Pick::At(1)),
            ("research.hq", "guide/09-history.md", "hq", Pick::At(5)),
            ("研发企业.csv", "guide/09-history.md", "csv", Pick::At(0)),
            ("upgrade.hq", "guide/13-data.md", "hq", Pick::At(0)),
            ("tizhi.hq", "guide/15-rehearsal.md", "hq", Pick::Longest),
            ("rates.hq", "guide/06-brackets.md", "hq wrong HQ0406", Pick::At(0)),
            ("企业.csv", "guide/13-data.md", "csv", Pick::At(0)),
            ("项目.csv", "guide/13-data.md", "csv", Pick::At(1)),
        ],
    },
    Book {
        folder: "docs/en",
        language: "en",
        snippets: &[
            ("first.hq", "guide/01-first-clause.md", "hq", Pick::At(0)),
            ("expansion.hq", "guide/01-first-clause.md", "hq", Pick::Longest),
            ("research.hq", "guide/09-history.md", "hq", Pick::At(5)),
            ("firms.csv", "guide/09-history.md", "csv", Pick::At(0)),
            ("upgrade.hq", "guide/13-data.md", "hq", Pick::At(0)),
            ("yunxi.hq", "guide/15-rehearsal.md", "hq", Pick::Longest),
            ("rates.hq", "guide/06-brackets.md", "hq wrong HQ0406", Pick::At(0)),
            ("企业.csv", "guide/13-data.md", "csv", Pick::At(0)),
            ("项目.csv", "guide/13-data.md", "csv", Pick::At(1)),
        ],
    },
];

/// A cell that is mended in the guide's chapter on data.
const MISTAKE: (&str, &str) = ("E002,江南电子,是", "E002,江南电子,可能是");

/// The contents of the fences of one kind.
fn fences(text: &str, kind: &str) -> Vec<String> {
    let open = format!("\n```{kind}\n");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((body, after)) = after.split_once("\n```") else { break };
        found.push(format!("{body}\n"));
        rest = after;
    }
    found
}

/// The folder in which the commands of a book are run.
fn workplace(book: &Book) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, chapter, kind, pick) in book.snippets {
        let text = fs::read_to_string(root().join(book.folder).join(chapter)).unwrap();
        let all = fences(&text, kind);
        let chosen = match pick {
            Pick::At(at) => all.get(*at).cloned(),
            Pick::Longest => all.into_iter().max_by_key(String::len),
        };
        fs::write(folder.path().join(name), chosen.expect("the chapter has the snippet")).unwrap();
    }
    let rows = fs::read_to_string(folder.path().join("企业.csv")).unwrap();
    assert!(rows.contains(MISTAKE.0), "the chapter's data has the row that is made wrong");
    fs::write(folder.path().join("企业_有误.csv"), rows.replace(MISTAKE.0, MISTAKE.1)).unwrap();
    folder
}

/// What a command prints, both streams as a terminal shows them.
fn printed(folder: &Path, language: &str, arguments: &str) -> String {
    let program = env!("CARGO_BIN_EXE_huiqi");
    let shell = format!("'{program}' --lang {language} {arguments} 2>&1");
    let output = Command::new("sh").args(["-c", &shell]).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim_matches('\n').lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The document with every console run anew.
fn with_consoles(text: &str, run: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("```console\n$ huiqi ") {
        let Some((block, tail)) = after.split_once("\n```") else { break };
        let command = block.lines().next().unwrap_or_default();
        out += &format!("{before}```console\n$ huiqi {command}\n{}\n```", run(command));
        rest = tail;
    }
    out + rest
}

#[test]
fn consoles_show_what_the_commands_print() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut stale = Vec::new();
    let mut count = 0;
    for book in &BOOKS {
        let folder = workplace(book);
        for path in files(book.folder, ".md").iter().filter(|path| !path.to_string_lossy().contains("diagnostics")) {
            let text = fs::read_to_string(path).unwrap();
            count += text.matches("```console\n$ huiqi ").count();
            let fresh = with_consoles(&text, |command| printed(folder.path(), book.language, command));
            if fresh != text {
                if update {
                    fs::write(path, fresh).unwrap();
                }
                stale.push(shown(path));
            }
        }
    }
    assert!(count >= 20, "the documents show commands");
    assert!(stale.is_empty() || update, "these documents show old output: {}", stale.join(", "));
}
