//! The page on the error `conflicting-arguments`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::ConflictingArguments,
    doc: r"
Arguments that a plugin refuses together, or an argument that it refuses without another one.

`strports types` shows the requirements of each parameter.

    onion:80:hiddenServiceDir=/srv/onion:privateKeyFile=/srv/key

Remove one of them, or add the other one:

    onion:80:hiddenServiceDir=/srv/onion

Reference: the parser in the package of the type.
",
};
