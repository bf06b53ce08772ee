//! `transport-mismatch`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "transport-mismatch",
    severity: Severity::Warning,
    summary: "a client and a listener of which only one uses TLS",
    doc: r"
A client that connects to a listener in the same tree, with TLS on only one of the two sides.

They cannot communicate: one of them waits for a handshake that the other does not start.

    ssl:8443:privateKey=key.pem
    tcp:localhost:8443

Use TLS on both sides, or on neither:

    ssl:8443:privateKey=key.pem
    tls:localhost:8443

Reference: RFC 8446, section 4.1.2.
",
};
