//! The page on the error `unknown-domain`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnknownDomain,
    doc: r"
A socket domain that is not `INET`, `INET6` or `UNIX`.

No socket of another family can be taken over from systemd.

    systemd:IPV4:name=web

Write one of the three:

    systemd:INET:name=web

Reference: systemd.socket(5), `FileDescriptorName=`.
",
};
