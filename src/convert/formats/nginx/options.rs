//! The directives in nginx's `stream` and `upstream` blocks, with conversions.

use crate::convert::draft::{Draft, RelayOption};
use crate::convert::keep_alive::set_keep_alive;
use crate::convert::rule::{DELAY, Does, On, Rule, Word};
use crate::convert::words::{flag, is_no};

use Does::{Always, Lost, Relay, Same, With, WithBack, WithWord};
use On::{Client, Either, Server};

const CIPHERS: &str = "the ciphers and versions of TLS are those of rustls";

/// The other directives in a `server` block. `on` is the side whose draft a directive changes.
pub(super) const DIRECTIVES: &[Rule] = &[
    Rule {
        names: &["ssl_certificate"],
        on: Server,
        does: WithBack(|draft, path| tls(draft, "certificate", path), "certificate"),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem;",
        gives: "ssl:443:privateKey=a.pem",
    },
    Rule {
        names: &["ssl_certificate_key"],
        on: Server,
        does: WithBack(|draft, path| tls(draft, "privateKey", path), "privateKey"),
        example: "listen 443 ssl; ssl_certificate_key b.pem; ssl_certificate a.pem;",
        gives: "ssl:443:privateKey=b.pem:certKey=a.pem",
    },
    Rule {
        names: &["ssl_client_certificate"],
        on: Server,
        does: WithBack(|draft, path| tls(draft, "clientCAs", path), "clientCAs"),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem; \
                  ssl_client_certificate ca.pem; ssl_verify_client on;",
        gives: "ssl:443:privateKey=a.pem:clientCAs=ca.pem",
    },
    Rule {
        names: &["ssl_verify_client"],
        on: Server,
        does: With(|draft, how| match how {
            "on" => Ok(()),
            "off" => {
                draft.tls().take("clientCAs");
                Ok(())
            }
            _ => Err("clients must present a certificate, or none is requested".to_owned()),
        }),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem; ssl_verify_client off;",
        gives: "ssl:443:privateKey=a.pem",
    },
    Rule {
        names: &["ssl_protocols"],
        on: Server,
        does: WithWord(versions, Word::tls13("TLSv1.3")),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem; ssl_protocols TLSv1.3;",
        gives: "ssl:443:privateKey=a.pem:sslmethod=TLSv1_3_METHOD",
    },
    Rule {
        names: &["ssl_alpn"],
        on: Server,
        does: WithBack(|draft, value| tls(draft, "alpn", &value.replace(' ', ",")), "alpn"),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem; ssl_alpn h2 http/1.1;",
        gives: "ssl:443:privateKey=a.pem:alpn=h2,http/1.1",
    },
    Rule {
        names: &["ssl_dhparam"],
        on: Server,
        does: WithBack(|draft, path| tls(draft, "dhParameters", path), "dhParameters"),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem; ssl_dhparam dh.pem;",
        gives: "ssl:443:privateKey=a.pem:dhParameters=dh.pem",
    },
    Rule {
        names: &[
            "ssl_ciphers",
            "ssl_prefer_server_ciphers",
            "ssl_session_cache",
            "ssl_session_timeout",
            "ssl_session_tickets",
            "ssl_session_ticket_key",
            "ssl_ecdh_curve",
            "ssl_conf_command",
            "ssl_trusted_certificate",
            "ssl_crl",
            "ssl_password_file",
            "ssl_verify_depth",
            "ssl_handshake_timeout",
        ],
        on: Server,
        does: Lost(CIPHERS),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem; ssl_ciphers HIGH;",
        gives: "ssl:443:privateKey=a.pem",
    },
    Rule {
        names: &["allow"],
        on: Server,
        does: With(|draft, network| network_option(draft, "--allow", network)),
        example: "listen 80; allow 10.0.0.0/8; deny all;",
        gives: "tcp:80",
    },
    Rule {
        names: &["deny"],
        on: Server,
        does: With(|draft, network| network_option(draft, "--deny", network)),
        example: "listen 80; deny 10.0.0.1;",
        gives: "tcp:80",
    },
    Rule {
        names: &["proxy_timeout"],
        on: Server,
        does: Relay("--idle-timeout"),
        example: "listen 80; proxy_timeout 5m;",
        gives: "tcp:80",
    },
    Rule {
        names: &["tcp_nodelay"],
        on: Server,
        does: Always(DELAY),
        example: "listen 80; tcp_nodelay on;",
        gives: "tcp:80",
    },
    Rule {
        names: &[
            "access_log",
            "error_log",
            "log_format",
            "ssl_preread",
            "limit_conn",
            "limit_conn_log_level",
            "js_access",
            "js_filter",
            "js_preread",
            "set",
            "map",
            "geo",
            "split_clients",
            "set_real_ip_from",
            "resolver",
            "resolver_timeout",
            "variables_hash_bucket_size",
            "server_name",
            "status_zone",
            "proxy_protocol_timeout",
            "preread_timeout",
            "preread_buffer_size",
        ],
        on: Server,
        does: Lost("a relay has nothing like it"),
        example: "listen 80; ssl_preread on;",
        gives: "tcp:80",
    },
    Rule {
        names: &["proxy_ssl"],
        on: Client,
        does: With(|draft, on| {
            if flag(on)? {
                draft.tls();
            }
            Ok(())
        }),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["proxy_ssl_trusted_certificate"],
        on: Client,
        does: WithBack(|draft, path| tls(draft, "trustRoots", path), "trustRoots"),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify on; \
                  proxy_ssl_trusted_certificate ca.pem;",
        gives: "tls:example.com:443:trustRoots=ca.pem",
    },
    Rule {
        names: &["proxy_ssl_certificate"],
        on: Client,
        does: WithBack(|draft, path| tls(draft, "certificate", path), "certificate"),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; \
                  proxy_ssl_certificate a.pem; proxy_ssl_certificate_key a.pem;",
        gives: "tls:example.com:443:certificate=a.pem:privateKey=a.pem",
    },
    Rule {
        names: &["proxy_ssl_certificate_key"],
        on: Client,
        does: WithBack(|draft, path| tls(draft, "privateKey", path), "privateKey"),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; \
                  proxy_ssl_certificate_key b.pem; proxy_ssl_certificate a.pem;",
        gives: "tls:example.com:443:certificate=a.pem:privateKey=b.pem",
    },
    Rule {
        names: &["proxy_ssl_name"],
        on: Client,
        does: With(|draft, name| {
            if name.contains('$') {
                return Err("a name is the same for every connection".to_owned());
            }
            tls(draft, "host", name)
        }),
        example: "proxy_pass 10.0.0.1:443; proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; proxy_ssl_name example.com;",
        gives: r"tls:example.com:443:endpoint=tcp\:10.0.0.1\:443",
    },
    Rule {
        names: &["proxy_ssl_verify"],
        on: Client,
        does: With(|_, on| {
            let why = "the certificate of a server is always verified";
            if is_no(on) { Err(why.to_owned()) } else { Ok(()) }
        }),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify off;",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["proxy_ssl_server_name", "proxy_ssl_session_reuse"],
        on: Client,
        does: Always("a server always gets its name, and sessions are resumed"),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; proxy_ssl_server_name on;",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &[
            "proxy_ssl_ciphers",
            "proxy_ssl_protocols",
            "proxy_ssl_crl",
            "proxy_ssl_conf_command",
            "proxy_ssl_verify_depth",
        ],
        on: Client,
        does: Lost(CIPHERS),
        example: "proxy_pass example.com:443; proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; proxy_ssl_ciphers HIGH;",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["proxy_protocol"],
        on: Client,
        does: With(|draft, on| {
            if flag(on)? {
                // nginx sends only version 1 of the PROXY protocol.
                draft.proxied(Some("1"));
            }
            Ok(())
        }),
        example: "proxy_pass example.com:80; proxy_protocol on;",
        gives: "haproxy:tcp:example.com:80:proxyVersion=1",
    },
    Rule {
        names: &["proxy_bind"],
        on: Client,
        does: WithBack(
            |draft, address| {
                if address.contains('$') {
                    return Err("the address is the same for every connection".to_owned());
                }
                draft.set("bindAddress", address);
                Ok(())
            },
            "bindAddress",
        ),
        example: "proxy_pass example.com:80; proxy_bind 10.0.0.1;",
        gives: "tcp:example.com:80:bindAddress=10.0.0.1",
    },
    Rule {
        names: &["proxy_connect_timeout"],
        on: Client,
        does: Relay("--connect-timeout"),
        example: "proxy_pass example.com:80; proxy_connect_timeout 5s;",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["proxy_next_upstream_tries"],
        on: Client,
        does: Relay("--retry"),
        example: "proxy_pass example.com:80; proxy_next_upstream_tries 2;",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["proxy_socket_keepalive"],
        on: Client,
        does: WithWord(set_keep_alive, Word::no_probes("off")),
        example: "proxy_pass example.com:80; proxy_socket_keepalive on;",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["proxy_next_upstream"],
        on: Client,
        does: Always("a relay tries its other targets"),
        example: "proxy_pass example.com:80; proxy_next_upstream on;",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &[
            "proxy_download_rate",
            "proxy_upload_rate",
            "proxy_half_close",
            "proxy_requests",
            "proxy_responses",
            "proxy_session_drop",
            "proxy_buffer_size",
            "proxy_next_upstream_timeout",
        ],
        on: Client,
        does: Lost("a relay has nothing like it"),
        example: "proxy_pass example.com:80; proxy_upload_rate 10k;",
        gives: "tcp:example.com:80",
    },
];

