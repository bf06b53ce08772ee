//! Queues received messages, and records which requests the client has cancelled.
//!
//! The server also empties the connection while it computes an answer. The client can therefore
//! cancel the request that is being handled.

use std::collections::VecDeque;
use std::sync::Mutex;

use lsp_server::{Message, Notification, RequestId};
use lsp_types::notification::Notification as _;
use lsp_types::{CancelParams, NumberOrString, notification};

use crate::lock::lock;

/// The messages of a session that were received and not handled yet.
pub(super) struct Inbox {
    /// Returns a received message without waiting; `None` if none has arrived.
    receive: Box<dyn Fn() -> Option<Message> + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    /// The ids of requests that were cancelled while they were queued.
    cancelled: Vec<RequestId>,
    /// The id of the request that is being handled, and whether the client has cancelled it.
    current: Option<RequestId>,
    is_cancelled: bool,
}

impl Inbox {
    pub(super) fn new(receive: impl Fn() -> Option<Message> + Send + Sync + 'static) -> Self {
        Self { receive: Box::new(receive), state: Mutex::default() }
    }

    /// Queues a received message. A cancellation is applied at once and is not queued.
    pub(super) fn push(&self, message: Message) {
        lock(&self.state).take(message);
    }

    /// Queues all messages that have arrived, without waiting.
    pub(super) fn take_in(&self) {
        while let Some(message) = (self.receive)() {
            self.push(message);
        }
    }

    /// Removes and returns the next message to handle; `None` if the queue is empty.
    pub(super) fn next(&self) -> Option<Message> {
        lock(&self.state).queue.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        lock(&self.state).queue.is_empty()
    }

    /// Returns and clears the ids of requests that were cancelled while they were queued.
    pub(super) fn cancelled(&self) -> Vec<RequestId> {
        std::mem::take(&mut lock(&self.state).cancelled)
    }

    /// Records that the request `id` is being handled from now on.
    pub(super) fn begin(&self, id: RequestId) {
        let mut state = lock(&self.state);
        (state.current, state.is_cancelled) = (Some(id), false);
    }

    /// Receives what has arrived. Returns whether the request being handled was cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.take_in();
        lock(&self.state).is_cancelled
    }

    /// Records that the current request is finished. Returns whether the client has cancelled it.
    pub(super) fn end(&self) -> bool {
        let is_cancelled = self.is_cancelled();
        let mut state = lock(&self.state);
        (state.current, state.is_cancelled) = (None, false);
        is_cancelled
    }
}

impl State {
    fn take(&mut self, message: Message) {
        match message {
            Message::Notification(it) if it.method == notification::Cancel::METHOD => {
                self.cancel(it);
            }
            message => self.queue.push_back(message),
        }
    }

    /// Cancels a request that is queued or being handled; ignores one that was already answered.
    fn cancel(&mut self, notification: Notification) {
        let Ok(CancelParams { id }) = serde_json::from_value(notification.params) else { return };
        let id = match id {
            NumberOrString::Number(id) => RequestId::from(id),
            NumberOrString::String(id) => RequestId::from(id),
        };
        if self.current.as_ref() == Some(&id) {
            self.is_cancelled = true;
        }
        let is_it = |message: &Message| matches!(message, Message::Request(it) if it.id == id);
        if let Some(at) = self.queue.iter().position(is_it) {
            self.queue.remove(at);
            self.cancelled.push(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use lsp_server::Request;
    use serde_json::json;

    use super::*;

    fn request(id: i32) -> Message {
        Request::new(id.into(), "textDocument/hover".to_owned(), json!({})).into()
    }

    fn cancel(id: i32) -> Message {
        Notification::new(notification::Cancel::METHOD.to_owned(), json!({ "id": id })).into()
    }

    #[test]
    fn requests_are_cancelled_in_the_queue_and_while_handled() {
        let arrived = Mutex::new(VecDeque::from([request(1), request(2), cancel(2)]));
        let arrived = std::sync::Arc::new(arrived);
        let others = std::sync::Arc::clone(&arrived);
        let inbox = Inbox::new(move || lock(&others).pop_front());
        inbox.take_in();
        assert_eq!(inbox.cancelled(), [RequestId::from(2)]);
        assert!(inbox.next().is_some() && inbox.is_empty());
        inbox.begin(1.into());
        assert!(!inbox.is_cancelled());
        lock(&arrived).extend([cancel(3), request(4), cancel(1)]);
        assert!(inbox.is_cancelled() && inbox.end() && !inbox.is_empty());
        inbox.begin(4.into());
        assert!(!inbox.end(), "that one is still wanted");
    }
}
