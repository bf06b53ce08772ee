//! Closes a connection so that the peer can still read the last bytes, such as a TLS alert.
//!
//! Closing a socket with unread data resets the connection, and so does data that arrives later. A
//! reset makes the peer discard bytes that it has not read yet.

use std::time::Duration;

use smol::io::{AsyncReadExt, AsyncWriteExt};

use crate::net::connection::Connection;
use crate::reactor::within;

/// How long a server waits for the client to close the connection after the last bytes.
pub(crate) const SERVER_LINGER: Duration = Duration::from_secs(1);

/// How long a client waits for the peer; its caller waits for the error meanwhile.
pub(crate) const CLIENT_LINGER: Duration = Duration::from_millis(250);

/// How many further bytes from the peer are read and discarded before the close.
const MAX_READ: usize = 1024 * 1024;

/// Closes the write side and reads until the peer closes its own, for at most `time`.
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
