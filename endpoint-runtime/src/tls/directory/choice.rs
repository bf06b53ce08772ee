//! Picks the certificate for a client, by the name that it asks for or the address that it has connected to.
//!
//! 1. Those for exactly this name, then those for any name beside it: a wildcard stands for one label.
//! 2. Of those for a name, one that is valid now, and of these the one that is valid longest.
//! 3. Whoever asks for nothing, or for a name that nobody has, gets the default: the first by file name.
//!
//! A certificate whose key makes no signature that the client knows is passed over wherever there is another one.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::SystemTime;

use rustls::SignatureScheme;

use super::super::pem::Identity;
use super::pairs::Pair;

/// What a client wants to see a certificate for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked<'a> {
    /// A name (SNI), in ASCII.
    Name(&'a str),
    /// The address that it has connected to, without asking for a name.
    Address(IpAddr),
    Nothing,
}

/// All certificates, and what each of them is for.
#[derive(Debug)]
pub(super) struct Choice {
    /// In the order of their files; those that are for no name stand behind the others.
    all: Vec<Pair>,
    /// Places in `all`, those that are valid longest first, and what stems from before last.
    names: HashMap<String, Vec<usize>>,
    addresses: HashMap<IpAddr, Vec<usize>>,
}

impl Choice {
    /// Among these, which come in the order of their files; there is at least one.
    pub(super) fn among(mut all: Vec<Pair>) -> Self {
        // Clients look at names and addresses alone, so nobody is served by one that has none.
        let is_for_nobody = |it: &Pair| {
            let facts = &it.identity.facts;
            facts.dns_names.is_empty() && facts.addresses.is_empty()
        };
        all.sort_by(|a, b| {
            let by_name = || a.certificate.cmp(&b.certificate);
            is_for_nobody(a).cmp(&is_for_nobody(b)).then_with(by_name)
        });
        let mut by_life: Vec<_> = (0..all.len()).collect();
        by_life.sort_by_key(|place| {
            let pair = &all[*place];
            (pair.is_left, Reverse(pair.identity.facts.not_after))
        });
        let (mut names, mut addresses) = (HashMap::new(), HashMap::new());
        for place in by_life {
            let facts = &all[place].identity.facts;
            for name in &facts.dns_names {
                insert(&mut names, comparable(name), place);
            }
            for address in &facts.addresses {
                insert(&mut addresses, *address, place);
            }
        }
        Self { all, names, addresses }
    }

    /// The certificate of those who do not say what they want.
    pub(super) fn default(&self) -> &Identity {
        &self.all[0].identity
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Pair] {
        &self.all
    }

    pub(super) fn knows_address(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address)
    }

    /// The certificate for a client that knows these signatures.
    pub(super) fn choose(
        &self,
        asked: Asked<'_>,
        schemes: &[SignatureScheme],
        now: SystemTime,
    ) -> &Identity {
        let mut candidates: Vec<&Identity> = match asked {
            Asked::Name(name) => self.named(name),
            Asked::Address(address) => self.at(self.addresses.get(&address)),
            Asked::Nothing => Vec::new(),
        };
        if candidates.is_empty() {
            candidates = self.all.iter().map(|it| &it.identity).collect();
        }
        let signs = |it: &&&Identity| it.key.key.choose_scheme(schemes).is_some();
        let valid = |it: &&&Identity| it.is_valid(now);
        let best = candidates.iter().find(|it| signs(it) && valid(it));
        best.or_else(|| candidates.iter().find(signs)).unwrap_or(&candidates[0])
    }

    /// Those for exactly this name, then those with a wildcard in the place of its first label.
    fn named(&self, name: &str) -> Vec<&Identity> {
        let name = comparable(name);
        let mut candidates = self.at(self.names.get(&name));
        if let Some((_, above)) = name.split_once('.') {
            candidates.extend(self.at(self.names.get(&format!("*.{above}"))));
        }
        candidates
    }

    fn at(&self, places: Option<&Vec<usize>>) -> Vec<&Identity> {
        places.into_iter().flatten().map(|place| &self.all[*place].identity).collect()
    }
}

fn insert<K: std::hash::Hash + Eq>(index: &mut HashMap<K, Vec<usize>>, key: K, place: usize) {
    index.entry(key).or_default().push(place);
}

/// Names have no case, and the dot at the end is not part of them.
fn comparable(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
