//! Typed values: what a parameter's text means, with the spelling kept beside it.
//!
//! ```
//! use strports_syntax::ServerEndpoint;
//! let ServerEndpoint::Tcp(tcp) = ServerEndpoint::parse("tcp: +8_080")? else { unreachable!() };
//! assert_eq!(tcp.port.value(), 8080);
//! assert_eq!(*tcp.port.spelling().unwrap(), " +8_080"); // as Python's `int()` reads it
//! # Ok::<(), strports_syntax::Error>(())
//! ```

mod host;
mod integer;
mod list;
mod network;
mod number;
mod word;

pub use host::{Host, HostKind};
pub use list::TextList;
pub use network::{Network, Networks};
pub use number::{Backlog, Flag, Mode, Number, Port, Seconds};
pub use word::{Domain, ProxyVersion, StandardError, TlsMethod};

#[cfg(feature = "alloc")]
use alloc::{format, string::String};

#[cfg(feature = "alloc")]
use crate::signature::Kind;
use crate::signature::{Parameter, Row};
use crate::{ErrorKind, Text};

/// A value of a typed endpoint, for whoever handles all of them alike: printers and reports.
///
/// ```
/// use strports_syntax::{Parameters, UnixServer, value::Value};
/// let unix = UnixServer::new("/run/a");
/// assert_eq!(unix.value("address"), Value::Text(&"/run/a".into()));
/// assert_eq!(unix.value("mode"), Value::Octal(0o666));
/// assert_eq!(unix.value("nothing"), Value::Absent);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'v> {
    /// There is none.
    Absent,
    /// An integer.
    Integer(i128),
    /// Permissions, to be shown in octal.
    Octal(u16),
    /// Yes or no.
    Flag(bool),
    /// Text.
    Text(&'v Text<'v>),
    /// One of a few words.
    Word(&'static str),
    /// Several texts.
    Texts(&'v TextList<'v>),
    /// A server inside this endpoint.
    #[cfg(feature = "alloc")]
    Server(&'v crate::ServerEndpoint<'v>),
    /// A client inside this endpoint.
    #[cfg(feature = "alloc")]
    Client(&'v crate::ClientEndpoint<'v>),
}

impl<'v> Value<'v> {
    /// The integer, where it is one.
    ///
    /// ```
    /// use strports_syntax::value::Value;
    /// assert_eq!(Value::Integer(80).as_integer(), Some(80));
    /// assert_eq!(Value::Absent.as_integer(), None);
    /// ```
    pub const fn as_integer(&self) -> Option<i128> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// Yes or no, where it is one of these.
    pub const fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Flag(on) => Some(*on),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub const fn as_text(&self) -> Option<&'v Text<'v>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What can be read from one argument's text.
pub(crate) trait FromText<'a>: Sized {
    /// Reads the text of an argument for `parameter`.
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind>;

    /// The default of the table, which is as it should be.
    #[inline]
    fn from_default(row: Row) -> Option<Self> {
        Self::from_text(&Text::literal(row.parameter.default_text()?), row.parameter).ok()
    }
}

impl<'a> FromText<'a> for Text<'a> {
    fn from_text(text: &Text<'a>, _: &'static Parameter) -> Result<Self, ErrorKind> {
        Ok(text.clone())
    }
}

/// The canonical spelling of the integer in `text`, for a parameter that takes one.
#[cfg(feature = "alloc")]
pub(crate) fn canonical_integer(text: &Text<'_>, kind: Kind) -> Option<String> {
    use integer::{Radix, integer};
    if kind == Kind::Flag {
        let flag = integer(text, Radix::Decimal).ok()?;
        return Some(format!("{}", u8::from(!flag.is_zero())));
    }
    let range = kind.range()?;
    let radix = if kind == Kind::Mode { Radix::Octal } else { Radix::Decimal };
    let value = integer(text, radix).ok()?.value()?;
    range.contains(value).then(|| match radix {
        Radix::Octal => format!("{value:o}"),
        Radix::Decimal => format!("{value}"),
    })
}

/// The permissions in `text`, where it is a mode.
#[cfg(feature = "alloc")]
pub(crate) fn mode_bits(text: &Text<'_>) -> Option<u16> {
    u16::from_str_radix(&canonical_integer(text, Kind::Mode)?, 8).ok()
}
