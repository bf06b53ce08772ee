//! Splits a description into parts, and assigns each part to its parameter.
//!
//! Binding reports each nested description to a sink, the innermost first. A wrapper and the
//! description that it wraps are one text, so they become one [`Line`].

use serde::{Serialize, Serializer};

use super::head::head;
use strports_syntax::Role;
use strports_syntax::signature::{Binding, Default, Kind, Parameter, Signature};
use strports_syntax::{
    Argument, BoundArguments, BoundDescription, Description, Diagnostic, Error, Report, Sink, Span,
};

/// The maximum number of bytes of a description that a line contains.
const MOST_TEXT: usize = 400;
/// The maximum number of parts of one description; further ones are only counted.
const MOST_PARTS: usize = 12;
/// The maximum number of bytes of a value that is shown beside its parameter's name.
const MOST_VALUE: usize = 40;

/// The name of the part that the arguments of a joined description form.
const INSIDE: &str = "endpoint";
const INSIDE_IS: &str = "the description inside";

/// The name and the summary of an argument that no parameter takes.
const UNUSED: (&str, &str) = ("unused", "no parameter takes it");
/// The name and the summary of arguments that were one value before its colons split it.
const SPLIT: (&str, &str) = ("split", "its colons split it into several arguments");

/// One description and its parts. A nested description is a line too.
///
/// See the [module](crate::describe) for an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// The text of the description, cut after 400 bytes.
    #[serde(serialize_with = "lossy")]
    pub text: Vec<u8>,
    /// Whether the text was longer and is cut.
    pub cut: bool,
    /// The type and the arguments with their meanings, ordered by position.
    pub parts: Vec<Part>,
    /// The number of arguments beyond the parts that are listed.
    pub more: usize,
    /// The parameters that have no argument, grouped by type.
    pub absent: Vec<Absent>,
}

/// A part of a description, such as one argument, and what it means.
///
/// See the [module](crate::describe) for an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Part {
    /// The byte range of the part in the text of the line.
    pub span: Span,
    /// The role (`server` or `client`) if the part is a type, or else the parameter's name.
    pub name: &'static str,
    /// What the type or parameter means, in one clause.
    pub summary: &'static str,
    /// The value as it is understood. `None` if the text already shows it.
    pub meaning: Option<String>,
    /// The value without escapes, shortened if it is long.
    pub value: String,
}

/// The parameters of one type that the description gives no argument for.
///
/// See the [module](crate::describe) for an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Absent {
    /// The name of the type that has these parameters.
    pub r#type: &'static str,
    /// These parameters; there is at least one.
    pub parameters: Vec<AbsentParameter>,
}

/// A parameter that the description gives no argument for.
///
/// See the [module](crate::describe) for an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AbsentParameter {
    /// The keyword of the parameter.
    pub name: &'static str,
    /// What applies without an argument: a text, a word such as `none`, or another parameter's
    /// name.
    pub default: &'static str,
    /// What the parameter means, in one clause.
    pub summary: &'static str,
}

fn lossy<S: Serializer>(text: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(text))
}

/// Returns a line for the description and each nested one, the outermost first. Empty if the type
/// is unknown.
///
/// See the [module](crate::describe) for an example.
pub fn lines(report: &Report<'_>) -> Vec<Line> {
    let mut levels = Levels(Vec::new());
    match report.role() {
        Role::Server => drop(report.types().server_with(report.text(), &mut levels)),
        Role::Client => drop(report.types().client_with(report.text(), &mut levels)),
    }
    let mut lines: Vec<Line> = Vec::new();
    let mut wrapped = false;
    for (line, wraps) in levels.0.into_iter().rev() {
        match lines.last_mut() {
            Some(outer) if wrapped => outer.join(line),
            _ => lines.push(line),
        }
        wrapped = wraps;
    }
    if let Some(outermost) = lines.first_mut() {
        // The lexer drops a trailing backslash, so the bound text may lack it.
        outermost.set_text(report.text());
        for error in report.errors() {
            outermost.gather(error);
        }
    }
    lines
}

impl Line {
    fn set_text(&mut self, text: &[u8]) {
        self.text = text[..text.len().min(MOST_TEXT)].to_vec();
        self.cut = text.len() > MOST_TEXT;
    }

    /// Joins the parts that an error refers to, if unescaped colons split one value into them.
    ///
    /// Arguments after them that no parameter takes are a consequence of the split.
    fn gather(&mut self, error: &Diagnostic) {
        let Span { start, end } = error.span;
        let is_inside = |part: &Part| start <= part.span.start && part.span.end <= end;
        let inside = self.parts.iter().filter(|part| is_inside(part)).count();
        let holder = self.parts.iter().position(|it| it.span.start < start && start <= it.span.end);
        let first = self.parts.iter().position(is_inside);
        let at = match (holder, first) {
            (Some(holder), Some(_)) => holder,
            (None, Some(first)) if inside > 1 => {
                (self.parts[first].name, self.parts[first].summary) = SPLIT;
                first
            }
            _ => return,
        };
        let whole = Span::new(self.parts[at].span.start, end);
        let text = self.text.get(start..end).unwrap_or_default();
        let value = head(text, MOST_VALUE);
        let part = &mut self.parts[at];
        (part.span, part.value, part.meaning) = (whole, value, None);
        let mut index = 0;
        self.parts.retain(|part| {
            index += 1;
            let is_unused = part.name == UNUSED.0 && part.span.start > end;
            index - 1 == at || !is_inside(part) && !is_unused
        });
    }

