//! Canonical printing: the shortest description with the same meaning.
//!
//! The type comes first, then the required positional arguments. Keywords follow for all values
//! that differ from their defaults, in the order of the signature. Escapes are as few as possible.

#[cfg(feature = "alloc")]
use alloc::{string::ToString, vec::Vec};
use core::fmt::{self, Write};

use crate::signature::{Binding, Default, Kind, Parameter};
use crate::value::Thousandths;
use crate::{Parameters, Place, Quoted, Value};
#[cfg(feature = "alloc")]
use crate::{Text, origin, signature::Joined};

/// The destination of canonical text: a formatter, or a byte vector for text that is not UTF-8.
trait Output: Write {
    fn quoted(&mut self, text: Quoted<'_>) -> fmt::Result;

    /// Writes text that is already escaped, unlike [`quoted`](Self::quoted), which escapes it.
    #[cfg(feature = "alloc")]
    fn raw(&mut self, text: &[u8]) -> fmt::Result;
}

impl Output for fmt::Formatter<'_> {
    fn quoted(&mut self, text: Quoted<'_>) -> fmt::Result {
        write!(self, "{text}")
    }

    #[cfg(feature = "alloc")]
    fn raw(&mut self, text: &[u8]) -> fmt::Result {
        self.write_str(&alloc::string::String::from_utf8_lossy(text))
    }
}

#[cfg(feature = "alloc")]
struct Bytes(Vec<u8>);

#[cfg(feature = "alloc")]
impl Write for Bytes {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(feature = "alloc")]
impl Output for Bytes {
    fn quoted(&mut self, text: Quoted<'_>) -> fmt::Result {
        self.0.extend(text.bytes());
        Ok(())
    }

    fn raw(&mut self, text: &[u8]) -> fmt::Result {
        self.0.extend_from_slice(text);
        Ok(())
    }
}

pub(crate) fn print(endpoint: &dyn Parameters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    description(endpoint, false, f)
}

/// The canonical description of an endpoint, as bytes because paths need not be UTF-8.
///
/// ```
/// use strports_syntax::{UnixClient, canonical_bytes};
/// let endpoint = UnixClient::new(&b"/run/\xff:a"[..]);
/// assert_eq!(canonical_bytes(&endpoint), b"unix:/run/\xff\\:a");
/// ```
#[cfg(feature = "alloc")]
pub fn canonical_bytes(endpoint: &dyn Parameters) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    // Writing to memory cannot fail.
    let _ = description(endpoint, false, &mut bytes);
    bytes.0
}

/// Prints an endpoint as its canonical description.
///
/// `wrapped` is true for an endpoint inside `haproxy:`. Twisted then reads an escaped `=` in a
/// positional argument as a keyword, so such an argument is printed by name.
fn description(endpoint: &dyn Parameters, wrapped: bool, out: &mut dyn Output) -> fmt::Result {
    let signature = endpoint.signature();
    out.write_str(signature.name)?;
    match signature.binding {
        #[cfg(feature = "alloc")]
        Binding::Wrapper => inner(&endpoint.value("endpoint"), out)?,
        // The usual spelling of `stdio` has one empty argument: `stdio:`.
        Binding::Anything => out.write_str(":")?,
        _ => {}
    }
    #[cfg(feature = "alloc")]
    let mut joined = match signature.binding {
        Binding::Joined(joined) => Some(joined),
        _ => None,
    };
    for parameter in signature.parameters {
        let value = endpoint.value(parameter.name);
        let in_place = by_place(parameter, &value);
        #[cfg(feature = "alloc")]
        if let Some(joined) = joined.take_if(|_| !in_place) {
            before_joining(&endpoint.value("endpoint"), joined, out)?;
        }
        let only_by_place =
            parameter.positional_only || matches!(signature.binding, Binding::Joined(_));
        if in_place && (only_by_place || !(wrapped && has_equals(&value))) {
            positional(&value, out)?;
        } else if !is_default(parameter, &value) || is_needed(endpoint, parameter) {
            keyword(parameter.name, &value, out)?;
        }
    }
    #[cfg(feature = "alloc")]
    if let Some(joined) = joined {
        before_joining(&endpoint.value("endpoint"), joined, out)?;
    }
    Ok(())
}

fn by_place(parameter: &Parameter, value: &Value<'_>) -> bool {
    match parameter.default {
        Default::Required => !parameter.keyword_only,
        Default::RequiredUnless(_) => *value != Value::Absent,
        _ => parameter.kind == Kind::Rest,
    }
}

