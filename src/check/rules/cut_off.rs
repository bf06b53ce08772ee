//! `cut-off`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "cut-off",
    severity: Severity::Warning,
    summary: "a description that was cut off when it was copied",
    doc: r"
A description that ends with `>` or `…`. Pagers and editors mark lines that are longer than the
screen like this.

The rest of the line is missing, and the mark itself is read as a value.

    [Service]
    ExecStart=/usr/bin/daphne -e ssl:8000:>

Write the complete description:

    [Service]
    ExecStart=/usr/bin/daphne -e ssl:8000:privateKey=/etc/tls/key.pem

Reference: less(1), the option -S.
",
};
