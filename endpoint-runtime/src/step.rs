//! The steps of connecting, for observers and for messages about time limits.
//!
//! The connector and its layers report each step when it happens, with or without an observer. An
//! observer therefore receives exactly the steps of connecting.

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[cfg(feature = "__tls")]
use rustls::pki_types::CertificateDer;

use crate::address::Address;
use crate::duration::HumanDuration;
use crate::error::{Attempt, EnvironmentProblem, IoMessage, PeerProblem, Problem};
use crate::lock::lock;
use crate::proto::proxy::Header;
use crate::proto::tunnel::Target;
use crate::quoted::Quoted;
#[cfg(feature = "__tls")]
use crate::tls::{TlsFacts, TlsHandshake};

/// One step of connecting a client, which its observer receives at the moment it happens.
///
/// Displays as one line of English.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// # smol::block_on(async {
/// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
/// let listener = server.listen().await?;
/// let address = listener.local_address().clone();
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let client = endpoint_runtime::client_from_string(&format!("tcp:{address}"))?;
/// let heard = Arc::clone(&lines);
/// let client = client.observed(move |step| heard.lock().unwrap().push(step.to_string()));
/// client.connect().await?;
/// assert_eq!(lines.lock().unwrap()[0], format!("connecting to {address}"));
/// # Ok::<(), endpoint_runtime::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// The files for TLS are about to be read, once for all connections of the client.
    Prepare,
    /// The files for TLS were read and are usable.
    Prepared,
    /// A host name is about to be resolved.
    LookUp {
        /// The host name, without its port.
        name: &'a str,
    },
    /// The resolver has answered. A name can have several answers, such as one for each family.
    Answer {
        /// The host name, without its port.
        name: &'a str,
        /// The addresses, or the error of the resolver.
        answer: Result<&'a [SocketAddr], &'a io::Error>,
    },
    /// An address of the host is skipped.
    Skipped {
        /// The address that is not tried.
        address: SocketAddr,
        /// Why the address is not tried, such as a `bindAddress` of the other family.
        problem: &'a Problem,
    },
    /// An attempt to connect to an address starts.
    Connecting {
        /// The address that is tried.
        address: &'a Address,
    },
    /// An attempt to connect to an address failed.
    Failed {
        /// The address that was tried, and why it failed.
        attempt: &'a Attempt,
    },
    /// An attempt was cancelled, because another address answered first.
    Cancelled {
        /// The address whose attempt was cancelled.
        address: SocketAddr,
    },
    /// The transport is connected; handshakes of layers may follow.
    Connected {
        /// The local address of the connection.
        local: &'a Address,
        /// The address of the peer.
        peer: &'a Address,
    },
    /// The client requests a connection to the target from a SOCKS5 or HTTP proxy.
    TunnelBegun {
        /// The host and port that the proxy connects to.
        target: &'a Target,
    },
    /// The proxy has connected to the target.
    TunnelOpen {
        /// The host and port that the proxy connects to.
        target: &'a Target,
    },
    /// A PROXY header was sent to the server.
    HeaderSent {
        /// The content of the header that was sent.
        header: &'a Header,
    },
    /// A TLS handshake starts.
    #[cfg(feature = "__tls")]
    TlsBegun {
        /// The host name or address that the certificate must cover.
        name: &'a str,
    },
    /// The server has presented certificates, which are not verified yet.
    #[cfg(feature = "__tls")]
    Certificates {
        /// The certificates, the server's own first.
        chain: &'a [CertificateDer<'static>],
    },
    /// The server has requested a client certificate.
    #[cfg(feature = "__tls")]
    CertificateRequested {
        /// The distinguished names of the authorities that the server accepts, if it sent any.
        authorities: &'a [String],
        /// Whether the client has a certificate to present.
        presented: bool,
    },
    /// The TLS handshake is complete, and the server is verified.
    #[cfg(feature = "__tls")]
    TlsDone {
        /// The negotiated parameters, such as the version and the cipher suite.
        facts: &'a TlsFacts,
    },
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prepare => f.write_str("reading certificates and trust roots"),
            Self::Prepared => f.write_str("certificates and trust roots are read"),
            Self::LookUp { name } => write!(f, "looking up {}", Quoted::new(name)),
            Self::Answer { name, answer: Ok(addresses) } => {
                write!(f, "{} has ", Quoted::new(name))?;
                if addresses.is_empty() {
                    f.write_str("no address")?;
                }
                for (index, address) in addresses.iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, address.ip())?;
                }
                Ok(())
            }
            Self::Answer { name, answer: Err(error) } => {
                write!(f, "cannot look up {}: {}", Quoted::new(name), IoMessage(error))
            }
            Self::Skipped { address, problem } => write!(f, "not trying {address}: {problem}"),
            Self::Connecting { address } => write!(f, "connecting to {address}"),
            Self::Failed { attempt } => {
                let Attempt { address, error } = attempt;
                write!(f, "cannot connect to {address}: {}", IoMessage(error))
            }
            Self::Cancelled { address } => {
                write!(f, "gave up connecting to {address}: another address answered first")
            }
            Self::Connected { local, peer } if has_place(local) => {
                write!(f, "connected to {peer} from {local}")
            }
            Self::Connected { peer, .. } => write!(f, "connected to {peer}"),
            Self::TunnelBegun { target } => write!(f, "requesting {target} from the proxy"),
            Self::TunnelOpen { target } => write!(f, "the proxy connected to {target}"),
            Self::HeaderSent { header } => {
                let version = header.version();
                write!(f, "sent a PROXY header of version {version}")?;
                match header.original() {
                    Some(it) => write!(f, ": from {} to {}", it.source, it.destination),
                    None => f.write_str(" without addresses"),
                }
            }
            #[cfg(feature = "__tls")]
            Self::TlsBegun { name } => write!(f, "beginning TLS with {}", Quoted::new(name)),
            #[cfg(feature = "__tls")]
            Self::Certificates { chain } => match chain.len() {
                1 => f.write_str("the server presented 1 certificate"),
                many => write!(f, "the server presented {many} certificates"),
            },
            #[cfg(feature = "__tls")]
            Self::CertificateRequested { presented, .. } => {
                let answer = if *presented { "one is presented" } else { "there is none" };
                write!(f, "the server requested a certificate; {answer}")
            }
            #[cfg(feature = "__tls")]
            Self::TlsDone { facts } => write!(f, "{}", Agreed(facts)),
        }
    }
}

