//! A parameter of a type: its keyword, kind and default.

use super::change::{self, Change};
use super::kind::Kind;
use super::purpose::Purpose;
use super::release::Release;
use crate::condition::Condition;

/// One parameter of a [`Signature`](super::Signature): how it is given, its values and its default.
///
/// ```
/// use strports_syntax::signature::server;
/// let backlog = server::TCP.parameter("backlog").unwrap();
/// assert_eq!(backlog.default_text(), Some("50"));
/// assert!(!backlog.is_required() && !backlog.keyword_only && !backlog.extension);
/// assert!(server::TCP.parameter("reusePort").unwrap().extension);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the table")]
#[non_exhaustive]
pub struct Parameter {
    /// The keyword that names the parameter in a description, such as `port`.
    pub name: &'static str,
    /// A second keyword for the parameter, if any. If both are given, the one with `name` counts.
    pub alias: Option<&'static str>,
    /// The kind of values that the parameter takes.
    pub kind: Kind,
    /// For a path, what must exist there; `None` if nothing must, or if it is not a path.
    pub purpose: Option<Purpose>,
    /// The value if no argument is given, or that one is required.
    pub default: Default,
    /// Whether the argument must be given by keyword, not by position.
    pub keyword_only: bool,
    /// Whether the parameter is an extension, which Twisted lacks.
    pub extension: bool,
    /// Whether the argument must be given by position, not by keyword.
    pub positional_only: bool,
    /// Whether an empty argument counts as not given.
    pub absent_if_empty: bool,
    /// A condition that must hold if the parameter is given; `None` if it may always be given.
    pub with: Option<Condition>,
    /// How releases of Twisted changed the parameter, oldest first.
    pub changes: &'static [Change],
    /// What the value means, in one clause, for documentation.
    pub summary: &'static str,
}

/// The value of a [`Parameter`] for which no argument is given.
///
/// ```
/// use strports_syntax::signature::{Default, server};
/// let default = |name| server::SSL.parameter(name).unwrap().default;
/// assert_eq!(default("privateKey"), Default::Text("server.pem"));
/// assert_eq!(default("certKey"), Default::SameAs("privateKey"));
/// assert_eq!(default("port"), Default::RequiredUnless("endpoint"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// There is no default: an argument is required.
    Required,
    /// There is no default: an argument is required unless this other parameter is given.
    RequiredUnless(&'static str),
    /// The parameter is then absent, and has no value.
    Absent,
    /// The value is that of this other parameter.
    SameAs(&'static str),
    /// The value is this one, as written in a description.
    Text(&'static str),
}

impl Parameter {
    const fn new(name: &'static str, kind: Kind, default: Default, summary: &'static str) -> Self {
        Self {
            name,
            alias: None,
            kind,
            purpose: None,
            default,
            keyword_only: false,
            extension: false,
            positional_only: false,
            absent_if_empty: false,
            with: None,
            changes: &[],
            summary,
        }
    }

    /// Creates a parameter that every description of the type must give, by position or keyword.
    pub const fn required(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self::new(name, kind, Default::Required, summary)
    }

    /// Creates an optional parameter that is absent by default.
    pub const fn optional(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self::new(name, kind, Default::Absent, summary)
    }

    /// Creates an optional parameter whose default is a value, as written in a description.
    pub const fn or(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        summary: &'static str,
    ) -> Self {
        Self::new(name, kind, Default::Text(default), summary)
    }

    /// Makes the parameter keyword-only: a positional argument cannot fill it.
    #[must_use]
    pub const fn by_name(self) -> Self {
        Self { keyword_only: true, ..self }
    }

    /// Makes the parameter positional-only: its name is not a keyword.
    #[must_use]
    pub const fn by_place(self) -> Self {
        Self { positional_only: true, ..self }
    }

    /// Makes an empty argument, such as `port=`, count as not given.
    #[must_use]
    pub const fn absent_if_empty(self) -> Self {
        Self { absent_if_empty: true, ..self }
    }

    /// Makes it an error to give the parameter unless the condition holds.
    #[must_use]
    pub const fn with(self, condition: Condition) -> Self {
        Self { with: Some(condition), ..self }
    }

    /// Sets what must exist at the path that is the parameter's value.
    ///
    /// ```
    /// use strports_syntax::signature::{Kind, Parameter, Purpose};
    /// let keys = Parameter::required("keys", Kind::Path, "PEM file of the key");
    /// assert_eq!(keys.leading_to(Purpose::PrivateKey).purpose, Some(Purpose::PrivateKey));
    /// ```
    #[must_use]
    pub const fn leading_to(self, purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// Marks the parameter as an extension, which Twisted lacks.
    ///
    /// It becomes keyword-only, so that the order of Twisted's positional parameters stays the
    /// same.
    pub(super) const fn extension(self) -> Self {
        Self { extension: true, ..self.by_name() }
    }

    /// Sets how releases of Twisted changed the parameter.
    pub(super) const fn changed(self, changes: &'static [Change]) -> Self {
        Self { changes, ..self }
    }

    /// The first release of Twisted with the parameter.
    ///
    /// Returns `None` if all known releases have it, or none.
    pub fn since(&self) -> Option<Release> {
        change::since(self.changes)
    }

    /// The last release of Twisted with the parameter; `None` if no release removed it.
    pub fn until(&self) -> Option<Release> {
        change::until(self.changes)
    }

    /// Whether the parameter is required in every description of the type.
    pub const fn is_required(&self) -> bool {
        matches!(self.default, Default::Required)
    }

    /// The default as written in a description; `None` if the default is not a text.
    pub const fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Default::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The default as a number, in octal for modes; `None` if it is not an unsigned integer.
    const fn default_number(&self) -> Option<u16> {
        let Some(text) = self.default_text() else { return None };
        let base = if matches!(self.kind, Kind::Mode) { 8 } else { 10 };
        let (digits, mut at, mut number) = (text.as_bytes(), 0, 0);
        while at < digits.len() && digits[at].is_ascii_digit() {
            number = number * base + (digits[at] - b'0') as u16;
            at += 1;
        }
        if at > 0 && at == digits.len() { Some(number) } else { None }
    }
}

/// A parameter with its index and its default, computed at compile time to bind faster.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The index among the parameters of the signature.
    pub(crate) index: usize,
    pub(crate) parameter: &'static Parameter,
    /// The default as a number; `None` if it is not an unsigned integer.
    pub(crate) default: Option<u16>,
}

/// The maximum number of parameters of a type, plugins included: the size of
/// [`BoundArguments`](crate::BoundArguments).
pub(crate) const MOST_PARAMETERS: usize = 16;

impl Row {
    pub(crate) const fn new(index: usize, parameter: &'static Parameter) -> Self {
        Self { index, parameter, default: parameter.default_number() }
    }
}
