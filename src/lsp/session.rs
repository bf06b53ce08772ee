//! One session: messages in, answers and diagnostics out.

use std::collections::VecDeque;
use std::fmt;

use lsp_server::{
    Connection, ErrorCode, Message, Notification, ProtocolError, Request, RequestId, Response,
};
use lsp_types::notification::Notification as _;
use lsp_types::request::Request as _;
use lsp_types::{CancelParams, InitializeParams, NumberOrString, notification, request};

use super::server::{Answer, Server};
use crate::check::Options;

/// Why a session ended before its client ended it.
#[derive(Debug)]
pub struct Error(ErrorKind);

#[derive(Debug)]
enum ErrorKind {
    Protocol(ProtocolError),
    Json(serde_json::Error),
    /// The other side is gone.
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

/// Serves one client until it ends the session; returns whether it asked for that first.
///
/// # Errors
///
/// The connection is closed in the middle of a session, or the client does not begin with
/// `initialize`.
pub fn serve(connection: &Connection, options: Options) -> Result<bool, Error> {
    let (id, params) = connection.initialize_start()?;
    let params: InitializeParams = serde_json::from_value(params)?;
    let server = Server::new(&params, options);
    let result = serde_json::to_value(server.initialize_result())?;
    connection.initialize_finish(id, result)?;
    let mut session =
        Session { connection, server, queue: VecDeque::new(), next_id: 0, ends: false };
    session.watch_files()?;
    session.run()
}

struct Session<'c> {
    connection: &'c Connection,
    server: Server,
    /// Messages that were read and are not handled yet.
    queue: VecDeque<Message>,
    next_id: i32,
    /// Whether the client has asked for the end.
    ends: bool,
}

impl Session<'_> {
    fn run(&mut self) -> Result<bool, Error> {
        loop {
            self.read()?;
            match self.queue.pop_front() {
                Some(Message::Request(request)) => self.answer(request)?,
                Some(Message::Notification(it)) if it.method == notification::Exit::METHOD => {
                    return Ok(self.ends);
                }
                Some(Message::Notification(notification)) => self.server.notice(notification),
                // The only requests of ours register interests.
                Some(Message::Response(_)) | None => {}
            }
            if self.queue.is_empty() {
                self.publish()?;
            }
        }
    }

    /// Waits for a message if there is none, and takes in all that are there.
    fn read(&mut self) -> Result<(), Error> {
        if self.queue.is_empty() {
            let message = self.connection.receiver.recv();
            self.queue.push_back(message.map_err(|_| Error(ErrorKind::Closed))?);
        }
        while let Ok(message) = self.connection.receiver.try_recv() {
            match message {
                Message::Notification(it) if it.method == notification::Cancel::METHOD => {
                    self.cancel(it)?;
                }
                message => self.queue.push_back(message),
            }
        }
        Ok(())
    }

    /// Ends a request that is not handled yet; one that is has its answer already.
    fn cancel(&mut self, notification: Notification) -> Result<(), Error> {
        let Ok(CancelParams { id }) = serde_json::from_value(notification.params) else {
            return Ok(());
        };
        let id = match id {
            NumberOrString::Number(id) => RequestId::from(id),
            NumberOrString::String(id) => RequestId::from(id),
        };
        let is_it = |message: &Message| matches!(message, Message::Request(it) if it.id == id);
        let Some(at) = self.queue.iter().position(is_it) else { return Ok(()) };
        self.queue.remove(at);
        let code = ErrorCode::RequestCanceled as i32;
        self.send(Response::new_err(id, code, "the request was cancelled".to_owned()))
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
        let response = match self.server.answer(request) {
            Answer::Is(value) => Response::new_ok(id, value),
            Answer::Unknown => fail(ErrorCode::MethodNotFound, "this request is not known"),
            Answer::Malformed(error) => fail(ErrorCode::InvalidParams, &error.to_string()),
        };
        self.send(response)
    }

    /// Sends the diagnostics of the documents that have changed.
    fn publish(&mut self) -> Result<(), Error> {
        for params in self.server.changed_diagnostics() {
            let method = notification::PublishDiagnostics::METHOD.to_owned();
            self.send(Notification::new(method, params))?;
        }
        Ok(())
    }

    /// Asks the client to tell of configurations that change on disk.
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
