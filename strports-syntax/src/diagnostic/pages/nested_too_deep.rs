//! `nested-too-deep`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::NestedTooDeep,
    doc: r"
More than 16 descriptions inside one another.

Nobody needs as many, and the text may come from anyone.

    haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:haproxy:tcp:80

Take the wrappers away that say nothing new:

    haproxy:tcp:80

Reference: spec/DIFFERENCES.md, `nested-too-deep`.
",
};
