//! Converts typed endpoints to plans ("lowering"): text becomes hosts, paths and durations.

mod process;
pub(super) mod text;
mod tls;
mod tunnel;

use strports_syntax::value::{Domain, ProxyTlvs, ProxyVersion};
use strports_syntax::{
    ClientEndpoint, HaproxyClient, HaproxyServer, Parameters, PassedSocket, ServerEndpoint,
    SystemdServer, Tcp6Client, Tcp6Server, TcpClient, TcpServer, Text, UnixClient, UnixServer,
};

use self::process::lower_process;
use self::text::{bind, delay, duration, host, socket_options, text, unix_name};
use self::tls::{lower_ssl_client, lower_ssl_server, lower_tls_client, lower_tls_server};
use self::tunnel::{lower_http_connect, lower_socks5};
use super::{
    ClientLayer, ClientPlan, ClientTransport, Descriptor, Family, ProxyRead, ProxyWrite,
    ServerLayer, ServerPlan, ServerTransport, SystemdListen, SystemdSocket, TcpConnect, TcpListen,
    UnixConnect, UnixListen,
};
use crate::error::DescriptionProblem;
use crate::proto::proxy::Version;

/// Converts a server endpoint to a plan; returns an error if an argument cannot be used.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::ServerPlan;
/// use strports_syntax::ServerEndpoint;
///
/// let endpoint = ServerEndpoint::parse("unix:/run/app.sock:mode=660:lockfile=0")?;
/// let plan = ServerPlan::try_from(&endpoint)?;
/// assert_eq!(
///     plan.to_string(),
///     "listen on the UNIX socket `/run/app.sock`, mode 660, with a backlog of 50"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<&ServerEndpoint<'_>> for ServerPlan {
    type Error = DescriptionProblem;

    fn try_from(endpoint: &ServerEndpoint<'_>) -> Result<Self, DescriptionProblem> {
        match endpoint {
            ServerEndpoint::Tcp(tcp) => lower_tcp_server(tcp).map(Self::from),
            ServerEndpoint::Tcp6(tcp) => lower_tcp6_server(tcp).map(Self::from),
            ServerEndpoint::Unix(unix) => lower_unix_server(unix).map(Self::from),
            ServerEndpoint::Systemd(systemd) => lower_systemd(systemd).map(Self::from),
            ServerEndpoint::Fd(fd) => {
                Ok(ServerTransport::Fd(Descriptor::new(fd.fd.value())).into())
            }
            ServerEndpoint::Stdio(_) => Ok(ServerTransport::Stdio.into()),
            ServerEndpoint::Haproxy(haproxy) => lower_haproxy_server(haproxy),
            ServerEndpoint::Ssl(ssl) => lower_ssl_server(ssl),
            ServerEndpoint::Tls(tls) => lower_tls_server(tls),
            ServerEndpoint::Plugin(it) => Ok(ServerTransport::Plugin(it.into()).into()),
            other => Err(unsupported(other)),
        }
    }
}

/// Converts a client endpoint to a plan; returns an error if an argument cannot be used.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::ClientPlan;
/// use strports_syntax::ClientEndpoint;
///
/// let plan = ClientPlan::try_from(&ClientEndpoint::parse(r"tcp:\:\:1:80:timeout=1")?)?;
/// assert_eq!(plan.to_string(), "connect to `::1`, TCP port 80, within 1 second");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<&ClientEndpoint<'_>> for ClientPlan {
    type Error = DescriptionProblem;

    fn try_from(endpoint: &ClientEndpoint<'_>) -> Result<Self, DescriptionProblem> {
        match endpoint {
            ClientEndpoint::Tcp(tcp) => lower_tcp_client(tcp).map(Self::from),
            ClientEndpoint::Tcp6(tcp) => lower_tcp6_client(tcp).map(Self::from),
            ClientEndpoint::Unix(unix) => lower_unix_client(unix).map(Self::from),
            ClientEndpoint::Fd(fd) => {
                Ok(ClientTransport::Fd(Descriptor::new(fd.fd.value())).into())
            }
            ClientEndpoint::Stdio(_) => Ok(ClientTransport::Stdio.into()),
            ClientEndpoint::Process(process) => lower_process(process).map(Self::from),
            ClientEndpoint::Haproxy(haproxy) => lower_haproxy_client(haproxy),
            ClientEndpoint::Ssl(ssl) => lower_ssl_client(ssl),
            ClientEndpoint::Tls(tls) => lower_tls_client(tls),
            ClientEndpoint::Socks5(socks5) => lower_socks5(socks5),
            ClientEndpoint::HttpConnect(http) => lower_http_connect(http),
            ClientEndpoint::Plugin(it) => Ok(ClientTransport::Plugin(it.into()).into()),
            other => Err(unsupported(other)),
        }
    }
}

