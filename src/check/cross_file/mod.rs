//! Compares descriptions with one another: conflicting listeners, and clients with the wrong
//! transport.

mod facts;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

pub(crate) use facts::Claim;
use facts::Port;

use super::embedded::Embedded;
use super::finding::{FileText, Finding};
use super::rules::{LinterRule, Rule};
use super::target::Target;
use endpoint_runtime::plan::Host;
use endpoint_runtime::plan::preflight::CertificateFacts;
use strports_syntax::{Code, Excerpt, Report, Role, Text};

/// The maximum number of listeners of a port that one listener is compared with. It avoids a
/// quadratic cost for long lists of addresses.
const MOST_COMPARED: usize = 256;

impl Claim {
    /// The resource that a description in this file uses.
    pub(crate) fn new(report: &Report<'_>, target: &Target) -> Option<Self> {
        Self::from_report(report, &target.configuration.catalogue, target.format.windows)
    }
}

/// The facts about one description, for comparison with others.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    claim: Claim,
    unit: Option<usize>,
    range: Range<usize>,
    line: usize,
    description: Vec<u8>,
    /// The certificates of a listener, if they were read.
    shown: Option<Vec<CertificateFacts>>,
}

/// The facts about a description, for comparison with others.
///
/// A template is not compared, because its final text is unknown.
pub(crate) fn fact(
    it: &Embedded,
    claim: Option<Claim>,
    shown: Option<Vec<CertificateFacts>>,
    file: &FileText<'_>,
) -> Option<Fact> {
    if it.is_template() {
        return None;
    }
    let (claim, range) = (claim?, it.whole());
    let line = file.lines.line(range.start);
    let (unit, description) = (it.unit, it.text().to_vec());
    Some(Fact { claim, unit, range, line, description, shown })
}

impl Fact {
    fn finding(&self, file: &FileText<'_>, name: Rule, message: String) -> Finding {
        let role = match self.claim {
            Claim::Peer { .. } => Role::Client,
            Claim::Port(_) | Claim::Socket { .. } => Role::Server,
        };
        let mut finding = Finding::new(file, self.range.clone(), name, message);
        finding.description = Some(String::from_utf8_lossy(&self.description).into());
        finding.role = Some(role);
        finding
    }
}

/// Finds listeners of one unit with a conflict. Each is reported once, at the later one.
pub(crate) fn conflicts(facts: &[Fact], file: &FileText<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    // Indexed by address, so that the cost is linear in the length of the list.
    let mut wanted: HashMap<(usize, u16, &[u8]), Vec<&Fact>> = HashMap::new();
    for fact in facts {
        let Some(unit) = fact.unit else { continue };
        let key = match &fact.claim {
            Claim::Port(port) => (unit, port.number, &b""[..]),
            Claim::Socket { name, .. } => (unit, 0, name.as_slice()),
            Claim::Peer { .. } => continue,
        };
        let before = wanted.entry(key).or_default();
        if let Some((rule, message)) = before.iter().find_map(|other| conflict(fact, other)) {
            found.push(fact.finding(file, Rule::Linter(rule), message));
        } else if before.len() < MOST_COMPARED {
            before.push(fact);
        }
    }
    found
}

/// The conflict of `fact` with `other`, which comes before it.
fn conflict(fact: &Fact, other: &Fact) -> Option<(LinterRule, String)> {
    let (shown, line) = (|| shown(&other.description), other.line);
    match (&fact.claim, &other.claim) {
        (Claim::Port(one), Claim::Port(two)) if one.meets(two) => {
            let both = if one.is_dual(two) {
                ", as every IPv6 address is every IPv4 address too"
            } else {
                ""
            };
            let number = one.number;
            let shown = shown();
            let message = format!("{shown} in line {line} listens on port {number} already{both}");
            Some((LinterRule::PortConflict, message))
        }
        (Claim::Socket { .. }, Claim::Socket { .. }) if fact.claim == other.claim => Some((
            LinterRule::PathConflict,
            format!("{} in line {line} listens there already", shown()),
        )),
        _ => None,
    }
}

/// A listener that clients of this machine reach, for comparison with the clients of all files.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    port: u16,
    /// `None` where it is not known.
    tls: Option<bool>,
    certificates: Option<Vec<CertificateFacts>>,
    description: Vec<u8>,
    line: usize,
}

