//! An observer that turns the steps of connecting a client into the steps of its probe.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::report::{AttemptEnd, ProbeAttempt, ProbeFacts, ProbeStep, StepKind};
#[cfg(feature = "__tls")]
use super::report::{ProbeRequest, ProbeTls};
use super::source::source_of;
use crate::address::Address;
use crate::error::{IoMessage, Problem};
use crate::lock::lock;
use crate::step::Step;
#[cfg(feature = "__tls")]
use crate::tls::{CertificateDetails, TlsFacts, TlsProtocol};
#[cfg(feature = "__tls")]
use rustls::pki_types::CertificateDer;

/// The observer of a probed client: collects the steps that it reports.
pub(super) struct Recorder {
    began: Instant,
    /// Whether the system resolves names, instead of a resolver of the program.
    by_system: bool,
    recorded: Mutex<Recorded>,
}

/// The steps of a probe so far. The last one may still be running.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) steps: Vec<ProbeStep>,
    /// The certificates of each TLS handshake, in DER.
    #[cfg(feature = "__tls")]
    pub(super) chains: Vec<Vec<CertificateDer<'static>>>,
    /// Whether the last step has ended, so that a failure needs another one.
    is_over: bool,
}

impl Recorder {
    pub(super) fn new(began: Instant, by_system: bool) -> Self {
        Self { began, by_system, recorded: Mutex::default() }
    }

    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Returns the steps recorded so far, and leaves none behind.
    pub(super) fn take(&self) -> Recorded {
        std::mem::take(&mut *lock(&self.recorded))
    }

    /// Records a step that the client reports, with the current time.
    pub(super) fn record(&self, step: &Step<'_>) {
        let now = self.now();
        let mut recorded = lock(&self.recorded);
        match step {
            Step::Prepare => recorded.begin(StepKind::Files, now, ProbeFacts::None),
            Step::Prepared => recorded.succeed(now, "certificates and trust roots are read"),
            Step::LookUp { name } => recorded.begin(
                StepKind::Resolve,
                now,
                ProbeFacts::Lookup {
                    name: (*name).to_owned(),
                    addresses: Vec::new(),
                    source: None,
                },
            ),
            Step::Answer { answer, .. } => recorded.answer(*answer, self.by_system, now),
            Step::Skipped { address, problem } => {
                if let Some(step) = recorded.steps.last_mut() {
                    step.advice.push(format!("{} is not tried: {problem}", address.ip()));
                }
            }
            Step::Connecting { address } => recorded.attempt((*address).clone(), now),
            Step::Failed { attempt } => {
                let error = IoMessage(&attempt.error).to_string();
                recorded.end_attempt(&attempt.address, AttemptEnd::Failed(error), now);
            }
            Step::Cancelled { address } => {
                recorded.end_attempt(&(*address).into(), AttemptEnd::Cancelled, now);
            }
            Step::Connected { local, peer } => recorded.connected(local, peer, now),
            Step::HeaderSent { header } => {
                let began = recorded.end();
                let original = header.original();
                let facts = ProbeFacts::Passage {
                    from: original.map(|it| it.source.to_string()),
                    to: original.map(|it| it.destination.to_string()),
                };
                recorded.begin(StepKind::Proxy, began, facts);
                recorded.succeed(now, &step.to_string());
            }
            Step::TunnelBegun { target } => {
                let from = recorded.peer().map(ToString::to_string);
                let facts = ProbeFacts::Passage { from, to: Some(target.to_string()) };
                recorded.begin(StepKind::Tunnel, now, facts);
            }
            Step::TunnelOpen { .. } => recorded.succeed(now, &step.to_string()),
            #[cfg(feature = "__tls")]
            Step::TlsBegun { name } => {
                let tls = ProbeTls { name: (*name).to_owned(), ..ProbeTls::default() };
                recorded.chains.push(Vec::new());
                recorded.begin(StepKind::Tls, now, ProbeFacts::Tls(Box::new(tls)));
            }
            #[cfg(feature = "__tls")]
            Step::Certificates { chain } => {
                if let Some(last) = recorded.chains.last_mut() {
                    *last = chain.to_vec();
                }
                if let Some(tls) = recorded.tls() {
                    let parsed = chain.iter().filter_map(|der| CertificateDetails::parse(der));
                    tls.certificates = parsed.collect();
                }
            }
            #[cfg(feature = "__tls")]
            Step::CertificateRequested { authorities, presented } => {
                if let Some(tls) = recorded.tls() {
                    let authorities = authorities.to_vec();
                    tls.request = Some(ProbeRequest { authorities, presented: *presented });
                }
            }
            #[cfg(feature = "__tls")]
            Step::TlsDone { facts } => {
                if let Some(tls) = recorded.tls() {
                    tls.facts = Some((*facts).clone());
                }
                recorded.succeed(now, &step.to_string());
            }
        }
    }
}

impl Recorded {
    /// Adds a step that begins at `now`, measured from the start of the probe.
    fn begin(&mut self, kind: StepKind, now: Duration, facts: ProbeFacts) {
        self.steps.push(ProbeStep { facts, ..ProbeStep::new(kind, now) });
        self.is_over = false;
    }

    /// Ends the last step with success.
    fn succeed(&mut self, now: Duration, message: &str) {
        if let Some(step) = self.steps.last_mut() {
            step.succeed(now, message.to_owned());
        }
        self.is_over = true;
    }

