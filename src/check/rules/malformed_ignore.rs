//! `malformed-ignore`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "malformed-ignore",
    severity: Severity::Warning,
    summary: "a comment that looks as if it ignored findings",
    doc: r"
A comment that should ignore a finding, but has no code or the syntax of another tool.

It has no effect, so the finding is still reported.

    # strports: ignore
    tcp:8080:backlog=50:backlog=50

Name the code in brackets, or `all`; `check --add-ignores` writes such comments:

    # strports: ignore[duplicate-keyword]
    tcp:8080:backlog=50:backlog=50

Reference: the comment stands on the line of the finding, or on a line of its own before it.
",
};
