//! Passes listening sockets from a process to its successor without closing them, so that no client
//! is refused.
//!
//! [`proto::handover`](crate::proto::handover) defines the protocol of both sides. Sockets are
//! passed on, not opened a second time with `SO_REUSEPORT`, for three reasons. Connections in the
//! queue of a closed socket are lost. UNIX sockets have no such option. A port below 1024 may
//! require a privilege that was dropped.

mod open_count;
mod predecessor;
mod share;
mod successor;

pub use self::open_count::{OpenCountReceiver, OpenCountSender};
pub use self::predecessor::Predecessor;
pub use self::share::Share;
pub use self::successor::{Succession, Successor};
