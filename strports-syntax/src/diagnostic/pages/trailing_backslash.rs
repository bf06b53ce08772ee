//! The page on the error `trailing-backslash`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::TrailingBackslash,
    doc: r"
A backslash at the very end.

A backslash escapes the next character, but there is none here.

    unix:/run/app.sock\

Remove it, or write two for a literal backslash:

    unix:/run/app.sock

Reference: spec/grammar.abnf, `escape`.
",
};
