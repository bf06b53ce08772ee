//! Reads and writes D-Bus addresses: `unix:path=/run/dbus/system_bus_socket;tcp:host=h,port=1`.

use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::convert::address::unix;
use crate::convert::draft::{Draft, Layer};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading};
use crate::convert::rule::{self, Does, Given, On, Rule};
use strports_syntax::Role;

pub(super) static FORMAT: Format = Format {
    name: "dbus",
    summary: "an address of D-Bus, or several with semicolons",
    looks,
    read,
    write: Some(write),
    write_relay: None,
    examples: || {
        let own = [
            ("path", "unix:path=/run/bus,guid=1", "unix:/run/bus"),
            ("abstract", "unix:abstract=/tmp/bus", "unix:/tmp/bus:abstract=1"),
            ("tcp", "tcp:host=localhost,port=1234", "tcp:localhost:1234"),
            ("unixexec", "unixexec:path=cat,argv1=a%20b", "process:cat:a b"),
            ("nonce-tcp", "nonce-tcp:host=localhost,port=1,noncefile=x", ""),
            ("autolaunch", "autolaunch:", ""),
            (";", "unix:path=/a,guid=1;tcp:host=h,port=2", "unix:/a\ntcp:h:2"),
        ];
        let own =
            own.into_iter().map(|(_, example, gives)| Example { names: &[], text: example, gives });
        own.chain(OPTIONS.iter().map(Example::from)).collect()
    },
};

const OPTIONS: &[Rule] = &[
    Rule {
        names: &["guid"],
        on: On::Either,
        does: Does::Same,
        example: "unix:path=/run/bus,guid=00",
        gives: "unix:/run/bus",
    },
    Rule {
        names: &["family"],
        on: On::Either,
        does: Does::With(|draft, family| {
            if !matches!(draft.transport.kind, "tcp" | "tcp6") {
                return Err("only `tcp` has a family".to_owned());
            }
            let host = draft.transport.get("host").unwrap_or_default();
            let is_name = draft.role == Role::Client && host.parse::<IpAddr>().is_err();
            if family == "ipv4" && is_name {
                return Err("the addresses of a name may be of both families".to_owned());
            }
            draft.transport.kind = match family {
                "ipv6" => "tcp6",
                "ipv4" => "tcp",
                _ => return Err("expected `ipv4` or `ipv6`".to_owned()),
            };
            Ok(())
        }),
        example: "tcp:host=localhost,port=1,family=ipv6",
        gives: "tcp6:localhost:1",
    },
    Rule {
        names: &["bind"],
        on: On::Server,
        does: Does::With(|draft, address| {
            if !matches!(draft.transport.kind, "tcp" | "tcp6") {
                return Err("only `tcp` has an address to bind".to_owned());
            }
            listen_on(&mut draft.transport, address);
            Ok(())
        }),
        example: "tcp:host=localhost,port=1,bind=127.0.0.1",
        gives: "tcp:localhost:1",
    },
    Rule {
        names: &["bind"],
        on: On::Client,
        does: Does::Same,
        example: "tcp:host=localhost,port=1,bind=*",
        gives: "tcp:localhost:1",
    },
];

const TRANSPORTS: [&str; 7] =
    ["unix:", "tcp:", "unixexec:", "nonce-tcp:", "autolaunch:", "launchd:", "systemd:"];

fn looks(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    let Some(transport) = TRANSPORTS.iter().find(|it| first.starts_with(**it)) else {
        return false;
    };
    let keys = &first[transport.len()..];
    keys.is_empty() && *transport == "autolaunch:"
        || !keys.is_empty() && keys.split(',').all(is_pair)
}

