//! The address types of socat, such as `TCP-LISTEN`, and what they convert to.

use crate::convert::address::{port_number, unix};
use crate::convert::draft::{Draft, Layer};
use crate::convert::loss::Failure;
use crate::convert::split::unquoted;
use strports_syntax::{Role, quote_string_argument};

/// One address type of socat, and what it converts to.
pub(super) struct Kind {
    /// The names in lower case; addresses are written with the first one.
    pub(super) names: &'static [&'static str],
    pub(super) makes: Makes,
    /// An address of this type, for documentation and tests.
    pub(super) example: &'static str,
    /// The description that the example converts to; empty if it is refused.
    pub(super) gives: &'static str,
}

#[derive(Clone, Copy)]
pub(super) enum Makes {
    /// A server of this type on a port, optionally with TLS.
    Port { kind: &'static str, tls: bool },
    /// A client of this type to a host and a port, optionally with TLS.
    HostAndPort { kind: &'static str, tls: bool },
    /// A client through a proxy of this type, whose default port is `port`.
    Through { kind: &'static str, port: &'static str },
    /// A UNIX socket of this role, with a path or an abstract name.
    Unix { role: Role, is_abstract: bool },
    /// A program that is started, with its arguments as words.
    Program,
    /// A command line that a shell runs.
    Shell,
    /// Standard input and output of this process.
    Stdio,
    /// A descriptor that this process inherits.
    Descriptor,
    /// Has no counterpart, for this reason.
    Nothing(&'static str),
}

use Makes::{Descriptor, HostAndPort, Nothing, Port, Program, Shell, Stdio, Through, Unix};

const DATAGRAMS: &str = "descriptions are for streams, not for datagrams";
const FILES: &str = "descriptions are for connections, not for files";
const SOCKS: &str = "only SOCKS 5 proxies are supported, and this is SOCKS 4";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &[
            "TCP4-LISTEN",
            "TCP-LISTEN",
            "TCP-L",
            "TCP4-L",
            "INET-L",
            "INET-LISTEN",
            "INET4-L",
            "INET4-LISTEN",
        ],
        makes: Port { kind: "tcp", tls: false },
        example: "TCP-LISTEN:80",
        gives: "tcp:80",
    },
    Kind {
        names: &["TCP6-LISTEN", "TCP6-L", "INET6-L", "INET6-LISTEN"],
        makes: Port { kind: "tcp6", tls: false },
        example: "TCP6-LISTEN:80",
        gives: "tcp6:80",
    },
    Kind {
        names: &["TCP", "TCP-CONNECT", "TCP4", "TCP4-CONNECT", "INET", "INET4"],
        makes: HostAndPort { kind: "tcp", tls: false },
        example: "TCP:example.com:80",
        gives: "tcp:example.com:80",
    },
    Kind {
        names: &["TCP6", "TCP6-CONNECT", "INET6"],
        makes: HostAndPort { kind: "tcp6", tls: false },
        example: "TCP6:example.com:80",
        gives: "tcp6:example.com:80",
    },
    Kind {
        names: &["OPENSSL-LISTEN", "SSL-L"],
        makes: Port { kind: "tcp", tls: true },
        example: "OPENSSL-LISTEN:443,cert=a.pem,verify=0",
        gives: "ssl:443:privateKey=a.pem",
    },
    Kind {
        names: &["OPENSSL", "OPENSSL-CONNECT", "SSL"],
        makes: HostAndPort { kind: "tcp", tls: true },
        example: "OPENSSL:example.com:443",
        gives: "tls:example.com:443",
    },
    Kind {
        names: &["UNIX-LISTEN", "UNIX-L"],
        makes: Unix { role: Role::Server, is_abstract: false },
        example: "UNIX-LISTEN:/run/a.sock",
        gives: "unix:/run/a.sock",
    },
    Kind {
        names: &["UNIX-CONNECT", "UNIX-CLIENT", "UNIX", "LOCAL"],
        makes: Unix { role: Role::Client, is_abstract: false },
        example: "UNIX-CONNECT:/run/a.sock",
        gives: "unix:/run/a.sock",
    },
    Kind {
        names: &["ABSTRACT-LISTEN", "ABSTRACT-L"],
        makes: Unix { role: Role::Server, is_abstract: true },
        example: "ABSTRACT-LISTEN:a",
        gives: "unix:a:abstract=1",
    },
    Kind {
        names: &["ABSTRACT-CONNECT", "ABSTRACT-CLIENT", "ABSTRACT"],
        makes: Unix { role: Role::Client, is_abstract: true },
        example: "ABSTRACT-CONNECT:a",
        gives: "unix:a:abstract=1",
    },
    Kind {
        names: &["EXEC"],
        makes: Program,
        example: "EXEC:\"tr a-z 'A B'\"",
        gives: "process:tr:a-z:A B",
    },
    Kind {
        names: &["SYSTEM", "SHELL"],
        makes: Shell,
        example: "SYSTEM:cat | tr a b",
        gives: "process:sh:-c:cat | tr a b",
    },
    Kind { names: &["STDIO", "-"], makes: Stdio, example: "STDIO", gives: "stdio:" },
    Kind { names: &["FD"], makes: Descriptor, example: "FD:3", gives: "fd:3" },
    Kind {
        names: &["PROXY", "PROXY-CONNECT"],
        makes: Through { kind: "http-connect", port: "8080" },
        example: "PROXY:proxy:example.com:80",
        gives: r"http-connect:example.com:80:endpoint=tcp\:proxy\:8080",
    },
    Kind {
        names: &["SOCKS5-CONNECT", "SOCKS5"],
        makes: Through { kind: "socks5", port: "1080" },
        example: "SOCKS5-CONNECT:proxy:1081:example.com:80",
        gives: r"socks5:example.com:80:endpoint=tcp\:proxy\:1081",
    },
    Kind {
        names: &["SOCKS4A", "SOCKS4", "SOCKS"],
        makes: Nothing(SOCKS),
        example: "SOCKS4A:proxy:example.com:80",
        gives: "",
    },
    Kind {
        names: &["STDIN", "STDOUT", "STDERR"],
        makes: Nothing("it is only one direction of a connection"),
        example: "STDIN",
        gives: "",
    },
    Kind {
        names: &["PIPE", "ECHO", "FIFO", "SOCKETPAIR"],
        makes: Nothing("nothing is on its other side"),
        example: "PIPE",
        gives: "",
    },
    Kind {
        names: &["OPEN", "FILE", "GOPEN", "CREATE", "CREAT"],
        makes: Nothing(FILES),
        example: "OPEN:/tmp/a",
        gives: "",
    },
    Kind {
        names: &["PTY", "READLINE", "TUN", "INTERFACE", "IF"],
        makes: Nothing("it is a device, not a connection"),
        example: "PTY",
        gives: "",
    },
    Kind {
        names: &[
            "UDP",
            "UDP4",
            "UDP6",
            "UDP-LISTEN",
            "UDP-L",
            "UDP4-LISTEN",
            "UDP4-L",
            "UDP6-LISTEN",
            "UDP6-L",
            "UDP-CONNECT",
            "UDP4-CONNECT",
            "UDP6-CONNECT",
            "UDP-SENDTO",
            "UDP4-SENDTO",
            "UDP6-SENDTO",
            "UDP-SEND",
            "UDP4-SEND",
            "UDP6-SEND",
            "UDP-RECV",
            "UDP4-RECV",
            "UDP6-RECV",
            "UDP-RECVFROM",
            "UDP4-RECVFROM",
            "UDP6-RECVFROM",
            "UDP-DATAGRAM",
            "UDP4-DATAGRAM",
            "UDP6-DATAGRAM",
            "UNIX-RECV",
            "UNIX-RECVFROM",
            "UNIX-SENDTO",
            "UNIX-SEND",
            "IP-SENDTO",
            "IP-RECV",
            "IP-RECVFROM",
            "IP-DATAGRAM",
            "OPENSSL-DTLS-CLIENT",
            "OPENSSL-DTLS-SERVER",
            "DTLS",
            "DTLS-L",
        ],
        makes: Nothing(DATAGRAMS),
        example: "UDP-LISTEN:53",
        gives: "",
    },
    Kind {
        names: &[
            "SCTP",
            "SCTP-CONNECT",
            "SCTP4",
            "SCTP4-CONNECT",
            "SCTP6",
            "SCTP6-CONNECT",
            "SCTP-LISTEN",
            "SCTP-L",
            "SCTP4-LISTEN",
            "SCTP4-L",
            "SCTP6-LISTEN",
            "SCTP6-L",
            "SOCKET-CONNECT",
            "SOCKET-LISTEN",
        ],
        makes: Nothing("descriptions have no address family of this kind"),
        example: "SCTP-LISTEN:80",
        gives: "",
    },
];

/// Finds an address type by its name, ignoring case.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.names.iter().any(|other| other.eq_ignore_ascii_case(name)))
}

