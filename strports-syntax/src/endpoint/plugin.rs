//! Endpoints of plugins: a value for each parameter of a signature that is known at run time.

use alloc::boxed::Box;

use super::field::{Field, Reader, display};
use super::{ClientEndpoint, ServerEndpoint};
use crate::bind::Binder;
use crate::signature::{Kind, Row, Signature};
use crate::value::{
    Backlog, Domain, Flag, Host, Mode, Networks, Number, Port, ProxyVersion, Seconds,
    StandardError, TextList, TlsMethod,
};
use crate::{Error, Parameters, Role, Sink, Text, Types, Value};

/// An endpoint whose type a plugin has declared; [`Types`](crate::Types) reads it.
///
/// ```
/// use strports_syntax::signature::{Kind, Parameter};
/// use strports_syntax::{ClientEndpoint, Parameters, Role, Signature, Types};
///
/// static ONION: Signature = Signature::plugin(
///     Role::Client,
///     "onion",
///     "a Tor onion service",
///     &[Parameter::required("host", Kind::Host, "its name")],
/// );
/// let plugins = [&ONION];
/// let types = Types::with(&plugins)?;
/// let ClientEndpoint::Plugin(endpoint) = types.client("onion:abc.onion")? else { unreachable!() };
/// assert_eq!(endpoint.signature(), &ONION);
/// assert_eq!(endpoint.value("host").as_text().unwrap().to_string(), "abc.onion");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginEndpoint<'a> {
    signature: &'static Signature,
    /// In the order of the signature.
    values: Box<[Slot<'a>]>,
}

/// The value of one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot<'a> {
    Absent,
    Integer(i128),
    Octal(u16),
    Flag(bool),
    Word(&'static str),
    Text(Text<'a>),
    Texts(TextList<'a>),
    Server(Box<ServerEndpoint<'a>>),
    Client(Box<ClientEndpoint<'a>>),
}

impl<'a> PluginEndpoint<'a> {
    pub(crate) fn read(reader: &mut Reader<'_, '_, 'a>) -> Option<Self> {
        let signature = reader.arguments.signature();
        // All are read before one that is impossible ends it: every mistake counts.
        let read = |(index, parameter)| Slot::read(reader, Row::new(index, parameter));
        let values: alloc::vec::Vec<_> =
            signature.parameters.iter().enumerate().map(read).collect();
        let values = values.into_iter().collect::<Option<_>>()?;
        Some(Self { signature, values })
    }

    /// The same, borrowing nothing.
    pub fn into_owned(self) -> PluginEndpoint<'static> {
        let values = self.values.into_iter().map(Slot::into_owned).collect();
        PluginEndpoint { signature: self.signature, values }
    }
}

impl Parameters for PluginEndpoint<'_> {
    fn signature(&self) -> &'static Signature {
        self.signature
    }

    fn value(&self, name: &str) -> Value<'_> {
        let index = self.signature.parameters.iter().position(|it| it.name == name);
        index.and_then(|index| self.values.get(index)).map_or(Value::Absent, Slot::value)
    }
}

display!(PluginEndpoint<'_>);

/// Reading with the types of plugins beside those of the table.
impl Types<'_> {
    /// Reads a server description.
    ///
    /// # Errors
    ///
    /// As for [`ServerEndpoint::parse`].
    pub fn server<'a, T>(&self, text: &'a T) -> Result<ServerEndpoint<'a>, Error>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        ServerEndpoint::bind_text(text.as_ref(), &mut Binder::with_types(*self, None))
    }

    /// Reads a server description and tells `sink` of every mistake.
    pub fn server_with<'a, T>(&self, text: &'a T, sink: &mut dyn Sink) -> Option<ServerEndpoint<'a>>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        ServerEndpoint::bind_text(text.as_ref(), &mut Binder::with_types(*self, Some(sink))).ok()
    }

    /// Reads a client description.
    ///
    /// # Errors
    ///
    /// As for [`ClientEndpoint::parse`].
    pub fn client<'a, T>(&self, text: &'a T) -> Result<ClientEndpoint<'a>, Error>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        ClientEndpoint::bind_text(text.as_ref(), &mut Binder::with_types(*self, None))
    }

    /// Reads a client description and tells `sink` of every mistake.
    pub fn client_with<'a, T>(&self, text: &'a T, sink: &mut dyn Sink) -> Option<ClientEndpoint<'a>>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        ClientEndpoint::bind_text(text.as_ref(), &mut Binder::with_types(*self, Some(sink))).ok()
    }
}

