//! The one table of what each type takes.
//!
//! Binding, messages, `explain`, completion, documentation, printing and linting read it; nothing
//! else lists a type or a parameter. [`server`] and [`client`] hold the rows, in Twisted's
//! positional order.
//!
//! ```
//! use strports_syntax::signature::client;
//! let timeout = client::TCP.parameter("timeout").unwrap();
//! assert_eq!(timeout.summary, "seconds that an attempt may take");
//! assert_eq!(timeout.default_text(), Some("30"));
//! ```

pub mod client;
mod kind;
mod purpose;
pub mod server;

pub use kind::Kind;
pub use purpose::Purpose;

use crate::{Role, Text, lexer};

/// One type of endpoint for one role: its name, how arguments reach parameters, and these.
///
/// ```
/// use strports_syntax::{Role, Signature};
/// for signature in Signature::all(Role::Server) {
///     println!("{}: {}", signature.name, signature.summary);
/// }
/// let tcp = Signature::find(Role::Server, &"tcp".into()).unwrap();
/// let positional: Vec<_> = tcp.positional().map(|parameter| parameter.name).collect();
/// assert_eq!(positional, ["port", "interface", "backlog"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// The type as written in a description.
    pub name: &'static str,
    /// Whether it listens or connects.
    pub role: Role,
    /// What it is, in one clause.
    pub summary: &'static str,
    /// How arguments reach parameters.
    pub binding: Binding,
    /// Whether `TCP6` means `tcp6`; Twisted reads three server types with case.
    pub any_case: bool,
    /// Whether Twisted lacks it.
    pub extension: bool,
    /// The first release of Twisted that has it, where releases still in use lack it.
    pub since: Option<Release>,
    /// What it takes, in positional order; the keyword-only ones behind.
    pub parameters: &'static [Parameter],
}

/// A release of Twisted, as `24.10`.
///
/// ```
/// use strports_syntax::signature::{Release, server};
/// assert!(server::TLS.since > Some(Release { year: 24, month: 10 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The last two digits of the year.
    pub year: u8,
    /// The month.
    pub month: u8,
}

impl core::fmt::Display for Release {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}", self.year, self.month)
    }
}

/// How the arguments of a description reach the parameters of its type.
///
/// ```
/// use strports_syntax::signature::{Binding, client, server};
/// assert_eq!(server::TCP.binding, Binding::Call);
/// assert_eq!(client::TCP.binding, Binding::HostAndPort);
/// assert_eq!(server::HAPROXY.binding, Binding::Wrapper);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// As in a Python call: positional arguments fill parameters in order, keywords by name.
    Call,
    /// Two positional arguments are host and port and overwrite keywords; a single one is the
    /// port where `host=` is given, else the host; with any other number keywords alone count.
    HostAndPort,
    /// Exactly one positional argument is the path and overwrites `path=`.
    Path,
    /// Anything is taken, and ignored.
    Anything,
    /// What is left without the type is itself a description.
    Wrapper,
    /// The first positional argument is the executable, the others are its arguments.
    Program,
}

/// One parameter of a [`Signature`].
///
/// ```
/// use strports_syntax::signature::server;
/// let backlog = server::TCP.parameter("backlog").unwrap();
/// assert_eq!(backlog.default_text(), Some("50"));
/// assert!(!backlog.is_required() && !backlog.keyword_only && !backlog.extension);
/// assert!(server::TCP.parameter("reusePort").unwrap().extension);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Its keyword.
    pub name: &'static str,
    /// Another keyword for it, which gives way to `name`.
    pub alias: Option<&'static str>,
    /// What values it takes.
    pub kind: Kind,
    /// What has to stand at the path that it takes.
    pub purpose: Option<Purpose>,
    /// What it is where it is not given.
    pub default: Default,
    /// Whether it can only be given by name.
    pub keyword_only: bool,
    /// Whether Twisted lacks it.
    pub extension: bool,
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
        let (alias, keyword_only, extension) = (None, false, false);
        Self { name, alias, kind, purpose: None, default, keyword_only, extension, summary }
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

    /// The same, to be given by name alone.
    #[must_use]
    pub const fn by_name(self) -> Self {
        Self { keyword_only: true, ..self }
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

    /// Of ours alone, and so always by name: Twisted's positional order is not to change.
    const fn extension(self) -> Self {
        Self { extension: true, ..self.by_name() }
    }

    /// Whether it must be given, come what may.
    pub const fn is_required(&self) -> bool {
        matches!(self.default, Default::Required)
    }

    /// Its default as it would be written, where it has one of its own.
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

/// A parameter with what is known of it before there is a text.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// Where it stands in its signature.
    pub(crate) index: usize,
    pub(crate) parameter: &'static Parameter,
    /// Its default as a number, where that is one.
    pub(crate) default: Option<u16>,
}

