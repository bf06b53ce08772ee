//! The signature table: every type of endpoint with its parameters.
//!
//! Binding, messages, `explain`, completion, documentation, printing and lints use it. No other
//! list of types or parameters exists. [`server`] and [`client`] hold the rows, in Twisted's
//! positional order.
//!
//! ```
//! use strports_syntax::signature::client;
//! let timeout = client::TCP.parameter("timeout").unwrap();
//! assert_eq!(timeout.summary, "seconds that an attempt may take");
//! assert_eq!(timeout.default_text(), Some("30"));
//! ```

mod change;
pub mod client;
mod definition;
mod kind;
mod parameter;
mod purpose;
mod release;
pub mod server;
mod shared;

#[cfg(feature = "alloc")]
pub(crate) use change::unsupported;
pub use change::{Case, Change, Effect};
pub use definition::{Binding, Joined, Package, Signature};
pub use kind::Kind;
pub use parameter::{Default, Parameter};
pub(crate) use parameter::{MOST_PARAMETERS, Row};
pub use purpose::Purpose;
pub use release::{FIRST_ASKED, RELEASES, Release, Releases, ReleasesError};

pub use crate::condition::Condition;
pub use crate::words::Words;

use crate::{Role, Text, escape};

impl Signature {
    /// All built-in types of the role, extensions included.
    pub fn all(role: Role) -> &'static [&'static Self] {
        match role {
            Role::Server => server::ALL,
            Role::Client => client::ALL,
        }
    }

    /// Finds the built-in type with this name, ignoring case where Twisted does.
    ///
    /// Returns `None` if there is none; [`Types::find`](crate::Types::find) also finds types of
    /// plugins.
    ///
    /// ```
    /// use strports_syntax::{Role, Signature};
    /// assert!(Signature::find(Role::Client, &"TCP".into()).is_some());
    /// assert!(Signature::find(Role::Server, &"TCP".into()).is_none());
    /// ```
    #[inline]
    pub fn find(role: Role, name: &Text<'_>) -> Option<&'static Self> {
        let mut all = Self::all(role).iter().copied();
        let exact = match name.as_plain() {
            Some(bytes) => all.find(|it| escape::same(bytes, it.name)),
            None => all.find(|it| *name == *it.name),
        };
        exact.or_else(|| Self::find_in_any_case(role, name))
    }

    #[cold]
    fn find_in_any_case(role: Role, name: &Text<'_>) -> Option<&'static Self> {
        Self::all(role).iter().copied().find(|it| it.is_named(name))
    }

    /// Whether `name` is the name of this type, ignoring case where Twisted does.
    pub(crate) fn is_named(&self, name: &Text<'_>) -> bool {
        if self.any_case { name.eq_ignore_ascii_case(self.name) } else { *name == *self.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_found_under_its_name_and_fits_the_slots() {
        for role in [Role::Server, Role::Client] {
            for signature in Signature::all(role) {
                assert_eq!(Signature::find(role, &signature.name.into()), Some(*signature));
                assert_eq!(signature.role, role);
                assert!(signature.parameters.len() <= MOST_PARAMETERS, "{}", signature.name);
            }
        }
    }

    #[test]
    fn only_path_parameters_have_a_purpose() {
        for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
            for parameter in signature.parameters {
                let is_path = parameter.kind == Kind::Path;
                assert!(is_path || parameter.purpose.is_none(), "{}", parameter.name);
            }
        }
    }

    /// Binding relies on this: it looks for missing arguments only up to the first optional
    /// parameter.
    #[test]
    fn required_parameters_come_first_and_keyword_only_ones_last() {
        for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
            let parameters = signature.parameters;
            assert!(parameters.is_sorted_by_key(|parameter| parameter.keyword_only));
            let optional = |it: &Parameter| {
                !matches!(it.default, Default::Required | Default::RequiredUnless(_))
            };
            assert!(parameters.is_sorted_by_key(optional));
        }
    }
}
