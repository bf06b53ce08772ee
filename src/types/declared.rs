//! A declared type: its signature, and what its entry says beyond the signature.

use std::net::IpAddr;

use strports_syntax::Signature;

/// A type that one `[[type]]` entry declares, for one of its roles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) signature: &'static Signature,
    /// A note of the entry about the type, in a sentence; `None` if it has none.
    pub(crate) note: Option<&'static str>,
    /// The names of other packages that contain the same parser.
    pub(crate) also: &'static [&'static str],
    /// The path of the file that contains the parser, inside the package.
    pub(crate) source: Option<&'static str>,
    /// The Python versions that the package runs on; `None` if current ones are among them.
    pub(crate) python: Option<&'static str>,
    /// A note of the entry for each parameter, in the order of the signature.
    pub(crate) notes: &'static [Option<&'static str>],
    /// The parameters with the TCP port and address that a server of this type listens on. `None`
    /// if it listens on no TCP port, or the entry does not say.
    pub(crate) listens: Option<Listens>,
}

/// Which parameters say where a server listens, so that the linter finds two on one port.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listens {
    pub(crate) port: &'static str,
    pub(crate) on: ListensOn,
}

/// Which IP address a server of a declared type listens on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ListensOn {
    /// A fixed address, which no parameter of the type can change.
    Address(IpAddr),
    /// The address in the parameter with this name; all addresses if it is absent.
    Interface(&'static str),
    /// All addresses of the machine: the type has no parameter for it.
    Everywhere,
}

/// Returns the built-in type with the same name and role; `None` if there is none.
pub(super) fn in_table(plugin: &Signature) -> Option<&'static Signature> {
    Signature::all(plugin.role).iter().copied().find(|it| same(it, plugin))
}

pub(super) fn same(a: &Signature, b: &Signature) -> bool {
    a.role == b.role && a.name.eq_ignore_ascii_case(b.name)
}