impl<'a> Slot<'a> {
    /// Each kind is read as the fields of the table's types are.
    fn read(reader: &mut Reader<'_, '_, 'a>, row: Row) -> Option<Self> {
        match row.parameter.kind {
            Kind::Port => {
                Self::read_as(reader, row, |it: Port<'a>| Self::Integer(it.value().into()))
            }
            Kind::Backlog => {
                Self::read_as(reader, row, |it: Backlog<'a>| Self::Integer(it.value().into()))
            }
            Kind::Seconds => {
                Self::read_as(reader, row, |it: Seconds<'a>| Self::Integer(it.value().into()))
            }
            Kind::Number | Kind::Id => {
                Self::read_as(reader, row, |it: Number<'a, u32>| Self::Integer(it.value().into()))
            }
            Kind::ProxyVersion => {
                Self::read_as(reader, row, |it: ProxyVersion| Self::Integer(it.number().into()))
            }
            Kind::Mode => Self::read_as(reader, row, |it: Mode<'a>| Self::Octal(it.bits())),
            Kind::Flag => Self::read_as(reader, row, |it: Flag<'a>| Self::Flag(it.is_on())),
            Kind::Domain => Self::read_as(reader, row, |it: Domain| Self::Word(it.as_str())),
            Kind::TlsMethod => Self::read_as(reader, row, |it: TlsMethod| Self::Word(it.as_str())),
            Kind::StandardError => {
                Self::read_as(reader, row, |it: StandardError| Self::Word(it.as_str()))
            }
            Kind::TlsHost | Kind::TlsHostname => {
                Self::read_as(reader, row, |it: Host<'a>| Self::Text(it.text().clone()))
            }
            Kind::Networks => {
                Self::read_as(reader, row, |it: Networks<'a>| Self::Text(it.text().clone()))
            }
            Kind::Description if reader.arguments.signature().role == Role::Server => {
                Self::read_as(reader, row, Self::Server)
            }
            Kind::Description => Self::read_as(reader, row, Self::Client),
            Kind::Rest | Kind::Repeated => reader.read(row).map(Self::Texts),
            Kind::Text | Kind::Path | Kind::Host | Kind::Interface | Kind::Ignored => {
                Self::read_as(reader, row, Self::Text)
            }
        }
    }

    /// A field of the type `F` as a value; absent where it may be.
    fn read_as<F: Field<'a>>(
        reader: &mut Reader<'_, '_, 'a>,
        row: Row,
        value: impl FnOnce(F) -> Self,
    ) -> Option<Self> {
        let given = reader.arguments.slot(row.index).is_some();
        if given || row.parameter.is_required() || row.parameter.default_text().is_some() {
            reader.read(row).map(value)
        } else {
            Some(Self::Absent)
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Absent => Value::Absent,
            Self::Integer(number) => Value::Integer(*number),
            Self::Octal(bits) => Value::Octal(*bits),
            Self::Flag(on) => Value::Flag(*on),
            Self::Word(word) => Value::Word(word),
            Self::Text(text) => Value::Text(text),
            Self::Texts(texts) => Value::Texts(texts),
            Self::Server(endpoint) => Value::Server(endpoint),
            Self::Client(endpoint) => Value::Client(endpoint),
        }
    }

    fn into_owned(self) -> Slot<'static> {
        match self {
            Self::Absent => Slot::Absent,
            Self::Integer(number) => Slot::Integer(number),
            Self::Octal(bits) => Slot::Octal(bits),
            Self::Flag(on) => Slot::Flag(on),
            Self::Word(word) => Slot::Word(word),
            Self::Text(text) => Slot::Text(text.into_owned()),
            Self::Texts(texts) => Slot::Texts(texts.into_owned()),
            Self::Server(endpoint) => Slot::Server(Field::into_owned(endpoint)),
            Self::Client(endpoint) => Slot::Client(Field::into_owned(endpoint)),
        }
    }
}
