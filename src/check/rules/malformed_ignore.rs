//! `malformed-ignore`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "malformed-ignore",
    severity: Severity::Warning,
    summary: "a comment that looks like one that ignores findings, and is none",
    doc: r"
A comment that is meant to silence the linter, in the words of another tool or without a code.

It ignores nothing, so the finding that it was written for is reported, today or after the next
change of the line.

    # strports: ignore
    tcp:8080:backlog=50:backlog=50

Name the code in brackets, or `all`; `check --add-ignores` writes such comments:

    # strports: ignore[duplicate-keyword]
    tcp:8080:backlog=50:backlog=50

Reference: the comment stands on the line of the finding, or on a line of its own before it.
",
};
