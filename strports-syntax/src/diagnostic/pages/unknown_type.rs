//! The page on the error `unknown-type`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnknownType,
    doc: r"
A type that does not exist for this role.

Twisted finds no plugin with that name. Some types exist only for one role, and `tcp`, `unix` and
`ssl` of servers have to be in lower case. `strports types` lists the known types: those of Twisted,
those of packages, such as `onion` of txtorcon, and those of `[[type]]` in `strports.toml`.

    tpc:8080

Write an existing type:

    tcp:8080

Reference: spec/endpoints.md.
",
};
