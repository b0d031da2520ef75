//! A scripted editor: it speaks the protocol with a server on a thread of this process.

use std::collections::HashMap;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// An editor with its server.
pub struct Client {
    connection: Connection,
    server: Option<JoinHandle<()>>,
    next: i32,
    versions: HashMap<String, i32>,
    /// The last diagnostics of each file.
    pub diagnostics: HashMap<String, Value>,
    /// What else the server has told and asked.
    pub told: Vec<(String, Value)>,
}

impl Client {
    /// An editor in this language, with this folder open.
    pub fn start(locale: &str, folder: Option<&Path>) -> Client {
        let (own, other) = Connection::memory();
        let server = std::thread::spawn(move || huiqi::lsp::run(&other));
        let mut client = Client {
            connection: own,
            server: Some(server),
            next: 0,
            versions: HashMap::new(),
            diagnostics: HashMap::new(),
            told: Vec::new(),
        };
        let folders = folder.map(|folder| json!([{ "uri": uri(folder), "name": "folder" }]));
        let params = json!({
            "processId": null, "rootUri": null, "locale": locale, "workspaceFolders": folders,
            "capabilities": { "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } },
        });
        let result = client.ask("initialize", params).expect("it begins");
        assert!(result.pointer("/capabilities/hoverProvider").is_some());
        client.notify("initialized", json!({}));
        client
    }

    pub fn notify(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).expect("the server listens");
    }

    /// Sends a request and does not wait.
    pub fn send(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server listens");
        id
    }

    /// Sends a request and waits for what it comes to.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.send(method, params);
        self.answer(&id)
    }

    /// Waits for the answer to a request.
    pub fn answer(&mut self, id: &RequestId) -> Result<Value, String> {
        loop {
            if let Some(response) = self.take()
                && response.id == *id
            {
                return response.response_result.map_err(|error| format!("{}: {}", error.code, error.message));
            }
        }
    }

    /// Takes the next message; an answer is returned, what is told is kept.
    fn take(&mut self) -> Option<Response> {
        match self.connection.receiver.recv_timeout(Duration::from_secs(120)).expect("the server answers") {
            Message::Response(response) => Some(response),
            Message::Notification(told) => {
                if told.method == "textDocument/publishDiagnostics" {
                    let uri = told.params["uri"].as_str().expect("a uri").to_owned();
                    self.diagnostics.insert(uri, told.params);
                } else {
                    self.told.push((told.method, told.params));
                }
                None
            }
            Message::Request(request) => {
                self.connection.sender.send(Response::new_ok(request.id, Value::Null).into()).expect("it listens");
                self.told.push((request.method, request.params));
                None
            }
        }
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        self.versions.insert(uri.to_owned(), 1);
        let document = json!({ "uri": uri, "languageId": "huiqi", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Edits a text: a range and what comes in its place.
    pub fn edit(&mut self, uri: &str, changes: Value) -> i32 {
        let version = self.versions.entry(uri.to_owned()).or_insert(1);
        *version += 1;
        let version = *version;
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
        version
    }

    /// Waits until the diagnostics of a version are there.
    pub fn checked(&mut self, uri: &str) -> Value {
        let version = self.versions.get(uri).copied();
        loop {
            if let Some(found) = self.diagnostics.get(uri)
                && found["version"].as_i64() == version.map(i64::from)
            {
                return found["diagnostics"].clone();
            }
            let _ = self.take();
        }
    }

    /// Waits until the diagnostics of a file are as they should be.
    pub fn until(&mut self, uri: &str, right: impl Fn(&Value) -> bool) {
        while !self.diagnostics.get(uri).is_some_and(|found| right(&found["diagnostics"])) {
            let _ = self.take();
        }
    }

    /// Waits until something is told or asked.
    pub fn told(&mut self, method: &str) -> Value {
        loop {
            if let Some(at) = self.told.iter().position(|(told, _)| told == method) {
                return self.told.remove(at).1;
            }
            let _ = self.take();
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null).expect("it ends");
        self.notify("exit", Value::Null);
        self.server.take().expect("a thread").join().expect("the server did not panic");
    }
}

/// The URI of a path.
pub fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.to_str().expect("a name in UTF-8").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The place of the `|` in a text, and the text without it.
pub fn cursor(text: &str) -> (String, Value) {
    let at = text.find('|').expect("a cursor");
    (text.replacen('|', "", 1), place(text, at))
}

/// The place of a byte, in UTF-16 units. A line ends with `\n`, `\r\n` or `\r`.
pub fn place(text: &str, at: usize) -> Value {
    let (mut line, mut start) = (0, 0);
    for (end, c) in text[..at].char_indices() {
        if c == '\n' || c == '\r' && !text[end + 1..].starts_with('\n') {
            line += 1;
            start = end + 1;
        }
    }
    json!({ "line": line, "character": text[start..at].encode_utf16().count() })
}

/// The place where a piece of a text begins.
pub fn find(text: &str, piece: &str) -> Value {
    place(text, text.find(piece).unwrap_or_else(|| panic!("{piece} stands in the text")))
}
