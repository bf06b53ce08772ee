//! `not-an-integer`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::NotAnInteger,
    doc: r"
A value that is to be an integer and is none.

What Python's `int()` reads is an integer: decimal digits, or octal ones for `mode`.

    tcp:http

Write the number:

    tcp:80

Reference: the Python library reference, `int`.
",
};
