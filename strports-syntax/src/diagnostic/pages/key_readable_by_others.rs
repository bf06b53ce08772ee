//! The page on the lint `key-readable-by-others`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::KeyReadableByOthers,
    doc: r"
A private key that every user of the machine may read, or write.

Every process that reads it can impersonate the server. The group of the file may read it, so that
several services can share a key. A directory above it that other users cannot enter is enough, too.

    ssl:443:privateKey=/home/web/server.pem

Remove the permissions of others, as with `chmod o= FILE`:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: chmod(1); RFC 7468, section 13.
",
};
