//! The sources of the certificates and the trust anchors of one side of TLS.

use std::path::{Path, PathBuf};

use super::search::search;
use super::trust_anchors::{AnchorSource, anchor_files};
use crate::plan::{TlsAccept, TlsConnect, TlsIdentity, TlsIdentitySource, TlsRoots};

/// Where the certificates and the trust anchors of a server or a client come from.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// The certificates to present; `None` if this side presents none.
    pub(super) identity: Option<TlsIdentitySource>,
    /// The trust anchors for the peer's certificate; `None` if the peer needs no certificate.
    pub(super) anchors: Option<AnchorSource>,
}

impl From<&TlsAccept> for Sources {
    fn from(plan: &TlsAccept) -> Self {
        let anchors = plan.client_cas.clone().map(AnchorSource::Given);
        Self { identity: Some(plan.identity.clone()), anchors }
    }
}

impl From<&TlsConnect> for Sources {
    fn from(plan: &TlsConnect) -> Self {
        let anchors = plan.trust_roots.clone().map_or(AnchorSource::Platform, AnchorSource::Given);
        Self { identity: plan.identity.clone(), anchors: Some(anchors) }
    }
}

impl Sources {
    /// The path that is read first, for messages; `/` if no file is named.
    pub(super) fn first_path(&self) -> &Path {
        match &self.identity {
            Some(
                TlsIdentitySource::Certificate(TlsIdentity { certificate: path, .. })
                | TlsIdentitySource::Directory(path),
            ) => path,
            Some(TlsIdentitySource::Memory(_)) | None => {
                self.anchor_path().unwrap_or(Path::new("/"))
            }
        }
    }

    /// The path of the trust anchors, unless they are those of the platform or from memory.
    pub(crate) fn anchor_path(&self) -> Option<&Path> {
        match &self.anchors {
            Some(AnchorSource::Given(TlsRoots::Path(path))) => Some(path),
            Some(AnchorSource::Given(TlsRoots::Memory(_)) | AnchorSource::Platform) | None => None,
        }
    }

    /// Whether the peer must present a certificate.
    pub(crate) fn verifies_peers(&self) -> bool {
        self.anchors.is_some()
    }

    /// Whether there are files to watch.
    pub(super) fn has_files(&self) -> bool {
        self.anchor_path().is_some()
            || matches!(
                self.identity,
                Some(TlsIdentitySource::Certificate(_) | TlsIdentitySource::Directory(_))
            )
    }

    /// All files that can be found now. Blocks.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = match &self.identity {
            None | Some(TlsIdentitySource::Memory(_)) => Vec::new(),
            Some(TlsIdentitySource::Certificate(identity)) => {
                identity.paths().map(Path::to_owned).collect()
            }
            // Problems of the directory are ignored here, because reading it reports them.
            Some(TlsIdentitySource::Directory(path)) => {
                search(path, &mut Vec::new()).map(|found| found.files).unwrap_or_default()
            }
        };
        if let Some(path) = self.anchor_path() {
            files.extend(anchor_files(path).unwrap_or_else(|_| vec![path.to_owned()]));
        }
        files
    }
}
