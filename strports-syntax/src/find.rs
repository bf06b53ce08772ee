//! Binds a text and runs the lint rules on each description in it.

use alloc::vec::Vec;

use crate::bind_role::{Endpoint, Errors, bind_role};
use crate::lint;
use crate::{BoundDescription, Diagnostic, Error, Role, Sink, Types};

/// The errors that binding found in a text, and the lints that the rules found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) errors: Errors,
    pub(crate) lints: Vec<Diagnostic>,
}

impl Sink for Found {
    fn error(&mut self, error: Error) {
        self.errors.error(error);
    }

    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        lint::run(bound, &mut self.lints);
    }
}

/// Binds `text` as a description of `role`, and collects its errors and lints.
///
/// The endpoint is `None` if there are errors.
pub(crate) fn find<'a>(
    types: Types<'_>,
    text: &'a [u8],
    role: Role,
) -> (Option<Endpoint<'a>>, Found) {
    let mut found = Found::default();
    let endpoint = bind_role(types, text, role, &mut found);
    (endpoint, found)
}
