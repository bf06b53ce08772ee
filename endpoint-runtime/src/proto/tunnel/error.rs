//! Errors of opening a tunnel through a proxy.

use core::fmt;

use thiserror::Error as ThisError;

use crate::quoted::Quoted;

/// The maximum number of bytes of an HTTP answer that are read, including answers with status 1xx.
///
/// See [`TunnelError`] for an example of an answer.
pub const MAX_HEAD: usize = 16 * 1024;

/// Why a tunnel could not be opened.
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
    /// The proxy ended the connection before its answer was complete.
    #[error("the proxy ended the connection after {seen} bytes of its answer")]
    Ended {
        /// How many bytes of the incomplete message had arrived.
        seen: usize,
    },
    /// The proxy requires credentials, but none are configured.
    #[error("the proxy requires a user name and a password (name their file by `credentials=`)")]
    NoCredentials,
    /// The proxy rejected the credentials.
    #[error("the proxy refused the user name or the password of `credentials=`")]
    Credentials,

    /// The first byte of an answer is not the version of SOCKS5.
    #[error("expected an answer of SOCKS5, but byte 1 is {found:#04x}{}", LooksLike(*.found))]
    NotSocks5 {
        /// The first byte of the answer, instead of 5.
        found: u8,
    },
    /// The proxy accepts none of the offered authentication methods.
    #[error("the proxy accepts neither a user name with password nor clients without one")]
    NoMethod,
    /// The proxy selected an authentication method that was not offered.
    #[error("expected one of the offered authentication methods, but the proxy chose {found}")]
    UnknownMethod {
        /// The number of the method (RFC 1928, section 3).
        found: u8,
    },
    /// The SOCKS5 proxy did not connect to the target.
    #[error("the proxy answered: {}", Reply(*.code))]
    Refused {
        /// The reply code (RFC 1928, section 6).
        code: u8,
    },
    /// The address in the reply has an unknown type.
    #[error("expected a kind of address of 1, 3 or 4 in the proxy's answer, but found {found}")]
    UnknownAddress {
        /// The type of the address (RFC 1928, section 5).
        found: u8,
    },

    /// The answer of the proxy does not begin with an HTTP/1 status line.
    #[error("expected an answer of HTTP/1, but byte {at} is {found:#04x}{}", LooksLike(*.found))]
    NotHttp {
        /// The position of the first wrong byte, from 1.
        at: usize,
        /// The byte at that position, instead of the expected one.
        found: u8,
    },
    /// The status line of the answer has no valid status code.
    #[error("expected a status of three digits from the proxy, but found {}", Quoted::bytes(.found))]
    NoStatus {
        /// The first line of the answer.
        found: Vec<u8>,
    },
    /// The HTTP proxy did not connect to the target.
    #[error("the proxy answered {status}{}", Reason(.reason))]
    Status {
        /// The HTTP status code, such as 403.
        status: u16,
        /// The reason phrase, at most 100 bytes.
        reason: Vec<u8>,
    },
    /// The status line and header fields of the answer are longer than [`MAX_HEAD`].
    #[error("expected at most {MAX_HEAD} bytes before the end of the proxy's answer")]
    HeadTooLong,
}

/// Prints the meaning of a SOCKS5 reply code (RFC 1928, section 6).
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
            8 => "it does not support this kind of address",
            code => return write!(f, "failure {code}"),
        })
    }
}

/// Prints a space and the reason phrase of an HTTP status; nothing if it is empty.
struct Reason<'a>(&'a [u8]);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " {}", Quoted::bytes(self.0)) }
    }
}

/// Prints a hint if the first byte is that of another proxy protocol, or of a TLS alert.
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
