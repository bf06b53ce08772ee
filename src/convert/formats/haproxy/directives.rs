//! Lines of HAProxy sections other than `bind` and `server`, and how many words follow a keyword.

use super::options::CHECKS;
use crate::convert::draft::RelayOption;
use crate::convert::keep_alive::Probe;
use strports_syntax::Role;

/// How many words belong to each keyword of `bind` and `server`; others have none.
const VALUES: &[(&str, usize)] = &[
    ("addr", 1),
    ("agent-addr", 1),
    ("agent-inter", 1),
    ("agent-port", 1),
    ("agent-send", 1),
    ("alpn", 1),
    ("backlog", 1),
    ("ca-file", 1),
    ("ca-verify-file", 1),
    ("check-alpn", 1),
    ("check-proto", 1),
    ("check-sni", 1),
    ("ciphers", 1),
    ("ciphersuites", 1),
    ("cookie", 1),
    ("crl-file", 1),
    ("crt", 1),
    ("crt-list", 1),
    ("curves", 1),
    ("downinter", 1),
    ("ecdhe", 1),
    ("error-limit", 1),
    ("expose-fd", 1),
    ("fall", 1),
    ("fastinter", 1),
    ("gid", 1),
    ("group", 1),
    ("id", 1),
    ("init-addr", 1),
    ("inter", 1),
    ("interface", 1),
    ("level", 1),
    ("maxconn", 1),
    ("maxqueue", 1),
    ("minconn", 1),
    ("mode", 1),
    ("mss", 1),
    ("name", 1),
    ("namespace", 1),
    ("nice", 1),
    ("npn", 1),
    ("observe", 1),
    ("on-error", 1),
    ("on-marked-down", 1),
    ("on-marked-up", 1),
    ("port", 1),
    ("process", 1),
    ("proto", 1),
    ("proxy-v2-options", 1),
    ("redir", 1),
    ("resolve-net", 1),
    ("resolve-opts", 1),
    ("resolve-prefer", 1),
    ("resolvers", 1),
    ("rise", 1),
    ("severity-output", 1),
    ("shards", 1),
    ("slowstart", 1),
    ("sni", 1),
    ("socks4", 1),
    ("source", 1),
    ("ssl-max-ver", 1),
    ("ssl-min-ver", 1),
    ("tcp-ut", 1),
    ("thread", 1),
    ("tls-ticket-keys", 1),
    ("track", 1),
    ("uid", 1),
    ("user", 1),
    ("usesrc", 1),
    ("verify", 1),
    ("verifyhost", 1),
    ("weight", 1),
    ("ws", 1),
    ("ca-ignore-err", 1),
    ("crt-ignore-err", 1),
    ("ca-sign-file", 1),
    ("ca-sign-pass", 1),
    ("accept-netscaler-cip", 1),
    ("pool-low-conn", 1),
    ("pool-max-conn", 1),
    ("pool-purge-delay", 1),
    ("max-reuse", 1),
    ("log-proto", 1),
];

/// Returns how many words after the keyword `name` belong to it.
pub(super) fn values_of(name: &str) -> usize {
    VALUES.iter().find(|(other, _)| *other == name).map_or(0, |(_, count)| *count)
}

/// What a line of a section other than `bind` and `server` converts to.
pub(super) enum Directive {
    /// Sets this option of `strports relay`, to the word at this index of the line.
    Relay(&'static str, usize),
    /// Changes nothing, because a relay does the same by default.
    Same,
    /// Turns on TCP keep-alive probes for the connections of these sides.
    KeepAlive(&'static [Role]),
    /// Sets a number for the keep-alive probes of a side. It has no effect unless they are on.
    Probe(Role, Probe),
    /// Has no counterpart, for this reason.
    Lost(&'static str),
}

/// The first words of lines, each with what the line converts to.
pub(super) const DIRECTIVES: &[(&[&str], Directive)] = &[
    (&["mode", "tcp"], Directive::Same),
    (&["timeout", "client"], Directive::Relay("--idle-timeout", 2)),
    (&["timeout", "server"], Directive::Relay("--idle-timeout", 2)),
    (&["timeout", "tunnel"], Directive::Relay("--idle-timeout", 2)),
    (&["timeout", "connect"], Directive::Relay("--connect-timeout", 2)),
    (&["timeout"], Directive::Lost("a relay has no such time limit")),
    (&["maxconn"], Directive::Relay("--max-connections", 1)),
    (&["retries"], Directive::Relay("--retry", 1)),
    (&["balance", "first"], Directive::Same),
    (&["balance"], Directive::Lost("a relay takes the first target that answers, or each in turn")),
    (&["log"], Directive::Lost("`--access-log` of `strports relay` says what is logged")),
    (&["description"], Directive::Same),
    (&["option", "tcplog"], Directive::Lost("`--access-log all` of `strports relay` is like it")),
    (&["option", "dontlognull"], Directive::Same),
    (&["option", "redispatch"], Directive::Same),
    (&["option", "tcpka"], Directive::KeepAlive(&[Role::Server, Role::Client])),
    (&["option", "clitcpka"], Directive::KeepAlive(&[Role::Server])),
    (&["option", "srvtcpka"], Directive::KeepAlive(&[Role::Client])),
    (&["clitcpka-idle"], Directive::Probe(Role::Server, Probe::Idle)),
    (&["clitcpka-intvl"], Directive::Probe(Role::Server, Probe::Interval)),
    (&["clitcpka-cnt"], Directive::Probe(Role::Server, Probe::Count)),
    (&["srvtcpka-idle"], Directive::Probe(Role::Client, Probe::Idle)),
    (&["srvtcpka-intvl"], Directive::Probe(Role::Client, Probe::Interval)),
    (&["srvtcpka-cnt"], Directive::Probe(Role::Client, Probe::Count)),
    (&["option"], Directive::Lost("a relay has no such option")),
    (&["stick-table"], Directive::Lost("a relay treats all clients alike")),
    (&["stick"], Directive::Lost("a relay treats all clients alike")),
    (&["acl"], Directive::Lost("a relay has `--allow`, `--deny` and `--allow-name`, and no rules")),
    (
        &["tcp-request"],
        Directive::Lost("a relay has `--allow`, `--deny` and `--allow-name`, and no rules"),
    ),
    (&["tcp-check"], Directive::Lost(CHECKS)),
    (&["use_backend"], Directive::Lost("all connections of a relay go to the same clients")),
    (&["default-server"], Directive::Same),
    (&["default_backend"], Directive::Same),
];

/// Returns the option of `strports relay` that a line sets.
pub(super) fn relay_option(name: &'static str, value: &str, line: &str) -> RelayOption {
    RelayOption { name, value: value.to_owned(), from: line.to_owned() }
}
