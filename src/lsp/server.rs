//! The loop of the server: messages in, answers and diagnostics out.
//!
//! In: a connection. Out: nothing, once the editor says so. Messages are taken in order;
//! what is still waiting is looked through first, so that a request that has been taken
//! back is not answered, and a burst of edits is checked once. A fault of ours costs one answer,
//! never the session.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use gen_lsp_types as lsp;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answers;
use super::documents::Edit;
use super::edge;
use super::impact::{self, Impact};
use super::settings::{self, Settings};
use super::world::{Analysis, World};

/// Serves the editor that started this process, over standard input and output.
///
/// # Errors
/// The connection broke.
pub fn serve() -> std::io::Result<()> {
    let (connection, threads) = Connection::stdio();
    run(&connection);
    drop(connection);
    threads.join()
}

/// Serves one editor until it ends the session.
pub fn run(connection: &Connection) {
    let Ok((id, params)) = connection.initialize_start() else { return };
    let params: lsp::InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let result = lsp::InitializeResult {
        capabilities: edge::capabilities(),
        server_info: Some(lsp::ServerInfo { name: "huiqi".into(), version: Some(env!("CARGO_PKG_VERSION").into()) }),
    };
    let Ok(result) = serde_json::to_value(result) else { return };
    if connection.initialize_finish(id, result).is_err() {
        return;
    }
    // From here on a thread takes in what the connection hands over.
    let mut server = Server::new(connection, &params);
    server.watch_files(&params);
    server.serve();
}

/// What the editor sends, in order. A connection hands over one message at a time: a thread of its own takes them
/// all in, so that the server sees what is waiting while it is busy.
fn incoming(connection: &Connection) -> mpsc::Receiver<Message> {
    let (sender, incoming) = mpsc::channel();
    let receiver = connection.receiver.clone();
    let take = move || {
        for message in receiver {
            if sender.send(message).is_err() {
                return;
            }
        }
    };
    // Without a thread nothing is ever received, and the session ends at once.
    let _ = std::thread::Builder::new().name("incoming".into()).spawn(take);
    incoming
}

/// Data that were computed for a file.
struct Computed {
    /// The state of the world, the settings and the data it is of.
    key: ImpactKey,
    impact: Option<Arc<Impact>>,
}

type ImpactKey = (u64, Settings, Vec<Option<SystemTime>>);

/// What a thread that computes tells: for which file, of which state, and what.
type Told = (PathBuf, ImpactKey, Option<Impact>);

/// The server of one editor.
pub(super) struct Server<'c> {
    connection: &'c Connection,
    incoming: mpsc::Receiver<Message>,
    /// The texts and what is known of them.
    pub world: World,
    waiting: VecDeque<Message>,
    cancelled: HashSet<RequestId>,
    /// Open texts to be checked again.
    stale: VecDeque<PathBuf>,
    /// What is published, by the file it was found for and the file it is in.
    published: BTreeMap<PathBuf, BTreeMap<PathBuf, Vec<lsp::Diagnostic>>>,
    /// What was told last of files that are not open.
    sent: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    computed: BTreeMap<PathBuf, Computed>,
    impacts: (mpsc::Sender<Told>, mpsc::Receiver<Told>),
    requests: i32,
}

impl<'c> Server<'c> {
    fn new(connection: &'c Connection, params: &lsp::InitializeParams) -> Self {
        let language = settings::language(params.initialization_options.as_ref(), params.locale.as_deref());
        let folders = match &params.workspace_folders_initialize_params.workspace_folders {
            Some(lsp::WorkspaceFolders::WorkspaceFolderList(folders)) => {
                folders.iter().map(|folder| edge::path_of(&folder.uri.0)).collect()
            }
            _ => Vec::new(),
        };
        let mut world = World::default();
        (world.language, world.folders) = (language, folders);
        Server {
            connection,
            incoming: incoming(connection),
            world,
            waiting: VecDeque::new(),
            cancelled: HashSet::new(),
            stale: VecDeque::new(),
            published: BTreeMap::new(),
            sent: BTreeMap::new(),
            computed: BTreeMap::new(),
            impacts: mpsc::channel(),
            requests: 0,
        }
    }

