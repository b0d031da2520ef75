//! What editors show comes from the grammar: nothing generated is stale, the tree-sitter
//! grammar reads whatever the language reads, and its trees are those of its corpus.

use std::path::Path;
use std::process::Command;

use huiqi::source::FileId;
use tree_sitter::{InputEdit, Node, Parser, Point, Query};

use super::files;

/// The parser of editors.
fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_huiqi::LANGUAGE.into()).unwrap();
    parser
}

/// Where a tree has its first fault.
fn fault(node: Node<'_>) -> Option<String> {
    if node.is_error() || node.is_missing() {
        return Some(format!("{}:{}", node.start_position().row + 1, node.start_position().column + 1));
    }
    node.children(&mut node.walk()).find_map(fault)
}

/// Whether the language itself finds the syntax right.
fn reads(text: &str) -> bool {
    let parsed = huiqi::syntax::parse(FileId(0), text);
    !parsed.diagnostics.iter().any(|diagnostic| diagnostic.code.to_string().starts_with("HQ01"))
}

/// Every text of the repository in the language: files, and the examples of documents.
fn texts() -> Vec<(String, String)> {
    let folders = ["policies", "tests", "benches", "editors/vscode/test"];
    let paths = folders.iter().flat_map(|folder| files::files(folder, ".hq"));
    let mut texts: Vec<_> =
        paths.filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (files::shown(&path), text))).collect();
    for path in files::files("docs", ".md") {
        let document = std::fs::read_to_string(&path).unwrap();
        let fences = document.split("```hq").skip(1).enumerate();
        texts.extend(fences.map(|(number, rest)| {
            let fence = rest.split_once('\n').map_or("", |(_, text)| text).split("```").next().unwrap_or("");
            (format!("{} example {}", files::shown(&path), number + 1), fence.to_owned())
        }));
    }
    texts
}

