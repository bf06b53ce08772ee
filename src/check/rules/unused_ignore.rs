//! `unused-ignore`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "unused-ignore",
    severity: Severity::Warning,
    summary: "a comment that ignores what is not there",
    doc: r"
A comment that tells the linter to ignore a code that it does not find there.

What it was for has been mended, or the name is wrong; left alone it may hide the next mistake.

    # strports: ignore[port-zero-client]
    tcp:8080

Remove the comment, or the code in it:

    tcp:8080

Reference: the comment stands on the line of the finding, or on a line of its own before it.
",
};
