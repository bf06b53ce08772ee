//! Why a proxy gives no tunnel.

use core::fmt;

use thiserror::Error as ThisError;

use crate::quoted::Quoted;

/// How many bytes of an answer of HTTP are read, those of 1xx included.
pub const MAX_HEAD: usize = 16 * 1024;

/// Why a proxy gives no tunnel.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::tunnel::{HttpConnect, Order, Target};
///
/// let mut http = HttpConnect::new(Target::named("example.com", 443).unwrap(), None);
/// assert!(matches!(http.order(), Order::Send(_)));
/// let error = http.answer(b"HTTP/1.1 403 Filtered\r\n\r\n").unwrap_err();
/// assert_eq!(error.to_string(), "the proxy answered 403 `Filtered`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum TunnelError {
    /// The connection to the proxy ended before the answer did.
    #[error("the proxy ended the connection after {seen} bytes of its answer")]
    Ended {
        /// How many bytes of the last message came.
        seen: usize,
    },
    /// The proxy wants credentials, and there are none.
    #[error("the proxy wants a user name and a password (name their file by `credentials=`)")]
    NoCredentials,
    /// The proxy refuses the credentials.
    #[error("the proxy refused the user name or the password of `credentials=`")]
    Credentials,

    /// The first byte of an answer is no version of SOCKS.
    #[error("expected an answer of SOCKS5, but byte 1 is {found:#04x}{}", LooksLike(*.found))]
    NotSocks5 {
        /// That byte.
        found: u8,
    },
    /// The proxy takes none of the ways to authenticate that were offered.
    #[error("the proxy accepts neither a user name with password nor clients without one")]
    NoMethod,
    /// The proxy has chosen a way to authenticate that was not offered.
    #[error("expected a way to authenticate that was offered, but the proxy chose {found}")]
    UnknownMethod {
        /// Its number.
        found: u8,
    },
    /// The proxy could not or would not connect.
    #[error("the proxy answered: {}", Reply(*.code))]
    Refused {
        /// The number of its answer (RFC 1928, section 6).
        code: u8,
    },
    /// The address in the answer is of an unknown kind.
    #[error("expected a kind of address of 1, 3 or 4 in the proxy's answer, but found {found}")]
    UnknownAddress {
        /// The kind.
        found: u8,
    },

    /// The answer does not begin as one of HTTP does.
    #[error("expected an answer of HTTP/1, but byte {at} is {found:#04x}{}", LooksLike(*.found))]
    NotHttp {
        /// The first byte that does not fit, from 1.
        at: usize,
        /// That byte.
        found: u8,
    },
    /// The first line of the answer has no status.
    #[error("expected a status of three digits from the proxy, but found {}", Quoted::bytes(.found))]
    NoStatus {
        /// The line, without its end.
        found: Vec<u8>,
    },
    /// The proxy could not or would not connect.
    #[error("the proxy answered {status}{}", Reason(.reason))]
    Status {
        /// The status.
        status: u16,
        /// What the proxy says of it, at most 100 bytes.
        reason: Vec<u8>,
    },
    /// The answer has more header fields than is read.
    #[error("expected at most {MAX_HEAD} bytes before the end of the proxy's answer")]
    HeadTooLong,
}

/// The answers of RFC 1928, section 6, as clauses.
struct Reply(u8);

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "general failure",
            2 => "its rules do not allow the connection",
            3 => "network unreachable",
            4 => "host unreachable",
            5 => "connection refused",
            6 => "time to live exceeded",
            7 => "it cannot connect on behalf of clients",
            8 => "it does not take this kind of address",
            code => return write!(f, "failure {code}"),
        })
    }
}

/// A reason phrase, if there is one.
struct Reason<'a>(&'a [u8]);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " {}", Quoted::bytes(self.0)) }
    }
}

/// The other protocol, or TLS, where one of them was expected.
struct LooksLike(u8);

impl fmt::Display for LooksLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0x15 => " (does the proxy expect TLS? then `endpoint=` is a `tls` client)",
            b'H' => " (is it an HTTP proxy? then the type is `http-connect`)",
            5 => " (is it a SOCKS5 proxy? then the type is `socks5`)",
            4 | 0 => " (a proxy of SOCKS4 cannot be used)",
            _ => "",
        })
    }
}