/// The listeners among the `facts` of one file. Of those that are alike, the first is kept.
pub(crate) fn listeners(facts: &[Fact]) -> Vec<Listener> {
    let mut listeners = Vec::new();
    let mut known = HashSet::new();
    for fact in facts {
        let Claim::Port(claimed) = &fact.claim else { continue };
        let Port { number: port, tls, .. } = *claimed;
        let is_new = fact.shown.is_some() || !known.contains(&(port, tls));
        if is_new && claimed.is_reached_from_here() {
            known.insert((port, tls));
            let (certificates, description) = (fact.shown.clone(), fact.description.clone());
            listeners.push(Listener { port, tls, certificates, description, line: fact.line });
        }
    }
    listeners
}

/// The listeners in all files, by port, each with the path of its file.
///
/// The files may be added in any order.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    by_port: HashMap<u16, Vec<(Arc<Path>, Listener)>>,
}

/// A client of this machine, with the finding if no listener uses its protocol.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) port: u16,
    tls: Option<Host>,
    finding: Finding,
}

/// The clients of this machine in `facts`.
pub(crate) fn peers(facts: &[Fact], file: &FileText<'_>) -> Vec<Peer> {
    let peer = |fact: &Fact| match &fact.claim {
        Claim::Peer { port, tls } => {
            let rule = Rule::Linter(LinterRule::TransportMismatch);
            let finding = fact.finding(file, rule, String::new());
            Some(Peer { port: *port, tls: tls.clone(), finding })
        }
        Claim::Port(_) | Claim::Socket { .. } => None,
    };
    facts.iter().filter_map(peer).collect()
}

impl Peer {
    /// Whether the client uses TLS.
    pub(crate) const fn has_tls(&self) -> bool {
        self.tls.is_some()
    }
}

impl Listeners {
    /// Adds the listeners of one file.
    pub(crate) fn add(&mut self, listeners: &[Listener], path: &Arc<Path>) {
        for listener in listeners {
            let others = self.by_port.entry(listener.port).or_default();
            let is_alike = |it: &&mut (Arc<Path>, Listener)| {
                let plain = it.1.certificates.is_none() && listener.certificates.is_none();
                plain && it.1.tls == listener.tls
            };
            match others.iter_mut().find(is_alike) {
                Some((first, _)) if *first <= *path => {}
                Some(known) => *known = (Arc::clone(path), listener.clone()),
                None => others.push((Arc::clone(path), listener.clone())),
            }
        }
    }

    /// Whether a port has listeners, and none of them uses this transport.
    pub(crate) fn all_differ(&self, port: u16, tls: bool) -> bool {
        let differs = |it: &Listener| it.tls.is_some_and(|other| other != tls);
        self.by_port.get(&port).is_some_and(|all| all.iter().all(|(_, it)| differs(it)))
    }

    /// The finding for a client whose port has listeners. Either none of them uses its transport,
    /// or none has a certificate for the name that it verifies.
    pub(crate) fn mismatch(&self, peer: &Peer) -> Option<Finding> {
        let listeners = self.by_port.get(&peer.port)?;
        let is_alike = |it: &Listener| it.tls.is_none_or(|tls| tls == peer.has_tls());
        let alike = || listeners.iter().filter(|(_, it)| is_alike(it));
        let first = alike().min_by_key(|(path, it)| (path, it.line));
        if let (Some(name), Some((path, first))) = (&peer.tls, first) {
            let is_for_none = alike().all(|(_, it)| it.is_for_others(name));
            return is_for_none.then(|| first.wrong_name(path, peer, name));
        }
        if first.is_some() {
            return None;
        }
        let (path, listener) = listeners.iter().min_by_key(|(path, it)| (path, it.line))?;
        let (shown, line) = (shown(&listener.description), listener.line);
        let what = if peer.has_tls() { "speaks no TLS" } else { "speaks TLS" };
        let place = format!("{}:{line}", path.display());
        let message = format!("{shown} on port {} {what} ({place})", peer.port);
        Some(Finding { message, ..peer.finding.clone() })
    }
}

impl Listener {
    /// Whether all certificates are known, and none of them is valid for this name.
    fn is_for_others(&self, name: &Host) -> bool {
        self.certificates.as_ref().is_some_and(|all| !all.iter().any(|it| it.is_for(name)))
    }

    fn wrong_name(&self, path: &Path, peer: &Peer, name: &Host) -> Finding {
        let (Self { port, line, .. }, shown) = (self, shown(&self.description));
        let place = format!("{}:{line}", path.display());
        let message = format!("{shown} on port {port} has no certificate for {name} ({place})");
        let rule = Rule::Language(Code::CertificateNameMismatch);
        Finding { rule, message, ..peer.finding.clone() }
    }
}

/// The text of a description for messages.
fn shown(description: &[u8]) -> String {
    Excerpt::new(Text::plain(description)).to_string()
}
