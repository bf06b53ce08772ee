//! Reads and writes URLs: `tcp://host:80`, `unix:///run/a.sock`, `tls://host`, `https://host/`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::convert::address::{Address, joined, unix};
use crate::convert::draft::{Draft, Layer};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::Reading;
use strports_syntax::Role;

pub(super) static FORMAT: Format = Format {
    name: "url",
    summary: "`tcp://`, `tls://`, `unix://`, `http://`, `https://` and their like",
    looks,
    read: |text, role| Reading::from_result(|losses| draft(text.trim(), role, losses)),
    write: Some(write),
    write_relay: None,
    examples: || {
        let own = SCHEMES.iter().map(|row| Example {
            names: row.names,
            text: row.example,
            gives: row.gives,
        });
        own.collect()
    },
};

/// A scheme with its spellings, and what its URLs convert to.
struct Scheme {
    names: &'static [&'static str],
    makes: Makes,
    example: &'static str,
    gives: &'static str,
}

#[derive(Clone, Copy)]
enum Makes {
    /// An endpoint on a TCP host and port; `port` is the default if the URL has none.
    Tcp {
        kind: &'static str,
        port: Option<&'static str>,
        tls: bool,
    },
    Unix,
    /// An endpoint on an inherited descriptor.
    Descriptor,
    Nothing(&'static str),
}

const SCHEMES: &[Scheme] = &[
    Scheme {
        names: &["tcp", "tcp4", "stream", "socket"],
        makes: Makes::Tcp { kind: "tcp", port: None, tls: false },
        example: "tcp://example.com:80",
        gives: "tcp:example.com:80",
    },
    Scheme {
        names: &["tcp6"],
        makes: Makes::Tcp { kind: "tcp6", port: None, tls: false },
        example: "tcp6://example.com:80",
        gives: "tcp6:example.com:80",
    },
    Scheme {
        names: &["tls", "ssl", "tcps", "tcp+tls"],
        makes: Makes::Tcp { kind: "tcp", port: Some("443"), tls: true },
        example: "tls://example.com",
        gives: "tls:example.com:443",
    },
    Scheme {
        names: &["unix", "file", "unix+http", "http+unix", "ipc"],
        makes: Makes::Unix,
        example: "unix:///run/a.sock",
        gives: "unix:/run/a.sock",
    },
    Scheme { names: &["fd"], makes: Makes::Descriptor, example: "fd://3", gives: "fd:3" },
    Scheme {
        names: &["http", "ws"],
        makes: Makes::Tcp { kind: "tcp", port: Some("80"), tls: false },
        example: "http://example.com/",
        gives: "tcp:example.com:80",
    },
    Scheme {
        names: &["https", "wss"],
        makes: Makes::Tcp { kind: "tcp", port: Some("443"), tls: true },
        example: "https://example.com:8443",
        gives: "tls:example.com:8443",
    },
    Scheme {
        names: &["redis"],
        makes: Makes::Tcp { kind: "tcp", port: Some("6379"), tls: false },
        example: "redis://example.com",
        gives: "tcp:example.com:6379",
    },
    Scheme {
        names: &["rediss"],
        makes: Makes::Tcp { kind: "tcp", port: Some("6379"), tls: true },
        example: "rediss://example.com",
        gives: "tls:example.com:6379",
    },
    Scheme {
        names: &["postgres", "postgresql"],
        makes: Makes::Tcp { kind: "tcp", port: Some("5432"), tls: false },
        example: "postgresql://example.com",
        gives: "tcp:example.com:5432",
    },
    Scheme {
        names: &["amqp"],
        makes: Makes::Tcp { kind: "tcp", port: Some("5672"), tls: false },
        example: "amqp://example.com",
        gives: "tcp:example.com:5672",
    },
    Scheme {
        names: &["mqtt"],
        makes: Makes::Tcp { kind: "tcp", port: Some("1883"), tls: false },
        example: "mqtt://example.com",
        gives: "tcp:example.com:1883",
    },
    Scheme {
        names: &["udp", "udp4", "udp6", "unixgram", "dtls", "quic"],
        makes: Makes::Nothing("descriptions are for streams, not for datagrams"),
        example: "udp://example.com:53",
        gives: "",
    },
    Scheme {
        names: &["socks5", "socks5h", "socks", "socks4", "socks4a"],
        makes: Makes::Nothing("it is a proxy, and the address to connect to through it is missing"),
        example: "socks5://example.com:1080",
        gives: "",
    },
    Scheme {
        names: &["vsock", "npipe", "ssh", "sctp"],
        makes: Makes::Nothing("descriptions have no address family of this kind"),
        example: "vsock://2:80",
        gives: "",
    },
];

fn looks(text: &str) -> bool {
    let text = text.trim();
    text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    }) && !text.contains(char::is_whitespace)
}

