//! Resolves hosts to socket addresses: zones by the interface table, names by a resolver.

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

/// A future that resolves to all addresses of a name.
///
/// See [`Resolver`] for an example.
pub type Resolving<'a> = Boxed<'a, io::Result<Vec<SocketAddr>>>;

/// A stream of the addresses of a name, as answers arrive.
///
/// See [`Resolver`] for an example.
pub type Answers<'a> = Pin<Box<dyn Stream<Item = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Resolves names to addresses.
///
/// It is called only for names, never for IP addresses, with or without a zone. The port is that of
/// the endpoint; a resolver may return other ports.
///
/// # Examples
///
/// A resolver with one fixed name, which leaves the others to the system:
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
    /// Resolves a name.
    ///
    /// The best address comes first (RFC 6724). A client tries that one first, and then one of the
    /// other family. A server listens on the first address of its preferred family. Duplicates are
    /// ignored.
    ///
    /// # Errors
    ///
    /// Returns an error if the name cannot be resolved; its text becomes a part of the message.
    fn resolve<'a>(&'a self, name: &'a str, port: u16) -> Resolving<'a>;

    /// Resolves a name, and yields each answer as it arrives, for resolvers that query AAAA and A
    /// records separately.
    ///
    /// Clients call this method. They begin with the first answer, or wait 50 ms for IPv6 if it has
    /// only IPv4 addresses (RFC 8305, section 3). By default there is one answer, that of
    /// [`resolve`](Self::resolve).
    ///
    /// # Errors
    ///
    /// The stream yields the same errors as `resolve`. If another answer has an address, errors are
    /// ignored.
    fn answers<'a>(&'a self, name: &'a str, port: u16) -> Answers<'a> {
        Box::pin(stream::once_future(self.resolve(name, port)))
    }
}

/// The system's resolver: getaddrinfo, which also reads `/etc/hosts`.
///
/// See [`Resolver`] for an example.
///
/// Lookups run on threads, at most 64 in the process, so a slow name server does not delay other
/// tasks. Concurrent requests for the same name share one lookup. If all its callers have gone, a
/// queued lookup is skipped. A running one completes on its detached thread, which does not delay
/// the exit of the process.
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

/// The maximum number of descriptors that a system lookup opens at a time.
pub(crate) const LOOK_UP: usize = 3;

/// The lookups of [`SystemResolver`] in this process. The port of a result is set by the caller.
static LOOK_UPS: LookUps = LookUps::new(|name| {
    free_up(LOOK_UP);
    (name, 0).to_socket_addrs().map(Iterator::collect)
});

/// The resolver that an endpoint uses: the one of the system, or one of the program.
#[derive(Clone)]
pub(crate) struct Names {
    resolver: Arc<dyn Resolver>,
    /// Whether this is the resolver of the system, and not one of the program.
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
    /// The addresses of a host, in the order of the resolver; never empty.
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

    /// The addresses of a host as answers arrive; an IP address is a single answer.
    pub(crate) fn answers<'a>(&'a self, host: &'a Host, port: u16) -> Result<Answers<'a>, Problem> {
        Ok(match known(host, port)? {
            Known::Address(address) => Box::pin(stream::once(Ok(vec![address]))),
            Known::Name(name) => self.resolver.answers(name, port),
        })
    }
}

/// A host, either with the address that its text contains, or with a name for the resolver.
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

/// The error for a host without addresses, with the last error of the resolver, if any.
pub(crate) fn no_answer(host: &Host, error: Option<io::Error>) -> Problem {
    unknown(&host.to_text(), error.unwrap_or_else(nothing))
}

fn unknown(name: &str, error: io::Error) -> Problem {
    EnvironmentProblem::Resolve { name: name.to_owned(), error }.into()
}

fn nothing() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "it has no address")
}

/// Whether a network interface has this name; a number is not a name.
pub(crate) fn is_interface(name: &str) -> bool {
    name.parse::<u32>().is_err() && zone_index(name).is_ok()
}

/// The index of a network interface, from its number or name.
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
