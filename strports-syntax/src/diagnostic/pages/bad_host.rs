//! `bad-host`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::BadHost,
    doc: r"
A host that is neither a name nor an address.

A certificate is checked against it, so that a name must be one that can be in a certificate:
letters, digits and hyphens in labels of at most 63.

    tls:*.example.com:443

Write the name of one host:

    tls:www.example.com:443

Reference: RFC 5890, section 2.3.1; RFC 9525.
",
};
