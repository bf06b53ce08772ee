//! `unused-ignore`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "unused-ignore",
    severity: Severity::Warning,
    summary: "a comment that ignores no finding",
    doc: r"
A comment that ignores a code without a finding there.

The finding was fixed, or the code is wrong. The comment could hide later errors.

    # strports: ignore[port-zero-client]
    tcp:8080

Remove the comment, or the code in it:

    tcp:8080

Reference: the comment stands on the line of the finding, or on a line of its own before it.
",
};
