//! Passes listening sockets from a process to its successor without closing them, so that no
//! client is refused.
//!
//! [`proto::handover`](crate::proto::handover) has the steps of both. Sockets are passed on as
//! they are, not opened a second time with `SO_REUSEPORT`: what waits in the queue of a socket that
//! closes is lost, UNIX sockets have no such option, and a port below 1024 could need a right that
//! was dropped.

mod open_count;
mod predecessor;
mod share;
mod successor;

pub use self::open_count::{OpenCountReceiver, OpenCountSender};
pub use self::predecessor::Predecessor;
pub use self::share::Share;
pub use self::successor::{Succession, Successor};
