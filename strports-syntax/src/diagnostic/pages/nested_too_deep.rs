//! The page on the error `nested-too-deep`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::NestedTooDeep,
    doc: r"
More than 16 descriptions inside one another.

The limit protects programs that read descriptions from untrusted sources.

    haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:tcp:80

Remove the redundant wrappers:

    haproxy:tcp:80

Reference: spec/DIFFERENCES.md, `nested-too-deep`.
",
};
