//! Reads and writes HAProxy configurations: `bind` and `server` lines, or sections in TCP mode.

mod directives;
mod lines;
mod options;
mod sections;
mod words;
mod write;

use crate::convert::format::{Example, Format};
use options::OPTIONS;

pub(super) static FORMAT: Format = Format {
    name: "haproxy",
    summary: "`bind` and `server` lines of HAProxy, or its sections in TCP mode",
    looks,
    read: |text, _| sections::read(text),
    write: Some(write::line),
    write_relay: Some(write::section),
    examples: || {
        let own = [
            ("bind *:80", "tcp:80"),
            ("bind 127.0.0.1:80,[::1]:80", "tcp:80:interface=127.0.0.1\ntcp:80:interface=\\:\\:1"),
            ("bind unix@/run/a.sock", "unix:/run/a.sock"),
            ("bind abns@a", "unix:a:abstract=1"),
            ("bind fd@3", "fd:3"),
            ("bind ipv6@:80", "tcp6:80"),
            ("server a example.com:80", "tcp:example.com:80"),
            ("server a unix@/run/a.sock", "unix:/run/a.sock"),
            (
                "listen web\n  bind :80\n  server a 10.0.0.1:80\n  server b 10.0.0.2:80\n  balance roundrobin",
                "strports relay --balance round-robin tcp:80 tcp:10.0.0.1:80 tcp:10.0.0.2:80",
            ),
            (
                "listen web\n  bind :80\n  server a 10.0.0.1:80\n  option tcpka\n  clitcpka-idle 1m\n  clitcpka-cnt 5\n  srvtcpka-intvl 10s",
                "strports relay tcp:80:keepAlive=60,75,5 tcp:10.0.0.1:80:keepAlive=7200,10",
            ),
        ];
        let own =
            own.into_iter().map(|(example, gives)| Example { names: &[], text: example, gives });
        own.chain(OPTIONS.iter().map(Example::from)).collect()
    },
};

fn looks(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.any(|line| {
        let mut words = line.split_whitespace();
        let (first, second, third) = (words.next(), words.next(), words.next());
        match first {
            Some("bind") => second.is_some(),
            Some("server") => third.is_some() && !line.ends_with([';', '{']),
            Some("frontend" | "backend" | "listen") => {
                second.is_some() && !line.ends_with([';', '{'])
            }
            _ => false,
        }
    })
}
