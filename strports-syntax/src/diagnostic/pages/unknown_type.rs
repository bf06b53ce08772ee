//! `unknown-type`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnknownType,
    doc: r"
A type that there is not for this role.

Twisted looks for a plugin of that name and finds none. A few types exist for one role alone, and
`tcp`, `unix` and `ssl` of servers are in lower case. `strports types` lists the types that are
known: those of Twisted, those of packages, such as `onion` of txtorcon, and those that a `[[type]]`
in `strports.toml` declares.

    tpc:8080

Write a type that there is:

    tcp:8080

Reference: spec/endpoints.md.
",
};
