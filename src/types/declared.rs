//! One declared type: its signature, and facts that are not part of the signature.

use std::net::IpAddr;

use strports_syntax::Signature;

/// A type that a `[[type]]` declares, for one role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) signature: &'static Signature,
    /// Facts beyond the columns of the table.
    pub(crate) note: Option<&'static str>,
    /// Other packages with the same parser.
    pub(crate) also: &'static [&'static str],
    /// The file of the package that contains the parser.
    pub(crate) source: Option<&'static str>,
    /// The versions of Python that the package runs on, if current ones are not among them.
    pub(crate) python: Option<&'static str>,
    /// Facts beyond the columns, for each parameter.
    pub(crate) notes: &'static [Option<&'static str>],
    /// The parameters of the listening TCP port, if the type has them.
    pub(crate) listens: Option<Listens>,
}

/// The parameter with the TCP port of a listening type, and its address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listens {
    pub(crate) port: &'static str,
    pub(crate) on: ListensOn,
}

/// The address that a type listens on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ListensOn {
    /// A fixed address, which the description cannot change.
    Address(IpAddr),
    /// The address in this parameter; every address if it is absent.
    Interface(&'static str),
    /// Every address of the machine, without a parameter for it.
    Everywhere,
}

/// The built-in type with the same name and role.
pub(super) fn in_table(plugin: &Signature) -> Option<&'static Signature> {
    Signature::all(plugin.role).iter().copied().find(|it| same(it, plugin))
}

pub(super) fn same(a: &Signature, b: &Signature) -> bool {
    a.role == b.role && a.name.eq_ignore_ascii_case(b.name)
}
