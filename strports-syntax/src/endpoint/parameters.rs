//! Access to the parameter values of any typed endpoint, by name.

#[cfg(feature = "alloc")]
use super::{ClientEndpoint, ServerEndpoint};
use crate::Text;
use crate::signature::{Default, Kind, Signature};
use crate::value::TextList;

/// Prevents implementations of [`Parameters`] outside this crate.
pub trait Sealed {}

/// Access to any typed endpoint by its signature and the names of its parameters.
///
/// It is meant for code that handles every type alike: printers, reports, lints. Only the endpoints
/// of this crate implement it; types of plugins are `PluginEndpoint`s.
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
    /// The signature of the endpoint's type: its name, role and parameters.
    fn signature(&self) -> &'static Signature;

    /// The value of the parameter `name`, which may be its default.
    ///
    /// Returns [`Value::Absent`] if the parameter is not set, or if the type does not have it.
    fn value(&self, name: &str) -> Value<'_>;
}

impl dyn Parameters + '_ {
    /// Each parameter with its value, in the order of the signature, without ignored parameters.
    ///
    /// If a parameter is absent and its default is the value of another one, that value is
    /// returned. The endpoint inside a wrapper comes last, as `endpoint`.
    ///
    /// ```
    /// use strports_syntax::{Parameters, ServerEndpoint, Value};
    /// let endpoint = ServerEndpoint::parse("ssl:443:privateKey=a.pem")?;
    /// let endpoint: &dyn Parameters = &endpoint;
    /// assert_eq!(endpoint.value("certKey"), Value::Absent);
    /// let certificate = endpoint.values().find(|(name, _)| *name == "certKey");
    /// assert_eq!(certificate, Some(("certKey", Value::Text(&"a.pem".into()))));
    /// # Ok::<(), strports_syntax::ParseError>(())
    /// ```
    pub fn values(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        let signature = self.signature();
        let parameters = signature.parameters.iter().filter(|it| it.kind != Kind::Ignored);
        let values = parameters.map(|it| match (self.value(it.name), it.default) {
            (Value::Absent, Default::SameAs(other)) => (it.name, self.value(other)),
            (value, _) => (it.name, value),
        });
        // The inner endpoint of a wrapper is not a parameter, so it is not in `values`.
        let wraps = signature.parameter("endpoint").is_none();
        let inner = wraps.then(|| ("endpoint", self.value("endpoint")));
        values.chain(inner.filter(|(_, inner)| *inner != Value::Absent))
    }
}

/// The value of a parameter, for code that handles all endpoint types alike.
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
    /// The parameter is not set, or the type has no such parameter.
    Absent,
    /// An integer, such as a port or a number of seconds.
    Integer(i128),
    /// The permissions of a file, printed in octal.
    Octal(u16),
    /// A decimal number in units of 0.001: a number of seconds is stored in milliseconds.
    Thousandths(u16),
    /// A Boolean, printed as 1 or 0.
    Flag(bool),
    /// Text without a further structure, such as a host name or a path.
    Text(&'v Text<'v>),
    /// One of a fixed set of words, such as `INET` for the parameter `domain`.
    Word(&'static str),
    /// A list of texts, such as the arguments of a program.
    Texts(&'v TextList<'v>),
    /// A server endpoint inside this one.
    #[cfg(feature = "alloc")]
    Server(&'v ServerEndpoint<'v>),
    /// A client endpoint inside this one.
    #[cfg(feature = "alloc")]
    Client(&'v ClientEndpoint<'v>),
}

impl<'v> Value<'v> {
    /// The value of an [`Integer`](Self::Integer); `None` for other kinds, numbers in octal
    /// included.
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

    /// The value of a [`Flag`](Self::Flag); `None` for other kinds.
    pub const fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Flag(on) => Some(*on),
            _ => None,
        }
    }

    /// The text of a [`Text`](Self::Text); `None` for other kinds, words included.
    pub const fn as_text(&self) -> Option<&'v Text<'v>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
