//! Each feature over the protocol; what is answered is a snapshot.

use serde_json::{Value, json};

use super::client::{Client, cursor, find, place};

const URI: &str = "file:///%E6%94%BF%E7%AD%96/a.hq";

const POLICY: &str = r#"# 一份小政策
unit 吨标煤 / tce
record 企业 / enterprise {
  ## 十八位代码
  统一社会信用代码 / id : text key
  ## 固定资产投资额
  投资额 / capex : money where >= 0
  绿色工厂 / green : level of 国家级 > 省级 > 市级 dated 认定日期
  认定日期 : date
  扩产 : bool = no
  项目 : list of 项目
}
record 项目 { 名称 : text key; 设备额 : money }
policy 试点 {
  title "试点办法"
  in force 2024-01-01..2026-12-31
  parameter 比例 : rate = 5%
}
article "一" 支持扩产 {
  text "扩产的，投资额500万元以上的奖补，最高800万元"
  clause 扩产奖 { award 比例 of 投资额 cap 8000000元 when 扩产 and 投资额 > 500万 }
  clause 绿色 { award by 绿色工厂 { 国家级: 50万, 省级: 20万 } when newly 绿色工厂 }
  clause 大额 {
    award by 投资额 {
      >= 2亿: 20万
      >= 1亿: 10万
    }
  }
}
settle {
  highest among 扩产奖, 绿色
}
test "正好封顶" in 2024 {
  given 企业 { id: "A1", 扩产: yes, capex: 1.6亿, 绿色工厂: none, 项目: [] }
  expect 扩产奖 = 800万
}
"#;

fn open(locale: &str) -> Client {
    let mut client = Client::start(locale, None);
    client.open(URI, POLICY);
    client.checked(URI);
    client
}

fn at(position: Value) -> Value {
    json!({ "textDocument": { "uri": URI }, "position": position })
}

fn of_text() -> Value {
    json!({ "textDocument": { "uri": URI } })
}

/// A value with a line for each member, so that snapshots can be read.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(members) => members.iter().map(|member| format!("{member}\n")).collect(),
        other => format!("{other}\n"),
    }
}

#[test]
fn diagnostics_speak_the_language_of_the_editor() {
    for locale in ["zh-cn", "en"] {
        let mut client = Client::start(locale, None);
        client.open(
            URI,
            &POLICY.replace("when 扩产 and", "when 扩厂 and").replace("expect 扩产奖 =", "expect 扩产 奖 ="),
        );
        insta::assert_snapshot!(format!("diagnostics_{locale}"), shown(&client.checked(URI)));
    }
}

#[test]
fn hovers_tell_what_stands_there() {
    for locale in ["zh", "en"] {
        let mut client = open(locale);
        let mut told = String::new();
        for piece in [
            "企业 / enterprise",
            "capex",
            "8000000元",
            "扩产奖, 绿色",
            "比例 of",
            "国家级: 50万",
            "newly",
            "吨标煤",
            "试点 {",
            "# 一",
            "扩产: yes",
        ] {
            let answer = client.ask("textDocument/hover", at(find(POLICY, piece))).expect("an answer");
            let text = answer.pointer("/contents/value").and_then(Value::as_str).unwrap_or("(nothing)");
            told += &format!("-- {piece}\n{}\n{}\n", answer["range"], text.trim_end());
        }
        insta::assert_snapshot!(format!("hovers_{locale}"), told);
    }
}

