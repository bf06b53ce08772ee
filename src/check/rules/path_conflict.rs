//! `path-conflict`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "path-conflict",
    severity: Severity::Warning,
    summary: "two listeners on one UNIX socket",
    doc: r"
Two listeners of one program on the same UNIX socket.

The second one cannot listen, because the path or its lock is in use.

    unix:/run/app.sock:mode=660
    unix:/run/app.sock:mode=600

Use different paths:

    unix:/run/app.sock:mode=660
    unix:/run/admin.sock:mode=600

Reference: unix(7), EADDRINUSE.
",
};
