//! The types of descriptions: those of the table, those that packages bring, and those that a
//! configuration declares.

mod declared;
mod keep;
mod read;
mod table;

use std::sync::LazyLock;

pub(crate) use declared::Declared;
use read::{Known, in_table, read, same};
pub(crate) use table::TypeTable;

use super::mistake::Mistake;
use strports_syntax::{Role, Signature, Types};

/// The types of packages, written as users would write them.
const THIRD_PARTY: &str = include_str!("third_party.toml");

static SHIPPED: LazyLock<Vec<Declared>> = LazyLock::new(shipped);

#[expect(clippy::panic, reason = "a test reads the same text")]
fn shipped() -> Vec<Declared> {
    from_text(THIRD_PARTY).unwrap_or_else(|mistake| panic!("{}", mistake.message))
}

/// The types of one configuration, in addition to those of the table.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    /// The configuration's first, then those of packages that it does not declare itself.
    declared: Vec<Declared>,
    /// How many of them are the configuration's.
    own: usize,
    /// Those that descriptions may have: a type of the table goes before one of a package.
    types: Types<'static>,
}

impl Catalogue {
    /// The types of packages, with those of these tables in place of their namesakes.
    ///
    /// # Errors
    ///
    /// The first mistake of the tables: an unknown kind, a type that exists already, and the like.
    pub(crate) fn new(tables: &[TypeTable]) -> Result<Self, Mistake> {
        let mut declared = read(tables, Known::Excludes)?;
        let own = declared.len();
        let is_own = |it: &Declared| declared.iter().any(|own| same(own.signature, it.signature));
        let others: Vec<_> = SHIPPED.iter().filter(|it| !is_own(it)).cloned().collect();
        declared.extend(others);
        let plugins = declared.iter().map(|it| it.signature).filter(|it| in_table(it).is_none());
        let types = Types::with(keep::types(plugins.collect()))
            .map_err(|error| Mistake::anywhere(&error))?;
        Ok(Self { declared, own, types })
    }

    /// The types that descriptions may have.
    pub(crate) const fn types(&self) -> Types<'static> {
        self.types
    }

    /// The names of the types that are declared.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        self.declared.iter().map(|it| it.signature.name)
    }

    /// Every type: those of the table, servers first, those of packages, those of the
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

/// One type in the list of all.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'c> {
    pub(crate) signature: &'static Signature,
    pub(crate) origin: Origin,
    /// What its declaration says beside.
    pub(crate) declared: Option<&'c Declared>,
}

impl<'c> Listed<'c> {
    const fn new(declared: &'c Declared, origin: Origin) -> Self {
        Self { signature: declared.signature, origin, declared: Some(declared) }
    }

    /// Whether `name` names it, in whatever case.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.signature.name.eq_ignore_ascii_case(name)
    }
}

/// Where a type comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Twisted,
    /// It is one of ours.
    Extension,
    Package,
    Configuration,
}

impl Origin {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Twisted => "twisted",
            Self::Extension => "strports",
            Self::Package => "package",
            Self::Configuration => "strports.toml",
        }
    }
}

/// The types of the table and of packages.
#[cfg(all(feature = "cli", feature = "relay"))]
pub(crate) fn of_packages() -> Types<'static> {
    Catalogue::new(&[]).map_or_else(|_| Types::BUILTIN, |catalogue| catalogue.types())
}

/// The type of a package that shares its name with an extension of ours.
pub(crate) fn stands_in(ours: &Signature) -> Option<&'static Signature> {
    SHIPPED.iter().map(|it| it.signature).find(|it| ours.extension && same(it, ours))
}

/// The types of a text that has nothing but `[[type]]`.
fn from_text(text: &str) -> Result<Vec<Declared>, Mistake> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        r#type: Vec<TypeTable>,
    }
    read(&toml::from_str::<File>(text)?.r#type, Known::GoesFirst)
}

#[cfg(test)]
mod tests;
