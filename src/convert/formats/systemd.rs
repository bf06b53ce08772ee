//! Reads and writes `.socket` units of systemd.

use crate::convert::address::{Address, joined, unix};
use crate::convert::draft::Draft;
use crate::convert::format::{Example, Format};
use crate::convert::keep_alive::{Probe, set_keep_alive};
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::{Item, Reading};
use crate::convert::rule::{self, DELAY, Does, Given, On, Rule, Word, written};
use crate::convert::split::lines;
use strports_syntax::Role;

use Does::{Always, Flag, Lost, Parameter, Same, WithWord};
use On::Server;

pub(super) static FORMAT: Format = Format {
    name: "systemd",
    summary: "`.socket` units of systemd, or their lines",
    looks,
    read: |text, _| read(text),
    write: Some(write),
    write_relay: None,
    examples: || {
        let own = [
            ("ListenStream=80", "tcp6:80"),
            ("ListenStream=127.0.0.1:80", "tcp:80:interface=127.0.0.1"),
            ("ListenStream=[::1]:80", "tcp:80:interface=\\:\\:1"),
            ("ListenStream=/run/a.sock", "unix:/run/a.sock"),
            ("ListenStream=@a", "unix:a:abstract=1"),
            ("ListenStream=80\nListenStream=81", "tcp6:80\ntcp6:81"),
            ("ListenDatagram=53", ""),
            ("ListenStream=vsock:1:2", ""),
        ];
        let own =
            own.into_iter().map(|(example, gives)| Example { names: &[], text: example, gives });
        own.chain(OPTIONS.iter().map(Example::from)).collect()
    },
};

const SOCKET: &str = "sockets here have no such option";
const UNIT: &str = "it is about the unit, not about the socket";