/// Whether a message shows the address: other kinds only say that a side has none.
fn has_place(address: &Address) -> bool {
    matches!(address, Address::Tcp(_) | Address::Unix(_))
}

/// Prints the negotiated parameters: `TLS 1.3, TLS_AES_128_GCM_SHA256, X25519, ALPN h2`.
#[cfg(feature = "__tls")]
struct Agreed<'a>(&'a TlsFacts);

#[cfg(feature = "__tls")]
impl fmt::Display for Agreed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.0.protocol(), self.0.cipher())?;
        if let Some(group) = self.0.group() {
            write!(f, ", {group}")?;
        }
        if let Some(alpn) = self.0.alpn() {
            write!(f, ", ALPN {}", Quoted::bytes(alpn))?;
        }
        f.write_str(match self.0.handshake() {
            TlsHandshake::Full => "",
            TlsHandshake::Resumed => ", resumed",
        })
    }
}

/// A function that the program gives a client, and that is called with each of its steps.
pub(crate) type Observer = Arc<dyn Fn(&Step<'_>) + Send + Sync>;

/// Reports the steps of one attempt to connect, and records how far it got.
pub(crate) struct Steps<'a> {
    observer: Option<&'a Observer>,
    /// How far connecting got; `None` if the caller set no time limit that would have to name it.
    reached: Option<Mutex<Reached>>,
}

/// How far connecting got, for the error if a time limit ends it.
#[derive(Default)]
enum Reached {
    #[default]
    Nothing,
    /// The host name that is being resolved.
    LookUp(String),
    /// The addresses that were tried, with their errors.
    Attempts(Vec<Attempt>),
    /// The peer to which the transport is connected. Handshakes may be pending.
    Connected(Address),
}

impl<'a> Steps<'a> {
    /// Reports to `observer`. With `is_limited`, also records progress for
    /// [`not_within`](Self::not_within).
    pub(crate) fn new(observer: Option<&'a Observer>, is_limited: bool) -> Self {
        Self { observer, reached: is_limited.then(Mutex::default) }
    }

    /// Records a step, and passes it to the observer if there is one.
    pub(crate) fn report(&self, step: &Step<'_>) {
        if let Some(reached) = &self.reached {
            lock(reached).note(step);
        }
        if let Some(observer) = self.observer {
            observer(step);
        }
    }

    /// The error after a time limit of the caller, which names the step that was not completed.
    ///
    /// `target` is called to name the host and port, if attempts to connect were the last step.
    pub(crate) fn not_within(self, limit: Duration, target: impl FnOnce() -> String) -> Problem {
        let reached = self.reached.map(Mutex::into_inner);
        match reached.and_then(Result::ok).unwrap_or_default() {
            Reached::Nothing => PeerProblem::NotInTime { limit }.into(),
            Reached::LookUp(name) => {
                let late = format!("no answer within {}", HumanDuration(limit));
                let error = io::Error::new(io::ErrorKind::TimedOut, late);
                EnvironmentProblem::Resolve { name, error }.into()
            }
            Reached::Attempts(attempts) => {
                PeerProblem::TimedOut { target: target(), timeout: limit, attempts }.into()
            }
            Reached::Connected(side) => PeerProblem::HandshakeTimedOut { side, limit }.into(),
        }
    }
}

impl Reached {
    /// Updates the progress. An attempt counts as timed out until it fails in another way.
    fn note(&mut self, step: &Step<'_>) {
        match (step, &mut *self) {
            (Step::LookUp { name }, _) => *self = Self::LookUp((*name).to_owned()),
            (Step::Connecting { address }, reached) => {
                let late = io::Error::new(io::ErrorKind::TimedOut, "no answer in time");
                let attempt = Attempt { address: (*address).clone(), error: late };
                match reached {
                    Self::Attempts(attempts) => attempts.push(attempt),
                    _ => *self = Self::Attempts(vec![attempt]),
                }
            }
            (Step::Failed { attempt }, Self::Attempts(attempts)) => {
                let tried = attempts.iter_mut().find(|it| it.address == attempt.address);
                if let Some(tried) = tried {
                    tried.error = copy(&attempt.error);
                }
            }
            (Step::Connected { peer, .. }, _) => *self = Self::Connected((*peer).clone()),
            _ => {}
        }
    }
}

/// Copies an error, because `io::Error` is not `Clone`.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
