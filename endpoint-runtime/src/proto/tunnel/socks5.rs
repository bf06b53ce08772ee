//! Requests a connection from a SOCKS5 proxy, with a user name and password if it requires them.
//!
//! Sources: <https://www.rfc-editor.org/rfc/rfc1928>, <https://www.rfc-editor.org/rfc/rfc1929>
//!
//! 1. The greeting offers no authentication and, with credentials, that of RFC 1929.
//! 2. The proxy selects a method. If it requires credentials, they are sent, and the proxy accepts
//!    or rejects them.
//! 3. The request contains the target. The reply contains an address, which is ignored.
//!
//! ```text
//! greeting    VER=5 NMETHODS METHODS          choice   VER=5 METHOD
//! credentials VER=1 ULEN UNAME PLEN PASSWD    verdict  VER STATUS
//! request     VER=5 CMD=1 RSV=0 ATYP ADDR PORT
//! answer      VER=5 REP   RSV   ATYP ADDR PORT
//! ```

use core::net::IpAddr;

use super::credentials::{Credentials, CredentialsError};
use super::error::TunnelError;
use super::order::Order;
use super::target::{Target, TargetHost};

/// The longest user name, and the longest password, in bytes: each has a length of one byte.
///
/// See [`Credentials`] for an example.
pub const MAX_SOCKS5_CREDENTIAL: usize = 255;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NO_ACCEPTABLE_METHOD: u8 = 0xFF;
const CONNECT: u8 = 1;
const SUCCEEDED: u8 = 0;

const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// The length of a reply before its address, in bytes.
const REPLY_HEAD: usize = 4;
/// The length of a port in bytes.
const PORT: usize = 2;

/// A state machine that requests a connection from a SOCKS5 proxy.
///
/// See [`Tunnel`](super::Tunnel) for the driver's steps and an example.
#[derive(Clone, Debug)]
pub struct Socks5 {
    target: Target,
    credentials: Option<Credentials>,
    state: State,
    /// The bytes so far of the message that is being received.
    seen: Vec<u8>,
}

/// The next message, to send or to receive, by its name in the module documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Greeting,
    Choice,
    Credentials,
    Verdict,
    Request,
    Reply,
    Open,
}

impl Socks5 {
    /// Creates a client that requests a connection to `target`.
    ///
    /// # Errors
    ///
    /// Returns an error if the user name or password is empty or longer than
    /// [`MAX_SOCKS5_CREDENTIAL`].
    pub fn new(target: Target, credentials: Option<Credentials>) -> Result<Self, CredentialsError> {
        for (what, text) in credentials
            .iter()
            .flat_map(|it| [("a user name", it.user()), ("a password", it.password())])
        {
            if !(1..=MAX_SOCKS5_CREDENTIAL).contains(&text.len()) {
                return Err(CredentialsError::LengthForSocks5 { what, found: text.len() });
            }
        }
        Ok(Self { target, credentials, state: State::Greeting, seen: Vec::new() })
    }

    /// Returns the next action of the driver.
    pub fn order(&mut self) -> Order {
        let (message, next) = match self.state {
            State::Greeting => (self.greeting(), State::Choice),
            State::Credentials => (self.authentication(), State::Verdict),
            State::Request => (self.request(), State::Reply),
            State::Choice | State::Verdict | State::Reply => {
                return Order::Read { at_most: self.missing() };
            }
            State::Open => return Order::Open,
        };
        self.state = next;
        Order::Send(message)
    }

    /// Processes bytes from the proxy, and returns how many of them belong to its answer.
    ///
    /// # Errors
    ///
    /// Returns an error if the proxy refuses, requires other credentials, or uses another protocol.
    pub fn answer(&mut self, bytes: &[u8]) -> Result<usize, TunnelError> {
        let mut rest = bytes;
        while !rest.is_empty() && self.missing() > 0 {
            let (taken, left) = rest.split_at(self.missing().min(rest.len()));
            self.seen.extend(taken);
            rest = left;
            if let Some(next) = self.judge()? {
                self.seen.clear();
                self.state = next;
            }
        }
        Ok(bytes.len() - rest.len())
    }

