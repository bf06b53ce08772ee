//! The options of socat's addresses.

use crate::convert::draft::Draft;
use crate::convert::rule::{Does, On, Rule, Word, is_no};
use strports_syntax::Role;

use Does::{Flag, Lost, Parameter, Relay, Same, With, WithBack, WithWord};
use On::{Client, Either, Server};

const CIPHERS: &str = "the ciphers are those of rustls";
const TERMINAL: &str = "the terminal of a program is set by the program";

pub(super) const OPTIONS: &[Rule] = &[
    Rule {
        names: &["bind", "so-bind"],
        on: Server,
        does: WithBack(bind_server, "interface"),
        example: "TCP-LISTEN:80,bind=127.0.0.1",
        gives: "tcp:80:interface=127.0.0.1",
    },
    Rule {
        names: &["bind", "so-bind"],
        on: Client,
        does: WithBack(bind_client, "bindAddress"),
        example: "TCP:example.com:80,bind=10.0.0.1",
        gives: "tcp:example.com:80:bindAddress=10.0.0.1",
    },
    Rule {
        names: &["fork"],
        on: Either,
        does: Same,
        example: "TCP-LISTEN:80,fork",
        gives: "tcp:80",
    },
    Rule {
        names: &["reuseaddr", "so-reuseaddr"],
        on: Either,
        does: Same,
        example: "TCP-LISTEN:80,reuseaddr",
        gives: "tcp:80",
    },
    Rule {
        names: &["reuseport", "so-reuseport"],
        on: Server,
        does: Flag("reusePort"),
        example: "TCP-LISTEN:80,reuseport",
        gives: "tcp:80:reusePort=1",
    },
    Rule {
        names: &["backlog"],
        on: Server,
        does: Parameter("backlog"),
        example: "TCP-LISTEN:80,backlog=5",
        gives: "tcp:80:backlog=5",
    },
    Rule {
        names: &["ipv6only", "ipv6-v6only", "v6only"],
        on: Server,
        does: Flag("v6only"),
        example: "TCP6-LISTEN:80,ipv6only=1",
        gives: "tcp6:80:v6only=1",
    },
    Rule {
        names: &["pf", "protocol-family"],
        on: Either,
        does: With(family),
        example: "TCP-LISTEN:80,pf=ip6",
        gives: "tcp6:80",
    },
    Rule {
        names: &["connect-timeout"],
        on: Client,
        does: WithBack(timeout, "timeout"),
        example: "TCP:example.com:80,connect-timeout=5",
        gives: "tcp:example.com:80:timeout=5",
    },
    Rule {
        names: &["range"],
        on: Server,
        does: With(range),
        example: "TCP-LISTEN:80,range=10.0.0.0/8",
        gives: "tcp:80",
    },
    Rule {
        names: &["max-children"],
        on: Server,
        does: Relay("--max-connections"),
        example: "TCP-LISTEN:80,fork,max-children=10",
        gives: "tcp:80",
    },
    Rule {
        names: &["retry"],
        on: Client,
        does: Relay("--retry"),
        example: "TCP:example.com:80,retry=3",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["forever", "interval", "intervall"],
        on: Client,
        does: Lost("connecting is tried again as often as `--retry` of `strports relay` says"),
        example: "TCP:example.com:80,forever",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["mode", "perm", "perm-early", "perm-late"],
        on: Server,
        does: Parameter("mode"),
        example: "UNIX-LISTEN:/run/a.sock,mode=660",
        gives: "unix:/run/a.sock:mode=660",
    },
    Rule {
        names: &[
            "user",
            "uid",
            "group",
            "gid",
            "user-early",
            "group-early",
            "user-late",
            "group-late",
        ],
        on: Server,
        does: Lost("a socket belongs to the user and the group of the program"),
        example: "UNIX-LISTEN:/run/a.sock,user=www-data",
        gives: "unix:/run/a.sock",
    },
    Rule {
        names: &["umask"],
        on: Server,
        does: Lost("`mode` is exact, whatever the umask"),
        example: "UNIX-LISTEN:/run/a.sock,umask=007",
        gives: "unix:/run/a.sock",
    },
    Rule {
        names: &["unlink-early", "unlink-close", "unlink", "unlink-late"],
        on: Server,
        does: Same,
        example: "UNIX-LISTEN:/run/a.sock,unlink-early",
        gives: "unix:/run/a.sock",
    },
    Rule {
        names: &["cert", "certificate", "openssl-certificate"],
        on: Either,
        does: Parameter("certificate"),
        example: "OPENSSL:example.com:443,cert=a.pem",
        gives: "tls:example.com:443:certificate=a.pem:privateKey=a.pem",
    },
    Rule {
        names: &["key", "openssl-key"],
        on: Either,
        does: Parameter("privateKey"),
        example: "OPENSSL-LISTEN:443,cert=a.pem,key=b.pem,verify=0",
        gives: "ssl:443:privateKey=b.pem:certKey=a.pem",
    },
    Rule {
        names: &["cafile", "openssl-cafile", "capath", "openssl-capath"],
        on: Client,
        does: Parameter("trustRoots"),
        example: "OPENSSL:example.com:443,cafile=ca.pem",
        gives: "tls:example.com:443:trustRoots=ca.pem",
    },
    Rule {
        names: &["cafile", "openssl-cafile", "capath", "openssl-capath"],
        on: Server,
        does: Parameter("clientCAs"),
        example: "OPENSSL-LISTEN:443,cert=a.pem,cafile=ca.pem",
        gives: "ssl:443:privateKey=a.pem:clientCAs=ca.pem",
    },
    Rule {
        names: &["verify", "openssl-verify"],
        on: Client,
        does: With(verify_client),
        example: "OPENSSL:example.com:443,verify=0",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["verify", "openssl-verify"],
        on: Server,
        does: With(verify_server),
        example: "OPENSSL-LISTEN:443,cert=a.pem,cafile=ca.pem,verify=0",
        gives: "ssl:443:privateKey=a.pem",
    },
    Rule {
        names: &["commonname", "openssl-commonname", "cn"],
        on: Client,
        does: With(name),
        example: "OPENSSL:10.0.0.1:443,commonname=example.com",
        gives: r"tls:example.com:443:endpoint=tcp\:10.0.0.1\:443",
    },
    Rule {
        names: &["snihost", "openssl-snihost"],
        on: Client,
        does: With(name),
        example: "OPENSSL:10.0.0.1:443,snihost=example.com",
        gives: r"tls:example.com:443:endpoint=tcp\:10.0.0.1\:443",
    },
    Rule {
        names: &["no-sni", "nosni", "openssl-no-sni"],
        on: Client,
        does: Lost("the name is sent to the server always"),
        example: "OPENSSL:example.com:443,no-sni=1",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["openssl-min-proto-version", "min-proto-version", "method", "openssl-method"],
        on: Server,
        does: WithWord(tls_version, Word::tls13("TLS1.3")),
        example: "OPENSSL-LISTEN:443,cert=a.pem,verify=0,openssl-min-proto-version=TLS1.3",
        gives: "ssl:443:privateKey=a.pem:sslmethod=TLSv1_3_METHOD",
    },
    Rule {
        names: &[
            "openssl-min-proto-version",
            "min-proto-version",
            "openssl-max-proto-version",
            "max-proto-version",
            "method",
            "openssl-method",
        ],
        on: Either,
        does: Lost("a connection speaks TLS 1.3 or 1.2, whichever both sides know"),
        example: "OPENSSL:example.com:443,openssl-max-proto-version=TLS1.2",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["cipher", "ciphers", "openssl-cipherlist", "compress", "openssl-compress", "fips"],
        on: Either,
        does: Lost(CIPHERS),
        example: "OPENSSL:example.com:443,cipher=HIGH",
        gives: "tls:example.com:443",
    },
    Rule {
        names: &["dhparam", "dhparams", "openssl-dhparam"],
        on: Server,
        does: Parameter("dhParameters"),
        example: "OPENSSL-LISTEN:443,cert=a.pem,verify=0,dhparam=dh.pem",
        gives: "ssl:443:privateKey=a.pem:dhParameters=dh.pem",
    },
    Rule {
        names: &["chdir", "cd"],
        on: Client,
        does: Parameter("cwd"),
        example: "EXEC:ls,chdir=/tmp",
        gives: "process:ls:cwd=/tmp",
    },
    Rule {
        names: &["pty"],
        on: Client,
        does: Flag("usePTY"),
        example: "EXEC:login,pty",
        gives: "process:login:usePTY=1",
    },
    Rule {
        names: &["stderr"],
        on: Client,
        does: With(|draft, _| inherit(draft)),
        example: "EXEC:ls,stderr",
        gives: "process:ls",
    },
    Rule {
        names: &["setuid", "su", "substuser", "su-d", "substuser-delayed"],
        on: Client,
        does: WithBack(|draft, user| id(draft, "uid", user), "uid"),
        example: "EXEC:ls,setuid=33",
        gives: "process:ls:uid=33",
    },
    Rule {
        names: &["setgid"],
        on: Client,
        does: WithBack(|draft, group| id(draft, "gid", group), "gid"),
        example: "EXEC:ls,setgid=33",
        gives: "process:ls:gid=33",
    },
    Rule {
        names: &["setsid", "setpgid", "pgid", "pipes", "nofork"],
        on: Client,
        does: Same,
        example: "EXEC:ls,setsid",
        gives: "process:ls",
    },
    Rule {
        names: &[
            "raw",
            "rawer",
            "echo",
            "ctty",
            "sane",
            "cfmakeraw",
            "icanon",
            "sigint",
            "min",
            "time",
        ],
        on: Client,
        does: Lost(TERMINAL),
        example: "EXEC:login,pty,raw",
        gives: "process:login:usePTY=1",
    },
    Rule {
        names: &["nodelay", "tcp-nodelay"],
        on: Either,
        does: Same,
        example: "TCP:example.com:80,nodelay",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &[
            "keepalive",
            "so-keepalive",
            "keepidle",
            "tcp-keepidle",
            "keepintvl",
            "tcp-keepintvl",
            "keepcnt",
            "tcp-keepcnt",
        ],
        on: Either,
        does: Lost("keep-alive is as the system has it"),
        example: "TCP:example.com:80,keepalive",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["so-bindtodevice", "bindtodevice", "interface", "if"],
        on: Either,
        does: Lost("a socket is bound to an address, not to a device"),
        example: "TCP-LISTEN:80,bindtodevice=eth0",
        gives: "tcp:80",
    },
    Rule {
        names: &["crlf", "crnl", "cr"],
        on: Either,
        does: Lost("bytes are passed on as they are"),
        example: "TCP:example.com:80,crlf",
        gives: "tcp:example.com:80",
    },
    Rule {
        names: &["tcpwrap", "tcpwrappers", "tcpwrapper"],
        on: Server,
        does: Lost("the files of tcpwrappers are not read; see `--allow` of `strports relay`"),
        example: "TCP-LISTEN:80,tcpwrap=x",
        gives: "tcp:80",
    },
    Rule {
        names: &[
            "ignoreeof",
            "shut-none",
            "shut-down",
            "shut-close",
            "shut-null",
            "half-close",
            "linger",
            "so-linger",
            "sndbuf",
            "rcvbuf",
            "so-sndbuf",
            "so-rcvbuf",
            "tos",
            "ttl",
            "mss",
            "accept-timeout",
            "lowport",
            "sourceport",
            "sp",
            "readbytes",
            "escape",
            "lock",
            "seek",
            "append",
            "nonblock",
            "cloexec",
            "o-nonblock",
        ],
        on: Either,
        does: Lost("there is no such option of a socket here"),
        example: "TCP:example.com:80,sndbuf=1000",
        gives: "tcp:example.com:80",
    },
];

