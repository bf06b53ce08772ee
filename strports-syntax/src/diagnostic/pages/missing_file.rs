//! `missing-file`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::MissingFile,
    doc: r"
A file or directory that a description names is not there.

It looks for keys, certificates, chains, authorities and Diffie-Hellman parameters, the file or
directory of a `tls` server, the directory above a new UNIX socket, and a program with the directory
to run it in. If no file is named, it looks for the default of the type: `server.pem`. A relative
path starts from the directory in which `strports` runs.

    ssl:443:privateKey=/etc/tls/sever.pem

Name the file as it is called, or put it there:

    ssl:443:privateKey=/etc/tls/server.pem

Reference: spec/endpoints.md, the paths.
",
};
