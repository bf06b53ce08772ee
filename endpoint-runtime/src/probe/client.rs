//! The probe of a client: connects and reports each step.

use std::sync::Arc;
use std::time::{Duration, Instant};

use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::ProbeOptions;
use super::greeting::{protocol_of, upgrade_of};
use super::recorder::{Recorded, Recorder};
use super::report::{Probe, ProbeFacts, ProbeStep, StepKind};
#[cfg(feature = "__tls")]
use super::trust;
use crate::error::{Operation, PeerProblem, Problem, TlsProblem};
use crate::net::{Client, Connection};
use crate::plan::ClientTransport;
use crate::quoted::Quoted;
use crate::reactor::within;

/// The maximum number of bytes of the server's greeting that a probe reads.
const FIRST: usize = 512;

/// The time limit for closing the connection, and again for the program to exit after that.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// How long to wait for a server to reject the client's certificate.
///
/// With TLS 1.3 the client's handshake is complete before the server has seen its certificate (RFC
/// 8446, section 4.4.4). A rejection arrives as an alert instead of the first bytes.
const VERDICT: Duration = Duration::from_secs(1);

impl Client {
    /// Connects, reports each step, and closes the connection.
    ///
    /// The probe fails if [`connect`](Self::connect) fails, and in two later cases: if the server
    /// rejects the client's certificate or its absence, and if a program exits at once with an
    /// error.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the connection, and terminates a program that was started.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::probe::{ProbeOptions, StepKind};
    ///
    /// # smol::block_on(async {
    /// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
    /// let listener = server.listen().await?;
    /// let text = format!("tcp:{}", listener.local_address());
    /// let client = endpoint_runtime::client_from_string(&text)?;
    /// let probe = client.probe(&ProbeOptions::default()).await;
    /// assert!(probe.is_ok());
    /// assert_eq!(probe.steps[0].kind, StepKind::Connect);
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn probe(&self, options: &ProbeOptions) -> Probe {
        let began = Instant::now();
        #[cfg(feature = "process")]
        if let (ClientTransport::Process(spawn), false) =
            (&self.plan().transport, options.starts_programs)
        {
            let step = look_up(spawn).await;
            return Probe { took: began.elapsed(), steps: vec![step] };
        }
        let observer = Arc::new(Recorder::new(began, self.uses_system_resolver()));
        let shared = Arc::clone(&observer);
        let mut client = self.clone().observed(move |step| shared.record(step));
        if let Some(timeout) = options.timeout {
            client = client.within(timeout);
        }
        let connected = client.connect().await;
        let now = observer.now();
        let mut recorded = observer.take();
        #[cfg(feature = "__tls")]
        let mut refused = None;
        if let Err(error) = &connected {
            let problem = error.problem();
            recorded.fail(problem, self.first_step(), now);
            explain_failure(problem, &mut recorded);
            #[cfg(feature = "__tls")]
            if let Problem::Peer(PeerProblem::Tls { problem, .. }) = problem {
                refused = Some(problem.clone());
            }
        }
        let left = options.timeout.map(|limit| limit.saturating_sub(began.elapsed()));
        if let Ok(mut connection) = connected {
            read_first(&mut connection, options, left, began, &mut recorded).await;
            // Closing first sends an end of file; dropping a connection may reset it.
            let _ = within(CLOSE_TIME, connection.close()).await;
            #[cfg(feature = "process")]
            check_exit(&connection, began, &mut recorded).await;
        }
        #[cfg(feature = "__tls")]
        let recorded = trust::examine(&client, recorded, refused, options).await;
        Probe { steps: recorded.steps, took: began.elapsed() }
    }

    /// The kind of step that failed if the client fails before it reports any.
    fn first_step(&self) -> StepKind {
        match self.plan().transport {
            ClientTransport::Process(_) => StepKind::Files,
            _ => StepKind::Connect,
        }
    }
}

/// Searches for the program of a `process` client without starting it.
#[cfg(feature = "process")]
async fn look_up(spawn: &crate::plan::ProcessSpawn) -> ProbeStep {
    let began = Instant::now();
    let mut step = ProbeStep::new(StepKind::Files, Duration::ZERO);
    let plan = spawn.clone();
    match smol::unblock(move || crate::process::find(&plan)).await {
        Ok(path) => {
            let message = format!("{} can be executed", Quoted::new(&path));
            step.succeed(began.elapsed(), message);
            step.advice.push("it was not started (`--start` does)".to_owned());
            step.warnings.extend(needs_root(spawn));
            step.facts = ProbeFacts::Program { path };
        }
        Err(problem) => step.fail(began.elapsed(), problem.to_string()),
    }
    step
}

