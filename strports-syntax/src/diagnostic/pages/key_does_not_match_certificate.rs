//! `key-does-not-match-certificate`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::KeyDoesNotMatchCertificate,
    doc: r"
A private key that belongs to none of the certificates it is named with.

It is most often the key of the certificate before, or of the authority.

    ssl:443:privateKey=/etc/tls/old.key:certKey=/etc/tls/server.crt

Name the key with which the certificate was asked for:

    ssl:443:privateKey=/etc/tls/server.key:certKey=/etc/tls/server.crt

Reference: RFC 5280, section 4.1.2.7.
",
};