fn lower_tcp_server(tcp: &TcpServer<'_>) -> Result<TcpListen, DescriptionProblem> {
    let mut listen = TcpListen::new(host("interface", &tcp.interface)?, tcp.port.value());
    listen.backlog = tcp.backlog.value();
    listen.reuse_port = tcp.reuse_port.is_on();
    listen.options =
        socket_options(tcp.keep_alive.as_ref(), tcp.user_timeout.as_ref(), tcp.device.as_ref())?;
    Ok(listen)
}

/// As in Twisted, a `tcp6` server with an IPv4 interface has an IPv4 socket; `strports check`
/// reports it.
fn lower_tcp6_server(tcp: &Tcp6Server<'_>) -> Result<TcpListen, DescriptionProblem> {
    let mut listen = TcpListen::new(host("interface", &tcp.interface)?, tcp.port.value());
    listen.backlog = tcp.backlog.value();
    listen.prefer = Family::V6;
    listen.reuse_port = tcp.reuse_port.is_on();
    listen.options =
        socket_options(tcp.keep_alive.as_ref(), tcp.user_timeout.as_ref(), tcp.device.as_ref())?;
    listen.v6only = tcp.v6only.is_on();
    Ok(listen)
}

fn lower_unix_server(unix: &UnixServer<'_>) -> Result<UnixListen, DescriptionProblem> {
    let mut listen = UnixListen::new(unix_name(&unix.address, unix.abstract_name.is_on())?);
    listen.mode = unix.mode.bits().into();
    listen.backlog = unix.backlog.value();
    listen.lockfile = unix.lockfile.is_on();
    let owner = |argument, value: &Option<Text<'_>>| match value {
        Some(_) if unix.abstract_name.is_on() => {
            Err(DescriptionProblem::OwnerOfAbstractName { argument })
        }
        value => value.as_ref().map(|value| text(argument, value)).transpose(),
    };
    listen.user = owner("user", &unix.user)?;
    listen.group = owner("group", &unix.group)?;
    Ok(listen)
}

/// Rejects a name with a colon: systemd separates names by colons, so no socket has one.
fn lower_systemd(systemd: &SystemdServer<'_>) -> Result<SystemdListen, DescriptionProblem> {
    let socket = match &systemd.socket {
        PassedSocket::Index(index) => SystemdSocket::Index(index.value()),
        PassedSocket::Name(name) => {
            let name = name.to_bytes().into_owned();
            if name.contains(&b':') {
                return Err(DescriptionProblem::ColonInSocketName { name });
            }
            SystemdSocket::Name(name)
        }
    };
    Ok(SystemdListen::new(systemd.domain, socket))
}

fn lower_tcp_client(tcp: &TcpClient<'_>) -> Result<TcpConnect, DescriptionProblem> {
    let mut connect = TcpConnect::new(host("host", &tcp.host)?, tcp.port.value());
    connect.timeout = duration(&tcp.timeout);
    connect.attempt_delay = delay(&tcp.attempt_delay);
    connect.options =
        socket_options(tcp.keep_alive.as_ref(), tcp.user_timeout.as_ref(), tcp.device.as_ref())?;
    bind(&mut connect, tcp.bind_address.as_ref())?;
    Ok(connect)
}

