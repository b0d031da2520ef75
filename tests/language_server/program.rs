//! The server as an editor starts it: `huiqi lsp` over pipes.

use std::fmt::Write as _;
use std::io::{BufReader, Write};
use std::process::{Command, Stdio};

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

const URI: &str = "file:///pipes.hq";

/// A policy that takes a while to read.
fn long_policy() -> String {
    let mut text = String::from("record 企业 { id : text key; 投资额 : money }\n");
    for number in 0..400 {
        let name: String = format!("{number:03}").chars().map(|c| char::from(b'a' + c as u8 - b'0')).collect();
        writeln!(text, "clause 奖_{name} {{ award 5% of 投资额 cap 100万 when 投资额 > 5万 }}").unwrap();
    }
    text
}

fn request(id: i32, method: &str, params: Value) -> Message {
    Request::new(RequestId::from(id), method.to_owned(), params).into()
}

fn notification(method: &str, params: Value) -> Message {
    Notification::new(method.to_owned(), params).into()
}

/// Writes a whole session at once; what the server says.
fn session(messages: Vec<Message>) -> Vec<Message> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut input = child.stdin.take().unwrap();
    let mut bytes = Vec::new();
    let begin = [
        request(0, "initialize", json!({ "processId": null, "rootUri": null, "capabilities": {}, "locale": "en" })),
        notification("initialized", json!({})),
    ];
    let end = [request(999, "shutdown", Value::Null), notification("exit", Value::Null)];
    for message in begin.into_iter().chain(messages).chain(end) {
        message.write(&mut bytes).unwrap();
    }
    // Nobody may wait for the other: the server answers while it is written to.
    let writing = std::thread::spawn(move || input.write_all(&bytes));
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut told = Vec::new();
    while let Ok(Some(message)) = Message::read(&mut output) {
        told.push(message);
    }
    writing.join().unwrap().expect("the server reads");
    assert!(child.wait().expect("it ends").success());
    told
}

fn open() -> Message {
    let document = json!({ "uri": URI, "languageId": "huiqi", "version": 1, "text": long_policy() });
    notification("textDocument/didOpen", json!({ "textDocument": document }))
}

#[test]
fn a_request_that_is_taken_back_while_the_server_is_busy_is_not_answered() {
    let of_text = json!({ "textDocument": { "uri": URI } });
    let told = session(vec![
        open(),
        request(1, "textDocument/documentSymbol", of_text.clone()),
        request(2, "textDocument/semanticTokens/full", of_text.clone()),
        request(3, "textDocument/foldingRange", of_text),
        notification("$/cancelRequest", json!({ "id": 2 })),
    ]);
    let answer = |id: i32| {
        told.iter().find_map(|message| match message {
            Message::Response(response) if response.id == RequestId::from(id) => Some(&response.response_result),
            _ => None,
        })
    };
    assert!(answer(1).unwrap().is_ok() && answer(3).unwrap().is_ok());
    assert_eq!(answer(2).unwrap().as_ref().unwrap_err().code, -32800);
}

#[test]
fn a_burst_of_edits_is_checked_once() {
    let edit = |version: i32| {
        let at = json!({ "line": 0, "character": 0 });
        let change = json!({ "range": { "start": at, "end": at }, "text": "#" });
        notification(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": URI, "version": version }, "contentChanges": [change] }),
        )
    };
    let mut messages = vec![open()];
    messages.extend((2..=60).map(edit));
    messages.push(request(1, "textDocument/documentSymbol", json!({ "textDocument": { "uri": URI } })));
    let told = session(messages);
    let published = told.iter().filter(
        |message| matches!(message, Message::Notification(told) if told.method == "textDocument/publishDiagnostics"),
    );
    assert!(published.count() < 20);
    assert!(told.iter().any(|message| matches!(message, Message::Response(answer) if answer.id == RequestId::from(1))));
}
