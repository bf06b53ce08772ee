//! Endpoints of plugins' types, whose signatures are known only at run time.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use super::field::{Field, Reader, display};
use super::{ClientEndpoint, Sealed, ServerEndpoint};
use crate::argument::Written;
use crate::bind::Binder;
use crate::origin::Origin;
use crate::signature::{Binding, Condition, Joined, Kind, Row, Signature, Words};
use crate::value::{
    Backlog, Delay, Domain, Flag, Host, KeepAlive, Mode, Networks, Number, Pairs, Port, ProxyTlvs,
    ProxyVersion, Seconds, StandardError, TextList, TlsMethod,
};
use crate::{ErrorKind, NESTING_LIMIT, Parameters, Role, Sink, Span, Text, Types, Value};

/// An endpoint of a plugin's type, with one value for each parameter of its signature.
///
/// [`Types`](crate::Types) with that signature parses it.
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
#[derive(Clone, Debug)]
pub struct PluginEndpoint<'a> {
    signature: &'static Signature,
    /// The values of the parameters, in the order of the signature.
    values: Box<[Slot<'a>]>,
    /// The nested endpoint of a type with [`Binding::Joined`], otherwise absent.
    inside: Slot<'a>,
}

/// The value of one parameter: a [`Value`] that owns or borrows its data from the description.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Slot<'a> {
    Absent,
    Integer(i128),
    Octal(u16),
    Thousandths(u16),
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
        // All values are read before `?` returns, so that every error is reported.
        let read = |(index, parameter)| Slot::read(reader, Row::new(index, parameter));
        let values: Vec<_> = signature.parameters.iter().enumerate().map(read).collect();
        check_conditions(reader, &values);
        let inside = match signature.binding {
            Binding::Joined(joined) => inside(reader, joined),
            _ => Some(Slot::Absent),
        };
        let values = values.into_iter().collect::<Option<_>>()?;
        Some(Self { signature, values, inside: inside? })
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    pub fn into_owned(self) -> PluginEndpoint<'static> {
        let values = self.values.into_iter().map(Slot::into_owned).collect();
        PluginEndpoint { signature: self.signature, values, inside: self.inside.into_owned() }
    }
}

/// What two endpoints are compared by: role, type, parameter values and nested endpoint.
type Key<'e, 'a> = (Role, &'static str, &'e [Slot<'a>], &'e Slot<'a>);

impl<'a> PluginEndpoint<'a> {
    fn key(&self) -> Key<'_, 'a> {
        (self.signature.role, self.signature.name, &self.values, &self.inside)
    }
}

impl PartialEq for PluginEndpoint<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for PluginEndpoint<'_> {}

impl Hash for PluginEndpoint<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for PluginEndpoint<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PluginEndpoint<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Sealed for PluginEndpoint<'_> {}

impl Parameters for PluginEndpoint<'_> {
    fn signature(&self) -> &'static Signature {
        self.signature
    }

    fn value(&self, name: &str) -> Value<'_> {
        let index = self.signature.parameters.iter().position(|it| it.name == name);
        match index.and_then(|index| self.values.get(index)) {
            Some(slot) => slot.value(),
            None if name == "endpoint" => self.inside.value(),
            None => Value::Absent,
        }
    }
}

/// Reports given parameters that exclude each other, or that lack a parameter they require.
///
/// A `None` in `values` is a value with an error, which counts as given. Conditions on such a value
/// are neither met nor broken, so they are not reported.
fn check_conditions(reader: &mut Reader<'_, '_, '_>, values: &[Option<Slot<'_>>]) {
    let signature = reader.arguments.signature();
    let (type_name, role) = (signature.name, signature.role);
    let span = |reader: &Reader<'_, '_, '_>, index: usize| {
        reader.arguments.slot(index).map_or(Span::empty(0), Written::span)
    };
    for (index, parameter) in signature.parameters.iter().enumerate() {
        // A parameter that needs a certain value of another one is unknown otherwise, so even an
        // empty argument counts as given.
        let is_given = |needs: &Condition| match needs.value {
            Some(_) => reader.arguments.slot(index).is_some(),
            None => argument(reader, index).is_some(),
        };
        let Some(needs) = parameter.with.filter(is_given) else { continue };
        if holds(reader, values, needs) == Some(false) {
            let parameter = parameter.name;
            let kind = ErrorKind::NeedsArgument { type_name, role, parameter, needs };
            reader.binder.error(kind, span(reader, index));
        }
    }
    for group in signature.excludes {
        let mut held = group.iter().filter(|it| holds(reader, values, **it) == Some(true));
        let (Some(&first), Some(&second)) = (held.next(), held.next()) else { continue };
        let index =
            |it: Condition| signature.parameters.iter().position(|p| p.name == it.parameter);
        let place = |it| index(it).map_or(Span::empty(0), |index| span(reader, index));
        let place = place(first).max(place(second));
        let kind = ErrorKind::ExcludesArgument { type_name, role, first, second };
        reader.binder.error(kind, place);
    }
}

/// The argument of the parameter `index`; `None` if it is not given, or is empty and that counts as
/// absent.
fn argument<'r, 'a>(reader: &Reader<'r, '_, 'a>, index: usize) -> Option<&'r Written<'a>> {
    let parameter = reader.arguments.signature().parameters.get(index)?;
    let counts = |it: &&Written<'_>| !(parameter.absent_if_empty && it.value().bytes().is_empty());
    reader.arguments.slot(index).filter(counts)
}

