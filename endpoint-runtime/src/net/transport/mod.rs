//! What carries the bytes: sockets, standard input and output, and what was open before.

pub(crate) mod accept_error;
pub(crate) mod inherited;
pub(crate) mod inherited_io;
mod kind;
pub(crate) mod opened;
pub(crate) mod stdio;
pub(crate) mod tcp;
pub(crate) mod unix;
