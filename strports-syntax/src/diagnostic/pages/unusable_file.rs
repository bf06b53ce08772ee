//! The page on the lint `unusable-file`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnusableFile,
    doc: r"
A file that exists, but cannot be used.

It is empty, too long, damaged, not a regular file, or has the wrong content for its parameter. Or a
private key is encrypted or of an unsupported kind. Listening or connecting would fail with the same
error.

    ssl:443:privateKey=/etc/tls/server.crt

Name the file with the right content:

    ssl:443:privateKey=/etc/tls/server.key:certKey=/etc/tls/server.crt

Reference: RFC 7468.
",
};
