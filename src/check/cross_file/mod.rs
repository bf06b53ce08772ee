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
    /// The port, socket or peer that a description in this file uses; `None` if it has errors, or
    /// uses none that another one could use.
    pub(crate) fn new(report: &Report<'_>, target: &Target) -> Option<Self> {
        Self::from_report(report, &target.configuration.catalogue, target.format.windows)
    }
}

/// A description and the resource that it uses, for comparison with other descriptions.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    claim: Claim,
    /// The unit of the description; only listeners of one unit conflict.
    unit: Option<usize>,
    /// The byte range of the description in the file.
    range: Range<usize>,
    line: usize,
    description: Vec<u8>,
    /// The certificates that a listener presents; `None` if no preflight read them.
    shown: Option<Vec<CertificateFacts>>,
}

/// Prepares a description for comparison with others. `None` if it uses no resource.
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

/// Finds listeners of one unit on the same port or path. Each conflict is reported once, at the
/// later listener.
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

/// The rule and the message for a conflict of `fact` with `other`, which comes before it in the
/// file. `None` if both can listen.
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

/// A TCP server that clients on this machine reach, for comparison with the clients of all files.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    port: u16,
    /// Whether the listener uses TLS; `None` if that is unknown.
    tls: Option<bool>,
    /// The certificates that it presents; `None` if no preflight read them.
    certificates: Option<Vec<CertificateFacts>>,
    description: Vec<u8>,
    line: usize,
}

/// The listeners among the `facts` of one file that clients on this machine reach. Of those with
/// equal port and transport, only the first is kept, unless its certificates are known.
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
/// The files may be added in any order, because the result does not depend on it.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    by_port: HashMap<u16, Vec<(Arc<Path>, Listener)>>,
}

/// A client that connects to this machine, with a prepared finding. [`Listeners::mismatch`] sets
/// the message.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) port: u16,
    /// The name that the client verifies; `None` without TLS.
    tls: Option<Host>,
    finding: Finding,
}

/// The clients among `facts` that connect to this machine.
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
    /// Whether the client connects with TLS.
    pub(crate) const fn has_tls(&self) -> bool {
        self.tls.is_some()
    }
}

impl Listeners {
    /// Adds the listeners of one file. Of equal ones in several files, the one with the first path
    /// is kept.
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

    /// Whether a port has listeners, and none of them uses this transport. `tls` is whether the
    /// client uses TLS.
    pub(crate) fn all_differ(&self, port: u16, tls: bool) -> bool {
        let differs = |it: &Listener| it.tls.is_some_and(|other| other != tls);
        self.by_port.get(&port).is_some_and(|all| all.iter().all(|(_, it)| differs(it)))
    }

    /// The finding for a client whose port has listeners: none of them uses its transport, or none
    /// has a certificate for the name that it verifies. `None` if a listener may fit, or there is
    /// none.
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
    /// Whether all certificates of the listener are known, and none of them is valid for `name`.
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

/// The text of a description as messages show it: escaped, shortened and in back-quotes.
fn shown(description: &[u8]) -> String {
    Excerpt::new(Text::plain(description)).to_string()
}
