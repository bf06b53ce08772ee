//! Computes what the runtime should do for a description, from the arguments of the model.
//!
//! Arguments that Twisted supports come from the ported functions. Other arguments, and types that
//! Twisted lacks, are implemented again here. The model gives no answer for a few descriptions.

mod values;

use std::time::Duration;

use endpoint_runtime::plan::{
    ClientLayer, ClientPlan, ClientTransport, Descriptor, EnvRule, Family, ProcessSpawn, ProxyRead,
    ProxyWrite, ServerLayer, ServerPlan, ServerTransport, StandardErrorBehavior, SystemdListen,
    SystemdSocket, TcpConnect, TcpListen, TlsAccept, TlsConnect, TlsIdentity, TlsIdentitySource,
    TlsRoots, TlsVersions, TunnelConnect, TunnelProtocol, UnixConnect, UnixListen,
};
use endpoint_runtime::proto::proxy::Version;
use strports_syntax::value::{Domain, Network, ProxyTlv};

use self::values::{
    flag, host, host_and_port, is_on, number, optional, options, protocols, seconds, taken, text,
    unix_name, unparse, wrapped,
};
use super::client::client_from_string;
use super::endpoint::Endpoint;
use super::parse::parse;
use super::python::{Args, Kwargs, int};
use super::server::server_from_string;
use crate::values::{millis, network};

/// The expected plan, or that the runtime must refuse the description.
pub type Planned<P> = Result<P, Refused>;

/// The description has values that no plan can have.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused;

/// The keywords that only this project supports, by the types that have them.
const SOCKET: [&str; 4] = ["reusePort", "keepAlive", "userTimeout", "device"];
const TLS: [&str; 3] = ["clientCAs", "alpn", "endpoint"];
const PROCESS: [&str; 8] =
    ["executable", "cwd", "env", "clearEnv", "uid", "gid", "usePTY", "stderr"];
const CONNECT: [&str; 5] = ["attemptDelay", "keepAlive", "userTimeout", "device", "alpn"];

/// Returns the expected plan of a server description; `None` if the model gives no answer.
pub fn server(text: &str) -> Option<Planned<ServerPlan>> {
    let (args, mut keywords) = parse(text).ok()?;
    let name = args.first()?.to_ascii_lowercase();
    match name.as_str() {
        "haproxy" => {
            let [trusted, version] = ["proxyTrusted", "proxyVersion"].map(|it| keywords.remove(it));
            let inner = server(&wrapped(&args, &keywords)?)?;
            Some(inner.and_then(|plan| with_proxy(plan, trusted.as_deref(), version.as_deref())))
        }
        "fd" => Some(Ok(ServerTransport::Fd(descriptor(&args, &keywords)?).into())),
        // As in Twisted, `stdio:` ignores all keywords, even those of other types.
        "stdio" => Some(Ok(ServerTransport::Stdio.into())),
        _ => {
            let ours = SOCKET.iter().chain(&TLS).chain(&["v6only", "abstract", "user", "group"]);
            let more = taken(&mut keywords, ours.copied());
            if name == "ssl" && more.contains_key("endpoint") && args.len() == 1 {
                keywords.entry("port".into()).or_insert_with(|| "0".into());
            }
            let endpoint = server_from_string(&unparse(&args, &keywords)?).ok()?;
            of_server(&endpoint, &more)
        }
    }
}

