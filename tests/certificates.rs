//! `listen`, `connect` and `relay` with TLS, as processes: reloads of certificates, and secrets.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

#[path = "support/runtime/pki.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod pki;
mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use pki::Authority;
use rustix::process::Signal;
use strports::runtime::proto::proxy::{Config, Decoded, Decoder};
use support::{Listening, Scratch, strports};

/// A directory with the certificate of a server, and its authority.
fn place() -> (Scratch, Authority) {
    let (scratch, authority) = (Scratch::new(), Authority::new("root"));
    fs::create_dir(scratch.join("certs")).unwrap();
    fs::write(scratch.join("certs/a.pem"), authority.issue("127.0.0.1").both()).unwrap();
    fs::write(scratch.join("root.pem"), &authority.pem).unwrap();
    (scratch, authority)
}

/// The lines up to the result of SIGHUP, without the name of the directory.
fn answer(listening: &mut Listening, scratch: &Scratch) -> Vec<String> {
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.starts_with("SIGHUP")) {
        let line = listening.error_line();
        assert!(!line.is_empty(), "it has ended");
        lines.push(line.trim_end().replace(scratch.path().to_str().unwrap(), ""));
    }
    lines
}

#[test]
fn relay_reloads_certificates_on_sighup() {
    let (scratch, authority) = place();
    let server = format!("tls:{}:0:interface=127.0.0.1", scratch.join("certs"));
    let mut relay = Listening::start(&["relay", &server, "tcp:127.0.0.1:1"], Stdio::null());
    relay.signal(Signal::HUP);
    let unchanged = ["SIGHUP: certificates were reloaded: 1, unchanged"];
    assert_eq!(answer(&mut relay, &scratch), unchanged);
    fs::write(scratch.join("certs/b.pem"), "").unwrap();
    relay.signal(Signal::HUP);
    let lines = answer(&mut relay, &scratch);
    let empty = "`/certs/b.pem` is empty (expected certificates or keys in PEM form)";
    assert!(lines[0].ends_with(&format!("{empty} (the previous ones stay in use)")), "{lines:?}");
    assert_eq!(lines[lines.len() - 1..], unchanged);
    fs::write(scratch.join("certs/b.pem"), authority.issue("b.test").both()).unwrap();
    relay.signal(Signal::HUP);
    let lines = answer(&mut relay, &scratch);
    // The watch may have reloaded the certificate before the signal.
    assert!(
        lines.iter().any(
            |line| line.contains("reloaded: 2, changed") || line.contains("reloaded: 2 in use")
        ),
        "{lines:?}"
    );
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().0, Some(0));
}

#[test]
fn relay_reloads_the_certificates_of_all_servers() {
    let (scratch, _) = place();
    let server = format!("tls:{}:0:interface=127.0.0.1", scratch.join("certs"));
    let metrics = "tcp:0:interface=127.0.0.1";
    for (metrics, server, count) in [(metrics, &*server, 1), (&*server, &*server, 2)] {
        let args = ["relay", "--metrics", metrics, server, "tcp:127.0.0.1:1"];
        let mut relay = Listening::start(&args, Stdio::null());
        assert!(relay.error_line().starts_with("metrics at"));
        relay.signal(Signal::HUP);
        let said = format!("SIGHUP: certificates were reloaded: {count}, unchanged");
        assert_eq!(answer(&mut relay, &scratch), [said]);
    }
}

