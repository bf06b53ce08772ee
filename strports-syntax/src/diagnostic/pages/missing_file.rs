//! The page on the lint `missing-file`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::MissingFile,
    doc: r"
A file or directory of a description does not exist.

The lint checks keys, certificates, chains, authorities and Diffie-Hellman parameters. It also
checks the file or directory of a `tls` server, the directory of a new UNIX socket, and a program
with its working directory. If the description names no file, the lint checks the default of the
type: `server.pem`. A relative path starts from the working directory of `strports`.

    ssl:443:privateKey=/etc/tls/sever.pem

Correct the path, or create the file:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: spec/endpoints.md, the paths.
",
};
