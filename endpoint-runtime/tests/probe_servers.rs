//! Probes of servers must fail exactly if listening fails, with its message, and change nothing.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Duration;

use endpoint_runtime::probe::{Probe, ProbeFacts, ProbeOptions, ProbeStep, StepKind};
use endpoint_runtime::server_from_string;
use rcgen::date_time_ymd;

use pki::{Authority, leaf};
use support::{TempDir, has_ipv6, listen};

#[track_caller]
fn probe(description: &str) -> Probe {
    let server = server_from_string(description).unwrap();
    smol::block_on(server.probe(&ProbeOptions::default()))
}

/// The step that fails; checks that listening fails with the same message.
#[track_caller]
fn fails(description: &str) -> ProbeStep {
    let listened = smol::block_on(server_from_string(description).unwrap().listen());
    let problem = listened.unwrap_err().problem().to_string();
    let probe = probe(description);
    let failed = probe.steps.last().unwrap();
    assert!(!failed.is_ok && !probe.is_ok(), "{probe:?}");
    // The probe may append the process that holds the port.
    assert!(failed.message.starts_with(&problem), "{problem}\n{failed:?}");
    failed.clone()
}

/// The last step of the probe; checks that the probe and listening both succeed.
#[track_caller]
fn succeeds(description: &str) -> ProbeStep {
    let probe = probe(description);
    assert!(probe.is_ok(), "{probe:?}");
    smol::block_on(server_from_string(description).unwrap().listen()).unwrap();
    probe.steps.last().unwrap().clone()
}

fn listing(dir: &TempDir) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.path("")).unwrap().flatten();
    let mut paths: Vec<_> = entries.map(|it| it.path()).collect();
    paths.sort();
    paths
}

#[test]
#[cfg(target_os = "linux")]
fn a_port_in_use_has_a_holder() {
    let listener = listen("tcp:0:interface=127.0.0.1");
    let port = listener.local_address().port().unwrap();
    for taken in [format!("tcp:{port}:interface=127.0.0.1"), format!("tcp:{port}")] {
        let step = fails(&taken);
        assert_eq!(step.kind, StepKind::Bind);
        let ProbeFacts::Socket(socket) = &step.facts else { panic!("{step:?}") };
        assert_eq!(socket.holders[0].pid, std::process::id());
        assert!(step.message.contains("; held by process "), "{step:?}");
    }
    succeeds("tcp:0:interface=127.0.0.2");
}

#[test]
fn a_port_in_use_by_the_other_family_is_distinguished() {
    if !has_ipv6() {
        return;
    }
    let listener = listen("tcp:0");
    let port = listener.local_address().port().unwrap();
    assert!(fails(&format!("tcp6:{port}")).message.contains("`v6only=1` leaves alone"));
    let step = succeeds(&format!("tcp6:{port}:v6only=1"));
    let ProbeFacts::Socket(socket) = &step.facts else { panic!("{step:?}") };
    assert_eq!(socket.takes_ipv4, Some(false));
    assert_eq!(step.message, format!("TCP port {port} on every IPv6 address is free"));
    let step = succeeds("tcp6:0");
    assert_eq!(
        step.message,
        "a free TCP port on every IPv6 and IPv4 address is chosen when it listens"
    );
}

#[test]
fn an_address_of_another_machine_cannot_be_bound() {
    let step = fails("tcp:0:interface=192.0.2.1");
    assert!(step.advice[0].contains("no interface of this machine"), "{step:?}");
}

