//! Inherited sockets: passed by systemd, or named by a descriptor number.
//!
//! They are used unchanged: nothing is bound, chmodded or removed, and the process that opened a
//! socket keeps it after this one closes its copy. Two flags change:
//! - Close-on-exec is set, so that no child inherits the socket. For sockets from systemd, it is
//!   set on all of them when the first one is requested.
//! - A listening socket is made non-blocking: `accept` has no flag to avoid waiting, and another
//!   process with the same socket can take the connection first. The flag belongs to the socket and
//!   stays set, because clearing it could block a process that relies on it. systemd sets the flag
//!   for each service (`NonBlocking=`) before it starts one.
//!
//! Connections are never made non-blocking ([`inherited_io`](super::inherited_io)).

use std::io;
use std::net::TcpListener;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::sync::OnceLock;

use rustix::net::sockopt::set_tcp_nodelay;
use strports_syntax::value::Domain;

use super::inherited_io::InheritedIo;
use super::kind::{addresses, is_connection, is_listener};
use super::unix;
use crate::address::Address;
use crate::error::{Expected, Finding, Found, InheritedProblem, Problem};
use crate::plan::{Descriptor, SystemdListen, SystemdSocket};
use crate::proto::activation::{ActivationError, Passed, Variables};
use crate::reactor::Async;
use crate::sys::inherited::{AdoptError, adopt, keep, look};

/// A listening socket that was already open, with its address.
pub(crate) enum InheritedListener {
    Tcp(Async<TcpListener>, Address),
    Unix(Async<UnixListener>, Address),
}

impl InheritedListener {
    /// Makes a listening socket non-blocking, and registers it with the reactor.
    pub(super) fn watch(socket: OwnedFd, domain: Domain) -> io::Result<Self> {
        match domain {
            Domain::Inet | Domain::Inet6 => {
                let listener = TcpListener::from(socket);
                let address = listener.local_addr()?.into();
                Ok(Self::Tcp(Async::new(listener)?, address))
            }
            Domain::Unix => {
                let listener = UnixListener::from(socket);
                let address = unix::address_of(&listener.local_addr()?);
                Ok(Self::Unix(Async::new(listener)?, address))
            }
        }
    }
}

/// The listening sockets of an endpoint, of which there is at least one.
pub(crate) type InheritedListeners = (InheritedListener, Vec<InheritedListener>);

/// Takes the sockets from systemd that fit the plan.
pub(crate) fn take_passed(plan: &SystemdListen) -> Result<InheritedListeners, Problem> {
    let take = |number| {
        adopt(number, |descriptor| is_listener(descriptor, Some(plan.domain))).map(|(it, _)| it)
    };
    let (first, others) = passed_listeners(plan, take)?;
    watch(first, others, plan.domain)
}

/// The addresses of the sockets that [`take_passed`] would take, without changing them.
pub(crate) fn look_passed(plan: &SystemdListen) -> Result<Vec<Address>, Problem> {
    let (first, others) = passed_listeners(plan, |number| {
        look(number, |descriptor| {
            let domain = is_listener(descriptor, Some(plan.domain))?;
            Ok(local_address(descriptor, domain))
        })
    })?;
    let addresses = std::iter::once(first).chain(others).map(|(number, address)| {
        address.map_err(|error| InheritedProblem::System { number, error }.into())
    });
    addresses.collect()
}

/// The address of the socket that [`take_listener`] would take, without changing it.
pub(crate) fn look_listener(plan: Descriptor) -> Result<Address, Problem> {
    let number = plan.number;
    let looked = look(number, |descriptor| {
        is_listener(descriptor, None).map(|domain| local_address(descriptor, domain))
    });
    let address = looked.map_err(|refused| problem(number, refused, Expected::Listener(None)))?;
    address.map_err(|error| InheritedProblem::System { number, error }.into())
}

fn local_address(descriptor: BorrowedFd<'_>, domain: Domain) -> io::Result<Address> {
    let copy = descriptor.try_clone_to_owned()?;
    Ok(match domain {
        Domain::Inet | Domain::Inet6 => TcpListener::from(copy).local_addr()?.into(),
        Domain::Unix => unix::address_of(&UnixListener::from(copy).local_addr()?),
    })
}

/// A descriptor number, and what was found or taken at that number.
type Numbered<T> = (u32, T);

