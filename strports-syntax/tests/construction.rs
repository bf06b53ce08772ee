//! Endpoints built without strings print as descriptions that parse back to them.

#![cfg(feature = "alloc")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use strports_syntax::value::{
    Delay, Domain, Flag, Host, Mode, Networks, ProxyVersion, StandardError, TlsMethod,
};
use strports_syntax::*;

fn servers() -> Vec<ServerEndpoint<'static>> {
    let tcp = TcpServer {
        interface: "::1".into(),
        backlog: 7.into(),
        reuse_port: true.into(),
        ..TcpServer::new(1)
    };
    vec![
        TcpServer::new(80).into(),
        tcp.clone().into(),
        Tcp6Server {
            backlog: (-1).into(),
            interface: "fe80::1%eth0".into(),
            reuse_port: true.into(),
            v6only: true.into(),
            ..Tcp6Server::new(0)
        }
        .into(),
        SslServer {
            private_key: "C:\\key.pem".into(),
            cert_key: Some("a=b.pem".into()),
            ssl_method: Some(TlsMethod::Tls12),
            interface: "127.0.0.1".into(),
            backlog: 5.into(),
            extra_cert_chain: Some("chain".into()),
            dh_parameters: Some("dh".into()),
            client_cas: Some("cas".into()),
            alpn: Some("h2,http/1.1".into()),
            reuse_port: true.into(),
            ..SslServer::new(443)
        }
        .into(),
        SslServer::over(UnixServer::new("/a:b=c")).into(),
        UnixServer {
            mode: Mode::new(0o600).unwrap(),
            backlog: 1.into(),
            lockfile: false.into(),
            abstract_name: Flag::new(true),
            ..UnixServer::new("a=b:c\\d")
        }
        .into(),
        TlsServer {
            port: 8443.into(),
            backlog: 1.into(),
            interface: "::1".into(),
            client_cas: Some("cas".into()),
            alpn: Some("h2".into()),
            reuse_port: true.into(),
            v6only: true.into(),
            ..TlsServer::over("/certs", HaproxyServer::new(tcp))
        }
        .into(),
        SystemdServer::at(Domain::Inet6, 3).into(),
        SystemdServer::named(Domain::Unix, "web:1").into(),
        StdioServer.into(),
        HaproxyServer {
            proxy_trusted: Networks::new("10.0.0.0/8,::1"),
            proxy_version: Some(ProxyVersion::V1),
            ..HaproxyServer::new(UnixServer::new("/a=b"))
        }
        .into(),
        FdServer::new(3).into(),
    ]
}

fn clients() -> Vec<ClientEndpoint<'static>> {
    let host = || Host::new("a_b.example").unwrap();
    vec![
        TcpClient {
            timeout: 5.into(),
            bind_address: Some("::".into()),
            attempt_delay: Delay::from_millis(1_500).unwrap(),
            ..TcpClient::new("::1", 80)
        }
        .into(),
        TcpClient::new("", 0).into(),
        Tcp6Client {
            timeout: 5.into(),
            bind_address: Some("::".into()),
            attempt_delay: Delay::from_millis(2_000).unwrap(),
            ..Tcp6Client::new("h", 80)
        }
        .into(),
        SslClient {
            timeout: u64::MAX.into(),
            bind_address: Some("".into()),
            cert_key: Some("c".into()),
            private_key: Some("k".into()),
            ca_certs_dir: Some("d".into()),
            hostname: Some(Host::new("h").unwrap()),
            alpn: Some("h2".into()),
            attempt_delay: Delay::from_millis(125).unwrap(),
            ..SslClient::new("a=b", 443)
        }
        .into(),
        UnixClient {
            lockfile: true.into(),
            timeout: 1.into(),
            abstract_name: true.into(),
            ..UnixClient::new(&b"/\xff:"[..])
        }
        .into(),
        TlsClient {
            timeout: 1.into(),
            bind_address: Some("1.2.3.4".into()),
            certificate: Some("c".into()),
            private_key: Some("k".into()),
            trust_roots: Some("t".into()),
            alpn: Some("h2".into()),
            attempt_delay: Delay::from_millis(100).unwrap(),
            ..TlsClient::over(host(), 443, TlsClient::over(host(), 1, UnixClient::new("a:b")))
        }
        .into(),
        StdioClient.into(),
        HaproxyClient {
            proxy_version: ProxyVersion::V1,
            ..HaproxyClient::new(TcpClient::new("h", 1))
        }
        .into(),
        HaproxyClient::new(ProcessClient {
            args: ["x", "y"].into_iter().collect(),
            ..ProcessClient::new("/a=b")
        })
        .into(),
        FdClient::new(0).into(),
        ProcessClient {
            args: ["", "a=b", "c:d", "e\\"].into_iter().collect(),
            cwd: Some("/".into()),
            env: ["A=b=c", "PATH=/a:/b"].into_iter().collect(),
            clear_env: true.into(),
            uid: Some(0.into()),
            gid: Some(1000.into()),
            use_pty: true.into(),
            stderr: StandardError::Drop,
            ..ProcessClient::new("/bin/x=y")
        }
        .into(),
    ]
}

#[test]
fn ok_what_is_built_prints_and_parses_back() {
    for endpoint in servers() {
        let text = canonical_bytes(&endpoint);
        assert_eq!(ServerEndpoint::parse(&text).as_ref(), Ok(&endpoint), "{endpoint}");
    }
    for endpoint in clients() {
        let text = canonical_bytes(&endpoint);
        assert_eq!(ClientEndpoint::parse(&text).as_ref(), Ok(&endpoint), "{endpoint}");
    }
}

/// A parameter that an endpoint forgot would be absent in all of them.
#[test]
fn ok_every_parameter_of_every_type_reaches_its_endpoint() {
    let mut seen = BTreeSet::new();
    let mut note = |endpoint: &dyn Parameters| {
        let signature = endpoint.signature();
        for parameter in signature.parameters {
            if endpoint.value(parameter.name) != Value::Absent {
                seen.insert((signature.role.as_str(), signature.name, parameter.name));
            }
        }
    };
    for endpoint in &servers() {
        note(endpoint);
    }
    for endpoint in &clients() {
        note(endpoint);
    }
    for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
        for parameter in signature.parameters {
            let key = (signature.role.as_str(), signature.name, parameter.name);
            assert!(seen.contains(&key) || parameter.name == "sslContextFactory", "{key:?}");
        }
    }
}
