//! Many edits and broken texts: no crash, and what is found at the end is what a fresh start finds.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::client::{Client, place};
use crate::files;

/// A small random number generator: the same edits in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

const PIECES: [&str; 24] = [
    "{",
    "}",
    "(",
    ")",
    "award ",
    "奖补 ",
    "5%",
    "800万元",
    "，最高",
    " when ",
    "当 ",
    "投资额",
    "的",
    "\n",
    " ",
    "\"",
    "# 注\n",
    "𠮷",
    "「",
    "」",
    "clause 甲 { award 1万 }\n",
    "..",
    "\r\n",
    "test \"t\" in 2024 { expect 甲 = 1万 }\n",
];

fn whole(uri: &str, text: &str) -> Value {
    let mut client = Client::start("zh", None);
    client.open(uri, text);
    client.checked(uri)
}

#[test]
fn ten_thousand_edits_end_as_a_fresh_start() {
    let uri = "file:///random.hq";
    let mut text = String::from("record 企业 { id : text key; 投资额 : money }\npolicy P { in force 2024-01-01.. }\n");
    for name in ["甲", "乙", "丙"] {
        text += &format!("clause {name}奖 {{\n  award 5% of 投资额 cap 800万\n  when 投资额 > 5万\n}}\n");
    }
    let start = text.clone();
    let mut client = Client::start("zh", None);
    client.open(uri, &text);
    let mut random = Random(20_261_122);
    // No editor stands between the two characters of one line end.
    let places = |text: &str| -> Vec<usize> {
        let all = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        all.filter(|at| !(text[..*at].ends_with('\r') && text[*at..].starts_with('\n'))).collect()
    };
    for edit in 1..=10_000 {
        let places = places(&text);
        let from = places[random.below(places.len())];
        let to = if random.below(3) == 0 {
            places.iter().copied().find(|at| *at > from + random.below(12)).unwrap_or(text.len())
        } else {
            from
        };
        let with = PIECES[random.below(PIECES.len())];
        let range = json!({ "start": place(&text, from), "end": place(&text, to) });
        client.edit(uri, json!([{ "range": range, "text": with }]));
        text.replace_range(from..to, with);
        // It is put right now and then, so that it is not broken all the time.
        if text.len() > 1_500 || edit % 500 == 0 {
            text.clone_from(&start);
            client.edit(uri, json!([{ "text": text }]));
        }
        if edit % 250 == 125 {
            let found = client.checked(uri);
            assert_eq!(found, whole(uri, &text), "after {edit} edits:\n{text}");
            for method in [
                "textDocument/documentSymbol",
                "textDocument/semanticTokens/full",
                "textDocument/foldingRange",
                "textDocument/codeLens",
            ] {
                client.ask(method, json!({ "textDocument": { "uri": uri } })).expect(method);
            }
        }
        if edit % 20 == 0 {
            let at = place(&text, if text.is_char_boundary(from) { from } else { 0 });
            for method in ["textDocument/completion", "textDocument/hover", "textDocument/signatureHelp"] {
                client.ask(method, json!({ "textDocument": { "uri": uri }, "position": at })).expect(method);
            }
        }
    }
    assert_eq!(client.checked(uri), whole(uri, &text), "at the end:\n{text}");
}

/// Where words end in a stretch of text: half-typed there.
fn ends(text: &str) -> Vec<usize> {
    let class = |c: char| {
        if c.is_alphanumeric() {
            0
        } else if c.is_whitespace() {
            1
        } else {
            2
        }
    };
    let mut ends = Vec::new();
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| class(before) != class(c) || class(c) == 2) {
            ends.push(at);
        }
        before = Some(c);
    }
    ends
}

fn names(symbols: &Value, found: &mut HashSet<String>) {
    for symbol in symbols.as_array().into_iter().flatten() {
        if symbol["kind"] == 12 {
            found.insert(symbol["name"].as_str().unwrap().to_owned());
        }
        names(&symbol["children"], found);
    }
}

/// Every clause of every sample policy, typed up to each of its words, or with `HUIQI_CHARACTERS` to each character.
#[test]
fn half_a_clause_leaves_the_others_their_help() {
    let every: usize = std::env::var("HUIQI_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(23);
    let places = |clause: &str| match std::env::var_os("HUIQI_CHARACTERS") {
        Some(_) => clause.char_indices().map(|(at, _)| at).skip(1).collect(),
        None => ends(clause),
    };
    let mut looked = 0;
    for path in files::files("policies", "policy.hq") {
        let text = std::fs::read_to_string(&path).unwrap();
        let uri = super::client::uri(&path);
        let mut client = Client::start("zh", Some(files::root()));
        client.open(&uri, &text);
        client.checked(&uri);
        let all = outline(&mut client, &uri);
        if all.is_empty() {
            continue;
        }
        let starts: Vec<usize> =
            ["\n  clause ", "\n  款 "].iter().flat_map(|head| text.match_indices(head)).map(|(at, _)| at + 3).collect();
        for start in starts {
            let end = closing(&text[start..]) + start;
            let clause = &text[start..end];
            for cut in places(clause) {
                looked += 1;
                if looked % every != 0 {
                    continue;
                }
                let at = start + cut;
                let half = format!("{}{}", &text[..at], &text[end..]);
                client.edit(&uri, json!([{ "text": half }]));
                client.checked(&uri);
                let position = json!({ "textDocument": { "uri": uri }, "position": place(&half, at) });
                for method in [
                    "textDocument/completion",
                    "textDocument/hover",
                    "textDocument/signatureHelp",
                    "textDocument/definition",
                ] {
                    client
                        .ask(method, position.clone())
                        .unwrap_or_else(|error| panic!("{method}: {error}\n{}", &half[start..at]));
                }
                let left = outline(&mut client, &uri);
                let lost: Vec<&String> = all.difference(&left).filter(|name| !clause.contains(name.as_str())).collect();
                assert!(lost.is_empty(), "{lost:?} lost behind {:?}", &half[start..at]);
                // The clause behind is explained as before; one that is named in the half is not the same one.
                if let Some((name, behind)) = next_clause(&half[at..]).filter(|(name, _)| all.contains(*name)) {
                    let position = place(&half, at + behind);
                    let asked = json!({ "textDocument": { "uri": uri }, "position": position });
                    let told = client.ask("textDocument/hover", asked).expect("an answer");
                    assert!(
                        told.to_string().contains(name),
                        "{name} unexplained behind {:?}: {told}",
                        &half[start..at]
                    );
                }
            }
        }
        client.edit(&uri, json!([{ "text": text }]));
        client.checked(&uri);
        assert_eq!(outline(&mut client, &uri), all);
    }
    println!("{looked} places, every {every} looked at");
    assert!(looked > 1_000, "{looked}");
}

/// The name of the next clause of a text, and where it stands.
fn next_clause(text: &str) -> Option<(&str, usize)> {
    let start = ["\n  clause ", "\n  款 "].iter().filter_map(|head| Some(text.find(head)? + head.len())).min()?;
    Some((text[start..].split([' ', '{']).next()?, start))
}

fn outline(client: &mut Client, uri: &str) -> HashSet<String> {
    let symbols =
        client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } })).expect("an outline");
    let mut found = HashSet::new();
    names(&symbols, &mut found);
    found
}

/// The end of the first block of a text.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
