//! Serializes a report as `strports explain --format json` prints it. The keys and their order are
//! stable.
//!
//! Arguments and values are serialized while the description is read again, without collecting them
//! first.

use alloc::borrow::Cow;
use alloc::string::String;

use serde::ser::{Serialize, SerializeMap, SerializeTuple, Serializer};

use crate::value::TextList;
use crate::{
    Argument, Code, Description, Diagnostic, Fix, Parameters, Report, Role, Severity, Span, Text,
    Value,
};

/// Serializes the JSON object that `strports explain --format json` prints.
///
/// ```
/// use strports_syntax::{Role, check};
/// let json = serde_json::to_value(check("tpc:80", Role::Server))?;
/// assert_eq!(json["diagnostics"][0], serde_json::json!({
///     "code": "unknown-type",
///     "severity": "error",
///     "message": "unknown server type `tpc` (did you mean `tcp`?)",
///     "span": [0, 3],
///     "help": "write `tcp` (`strports types` lists all types)",
///     "fix": {"span": [0, 3], "replacement": "tcp", "safe": false},
/// }));
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self;
        let description = String::from_utf8_lossy(report.text());
        let canonical = report.canonical();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("description", &description)?;
        map.serialize_entry("role", &report.role())?;
        map.serialize_entry("ok", &report.is_ok())?;
        map.serialize_entry("portable", &report.portable())?;
        map.serialize_entry("arguments", &Arguments(report))?;
        map.serialize_entry("endpoint", &report.endpoint().map(Endpoint))?;
        map.serialize_entry("canonical", &canonical.as_deref().map(String::from_utf8_lossy))?;
        map.serialize_entry("diagnostics", report.diagnostics())?;
        if report.more() > 0 {
            map.serialize_entry("more", &report.more())?;
        }
        // Marks the text as incomplete: it is owned only if bytes that are not
        // UTF-8 had to be replaced.
        if matches!(description, Cow::Owned(_)) {
            map.serialize_entry("lossy", &true)?;
        }
        map.end()
    }
}

/// Serializes the arguments of the outermost description as a list, without the type.
struct Arguments<'r, 'a>(&'r Report<'a>);

impl Serialize for Arguments<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let description = self.0.description();
        let arguments = description.iter().flat_map(Description::arguments);
        serializer.collect_seq(arguments.map(OneArgument))
    }
}

/// Serializes an argument as a map of its key, value and span.
struct OneArgument<'a>(Argument<'a>);

impl Serialize for OneArgument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Argument { key, value, span, .. } = &self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("key", &key.as_ref().map(OneText))?;
        map.serialize_entry("value", &OneText(value))?;
        map.serialize_entry("span", span)?;
        map.end()
    }
}

/// Serializes a text without its escapes; bytes that are not UTF-8 become U+FFFD.
struct OneText<'t>(&'t Text<'t>);

impl Serialize for OneText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_str_lossy())
    }
}

/// Serializes an endpoint as a map: its type, and each parameter under its keyword; absent ones are
/// null.
struct Endpoint<'e>(&'e dyn Parameters);

impl Serialize for Endpoint<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.0.signature().name)?;
        for (name, value) in self.0.values() {
            map.serialize_entry(name, &OneValue(value))?;
        }
        map.end()
    }
}

/// Serializes a parameter's value: numbers and Booleans as such, modes in octal and all else as
/// text.
struct OneValue<'v>(Value<'v>);

impl Serialize for OneValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Integer(integer) => serializer.serialize_i128(*integer),
            Value::Flag(on) => serializer.serialize_bool(*on),
            Value::Thousandths(value) => serializer.serialize_f64(f64::from(*value) / 1000.0),
            Value::Octal(bits) => serializer.collect_str(&format_args!("{bits:o}")),
            Value::Text(text) => OneText(text).serialize(serializer),
            Value::Word(word) => serializer.serialize_str(word),
            Value::Texts(texts) => Texts(texts).serialize(serializer),
            Value::Server(endpoint) => Endpoint(*endpoint).serialize(serializer),
            Value::Client(endpoint) => Endpoint(*endpoint).serialize(serializer),
            _ => serializer.serialize_none(),
        }
    }
}

/// Serializes a list of texts; bytes that are not UTF-8 become U+FFFD.
struct Texts<'v>(&'v TextList<'v>);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lossy = |text: Text<'_>| text.to_str_lossy().into_owned();
        serializer.collect_seq(self.0.iter().map(lossy))
    }
}

/// Serializes a finding as a map, as in the output of `strports explain --format json`.
impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("severity", &self.severity())?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("span", &self.span)?;
        map.serialize_entry("help", &self.help)?;
        map.serialize_entry("fix", &self.fix)?;
        map.end()
    }
}

/// Serializes a map with the keys of a fix in the output of `strports explain --format json`.
///
/// Bytes that are not UTF-8 become U+FFFD.
impl Serialize for Fix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("span", &self.span)?;
        map.serialize_entry("replacement", &String::from_utf8_lossy(&self.replacement))?;
        map.serialize_entry("safe", &self.safe)?;
        map.end()
    }
}

/// Serializes the byte offsets `[start, end]`.
impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&self.start)?;
        pair.serialize_element(&self.end)?;
        pair.end()
    }
}

macro_rules! words {
    ($($Type:ident, $method:ident;)*) => {$(
        /// Serializes the name of the value as a string.
        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$method())
            }
        }
    )*};
}

words! {
    Code, slug;
    Role, as_str;
    Severity, as_str;
}
