//! Reads and writes commands of ghostunnel: `ghostunnel server --listen … --target …`.

use super::host_port::host_port_or_path;
use crate::convert::address::joined;
use crate::convert::draft::{Draft, Layer, RelayOption};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::words::{command, program, words};
use strports_syntax::Role;

pub(super) static FORMAT: Format = Format {
    name: "ghostunnel",
    summary: "`ghostunnel server` and `ghostunnel client`",
    looks: |text| program(text) == Some("ghostunnel"),
    read: |text, _| read(text),
    write: None,
    write_relay: Some(write),
    examples: || {
        FLAGS
            .iter()
            .map(|flag| Example { names: flag.names, text: flag.example, gives: flag.gives })
            .collect()
    },
};

/// A command-line flag of ghostunnel, and what it converts to.
struct Flag {
    names: &'static [&'static str],
    /// Whether a value follows the flag.
    takes: bool,
    does: Does,
    example: &'static str,
    gives: &'static str,
}

#[derive(Clone, Copy)]
enum Does {
    /// The address to listen on or to connect to, which is read before all other flags.
    Place,
    /// Sets a TLS parameter, by its names on a server and on a client, on the side that has TLS.
    Tls(&'static str, &'static str),
    /// Sets this option of `strports relay`, to the value with this prefix.
    Relay(&'static str, &'static str),
    Same,
    Lost(&'static str),
    With(fn(&mut Draft, &mut Draft)),
}

use Does::{Lost, Place, Same, Tls, With};

const FLAGS: &[Flag] = &[
    Flag {
        names: &["listen"],
        takes: true,
        does: Place,
        example: "ghostunnel server --listen localhost:443 --target unix:/run/a --keystore a.pem \
                  --disable-authentication",
        gives: "strports relay ssl:443:privateKey=a.pem:interface=127.0.0.1 unix:/run/a",
    },
    Flag {
        names: &["target"],
        takes: true,
        does: Place,
        example: "ghostunnel client --listen unix:/run/a --target example.com:443 --disable-authentication",
        gives: "strports relay unix:/run/a tls:example.com:443",
    },
    Flag {
        names: &["keystore"],
        takes: true,
        does: Tls("privateKey", "certificate"),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem",
        gives: "strports relay unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &["cert"],
        takes: true,
        does: Tls("certificate", "certificate"),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --cert a.pem --key b.pem",
        gives: "strports relay unix:/run/a tls:h:443:certificate=a.pem:privateKey=b.pem",
    },
    Flag {
        names: &["key"],
        takes: true,
        does: Tls("privateKey", "privateKey"),
        example: "ghostunnel server --listen unix:/run/a --target h:80 --key b.pem --cert a.pem \
                  --disable-authentication",
        gives: r"strports relay 'ssl:privateKey=b.pem:certKey=a.pem:endpoint=unix\:/run/a' tcp:h:80",
    },
    Flag {
        names: &["cacert"],
        takes: true,
        does: Tls("clientCAs", "trustRoots"),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --cacert ca.pem",
        gives: "strports relay unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem:trustRoots=ca.pem",
    },
    Flag {
        names: &["override-server-name"],
        takes: true,
        does: Tls("host", "host"),
        example: "ghostunnel client --listen unix:/run/a --target 10.0.0.1:443 --keystore a.pem \
                  --override-server-name h",
        gives: r"strports relay unix:/run/a 'tls:h:443:certificate=a.pem:privateKey=a.pem:endpoint=tcp\:10.0.0.1\:443'",
    },
    Flag {
        names: &["allow-cn", "allow-dns", "verify-cn", "verify-dns"],
        takes: true,
        does: Does::Relay("--allow-name", ""),
        example: "ghostunnel server --listen unix:/run/a --target h:80 --keystore a.pem --cacert ca.pem \
                  --allow-cn client",
        gives: r"strports relay --allow-name client 'ssl:privateKey=a.pem:clientCAs=ca.pem:endpoint=unix\:/run/a' tcp:h:80",
    },
    Flag {
        names: &["allow-uri", "verify-uri"],
        takes: true,
        does: Does::Relay("--allow-name", ""),
        example: "ghostunnel server --listen unix:/run/a --target h:80 --keystore a.pem --cacert ca.pem \
                  --allow-uri spiffe://x/y",
        gives: r"strports relay --allow-name spiffe://x/y 'ssl:privateKey=a.pem:clientCAs=ca.pem:endpoint=unix\:/run/a' tcp:h:80",
    },
    Flag {
        names: &["connect-timeout"],
        takes: true,
        does: Does::Relay("--connect-timeout", ""),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --connect-timeout 5s",
        gives: "strports relay --connect-timeout 5s unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &["close-timeout"],
        takes: true,
        does: Does::Relay("--drain-timeout", ""),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --close-timeout 5s",
        gives: "strports relay --drain-timeout 5s unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &["max-conn-lifetime"],
        takes: true,
        does: Does::Relay("--max-lifetime", ""),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --max-conn-lifetime 1h",
        gives: "strports relay --max-lifetime 1h unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &["max-concurrent-conns"],
        takes: true,
        does: Does::Relay("--max-connections", ""),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --max-concurrent-conns 9",
        gives: "strports relay --max-connections 9 unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &["proxy-protocol"],
        takes: false,
        does: With(|_, client| client.proxied(None)),
        example: "ghostunnel server --listen unix:/run/a --target h:80 --keystore a.pem \
                  --disable-authentication --proxy-protocol",
        gives: r"strports relay 'ssl:privateKey=a.pem:endpoint=unix\:/run/a' haproxy:tcp:h:80",
    },
    Flag {
        names: &["disable-authentication"],
        takes: false,
        does: Same,
        example: "ghostunnel server --listen unix:/run/a --target h:80 --keystore a.pem \
                  --disable-authentication",
        gives: r"strports relay 'ssl:privateKey=a.pem:endpoint=unix\:/run/a' tcp:h:80",
    },
    Flag {
        names: &["unsafe-target", "unsafe-listen", "quiet", "skip-resolve", "allow-all"],
        takes: false,
        does: Same,
        example: "ghostunnel client --unsafe-listen --listen 10.0.0.1:80 --target h:443 --keystore a.pem",
        gives: "strports relay tcp:80:interface=10.0.0.1 tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &[
            "storepass",
            "cipher-suites",
            "allow-ou",
            "verify-ou",
            "allow-policy",
            "allow-query",
            "timed-reload",
            "status",
            "metrics-graphite",
            "metrics-url",
            "metrics-prefix",
            "metrics-interval",
            "shutdown-timeout",
            "connect-proxy",
            "auto-acme-cert",
            "auto-acme-email",
            "pkcs11-module",
            "pkcs11-token-label",
            "pkcs11-pin",
            "landlock",
            "target-status",
            "process-shutdown-timeout",
        ],
        takes: true,
        does: Lost("a relay has nothing like it"),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --status :1",
        gives: "strports relay unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
    Flag {
        names: &[
            "enable-pprof",
            "enable-shutdown",
            "syslog",
            "auto-acme-agree-to-tos",
            "auto-acme-testca",
            "use-workload-api",
            "disable-landlock",
        ],
        takes: false,
        does: Lost("a relay has nothing like it"),
        example: "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.pem --syslog",
        gives: "strports relay unix:/run/a tls:h:443:certificate=a.pem:privateKey=a.pem",
    },
];

/// A flag on the command line with its value. `flag` is `None` if it is unknown.
struct Given {
    flag: Option<&'static Flag>,
    value: String,
    text: String,
}

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    match relay(text, &mut reading.losses) {
        Ok(relay) => reading.items.push(Item::Relay(relay)),
        Err(failure) => reading.failures.push(failure),
    }
    reading
}

