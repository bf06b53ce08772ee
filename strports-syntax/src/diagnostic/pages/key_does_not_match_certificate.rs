//! The page on the lint `key-does-not-match-certificate`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::KeyDoesNotMatchCertificate,
    doc: r"
A private key that does not belong to any certificate of the description.

Often, it is the key of the previous certificate, or of the authority.

    ssl:443:privateKey=/etc/tls/old.key:certKey=/etc/tls/server.crt

Name the key with which the certificate was requested:

    ssl:443:privateKey=/etc/tls/server.key:certKey=/etc/tls/server.crt

Reference: RFC 5280, section 4.1.2.7.
",
};