fn draft(text: &str, role: Option<Role>, losses: &mut Vec<Loss>) -> Result<Draft, Failure> {
    let (scheme, rest) =
        text.split_once("://").ok_or_else(|| Failure::new(text, "expected `://`"))?;
    let row =
        SCHEMES.iter().find(|row| row.names.iter().any(|name| name.eq_ignore_ascii_case(scheme)));
    let row =
        row.ok_or_else(|| Failure::new(text, format!("the scheme `{scheme}` is not known")))?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    for more in [("?", query), ("#", fragment)].iter().filter(|(_, more)| !more.is_empty()) {
        losses.push(Loss::new(
            format!("{}{}", more.0, more.1),
            "a description contains only the place to connect to",
        ));
    }
    match row.makes {
        Makes::Nothing(why) => Err(Failure::new(text, why)),
        Makes::Unix => {
            // In `unix://@name` the name is abstract, and `unix://%40name` is a path that begins
            // with `@`.
            let is_abstract = rest.strip_prefix('@');
            let path = decoded(is_abstract.unwrap_or(rest))?;
            Ok(unix(role.unwrap_or(Role::Client), &path, is_abstract.is_some()))
        }
        Makes::Descriptor => {
            Ok(Draft::new(role.unwrap_or(Role::Server), Layer::new("fd").with("fd", rest)))
        }
        Makes::Tcp { kind, port, tls } => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            if !path.is_empty() {
                losses.push(Loss::new(
                    format!("/{path}"),
                    "a description contains only the place to connect to",
                ));
            }
            let (user, authority) =
                authority.rsplit_once('@').map_or(("", authority), |(a, b)| (a, b));
            if !user.is_empty() {
                // The loss does not contain the user and the password, because it may be logged.
                losses.push(Loss::new("user@", "a description has no user and no password"));
            }
            let draft = tcp(authority, port, kind, role, text)?;
            Ok(if tls { draft.over_tls() } else { draft })
        }
    }
}

fn tcp(
    authority: &str,
    port: Option<&str>,
    kind: &'static str,
    role: Option<Role>,
    text: &str,
) -> Result<Draft, Failure> {
    let behind = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    let address = match (behind.contains(':'), port) {
        (true, _) => Address::parse(authority)?,
        (false, Some(port)) => Address::parse(&format!("{authority}:{port}"))?,
        (false, None) => return Err(Failure::new(text, "expected a port")),
    };
    let host = decoded(&address.host)?;
    let address = Address { host, ..address };
    let is_any = matches!(&*address.host, "" | "*" | "0.0.0.0" | "::");
    let is_server = role.map_or(is_any, |role| role == Role::Server);
    let mut draft = if is_server { address.server() } else { address.client() };
    if kind == "tcp6" {
        draft.transport.kind = kind;
    }
    Ok(draft)
}

/// Decodes percent-encoding. Bytes that are not UTF-8 are an error.
fn decoded(text: &str) -> Result<String, Failure> {
    let decoded = percent_decode_str(text).decode_utf8();
    let why = "expected UTF-8, and percent signs encode other bytes";
    decoded.map(Into::into).map_err(|_| Failure::new(text, why))
}

/// The characters that are percent-encoded in a path: all but the unreserved ones and `/`.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

const WHY: &str = "a URL has no place for it";

fn write(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default();
    let has_tls = draft.tls.is_some();
    let text = match layer.kind {
        "tcp" | "tcp6" => {
            let scheme = if has_tls { "tls" } else { layer.kind };
            let host = match (draft.role, layer.kind) {
                (Role::Client, _) => get("host"),
                (_, "tcp6") => layer.get("interface").unwrap_or("::"),
                _ => layer.get("interface").unwrap_or("0.0.0.0"),
            };
            // An IPv6 zone begins with `%`, which must be percent-encoded in a URL.
            format!("{scheme}://{}", joined(host, get("port"))?.replace('%', "%25"))
        }
        "unix" => {
            let mark = if layer.get("abstract") == Some("1") { "@" } else { "" };
            let path = format!("{}{}", get("address"), get("path"));
            format!("unix://{mark}{}", utf8_percent_encode(&path, ESCAPED))
        }
        "fd" => format!("fd://{}", get("fd")),
        kind => return Err(Failure::new(kind, "there is no URL for it")),
    };
    let in_text = ["host", "port", "interface", "address", "path", "abstract", "fd"];
    losses.extend(layer.lost(&in_text, WHY));
    let is_tcp = matches!(layer.kind, "tcp" | "tcp6");
    match &draft.tls {
        Some(tls) if is_tcp => {
            draft.lose_family(losses);
            losses.extend(tls.lost(&[], WHY));
        }
        tls => losses.extend(tls.iter().map(|tls| Loss::new(tls.kind, WHY))),
    }
    losses.extend(draft.proxy.iter().map(|proxy| Loss::new(proxy.kind, WHY)));
    Ok(text)
}