fn relay(text: &str, losses: &mut Vec<Loss>) -> Result<Relay, Failure> {
    let words = words(text).ok_or_else(|| Failure::new(text, "a quote is not closed"))?;
    let is_server = match words.get(1).map(String::as_str) {
        Some("server") => true,
        Some("client") => false,
        _ => return Err(Failure::new(text, "expected `server` or `client`")),
    };
    let given = flags(&words[2..], losses);
    let place = |name: &str, role| {
        let value = given.iter().find(|it| it.flag.is_some_and(|flag| flag.names[0] == name));
        let value = value.ok_or_else(|| Failure::new(text, format!("`--{name}` is missing")))?;
        host_port_or_path(&value.value, role)
    };
    let (mut server, mut client) = (listen(&given, text)?, place("target", Role::Client)?);
    let has =
        |name: &str| given.iter().any(|it| it.flag.is_some_and(|flag| flag.names.contains(&name)));
    if is_server {
        server.tls()
    } else {
        client.tls()
    };
    for one in &given {
        let Some(flag) = one.flag else { continue };
        let is_binary = [".p12", ".pfx", ".jceks", ".jks"].iter().any(|it| one.value.ends_with(it));
        if is_binary && matches!(flag.does, Tls("privateKey", "certificate")) {
            let why = "it is no PEM file (`openssl pkcs12 -nodes -in` writes it as one)";
            losses.push(Loss::new(&one.text, why));
        }
        match flag.does {
            Place | Same => {}
            Lost(why) => losses.push(Loss::new(&one.text, why)),
            Tls("host", _) if is_server => {
                losses.push(Loss::new(&one.text, "a server has no such flag"));
            }
            Tls(name, _) if is_server => server.tls().set(name, one.value.as_str()),
            Tls(_, name) => client.tls().set(name, one.value.as_str()),
            Does::Relay("--allow-name", _) if !is_server => {
                losses.push(Loss::new(
                    &one.text,
                    "the name of a server is the host, or `--override-server-name`",
                ));
            }
            Does::Relay(name, before) => {
                let value = format!("{before}{}", one.value);
                server.options.push(RelayOption { name, value, from: one.text.clone() });
            }
            With(apply) => apply(&mut server, &mut client),
        }
    }
    if is_server && !has("disable-authentication") && !has("cacert") {
        let why =
            "clients need a certificate of an authority of the platform (name one with `--cacert`)";
        losses.push(Loss::new("ghostunnel server", why));
    }
    if is_server && has("disable-authentication") {
        server.tls().take("clientCAs");
    }
    Ok(Relay::new(server, vec![client]))
}