impl Kind {
    /// Fails if an address has too many arguments. For a program, all of them form one command
    /// line.
    fn check_count(&self, count: usize, whole: &str) -> Result<(), Failure> {
        let most = match self.makes {
            Stdio => 0,
            Port { .. } | Unix { .. } | Descriptor => 1,
            HostAndPort { .. } => 2,
            Through { kind: "socks5", .. } => 4,
            Through { .. } => 3,
            Program | Shell | Nothing(_) => return Ok(()),
        };
        if count <= most {
            return Ok(());
        }
        Err(Failure::new(whole, format!("expected no more than {most} arguments")))
    }

    /// Creates a draft from the positional arguments of an address, which still contain their
    /// quotes.
    pub(super) fn draft(
        &self,
        arguments: &[&str],
        whole: &str,
        role: Option<Role>,
    ) -> Result<Draft, Failure> {
        let text = |index: usize| {
            let text = arguments.get(index).map(|text| unquoted(text)).filter(|it| !it.is_empty());
            text.ok_or_else(|| Failure::new(whole, "an argument is missing"))
        };
        self.check_count(arguments.len(), whole)?;
        let client = |layer| Draft::new(Role::Client, layer);
        let over = |draft: Draft, tls: bool| if tls { draft.over_tls() } else { draft };
        Ok(match self.makes {
            Port { kind, tls } => {
                let layer = Layer::new(kind).with("port", port_number(&text(0)?)?);
                over(Draft::new(Role::Server, layer), tls)
            }
            HostAndPort { kind, tls } => {
                let host = text(0)?.trim_matches(['[', ']']).to_owned();
                let layer = Layer::new(kind).with("host", host);
                over(client(layer.with("port", port_number(&text(1)?)?)), tls)
            }
            Through { kind, port } => {
                // With four arguments, the second one is the proxy's port; the last two are the
                // target's address.
                let (port, target) = match arguments.len() {
                    4 => (port_number(&text(1)?)?, 2),
                    _ => (port.to_owned(), 1),
                };
                let layer = Layer::new(kind).with("host", text(target)?);
                let layer = layer.with("port", port_number(&text(target + 1)?)?);
                let host = quote_string_argument(text(0)?.trim_matches(['[', ']']));
                client(layer.with("endpoint", format!("tcp:{host}:{port}")))
            }
            Unix { role, is_abstract } => unix(role, &text(0)?, is_abstract),
            Program => client(program(&arguments.join(":"), whole)?),
            Shell => {
                let mut layer = Layer::new("process").with("executable", "sh");
                layer.add("args", "-c");
                layer.add("args", unquoted(&arguments.join(":")));
                client(layer)
            }
            Stdio => Draft::new(role.unwrap_or(Role::Client), Layer::new("stdio")),
            Descriptor => {
                let layer = Layer::new("fd").with("fd", text(0)?);
                Draft::new(role.unwrap_or(Role::Client), layer)
            }
            Nothing(why) => return Err(Failure::new(whole, why)),
        })
    }
}

/// Reads a command line, which socat splits at spaces without a shell.
fn program(line: &str, whole: &str) -> Result<Layer, Failure> {
    // Quotes around the whole argument are removed by socat; quotes inside belong to words.
    let line = match line.strip_prefix('"').and_then(|line| line.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\""),
        None => line.to_owned(),
    };
    let mut words = shlex::split(&line)
        .ok_or_else(|| Failure::new(whole, "a quote is not closed"))?
        .into_iter();
    let first = words.next().ok_or_else(|| Failure::new(whole, "expected a program"))?;
    let mut layer = Layer::new("process").with("executable", first);
    words.for_each(|word| layer.add("args", word));
    Ok(layer)
}
