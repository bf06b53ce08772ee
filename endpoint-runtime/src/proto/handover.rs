//! The handover of listening sockets to a successor process: its environment and its messages.
//!
//! The successor is a child of its predecessor, started with the same arguments. It inherits the
//! descriptors with the numbers in [`VARIABLE`], and takes over in these steps:
//! 1. The predecessor starts it, changes the lock files to its process id, and writes one byte,
//!    [`GO`], to the channel.
//! 2. The successor reads that byte, uses the descriptors instead of opening sockets, and writes
//!    [`READY`] when it can serve. Until then it owns no files.
//! 3. The predecessor reads that byte and stops accepting, without removing files.
//! 4. The predecessor writes the number of connections that it still serves, as four bytes in
//!    big-endian order, whenever it changes. The end of the channel means none.
//! 5. If a predecessor ends before its own predecessor, it sends the connection count of the latter
//!    with the descriptor of the channel to it. The successor continues with that channel.
//!
//! If the channel ends before [`READY`], the successor has failed. The predecessor restores its
//! lock files and continues; it never stopped accepting.
//!
//! If the channel ends before [`GO`], the predecessor has ended. The successor continues, because
//! it has the sockets.
//!
//! See [`Handoff`] for an example of what is handed over.

use core::fmt;

/// The environment variable that lists what a successor inherits: a [`Handoff`] as text.
///
/// See [`Handoff`] for an example.
pub const VARIABLE: &str = "STRPORTS_HANDOVER";

/// The byte with which the predecessor lets the successor use the sockets and lock files.
///
/// See [`Handoff`] for an example.
pub const GO: u8 = b'g';

/// The byte with which the successor reports that it can serve.
///
/// See [`Handoff`] for an example.
pub const READY: u8 = b'r';

/// What a predecessor hands over to its successor; the value of [`VARIABLE`] in parsed form.
///
/// Children of the successor inherit the variable too. It contains the process id of the
/// predecessor, so that they can tell that it is not for them: their parent has another process id.
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
    /// The process id of the predecessor.
    pub predecessor: u32,
    /// The descriptor of the channel on which predecessor and successor exchange messages.
    pub channel: u32,
    /// The descriptors of each listener, in the order in which the successor requests them.
    pub listeners: Vec<Vec<u32>>,
}

impl Handoff {
    /// Parses the value of the variable; `None` if it is not in the format of
    /// [`Display`](fmt::Display).
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = value.splitn(3, ':');
        let (predecessor, channel) = (number(parts.next()?)?, number(parts.next()?)?);
        let listeners = parts.next()?.split(';').map(|it| it.split(',').map(number).collect());
        let handoff = Self { predecessor, channel, listeners: listeners.collect::<Option<_>>()? };
        // Rust's parser accepts a sign and leading zeros. No predecessor writes them, so the
        // value is not from one.
        Some(handoff).filter(|it| it.to_string() == value)
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
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
    fn a_written_message_parses_back() {
        for listeners in [vec![vec![7]], vec![vec![7, 8], vec![9]], vec![vec![1], vec![2], vec![3]]]
        {
            let handoff = Handoff { predecessor: 12, channel: 5, listeners };
            assert_eq!(Handoff::parse(&handoff.to_string()), Some(handoff));
        }
    }

    #[test]
    fn other_messages_are_ignored() {
        for text in
            ["", "1", "1:2", "1:2:", "1:2:x", "1:2:3,", "1:2:;3", "+1:2:3", "01:2:3", "1:2:3:4"]
        {
            assert_eq!(Handoff::parse(text), None, "{text}");
        }
    }
}