/// Fails the connecting step if the program exits with an error within [`CLOSE_TIME`].
#[cfg(feature = "process")]
async fn check_exit(connection: &Connection, began: Instant, recorded: &mut Recorded) {
    let Some(process) = connection.process() else { return };
    let Some(Ok(status)) = within(CLOSE_TIME, process.exit_status()).await else { return };
    if let (false, Some(step)) = (status.success(), recorded.last(StepKind::Connect)) {
        let program = Quoted::new(process.executable());
        step.fail(began.elapsed(), format!("{program} ended with an error ({status})"));
    }
}

/// The warning for a program that needs another user or group, if this process may not change to
/// it.
#[cfg(feature = "process")]
fn needs_root(spawn: &crate::plan::ProcessSpawn) -> Option<String> {
    use rustix::process::{getegid, geteuid};

    let user = spawn.uid.is_some_and(|uid| uid != geteuid().as_raw());
    let group = spawn.gid.is_some_and(|gid| gid != getegid().as_raw());
    let message = "running it as another user or group requires root";
    ((user || group) && !geteuid().is_root()).then(|| message.to_owned())
}

/// Adds advice to the failed step for TLS errors whose cause needs an explanation.
fn explain_failure(problem: &Problem, recorded: &mut Recorded) {
    let Some(step) = recorded.steps.last_mut() else { return };
    match problem {
        Problem::Peer(PeerProblem::Tls { problem: TlsProblem::NotTls { found }, .. }) => {
            let Some(protocol) = protocol_of(found) else { return };
            step.advice.push(match upgrade_of(protocol) {
                Some(keyword) => format!(
                    "that is {protocol}, which begins TLS after {keyword} at this port, if at all"
                ),
                None => format!("that is {protocol} without TLS"),
            });
        }
        Problem::Peer(PeerProblem::Tls { problem: TlsProblem::Alert { .. }, .. }) => {
            step.advice.extend(advice_on_request(step));
        }
        _ => {}
    }
}

/// Advice for a server that requested a certificate and received none.
#[cfg(feature = "__tls")]
fn advice_on_request(step: &ProbeStep) -> Option<String> {
    let ProbeFacts::Tls(tls) = &step.facts else { return None };
    let request = tls.request.as_ref().filter(|request| !request.presented)?;
    let from = match request.authorities.first() {
        Some(authority) => format!(", from {},", Quoted::new(authority)),
        None => String::new(),
    };
    Some(format!(
        "a certificate for this side{from} is given by `certificate=` (`certKey=` of `ssl`) and \
         `privateKey=`"
    ))
}

#[cfg(not(feature = "__tls"))]
fn advice_on_request(_: &ProbeStep) -> Option<String> {
    None
}

/// Reads the first bytes of the server if they are requested, or if they may be an alert that
/// rejects the client's certificate.
async fn read_first(
    connection: &mut Connection,
    options: &ProbeOptions,
    left: Option<Duration>,
    began: Instant,
    recorded: &mut Recorded,
) {
    let awaits_verdict = recorded.awaits_verdict();
    let Some(limit) = options.read.or(awaits_verdict.then_some(VERDICT)) else { return };
    let limit = left.map_or(limit, |left| limit.min(left));
    let mut step = ProbeStep::new(StepKind::Read, began.elapsed());
    let mut first = vec![0; FIRST];
    let read = within(limit, connection.read(&mut first)).await;
    let now = began.elapsed();
    match read {
        None => step.succeed(now, "the server waits for the client to speak first".to_owned()),
        Some(Ok(0)) => {
            step.succeed(now, "the server ended the connection without sending data".to_owned());
            step.warnings.push("the server ended the connection at once".to_owned());
            step.facts = ProbeFacts::Bytes { first: Vec::new(), protocol: None, is_end: true };
        }
        Some(Ok(read)) => {
            first.truncate(read);
            let protocol = protocol_of(&first);
            let spoken = protocol.map(|it| format!(" ({it})")).unwrap_or_default();
            step.succeed(now, format!("the server says {}{spoken}", Quoted::bytes(&first)));
            step.facts = ProbeFacts::Bytes { first, protocol, is_end: false };
        }
        Some(Err(error)) => {
            let side = connection.peer_address().clone();
            let problem = match tls_problem(&error) {
                Some(problem) => PeerProblem::Tls { side, problem }.into(),
                None => Problem::stream(side, Operation::Read, error),
            };
            if awaits_verdict {
                if let Some(step) = recorded.last(StepKind::Tls) {
                    step.fail(now, problem.to_string());
                    step.advice.extend(advice_on_request(step));
                }
                return;
            }
            step.fail(now, problem.to_string());
        }
    }
    if options.read.is_some() {
        recorded.steps.push(step);
    }
}

/// The TLS problem that an I/O error of a TLS stream wraps; `None` for other I/O errors.
fn tls_problem(error: &std::io::Error) -> Option<TlsProblem> {
    error.get_ref()?.downcast_ref::<TlsProblem>().cloned()
}