#[test]
fn nothing_that_is_generated_is_stale() {
    let check = Command::new("python3")
        .arg(files::root().join("editors/generate"))
        .arg("--check")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3, which writes the editors' files, starts");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[test]
fn tree_sitter_reads_whatever_the_language_reads() {
    let mut parser = parser();
    let mut faults = Vec::new();
    let mut read = 0;
    for (place, text) in texts().into_iter().filter(|(_, text)| reads(text)) {
        read += 1;
        let tree = parser.parse(&text, None).unwrap();
        faults.extend(fault(tree.root_node()).map(|at| format!("{place}:{at}")));
    }
    assert!(read > 500, "only {read} texts");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn trees_are_those_of_the_corpus() {
    let mut parser = parser();
    let mut cases = 0;
    for path in files::files("editors/tree-sitter-huiqi/test/corpus", ".txt") {
        let corpus = std::fs::read_to_string(&path).unwrap();
        let rule = "=".repeat(18);
        let mut parts = corpus.split(&rule).skip(1);
        while let (Some(title), Some(case)) = (parts.next(), parts.next()) {
            let (text, expected) = case.split_once("\n---\n").unwrap();
            let tree = parser.parse(text, None).unwrap();
            let shape: Vec<_> = expected.split_whitespace().collect();
            assert_eq!(shape_of(tree.root_node()), shape.join(" "), "{}: {}", files::shown(&path), title.trim());
            cases += 1;
        }
    }
    assert!(cases > 10);
}

/// A tree as the corpus writes it, on one line.
fn shape_of(node: Node<'_>) -> String {
    let children =
        node.named_children(&mut node.walk()).map(|child| format!(" {}", shape_of(child))).collect::<String>();
    format!("({}{children})", node.kind())
}

#[test]
fn queries_name_what_the_grammar_has() {
    let language = tree_sitter_huiqi::LANGUAGE.into();
    let mut queries = files::files("editors", ".scm");
    queries.retain(|path| !path.components().any(|part| part.as_os_str() == "node_modules"));
    assert!(queries.len() >= 6);
    for path in queries {
        let query = std::fs::read_to_string(&path).unwrap();
        let made = Query::new(&language, &query);
        assert!(made.is_ok(), "{}: {:?}", files::shown(Path::new(&path)), made.err());
    }
}

/// A snippet as it stands once its places are filled: with what it proposes, else with a name or an amount.
fn filled(snippet: &str) -> String {
    let mut text = String::new();
    let mut rest = snippet;
    while let Some((before, place)) = rest.split_once('$') {
        text.push_str(before);
        let alone = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
        if let Some(place) = place.strip_prefix('{') {
            let (inside, behind) = place.split_once('}').unwrap();
            text.push_str(inside.split_once(':').map_or("甲", |(_, proposed)| proposed));
            rest = behind;
        } else {
            text.push_str(if alone { "" } else { "5万" });
            rest = place.strip_prefix('0').unwrap();
        }
    }
    text + rest
}

#[test]
fn snippets_are_right_as_they_are_inserted() {
    let path = files::root().join("editors/vscode/snippets/huiqi.json");
    let snippets: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut faults = Vec::new();
    for (name, snippet) in snippets.as_object().unwrap() {
        let lines: Vec<_> = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let text = filled(&lines.join("\n"));
        // Steps of a settlement stand in one.
        let step = ["budget", "limit", "select"].iter().any(|step| name.starts_with(step));
        let text = if step { format!("settle {{ {text} }}") } else { text };
        if !reads(&text) {
            faults.push(format!("{name}: {text}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A keyword is a node by its id, whatever its language, and every keyword of the grammar is one.
#[test]
fn every_keyword_is_a_node() {
    let language: tree_sitter::Language = tree_sitter_huiqi::LANGUAGE.into();
    let word = |id: &str| match id {
        ">=" => "at_least".to_owned(),
        "<=" => "at_most".to_owned(),
        ">" => "more_than".to_owned(),
        "<" => "less_than".to_owned(),
        "=" => "equal_to".to_owned(),
        "!=" => "different_from".to_owned(),
        other => other.to_owned(),
    };
    let keywords = huiqi::syntax::keywords().iter().filter(|keyword| keyword.in_grammar());
    let missing: Vec<_> =
        keywords.map(|keyword| word(&keyword.id)).filter(|word| language.id_for_node_kind(word, false) == 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Where a byte stands.
fn point(text: &str, at: usize) -> Point {
    let before = text.split_at(at).0;
    Point::new(before.matches('\n').count(), at - before.rfind('\n').map_or(0, |newline| newline + 1))
}

/// What is typed and taken back leaves the tree as it was, however it broke the text meanwhile.
#[test]
fn what_is_typed_and_taken_back_leaves_the_tree() {
    let text = std::fs::read_to_string(files::root().join("policies/龙南技改/policy.hq")).unwrap();
    let mut parser = parser();
    let fresh = shape_of(parser.parse(&text, None).unwrap().root_node());
    let typed = ["\n不超过 ", "5万", "{", "}", "\"", " 当 ", "。", "# "];
    for (number, (start, _)) in text.char_indices().step_by(211).enumerate() {
        let typed = typed[number % typed.len()];
        let mut edited = text.clone();
        edited.insert_str(start, typed);
        let end = start + typed.len();
        let (from, to) = (point(&text, start), point(&edited, end));
        let edit = |old_end_byte, new_end_byte, old_end_position, new_end_position| InputEdit {
            start_byte: start,
            old_end_byte,
            new_end_byte,
            start_position: from,
            old_end_position,
            new_end_position,
        };
        let mut tree = parser.parse(&text, None).unwrap();
        tree.edit(&edit(start, end, from, to));
        tree = parser.parse(&edited, Some(&tree)).unwrap();
        tree.edit(&edit(end, start, to, from));
        tree = parser.parse(&text, Some(&tree)).unwrap();
        assert_eq!(shape_of(tree.root_node()), fresh, "{typed:?} typed at {start}");
    }
}
