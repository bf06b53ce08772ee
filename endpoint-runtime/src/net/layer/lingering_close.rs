//! Closes a connection so that the peer can still read what was sent last, such as a TLS alert.
//!
//! Closing a socket that holds unread data resets the connection, and so does data that arrives
//! later. The peer then gets the reset at its next write, and never reads what was sent before.

use std::time::Duration;

use smol::io::{AsyncReadExt, AsyncWriteExt};

use crate::net::connection::Connection;
use crate::reactor::within;

/// How long a server waits for the peer to close the connection.
pub(crate) const SERVER_LINGER: Duration = Duration::from_secs(1);

/// How long a client waits for that, while its caller waits for the error.
pub(crate) const CLIENT_LINGER: Duration = Duration::from_millis(250);

/// How many bytes that the peer still sends are read.
const MAX_READ: usize = 1024 * 1024;

/// Ends the write side and reads until the peer ends its own, for `time` at most.
pub(crate) async fn close_lingering(mut connection: Box<Connection>, time: Duration) {
    let reading = async {
        if connection.close().await.is_err() {
            return;
        }
        let (mut rest, mut left) = ([0; 1024], MAX_READ);
        while let Ok(read @ 1..) = connection.read(&mut rest).await {
            left = left.saturating_sub(read);
            if left == 0 {
                return;
            }
        }
    };
    within(time, reading).await;
}
