//! The types that descriptions may have: built-in ones, those of packages, and declared ones.

mod declared;
#[cfg(feature = "check")]
#[cfg(test)]
mod generate;
#[cfg(feature = "describe")]
mod json;
#[cfg(feature = "check")]
mod keep;
#[cfg(feature = "check")]
mod mistake;
#[cfg(feature = "check")]
mod read;
#[cfg(feature = "check")]
mod table;
mod third_party;

#[cfg(feature = "describe")]
use std::sync::LazyLock;

#[cfg(feature = "check")]
pub(crate) use declared::ListensOn;
pub(crate) use declared::{Declared, Listens};
use declared::{in_table, same};
#[cfg(feature = "check")]
pub(crate) use mistake::Mistake;
#[cfg(feature = "check")]
pub(crate) use table::TypeTable;
use third_party::THIRD_PARTY;

use strports_syntax::{Role, Signature, Types};

/// The types that one configuration declares, and those of packages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    /// The types that the configuration declares, then those of packages that it does not
    /// redeclare.
    declared: Vec<Declared>,
    /// How many of `declared` come from the configuration: these are the first ones.
    own: usize,
    /// All types for parsing. A built-in type takes precedence over a package's of the same name.
    types: Types<'static>,
}

impl Catalogue {
    /// Creates the catalogue of a configuration with these `[[type]]` tables. They replace types of
    /// packages with the same name and role.
    ///
    /// # Errors
    ///
    /// Returns the first error in the tables, such as an unknown kind, or a type that is built in.
    #[cfg(feature = "check")]
    pub(crate) fn new(tables: &[TypeTable]) -> Result<Self, Mistake> {
        let mut declared = read::read(tables, read::Known::Excludes)?;
        let own = declared.len();
        let is_own = |it: &Declared| declared.iter().any(|own| same(own.signature, it.signature));
        let others: Vec<_> = THIRD_PARTY.iter().filter(|it| !is_own(it)).copied().collect();
        declared.extend(others);
        let types = Types::with(keep::types(plugins(&declared)))
            .map_err(|error| Mistake::anywhere(&error))?;
        Ok(Self { declared, own, types })
    }

    /// Returns all types, for parsing descriptions with them.
    pub(crate) const fn types(&self) -> Types<'static> {
        self.types
    }

    /// Returns the parameters that say where a server of a declared type listens. `None` if the
    /// entry does not name them.
    pub(crate) fn listens(&self, signature: &Signature) -> Option<Listens> {
        self.declared.iter().find(|it| std::ptr::eq(it.signature, signature))?.listens
    }

    /// Returns the names of all types that are not built in.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        self.declared.iter().map(|it| it.signature.name)
    }

    /// Returns all types: the built-in ones, servers first, then those of packages, then those of
    /// the configuration.
    pub(crate) fn list(&self) -> impl Iterator<Item = Listed<'_>> {
        let table = [Role::Server, Role::Client].into_iter().flat_map(Signature::all);
        let table = table.map(|signature| Listed {
            signature,
            origin: if signature.extension { Origin::Extension } else { Origin::Twisted },
            declared: None,
        });
        let (own, others) = self.declared.split_at(self.own);
        let others = others.iter().map(|it| Listed::new(it, Origin::Package));
        let own = own.iter().map(|it| Listed::new(it, Origin::Configuration));
        table.chain(others).chain(own)
    }
}

/// A type in the list that `strports types` prints, and where it comes from.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'c> {
    pub(crate) signature: &'static Signature,
    pub(crate) origin: Origin,
    /// What the entry of a declared type says beyond the signature; `None` for a built-in type.
    pub(crate) declared: Option<&'c Declared>,
}

impl<'c> Listed<'c> {
    const fn new(declared: &'c Declared, origin: Origin) -> Self {
        Self { signature: declared.signature, origin, declared: Some(declared) }
    }

    /// Whether the type is called `name`, ignoring case.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.signature.name.eq_ignore_ascii_case(name)
    }
}

/// Where a type comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Twisted,
    /// A type that strports adds to those of Twisted.
    Extension,
    Package,
    Configuration,
}

impl Origin {
    /// The word for the origin in the output of `strports types`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Twisted => "twisted",
            Self::Extension => "strports",
            Self::Package => "package",
            Self::Configuration => "strports.toml",
        }
    }
}

/// Returns the built-in types and those of packages, without those of a configuration.
#[cfg(feature = "describe")]
pub(crate) fn packages() -> &'static Catalogue {
    static PLUGINS: LazyLock<Vec<&'static Signature>> = LazyLock::new(|| plugins(THIRD_PARTY));
    static PACKAGES: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
        declared: THIRD_PARTY.to_vec(),
        own: 0,
        types: Types::with(&PLUGINS).unwrap_or_default(),
    });
    &PACKAGES
}

/// Returns the type of a package that has the same name and role as an extension of strports.
pub(crate) fn stands_in(ours: &Signature) -> Option<&'static Signature> {
    THIRD_PARTY.iter().map(|it| it.signature).find(|it| ours.extension && same(it, ours))
}

/// Returns the declared types that no built-in type has the name and role of.
fn plugins(declared: &[Declared]) -> Vec<&'static Signature> {
    declared.iter().map(|it| it.signature).filter(|it| in_table(it).is_none()).collect()
}

#[cfg(feature = "check")]
#[cfg(test)]
mod tests;
