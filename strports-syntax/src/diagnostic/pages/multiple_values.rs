//! The page on the error `multiple-values`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::MultipleValues,
    doc: r"
One parameter is given twice, by position and by name.

    tcp:8080:port=8081

Remove one of them:

    tcp:8080

Reference: the Python language reference, section 6.3.4, `Calls`.
",
};