#[test]
fn relay_reloads_the_certificates_of_its_clients() {
    let (scratch, authority) = place();
    fs::write(scratch.join("me.pem"), authority.issue("me.test").both()).unwrap();
    let (root, own) = (scratch.join("root.pem"), scratch.join("me.pem"));
    let client = format!("tls:127.0.0.1:1:trustRoots={root}:certificate={own}:privateKey={own}");
    let args = ["relay", "tcp:0:interface=127.0.0.1", &client];
    let mut relay = Listening::start(&args, Stdio::null());
    let unchanged = ["SIGHUP: certificates were reloaded: 1, unchanged"];
    relay.signal(Signal::HUP);
    assert_eq!(answer(&mut relay, &scratch), unchanged);
    fs::write(scratch.join("me.pem"), "").unwrap();
    relay.signal(Signal::HUP);
    let lines = answer(&mut relay, &scratch);
    let empty = "`/me.pem` is empty (expected certificates or keys in PEM form)";
    assert!(lines[0].ends_with(&format!("{empty} (the previous ones stay in use)")), "{lines:?}");
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().0, Some(0));
}

/// The samples of a family after its name, without the name of the directory.
fn samples(place: &str, family: &str, scratch: &Scratch) -> Vec<String> {
    let mut stream = TcpStream::connect(place).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let lines = text.lines().filter_map(|it| it.strip_prefix(family)?.strip_prefix('{'));
    lines.map(|it| it.replace(scratch.path().to_str().unwrap(), "")).collect()
}

