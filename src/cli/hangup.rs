//! SIGHUP: certificates are read again, as by other servers; a terminal that goes away ends the command, as ever.

use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use crate::runtime::{Listener, Reloader};

/// What SIGHUP means to a command.
pub(super) struct Hangup {
    /// Whether it also goes on where there is nothing to read again.
    stays: bool,
    had_terminal: bool,
    reloaders: Mutex<Vec<Reloader>>,
}

impl Hangup {
    /// `stays` says whether the command goes on where there is nothing to read again, as one does that serves for ever.
    pub(super) fn new(stays: bool) -> Self {
        Self { stays, had_terminal: has_terminal(), reloaders: Mutex::default() }
    }

    /// From now on, the certificates of this listener are read again, too.
    pub(super) fn reloads(&self, listener: &Listener) {
        let reloader = listener.reloader();
        if !reloader.is_empty() {
            self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).push(reloader);
        }
    }

    /// Does what SIGHUP asks for, and says what came of it; whether the command is to end.
    pub(super) async fn heard(&self) -> bool {
        if self.had_terminal && !has_terminal() {
            return true;
        }
        let reloaders = self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if reloaders.is_empty() {
            if self.stays {
                say(&"SIGHUP: there is no certificate to read again");
            }
            return !self.stays;
        }
        let (mut certificates, mut has_changed) = (0, false);
        for reloader in reloaders {
            let reloaded = reloader.reload().await;
            for problem in reloaded.problems {
                say(&format_args!("{problem} (what was there before stays)"));
            }
            certificates += reloaded.certificates;
            has_changed |= reloaded.has_changed;
        }
        let change = if has_changed { "changed" } else { "as before" };
        say(&format_args!("SIGHUP: certificates were read again: {certificates}, {change}"));
        false
    }
}

/// Whether this process has a terminal that could go away; then whoever closes it means to end what runs on it.
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

fn say(message: &dyn std::fmt::Display) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{message}");
}
