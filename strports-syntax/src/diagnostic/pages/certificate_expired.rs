//! `certificate-expired`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::CertificateExpired,
    doc: r"
A certificate that has expired, is not valid yet, or expires soon.

Soon is within 14 days, or within a quarter of its lifetime if that is less: automatic renewal
should have happened by then. `--expires-within DAYS` sets another limit. The certificates above it
that are sent with it count, too. Where several are trusted, or shown for one name, it is the one
that stays valid longest.

    ssl:443:privateKey=/etc/tls/old.pem

Renew it, and look why it was not renewed:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: RFC 5280, section 4.1.2.5.
",
};
