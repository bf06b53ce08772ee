//! The types that descriptions on the command line may have.

use std::cell::OnceCell;

use super::exit::Failure;
use crate::describe::check_with;
use strports_syntax::{Report, Role, Types};

/// Checks descriptions against the built-in types, those of packages and declared ones.
///
/// The configuration and the types of packages are read once, and only when a description has a
/// type that is not built in.
#[derive(Default)]
pub(super) struct KnownTypes {
    all: OnceCell<Types<'static>>,
}

impl KnownTypes {
    /// Checks a description in `role`, or with `None` in the role that fits better. The `bool` says
    /// whether the description is valid in both roles.
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

/// Returns the built-in types, those of packages, and those of the nearest `strports.toml`.
#[cfg(feature = "check")]
pub(super) fn known_types() -> Result<Types<'static>, Failure> {
    Ok(configuration()?.types())
}

/// Reads the configuration that applies to the working directory.
#[cfg(feature = "check")]
pub(super) fn configuration() -> Result<std::sync::Arc<crate::check::Configuration>, Failure> {
    use crate::check::{Checker, Options};
    Checker::new(Options::default())
        .configuration_here()
        .map_err(|problem| Failure::Check(problem.to_string()))
}

/// Returns the built-in types and those of packages. Without the linter, no configuration is read.
#[cfg(not(feature = "check"))]
#[expect(clippy::unnecessary_wraps, reason = "reading a configuration can fail")]
pub(super) fn known_types() -> Result<Types<'static>, Failure> {
    Ok(crate::types::packages().types())
}
