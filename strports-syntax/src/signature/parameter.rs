//! One parameter of a type: its keyword, what it takes, and its default.

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
    /// Its keyword.
    pub name: &'static str,
    /// Another keyword for it, which gives way to `name`.
    pub alias: Option<&'static str>,
    /// What values it takes.
    pub kind: Kind,
    /// The kind of file that has to be at its path.
    pub purpose: Option<Purpose>,
    /// What it is where it is not given.
    pub default: Default,
    /// Whether it can only be given by name.
    pub keyword_only: bool,
    /// Whether Twisted lacks it.
    pub extension: bool,
    /// Whether it can only be given by place.
    pub positional_only: bool,
    /// Whether the empty text is as good as no argument.
    pub absent_if_empty: bool,
    /// What must hold where it is given.
    pub with: Option<Condition>,
    /// What releases of Twisted changed in it.
    pub changes: &'static [Change],
    /// What it means, in one clause.
    pub summary: &'static str,
}

/// What a [`Parameter`] is where no argument gives it.
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
    /// It must be given.
    Required,
    /// It must be given unless this parameter is.
    RequiredUnless(&'static str),
    /// It is absent.
    Absent,
    /// The same as this parameter.
    SameAs(&'static str),
    /// This value, as it would be written.
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

    /// One that must be given.
    pub const fn required(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self::new(name, kind, Default::Required, summary)
    }

    /// One that may be absent.
    pub const fn optional(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self::new(name, kind, Default::Absent, summary)
    }

    /// One that has a default, as it would be written.
    pub const fn or(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        summary: &'static str,
    ) -> Self {
        Self::new(name, kind, Default::Text(default), summary)
    }

    /// The same, accepted only as a keyword.
    #[must_use]
    pub const fn by_name(self) -> Self {
        Self { keyword_only: true, ..self }
    }

    /// The same, accepted only as a positional argument.
    #[must_use]
    pub const fn by_place(self) -> Self {
        Self { positional_only: true, ..self }
    }

    /// The same, where an empty argument means none.
    #[must_use]
    pub const fn absent_if_empty(self) -> Self {
        Self { absent_if_empty: true, ..self }
    }

    /// The same, refused where the condition does not hold.
    #[must_use]
    pub const fn with(self, condition: Condition) -> Self {
        Self { with: Some(condition), ..self }
    }

    /// The same, whose path leads to this.
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

    /// An extension, accepted only as a keyword: Twisted's positional order does not change.
    pub(super) const fn extension(self) -> Self {
        Self { extension: true, ..self.by_name() }
    }

    /// The same, with changes between releases of Twisted.
    pub(super) const fn changed(self, changes: &'static [Change]) -> Self {
        Self { changes, ..self }
    }

    /// The first release of Twisted that has it; `None` if all have it, or none.
    pub fn since(&self) -> Option<Release> {
        change::since(self.changes)
    }

    /// Whether it must be given, come what may.
    pub const fn is_required(&self) -> bool {
        matches!(self.default, Default::Required)
    }

    /// The text of its default, if it has one.
    pub const fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Default::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its default as a number, where it is one without a sign.
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

/// A parameter with facts that do not depend on a text.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// Its index in its signature.
    pub(crate) index: usize,
    pub(crate) parameter: &'static Parameter,
    /// Its default as a number, where that is one.
    pub(crate) default: Option<u16>,
}

/// More than any signature of the table has; plugins have no more either.
pub(crate) const MOST_PARAMETERS: usize = 16;

impl Row {
    pub(crate) const fn new(index: usize, parameter: &'static Parameter) -> Self {
        Self { index, parameter, default: parameter.default_number() }
    }
}
