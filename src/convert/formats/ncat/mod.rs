//! Reads and writes commands of nc and ncat: `ncat -l 8080 --ssl`, `nc -U /run/a.sock`.

mod flags;
mod write;

use crate::convert::address::{Address, port_number, unix};
use crate::convert::draft::{Draft, Layer, RelayOption};
use crate::convert::format::{Example, Format};
use crate::convert::keep_alive::set_timeout;
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::words::{program, words};
use flags::{Does, FLAGS, Flag, of_ncat};
use strports_syntax::{Role, quote_string_argument};

use flags::Does::{
    Authorities, Family, Listen, Lost, Name, Once, Port, Program, Proxy, ProxyType, Refused, Same,
    Shell, Source, Timeout, Tls, TlsWith, Unix, Usual,
};

pub(super) static FORMAT: Format = Format {
    name: "ncat",
    summary: "command lines of ncat and nc",
    looks: |text| program(text).is_some_and(|name| PROGRAMS.contains(&name)),
    read: |text, _| read(text),
    write: Some(write::command),
    write_relay: None,
    examples: || {
        let own = [
            ("nc example.com 80", "tcp:example.com:80"),
            ("ncat -l 8080", "tcp:8080"),
            ("nc -lp 8080", "tcp:8080"),
            ("ncat -l 127.0.0.1 8080", "tcp:8080:interface=127.0.0.1"),
            ("ncat -lk 8080 -c 'cat -n'", "strports relay tcp:8080 'process:sh:-c:cat -n'"),
            ("nc -X 5 -x 10.0.0.1:9050 h 80", r"socks5:h:80:endpoint=tcp\:10.0.0.1\:9050"),
            ("nc -lU @a", "unix:a:abstract=1"),
            ("ncat -lU @a", "unix:@a"),
            ("nc -X connect -x 10.0.0.1 h 80", r"http-connect:h:80:endpoint=tcp\:10.0.0.1\:3128"),
        ];
        let own =
            own.into_iter().map(|(example, gives)| Example { names: &[], text: example, gives });
        let flags = FLAGS.iter();
        own.chain(flags.map(|flag| Example {
            names: flag.names,
            text: flag.example,
            gives: flag.gives,
        }))
        .collect()
    },
};

const PROGRAMS: [&str; 6] = ["nc", "ncat", "netcat", "nc.openbsd", "nc.traditional", "ncat.exe"];

/// What the flags and arguments of a command line say.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the program")]
struct Line {
    /// Whether `-U @NAME` is an abstract name, as for nc. For ncat it is a file named `@NAME`.
    has_abstract: bool,
    listens: bool,
    keeps: bool,
    unix: bool,
    family: Option<&'static str>,
    tls: Option<Layer>,
    verifies: bool,
    port: Option<String>,
    source: Option<String>,
    program: Option<Layer>,
    timeout: Option<String>,
    /// The address of the proxy that a client connects through, and its protocol.
    proxy: Option<String>,
    proxy_type: Option<&'static str>,
    options: Vec<RelayOption>,
    places: Vec<String>,
}

/// The proxy protocols: their names in ncat and nc, their types here, and their default ports.
const PROXIES: [(&[&str], &str, &str); 2] =
    [(&["http", "connect"], "http-connect", "3128"), (&["socks5", "5"], "socks5", "1080")];

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    match line(text, &mut reading.losses).and_then(|line| item(line, text, &mut reading.losses)) {
        Ok(item) => reading.items.push(item),
        Err(failure) => reading.failures.push(failure),
    }
    reading
}

