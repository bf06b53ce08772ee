//! Values that are written as integers: numbers with a range, flags and modes.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::from_text::FromText;
use super::integer::{NotAnInteger, Radix, few_digits, integer};
use crate::signature::{Parameter, Row};
use crate::{ErrorKind, Excerpt, Text};

/// An integer that keeps its original spelling, such as `+8_080` for 8080.
///
/// Two numbers are equal if their values are; the spelling is ignored.
///
/// ```
/// use strports_syntax::{ServerEndpoint, value::Port};
/// let ServerEndpoint::Tcp(tcp) = ServerEndpoint::parse("tcp: 8_0")? else { unreachable!() };
/// assert_eq!(tcp.port, Port::new(80));
/// assert_eq!(tcp.port.spelling().unwrap(), " 8_0");
/// # Ok::<(), strports_syntax::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Number<'a, T> {
    value: T,
    spelling: Option<Text<'a>>,
}

/// A TCP port, 0 to 65535.
///
/// See [`Number`] for an example.
pub type Port<'a> = Number<'a, u16>;
/// How many connections may wait to be accepted.
///
/// See [`Number`] for an example.
pub type Backlog<'a> = Number<'a, i32>;
/// A whole number of seconds, at least 1.
///
/// See [`Number`] for an example.
pub type Seconds<'a> = Number<'a, u64>;

impl<T: Copy> Number<'_, T> {
    /// Creates a number that was not parsed, so it has no spelling.
    pub const fn new(value: T) -> Self {
        Self { value, spelling: None }
    }

    /// The value, without its spelling.
    pub const fn value(&self) -> T {
        self.value
    }

    /// The text that the value was read from; `None` for a value that was not parsed.
    pub const fn spelling(&self) -> Option<&Text<'_>> {
        self.spelling.as_ref()
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Number<'static, T> {
        Number { value: self.value, spelling: self.spelling.map(Text::into_owned) }
    }
}

impl<T: Copy> From<T> for Number<'_, T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: PartialEq> PartialEq for Number<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Number<'_, T> {}

impl<T: Hash> Hash for Number<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<T: PartialOrd> PartialOrd for Number<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Number<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: fmt::Display> fmt::Display for Number<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'a, T: TryFrom<u16> + TryFrom<u32> + TryFrom<i128>> FromText<'a> for Number<'a, T> {
    #[inline]
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        let spelling = Some(text.clone());
        // Fast path: most numbers fit 32 bits and have no sign.
        let range = parameter.kind.range();
        let few = few_digits(text.raw(), Radix::Decimal)
            .filter(|&value| range.is_none_or(|range| range.contains_few(value)));
        if let Some(value) = few.and_then(|value| T::try_from(value).ok()) {
            return Ok(Self { value, spelling });
        }
        let value = in_range(text, parameter, Radix::Decimal)?;
        let value = T::try_from(value).map_err(|_| out_of_range(text, parameter))?;
        Ok(Self { value, spelling })
    }

    #[inline]
    fn from_default(row: Row) -> Option<Self> {
        Some(Self { value: T::try_from(row.default?).ok()?, spelling: None })
    }
}

/// The permissions of a file: 0 to 7777 in octal. It keeps its original spelling.
///
/// ```
/// use strports_syntax::{ServerEndpoint, value::Mode};
/// let ServerEndpoint::Unix(unix) = ServerEndpoint::parse("unix:/x:mode=0o660")? else {
///     unreachable!()
/// };
/// assert_eq!(unix.mode.bits(), 0o660);
/// assert_eq!((unix.mode.to_string().as_str(), unix.mode), ("660", Mode::new(0o660).unwrap()));
/// # Ok::<(), strports_syntax::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mode<'a>(Number<'a, u16>);

impl<'a> Mode<'a> {
    /// The mode 666 (octal), the default of Twisted: every user may read and write.
    pub const EVERYONE: Self = Self(Number::new(0o666));

