//! The keywords of HAProxy's `bind` and `server` lines, and what they convert to.

use crate::convert::draft::Draft;
use crate::convert::keep_alive::set_user_timeout;
use crate::convert::rule::{Does, On, Rule, Word};

use Does::{Flag, Lost, Parameter, Relay, Same, Seconds, With, WithBack, WithWord};
use On::{Client, Either, Server};

pub(super) const CHECKS: &str =
    "a relay tries servers when it connects, it does not check them before";
const WEIGHTS: &str = "every client of a relay counts the same";
const CIPHERS: &str = "the ciphers and versions of TLS are those of rustls";

pub(super) const OPTIONS: &[Rule] = &[
    Rule {
        names: &["ssl"],
        on: Either,
        does: With(|draft, _| {
            draft.tls();
            Ok(())
        }),
        example: "bind :443 ssl crt /etc/a.pem",
        gives: "ssl:443:privateKey=/etc/a.pem",
    },
    Rule {
        names: &["crt"],
        on: Either,
        does: WithBack(certificate, "certificate"),
        example: "bind :443 ssl crt /etc/certs/",
        gives: r"tls:/etc/certs/:interface=0.0.0.0",
    },
    Rule {
        names: &["ca-file"],
        on: Server,
        does: WithBack(client_authorities, "clientCAs"),
        example: "bind :443 ssl crt a.pem ca-file ca.pem verify required",
        gives: "ssl:443:privateKey=a.pem:clientCAs=ca.pem",
    },
    Rule {
        names: &["verify"],
        on: Server,
        does: With(|draft, how| match how {
            "required" => Ok(()),
            "none" => {
                draft.tls().take("clientCAs");
                Ok(())
            }
            _ => Err("clients must present a certificate, or none is requested".to_owned()),
        }),
        example: "bind :443 ssl crt a.pem verify none",
        gives: "ssl:443:privateKey=a.pem",
    },
    Rule {
        names: &["ca-file"],
        on: Client,
        does: WithBack(authorities, "trustRoots"),
        example: "server a example.com:443 ssl ca-file ca.pem verify required",
        gives: "tls:example.com:443:trustRoots=ca.pem",
    },
    Rule {
        names: &["verify"],
        on: Client,
        does: With(|_, how| {
            let why = "the certificate of a server is always verified";
            if how == "none" { Err(why.to_owned()) } else { Ok(()) }
        }),
        example: "server a example.com:443 ssl verify none",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["sni", "verifyhost"],
        on: Client,
        does: With(name),
        example: "server a 10.0.0.1:443 ssl ca-file @system-ca sni str(example.com)",
        gives: r"tls:example.com:443:endpoint=tcp\:10.0.0.1\:443",
    },
    Rule {
        names: &["alpn"],
        on: Either,
        does: Parameter("alpn"),
        example: "bind :443 ssl crt a.pem alpn h2,http/1.1",
        gives: "ssl:443:privateKey=a.pem:alpn=h2,http/1.1",
    },
    Rule {
        names: &["ssl-min-ver"],
        on: Server,
        does: WithWord(version, Word::tls13("TLSv1.3")),
        example: "bind :443 ssl crt a.pem ssl-min-ver TLSv1.3",
        gives: "ssl:443:privateKey=a.pem:sslmethod=TLSv1_3_METHOD",
    },
    Rule {
        names: &[
            "ciphers",
            "ciphersuites",
            "curves",
            "ecdhe",
            "ssl-max-ver",
            "ssl-min-ver",
            "force-tlsv12",
            "force-tlsv13",
            "no-sslv3",
            "no-tlsv10",
            "no-tlsv11",
            "no-tlsv12",
            "no-tlsv13",
            "no-tls-tickets",
            "tls-tickets",
            "prefer-client-ciphers",
            "strict-sni",
            "allow-0rtt",
            "npn",
            "crl-file",
            "crt-list",
            "generate-certificates",
            "no-ssl-reuse",
            "ca-verify-file",
        ],
        on: Either,
        does: Lost(CIPHERS),
        example: "bind :443 ssl crt a.pem ciphers HIGH",
        gives: "ssl:443:privateKey=a.pem",
    },
    Rule {
        names: &["accept-proxy"],
        on: Server,
        does: With(|draft, _| {
            draft.proxied(None);
            Ok(())
        }),
        example: "bind :80 accept-proxy",
        gives: "haproxy:tcp:80",
    },
    Rule {
        names: &["send-proxy-v2"],
        on: Client,
        does: With(|draft, _| {
            draft.proxied(None);
            Ok(())
        }),
        example: "server a 10.0.0.1:80 send-proxy-v2",
        gives: "haproxy:tcp:10.0.0.1:80",
    },
    Rule {
        names: &["send-proxy"],
        on: Client,
        does: With(|draft, _| {
            draft.proxied(Some("1"));
            Ok(())
        }),
        example: "server a 10.0.0.1:80 send-proxy",
        gives: "haproxy:tcp:10.0.0.1:80:proxyVersion=1",
    },
    Rule {
        names: &["send-proxy-v2-ssl", "send-proxy-v2-ssl-cn"],
        on: Client,
        does: With(|draft, _| proxy_options(draft, "ssl")),
        example: "server a 10.0.0.1:80 send-proxy-v2-ssl",
        gives: "haproxy:tcp:10.0.0.1:80:proxyTlvs=ssl",
    },
    Rule {
        names: &["proxy-v2-options"],
        on: Client,
        does: With(proxy_options),
        example: "server a 10.0.0.1:80 send-proxy-v2 proxy-v2-options cert-cn,unique-id",
        gives: "haproxy:tcp:10.0.0.1:80:proxyTlvs=ssl,unique-id",
    },
    Rule {
        names: &["v6only"],
        on: Server,
        does: Flag("v6only"),
        example: "bind [::]:80 v6only",
        gives: "tcp6:80:v6only=1",
    },
    Rule {
        names: &["v4v6"],
        on: Server,
        does: Same,
        example: "bind [::]:80 v4v6",
        gives: "tcp6:80",
    },
    Rule {
        names: &["backlog"],
        on: Server,
        does: Parameter("backlog"),
        example: "bind :80 backlog 100",
        gives: "tcp:80:backlog=100",
    },
    Rule {
        names: &["mode"],
        on: Server,
        does: Parameter("mode"),
        example: "bind /run/a.sock mode 660",
        gives: "unix:/run/a.sock:mode=660",
    },
    Rule {
        names: &["maxconn"],
        on: Server,
        does: Relay("--max-connections"),
        example: "bind :80 maxconn 100",
        gives: "tcp:80",
    },
    Rule {
        names: &["user", "uid"],
        on: Server,
        does: Parameter("user"),
        example: "bind /run/a.sock user www-data",
        gives: "unix:/run/a.sock:user=www-data",
    },
    Rule {
        names: &["group", "gid"],
        on: Server,
        does: Parameter("group"),
        example: "bind /run/a.sock gid 33",
        gives: "unix:/run/a.sock:group=33",
    },
    Rule {
        names: &["interface"],
        on: Server,
        does: Parameter("device"),
        example: "bind :80 interface eth0",
        gives: "tcp:80:device=eth0",
    },
    Rule {
        names: &["tcp-ut"],
        on: Either,
        does: Seconds(|draft, value| set_user_timeout(draft, value, "ms"), "userTimeout"),
        example: "bind :80 tcp-ut 20s",
        gives: "tcp:80:userTimeout=20",
    },
    Rule {
        names: &[
            "interface",
            "transparent",
            "namespace",
            "mss",
            "tfo",
            "usesrc",
            "redir",
            "proto",
            "defer-accept",
            "expose-fd",
        ],
        on: Either,
        does: Lost("sockets here have no such option"),
        example: "bind :80 mss 1400",
        gives: "tcp:80",
    },
    Rule {
        names: &[
            "name",
            "id",
            "nice",
            "process",
            "thread",
            "shards",
            "level",
            "severity-output",
            "no-ca-names",
            "enabled",
            "no-check",
            "no-send-proxy",
            "no-send-proxy-v2",
            "no-backup",
            "no-ssl",
            "ssl-reuse",
            "non-stick",
            "stick",
        ],
        on: Either,
        does: Same,
        example: "bind :80 name web",
        gives: "tcp:80",
    },
    Rule {
        names: &["init-addr", "resolvers", "resolve-prefer", "resolve-opts", "resolve-net"],
        on: Client,
        does: Lost("the system looks names up, for each connection"),
        example: "server a example.com:80 init-addr none",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["source"],
        on: Client,
        does: WithBack(source, "bindAddress"),
        example: "server a 10.0.0.1:80 source 10.0.0.2",
        gives: "tcp:10.0.0.1:80:bindAddress=10.0.0.2",
    },
    Rule {
        names: &[
            "check",
            "inter",
            "fastinter",
            "downinter",
            "rise",
            "fall",
            "port",
            "addr",
            "agent-check",
            "agent-inter",
            "agent-port",
            "agent-addr",
            "agent-send",
            "check-ssl",
            "check-sni",
            "check-alpn",
            "check-send-proxy",
            "check-proto",
            "check-via-socks4",
            "observe",
            "on-error",
            "on-marked-down",
            "on-marked-up",
            "error-limit",
            "track",
            "slowstart",
        ],
        on: Client,
        does: Lost(CHECKS),
        example: "server a 10.0.0.1:80 check",
        gives: "tcp:10.0.0.1:80",
    },
    Rule {
        names: &["weight", "maxconn", "maxqueue", "minconn", "cookie"],
        on: Client,
        does: Lost(WEIGHTS),
        example: "server a 10.0.0.1:80 weight 10",
        gives: "tcp:10.0.0.1:80",
    },
    Rule {
        names: &["backup", "disabled"],
        on: Client,
        does: Lost("name it last, without `--balance round-robin`, or leave it out"),
        example: "server a 10.0.0.1:80 backup",
        gives: "tcp:10.0.0.1:80",
    },
    Rule {
        names: &["socks4"],
        on: Client,
        does: Lost("only SOCKS 5 proxies are supported, and this is SOCKS 4"),
        example: "server a 10.0.0.1:80 socks4 10.0.0.2:1080",
        gives: "tcp:10.0.0.1:80",
    },
    Rule {
        names: &["accept-netscaler-cip"],
        on: Server,
        does: Lost("only the PROXY protocol is read"),
        example: "bind :80 accept-netscaler-cip 1",
        gives: "tcp:80",
    },
];

