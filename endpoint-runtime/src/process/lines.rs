//! Splits the standard error of a program into lines for the log.
//!
//! Rules:
//! 1. A line feed ends a line and is not part of it; the last line may lack one.
//! 2. A line of more than [`MAX_LINE`] bytes is split, to bound the memory.
//! 3. Nothing is lost: bytes that are not UTF-8 print as `\xff`, control characters as `\u{1b}`,
//!    and a backslash as two.

use core::fmt::{self, Write};

/// A longer line is split after this many bytes, counted as the program wrote them.
pub(super) const MAX_LINE: usize = 4096;

/// Splits the output of a program, and holds the bytes of the current incomplete line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    held: Vec<u8>,
}

impl Lines {
    /// Adds bytes, and calls `say` for each complete line.
    pub(super) fn push(&mut self, mut read: &[u8], mut say: impl FnMut(Escaped<'_>)) {
        while !read.is_empty() {
            let room = MAX_LINE - self.held.len();
            // One byte beyond the limit, because it may be the line feed.
            let seen = &read[..read.len().min(room + 1)];
            let end = seen.iter().position(|byte| *byte == b'\n');
            let (taken, skipped) = match end {
                Some(end) => (end, 1),
                None if seen.len() > room => (room, 0),
                None => {
                    self.held.extend_from_slice(seen);
                    return;
                }
            };
            self.held.extend_from_slice(&seen[..taken]);
            let cut = if end.is_some() { self.held.len() } else { self.last_boundary() };
            say(Escaped(&self.held[..cut]));
            self.held.drain(..cut);
            read = &read[taken + skipped..];
        }
    }

    /// Calls `say` for the incomplete line at the end of the output.
    pub(super) fn finish(&mut self, say: impl FnOnce(Escaped<'_>)) {
        if !self.held.is_empty() {
            say(Escaped(&self.held));
            self.held.clear();
        }
    }

    /// The byte index at which to split a full line, so that no UTF-8 character is cut.
    fn last_boundary(&self) -> usize {
        match std::str::from_utf8(&self.held) {
            // Without an error length, the text ends within a character.
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
                error.valid_up_to()
            }
            _ => self.held.len(),
        }
    }
}

/// Displays bytes as text; bytes that are not UTF-8 and control characters are escaped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    // `escape_debug` would escape quotes too, which makes log lines harder to read.
                    '\'' | '"' => f.write_char(c)?,
                    _ => write!(f, "{}", c.escape_debug())?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<'a>(reads: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let (mut lines, mut said) = (Lines::default(), Vec::new());
        for read in reads {
            lines.push(read, |line| said.push(line.to_string()));
            assert!(lines.held.len() <= MAX_LINE);
        }
        lines.finish(|line| said.push(line.to_string()));
        said
    }

    #[test]
    fn lines_come_in_any_number_of_pieces() {
        let text = b"one\n\ntwo\nthree";
        let expected = ["one", "", "two", "three"];
        assert_eq!(lines([&text[..]]), expected);
        assert_eq!(lines(text.chunks(1)), expected);
        for cut in 0..text.len() {
            assert_eq!(lines([&text[..cut], &text[cut..]]), expected);
        }
        assert_eq!(lines([&b"ended\n"[..]]), ["ended"]);
    }

    #[test]
    fn a_line_that_is_too_long_becomes_several() {
        let long = vec![b'x'; MAX_LINE * 2 + 1];
        for piece in [1, 1000, MAX_LINE, MAX_LINE + 1, long.len()] {
            let said = lines(long.chunks(piece));
            let lengths: Vec<usize> = said.iter().map(String::len).collect();
            assert_eq!(lengths, [MAX_LINE, MAX_LINE, 1], "in pieces of {piece}");
        }
        let mut full = vec![b'x'; MAX_LINE];
        full.extend(b"\ny\n");
        assert_eq!(lines([&full[..]]).len(), 2, "a line feed after a full line adds no empty one");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let text = format!("x{}", "\u{e9}".repeat(MAX_LINE));
        let said = lines(text.as_bytes().chunks(1000));
        assert_eq!(said.concat(), text);
    }

    #[test]
    fn bytes_that_are_not_text_are_escaped() {
        let said = lines([&b"a\xff\x1b[1m\\xff\r\n'\"\xc3\n\t"[..]]);
        assert_eq!(said, [r"a\xff\u{1b}[1m\\xff\r", r#"'"\xc3"#, r"\t"]);
    }
}
