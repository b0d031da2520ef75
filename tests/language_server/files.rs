//! Files around the one that is typed: used, changed outside, deleted, unreadable, closed; requests taken back.

use serde_json::{Value, json};

use super::client::{Client, find, uri};

struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Folder {
        let folder = Folder { folder: tempfile::tempdir().expect("a folder") };
        folder.write("huiqi.toml", "");
        folder.write("词汇.hq", "record 企业 / enterprise {\n  id : text key\n  投资额 / capex : money\n}\n");
        folder.write("政策/a.hq", "use \"../词汇.hq\"\npolicy A {}\nclause 甲 { award 5% of capex cap 100万 }\n");
        folder.write("政策/b.hq", "use \"../词汇.hq\"\nuse \"a.hq\"\npolicy B {}\nclause 乙 { award 3% of 投资额 cap 50万 }\nsettle { highest among A.甲, B.乙 }\n");
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).expect("a file");
    }

    fn uri(&self, name: &str) -> String {
        uri(&self.folder.path().join(name))
    }

    fn open(&self, client: &mut Client, name: &str) -> (String, String) {
        let text = std::fs::read_to_string(self.folder.path().join(name)).expect("a file");
        let uri = self.uri(name);
        client.open(&uri, &text);
        (uri, text)
    }
}

fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect()
}

#[test]
fn names_are_found_and_renamed_across_files() {
    let folder = Folder::new();
    let mut client = Client::start("zh", Some(folder.folder.path()));
    let (a, text) = folder.open(&mut client, "政策/a.hq");
    assert_eq!(codes(&client.checked(&a)), [""; 0]);
    let capex = json!({ "textDocument": { "uri": a }, "position": find(&text, "capex") });
    let definition = client.ask("textDocument/definition", capex.clone()).unwrap();
    assert_eq!(definition[0]["uri"], folder.uri("词汇.hq"));
    assert_eq!(definition[0]["range"]["start"], json!({ "line": 2, "character": 2 }));
    let used = json!({ "textDocument": { "uri": a }, "position": find(&text, "词汇") });
    assert_eq!(client.ask("textDocument/definition", used).unwrap()[0]["uri"], folder.uri("词汇.hq"));
    let mut asked = capex.clone();
    asked["context"] = json!({ "includeDeclaration": false });
    let references = client.ask("textDocument/references", asked).unwrap();
    let files: Vec<&str> = references.as_array().unwrap().iter().map(|found| found["uri"].as_str().unwrap()).collect();
    assert_eq!(files, [folder.uri("政策/a.hq"), folder.uri("政策/b.hq")]);
    // The alias alone is renamed; the file that uses the other name stays.
    let mut asked = capex;
    asked["newName"] = json!("investment");
    let renamed = client.ask("textDocument/rename", asked).unwrap();
    let changed = renamed["changes"].as_object().unwrap();
    assert_eq!(changed.len(), 2, "{renamed}");
    assert!(changed.contains_key(&folder.uri("词汇.hq")) && changed.contains_key(&folder.uri("政策/a.hq")));
    // A clause, from the settlement of another file.
    let (b, text) = folder.open(&mut client, "政策/b.hq");
    client.checked(&b);
    let asked = json!({ "textDocument": { "uri": b }, "position": find(&text, "甲, B"), "newName": "甲奖" });
    let renamed = client.ask("textDocument/rename", asked).unwrap();
    assert_eq!(renamed["changes"].as_object().unwrap().len(), 2, "{renamed}");
    let symbols = client.ask("workspace/symbol", json!({ "query": "投资" })).unwrap();
    assert_eq!(symbols[0]["name"], "投资额", "{symbols}");
    assert_eq!(symbols[0]["containerName"], "企业");
}