    fn serve(&mut self) {
        loop {
            self.look_ahead();
            let message = match self.waiting.pop_front() {
                Some(message) => message,
                None if self.check_next() || self.take_impacts() => continue,
                None => match self.incoming.recv_timeout(Duration::from_millis(200)) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Timeout) => continue,
                    Err(RecvTimeoutError::Disconnected) => return,
                },
            };
            match message {
                Message::Request(request) if request.method == "shutdown" => {
                    self.send(Response::new_ok(request.id, Value::Null));
                    return self.await_exit();
                }
                Message::Request(request) => self.request(request),
                Message::Notification(notification) => {
                    if notification.method == "exit" {
                        return;
                    }
                    self.notification(notification);
                }
                Message::Response(_) => {}
            }
        }
    }

    /// After `shutdown` nothing is answered any more.
    fn await_exit(&mut self) {
        let waiting = self.waiting.drain(..);
        let is_exit = |message: &Message| matches!(message, Message::Notification(told) if told.method == "exit");
        if waiting.into_iter().any(|message| is_exit(&message)) {
            return;
        }
        while let Ok(message) = self.incoming.recv_timeout(Duration::from_secs(30)) {
            if is_exit(&message) {
                return;
            }
        }
    }

    /// Takes in what is waiting: requests that were taken back are found before they are answered.
    fn look_ahead(&mut self) {
        while let Ok(message) = self.incoming.try_recv() {
            if let Message::Notification(notification) = &message
                && notification.method == "$/cancelRequest"
            {
                let id = notification.params.get("id");
                let id = id.and_then(|id| serde_json::from_value::<RequestId>(id.clone()).ok());
                self.cancelled.extend(id);
                continue;
            }
            self.waiting.push_back(message);
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // An editor that is gone hears nothing; the loop ends with the next message that does not come.
        let _ = self.connection.sender.send(message.into());
    }

    /// Tells the editor something.
    pub fn notify(&self, method: &str, params: impl Serialize) {
        self.send(Notification::new(method.to_owned(), params));
    }

    fn request(&mut self, request: Request) {
        let id = request.id.clone();
        if self.cancelled.remove(&id) {
            let told = self.world.language.pick("请求已取消", "the request was taken back");
            return self.send(Response::new_err(id, ErrorCode::RequestCanceled as i32, told.to_owned()));
        }
        let answered = catch_unwind(AssertUnwindSafe(|| answers::answer(self, &request)));
        let response = match answered {
            Ok(Ok(value)) => Response::new_ok(id, value),
            Ok(Err((code, message))) => Response::new_err(id, code as i32, message),
            Err(_) => {
                let told = self.world.language.pick("没有能回答这个请求", "this request could not be answered");
                Response::new_err(id, ErrorCode::InternalError as i32, told.to_owned())
            }
        };
        self.send(response);
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => self.with(params, |server, params: lsp::DidOpenTextDocumentParams| {
                let document = params.text_document;
                let path = edge::path_of(&document.uri.0);
                server.world.documents.open(path.clone(), document.uri.0, document.version, document.text);
                server.changed(&path);
            }),
            "textDocument/didChange" => self.with(params, |server, params: lsp::DidChangeTextDocumentParams| {
                let document = params.text_document;
                let path = edge::path_of(&document.text_document_identifier.uri.0);
                let edits = params.content_changes.into_iter().map(edit).collect();
                if server.world.documents.edit(&path, document.version, edits) {
                    server.changed(&path);
                }
            }),
            "textDocument/didClose" => self.with(params, |server, params: lsp::DidCloseTextDocumentParams| {
                let path = edge::path_of(&params.text_document.uri.0);
                server.world.documents.close(&path);
                server.world.forget(&path);
                server.stale.retain(|stale| *stale != path);
                server.computed.remove(&path);
                let before = server.published.remove(&path).unwrap_or_default();
                server.publish(before.into_keys().chain([path.clone()]).collect(), Some(&params.text_document.uri.0));
                server.changed(&path);
            }),
            "workspace/didChangeWatchedFiles" => {
                self.with(params, |server, params: lsp::DidChangeWatchedFilesParams| server.tell_deleted(&params));
                self.all_changed();
            }
            "textDocument/didSave" | "workspace/didChangeConfiguration" => self.all_changed(),
            "workspace/didChangeWorkspaceFolders" => {
                self.with(params, |server, params: lsp::DidChangeWorkspaceFoldersParams| {
                    let removed: Vec<PathBuf> =
                        params.event.removed.iter().map(|folder| edge::path_of(&folder.uri.0)).collect();
                    server.world.folders.retain(|folder| !removed.contains(folder));
                    server.world.folders.extend(params.event.added.iter().map(|folder| edge::path_of(&folder.uri.0)));
                    server.all_changed();
                });
            }
            _ => {}
        }
    }

    /// A notification whose parameters are not as agreed is passed over: there is nobody to tell.
    fn with<P: DeserializeOwned>(&mut self, params: Value, act: impl FnOnce(&mut Self, P)) {
        if let Ok(params) = serde_json::from_value(params) {
            act(self, params);
        }
    }

    /// Says which open texts have no file any more: deleted, or renamed, outside of the editor.
    fn tell_deleted(&self, params: &lsp::DidChangeWatchedFilesParams) {
        for change in params.changes.iter().filter(|change| change.kind == lsp::FileChangeType::Deleted) {
            let path = edge::path_of(&change.uri.0);
            // An editor that renames a file itself closes it first; one that saves may write it anew.
            if self.world.documents.get(&path).is_none() || path.exists() {
                continue;
            }
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let message = self.world.language.pick(
                format!("「{name}」在别处被删除或改了名。编辑器里的文字还在，保存就会重新建立这个文件"),
                format!(
                    "`{name}` was deleted or renamed elsewhere. Its text is still here: saving makes the file anew"
                ),
            );
            self.notify("window/showMessage", lsp::ShowMessageParams { kind: lsp::MessageType::Warning, message });
        }
    }

    /// A text has changed: it is checked first, then the open texts that use it.
    fn changed(&mut self, path: &Path) {
        self.world.changed();
        let documents = self.world.documents.paths();
        let uses = |other: &PathBuf| self.published.get(other).is_none_or(|files| files.contains_key(path));
        let others: Vec<PathBuf> = documents.iter().filter(|other| *other != path && uses(other)).cloned().collect();
        if documents.iter().any(|other| other == path) {
            self.stale.retain(|stale| stale != path);
            self.stale.push_front(path.to_path_buf());
        }
        for other in others {
            if !self.stale.contains(&other) {
                self.stale.push_back(other);
            }
        }
    }

    fn all_changed(&mut self) {
        self.world.changed();
        self.stale = self.world.documents.paths().into();
    }

    /// Checks the next text that waits for it; whether there was one.
    fn check_next(&mut self) -> bool {
        let Some(path) = self.stale.pop_front() else { return false };
        let checked = catch_unwind(AssertUnwindSafe(|| self.check(&path)));
        if checked.is_err() {
            self.world.forget(&path);
        }
        true
    }

    fn check(&mut self, path: &Path) {
        let analysis = self.world.analysis(path);
        let found = self.diagnostics(&analysis, path);
        let before = self.published.insert(path.to_path_buf(), found.clone()).unwrap_or_default();
        let mut targets: Vec<PathBuf> = before.into_keys().chain(found.into_keys()).collect();
        targets.sort();
        targets.dedup();
        self.publish(targets, None);
    }

    /// The diagnostics of a file and of those it uses, by file; every file that was read is named.
    fn diagnostics(&self, analysis: &Analysis, path: &Path) -> BTreeMap<PathBuf, Vec<lsp::Diagnostic>> {
        let read = analysis.policies.sources().iter().filter_map(|(_, file)| file.path.clone());
        let mut found: BTreeMap<PathBuf, Vec<lsp::Diagnostic>> = read.map(|path| (path, Vec::new())).collect();
        found.entry(path.to_path_buf()).or_default();
        for diagnostic in analysis.policies.diagnostics() {
            let file = diagnostic.spans.first().and_then(|span| analysis.path(span.file)).unwrap_or(path);
            let said = edge::diagnostic(analysis, diagnostic, |path| self.uri(path), self.world.language);
            found.entry(file.to_path_buf()).or_default().push(said);
        }
        found
    }

    /// How the editor calls a file.
    pub fn uri(&self, path: &Path) -> String {
        self.world.documents.get(path).map_or_else(|| edge::uri_of(path), |document| document.uri.clone())
    }

    /// Publishes what is known of some files: an open one as it was found for itself, another as all that use it found it.
    fn publish(&mut self, targets: Vec<PathBuf>, closed: Option<&str>) {
        for target in targets {
            let document = self.world.documents.get(&target);
            let mut diagnostics: Vec<lsp::Diagnostic> = Vec::new();
            let uses = self.published.iter().filter(|(path, _)| document.is_none() || **path == target);
            for found in uses.filter_map(|(_, files)| files.get(&target)).flatten() {
                if !diagnostics.contains(found) {
                    diagnostics.push(found.clone());
                }
            }
            // Of a file that is not open nothing is told twice.
            let before = self.sent.insert(target.clone(), diagnostics.clone());
            let own = closed.filter(|uri| edge::path_of(uri) == target);
            if document.is_none() && own.is_none() && before.unwrap_or_default() == diagnostics {
                continue;
            }
            let uri = own.map_or_else(|| self.uri(&target), str::to_owned);
            let version = document.map(|document| document.version);
            let params = lsp::PublishDiagnosticsParams { uri: lsp::Uri(uri), version, diagnostics };
            self.notify("textDocument/publishDiagnostics", params);
        }
    }

    /// What the clauses of a file come to over the project's data, as far as it is known; what is not is computed aside.
    pub fn impact(&mut self, path: &Path, analysis: &Arc<Analysis>) -> Option<Arc<Impact>> {
        let settings = self.world.settings(path);
        if settings.data.is_empty() || analysis.policies.has_errors() {
            return None;
        }
        let key = (self.world.revision(), settings.clone(), impact::stamp(&settings));
        if let Some(computed) = self.computed.get(path)
            && computed.key == key
        {
            return computed.impact.clone();
        }
        self.computed.insert(path.to_path_buf(), Computed { key: key.clone(), impact: None });
        let (sender, analysis, path) = (self.impacts.0.clone(), Arc::clone(analysis), path.to_path_buf());
        let compute = move || {
            let impact = impact::compute(&analysis, &settings);
            // The server may be gone by now.
            let _ = sender.send((path, key, impact));
        };
        // Without a thread there are no such hints, and all the rest goes on.
        let _ = std::thread::Builder::new().name("impact".into()).spawn(compute);
        None
    }

    /// Takes what has been computed aside; whether there was anything.
    fn take_impacts(&mut self) -> bool {
        let Ok((path, key, impact)) = self.impacts.1.try_recv() else { return false };
        if let Some(computed) = self.computed.get_mut(&path)
            && computed.key == key
        {
            computed.impact = impact.map(Arc::new);
            self.ask("workspace/inlayHint/refresh", Value::Null);
        }
        true
    }

    /// Asks the editor for something; what it answers is not waited for.
    pub fn ask(&mut self, method: &str, params: Value) {
        self.requests += 1;
        let id = RequestId::from(format!("huiqi-{}", self.requests));
        self.send(Request::new(id, method.to_owned(), params));
    }

    /// Asks the editor to tell of files that change outside of it.
    fn watch_files(&mut self, params: &lsp::InitializeParams) {
        let capabilities = serde_json::to_value(&params.capabilities).unwrap_or_default();
        let dynamic = capabilities.pointer("/workspace/didChangeWatchedFiles/dynamicRegistration");
        if dynamic == Some(&Value::Bool(true)) {
            let watchers = ["**/*.hq", "**/huiqi.toml"].map(|pattern| serde_json::json!({ "globPattern": pattern }));
            let registration = serde_json::json!({
                "registrations": [{
                    "id": "files",
                    "method": "workspace/didChangeWatchedFiles",
                    "registerOptions": { "watchers": watchers },
                }],
            });
            self.ask("client/registerCapability", registration);
        }
    }
}

/// An edit as the documents take it.
fn edit(change: lsp::TextDocumentContentChangeEvent) -> Edit {
    match change {
        lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
            (Some((edge::place(change.range.start), edge::place(change.range.end))), change.text)
        }
        lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change) => (None, change.text),
    }
}