    /// When the last step ended, since the start of the probe; zero without a step.
    fn end(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |step| step.began + step.took)
    }

    /// The last step of this kind; `None` if there is none.
    pub(super) fn last(&mut self, kind: StepKind) -> Option<&mut ProbeStep> {
        self.steps.iter_mut().rev().find(|step| step.kind == kind)
    }

    #[cfg(feature = "__tls")]
    fn tls(&mut self) -> Option<&mut ProbeTls> {
        match &mut self.steps.last_mut()?.facts {
            ProbeFacts::Tls(tls) => Some(tls),
            _ => None,
        }
    }

    /// Adds the addresses of an answer to the step of the lookup.
    ///
    /// A second answer may arrive during the attempts, so that step need not be the last one.
    fn answer(
        &mut self,
        answer: Result<&[std::net::SocketAddr], &std::io::Error>,
        by_system: bool,
        now: Duration,
    ) {
        let Some(step) = self.last(StepKind::Resolve) else { return };
        let ProbeFacts::Lookup { name, addresses, source } = &mut step.facts else { return };
        match answer {
            Ok(found) => {
                for ip in found.iter().map(std::net::SocketAddr::ip) {
                    if !addresses.contains(&ip) {
                        addresses.push(ip);
                    }
                }
                *source = by_system.then(|| source_of(name, addresses));
            }
            Err(error) => step.advice.push(IoMessage(error).to_string()),
        }
        let ProbeFacts::Lookup { name, addresses, source } = &step.facts else { return };
        let message = lookup_message(name, addresses, source.as_deref());
        if addresses.is_empty() {
            step.fail(now, message);
        } else {
            step.succeed(now, message);
        }
    }

    /// Adds an attempt to the connecting step, and begins that step with the first attempt.
    fn attempt(&mut self, address: Address, now: Duration) {
        if self.steps.last().is_none_or(|step| step.kind != StepKind::Connect) {
            let facts = ProbeFacts::Attempts { attempts: Vec::new(), local: None, peer: None };
            self.begin(StepKind::Connect, now, facts);
        }
        if let Some(attempts) = self.attempts() {
            let (took, end) = (Duration::ZERO, AttemptEnd::Silent);
            attempts.push(ProbeAttempt { address, began: now, took, end });
        }
    }

    fn attempts(&mut self) -> Option<&mut Vec<ProbeAttempt>> {
        match &mut self.steps.last_mut()?.facts {
            ProbeFacts::Attempts { attempts, .. } => Some(attempts),
            _ => None,
        }
    }

    /// The address of the connected peer; `None` before the transport is connected.
    fn peer(&self) -> Option<&Address> {
        self.steps.iter().find_map(|step| match &step.facts {
            ProbeFacts::Attempts { peer, .. } => peer.as_ref(),
            _ => None,
        })
    }

    /// Sets the result of the latest attempt at an address.
    fn end_attempt(&mut self, address: &Address, end: AttemptEnd, now: Duration) {
        let Some(attempts) = self.attempts() else { return };
        let running = attempts.iter_mut().rev().find(|it| it.address == *address);
        if let Some(attempt) = running {
            attempt.took = now.saturating_sub(attempt.began);
            attempt.end = end;
        }
    }

    fn connected(&mut self, local: &Address, peer: &Address, now: Duration) {
        if self.steps.last().is_none_or(|step| step.kind != StepKind::Connect) {
            // Programs and inherited descriptors are connected without an attempt, so the step
            // begins only now.
            let began = self.end();
            let facts = ProbeFacts::Attempts { attempts: Vec::new(), local: None, peer: None };
            self.begin(StepKind::Connect, began, facts);
        }
        self.end_attempt(peer, AttemptEnd::Connected, now);
        self.succeed(now, &Step::Connected { local, peer }.to_string());
        if let Some(ProbeStep { facts: ProbeFacts::Attempts { local: l, peer: p, .. }, .. }) =
            self.steps.last_mut()
        {
            (*l, *p) = (Some(local.clone()), Some(peer.clone()));
        }
    }

    /// Whether the server may still reject the client's certificate of the last TLS handshake.
    ///
    /// In TLS 1.3, a server that has requested one checks it after the client has completed the
    /// handshake.
    #[cfg(feature = "__tls")]
    pub(super) fn awaits_verdict(&self) -> bool {
        let last = self.steps.iter().rev().find_map(|step| match &step.facts {
            ProbeFacts::Tls(tls) => Some(tls),
            _ => None,
        });
        last.is_some_and(|tls| {
            let is_13 = |facts: &TlsFacts| facts.protocol() == TlsProtocol::Tls13;
            tls.request.is_some() && tls.facts.as_ref().is_some_and(is_13)
        })
    }

    #[cfg(not(feature = "__tls"))]
    #[expect(clippy::unused_self, reason = "the build with TLS looks at its steps")]
    pub(super) fn awaits_verdict(&self) -> bool {
        false
    }

    /// Fails the running step, or a new one of the kind `first`, with the error of the client.
    pub(super) fn fail(&mut self, problem: &Problem, first: StepKind, now: Duration) {
        if self.steps.is_empty() || self.is_over {
            let began = self.end();
            self.begin(first, began, ProbeFacts::None);
        }
        if let Some(attempts) = self.attempts() {
            for attempt in attempts.iter_mut().filter(|it| it.end == AttemptEnd::Silent) {
                attempt.took = now.saturating_sub(attempt.began);
            }
        }
        let Some(step) = self.steps.last_mut() else { return };
        step.fail(now, problem.to_string());
        self.is_over = true;
    }
}

/// The message of a lookup: `` `a.test` has 192.0.2.1, 2001:db8::1, by `/etc/hosts` ``.
fn lookup_message(name: &str, addresses: &[IpAddr], source: Option<&str>) -> String {
    let name = crate::quoted::Quoted::new(name);
    if addresses.is_empty() {
        return format!("{name} has no address");
    }
    let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let by = source.map(|source| format!(", by {source}")).unwrap_or_default();
    format!("{name} has {}{by}", addresses.join(", "))
}
