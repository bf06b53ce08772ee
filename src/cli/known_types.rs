//! The types of descriptions on the command line.

use std::cell::OnceCell;

use super::exit::Failure;
use strports_syntax::{Code, Report, Role, Types};

/// Checks descriptions against the known types.
///
/// The configuration and the types of packages are read only when a description has a type that is
/// not built in. Most runs have none, and reading takes longer than `explain` itself.
#[derive(Default)]
pub(super) struct KnownTypes {
    all: OnceCell<Types<'static>>,
}

impl KnownTypes {
    /// Checks a description in `role`, or in the role that fits. Also returns the types, and
    /// whether the description fits both roles.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration is needed and cannot be read.
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

/// The built-in types, those of packages, and those of the nearest `strports.toml`.
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

/// The built-in types: without the linter's engine, no configuration is read.
#[cfg(not(feature = "check"))]
#[expect(clippy::unnecessary_wraps, reason = "reading a configuration can fail")]
pub(super) fn known_types() -> Result<Types<'static>, Failure> {
    Ok(Types::BUILTIN)
}
