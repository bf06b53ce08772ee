//! The page on the error `index-and-name`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::IndexAndName,
    doc: r"
A `systemd` server with both `index` and `name`, or with neither.

Each of them selects one of the inherited sockets.

    systemd:INET:index=0:name=web

Keep one. A name stays correct when sockets are added:

    systemd:INET:name=web

Reference: sd_listen_fds(3).
",
};