    /// Creates a mode from permission bits; `None` if `bits` exceeds octal 7777.
    ///
    /// ```
    /// use strports_syntax::value::Mode;
    /// assert_eq!(Mode::new(0o660).unwrap().to_string(), "660");
    /// assert!(Mode::new(0o10000).is_none());
    /// ```
    pub const fn new(bits: u16) -> Option<Self> {
        if bits <= 0o7777 { Some(Self(Number::new(bits))) } else { None }
    }

    /// The permission bits, such as `0o660`.
    pub const fn bits(&self) -> u16 {
        self.0.value
    }

    /// The text that the value was read from; `None` for a value that was not parsed.
    pub const fn spelling(&self) -> Option<&Text<'a>> {
        self.0.spelling.as_ref()
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Mode<'static> {
        Mode(self.0.into_owned())
    }
}

impl fmt::Display for Mode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:o}", self.bits())
    }
}

impl<'a> FromText<'a> for Mode<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        let value = in_range(text, parameter, Radix::Octal)?;
        let value = u16::try_from(value).map_err(|_| out_of_range(text, parameter))?;
        Ok(Self(Number { value, spelling: Some(text.clone()) }))
    }

    #[inline]
    fn from_default(row: Row) -> Option<Self> {
        Self::new(row.default?)
    }
}

/// A Boolean that is written as an integer: 0 is false, and any other integer is true.
///
/// ```
/// use strports_syntax::{TcpServer, value::Flag};
/// let endpoint = TcpServer::new(80).reuse_port(Flag::new(true));
/// assert!(endpoint.reuse_port.is_on());
/// assert_eq!(endpoint.to_string(), "tcp:80:reusePort=1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flag<'a>(Number<'a, bool>);

impl<'a> Flag<'a> {
    /// Creates a flag that was not parsed, so it has no spelling.
    pub const fn new(on: bool) -> Self {
        Self(Number::new(on))
    }

    /// Whether the flag is true: its integer is not 0.
    pub const fn is_on(&self) -> bool {
        self.0.value
    }

    /// The text that the value was read from; `None` for a value that was not parsed.
    pub const fn spelling(&self) -> Option<&Text<'a>> {
        self.0.spelling.as_ref()
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Flag<'static> {
        Flag(self.0.into_owned())
    }
}

impl From<bool> for Flag<'_> {
    fn from(on: bool) -> Self {
        Self::new(on)
    }
}

impl fmt::Display for Flag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_on() { "1" } else { "0" })
    }
}

impl<'a> FromText<'a> for Flag<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        let integer = integer(text, Radix::Decimal)
            .map_err(|why| no_integer(text, parameter, Radix::Decimal, why))?;
        Ok(Self(Number { value: !integer.is_zero(), spelling: Some(text.clone()) }))
    }

    #[inline]
    fn from_default(row: Row) -> Option<Self> {
        Some(Self::new(row.default? != 0))
    }
}

/// Reads the integer in `text`.
///
/// Returns the error to report if it is not an integer, or outside the range of the parameter.
pub(super) fn in_range(
    text: &Text<'_>,
    parameter: &'static Parameter,
    radix: Radix,
) -> Result<i128, ErrorKind> {
    let integer = integer(text, radix).map_err(|why| no_integer(text, parameter, radix, why))?;
    match integer.value() {
        Some(value) if parameter.kind.range().is_none_or(|range| range.contains(value)) => {
            Ok(value)
        }
        _ => Err(out_of_range(text, parameter)),
    }
}

fn no_integer(
    text: &Text<'_>,
    parameter: &'static Parameter,
    radix: Radix,
    why: NotAnInteger,
) -> ErrorKind {
    let (parameter, found) = (parameter.name, Excerpt::new(text));
    match why {
        NotAnInteger::OtherScript => ErrorKind::NotAsciiDigit { parameter, found },
        NotAnInteger::Malformed => {
            ErrorKind::NotAnInteger { parameter, found, octal: radix == Radix::Octal }
        }
    }
}

pub(super) fn out_of_range(text: &Text<'_>, parameter: &'static Parameter) -> ErrorKind {
    let expected = parameter.kind.range().map_or("an integer", |range| range.words);
    ErrorKind::OutOfRange { parameter: parameter.name, found: Excerpt::new(text), expected }
}