/// More than any signature of the table has; plugins have no more either.
pub(crate) const MOST_PARAMETERS: usize = 12;

impl Row {
    pub(crate) const fn new(index: usize, parameter: &'static Parameter) -> Self {
        Self { index, parameter, default: parameter.default_number() }
    }
}

impl Signature {
    /// How many parameters a type can have.
    pub const MOST_PARAMETERS: usize = MOST_PARAMETERS;

    /// The type of a plugin, whose arguments are bound as in a Python call.
    ///
    /// [`Types::with`](crate::Types::with) looks whether it makes sense.
    pub const fn plugin(
        role: Role,
        name: &'static str,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        let (binding, any_case, extension) = (Binding::Call, false, true);
        Self { name, role, summary, binding, any_case, extension, since: None, parameters }
    }

    /// The types that listen, or those that connect.
    pub fn all(role: Role) -> &'static [&'static Self] {
        match role {
            Role::Server => server::ALL,
            Role::Client => client::ALL,
        }
    }

    /// The type with this name, which may be in capitals where Twisted allows it.
    ///
    /// ```
    /// use strports_syntax::{Role, Signature};
    /// assert!(Signature::find(Role::Client, &"TCP".into()).is_some());
    /// assert!(Signature::find(Role::Server, &"TCP".into()).is_none());
    /// ```
    #[inline]
    pub fn find(role: Role, name: &Text<'_>) -> Option<&'static Self> {
        let mut all = Self::all(role).iter().copied();
        let exact = match name.as_plain() {
            Some(bytes) => all.find(|it| lexer::same(bytes, it.name)),
            None => all.find(|it| *name == *it.name),
        };
        exact.or_else(|| Self::find_in_any_case(role, name))
    }

    #[cold]
    fn find_in_any_case(role: Role, name: &Text<'_>) -> Option<&'static Self> {
        let mut all = Self::all(role).iter().copied();
        all.find(|it| it.any_case && name.eq_ignore_ascii_case(it.name))
    }

    /// The parameter with this keyword.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The row of the parameter `name`.
    ///
    /// Evaluated while compiling: a name that is not in the table does not compile.
    pub(crate) const fn row(&'static self, name: &str) -> Row {
        let mut index = 0;
        while index < self.parameters.len() {
            let parameter = &self.parameters[index];
            if same(parameter.name, name) {
                return Row::new(index, parameter);
            }
            index += 1;
        }
        unknown_parameter()
    }

    /// The parameters that positional arguments fill, in order.
    pub fn positional(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        self.parameters.iter().filter(|parameter| !parameter.keyword_only)
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[expect(clippy::panic, reason = "only ever reached while compiling")]
const fn unknown_parameter() -> ! {
    panic!("the signature has no such parameter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_every_signature_is_found_under_its_name_and_fits_the_slots() {
        for role in [Role::Server, Role::Client] {
            for signature in Signature::all(role) {
                assert_eq!(Signature::find(role, &signature.name.into()), Some(*signature));
                assert_eq!(signature.role, role);
                assert!(signature.parameters.len() <= MOST_PARAMETERS, "{}", signature.name);
            }
        }
    }

    #[test]
    fn ok_only_paths_lead_somewhere() {
        for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
            for parameter in signature.parameters {
                let is_path = parameter.kind == Kind::Path;
                assert!(is_path || parameter.purpose.is_none(), "{}", parameter.name);
            }
        }
    }

    /// What binding relies on when it stops at the first parameter of another kind.
    #[test]
    fn ok_required_parameters_stand_first_and_keyword_only_ones_last() {
        for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
            let parameters = signature.parameters;
            assert!(parameters.is_sorted_by_key(|parameter| parameter.keyword_only));
            let optional = |it: &Parameter| {
                !matches!(it.default, Default::Required | Default::RequiredUnless(_))
            };
            assert!(parameters.is_sorted_by_key(optional));
        }
    }
}
