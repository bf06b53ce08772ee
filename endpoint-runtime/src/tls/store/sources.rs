//! Which files stand behind one side of TLS.

use std::path::{Path, PathBuf};

use super::search::search;
use super::trust_anchors::{AnchorSource, anchor_files};
use crate::plan::{TlsAccept, TlsConnect, TlsShown};

/// The files that a server or a client uses.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// The certificates to present.
    pub(super) identity: Option<TlsShown>,
    /// The trust anchors of the peer's certificate.
    pub(super) anchors: Option<AnchorSource>,
}

impl From<&TlsAccept> for Sources {
    fn from(plan: &TlsAccept) -> Self {
        let anchors = plan.client_cas.clone().map(AnchorSource::Path);
        Self { identity: Some(plan.identity.clone()), anchors }
    }
}

impl From<&TlsConnect> for Sources {
    fn from(plan: &TlsConnect) -> Self {
        let anchors = plan.trust_roots.clone().map_or(AnchorSource::Platform, AnchorSource::Path);
        Self { identity: plan.identity.clone().map(TlsShown::Certificate), anchors: Some(anchors) }
    }
}

impl Sources {
    /// The path of the trust anchors, unless they are the platform's.
    pub(super) fn anchor_path(&self) -> Option<&Path> {
        match &self.anchors {
            Some(AnchorSource::Path(path)) => Some(path),
            Some(AnchorSource::Platform) | None => None,
        }
    }

    /// Each file that is read, as far as it can be found now. Blocks.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut files = match &self.identity {
            None => Vec::new(),
            Some(TlsShown::Certificate(identity)) => identity.paths().map(Path::to_owned).collect(),
            // Reading the directory reports what is wrong with it.
            Some(TlsShown::Directory(path)) => {
                search(path, &mut Vec::new()).map(|found| found.files).unwrap_or_default()
            }
        };
        if let Some(path) = self.anchor_path() {
            files.extend(anchor_files(path).unwrap_or_else(|_| vec![path.to_owned()]));
        }
        files
    }
}
