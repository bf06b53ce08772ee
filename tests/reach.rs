//! The client that a listener recommends reaches the listener with `strports connect`.
#![cfg(all(feature = "cli", feature = "__tls", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

#[path = "support/runtime/pki.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod pki;
mod support;

use std::io::{BufRead, BufReader};
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};

use pki::{Authority, Issued, leaf, self_signed};
use serde_json::Value;
use support::{Scratch, strports};

/// A `strports listen`, and the JSON object of its start. It is killed on drop.
struct Listener {
    child: Child,
    said: Value,
}

impl Listener {
    #[track_caller]
    fn start(server: &str) -> Self {
        Self::start_with(server, |command| command)
    }

    #[track_caller]
    fn start_with(server: &str, change: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = strports();
        command.args(["listen", "--log-format=json", server]);
        change(&mut command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(said["event"], "listening", "{server}: {said}");
        Self { child, said }
    }

    #[track_caller]
    fn text(&self, key: &str) -> &str {
        self.said[key].as_str().unwrap()
    }

    fn needs(&self) -> Vec<&str> {
        self.said["client_needs"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
    }

    fn port(&self) -> &str {
        self.text("address").rsplit_once(':').unwrap().1
    }

    /// Sends some bytes through the recommended client, with `more` arguments.
    #[track_caller]
    fn reach_with(mut self, more: &str) {
        let client = format!("{}{more}", self.text("client"));
        let mut command = strports();
        // The directory of the listener does not matter.
        command.args(["connect", &client]).current_dir("/").stdin(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let written = std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"hello");
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""), "{client}");
        written.unwrap();
        let mut received = String::new();
        let stdout = self.child.stdout.as_mut().unwrap();
        std::io::Read::read_to_string(stdout, &mut received).unwrap();
        assert_eq!(received, "hello", "{client}");
    }

    #[track_caller]
    fn reach(self) {
        assert_eq!(self.needs(), [] as [&str; 0]);
        self.reach_with("");
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The certificate of a server with its key and its chain, including the root.
fn whole(issued: &Issued, above: &[&Authority]) -> String {
    above.iter().fold(issued.both(), |text, authority| text + &authority.pem)
}

/// `a.pem` with a certificate for the name and its private root.
fn place(name: &str) -> Scratch {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    scratch.put("certs/a.pem", &whole(&root.issue(name), &[&root]));
    scratch
}

#[test]
fn servers_without_tls_are_reached() {
    let scratch = Scratch::new();
    let server = format!("unix:{}", scratch.join("socket"));
    let name = format!("unix:reach-{}:abstract=1", std::process::id());
    for server in [
        "tcp:0",
        "tcp:0:interface=127.0.0.1",
        "tcp6:0",
        "tcp6:0:v6only=1",
        "haproxy:tcp:0:interface=127.0.0.1",
        "haproxy:tcp:0:interface=127.0.0.1:proxyVersion=1",
        &server,
        &name,
    ] {
        Listener::start(server).reach();
    }
}

#[test]
fn passed_sockets_are_reached() {
    for (server, names) in [("fd:3", ""), ("systemd:domain=INET:index=0", "web")] {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listener = Listener::start_with(server, |command| {
            let raw = socket.as_raw_fd();
            // `sh` inserts its process number.
            let script = "exec env LISTEN_PID=$$ \"$0\" \"$@\"";
            let program = command.get_program().to_owned();
            let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
            *command = Command::new("bash");
            command.args(["-c", &format!("exec 3<&{raw}; {script}")]).arg(program).args(args);
            if !names.is_empty() {
                command.env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", names);
            }
            rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty()).unwrap();
            command
        });
        listener.reach();
    }
}

#[test]
fn a_name_that_resolves_to_the_address_is_enough() {
    let localhost = place("localhost");
    let file = localhost.join("certs/a.pem");
    let ssl = format!("ssl:0:{file}:{file}:interface=127.0.0.1");
    let listener = Listener::start(&ssl);
    let (port, client) = (listener.port(), listener.text("client"));
    assert_eq!(client, format!("tls:localhost:{port}:trustRoots={file}"));
    assert_eq!(
        listener.text("message"),
        format!("listening on 127.0.0.1:{port} (TLS for localhost); connect with {client}")
    );
    listener.reach();
    for server in [
        format!("tls:{}:0", localhost.join("certs")),
        format!("tls:{}:0:interface=127.0.0.1", localhost.join("certs")),
        format!("ssl:0:{file}:{file}"),
    ] {
        let listener = Listener::start(&server);
        let client = format!("tls:localhost:{}:trustRoots={file}", listener.port());
        assert_eq!(listener.text("client"), client);
        listener.reach();
    }

    let address = place("127.0.0.1");
    let listener = Listener::start(&format!("tls:{}:0", address.join("certs")));
    assert!(listener.text("client").starts_with(&format!("tls:127.0.0.1:{}:", listener.port())));
    listener.reach();
}

#[test]
fn any_name_that_resolves_to_the_address_is_used() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    let mut params = leaf("a.test");
    params.subject_alt_names.extend(leaf("localhost").subject_alt_names);
    scratch.put("a.pem", &whole(&root.issue_as(&params), &[&root]));
    let file = scratch.join("a.pem");
    let listener = Listener::start(&format!("ssl:0:{file}:{file}:interface=127.0.0.1"));
    assert!(listener.text("client").starts_with("tls:localhost:"));
    listener.reach();
}

