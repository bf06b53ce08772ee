//! SIGHUP reloads certificates, or ends the command if its terminal was closed.

use std::fs::File;
#[cfg(feature = "__tls")]
use std::sync::Mutex;

use tracing::Level;

use super::log::{Entry, Log};
#[cfg(feature = "__tls")]
use crate::lock::lock;
#[cfg(feature = "__tls")]
use crate::runtime::Reloader;
use crate::runtime::{Client, Listener};

/// What SIGHUP does in one command.
pub(in crate::cli) struct Sighup {
    /// Whether the command continues after SIGHUP if it has no certificates to reload.
    goes_on: bool,
    had_terminal: bool,
    log: Log,
    /// The reloaders of all listeners and clients that have certificates or trust roots.
    #[cfg(feature = "__tls")]
    reloaders: Mutex<Vec<Reloader>>,
}

impl Sighup {
    /// Creates the handler. `goes_on` is true for commands that run until a signal ends them.
    pub(in crate::cli) fn new(goes_on: bool, log: Log) -> Self {
        Self {
            goes_on,
            had_terminal: has_terminal(),
            log,
            #[cfg(feature = "__tls")]
            reloaders: Mutex::default(),
        }
    }

    /// Makes SIGHUP also reload the certificates of a listener.
    #[cfg(feature = "__tls")]
    pub(in crate::cli) fn add(&self, listener: &Listener) {
        self.add_reloader(listener.reloader());
    }

    /// Makes SIGHUP also reload the certificate and the trust roots of a client.
    #[cfg(feature = "__tls")]
    pub(in crate::cli) fn add_client(&self, client: &Client) {
        self.add_reloader(client.reloader());
    }

    #[cfg(feature = "__tls")]
    fn add_reloader(&self, reloader: Reloader) {
        if !reloader.is_empty() {
            lock(&self.reloaders).push(reloader);
        }
    }

    /// Does nothing: without TLS there are no certificates.
    #[cfg(not(feature = "__tls"))]
    #[expect(clippy::unused_self, reason = "with TLS it keeps the reloader")]
    pub(in crate::cli) fn add(&self, _: &Listener) {}

    /// Does nothing: without TLS there are no certificates.
    #[cfg(not(feature = "__tls"))]
    #[expect(clippy::unused_self, reason = "with TLS it keeps the reloader")]
    pub(in crate::cli) fn add_client(&self, _: &Client) {}

    /// Handles one SIGHUP: reloads certificates and logs the result. Returns whether the command
    /// must end, because its terminal was closed or it has nothing to reload.
    #[cfg_attr(
        not(feature = "__tls"),
        expect(clippy::unused_async, reason = "with TLS it waits for files")
    )]
    pub(in crate::cli) async fn handle(&self) -> bool {
        if self.had_terminal && !has_terminal() {
            return true;
        }
        #[cfg(feature = "__tls")]
        if self.reload().await {
            return false;
        }
        if self.goes_on {
            let message = "SIGHUP: there are no certificates to reload";
            self.log.write(&Entry::new(Level::INFO, "notice", message));
        }
        !self.goes_on
    }

    /// Reloads all certificates and logs the result. Returns false if no endpoint has any.
    #[cfg(feature = "__tls")]
    async fn reload(&self) -> bool {
        let reloaders = lock(&self.reloaders).clone();
        if reloaders.is_empty() {
            return false;
        }
        let (mut certificates, mut has_changed) = (0, false);
        for reloader in reloaders {
            let reloaded = reloader.reload().await;
            certificates += reloaded.certificates;
            has_changed |= reloaded.has_changed;
            for problem in reloaded.problems {
                let message = format!("{problem} (the previous ones stay in use)");
                self.log.write(&Entry::new(Level::WARN, "reload-failed", message));
            }
        }
        let change = if has_changed { "changed" } else { "unchanged" };
        let message = format!("SIGHUP: certificates were reloaded: {certificates}, {change}");
        let entry = Entry::new(Level::INFO, "reloaded", message);
        self.log.write(&entry.with("certificates", certificates).with("changed", has_changed));
        true
    }
}

/// Whether this process has a controlling terminal. It loses the terminal when that is closed,
/// which should end its programs.
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}
