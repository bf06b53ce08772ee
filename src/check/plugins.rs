//! Types that are no mistake where the package is installed that brings them.
//!
//! A type that nobody knows is most often a slip of the pen. These have been published, and whoever
//! writes one has the package; its arguments are the package's own.

use strports_syntax::{Code, Diagnostic, Report, Role};

/// The types, and for which role; `None` where for both.
const TYPES: &[(&str, Option<Role>)] = &[
    // txtorcon
    ("onion", Some(Role::Server)),
    ("tor", Some(Role::Client)),
    // txi2p
    ("i2p", None),
    // txacme
    ("le", Some(Role::Server)),
    ("lets", Some(Role::Server)),
    // txsni
    ("txsni", Some(Role::Server)),
    // autobahn
    ("autobahn", None),
];

/// Whether what is reported is there where a plugin is.
pub(super) fn is_from_plugin(diagnostic: &Diagnostic, report: &Report<'_>) -> bool {
    let found = report.text().get(diagnostic.span.start..diagnostic.span.end).unwrap_or_default();
    match diagnostic.code {
        Code::UnknownType => TYPES.iter().any(|(name, role)| {
            found.eq_ignore_ascii_case(name.as_bytes())
                && role.is_none_or(|role| role == report.role())
        }),
        // Daphne's `fd` takes the keyword that our own has for its sake.
        Code::NotInTwisted => {
            found.eq_ignore_ascii_case(b"fd") && report.text().starts_with(b"fd:fileno=")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strports_syntax::check;

    fn left_alone(text: &str, role: Role) -> bool {
        let report = check(text, role);
        report.diagnostics().iter().all(|it| is_from_plugin(it, &report))
    }

    #[test]
    fn ok_types_of_packages_are_left_alone() {
        assert!(left_alone("onion:80:hiddenServiceDir=/srv/onion", Role::Server));
        assert!(left_alone("Tor:x.onion:80", Role::Client));
        assert!(left_alone("i2p:x.i2p", Role::Client) && left_alone("i2p:keys", Role::Server));
        assert!(left_alone("fd:fileno=0", Role::Server));
    }

    #[test]
    fn err_types_of_no_package() {
        for text in ["tpc:80", "onions:80", "tor:80", "fd:3", "fd:fileno=x"] {
            assert!(!left_alone(text, Role::Server), "{text}");
        }
        assert!(!left_alone("onion:80", Role::Client));
    }
}
