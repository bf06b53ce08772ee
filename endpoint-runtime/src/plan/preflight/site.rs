//! Finds the paths in a description, and the spans of the arguments that name them.
//!
//! Each nested description is a [`Site`] with its own paths.

use std::path::{Path, PathBuf};

use strports_syntax::Value;
use strports_syntax::signature::{Default, Parameter, Purpose};
use strports_syntax::{
    BoundArguments, BoundDescription, ClientEndpoint, Error, Parameters, Report, Role,
    ServerEndpoint, Sink, Span,
};

use super::super::Host;
use super::super::lower::text::path;
use super::options::{PreflightOptions, Start};

/// One description, outermost or nested, with the spans of its arguments.
pub(super) struct Site<'e> {
    endpoint: Inner<'e>,
    spans: Spans,
    options: &'e PreflightOptions,
}

/// The endpoint of a [`Site`].
#[derive(Clone, Copy)]
enum Inner<'e> {
    Server(&'e ServerEndpoint<'e>),
    Client(&'e ClientEndpoint<'e>),
}

/// Where the type and the arguments of one description are, as spans in the whole text.
#[derive(Clone)]
struct Spans {
    /// How many descriptions this one is nested in.
    depth: usize,
    type_name: Span,
    /// The name of each given parameter, with the span of its argument.
    arguments: Vec<(&'static str, Span)>,
}

/// A path, and the span of the argument that names it, or of the type if it is a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) path: PathBuf,
    pub(super) span: Span,
}

/// Whether a program is found by searching `PATH`, instead of by a path.
pub(super) fn is_name(program: &Path) -> bool {
    !program.as_os_str().as_encoded_bytes().contains(&b'/')
}

/// A sink of the parser that collects the spans of every description, the innermost first.
struct Places(Vec<Spans>);

impl Sink for Places {
    fn error(&mut self, _: Error) {}

    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        let arguments = bound.arguments.into_iter().flat_map(BoundArguments::iter);
        let spans = arguments.filter_map(|(parameter, argument)| {
            Some((parameter.name, bound.locate(argument?.span)))
        });
        self.0.push(Spans {
            depth: bound.depth,
            type_name: bound.locate(bound.description.type_span()),
            arguments: spans.collect(),
        });
    }
}

/// Every description in a report, from the outside in; empty if there are errors.
pub(super) fn sites<'e>(report: &'e Report<'_>, options: &'e PreflightOptions) -> Vec<Site<'e>> {
    let mut places = Places(Vec::new());
    match report.role() {
        Role::Server => _ = report.types().server_with(report.text(), &mut places),
        Role::Client => _ = report.types().client_with(report.text(), &mut places),
    }
    let outermost = report.server().map(Inner::Server).or(report.client().map(Inner::Client));
    let endpoints = std::iter::successors(outermost, |it| it.inner());
    let site = |(depth, endpoint)| {
        let found = places.0.iter().find(|it| it.depth == depth).cloned();
        let type_name = Span::new(0, report.text().len());
        let spans = found.unwrap_or(Spans { depth, type_name, arguments: Vec::new() });
        Site { endpoint, spans, options }
    };
    endpoints.enumerate().map(site).collect()
}

impl<'e> Inner<'e> {
    /// The endpoint that is nested in this one; `None` if there is none.
    fn inner(self) -> Option<Self> {
        match self.parameters().value("endpoint") {
            Value::Server(inner) => Some(Self::Server(inner)),
            Value::Client(inner) => Some(Self::Client(inner)),
            _ => None,
        }
    }

    fn parameters(self) -> &'e dyn Parameters {
        match self {
            Self::Server(endpoint) => endpoint,
            Self::Client(endpoint) => endpoint,
        }
    }
}

impl<'e> Site<'e> {
    /// The endpoint if it is a client; `None` for a server.
    pub(super) fn client(&self) -> Option<&'e ClientEndpoint<'e>> {
        match self.endpoint {
            Inner::Client(endpoint) => Some(endpoint),
            Inner::Server(_) => None,
        }
    }

    /// Whether the flag `name` is on, by its argument or by default.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.endpoint.parameters().value(name).as_flag() == Some(true)
    }

    /// The parameter with this purpose, if the type has one.
    pub(super) fn parameter(&self, purpose: Purpose) -> Option<&'static Parameter> {
        let parameters = self.endpoint.parameters().signature().parameters;
        parameters.iter().find(|it| it.purpose == Some(purpose))
    }

    /// Whether an argument or a default gives a path for this purpose, even an unknown one.
    pub(super) fn has(&self, purpose: Purpose) -> bool {
        self.parameter(purpose).is_some_and(|it| self.source(it).is_some())
    }

    /// The path for this purpose, with the span at which to report it.
    ///
    /// `None` if the argument is absent, empty or not known, or if it is a relative path and its
    /// base directory is not known.
    pub(super) fn named(&self, purpose: Purpose) -> Option<Named> {
        let source = self.source(self.parameter(purpose)?)?;
        let span = self.span(source.name)?;
        let Value::Text(text) = self.endpoint.parameters().value(source.name) else { return None };
        let path = path(text).ok().filter(|path| !path.as_os_str().is_empty())?;
        let path = match &self.options.start {
            Start::Here => path,
            _ if purpose == Purpose::Program && is_name(&path) => path,
            Start::At(directory) => directory.join(path),
            Start::Unknown if path.is_absolute() => path,
            Start::Unknown => return None,
        };
        Some(Named { path, span })
    }

    /// The parameter that provides the value, following defaults that name another parameter.
    fn source(&self, parameter: &'static Parameter) -> Option<&'static Parameter> {
        let endpoint = self.endpoint.parameters();
        match (endpoint.value(parameter.name), parameter.default) {
            (Value::Absent, Default::SameAs(other)) => endpoint.signature().parameter(other),
            (Value::Absent, _) => None,
            _ => Some(parameter),
        }
    }

    /// The span of a parameter's argument, or of the type if the parameter has its default.
    ///
    /// `None` if an unknown part of the text may change the value.
    fn span(&self, name: &str) -> Option<Span> {
        let unknown = &self.options.unknown;
        match self.spans.arguments.iter().find(|(it, _)| *it == name) {
            Some((_, span)) => (!unknown.iter().any(|it| it.touches(*span))).then_some(*span),
            // The argument is not given, unless an unknown part of the text contains it.
            None => unknown.is_empty().then_some(self.spans.type_name),
        }
    }

    /// The name or address that a TLS client verifies; `None` if unknown parts may change it.
    pub(super) fn verified(&self) -> Option<Host> {
        let endpoint = self.endpoint.parameters();
        let argument = match endpoint.value("hostname") {
            Value::Text(_) => "hostname",
            _ => "host",
        };
        self.span(argument)?;
        match endpoint.value(argument) {
            Value::Text(text) => text.to_str().map(|text| Host::parse(&text)),
            _ => None,
        }
    }
}