/// Applies `take` to each socket from systemd that fits the plan. Returns the first result and
/// further ones.
fn passed_listeners<T>(
    plan: &SystemdListen,
    take: impl Fn(u32) -> Result<T, AdoptError<Found>>,
) -> Result<(Numbered<T>, Vec<Numbered<T>>), Problem> {
    let passed = passed().map_err(refused)?;
    let numbers: Vec<u32> = match &plan.socket {
        SystemdSocket::Index(index) => vec![passed.index(*index).map_err(refused)?],
        SystemdSocket::Name(name) => passed.name(name).map_err(refused)?.collect(),
    };
    let expected = Expected::Listener(Some(plan.domain));
    let (mut fit, mut unfit, mut taken) = (Vec::new(), Vec::new(), None);
    for number in numbers {
        match take(number) {
            Ok(listener) => fit.push((number, listener)),
            // Sockets with one name may belong to several endpoints, so one that does not fit is no
            // error yet.
            Err(AdoptError::Unfit(is)) => {
                unfit.push(Finding::new(number, passed.name_of(number), is));
            }
            Err(AdoptError::Taken) => taken = taken.or(Some(number)),
            Err(other) => return Err(problem(number, other, expected)),
        }
    }
    let mut fit = fit.into_iter();
    match (fit.next(), taken) {
        (Some(first), _) => Ok((first, fit.collect())),
        (None, Some(number)) => Err(InheritedProblem::Taken { number }.into()),
        (None, None) => Err(InheritedProblem::Unfit { found: unfit, expected }.into()),
    }
}

/// Takes the socket of a descriptor, to accept connections.
pub(crate) fn take_listener(plan: Descriptor) -> Result<InheritedListeners, Problem> {
    let number = plan.number;
    let (listener, domain) = adopt(number, |descriptor| is_listener(descriptor, None))
        .map_err(|refused| problem(number, refused, Expected::Listener(None)))?;
    watch((number, listener), [], domain)
}

/// Takes a descriptor as a connection, with its local and peer address.
pub(crate) fn take_connection(
    plan: Descriptor,
) -> Result<(InheritedIo, Address, Address), Problem> {
    let number = plan.number;
    let (connection, is) = adopt(number, is_connection)
        .map_err(|refused| problem(number, refused, Expected::Connection))?;
    let open = || -> io::Result<_> {
        let (local, peer) = match is {
            Found::Stream(Some(domain), _) => {
                if domain != Domain::Unix {
                    // Set on every connection; it fails for streams other than TCP.
                    let _ = set_tcp_nodelay(&connection, true);
                }
                addresses(domain, &connection)?
            }
            _ => (Address::Descriptor(number), Address::Descriptor(number)),
        };
        Ok((InheritedIo::both_ways(connection)?, local, peer))
    };
    open().map_err(|error| InheritedProblem::System { number, error }.into())
}

/// The sockets from systemd, read from the environment once, because it may change later.
fn passed() -> Result<&'static Passed, ActivationError> {
    static PASSED: OnceLock<Result<Passed, ActivationError>> = OnceLock::new();
    let read = || {
        let found = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"].map(std::env::var_os);
        let [pid, fds, names] =
            found.each_ref().map(|text| text.as_deref().map(OsStrExt::as_bytes));
        let passed = Passed::read(Variables { pid, fds, names }, std::process::id())?;
        keep(passed.descriptors());
        Ok(passed)
    };
    PASSED.get_or_init(read).as_ref().map_err(Clone::clone)
}

fn refused(refusal: ActivationError) -> Problem {
    InheritedProblem::Activation(refusal).into()
}

fn problem(number: u32, refused: AdoptError<Found>, expected: Expected) -> Problem {
    match refused {
        AdoptError::NotOpen => InheritedProblem::NotOpen { number },
        AdoptError::Taken => InheritedProblem::Taken { number },
        AdoptError::NotInherited => InheritedProblem::NotInherited { number },
        AdoptError::Unfit(is) => {
            InheritedProblem::Unfit { found: vec![Finding::new(number, None, is)], expected }
        }
        AdoptError::System(error) => InheritedProblem::System { number, error },
    }
    .into()
}

/// Takes listening sockets from another process; `None` if one is not a listening socket.
pub(crate) fn take_over(numbers: &[u32]) -> Option<InheritedListeners> {
    let take = |&number: &u32| {
        let (socket, domain) = adopt(number, |descriptor| is_listener(descriptor, None)).ok()?;
        Some(((number, socket), domain))
    };
    let taken: Vec<_> = numbers.iter().map(take).collect::<Option<_>>()?;
    let domain = taken.first()?.1;
    let mut sockets = taken.into_iter().map(|(socket, _)| socket);
    watch(sockets.next()?, sockets, domain).ok()
}

/// Makes the sockets non-blocking and registers them with the reactor.
fn watch(
    first: (u32, OwnedFd),
    others: impl IntoIterator<Item = (u32, OwnedFd)>,
    domain: Domain,
) -> Result<InheritedListeners, Problem> {
    let watch_one = |(number, socket): (u32, OwnedFd)| {
        InheritedListener::watch(socket, domain)
            .map_err(|error| InheritedProblem::System { number, error })
    };
    let others = others.into_iter().map(watch_one);
    Ok((watch_one(first)?, others.collect::<Result<_, _>>()?))
}
