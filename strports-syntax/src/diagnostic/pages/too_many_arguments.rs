//! `too-many-arguments`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::TooManyArguments,
    doc: r"
More positional arguments than the type takes.

Often a colon in a value was not escaped, which makes two arguments of one.

    systemd:INET:0:web:more

Leave out what is too much, or escape the colon with a backslash:

    systemd:INET:name=web

Reference: spec/endpoints.md.
",
};
