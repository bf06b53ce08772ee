//! From a host to socket addresses: zones from the interface table, names from a resolver.

use std::io;
use std::net::{SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;

use smol::stream::{self, Stream};

use super::Boxed;
use super::look_ups::LookUps;
use crate::error::{EnvironmentProblem, Problem};
use crate::plan::Host;
use crate::reserve::free_up;
use crate::sys::socket::interface_index;

/// The addresses of a name, once they are all known.
pub type Resolving<'a> = Boxed<'a, io::Result<Vec<SocketAddr>>>;

/// The addresses of a name as they become known.
pub type Answers<'a> = Pin<Box<dyn Stream<Item = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Turns names into addresses.
///
/// Names alone: an IP address, with a zone or without, never comes here. The port is the one to
/// connect to or to listen on; a resolver may return others.
///
/// # Examples
///
/// A resolver that knows one name and asks the system for the others:
///
/// ```
/// use endpoint_runtime::{Resolver, Resolving, SystemResolver};
///
/// struct Pinned;
///
/// impl Resolver for Pinned {
///     fn resolve<'a>(&'a self, name: &'a str, port: u16) -> Resolving<'a> {
///         match name {
///             "db.internal" => Box::pin(async move { Ok(vec![([127, 0, 0, 1], port).into()]) }),
///             _ => SystemResolver.resolve(name, port),
///         }
///     }
/// }
///
/// # smol::block_on(async {
/// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
/// let mut listener = server.listen().await?;
/// let port = listener.local_address().port().unwrap();
/// let client = endpoint_runtime::client_from_string(&format!("tcp:db.internal:{port}"))?
///     .with_resolver(std::sync::Arc::new(Pinned));
/// let (ours, theirs) = smol::future::zip(client.connect(), listener.accept()).await;
/// assert_eq!(ours?.peer_address(), theirs?.local_address());
/// # Ok::<(), endpoint_runtime::Error>(())
/// # }).unwrap();
/// ```
pub trait Resolver: Send + Sync {
    /// Looks a name up.
    ///
    /// The best address comes first (RFC 6724): a client tries that one first, and then one of the
    /// other family; a server listens on the first one of the family that it prefers. An address
    /// that is there twice counts once.
    ///
    /// # Errors
    ///
    /// What the resolver has to say about a name that it does not know; it becomes part of the
    /// message.
    fn resolve<'a>(&'a self, name: &'a str, port: u16) -> Resolving<'a>;

    /// Looks a name up and gives each answer when it is there, as one that asks for AAAA and for A
    /// can.
    ///
    /// A client uses this: it begins with the first answer, and waits 50 ms for IPv6 if that one is
    /// IPv4 alone (RFC 8305, section 3). Unless implemented, there is one answer, that of
    /// [`resolve`](Self::resolve).
    ///
    /// # Errors
    ///
    /// As of `resolve`; an error beside an address counts for nothing.
    fn answers<'a>(&'a self, name: &'a str, port: u16) -> Answers<'a> {
        Box::pin(stream::once_future(self.resolve(name, port)))
    }
}

/// The resolver of the system: getaddrinfo, with everything that it reads, such as `/etc/hosts`.
///
/// Look-ups run on threads, 64 at most in the whole process, so a slow name server delays nothing
/// else. Equal names that are looked up at the same time share one look-up. One that is no longer
/// waited for is not started; if it runs, its thread ends by itself, and delays no end of the
/// process.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str, port: u16) -> Resolving<'a> {
        Box::pin(async move {
            let mut found = LOOK_UPS.find(name).await?;
            for address in &mut found {
                address.set_port(port);
            }
            Ok(found)
        })
    }
}

/// How many descriptors a look-up of the system has open at a time.
pub(crate) const LOOK_UP: usize = 3;

/// The look-ups of [`SystemResolver`].
static LOOK_UPS: LookUps = LookUps::new(|name| {
    free_up(LOOK_UP);
    (name, 0).to_socket_addrs().map(Iterator::collect)
});

/// The resolver of one endpoint.
#[derive(Clone)]
pub(crate) struct Names {
    resolver: Arc<dyn Resolver>,
    /// Whether it is the system's.
    pub(crate) by_system: bool,
}

impl Default for Names {
    fn default() -> Self {
        Self { resolver: Arc::new(SystemResolver), by_system: true }
    }
}

impl From<Arc<dyn Resolver>> for Names {
    fn from(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, by_system: false }
    }
}

impl Names {
    /// The addresses of a host, in the resolver's order; never an empty list.
    pub(crate) async fn resolve(&self, host: &Host, port: u16) -> Result<Vec<SocketAddr>, Problem> {
        let name = match known(host, port)? {
            Known::Address(address) => return Ok(vec![address]),
            Known::Name(name) => name,
        };
        match self.resolver.resolve(name, port).await {
            Ok(addresses) if addresses.is_empty() => Err(unknown(name, nothing())),
            found => found.map_err(|error| unknown(name, error)),
        }
    }

    /// The addresses of a host as they become known.
    pub(crate) fn answers<'a>(&'a self, host: &'a Host, port: u16) -> Result<Answers<'a>, Problem> {
        Ok(match known(host, port)? {
            Known::Address(address) => Box::pin(stream::once(Ok(vec![address]))),
            Known::Name(name) => self.resolver.answers(name, port),
        })
    }
}

/// What a host is before anybody is asked.
enum Known<'a> {
    Address(SocketAddr),
    Name(&'a str),
}

fn known(host: &Host, port: u16) -> Result<Known<'_>, Problem> {
    Ok(match host {
        Host::Address(address) => Known::Address(SocketAddr::new(*address, port)),
        Host::Scoped { address, zone } => {
            let scope = zone_index(zone)?;
            Known::Address(SocketAddrV6::new(*address, port, 0, scope).into())
        }
        Host::Name(name) => Known::Name(name),
    })
}

/// A host of which the resolver gave no address.
pub(crate) fn no_answer(host: &Host, error: Option<io::Error>) -> Problem {
    unknown(&host.to_text(), error.unwrap_or_else(nothing))
}

fn unknown(name: &str, error: io::Error) -> Problem {
    EnvironmentProblem::Resolve { name: name.to_owned(), error }.into()
}

fn nothing() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "it has no address")
}

/// The number of a network interface, given by number or by name.
fn zone_index(zone: &str) -> Result<u32, Problem> {
    if let Ok(index) = zone.parse() {
        return Ok(index);
    }
    interface_index(zone)
        .ok_or_else(|| EnvironmentProblem::UnknownInterface { zone: zone.to_owned() }.into())
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
        let host = Host::parse("fe80::1%3");
        let found = smol::block_on(Names::default().resolve(&host, 80)).unwrap();
        assert_eq!(found, ["[fe80::1%3]:80".parse().unwrap()]);
    }
}
