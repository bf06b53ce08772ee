//! A time limit in words.

use core::fmt;
use std::time::Duration;

/// A length of time as `1 second`, `30 seconds` or `0.5 seconds`.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Duration::from_secs(1) {
            return f.write_str("1 second");
        }
        if self.0.subsec_nanos() == 0 {
            return write!(f, "{} seconds", self.0.as_secs());
        }
        write!(f, "{} seconds", self.0.as_secs_f64())
    }
}