fn is_pair(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(key, value)| {
        !key.is_empty()
            && !value.contains(':')
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn read(text: &str, role: Option<Role>) -> Reading {
    let mut reading = Reading::default();
    for one in text.trim().split(';').filter(|one| !one.is_empty()) {
        match draft(one, role.unwrap_or(Role::Client), &mut reading.losses) {
            Ok(draft) => reading.items.push(Item::One(draft)),
            Err(failure) => reading.failures.push(failure),
        }
    }
    reading
}

fn draft(text: &str, role: Role, losses: &mut Vec<Loss>) -> Result<Draft, Failure> {
    let (transport, keys) =
        text.split_once(':').ok_or_else(|| Failure::new(text, "expected `:`"))?;
    let mut pairs: Vec<(&str, String, &str)> = Vec::new();
    for pair in keys.split(',').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair
            .split_once('=')
            .filter(|(_, value)| !value.is_empty())
            .ok_or_else(|| Failure::new(pair, "expected a key and its value"))?;
        pairs.push((name, unescaped(value)?, pair));
    }
    let mut take = |name: &str| {
        let at = pairs.iter().position(|(other, ..)| *other == name)?;
        Some(pairs.remove(at).1)
    };
    let missing = |name: &str| Failure::new(text, format!("`{name}` is missing"));
    let mut draft = match transport {
        "unix" => match (take("path"), take("abstract")) {
            (Some(_), Some(_)) => {
                return Err(Failure::new(text, "expected one of `path` and `abstract`"));
            }
            (Some(path), None) => unix(role, &path, false),
            (None, Some(name)) => unix(role, &name, true),
            (None, None) => {
                return Err(Failure::new(text, "the path is chosen when the server starts"));
            }
        },
        "tcp" => {
            // Without a port, D-Bus lets the kernel choose one.
            let port = take("port").or_else(|| (role == Role::Server).then(|| "0".to_owned()));
            let port = port.ok_or_else(|| missing("port"))?;
            let host = take("host").unwrap_or_else(|| "localhost".to_owned());
            let mut layer = Layer::new("tcp").with("port", port);
            match role {
                Role::Server => listen_on(&mut layer, &host),
                Role::Client => layer.set("host", host),
            }
            Draft::new(role, layer)
        }
        "unixexec" => {
            let path = take("path").ok_or_else(|| missing("path"))?;
            let mut layer = Layer::new("process").with("executable", path);
            for index in 1.. {
                let Some(word) = take(&format!("argv{index}")) else { break };
                layer.add("args", word);
            }
            if let Some(name) = take("argv0") {
                losses.push(Loss::new(format!("argv0={name}"), "a program has its own name"));
            }
            Draft::new(Role::Client, layer)
        }
        "nonce-tcp" => {
            return Err(Failure::new(text, "the nonce that is sent first has no counterpart"));
        }
        _ => return Err(Failure::new(text, "the address is looked up elsewhere")),
    };
    // `family` is applied last, because it restricts what `*` in another key means.
    pairs.sort_by_key(|(name, ..)| *name == "family");
    for (name, value, whole) in &pairs {
        let given = Given { name, value: Some(value), text: whole };
        rule::apply(OPTIONS, &mut draft, given, losses);
    }
    Ok(draft)
}

/// Sets the address that a server listens on. `*` means all addresses of both families, until
/// `family` restricts it.
fn listen_on(layer: &mut Layer, address: &str) {
    layer.take("interface");
    match address {
        "*" | "::" => layer.kind = "tcp6",
        "0.0.0.0" => layer.kind = "tcp",
        // An interface must be an IP address, so `localhost` is replaced by its usual one.
        "localhost" => layer.set("interface", "127.0.0.1"),
        _ => layer.set("interface", address),
    }
}

/// Decodes percent-encoding: `%20` becomes a space.
///
/// # Errors
///
/// As in libdbus, an incomplete escape is an error, and so is a character that must be escaped.
/// Bytes that are not UTF-8 are an error too, because a converted text is UTF-8.
fn unescaped(value: &str) -> Result<String, Failure> {
    let mut parts = value.split('%');
    let is_plain = |text: &str| utf8_percent_encode(text, ESCAPED).all(|part| part == text);
    let is_escape = |text: &str| {
        let digits = text.as_bytes().get(..2);
        digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit)) && is_plain(&text[2..])
    };
    if !parts.next().is_none_or(is_plain) || !parts.all(is_escape) {
        let why = "expected letters, digits, `-_/.\\*`, and others as `%` with two digits";
        return Err(Failure::new(value, why));
    }
    let decoded = percent_decode_str(value).decode_utf8();
    decoded.map(Into::into).map_err(|_| Failure::new(value, "expected UTF-8"))
}

/// The characters that D-Bus requires to be percent-encoded in a value.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'/')
    .remove(b'.')
    .remove(b'\\')
    .remove(b'*');