#[test]
fn a_name_that_does_not_resolve_needs_the_address() {
    for name in ["a.test", "*.a.test"] {
        let scratch = place(name);
        let (certs, file) = (scratch.join("certs"), scratch.join("certs/a.pem"));
        let host = name.replace('*', "www");
        let listener = Listener::start(&format!("tls:{certs}:0:interface=127.0.0.1"));
        let port = listener.port();
        assert_eq!(
            listener.text("client"),
            format!(r"tls:{host}:{port}:trustRoots={file}:endpoint=tcp\:127.0.0.1\:{port}")
        );
        listener.reach();
    }
    // Without IPv4, so that `localhost` may be another listener.
    let scratch = place("localhost");
    let listener = Listener::start(&format!("tls:{}:0:v6only=1", scratch.join("certs")));
    assert!(listener.text("client").contains(r":endpoint=tcp\:"), "{}", listener.said);
    listener.reach();
}

#[test]
fn tls_over_other_servers_and_headers_around_it_are_reached() {
    let scratch = place("localhost");
    let (certs, file) = (scratch.join("certs"), scratch.join("certs/a.pem"));
    let socket = scratch.join("socket");
    for server in [
        format!(r"tls:{certs}:endpoint=unix\:{socket}"),
        format!(r"ssl:endpoint=tcp6\:0:privateKey={file}:certKey={file}"),
        format!(r"tls:{certs}:endpoint=haproxy\:tcp\:0\:interface=127.0.0.1"),
        format!("haproxy:tls:{certs}:0:interface=127.0.0.1"),
        format!("haproxy:ssl:0:{file}:{file}:interface=127.0.0.1"),
    ] {
        Listener::start(&server).reach();
    }
}

#[test]
fn a_private_root_is_found_in_each_file_of_the_server() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    let middle = root.below("middle");
    let issued = middle.issue("a.test");
    scratch.put("key.pem", &issued.key);
    scratch.put("cert.pem", &issued.certificate);
    scratch.put("chain.pem", &format!("{}{}", middle.pem, root.pem));
    scratch.put("whole.pem", &whole(&issued, &[&middle, &root]));
    scratch.put("dir/own.pem", &format!("{}{}", issued.both(), middle.pem));
    scratch.put("dir/root.pem", &root.pem);
    let own = self_signed(&leaf("a.test"));
    scratch.put("self.pem", &own.both());
    let at = |name: &str| scratch.join(name);
    let bound = "interface=127.0.0.1";
    for (server, holds) in [
        (
            format!(
                "ssl:0:{}:{}:extraCertChain={}:{bound}",
                at("key.pem"),
                at("cert.pem"),
                at("chain.pem")
            ),
            "chain.pem",
        ),
        (format!("ssl:0:{0}:{0}:{bound}", at("whole.pem")), "whole.pem"),
        (format!("tls:{}:0:{bound}", at("dir")), "dir/root.pem"),
        (format!("ssl:0:{0}:{0}:{bound}", at("self.pem")), "self.pem"),
    ] {
        let listener = Listener::start(&server);
        let client = listener.text("client");
        assert!(client.contains(&format!(":trustRoots={}:", at(holds))), "{client}");
        listener.reach();
    }
}

#[test]
fn a_relative_file_is_found_from_any_directory() {
    let scratch = place("localhost");
    let server = "tls:certs:0:interface=127.0.0.1";
    Listener::start_with(server, |command| command.current_dir(scratch.path())).reach();
}