fn has_equals(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if text.bytes().any(|byte| byte == b'='))
}

/// Whether an argument of a plugin's type requires that this one is written, even at its default.
fn is_needed(endpoint: &dyn Parameters, parameter: &Parameter) -> bool {
    let needs = |it: &&Parameter| {
        it.with.is_some_and(|it| it.parameter == parameter.name && it.value.is_none())
    };
    let signature = endpoint.signature();
    signature.plugin
        && endpoint.value(parameter.name) != Value::Absent
        && signature.parameters.iter().filter(needs).any(|it| {
            let value = endpoint.value(it.name);
            !is_default(it, &value)
        })
}

/// Whether `value` is the default of the parameter, or absent, so that it need not be printed.
fn is_default(parameter: &Parameter, value: &Value<'_>) -> bool {
    match value {
        Value::Absent => true,
        Value::Texts(texts) => texts.is_empty(),
        _ => parameter.default_text().is_some_and(|text| {
            let mut rest = Expected(text);
            write!(rest, "{value}").is_ok() && rest.0.is_empty()
        }),
    }
}

fn positional(value: &Value<'_>, out: &mut dyn Output) -> fmt::Result {
    let mut one = |value: &Value<'_>| {
        out.write_str(":")?;
        scalar(value, Place::Positional, out)
    };
    match value {
        Value::Texts(texts) => texts.iter().try_for_each(|text| one(&Value::Text(&text))),
        _ => one(value),
    }
}

fn keyword(name: &'static str, value: &Value<'_>, out: &mut dyn Output) -> fmt::Result {
    let mut one = |value: &Value<'_>| {
        out.write_str(":")?;
        out.write_str(name)?;
        out.write_str("=")?;
        scalar(value, Place::Value, out)
    };
    match value {
        Value::Texts(texts) => texts.iter().try_for_each(|text| one(&Value::Text(&text))),
        _ => one(value),
    }
}

fn scalar(value: &Value<'_>, place: Place, out: &mut dyn Output) -> fmt::Result {
    match value {
        Value::Text(text) => out.quoted(Quoted::new(text, place)),
        #[cfg(feature = "alloc")]
        Value::Server(endpoint) => nested(*endpoint, place, out),
        #[cfg(feature = "alloc")]
        Value::Client(endpoint) => nested(*endpoint, place, out),
        _ => write!(out, "{value}"),
    }
}

#[cfg(feature = "alloc")]
fn nested(endpoint: &dyn Parameters, place: Place, out: &mut dyn Output) -> fmt::Result {
    out.quoted(Quoted::new(&Text::from(canonical_bytes(endpoint)), place))
}

#[cfg(feature = "alloc")]
fn inner(value: &Value<'_>, out: &mut dyn Output) -> fmt::Result {
    out.write_str(":")?;
    match value {
        Value::Server(endpoint) => description(*endpoint, true, out),
        Value::Client(endpoint) => description(*endpoint, true, out),
        _ => Ok(()),
    }
}

/// Prints the nested endpoint as arguments that Twisted's plugin joins to its description again.
#[cfg(feature = "alloc")]
fn before_joining(value: &Value<'_>, joined: Joined, out: &mut dyn Output) -> fmt::Result {
    let mut bytes = Bytes(Vec::new());
    inner(value, &mut bytes)?;
    out.raw(&origin::before_joining(&bytes.0, joined.escapes))
}

/// Prints the value as it is written in a description, but without escapes; lists are separated by
/// spaces.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Octal(bits) => write!(f, "{bits:o}"),
            Self::Thousandths(value) => write!(f, "{}", Thousandths(*value)),
            Self::Flag(on) => f.write_str(if *on { "1" } else { "0" }),
            Self::Text(text) => write!(f, "{text}"),
            Self::Word(word) => f.write_str(word),
            Self::Texts(texts) => texts.iter().enumerate().try_for_each(|(index, text)| {
                f.write_str(if index == 0 { "" } else { " " })?;
                write!(f, "{text}")
            }),
            #[cfg(feature = "alloc")]
            Self::Server(endpoint) => f.write_str(&endpoint.to_string()),
            #[cfg(feature = "alloc")]
            Self::Client(endpoint) => f.write_str(&endpoint.to_string()),
        }
    }
}

/// A writer that compares text with the expected one without storing it.
///
/// Writing fails at the first difference; what remains was not written yet.
struct Expected<'t>(&'t str);

impl Write for Expected<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
    }
}
