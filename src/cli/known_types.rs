//! The types that descriptions on the command line may have.

use super::exit::Failure;
use strports_syntax::Types;

/// The types of the table and of packages, and those that the nearest `strports.toml` declares.
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