#[test]
fn an_edit_of_a_used_file_is_seen_at_once() {
    let folder = Folder::new();
    let mut client = Client::start("zh", Some(folder.folder.path()));
    let (a, _) = folder.open(&mut client, "政策/a.hq");
    client.checked(&a);
    let (words, text) = folder.open(&mut client, "词汇.hq");
    client.checked(&words);
    let at = find(&text, "capex");
    client.edit(&words, json!([{ "range": { "start": at, "end": at }, "text": "x_" }]));
    client.until(&a, |found| codes(found).contains(&"HQ0201"));
    // Closed without saving, the file on the disk counts again.
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": words } }));
    client.until(&a, |found| codes(found).is_empty());
}

#[test]
fn files_change_vanish_and_spoil_outside() {
    let folder = Folder::new();
    let mut client = Client::start("en", Some(folder.folder.path()));
    assert!(client.told("client/registerCapability").to_string().contains("**/*.hq"));
    let (a, text) = folder.open(&mut client, "政策/a.hq");
    client.checked(&a);
    let changed = |client: &mut Client| {
        client.diagnostics.clear();
        client.notify(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": [{ "uri": folder.uri("词汇.hq"), "type": 2 }] }),
        );
        client.checked(&a)
    };
    folder.write("词汇.hq", b"record \xff\xfe {");
    assert!(codes(&changed(&mut client)).contains(&"HQ0804"), "not UTF-8");
    std::fs::remove_file(folder.folder.path().join("词汇.hq")).unwrap();
    assert!(codes(&changed(&mut client)).contains(&"HQ0801"), "deleted");
    let hover = json!({ "textDocument": { "uri": a }, "position": find(&text, "甲") });
    assert!(client.ask("textDocument/hover", hover).unwrap().to_string().contains("甲"), "help goes on");
    folder.write("词汇.hq", "record 企业 { id : text key; 投资额 / capex : money }\n");
    assert_eq!(codes(&changed(&mut client)), [""; 0]);
    // A file that is asked about without being open, and one that is not there.
    let other = json!({ "textDocument": { "uri": folder.uri("词汇.hq") } });
    assert!(client.ask("textDocument/documentSymbol", other).is_ok());
    let none = json!({ "textDocument": { "uri": folder.uri("没有.hq") } });
    assert!(client.ask("textDocument/documentSymbol", none).unwrap_err().contains("cannot be read"));
    // A text that was never saved.
    client.open("untitled:Untitled-1", "award 1万\n");
    assert!(!codes(&client.checked("untitled:Untitled-1")).contains(&"HQ0801"));
}

#[test]
fn files_are_renamed_outside() {
    let folder = Folder::new();
    let mut client = Client::start("zh", Some(folder.folder.path()));
    let (a, text) = folder.open(&mut client, "政策/a.hq");
    assert_eq!(codes(&client.checked(&a)), [""; 0]);
    let renamed = |client: &mut Client, from: &str, to: &str| {
        let path = |name: &str| folder.folder.path().join(name);
        std::fs::rename(path(from), path(to)).unwrap();
        client.diagnostics.clear();
        let changes = json!([{ "uri": folder.uri(from), "type": 3 }, { "uri": folder.uri(to), "type": 1 }]);
        client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
        client.checked(&a)
    };
    // A file that is used: its users say so, and what stands in its place is offered.
    let found = renamed(&mut client, "词汇.hq", "词汇表.hq");
    assert!(codes(&found).contains(&"HQ0801"), "{found}");
    let at = find(&text, "词汇");
    let asked =
        json!({ "textDocument": { "uri": a }, "range": { "start": at, "end": at }, "context": { "diagnostics": [] } });
    let actions = client.ask("textDocument/codeAction", asked).unwrap();
    assert_eq!(actions[0]["edit"]["changes"][&a][0]["newText"], "\"../词汇表.hq\"", "{actions}");
    let edit = actions[0]["edit"]["changes"][&a].clone();
    client.edit(&a, json!([{ "range": edit[0]["range"], "text": edit[0]["newText"] }]));
    assert_eq!(codes(&client.checked(&a)), [""; 0]);
    // The open file itself: its text is still there, and so is all help.
    renamed(&mut client, "政策/a.hq", "政策/c.hq");
    let told = client.told("window/showMessage");
    assert!(told["message"].as_str().unwrap().contains("「a.hq」在别处被删除或改了名"), "{told}");
    let hover = json!({ "textDocument": { "uri": a }, "position": find(&text, "甲") });
    assert!(client.ask("textDocument/hover", hover).unwrap().to_string().contains("甲"), "help goes on");
    // Opened under its new name, it is the one that others find.
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": a } }));
    let (c, _) = folder.open(&mut client, "政策/c.hq");
    assert!(codes(&client.checked(&c)).contains(&"HQ0801"), "on the disk it still uses the old name");
    let symbols = client.ask("workspace/symbol", json!({ "query": "甲" })).unwrap();
    assert_eq!(symbols.as_array().unwrap().len(), 1, "{symbols}");
    assert_eq!(symbols[0]["location"]["uri"], folder.uri("政策/c.hq"));
}

