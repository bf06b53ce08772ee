//! The pages on errors, and on lints that look at the machine; one file each.
//!
//! The pages on other lints are in the files of their rules.

mod bad_host;
mod certificate_expired;
mod certificate_name_mismatch;
mod conflicting_arguments;
mod empty_description;
mod index_and_name;
mod key_does_not_match_certificate;
mod key_readable_by_others;
mod missing_argument;
mod missing_file;
mod multiple_values;
mod nested_too_deep;
mod not_an_integer;
mod not_ascii_digit;
mod obsolete_tls_method;
mod out_of_range;
mod page;
mod too_many_arguments;
mod trailing_backslash;
mod unexpected_keyword;
mod unknown_domain;
mod unknown_tls_method;
mod unknown_type;
mod unreadable_file;
mod unusable_file;

use self::page::Page;
use crate::Code;

const PAGES: &[Page] = &[
    empty_description::PAGE,
    trailing_backslash::PAGE,
    unknown_type::PAGE,
    missing_argument::PAGE,
    unexpected_keyword::PAGE,
    too_many_arguments::PAGE,
    multiple_values::PAGE,
    not_an_integer::PAGE,
    not_ascii_digit::PAGE,
    out_of_range::PAGE,
    unknown_domain::PAGE,
    index_and_name::PAGE,
    conflicting_arguments::PAGE,
    unknown_tls_method::PAGE,
    obsolete_tls_method::PAGE,
    bad_host::PAGE,
    nested_too_deep::PAGE,
    missing_file::PAGE,
    unusable_file::PAGE,
    unreadable_file::PAGE,
    key_readable_by_others::PAGE,
    certificate_expired::PAGE,
    key_does_not_match_certificate::PAGE,
    certificate_name_mismatch::PAGE,
];

/// The page on `code`; `None` for a lint with a rule.
pub(crate) fn find(code: Code) -> Option<&'static str> {
    PAGES.iter().find(|page| page.code == code).map(|page| page.doc)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::lint::tests::types;
    use crate::{Role, Severity};

    #[test]
    fn each_code_has_one_page() {
        let is_here = |code: Code| code.severity() == Severity::Error || code.needs_machine();
        for code in Code::ALL.iter().filter(|code| is_here(**code)) {
            assert_eq!(PAGES.iter().filter(|page| page.code == *code).count(), 1, "{code}");
        }
        assert!(PAGES.iter().all(|page| is_here(page.code)));
    }

    /// The first example has the error and the second has none. Lints that look at the machine are
    /// left out: their examples depend on its files.
    #[test]
    fn examples_of_the_pages_are_correct() {
        for Page { code, doc } in PAGES.iter().filter(|page| !page.code.needs_machine()) {
            let examples = doc.lines().filter_map(|line| line.strip_prefix("    "));
            let [wrong, right] = examples.collect::<Vec<_>>()[..] else { panic!("{code}") };
            let roles = [Role::Server, Role::Client];
            let has = |role| types().check(wrong, role).errors().any(|error| error.code == *code);
            assert!(roles.into_iter().any(has), "{code}: {wrong}");
            assert!(
                roles.into_iter().any(|role| types().check(right, role).is_ok()),
                "{code}: {right}"
            );
        }
    }
}
