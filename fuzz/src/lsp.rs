//! Laws of language server sessions: each request gets one response, and edits result in the text
//! that they describe. An edited document has the findings of a new document with the same text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use strports::check::Options;
use strports::lsp::{Connection, serve};

/// The documents of a session: one is edited, and the other is opened with the edited text.
const EDITED: &str = "file:///a.list";
const AFRESH: &str = "file:///b.list";

/// The texts that edits insert.
const TEXTS: [&str; 12] = [
    "",
    "tcp:80\n",
    "tcp:",
    ":interface=::1",
    "\n",
    "\r\n",
    "é",
    "\u{1f600}",
    "=",
    "unix",
    "\\",
    "#",
];

/// The requests that are sent for a position of the edited document.
const REQUESTS: [&str; 8] = [
    "hover",
    "completion",
    "codeAction",
    "formatting",
    "documentLink",
    "semanticTokens/full",
    "x",
    "",
];

/// Checks the law. The bytes are lines of JSON messages, or one byte for each edit or request.
pub fn holds(input: &[u8]) {
    let (server, client) = Connection::memory();
    let running = thread::spawn(move || serve(&server, Options::default()));
    let mut session =
        Session { client, asked: 0, answered: BTreeMap::new(), findings: BTreeMap::new() };
    let id = session.request("initialize", json!({ "capabilities": {} }));
    session.wait_for(id);
    session.notify("initialized", json!({}));
    if input.first() == Some(&b'{') {
        session.raw(input);
    } else {
        session.edits(input);
    }
    let id = session.request("shutdown", Value::Null);
    session.wait_for(id);
    session.notify("exit", Value::Null);
    drop(session.client);
    let ended = running.join().expect("the server does not panic");
    assert!(ended.expect("the session has an orderly end"));
    for id in 1..=session.asked {
        assert_eq!(session.answered.get(&id), Some(&1), "answers to request {id}");
    }
}

/// Returns edits at every position of short texts, and messages of every shape.
pub fn samples() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte, 0, 77, byte, 9]).collect();
    for method in
        ["textDocument/didOpen", "textDocument/didChange", "workspace/x", "$/cancelRequest", ""]
    {
        for params in
            ["null", "{}", "[]", "{\"textDocument\":{\"uri\":\"file:///a.list\",\"version\":2}}"]
        {
            all.push(format!("{{\"method\":\"{method}\",\"params\":{params}}}").into_bytes());
            all.push(
                format!("{{\"id\":1,\"method\":\"{method}\",\"params\":{params}}}\n{{}}")
                    .into_bytes(),
            );
        }
    }
    all
}

struct Session {
    client: Connection,
    asked: i32,
    /// The number of responses to each request, by the request's id.
    answered: BTreeMap<i32, u32>,
    /// The last findings of each document, with the version that they are about.
    findings: BTreeMap<String, (i64, Value)>,
}

impl Session {
    fn notify(&mut self, method: &str, params: Value) {
        self.send(Notification::new(method.into(), params).into());
    }

    fn request(&mut self, method: &str, params: Value) -> i32 {
        self.asked += 1;
        self.send(Request::new(self.asked.into(), method.into(), params).into());
        self.asked
    }

