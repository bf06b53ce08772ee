//! Reading a text in a role that is known only when the program runs.

use alloc::vec::Vec;

use crate::{ClientEndpoint, Error, MOST_FINDINGS, Parameters, Role, ServerEndpoint, Sink, Types};

#[derive(Debug)]
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

/// Errors up to a bound, and how many there are beyond.
#[derive(Default)]
pub(crate) struct Errors {
    pub(crate) kept: Vec<Error>,
    pub(crate) more: usize,
}

impl Sink for Errors {
    fn error(&mut self, error: Error) {
        if self.kept.len() < MOST_FINDINGS { self.kept.push(error) } else { self.more += 1 }
    }
}

pub(crate) fn bind<'a>(
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
