//! The PROXY protocol: reads a header before all other bytes, or sends one.
//!
//! Reading drives [`Decoder`], and never reads beyond the end of the header. The bytes after it
//! stay in the socket for the next reader.

use std::io;

use smol::io::{AsyncReadExt, AsyncWriteExt};
use strports_syntax::value::Network;

use super::proxy_tlvs;
use crate::address::Address;
use crate::error::{Operation, PeerProblem, Problem};
use crate::net::connection::{Connection, OriginalConnection};
use crate::plan::{ProxyRead, ProxyWrite};
use crate::proto::proxy::{Config, Decoded, Decoder, Header};
use crate::reactor::within;
use crate::step::{Step, Steps};

/// The size of a read in bytes; only headers with client certificates are longer.
const PIECE: usize = 512;

/// Returns an error if the sender is outside the networks, or has no IP address.
pub(crate) fn check_sender(
    networks: &[Network],
    connection: Connection,
) -> Result<Connection, Problem> {
    let side = connection.peer_address();
    let ip = side.as_tcp().map(|side| side.ip());
    let trusted = ip.is_some_and(|ip| networks.iter().any(|network| network.contains(ip)));
    if trusted { Ok(connection) } else { Err(PeerProblem::Untrusted { side: side.clone() }.into()) }
}

/// Reads the header, and replaces the connection's addresses by those of the header.
pub(crate) async fn read_as(
    plan: &ProxyRead,
    mut connection: Connection,
) -> Result<Connection, Problem> {
    let side = connection.peer_address().clone();
    let header = match within(plan.timeout, drive_decoder(plan, &mut connection)).await {
        Some(header) => header?,
        None => return Err(PeerProblem::ProxyTimedOut { side, limit: plan.timeout }.into()),
    };
    let connection = match header.original() {
        Some(it) => connection.with_addresses(it.destination.clone(), it.source.clone()),
        None => connection,
    };
    Ok(connection.with_proxy(header))
}

/// Reads exactly the bytes of one header; those after it stay in the socket.
async fn drive_decoder(
    plan: &ProxyRead,
    connection: &mut Connection,
) -> Result<Box<Header>, Problem> {
    let side = connection.peer_address().clone();
    let mut config = Config::default();
    (config.version, config.max_length) = (plan.version, plan.max_length);
    let mut decoder = Decoder::new(config);
    let mut buffer = [0; PIECE];
    let mut read = 0;
    loop {
        let at_least = match decoder.feed(&buffer[..read]) {
            Ok(Decoded::NeedMore { at_least }) => at_least.min(PIECE),
            Ok(Decoded::Header { header, .. }) => return Ok(header),
            Err(error) => return Err(PeerProblem::ProxyHeader { side, error }.into()),
        };
        read = match connection.read(&mut buffer[..at_least]).await {
            Ok(0) => return Err(PeerProblem::ProxyEnded { side, seen: decoder.seen() }.into()),
            Ok(read) => read,
            // A health check may end with a reset; without a byte, it counts as an end of file.
            Err(error) if is_reset(&error) && decoder.seen() == 0 => {
                return Err(PeerProblem::ProxyEnded { side, seen: 0 }.into());
            }
            Err(error) => return Err(Problem::stream(side, Operation::Read, error)),
        };
    }
}

fn is_reset(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionReset
}

/// Sends a header with the addresses of `original`, or of the connection itself.
///
/// UNIX sockets are sent as LOCAL, as HAProxy does. HAProxy drops a connection whose header has the
/// family UNIX (seen with 2.6.12: it looks for TLVs at the position of the signature).
pub(crate) async fn write_as(
    plan: &ProxyWrite,
    mut connection: Connection,
    original: Option<OriginalConnection<'_>>,
    steps: &Steps<'_>,
) -> Result<Connection, Problem> {
    let own = OriginalConnection::new(connection.local_address(), connection.peer_address());
    let original = original.unwrap_or(own);
    let (source, destination) = (original.peer, original.local);
    let header = match (source, destination) {
        (Address::Tcp(_), Address::Tcp(_)) => {
            let header = Header::proxied(plan.version, source, destination);
            proxy_tlvs::add(header, &plan.tlvs, original)
        }
        _ => Header::local(plan.version),
    };
    let bytes = header.to_bytes();
    let sent = async {
        connection.write_all(&bytes).await?;
        connection.flush().await
    };
    let sent = sent.await;
    match sent {
        Ok(()) => {
            steps.report(&Step::HeaderSent { header: &header });
            Ok(connection)
        }
        Err(error) => {
            Err(Problem::stream(connection.peer_address().clone(), Operation::Write, error))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use smol::io::Cursor;

    use super::*;
    use crate::error::Blame;

    fn recorded(bytes: &[u8]) -> Connection {
        let peer = Address::Tcp(([192, 0, 2, 1], 4711).into());
        Connection::new("tape:1", Cursor::new(bytes.to_vec()), Address::Stdio, peer)
    }

    #[track_caller]
    fn problem(plan: &ProxyRead, connection: Connection) -> String {
        let error = smol::block_on(read_as(plan, connection)).unwrap_err().at("tape:1");
        assert_eq!(error.blame(), Blame::Peer);
        error.to_string()
    }

    #[test]
    fn every_problem_names_the_sender() {
        let mut plan = ProxyRead::default();
        assert_eq!(
            problem(&plan, recorded(b"")),
            "`tape:1`: no PROXY header from 192.0.2.1:4711: it ended the connection after 0 bytes"
        );
        assert_eq!(
            problem(&plan, recorded(b"PROXY TCP4 1.2.3.4\r\n")),
            "`tape:1`: no PROXY header from 192.0.2.1:4711: \
             expected the destination, but found the end of the line"
        );
        plan.timeout = Duration::from_millis(1);
        let peer = Address::Tcp(([192, 0, 2, 1], 4711).into());
        let (silent, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        let silent = crate::reactor::Async::new(silent).unwrap();
        assert_eq!(
            problem(&plan, Connection::new("tape:1", silent, Address::Stdio, peer)),
            "`tape:1`: no PROXY header from 192.0.2.1:4711 within 0.001 seconds"
        );
    }

    #[test]
    fn a_sender_outside_the_networks_is_named() {
        let network = |address: &str, prefix| Network { address: address.parse().unwrap(), prefix };
        let check = |networks: &[Network]| check_sender(networks, recorded(b""));
        assert!(check(&[network("10.0.0.0", 8), network("192.0.2.0", 24)]).is_ok());
        let problem = check(&[network("10.0.0.0", 8), network("::", 0)]).unwrap_err();
        assert_eq!(
            problem.at("x").to_string(),
            "`x`: 192.0.2.1:4711 is not trusted to send PROXY headers (it is in no network of `proxyTrusted`)"
        );
    }

    #[test]
    fn data_after_the_header_is_not_read() {
        let stream = recorded(b"PROXY TCP4 1.2.3.4 5.6.7.8 10 20\r\nPROXY");
        let mut connection = smol::block_on(read_as(&ProxyRead::default(), stream)).unwrap();
        assert_eq!(connection.peer_address().to_string(), "1.2.3.4:10");
        let mut rest = String::new();
        smol::block_on(connection.read_to_string(&mut rest)).unwrap();
        assert_eq!(rest, "PROXY");
    }
}