const OPTIONS: &[Rule] = &[
    Rule {
        names: &["SocketMode"],
        on: Server,
        does: Parameter("mode"),
        example: "ListenStream=/run/a.sock\nSocketMode=0660",
        gives: "unix:/run/a.sock:mode=660",
    },
    Rule {
        names: &["SocketUser"],
        on: Server,
        does: Parameter("user"),
        example: "ListenStream=/run/a.sock\nSocketUser=www",
        gives: "unix:/run/a.sock:user=www",
    },
    Rule {
        names: &["SocketGroup"],
        on: Server,
        does: Parameter("group"),
        example: "ListenStream=/run/a.sock\nSocketGroup=www",
        gives: "unix:/run/a.sock:group=www",
    },
    Rule {
        names: &["DirectoryMode"],
        on: Server,
        does: Lost("the directory of a socket is not created"),
        example: "ListenStream=/run/a.sock\nDirectoryMode=0750",
        gives: "unix:/run/a.sock",
    },
    Rule {
        names: &["Backlog"],
        on: Server,
        does: Parameter("backlog"),
        example: "ListenStream=80\nBacklog=128",
        gives: "tcp6:80:backlog=128",
    },
    Rule {
        names: &["ReusePort"],
        on: Server,
        does: Flag("reusePort"),
        example: "ListenStream=80\nReusePort=yes",
        gives: "tcp6:80:reusePort=1",
    },
    Rule {
        names: &["BindIPv6Only"],
        on: Server,
        does: Does::With(|draft, how| {
            match (how, draft.transport.kind) {
                ("ipv6-only", "tcp6") => draft.transport.set("v6only", "1"),
                ("ipv6-only" | "both" | "default", _) => {}
                _ => return Err("expected `default`, `both` or `ipv6-only`".to_owned()),
            }
            Ok(())
        }),
        example: "ListenStream=80\nBindIPv6Only=ipv6-only",
        gives: "tcp6:80:v6only=1",
    },
    Rule {
        names: &["RemoveOnStop"],
        on: Server,
        does: Always("the file of a socket is removed at the end"),
        example: "ListenStream=/run/a.sock\nRemoveOnStop=yes",
        gives: "unix:/run/a.sock",
    },
    Rule {
        names: &["NoDelay"],
        on: Server,
        does: Always(DELAY),
        example: "ListenStream=80\nNoDelay=yes",
        gives: "tcp6:80",
    },
    Rule {
        names: &["FileDescriptorName", "Accept", "Service", "FlushPending"],
        on: Server,
        does: Same,
        example: "ListenStream=80\nFileDescriptorName=web",
        gives: "tcp6:80",
    },
    Rule {
        names: &["MaxConnections"],
        on: Server,
        does: Does::Relay("--max-connections"),
        example: "ListenStream=80\nMaxConnections=10",
        gives: "tcp6:80",
    },
    Rule {
        names: &["IPAddressAllow"],
        on: Server,
        does: Does::Relay("--allow"),
        example: "ListenStream=80\nIPAddressAllow=10.0.0.0/8",
        gives: "tcp6:80",
    },
    Rule {
        names: &["IPAddressDeny"],
        on: Server,
        does: Does::Relay("--deny"),
        example: "ListenStream=80\nIPAddressDeny=10.0.0.1",
        gives: "tcp6:80",
    },
    Rule {
        names: &["BindToDevice"],
        on: Server,
        does: Parameter("device"),
        example: "ListenStream=80\nBindToDevice=eth0",
        gives: "tcp6:80:device=eth0",
    },
    Rule {
        names: &["KeepAliveTimeSec"],
        on: Server,
        does: Does::Probe(Probe::Idle),
        example: "ListenStream=80\nKeepAliveTimeSec=2min",
        gives: "tcp6:80:keepAlive=120",
    },
    Rule {
        names: &["KeepAliveIntervalSec"],
        on: Server,
        does: Does::Probe(Probe::Interval),
        example: "ListenStream=80\nKeepAliveTimeSec=60\nKeepAliveIntervalSec=10",
        gives: "tcp6:80:keepAlive=60,10",
    },
    Rule {
        names: &["KeepAliveProbes"],
        on: Server,
        does: Does::Probe(Probe::Count),
        example: "ListenStream=80\nKeepAliveProbes=5",
        gives: "tcp6:80:keepAlive=7200,75,5",
    },
    Rule {
        names: &["KeepAlive"],
        on: Server,
        does: WithWord(set_keep_alive, Word::no_probes("no")),
        example: "ListenStream=80\nKeepAlive=no",
        gives: "tcp6:80:keepAlive=0",
    },
    Rule {
        names: &[
            "DeferAcceptSec",
            "Priority",
            "ReceiveBuffer",
            "SendBuffer",
            "IPTOS",
            "IPTTL",
            "Mark",
            "FreeBind",
            "Transparent",
            "Broadcast",
            "PassCredentials",
            "PassSecurity",
            "TCPCongestion",
            "PipeSize",
            "SocketProtocol",
            "SmackLabel",
            "SmackLabelIPIn",
            "SmackLabelIPOut",
            "MaxConnectionsPerSource",
            "Timestamping",
            "PassPacketInfo",
            "SELinuxContextFromNet",
        ],
        on: Server,
        does: Lost(SOCKET),
        example: "ListenStream=80\nFreeBind=yes",
        gives: "tcp6:80",
    },
    Rule {
        names: &[
            "Symlinks",
            "Writable",
            "ExecStartPre",
            "ExecStartPost",
            "ExecStopPre",
            "ExecStopPost",
            "TimeoutSec",
            "TriggerLimitIntervalSec",
            "TriggerLimitBurst",
        ],
        on: Server,
        does: Lost(UNIT),
        example: "ListenStream=80\nSymlinks=/run/b",
        gives: "tcp6:80",
    },
];

/// The keys for sockets that carry no stream, which are refused.
const OTHERS: [&str; 7] = [
    "ListenDatagram",
    "ListenSequentialPacket",
    "ListenFIFO",
    "ListenSpecial",
    "ListenNetlink",
    "ListenMessageQueue",
    "ListenUSBFunction",
];

