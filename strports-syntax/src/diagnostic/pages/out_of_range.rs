//! The page on the error `out-of-range`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::OutOfRange,
    doc: r"
A number that can never work.

Ports go up to 65535, a timeout is more than 0, a mode is at most 7777. Twisted accepts other
numbers, and fails when it uses them.

    tcp:80800

Write a number within the range:

    tcp:8080

Reference: spec/DIFFERENCES.md, `port-range` and the rows after it.
",
};