#[test]
fn the_file_at_a_socket_path_is_reported_and_left_alone() {
    let dir = TempDir::new();
    let (file, socket, stale) = (dir.text("file"), dir.text("served.sock"), dir.text("stale.sock"));
    std::fs::write(&file, "").unwrap();
    let _served = UnixListener::bind(&socket).unwrap();
    drop(UnixListener::bind(&stale).unwrap());
    let missing = dir.text("no/x.sock");
    fails(&format!("unix:{file}"));
    fails(&format!("unix:{file}:lockfile=0"));
    fails(&format!("unix:{missing}"));
    fails(&format!("unix:{missing}:lockfile=0"));
    fails(&format!("unix:{stale}:lockfile=0"));
    let step = fails(&format!("unix:{socket}"));
    let ProbeFacts::Socket(found) = &step.facts else { panic!("{step:?}") };
    if cfg!(target_os = "linux") {
        assert_eq!(found.holders[0].pid, std::process::id());
    }
    // A lock of a process that has ended: its id is free, unless another process got it meanwhile.
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    symlink(gone.id().to_string(), format!("{stale}.lock")).unwrap();
    let before = listing(&dir);
    let server = format!("unix:{stale}:mode=600");
    let step = probe(&server).steps.pop().unwrap();
    assert_eq!(step.message, format!("the UNIX socket `{stale}` can be made, with mode 600"));
    assert!(step.advice[0].contains("which has ended, will be removed"), "{step:?}");
    assert!(step.advice[1].contains("an unused socket is there"), "{step:?}");
    assert_eq!(listing(&dir), before, "nothing was made or removed");
    let _listener = listen(&server);
    let step = fails(&server);
    assert!(step.message.contains("is held by process"), "{step:?}");
    let ProbeFacts::Socket(found) = &step.facts else { panic!("{step:?}") };
    assert_eq!(found.holders[0].pid, std::process::id());
}

#[test]
#[cfg(target_os = "linux")]
fn an_abstract_name_in_use_cannot_be_bound() {
    let name = format!("probe-{}", std::process::id());
    succeeds(&format!("unix:{name}:abstract=1"));
    let _listener = listen(&format!("unix:{name}:abstract=1"));
    fails(&format!("unix:{name}:abstract=1"));
}

#[test]
fn missing_sockets_have_advice_about_systemd() {
    let step = fails("systemd:INET6:name=web");
    assert!(step.advice[0].contains("`ListenStream=[::]:PORT`"), "{step:?}");
    assert!(step.advice[0].contains("`FileDescriptorName=web`"), "{step:?}");
    fails("systemd:UNIX:index=1");
    fails("fd:999");
    succeeds("stdio:");
}

#[test]
fn certificates_are_shown_by_name_as_clients_will_see_them() {
    let (dir, root) = (TempDir::new(), Authority::new("root"));
    std::fs::create_dir(dir.path("certs")).unwrap();
    for name in ["a.test", "b.test"] {
        let path = dir.path(&format!("certs/{name}.pem"));
        std::fs::write(path, root.issue(name).both()).unwrap();
    }
    let probe = probe(&format!("tls:{}:0:interface=127.0.0.1", dir.text("certs")));
    assert!(probe.is_ok());
    let files = &probe.steps[0];
    assert_eq!((files.kind, &*files.message), (StepKind::Files, "2 certificates"));
    let ProbeFacts::Presented(identities) = &files.facts else { panic!("{files:?}") };
    let seen: Vec<_> = identities
        .iter()
        .map(|it| (it.certificates[0].names[0].as_str(), it.is_default, it.root.as_deref()))
        .collect();
    assert_eq!(seen, [("a.test", true, None), ("b.test", false, None)]);

    fails(&format!("ssl:0:{}", dir.text("missing.pem")));
    let mut late = leaf("a.test");
    late.not_after = date_time_ymd(2020, 1, 1);
    std::fs::write(dir.path("late.pem"), root.issue_as(&late).both()).unwrap();
    let step = fails(&format!("ssl:0:{}", dir.text("late.pem")));
    assert_eq!(step.kind, StepKind::Files);
}

#[test]
fn a_certificate_that_expires_soon_is_a_warning_or_an_error() {
    let (dir, root) = (TempDir::new(), Authority::new("root"));
    let mut soon = leaf("a.test");
    let end = std::time::SystemTime::now() + Duration::from_secs(10 * 24 * 60 * 60 + 3600);
    soon.not_after = end.into();
    std::fs::write(dir.path("soon.pem"), root.issue_as(&soon).both()).unwrap();
    let description = format!("ssl:0:{}:interface=127.0.0.1", dir.text("soon.pem"));
    let step = &probe(&description).steps[0];
    assert!(step.is_ok && step.warnings[0].contains("expires on"), "{step:?}");
    assert!(step.warnings[0].ends_with("in 10 days"), "{step:?}");
    let server = server_from_string(&description).unwrap();
    let mut options = ProbeOptions::default();
    options.min_remaining = Some(Duration::from_secs(11 * 24 * 60 * 60));
    let probe = smol::block_on(server.probe(&options));
    assert_eq!(probe.steps.len(), 1, "a server whose certificates fail is not looked at further");
    let step = &probe.steps[0];
    assert!(!step.is_ok && step.message.ends_with("(expected 11 days or more)"), "{step:?}");
}