/// Returns the server of `--listen`, which is an address or a socket from systemd.
fn listen(given: &[Given], text: &str) -> Result<Draft, Failure> {
    let value = given.iter().find(|it| it.flag.is_some_and(|flag| flag.names[0] == "listen"));
    let value = value.ok_or_else(|| Failure::new(text, "`--listen` is missing"))?;
    if let Some(name) = value.value.strip_prefix("systemd:") {
        let layer = Layer::new("systemd").with("domain", "INET").with("name", name);
        return Ok(Draft::new(Role::Server, layer));
    }
    let mut draft = host_port_or_path(&value.value, Role::Server)?;
    // An interface must be an IP address, so `localhost` is replaced by its usual one.
    if draft.transport.get("interface") == Some("localhost") {
        draft.transport.set("interface", "127.0.0.1");
    }
    Ok(draft)
}

fn flags(words: &[String], losses: &mut Vec<Loss>) -> Vec<Given> {
    let mut given = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(name) = word.strip_prefix("--") else {
            losses.push(Loss::new(word, "expected a flag"));
            continue;
        };
        let (name, value) =
            name.split_once('=').map_or((name, None), |(a, b)| (a, Some(b.to_owned())));
        let flag = FLAGS.iter().find(|flag| flag.names.contains(&name));
        let Some(flag) = flag else {
            losses.push(Loss::new(word, "this flag of ghostunnel is not known"));
            continue;
        };
        let value = match value {
            None if flag.takes => words.next().cloned().unwrap_or_default(),
            value => value.unwrap_or_default(),
        };
        let text = format!("--{name} {value}").trim_end().to_owned();
        given.push(Given { flag: Some(flag), value, text });
    }
    given
}

const WHY: &str = "ghostunnel has no such flag";

