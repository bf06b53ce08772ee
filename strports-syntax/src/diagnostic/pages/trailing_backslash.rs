//! `trailing-backslash`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::TrailingBackslash,
    doc: r"
A backslash at the very end.

A backslash makes the character behind it plain; here there is none.

    unix:/run/app.sock\

Remove it, or write two where one is meant:

    unix:/run/app.sock

Reference: spec/grammar.abnf, `escape`.
",
};
