//! The types of descriptions on the command line.

use std::cell::OnceCell;

use super::exit::Failure;
use crate::describe::check_with;
use strports_syntax::{Report, Role, Types};

/// Checks descriptions against the known types.
///
/// The configuration and the types of packages are read once, when a description has a type that is
/// not built in.
#[derive(Default)]
pub(super) struct KnownTypes {
    all: OnceCell<Types<'static>>,
}

impl KnownTypes {
    /// Checks a description in `role`, or in the role that fits. Also returns whether the
    /// description fits both roles.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration is needed and cannot be read.
    pub(super) fn check<'t>(
        &self,
        text: &'t [u8],
        role: Option<Role>,
    ) -> Result<(Report<'t>, bool), Failure> {
        check_with(text, role, || {
            if self.all.get().is_none() {
                let _ = self.all.set(known_types()?);
            }
            Ok(self.all.get().copied().unwrap_or_default())
        })
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

/// The built-in types and those of packages: without the linter's engine, no configuration is read.
#[cfg(not(feature = "check"))]
#[expect(clippy::unnecessary_wraps, reason = "reading a configuration can fail")]
pub(super) fn known_types() -> Result<Types<'static>, Failure> {
    Ok(crate::types::packages().types())
}