    /// How many bytes the message to receive lacks at least; 0 if one has to be sent.
    fn missing(&self) -> usize {
        let whole = match self.state {
            State::Choice | State::Verdict => 2,
            State::Reply => match self.seen.as_slice() {
                [_, _, _, IPV4, ..] => REPLY_HEAD + 4 + PORT,
                [_, _, _, IPV6, ..] => REPLY_HEAD + 16 + PORT,
                [_, _, _, _, length, ..] => REPLY_HEAD + 1 + usize::from(*length) + PORT,
                [_, _, _, _] => REPLY_HEAD + 1,
                _ => REPLY_HEAD,
            },
            _ => 0,
        };
        whole.saturating_sub(self.seen.len())
    }

    /// The state after the message that is being received; `None` while it is incomplete.
    ///
    /// A refusal is returned before the message is complete, because proxies may close the
    /// connection in the middle of it.
    fn judge(&self) -> Result<Option<State>, TunnelError> {
        // The version of the authentication reply is 1, but some proxies send 5.
        if let (State::Choice | State::Reply, [found, ..]) = (self.state, self.seen.as_slice()) {
            if *found != VERSION {
                return Err(TunnelError::NotSocks5 { found: *found });
            }
        }
        match (self.state, self.seen.as_slice()) {
            (State::Choice, [_, method]) => self.chosen(*method).map(Some),
            (State::Verdict, [_, SUCCEEDED]) => Ok(Some(State::Request)),
            (State::Verdict, [_, _]) => Err(TunnelError::Credentials),
            (State::Reply, [_, code, ..]) if *code != SUCCEEDED => {
                Err(TunnelError::Refused { code: *code })
            }
            (State::Reply, [_, _, _, found, ..]) if !matches!(*found, IPV4 | NAME | IPV6) => {
                Err(TunnelError::UnknownAddress { found: *found })
            }
            (State::Reply, _) if self.missing() == 0 => Ok(Some(State::Open)),
            _ => Ok(None),
        }
    }

    /// The state after the proxy has selected an authentication method, or why it does not work.
    fn chosen(&self, method: u8) -> Result<State, TunnelError> {
        match (method, &self.credentials) {
            (NO_AUTHENTICATION, _) => Ok(State::Request),
            (USER_AND_PASSWORD, Some(_)) => Ok(State::Credentials),
            // Proxies that require credentials answer like this, or select that method without an
            // offer.
            (USER_AND_PASSWORD | NO_ACCEPTABLE_METHOD, None) => Err(TunnelError::NoCredentials),
            (NO_ACCEPTABLE_METHOD, Some(_)) => Err(TunnelError::NoMethod),
            (found, _) => Err(TunnelError::UnknownMethod { found }),
        }
    }

    fn greeting(&self) -> Vec<u8> {
        match self.credentials {
            None => vec![VERSION, 1, NO_AUTHENTICATION],
            Some(_) => vec![VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD],
        }
    }

    fn authentication(&self) -> Vec<u8> {
        let mut message = vec![1];
        for text in self.credentials.iter().flat_map(|it| [it.user(), it.password()]) {
            push_counted(&mut message, text);
        }
        message
    }

    fn request(&self) -> Vec<u8> {
        let mut message = vec![VERSION, CONNECT, 0];
        match self.target.host() {
            TargetHost::Address(IpAddr::V4(address)) => {
                message.push(IPV4);
                message.extend(address.octets());
            }
            TargetHost::Address(IpAddr::V6(address)) => {
                message.push(IPV6);
                message.extend(address.octets());
            }
            TargetHost::Name(name) => {
                message.push(NAME);
                push_counted(&mut message, name.as_bytes());
            }
        }
        message.extend(self.target.port().to_be_bytes());
        message
    }
}

/// Appends a text with its length, which is at most 255.
fn push_counted(message: &mut Vec<u8>, text: &[u8]) {
    let [.., length] = text.len().to_be_bytes();
    message.push(length);
    message.extend(text);
}