    /// Adds the parts of the wrapped description to those of its wrapper.
    fn join(&mut self, inner: Self) {
        self.parts.extend(inner.parts);
        self.parts.sort_by_key(|part| part.span);
        self.more += inner.more;
        self.absent.extend(inner.absent);
    }
}

/// A line for each bound description, innermost first, with whether its type is a wrapper. A
/// wrapper's text includes the description before it in the list.
struct Levels(Vec<(Line, bool)>);

impl Sink for Levels {
    fn error(&mut self, _: Error) {}

    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        let Some(arguments) = bound.arguments else { return };
        let signature = arguments.signature();
        let mut line = Line {
            text: Vec::new(),
            cut: false,
            parts: vec![type_part(bound, signature)],
            more: 0,
            absent: absent(arguments).into_iter().collect(),
        };
        line.set_text(bound.description.text());
        let wraps = signature.binding == Binding::Wrapper;
        if wraps {
            let own = arguments.iter().filter_map(|(parameter, argument)| {
                argument.map(|argument| part(&argument, Some(parameter)))
            });
            line.parts.extend(own);
        } else if matches!(signature.binding, Binding::Joined(_)) {
            line.parts.extend(joined(bound.description, arguments));
        } else {
            // `stdio:` has an empty argument after its colon, which is not shown as a part.
            let nothing =
                |it: &Argument<'_>| signature.binding == Binding::Anything && it.span.is_empty();
            let all = bound.description.arguments().filter(|it| !nothing(it));
            let shown = all.clone().take(MOST_PARTS);
            line.parts.extend(shown.map(|it| part(&it, parameter(arguments, &it))));
            line.more = all.skip(MOST_PARTS).count();
        }
        line.parts.sort_by_key(|part| part.span);
        self.0.push((line, wraps));
    }
}

/// Returns the parts of a type whose remaining arguments are joined to a nested description.
/// Adjacent arguments of that description form one part.
fn joined(description: &Description<'_>, arguments: &BoundArguments<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for argument in description.arguments().take(MOST_PARTS) {
        let Some(parameter) = parameter(arguments, &argument) else {
            match parts.last_mut() {
                Some(before)
                    if before.name == INSIDE && argument.span.start == before.span.end + 1 =>
                {
                    before.span = Span::new(before.span.start, argument.span.end);
                }
                _ => parts.push(Part { name: INSIDE, summary: INSIDE_IS, ..part(&argument, None) }),
            }
            continue;
        };
        parts.push(part(&argument, Some(parameter)));
    }
    for part in parts.iter_mut().filter(|it| it.name == INSIDE) {
        let text = description.text().get(part.span.start..part.span.end).unwrap_or_default();
        part.value = head(text, MOST_VALUE);
        part.meaning = None;
    }
    parts
}

fn type_part(bound: &BoundDescription<'_, '_>, signature: &'static Signature) -> Part {
    Part {
        span: bound.description.type_span(),
        name: bound.role.as_str(),
        summary: signature.summary,
        meaning: None,
        value: signature.name.to_owned(),
    }
}

fn part(argument: &Argument<'_>, parameter: Option<&'static Parameter>) -> Part {
    let value = head(&argument.value.to_bytes(), MOST_VALUE);
    let shows = parameter.is_some_and(|it| it.kind != Kind::Description);
    Part {
        span: argument.span,
        name: parameter.map_or(UNUSED.0, |parameter| parameter.name),
        summary: parameter.map_or(UNUSED.1, |parameter| parameter.summary),
        meaning: (shows && argument.value.is_escaped()).then(|| value.clone()),
        value,
    }
}

/// Returns the parameter that an argument is bound to; `None` if no parameter takes it.
fn parameter(
    arguments: &BoundArguments<'_>,
    argument: &Argument<'_>,
) -> Option<&'static Parameter> {
    let gathers = |parameter: &&Parameter| match parameter.kind {
        Kind::Rest => argument.is_positional(),
        Kind::Repeated => argument.key.as_ref().is_some_and(|key| *key == parameter.name),
        _ => false,
    };
    let bound =
        arguments.iter().find(|(_, it)| it.as_ref().is_some_and(|it| it.span == argument.span));
    let parameters = arguments.signature().parameters;
    bound.map(|(parameter, _)| parameter).or_else(|| parameters.iter().find(gathers))
}

/// Returns the parameters without arguments; `None` if all parameters have one.
fn absent(arguments: &BoundArguments<'_>) -> Option<Absent> {
    let given = |parameter: &Parameter| {
        parameter.kind == Kind::Rest
            && arguments.description().arguments().any(|it| it.is_positional())
    };
    let parameters: Vec<_> = arguments
        .iter()
        .filter(|(parameter, argument)| argument.is_none() && !given(parameter))
        .map(|(parameter, _)| parameter)
        .filter(|parameter| parameter.kind != Kind::Ignored)
        .map(|it| AbsentParameter { name: it.name, default: default(it), summary: it.summary })
        .collect();
    (!parameters.is_empty()).then_some(Absent { r#type: arguments.signature().name, parameters })
}

fn default(parameter: &Parameter) -> &'static str {
    match parameter.default {
        Default::Required => "missing",
        Default::Text("") => "empty",
        Default::Text(text) => text,
        Default::SameAs(other) => other,
        // A list without an argument has no items.
        _ if matches!(parameter.kind, Kind::Rest | Kind::Repeated) => "none",
        Default::Absent | Default::RequiredUnless(_) => "none",
    }
}