/// Sets the file or directory of `crt`. A name without a dot counts as a directory.
fn certificate(draft: &mut Draft, path: &str) -> Result<(), String> {
    let is_server = draft.role == strports_syntax::Role::Server;
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_directory = is_server && !name.contains('.');
    let tls = draft.tls();
    let other = tls.get("path").or_else(|| tls.get("privateKey"));
    if let Some(other) = other.filter(|_| is_server) {
        return Err(format!(
            "one file or directory of certificates is named, and that is `{other}`"
        ));
    }
    if is_directory {
        tls.set("path", path);
    } else if is_server {
        tls.set("privateKey", path);
    } else {
        tls.set("certificate", path);
    }
    Ok(())
}

fn version(draft: &mut Draft, version: &str) -> Result<(), String> {
    match version {
        "TLSv1.3" => draft.tls().set("sslmethod", "TLSv1_3_METHOD"),
        "TLSv1.2" => {}
        _ => return Err("only TLS 1.2 and 1.3 are supported".to_owned()),
    }
    Ok(())
}

fn client_authorities(draft: &mut Draft, path: &str) -> Result<(), String> {
    if let Some(known) = draft.tls().get("clientCAs").filter(|known| *known != path) {
        return Err(format!("one file is used, which is `{known}`"));
    }
    draft.tls().set("clientCAs", path);
    Ok(())
}

