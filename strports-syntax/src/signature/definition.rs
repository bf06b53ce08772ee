//! The definition of one endpoint type: a row of the signature table.

use super::change::{self, Change};
use super::parameter::{MOST_PARAMETERS, Parameter, Row};
use super::release::Release;
use crate::Role;
use crate::condition::Condition;

/// A type of endpoint in one role: its name, its parameters, and how arguments bind to them.
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
    /// The name that begins a description, such as `tcp`.
    pub name: &'static str,
    /// Whether the type listens or connects.
    pub role: Role,
    /// What an endpoint of the type does, in one clause, for lists of types.
    pub summary: &'static str,
    /// How arguments are assigned to the parameters.
    pub binding: Binding,
    /// Whether case is ignored in the name. Twisted matches three server types case-sensitively.
    pub any_case: bool,
    /// Whether the type is an extension, which Twisted lacks.
    pub extension: bool,
    /// How releases of Twisted changed the type, oldest first.
    pub changes: &'static [Change],
    /// Whether Twisted also accepts a description of the type as a `bytes` object, on Python 3.
    pub takes_bytes: bool,
    /// Whether a plugin of Twisted defines the type, instead of Twisted or this project.
    pub plugin: bool,
    /// The Python package with the plugin; `None` if unknown, or if the type is not a plugin's.
    pub package: Option<Package>,
    /// Whether unknown keywords are ignored instead of rejected.
    pub ignores_keywords: bool,
    /// Groups of conditions that exclude each other: at most one of each group may hold in a
    /// description.
    pub excludes: &'static [&'static [Condition]],
    /// The parameters in positional order, followed by the keyword-only ones.
    pub parameters: &'static [Parameter],
}

/// The Python package that contains a plugin.
///
/// ```
/// use strports_syntax::signature::Package;
/// let package = Package { name: "txtorcon", version: Some("26.6.0") };
/// assert_eq!(package.to_string(), "txtorcon 26.6.0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name of the package in the Python Package Index, such as `txtorcon`.
    pub name: &'static str,
    /// The version of the package that the signature describes; `None` if unknown.
    pub version: Option<&'static str>,
}

impl core::fmt::Display for Package {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name)?;
        self.version.map_or(Ok(()), |version| write!(f, " {version}"))
    }
}

/// How the arguments of a description are assigned to the parameters of its type.
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
    /// As Twisted's `tcp` and `ssl` clients: two positional arguments are host and port, and
    /// override keywords. A single one is the port if `host=` is given, and the host otherwise. Any
    /// other number of them is ignored.
    HostAndPort,
    /// As Twisted's `unix` client: exactly one positional argument is the path, and overrides
    /// `path=`. Any other number of them is ignored.
    Path,
    /// As `stdio`: all arguments are accepted and ignored.
    Anything,
    /// As `haproxy`: the rest of the description, without the type and its keywords, is itself a
    /// description.
    Wrapper,
    /// Arguments bind as in a Python call. Those that no parameter takes are joined by colons, and
    /// are a nested description.
    Joined(Joined),
    /// As `process`: the first positional argument is the executable, the others are its arguments.
    Program,
}

/// How a plugin builds a nested description from the arguments that none of its parameters takes.
///
/// Each argument is unescaped, and some of its bytes are escaped again. Positional arguments come
/// first, then keywords as `key=value`, separated by colons.
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
    /// The role of the nested description that the arguments are joined to.
    pub role: Role,
    /// The characters to escape with a backslash when an argument is joined; all are ASCII.
    pub escapes: &'static str,
}

impl Signature {
    /// The maximum number of parameters that a type may have.
    pub const MOST_PARAMETERS: usize = MOST_PARAMETERS;

    /// Creates a server type of Twisted that every release has, matched case-insensitively.
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

    /// Creates a client type of Twisted that every release has; see [`server`](Self::server).
    pub(super) const fn client(
        name: &'static str,
        binding: Binding,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        Self { role: Role::Client, ..Self::server(name, binding, summary, parameters) }
    }

    /// Creates the type of a plugin, whose arguments are bound as in a Python call.
    ///
    /// The name is matched case-insensitively, as Twisted matches the prefixes of plugins.
    /// `Types::with` validates the signature.
    pub const fn plugin(
        role: Role,
        name: &'static str,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        let it = Self::server(name, Binding::Call, summary, parameters);
        Self { role, plugin: true, ..it }
    }

    /// Sets the Python package that contains the plugin.
    #[must_use]
    pub const fn from_package(self, package: Package) -> Self {
        Self { package: Some(package), ..self }
    }

    /// Makes the type ignore unknown keywords, instead of rejecting the description.
    #[must_use]
    pub const fn ignoring_keywords(self) -> Self {
        Self { ignores_keywords: true, ..self }
    }

    /// Sets [`excludes`](Self::excludes): groups of conditions of which at most one may hold.
    #[must_use]
    pub const fn excluding(self, excludes: &'static [&'static [Condition]]) -> Self {
        Self { excludes, ..self }
    }

    /// Makes the type contain a nested description, joined from the arguments that no parameter
    /// takes.
    #[must_use]
    pub const fn around(self, joined: Joined) -> Self {
        Self { binding: Binding::Joined(joined), ..self }
    }

    /// Sets how releases of Twisted changed the type.
    pub(super) const fn changed(self, changes: &'static [Change]) -> Self {
        Self { changes, ..self }
    }

    /// Records that Twisted also accepts a description of the type as `bytes`.
    pub(super) const fn taking_bytes(self) -> Self {
        Self { takes_bytes: true, ..self }
    }

    /// The first release of Twisted with the type.
    ///
    /// Returns `None` if all known releases have it, or none.
    pub fn since(&self) -> Option<Release> {
        change::since(self.changes)
    }

    /// The last release of Twisted with the type; `None` if no release removed it.
    pub fn until(&self) -> Option<Release> {
        change::until(self.changes)
    }

    /// The parameter whose keyword is `name`; `None` if there is none. Aliases do not count.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The parameter `name` with its index.
    ///
    /// It is evaluated at compile time, so an unknown name does not compile.
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

    /// Iterates over the parameters that positional arguments fill, in order.
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
