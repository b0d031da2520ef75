//! Cases of the parser: texts under tests/cases/syntax.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Line, MAX_BYTES, MAX_DEPTH, keywords, parse, parse_expression, parse_line};
use crate::source::{FileId, Sources};

/// The files of a folder of cases, sorted.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "hq"));
    files.sort();
    files
}

/// The diagnostics of a text, one a line: code, line:column, arguments.
fn told(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("case", None, text);
    let mut lines = String::new();
    for diagnostic in parse(file, text).diagnostics {
        let place = diagnostic.spans.first().map(|span| sources.locate(*span).1);
        let place = place.map_or(String::new(), |at| format!("{}:{}", at.line, at.column));
        lines += &format!("{} {place}", diagnostic.code);
        for (name, value) in &diagnostic.arguments {
            lines += &format!(" {name}={value:?}");
        }
        lines += "\n";
    }
    lines
}

#[test]
fn good_cases_parse() {
    for path in cases("good") {
        let text = std::fs::read_to_string(&path).unwrap();
        let told = told(&text);
        assert!(told.is_empty(), "{}:\n{told}", path.display());
        let parsed = parse(FileId(0), &text);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../../../tests/cases/syntax/good" }, {
            insta::assert_snapshot!(name, shape::items(&parsed.tree.items, 0));
        });
    }
}

#[test]
fn bad_cases_are_told() {
    for path in cases("bad") {
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = parse(FileId(0), &text);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let seen = format!("{}\n{}", told(&text), shape::items(&parsed.tree.items, 0));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../../../tests/cases/syntax/bad" }, {
            insta::assert_snapshot!(name, seen);
        });
    }
}

#[test]
fn every_literal_of_the_grammar_is_in_the_keyword_table_and_back() {
    let grammar = include_str!("../../../grammar/huiqi.pest");
    let pairs = pest_meta::parser::parse(pest_meta::parser::Rule::grammar_rules, grammar).unwrap();
    let mut literals = BTreeSet::new();
    for rule in pest_meta::parser::consume_rules(pairs).unwrap() {
        for expression in rule.expr.iter_top_down() {
            if let pest_meta::ast::Expr::Str(text) = expression {
                literals.extend(text.split_whitespace().map(str::to_owned));
            }
        }
    }
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for keyword in keywords().iter().filter(|keyword| keyword.in_grammar()) {
        for form in keyword.forms() {
            *owners.entry(form).or_default() += 1;
        }
    }
    let mut kinds = BTreeSet::new();
    for keyword in keywords().iter().filter(|keyword| keyword.in_grammar()) {
        for form in keyword.forms() {
            kinds.insert(if owners[form] > 1 { form.replace(' ', "_") } else { keyword.id.clone() });
        }
    }
    let is_sign = |text: &String| !text.starts_with(char::is_alphabetic) || text == "的";
    let is_literal_kind = |text: &String| text.bytes().all(|byte| byte.is_ascii_uppercase());
    let words: BTreeSet<_> = literals.iter().filter(|text| !is_sign(text) && !is_literal_kind(text)).cloned().collect();
    kinds.retain(|kind| !is_sign(kind));
    assert_eq!(words.difference(&kinds).collect::<Vec<_>>(), Vec::<&String>::new(), "in the grammar only");
    assert_eq!(kinds.difference(&words).collect::<Vec<_>>(), Vec::<&String>::new(), "in the table only");
}

#[test]
fn every_word_of_the_prompt_is_in_its_grammar_and_back() {
    let language = include_str!("../../../grammar/huiqi.pest");
    let prompt = include_str!("../../../grammar/prompt.pest");
    let literals = |text: &str| -> BTreeSet<String> {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let quoted = code
            .flat_map(|line| line.split('"').skip(1).step_by(2).map(|word| word.trim().to_owned()).collect::<Vec<_>>());
        quoted.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect()
    };
    let own: BTreeSet<String> = literals(prompt).difference(&literals(language)).cloned().collect();
    let table = keywords().iter().filter(|keyword| keyword.place == ["prompt"]);
    let table: BTreeSet<String> = table.map(|keyword| keyword.id.clone()).collect();
    assert_eq!(own, table);
}

#[test]
fn words_of_the_prompt_are_names_in_a_file() {
    let parsed = parse(FileId(0), "record 企业 { load : text key  列出 : money  set : bool }\naward 列出 when set");
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let (line, told) = parse_line(FileId(0), "列出 列出 其中 set");
    assert!(told.is_empty() && matches!(line, Line::Question(_)), "{told:?}");
}

#[test]
fn the_grammar_reserves_what_the_table_reserves() {
    let grammar = include_str!("../../../grammar/huiqi.pest");
    let rule = grammar.split("reserved = _{").nth(1).unwrap().split('}').next().unwrap();
    let listed: BTreeSet<_> = rule.split('"').skip(1).step_by(2).map(str::trim).collect();
    for keyword in keywords().iter().filter(|keyword| keyword.in_grammar() && keyword.id.is_ascii()) {
        let folds_to_itself = keyword
            .forms()
            .any(|form| !keywords().iter().any(|other| other.id != keyword.id && other.forms().any(|f| f == form)));
        if folds_to_itself && keyword.reserved {
            assert!(listed.contains(keyword.id.as_str()), "{} is reserved in the table only", keyword.id);
        }
    }
    for word in listed {
        assert!(keywords().is_reserved_id(word), "{word} is reserved in the grammar only");
    }
}

