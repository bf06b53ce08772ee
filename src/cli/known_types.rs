//! The types that descriptions on the command line may have.

use std::cell::OnceCell;

use super::exit::Failure;
use strports_syntax::{Code, Report, Role, Types};

/// Checks descriptions against the known types.
///
/// The configuration and the types of packages are read at the first description with a type that
/// the table lacks. Most runs have none, and reading costs more than explaining.
#[derive(Default)]
pub(super) struct KnownTypes {
    all: OnceCell<Types<'static>>,
}

impl KnownTypes {
    /// Checks a description in `role`, or in the role that fits; also returns its types and
    /// whether it fits both roles.
    ///
    /// # Errors
    ///
    /// A configuration that is needed and cannot be read.
    pub(super) fn check<'t>(
        &self,
        text: &'t [u8],
        role: Option<Role>,
    ) -> Result<(Types<'static>, Report<'t>, bool), Failure> {
        let check = |types: Types<'static>| {
            if let Some(role) = role {
                return (types, types.check(text, role), false);
            }
            let (report, both) = types.check_either(text);
            (types, report, both)
        };
        let builtin = check(Types::BUILTIN);
        if !builtin.1.errors().any(|it| it.code == Code::UnknownType) {
            return Ok(builtin);
        }
        if self.all.get().is_none() {
            let _ = self.all.set(known_types()?);
        }
        Ok(check(self.all.get().copied().unwrap_or_default()))
    }
}

/// The types of the table and of packages, and those of the nearest `strports.toml`.
#[cfg(feature = "check")]
pub(super) fn known_types() -> Result<Types<'static>, Failure> {
    Ok(configuration()?.types())
}

/// The configuration of the working directory.
#[cfg(feature = "check")]
pub(super) fn configuration() -> Result<std::sync::Arc<crate::check::Configuration>, Failure> {
    use crate::check::{Checker, Options};
    Checker::new(Options::default())
        .configuration_here()
        .map_err(|problem| Failure::Check(problem.to_string()))
}

/// The types of the table: without the linter's engine no configuration is read.
#[cfg(not(feature = "check"))]
#[expect(clippy::unnecessary_wraps, reason = "reading a configuration can fail")]
pub(super) fn known_types() -> Result<Types<'static>, Failure> {
    Ok(Types::BUILTIN)
}
