//! The page on the error `obsolete-tls-method`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::ObsoleteTlsMethod,
    doc: r"
An `sslmethod` older than TLS 1.2.

These versions are deprecated, and current clients do not support them.

    ssl:443:sslmethod=TLSv1_METHOD

Remove it:

    ssl:443

Reference: RFC 8996.
",
};
