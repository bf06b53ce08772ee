//! `conflicting-arguments`

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::ConflictingArguments,
    doc: r"
Arguments that a plugin refuses beside each other, or one that it refuses without another.

`strports types` says of each parameter what it needs.

    onion:80:hiddenServiceDir=/srv/onion:privateKeyFile=/srv/key

Leave one of them out, or give the other one:

    onion:80:hiddenServiceDir=/srv/onion

Reference: the parser in the package that brings the type.
",
};
