//! The page on the error `not-an-integer`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::NotAnInteger,
    doc: r"
A value that has to be an integer, but is not.

The syntax is that of Python's `int()`: decimal digits, or octal ones for `mode`.

    tcp:http

Write the number:

    tcp:80

Reference: the Python library reference, `int`.
",
};
