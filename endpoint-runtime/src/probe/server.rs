//! The probe of a server: checks the steps of listening, without keeping a socket open.

use super::ProbeOptions;
use super::bind::Binding;
use super::clock::Clock;
use super::report::{Probe, ProbeStep, StepKind};
use crate::net::{ReadyServerLayers, Server};
#[cfg(feature = "__tls")]
use {
    super::report::{ProbeFacts, ProbeIdentity},
    super::trust::check_remaining,
    crate::quoted::Quoted,
    crate::tls::{Acceptor, CertificateDetails, verifying_root},
};

impl Server {
    /// Checks all steps of listening, without listening.
    ///
    /// Certificates and keys are read as in [`listen`](Self::listen). A port is bound briefly
    /// without listening. For a UNIX socket, the path, its lock file and its directory are checked.
    /// Inherited sockets are not changed.
    ///
    /// # Cancellation
    ///
    /// Dropping the future releases the port.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::probe::ProbeOptions;
    ///
    /// # smol::block_on(async {
    /// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
    /// let listener = server.listen().await?;
    /// let taken = format!("tcp:{}:interface=127.0.0.1", listener.local_address().port().unwrap());
    /// let probe = endpoint_runtime::server_from_string(&taken)?
    ///     .probe(&ProbeOptions::default())
    ///     .await;
    /// assert!(!probe.is_ok());
    /// assert!(probe.steps[0].message.contains("address already in use"));
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn probe(&self, options: &ProbeOptions) -> Probe {
        let clock = Clock::new(options.timeout);
        let mut steps = Vec::new();
        let mut layers = ReadyServerLayers::default();
        if self.needs_files() {
            let mut step = ProbeStep::new(StepKind::Files, clock.now());
            match clock.within(self.prepare()).await {
                Ok(ready) => {
                    let message = "certificates and keys are read".to_owned();
                    step.succeed(clock.now(), message);
                    #[cfg(feature = "__tls")]
                    describe_certificates(&ready, &mut step, options).await;
                    layers = ready;
                }
                Err(message) => step.fail(clock.now(), message),
            }
            steps.push(step);
        }
        if steps.iter().all(|step| step.is_ok) {
            let binding = Binding { server: self, clock: &clock, steps: &mut steps };
            binding.look(&layers).await;
        }
        Probe { took: clock.now(), steps }
    }
}

/// Adds the certificates that the server would present to the step, and checks their expiry.
#[cfg(feature = "__tls")]
async fn describe_certificates(
    layers: &ReadyServerLayers,
    step: &mut ProbeStep,
    options: &ProbeOptions,
) {
    let presented: Vec<_> = layers.acceptors().flat_map(Acceptor::presented).collect();
    let identities = smol::unblock(move || {
        let identities = presented.into_iter().enumerate().map(|(index, (path, chain))| {
            let certificates = chain.iter().filter_map(|der| CertificateDetails::parse(der));
            ProbeIdentity {
                path,
                is_default: index == 0,
                certificates: certificates.collect(),
                root: verifying_root(&chain),
            }
        });
        identities.collect::<Vec<_>>()
    });
    let identities = identities.await;
    step.message = match &identities[..] {
        [] => "the program has its own certificates".to_owned(),
        [one] => format!("1 certificate, in {}", Quoted::new(&one.path)),
        many => format!("{} certificates", many.len()),
    };
    for identity in &identities {
        check_remaining(step, &identity.certificates, options);
    }
    step.facts = ProbeFacts::Presented(identities);
}
