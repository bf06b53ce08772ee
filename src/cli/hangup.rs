//! SIGHUP: certificates are read again, as by other servers; a terminal that goes away ends the command, as ever.

use std::fs::File;
#[cfg(feature = "__tls")]
use std::sync::{Mutex, PoisonError};

use super::log::{Entry, Level, Log};
use crate::runtime::Listener;
#[cfg(feature = "__tls")]
use crate::runtime::Reloader;

/// What SIGHUP means to a command.
pub(super) struct Hangup {
    /// Whether it also goes on where there is nothing to read again.
    stays: bool,
    had_terminal: bool,
    /// Where it says what came of it; every command that opens sockets has one.
    log: Option<Log>,
    /// Of every listener that has certificates.
    #[cfg(feature = "__tls")]
    reloaders: Mutex<Vec<Reloader>>,
}

impl Hangup {
    /// `stays` says whether the command goes on where there is nothing to read again, as one does that serves for ever.
    pub(super) fn new(stays: bool, log: Option<Log>) -> Self {
        Self {
            stays,
            had_terminal: has_terminal(),
            log,
            #[cfg(feature = "__tls")]
            reloaders: Mutex::default(),
        }
    }

    /// From now on, the certificates of this listener are read again, too.
    #[cfg(feature = "__tls")]
    pub(super) fn reloads(&self, listener: &Listener) {
        let reloader = listener.reloader();
        if !reloader.is_empty() {
            self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).push(reloader);
        }
    }

    /// Does nothing: without TLS there are no certificates.
    #[cfg(not(feature = "__tls"))]
    #[expect(clippy::unused_self, reason = "with TLS it notes the listener")]
    pub(super) fn reloads(&self, _: &Listener) {}

    /// Does what SIGHUP asks for, and says what came of it; whether the command is to end.
    #[cfg_attr(
        not(feature = "__tls"),
        expect(clippy::unused_async, reason = "with TLS it waits for files")
    )]
    pub(super) async fn heard(&self) -> bool {
        if self.had_terminal && !has_terminal() {
            return true;
        }
        #[cfg(feature = "__tls")]
        if self.has_read_again().await {
            return false;
        }
        if self.stays {
            let message = "SIGHUP: there is no certificate to read again";
            self.say(&Entry::new(Level::Info, "notice", message));
        }
        !self.stays
    }

    /// Reads every certificate again and logs the result; returns `false` if there are none.
    #[cfg(feature = "__tls")]
    async fn has_read_again(&self) -> bool {
        let reloaders = self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if reloaders.is_empty() {
            return false;
        }
        let (mut certificates, mut has_changed) = (0, false);
        for reloader in reloaders {
            let reloaded = reloader.reload().await;
            certificates += reloaded.certificates;
            has_changed |= reloaded.has_changed;
            for problem in reloaded.problems {
                let message = format!("{problem} (what was there before stays)");
                self.say(&Entry::new(Level::Warn, "reload-failed", message));
            }
        }
        let change = if has_changed { "changed" } else { "as before" };
        let message = format!("SIGHUP: certificates were read again: {certificates}, {change}");
        let entry = Entry::new(Level::Info, "reloaded", message);
        self.say(&entry.with("certificates", certificates).with("changed", has_changed));
        true
    }

    /// The log, where there is one.
    pub(super) fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    pub(super) fn say(&self, entry: &Entry) {
        self.log.iter().for_each(|log| log.say(entry));
    }
}

/// Whether this process has a terminal that could go away; then whoever closes it means to end what runs on it.
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}
