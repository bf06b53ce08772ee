//! The parameters of nginx's `listen` directive, with conversions.

use crate::convert::draft::Draft;
use crate::convert::keep_alive::{Probe, set_keep_alive};
use crate::convert::rule::{Does, On, Rule};
use crate::convert::words::flag;

use Does::{Flag, Lost, Parameter, Same, With};
use On::Server;

const SOCKET: &str = "sockets here have no such option";

/// The parameters after the address of `listen`, and what they convert to.
pub(super) const LISTEN: &[Rule] = &[
    Rule {
        names: &["ssl"],
        on: Server,
        does: With(|draft, _| {
            draft.tls();
            Ok(())
        }),
        example: "listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key b.pem;",
        gives: "ssl:443:privateKey=b.pem:certKey=a.pem",
    },
    Rule {
        names: &["proxy_protocol"],
        on: Server,
        does: With(|draft, _| {
            draft.proxied(None);
            Ok(())
        }),
        example: "listen 80 proxy_protocol;",
        gives: "haproxy:tcp:80",
    },
    Rule {
        names: &["backlog"],
        on: Server,
        does: Parameter("backlog"),
        example: "listen 80 backlog=100;",
        gives: "tcp:80:backlog=100",
    },
    Rule {
        names: &["reuseport"],
        on: Server,
        does: Flag("reusePort"),
        example: "listen 80 reuseport;",
        gives: "tcp:80:reusePort=1",
    },
    Rule {
        names: &["ipv6only"],
        on: Server,
        does: With(|draft, value| {
            if !flag(value)? {
                draft.transport.take("v6only");
            }
            Ok(())
        }),
        example: "listen [::]:80 ipv6only=off;",
        gives: "tcp6:80",
    },
    Rule { names: &["bind"], on: Server, does: Same, example: "listen 80 bind;", gives: "tcp:80" },
    Rule {
        names: &["udp"],
        on: Server,
        does: Lost("descriptions are for streams, not for datagrams"),
        example: "listen 53 udp;",
        gives: "",
    },
    Rule {
        names: &["so_keepalive"],
        on: Server,
        does: With(so_keepalive),
        example: "listen 80 so_keepalive=30m::10;",
        gives: "tcp:80:keepAlive=1800,75,10",
    },
    Rule {
        names: &["rcvbuf", "sndbuf", "fastopen", "setfib", "deferred", "accept_filter"],
        on: Server,
        does: Lost(SOCKET),
        example: "listen 80 rcvbuf=64k;",
        gives: "tcp:80",
    },
];

/// Sets keep-alive from `on`, `off`, or up to three numbers `IDLE:INTERVAL:COUNT`.
fn so_keepalive(draft: &mut Draft, value: &str) -> Result<(), String> {
    if !value.contains(':') {
        return set_keep_alive(draft, value);
    }
    let numbers = [Probe::Idle, Probe::Interval, Probe::Count].into_iter().zip(value.split(':'));
    let given = numbers.filter(|(_, number)| !number.is_empty());
    given.map(|(probe, number)| probe.set(draft, number)).fold(Ok(()), Result::and)
}