fn lower_tcp6_client(tcp: &Tcp6Client<'_>) -> Result<TcpConnect, DescriptionProblem> {
    let mut connect = TcpConnect::new(host("host", &tcp.host)?, tcp.port.value());
    connect.timeout = duration(&tcp.timeout);
    connect.attempt_delay = delay(&tcp.attempt_delay);
    connect.options =
        socket_options(tcp.keep_alive.as_ref(), tcp.user_timeout.as_ref(), tcp.device.as_ref())?;
    bind(&mut connect, tcp.bind_address.as_ref())?;
    connect.family = Some(Family::V6);
    Ok(connect)
}

fn lower_unix_client(unix: &UnixClient<'_>) -> Result<UnixConnect, DescriptionProblem> {
    let mut connect = UnixConnect::new(unix_name(&unix.path, unix.abstract_name.is_on())?);
    connect.timeout = duration(&unix.timeout);
    connect.lockfile = unix.lockfile.is_on();
    Ok(connect)
}

/// Adds a layer that reads PROXY headers, and one that refuses senders outside `proxyTrusted`.
///
/// The networks apply to the direct peers, so that layer goes first, before any layer reads.
fn lower_haproxy_server(haproxy: &HaproxyServer<'_>) -> Result<ServerPlan, DescriptionProblem> {
    let mut plan = ServerPlan::try_from(&*haproxy.endpoint)?;
    if let Some(networks) = &haproxy.proxy_trusted {
        let transport = match plan.transport {
            ServerTransport::Unix(_)
            | ServerTransport::Systemd(SystemdListen { domain: Domain::Unix, .. }) => {
                Some("a UNIX socket")
            }
            ServerTransport::Stdio => Some("standard input and output"),
            // Whether peers have IP addresses is only known when they connect. Those without one
            // are rejected then.
            ServerTransport::Tcp(_)
            | ServerTransport::Systemd(_)
            | ServerTransport::Fd(_)
            | ServerTransport::Opened(_)
            | ServerTransport::Plugin(_) => None,
        };
        if let Some(transport) = transport {
            return Err(DescriptionProblem::TrustedWithoutAddress { transport });
        }
        plan.layers.insert(0, ServerLayer::Senders(networks.iter().collect()));
    }
    let version = haproxy.proxy_version.map(version);
    plan.layers.push(ServerLayer::Proxy(ProxyRead { version, ..ProxyRead::default() }));
    Ok(plan)
}

/// Adds a layer that sends a PROXY header. Each kind of TLV is sent once, even if listed twice.
fn lower_haproxy_client(haproxy: &HaproxyClient<'_>) -> Result<ClientPlan, DescriptionProblem> {
    let mut plan = ClientPlan::try_from(&*haproxy.endpoint)?;
    let mut write = ProxyWrite::new(version(haproxy.proxy_version));
    for tlv in haproxy.proxy_tlvs.iter().flat_map(ProxyTlvs::iter) {
        if !write.tlvs.contains(&tlv) {
            write.tlvs.push(tlv);
        }
    }
    plan.layers.push(ClientLayer::Proxy(write));
    Ok(plan)
}

fn version(version: ProxyVersion) -> Version {
    match version {
        ProxyVersion::V1 => Version::V1,
        ProxyVersion::V2 => Version::V2,
    }
}