#[test]
fn metrics_show_expiry_and_reloads_of_certificates() {
    let (scratch, authority) = place();
    // On 2999-01-01.
    let mut params = pki::leaf("b.test");
    params.not_after = rcgen::date_time_ymd(2999, 1, 1);
    fs::write(scratch.join("certs/b.pem"), authority.issue_as(&params).both()).unwrap();
    let server = format!("tls:{}:0:interface=127.0.0.1", scratch.join("certs"));
    let args = ["relay", "--metrics", "tcp:0:interface=127.0.0.1", &server, "tcp:127.0.0.1:1"];
    let mut relay = Listening::start(&args, Stdio::null());
    let line = relay.error_line();
    let place = line.strip_prefix("metrics at http://").unwrap();
    let place = place.strip_suffix("/metrics\n").unwrap();
    let label = r#"server="tls:/certs:0:interface=127.0.0.1""#;

    let family = "strports_certificate_expiry_timestamp_seconds";
    let expiry = samples(place, family, &scratch);
    let sample = |name: &str, subject: &str, time: u64| {
        format!(r#"{label},certificate="/certs/{name}",subject="{subject}"}} {time}"#)
    };
    // By default, test certificates are valid until 4096-01-01.
    let wanted = [
        sample("a.pem", "CN=127.0.0.1", 67_090_118_400),
        sample("b.pem", "CN=b.test", 32_472_144_000),
    ];
    assert_eq!(expiry, wanted);

    let count = |result: &str| -> u64 {
        let start = format!(r#"{label},result="{result}"}} "#);
        let samples = samples(place, "strports_certificate_reloads_total", &scratch);
        let values: Vec<_> = samples.iter().filter_map(|it| it.strip_prefix(&start)).collect();
        assert_eq!(values.len(), 1, "{samples:?}");
        values[0].parse().unwrap()
    };
    assert_eq!((count("success"), count("failure")), (0, 0));
    relay.signal(Signal::HUP);
    answer(&mut relay, &scratch);
    assert_eq!((count("success"), count("failure")), (1, 0));
    fs::write(scratch.join("certs/b.pem"), "").unwrap();
    relay.signal(Signal::HUP);
    answer(&mut relay, &scratch);
    // The watch reloads, too.
    assert!(count("failure") >= 1);
    assert_eq!(samples(place, family, &scratch), wanted, "what was there before stays");
}

#[test]
fn without_tls_sighup_ends_listen_and_connect() {
    let any_port = "tcp:0:interface=127.0.0.1";
    let listening = Listening::start(&["listen", any_port], Stdio::null());
    listening.signal(Signal::HUP);
    assert_eq!(listening.end(), (Some(0), String::new(), String::new()));
    for args in [&["listen", "--keep", any_port][..], &["relay", any_port, "tcp:127.0.0.1:1"]] {
        let mut serving = Listening::start(args, Stdio::null());
        serving.signal(Signal::HUP);
        assert_eq!(serving.error_line(), "SIGHUP: there are no certificates to reload\n");
        serving.signal(Signal::TERM);
        assert_eq!(serving.end(), (Some(0), String::new(), String::new()));
    }
}

#[test]
fn the_key_log_is_written_on_request() {
    let (scratch, _) = place();
    let server = format!("tls:{}:0:interface=127.0.0.1", scratch.join("certs"));
    let listening = Listening::start(&["listen", "--keep", &server], Stdio::null());
    let (_, port) = listening.place.rsplit_once(':').unwrap();
    let client = format!("tls:127.0.0.1:{port}:trustRoots={}", scratch.join("root.pem"));
    let connect = |args: &[&str]| {
        let mut command = strports();
        command.arg("connect").args(args).arg(&client);
        command.env("SSLKEYLOGFILE", scratch.join("unasked")).output().unwrap()
    };
    let Output { status, stderr, .. } = connect(&[]);
    assert!(status.success() && stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    assert!(!Path::new(&scratch.join("unasked")).exists());
    let log = scratch.join("keys.log");
    let Output { status, stderr, .. } = connect(&["--keylog", &log]);
    assert!(status.success());
    assert_eq!(
        String::from_utf8(stderr).unwrap(),
        format!(
            "the secrets of all TLS sessions are written to `{log}`, and with them the sessions can \
             be decrypted\n"
        )
    );
    let text = fs::read_to_string(&log).unwrap();
    let line = text.lines().find(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")).unwrap();
    let parts: Vec<_> = line.split(' ').map(str::len).collect();
    assert_eq!((parts.len(), parts[1]), (3, 64), "{line}");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = |name: &str| {
        let path = scratch.join(name);
        let Output { status, stderr, .. } = connect(&["--keylog", &path]);
        assert_eq!(status.code(), Some(1));
        let said = String::from_utf8(stderr).unwrap();
        let why = said.strip_prefix(&format!("strports: cannot write `{path}`: ")).unwrap();
        why.trim_end().to_owned()
    };
    assert_eq!(refused("absent/log"), "No such file or directory (os error 2)");
    std::os::unix::fs::symlink(&log, scratch.join("link")).unwrap();
    assert_eq!(refused("link"), "it is a symbolic link, which could lead anywhere");
    let other = scratch.join("other.log");
    fs::write(&other, "").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o640)).unwrap();
    let others = "other users may read or write it (`chmod 600` it, or remove it)";
    assert_eq!(refused("other.log"), others);
    assert_eq!(fs::read(&other).unwrap(), b"");
    fs::hard_link(&log, scratch.join("name")).unwrap();
    let names = "it has further hard links, which other programs could use";
    assert_eq!(refused("name"), names);
    assert_eq!(refused("certs"), "Is a directory (os error 21)");
}

/// The arguments of a client with a certificate, for a server on a port.
fn client_with(scratch: &Scratch, file: &str, port: &str) -> String {
    let (root, own) = (scratch.join("root.pem"), scratch.join(file));
    format!("tls:127.0.0.1:{port}:trustRoots={root}:certificate={own}:privateKey={own}")
}

#[test]
fn clients_are_admitted_by_certificate_names() {
    let (scratch, authority) = place();
    let mut params = pki::leaf("ignored.test");
    params.subject_alt_names =
        vec![rcgen::SanType::URI("spiffe://example.org/prod/web".try_into().unwrap())];
    fs::write(scratch.join("web.pem"), authority.issue_as(&params).both()).unwrap();
    fs::write(scratch.join("bob.pem"), authority.issue("bob.test").both()).unwrap();
    let target = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = target.local_addr().unwrap().port();
    let root = scratch.join("root.pem");
    let certs = scratch.join("certs");
    let server = format!("tls:{certs}:0:interface=127.0.0.1:clientCAs={root}");
    let upstream = format!("haproxy:tcp:127.0.0.1:{upstream}");
    let allow = ["--allow-name", "*.ok.test", "--allow-name", "spiffe://example.org/*/web"];
    let args = [&["relay", "--access-log", "all"][..], &allow, &[&server, &upstream]].concat();
    let mut relay = Listening::start(&args, Stdio::null());
    let port = relay.place.split(':').nth(2).unwrap();
    let port = port.to_owned();
    let connect = |file: &str| {
        let mut command = strports();
        command.arg("connect").arg(client_with(&scratch, file, &port)).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };

    let mut refused = connect("bob.pem");
    let line = relay.error_line();
    assert!(line.contains("`CN=bob.test` is not allowed here (it is for `bob.test`)"), "{line}");
    assert!(!refused.wait().unwrap().success());

    let mut admitted = connect("web.pem");
    let (mut stream, _) = target.accept().unwrap();
    let mut header = Vec::new();
    stream.read_to_end(&mut header).unwrap();
    let mut decoder = Decoder::new(Config::default());
    let Ok(Decoded::Header { header, .. }) = decoder.feed(&header) else { panic!("no header") };
    let tls = header.ssl().unwrap();
    assert!(tls.is_verified());
    assert_eq!(tls.common_name(), Some("spiffe://example.org/prod/web"));
    assert_eq!(tls.version(), Some("TLSv1.3"));
    drop(stream);
    assert!(admitted.wait().unwrap().success());
    let line = relay.error_line();
    assert!(line.ends_with(" by `spiffe://example.org/prod/web`\n"), "{line}");
}

#[test]
fn a_program_learns_both_names_of_its_tls_connection() {
    let (scratch, authority) = place();
    fs::write(scratch.join("certs/web.pem"), authority.issue("web.test").both()).unwrap();
    fs::write(scratch.join("bob.pem"), authority.issue("bob.test").both()).unwrap();
    let (root, own) = (scratch.join("root.pem"), scratch.join("bob.pem"));
    let client_cas = format!("clientCAs={root}");
    let server = format!("tls:{}:0:interface=127.0.0.1", scratch.join("certs"));
    let program = "process:sh:-c:env | grep ^STRPORTS_TLS_ | sort";
    for (server, certificate, learned) in [
        (
            format!("{server}:{client_cas}"),
            format!(":certificate={own}:privateKey={own}"),
            "STRPORTS_TLS_NAME=bob.test\nSTRPORTS_TLS_SNI=web.test\n",
        ),
        (server, String::new(), "STRPORTS_TLS_SNI=web.test\n"),
    ] {
        let relay = Listening::start(&["relay", &server, program], Stdio::null());
        let port = relay.place.split(':').nth(2).unwrap();
        let client = format!(
            r"tls:web.test:443:trustRoots={root}{certificate}:endpoint=tcp\:127.0.0.1\:{port}"
        );
        let mut command = strports();
        let output = command.args(["connect", &client]).stdin(Stdio::null()).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), learned);
    }
}

#[test]
fn client_names_need_client_certificates() {
    let (scratch, _) = place();
    let without = format!("tls:{}:0", scratch.join("certs"));
    let with = format!("{without}:clientCAs={}", scratch.join("root.pem"));
    let said = |args: &[&str]| {
        let Output { status, stderr, .. } = strports().args(args).output().unwrap();
        assert_eq!(status.code(), Some(2));
        String::from_utf8(stderr).unwrap()
    };
    for server in ["tcp:0", &*without] {
        for args in [
            &["listen", "--allow-name", "a.test", server][..],
            &["relay", "--allow-name", "a.test", server, "tcp:127.0.0.1:1"],
        ] {
            let said = said(args);
            assert!(said.contains("requests no certificate from clients"), "{said}");
        }
    }
    let said = said(&["listen", "--allow-name", "", &with]);
    assert!(said.contains("expected a name of a certificate"), "{said}");
}
