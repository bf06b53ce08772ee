//! TLS on a connection that is open already, as after `STARTTLS` of SMTP.

use std::future::Future;
use std::time::Duration;

use super::error::LayerError;
use super::handshakes::HandshakeLimits;
use super::lingering_close::{CLIENT_LINGER, SERVER_LINGER, close_lingering};
use super::{Prepare, planned, put_on_accepted, put_on_connected, ready};
use crate::error::{Error, PeerProblem, Problem};
use crate::net::connection::Connection;
use crate::plan::{ClientLayer, ServerLayer};
use crate::reactor::within;
use crate::step::Steps;

impl Connection {
    /// Performs a TLS handshake as the client, on a connection that is open already.
    ///
    /// `tls` has the same types as for [`wrap_client_tls`](crate::wrap_client_tls); its files are
    /// read for this connection. Data that was read before is not part of TLS: the caller must not
    /// read further than the answer to its `STARTTLS`.
    ///
    /// Corresponds to `startTLS` of a transport in Twisted.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the connection.
    ///
    /// # Errors
    ///
    /// Returns an error and closes the connection if the server cannot be verified or does not use
    /// TLS. The same happens if a file cannot be used, or if the handshake exceeds the time limit
    /// of `tls`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use endpoint_runtime::client_from_string;
    /// use endpoint_runtime::plan::{Host, TlsConnect};
    /// use smol::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut connection = client_from_string("tcp:pop.example.com:110")?.connect().await?;
    /// let mut answer = [0; 64];
    /// let greeted = connection.read(&mut answer).await?;
    /// assert!(answer[..greeted].ends_with(b"\r\n"));
    /// connection.write_all(b"STLS\r\n").await?;
    /// let agreed = connection.read(&mut answer).await?;
    /// assert!(answer[..agreed].starts_with(b"+OK"));
    /// let tls = TlsConnect::new(Host::parse("pop.example.com"));
    /// let connection = connection.start_client_tls(tls).await?;
    /// assert!(connection.tls().is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start_client_tls(self, tls: impl Into<ClientLayer>) -> Result<Self, Error> {
        let (endpoint, layer) = (self.endpoint().to_owned(), tls.into());
        let start = async {
            layer.check()?;
            let layers = ready(&planned(&[layer]), None).await?;
            put_on_connected(&layers, self, None, &Steps::new(None, false)).await
        };
        finish(Box::pin(start), CLIENT_LINGER).await.map_err(|problem| problem.at(&endpoint))
    }

    /// Performs a TLS handshake as the server, on a connection that is open already.
    ///
    /// `tls` has the same types as for [`wrap_server_tls`](crate::wrap_server_tls); its files are
    /// read for this connection. A server that upgrades many connections should keep the
    /// certificate in memory ([`TlsKeyPair`](crate::plan::TlsKeyPair)).
    ///
    /// Corresponds to `startTLS` of a transport in Twisted.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the connection.
    ///
    /// # Errors
    ///
    /// Returns an error and closes the connection if the client cannot be verified or does not use
    /// TLS. The same happens if a file cannot be used, or if the handshake exceeds the limit of
    /// [`HandshakeLimits`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use endpoint_runtime::plan::{TlsAccept, TlsKeyPair};
    /// use endpoint_runtime::server_from_string;
    /// use smol::io::AsyncWriteExt;
    ///
    /// # async fn example(identity: TlsKeyPair) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut listener = server_from_string("tcp:110")?.listen().await?;
    /// let mut connection = listener.accept().await?;
    /// connection.write_all(b"+OK\r\n").await?;
    /// // … the client has sent `STLS` …
    /// connection.write_all(b"+OK\r\n").await?;
    /// let connection = connection.start_server_tls(TlsAccept::new(identity)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start_server_tls(self, tls: impl Into<ServerLayer>) -> Result<Self, Error> {
        let (endpoint, layer) = (self.endpoint().to_owned(), tls.into());
        let (side, limit) = (self.peer_address().clone(), HandshakeLimits::default().time);
        let start = async {
            layer.check()?;
            let layers = ready(&planned(&[layer]), None).await?;
            match within(limit, put_on_accepted(&layers, self)).await {
                Some(done) => done,
                None => Err(PeerProblem::HandshakeTimedOut { side, limit }.into()),
            }
        };
        finish(Box::pin(start), SERVER_LINGER).await.map_err(|problem| problem.at(&endpoint))
    }
}

/// Waits for a handshake. After a failure, the connection stays open for at most `linger`, so that
/// the peer can read the alert.
async fn finish(
    start: impl Future<Output = Result<Connection, LayerError>>,
    linger: Duration,
) -> Result<Connection, Problem> {
    let LayerError { problem, lingering, .. } = match start.await {
        Ok(connection) => return Ok(connection),
        Err(failed) => failed,
    };
    if let Some(connection) = lingering {
        close_lingering(connection, linger).await;
    }
    Err(problem)
}
