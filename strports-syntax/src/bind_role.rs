//! Binds a text in a role that is known only at run time.

use alloc::vec::Vec;

use crate::{ClientEndpoint, Error, ErrorKind, Parameters, Role, ServerEndpoint, Sink, Types};

/// The largest number of findings in a report; further ones are only counted.
///
/// ```
/// use strports_syntax::{MOST_FINDINGS, Role, check};
/// let text = "tcp:80".to_owned() + &":x=1".repeat(MOST_FINDINGS + 7);
/// let report = check(&text, Role::Server);
/// assert_eq!((report.diagnostics().len(), report.more()), (MOST_FINDINGS, 7));
/// ```
pub const MOST_FINDINGS: usize = 100;

#[derive(Clone, Debug)]
pub(crate) enum Endpoint<'a> {
    Server(ServerEndpoint<'a>),
    Client(ClientEndpoint<'a>),
}

impl Endpoint<'_> {
    pub(crate) fn parameters(&self) -> &dyn Parameters {
        match self {
            Self::Server(endpoint) => endpoint,
            Self::Client(endpoint) => endpoint,
        }
    }
}

/// The errors of one text: the first [`MOST_FINDINGS`], and the number of further ones.
#[derive(Default)]
pub(crate) struct Errors {
    pub(crate) kept: Vec<Error>,
    pub(crate) more: usize,
}

impl Errors {
    pub(crate) fn kinds(&self) -> Vec<ErrorKind> {
        self.kept.iter().map(|error| *error.kind()).collect()
    }
}

impl Sink for Errors {
    fn error(&mut self, error: Error) {
        if self.kept.len() < MOST_FINDINGS { self.kept.push(error) } else { self.more += 1 }
    }
}

/// Binds `text` as a description of `role`, and reports every error to `sink`.
///
/// Returns `None` if there is an error.
pub(crate) fn bind_role<'a>(
    types: Types<'_>,
    text: &'a [u8],
    role: Role,
    sink: &mut dyn Sink,
) -> Option<Endpoint<'a>> {
    match role {
        Role::Server => types.server_with(text, sink).map(Endpoint::Server),
        Role::Client => types.client_with(text, sink).map(Endpoint::Client),
    }
}