/// Returns the expected plan of a client description; `None` if the model gives no answer.
pub fn client(text: &str) -> Option<Planned<ClientPlan>> {
    let (mut args, mut keywords) = parse(text).ok()?;
    let name = args.first()?.to_ascii_lowercase();
    match name.as_str() {
        "haproxy" => {
            let version = keywords.remove("proxyVersion");
            let tlvs = keywords.remove("proxyTlvs");
            let mut write = ProxyWrite::new(proxy_version(version.as_deref().unwrap_or("2"))?);
            for word in tlvs.iter().flat_map(|it| it.split(',')) {
                let tlv = ProxyTlv::ALL.iter().copied().find(|it| it.as_str() == word)?;
                if !write.tlvs.contains(&tlv) {
                    write.tlvs.push(tlv);
                }
            }
            let inner = client(&wrapped(&args, &keywords)?)?;
            Some(inner.map(|plan| with_layer(plan, ClientLayer::Proxy(write))))
        }
        "fd" => Some(Ok(ClientTransport::Fd(descriptor(&args, &keywords)?).into())),
        "stdio" => Some(Ok(ClientTransport::Stdio.into())),
        "socks5" => tunnel(TunnelProtocol::Socks5, &args, &keywords),
        "http-connect" => tunnel(TunnelProtocol::HttpConnect, &args, &keywords),
        "tcp6" => {
            args[0] = "tcp".into();
            Some(client(&unparse(&args, &keywords)?)?.map(|mut plan| {
                if let ClientTransport::Tcp(connect) = &mut plan.transport {
                    connect.family = Some(Family::V6);
                }
                plan
            }))
        }
        _ => {
            let mut more = taken(&mut keywords, CONNECT.into_iter().chain(["abstract"]));
            if name == "tls" {
                more.extend(taken(&mut keywords, ["endpoint"]));
                // `endpoint` is the eighth parameter, so it may be the last positional argument.
                if args.len() == 9 {
                    more.insert("endpoint".into(), args.pop()?);
                }
            }
            let endpoint = client_from_string(&unparse(&args, &keywords)?).ok()?;
            of_client(&endpoint, &more)
        }
    }
}

/// Returns the program to start, with its arguments and environment. Keywords may repeat. `None` if
/// the model gives no answer.
pub fn process(arguments: &[(Option<String>, String)]) -> Option<Planned<ProcessSpawn>> {
    let named = |name: &str| {
        let mut given = arguments.iter().rev();
        given.find(|it| it.0.as_deref() == Some(name)).map(|it| it.1.as_str())
    };
    let mut keys = arguments.iter().filter_map(|it| it.0.as_deref());
    if !keys.all(|key| PROCESS.contains(&key)) {
        return Some(Err(Refused));
    }
    let mut positional = arguments.iter().filter(|it| it.0.is_none()).map(|it| &it.1);
    let executable = match named("executable") {
        Some(executable) => executable,
        None => positional.next()?,
    };
    let mut spawn = ProcessSpawn::new(executable);
    spawn.args = positional.map(Into::into).collect();
    spawn.cwd = named("cwd").map(Into::into);
    spawn.clear_env = flag(named("clearEnv"))?;
    spawn.use_pty = flag(named("usePTY"))?;
    let id = |name| match named(name) {
        Some(text) => u32::try_from(int(text).ok()?).ok().map(Some),
        None => Some(None),
    };
    (spawn.uid, spawn.gid) = (id("uid")?, id("gid")?);
    spawn.stderr = match named("stderr") {
        None | Some("log") => StandardErrorBehavior::Log,
        Some("drop") => StandardErrorBehavior::Drop,
        Some(_) => StandardErrorBehavior::Inherit,
    };
    for (_, variable) in arguments.iter().filter(|it| it.0.as_deref() == Some("env")) {
        spawn.env.push(match variable.split_once('=') {
            Some(("", _)) => return Some(Err(Refused)),
            Some((name, value)) => EnvRule::Set(name.into(), value.into()),
            None if variable.is_empty() => return Some(Err(Refused)),
            None => EnvRule::Copy(variable.into()),
        });
    }
    Some(if executable.is_empty() { Err(Refused) } else { Ok(spawn) })
}

