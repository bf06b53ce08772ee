//! From a host to socket addresses: zones from the interface table, names from the system's resolver.

use std::io;
use std::net::{SocketAddr, SocketAddrV6, ToSocketAddrs};

use rustix::net::{AddressFamily, SocketFlags, SocketType, netdevice, socket_with};

use crate::error::{EnvironmentProblem, Problem};
use crate::plan::Host;

/// The addresses of a host, in the resolver's order and each once; never an empty list.
///
/// getaddrinfo runs on a thread of its own, so a slow name server holds up nobody else.
pub(super) async fn resolve(host: &Host, port: u16) -> Result<Vec<SocketAddr>, Problem> {
    match host {
        Host::Address(address) => Ok(vec![SocketAddr::new(*address, port)]),
        Host::Scoped { address, zone } => {
            let scope = zone_index(zone)?;
            Ok(vec![SocketAddrV6::new(*address, port, 0, scope).into()])
        }
        Host::Name(name) => look_up(name.clone(), port).await,
    }
}

async fn look_up(name: String, port: u16) -> Result<Vec<SocketAddr>, Problem> {
    smol::unblock(move || {
        let found = (name.as_str(), port).to_socket_addrs().and_then(|found| {
            let mut addresses: Vec<SocketAddr> = Vec::new();
            for address in found {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "it has no address"));
            }
            Ok(addresses)
        });
        found.map_err(|error| EnvironmentProblem::Resolve { name, error }.into())
    })
    .await
}

/// The number of a network interface, given by number or by name.
fn zone_index(zone: &str) -> Result<u32, Problem> {
    if let Ok(index) = zone.parse() {
        return Ok(index);
    }
    // The interface table is asked through a socket, any socket.
    socket_with(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
        .and_then(|socket| netdevice::name_to_index(&socket, zone))
        .map_err(|_| EnvironmentProblem::UnknownInterface { zone: zone.to_owned() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_numbers_or_interfaces() {
        assert_eq!(zone_index("7").unwrap(), 7);
        assert_eq!(
            zone_index("no-such-interface").unwrap_err().to_string(),
            "there is no network interface `no-such-interface`"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_loopback_interface_has_a_number() {
        assert!(zone_index("lo").unwrap() > 0);
    }

    #[test]
    fn literals_need_no_resolver() {
        let found = smol::block_on(resolve(&Host::parse("fe80::1%3"), 80)).unwrap();
        assert_eq!(found, ["[fe80::1%3]:80".parse().unwrap()]);
    }
}
