//! A parameter of a type: its keyword, kind and default.

use super::change::{self, Change};
use super::kind::Kind;
use super::purpose::Purpose;
use super::release::Release;
use crate::condition::Condition;

/// One parameter of a [`Signature`](super::Signature).
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
    /// The keyword.
    pub name: &'static str,
    /// Another keyword for the parameter; `name` takes precedence.
    pub alias: Option<&'static str>,
    /// The kind of values.
    pub kind: Kind,
    /// The file that must exist at the path, for a parameter that is a path.
    pub purpose: Option<Purpose>,
    /// The value without an argument.
    pub default: Default,
    /// Whether the argument must be a keyword.
    pub keyword_only: bool,
    /// Whether the parameter is an extension, which Twisted lacks.
    pub extension: bool,
    /// Whether the argument must be positional.
    pub positional_only: bool,
    /// Whether an empty argument counts as absent.
    pub absent_if_empty: bool,
    /// A condition that must hold if the parameter is given.
    pub with: Option<Condition>,
    /// Changes between releases of Twisted.
    pub changes: &'static [Change],
    /// The meaning, in one clause.
    pub summary: &'static str,
}

/// The value of a [`Parameter`] without an argument.
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
    /// There is none: the parameter is required.
    Required,
    /// There is none: the parameter is required unless this other parameter is given.
    RequiredUnless(&'static str),
    /// The parameter is absent.
    Absent,
    /// The value of this other parameter.
    SameAs(&'static str),
    /// This value, as written in a description.
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

    /// Creates a required parameter.
    pub const fn required(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self::new(name, kind, Default::Required, summary)
    }

    /// Creates an optional parameter without a default.
    pub const fn optional(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self::new(name, kind, Default::Absent, summary)
    }

    /// Creates an optional parameter with a default, as written in a description.
    pub const fn or(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        summary: &'static str,
    ) -> Self {
        Self::new(name, kind, Default::Text(default), summary)
    }

    /// Makes the parameter keyword-only.
    #[must_use]
    pub const fn by_name(self) -> Self {
        Self { keyword_only: true, ..self }
    }

    /// Makes the parameter positional-only.
    #[must_use]
    pub const fn by_place(self) -> Self {
        Self { positional_only: true, ..self }
    }

    /// Makes an empty argument count as absent.
    #[must_use]
    pub const fn absent_if_empty(self) -> Self {
        Self { absent_if_empty: true, ..self }
    }

    /// Makes the parameter an error unless the condition holds.
    #[must_use]
    pub const fn with(self, condition: Condition) -> Self {
        Self { with: Some(condition), ..self }
    }

    /// Sets what must exist at the path.
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

    /// Marks the parameter as an extension. It becomes keyword-only, so that Twisted's positional
    /// order does not change.
    pub(super) const fn extension(self) -> Self {
        Self { extension: true, ..self.by_name() }
    }

    /// Sets the changes between releases of Twisted.
    pub(super) const fn changed(self, changes: &'static [Change]) -> Self {
        Self { changes, ..self }
    }

    /// The first release of Twisted with the parameter; `None` if all releases have it, or none.
    pub fn since(&self) -> Option<Release> {
        change::since(self.changes)
    }

    /// The last release of Twisted with this parameter; `None` if no release removed it.
    pub fn until(&self) -> Option<Release> {
        change::until(self.changes)
    }

    /// Whether the parameter is required in every description of the type.
    pub const fn is_required(&self) -> bool {
        matches!(self.default, Default::Required)
    }

    /// The default as text, if there is one.
    pub const fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Default::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The default as a number, if it is an unsigned integer.
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

/// A parameter with facts that are computed at compile time.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The index in the signature.
    pub(crate) index: usize,
    pub(crate) parameter: &'static Parameter,
    /// The default as a number, if it is one.
    pub(crate) default: Option<u16>,
}

/// A limit above every signature of the table; it also holds for plugins.
pub(crate) const MOST_PARAMETERS: usize = 16;

impl Row {
    pub(crate) const fn new(index: usize, parameter: &'static Parameter) -> Self {
        Self { index, parameter, default: parameter.default_number() }
    }
}
