//! The page on the error `missing-argument`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::MissingArgument,
    doc: r"
A required argument is missing.

    tcp:localhost

Add it, by position or by name:

    tcp:localhost:8080

Reference: spec/endpoints.md, the parameters that are required.
",
};
