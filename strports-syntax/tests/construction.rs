//! Endpoints that are built by methods print as descriptions that parse back to them.

#![cfg(feature = "alloc")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeSet, HashSet};

use strports_syntax::value::{
    Delay, Domain, Flag, Host, KeepAlive, Mode, Networks, ProxyTlvs, ProxyVersion, StandardError,
    TlsMethod,
};
use strports_syntax::*;

fn servers() -> Vec<ServerEndpoint<'static>> {
    let tcp = TcpServer::new(1)
        .interface("::1")
        .backlog(7)
        .reuse_port(true)
        .keep_alive(keep_alive())
        .user_timeout(20)
        .device("eth0");
    vec![
        TcpServer::new(80).into(),
        tcp.clone().into(),
        Tcp6Server::new(0)
            .backlog(-1)
            .interface("fe80::1%eth0")
            .reuse_port(true)
            .v6only(true)
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        SslServer::new(443)
            .private_key("C:\\key.pem")
            .cert_key("a=b.pem")
            .ssl_method(TlsMethod::Tls12)
            .interface("127.0.0.1")
            .backlog(5)
            .extra_cert_chain("chain")
            .dh_parameters("dh")
            .client_cas("cas")
            .alpn("h2,http/1.1")
            .reuse_port(true)
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        SslServer::over(UnixServer::new("/a:b=c")).into(),
        UnixServer::new("a=b:c\\d")
            .mode(Mode::new(0o600).unwrap())
            .backlog(1)
            .lockfile(false)
            .abstract_name(Flag::new(true))
            .user("www-data")
            .group("33")
            .into(),
        TlsServer::over("/certs", HaproxyServer::new(tcp))
            .port(8443)
            .backlog(1)
            .interface("::1")
            .client_cas("cas")
            .alpn("h2")
            .reuse_port(true)
            .v6only(true)
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        SystemdServer::at(Domain::Inet6, 3).into(),
        SystemdServer::named(Domain::Unix, "web:1").into(),
        StdioServer::new().into(),
        HaproxyServer::new(UnixServer::new("/a=b"))
            .proxy_trusted(Networks::new("10.0.0.0/8,::1").unwrap())
            .proxy_version(ProxyVersion::V1)
            .into(),
        FdServer::new(3).into(),
    ]
}

fn keep_alive() -> KeepAlive<'static> {
    KeepAlive::new(Text::literal("60,10,5")).unwrap()
}

fn clients() -> Vec<ClientEndpoint<'static>> {
    let host = || Host::new("a_b.example").unwrap();
    vec![
        TcpClient::new("::1", 80)
            .timeout(5)
            .bind_address("::")
            .attempt_delay(Delay::from_millis(1_500).unwrap())
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        TcpClient::new("", 0).into(),
        Tcp6Client::new("h", 80)
            .timeout(5)
            .bind_address("::")
            .attempt_delay(Delay::from_millis(2_000).unwrap())
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        SslClient::new("a=b", 443)
            .timeout(u64::MAX)
            .bind_address("")
            .cert_key("c")
            .private_key("k")
            .ca_certs_dir("d")
            .hostname(Host::new("h").unwrap())
            .alpn("h2")
            .attempt_delay(Delay::from_millis(125).unwrap())
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        UnixClient::new(&b"/\xff:"[..]).lockfile(true).timeout(1).abstract_name(true).into(),
        TlsClient::over(host(), 443, TlsClient::over(host(), 1, UnixClient::new("a:b")))
            .timeout(1)
            .bind_address("1.2.3.4")
            .certificate("c")
            .private_key("k")
            .trust_roots("t")
            .alpn("h2")
            .attempt_delay(Delay::from_millis(100).unwrap())
            .keep_alive(keep_alive())
            .user_timeout(20)
            .device("eth0")
            .into(),
        StdioClient::new().into(),
        HaproxyClient::new(TcpClient::new("h", 1)).proxy_version(ProxyVersion::V1).into(),
        HaproxyClient::new(TcpClient::new("h", 1))
            .proxy_tlvs(ProxyTlvs::new("ssl,forward").unwrap())
            .into(),
        HaproxyClient::new(ProcessClient::new("/a=b").args(["x", "y"])).into(),
        FdClient::new(0).into(),
        ProcessClient::new("/bin/x=y")
            .args(["", "a=b", "c:d", "e\\"])
            .cwd("/")
            .env(["A=b=c", "PATH=/a:/b"])
            .clear_env(true)
            .uid(0)
            .gid(1000)
            .use_pty(true)
            .stderr(StandardError::Drop)
            .into(),
        Socks5Client::new(host(), 443, TcpClient::new("proxy", 1080))
            .credentials("/run/c:d")
            .into(),
        HttpConnectClient::new(
            Host::new("::1").unwrap(),
            443,
            Socks5Client::new(host(), 8080, UnixClient::new("/run/proxy")),
        )
        .credentials("c=d")
        .into(),
    ]
}

#[test]
fn constructed_endpoints_print_and_parse_back() {
    for endpoint in servers() {
        let text = canonical_bytes(&endpoint);
        assert_eq!(ServerEndpoint::parse(&text).as_ref(), Ok(&endpoint), "{endpoint}");
    }
    for endpoint in clients() {
        let text = canonical_bytes(&endpoint);
        assert_eq!(ClientEndpoint::parse(&text).as_ref(), Ok(&endpoint), "{endpoint}");
    }
}

/// Equal values with different spellings have equal hashes, and sort by value.
#[test]
fn endpoints_with_different_spellings_are_equal_keys() {
    let read = |text| ServerEndpoint::parse(text).unwrap();
    let spelled = [read("tcp:80"), read("tcp: +8_0:interface="), TcpServer::new(80).into()];
    assert_eq!(spelled.iter().collect::<HashSet<_>>().len(), 1);
    assert_eq!(spelled.iter().collect::<BTreeSet<_>>().len(), 1);
    let (a, b) = (read("tcp:9"), read("tcp:10"));
    assert!(a < b, "by the number, not by the text");
    let clients = clients();
    assert_eq!(clients.iter().collect::<HashSet<_>>().len(), clients.len());
    assert_eq!(clients.iter().collect::<BTreeSet<_>>().len(), clients.len());
}

/// A parameter that an endpoint type does not store would be absent from all sample endpoints.
#[test]
fn every_parameter_of_every_type_reaches_its_endpoint() {
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
