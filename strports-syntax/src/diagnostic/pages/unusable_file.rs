//! `unusable-file`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnusableFile,
    doc: r"
A file that is there and cannot be used.

It is empty, too long, damaged, not a file, or not what its parameter takes; or a private key is
encrypted or of an unsupported kind. Listening or connecting would fail with the same error.

    ssl:443:privateKey=/etc/tls/server.crt

Name the file that holds what is asked for:

    ssl:443:privateKey=/etc/tls/server.key:certKey=/etc/tls/server.crt

Reference: RFC 7468.
",
};
