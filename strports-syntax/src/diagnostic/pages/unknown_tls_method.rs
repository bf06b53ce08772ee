//! The page on the error `unknown-tls-method`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnknownTlsMethod,
    doc: r"
An `sslmethod` that is not a method for servers.

    ssl:443:sslmethod=TLSv1_2

Write the full name of a method, or leave it out to support all safe versions:

    ssl:443:sslmethod=TLSv1_2_METHOD

Reference: spec/DIFFERENCES.md, `sslmethod-not-a-method`.
",
};
