//! The steps of connecting, for an observer, and the last one that was reached.
//!
//! The connector and its layers report each step when it happens, whether or not an observer
//! listens. So an observer sees what connecting does, and nothing else connects.

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

/// One step of connecting, when it happens.
///
/// Its `Display` is one line in plain English.
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
    /// The files of the client's TLS are read, once for all of its connections.
    Prepare,
    /// These files are read.
    Prepared,
    /// The addresses of a name are looked up.
    LookUp {
        /// The name.
        name: &'a str,
    },
    /// The resolver has answered; it may answer more than once.
    Answer {
        /// The name.
        name: &'a str,
        /// The addresses, or why there are none.
        answer: Result<&'a [SocketAddr], &'a io::Error>,
    },
    /// An address of the host is not tried.
    LeftOut {
        /// The address.
        address: SocketAddr,
        /// The reason.
        problem: &'a Problem,
    },
    /// A connection to an address is begun.
    Connecting {
        /// The address.
        address: &'a Address,
    },
    /// An attempt has failed.
    Failed {
        /// The address and the error.
        attempt: &'a Attempt,
    },
    /// An attempt was given up, because another address has answered.
    GivenUp {
        /// The address.
        address: SocketAddr,
    },
    /// The transport is connected.
    Connected {
        /// The address of this side.
        local: &'a Address,
        /// The address of the peer.
        peer: &'a Address,
    },
    /// A proxy is asked to connect.
    TunnelBegun {
        /// The host and the port behind the proxy.
        target: &'a Target,
    },
    /// The proxy has connected: what follows is between this side and the target.
    TunnelOpen {
        /// The host and the port behind the proxy.
        target: &'a Target,
    },
    /// A PROXY header was sent.
    HeaderSent {
        /// The header.
        header: &'a Header,
    },
    /// A TLS handshake is begun.
    #[cfg(feature = "__tls")]
    TlsBegun {
        /// The name or the address that the server has to prove.
        name: &'a str,
    },
    /// The server has presented its certificates; whether they are verified is not known yet.
    #[cfg(feature = "__tls")]
    Certificates {
        /// The certificates, its own first.
        chain: &'a [CertificateDer<'static>],
    },
    /// The server has requested a certificate from this side.
    #[cfg(feature = "__tls")]
    CertificateRequested {
        /// The distinguished names of the authorities that it accepts, if it names any.
        authorities: &'a [String],
        /// Whether this side has one to present.
        presented: bool,
    },
    /// The TLS handshake is complete, and the server is verified.
    #[cfg(feature = "__tls")]
    TlsDone {
        /// What was negotiated.
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
            Self::LeftOut { address, problem } => write!(f, "not trying {address}: {problem}"),
            Self::Connecting { address } => write!(f, "connecting to {address}"),
            Self::Failed { attempt } => {
                let Attempt { address, error } = attempt;
                write!(f, "cannot connect to {address}: {}", IoMessage(error))
            }
            Self::GivenUp { address } => {
                write!(f, "gave up connecting to {address}: another address answered first")
            }
            Self::Connected { local, peer } if has_place(local) => {
                write!(f, "connected to {peer} from {local}")
            }
            Self::Connected { peer, .. } => write!(f, "connected to {peer}"),
            Self::TunnelBegun { target } => write!(f, "asking the proxy for {target}"),
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

/// Whether an address says more than that there is a side.
fn has_place(address: &Address) -> bool {
    matches!(address, Address::Tcp(_) | Address::Unix(_))
}

/// What a handshake has agreed on: `TLS 1.3, TLS_AES_128_GCM_SHA256, X25519, ALPN h2`.
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

/// What hears the steps of a client.
pub(crate) type Observer = Arc<dyn Fn(&Step<'_>) + Send + Sync>;

/// The steps of making one connection.
pub(crate) struct Steps<'a> {
    observer: Option<&'a Observer>,
    /// Noted only where a time limit may have to be explained.
    reached: Option<Mutex<Reached>>,
}

/// How far connecting has come.
#[derive(Default)]
enum Reached {
    #[default]
    Nothing,
    LookUp(String),
    /// Each address that was tried, with its error.
    Attempts(Vec<Attempt>),
    Connected(Address),
}

impl<'a> Steps<'a> {
    /// `is_limited` says whether [`not_within`](Self::not_within) may be called.
    pub(crate) fn new(observer: Option<&'a Observer>, is_limited: bool) -> Self {
        Self { observer, reached: is_limited.then(Mutex::default) }
    }

    /// Reports a step.
    pub(crate) fn report(&self, step: &Step<'_>) {
        if let Some(reached) = &self.reached {
            lock(reached).note(step);
        }
        if let Some(observer) = self.observer {
            observer(step);
        }
    }

    /// What did not happen within a time limit of the caller.
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

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
