//! The page on the error `too-many-arguments`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::TooManyArguments,
    doc: r"
More positional arguments than the type has parameters.

Often, a colon in a value is not escaped, so that the value becomes two arguments.

    systemd:INET:0:web:more

Remove the extra arguments, or escape the colon with a backslash:

    systemd:INET:name=web

Reference: spec/endpoints.md.
",
};
