//! A typed endpoint as what its signature says it is, and the values of its parameters.

#[cfg(feature = "alloc")]
use super::{ClientEndpoint, ServerEndpoint};
use crate::Text;
use crate::signature::Signature;
use crate::value::TextList;

/// What only this crate implements.
pub trait Sealed {}

/// A typed endpoint as what its signature says it is.
///
/// For code that handles every type alike: printers, reports, lints. Only the endpoints of this
/// crate implement it; a [`PluginEndpoint`](crate::PluginEndpoint) has the types of others.
///
/// ```compile_fail,E0277
/// struct Mine;
///
/// impl strports_syntax::Parameters for Mine {
///     fn signature(&self) -> &'static strports_syntax::Signature {
///         strports_syntax::TcpServer::SIGNATURE
///     }
///
///     fn value(&self, _: &str) -> strports_syntax::Value<'_> {
///         strports_syntax::Value::Absent
///     }
/// }
/// ```
///
/// ```
/// use strports_syntax::{Parameters, TcpServer, Value};
/// fn show(endpoint: &dyn Parameters) -> Vec<&'static str> {
///     let parameters = endpoint.signature().parameters.iter().map(|parameter| parameter.name);
///     parameters.filter(|name| endpoint.value(name) != Value::Absent).collect()
/// }
/// let tcp = TcpServer::new(80);
/// assert_eq!(tcp.value("port"), Value::Integer(80));
/// assert_eq!(show(&tcp), ["port", "interface", "backlog", "reusePort"]);
/// ```
pub trait Parameters: Sealed {
    /// The row of the table that it follows.
    fn signature(&self) -> &'static Signature;

    /// The value of the parameter `name`; [`Value::Absent`] where it has none.
    fn value(&self, name: &str) -> Value<'_>;
}

/// A value of a typed endpoint, for code that handles all types alike: printers and reports.
///
/// ```
/// use strports_syntax::{Parameters, UnixServer, Value};
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
    /// A decimal number, in thousandths.
    Thousandths(u16),
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
    Server(&'v ServerEndpoint<'v>),
    /// A client inside this endpoint.
    #[cfg(feature = "alloc")]
    Client(&'v ClientEndpoint<'v>),
}

impl<'v> Value<'v> {
    /// The integer, where it is one.
    ///
    /// ```
    /// use strports_syntax::Value;
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
