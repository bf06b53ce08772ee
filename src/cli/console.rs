//! The standard streams that a command reads from and writes to.

use std::fmt::Display;
use std::io::{Read, Write};

use super::stream::Stream;

/// Standard input, output and error, as a command reads and writes them.
pub(super) struct Console {
    pub(super) input: Box<dyn Read>,
    pub(super) output: Stream,
    pub(super) errors: Stream,
}

impl Console {
    /// Creates a console on standard input, output and error of this process.
    pub(super) fn from_process() -> Self {
        Self {
            input: Box::new(std::io::stdin()),
            output: Stream::new(std::io::stdout()),
            errors: Stream::new(std::io::stderr()),
        }
    }

    /// Writes a line to standard error and flushes it, wrapped for a narrow terminal.
    pub(super) fn report(&mut self, message: &dyn Display) {
        let message = message.to_string();
        let message = self.errors.look().fitted(&message, 2);
        // If standard error is closed, the failure cannot be reported anywhere.
        let _ = writeln!(self.errors, "{message}");
        let _ = self.errors.flush();
    }
}