    /// Sends a message. While the channel is full, receives what the server sends, to avoid
    /// deadlock.
    fn send(&mut self, message: Message) {
        let mut message = message;
        loop {
            match self.client.sender.try_send(message) {
                Ok(()) => return,
                Err(error) => {
                    message = error.into_inner();
                    match self.client.receiver.try_recv() {
                        Ok(received) => self.receive(received),
                        Err(_) => thread::yield_now(),
                    }
                }
            }
        }
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Response(response) => {
                let id = (1..=self.asked).find(|id| response.id == RequestId::from(*id));
                *self.answered.entry(id.expect("the id of a request")).or_default() += 1;
            }
            Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => {
                let uri = it.params["uri"].as_str().unwrap_or_default().to_owned();
                let version = it.params["version"].as_i64().unwrap_or(-1);
                self.findings.insert(uri, (version, it.params["diagnostics"].clone()));
            }
            _ => {}
        }
    }

    fn wait_for(&mut self, id: i32) {
        while !self.answered.contains_key(&id) {
            let message = self.client.receiver.recv().expect("the server runs");
            self.receive(message);
        }
    }

    /// Sends messages unchanged, except those that would end the session early.
    fn raw(&mut self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n') {
            let Ok(message) = serde_json::from_slice::<Message>(line) else { continue };
            match message {
                Message::Request(it) if it.method != "shutdown" => {
                    self.request(&it.method, it.params);
                }
                Message::Notification(it) if it.method != "exit" => {
                    self.notify(&it.method, it.params);
                }
                _ => {}
            }
        }
    }

    /// Edits a document, and sends requests about it, as the bytes say.
    fn edits(&mut self, script: &[u8]) {
        let mut text = String::from("tcp:80\ntcp:8\u{1f600}0:interface=::1\r\nunix:/é\n");
        let opened = |uri: &str, text: &str| {
            let document = json!({ "uri": uri, "languageId": "x", "version": 0, "text": text });
            json!({ "textDocument": document })
        };
        self.notify("textDocument/didOpen", opened(EDITED, &text));
        let mut version = 0;
        for (at, byte) in script.iter().take(40).enumerate() {
            let place = usize::from(*byte) * 7 + at;
            if byte.is_multiple_of(4) {
                let method = format!("textDocument/{}", REQUESTS[usize::from(byte >> 2) % 8]);
                let position = position(&text, boundary(&text, place));
                let range = json!({ "start": position, "end": position });
                let document = json!({ "uri": EDITED });
                let options = json!({ "tabSize": 4, "insertSpaces": true });
                let context = json!({ "diagnostics": [] });
                self.request(
                    &method,
                    json!({ "textDocument": document, "position": position,
                    "range": range, "options": options, "context": context }),
                );
                continue;
            }
            version += 1;
            let start = boundary(&text, place);
            let end = boundary(&text, start + usize::from(byte & 0b1100)).max(start);
            let inserted = TEXTS[(usize::from(byte >> 4) + at) % TEXTS.len()];
            let change = edit(&mut text, start..end, inserted);
            let document = json!({ "uri": EDITED, "version": version });
            let params = json!({ "textDocument": document, "contentChanges": [change] });
            self.notify("textDocument/didChange", params);
        }
        self.notify("textDocument/didOpen", opened(AFRESH, &text));
        // The server sends findings only once it has no message left to handle.
        let known = |session: &Self| {
            let is = |uri: &str, version: i64| {
                session.findings.get(uri).is_some_and(|it| it.0 == version || it.0 == -1)
            };
            is(EDITED, version) && is(AFRESH, 0)
        };
        while !known(self) {
            let message = self.client.receiver.recv().expect("the server runs");
            self.receive(message);
        }
        let (edited, afresh) = (&self.findings[EDITED].1, &self.findings[AFRESH].1);
        let plain = |findings: &Value| {
            let all = findings.as_array().expect("a list").iter();
            all.map(|it| (it["range"].clone(), it["code"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(plain(edited), plain(afresh), "{text:?}");
    }
}

/// Replaces a byte range of the text, and returns the change as a client reports it.
fn edit(text: &mut String, range: Range<usize>, inserted: &str) -> Value {
    let (start, end) = (position(text, range.start), position(text, range.end));
    text.replace_range(range, inserted);
    json!({ "range": { "start": start, "end": end }, "text": inserted })
}

/// Returns a byte offset between two characters, which is not between `\r` and `\n`.
fn boundary(text: &str, place: usize) -> usize {
    let mut at = place % (text.len() + 1);
    while !text.is_char_boundary(at) || text[..at].ends_with('\r') && text[at..].starts_with('\n') {
        at -= 1;
    }
    at
}

/// Returns a byte offset as a position of the protocol: a line, and a column in UTF-16 code units.
fn position(text: &str, at: usize) -> Value {
    let (mut line, mut begin) = (0, 0);
    let bytes = text.as_bytes();
    for end in 1..=at {
        let ends_line =
            bytes[end - 1] == b'\n' || bytes[end - 1] == b'\r' && bytes.get(end) != Some(&b'\n');
        if ends_line {
            (line, begin) = (line + 1, end);
        }
    }
    json!({ "line": line, "character": text[begin..at].encode_utf16().count() })
}