fn line(text: &str, losses: &mut Vec<Loss>) -> Result<Line, Failure> {
    let words = words(text).ok_or_else(|| Failure::new(text, "a quote is not closed"))?;
    let program = program(text).unwrap_or_default();
    // Without a flag for the proxy's protocol, ncat uses HTTP and nc uses SOCKS 5.
    let proxy_type = if program.starts_with("ncat") { "http-connect" } else { "socks5" };
    let has_abstract = !program.starts_with("ncat");
    let mut line = Line { proxy_type: Some(proxy_type), has_abstract, ..Line::default() };
    let mut queue: std::collections::VecDeque<String> = words.into_iter().skip(1).collect();
    while let Some(word) = queue.pop_front() {
        if word == "--" {
            line.places.extend(queue);
            break;
        }
        if !word.starts_with('-') || word == "-" {
            line.places.push(word);
            continue;
        }
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (word.clone(), None),
        };
        let find =
            |name: &str| FLAGS.iter().find(|flag| flag.names.contains(&of_ncat(name, program)));
        let Some(flag) = find(&name) else {
            // Short flags may be joined: `-lk` means `-l -k`, and `-p80` means `-p 80`.
            let mut chars = word[1..].chars();
            let first = chars.next().map(|char| format!("-{char}"));
            let known = first.as_deref().and_then(find);
            match (known, chars.as_str()) {
                (Some(flag), rest) if !rest.is_empty() && !word.starts_with("--") => {
                    queue.push_front(if flag.takes { rest.to_owned() } else { format!("-{rest}") });
                    queue.extend_front_with(first);
                }
                _ => losses.push(Loss::new(word, "this option is not known")),
            }
            continue;
        };
        let value = match value {
            None if flag.takes => queue.pop_front().unwrap_or_default(),
            value => value.unwrap_or_default(),
        };
        line.apply(flag, value, &name, losses)?;
    }
    Ok(line)
}

/// Puts a word back at the front of the queue, so that it is read next.
trait ExtendFront {
    fn extend_front_with(&mut self, word: Option<String>);
}

impl ExtendFront for std::collections::VecDeque<String> {
    fn extend_front_with(&mut self, word: Option<String>) {
        if let Some(word) = word {
            self.push_front(word);
        }
    }
}

impl Line {
    fn apply(
        &mut self,
        flag: &Flag,
        value: String,
        name: &str,
        losses: &mut Vec<Loss>,
    ) -> Result<(), Failure> {
        let text = format!("{name} {value}").trim_end().to_owned();
        match flag.does {
            Listen => self.listens = true,
            Unix => self.unix = true,
            Family(kind) => self.family = Some(kind),
            Tls => {
                self.verifies |= name == "--ssl-verify";
                self.tls.get_or_insert_with(|| Layer::new("tls"));
            }
            Authorities => {
                self.tls.get_or_insert_with(|| Layer::new("tls")).set("trustRoots", value);
            }
            TlsWith(server, client) => {
                let key = if self.listens { server } else { client };
                self.tls.get_or_insert_with(|| Layer::new("tls")).set(key, value);
            }
            Name => self.tls.get_or_insert_with(|| Layer::new("tls")).set("host", value),
            Port => self.port = Some(value),
            Source => self.source = Some(value),
            Program => {
                let words = words(&value).unwrap_or_default();
                self.program = layer_of(words);
            }
            Shell => self.program = layer_of(vec!["sh".to_owned(), "-c".to_owned(), value]),
            Timeout("timeout") => self.timeout = Some(value),
            Timeout(option) => {
                let value = plain::time(&value)?;
                self.options.push(RelayOption { name: option, value, from: text });
            }
            Does::Relay(option) => {
                self.options.push(RelayOption { name: option, value, from: text });
            }
            Once => self.keeps = true,
            Proxy => self.proxy = Some(value),
            ProxyType if self.listens => {
                return Err(Failure::new(text, "it is a proxy, and a relay is none"));
            }
            ProxyType => {
                let kind = PROXIES.iter().find(|(names, ..)| names.contains(&&*value));
                let why = "a client goes through proxies of SOCKS 5 and HTTP, and no others";
                let (_, kind, _) = kind.ok_or_else(|| Failure::new(text, why))?;
                self.proxy_type = Some(kind);
            }
            Usual(usual, why) if value != usual => losses.push(Loss::new(text, why)),
            Same | Usual(..) => {}
            Lost(why) => losses.push(Loss::new(text, why)),
            Refused(why) => return Err(Failure::new(text, why)),
        }
        Ok(())
    }
}

fn layer_of(words: Vec<String>) -> Option<Layer> {
    let mut words = words.into_iter();
    let mut layer = Layer::new("process").with("executable", words.next()?);
    words.for_each(|word| layer.add("args", word));
    Some(layer)
}

