//! The role of an endpoint, as a number that C passes.

use crate::text::Status;

/// The role of a description: `STRPORTS_SERVER` or `STRPORTS_CLIENT`.
pub type Role = u32;

/// The description of a server, which listens.
pub const STRPORTS_SERVER: Role = 0;
/// The description of a client, which connects.
pub const STRPORTS_CLIENT: Role = 1;

/// Converts the number of a role, which is not a Rust enum because C may pass any value.
pub(crate) fn role(number: Role) -> Result<strports_syntax::Role, Status> {
    match number {
        STRPORTS_SERVER => Ok(strports_syntax::Role::Server),
        STRPORTS_CLIENT => Ok(strports_syntax::Role::Client),
        _ => Err(Status::STRPORTS_BAD_CONSTANT),
    }
}