#[test]
fn a_missing_root_is_described() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    let middle = root.below("middle");
    scratch.put("a.pem", &whole(&middle.issue("localhost"), &[&middle]));
    scratch.put("elsewhere.pem", &root.pem);
    let file = scratch.join("a.pem");
    let listener = Listener::start(&format!("ssl:0:{file}:{file}:interface=127.0.0.1"));
    assert_eq!(listener.needs(), ["`trustRoots=` with the certificate of the issuer `CN=root`"]);
    let (port, client) = (listener.port(), listener.text("client"));
    assert_eq!(client, format!("tls:localhost:{port}"));
    assert_eq!(
        listener.text("message"),
        format!(
            "listening on 127.0.0.1:{port} (TLS for localhost); connect with {client}; \
             it also needs `trustRoots=` with the certificate of the issuer `CN=root`"
        )
    );
    listener.reach_with(&format!(":trustRoots={}", scratch.join("elsewhere.pem")));
}

#[test]
fn a_missing_intermediate_is_described_as_the_issuer() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    let middle = root.below("middle");
    scratch.put("a.pem", &middle.issue("localhost").both());
    scratch.put("middle.pem", &middle.pem);
    let file = scratch.join("a.pem");
    let listener = Listener::start(&format!("ssl:0:{file}:{file}:interface=127.0.0.1"));
    assert_eq!(listener.needs(), ["`trustRoots=` with the certificate of the issuer `CN=middle`"]);
    listener.reach_with(&format!(":trustRoots={}", scratch.join("middle.pem")));
}

#[test]
fn a_platform_root_needs_no_description() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    scratch.put("a.pem", &root.issue("localhost").both());
    scratch.put("platform.pem", &root.pem);
    let (file, platform) = (scratch.join("a.pem"), scratch.join("platform.pem"));
    let server = format!("ssl:0:{file}:{file}:interface=127.0.0.1");
    let listener = Listener::start_with(&server, |it| it.env("SSL_CERT_FILE", &platform));
    assert_eq!(listener.text("client"), format!("tls:localhost:{}", listener.port()));
    assert_eq!(listener.needs(), [] as [&str; 0]);
}

#[test]
fn a_required_client_key_is_described() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    scratch.put("a.pem", &root.issue("localhost").both());
    scratch.put("root.pem", &root.pem);
    scratch.put("client.pem", &root.issue("client").both());
    let (file, authorities) = (scratch.join("a.pem"), scratch.join("root.pem"));
    let server = format!("ssl:0:{file}:{file}:interface=127.0.0.1:clientCAs={authorities}");
    let listener = Listener::start(&server);
    let said = "`certificate=` and `privateKey=` of a client that an authority in";
    assert_eq!(listener.needs(), [format!("{said} `{authorities}` issued")]);
    assert!(listener.text("client").contains(&format!(":trustRoots={authorities}")));
    let client = scratch.join("client.pem");
    listener.reach_with(&format!(":certificate={client}:privateKey={client}"));
}

#[test]
fn required_client_names_are_described() {
    let (scratch, root) = (Scratch::new(), Authority::new("root"));
    scratch.put("a.pem", &root.issue("localhost").both());
    scratch.put("root.pem", &root.pem);
    scratch.put("client.pem", &root.issue("web.ok.test").both());
    let (file, authorities) = (scratch.join("a.pem"), scratch.join("root.pem"));
    let server = format!("ssl:0:{file}:{file}:interface=127.0.0.1:clientCAs={authorities}");
    let listener = Listener::start_with(&server, |it| {
        it.args(["--allow-name", "a.test", "--allow-name", "*.ok.test"])
    });
    let said = "`certificate=` and `privateKey=` of a client that an authority in";
    let names = "with the name `a.test` or `*.ok.test`";
    assert_eq!(listener.needs(), [format!("{said} `{authorities}` issued, {names}")]);
    let client = scratch.join("client.pem");
    listener.reach_with(&format!(":certificate={client}:privateKey={client}"));
}

#[test]
fn a_certificate_for_no_host_has_no_client() {
    let scratch = Scratch::new();
    let mut params = leaf("a.test");
    params.subject_alt_names.clear();
    scratch.put("a.pem", &self_signed(&params).both());
    let file = scratch.join("a.pem");
    let listener = Listener::start(&format!("ssl:0:{file}:{file}:interface=127.0.0.1"));
    let port = listener.port();
    assert_eq!(listener.said["client"], Value::Null);
    assert_eq!(
        listener.text("message"),
        format!("listening on 127.0.0.1:{port} (TLS with a certificate that is for no host)")
    );
}
