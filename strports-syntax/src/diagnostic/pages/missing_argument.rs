//! `missing-argument`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::MissingArgument,
    doc: r"
A required argument is absent.

    tcp:localhost

Add it, in its place or by name:

    tcp:localhost:8080

Reference: spec/endpoints.md, the parameters that are required.
",
};
