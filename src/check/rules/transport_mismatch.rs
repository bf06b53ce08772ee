//! `transport-mismatch`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "transport-mismatch",
    severity: Severity::Warning,
    summary: "a client that speaks otherwise than the listener on that port",
    doc: r"
A client of this machine whose port has a listener in the same tree, with TLS on one side alone.

The two cannot talk to each other: one waits for a handshake that the other does not begin.

    ssl:8443:privateKey=key.pem
    tcp:localhost:8443

Let both speak TLS, or neither:

    ssl:8443:privateKey=key.pem
    tls:localhost:8443

Reference: RFC 8446, section 4.1.2.
",
};
