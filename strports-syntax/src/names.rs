//! Parses roles, severities and codes from their names, for configuration and command lines.

use core::fmt;
use core::str::FromStr;

use crate::{Code, Role, Severity};

/// The error when a text is not the name of a [`Role`], [`Severity`] or [`Code`].
///
/// ```
/// use strports_syntax::{Code, Role};
/// let error = "servers".parse::<Role>().unwrap_err();
/// assert_eq!(error.to_string(), "expected `server` or `client`");
/// let error = Code::try_from("BadHost").unwrap_err();
/// assert_eq!(error.to_string(), "expected the name of an error or a lint, such as `bad-host`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError {
    expected: &'static str,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl core::error::Error for NameError {}

macro_rules! names {
    ($($Type:ident: $find:expr, $expected:literal;)*) => {$(
        /// Parses the lower-case name that `Display` prints; other cases are an error.
        impl FromStr for $Type {
            type Err = NameError;

            fn from_str(name: &str) -> Result<Self, NameError> {
                let find: fn(&str) -> Option<Self> = $find;
                find(name).ok_or(NameError { expected: $expected })
            }
        }

        /// Parses the lower-case name that `Display` prints; other cases are an error.
        impl TryFrom<&str> for $Type {
            type Error = NameError;

            fn try_from(name: &str) -> Result<Self, NameError> {
                name.parse()
            }
        }
    )*};
}

names! {
    Role: |name| [Role::Server, Role::Client].into_iter().find(|it| it.as_str() == name),
        "`server` or `client`";
    Severity: |name| {
        let all = [Severity::Error, Severity::Warning, Severity::Info];
        all.into_iter().find(|it| it.as_str() == name)
    }, "`error`, `warning` or `info`";
    Code: Code::from_slug, "the name of an error or a lint, such as `bad-host`";
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn names_parse_back() {
        for role in [Role::Server, Role::Client] {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            assert_eq!(Severity::try_from(severity.as_str()), Ok(severity));
        }
        for code in Code::ALL {
            assert_eq!(code.to_string().parse(), Ok(*code));
        }
    }

    #[test]
    fn unknown_names_list_the_expected_ones() {
        let error = "Error".parse::<Severity>().unwrap_err();
        assert_eq!(error.to_string(), "expected `error`, `warning` or `info`");
        assert!(Role::try_from("").is_err() && "bad host".parse::<Code>().is_err());
    }
}
