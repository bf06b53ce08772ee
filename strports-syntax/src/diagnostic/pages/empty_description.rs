//! The page on the error `empty-description`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::EmptyDescription,
    doc: r"
A description without a type.

The type is the first argument that is not a keyword. It determines what is opened.

    port=8080

Begin with the type:

    tcp:localhost:8080

Reference: spec/grammar.abnf, `description`.
",
};