#[test]
fn names_lead_to_where_they_are_declared_and_used() {
    let mut client = open("zh");
    let mut told = String::new();
    for piece in ["投资额 cap", "扩产奖, 绿色", "绿色工厂: none", "比例 of", "省级: 20万", "项目: []", "列表"]
    {
        let Some(_) = POLICY.find(piece) else { continue };
        let position = find(POLICY, piece);
        let definition = client.ask("textDocument/definition", at(position.clone())).expect("an answer");
        let mut asked = at(position.clone());
        asked["context"] = json!({ "includeDeclaration": true });
        let references = client.ask("textDocument/references", asked).expect("an answer");
        let highlights = client.ask("textDocument/documentHighlight", at(position)).expect("an answer");
        let count = highlights.as_array().map_or(0, Vec::len);
        told += &format!(
            "-- {piece}\ndefinition\n{}references\n{}highlights {count}\n",
            shown(&definition),
            shown(&references)
        );
    }
    insta::assert_snapshot!(told);
}

#[test]
fn renaming_changes_one_name_everywhere() {
    let mut client = open("zh");
    let mut told = String::new();
    for (piece, to) in [
        ("投资额 cap", "投资总额"),
        ("capex: 1.6亿", "investment"),
        ("扩产奖, 绿色", "扩产 奖励"),
        ("比例 of", "rate_1"),
        ("award", "x"),
        ("投资额 cap", "绿色工厂"),
        ("扩产奖 {", "a「b"),
    ] {
        let position = find(POLICY, piece);
        let prepared = client.ask("textDocument/prepareRename", at(position.clone())).expect("an answer");
        let mut asked = at(position);
        asked["newName"] = json!(to);
        let renamed = client.ask("textDocument/rename", asked);
        let renamed = renamed.map_or_else(|error| format!("{error}\n"), |edit| shown(&edit["changes"][URI]));
        told += &format!("-- {piece} → {to}\n{prepared}\n{renamed}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_outline_has_articles_and_clauses() {
    let mut client = open("zh");
    let symbols = client.ask("textDocument/documentSymbol", of_text()).expect("an answer");
    let found = client.ask("workspace/symbol", json!({ "query": "扩产" })).expect("an answer");
    let folds = client.ask("textDocument/foldingRange", of_text()).expect("an answer");
    insta::assert_snapshot!(format!("{}-- workspace\n{}-- folds\n{}", shown(&symbols), shown(&found), shown(&folds)));
}

#[test]
fn colours_tell_names_apart() {
    let mut client = open("zh");
    let answer = client.ask("textDocument/semanticTokens/full", of_text()).expect("an answer");
    let data: Vec<usize> = serde_json::from_value(answer["data"].clone()).expect("numbers");
    let lines: Vec<Vec<u16>> = POLICY.lines().map(|line| line.encode_utf16().collect()).collect();
    let kinds = [
        "keyword",
        "operator",
        "number",
        "string",
        "comment",
        "class",
        "property",
        "enumMember",
        "variable",
        "parameter",
        "namespace",
        "function",
        "type",
        "name",
    ];
    let (mut line, mut column, mut told) = (0, 0, String::new());
    for token in data.chunks(5) {
        let &[down, right, length, kind, modifiers] = token else { panic!("five numbers") };
        column = if down == 0 { column + right } else { right };
        line += down;
        let text = String::from_utf16(&lines[line][column..column + length]).expect("whole characters");
        told += &format!(
            "{}{text}={}{}",
            if down > 0 { "\n" } else { " " },
            kinds[kind],
            if modifiers == 1 { "*" } else { "" }
        );
    }
    insta::assert_snapshot!(told);
}

#[test]
fn hints_stand_in_the_text() {
    for locale in ["zh", "en"] {
        let mut client = open(locale);
        let end = json!({ "line": 999, "character": 0 });
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": end });
        let hints = client
            .ask("textDocument/inlayHint", json!({ "textDocument": { "uri": URI }, "range": range }))
            .expect("an answer");
        let mut told = String::new();
        for hint in hints.as_array().expect("hints") {
            let (line, column) =
                (hint["position"]["line"].as_u64().unwrap(), hint["position"]["character"].as_u64().unwrap());
            let text: Vec<u16> =
                POLICY.lines().nth(line as usize).unwrap().encode_utf16().take(column as usize).collect();
            told += &format!("{} [{}]\n", String::from_utf16_lossy(&text), hint["label"].as_str().unwrap());
        }
        insta::assert_snapshot!(format!("hints_{locale}"), told);
    }
}

#[test]
fn lenses_run_tests() {
    let mut client = open("zh");
    let lenses = client.ask("textDocument/codeLens", of_text()).expect("an answer");
    let command = lenses[0]["command"].clone();
    let run = json!({ "command": command["command"], "arguments": command["arguments"] });
    let passed = client.ask("workspace/executeCommand", run.clone()).expect("an answer");
    let said = client.told("window/showMessage");
    let wrong =
        client.ask("workspace/executeCommand", json!({ "command": "huiqi.runTest", "arguments": [URI, "没有"] }));
    let from = POLICY.find("= 800万\n").unwrap() + "= ".len();
    client.edit(
        URI,
        json!([{ "range": { "start": place(POLICY, from), "end": place(POLICY, from + 3) }, "text": "700" }]),
    );
    let failed = client.ask("workspace/executeCommand", run).expect("an answer");
    insta::assert_snapshot!(format!("{}{passed}\n{said}\n{wrong:?}\n{failed}\n", shown(&lenses)));
}

#[test]
fn actions_mend_what_is_wrong() {
    let cases = [
        ("near name", "record R { id : text key; 投资额 : money }\naward 5% of 投|资颌 cap 10万\n"),
        ("missing level", "record R { id : text key; 等级 : level of 甲级 > 乙级 }\naward b|y 等级 { 甲级: 5万 }\n"),
        ("no bound", "record R { id : text key; 投资额 : money }\naward| 5% of 投资额\n"),
        ("a date", "award 1万 when 日期 > 2023/|7/1\n"),
        ("glued", "奖补 5万元，当增资|扩产\n"),
        ("odd character", "award 1万 when 甲 = ‘|a’\n"),
        (
            "with and without the bound",
            "record R { id : text key; 投资额 : money }\narticle \"一\" { text \"投资额500万元以上的\" clause A { award 1万 when 投资额 >| 500万 } }\n",
        ),
        (
            "without the bound, by a word behind the amount",
            "登记表 企业 { 编号 : 文字 主键; 投资额 : 金额 }\n条 \"一\" { 原文 \"投资额超过500万元的\" 款 甲 { 奖补 1万，当 投资额 500万元以|上 } }\n",
        ),
        (
            "another article says it",
            "record R { id : text key; 投资额 : money }\narticle \"一\" { text \"1500万元以上的\" clause A { award 1万 when 投资额 >| 500万 } }\narticle \"二\" { text \"500万元以上的\" clause B { award 2万 } }\n",
        ),
        (
            "a level that is not there",
            "record R { id : text key; 等级 : level of 国家级 > 省级 }\naward 1万 when 等级 = 市|级\n",
        ),
        ("near clause", "clause 甲奖 { award 1万 }\nclause 乙奖 { award 2万 }\nsettle { highest among 甲|奨, 乙奖 }\n"),
        ("near unit", "unit 吨标煤\nrecord R { id : text key; 节能量 : quantity in 吨标|媒 }\n"),
        ("quotes of full width", "政策 P { 标题 ＂试点|＂ }\n"),
        ("quotes of titles", "政策 P { 标题 |《试点》 }\n"),
        ("brackets of full width", "award by 等级 |【 甲级: 1万 】\n"),
        ("a stop in a number", "award 1。|5万元\n"),
        ("a comma of full width in a number", "award 5，|000万元\n"),
        ("an invisible character", "award 1|\u{200b}万元\n"),
        (
            "rates",
            "record R { id : text key; 销售 : money }\naward by| 销售 { >= 1亿: 0.05%, >= 5亿: 0.08% } cap 200万\n",
        ),
    ];
    let mut told = String::new();
    for (name, text) in cases {
        let mut client = Client::start("zh", None);
        let (text, position) = cursor(text);
        client.open(URI, &text);
        client.checked(URI);
        let params = json!({ "textDocument": { "uri": URI }, "range": { "start": position, "end": position }, "context": { "diagnostics": [] } });
        let actions = client.ask("textDocument/codeAction", params).expect("an answer");
        told += &format!("-- {name}\n");
        for action in actions.as_array().expect("actions") {
            let whole = client.ask("codeAction/resolve", action.clone()).expect("an answer");
            let mends = action["diagnostics"][0]["code"].as_str().unwrap_or("");
            told += &format!(
                "{} {} {mends}: {}\n",
                action["title"],
                action["isPreferred"],
                applied(&text, &whole["edit"]["changes"][URI])
            );
        }
    }
    insta::assert_snapshot!(told);
}

/// A text with edits, as an editor makes them.
pub fn applied(text: &str, edits: &Value) -> String {
    let mut lines: Vec<usize> = vec![0];
    lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let byte = |place: &Value| {
        let line = place["line"].as_u64().unwrap() as usize;
        let mut left = place["character"].as_u64().unwrap() as usize;
        let start = lines.get(line).copied().unwrap_or(text.len());
        let mut at = start;
        for c in text[start..].chars() {
            if left == 0 {
                break;
            }
            left -= c.len_utf16();
            at += c.len_utf8();
        }
        at
    };
    let mut stretches: Vec<(usize, usize, &str)> = edits
        .as_array()
        .map(|edits| {
            edits
                .iter()
                .map(|edit| {
                    (byte(&edit["range"]["start"]), byte(&edit["range"]["end"]), edit["newText"].as_str().unwrap())
                })
                .collect()
        })
        .unwrap_or_default();
    stretches.sort();
    let mut out = text.to_owned();
    for (from, to, with) in stretches.into_iter().rev() {
        out.replace_range(from..to, with);
    }
    out
}

#[test]
fn formatting_gives_the_layout() {
    let mut client = Client::start("zh", None);
    let text = "record   R{甲:bool}\n\n# 注\naward   1万  when 甲\nclause  B{award   2万}\n";
    client.open(URI, text);
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let whole = client
        .ask("textDocument/formatting", json!({ "textDocument": { "uri": URI }, "options": options }))
        .expect("an answer");
    assert_eq!(applied(text, &whole), "record R { 甲 : bool }\n\n# 注\naward 1万 when 甲\nclause B { award 2万 }\n");
    let range = json!({ "start": find(text, "award   1万"), "end": find(text, "when") });
    let part = client
        .ask(
            "textDocument/rangeFormatting",
            json!({ "textDocument": { "uri": URI }, "range": range, "options": options }),
        )
        .expect("an answer");
    assert_eq!(applied(text, &part), "record   R{甲:bool}\n\n# 注\naward 1万 when 甲\nclause  B{award   2万}\n");
    // Within a policy the statements of an article are its stretches.
    let text = "policy P {\n  article \"一\" x {\n  clause   A{award 1万}\n      clause   B{award 2万}\n clause   C{award 3万}\n  }\n}\n";
    client.edit(URI, json!([{ "text": text }]));
    let range = json!({ "start": find(text, "B{"), "end": find(text, "2万") });
    let asked = json!({ "textDocument": { "uri": URI }, "range": range, "options": options });
    let part = client.ask("textDocument/rangeFormatting", asked).expect("an answer");
    let formatted = text.replace("      clause   B{award 2万}", "    clause B { award 2万 }");
    assert_eq!(applied(text, &part), formatted);
    // A stretch over the head is one of the whole policy.
    let range = json!({ "start": find(text, "policy"), "end": find(text, "B{") });
    let asked = json!({ "textDocument": { "uri": URI }, "range": range, "options": options });
    let part = client.ask("textDocument/rangeFormatting", asked).expect("an answer");
    assert!(applied(text, &part).contains("    clause C { award 3万 }\n"), "{part}");
    client.edit(URI, json!([{ "text": "award {" }]));
    let broken = client.ask("textDocument/formatting", json!({ "textDocument": { "uri": URI }, "options": options }));
    assert_eq!(broken, Ok(Value::Null));
}

/// The first proposals at the `|` of a text that goes on with the sample policy.
fn proposals(client: &mut Client, text: &str) -> Vec<(String, Value)> {
    let (text, position) = cursor(text);
    client.edit(URI, json!([{ "text": text }]));
    let answer = client.ask("textDocument/completion", at(position)).expect("an answer");
    let mut items = answer["items"].as_array().expect("items").clone();
    items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
    items.iter().map(|item| (item["label"].as_str().unwrap().to_owned(), item.clone())).collect()
}

#[test]
fn completion_knows_the_place() {
    let mut client = open("zh");
    let base = POLICY.split("settle {").next().unwrap();
    let cases = [
        ("a statement", "|"),
        ("an award", "clause 新 { | }"),
        ("an operand", "clause 新 { award 5% of | }"),
        ("a condition", "clause 新 { award 1万 when | }"),
        ("half a name", "clause 新 { award 1万 when 绿| }"),
        ("glued", "款 新 { 奖补 1万，当绿| }"),
        ("a level", "clause 新 { award 1万 when 绿色工厂 = | }"),
        ("a row", "clause 新 { award by 绿色工厂 { | } }"),
        ("behind a number", "clause 新 { award 100| }"),
        ("behind an operand", "clause 新 { award 5% of 投资额 | }"),
        ("a type", "record 企业 { 新事实 : | }"),
        ("a list", "clause 新 { award 1万 for each | }"),
        ("clauses", "settle { highest among | }"),
        ("clauses of a policy", "settle { highest among 试点.| }"),
        ("a cell", "test \"t\" in 2024 { given 企业 { | } }"),
        ("a value", "test \"t\" in 2024 { given 企业 { 绿色工厂: | } }"),
        ("a test's line", "test \"t\" in 2024 {\n  |\n}"),
        ("a comment", "# 奖|"),
        ("a text", "policy P { title \"奖|\" }"),
    ];
    let mut told = String::new();
    for (name, text) in cases {
        let found = proposals(&mut client, &format!("{base}{text}\n"));
        let labels: Vec<&str> = found.iter().map(|(label, _)| label.as_str()).take(14).collect();
        told += &format!("-- {name} ({}): {}\n", found.len(), labels.join(" | "));
    }
    // Within the braces of a policy it is the same.
    let within = base.replacen("  parameter 比例 : rate = 5%\n}\n", "  parameter 比例 : rate = 5%\n", 1);
    for (name, text) in &cases[1..8] {
        let beside = proposals(&mut client, &format!("{base}{text}\n"));
        let within = proposals(&mut client, &format!("{within}  {text}\n}}\n"));
        let labels = |found: &[(String, Value)]| found.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
        assert_eq!(labels(&within), labels(&beside), "{name}");
    }
    let found = proposals(&mut client, &format!("{within}  |\n}}\n"));
    assert!(found.iter().any(|(label, _)| label == "budget") && found.iter().any(|(label, _)| label == "article"));
    let found = proposals(&mut client, &format!("{base}clause 新 {{ aw| }}\n"));
    let (_, form) = found.iter().find(|(label, _)| label == "award by level").expect("the form");
    told += &format!("-- a form\n{form}\n");
    let (_, word) = found.iter().find(|(label, _)| label == "最高").expect("the word");
    told += &format!("-- a keyword\n{word}\n");
    let found = proposals(&mut client, &format!("{base}clause 新 {{ award 1万 when gr| }}\n"));
    let (_, fact) = found.iter().find(|(label, _)| label == "green").expect("the fact");
    told += &format!("-- a fact\n{fact}\n");
    insta::assert_snapshot!(told);
}

#[test]
fn every_form_can_be_filled_in_and_read() {
    let mut client = open("zh");
    let found = proposals(&mut client, "|\n");
    let mut forms = 0;
    for (label, item) in found.iter().filter(|(_, item)| item["insertTextFormat"] == 2) {
        let mut text = item["textEdit"]["newText"].as_str().unwrap().to_owned();
        while let Some(from) = text.find("${") {
            let to = from + text[from..].find('}').unwrap();
            let filled = text[from + 2..to].split_once(':').map_or("甲", |(_, filled)| filled).to_owned();
            text.replace_range(from..=to, &filled);
        }
        let text = text.replace("condition", "some_condition");
        let faults = huiqi::syntax::parse(huiqi::source::FileId::default(), &text).diagnostics;
        assert!(faults.is_empty(), "{label}: {text}\n{faults:?}");
        forms += 1;
    }
    assert!(forms >= 36, "{forms} forms");
}

#[test]
fn signatures_follow_the_award() {
    let mut client = open("zh");
    let mut told = String::new();
    for text in [
        "award |",
        "奖补 投资额的|",
        "award 5% of capex cap |",
        "award 5% of capex cap 8万 when |",
        "clause A { award by 等级 { |",
        "奖补 配套 1:1 |",
        "clause A { award 1万 }\n|",
        "record R { |",
    ] {
        let (text, position) = cursor(text);
        client.edit(URI, json!([{ "text": text }]));
        let answer = client.ask("textDocument/signatureHelp", at(position)).expect("an answer");
        let label = answer.pointer("/signatures/0/label").and_then(Value::as_str).unwrap_or("(nothing)");
        told += &format!("{text} → {label} · {}\n", answer["activeParameter"]);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn places_count_in_utf16_units() {
    let mut client = Client::start("zh", None);
    // 𠮷 is one character, two units and four bytes.
    let text = "record 企业 { id : text key; 𠮷额 : money }\nlet 甲 = 𠮷额 + 1元 # 𠮷😀\nlet 乙 = 𠮷额 - 甲\n";
    client.open(URI, text);
    client.checked(URI);
    let position = json!({ "line": 2, "character": 15 });
    let definition = client.ask("textDocument/definition", at(position)).expect("an answer");
    assert_eq!(definition[0]["range"]["start"], json!({ "line": 1, "character": 4 }));
    let mut asked = at(json!({ "line": 2, "character": 8 }));
    asked["context"] = json!({ "includeDeclaration": true });
    let references = client.ask("textDocument/references", asked).expect("an answer");
    let places: Vec<&Value> = references.as_array().unwrap().iter().map(|found| &found["range"]).collect();
    assert_eq!(places.len(), 3, "{places:?}");
    assert_eq!(*places[1], json!({ "start": { "line": 1, "character": 8 }, "end": { "line": 1, "character": 11 } }));
    // Two edits of one message, the second counted in what the first left.
    client.edit(URI, json!([
        { "range": { "start": { "line": 1, "character": 8 }, "end": { "line": 1, "character": 8 } }, "text": "𠮷" },
        { "range": { "start": { "line": 1, "character": 8 }, "end": { "line": 1, "character": 10 } }, "text": "" },
        { "range": { "start": { "line": 2, "character": 14 }, "end": { "line": 2, "character": 15 } }, "text": "丙丁" },
    ]));
    let found = client.checked(URI);
    let unknown = found
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["message"].as_str().unwrap().contains("丙丁"))
        .expect("the new name");
    assert_eq!(
        unknown["range"],
        json!({ "start": { "line": 2, "character": 14 }, "end": { "line": 2, "character": 16 } })
    );
    // A place within a pair, and places outside the text, are taken as the nearest.
    let hover = client.ask("textDocument/hover", at(json!({ "line": 1, "character": 9 })));
    assert!(hover.is_ok());
    assert!(client.ask("textDocument/hover", at(json!({ "line": 99, "character": 7 }))).is_ok());
}
