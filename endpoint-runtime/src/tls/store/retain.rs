//! Keeps certificates that were loaded earlier while their files are being replaced.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::key_pairs::StoredIdentity;
use super::unsettled::{GracePeriod, Unsettled};

/// What the previous reading of a directory found, and which of its files may be changing now.
pub(crate) struct Previous<'a> {
    pub(crate) identities: &'a [StoredIdentity],
    pub(crate) unsettled: &'a Unsettled,
    pub(crate) grace: GracePeriod,
}

impl Previous<'_> {
    /// Adds earlier identities whose files are unusable now (`trouble`), or were just removed.
    ///
    /// Identities whose names a valid certificate already covers are dropped. Returns whether one
    /// is kept although its files were removed.
    pub(super) fn retain(
        &self,
        identities: &mut Vec<StoredIdentity>,
        trouble: &HashSet<PathBuf>,
        now: SystemTime,
    ) -> bool {
        let covered = Covered::new(identities, now);
        let is_there = |old: &&StoredIdentity| {
            identities.iter().any(|new| old.identity.presents_same(&new.identity))
        };
        let missing = self.identities.iter().filter(|it| !is_there(it) && !covered.contains(it));
        let (troubled, removed): (Vec<_>, Vec<_>) = missing.cloned().partition(|old| {
            is_in(&old.certificate_path, trouble) || is_in(&old.key_path, trouble)
        });
        let keeps_removed = !removed.is_empty() && self.grace == GracePeriod::Running;
        let kept = troubled.into_iter().chain(removed.into_iter().filter(|_| keeps_removed));
        let kept: Vec<_> = kept.map(|old| StoredIdentity { is_retained: true, ..old }).collect();
        identities.extend(kept);
        keeps_removed
    }
}

/// The names and addresses for which there is a valid certificate.
struct Covered<'a> {
    names: HashSet<&'a str>,
    addresses: HashSet<IpAddr>,
}

impl<'a> Covered<'a> {
    fn new(identities: &'a [StoredIdentity], now: SystemTime) -> Self {
        let valid = || identities.iter().map(|it| &it.identity).filter(|it| it.is_valid(now));
        Self {
            names: valid().flat_map(|it| &it.info.dns_names).map(String::as_str).collect(),
            addresses: valid().flat_map(|it| &it.info.addresses).copied().collect(),
        }
    }

    fn contains(&self, old: &StoredIdentity) -> bool {
        let info = &old.identity.info;
        info.dns_names.iter().all(|name| self.names.contains(&**name))
            && info.addresses.iter().all(|address| self.addresses.contains(address))
    }
}

/// Whether a file, or a directory above it, is in `trouble`.
fn is_in(file: &Path, trouble: &HashSet<PathBuf>) -> bool {
    file.ancestors().any(|path| trouble.contains(path))
}