/// Whether a condition holds; `None` if the value that it depends on has an error.
fn holds(
    reader: &Reader<'_, '_, '_>,
    values: &[Option<Slot<'_>>],
    condition: Condition,
) -> Option<bool> {
    let mut parameters = reader.arguments.signature().parameters.iter();
    let index = parameters.position(|it| it.name == condition.parameter)?;
    match condition.value {
        None => Some(argument(reader, index).is_some()),
        Some(wanted) => {
            let value = values[index].as_ref()?.value();
            Some(value != Value::Absent && value.to_string() == wanted)
        }
    }
}

/// Joins the arguments that no parameter takes, and reads the result as the nested endpoint.
///
/// Returns `None` after an error, which was already reported.
fn inside<'a>(reader: &mut Reader<'_, '_, 'a>, joined: Joined) -> Option<Slot<'a>> {
    let arguments = reader.arguments;
    let (signature, description) = (arguments.signature(), arguments.description());
    let binder = &mut *reader.binder;
    if binder.depth >= NESTING_LIMIT {
        let kind = ErrorKind::NestedTooDeep { limit: NESTING_LIMIT };
        binder.error(kind, description.type_span());
        return None;
    }
    let left = description.written().filter(|it| arguments.is_left(it));
    if left.clone().all(|it| !it.is_positional()) {
        let (type_name, role) = (signature.name, signature.role);
        let kind = ErrorKind::MissingArgument { type_name, role, parameter: "endpoint" };
        binder.error(kind, Span::empty(description.text().len()));
        return None;
    }
    let origin = Origin::join(left, joined.escapes, binder.origin);
    binder.inside(signature, Some(&origin), |binder| match joined.role {
        Role::Server => ServerEndpoint::bind_text(origin.text(), binder)
            .map(|it| Slot::Server(Box::new(it.into_owned())))
            .ok(),
        Role::Client => ClientEndpoint::bind_text(origin.text(), binder)
            .map(|it| Slot::Client(Box::new(it.into_owned())))
            .ok(),
    })
}

display!(PluginEndpoint<'_>);

/// Parses descriptions whose type may be that of a plugin.
impl Types<'_> {
    /// Parses a server description and reports every error to `sink`; `None` if there is one.
    pub fn server_with<'a, T>(&self, text: &'a T, sink: &mut dyn Sink) -> Option<ServerEndpoint<'a>>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        ServerEndpoint::bind_text(text.as_ref(), &mut Binder::with_types(*self, Some(sink))).ok()
    }

    /// Parses a client description and reports every error to `sink`; `None` if there is one.
    pub fn client_with<'a, T>(&self, text: &'a T, sink: &mut dyn Sink) -> Option<ClientEndpoint<'a>>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        ClientEndpoint::bind_text(text.as_ref(), &mut Binder::with_types(*self, Some(sink))).ok()
    }
}

impl<'a> Slot<'a> {
    /// Reads a parameter by its kind, with the same field types as the typed endpoints.
    ///
    /// Returns `None` after an error, which was already reported.
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
            Kind::Delay => {
                Self::read_as(reader, row, |it: Delay<'a>| Self::Thousandths(it.millis()))
            }
            Kind::KeepAlive => {
                Self::read_as(reader, row, |it: KeepAlive<'a>| Self::Text(it.text().clone()))
            }
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
            Kind::ProxyTlvs => {
                Self::read_as(reader, row, |it: ProxyTlvs<'a>| Self::Text(it.text().clone()))
            }
            kind @ (Kind::Description | Kind::ServerDescription | Kind::ClientDescription) => {
                match kind.nests(reader.arguments.signature().role) {
                    Some(Role::Server) => Self::read_as(reader, row, Self::Server),
                    _ => Self::read_as(reader, row, Self::Client),
                }
            }
            Kind::Word(words) => Self::word(reader, row, words),
            Kind::Pairs => Self::read_as(reader, row, |it: Pairs<'a>| Self::Text(it.into_text())),
            Kind::Rest | Kind::Repeated => reader.read(row).map(Self::Texts),
            Kind::Text | Kind::Path | Kind::Host | Kind::Interface | Kind::Ignored => {
                Self::read_as(reader, row, Self::Text)
            }
        }
    }

    fn word(reader: &mut Reader<'_, '_, 'a>, row: Row, words: &'static Words) -> Option<Self> {
        let Row { index, parameter, .. } = row;
        let word = match (argument(reader, index), parameter.default_text()) {
            (Some(given), _) => reader.value(given, |text| words.read(text, parameter)),
            (None, Some(default)) => words.find(&Text::literal(default)),
            (None, None) if parameter.is_required() => None,
            (None, None) => return Some(Self::Absent),
        };
        word.map(Self::Word)
    }

    /// Reads a field of the type `F` and converts it with `value`; an optional one may be absent.
    fn read_as<F: Field<'a>>(
        reader: &mut Reader<'_, '_, 'a>,
        row: Row,
        value: impl FnOnce(F) -> Self,
    ) -> Option<Self> {
        let Row { index, parameter, .. } = row;
        match argument(reader, index) {
            Some(given) => F::read(reader, given, row).map(value),
            None if parameter.is_required() || parameter.default_text().is_some() => {
                F::absent(reader, row).map(value)
            }
            None => Some(Self::Absent),
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Absent => Value::Absent,
            Self::Integer(number) => Value::Integer(*number),
            Self::Octal(bits) => Value::Octal(*bits),
            Self::Thousandths(value) => Value::Thousandths(*value),
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
            Self::Thousandths(value) => Slot::Thousandths(value),
            Self::Flag(on) => Slot::Flag(on),
            Self::Word(word) => Slot::Word(word),
            Self::Text(text) => Slot::Text(text.into_owned()),
            Self::Texts(texts) => Slot::Texts(texts.into_owned()),
            Self::Server(endpoint) => Slot::Server(Field::into_owned(endpoint)),
            Self::Client(endpoint) => Slot::Client(Field::into_owned(endpoint)),
        }
    }
}
