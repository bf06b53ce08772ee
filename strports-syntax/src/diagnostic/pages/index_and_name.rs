//! `index-and-name`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::IndexAndName,
    doc: r"
A `systemd` server with both `index` and `name`, or with neither.

Either of them says which of the inherited sockets it is.

    systemd:INET:index=0:name=web

Keep one; a name stays right when sockets are added:

    systemd:INET:name=web

Reference: sd_listen_fds(3).
",
};
