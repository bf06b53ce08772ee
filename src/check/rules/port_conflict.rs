//! `port-conflict`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "port-conflict",
    severity: Severity::Warning,
    summary: "two listeners on one port",
    doc: r"
Two listeners of one program on the same port and interface.

The second one cannot listen, because the address is in use. A `tcp6` listener on every address also
uses the port for IPv4 by default.

    tcp6:8000
    tcp:8000

Remove one of them, or use different ports or interfaces. The extension `v6only=1` separates IPv6
from IPv4:

    tcp6:8000:v6only=1
    tcp:8000

Reference: ipv6(7), IPV6_V6ONLY.
",
};
