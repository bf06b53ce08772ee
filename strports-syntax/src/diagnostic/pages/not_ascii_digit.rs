//! The page on the error `not-ascii-digit`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::NotAsciiDigit,
    doc: r"
A number in digits of another script.

Python reads them, but digits that look alike are not always the same.

    tcp:٨٠

Write the digits 0 to 9:

    tcp:80

Reference: spec/DIFFERENCES.md, `non-ascii-digit`.
",
};
