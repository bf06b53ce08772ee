//! Runs one session: reads messages, and writes answers and diagnostics.

use std::fmt;
use std::sync::Arc;

use lsp_server::{
    Connection, ErrorCode, Message, Notification, ProtocolError, Request, RequestId, Response,
};
use lsp_types::notification::Notification as _;
use lsp_types::request::Request as _;
use lsp_types::{InitializeParams, notification, request};

use super::inbox::Inbox;
use super::server::{Answer, Server};
use crate::check::Options;
use crate::check::stop::Stop;

/// Why a session ended before its client requested the end.
///
/// The error of [`serve`], which has an example.
#[derive(Debug)]
pub struct Error(ErrorKind);

#[derive(Debug)]
enum ErrorKind {
    Protocol(ProtocolError),
    Json(serde_json::Error),
    /// The client has closed the connection without `exit`.
    Closed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ErrorKind::Protocol(error) => error.fmt(f),
            ErrorKind::Json(error) => write!(f, "the client does not follow the protocol: {error}"),
            ErrorKind::Closed => f.write_str("the client closed the connection without `exit`"),
        }
    }
}

impl std::error::Error for Error {}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self(ErrorKind::Protocol(error))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self(ErrorKind::Json(error))
    }
}

/// Serves one client until it sends `exit`. Returns whether it requested `shutdown` before.
///
/// # Errors
///
/// Fails if the connection is closed before `exit`, or if the client does not begin with
/// `initialize`.
///
/// # Examples
///
/// A client that only begins and ends a session:
///
/// ```
/// use lsp_server::{Message, Notification, Request};
/// use serde_json::json;
/// use strports::check::Options;
/// use strports::lsp::{Connection, serve};
///
/// let (server, client) = Connection::memory();
/// let asked = [
///     Message::Request(Request::new(1.into(), "initialize".into(), json!({"capabilities": {}}))),
///     Message::Notification(Notification::new("initialized".into(), json!({}))),
///     Message::Request(Request::new(2.into(), "shutdown".into(), json!(null))),
///     Message::Notification(Notification::new("exit".into(), json!(null))),
/// ];
/// for message in asked {
///     client.sender.send(message)?;
/// }
/// assert!(serve(&server, Options::default())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn serve(connection: &Connection, options: Options) -> Result<bool, Error> {
    let (id, params) = connection.initialize_start()?;
    let params: InitializeParams = serde_json::from_value(params)?;
    let receiver = connection.receiver.clone();
    let inbox = Arc::new(Inbox::new(move || receiver.try_recv().ok()));
    let asked = Arc::clone(&inbox);
    let stop = Stop::when(move || asked.is_cancelled());
    let server = Server::new(&params, Options { stop, ..options });
    let result = serde_json::to_value(server.initialize_result())?;
    connection.initialize_finish(id, result)?;
    let mut session = Session { connection, server, inbox, next_id: 0, ends: false };
    session.watch_files()?;
    session.run()
}

struct Session<'c> {
    connection: &'c Connection,
    server: Server,
    inbox: Arc<Inbox>,
    next_id: i32,
    /// Whether the client has requested `shutdown`, after which it should send `exit`.
    ends: bool,
}

impl Session<'_> {
    fn run(&mut self) -> Result<bool, Error> {
        loop {
            self.read()?;
            match self.inbox.next() {
                Some(Message::Request(request)) => self.answer(request)?,
                Some(Message::Notification(it)) if it.method == notification::Exit::METHOD => {
                    return Ok(self.ends);
                }
                Some(Message::Notification(notification)) => self.server.notice(notification),
                // The server's only request is `client/registerCapability`, whose response needs no
                // action.
                Some(Message::Response(_)) | None => {}
            }
            if self.inbox.is_empty() {
                self.publish()?;
            }
        }
    }

    /// Waits until a message has arrived, queues all that have, and answers cancelled requests.
    fn read(&mut self) -> Result<(), Error> {
        // An analysis may have received a request and its cancellation. The client now waits for
        // the answer and may send nothing, so answering must not wait for a message.
        self.answer_cancelled()?;
        if self.inbox.is_empty() {
            let message = self.connection.receiver.recv();
            self.inbox.push(message.map_err(|_| Error(ErrorKind::Closed))?);
        }
        self.inbox.take_in();
        self.answer_cancelled()
    }

    fn answer_cancelled(&self) -> Result<(), Error> {
        self.inbox.cancelled().into_iter().try_for_each(|id| self.send(cancelled(id)))
    }

    fn answer(&mut self, request: Request) -> Result<(), Error> {
        let id = request.id.clone();
        let fail = |code: ErrorCode, message: &str| {
            Response::new_err(id.clone(), code as i32, message.to_owned())
        };
        if self.ends {
            return self.send(fail(ErrorCode::InvalidRequest, "the session is at its end"));
        }
        if request.method == request::Shutdown::METHOD {
            self.ends = true;
            return self.send(Response::new_ok(id, serde_json::Value::Null));
        }
        self.inbox.begin(id.clone());
        let answer = self.server.answer(request);
        if self.inbox.end() {
            self.server.forget_unfinished();
            return self.send(cancelled(id));
        }
        let response = match answer {
            Answer::Is(value) => Response::new_ok(id, value),
            Answer::Unknown => fail(ErrorCode::MethodNotFound, "this request is not known"),
            Answer::Malformed(error) => fail(ErrorCode::InvalidParams, &error.to_string()),
        };
        self.send(response)
    }

    /// Sends the diagnostics of documents that have changed since they were last sent.
    fn publish(&mut self) -> Result<(), Error> {
        for params in self.server.changed_diagnostics() {
            let method = notification::PublishDiagnostics::METHOD.to_owned();
            self.send(Notification::new(method, params))?;
        }
        Ok(())
    }

    /// Requests notifications about changed `strports.toml` files, if the client supports it.
    fn watch_files(&mut self) -> Result<(), Error> {
        let Some(params) = self.server.interests() else { return Ok(()) };
        self.next_id += 1;
        let method = request::RegisterCapability::METHOD.to_owned();
        self.send(Request::new(RequestId::from(self.next_id), method, params))
    }

    fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        self.connection.sender.send(message.into()).map_err(|_| Error(ErrorKind::Closed))
    }
}

/// Returns the error response that the protocol requires for a cancelled request.
fn cancelled(id: RequestId) -> Response {
    let code = ErrorCode::RequestCanceled as i32;
    Response::new_err(id, code, "the request was cancelled".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::lock::lock;

    #[test]
    fn requests_cancelled_during_an_analysis_are_answered_before_waiting() {
        let (ours, theirs) = Connection::memory();
        let method = request::HoverRequest::METHOD.to_owned();
        let cancel = notification::Cancel::METHOD.to_owned();
        let arrived = Mutex::new(VecDeque::from([
            Message::from(Request::new(1.into(), method, json!({}))),
            Message::from(Notification::new(cancel, json!({ "id": 1 }))),
        ]));
        let inbox = Arc::new(Inbox::new(move || lock(&arrived).pop_front()));
        let params = serde_json::from_value(json!({ "capabilities": {} })).unwrap();
        let server = Server::new(&params, Options::default());
        let mut session = Session { connection: &ours, server, inbox, next_id: 0, ends: false };
        // Receives messages as an analysis does when it checks whether it was cancelled.
        session.inbox.take_in();
        drop(theirs.sender);
        assert!(session.read().is_err(), "the connection is closed");
        let Message::Response(response) = theirs.receiver.try_recv().unwrap() else {
            panic!("a response is expected");
        };
        assert_eq!(response.id, 1.into());
    }
}
