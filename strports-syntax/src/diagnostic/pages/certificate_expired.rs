//! The page on the lint `certificate-expired`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::CertificateExpired,
    doc: r"
A certificate that has expired, is not valid yet, or expires soon.

Soon means within 14 days, or within a quarter of its lifetime if that is shorter: automatic renewal
should have happened by then. `--expires-within DAYS` sets another limit. Intermediate certificates
in the same file are checked, too. If several certificates are trusted, or are for one name, the one
that is valid longest counts.

    ssl:443:privateKey=/etc/tls/old.pem

Renew it, and find out why it was not renewed:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: RFC 5280, section 4.1.2.5.
",
};
