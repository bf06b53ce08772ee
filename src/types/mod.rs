//! The types of descriptions: those of the built-in table, of packages and of a configuration.

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

/// The types of one configuration, in addition to the built-in table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    /// The types of the configuration, then those of packages that it does not declare.
    declared: Vec<Declared>,
    /// The number of types of the configuration.
    own: usize,
    /// The types for parsing. A built-in type takes precedence over one of a package.
    types: Types<'static>,
}

impl Catalogue {
    /// Returns the types of packages, with types of the same name replaced by those of these
    /// tables.
    ///
    /// # Errors
    ///
    /// Returns the first error of the tables: an unknown kind, a type that exists already, and so
    /// on.
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

    /// The types for parsing.
    pub(crate) const fn types(&self) -> Types<'static> {
        self.types
    }

    /// The port that a declared type listens on, if its entry names the parameter.
    pub(crate) fn listens(&self, signature: &Signature) -> Option<Listens> {
        self.declared.iter().find(|it| std::ptr::eq(it.signature, signature))?.listens
    }

    /// The names of the declared types.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        self.declared.iter().map(|it| it.signature.name)
    }

    /// All types: the built-in ones, servers first, then those of packages, then those of the
    /// configuration.
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

/// A row of the list that `strports types` prints.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'c> {
    pub(crate) signature: &'static Signature,
    pub(crate) origin: Origin,
    /// Further facts of the type's declaration.
    pub(crate) declared: Option<&'c Declared>,
}

impl<'c> Listed<'c> {
    const fn new(declared: &'c Declared, origin: Origin) -> Self {
        Self { signature: declared.signature, origin, declared: Some(declared) }
    }

    /// Whether the name of the type is `name`, ignoring case.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.signature.name.eq_ignore_ascii_case(name)
    }
}

/// The origin of a type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Twisted,
    /// An extension of this project.
    Extension,
    Package,
    Configuration,
}

impl Origin {
    /// The word for the origin.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Twisted => "twisted",
            Self::Extension => "strports",
            Self::Package => "package",
            Self::Configuration => "strports.toml",
        }
    }
}

/// The built-in types and those of packages.
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

/// The type of a package with the same name as an extension of this project.
pub(crate) fn stands_in(ours: &Signature) -> Option<&'static Signature> {
    THIRD_PARTY.iter().map(|it| it.signature).find(|it| ours.extension && same(it, ours))
}

/// The types that the built-in table does not have.
fn plugins(declared: &[Declared]) -> Vec<&'static Signature> {
    declared.iter().map(|it| it.signature).filter(|it| in_table(it).is_none()).collect()
}

#[cfg(feature = "check")]
#[cfg(test)]
mod tests;
