//! `unusable-file`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnusableFile,
    doc: r"
A file that is there and cannot be used.

It is empty, too long or damaged, no file at all, or something else than its place asks for; a private
key is encrypted, or of a kind that nobody speaks. Whoever listens or connects would say the same.

    ssl:443:privateKey=/etc/tls/server.crt

Name the file that holds what is asked for:

    ssl:443:privateKey=/etc/tls/server.key:certKey=/etc/tls/server.crt

Reference: RFC 7468.
",
};