fn of_server(it: &Endpoint, more: &Kwargs) -> Option<Planned<ServerPlan>> {
    let over = match more.get("endpoint") {
        Some(inner) => match server(inner)? {
            Ok(plan) => Some(plan),
            Err(refused) => return Some(Err(refused)),
        },
        None => None,
    };
    let plan = match it.type_name {
        "tcp" => listen(it, more, Family::V4)?.into(),
        "tcp6" => listen(it, more, Family::V6)?.into(),
        "unix" => match unix_listen(it, more)? {
            Ok(listen) => listen.into(),
            Err(refused) => return Some(Err(refused)),
        },
        "systemd" => {
            let domain = Domain::ALL.iter().find(|domain| domain.as_str() == text(it, "domain"))?;
            let socket = match optional(it, "name") {
                Some(name) if name.contains(':') => return Some(Err(Refused)),
                Some(name) => SystemdSocket::Name(name.into()),
                None => SystemdSocket::Index(number(it, "index")?),
            };
            SystemdListen::new(*domain, socket).into()
        }
        "stdio" => ServerTransport::Stdio.into(),
        "ssl" => {
            let mut identity =
                TlsIdentity::new(text(it, "certKey")).with_key(text(it, "privateKey"));
            identity.chain = optional(it, "extraCertChain").map(Into::into);
            let mut accept = TlsAccept::new(identity);
            accept.dh_parameters = optional(it, "dhParameters").map(Into::into);
            if optional(it, "sslmethod") == Some("TLSv1_2_METHOD") {
                accept.versions = TlsVersions::Tls12;
            }
            let below = over.map_or_else(|| listen(it, more, Family::V4).map(Into::into), Some)?;
            return Some(with_tls(below, accept, more));
        }
        "tls" => {
            let accept = TlsAccept::new(TlsIdentitySource::Directory(text(it, "path").into()));
            let below = over.map_or_else(|| listen(it, more, Family::V6).map(Into::into), Some)?;
            return Some(with_tls(below, accept, more));
        }
        // A wrapper has an answer only with keywords that Twisted lacks.
        _ => return None,
    };
    Some(Ok(plan))
}

fn of_client(it: &Endpoint, more: &Kwargs) -> Option<Planned<ClientPlan>> {
    if it.type_name == "unix" {
        let name = unix_name(text(it, "path"), flag(more.get("abstract").map(String::as_str))?);
        let planned = name.map(|name| {
            let mut connect = UnixConnect::new(name);
            connect.timeout = seconds(it)?;
            connect.lockfile = is_on(it, "lockfile");
            Some(connect.into())
        });
        return planned.transpose();
    }
    let over = match more.get("endpoint") {
        Some(inner) => match client(inner)? {
            Ok(plan) => Some(plan),
            Err(refused) => return Some(Err(refused)),
        },
        None => None,
    };
    let connect = match connect(it, more)? {
        Ok(connect) => connect,
        // With a nested endpoint, this address is not connected to, so any will do.
        Err(_) if over.is_some() => TcpConnect::new(host(""), 0),
        Err(refused) => return Some(Err(refused)),
    };
    let (name, certificate, roots) = match it.type_name {
        "tcp" => return Some(Ok(connect.into())),
        "ssl" => {
            let name = optional(it, "hostname").unwrap_or(text(it, "host"));
            (name, "certKey", "caCertsDir")
        }
        "tls" => (text(it, "host"), "certificate", "trustRoots"),
        _ => return None,
    };
    let mut tls = TlsConnect::new(host(name));
    if over.is_none() {
        tls.timeout = connect.timeout;
    }
    tls.trust_roots = optional(it, roots).map(|path| TlsRoots::Path(path.into()));
    tls.identity = optional(it, certificate).map(|file| {
        let key = optional(it, "privateKey").unwrap_or(file);
        TlsIdentity::new(file).with_key(key).into()
    });
    Some(protocols(more).map(|alpn| {
        tls.alpn = alpn;
        with_layer(over.unwrap_or_else(|| connect.into()), ClientLayer::Tls(tls))
    }))
}

fn with_layer(mut plan: ClientPlan, layer: ClientLayer) -> ClientPlan {
    plan.layers.push(layer);
    plan
}

fn with_tls(mut plan: ServerPlan, mut tls: TlsAccept, more: &Kwargs) -> Planned<ServerPlan> {
    tls.client_cas = more.get("clientCAs").map(|path| TlsRoots::Path(path.into()));
    tls.alpn = protocols(more)?;
    plan.layers.push(ServerLayer::Tls(tls));
    Ok(plan)
}

