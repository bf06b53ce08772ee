//! Connections that are given up after a last word was sent, such as the alert by which TLS says why.
//!
//! Closing a socket with something unread in it resets the connection, and so does what arrives after that. The other
//! side then learns of the reset when it next writes, and never reads what came before it.

use std::time::Duration;

use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::connection::Connection;
use super::connector::within;
use crate::error::Problem;

/// How long a server waits for the other side to read the last word and go.
pub(super) const SERVER_LEAVES: Duration = Duration::from_secs(1);

/// How long a client does, whose caller waits with it.
pub(super) const CLIENT_LEAVES: Duration = Duration::from_millis(250);

/// How much of what the other side still sends is read.
const MOST: usize = 1024 * 1024;

/// A connection that could not be made ready, and why.
pub(crate) struct Refused {
    pub(crate) problem: Problem,
    /// Where something was sent that the other side should read.
    pub(crate) leaving: Option<Box<Connection>>,
}

impl<P: Into<Problem>> From<P> for Refused {
    fn from(problem: P) -> Self {
        Self { problem: problem.into(), leaving: None }
    }
}

/// Ends the write side, reads what still comes until the other side ends its own, and is done after `time` at the latest.
pub(super) async fn leave(mut connection: Box<Connection>, time: Duration) {
    let reading = async {
        if connection.close().await.is_err() {
            return;
        }
        let (mut rest, mut left) = ([0; 1024], MOST);
        while let Ok(read @ 1..) = connection.read(&mut rest).await {
            left = left.saturating_sub(read);
            if left == 0 {
                return;
            }
        }
    };
    within(time, reading).await;
}
