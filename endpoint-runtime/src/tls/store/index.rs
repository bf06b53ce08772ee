//! Selects the certificate for a client, by the requested name or the address of the connection.
//!
//! 1. Certificates for exactly this name come before wildcards, which stand for one label.
//! 2. Of several certificates for a name, the valid one that expires last is selected.
//! 3. Without a name, or for an unknown name, the default is selected: the first one by file name.
//!
//! A certificate whose key supports none of the client's signature schemes is skipped if there is
//! another one.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::SystemTime;

use rustls::SignatureScheme;

use super::identity::Identity;
use super::key_pairs::StoredIdentity;

/// What determines the certificate for a client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requested<'a> {
    /// A name (SNI), in ASCII.
    Name(&'a str),
    /// The address that the client connected to, because it requested no name.
    Address(IpAddr),
    /// Neither a name nor a known address: the default is selected.
    Nothing,
}

/// The certificates of a directory, by the names and addresses that they are valid for.
#[derive(Debug)]
pub(super) struct CertificateIndex {
    /// The certificates by file name; those without names come last.
    identities: Vec<StoredIdentity>,
    /// Indices into `identities`: those that are valid longest first, and retained ones last. Names
    /// are in lower case.
    names: HashMap<String, Vec<usize>>,
    addresses: HashMap<IpAddr, Vec<usize>>,
}

impl CertificateIndex {
    /// Indexes identities, which are ordered by file name. There must be at least one.
    pub(super) fn new(mut identities: Vec<StoredIdentity>) -> Self {
        // Clients verify only names and addresses, so a certificate without any is useless.
        let is_nameless = |it: &StoredIdentity| {
            let info = &it.identity.info;
            info.dns_names.is_empty() && info.addresses.is_empty()
        };
        identities.sort_by(|a, b| {
            let by_path = || a.certificate_path.cmp(&b.certificate_path);
            is_nameless(a).cmp(&is_nameless(b)).then_with(by_path)
        });
        let mut by_validity: Vec<_> = (0..identities.len()).collect();
        by_validity.sort_by_key(|place| {
            let it = &identities[*place];
            (it.is_retained, Reverse(it.identity.info.not_after))
        });
        let (mut names, mut addresses) = (HashMap::new(), HashMap::new());
        for place in by_validity {
            let info = &identities[place].identity.info;
            for name in &info.dns_names {
                insert(&mut names, comparable(name), place);
            }
            for address in &info.addresses {
                insert(&mut addresses, *address, place);
            }
        }
        Self { identities, names, addresses }
    }

    /// The certificate for clients that request no name.
    pub(super) fn default(&self) -> &Identity {
        &self.identities[0].identity
    }

    pub(super) fn identities(&self) -> &[StoredIdentity] {
        &self.identities
    }

    pub(super) fn contains_address(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address)
    }

    /// Selects the certificate for a client with these signature schemes.
    pub(super) fn select(
        &self,
        requested: Requested<'_>,
        schemes: &[SignatureScheme],
        now: SystemTime,
    ) -> &Identity {
        let mut candidates: Vec<&Identity> = match requested {
            Requested::Name(name) => self.for_name(name),
            Requested::Address(address) => self.at(self.addresses.get(&address)),
            Requested::Nothing => Vec::new(),
        };
        if candidates.is_empty() {
            candidates = self.identities.iter().map(|it| &it.identity).collect();
        }
        let signs = |it: &&&Identity| it.certified_key.key.choose_scheme(schemes).is_some();
        let valid = |it: &&&Identity| it.is_valid(now);
        let best = candidates.iter().find(|it| signs(it) && valid(it));
        best.or_else(|| candidates.iter().find(signs)).unwrap_or(&candidates[0])
    }

    /// The certificates for exactly this name, then those with a wildcard as the first label.
    fn for_name(&self, name: &str) -> Vec<&Identity> {
        let name = comparable(name);
        let mut candidates = self.at(self.names.get(&name));
        if let Some((_, parent)) = name.split_once('.') {
            candidates.extend(self.at(self.names.get(&format!("*.{parent}"))));
        }
        candidates
    }

    fn at(&self, places: Option<&Vec<usize>>) -> Vec<&Identity> {
        places.into_iter().flatten().map(|place| &self.identities[*place].identity).collect()
    }
}

fn insert<K: Hash + Eq>(index: &mut HashMap<K, Vec<usize>>, key: K, place: usize) {
    index.entry(key).or_default().push(place);
}

/// Normalizes a name for comparison: lower case, without a trailing dot.
fn comparable(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
