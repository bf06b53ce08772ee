//! Reloads the certificates of a server or a client at the request of its program.

use core::fmt;
use std::sync::{Arc, Weak};

use smol::lock::OnceCell;

use super::{KeyLog, Layer, Layers, ReadyClientLayer, ReadyServerLayer, need_files, ready};
use crate::error::Problem;
use crate::plan::ClientLayer;
use crate::tls::{PresentedCertificate, Reload, Reloaded, Reloads};

/// Reloads the certificates and trust roots of a listener or a client.
///
/// Files are also watched, and changes take effect within two seconds. A program calls this to get
/// the result of a reload, as the command does on SIGHUP.
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
pub struct Reloader(Stores);

/// The stores of TLS files that a reloader reads again.
#[derive(Clone)]
enum Stores {
    Server(Vec<Arc<dyn Reload>>),
    /// A client, which reads its files when it first connects or is first reloaded.
    Client {
        layers: Layers<ClientLayer>,
        /// Weak, so that watching the files ends with the client.
        ready: Weak<OnceCell<Layers<ReadyClientLayer>>>,
        key_log: Option<KeyLog>,
    },
}

impl Reloader {
    pub(crate) fn from_server(layers: &Layers<ReadyServerLayer>) -> Self {
        let stores = layers.iter().filter_map(|layer| match layer {
            Layer::Planned(ReadyServerLayer::Tls(acceptor)) => {
                acceptor.store().map(|it| Arc::clone(it) as Arc<dyn Reload>)
            }
            _ => None,
        });
        Self(Stores::Server(stores.collect()))
    }

    pub(crate) fn from_client(
        layers: &Layers<ClientLayer>,
        ready: &Arc<OnceCell<Layers<ReadyClientLayer>>>,
        key_log: Option<&KeyLog>,
    ) -> Self {
        let (layers, key_log) = (layers.clone(), key_log.cloned());
        Self(Stores::Client { layers, ready: Arc::downgrade(ready), key_log })
    }

    /// Whether there is no TLS, so that there is nothing to reload.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Stores::Server(stores) => stores.is_empty(),
            Stores::Client { layers, .. } => !need_files(layers),
        }
    }

    /// Reloads all files; valid ones take effect for new connections.
    ///
    /// Invalid files change nothing. Unlike the automatic reload, this drops certificates whose
    /// files are missing, and reads files even while they are being written.
    ///
    /// For a client that has not connected yet, this is the first time that its files are read.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses only the result: a read that has begun continues, and valid files
    /// still take effect. Further stores are not read.
    pub async fn reload(&self) -> Reloaded {
        let mut reloaded = Reloaded::default();
        let Some(stores) = self.loaded() else {
            match self.load().await {
                Ok(stores) => {
                    reloaded.certificates = stores.iter().map(|it| it.presented().len()).sum();
                }
                Err(problem) => reloaded.problems.push(problem),
            }
            return reloaded;
        };
        for store in stores {
            let reading = smol::unblock(move || store.reload()).await;
            reloaded.certificates += reading.certificates;
            reloaded.has_changed |= reading.has_changed;
            reloaded.problems.extend(reading.problems);
        }
        reloaded
    }

    /// The stores whose files have been read; `None` for a client that has not read them yet.
    fn loaded(&self) -> Option<Vec<Arc<dyn Reload>>> {
        match &self.0 {
            Stores::Server(stores) => Some(stores.clone()),
            Stores::Client { ready, .. } => match ready.upgrade() {
                Some(ready) => ready.get().map(of_client),
                None => Some(Vec::new()),
            },
        }
    }

    /// The stores of a client; reads its files if that has not been done yet. Empty after its end.
    async fn load(&self) -> Result<Vec<Arc<dyn Reload>>, Problem> {
        let Stores::Client { layers, ready: cell, key_log } = &self.0 else {
            return Ok(Vec::new());
        };
        let Some(cell) = cell.upgrade() else { return Ok(Vec::new()) };
        let loaded = cell.get_or_try_init(|| ready(layers, key_log.clone())).await?;
        Ok(of_client(loaded))
    }

    /// The certificates that are presented now, without reading files.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    ///
    /// # async fn example() -> Result<(), endpoint_runtime::Error> {
    /// let listener = endpoint_runtime::server_from_string("tls:/etc/certs:443")?.listen().await?;
    /// let soon = SystemTime::now() + Duration::from_secs(14 * 24 * 60 * 60);
    /// for certificate in listener.reloader().presented().iter().filter(|it| it.expires < soon) {
    ///     println!("{} in {}", certificate.subject, certificate.path.display());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn presented(&self) -> Vec<PresentedCertificate> {
        self.loaded().unwrap_or_default().iter().flat_map(|it| it.presented()).collect()
    }

    /// How many times files were reloaded, automatically or by [`reload`](Self::reload).
    pub fn reloads(&self) -> Reloads {
        let each = self.loaded().unwrap_or_default();
        each.iter().map(|it| it.reloads()).fold(Reloads::default(), |sum, more| Reloads {
            succeeded: sum.succeeded + more.succeeded,
            failed: sum.failed + more.failed,
        })
    }
}

/// The stores of the TLS layers of a client; layers without files have none.
fn of_client(layers: &Layers<ReadyClientLayer>) -> Vec<Arc<dyn Reload>> {
    let stores = layers.iter().filter_map(|layer| match layer {
        Layer::Planned(ReadyClientLayer::Tls(connector)) => {
            connector.store().map(|it| Arc::clone(it) as Arc<dyn Reload>)
        }
        _ => None,
    });
    stores.collect()
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader").finish_non_exhaustive()
    }
}
