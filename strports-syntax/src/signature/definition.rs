//! One type of endpoint: what a row of the table holds.

use super::change::{self, Change};
use super::parameter::{MOST_PARAMETERS, Parameter, Row};
use super::release::Release;
use crate::Role;
use crate::condition::Condition;

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
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the table")]
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
    /// What releases of Twisted changed in it.
    pub changes: &'static [Change],
    /// Whether Twisted reads it from `bytes` too, on Python 3.
    pub takes_bytes: bool,
    /// Whether a plugin brings it.
    pub plugin: bool,
    /// The package that the plugin comes with, where that is known.
    pub package: Option<Package>,
    /// Whether keywords that it does not know are ignored, not refused.
    pub ignores_keywords: bool,
    /// Groups of conditions of which at most one may hold.
    pub excludes: &'static [&'static [Condition]],
    /// What it takes, in positional order; the keyword-only ones behind.
    pub parameters: &'static [Parameter],
}

/// The package that a plugin comes with.
///
/// ```
/// use strports_syntax::signature::Package;
/// let package = Package { name: "txtorcon", version: Some("26.6.0") };
/// assert_eq!(package.to_string(), "txtorcon 26.6.0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// The version that the signature was read from.
    pub version: Option<&'static str>,
}

impl core::fmt::Display for Package {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name)?;
        self.version.map_or(Ok(()), |version| write!(f, " {version}"))
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
    /// As a call; what no parameter takes is joined to the description inside.
    Joined(Joined),
    /// The first positional argument is the executable, the others are its arguments.
    Program,
}

/// How a plugin makes the description inside its own from the arguments that are left.
///
/// Each argument is unescaped, and a backslash is put before some of its bytes; positional ones
/// come first, then keywords as `key=value`, with colons between them.
///
/// ```
/// use strports_syntax::signature::{Kind, Joined, Parameter};
/// use strports_syntax::{Parameters, Role, Signature, Types, Value};
///
/// static TXSNI: Signature = Signature::plugin(
///     Role::Server,
///     "txsni",
///     "TLS with the certificates of a directory",
///     &[Parameter::required("pemdir", Kind::Path, "the directory")],
/// )
/// .around(Joined { role: Role::Server, escapes: ":" });
///
/// let plugins = [&TXSNI];
/// let types = Types::with(&plugins)?;
/// let endpoint = types.server(r"txsni:/certs:tcp:443:interface=\:\:1")?;
/// let Value::Server(inside) = endpoint.value("endpoint") else { unreachable!() };
/// assert_eq!(inside.to_string(), r"tcp:443:interface=\:\:1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The role of the description inside.
    pub role: Role,
    /// The characters that a backslash is put before; all are ASCII.
    pub escapes: &'static str,
}

impl Signature {
    /// How many parameters a type can have.
    pub const MOST_PARAMETERS: usize = MOST_PARAMETERS;

    /// A server type that every release of Twisted has, and reads in any case.
    pub(super) const fn server(
        name: &'static str,
        binding: Binding,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        Self {
            name,
            role: Role::Server,
            summary,
            binding,
            any_case: true,
            extension: false,
            changes: &[],
            takes_bytes: false,
            plugin: false,
            package: None,
            ignores_keywords: false,
            excludes: &[],
            parameters,
        }
    }

    /// As [`server`](Self::server), for a client type.
    pub(super) const fn client(
        name: &'static str,
        binding: Binding,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        Self { role: Role::Client, ..Self::server(name, binding, summary, parameters) }
    }

    /// The type of a plugin, whose arguments are bound as in a Python call.
    ///
    /// Its name is read in any case, as Twisted reads the prefixes of plugins.
    /// [`Types::with`](crate::Types::with) looks whether it makes sense.
    pub const fn plugin(
        role: Role,
        name: &'static str,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        let it = Self::server(name, Binding::Call, summary, parameters);
        Self { role, plugin: true, ..it }
    }

    /// The same, from a package.
    #[must_use]
    pub const fn from_package(self, package: Package) -> Self {
        Self { package: Some(package), ..self }
    }

    /// The same, which ignores keywords that it does not know.
    #[must_use]
    pub const fn ignoring_keywords(self) -> Self {
        Self { ignores_keywords: true, ..self }
    }

    /// The same, which refuses more than one condition of a group.
    #[must_use]
    pub const fn excluding(self, excludes: &'static [&'static [Condition]]) -> Self {
        Self { excludes, ..self }
    }

    /// The same, with a description inside it that is joined from what is left.
    #[must_use]
    pub const fn around(self, joined: Joined) -> Self {
        Self { binding: Binding::Joined(joined), ..self }
    }

    /// The same, with changes between releases of Twisted.
    pub(super) const fn changed(self, changes: &'static [Change]) -> Self {
        Self { changes, ..self }
    }

    /// The same, which Twisted reads from `bytes` too.
    pub(super) const fn taking_bytes(self) -> Self {
        Self { takes_bytes: true, ..self }
    }

    /// The first release of Twisted that has it; `None` if all have it, or none.
    pub fn since(&self) -> Option<Release> {
        change::since(self.changes)
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