fn escaped(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

const WHY: &str = "an address of D-Bus has no such key";

fn write(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).map(escaped);
    let path = get("path").or_else(|| get("address")).unwrap_or_default();
    let (text, skip): (String, &[&str]) = match layer.kind {
        "unix" if layer.get("abstract") == Some("1") => {
            (format!("unix:abstract={path}"), &["path", "address", "abstract"])
        }
        "unix" => (format!("unix:path={path}"), &["path", "address"]),
        "tcp" | "tcp6" => {
            let host = get("host").or_else(|| get("interface"));
            let family = match (layer.kind, &host) {
                ("tcp6", _) => ",family=ipv6",
                (_, None) => ",family=ipv4",
                _ => "",
            };
            let host = host.unwrap_or_else(|| "*".to_owned());
            let port = get("port").unwrap_or_default();
            (format!("tcp:host={host},port={port}{family}"), &["host", "port", "interface"])
        }
        "process" => {
            let mut text = format!("unixexec:path={}", get("executable").unwrap_or_default());
            for (index, word) in layer.all("args").enumerate() {
                text.push_str(&format!(",argv{}={}", index + 1, escaped(word)));
            }
            (text, &["executable", "args"])
        }
        kind => return Err(Failure::new(kind, "D-Bus has no such transport")),
    };
    losses.extend(layer.lost(skip, WHY));
    losses.extend(draft.tls.iter().chain(&draft.proxy).map(|layer| Loss::new(layer.kind, WHY)));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the description that an address is read as; `None` if it is refused.
    fn read_as(role: Role, text: &str) -> Option<String> {
        let reading = read(text, Some(role));
        let [Item::One(draft)] = &reading.items[..] else { return None };
        draft.description().ok()
    }

    #[test]
    fn servers_listen_where_dbus_daemon_1_14_does() {
        for (text, gives) in [
            ("tcp:host=localhost,port=0", Some("tcp:0:interface=127.0.0.1")),
            ("tcp:port=0", Some("tcp:0:interface=127.0.0.1")),
            ("tcp:", Some("tcp:0:interface=127.0.0.1")),
            ("tcp:host=*,port=0", Some("tcp6:0")),
            ("tcp:bind=*,port=0", Some("tcp6:0")),
            ("tcp:host=localhost,bind=*,port=0", Some("tcp6:0")),
            ("tcp:host=*,port=0,family=ipv4", Some("tcp:0")),
            ("tcp:host=localhost,bind=*,port=0,family=ipv4", Some("tcp:0")),
            ("tcp:host=*,port=0,family=ipv6", Some("tcp6:0")),
            ("tcp:host=localhost,port=0,family=inet", Some("tcp:0:interface=127.0.0.1")),
            ("tcp:host=127.0.0.1,bind=0.0.0.0,port=0", Some("tcp:0")),
            ("tcp:host=%3a%3a1,port=0", Some(r"tcp:0:interface=\:\:1")),
            ("tcp:host=::1,port=0", None),
            ("tcp:host=,port=0", None),
            ("unix:path=/run/a", Some("unix:/run/a")),
            ("unix:path=/run/a%20b", Some("unix:/run/a b")),
            ("unix:path=/run/a b", None),
            ("unix:path=@a", None),
            ("unix:path=/run/a%zz", None),
            ("unix:path=/run/a,abstract=b", None),
            ("unix:abstract=/run/a", Some("unix:/run/a:abstract=1")),
            ("unix:path=/run/a,path=/run/b", Some("unix:/run/a")),
            ("unix:path=", None),
            ("unix:Path=/run/a", None),
            ("unix: path=/run/a", None),
            ("UNIX:path=/run/a", None),
        ] {
            assert_eq!(read_as(Role::Server, text).as_deref(), gives, "{text}");
        }
    }

    #[test]
    fn the_family_of_a_client_is_kept_or_lost() {
        for (text, gives, lost) in [
            ("tcp:host=h,port=1,family=ipv6", "tcp6:h:1", 0),
            ("tcp:host=h,port=1,family=ipv4", "tcp:h:1", 1),
            ("tcp:host=10.0.0.1,port=1,family=ipv4", "tcp:10.0.0.1:1", 0),
            ("tcp:host=h,port=1,family=inet", "tcp:h:1", 1),
            ("unix:path=/run/a,family=ipv4", "unix:/run/a", 1),
        ] {
            assert_eq!(read_as(Role::Client, text).as_deref(), Some(gives), "{text}");
            assert_eq!(read(text, Some(Role::Client)).losses.len(), lost, "{text}");
        }
        assert_eq!(read_as(Role::Client, "tcp:host=h"), None);
    }

    #[test]
    fn percent_signs_escape_bytes() {
        assert_eq!(unescaped("a%20b%2fc\\*").unwrap(), "a b/c\\*");
        for text in ["a%zz", "a%", "a%2", "a b", "@a", "::1", "é", "%ff"] {
            assert!(unescaped(text).is_err(), "{text}");
        }
        assert_eq!(escaped("a b/c"), "a%20b/c");
    }
}