#[test]
fn requests_are_taken_back_and_wrong_ones_told() {
    let folder = Folder::new();
    let mut client = Client::start("en", Some(folder.folder.path()));
    let (a, _) = folder.open(&mut client, "政策/a.hq");
    client.checked(&a);
    // The second is taken back while the server is busy with the first.
    let symbols = client.send("workspace/symbol", json!({ "query": "" }));
    let hover = client
        .send("textDocument/hover", json!({ "textDocument": { "uri": a }, "position": { "line": 0, "character": 0 } }));
    client.notify("$/cancelRequest", json!({ "id": 3 }));
    assert!(client.answer(&symbols).is_ok());
    let cancelled = client.answer(&hover);
    assert!(cancelled.as_ref().is_err_and(|error| error.starts_with("-32800")) || cancelled.is_ok(), "{cancelled:?}");
    assert!(client.ask("textDocument/hover", json!({})).unwrap_err().starts_with("-32602"));
    assert!(client.ask("textDocument/moniker", json!({})).unwrap_err().starts_with("-32601"));
    client.notify("textDocument/didChange", json!({ "nonsense": 1 }));
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": "file:///none.hq", "version": 2 }, "contentChanges": [] }),
    );
    assert!(client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": a } })).is_ok());
}

#[test]
fn data_of_the_project_say_whom_a_clause_reaches() {
    let folder = Folder::new();
    folder.write("企业.csv", "id,投资额\nA1,1000万\nA2,3000万\nA3,\n");
    let clauses = "use \"../词汇.hq\"\npolicy A {}\nclause 甲 { award 5% of capex cap 100万 }\nclause 乙 { award pending \"标准\" cap 20万 }\nclause 丙 { award pending \"办法\" of capex }\n";
    folder.write("政策/a.hq", clauses);
    let reached = |settings: &str| {
        folder.write("huiqi.toml", settings);
        let mut client = Client::start("zh", Some(folder.folder.path()));
        let (a, _) = folder.open(&mut client, "政策/a.hq");
        client.checked(&a);
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let asked = json!({ "textDocument": { "uri": a }, "range": range });
        client.ask("textDocument/inlayHint", asked.clone()).unwrap();
        client.told("workspace/inlayHint/refresh");
        let hints = client.ask("textDocument/inlayHint", asked).unwrap();
        // Behind the names of the clauses.
        let behind = hints.as_array().unwrap().iter().filter(|hint| hint["position"]["character"] == 8);
        behind.map(|hint| hint["label"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let settings = "[editor]\ndata = \"企业.csv\"\nin = \"2024\"\n";
    assert_eq!(
        reached(settings),
        ["2 户 · 150万元 · 1 户未定 · 合计最多 250万元", "3 户未定 · 合计最多 60万元", "3 户未定 · 没有上限"]
    );
    let set = format!("{settings}set = [\"标准 = 15万\"]\n");
    assert_eq!(reached(&set)[1], "3 户 · 45万元");
}
