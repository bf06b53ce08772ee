//! Reading the certificates of a server again, for whoever does not want to wait until their change
//! is noticed.

use core::fmt;
use std::sync::Arc;

use super::{Layer, Layers, ReadyServerLayer};
use crate::tls::{Reloaded, Reloads, ServerStore, ShownCertificate};

/// Reads the certificates of a listener again; other places than the one that has the listener can
/// have it.
///
/// It is not needed for changes to be served: the files are watched, and served within two seconds.
/// It is for whoever wants to know what comes of it, such as the command at SIGHUP.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> Result<(), endpoint_runtime::Error> {
/// let listener = endpoint_runtime::server_from_string("tls:/etc/certs:443")?.listen().await?;
/// let reloaded = listener.reloader().reload().await;
/// println!("{} certificates", reloaded.certificates);
/// for problem in reloaded.problems {
///     println!("{problem}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Reloader {
    stores: Vec<Arc<ServerStore>>,
}

impl Reloader {
    pub(crate) fn new(layers: &Layers<ReadyServerLayer>) -> Self {
        let stores = layers.iter().filter_map(|layer| match layer {
            Layer::Planned(ReadyServerLayer::Tls(acceptor)) => acceptor.store().cloned(),
            _ => None,
        });
        Self { stores: stores.collect() }
    }

    /// Whether there is nothing that could be read again: no TLS.
    pub fn is_empty(&self) -> bool {
        self.stores.is_empty()
    }

    /// Reads everything again. What can be used is shown to whoever connects from now on; in the
    /// place of what cannot, there stays what was there before.
    ///
    /// Unlike where a change is noticed, a certificate whose files have gone is gone at once, and a
    /// file that somebody is still writing is read as it is.
    pub async fn reload(&self) -> Reloaded {
        let mut reloaded = Reloaded::default();
        for store in &self.stores {
            let store = Arc::clone(store);
            let reading = smol::unblock(move || store.read_now()).await;
            reloaded.certificates += reading.certificates;
            reloaded.has_changed |= reading.has_changed;
            reloaded.problems.extend(reading.problems);
        }
        reloaded
    }

    /// The certificates that are shown now. Nothing is read for it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    ///
    /// # async fn example() -> Result<(), endpoint_runtime::Error> {
    /// let listener = endpoint_runtime::server_from_string("tls:/etc/certs:443")?.listen().await?;
    /// let soon = SystemTime::now() + Duration::from_secs(14 * 24 * 60 * 60);
    /// for certificate in listener.reloader().shown().iter().filter(|it| it.expires < soon) {
    ///     println!("{} in {}", certificate.subject, certificate.path.display());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn shown(&self) -> Vec<ShownCertificate> {
        self.stores.iter().flat_map(|it| it.shown()).collect()
    }

    /// How often certificates were read again, because their files have changed or somebody wanted
    /// it.
    pub fn reloads(&self) -> Reloads {
        self.stores.iter().map(|it| it.reloads()).fold(Reloads::default(), |sum, more| Reloads {
            succeeded: sum.succeeded + more.succeeded,
            failed: sum.failed + more.failed,
        })
    }
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader").finish_non_exhaustive()
    }
}
