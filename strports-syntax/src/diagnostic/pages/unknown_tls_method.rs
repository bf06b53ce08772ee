//! `unknown-tls-method`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnknownTlsMethod,
    doc: r"
An `sslmethod` that is no method of a server.

    ssl:443:sslmethod=TLSv1_2

Write the whole name of one, or leave it out, which takes every version that is safe:

    ssl:443:sslmethod=TLSv1_2_METHOD

Reference: spec/DIFFERENCES.md, `sslmethod-not-a-method`.
",
};