#[test]
fn every_keyword_has_help_in_both_languages() {
    for keyword in keywords().iter() {
        assert!(!keyword.help_en.is_empty() && !keyword.help_zh.is_empty(), "{}", keyword.id);
        assert!(!keyword.zh.is_empty() && !keyword.place.is_empty(), "{}", keyword.id);
    }
}

/// Every construct that nests, with the text before and behind each level.
const NESTING: [(&str, &str); 14] = [
    ("(", ")"),
    ("（", "）"),
    ("by { 1: ", "}"),
    ("by { by x { 1: ", "}: 1 }"),
    ("min(1, ", ")"),
    ("min(1, (", " and x))"),
    ("rank (", ")"),
    ("sum (", ") over L"),
    ("round half up (", ") to 元"),
    ("count (", " where x)"),
    ("a的（", "）"),
    ("not (", ")"),
    ("every (", ") has x"),
    ("max (", " where b) over L"),
];

#[test]
fn nesting_to_the_limit_parses_and_beyond_is_told() {
    for (open, close) in NESTING {
        let per_level = open.matches(['(', '（', '{']).count();
        let text = |levels: usize| format!("let x = {}1{}", open.repeat(levels), close.repeat(levels));
        let deepest = text(MAX_DEPTH / per_level - 1);
        assert_eq!(told(&deepest), "", "{open}");
        let beyond = told(&text(10_000));
        assert!(beyond.contains("HQ0108"), "{open}: {beyond}");
    }
    for prefix in [
        "not ",
        "- ",
        "newly ",
        "sum ",
        "rank ",
        "any L where ",
        "count ",
        "year of ",
        "max ",
        "top 3 of ",
        "round half up ",
        "LPR on ",
    ] {
        let beyond = told(&format!("let x = {}1", prefix.repeat(10_000)));
        assert!(beyond.contains("HQ0108"), "{prefix}: {beyond}");
    }
    for glued in ["的5%", ".x", " in 2023", " is none", " >= 1"] {
        let _ = told(&format!("let x = a{}", glued.repeat(10_000)));
    }
}

#[test]
fn doubling_the_nesting_doubles_the_time() {
    for (open, close) in NESTING {
        for broken in ["", " ?? x", ")"] {
            let time = |levels: usize| {
                let text = format!("let x = {}1{broken}{}", open.repeat(levels), close.repeat(levels));
                let start = std::time::Instant::now();
                let _ = told(&text);
                start.elapsed()
            };
            let per_level = open.matches(['(', '（', '{']).count();
            // An exponential would take 2^16 times as long; noise never does.
            let (half, whole) = (time(16 / per_level), time(32 / per_level));
            assert!(whole < half * 40 + std::time::Duration::from_millis(50), "{open}{broken}: {half:?}, {whole:?}");
        }
    }
}

#[test]
fn long_chains_need_no_recursion() {
    for operator in [" + a", " and a", " or a", " * a", " of a", " or else a", " - a", "，且 a"] {
        let text = format!("let x = a{}", operator.repeat(if operator == " + a" { 100_000 } else { 2_000 }));
        let parsed = parse(FileId(0), &text);
        assert!(parsed.diagnostics.is_empty() && parsed.tree.items.len() == 1, "{operator}");
    }
}

#[test]
fn hostile_texts_are_told_and_not_feared() {
    let long = "award 5万 cap 3万\n".repeat(1 << 13);
    assert_eq!(parse(FileId(0), &long).tree.items.len(), 1 << 13);
    for text in [
        "",
        "\u{feff}",
        "\0",
        "“",
        "“““““",
        "「",
        "第",
        "5万5万5万",
        "}}}}",
        "{{{{",
        "((((",
        "\\",
        "..",
        "award",
        "的的的",
        "、、、",
        "#",
        "=\r\n=",
        "\u{202e}",
    ] {
        let _ = told(text);
        let _ = parse_line(FileId(0), text);
        let _ = parse_expression(FileId(0), text);
    }
    assert!(told(&"x".repeat(MAX_BYTES + 1)).contains("HQ0109"));
    let spoilt = told(&"award 5万 当新建\nclause 甲 { award 5万 当新建 }\n".repeat(2_000));
    assert_eq!(spoilt.lines().count(), 100);
    assert!(told(&"? ".repeat(10_000)).lines().count() <= 100);
    assert!(told(&"“".repeat(100_000)).contains("HQ0104"));
}

#[test]
fn a_line_of_the_prompt_is_a_statement_or_an_expression() {
    let line = |text| parse_line(FileId(0), text);
    assert!(matches!(line("award 5% of capex when a"), (Line::Items(_), told) if told.is_empty()));
    assert!(matches!(line("sum capex over 企业"), (Line::Expression(_), told) if told.is_empty()));
    assert!(matches!(line("1亿 + 2万"), (Line::Expression(_), told) if told.is_empty()));
    assert!(matches!(line("award 5% of capex 当a"), (Line::Items(_), told) if !told.is_empty()));
    assert!(matches!(line("capex capex"), (Line::Expression(_), told) if !told.is_empty()));
}

/// The files of a folder and its folders that hold policies.
fn policies(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            policies(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "hq") {
            files.push(path);
        }
    }
}

#[test]
fn the_published_policies_parse() {
    let mut files = Vec::new();
    policies(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &mut files);
    for path in files {
        let told = told(&std::fs::read_to_string(&path).unwrap());
        assert!(told.is_empty(), "{}:\n{told}", path.display());
    }
}