fn authorities(draft: &mut Draft, path: &str) -> Result<(), String> {
    if path != "@system-ca" {
        draft.tls().set("trustRoots", path);
    }
    Ok(())
}

/// Sets the name to verify. Only `str(example.com)` and a plain name are the same for every
/// connection, so other expressions are losses.
fn name(draft: &mut Draft, value: &str) -> Result<(), String> {
    let value = value.strip_prefix("str(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(value);
    if value.contains(['(', ' ', '.']) && value.contains('(') || value.starts_with("ssl_fc") {
        return Err("a name is the same for every connection".to_owned());
    }
    draft.set_name(value)
}

fn source(draft: &mut Draft, value: &str) -> Result<(), String> {
    let (host, port) = match value.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.starts_with('[') => (host, Some(port)),
        _ => (value, None),
    };
    if !draft.set("bindAddress", host.trim_matches(['[', ']'])) {
        return Err(format!("`{}` has no `bindAddress`", draft.transport.kind));
    }
    match port {
        Some(port) if port != "0" => Err("the system chooses the local port".to_owned()),
        _ => Ok(()),
    }
}

/// Converts the fields (TLVs) that HAProxy adds to a PROXY header of version 2.
fn proxy_options(draft: &mut Draft, options: &str) -> Result<(), String> {
    draft.proxied(None);
    let mut lost = Vec::new();
    for option in options.split(',').filter(|option| !option.is_empty()) {
        let word = match option {
            "ssl" | "cert-cn" => "ssl",
            "authority" | "unique-id" => option,
            _ => {
                lost.push(option);
                continue;
            }
        };
        let Some(proxy) = &mut draft.proxy else { continue };
        let before = proxy.get("proxyTlvs").unwrap_or_default();
        if !before.split(',').any(|other| other == word) {
            let comma = if before.is_empty() { "" } else { "," };
            let all = format!("{before}{comma}{word}");
            proxy.set("proxyTlvs", all);
        }
    }
    if lost.is_empty() {
        return Ok(());
    }
    Err(format!("a header has no such part: {}", lost.join(", ")))
}
