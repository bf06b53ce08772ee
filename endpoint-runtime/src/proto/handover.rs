//! How listening sockets pass from one process to its successor: what the environment of the
//! successor says.
//!
//! The successor is a child of its predecessor, started with the same arguments; it has the
//! descriptors under the numbers that [`VARIABLE`] names, and takes the place of the predecessor in
//! these steps:
//! 1. The predecessor starts it, has lock files name it, and writes one byte, [`GO`], into the
//!    channel.
//! 2. The successor reads that byte, takes the descriptors in place of opening sockets of its own,
//!    and writes [`READY`] when it can serve. Until then nothing in the file system is its own.
//! 3. The predecessor reads that byte, accepts no more, and removes nothing.
//! 4. The predecessor writes how many connections it still serves, as a number of four bytes, the
//!    highest first, and does so again when the number changes. The end of the channel means none.
//!
//! An end of the channel before that byte means that the successor has failed: the predecessor
//! takes its lock files back and goes on. It has been accepting all the time.
//!
//! Without that byte a successor whose predecessor is gone goes on, too: the sockets are open.

use core::fmt;

/// The environment variable that a successor finds.
pub const VARIABLE: &str = "STRPORTS_HANDOVER";

/// What the predecessor writes.
pub const GO: u8 = b'g';

/// What the successor writes.
pub const READY: u8 = b'r';

/// What is handed over: the value of the variable.
///
/// It names the predecessor, because the variable outlives the successor in the environment of its
/// children. They ignore it: their parent is another process.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::handover::Handoff;
///
/// let handoff = Handoff::parse("4711:3:4,5;6").unwrap();
/// assert_eq!((handoff.predecessor, handoff.channel), (4711, 3));
/// assert_eq!(handoff.listeners, [vec![4, 5], vec![6]]);
/// assert_eq!(handoff.to_string(), "4711:3:4,5;6");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff {
    /// The process that hands over.
    pub predecessor: u32,
    /// The descriptor of the channel.
    pub channel: u32,
    /// The descriptors of each listener, in the order in which the successor asks for them.
    pub listeners: Vec<Vec<u32>>,
}

impl Handoff {
    /// Reads the value of the variable; `None` where it is none that [`Display`](fmt::Display)
    /// writes.
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = value.splitn(3, ':');
        let (predecessor, channel) = (number(parts.next()?)?, number(parts.next()?)?);
        let listeners = parts.next()?.split(';').map(|it| it.split(',').map(number).collect());
        Some(Self { predecessor, channel, listeners: listeners.collect::<Option<_>>()? })
    }
}

/// Rust's parser accepts a sign, which a process number never has.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Handoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.predecessor, self.channel)?;
        for (i, listener) in self.listeners.iter().enumerate() {
            for (j, socket) in listener.iter().enumerate() {
                let before = match (i, j) {
                    (0, 0) => "",
                    (_, 0) => ";",
                    _ => ",",
                };
                write!(f, "{before}{socket}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for listeners in [vec![vec![7]], vec![vec![7, 8], vec![9]], vec![vec![1], vec![2], vec![3]]]
        {
            let handoff = Handoff { predecessor: 12, channel: 5, listeners };
            assert_eq!(Handoff::parse(&handoff.to_string()), Some(handoff));
        }
    }

    #[test]
    fn anything_else_is_nothing() {
        for text in
            ["", "1", "1:2", "1:2:", "1:2:x", "1:2:3,", "1:2:;3", "+1:2:3", "1:-2:3", "1:2:3:4"]
        {
            assert_eq!(Handoff::parse(text), None, "{text}");
        }
    }
}
