//! Compares descriptions with one another: conflicting listeners, and clients with the wrong
//! transport.

mod facts;

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use facts::{Claim, Port};

use super::embedded::Embedded;
use super::finding::{FileText, Finding};
use super::rules::{LinterRule, Rule};
use super::target::Target;
use endpoint_runtime::plan::Host;
use endpoint_runtime::plan::preflight::CertificateFacts;
use strports_syntax::{Code, Excerpt, Report, Role, Text};

/// The most listeners of a port that one listener is compared with. It avoids a quadratic cost for
/// long lists of addresses.
const MOST_COMPARED: usize = 256;

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
    report: &Report<'_>,
    shown: Option<Vec<CertificateFacts>>,
    target: &Target,
    file: &FileText<'_>,
) -> Option<Fact> {
    if it.is_template() {
        return None;
    }
    let range = it.whole();
    let line = file.lines.place(range.start).line;
    let claim = Claim::from_report(report, &target.configuration.catalogue, target.format.windows)?;
    let (unit, description) = (it.unit, it.text().to_vec());
    Some(Fact { claim, unit, range, line, description, shown })
}

impl Fact {
    fn shown(&self) -> String {
        Excerpt::new(Text::plain(&self.description)).to_string()
    }

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
    let (shown, line) = (other.shown(), other.line);
    match (&fact.claim, &other.claim) {
        (Claim::Port(one), Claim::Port(two)) if one.meets(two) => {
            let both = if one.is_dual(two) {
                ", as every IPv6 address is every IPv4 address too"
            } else {
                ""
            };
            let number = one.number;
            let message = format!("{shown} in line {line} listens on port {number} already{both}");
            Some((LinterRule::PortConflict, message))
        }
        (Claim::Socket { .. }, Claim::Socket { .. }) if fact.claim == other.claim => Some((
            LinterRule::PathConflict,
            format!("{shown} in line {line} listens there already"),
        )),
        _ => None,
    }
}

/// The listeners in all files, by port.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    by_port: HashMap<u16, Vec<Listener>>,
}

#[derive(Debug)]
struct Listener {
    /// `None` where it is not known.
    tls: Option<bool>,
    certificates: Option<Vec<CertificateFacts>>,
    /// The text of the listener for messages.
    shown: String,
    place: String,
}

/// A client of this machine, with the finding if no listener uses its protocol.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    port: u16,
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

impl Listeners {
    /// Adds the listeners of one file.
    pub(crate) fn add(&mut self, facts: &[Fact], path: &Path) {
        for fact in facts {
            let Claim::Port(port) = &fact.claim else { continue };
            if port.is_reached_from_here() {
                let Port { number, tls, .. } = *port;
                let place = format!("{}:{}", path.display(), fact.line);
                let (certificates, shown) = (fact.shown.clone(), fact.shown());
                let listener = Listener { tls, certificates, shown, place };
                self.by_port.entry(number).or_default().push(listener);
            }
        }
    }

    /// The finding for a client whose port has listeners, if none of them uses its transport, or
    /// none has a certificate for the name that it verifies.
    pub(crate) fn mismatch(&self, peer: &Peer) -> Option<Finding> {
        let listeners = self.by_port.get(&peer.port)?;
        let is_alike = |it: &&Listener| it.tls.is_none_or(|tls| tls == peer.tls.is_some());
        let alike = || listeners.iter().filter(is_alike);
        if let (Some(name), Some(first)) = (&peer.tls, alike().next()) {
            return alike().all(|it| it.is_for_others(name)).then(|| first.wrong_name(peer, name));
        }
        if alike().next().is_some() {
            return None;
        }
        let Listener { shown, place, .. } = listeners.first()?;
        let what = if peer.tls.is_some() { "speaks no TLS" } else { "speaks TLS" };
        let message = format!("{shown} on port {} {what} ({place})", peer.port);
        Some(Finding { message, ..peer.finding.clone() })
    }
}

impl Listener {
    /// Whether all certificates are known, and none of them is valid for this name.
    fn is_for_others(&self, name: &Host) -> bool {
        self.certificates.as_ref().is_some_and(|all| !all.iter().any(|it| it.is_for(name)))
    }

    fn wrong_name(&self, peer: &Peer, name: &Host) -> Finding {
        let Self { shown, place, .. } = self;
        let message =
            format!("{shown} on port {} has no certificate for {name} ({place})", peer.port);
        let rule = Rule::Language(Code::CertificateNameMismatch);
        Finding { rule, message, ..peer.finding.clone() }
    }
}
