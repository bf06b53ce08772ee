//! `key-readable-by-others`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::KeyReadableByOthers,
    doc: r"
A private key that every user of the machine may read, or write.

Whoever reads it can be the server, and nobody will notice. Its group may read it: that is how several
services share one. A directory on the way that lets nobody else in is enough, too.

    ssl:443:privateKey=/home/web/server.pem

Take the file away from others, as `chmod o= FILE` does:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: chmod(1); RFC 7468, section 13.
",
};