fn bind_server(draft: &mut Draft, value: &str) -> Result<(), String> {
    let address = value.trim_matches(['[', ']']);
    match (draft.set("interface", address), draft.transport.kind) {
        (true, _) => Ok(()),
        (false, kind) => Err(format!("`{kind}` has no `interface`")),
    }
}

fn bind_client(draft: &mut Draft, value: &str) -> Result<(), String> {
    let (address, port) = match value.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':')),
        None => value.split_once(':').map_or((value, None), |(host, port)| (host, Some(port))),
    };
    if !address.is_empty() && !draft.set("bindAddress", address) {
        return Err(format!("`{}` has no `bindAddress`", draft.transport.kind));
    }
    port.map_or(Ok(()), |_| Err("the system chooses the local port".to_owned()))
}

fn family(draft: &mut Draft, value: &str) -> Result<(), String> {
    match value.trim_start_matches("ip").trim_start_matches("inet") {
        "4" | "" => Ok(()),
        "6" | "v6" => {
            draft.transport.kind = "tcp6";
            Ok(())
        }
        _ => Err("descriptions have no address family of this name".to_owned()),
    }
}

/// Whole seconds, as descriptions have them; parts of one are rounded up.
fn timeout(draft: &mut Draft, value: &str) -> Result<(), String> {
    let (whole, part) = value.split_once('.').unwrap_or((value, "0"));
    let is_whole = part.bytes().all(|byte| byte == b'0');
    let seconds: u64 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u64::MAX) };
    draft.set("timeout", &seconds.saturating_add(u64::from(!is_whole)).to_string());
    if is_whole { Ok(()) } else { Err("`timeout` has whole seconds: it is rounded up".to_owned()) }
}

