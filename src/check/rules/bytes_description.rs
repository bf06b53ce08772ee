//! `bytes-description`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "bytes-description",
    severity: Severity::Error,
    summary: "a description that is `bytes`, which Python 3 refuses",
    doc: r"
A `bytes` literal as the description in a Python program.

On Python 3, Twisted refuses most of them with a misleading exception, such as an unknown type for
`b'tcp'`. It accepts `bytes` only for `tcp6`, `stdio` and `tls`, and not inside other descriptions.

    endpoint = serverFromString(reactor, b'tcp:8080')

Write a `str`:

    endpoint = serverFromString(reactor, 'tcp:8080')

Reference: spec/versions.md, `bytes`.
",
};
