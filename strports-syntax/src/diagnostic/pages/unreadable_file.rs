//! `unreadable-file`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::UnreadableFile,
    doc: r"
A file that may not be read by the user who checks, so that nobody has looked into it.

For a private key that is as it should be, and says nothing about the user who will run the program.

    ssl:443:privateKey=/etc/tls/private/server.pem

Check as that user, who may read it:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: path_resolution(7), Permissions.
",
};
