//! Transports: sockets, standard input and output, and inherited descriptors.

pub(crate) mod accept_error;
pub(crate) mod inherited;
pub(crate) mod inherited_io;
mod kind;
pub(crate) mod opened;
pub(crate) mod stdio;
pub(crate) mod tcp;
pub(crate) mod unix;