fn unsupported(endpoint: &dyn Parameters) -> DescriptionProblem {
    DescriptionProblem::Unsupported { name: endpoint.signature().name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{EnvRule, Host, ProcessSpawn, StandardErrorBehavior, UnixName};
    use super::*;

    fn server(text: &(impl AsRef<[u8]> + ?Sized)) -> Result<ServerPlan, DescriptionProblem> {
        ServerPlan::try_from(&ServerEndpoint::parse(text).unwrap())
    }

    fn client(text: &(impl AsRef<[u8]> + ?Sized)) -> Result<ClientPlan, DescriptionProblem> {
        ClientPlan::try_from(&ClientEndpoint::parse(text).unwrap())
    }

    #[test]
    fn every_argument_of_a_server_reaches_the_plan() {
        let mut tcp = TcpListen::new(Host::parse("::1"), 80);
        (tcp.backlog, tcp.reuse_port) = (7, true);
        assert_eq!(server(r"tcp:80:\:\:1:7:reusePort=1").unwrap(), tcp.into());

        let mut tcp6 = TcpListen::new(Host::parse("::"), 80);
        (tcp6.backlog, tcp6.prefer, tcp6.v6only) = (7, Family::V6, true);
        assert_eq!(server("tcp6:80:7:v6only=1").unwrap(), tcp6.into());

        let mut unix = UnixListen::new(UnixName::path("/a:b").unwrap());
        (unix.mode, unix.backlog, unix.lockfile) = (0o660, 7, false);
        assert_eq!(server(r"unix:/a\:b:660:7:0").unwrap(), unix.clone().into());

        (unix.user, unix.group) = (Some("www".to_owned()), Some("33".to_owned()));
        assert_eq!(server(r"unix:/a\:b:660:7:0:user=www:group=33").unwrap(), unix.into());

        let name = UnixName::abstract_name("a").unwrap();
        assert_eq!(server("unix:a:abstract=1").unwrap(), UnixListen::new(name).into());
        assert_eq!(server("stdio:").unwrap(), ServerTransport::Stdio.into());

        let systemd = |domain, socket| SystemdListen::new(domain, socket).into();
        assert_eq!(
            server("systemd:INET6:2").unwrap(),
            systemd(Domain::Inet6, SystemdSocket::Index(2))
        );
        assert_eq!(
            server("systemd:UNIX:name=web").unwrap(),
            systemd(Domain::Unix, SystemdSocket::Name(b"web".to_vec()))
        );
        assert_eq!(server("fd:3").unwrap(), ServerTransport::Fd(Descriptor::new(3)).into());
    }

    #[test]
    fn every_argument_of_a_client_reaches_the_plan() {
        let mut tcp = TcpConnect::new(Host::parse("h"), 80);
        tcp.timeout = Duration::from_secs(5);
        tcp.bind_address = Some(Host::parse("127.0.0.1"));
        let text = "tcp:h:80:timeout=5:bindAddress=127.0.0.1";
        assert_eq!(client(text).unwrap(), tcp.clone().into());
        tcp.family = Some(Family::V6);
        let text = "tcp6:h:80:timeout=5:bindAddress=127.0.0.1";
        assert_eq!(client(text).unwrap(), tcp.into());

        let mut unix = UnixConnect::new(UnixName::path("/a").unwrap());
        (unix.timeout, unix.lockfile) = (Duration::from_secs(5), true);
        assert_eq!(client("unix:/a:timeout=5:lockfile=1").unwrap(), unix.into());
        assert_eq!(client("stdio:").unwrap(), ClientTransport::Stdio.into());
        assert_eq!(client("fd:3").unwrap(), ClientTransport::Fd(Descriptor::new(3)).into());
    }

    #[test]
    fn every_argument_of_a_program_reaches_the_plan() {
        let mut spawn = ProcessSpawn::new("/bin/a b");
        assert_eq!(client("process:/bin/a b").unwrap(), spawn.clone().into());
        spawn.args = vec!["-x".into(), "".into(), "c:d".into()];
        spawn.cwd = Some("/".into());
        spawn.env = vec![
            EnvRule::Set("A".into(), "1=2".into()),
            EnvRule::Copy("B".into()),
            EnvRule::Set("C".into(), "".into()),
        ];
        (spawn.clear_env, spawn.use_pty) = (true, true);
        (spawn.uid, spawn.gid) = (Some(1), Some(2));
        spawn.stderr = StandardErrorBehavior::Inherit;
        let text = [
            r"process:/bin/a b:-x::c\:d:cwd=/:env=A=1=2:env=B:env=C=",
            "clearEnv=1:usePTY=1:uid=1:gid=2:stderr=inherit",
        ];
        assert_eq!(client(&text.join(":")).unwrap(), spawn.into());
    }

    #[test]
    fn programs_and_variables_have_names() {
        assert_eq!(client("process:").unwrap_err().to_string(), "the name of the program is empty");
        assert_eq!(
            client("process:a:env==1").unwrap_err().to_string(),
            "expected `NAME=VALUE` or `NAME` for `env`, but found no name"
        );
        assert!(client("process:a:env=").is_err());
    }

    #[test]
    fn an_empty_bind_address_means_no_bind_address() {
        let tcp = TcpConnect::new(Host::parse("h"), 80);
        assert_eq!(client("tcp:h:80:bindAddress=").unwrap(), tcp.into());
    }

    #[test]
    fn a_bind_address_may_have_a_port() {
        let mut tcp = TcpConnect::new(Host::parse("h"), 80);
        (tcp.bind_address, tcp.bind_port) = (Some(Host::parse("127.0.0.1")), 4711);
        assert_eq!(client(r"tcp:h:80:bindAddress=127.0.0.1\:4711").unwrap(), tcp.clone().into());
        tcp.bind_address = Some(Host::parse("::1"));
        assert_eq!(client(r"tcp:h:80:bindAddress=[\:\:1]\:4711").unwrap(), tcp.clone().into());
        (tcp.bind_address, tcp.bind_port) = (Some(Host::parse("::1:4711")), 0);
        assert_eq!(client(r"tcp:h:80:bindAddress=\:\:1\:4711").unwrap(), tcp.into());

        for port in ["", "65536", "+1", "http"] {
            assert_eq!(
                client(&format!(r"tcp:h:80:bindAddress=h\:{port}")).unwrap_err().to_string(),
                format!("expected a port from 0 to 65535 in `bindAddress`, but found `{port}`")
            );
        }
    }

    #[test]
    fn hosts_are_utf8_and_paths_need_not_be() {
        assert_eq!(
            client(b"tcp:\xff:80").unwrap_err().to_string(),
            "`host` is `\\xff`, which is not UTF-8"
        );
        assert_eq!(
            server(b"unix:/a\xff").unwrap().to_string(),
            "listen on the UNIX socket `/a\\xff`, mode 666, with a backlog of 50, \
             guarded by the lock file `/a\\xff.lock`"
        );
    }

    #[test]
    fn trusted_networks_need_senders_with_addresses() {
        assert!(matches!(
            server("haproxy:systemd:UNIX:0:proxyTrusted=10.0.0.0/8").unwrap_err(),
            DescriptionProblem::TrustedWithoutAddress { transport: "a UNIX socket" }
        ));
        assert!(server("haproxy:systemd:INET:0:proxyTrusted=10.0.0.0/8").is_ok());
    }

    #[test]
    fn an_abstract_name_has_no_owner() {
        for argument in ["user", "group"] {
            assert_eq!(
                server(&format!("unix:a:abstract=1:{argument}=0")).unwrap_err().to_string(),
                format!(
                    "`{argument}` expects a socket in the file system, \
                     but an abstract name has no owner"
                )
            );
        }
    }

    #[test]
    fn a_passed_socket_has_no_colon_in_its_name() {
        assert_eq!(
            server(r"systemd:INET:name=web\:1").unwrap_err().to_string(),
            "`web:1` contains a colon, which the name of a passed socket cannot contain"
        );
    }

    #[test]
    fn impossible_socket_names_are_refused_here() {
        assert_eq!(server("unix:").unwrap_err(), DescriptionProblem::EmptySocketPath);
        let long = "x".repeat(MAX + 1);
        assert!(matches!(
            client(&format!("unix:{long}")).unwrap_err(),
            DescriptionProblem::SocketPathTooLong { name } if name == long.as_bytes()
        ));
    }

    const MAX: usize = super::super::MAX_UNIX_NAME;
}
