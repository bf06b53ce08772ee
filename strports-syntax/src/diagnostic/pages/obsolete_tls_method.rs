//! `obsolete-tls-method`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::ObsoleteTlsMethod,
    doc: r"
An `sslmethod` older than TLS 1.2.

Those versions are withdrawn, and no client of today speaks them.

    ssl:443:sslmethod=TLSv1_METHOD

Leave it out:

    ssl:443

Reference: RFC 8996.
",
};
