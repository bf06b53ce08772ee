//! The page on the error `unexpected-keyword`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnexpectedKeyword,
    doc: r"
A keyword that is not a parameter of the type.

Names are case-sensitive, and each type has its own.

    tcp:8080:intreface=127.0.0.1

Write the name of a parameter:

    tcp:8080:interface=127.0.0.1

Reference: spec/endpoints.md.
",
};
