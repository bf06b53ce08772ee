//! Any connection to any other: bytes copied both ways until both sides have ended.

mod copy;

pub use self::copy::{Transferred, relay};