fn looks(text: &str) -> bool {
    lines(text, &['#', ';']).any(|(_, line)| {
        let name = Given::from_assignment(line).name;
        line == "[Socket]" || name == "ListenStream" || OTHERS.contains(&name)
    })
}

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let many = text.trim().lines().count() > 1;
    let (mut drafts, mut options) = (Vec::new(), Vec::new());
    let mut is_socket = true;
    for (number, line) in lines(text, &['#', ';']) {
        if line.starts_with('[') && line.ends_with(']') {
            is_socket = line == "[Socket]";
            if !is_socket && !matches!(line, "[Unit]" | "[Install]") {
                let why = "only `[Socket]` is converted";
                reading.losses.push(Loss { line: Some(number), ..Loss::new(line, why) });
            }
            continue;
        }
        let given = Given::from_assignment(line);
        let value = given.value.unwrap_or_default();
        if !is_socket {
            continue;
        }
        match given.name {
            // As in systemd, an empty value removes the addresses before it.
            "ListenStream" if value.is_empty() => drafts.clear(),
            "ListenStream" => match place(value) {
                Ok(draft) => drafts.push(draft),
                Err(failure) => reading.failures.push(failure),
            },
            name if OTHERS.contains(&name) => {
                let why = "descriptions are for streams, not for other sockets";
                reading.failures.push(Failure::new(line, why));
            }
            _ => options.push((number, given)),
        }
        if many {
            reading.at_line(number);
        }
    }
    for (number, given) in options {
        let before = reading.losses.len();
        for draft in &mut drafts {
            // `SocketMode` and others apply to the unit's UNIX sockets only, so for TCP they are no
            // loss.
            let is_for_unix = matches!(given.name, "SocketMode" | "SocketUser" | "SocketGroup");
            if is_for_unix && draft.transport.kind != "unix" {
                continue;
            }
            rule::apply(OPTIONS, draft, given, &mut reading.losses);
        }
        // Every socket has the same loss, which is reported once.
        reading.losses.truncate(reading.losses.len().min(before + 1));
        if many {
            reading.at_line(number);
        }
    }
    reading.items.extend(drafts.into_iter().map(Item::One));
    reading
}

fn place(text: &str) -> Result<Draft, Failure> {
    let text = &*literal(text).ok_or_else(|| {
        Failure::new(text, "it contains a specifier of systemd (`%%` is one percent sign)")
    })?;
    if let Some(name) = text.strip_prefix('@') {
        return Ok(unix(Role::Server, name, true));
    }
    if text.starts_with('/') {
        return Ok(unix(Role::Server, text, false));
    }
    if text.starts_with("vsock:") {
        return Err(Failure::new(text, "descriptions have no address family of this kind"));
    }
    Ok(Address::parse(text)?.server_of_both())
}

/// Replaces `%%` by a percent sign. `None` if the text has a specifier, such as `%t`, whose value
/// is unknown here.
fn literal(text: &str) -> Option<String> {
    let text = text.replace("%%", "\0");
    (!text.contains('%')).then(|| text.replace('\0', "%"))
}

/// Writes a value, with `%` doubled. Fails if systemd would read the value otherwise.
fn setting(value: &str) -> Result<String, Failure> {
    let value = plain::line(value)?;
    if value.ends_with('\\') {
        let why =
            "expected no `\\` at the end, which continues a line of systemd (choose another name)";
        return Err(Failure::new(value, why));
    }
    Ok(value.replace('%', "%%"))
}

fn write(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let layer = &draft.transport;
    if draft.role == Role::Client {
        return Err(Failure::new(layer.kind, "systemd listens alone"));
    }
    let get = |name: &str| layer.get(name).unwrap_or_default();
    let place = match layer.kind {
        "tcp" => joined(layer.get("interface").unwrap_or("0.0.0.0"), get("port"))?,
        "tcp6" => match layer.get("interface") {
            Some(host) => joined(host, get("port"))?,
            None => get("port").to_owned(),
        },
        "unix" if layer.get("abstract") == Some("1") => format!("@{}", get("address")),
        "unix" if get("address").starts_with('/') => get("address").to_owned(),
        "unix" => return Err(Failure::new(get("address"), "expected an absolute path")),
        kind => return Err(Failure::new(kind, "systemd has no such address")),
    };
    let mut lines = vec![format!("ListenStream={}", setting(&place)?)];
    for (name, value) in layer.arguments() {
        let keys = match name {
            "port" | "interface" | "address" | "abstract" => continue,
            "v6only" => vec![("BindIPv6Only", Some("ipv6-only".to_owned()))],
            _ => written(OPTIONS, Role::Server, name, value),
        };
        if keys.is_empty() {
            losses.push(Loss::new(format!("{name}={value}"), "systemd has no such key"));
        }
        for (key, value) in keys {
            lines.push(format!("{key}={}", setting(value.as_deref().unwrap_or("yes"))?));
        }
    }
    if layer.kind == "unix" && layer.get("mode").is_none() {
        lines.push("SocketMode=666".to_owned());
    }
    let above = draft.tls.iter().chain(&draft.proxy);
    losses.extend(above.map(|layer| {
        Loss::new(layer.kind, "systemd opens the socket, and the program defines its protocol")
    }));
    Ok(lines.join("\n"))
}
