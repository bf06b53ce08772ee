//! What stays of what was read before: nobody's certificate is lost because its files are being changed.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::pem::Identity;
use super::super::reload::Patience;
use super::super::watch::Unsettled;
use super::Directory;
use super::pairs::Pair;

/// What was known of a directory before it is read.
pub(crate) struct Past<'a> {
    pub(crate) before: Option<&'a Directory>,
    pub(crate) unsettled: &'a Unsettled,
    pub(crate) patience: Patience,
}

impl Past<'_> {
    /// Adds those from before whose files are in `trouble`, or have just gone, to those that were found; whether there
    /// is one whose files have gone.
    ///
    /// One that another valid one stands in for goes.
    pub(super) fn leave(
        &self,
        pairs: &mut Vec<Pair>,
        trouble: &HashSet<PathBuf>,
        now: SystemTime,
    ) -> bool {
        let before = self.before.map_or(&[][..], |it| it.choice.all());
        let covered = Covered::by(pairs, now);
        let is_there = |old: &&Pair| pairs.iter().any(|new| same(&old.identity, &new.identity));
        let missing = before.iter().filter(|old| !is_there(old) && !covered.contains(old));
        let (troubled, gone): (Vec<_>, Vec<_>) = missing
            .cloned()
            .partition(|old| is_in(&old.certificate, trouble) || is_in(&old.key, trouble));
        let has_gone = !gone.is_empty() && self.patience == Patience::Left;
        let left = troubled.into_iter().chain(gone.into_iter().filter(|_| has_gone));
        let left: Vec<_> = left.map(|old| Pair { is_left: true, ..old }).collect();
        pairs.extend(left);
        has_gone
    }
}

/// The names and addresses that there are valid certificates for.
struct Covered<'a> {
    names: HashSet<&'a str>,
    addresses: HashSet<IpAddr>,
}

impl<'a> Covered<'a> {
    fn by(pairs: &'a [Pair], now: SystemTime) -> Self {
        let valid = || pairs.iter().map(|it| &it.identity).filter(|it| it.is_valid(now));
        Self {
            names: valid().flat_map(|it| &it.facts.dns_names).map(String::as_str).collect(),
            addresses: valid().flat_map(|it| &it.facts.addresses).copied().collect(),
        }
    }

    fn contains(&self, old: &Pair) -> bool {
        let facts = &old.identity.facts;
        facts.dns_names.iter().all(|name| self.names.contains(&**name))
            && facts.addresses.iter().all(|address| self.addresses.contains(address))
    }
}

/// Whether two are the same for whoever sees them.
pub(crate) fn same(one: &Identity, other: &Identity) -> bool {
    one.key.cert == other.key.cert
}

/// Whether a file, or a directory that it is in, is one of these.
fn is_in(file: &Path, trouble: &HashSet<PathBuf>) -> bool {
    file.ancestors().any(|path| trouble.contains(path))
}
