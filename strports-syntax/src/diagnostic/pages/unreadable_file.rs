//! The page on the lint `unreadable-file`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnreadableFile,
    doc: r"
A file that the current user may not read, so that its content was not checked.

For a private key, this is correct: the user of the program may be a different one.

    ssl:443:privateKey=/etc/tls/private/server.pem

Check as the user of the program:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: path_resolution(7), Permissions.
",
};