/// The parameters of a `server` in an `upstream`, and other directives there, and their
/// conversions.
pub(super) const UPSTREAM: &[Rule] = &[
    Rule {
        names: &[
            "weight",
            "max_conns",
            "max_fails",
            "fail_timeout",
            "backup",
            "down",
            "resolve",
            "service",
            "slow_start",
        ],
        on: Either,
        does: Lost("every client of a relay counts the same"),
        example: "upstream a { server example.com:80 weight=2; }",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["zone", "keepalive"],
        on: Either,
        does: Same,
        example: "upstream a { zone a 64k; server example.com:80; }",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["least_conn", "hash", "random", "least_time", "ip_hash"],
        on: Either,
        does: Lost("a relay takes the first target that answers, or each in turn"),
        example: "upstream a { least_conn; server example.com:80; }",
        gives: "tcp:example.com:80",
    },
];

fn versions(draft: &mut Draft, versions: &str) -> Result<(), String> {
    let newer = |version: &str| matches!(version, "TLSv1.2" | "TLSv1.3");
    if versions == "TLSv1.3" {
        tls(draft, "sslmethod", "TLSv1_3_METHOD")?;
    }
    if versions.split_whitespace().all(newer) {
        return Ok(());
    }
    Err("only TLS 1.2 and 1.3 are supported".to_owned())
}

fn tls(draft: &mut Draft, name: &'static str, value: &str) -> Result<(), String> {
    if draft.tls.is_none() {
        return Err("TLS is not turned on".to_owned());
    }
    if let Some(known) = draft.tls().get(name).filter(|known| *known != value) {
        return Err(format!("one is used, which is `{known}`"));
    }
    draft.tls().set(name, value);
    Ok(())
}

fn network_option(draft: &mut Draft, name: &'static str, network: &str) -> Result<(), String> {
    let from = format!("{} {network}", name.trim_start_matches('-'));
    match (name, network) {
        // `deny all` after `allow` changes nothing here: `--allow` denies all other addresses.
        ("--deny", "all") if draft.options.iter().any(|option| option.name == "--allow") => Ok(()),
        ("--allow", "all") => Ok(()),
        (_, "unix:" | "all") => Err("only networks can be allowed and denied".to_owned()),
        _ => {
            draft.options.push(RelayOption { name, value: network.to_owned(), from });
            Ok(())
        }
    }
}
