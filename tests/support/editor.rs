//! A client of the language server in the same process.

use std::path::Path;
use std::str::FromStr;
use std::thread::JoinHandle;

use lsp_server::{Connection, Message, Notification, Request, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{Diagnostic, Position, PublishDiagnosticsParams, Uri};
use serde_json::{Value, json};
use strports::check::Options;

/// One session.
pub(crate) struct Editor {
    connection: Connection,
    server: Option<JoinHandle<bool>>,
    next_id: i32,
    /// Requests that the server sent while the client waited for something else.
    pub(crate) requests: Vec<Request>,
}

impl Editor {
    /// A session in which columns are counted as `encoding` says: `utf-8`, `utf-16` or `utf-32`.
    pub(crate) fn new(encoding: &str, folder: &Path) -> Self {
        Self::with_capabilities(encoding, folder, &json!({}))
    }

    /// A session of an editor with these capabilities for documents.
    pub(crate) fn with_capabilities(encoding: &str, folder: &Path, documents: &Value) -> Self {
        let (connection, other) = Connection::memory();
        let server =
            std::thread::spawn(move || strports::lsp::serve(&other, Options::default()).unwrap());
        let mut editor =
            Self { connection, server: Some(server), next_id: 0, requests: Vec::new() };
        let folder = json!([{ "uri": uri(folder).as_str(), "name": "folder" }]);
        let capabilities = json!({
            "general": { "positionEncodings": [encoding] },
            "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
            "textDocument": documents,
        });
        let params =
            json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": folder });
        let result = editor.ask_raw(request::Initialize::METHOD, params).unwrap();
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        editor.tell_raw(notification::Initialized::METHOD, json!({}));
        editor
    }

    pub(crate) fn open(&mut self, path: &Path, text: &str) -> Vec<Diagnostic> {
        let document = json!({ "uri": uri(path), "languageId": "x", "version": 1, "text": text });
        let method = notification::DidOpenTextDocument::METHOD;
        self.tell_raw(method, json!({ "textDocument": document }));
        self.diagnostics(path, Some(1))
    }

    /// Sends changes in the protocol's form, as a new version.
    pub(crate) fn change(&mut self, path: &Path, version: i32, changes: &Value) {
        let document = json!({ "uri": uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell_raw(notification::DidChangeTextDocument::METHOD, params);
    }

    /// Waits for the diagnostics of a version of a document.
    pub(crate) fn diagnostics(&mut self, path: &Path, version: Option<i32>) -> Vec<Diagnostic> {
        let wanted = uri(path);
        loop {
            match self.receive() {
                Message::Notification(it)
                    if it.method == notification::PublishDiagnostics::METHOD =>
                {
                    let params: PublishDiagnosticsParams =
                        serde_json::from_value(it.params).unwrap();
                    if params.uri == wanted && params.version == version {
                        return params.diagnostics;
                    }
                }
                Message::Request(request) => self.requests.push(request),
                message => panic!("{message:?}"),
            }
        }
    }

    /// Sends a request about a document with further parameters.
    #[track_caller]
    pub(crate) fn ask<R: request::Request>(&mut self, path: &Path, mut more: Value) -> R::Result {
        more["textDocument"] = json!({ "uri": uri(path) });
        serde_json::from_value(self.ask_raw(R::METHOD, more).unwrap()).unwrap()
    }

    /// Sends a request, and returns the result or the code of the error.
    pub(crate) fn ask_raw(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        let id = self.send_request(method, params);
        self.response(id)
    }

    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i32 {
        self.next_id += 1;
        let request = Request::new(self.next_id.into(), method.to_owned(), params);
        self.connection.sender.send(request.into()).unwrap();
        self.next_id
    }

    /// Waits for the answer to a request.
    pub(crate) fn response(&mut self, id: i32) -> Result<Value, i32> {
        loop {
            match self.receive() {
                Message::Response(Response { id: other, response_result }) => {
                    assert_eq!(other, id.into());
                    return response_result.map_err(|error| error.code);
                }
                Message::Request(request) => self.requests.push(request),
                Message::Notification(_) => {}
            }
        }
    }

    /// Waits for any answer; returns its request id and the code of its error.
    pub(crate) fn any_response(&mut self) -> (i32, Option<i32>) {
        loop {
            match self.receive() {
                Message::Response(Response { id, response_result }) => {
                    let id = id.to_string().parse().unwrap();
                    return (id, response_result.err().map(|error| error.code));
                }
                Message::Request(request) => self.requests.push(request),
                Message::Notification(_) => {}
            }
        }
    }

    /// Waits for the end of the server, and returns its result.
    pub(crate) fn wait(mut self) -> bool {
        self.server.take().unwrap().join().unwrap()
    }

    pub(crate) fn tell_raw(&self, method: &str, params: Value) {
        let message = Notification::new(method.to_owned(), params);
        self.connection.sender.send(message.into()).unwrap();
    }

    fn receive(&self) -> Message {
        self.connection.receiver.recv().unwrap()
    }

    /// Ends the session with `shutdown` and `exit`, and returns the server's result.
    pub(crate) fn end(mut self) -> bool {
        assert_eq!(self.ask_raw(request::Shutdown::METHOD, Value::Null), Ok(Value::Null));
        self.tell_raw(notification::Exit::METHOD, Value::Null);
        self.server.take().unwrap().join().unwrap()
    }
}

pub(crate) fn uri(path: &Path) -> Uri {
    Uri::from_str(&format!("file://{}", path.display())).unwrap()
}

/// The position of a byte offset, in columns of `encoding`.
pub(crate) fn position(text: &str, offset: usize, encoding: &str) -> Position {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count();
    let column: usize = match encoding {
        "utf-8" => offset - start,
        "utf-16" => before[start..].encode_utf16().count(),
        _ => before[start..].chars().count(),
    };
    Position::new(u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
}