fn write(relay: &Relay, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let [client] = &relay.clients[..] else {
        return Err(Failure::new("relay", "ghostunnel connects to one address alone"));
    };
    let (is_server, end) = match (&relay.server.tls, &client.tls) {
        (Some(_), None) => (true, &relay.server),
        (None, Some(_)) => (false, client),
        _ => return Err(Failure::new("relay", "ghostunnel has TLS on one of the two sides")),
    };
    let side = if is_server { "server" } else { "client" };
    let mut words = vec!["ghostunnel".to_owned(), side.to_owned()];
    for (flag, draft) in [("--listen", &relay.server), ("--target", client)] {
        words.extend([flag.to_owned(), place(draft)?]);
        let known = ["host", "port", "interface", "address", "path", "name"];
        losses.extend(draft.transport.lost(&known, WHY));
        draft.lose_family(losses);
    }
    let tls = end.tls.iter().flat_map(Layer::arguments);
    let names: Vec<&str> =
        end.tls.iter().flat_map(Layer::arguments).map(|(name, _)| name).collect();
    for (name, value) in tls {
        let flag = FLAGS.iter().find(|flag| match flag.does {
            Tls(server, client) => (if is_server { server } else { client }) == name,
            _ => false,
        });
        match flag {
            // With a separate certificate, `--key` is written: the file is not ghostunnel's key
            // store.
            Some(_) if name == "privateKey" && names.contains(&"certificate") => {
                words.extend(with_value("key", value));
            }
            Some(_) if name == "certificate" => {
                words.extend(with_value("cert", value));
            }
            Some(flag) => words.extend(with_value(flag.names[0], value)),
            None => losses.push(Loss::new(format!("{name}={value}"), WHY)),
        }
    }
    if !names.contains(&"clientCAs") && is_server || !is_server && !names.contains(&"certificate") {
        words.push("--disable-authentication".to_owned());
    }
    losses.extend(relay.server.proxy.iter().map(|proxy| Loss::new(proxy.kind, WHY)));
    match &client.proxy {
        Some(proxy) if is_server => {
            words.push("--proxy-protocol".to_owned());
            losses.extend(proxy.lost(&[], "ghostunnel sends version 2 of the header"));
        }
        proxy => losses.extend(proxy.iter().map(|proxy| Loss::new(proxy.kind, WHY))),
    }
    for option in relay.all_options() {
        let flag = FLAGS
            .iter()
            .find(|flag| matches!(flag.does, Does::Relay(name, _) if name == option.name));
        // `--allow-name` is about clients' certificates, which only a ghostunnel server checks.
        match flag.filter(|_| is_server || option.name != "--allow-name") {
            Some(flag) => words.extend(with_value(flag.names[0], &option.value)),
            None => losses.push(Loss::new(&option.from, WHY)),
        }
    }
    command(&words)
}

/// Returns the words for a flag and its value. A separate word that begins with `-` would be read
/// as a flag, and one with `@` as a file of arguments.
fn with_value(name: &str, value: &str) -> Vec<String> {
    if value.starts_with(['-', '@']) {
        return vec![format!("--{name}={value}")];
    }
    vec![format!("--{name}"), value.to_owned()]
}

fn place(draft: &Draft) -> Result<String, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default();
    Ok(match (layer.kind, draft.role) {
        ("tcp" | "tcp6", Role::Client) if ["unix", "systemd", "launchd"].contains(&get("host")) => {
            let why = "expected another name, because ghostunnel reads it as the kind of an address \
                       (name the host by its address)";
            return Err(Failure::new(get("host"), why));
        }
        ("tcp" | "tcp6", Role::Client) => joined(get("host"), get("port"))?,
        ("tcp", _) => joined(layer.get("interface").unwrap_or("0.0.0.0"), get("port"))?,
        ("tcp6", _) => joined(layer.get("interface").unwrap_or("::"), get("port"))?,
        ("unix", _) if layer.get("abstract") != Some("1") => {
            format!("unix:{}{}", get("address"), get("path"))
        }
        ("systemd", _) => {
            let why = "ghostunnel finds sockets of systemd by their names";
            let name = layer.get("name").ok_or_else(|| Failure::new("systemd", why))?;
            format!("systemd:{name}")
        }
        (kind, _) => return Err(Failure::new(kind, "ghostunnel has no such address")),
    })
}