/// Returns the address of the command line, or a relay if the command also runs a program.
fn item(line: Line, text: &str, losses: &mut Vec<Loss>) -> Result<Item, Failure> {
    let role = if line.listens { Role::Server } else { Role::Client };
    let mut draft = place(&line, role, text)?;
    if let Some(kind) = line.family.filter(|_| draft.transport.kind == "tcp") {
        draft.transport.kind = kind;
    }
    if let Some(proxy) = &line.proxy {
        match role {
            Role::Client => through(&mut draft, proxy, &line)?,
            Role::Server => return Err(Failure::new(text, "a server listens on no proxy")),
        }
    }
    if let Some(timeout) = &line.timeout {
        let set = match role {
            Role::Client => set_timeout(&mut draft, timeout),
            Role::Server => Err("a server waits without a limit".to_owned()),
        };
        losses.extend(set.err().map(|why| Loss::new(format!("-w {timeout}"), why)));
    }
    if let (Role::Client, Some(port)) = (role, &line.port) {
        losses.push(Loss::new(format!("-p {port}"), "the system chooses the local port"));
    }
    if let Some(source) = &line.source {
        let name = if role == Role::Client { "bindAddress" } else { "interface" };
        if !draft.set(name, source) {
            let why = format!("`{}` has no `{name}`", draft.transport.kind);
            losses.push(Loss::new(format!("-s {source}"), why));
        }
    }
    if let Some(tls) = line.tls {
        if role == Role::Client && !line.verifies {
            let why = "the certificate of a server is always verified, and ncat verifies it only with an option";
            losses.push(Loss::new("--ssl", why));
        }
        draft.tls = Some(tls);
        for (flag, name) in [("--ssl-trustfile", "trustRoots"), ("--ssl-servername", "host")] {
            if role == Role::Server
                && let Some(value) = draft.tls().take(name)
            {
                let why = "a server of ncat does not verify its clients";
                losses.push(Loss::new(format!("{flag} {value}"), why));
            }
        }
    }
    let Some(program) = line.program else {
        draft.options = line.options;
        return Ok(Item::One(draft));
    };
    let program = Draft::new(Role::Client, program);
    let mut relay = if role == Role::Server {
        Relay::new(draft, vec![program])
    } else {
        return Err(Failure::new(
            text,
            "a program is a client, and a client cannot be joined to another",
        ));
    };
    relay.options = line.options;
    if !line.keeps {
        relay.option("--once", "", "no `-k`");
    }
    Ok(Item::Relay(relay))
}

/// Makes a client connect through a proxy.
fn through(draft: &mut Draft, proxy: &str, line: &Line) -> Result<(), Failure> {
    let known = PROXIES.iter().find(|(_, kind, _)| Some(*kind) == line.proxy_type);
    let (Some((_, kind, port)), Some(host)) = (known, draft.transport.get("host")) else {
        return Err(Failure::new(proxy, "a client with a host and a port goes through a proxy"));
    };
    let proxy = if proxy.contains(':') {
        Address::parse(proxy)?
    } else {
        Address { host: proxy.to_owned(), port: (*port).to_owned() }
    };
    let under = format!("tcp:{}:{}", quote_string_argument(&proxy.host), proxy.port);
    let target = draft.transport.get("port").unwrap_or_default();
    draft.transport =
        Layer::new(kind).with("host", host).with("port", target).with("endpoint", under);
    Ok(())
}

fn place(line: &Line, role: Role, text: &str) -> Result<Draft, Failure> {
    let missing = || Failure::new(text, "expected a host and a port");
    if line.unix {
        let [path] = &line.places[..] else {
            return Err(Failure::new(text, "expected one path"));
        };
        // In nc, `@NAME` is an abstract name; in ncat, it is a file.
        let name = path.strip_prefix('@').filter(|_| line.has_abstract);
        return Ok(unix(role, name.unwrap_or(path), name.is_some()));
    }
    let (host, port) = match (role, &line.places[..], &line.port) {
        (Role::Server, [], port) => ("", port.as_deref().unwrap_or("31337")),
        (Role::Server, [host], Some(port))
        | (_, [host, port], None)
        | (Role::Client, [host, port], _) => (&**host, &**port),
        (Role::Server, [one], None) if port_number(one).is_ok() => ("", &**one),
        (_, [host], _) => (&**host, "31337"),
        _ => return Err(missing()),
    };
    let address = Address { host: host.to_owned(), port: port_number(port)? };
    Ok(if role == Role::Server { address.server() } else { address.client() })
}