fn range(draft: &mut Draft, value: &str) -> Result<(), String> {
    let Some((address, mask)) = value.split_once([':', '/']) else {
        return Err("expected a network such as 10.0.0.0/8".to_owned());
    };
    let prefix = match mask.parse::<std::net::Ipv4Addr>() {
        Ok(mask) => mask.to_bits().leading_ones().to_string(),
        Err(_) => mask.to_owned(),
    };
    let value = format!("{}/{prefix}", address.trim_matches(['[', ']']));
    let from = format!("range={value}");
    draft.options.push(crate::convert::draft::RelayOption { name: "--allow", value, from });
    Ok(())
}

fn verify_client(_: &mut Draft, value: &str) -> Result<(), String> {
    if is_no(value) {
        return Err("the certificate of a server is verified always".to_owned());
    }
    Ok(())
}

fn verify_server(draft: &mut Draft, value: &str) -> Result<(), String> {
    if is_no(value) {
        draft.tls().take("clientCAs");
    }
    Ok(())
}

/// The name that the certificate has to be for.
fn name(draft: &mut Draft, value: &str) -> Result<(), String> {
    let known = draft.tls().get("host").map(str::to_owned);
    if value.is_empty() {
        return Err("the name in the certificate is verified always".to_owned());
    }
    if let Some(known) = known.filter(|known| known != value) {
        return Err(format!("the name sent and the name verified are one, which is `{known}`"));
    }
    draft.tls().set("host", value);
    Ok(())
}

fn tls_version(draft: &mut Draft, value: &str) -> Result<(), String> {
    match value.to_ascii_uppercase().as_str() {
        "TLS1.3" | "TLS13" => draft.tls().set("sslmethod", "TLSv1_3_METHOD"),
        "TLS1.2" => {}
        _ => return Err("TLS 1.2 and 1.3 are spoken, nothing older".to_owned()),
    }
    Ok(())
}

fn inherit(draft: &mut Draft) -> Result<(), String> {
    draft.set("stderr", "log");
    Err("the standard error of the program goes to the log, not to the connection".to_owned())
}

fn id(draft: &mut Draft, name: &'static str, value: &str) -> Result<(), String> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{name}` takes a number, and this is a name"));
    }
    draft.set(name, value);
    Ok(())
}

/// What holds for a server of TLS that says nothing of it: socat demands certificates of clients.
pub(super) fn demands_certificates(draft: &Draft) -> bool {
    draft.role == Role::Server
        && draft.tls.as_ref().is_some_and(|tls| tls.get("clientCAs").is_none())
}
