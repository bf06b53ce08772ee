//! Tunnels through proxies: drives the state machines of `proto::tunnel` on a connection.

use smol::io::{AsyncReadExt, AsyncWriteExt};

use crate::error::{DescriptionProblem, EnvironmentProblem, Operation, PeerProblem, Problem};
use crate::net::connection::Connection;
use crate::plan::{Host, TunnelConnect, TunnelProtocol};
use crate::proto::tunnel::{
    Credentials, CredentialsError, HttpConnect, Order, Socks5, Target, Tunnel, TunnelError,
};
use crate::proxy_credentials::read_credentials;
use crate::reactor::within;
use crate::step::{Step, Steps};
#[cfg(feature = "__tls")]
use crate::tls::to_ascii;

/// The size of a read in bytes; only the answers of some HTTP proxies are longer.
const PIECE: usize = 512;

/// Opens a tunnel through the proxy that `connection` is connected to.
///
/// The connection keeps its addresses, those of the connection to the proxy.
pub(crate) async fn open(
    plan: &TunnelConnect,
    mut connection: Connection,
    steps: &Steps<'_>,
) -> Result<Connection, Problem> {
    let target = target(plan)?;
    steps.report(&Step::TunnelBegun { target: &target });
    let Some(opened) = within(plan.timeout, drive_tunnel(plan, &target, &mut connection)).await
    else {
        let side = connection.peer_address().clone();
        return Err(PeerProblem::HandshakeTimedOut { side, limit: plan.timeout }.into());
    };
    opened?;
    steps.report(&Step::TunnelOpen { target: &target });
    Ok(connection)
}

/// The host and port that the proxy connects to; names are converted to ASCII (IDNA).
///
/// Returns an error for a host that only has a meaning on this machine, such as one with a zone.
pub(crate) fn target(plan: &TunnelConnect) -> Result<Target, DescriptionProblem> {
    let target = match &plan.host {
        Host::Address(address) => Some(Target::new(*address, plan.port)),
        Host::Name(name) => to_ascii(name).and_then(|name| Target::named(&name, plan.port)),
        // A zone names a network interface of this machine, not of the proxy.
        _ => None,
    };
    target.ok_or_else(|| DescriptionProblem::NotForProxy { host: plan.host.to_text() })
}

#[cfg(not(feature = "__tls"))]
fn to_ascii(name: &str) -> Option<String> {
    name.is_ascii().then(|| name.to_owned())
}

/// Sends messages and reads answers until the proxy has opened the tunnel.
async fn drive_tunnel(
    plan: &TunnelConnect,
    target: &Target,
    connection: &mut Connection,
) -> Result<(), Problem> {
    let mut tunnel = new_tunnel(plan, target.clone(), credentials(plan).await?)?;
    let side = connection.peer_address().clone();
    let refused = |error| PeerProblem::Tunnel { side: side.clone(), target: target.clone(), error };
    let mut buffer = [0; PIECE];
    let mut seen = 0;
    loop {
        let at_most = match tunnel.order() {
            Order::Open => return Ok(()),
            Order::Send(message) => {
                let sent = async {
                    connection.write_all(&message).await?;
                    connection.flush().await
                };
                let sent = sent.await;
                sent.map_err(|error| Problem::stream(side.clone(), Operation::Write, error))?;
                seen = 0;
                continue;
            }
            Order::Read { at_most } => at_most.min(PIECE),
        };
        let read = connection.read(&mut buffer[..at_most]).await;
        match read.map_err(|error| Problem::stream(side.clone(), Operation::Read, error))? {
            0 => return Err(refused(TunnelError::Ended { seen }).into()),
            read => {
                seen += read;
                tunnel.answer(&buffer[..read]).map_err(refused)?;
            }
        }
    }
}

/// Reads the file with the user name and password; `None` if the plan names none.
async fn credentials(plan: &TunnelConnect) -> Result<Option<Credentials>, Problem> {
    let Some(path) = plan.credentials.clone() else { return Ok(None) };
    Ok(Some(smol::unblock(move || read_credentials(&path)).await?))
}

fn new_tunnel(
    plan: &TunnelConnect,
    target: Target,
    credentials: Option<Credentials>,
) -> Result<Tunnel, Problem> {
    Ok(match plan.protocol {
        TunnelProtocol::HttpConnect => HttpConnect::new(target, credentials).into(),
        TunnelProtocol::Socks5 => {
            let unfit = |error: CredentialsError| EnvironmentProblem::Credentials {
                path: plan.credentials.clone().unwrap_or_default(),
                problem: error.into(),
            };
            Socks5::new(target, credentials).map_err(unfit)?.into()
        }
    })
}
