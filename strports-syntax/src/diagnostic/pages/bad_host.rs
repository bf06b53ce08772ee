//! The page on the error `bad-host`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::BadHost,
    doc: r"
A host that is neither a name nor an address.

Certificates are verified for the host, so its name must be possible in a certificate: labels of at
most 63 letters, digits and hyphens.

    tls:*.example.com:443

Write the name of one host:

    tls:www.example.com:443

Reference: RFC 5890, section 2.3.1; RFC 9525.
",
};
