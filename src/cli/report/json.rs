//! One JSON object a line; its keys and their order are a contract.
//!
//! Nothing is gathered on the way: arguments and values go from the description straight to the
//! stream, whatever their number.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use strports_syntax::Value;
use strports_syntax::signature::{Default, Kind};
use strports_syntax::value::TextList;
use strports_syntax::{Argument, Description, Diagnostic, Fix, Parameters, Report, Span, Text};

/// Writes `report` and the end of the line.
pub(in crate::cli) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Record(report))?;
    out.write_all(b"\n")
}

struct Record<'r, 'a>(&'r Report<'a>);

impl Serialize for Record<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let description = String::from_utf8_lossy(report.text());
        let canonical = report.canonical();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("description", &description)?;
        map.serialize_entry("role", report.role().as_str())?;
        map.serialize_entry("ok", &report.is_ok())?;
        map.serialize_entry("portable", &report.portable())?;
        map.serialize_entry("arguments", &Arguments(report))?;
        map.serialize_entry("endpoint", &report.endpoint().map(Endpoint))?;
        map.serialize_entry("canonical", &canonical.as_deref().map(String::from_utf8_lossy))?;
        map.serialize_entry("diagnostics", &Diagnostics(report.diagnostics()))?;
        if report.more() > 0 {
            map.serialize_entry("more", &report.more())?;
        }
        // It was copied only if something in it had to be replaced.
        if matches!(description, Cow::Owned(_)) {
            map.serialize_entry("lossy", &true)?;
        }
        map.end()
    }
}

/// The outermost arguments without the type.
struct Arguments<'r, 'a>(&'r Report<'a>);

impl Serialize for Arguments<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let description = self.0.description();
        let arguments = description.iter().flat_map(Description::arguments);
        serializer.collect_seq(arguments.map(OneArgument))
    }
}

struct OneArgument<'a>(Argument<'a>);

impl Serialize for OneArgument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Argument { key, value, span, .. } = &self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("key", &key.as_ref().map(OneText))?;
        map.serialize_entry("value", &OneText(value))?;
        map.serialize_entry("span", &offsets(*span))?;
        map.end()
    }
}

/// What a text means, without escapes.
struct OneText<'t>(&'t Text<'t>);

impl Serialize for OneText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_str_lossy())
    }
}

/// The type, and every parameter under its keyword; absent ones filled in.
struct Endpoint<'e>(&'e dyn Parameters);

impl Serialize for Endpoint<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let signature = self.0.signature();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", signature.name)?;
        for parameter in signature.parameters {
            if parameter.kind == Kind::Ignored {
                continue;
            }
            let mut value = self.0.value(parameter.name);
            if let (Value::Absent, Default::SameAs(other)) = (&value, parameter.default) {
                value = self.0.value(other);
            }
            map.serialize_entry(parameter.name, &OneValue(value))?;
        }
        // A wrapper's inner endpoint is no parameter: it is written around it.
        if signature.parameter("endpoint").is_none() {
            match self.0.value("endpoint") {
                Value::Absent => {}
                value => map.serialize_entry("endpoint", &OneValue(value))?,
            }
        }
        map.end()
    }
}

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

struct Texts<'v>(&'v TextList<'v>);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lossy = |text: Text<'_>| text.to_str_lossy().into_owned();
        serializer.collect_seq(self.0.iter().map(lossy))
    }
}

struct Diagnostics<'d>(&'d [Diagnostic]);

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(OneDiagnostic))
    }
}

struct OneDiagnostic<'d>(&'d Diagnostic);

impl Serialize for OneDiagnostic<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("code", self.0.code.slug())?;
        map.serialize_entry("severity", self.0.severity().as_str())?;
        map.serialize_entry("message", &self.0.message)?;
        map.serialize_entry("span", &offsets(self.0.span))?;
        map.serialize_entry("help", &self.0.help)?;
        map.serialize_entry("fix", &self.0.fix.as_ref().map(OneFix))?;
        map.end()
    }
}

struct OneFix<'d>(&'d Fix);

impl Serialize for OneFix<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Fix { span, replacement, safe } = self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("span", &offsets(*span))?;
        map.serialize_entry("replacement", &String::from_utf8_lossy(replacement))?;
        map.serialize_entry("safe", safe)?;
        map.end()
    }
}

fn offsets(span: Span) -> [usize; 2] {
    [span.start, span.end]
}