/// Adds the PROXY header. Trusted senders are checked before bytes are read, and other layers read
/// theirs before the header.
fn with_proxy(
    mut plan: ServerPlan,
    trusted: Option<&str>,
    version: Option<&str>,
) -> Planned<ServerPlan> {
    if let Some(trusted) = trusted {
        let has_addresses = match &plan.transport {
            ServerTransport::Unix(_) | ServerTransport::Stdio => false,
            ServerTransport::Systemd(it) => it.domain != Domain::Unix,
            _ => true,
        };
        if !has_addresses {
            return Err(Refused);
        }
        let networks = trusted.split(',').filter_map(network).map(|(address, prefix)| {
            let prefix = u8::try_from(prefix).expect("at most 128 bits");
            Network { address, prefix }
        });
        plan.layers.insert(0, ServerLayer::Senders(networks.collect()));
    }
    let mut read = ProxyRead::default();
    read.version = version.and_then(proxy_version);
    plan.layers.push(ServerLayer::Proxy(read));
    Ok(plan)
}

fn proxy_version(text: &str) -> Option<Version> {
    match int(text).ok()? {
        1 => Some(Version::V1),
        2 => Some(Version::V2),
        _ => None,
    }
}

fn tunnel(protocol: TunnelProtocol, args: &Args, keywords: &Kwargs) -> Option<Planned<ClientPlan>> {
    let at = |index: usize, name: &str| args.get(index).or(keywords.get(name));
    let port = u16::try_from(int(at(2, "port")?).ok()?).ok()?;
    let mut layer = TunnelConnect::new(protocol, host(at(1, "host")?), port);
    layer.credentials = keywords.get("credentials").map(Into::into);
    let inner = client(keywords.get("endpoint")?)?;
    Some(inner.map(|plan| with_layer(plan, ClientLayer::Tunnel(layer))))
}

fn descriptor(args: &Args, keywords: &Kwargs) -> Option<Descriptor> {
    let number = args.get(1).or(keywords.get("fd")).or(keywords.get("fileno"))?;
    Some(Descriptor::new(u32::try_from(int(number).ok()?).ok()?))
}

fn listen(it: &Endpoint, more: &Kwargs, prefer: Family) -> Option<TcpListen> {
    let mut listen = TcpListen::new(host(text(it, "interface")), number(it, "port")?);
    listen.backlog = number(it, "backlog")?;
    listen.prefer = prefer;
    listen.reuse_port = flag(more.get("reusePort").map(String::as_str))?;
    listen.v6only = flag(more.get("v6only").map(String::as_str))?;
    listen.options = options(more)?;
    Some(listen)
}

fn connect(it: &Endpoint, more: &Kwargs) -> Option<Planned<TcpConnect>> {
    let mut connect = TcpConnect::new(host(text(it, "host")), number(it, "port")?);
    connect.timeout = seconds(it)?;
    connect.options = options(more)?;
    if let Some(delay) = more.get("attemptDelay") {
        connect.attempt_delay = Duration::from_millis(millis(delay)?.into());
    }
    let Some(bind) = optional(it, "bindAddress").filter(|it| !it.is_empty()) else {
        return Some(Ok(connect));
    };
    let (address, port) = host_and_port(bind);
    connect.bind_address = Some(host(address));
    let digits = port.map(|port| port.bytes().all(|it| it.is_ascii_digit()).then_some(port));
    Some(match digits.map(|digits| digits.and_then(|it| it.parse().ok())) {
        None => Ok(connect),
        Some(Some(port)) => {
            connect.bind_port = port;
            Ok(connect)
        }
        Some(None) => Err(Refused),
    })
}

fn unix_listen(it: &Endpoint, more: &Kwargs) -> Option<Planned<UnixListen>> {
    let is_abstract = flag(more.get("abstract").map(String::as_str))?;
    let (user, group) = (more.get("user").cloned(), more.get("group").cloned());
    if is_abstract && (user.is_some() || group.is_some()) {
        return Some(Err(Refused));
    }
    let Ok(name) = unix_name(text(it, "address"), is_abstract) else { return Some(Err(Refused)) };
    let mut listen = UnixListen::new(name);
    (listen.mode, listen.backlog) = (number(it, "mode")?, number(it, "backlog")?);
    (listen.lockfile, listen.user, listen.group) = (is_on(it, "lockfile"), user, group);
    Some(Ok(listen))
}
