//! `port-conflict`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "port-conflict",
    severity: Severity::Warning,
    summary: "two listeners on one port",
    doc: r"
Two listeners of one program on the same port and interface.

The second one cannot listen: the address is in use. A `tcp6` listener on every address takes
the port for IPv4 as well, unless told not to.

    tcp6:8000
    tcp:8000

Leave one of them out, or give them different ports or interfaces. Where IPv4 and IPv6 are to be
served apart, the extension `v6only=1` does it:

    tcp6:8000:v6only=1
    tcp:8000

Reference: ipv6(7), IPV6_V6ONLY.
",
};
